//! The entries of a map, in bytewise order of their keys. Most maps have a handful,
//! which lie side by side in one piece of memory; many are in a tree, so that no
//! change of a large map moves all of it.

use std::collections::{BTreeMap, btree_map};
use std::fmt;
use std::{slice, vec};

use super::Str;

/// As many lie side by side.
const FEW: usize = 64;

/// As many are looked through one by one.
const AT_A_GLANCE: usize = 16;

/// Entries by key, each key once.
#[derive(Clone)]
pub struct Fields<V>(Kept<V>);

#[derive(Clone)]
enum Kept<V> {
    Few(Vec<(Str, V)>),
    Many(BTreeMap<Str, V>),
}

impl<V> Fields<V> {
    /// No entries.
    pub const fn new() -> Fields<V> {
        Fields(Kept::Few(Vec::new()))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            Kept::Few(entries) => entries.len(),
            Kept::Many(entries) => entries.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value under `key`.
    pub fn get(&self, key: impl AsRef<[u8]>) -> Option<&V> {
        let key = key.as_ref();
        match &self.0 {
            // Lengths are at hand, and most differ.
            Kept::Few(entries) if entries.len() <= AT_A_GLANCE => {
                entries.iter().find(|(own, _)| own.as_bytes() == key).map(|(_, value)| value)
            }
            Kept::Few(entries) => {
                let at = place(entries, key).ok()?;
                entries.get(at).map(|(_, value)| value)
            }
            Kept::Many(entries) => entries.get(key),
        }
    }

    /// Whether `key` is there.
    pub fn contains_key(&self, key: impl AsRef<[u8]>) -> bool {
        self.get(key).is_some()
    }

    /// Sets `key`; gives what was there.
    pub fn insert(&mut self, key: Str, value: V) -> Option<V> {
        match &mut self.0 {
            Kept::Few(entries) => match place(entries, key.as_bytes()) {
                Ok(at) => entries.get_mut(at).map(|(_, old)| std::mem::replace(old, value)),
                Err(at) => {
                    entries.insert(at, (key, value));
                    self.grown();
                    None
                }
            },
            Kept::Many(entries) => entries.insert(key, value),
        }
    }

    /// Takes `key` out; gives what was there.
    pub fn remove(&mut self, key: impl AsRef<[u8]>) -> Option<V> {
        let key = key.as_ref();
        match &mut self.0 {
            Kept::Few(entries) => {
                let at = place(entries, key).ok()?;
                Some(entries.remove(at).1)
            }
            Kept::Many(entries) => entries.remove(key),
        }
    }

    /// The entries.
    pub fn iter(&self) -> Iter<'_, V> {
        match &self.0 {
            Kept::Few(entries) => Iter::Few(entries.iter()),
            Kept::Many(entries) => Iter::Many(entries.iter()),
        }
    }

    /// The keys.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Str> {
        self.iter().map(|(key, _)| key)
    }

    /// The values, in the order of the keys.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// The values, in the order of the keys.
    pub fn into_values(self) -> impl ExactSizeIterator<Item = V> {
        self.into_iter().map(|(_, value)| value)
    }

    fn grown(&mut self) {
        if let Kept::Few(entries) = &mut self.0
            && entries.len() > FEW
        {
            self.0 = Kept::Many(std::mem::take(entries).into_iter().collect());
        }
    }
}

/// Where `key` is, or belongs.
fn place<V>(entries: &[(Str, V)], key: &[u8]) -> Result<usize, usize> {
    entries.binary_search_by(|(own, _)| own.as_bytes().cmp(key))
}

impl<V> Default for Fields<V> {
    fn default() -> Fields<V> {
        Fields::new()
    }
}

impl<V: PartialEq> PartialEq for Fields<V> {
    fn eq(&self, other: &Fields<V>) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl<V: fmt::Debug> fmt::Debug for Fields<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Of two entries with one key the later one stays.
impl<V> From<Vec<(Str, V)>> for Fields<V> {
    fn from(mut entries: Vec<(Str, V)>) -> Fields<V> {
        if !entries.is_sorted_by(|(one, _), (next, _)| one < next) {
            entries.reverse();
            entries.sort_by(|(one, _), (other, _)| one.cmp(other));
            entries.dedup_by(|(later, _), (first, _)| later == first);
        }
        let mut fields = Fields(Kept::Few(entries));
        fields.grown();
        fields
    }
}

impl<V> FromIterator<(Str, V)> for Fields<V> {
    fn from_iter<I: IntoIterator<Item = (Str, V)>>(entries: I) -> Fields<V> {
        entries.into_iter().collect::<Vec<_>>().into()
    }
}

/// Entries that are looked at.
#[derive(Debug, Clone)]
pub enum Iter<'a, V> {
    /// Of those side by side.
    Few(slice::Iter<'a, (Str, V)>),
    /// Of a tree.
    Many(btree_map::Iter<'a, Str, V>),
}

impl<'a, V> Iterator for Iter<'a, V> {
    type Item = (&'a Str, &'a V);

    fn next(&mut self) -> Option<(&'a Str, &'a V)> {
        match self {
            Iter::Few(entries) => entries.next().map(|(key, value)| (key, value)),
            Iter::Many(entries) => entries.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Iter::Few(entries) => entries.size_hint(),
            Iter::Many(entries) => entries.size_hint(),
        }
    }
}

impl<V> DoubleEndedIterator for Iter<'_, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        match self {
            Iter::Few(entries) => entries.next_back().map(|(key, value)| (key, value)),
            Iter::Many(entries) => entries.next_back(),
        }
    }
}

impl<V> ExactSizeIterator for Iter<'_, V> {}

impl<'a, V> IntoIterator for &'a Fields<V> {
    type Item = (&'a Str, &'a V);
    type IntoIter = Iter<'a, V>;

    fn into_iter(self) -> Iter<'a, V> {
        self.iter()
    }
}

/// Entries that are taken apart.
#[derive(Debug)]
pub enum IntoIter<V> {
    /// Those side by side.
    Few(vec::IntoIter<(Str, V)>),
    /// Those of a tree.
    Many(btree_map::IntoIter<Str, V>),
}

impl<V> Iterator for IntoIter<V> {
    type Item = (Str, V);

    fn next(&mut self) -> Option<(Str, V)> {
        match self {
            IntoIter::Few(entries) => entries.next(),
            IntoIter::Many(entries) => entries.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            IntoIter::Few(entries) => entries.size_hint(),
            IntoIter::Many(entries) => entries.size_hint(),
        }
    }
}

impl<V> ExactSizeIterator for IntoIter<V> {}

impl<V> IntoIterator for Fields<V> {
    type Item = (Str, V);
    type IntoIter = IntoIter<V>;

    fn into_iter(self) -> IntoIter<V> {
        match self.0 {
            Kept::Few(entries) => IntoIter::Few(entries.into_iter()),
            Kept::Many(entries) => IntoIter::Many(entries.into_iter()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        /// The same steps on a tree of the standard library.
        #[test]
        fn it_does_what_a_tree_does(
            start in proptest::collection::vec(("[a-d]{0,3}", 0..9), 0..100),
            steps in proptest::collection::vec(("[a-d]{0,3}", proptest::option::of(0..9)), 0..100),
        ) {
            let start = start.into_iter().map(|(key, value)| (Str::from(key), value));
            let mut tree: BTreeMap<Str, i32> = start.clone().collect();
            let mut fields: Fields<i32> = start.collect();
            for (key, value) in steps {
                let key = Str::from(key);
                assert_eq!(fields.get(key.as_bytes()), tree.get(&key));
                match value {
                    Some(value) => assert_eq!(fields.insert(key.clone(), value), tree.insert(key, value)),
                    None => assert_eq!(fields.remove(key.as_bytes()), tree.remove(&key)),
                }
                assert_eq!(fields.len(), tree.len());
            }
            assert!(fields.iter().eq(tree.iter()));
            assert!(fields.iter().rev().eq(tree.iter().rev()));
            assert!(fields.into_iter().eq(tree));
        }
    }
}
