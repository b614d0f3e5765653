//! Plain data that threads can share: what YAML and JSON can say. A render
//! thaws its own copy, since templates change maps in place.

use std::collections::BTreeMap;
use std::sync::Arc;

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
    Map(Arc<BTreeMap<Str, Frozen>>),
}

impl Frozen {
    /// A deep copy of `value`. Kinds that plain data does not have become nil.
    pub fn freeze(value: &Value) -> Frozen {
        match value {
            Value::Bool(b) => Frozen::Bool(*b),
            Value::Int(n, _) => Frozen::Int(*n),
            Value::Float(n) => Frozen::Float(*n),
            Value::Str(s) => Frozen::Str(s.clone()),
            Value::List(list) => Frozen::List(Arc::new(list.items().iter().map(Frozen::freeze).collect())),
            Value::Map(map) => Frozen::Map(Arc::new(
                map.with(|entries| entries.iter().map(|(k, v)| (k.clone(), Frozen::freeze(v))).collect()),
            )),
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
            Frozen::Map(entries) => {
                entries.iter().map(|(k, v)| (k.clone(), v.thaw())).collect::<Map>().into()
            }
        }
    }

    /// The entries, if it is a map.
    pub fn as_map(&self) -> Option<&BTreeMap<Str, Frozen>> {
        match self {
            Frozen::Map(entries) => Some(entries),
            _ => None,
        }
    }
}
