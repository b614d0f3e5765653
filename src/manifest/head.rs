//! What Helm reads of a document: version, kind, name and annotations. Read with
//! Go's JSON rules, since a document that breaks them is refused with Go's words.

use std::collections::BTreeMap;

use crate::data::{Map, Value, number};

/// The head of a document (Helm's SimpleHead).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// `apiVersion`, or "".
    pub api_version: String,
    /// `kind`, or "".
    pub kind: String,
    /// `metadata.name`, or "".
    pub name: String,
    /// `metadata.annotations`, scalars as text.
    pub annotations: BTreeMap<String, String>,
}

/// How Go prints the anonymous struct behind `metadata`.
const METADATA_TYPE: &str =
    r#"struct { Name string "json:\"name\""; Annotations map[string]string "json:\"annotations\"" }"#;

impl Head {
    /// Reads the head of a document. Keys match in any case, as in Go; where two
    /// spellings of one key are there, the bytewise last one wins.
    ///
    /// # Errors
    /// `list into Go struct field .kind of type string`: the rest of the message
    /// of encoding/json after `cannot unmarshal `.
    pub fn read(object: &Value) -> Result<Head, String> {
        let mut head = Head::default();
        let fields = match object {
            Value::Nil => return Ok(head),
            Value::Map(fields) => fields,
            other => return Err(format!("{} into Go value of type util.SimpleHead", json_kind(other))),
        };
        for (key, value) in fields.entries() {
            if key.as_bytes().eq_ignore_ascii_case(b"apiVersion") {
                set(&mut head.api_version, &value, "apiVersion")?;
            } else if key.as_bytes().eq_ignore_ascii_case(b"kind") {
                set(&mut head.kind, &value, "kind")?;
            } else if key.as_bytes().eq_ignore_ascii_case(b"metadata") {
                match &value {
                    Value::Nil => {}
                    Value::Map(metadata) => head.read_metadata(metadata)?,
                    other => {
                        let kind = json_kind(other);
                        return Err(format!("{kind} into Go struct field .metadata of type {METADATA_TYPE}"));
                    }
                }
            }
        }
        Ok(head)
    }

    fn read_metadata(&mut self, metadata: &Map) -> Result<(), String> {
        for (key, value) in metadata.entries() {
            if key.as_bytes().eq_ignore_ascii_case(b"name") {
                set(&mut self.name, &value, "metadata.name")?;
            } else if key.as_bytes().eq_ignore_ascii_case(b"annotations") {
                match &value {
                    Value::Nil => {}
                    Value::Map(annotations) => {
                        for (name, value) in annotations.entries() {
                            let mut text = String::new();
                            set(&mut text, &value, &format!("metadata.annotations.{name}"))?;
                            self.annotations.insert(name.to_string(), text);
                        }
                    }
                    other => {
                        let kind = json_kind(other);
                        return Err(format!(
                            "{kind} into Go struct field .metadata.annotations of type map[string]string"
                        ));
                    }
                }
            }
        }
        Ok(())
    }

    /// The annotation of that name.
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.get(name).map(String::as_str)
    }
}

/// Whether a head is read from the entry `key` of a document.
pub fn is_field(key: &[u8]) -> bool {
    [b"apiVersion".as_slice(), b"kind", b"metadata"].iter().any(|field| key.eq_ignore_ascii_case(field))
}

/// A scalar to text; null leaves what is there.
fn set(target: &mut String, value: &Value, path: &str) -> Result<(), String> {
    *target = match value {
        Value::Nil => return Ok(()),
        Value::Str(text) => text.to_string(),
        Value::Bool(b) => b.to_string(),
        Value::Int(n, _) => n.to_string(),
        Value::Uint(n, _) => n.to_string(),
        Value::Float(n) => number::format_g(*n),
        other => {
            return Err(format!("{} into Go struct field .{path} of type string", json_kind(other)));
        }
    };
    Ok(())
}

fn json_kind(value: &Value) -> &'static str {
    match value {
        Value::Nil => "null",
        Value::Bool(_) => "bool",
        Value::Str(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
        _ => "number",
    }
}
