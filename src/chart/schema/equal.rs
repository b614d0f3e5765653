//! Equality of JSON values, numbers by their worth.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::number::Decimal;
use crate::chart::values::json::Json;

/// Whether two values are equal; 1, 1.0 and 1e0 are.
pub fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| same(value, other)))
        }
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Null, Json::Null) => true,
        (Json::Bool(a), Json::Bool(b)) => a == b,
        (Json::String(a), Json::String(b)) => a == b,
        _ => match (Decimal::of(a), Decimal::of(b)) {
            (Some(a), Some(b)) => a == b,
            _ => false,
        },
    }
}

/// The first two items that are equal.
pub fn duplicates(items: &[Json]) -> Option<(usize, usize)> {
    let mut seen: HashMap<u64, Vec<usize>> = HashMap::new();
    for (i, item) in items.iter().enumerate() {
        let mut hasher = DefaultHasher::new();
        hash(item, &mut hasher);
        let alike = seen.entry(hasher.finish()).or_default();
        let first = alike.iter().find(|at| items.get(**at).is_some_and(|other| same(item, other)));
        if let Some(first) = first {
            return Some((*first, i));
        }
        alike.push(i);
    }
    None
}

fn hash(value: &Json, hasher: &mut DefaultHasher) {
    match value {
        Json::Object(entries) => {
            for (key, item) in entries {
                key.hash(hasher);
                hash(item, hasher);
            }
        }
        Json::Array(items) => items.iter().for_each(|item| hash(item, hasher)),
        Json::Null => 2.hash(hasher),
        Json::Bool(b) => b.hash(hasher),
        Json::String(text) => text.hash(hasher),
        number => {
            // Equal numbers have equal floats.
            if let Some(n) = Decimal::of(number) {
                n.to_f64().to_bits().hash(hasher);
            }
        }
    }
}
