//! A gzipped tar archive into memory, within limits. Only directories, regular
//! files and symbolic links come out of it; nothing is written anywhere.

use std::collections::BTreeMap;
use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use tar::{Archive, EntryType};

use crate::error::{Error, Kind, Result};

use super::snapshot::{Node, Snapshot};

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

/// Reads a whole archive.
///
/// # Errors
/// Not gzip, not tar, over a limit, a path that leaves the archive, or an entry
/// that is neither directory, file nor symbolic link (hard links, devices, …).
pub fn unpack(archive: &[u8], limits: Limits) -> Result<Snapshot> {
    if archive.len() as u64 > limits.packed {
        return Err(over("bytes packed", limits.packed));
    }
    let reader = Bounded { inner: MultiGzDecoder::new(archive), left: limits.unpacked };
    let mut tar = Archive::new(reader);
    let mut nodes = BTreeMap::new();
    let entries = tar.entries().map_err(|e| broken(&e, limits))?;
    for (count, entry) in entries.enumerate() {
        if count >= limits.entries {
            return Err(over("entries", limits.entries as u64));
        }
        let mut entry = entry.map_err(|e| broken(&e, limits))?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let kind = entry.header().entry_type();
        if kind == EntryType::XGlobalHeader {
            continue;
        }
        let path = clean(&name)?;
        let node = match kind {
            EntryType::Directory => Node::Directory,
            EntryType::Regular | EntryType::Continuous => {
                let mut data = Vec::new();
                entry.read_to_end(&mut data).map_err(|e| broken(&e, limits))?;
                Node::File(data.into())
            }
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
            nodes.insert(path, node);
        }
    }
    Snapshot::within(nodes, limits.entries).ok_or_else(|| over("entries", limits.entries as u64))
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
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
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
