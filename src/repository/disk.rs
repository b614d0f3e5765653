//! A directory on disk as a [`Tree`]: confined for what a repository says,
//! open for what the user names on the command line.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{self, FileType};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::data::Str;
use crate::error::{Error, Kind, Result};

use super::{Child, Entry, EntryKind, Later, Tree, join, outside};

/// Links that one path may lead through (Go's EvalSymlinks).
const MAX_LINKS: usize = 255;

/// A directory on disk.
#[derive(Debug)]
pub struct Disk {
    /// Without links on the way.
    root: PathBuf,
    confined: bool,
    /// The real place of directories whose every component has been looked at.
    known: Mutex<HashMap<String, PathBuf>>,
}

/// What a path came to.
enum Found {
    /// Something real: no link leads on from here.
    Real(PathBuf),
    /// Nothing, at the first component that is not there.
    Missing(PathBuf),
}

impl Disk {
    /// A directory that nothing leads out of: what a link or a path names
    /// outside of it is `Forbidden`.
    ///
    /// # Errors
    /// Where `root` is no directory that can be read.
    pub fn new(root: &Path) -> Result<Disk> {
        Disk::at(root, true)
    }

    /// A directory of the user's own: links lead anywhere.
    ///
    /// # Errors
    /// Where `root` is no directory that can be read.
    pub fn unconfined(root: &Path) -> Result<Disk> {
        Disk::at(root, false)
    }

    fn at(root: &Path, confined: bool) -> Result<Disk> {
        let resolved = if confined { root.canonicalize() } else { std::path::absolute(root) };
        let root = resolved.map_err(|e| io_error("open", &root.display().to_string(), &e))?;
        let known = Mutex::new(HashMap::from([(String::new(), root.clone())]));
        Ok(Disk { root, confined, known })
    }

    /// The real place of `path`, every component looked at once.
    fn find(&self, path: &str) -> Result<Found> {
        if !self.confined {
            return Ok(Found::Real(self.root.join(path)));
        }
        if path.starts_with('/') {
            return Err(outside(path));
        }
        if let Some(real) = self.recall(path) {
            return Ok(Found::Real(real));
        }
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        if !matches!(name, "" | "." | "..")
            && let Some(parent) = self.recall(parent)
        {
            return self.follow(path, parent, vec![name.into()]);
        }
        let parts = Path::new(path).components().rev().map(|part| part.as_os_str().to_owned());
        self.follow(path, self.root.clone(), parts.collect())
    }

    fn recall(&self, path: &str) -> Option<PathBuf> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned()
    }

    fn remember(&self, path: &str, real: &Path) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(path.to_owned(), real.to_owned());
    }

    /// Walks from the real directory `at` through `pending` (last first), links
    /// replaced by what they say, and never leaves the root on the way.
    fn follow(&self, path: &str, mut at: PathBuf, mut pending: Vec<OsString>) -> Result<Found> {
        let mut links = 0;
        while let Some(part) = pending.pop() {
            match Path::new(&part).components().next() {
                None | Some(Component::CurDir) => continue,
                Some(Component::ParentDir) => {
                    if at == self.root || !at.pop() {
                        return Err(outside(path));
                    }
                    continue;
                }
                Some(Component::RootDir | Component::Prefix(_)) => return Err(outside(path)),
                Some(Component::Normal(_)) => at.push(&part),
            }
            let metadata = match fs::symlink_metadata(&at) {
                Ok(metadata) => metadata,
                Err(e) if is_missing(&e) => return Ok(Found::Missing(at)),
                Err(e) => return Err(io_error("lstat", path, &e)),
            };
            if !metadata.is_symlink() {
                continue;
            }
            links += 1;
            if links > MAX_LINKS {
                return Err(Error::invalid("too many links"));
            }
            let target = fs::read_link(&at).map_err(|e| io_error("readlink", path, &e))?;
            at.pop();
            // An absolute link is good only where it names this very tree.
            let rest = if target.is_absolute() {
                at.clone_from(&self.root);
                target.strip_prefix(&self.root).map_err(|_| outside(path))?
            } else {
                &target
            };
            pending.extend(rest.components().rev().map(|part| part.as_os_str().to_owned()));
        }
        Ok(Found::Real(at))
    }

    fn real(&self, operation: &str, path: &str) -> Result<PathBuf> {
        match self.find(path)? {
            Found::Real(real) => Ok(real),
            Found::Missing(_) => Err(io_error(operation, &self.shown(path), &io::ErrorKind::NotFound.into())),
        }
    }

    /// What is at `path`, given what is known without following links.
    fn look(&self, path: &str, own: FileType) -> Result<Option<Entry>> {
        let link = own.is_symlink();
        if !link {
            return self.entry_of(path, own, link).map(Some);
        }
        let real = match self.find(path)? {
            Found::Real(real) => real,
            Found::Missing(_) => return Ok(None),
        };
        match fs::metadata(&real) {
            Ok(metadata) => {
                if self.confined && metadata.is_dir() {
                    self.remember(path, &real);
                }
                self.entry_of(path, metadata.file_type(), link).map(Some)
            }
            Err(e) if is_missing(&e) => Ok(None),
            Err(e) if is_loop(&e) => Ok(None),
            Err(e) => Err(io_error("stat", &self.shown(path), &e)),
        }
    }

    fn entry_of(&self, path: &str, file_type: FileType, link: bool) -> Result<Entry> {
        let kind = if file_type.is_dir() {
            EntryKind::Directory
        } else if file_type.is_file() {
            EntryKind::File
        } else {
            let shown = self.shown(path);
            let message = format!("cannot load irregular file {shown} as it has file mode type bits set");
            return Err(Error::invalid(message));
        };
        Ok(Entry { kind, link })
    }
}

impl Tree for Disk {
    fn entry(&self, path: &str) -> Result<Option<Entry>> {
        let own = match path.rsplit_once('/').unwrap_or(("", path)) {
            _ if !self.confined => self.root.join(path),
            _ if path.starts_with('/') => return Err(outside(path)),
            (_, "" | "." | "..") => return self.entry_of_real(path),
            (parent, name) => match self.find(parent) {
                Ok(Found::Real(parent)) => parent.join(name),
                Ok(Found::Missing(_)) => return Ok(None),
                Err(e) if e.kind == Kind::Forbidden => return Err(outside(path)),
                Err(e) => return Err(e),
            },
        };
        match fs::symlink_metadata(&own) {
            Ok(metadata) => self.look(path, metadata.file_type()),
            Err(e) if is_missing(&e) => Ok(None),
            Err(e) => Err(io_error("lstat", &self.shown(path), &e)),
        }
    }

    fn list(&self, path: &str) -> Result<Vec<String>> {
        Ok(self.children(path)?.into_iter().map(|child| child.name).collect())
    }

    fn children(&self, path: &str) -> Result<Vec<Child>> {
        let real = self.real("open", path)?;
        let failed = |e: &io::Error| io_error("open", &self.shown(path), e);
        let mut children = Vec::new();
        let entries = fs::read_dir(&real).map_err(|e| failed(&e))?;
        if self.confined {
            self.remember(path, &real);
        }
        for entry in entries {
            let entry = entry.map_err(|e| failed(&e))?;
            let name = entry.file_name().into_string().map_err(|name| {
                let name = name.to_string_lossy().into_owned();
                Error::invalid(format!("{}: the name is not UTF-8", join(&self.shown(path), &name)))
            })?;
            let entry = match entry.file_type() {
                Ok(own) if own.is_file() => Ok(Some(Entry { kind: EntryKind::File, link: false })),
                Ok(own) => self.look(&join(path, &name), own),
                Err(e) => Err(io_error("lstat", &self.shown(&join(path, &name)), &e)),
            };
            children.push(Child { name, entry });
        }
        children.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(children)
    }

    fn read(&self, path: &str, limit: u64) -> Result<Str> {
        read(&self.real("open", path)?, || self.shown(path), limit)
    }

    fn left_for_later(&self, path: &str, limit: u64) -> Option<Later> {
        // Where links must not lead out, each component would have to be looked at again.
        if self.confined {
            return None;
        }
        let real = self.root.join(path);
        let metadata = fs::metadata(&real).ok()?;
        let size = metadata.len();
        let is_fine = metadata.is_file() && (1..=limit).contains(&size);
        let all_may_read = metadata.permissions().mode() & 0o444 == 0o444;
        (is_fine && all_may_read).then(|| Later {
            size,
            read: Box::new(move || read(&real, || real.display().to_string(), limit)),
        })
    }

    fn resolved(&self, path: &str) -> Result<String> {
        let missing = |at: &Path| io_error("lstat", &self.relative(at), &io::ErrorKind::NotFound.into());
        if self.confined {
            return match self.find(path)? {
                Found::Real(real) => Ok(self.relative(&real)),
                Found::Missing(at) => Err(missing(&at)),
            };
        }
        match fs::canonicalize(self.root.join(path)) {
            Ok(real) => Ok(real.display().to_string()),
            Err(e) if is_loop(&e) => Err(Error::invalid("EvalSymlinks: too many links")),
            Err(e) if is_missing(&e) => Err(missing(&first_missing(&self.root.join(path)))),
            Err(e) => Err(io_error("lstat", &self.shown(path), &e)),
        }
    }

    fn is_confined(&self) -> bool {
        self.confined
    }

    fn shown(&self, path: &str) -> String {
        if self.confined { path.to_owned() } else { self.root.join(path).display().to_string() }
    }
}

impl Disk {
    /// What is at a path whose last component is no name.
    fn entry_of_real(&self, path: &str) -> Result<Option<Entry>> {
        match self.find(path)? {
            Found::Real(real) => {
                let metadata =
                    fs::symlink_metadata(real).map_err(|e| io_error("lstat", &self.shown(path), &e))?;
                self.entry_of(path, metadata.file_type(), false).map(Some)
            }
            Found::Missing(_) => Ok(None),
        }
    }

    /// A real path as messages show it: never one of the host where the tree is
    /// confined.
    fn relative(&self, real: &Path) -> String {
        let shown = if self.confined { real.strip_prefix(&self.root).unwrap_or(real) } else { real };
        shown.display().to_string()
    }
}

/// The content of the file at a real path, which messages show as `shown`.
fn read(real: &Path, shown: impl Fn() -> String, limit: u64) -> Result<Str> {
    let failed = |operation: &str, e: &io::Error| io_error(operation, &shown(), e);
    let mut file = fs::File::open(real).map_err(|e| failed("open", &e))?;
    let metadata = file.metadata().map_err(|e| failed("stat", &e))?;
    let size = metadata.len();
    let too_large = || Error::new(Kind::Limit, format!("{}: larger than {limit} bytes", shown()));
    if metadata.is_file() && size > limit {
        return Err(too_large());
    }
    // What says how long it is, is read at once and without a look for more.
    if metadata.is_file() && size > 0 {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        return Str::read(size, &mut file).map_err(|e| failed("read", &e));
    }
    let mut data = Vec::new();
    let mut bounded = file.take(limit.saturating_add(1));
    bounded.read_to_end(&mut data).map_err(|e| failed("read", &e))?;
    if data.len() as u64 > limit { Err(too_large()) } else { Ok(data.into()) }
}

/// The first thing on the way of a dangling link that is not there.
fn first_missing(path: &Path) -> PathBuf {
    let mut at = path.to_owned();
    for _ in 0..MAX_LINKS {
        let Ok(target) = fs::read_link(&at) else { break };
        let parent = at.parent().unwrap_or(Path::new("/"));
        at = clean(&parent.join(target));
    }
    let mut way: Vec<&Path> = at.ancestors().collect();
    while let Some(part) = way.pop() {
        if fs::symlink_metadata(part).is_err() {
            return part.to_owned();
        }
    }
    at
}

/// Go's `filepath.Clean` of an absolute path.
fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn is_loop(error: &io::Error) -> bool {
    error.to_string().starts_with("Too many levels of symbolic links")
}

/// A failed call in Go's words: `open PATH: no such file or directory`.
pub fn io_error(operation: &str, path: &str, error: &io::Error) -> Error {
    let kind = match error.kind() {
        io::ErrorKind::NotFound => Kind::NotFound,
        io::ErrorKind::PermissionDenied | io::ErrorKind::IsADirectory | io::ErrorKind::NotADirectory => {
            Kind::Invalid
        }
        _ => Kind::Io,
    };
    Error::new(kind, format!("{operation} {path}: {}", errno(error)))
}

/// The system's message as Go prints it.
fn errno(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::NotFound {
        return "no such file or directory".to_owned();
    }
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut chars = text.chars();
    chars.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(chars).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn tree() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("root");
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::write(root.join("a/b/f"), "text").unwrap();
        fs::write(dir.path().join("secret"), "secret").unwrap();
        dir
    }

    #[test]
    fn links_inside_are_followed() {
        let dir = tree();
        let root = dir.path().join("root");
        symlink("a/b", root.join("l")).unwrap();
        symlink("../l/../b/f", root.join("a/g")).unwrap();
        symlink(root.canonicalize().unwrap().join("a"), root.join("abs")).unwrap();
        let disk = Disk::new(&root).unwrap();
        for path in ["l/f", "a/g", "abs/b/f", "a/../a/b/f", "./a/b/f"] {
            assert_eq!(disk.read(path, 10).unwrap().as_bytes(), b"text", "{path}");
        }
        assert_eq!(disk.list("").unwrap(), ["a", "abs", "l"]);
        assert_eq!(disk.list("l").unwrap(), ["f"]);
        let entry = Entry { kind: EntryKind::File, link: true };
        assert_eq!(disk.entry("a/g").unwrap(), Some(entry));
        assert_eq!(disk.entry("nope/x").unwrap(), None);
        assert_eq!(disk.entry("").unwrap(), Some(Entry { kind: EntryKind::Directory, link: false }));
        assert_eq!(disk.resolved("a/g").unwrap(), "a/b/f");
        assert_eq!(disk.read("a/b/f", 3).unwrap_err().kind, Kind::Limit);
    }

    #[test]
    fn nothing_outside_is_reached_and_no_text_tells_whether_it_is_there() {
        let dir = tree();
        let root = dir.path().join("root");
        symlink("../secret", root.join("there")).unwrap();
        symlink("../nowhere", root.join("gone")).unwrap();
        symlink("/etc/passwd", root.join("host")).unwrap();
        symlink("..", root.join("up")).unwrap();
        let disk = Disk::new(&root).unwrap();
        for path in
            ["there", "gone", "host", "up", "up/secret", "../secret", "../nowhere", "/etc/passwd", "a/../.."]
        {
            let text = format!("{path}: lies outside the repository");
            let errors = [
                disk.entry(path).unwrap_err(),
                disk.read(path, 100).unwrap_err(),
                disk.list(path).unwrap_err(),
                disk.resolved(path).unwrap_err(),
            ];
            for error in errors {
                assert_eq!((error.kind, error.to_string()), (Kind::Forbidden, text.clone()));
            }
        }
        let children = disk.children("").unwrap();
        let forbidden = children.iter().filter(|c| c.entry.is_err()).count();
        assert_eq!((children.len(), forbidden), (5, 4));
    }

    #[test]
    fn loops_and_dangling_links_are_nothing() {
        let dir = tree();
        let root = dir.path().join("root");
        symlink("y", root.join("x")).unwrap();
        symlink("x", root.join("y")).unwrap();
        symlink("nope", root.join("d")).unwrap();
        let disk = Disk::new(&root).unwrap();
        assert_eq!(disk.entry("d").unwrap(), None);
        assert_eq!(disk.resolved("d").unwrap_err().to_string(), "lstat nope: no such file or directory");
        assert_eq!(disk.entry("x").unwrap_err().to_string(), "too many links");
        let open = Disk::unconfined(&root).unwrap();
        assert_eq!(open.entry("x").unwrap(), None);
        assert_eq!(open.resolved("x").unwrap_err().to_string(), "EvalSymlinks: too many links");
    }
}
