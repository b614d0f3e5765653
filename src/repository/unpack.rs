//! A gzipped tar archive into memory, within limits. Only directories, regular
//! files and symbolic links come out of it; nothing is written anywhere.

use std::collections::BTreeMap;
use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use tar::{Archive, EntryType};

use crate::data::Str;
use crate::error::{Error, Kind, Result};

use super::snapshot::{Node, Snapshot};
use super::snapshots::Snapshots;
use super::{LARGEST_BINARY, Stop};

/// Bytes of a path or of a link's target: no file system has longer ones.
const MAX_PATH: usize = 4096;

/// What an archive may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the packed archive.
    pub packed: u64,
    /// Bytes of the unpacked tar stream, headers included.
    pub unpacked: u64,
    /// Entries.
    pub entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { packed: 100 << 20, unpacked: 1 << 30, entries: 100_000 }
    }
}

/// About what a name in a snapshot takes beside its text.
const NODE: u64 = 128;

/// So much of a file is looked at to tell binary from text.
const HEAD: u64 = 8 << 10;

/// Reads a whole archive. What is in its files shares the room of `snapshots`, and
/// equal files share their bytes.
///
/// # Errors
/// Not gzip, not tar, over a limit, a path that leaves the archive, or an entry
/// that is neither directory, file nor symbolic link (hard links, devices, …);
/// there is no room; it has to stop.
pub fn unpack(archive: &[u8], limits: Limits, snapshots: &Snapshots, stop: Stop<'_>) -> Result<Snapshot> {
    if archive.len() as u64 > limits.packed {
        return Err(over("bytes packed", limits.packed));
    }
    let reader = Bounded { inner: MultiGzDecoder::new(archive), left: limits.unpacked, stop };
    let mut tar = Archive::new(reader);
    let broken = |e: io::Error| stop().err().unwrap_or_else(|| broken(&e, limits));
    let mut nodes = BTreeMap::new();
    let mut names = snapshots.take(0)?;
    let entries = tar.entries().map_err(broken)?;
    for (count, entry) in entries.enumerate() {
        if count >= limits.entries {
            return Err(over("entries", limits.entries as u64));
        }
        stop()?;
        let mut entry = entry.map_err(broken)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let kind = entry.header().entry_type();
        if kind == EntryType::XGlobalHeader {
            continue;
        }
        let path = clean(&name)?;
        let node = match kind {
            EntryType::Directory => Node::Directory,
            EntryType::Regular | EntryType::Continuous => file(&path, &mut entry, snapshots, broken)?,
            EntryType::Symlink => {
                let target = entry.link_name_bytes().unwrap_or_default();
                if target.len() > MAX_PATH {
                    return Err(not_allowed(&name));
                }
                Node::Link(String::from_utf8_lossy(&target).into_owned())
            }
            other => {
                return Err(Error::new(
                    Kind::Forbidden,
                    format!(
                        "the repository's archive has an entry that is not allowed: {name} is {}",
                        words(other)
                    ),
                ));
            }
        };
        if !path.is_empty() {
            let target = if let Node::Link(target) = &node { target.len() } else { 0 };
            names.join(snapshots.take((path.len() + target) as u64 + NODE)?);
            nodes.insert(path, node);
        }
    }
    let whole = Snapshot::within(nodes, limits.entries);
    Ok(whole.ok_or_else(|| over("entries", limits.entries as u64))?.filling(names))
}

/// Reads the file at `path`, or skips it. Room is taken before its bytes are there.
fn file<R: Read>(
    path: &str,
    entry: &mut tar::Entry<'_, R>,
    snapshots: &Snapshots,
    broken: impl Fn(io::Error) -> Error,
) -> Result<Node> {
    let size = entry.size();
    let mut head = Vec::new();
    entry.by_ref().take(HEAD).read_to_end(&mut head).map_err(&broken)?;
    if size > LARGEST_BINARY && is_binary(&head) && !is_archive(path) {
        return Ok(Node::Skipped(size));
    }
    let taken = snapshots.take(size)?;
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let data = Str::read(size, &mut head.chain(entry)).map_err(&broken)?;
    Ok(Node::File(snapshots.content(data, taken)))
}

/// Whether a file that begins so is no text.
fn is_binary(head: &[u8]) -> bool {
    let text = std::str::from_utf8(head);
    // The last character may go on behind the head.
    head.contains(&0) || text.is_err_and(|error| error.error_len().is_some())
}

/// Whether the file may be a packed chart.
fn is_archive(path: &str) -> bool {
    [".tgz", ".tar.gz"].iter().any(|end| path.ends_with(end))
}

/// A relative path with `.` and doubled slashes gone.
fn clean(name: &str) -> Result<String> {
    let refused =
        name.starts_with('/') || name.contains('\\') || name.contains('\0') || name.len() > MAX_PATH;
    let parts: Vec<&str> = name.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if refused || parts.contains(&"..") {
        return Err(not_allowed(name));
    }
    Ok(parts.join("/"))
}

fn not_allowed(name: &str) -> Error {
    let name: String = name.chars().filter(|c| !c.is_control()).take(200).collect();
    Error::new(Kind::Forbidden, format!("the repository's archive has a path that is not allowed: {name}"))
}

fn words(kind: EntryType) -> &'static str {
    match kind {
        EntryType::Link => "a hard link",
        EntryType::Char | EntryType::Block => "a device",
        EntryType::Fifo => "a named pipe",
        EntryType::GNUSparse => "a sparse file",
        _ => "of an unknown type",
    }
}

fn over(what: &str, limit: u64) -> Error {
    Error::new(Kind::Limit, format!("the repository's archive is too large: more than {limit} {what}"))
}

fn broken(error: &io::Error, limits: Limits) -> Error {
    if error.kind() == io::ErrorKind::FileTooLarge {
        return over("bytes unpacked", limits.unpacked);
    }
    Error::new(Kind::Corrupt, format!("the repository's archive cannot be read: {error}"))
}

/// Ends with an error where a limit is passed, so that a bomb never reaches memory.
struct Bounded<'a, R> {
    inner: R,
    left: u64,
    stop: Stop<'a>,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (self.stop)().map_err(io::Error::other)?;
        let read = self.inner.read(buffer)?;
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or_else(|| io::Error::new(io::ErrorKind::FileTooLarge, "over the limit"))?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests;
