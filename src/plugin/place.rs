//! A render's place among the cores. Who waits for the network leaves it to others,
//! as long as not too many wait: each of them holds a repository in memory.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Kind, Result};
use crate::registry::Turn;

/// Calls that may wait for the network without a place.
const MOST_WAITING: usize = 16;

/// The places of a server.
#[derive(Debug, Clone)]
pub struct Places {
    cores: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

/// One of them.
#[derive(Debug)]
pub struct Place {
    places: Places,
    runtime: Handle,
    held: Mutex<Option<OwnedSemaphorePermit>>,
    waits: Mutex<Option<OwnedSemaphorePermit>>,
}

impl Places {
    /// One place a core: renders are work, not waiting.
    pub fn new() -> Places {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Places { cores: Arc::new(Semaphore::new(cores)), waiting: Arc::new(Semaphore::new(MOST_WAITING)) }
    }

    /// Waits for a place.
    ///
    /// # Errors
    /// The server is closing.
    pub async fn take(&self) -> Result<Place> {
        let held = self.core().await?;
        Ok(Place {
            places: self.clone(),
            runtime: Handle::current(),
            held: Mutex::new(Some(held)),
            waits: Mutex::default(),
        })
    }

    async fn core(&self) -> Result<OwnedSemaphorePermit> {
        let core = self.cores.clone().acquire_owned().await;
        core.map_err(|_| Error::new(Kind::Internal, "the server is closing"))
    }
}

impl Place {
    fn set(slot: &Mutex<Option<OwnedSemaphorePermit>>, permit: Option<OwnedSemaphorePermit>) {
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = permit;
    }
}

impl Turn for Place {
    fn give(&self) {
        if let Ok(waits) = self.places.waiting.clone().try_acquire_owned() {
            Place::set(&self.waits, Some(waits));
            Place::set(&self.held, None);
        }
    }

    fn take(&self, deadline: Instant) -> Result<()> {
        if self.held.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
            return Ok(());
        }
        let again = async { tokio::time::timeout_at(deadline.into(), self.places.core()).await };
        let core = self.runtime.block_on(again).unwrap_or_else(|_| {
            let message = "the caller's deadline passed while waiting for a free core";
            Err(Error::new(Kind::Deadline, message))
        });
        Place::set(&self.held, Some(core?));
        Place::set(&self.waits, None);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_waits_leaves_the_core_to_others() {
        let places = Places { cores: Arc::new(Semaphore::new(1)), waiting: Arc::new(Semaphore::new(1)) };
        let first = Arc::new(places.take().await.unwrap());
        assert_eq!(places.cores.available_permits(), 0);
        first.give();
        let second = Arc::new(places.take().await.unwrap());
        // No more than one may wait: the second keeps its core.
        second.give();
        assert_eq!((places.cores.available_permits(), places.waiting.available_permits()), (0, 0));
        second.take(Instant::now()).unwrap();
        let late = first.clone();
        let soon = Instant::now() + Duration::from_millis(20);
        let refused = tokio::task::spawn_blocking(move || late.take(soon)).await.unwrap().unwrap_err();
        assert_eq!(refused.kind, Kind::Deadline);
        drop(second);
        let again = first.clone();
        let soon = Instant::now() + Duration::from_secs(30);
        tokio::task::spawn_blocking(move || again.take(soon)).await.unwrap().unwrap();
        assert_eq!((places.cores.available_permits(), places.waiting.available_permits()), (0, 1));
        drop(first);
        assert_eq!(places.cores.available_permits(), 1);
    }
}
