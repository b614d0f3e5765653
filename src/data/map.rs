//! Go's map with string keys: shared by reference and changed in place, as
//! `set`, `unset` and `merge` need it.

use std::cell::{Ref, RefCell, RefMut};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use super::fields::Fields;
use super::frozen::Entries;
use super::list::unravel;
use super::object::{Method, Ty};
use super::{Str, Value};

/// The Go type of a map.
#[derive(Debug)]
pub struct MapType {
    /// What `%T` prints, such as `map[string]interface {}`.
    pub name: &'static str,
    /// The type of the elements; it decides what a missing key reads as.
    pub elem: Ty,
    /// The methods a template may call on it.
    pub methods: &'static [Method],
}

/// `map[string]interface {}`
pub static MAP_ANY: MapType = MapType { name: "map[string]interface {}", elem: Ty::Any, methods: &[] };
/// `map[string]string`
pub static MAP_STRING: MapType = MapType { name: "map[string]string", elem: Ty::Str, methods: &[] };

struct Data {
    nil: bool,
    content: RefCell<Content>,
}

#[derive(Default)]
struct Content {
    entries: Fields<Value>,
    /// Where the entries come from, as long as nobody has looked at them.
    pending: Option<Pending>,
}

enum Pending {
    /// Shared with copies.
    Frozen(Arc<Entries>),
    Made(Box<dyn FnOnce() -> Fields<Value>>),
}

impl Content {
    fn of(entries: Fields<Value>) -> Content {
        Content { entries, pending: None }
    }

    fn later(pending: Pending) -> Content {
        Content { entries: Fields::new(), pending: Some(pending) }
    }

    /// The entries as its own ones: the maps below thaw when they are looked at.
    fn thaw(&mut self) -> &mut Fields<Value> {
        match self.pending.take() {
            Some(Pending::Frozen(frozen)) => {
                self.entries = frozen.by_key().iter().map(|(k, v)| (k.clone(), v.thaw())).collect();
            }
            Some(Pending::Made(make)) => self.entries = make(),
            None => {}
        }
        &mut self.entries
    }
}

/// A reference to a map. Cloning shares it; [`Map::shallow_copy`] copies it.
/// Iteration is in bytewise order of the keys, as Go's templates range over maps.
#[derive(Clone)]
pub struct Map {
    ty: &'static MapType,
    data: Rc<Data>,
}

impl Map {
    /// An empty `map[string]interface {}`.
    pub fn new() -> Map {
        Map::typed(&MAP_ANY, Fields::new())
    }

    /// A map of the given Go type with these entries.
    pub fn typed(ty: &'static MapType, entries: Fields<Value>) -> Map {
        Map { ty, data: Rc::new(Data { nil: false, content: RefCell::new(Content::of(entries)) }) }
    }

    /// A nil map of the given Go type: empty, and written as `null`.
    pub fn nil(ty: &'static MapType) -> Map {
        Map { ty, data: Rc::new(Data { nil: true, content: RefCell::default() }) }
    }

    /// A `map[string]interface {}` that copies `frozen` only as far as it is looked at.
    pub fn thawing(frozen: Arc<Entries>) -> Map {
        let content = Content::later(Pending::Frozen(frozen));
        Map { ty: &MAP_ANY, data: Rc::new(Data { nil: false, content: RefCell::new(content) }) }
    }

    /// A map of the given Go type whose entries are made when it is looked at.
    pub fn made_later(ty: &'static MapType, make: impl FnOnce() -> Fields<Value> + 'static) -> Map {
        let content = Content::later(Pending::Made(Box::new(make)));
        Map { ty, data: Rc::new(Data { nil: false, content: RefCell::new(content) }) }
    }

    /// What the map is a copy of, if nobody has looked at it yet.
    pub fn frozen(&self) -> Option<Arc<Entries>> {
        match &self.data.content.borrow().pending {
            Some(Pending::Frozen(frozen)) => Some(Arc::clone(frozen)),
            _ => None,
        }
    }

    fn read(&self) -> Ref<'_, Fields<Value>> {
        if self.data.content.borrow().pending.is_some() {
            self.data.content.borrow_mut().thaw();
        }
        Ref::map(self.data.content.borrow(), |content| &content.entries)
    }

    fn change(&self) -> RefMut<'_, Fields<Value>> {
        RefMut::map(self.data.content.borrow_mut(), Content::thaw)
    }

    /// The Go type.
    pub fn ty(&self) -> &'static MapType {
        self.ty
    }

    /// The same map (changes are shared) under another Go type with the same
    /// elements, as Go's assignment between a named map type and its plain one.
    #[must_use]
    pub fn retyped(&self, ty: &'static MapType) -> Map {
        Map { ty, data: Rc::clone(&self.data) }
    }

    /// Whether this is Go's nil map.
    pub fn is_nil(&self) -> bool {
        self.data.nil
    }

    /// The value under `key`, if the key is there.
    pub fn get(&self, key: impl AsRef<[u8]>) -> Option<Value> {
        self.read().get(key.as_ref()).cloned()
    }

    /// Whether the key is there.
    pub fn contains(&self, key: impl AsRef<[u8]>) -> bool {
        self.read().contains_key(key.as_ref())
    }

    /// Sets `key` in place; every holder of the map sees it.
    pub fn insert(&self, key: impl Into<Str>, value: Value) {
        self.change().insert(key.into(), value);
    }

    /// Removes `key` in place and returns what was there.
    pub fn remove(&self, key: impl AsRef<[u8]>) -> Option<Value> {
        self.change().remove(key.as_ref())
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.read().len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.read().is_empty()
    }

    /// The keys, in bytewise order.
    pub fn keys(&self) -> Vec<Str> {
        self.read().keys().cloned().collect()
    }

    /// A snapshot of the entries in bytewise order of the keys, safe to walk
    /// while the map changes.
    pub fn entries(&self) -> Vec<(Str, Value)> {
        self.read().iter().map(|(k, v)| (k.clone(), v.clone())).collect()
    }

    /// Reads the entries without copying them. `read` must not change this map.
    pub fn with<R>(&self, read: impl FnOnce(&Fields<Value>) -> R) -> R {
        read(&self.read())
    }

    /// A new map of the same type with the same values (nested ones are shared).
    pub fn shallow_copy(&self) -> Map {
        Map::typed(self.ty, self.read().clone())
    }

    /// Whether both are the same map in memory.
    pub fn same(&self, other: &Map) -> bool {
        Rc::ptr_eq(&self.data, &other.data)
    }

    /// The address, for cycle checks.
    pub fn address(&self) -> usize {
        Rc::as_ptr(&self.data).addr()
    }

    /// Takes the entries out if nobody else holds the map.
    pub(super) fn into_children(self) -> Option<Fields<Value>> {
        let data = Rc::into_inner(self.data)?;
        Some(data.content.take().entries)
    }
}

impl Default for Map {
    fn default() -> Self {
        Map::new()
    }
}

impl<K: Into<Str>> FromIterator<(K, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(entries: I) -> Self {
        Map::typed(&MAP_ANY, entries.into_iter().map(|(k, v)| (k.into(), v)).collect())
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(content) = self.data.content.try_borrow() else { return f.write_str("{…}") };
        match &content.pending {
            Some(Pending::Frozen(frozen)) => {
                f.debug_map().entries(frozen.by_key().iter().map(|(k, v)| (k, v.thaw()))).finish()
            }
            Some(Pending::Made(_)) => f.write_str("{…}"),
            None => f.debug_map().entries(content.entries.iter()).finish(),
        }
    }
}

/// Nesting is as deep as the input says, so nested containers are taken apart
/// in a loop: a native recursion would overflow the stack.
impl Drop for Data {
    fn drop(&mut self) {
        let content = self.content.take();
        unravel(content.entries.into_values());
    }
}
