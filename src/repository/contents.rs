//! The contents of files, each kept once however many snapshots hold it: the
//! commits of a repository differ in a few files, and its applications share many.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use super::room::Taken;
use crate::data::Str;
use crate::data::digest::Digest;

/// What is in a file. Clones share it.
#[derive(Debug, Clone)]
pub struct Content(Arc<Stored>);

#[derive(Debug)]
struct Stored {
    data: Str,
    digest: OnceLock<Digest>,
    /// The room that it takes, given back with its last holder.
    _taken: Option<Taken>,
}

impl Content {
    /// The bytes.
    pub fn data(&self) -> &Str {
        &self.0.data
    }

    /// Their SHA-256.
    pub fn digest(&self) -> Digest {
        *self.0.digest.get_or_init(|| Digest::of(self.0.data.as_bytes()))
    }
}

impl<T: Into<Str>> From<T> for Content {
    fn from(data: T) -> Content {
        Content(Arc::new(Stored { data: data.into(), digest: OnceLock::new(), _taken: None }))
    }
}

impl PartialEq for Content {
    fn eq(&self, other: &Content) -> bool {
        self.data() == other.data()
    }
}

impl Eq for Content {}

/// The contents that somebody holds, by digest.
#[derive(Debug, Default)]
pub struct Contents(Mutex<HashMap<Digest, Weak<Stored>>>);

impl Contents {
    /// The content that says the same as `data`, which fills what was `taken`; it is
    /// kept only where nobody has it yet.
    pub fn keep(&self, data: Str, taken: Taken) -> Content {
        let digest = Digest::of(data.as_bytes());
        if let Some(known) = self.lock().get(&digest).and_then(Weak::upgrade) {
            return Content(known);
        }
        let stored = Arc::new(Stored { data, digest: OnceLock::from(digest), _taken: Some(taken) });
        self.lock().insert(digest, Arc::downgrade(&stored));
        Content(stored)
    }

    /// Forgets the names of what nobody holds any more.
    pub fn sweep(&self) {
        self.lock().retain(|_, stored| stored.strong_count() > 0);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Weak<Stored>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::room::Room;

    #[test]
    fn equal_contents_are_one_and_go_with_their_last_holder() {
        let (contents, room) = (Contents::default(), Room::new(100));
        let keep = |text: &str| contents.keep(text.into(), room.take(text.len() as u64).unwrap());
        let (first, second, other) = (keep("same"), keep("same"), keep("other"));
        assert_eq!(first.digest(), Digest::of(b"same"));
        assert_eq!(first.data().as_bytes().as_ptr(), second.data().as_bytes().as_ptr());
        assert_eq!(room.used(), 9);
        drop((first, other));
        assert_eq!(room.used(), 4);
        drop(second);
        assert_eq!(room.used(), 0);
        contents.sweep();
        assert!(contents.lock().is_empty());
    }
}
