//! A repository in memory: what one archive held, immutable and shareable.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::data::Str;
use crate::data::digest::Digest;
use crate::error::{Error, Kind, Result};

use super::contents::Content;
use super::room::Taken;
use super::{Entry, EntryKind, Skipped, Tree, join, outside};

/// What an archive holds at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// A regular file.
    File(Content),
    /// A large binary file of so many bytes, which are not kept.
    Skipped(u64),
    /// A directory.
    Directory,
    /// A symbolic link and its target, as written.
    Link(String),
}

/// The files of one archive.
#[derive(Debug, Default)]
pub struct Snapshot {
    nodes: BTreeMap<String, Node>,
    /// The room that names and links take.
    _taken: Option<Taken>,
}

/// Links on the way to one file; more are a loop.
const MOST_LINKS: u32 = 40;

/// Names on the way to one file, those in links included.
const MOST_NAMES: u32 = 1024;

impl Snapshot {
    /// A snapshot of these nodes; keys are clean relative paths. Parents that the
    /// archive did not name are made, until there are more than `most` nodes: `None`.
    pub fn within(nodes: BTreeMap<String, Node>, most: usize) -> Option<Snapshot> {
        let mut snapshot = Snapshot { nodes, _taken: None };
        let paths: Vec<String> = snapshot.nodes.keys().cloned().collect();
        for path in paths {
            let mut parent = path.as_str();
            while let Some((above, _)) = parent.rsplit_once('/') {
                if snapshot.nodes.contains_key(above) {
                    break;
                }
                if snapshot.nodes.len() >= most {
                    return None;
                }
                snapshot.nodes.insert(above.to_owned(), Node::Directory);
                parent = above;
            }
        }
        snapshot.nodes.insert(String::new(), Node::Directory);
        Some(snapshot)
    }

    /// The same, which fills what was `taken` with its names.
    #[must_use]
    pub fn filling(self, taken: Taken) -> Snapshot {
        Snapshot { _taken: Some(taken), ..self }
    }

    /// The same without a limit.
    pub fn new(nodes: BTreeMap<String, Node>) -> Snapshot {
        Snapshot::within(nodes, usize::MAX).unwrap_or_default()
    }

    /// Every path of the archive and what it holds there, the root as `""`.
    pub(super) fn nodes(&self) -> &BTreeMap<String, Node> {
        &self.nodes
    }

    /// Whether no link on the way from `path` leaves the repository or leads in circles.
    pub(super) fn stays_inside(&self, path: &str) -> bool {
        self.resolve(path).is_ok()
    }

    /// The SHA-256 of the file `path`.
    ///
    /// # Errors
    /// As [`Tree::read`] where there is no such file.
    pub fn digest(&self, path: &str) -> Result<Digest> {
        Ok(self.content(path)?.digest())
    }

    fn content(&self, path: &str) -> Result<&Content> {
        let (real, _) = self.resolve(path)?;
        match self.nodes.get(&real) {
            Some(Node::File(content)) => Ok(content),
            Some(Node::Skipped(size)) => Err(Skipped(*size).error(path)),
            Some(Node::Directory) => Err(Error::new(Kind::Invalid, format!("{path}: is a directory"))),
            Some(Node::Link(_)) | None => {
                Err(Error::new(Kind::NotFound, format!("{path}: no such file in the repository")))
            }
        }
    }

    /// The path without links that `path` stands for, and whether its last
    /// component was a link.
    fn resolve(&self, path: &str) -> Result<(String, bool)> {
        let mut pending: Vec<&str> = path.split('/').rev().collect();
        let mut at = String::new();
        let (mut links, mut names, mut last_was_link) = (0, 0, false);
        while let Some(part) = pending.pop() {
            names += 1;
            match part {
                "" | "." => continue,
                ".." if at.is_empty() => return Err(outside(path)),
                ".." => {
                    at.truncate(at.rfind('/').unwrap_or_default());
                    continue;
                }
                _ => at = join(&at, part),
            }
            let target = match self.nodes.get(&at) {
                Some(Node::Link(target)) => target,
                Some(_) if names <= MOST_NAMES => continue,
                // Nothing is here, so nothing is further in.
                None if !pending.contains(&"..") => return Ok((at, last_was_link)),
                None if names <= MOST_NAMES => continue,
                Some(_) | None => return Err(too_many(path)),
            };
            links += 1;
            if links > MOST_LINKS || names > MOST_NAMES {
                return Err(too_many(path));
            }
            if target.starts_with('/') {
                return Err(outside(path));
            }
            last_was_link |= pending.iter().all(|part| matches!(*part, "" | "."));
            at.truncate(at.rfind('/').unwrap_or_default());
            pending.extend(target.split('/').rev());
        }
        Ok((at, last_was_link))
    }
}

fn too_many(path: &str) -> Error {
    Error::new(Kind::Invalid, format!("{path}: too many levels of symbolic links"))
}

impl Tree for Snapshot {
    fn entry(&self, path: &str) -> Result<Option<Entry>> {
        let (real, link) = self.resolve(path)?;
        Ok(match self.nodes.get(&real) {
            Some(Node::File(_) | Node::Skipped(_)) => Some(Entry { kind: EntryKind::File, link }),
            Some(Node::Directory) => Some(Entry { kind: EntryKind::Directory, link }),
            Some(Node::Link(_)) | None => None,
        })
    }

    fn list(&self, path: &str) -> Result<Vec<String>> {
        let (real, _) = self.resolve(path)?;
        if !matches!(self.nodes.get(&real), Some(Node::Directory)) {
            return Err(Error::new(Kind::NotFound, format!("{path}: no such directory in the repository")));
        }
        let prefix = if real.is_empty() { real } else { real + "/" };
        let mut names = Vec::new();
        let mut from = Bound::Excluded(prefix.clone());
        while let Some((path, _)) = self.nodes.range((from, Bound::Unbounded)).next() {
            let Some(rest) = path.strip_prefix(&prefix) else { break };
            match rest.split_once('/') {
                None => {
                    names.push(rest.to_owned());
                    from = Bound::Excluded(path.clone());
                }
                // What is further in is passed over at once: `0` follows `/`.
                Some((name, _)) => from = Bound::Included([&prefix, name, "0"].concat()),
            }
        }
        Ok(names)
    }

    fn resolved(&self, path: &str) -> Result<String> {
        let (real, _) = self.resolve(path)?;
        if self.nodes.contains_key(&real) {
            return Ok(real);
        }
        Err(Error::new(Kind::NotFound, format!("lstat {real}: no such file or directory")))
    }

    fn read(&self, path: &str, limit: u64) -> Result<Str> {
        let data = self.content(path)?.data();
        let size = data.len();
        if size as u64 > limit {
            let message = format!("{path}: {size} bytes are more than the limit of {limit}");
            return Err(Error::new(Kind::Limit, message));
        }
        Ok(data.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot() -> Snapshot {
        let link = |target: &str| Node::Link(target.to_owned());
        Snapshot::new(
            [
                ("a/b/file".to_owned(), Node::File("x".into())),
                ("a/in".to_owned(), link("b/../b/file")),
                ("a/dir".to_owned(), link("b")),
                ("a/out".to_owned(), link("../../etc/passwd")),
                ("a/abs".to_owned(), link("/a/b/file")),
                ("a/loop".to_owned(), link("loop")),
                ("a/dangling".to_owned(), link("nothing")),
            ]
            .into(),
        )
    }

    #[test]
    fn links_inside_are_followed() {
        let tree = snapshot();
        assert_eq!(tree.read("a/in", 10).unwrap(), "x".into());
        assert_eq!(tree.read("a/dir/file", 10).unwrap(), "x".into());
        assert_eq!(tree.entry("a/in").unwrap(), Some(Entry { kind: EntryKind::File, link: true }));
        assert_eq!(tree.entry("a/dir/file").unwrap(), Some(Entry { kind: EntryKind::File, link: false }));
        assert_eq!(tree.list("a/dir").unwrap(), ["file"]);
        assert_eq!(tree.list("").unwrap(), ["a"]);
        assert_eq!(tree.entry("a/dangling").unwrap(), None);
    }

    #[test]
    fn nothing_outside_is_reached_and_the_text_is_one() {
        let tree = snapshot();
        for path in ["a/out", "a/abs", "../x", "/../etc/passwd", "a/../../x"] {
            let error = tree.read(path, 10).unwrap_err();
            assert_eq!(error.kind, Kind::Forbidden, "{path}");
            assert_eq!(error.to_string(), format!("{path}: lies outside the repository"));
        }
        assert!(tree.read("a/loop", 10).unwrap_err().to_string().contains("too many levels"));
    }

    #[test]
    fn links_say_where_they_lead() {
        let tree = snapshot();
        assert_eq!(tree.resolved("a/in").unwrap(), "a/b/file");
        assert_eq!(tree.resolved("a/dir").unwrap(), "a/b");
        assert_eq!(
            tree.resolved("a/dangling/x").unwrap_err().to_string(),
            "lstat a/nothing: no such file or directory"
        );
        assert_eq!(tree.resolved("a/out").unwrap_err().kind, Kind::Forbidden);
    }

    #[test]
    fn a_directory_lists_its_own_names_only() {
        let file = |path: &str| (path.to_owned(), Node::File("x".into()));
        let paths = ["a/b", "a/b-c", "a/c/d/e", "a/c-", "a/c0", "ab/c", "b"];
        let tree = Snapshot::new(paths.map(file).into());
        assert_eq!(tree.list("").unwrap(), ["a", "ab", "b"]);
        assert_eq!(tree.list("a").unwrap(), ["b", "b-c", "c", "c-", "c0"]);
        assert_eq!(tree.list("a/c").unwrap(), ["d"]);
        assert!(Snapshot::within([file("a/b/c/d")].into(), 3).is_none());
    }
}
