//! A repository's files on disk, for the operator's own command, which cannot look
//! into memory: a private directory that is gone when it is dropped. No link in it
//! leads out of it, and nothing in it can be executed.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tracing::warn;

use crate::error::{Error, Kind, Result};

use super::snapshot::{Node, Snapshot};

/// What the names of these directories begin with.
const PREFIX: &str = "repository-";
/// How often a removal is tried where killed processes are still at work in it.
const TRIES: u32 = 50;

/// A copy of a repository on disk.
#[derive(Debug)]
pub struct Checkout {
    root: PathBuf,
}

impl Checkout {
    /// Writes the files of `snapshot` into a new directory of `workdir`. `check` is
    /// asked before each file whether to go on.
    ///
    /// # Errors
    /// `check`'s; a disk that is full (`Limit`) or fails.
    pub fn new(snapshot: &Snapshot, workdir: &Path, check: &dyn Fn() -> Result<()>) -> Result<Checkout> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|e| Error::new(Kind::Io, e.to_string()))?;
        let name = format!("{PREFIX}{:032x}", u128::from_ne_bytes(random));
        DirBuilder::new().recursive(true).mode(0o700).create(workdir).map_err(|e| failed("", &e))?;
        let root = workdir.join(name);
        directory(&root).map_err(|e| failed("", &e))?;
        let copy = Checkout { root };
        for (path, node) in snapshot.nodes() {
            check()?;
            copy.write(snapshot, path, node).map_err(|e| failed(path, &e))?;
        }
        Ok(copy)
    }

    /// Where the repository's root is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Removes what an earlier process had no time to remove.
    pub fn clear(workdir: &Path) {
        for entry in fs::read_dir(workdir).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(PREFIX) {
                drop(Checkout { root: entry.path() });
            }
        }
    }

    fn write(&self, snapshot: &Snapshot, path: &str, node: &Node) -> io::Result<()> {
        // The directory may be a link in the archive: its entry is reached by no
        // path then, and would be written to wherever the link leads.
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        if path.is_empty() || !matches!(snapshot.nodes().get(parent), Some(Node::Directory)) {
            return Ok(());
        }
        let place = self.root.join(path);
        match node {
            Node::Directory => directory(&place),
            Node::File(content) => file(&place)?.write_all(content.data().as_bytes()),
            // It was not kept; a command may still ask whether it is there.
            Node::Skipped(_) => file(&place).map(drop),
            Node::Link(target) if snapshot.stays_inside(path) => symlink(target, &place),
            Node::Link(_) => Ok(()),
        }
    }
}

fn file(place: &Path) -> io::Result<fs::File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(place)
}

impl Drop for Checkout {
    fn drop(&mut self) {
        for attempt in 1.. {
            match fs::remove_dir_all(&self.root) {
                Err(e) if e.kind() != ErrorKind::NotFound && attempt < TRIES => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                Err(e) if e.kind() != ErrorKind::NotFound => {
                    warn!(directory = %self.root.display(), "a copy of a repository cannot be removed: {e}");
                    return;
                }
                _ => return,
            }
        }
    }
}

fn directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

fn failed(path: &str, error: &io::Error) -> Error {
    let kind = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Kind::Limit,
        _ => Kind::Io,
    };
    let colon = if path.is_empty() { "" } else { ": " };
    Error::new(
        kind,
        format!("{path}{colon}the repository cannot be copied for the discovery command: {error}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot() -> Snapshot {
        let link = |target: &str| Node::Link(target.to_owned());
        Snapshot::new(
            [
                ("a/file".to_owned(), Node::File("x".into())),
                ("a/in".to_owned(), link("../a/file")),
                ("a/dangling".to_owned(), link("nothing")),
                ("a/out".to_owned(), link("../../etc/passwd")),
                ("a/absolute".to_owned(), link("/etc/passwd")),
                ("a/up".to_owned(), link("..")),
                ("a/up/below".to_owned(), Node::File("reached by no path".into())),
                ("a/through".to_owned(), link("up/../etc")),
                ("a/loop".to_owned(), link("loop")),
            ]
            .into(),
        )
    }

    #[test]
    fn links_that_leave_are_left_out_and_the_directory_is_gone_in_the_end() {
        let workdir = tempfile::tempdir().unwrap();
        let copy = Checkout::new(&snapshot(), workdir.path(), &|| Ok(())).unwrap();
        let mut names: Vec<String> = fs::read_dir(copy.root().join("a"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["dangling", "file", "in", "up"]);
        assert_eq!(fs::read(copy.root().join("a/in")).unwrap(), b"x");
        assert_eq!(fs::read_dir(copy.root()).unwrap().count(), 1);
        drop(copy);
        assert_eq!(fs::read_dir(workdir.path()).unwrap().count(), 0);
    }

    #[test]
    fn nothing_is_left_where_the_copy_is_called_off() {
        let workdir = tempfile::tempdir().unwrap();
        let left = std::cell::Cell::new(2);
        let check = || {
            left.set(left.get() - 1);
            if left.get() == 0 { Err(Error::new(Kind::Cancelled, "called off")) } else { Ok(()) }
        };
        assert_eq!(Checkout::new(&snapshot(), workdir.path(), &check).unwrap_err().kind, Kind::Cancelled);
        assert_eq!(fs::read_dir(workdir.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_an_earlier_process_left_is_removed() {
        let workdir = tempfile::tempdir().unwrap();
        fs::create_dir_all(workdir.path().join("repository-0/a")).unwrap();
        fs::create_dir_all(workdir.path().join("other")).unwrap();
        Checkout::clear(workdir.path());
        assert!(!workdir.path().join("repository-0").exists() && workdir.path().join("other").exists());
    }
}
