//! A YAML document into typed fields, as sigs.k8s.io/yaml and encoding/json do
//! it: names in any case, scalars where strings are wanted, null leaves a field
//! alone, a second document is read over the first, and Go's error texts.

use std::sync::Arc;

use crate::data::number::format_g;
use crate::data::yaml::{self, Numbers, YamlError};
use crate::data::{Frozen, Map, Str, Value};

/// A value of the wrong kind, and the way to it (innermost name first).
#[derive(Debug)]
pub struct Mismatch {
    value: &'static str,
    go_type: &'static str,
    path: Vec<String>,
}

impl Mismatch {
    /// `value` where a `go_type` was wanted.
    pub fn new(value: &Value, go_type: &'static str) -> Mismatch {
        Mismatch { value: json_kind(value), go_type, path: Vec::new() }
    }

    fn within(mut self, name: impl Into<String>) -> Mismatch {
        self.path.push(name.into());
        self
    }

    /// Go's message. Only a path that does not end in a number is a field's.
    fn message(&self) -> String {
        let value = self.value;
        let go_type = self.go_type;
        let Some(last) = self.path.first() else {
            return format!("json: cannot unmarshal {value} into Go value of type {go_type}");
        };
        let field = if last.bytes().all(|b| b.is_ascii_digit()) { "" } else { "Go struct field " };
        let path: String = self
            .path
            .iter()
            .rev()
            .flat_map(|name| [".".to_owned(), name.replace('~', "~0").replace('/', "~1")])
            .collect();
        format!("json: cannot unmarshal {value} into {field}{path} of type {go_type}")
    }
}

/// What reading a field comes to.
pub type Decoded = Result<(), Mismatch>;

fn json_kind(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "bool",
        Value::Str(_) | Value::Bytes(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) | Value::Object(_) => "object",
        Value::Nil => "null",
        _ => "number",
    }
}

/// Reads the first document of `text` and hands its fields to `field`, one by
/// one in the order of Go's JSON. `go_type` is what the whole becomes.
///
/// # Errors
/// The text of `yaml.Unmarshal`.
pub fn unmarshal(
    text: &[u8],
    go_type: &'static str,
    field: impl FnMut(&str, &Value) -> Decoded,
) -> Result<(), String> {
    unmarshal_some(text, go_type, |_| true, field)
}

/// The same where only some fields are wanted: others may be left out.
fn unmarshal_some(
    text: &[u8],
    go_type: &'static str,
    wanted: fn(&[u8]) -> bool,
    field: impl FnMut(&str, &Value) -> Decoded,
) -> Result<(), String> {
    let value = yaml::parse_some(text, Numbers::Exact, wanted).map_err(conversion)?;
    object(&value, go_type, field).map_err(|mismatch| json_error(&mismatch.message()))
}

/// The `apiVersion` of a Chart.yaml, which Helm looks at before all else.
///
/// # Errors
/// The text of `yaml.Unmarshal`.
pub fn api_version(text: &[u8]) -> Result<String, String> {
    let mut version = String::new();
    let wanted = |name: &[u8]| name.eq_ignore_ascii_case(b"apiVersion");
    unmarshal_some(text, "loader.chartBase", wanted, |name, value| match name {
        _ if is(name, "apiVersion") => string(value, &mut version),
        _ => Ok(()),
    })?;
    Ok(version)
}

/// Reads the first document of `text` as a map of anything; null is empty.
///
/// # Errors
/// The text of `yaml.Unmarshal`.
pub fn unmarshal_map(text: &[u8]) -> Result<Map, String> {
    match yaml::parse_frozen(text).map_err(conversion)?.thaw() {
        Value::Map(map) => Ok(map),
        Value::Nil => Ok(Map::new()),
        other => Err(json_error(&Mismatch::new(&other, "map[string]interface {}").message())),
    }
}

fn conversion(error: YamlError) -> String {
    format!("error converting YAML to JSON: {error}")
}

/// The words around an error of encoding/json.
pub fn json_error(message: &str) -> String {
    format!("error unmarshaling JSON: while decoding JSON: {message}")
}

/// A struct: calls `field` for each name.
pub fn object(
    value: &Value,
    go_type: &'static str,
    mut field: impl FnMut(&str, &Value) -> Decoded,
) -> Decoded {
    match value {
        Value::Nil => Ok(()),
        Value::Map(map) => map.with(|entries| {
            entries.iter().try_for_each(|(name, value)| {
                let name = name.to_str_lossy();
                field(&name, value).map_err(|mismatch| mismatch.within(name))
            })
        }),
        other => Err(Mismatch::new(other, go_type)),
    }
}

/// `string`: any scalar.
pub fn string(value: &Value, into: &mut String) -> Decoded {
    *into = match value {
        Value::Nil => return Ok(()),
        Value::Str(s) => s.to_str_lossy().into_owned(),
        Value::Bool(b) => b.to_string(),
        Value::Int(n, _) => n.to_string(),
        Value::Uint(n, _) => n.to_string(),
        Value::Float(n) => format_g(*n),
        other => return Err(Mismatch::new(other, "string")),
    };
    Ok(())
}

/// `bool`: only a bool.
pub fn boolean(value: &Value, into: &mut bool) -> Decoded {
    match value {
        Value::Nil => {}
        Value::Bool(b) => *into = *b,
        other => return Err(Mismatch::new(other, "bool")),
    }
    Ok(())
}

/// A slice. Go reads an element over the one that an earlier document left in
/// its place.
pub fn list<T: Default>(
    value: &Value,
    go_type: &'static str,
    into: &mut Option<Vec<T>>,
    mut element: impl FnMut(&Value, &mut T) -> Decoded,
) -> Decoded {
    let items = match value {
        Value::Nil => {
            *into = None;
            return Ok(());
        }
        Value::List(items) => items.items(),
        other => return Err(Mismatch::new(other, go_type)),
    };
    let mut out = into.take().unwrap_or_default();
    out.resize_with(items.len(), T::default);
    for (i, (item, own)) in items.iter().zip(&mut out).enumerate() {
        element(item, own).map_err(|mismatch| mismatch.within(i.to_string()))?;
    }
    *into = Some(out);
    Ok(())
}

/// A pointer to a struct in a slice: null is nil.
pub fn pointer<T: Default>(
    value: &Value,
    into: &mut Option<T>,
    read: impl FnOnce(&Value, &mut T) -> Decoded,
) -> Decoded {
    if value.is_nil() {
        *into = None;
        return Ok(());
    }
    read(value, into.get_or_insert_default())
}

/// `[]string`
pub fn strings(value: &Value, into: &mut Option<Vec<String>>) -> Decoded {
    list(value, "[]string", into, string)
}

/// `map[string]string`, read over what is there.
pub fn string_map(value: &Value, into: &mut Option<Vec<(String, String)>>) -> Decoded {
    if value.is_nil() {
        *into = None;
        return Ok(());
    }
    let entries = into.get_or_insert_default();
    object(value, "map[string]string", |name, value| {
        let mut text = String::new();
        string(value, &mut text)?;
        match entries.binary_search_by(|(own, _)| own.as_str().cmp(name)) {
            Ok(at) => {
                if let Some((_, own)) = entries.get_mut(at) {
                    *own = text;
                }
            }
            Err(at) => entries.insert(at, (name.to_owned(), text)),
        }
        Ok(())
    })
}

/// `interface {}`: numbers are float64.
pub fn anything(value: &Value, into: &mut Frozen) -> Decoded {
    *into = plain(value);
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "Go's float64 loses the same digits")]
fn plain(value: &Value) -> Frozen {
    match value {
        Value::Int(n, _) => Frozen::Float(*n as f64),
        Value::Uint(n, _) => Frozen::Float(*n as f64),
        Value::List(list) => Frozen::List(Arc::new(list.items().iter().map(plain).collect())),
        Value::Map(map) => {
            let convert = |(key, value): (&Str, &Value)| (key.clone(), plain(value));
            Frozen::map(map.with(|entries| entries.iter().map(convert).collect()))
        }
        other => Frozen::freeze(other),
    }
}

/// Whether a name in a document is the field `name`.
pub fn is(given: &str, name: &str) -> bool {
    given.eq_ignore_ascii_case(name)
}
