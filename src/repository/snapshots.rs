//! The snapshots that are known, by the checksum of their archives: every call of
//! every application that comes with the same archive shares one.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;

use super::contents::{Content, Contents};
use super::room::{Room, Taken};
use super::snapshot::Snapshot;
use crate::data::Str;
use crate::data::digest::Digest;
use crate::error::{Error, Kind, Result};

/// Snapshots within a budget of bytes. Those that were not used for the longest
/// time make room for others; what a call still uses stays, and counts.
#[derive(Debug)]
pub struct Snapshots {
    known: Mutex<LruCache<Digest, Arc<Snapshot>>>,
    contents: Contents,
    room: Arc<Room>,
}

/// The source of an error that may pass: other snapshots are in use, and will not
/// always be.
#[derive(Debug)]
pub struct NoRoom;

impl fmt::Display for NoRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the room for repositories is taken")
    }
}

impl std::error::Error for NoRoom {}

impl Snapshots {
    /// None yet; all of them may take `budget` bytes, those included that are being
    /// unpacked.
    pub fn new(budget: u64) -> Snapshots {
        Snapshots {
            known: Mutex::new(LruCache::unbounded()),
            contents: Contents::default(),
            room: Room::new(budget),
        }
    }

    /// The snapshot of the archive with that checksum, if it is known.
    pub fn get(&self, checksum: &Digest) -> Option<Arc<Snapshot>> {
        self.lock().get(checksum).cloned()
    }

    /// Keeps a snapshot. Its archive's checksum has to be verified before.
    pub fn keep(&self, checksum: Digest, snapshot: Arc<Snapshot>) {
        self.lock().put(checksum, snapshot);
        self.contents.sweep();
    }

    /// Takes room for `bytes` that are about to be unpacked; the snapshot that nobody
    /// used for the longest time goes where there is none.
    ///
    /// # Errors
    /// There is less in all; or the rest is in use, with [`NoRoom`] as its source.
    pub fn take(&self, bytes: u64) -> Result<Taken> {
        let most = self.room.size() >> 20;
        let no_room = || {
            let message = format!("the files of the repositories need more than the {most} MiB there are");
            Error::new(Kind::Limit, message).hint("tiphys serve --memory-mb gives them more")
        };
        if bytes > self.room.size() {
            return Err(no_room());
        }
        loop {
            if let Some(taken) = self.room.take(bytes) {
                return Ok(taken);
            }
            if !self.evict() {
                return Err(no_room().caused_by(NoRoom));
            }
        }
    }

    /// Forgets a snapshot that no call uses; says whether there was one.
    pub fn evict(&self) -> bool {
        let mut known = self.lock();
        let idle = known.iter().rev().find(|(_, snapshot)| Arc::strong_count(snapshot) == 1);
        let Some(checksum) = idle.map(|(checksum, _)| *checksum) else { return false };
        known.pop(&checksum).is_some()
    }

    /// The content of a file that was just read into what was `taken`.
    pub fn content(&self, data: Str, taken: Taken) -> Content {
        self.contents.keep(data, taken)
    }

    /// The bytes that snapshots take now, those in use and in the making included.
    pub fn bytes(&self) -> u64 {
        self.room.used()
    }

    /// How many are known.
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<Digest, Arc<Snapshot>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::snapshot::Node;

    fn add(snapshots: &Snapshots, number: u8, text: &str) -> Result<Arc<Snapshot>> {
        let taken = snapshots.take(text.len() as u64)?;
        let file = Node::File(snapshots.content(text.into(), taken));
        let snapshot = Arc::new(Snapshot::new([("f".to_owned(), file)].into()));
        snapshots.keep(Digest::from([number; 32]), snapshot.clone());
        Ok(snapshot)
    }

    #[test]
    fn the_least_used_goes_first_and_shared_files_count_once() {
        let snapshots = Snapshots::new(12);
        add(&snapshots, 1, "same").unwrap();
        add(&snapshots, 2, "same").unwrap();
        assert_eq!((snapshots.count(), snapshots.bytes()), (2, 4));
        add(&snapshots, 3, "more").unwrap();
        assert!(snapshots.get(&Digest::from([1; 32])).is_some());
        add(&snapshots, 4, "new files").unwrap();
        assert_eq!((snapshots.count(), snapshots.bytes()), (1, 9));
        assert!(snapshots.get(&Digest::from([4; 32])).is_some());
    }

    #[test]
    fn what_is_in_use_stays_and_counts() {
        let snapshots = Snapshots::new(8);
        let used = add(&snapshots, 1, "in use").unwrap();
        let error = add(&snapshots, 2, "new").unwrap_err();
        assert!(error.source.is_some_and(|source| source.is::<NoRoom>()));
        assert!(snapshots.get(&Digest::from([1; 32])).is_some());
        drop(used);
        add(&snapshots, 2, "new").unwrap();
        assert_eq!((snapshots.count(), snapshots.bytes()), (1, 3));
        let error = add(&snapshots, 3, "too large").unwrap_err();
        assert!(error.source.is_none());
        assert_eq!((snapshots.count(), snapshots.bytes()), (1, 3));
    }
}
