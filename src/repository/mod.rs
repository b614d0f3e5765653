//! The files of a request: read-only, bounded, and confined. Nothing outside the
//! repository can be read through it, whatever a path or a link says.

pub mod checkout;
pub mod contents;
pub mod disk;
pub mod mounted;
pub mod recorder;
pub mod room;
pub mod snapshot;
pub mod snapshots;
pub mod unpack;

use std::fmt;

use crate::data::Str;
use crate::error::{Error, Kind, Result};

/// What is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
}

/// What is at a path, links followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// File or directory.
    pub kind: EntryKind,
    /// Whether the last component is a symbolic link.
    pub link: bool,
}

/// A read-only tree of files. Paths are relative to its root, with `/`; the root
/// is `""`. Links are followed inside the tree; one that leaves it is
/// `Forbidden`, with the same text whether its target exists or not.
pub trait Tree {
    /// What is at `path`; `None` where there is nothing.
    fn entry(&self, path: &str) -> Result<Option<Entry>>;

    /// The names in the directory `path`, in bytewise order.
    fn list(&self, path: &str) -> Result<Vec<String>>;

    /// The content of the file `path`, at most `limit` bytes of it: a larger
    /// file is an error of kind `Limit`.
    fn read(&self, path: &str, limit: u64) -> Result<Str>;

    /// The file `path`, for whoever may never ask for its content; none where it has to be
    /// read to know whether that would succeed.
    fn left_for_later(&self, _path: &str, _limit: u64) -> Option<Later> {
        None
    }

    /// What is in the directory `path`, by name, in bytewise order: for walks,
    /// which would ask for every name in turn.
    fn children(&self, path: &str) -> Result<Vec<Child>> {
        let names = self.list(path)?;
        let child = |name: String| {
            let path = join(path, &name);
            Child { entry: self.entry(&path), name }
        };
        Ok(names.into_iter().map(child).collect())
    }

    /// Where `path` leads when all links on it are followed, as
    /// [`Tree::shown`] would show it; an error says why it leads nowhere.
    fn resolved(&self, path: &str) -> Result<String> {
        Ok(self.shown(path))
    }

    /// Whether nothing leads out of the tree, so that an absolute path names nothing.
    fn is_confined(&self) -> bool {
        true
    }

    /// `path` as messages show it to the user who gave it.
    fn shown(&self, path: &str) -> String {
        path.to_owned()
    }
}

/// Says whether work has to stop: with an error, because nobody waits for it any more.
pub type Stop<'a> = &'a (dyn Fn() -> Result<()> + Sync);

/// The source of the error that reading a large binary file of a snapshot is: it is
/// there, with so many bytes, but they were not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skipped(pub u64);

impl Skipped {
    /// The error of the file `path`.
    pub fn error(self, path: &str) -> Error {
        Error::new(Kind::Limit, format!("{path}: {self}")).caused_by(self)
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a binary file of {} bytes is not kept in memory (the limit is {LARGEST_BINARY})", self.0)
    }
}

impl std::error::Error for Skipped {}

/// Bytes of a binary file that are kept; charts' archives and text always are.
pub const LARGEST_BINARY: u64 = 1 << 20;

/// A file that surely can be read, but was not yet.
pub struct Later {
    /// Its bytes.
    pub size: u64,
    /// Reads it, as [`Tree::read`] would have.
    pub read: Box<dyn Fn() -> Result<Str> + Send + Sync>,
}

/// One name in a directory.
#[derive(Debug)]
pub struct Child {
    /// The name.
    pub name: String,
    /// What is there, as [`Tree::entry`] says it.
    pub entry: Result<Option<Entry>>,
}

/// `name` in the directory `path`.
pub fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { [path, "/", name].concat() }
}

/// The refusal of a path that leaves the repository. One text, whether there is
/// something outside or not, so that nothing can be learnt from it.
pub fn outside(path: &str) -> Error {
    Error::new(Kind::Forbidden, format!("{path}: lies outside the repository"))
}
