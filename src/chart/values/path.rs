//! Dotted paths into values, as conditions, tags and import-values name them.

use crate::data::{Map, Value};
use crate::template::print::quote;

/// The table under a dotted path (Helm's `Values.Table`), or the part of the
/// path that is no table.
pub fn table(values: &Map, path: &str) -> Result<Map, String> {
    let mut at = values.clone();
    for part in path.split('.') {
        match at.get(part) {
            Some(Value::Map(next)) => at = next,
            _ => return Err(format!("{} is not a table", quote(part.as_bytes()))),
        }
    }
    Ok(at)
}

/// The value under a dotted path that is no table (Helm's `Values.PathValue`).
pub fn value(values: &Map, path: &str) -> Option<Value> {
    let (holder, key) = match path.rsplit_once('.') {
        Some((tables, key)) => (table(values, tables).ok()?, key),
        None => (values.clone(), path),
    };
    holder.get(key).filter(|value| value.as_map().is_none())
}

/// `data` nested in one new table for each part of `path`; `.` is `data` itself.
pub fn nest(path: &str, data: Map) -> Map {
    if path == "." {
        return data;
    }
    path.rsplit('.').fold(data, |inner, key| [(key, Value::Map(inner))].into_iter().collect())
}
