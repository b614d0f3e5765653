//! The leaves of values: what is set in the end, by its path in the grammar of
//! `--set`.

use super::{MAX_DEPTH, too_deep};
use crate::data::yaml::Step;
use crate::data::{Map, Value};
use crate::error::Result;

/// A value that has no parts, and the way to it.
pub type Leaf = (Vec<Step>, Value);

/// Every leaf in the order of the keys. An empty table or list is one itself.
///
/// # Errors
/// The values nest too deeply.
pub fn leaves(values: &Map) -> Result<Vec<Leaf>> {
    let mut found = Vec::new();
    let mut path = Vec::new();
    for (key, value) in values.entries() {
        path.push(Step::Key(key.to_string()));
        collect(&value, &mut path, &mut found)?;
        path.pop();
    }
    Ok(found)
}

fn collect(value: &Value, path: &mut Vec<Step>, found: &mut Vec<Leaf>) -> Result<()> {
    if path.len() > MAX_DEPTH {
        return Err(too_deep());
    }
    let parts: Vec<(Step, Value)> = match value {
        Value::Map(map) => map.entries().into_iter().map(|(k, v)| (Step::Key(k.to_string()), v)).collect(),
        Value::List(list) => {
            list.items().iter().cloned().enumerate().map(|(i, v)| (Step::Index(i), v)).collect()
        }
        _ => Vec::new(),
    };
    if parts.is_empty() {
        found.push((path.clone(), value.clone()));
    }
    for (step, part) in parts {
        path.push(step);
        collect(&part, path, found)?;
        path.pop();
    }
    Ok(())
}

/// What is at a path.
pub fn at(values: &Map, path: &[Step]) -> Option<Value> {
    path.iter().try_fold(Value::Map(values.clone()), |value, step| match (value, step) {
        (Value::Map(map), Step::Key(key)) => map.get(key),
        (Value::List(list), Step::Index(index)) => list.items().get(*index).cloned(),
        _ => None,
    })
}

/// The path as `--set` reads it: `image.tag`, `args[0]`, `a\.b`.
pub fn show(path: &[Step]) -> String {
    let mut out = String::new();
    for step in path {
        match step {
            Step::Index(index) => out.push_str(&format!("[{index}]")),
            Step::Key(key) => {
                if !out.is_empty() {
                    out.push('.');
                }
                for c in key.chars() {
                    if matches!(c, '.' | ',' | '=' | '[' | '\\') {
                        out.push('\\');
                    }
                    out.push(c);
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::values::set;

    #[test]
    fn leaves_are_found_again_by_their_paths() {
        let text = "a: {b.c: 1, d: [x, {e: null}], f: {}}\ng: []\n'h=[,\\': true\n";
        let values = crate::chart::load::values(text.as_bytes()).unwrap();
        let found = leaves(&values).unwrap();
        let paths: Vec<String> = found.iter().map(|(path, _)| show(path)).collect();
        assert_eq!(paths, [r"a.b\.c", "a.d[0]", "a.d[1].e", "a.f", "g", r"h\=\[\,\\"]);
        let again = Map::new();
        for (path, value) in &found {
            assert!(at(&values, path).unwrap().deep_equal(value));
            let json = crate::data::json::write(value, false, 100).unwrap();
            let json = String::from_utf8(json).unwrap();
            set::set_json(&format!("{}={json}", show(path)), &again).unwrap();
        }
        assert!(Value::Map(again).deep_equal(&Value::Map(values)));
    }
}
