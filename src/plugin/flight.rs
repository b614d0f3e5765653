//! Work that several calls want at the same time, done once.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::OnceCell;

use crate::error::{Error, Kind, Result};

/// Work that is under way, by what it is about.
#[derive(Debug)]
pub struct Flights<K, T>(Mutex<HashMap<K, Flight<T>>>);

/// The result is there as long as a call waits for it.
type Flight<T> = Weak<OnceCell<Result<T>>>;

impl<K, T> Default for Flights<K, T> {
    fn default() -> Self {
        Flights(Mutex::default())
    }
}

impl<K: Eq + Hash + Clone, T: Clone> Flights<K, T> {
    /// The result of `work`, or of the same work that another call has begun. What
    /// is wrong with that call alone (its deadline, its client) is not given to
    /// others: one of them begins again.
    ///
    /// # Errors
    /// Those of `work`.
    pub async fn join(&self, about: &K, work: impl Future<Output = Result<T>>) -> Result<T> {
        let flight = {
            let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            flights.retain(|_, flight| flight.strong_count() > 0);
            flights.get(about).and_then(Weak::upgrade).unwrap_or_else(|| {
                let flight = Arc::new(OnceCell::new());
                flights.insert(about.clone(), Arc::downgrade(&flight));
                flight
            })
        };
        let lasting = async {
            match work.await {
                Err(error) if !lasts(error.kind) => Err(error),
                result => Ok(result),
            }
        };
        match flight.get_or_try_init(|| lasting).await? {
            Ok(done) => Ok(done.clone()),
            Err(error) => Err(again(error)),
        }
    }
}

/// Whether the same work would fail the same way for another call.
fn lasts(kind: Kind) -> bool {
    !matches!(kind, Kind::Deadline | Kind::Cancelled | Kind::Io | Kind::Internal)
}

fn again(error: &Error) -> Error {
    let Error { kind, message, place, hint, source: _ } = error;
    Error { kind: *kind, message: message.clone(), place: place.clone(), hint: hint.clone(), source: None }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn work_is_done_once_and_again_where_a_call_alone_failed() {
        let flights = Flights::default();
        let done = AtomicUsize::new(0);
        let done = &done;
        let counted = |fails: Option<Kind>| async move {
            done.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            fails.map_or(Ok(1), |kind| Err(Error::new(kind, "no")))
        };
        let (a, b, c) = tokio::join!(
            flights.join(&"x", counted(None)),
            flights.join(&"x", counted(None)),
            flights.join(&"y", counted(None))
        );
        assert_eq!((a.unwrap(), b.unwrap(), c.unwrap(), done.load(Ordering::Relaxed)), (1, 1, 1, 2));
        let (failed, good) = tokio::join!(
            flights.join(&"x", counted(Some(Kind::Deadline))),
            flights.join(&"x", counted(None))
        );
        assert_eq!((failed.is_err(), good.unwrap(), done.load(Ordering::Relaxed)), (true, 1, 4));
        let (failed, too) =
            tokio::join!(flights.join(&"x", counted(Some(Kind::Corrupt))), flights.join(&"x", counted(None)));
        assert_eq!((failed.unwrap_err().message, too.unwrap_err().message), ("no".into(), "no".into()));
        assert_eq!(done.load(Ordering::Relaxed), 5);
    }
}
