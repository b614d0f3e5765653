//! What was made of something, found again by what it was made of, within a budget of
//! bytes: what nobody asked for the longest goes first. Threads share it.

use std::borrow::Borrow;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lru::LruCache;

/// Values by their keys. Whoever keeps one says how many bytes it takes.
#[derive(Debug)]
pub struct Kept<K: Hash + Eq, V> {
    known: Mutex<Known<K, V>>,
    budget: u64,
}

#[derive(Debug)]
struct Known<K: Hash + Eq, V> {
    by_key: LruCache<K, (V, u64)>,
    bytes: u64,
    hits: u64,
}

impl<K: Hash + Eq, V: Clone> Kept<K, V> {
    /// None yet; they may take `budget` bytes.
    pub fn new(budget: u64) -> Kept<K, V> {
        Kept { known: Mutex::new(Known { by_key: LruCache::unbounded(), bytes: 0, hits: 0 }), budget }
    }

    /// The value of that key.
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let mut known = self.lock();
        let value = known.by_key.get(key).map(|(value, _)| value.clone())?;
        known.hits += 1;
        Some(value)
    }

    /// The same, not counted as found: for who asks a second time.
    pub fn look<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.lock().by_key.get(key).map(|(value, _)| value.clone())
    }

    /// Whether a value of so many bytes can be kept: no more than all of them may take.
    pub fn takes(&self, bytes: u64) -> bool {
        bytes <= self.budget
    }

    /// Keeps a value, unless it takes more than all of them may.
    pub fn keep(&self, key: K, value: V, bytes: u64) {
        if self.takes(bytes) {
            self.change(key, |_| (value, bytes));
        }
    }

    /// Keeps what `make` makes of the key's value, and how many bytes that takes.
    pub fn change(&self, key: K, make: impl FnOnce(Option<V>) -> (V, u64)) {
        let mut gone = Vec::new();
        let mut known = self.lock();
        let before = known.by_key.pop(&key);
        known.bytes -= before.as_ref().map_or(0, |(_, bytes)| *bytes);
        let (value, bytes) = make(before.map(|(value, _)| value));
        known.bytes += bytes;
        known.by_key.put(key, (value, bytes));
        while known.bytes > self.budget {
            let Some((key, (value, bytes))) = known.by_key.pop_lru() else { break };
            known.bytes -= bytes;
            gone.push((key, value));
        }
        // Freeing takes its time, in which others may look.
        drop(known);
        drop(gone);
    }

    /// The bytes of all that is kept.
    pub fn bytes(&self) -> u64 {
        self.lock().bytes
    }

    /// How often something was found.
    pub fn hits(&self) -> u64 {
        self.lock().hits
    }

    fn lock(&self) -> MutexGuard<'_, Known<K, V>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_holds_and_what_nobody_asks_for_goes_first() {
        let kept = Kept::new(10);
        for (key, bytes) in [("a", 4), ("b", 4), ("too large", 11)] {
            kept.keep(key, bytes, bytes);
        }
        assert_eq!((kept.get("a"), kept.get("too large"), kept.bytes()), (Some(4), None, 8));
        kept.keep("c", 5, 5);
        assert_eq!((kept.get("b"), kept.get("a"), kept.get("c")), (None, Some(4), Some(5)));
        assert_eq!((kept.bytes(), kept.hits()), (9, 3));
    }

    #[test]
    fn a_value_in_the_place_of_another_counts_alone() {
        let kept = Kept::new(10);
        kept.keep("a", 1, 7);
        kept.keep("a", 2, 3);
        assert_eq!((kept.get("a"), kept.bytes()), (Some(2), 3));
        kept.change("a", |before| (before.unwrap_or_default() + 1, 4));
        assert_eq!((kept.get("a"), kept.bytes()), (Some(3), 4));
        kept.change("a", |_| (0, 11));
        assert_eq!((kept.get("a"), kept.bytes()), (None, 0));
    }
}
