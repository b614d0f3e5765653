//! The bound on the cache's size: the least used blobs go first, and what a crash
//! left half-written goes after an hour.

use std::fs::{self, DirEntry};
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::data::digest::Digest;

/// No download takes longer than this.
const LEFTOVER: Duration = Duration::from_secs(3600);

/// A file and when it was last used.
struct Blob {
    used: SystemTime,
    size: u64,
    entry: DirEntry,
}

/// Deletes blobs until at most `size` bytes are left, `kept` always among them.
pub fn shrink(directory: &Path, size: u64, kept: &Digest) {
    for leftover in files(&directory.join("tmp")) {
        if leftover.used.elapsed().is_ok_and(|age| age > LEFTOVER) {
            let _ = fs::remove_file(leftover.entry.path());
        }
    }
    let mut blobs = files(&directory.join("blobs/sha256"));
    let mut total: u64 = blobs.iter().map(|blob| blob.size).sum();
    if total <= size {
        return;
    }
    blobs.sort_by_key(|blob| blob.used);
    let kept = kept.hex();
    for blob in blobs {
        if total <= size {
            break;
        }
        if blob.entry.file_name() != kept.as_str() && fs::remove_file(blob.entry.path()).is_ok() {
            total -= blob.size;
        }
    }
    forget(&directory.join("names"));
}

/// Names are small; those that nobody asked for since a month go with the blobs.
fn forget(names: &Path) {
    for name in files(names) {
        if name.used.elapsed().is_ok_and(|age| age > LEFTOVER * 24 * 30) {
            let _ = fs::remove_file(name.entry.path());
        }
    }
}

fn files(directory: &Path) -> Vec<Blob> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let metadata = entry.metadata().ok()?;
            Some(Blob { used: metadata.modified().ok()?, size: metadata.len(), entry })
        })
        .collect()
}
