//! One at a time: tasks of this process wait for each other, and processes for
//! each other by locked files, which the system lets go of when a process dies.

use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, MutexGuard};

use crate::data::digest::Digest;
use crate::error::{Error, Kind, Result};

/// How often another process's lock is looked at.
const INTERVAL: Duration = Duration::from_millis(20);

/// 256 locks; a name has the one of its digest's first byte.
#[derive(Debug)]
pub struct Locks {
    directory: PathBuf,
    own: Vec<Mutex<()>>,
}

/// Held until dropped.
#[derive(Debug)]
pub struct Guard<'a> {
    _file: Option<File>,
    _own: Option<MutexGuard<'a, ()>>,
}

impl Locks {
    /// Locks whose files lie in this directory.
    pub fn new(directory: PathBuf) -> Locks {
        Locks { directory, own: (0..256).map(|_| Mutex::new(())).collect() }
    }

    /// Waits for the lock of `what`.
    ///
    /// # Errors
    /// The deadline comes first.
    pub async fn take(&self, what: &str, deadline: Instant) -> Result<Guard<'_>> {
        let too_late = |_| {
            let message = format!("the deadline passed while another request downloaded {what}");
            Error::new(Kind::Deadline, message)
        };
        let shard = Digest::of(what.as_bytes()).first();
        let own = match self.own.get(usize::from(shard)) {
            Some(own) => Some(tokio::time::timeout_at(deadline.into(), own.lock()).await.map_err(too_late)?),
            None => None,
        };
        let file = tokio::time::timeout_at(deadline.into(), self.lock_file(shard)).await.map_err(too_late)?;
        Ok(Guard { _file: file, _own: own })
    }

    /// `None` where files cannot be made or locked: then two processes may download
    /// the same thing, and the renames keep the cache whole.
    async fn lock_file(&self, shard: u8) -> Option<File> {
        std::fs::create_dir_all(&self.directory).ok()?;
        let path = self.directory.join(format!("{shard:02x}"));
        let file = File::options().create(true).append(true).open(path).ok()?;
        loop {
            match file.try_lock() {
                Ok(()) => return Some(file),
                Err(TryLockError::WouldBlock) => tokio::time::sleep(INTERVAL).await,
                Err(TryLockError::Error(_)) => return None,
            }
        }
    }
}
