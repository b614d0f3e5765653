//! One place a core, given out in turn: the applications that wait take turns, and
//! each one's calls in their order, so that an application with many calls does not
//! keep the others waiting.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// The places, and who waits for one.
#[derive(Debug)]
pub struct Places {
    cores: usize,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    free: usize,
    /// The applications that wait, the next one first.
    waiting: VecDeque<(String, VecDeque<oneshot::Sender<Place>>)>,
}

/// A place; dropping it passes it on.
#[derive(Debug)]
pub struct Place(Option<Arc<Places>>);

impl Places {
    /// So many places as the machine has cores.
    pub fn new(cores: usize) -> Arc<Places> {
        Arc::new(Places { cores, state: Mutex::new(State { free: cores, waiting: VecDeque::new() }) })
    }

    /// A place for the application, as soon as it is its turn. Whoever stops waiting
    /// is passed over.
    pub async fn take(self: &Arc<Places>, application: &str) -> Place {
        loop {
            // The sender is never dropped without a place in it, unless it is passed over.
            let Some(waiting) = self.ask(application) else { return Place(Some(self.clone())) };
            if let Ok(place) = waiting.await {
                return place;
            }
        }
    }

    fn ask(&self, application: &str) -> Option<oneshot::Receiver<Place>> {
        let mut state = self.lock();
        if state.free > 0 {
            state.free -= 1;
            return None;
        }
        let (send, receive) = oneshot::channel();
        match state.waiting.iter_mut().find(|(name, _)| name == application) {
            Some((_, queue)) => queue.push_back(send),
            None => state.waiting.push_back((application.to_owned(), [send].into())),
        }
        Some(receive)
    }

    /// Who is next; where nobody waits, the place is free.
    fn next(&self) -> Option<oneshot::Sender<Place>> {
        let mut state = self.lock();
        let Some((name, mut queue)) = state.waiting.pop_front() else {
            state.free += 1;
            return None;
        };
        let next = queue.pop_front();
        if !queue.is_empty() {
            state.waiting.push_back((name, queue));
        }
        next
    }

    /// How many cores work.
    pub fn busy(&self) -> usize {
        self.cores - self.lock().free
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(places) = self.0.take() else { return };
        while let Some(next) = places.next() {
            match next.send(Place(Some(places.clone()))) {
                Ok(()) => return,
                // It stopped waiting; this place goes to the one behind it.
                Err(mut place) => drop(place.0.take()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn applications_take_turns_and_who_left_is_passed_over() {
        let places = Places::new(1);
        let first = places.take("a").await;
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut waiting = Vec::new();
        for (application, number) in [("a", 1), ("a", 2), ("a", 3), ("b", 4), ("c", 5)] {
            let (places, order) = (places.clone(), order.clone());
            waiting.push(tokio::spawn(async move {
                let place = places.take(application).await;
                order.lock().unwrap().push(number);
                drop(place);
            }));
            tokio::task::yield_now().await;
        }
        waiting[2].abort();
        tokio::task::yield_now().await;
        assert_eq!(places.busy(), 1);
        drop(first);
        for task in waiting {
            let _ = task.await;
        }
        assert_eq!(*order.lock().unwrap(), [1, 4, 5, 2]);
        assert_eq!(places.busy(), 0);
    }
}
