//! Plain data that threads can share: what YAML and JSON can say. A render
//! thaws its own copy, since templates change maps in place; a map thaws when
//! something looks into it.

use std::sync::Arc;

use super::fields::Fields;
use super::{IntKind, List, Map, Str, Value};

/// An immutable tree of plain data.
#[derive(Debug, Clone, Default, PartialEq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Frozen {
    #[default]
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Str),
    List(Arc<Vec<Frozen>>),
    Map(Arc<Entries>),
}

/// The entries of an immutable map.
#[derive(Debug, Default, PartialEq)]
pub struct Entries {
    by_key: Fields<Frozen>,
    nulls: bool,
}

impl Entries {
    /// The entries.
    pub fn by_key(&self) -> &Fields<Frozen> {
        &self.by_key
    }

    /// Whether a null is among them or in a map below (what is in lists does not count).
    pub fn has_nulls(&self) -> bool {
        self.nulls
    }
}

impl Frozen {
    /// A map of these entries.
    pub fn map(by_key: Fields<Frozen>) -> Frozen {
        let null = |value: &Frozen| match value {
            Frozen::Nil => true,
            Frozen::Map(entries) => entries.nulls,
            _ => false,
        };
        let nulls = by_key.values().any(null);
        Frozen::Map(Arc::new(Entries { by_key, nulls }))
    }

    /// A deep copy of `value`. Kinds that plain data does not have become nil.
    pub fn freeze(value: &Value) -> Frozen {
        match value {
            Value::Bool(b) => Frozen::Bool(*b),
            Value::Int(n, _) => Frozen::Int(*n),
            Value::Float(n) => Frozen::Float(*n),
            Value::Str(s) => Frozen::Str(s.clone()),
            Value::List(list) => Frozen::List(Arc::new(list.items().iter().map(Frozen::freeze).collect())),
            Value::Map(map) => {
                match map.frozen() {
                    Some(entries) => Frozen::Map(entries),
                    None => Frozen::map(map.with(|entries| {
                        entries.iter().map(|(k, v)| (k.clone(), Frozen::freeze(v))).collect()
                    })),
                }
            }
            _ => Frozen::Nil,
        }
    }

    /// A deep copy that shares no map with any other.
    pub fn thaw(&self) -> Value {
        match self {
            Frozen::Nil => Value::Nil,
            Frozen::Bool(b) => Value::Bool(*b),
            Frozen::Int(n) => Value::Int(*n, IntKind::Int64),
            Frozen::Float(n) => Value::Float(*n),
            Frozen::Str(s) => Value::Str(s.clone()),
            Frozen::List(items) => List::new(items.iter().map(Frozen::thaw).collect()).into(),
            Frozen::Map(entries) => Map::thawing(Arc::clone(entries)).into(),
        }
    }

    /// About how many bytes it takes; none where it nests deeper than `depth` levels.
    pub fn bytes(&self, depth: u32) -> Option<u64> {
        const VALUE: u64 = size_of::<Frozen>() as u64;
        const KEY: u64 = size_of::<Str>() as u64;
        // The counts of whoever shares it, and what the allocator adds.
        const SHARED: u64 = 32;
        let deeper = depth.checked_sub(1);
        let below = match self {
            Frozen::Str(text) => SHARED + text.len() as u64,
            Frozen::List(items) => {
                let items: Option<u64> = items.iter().map(|item| item.bytes(deeper?)).sum();
                SHARED + items?
            }
            Frozen::Map(entries) => {
                let entry = |(key, value): (&Str, &Frozen)| {
                    Some(KEY + SHARED + key.len() as u64 + value.bytes(deeper?)?)
                };
                let entries: Option<u64> = entries.by_key().iter().map(entry).sum();
                SHARED + entries?
            }
            _ => 0,
        };
        Some(VALUE + below)
    }

    /// The entries, if it is a map.
    pub fn as_map(&self) -> Option<&Fields<Frozen>> {
        match self {
            Frozen::Map(entries) => Some(entries.by_key()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_change_alone_and_keep_what_they_are_changed_to() {
        let below = Frozen::map([("n".into(), Frozen::Int(1))].into_iter().collect());
        let list = Frozen::List(Arc::new(vec![below.clone()]));
        let all = Frozen::map([("list".into(), list), ("map".into(), below)].into_iter().collect());
        let (Value::Map(one), Value::Map(other)) = (all.thaw(), all.thaw()) else { panic!() };
        let first =
            |map: &Map| map.get("list").unwrap().as_list().unwrap().items()[0].as_map().unwrap().clone();
        one.get("map").unwrap().as_map().unwrap().insert("n", Value::Nil);
        first(&one).insert("n", Value::Nil);
        assert_eq!(format!("{one:?}"), r#"{"list": List([Map({"n": Nil})]), "map": Map({"n": Nil})}"#);
        let whole = r#"{"list": List([Map({"n": Int(1, Int64)})]), "map": Map({"n": Int(1, Int64)})}"#;
        assert_eq!(format!("{other:?}"), whole);
        assert!(other.frozen().is_some());
        assert_eq!(Frozen::freeze(&other.into()), all);
    }

    #[test]
    fn what_takes_more_counts_more_and_what_nests_too_deeply_not_at_all() {
        let list = |items: Vec<Frozen>| Frozen::List(Arc::new(items));
        let map = |value: Frozen| Frozen::map([("key".into(), value)].into_iter().collect());
        let text = Frozen::Str("x".repeat(1000).as_str().into());
        let bytes = |value: &Frozen| value.bytes(3);
        assert!(bytes(&text) > Some(1000));
        for around in [list(vec![text.clone()]), map(text.clone())] {
            assert!(bytes(&around) > bytes(&text));
            assert!(bytes(&list(vec![around.clone(), Frozen::Nil])) > bytes(&around));
            assert_eq!((map(map(map(around.clone()))).bytes(3), list(vec![around]).bytes(1)), (None, None));
        }
        assert!(list(vec![Frozen::Int(1); 9]).bytes(1) > list(vec![Frozen::Int(1); 8]).bytes(1));
    }

    #[test]
    fn nulls_count_in_maps_and_not_in_lists() {
        let map = |value: Frozen| Frozen::map([("k".into(), value)].into_iter().collect());
        let nulls = |value: Frozen| matches!(value, Frozen::Map(entries) if entries.has_nulls());
        assert!(nulls(map(map(Frozen::Nil))));
        assert!(!nulls(map(Frozen::List(Arc::new(vec![Frozen::Nil, map(Frozen::Nil)])))));
    }
}
