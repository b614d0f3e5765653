//! Room in memory: so many bytes, taken before they are filled, given back when
//! what fills them goes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of memory for one purpose.
#[derive(Debug)]
pub struct Room {
    size: u64,
    used: AtomicU64,
}

/// Bytes that were taken; dropping gives them back.
#[derive(Debug)]
pub struct Taken {
    room: Arc<Room>,
    bytes: u64,
}

impl Room {
    /// Room for `size` bytes.
    pub fn new(size: u64) -> Arc<Room> {
        Arc::new(Room { size, used: AtomicU64::new(0) })
    }

    /// Takes `bytes`, if they are free.
    pub fn take(self: &Arc<Room>, bytes: u64) -> Option<Taken> {
        let more = |used: u64| used.checked_add(bytes).filter(|used| *used <= self.size);
        self.used.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).ok()?;
        Some(Taken { room: self.clone(), bytes })
    }

    /// All of it.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The bytes that are taken.
    pub fn used(&self) -> u64 {
        self.used.load(Ordering::Acquire)
    }
}

impl Taken {
    /// Joins what was taken of the same room.
    pub fn join(&mut self, mut other: Taken) {
        self.bytes += std::mem::take(&mut other.bytes);
    }

    /// How many bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.room.used.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_taken_than_there_is() {
        let room = Room::new(10);
        let mut first = room.take(6).unwrap();
        assert!(room.take(5).is_none() && room.take(u64::MAX).is_none());
        first.join(room.take(4).unwrap());
        assert_eq!((first.bytes(), room.used()), (10, 10));
        drop(first);
        assert_eq!(room.used(), 0);
    }
}
