//! A render's place among the cores. Who waits for the network leaves it to others,
//! as long as not too many wait: each of them holds a repository in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Kind, Result};
use crate::registry::Turn;

use super::places::{Place, Places};

/// Calls that may wait for the network without a place.
pub const MOST_WAITING: usize = 16;

/// The place of one render of an application.
#[derive(Debug)]
pub struct Seat {
    places: Arc<Places>,
    application: String,
    runtime: Handle,
    held: Mutex<Option<Place>>,
    waiting: Arc<Semaphore>,
    waits: Mutex<Option<OwnedSemaphorePermit>>,
}

impl Seat {
    /// A seat on `place`. At most as many seats as `waiting` has permits are left.
    pub fn new(places: &Arc<Places>, application: &str, place: Place, waiting: &Arc<Semaphore>) -> Seat {
        Seat {
            places: places.clone(),
            application: application.to_owned(),
            runtime: Handle::current(),
            held: Mutex::new(Some(place)),
            waiting: waiting.clone(),
            waits: Mutex::default(),
        }
    }
}

fn lock<T>(slot: &Mutex<T>) -> MutexGuard<'_, T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Turn for Seat {
    fn give(&self) {
        if let Ok(waits) = self.waiting.clone().try_acquire_owned() {
            *lock(&self.waits) = Some(waits);
            drop(lock(&self.held).take());
        }
    }

    fn take(&self, deadline: Instant) -> Result<()> {
        if lock(&self.held).is_some() {
            return Ok(());
        }
        let again =
            async { tokio::time::timeout_at(deadline.into(), self.places.take(&self.application)).await };
        let place = self.runtime.block_on(again).map_err(|_| {
            Error::new(Kind::Deadline, "the caller's deadline passed while waiting for a free core")
        })?;
        *lock(&self.held) = Some(place);
        *lock(&self.waits) = None;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_waits_leaves_the_core_to_others() {
        let (places, waiting) = (Places::new(1), Arc::new(Semaphore::new(1)));
        let seat = async |name: &str| Arc::new(Seat::new(&places, name, places.take(name).await, &waiting));
        let first = seat("a").await;
        assert_eq!(places.busy(), 1);
        first.give();
        let second = seat("b").await;
        // No more than one may wait: the second keeps its core.
        second.give();
        assert_eq!((places.busy(), waiting.available_permits()), (1, 0));
        second.take(Instant::now()).unwrap();
        let late = first.clone();
        let soon = Instant::now() + Duration::from_millis(20);
        let refused = tokio::task::spawn_blocking(move || late.take(soon)).await.unwrap().unwrap_err();
        assert_eq!(refused.kind, Kind::Deadline);
        drop(second);
        let again = first.clone();
        let soon = Instant::now() + Duration::from_secs(30);
        tokio::task::spawn_blocking(move || again.take(soon)).await.unwrap().unwrap();
        assert_eq!((places.busy(), waiting.available_permits()), (1, 1));
        drop(first);
        assert_eq!(places.busy(), 0);
    }
}
