//! Values to text and back: YAML, JSON, TOML, base64 and base32, as Helm's
//! `funcs.go` and Sprig have them.
//!
//! Writers come in two forms: the plain one swallows an error (or prints it, for
//! TOML), the one with `must` fails. Readers put an error's text into the result.

use crate::data::json::{self, JsonError, WriteError};
use crate::data::yaml::Numbers;
use crate::data::{List, Map, Signature, Str, Ty, Value, base32, base64, list, map, toml, yaml};
use crate::template::Exceeded;
use crate::template::function::{Call, FuncError, Function, Host};

/// The functions of this group.
pub static FUNCTIONS: &[Function] = &[
    writer(
        "toYaml",
        to_yaml,
        "A value as YAML; nothing if it cannot be written.",
        &[
            (r#"{{ toYaml (dict "b" (list 1 "2") "a" nil) }}"#, "a: null\nb:\n- 1\n- \"2\""),
            (r#"{{ toYaml 1i }}"#, ""),
        ],
    ),
    writer(
        "mustToYaml",
        must_to_yaml,
        "A value as YAML; fails if it cannot be written.",
        &[
            (r#"{{ mustToYaml (list "yes" "a: b") }}"#, "- \"yes\"\n- 'a: b'"),
            (r#"{{ mustToYaml 1i }}"#, "!error marshaling into JSON: json: unsupported type: complex128"),
        ],
    ),
    writer(
        "toYamlPretty",
        to_yaml_pretty,
        "A value as YAML with indented lists and without folded lines.",
        &[(r#"{{ toYamlPretty (dict "a" (list 1 (list 2))) }}"#, "a:\n  - 1\n  - - 2")],
    ),
    reader(
        "fromYaml",
        from_yaml,
        "YAML to a map; an error's text is under its key `Error`.",
        &[
            (r#"{{ fromYaml "a: 0x10\nb: yes" | toJson }}"#, r#"{"a":16,"b":true}"#),
            (r#"{{ fromYaml "a: [" | toJson }}"#, ERROR_OF_YAML),
        ],
    ),
    reader(
        "fromYamlArray",
        from_yaml_array,
        "YAML to a list; an error's text is its only item.",
        &[
            (r#"{{ fromYamlArray "- 1\n- a" | toJson }}"#, r#"[1,"a"]"#),
            (r#"{{ index (fromYamlArray "5") 0 }}"#, WRONG_YAML),
        ],
    ),
    writer(
        "toToml",
        to_toml,
        "A value as TOML; an error's text if it cannot be written.",
        &[
            (r#"{{ toToml (dict "b" 1.0 "a" (dict "c" "x")) }}"#, "b = 1.0\n\n[a]\n  c = \"x\"\n"),
            (r#"{{ toToml (dict "a" (list nil)) }}"#, "toml: cannot encode array with nil element"),
        ],
    ),
    writer(
        "mustToToml",
        must_to_toml,
        "A value as TOML; fails if it cannot be written.",
        &[
            (r#"{{ mustToToml (dict "a" (list 1 "b")) }}"#, "a = [1, \"b\"]\n"),
            (r#"{{ mustToToml (dict "a" (list nil)) }}"#, "!toml: cannot encode array with nil element"),
        ],
    ),
    reader(
        "fromToml",
        from_toml,
        "TOML to a map; an error's text is under its key `Error`.",
        &[(r#"{{ fromToml "a=1\n[b]\nc=[1,2.5]" | toJson }}"#, r#"{"a":1,"b":{"c":[1,2.5]}}"#)],
    ),
    writer(
        "toJson",
        to_json,
        "A value as JSON; nothing if it cannot be written.",
        &[
            (r#"{{ toJson (dict "b" "<" "a" (list 1 nil)) }}"#, r#"{"a":[1,null],"b":"\u003c"}"#),
            (r#"{{ toJson 1i }}"#, ""),
        ],
    ),
    writer(
        "mustToJson",
        must_to_json,
        "A value as JSON; fails if it cannot be written.",
        &[
            (r#"{{ mustToJson "é" }}"#, r#""é""#),
            (r#"{{ mustToJson 1i }}"#, "!json: unsupported type: complex128"),
        ],
    ),
    writer(
        "toPrettyJson",
        to_pretty_json,
        "A value as indented JSON; nothing if it cannot be written.",
        &[(
            r#"{{ toPrettyJson (dict "a" (list 1) "b" list) }}"#,
            "{\n  \"a\": [\n    1\n  ],\n  \"b\": []\n}",
        )],
    ),
    writer(
        "mustToPrettyJson",
        must_to_pretty_json,
        "A value as indented JSON; fails if it cannot be written.",
        &[
            (r#"{{ mustToPrettyJson (dict "a" 1) }}"#, "{\n  \"a\": 1\n}"),
            (r#"{{ mustToPrettyJson 1i }}"#, "!json: unsupported type: complex128"),
        ],
    ),
    writer(
        "toRawJson",
        must_to_raw_json,
        "A value as JSON with `<`, `>` and `&` as they are.",
        &[
            (r#"{{ toRawJson "<&>" }}"#, r#""<&>""#),
            (r#"{{ toRawJson 1i }}"#, "!json: unsupported type: complex128"),
        ],
    ),
    writer(
        "mustToRawJson",
        must_to_raw_json,
        "A value as JSON with `<`, `>` and `&` as they are.",
        &[(r#"{{ mustToRawJson (list "<&>") }}"#, r#"["<&>"]"#)],
    ),
    reader(
        "fromJson",
        from_json,
        "JSON to a map; an error's text is under its key `Error`.",
        &[(r#"{{ (fromJson "{\"a\":1.5}").a }}"#, "1.5"), (r#"{{ (fromJson "[1]").Error }}"#, WRONG_JSON)],
    ),
    reader(
        "mustFromJson",
        must_from_json,
        "JSON to any value; fails on an error.",
        &[
            (r#"{{ mustFromJson "[1,null]" | toJson }}"#, "[1,null]"),
            (r#"{{ mustFromJson "" }}"#, "!unexpected end of JSON input"),
        ],
    ),
    reader(
        "fromJsonArray",
        from_json_array,
        "JSON to a list; an error's text is its only item.",
        &[
            (r#"{{ fromJsonArray "[1,2]" | toJson }}"#, "[1,2]"),
            (r#"{{ fromJsonArray "" | toJson }}"#, r#"["unexpected end of JSON input"]"#),
        ],
    ),
    reader("b64enc", b64enc, "A string's bytes in base64.", &[(r#"{{ b64enc "hello" }}"#, "aGVsbG8=")]),
    reader(
        "b64dec",
        b64dec,
        "Base64 to a string; an error's text if it is broken.",
        &[
            (r#"{{ b64dec "aGVsbG8=" }}"#, "hello"),
            (r#"{{ b64dec "a" }}"#, "illegal base64 data at input byte 0"),
        ],
    ),
    reader("b32enc", b32enc, "A string's bytes in base32.", &[(r#"{{ b32enc "hello" }}"#, "NBSWY3DP")]),
    reader(
        "b32dec",
        b32dec,
        "Base32 to a string; an error's text if it is broken.",
        &[
            (r#"{{ b32dec "NBSWY3DP" }}"#, "hello"),
            (r#"{{ b32dec "ME" }}"#, "illegal base32 data at input byte 0"),
        ],
    ),
];

const ERROR_OF_YAML: &str =
    r#"{"Error":"error converting YAML to JSON: yaml: line 1: did not find expected node content"}"#;
const WRONG_YAML: &str = "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal number into Go \
                          value of type []interface {}";
const WRONG_JSON: &str = "json: cannot unmarshal array into Go value of type map[string]interface {}";

type Cases = &'static [(&'static str, &'static str)];
type Called = Result<Value, FuncError>;

/// A row of a function from any value to a text.
const fn writer(name: &'static str, call: Call, help: &'static str, cases: Cases) -> Function {
    Function { name, signature: Signature { params: &[Ty::Any], variadic: false }, help, cases, call }
}

/// A row of a function of one text.
const fn reader(name: &'static str, call: Call, help: &'static str, cases: Cases) -> Function {
    Function { name, signature: Signature { params: &[Ty::Str], variadic: false }, help, cases, call }
}

/// The one argument.
fn value(args: &[Value]) -> &Value {
    args.first().unwrap_or(&Value::Nil)
}

/// The one argument, a string.
fn text(args: &[Value]) -> &[u8] {
    value(args).as_bytes().unwrap_or_default()
}

type Written = Result<Vec<u8>, WriteError>;

/// Runs a writer within the budget: the text, or Go's error text.
fn written(
    host: &mut dyn Host,
    write: impl FnOnce(usize) -> Written,
) -> Result<Result<Vec<u8>, String>, FuncError> {
    let limit = host.budget().limits().string;
    match write(limit) {
        Ok(text) => {
            host.budget().string(text.len())?;
            Ok(Ok(text))
        }
        Err(WriteError::Unsupported(error)) => Ok(Err(error)),
        Err(WriteError::TooLarge) => Err(Exceeded::Limit("bytes in one string", limit as u64).into()),
    }
}

/// The text, nothing in place of an error.
fn or_nothing(host: &mut dyn Host, write: impl FnOnce(usize) -> Written) -> Called {
    Ok(Value::str(written(host, write)?.unwrap_or_default()))
}

/// The text, or the error.
fn or_fail(host: &mut dyn Host, write: impl FnOnce(usize) -> Written) -> Called {
    Ok(Value::str(written(host, write)?.map_err(FuncError::Message)?))
}

/// Helm cuts one newline off the end of YAML.
fn without_newline(mut text: Vec<u8>) -> Vec<u8> {
    if text.last() == Some(&b'\n') {
        text.pop();
    }
    text
}

fn to_yaml(host: &mut dyn Host, args: &[Value]) -> Called {
    or_nothing(host, |limit| yaml::write(value(args), limit).map(without_newline))
}

fn must_to_yaml(host: &mut dyn Host, args: &[Value]) -> Called {
    or_fail(host, |limit| yaml::write(value(args), limit).map(without_newline))
}

/// The one error that go-yaml 3 has here is a panic, which Helm does not swallow.
fn to_yaml_pretty(host: &mut dyn Host, args: &[Value]) -> Called {
    or_fail(host, |limit| yaml::write_pretty(value(args), limit).map(without_newline))
}

fn to_toml(host: &mut dyn Host, args: &[Value]) -> Called {
    no_nil(args)?;
    let text = written(host, |limit| toml::write(value(args), limit))?;
    Ok(Value::str(text.unwrap_or_else(String::into_bytes)))
}

fn must_to_toml(host: &mut dyn Host, args: &[Value]) -> Called {
    no_nil(args)?;
    or_fail(host, |limit| toml::write(value(args), limit))
}

/// The encoder panics on nil before it can return an error.
fn no_nil(args: &[Value]) -> Result<(), FuncError> {
    if value(args).is_nil() {
        Err("reflect: call of reflect.Value.Type on zero Value".into())
    } else {
        Ok(())
    }
}

fn to_json(host: &mut dyn Host, args: &[Value]) -> Called {
    or_nothing(host, |limit| json::write(value(args), true, limit))
}

fn must_to_json(host: &mut dyn Host, args: &[Value]) -> Called {
    or_fail(host, |limit| json::write(value(args), true, limit))
}

fn to_pretty_json(host: &mut dyn Host, args: &[Value]) -> Called {
    or_nothing(host, |limit| json::write_pretty(value(args), "  ", true, limit))
}

fn must_to_pretty_json(host: &mut dyn Host, args: &[Value]) -> Called {
    or_fail(host, |limit| json::write_pretty(value(args), "  ", true, limit))
}

fn must_to_raw_json(host: &mut dyn Host, args: &[Value]) -> Called {
    or_fail(host, |limit| json::write(value(args), false, limit))
}

/// Counts the work of reading a text.
fn counted<'a>(host: &mut dyn Host, args: &'a [Value]) -> Result<&'a [u8], FuncError> {
    let text = text(args);
    host.budget().steps(text.len() / 16)?;
    Ok(text)
}

/// A value of Go's `map[string]interface {}`, or Go's error for another one.
fn as_map(read: Result<Value, String>) -> Result<Option<Map>, String> {
    match read? {
        Value::Nil => Ok(None),
        Value::Map(map) => Ok(Some(map)),
        other => Err(wrong_kind(&other, map::MAP_ANY.name)),
    }
}

/// A value of Go's `[]interface {}`, or Go's error for another one.
fn as_list(read: Result<Value, String>) -> Result<Option<List>, String> {
    match read? {
        Value::Nil => Ok(None),
        Value::List(list) => Ok(Some(list)),
        other => Err(wrong_kind(&other, list::LIST_ANY.name)),
    }
}

fn wrong_kind(value: &Value, wanted: &str) -> String {
    let kind = match value {
        Value::Bool(_) => "bool",
        Value::Str(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
        _ => "number",
    };
    format!("json: cannot unmarshal {kind} into Go value of type {wanted}")
}

/// What Helm gives in place of a map that could not be read.
fn error_map(error: String) -> Map {
    [("Error", Value::from(error))].into_iter().collect()
}

/// What Helm gives in place of a list that could not be read.
fn error_list(error: String) -> List {
    List::new(vec![Value::from(error)])
}

fn read_yaml(text: &[u8]) -> Result<Value, String> {
    yaml::parse(text, Numbers::Float64)
        .map_err(|error| format!("error converting YAML to JSON: {}", error.message))
}

fn in_yaml(error: &str) -> String {
    // Errors of the YAML itself say so already; the others are those of JSON.
    if error.starts_with("json: ") {
        format!("error unmarshaling JSON: while decoding JSON: {error}")
    } else {
        error.to_owned()
    }
}

fn from_yaml(host: &mut dyn Host, args: &[Value]) -> Called {
    let read = as_map(read_yaml(counted(host, args)?));
    Ok(read.map_or_else(|error| error_map(in_yaml(&error)), Option::unwrap_or_default).into())
}

fn from_yaml_array(host: &mut dyn Host, args: &[Value]) -> Called {
    let empty = || List::new(Vec::new());
    let read = as_list(read_yaml(counted(host, args)?));
    Ok(read.map_or_else(|error| error_list(in_yaml(&error)), |list| list.unwrap_or_else(empty)).into())
}

fn read_json(text: &[u8]) -> Result<Value, String> {
    json::parse(text).map_err(|error| error.message)
}

/// JSON's null makes a nil map of it, where YAML's leaves an empty one. Where a
/// number fits no float64 Go fills in the rest all the same.
fn from_json(host: &mut dyn Host, args: &[Value]) -> Called {
    let nil = || Map::nil(&map::MAP_ANY);
    let text = counted(host, args)?;
    let read = match json::parse(text) {
        Err(JsonError { message, partial: Some(Value::Map(map)) }) => {
            map.insert("Error", message.into());
            return Ok(map.into());
        }
        other => other,
    };
    let read = as_map(read.map_err(|error| error.message));
    Ok(read.map_or_else(error_map, |map| map.unwrap_or_else(nil)).into())
}

fn from_json_array(host: &mut dyn Host, args: &[Value]) -> Called {
    let nil = || List::nil(&list::LIST_ANY);
    let read = as_list(read_json(counted(host, args)?));
    Ok(read.map_or_else(error_list, |list| list.unwrap_or_else(nil)).into())
}

fn must_from_json(host: &mut dyn Host, args: &[Value]) -> Called {
    Ok(read_json(counted(host, args)?)?)
}

fn from_toml(host: &mut dyn Host, args: &[Value]) -> Called {
    let read = toml::from_toml(counted(host, args)?).map_err(|error| error.to_string());
    Ok(as_map(read).map_or_else(error_map, Option::unwrap_or_default).into())
}

fn b64enc(host: &mut dyn Host, args: &[Value]) -> Called {
    let text = text(args);
    host.budget().string(text.len().div_ceil(3).saturating_mul(4))?;
    Ok(Value::str(base64::encode(text)))
}

fn b64dec(host: &mut dyn Host, args: &[Value]) -> Called {
    decoded(base64::decode(counted(host, args)?), "base64")
}

fn b32enc(host: &mut dyn Host, args: &[Value]) -> Called {
    let text = text(args);
    host.budget().string(text.len().div_ceil(5).saturating_mul(8))?;
    Ok(Value::str(base32::encode(text)))
}

fn b32dec(host: &mut dyn Host, args: &[Value]) -> Called {
    decoded(base32::decode(counted(host, args)?), "base32")
}

/// Sprig gives the error's text in place of what could not be decoded.
fn decoded(decoded: Result<Vec<u8>, usize>, name: &str) -> Called {
    Ok(match decoded {
        Ok(bytes) => Value::str(Str::from(bytes)),
        Err(at) => Value::from(format!("illegal {name} data at input byte {at}")),
    })
}
