//! A chart's values: what the user sets, merged over what the charts default to.

pub mod coalesce;
pub mod json;
pub mod known;
pub mod leaf;
pub mod options;
pub mod path;
pub mod places;
pub mod secrets;
pub mod set;
pub mod show;

#[cfg(test)]
mod tests;

use crate::data::{List, Map, Value};
use crate::error::{Error, Kind, Result};

pub use known::KnownValues;

/// How deeply values may nest; what nests deeper ends in an error. Helm runs
/// out of stack somewhere beyond.
pub const MAX_DEPTH: usize = 10_000;

/// The error of values that nest deeper than [`MAX_DEPTH`].
pub fn too_deep() -> Error {
    Error::new(Kind::Limit, format!("values nest deeper than {MAX_DEPTH} levels"))
}

/// A deep copy of `map` that shares no map with it. Shared tables come apart,
/// as in Helm's own copy; cyclic ones are an error.
pub fn copy_map(map: &Map) -> Result<Map> {
    copy_map_at(map, 0)
}

fn copy_map_at(map: &Map, depth: usize) -> Result<Map> {
    if let Some(entries) = map.frozen() {
        return Ok(Map::thawing(entries));
    }
    map.with(|entries| {
        entries.iter().map(|(k, v)| Ok((k.clone(), copy_at(v, depth)?))).collect::<Result<Vec<_>>>()
    })
    .map(|entries| entries.into_iter().collect())
}

fn copy_at(value: &Value, depth: usize) -> Result<Value> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    Ok(match value {
        Value::Map(map) => copy_map_at(map, depth + 1)?.into(),
        Value::List(list) if list.items().iter().any(Value::is_container) => {
            List::new(list.items().iter().map(|item| copy_at(item, depth + 1)).collect::<Result<_>>()?).into()
        }
        other => other.clone(),
    })
}

/// Helm's MergeMaps: `over` on top of `under`, tables merged, everything else
/// replaced. Changes `under` in place.
pub fn merge_maps(under: &Map, over: &Map) -> Result<()> {
    merge_maps_at(under, over, 0)
}

fn merge_maps_at(under: &Map, over: &Map, depth: usize) -> Result<()> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    for (key, value) in over.entries() {
        match (under.get(&key), &value) {
            (Some(Value::Map(below)), Value::Map(above)) => merge_maps_at(&below, above, depth + 1)?,
            _ => under.insert(key, value),
        }
    }
    Ok(())
}
