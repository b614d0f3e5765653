//! Files that an application names: where a name leads in the repository, and
//! what is there. What leaves the repository is refused with one text.

use std::cell::Cell;

use crate::data::Str;
use crate::error::{Error, Kind, Result};
use crate::repository::{self, Child, Entry, EntryKind, Tree, outside};

/// The largest file of values (Helm's limit for any file of a chart).
pub const LARGEST: u64 = 5 << 20;

/// Bytes of all files of one application's values.
pub const LARGEST_TOGETHER: u64 = 64 << 20;

/// A file of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValuesFile {
    /// Its path in the repository.
    pub path: String,
    /// Its text.
    pub text: Str,
}

/// A tree out of which no more than so many bytes are read: many names may lead to
/// one large file.
pub struct Bounded<'a> {
    tree: &'a dyn Tree,
    left: Cell<u64>,
}

impl<'a> Bounded<'a> {
    /// The tree, of which `bytes` may be read.
    pub fn new(tree: &'a dyn Tree, bytes: u64) -> Bounded<'a> {
        Bounded { tree, left: Cell::new(bytes) }
    }
}

impl Tree for Bounded<'_> {
    fn entry(&self, path: &str) -> Result<Option<Entry>> {
        self.tree.entry(path)
    }

    fn list(&self, path: &str) -> Result<Vec<String>> {
        self.tree.list(path)
    }

    fn read(&self, path: &str, limit: u64) -> Result<Str> {
        let text = self.tree.read(path, limit)?;
        let Some(left) = self.left.get().checked_sub(text.len() as u64) else {
            let message = format!("the files of values have more than {} MiB in all", LARGEST_TOGETHER >> 20);
            return Err(Error::new(Kind::Limit, message));
        };
        self.left.set(left);
        Ok(text)
    }

    fn children(&self, path: &str) -> Result<Vec<Child>> {
        self.tree.children(path)
    }

    fn resolved(&self, path: &str) -> Result<String> {
        self.tree.resolved(path)
    }

    fn shown(&self, path: &str) -> String {
        self.tree.shown(path)
    }
}

/// The path in the repository that `name` means for the application in the
/// directory `app`: relative to that, or to the root with a leading `/`. As in
/// Argo CD, `..` is taken off the written path, not followed through links.
///
/// # Errors
/// A URL, or a path that leaves the repository.
pub fn resolve(app: &str, name: &str) -> Result<String> {
    if let Some((scheme, _)) = name.split_once("://") {
        return Err(Error::usage(format!("a file is read from the repository, not from a {scheme} URL")));
    }
    let from = if name.starts_with('/') { "" } else { app };
    let mut parts = Vec::new();
    for part in from.split('/').chain(name.split('/')) {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop().ok_or_else(|| outside(name))?,
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// Whether there is a file at the path.
///
/// # Errors
/// A directory is there, or the path leaves the repository through a link.
pub fn is_there(tree: &dyn Tree, path: &str) -> Result<bool> {
    match tree.entry(path)? {
        Some(Entry { kind: EntryKind::File, .. }) => Ok(true),
        Some(_) => Err(Error::invalid(format!("{}: is a directory", shown(path)))),
        None => Ok(false),
    }
}

/// The file at the path.
///
/// # Errors
/// As [`is_there`]; nothing is there, or it is too large.
pub fn read(tree: &dyn Tree, path: &str) -> Result<Str> {
    if is_there(tree, path)? { tree.read(path, LARGEST) } else { Err(missing(path)) }
}

/// The error of a file that is not there.
pub fn missing(path: &str) -> Error {
    Error::new(Kind::NotFound, format!("{}: no such file in the repository", shown(path)))
}

fn shown(path: &str) -> &str {
    if path.is_empty() { "." } else { path }
}

/// `path` in the directory `app`; both relative to the repository.
pub fn join(app: &str, path: &str) -> String {
    if path.is_empty() { app.to_owned() } else { repository::join(if app == "." { "" } else { app }, path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_relative_to_the_application_or_the_root() {
        for (app, name, path) in [
            ("apps/a", "v.yaml", "apps/a/v.yaml"),
            ("apps/a", "../b/./v.yaml", "apps/b/v.yaml"),
            ("apps/a", "/shared//v.yaml", "shared/v.yaml"),
            (".", "v.yaml", "v.yaml"),
            ("", "a/../v.yaml", "v.yaml"),
            ("apps/a", "../..", ""),
        ] {
            assert_eq!(resolve(app, name).unwrap(), path, "{app} {name}");
        }
    }

    #[test]
    fn what_leaves_the_repository_is_refused() {
        for name in ["../../../etc/passwd", "/../x", "a/../../../.."] {
            let error = resolve("apps/a", name).unwrap_err();
            assert_eq!(
                (error.kind, error.to_string()),
                (Kind::Forbidden, format!("{name}: lies outside the repository"))
            );
        }
        assert_eq!(
            resolve("", "https://user:password@host/v.yaml").unwrap_err().to_string(),
            "a file is read from the repository, not from a https URL"
        );
    }
}
