//! text/template's own functions, but for print and its kin and for `slice`,
//! which Sprig replaces.

use crate::data::{List, Map, Signature, Str, Ty, UintKind, Value};
use crate::template::budget::Budget;
use crate::template::function::{FuncError, Function, Host};
use crate::template::unicode::{decode_rune, is_print};
use crate::template::{compare, print};

type Result = std::result::Result<Value, FuncError>;

const ONE: Signature = Signature { params: &[Ty::Reflect], variadic: false };
const TWO: Signature = Signature { params: &[Ty::Reflect, Ty::Reflect], variadic: false };
const ONE_OR_MORE: Signature = Signature { params: &[Ty::Reflect, Ty::Reflect], variadic: true };
const ANY_NUMBER: Signature = Signature { params: &[Ty::Any], variadic: true };

/// The group's functions.
pub static FUNCTIONS: &[Function] = &[
    Function {
        name: "and",
        signature: ONE_OR_MORE,
        help: "the first empty argument, or the last; later ones are not evaluated",
        cases: &[(r#"{{ and 1 0 2 }}"#, "0"), (r#"{{ and 1 "x" }}"#, "x"), (r#"{{ 3 | and 1 2 }}"#, "3")],
        call: |_, args| Ok(decided(args, false)),
    },
    Function {
        name: "call",
        signature: ONE_OR_MORE,
        help: "calls a function value; no value of a chart is one",
        cases: &[
            (r#"{{ call "x" 1 }}"#, r#"!non-function "x" of type string"#),
            ("{{ call nil }}", "!call of nil"),
        ],
        call: |_, _| Err(FuncError::from("call of nil")),
    },
    Function {
        name: "eq",
        signature: ONE_OR_MORE,
        help: "whether the first argument equals any of the others",
        cases: &[
            (r#"{{ eq 1 2 1 }}"#, "true"),
            (r#"{{ eq "a" "b" }}"#, "false"),
            (r#"{{ eq 1 1.0 }}"#, "!incompatible types for comparison: int and float64"),
            (r#"{{ eq 1 }}"#, "!missing argument for comparison"),
        ],
        call: |host, args| {
            let (first, rest) = args.split_first().ok_or("missing argument for comparison")?;
            Ok(Value::Bool(compare::equal_any(host.budget(), first, rest)?))
        },
    },
    Function {
        name: "ge",
        signature: TWO,
        help: "whether the first argument is greater than or equal to the second",
        cases: &[("{{ ge 2 2 }}", "true"), ("{{ ge 1 2 }}", "false")],
        call: |host, args| pair(host, args, |_, a, b| Ok(!compare::less(a, b)?)),
    },
    Function {
        name: "gt",
        signature: TWO,
        help: "whether the first argument is greater than the second",
        cases: &[("{{ gt 2 1 }}", "true"), ("{{ gt 2 2 }}", "false")],
        call: |host, args| pair(host, args, |budget, a, b| Ok(!compare::less_or_equal(budget, a, b)?)),
    },
    Function {
        name: "html",
        signature: ANY_NUMBER,
        help: "the printed arguments with HTML's special characters escaped",
        cases: &[(r#"{{ html "<a href='x'>&\"" }}"#, "&lt;a href=&#39;x&#39;&gt;&amp;&#34;")],
        call: |host, args| escaped(host, args, escape_html),
    },
    Function {
        name: "index",
        signature: ONE_OR_MORE,
        help: "the element of a list, map or string under the keys that follow, one level a key",
        cases: &[
            (r#"{{ index (list "a" "b") 1 }}"#, "b"),
            (r#"{{ index (dict "a" (dict "b" 1)) "a" "b" }}"#, "1"),
            (r#"{{ index "abc" 1 }}"#, "98"),
            (r#"{{ index (list 1) 2 }}"#, "!index out of range: 2"),
            (r#"{{ index (list 1) 1 }}"#, "!reflect: slice index out of range"),
            (r#"{{ index (dict) 1 }}"#, "!value has type int; should be string"),
            (r#"{{ index nil 1 }}"#, "!index of untyped nil"),
        ],
        call: |_, args| index(args),
    },
    Function {
        name: "js",
        signature: ANY_NUMBER,
        help: "the printed arguments escaped for a JavaScript string",
        cases: &[(r#"{{ js "<a> & 'b' = é" }}"#, r"\u003Ca\u003E \u0026 \'b\' \u003D é")],
        call: |host, args| escaped(host, args, escape_js),
    },
    Function {
        name: "le",
        signature: TWO,
        help: "whether the first argument is less than or equal to the second",
        cases: &[("{{ le 2 2 }}", "true"), ("{{ le 3 2 }}", "false")],
        call: |host, args| pair(host, args, compare::less_or_equal),
    },
    Function {
        name: "len",
        signature: ONE,
        help: "the number of items of a list or map, or of bytes of a string",
        cases: &[
            (r#"{{ len "é" }}"#, "2"),
            (r#"{{ len (list 1 2 3) }}"#, "3"),
            (r#"{{ len 3 }}"#, "!len of type int"),
            (r#"{{ len nil }}"#, "!reflect: call of reflect.Value.Type on zero Value"),
        ],
        call: |_, args| length(args.first().unwrap_or(&Value::Nil)),
    },
    Function {
        name: "lt",
        signature: TWO,
        help: "whether the first argument is less than the second",
        cases: &[
            ("{{ lt 1 2 }}", "true"),
            (r#"{{ lt "b" "a" }}"#, "false"),
            ("{{ lt true false }}", "!invalid type for comparison"),
        ],
        call: |host, args| pair(host, args, |_, a, b| compare::less(a, b)),
    },
    Function {
        name: "ne",
        signature: TWO,
        help: "whether the arguments differ",
        cases: &[("{{ ne 1 2 }}", "true"), (r#"{{ ne "a" "a" }}"#, "false")],
        call: |host, args| {
            pair(host, args, |budget, a, b| Ok(!compare::equal_any(budget, a, std::slice::from_ref(b))?))
        },
    },
    Function {
        name: "not",
        signature: ONE,
        help: "true for an empty argument, false for any other",
        cases: &[(r#"{{ not "" }}"#, "true"), (r#"{{ not 1 }}"#, "false")],
        call: |_, args| Ok(Value::Bool(!args.first().is_some_and(Value::is_true))),
    },
    Function {
        name: "or",
        signature: ONE_OR_MORE,
        help: "the first argument that is not empty, or the last; later ones are not evaluated",
        cases: &[(r#"{{ or "" 0 "x" 1 }}"#, "x"), (r#"{{ or 0 false }}"#, "false")],
        call: |_, args| Ok(decided(args, true)),
    },
    Function {
        name: "urlquery",
        signature: ANY_NUMBER,
        help: "the printed arguments escaped for a URL's query",
        cases: &[(r#"{{ urlquery "a b&c=é~-_." }}"#, "a+b%26c%3D%C3%A9~-_.")],
        call: |host, args| escaped(host, args, escape_query),
    },
];

/// What `and` (`wanted` false) and `or` (`wanted` true) return once everything
/// is evaluated; the executor stops earlier on its own.
fn decided(args: &[Value], wanted: bool) -> Value {
    args.iter().find(|value| value.is_true() == wanted).or(args.last()).cloned().unwrap_or_default()
}

fn pair(
    host: &mut dyn Host,
    args: &[Value],
    test: impl Fn(&mut Budget, &Value, &Value) -> std::result::Result<bool, FuncError>,
) -> Result {
    let [a, b] = args else { return Err(FuncError::from("missing argument for comparison")) };
    Ok(Value::Bool(test(host.budget(), a, b)?))
}

fn length(value: &Value) -> Result {
    let length = match value {
        Value::Str(text) | Value::Bytes(text) => text.len(),
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        Value::Nil => return Err(FuncError::from("reflect: call of reflect.Value.Type on zero Value")),
        // Go looks behind a pointer first.
        value => return Err(format!("len of type {}", value.type_name().trim_start_matches('*')).into()),
    };
    Ok(Value::int(i64::try_from(length).unwrap_or(i64::MAX)))
}

fn index(args: &[Value]) -> Result {
    let Some((item, keys)) = args.split_first() else { return Ok(Value::Nil) };
    if item.is_nil() {
        return Err(FuncError::from("index of untyped nil"));
    }
    let mut item = item.clone();
    for key in keys {
        item = match &item {
            Value::Nil => return Err(FuncError::from("index of nil pointer")),
            Value::List(list) => list_element(list, key)?,
            Value::Str(text) => byte(text, key, "string")?,
            Value::Bytes(bytes) => byte(bytes, key, "slice")?,
            Value::Map(map) => map_element(map, key)?,
            other => return Err(format!("can't index item of type {}", other.type_name()).into()),
        };
    }
    Ok(item)
}

fn list_element(list: &List, key: &Value) -> Result {
    let i = position(key, list.len())?;
    list.items().get(i).cloned().ok_or_else(|| FuncError::from("reflect: slice index out of range"))
}

fn byte(bytes: &Str, key: &Value, what: &str) -> Result {
    let i = position(key, bytes.len())?;
    match bytes.as_bytes().get(i) {
        Some(b) => Ok(Value::Uint(u64::from(*b), UintKind::Uint8)),
        None => Err(format!("reflect: {what} index out of range").into()),
    }
}

/// The key as a position up to and including `length`: Go checks no closer
/// here, so the position after the last one fails in reflection instead.
fn position(key: &Value, length: usize) -> std::result::Result<usize, FuncError> {
    #[allow(clippy::cast_possible_wrap, reason = "Go's int64(uint64)")]
    let n = match key {
        Value::Int(n, _) => *n,
        Value::Uint(n, _) => *n as i64,
        Value::Nil => return Err(FuncError::from("cannot index slice/array with nil")),
        other => return Err(format!("cannot index slice/array with type {}", other.type_name()).into()),
    };
    match usize::try_from(n) {
        Ok(i) if i <= length => Ok(i),
        _ => Err(format!("index out of range: {n}").into()),
    }
}

fn map_element(map: &Map, key: &Value) -> Result {
    match key {
        Value::Str(key) => Ok(map.get(key).unwrap_or_else(|| map.ty().elem.zero())),
        Value::Nil => Err(FuncError::from("value is nil; should be of type string")),
        other => Err(format!("value has type {}; should be string", other.type_name()).into()),
    }
}

/// The arguments printed as `print` does (a nil as an action prints it), escaped.
fn escaped(host: &mut dyn Host, args: &[Value], escape: fn(&[u8], &mut Vec<u8>)) -> Result {
    let text = match args {
        [Value::Str(text)] => text.clone(),
        args => {
            let shown: Vec<Value> = args.iter().map(printable).collect();
            Str::from(print::sprint(host.budget(), &shown)?)
        }
    };
    host.budget().string(text.len())?;
    let mut out = Vec::with_capacity(text.len());
    escape(text.as_bytes(), &mut out);
    host.budget().string(out.len())?;
    Ok(Value::str(out))
}

fn printable(value: &Value) -> Value {
    if value.is_nil() { Value::str("<no value>") } else { value.clone() }
}

fn escape_html(text: &[u8], out: &mut Vec<u8>) {
    for byte in text {
        match byte {
            0 => out.extend_from_slice("\u{fffd}".as_bytes()),
            b'"' => out.extend_from_slice(b"&#34;"),
            b'\'' => out.extend_from_slice(b"&#39;"),
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            other => out.push(*other),
        }
    }
}

fn escape_js(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(byte) = rest.first() {
        let mut size = 1;
        match byte {
            b'\\' => out.extend_from_slice(br"\\"),
            b'\'' => out.extend_from_slice(br"\'"),
            b'"' => out.extend_from_slice(br#"\""#),
            b'<' | b'>' | b'&' | b'=' | 0..0x20 => {
                out.extend_from_slice(format!("\\u{byte:04X}").as_bytes());
            }
            0x20..0x80 => out.push(*byte),
            0x80.. => size = escape_js_rune(rest, out),
        }
        rest = rest.get(size..).unwrap_or_default();
    }
}

/// A rune beyond ASCII: as it is if it can be seen. Returns its size.
fn escape_js_rune(rest: &[u8], out: &mut Vec<u8>) -> usize {
    let (rune, size) = decode_rune(rest).map_or((char::REPLACEMENT_CHARACTER, 1), |r| (r.char, r.width));
    if is_print(rune) {
        out.extend_from_slice(rest.get(..size).unwrap_or_default());
    } else {
        out.extend_from_slice(format!("\\u{:04X}", u32::from(rune)).as_bytes());
    }
    size
}

/// net/url's QueryEscape.
fn escape_query(text: &[u8], out: &mut Vec<u8>) {
    for byte in text.iter().copied() {
        match byte {
            b' ' => out.push(b'+'),
            b'-' | b'_' | b'.' | b'~' => out.push(byte),
            b if b.is_ascii_alphanumeric() => out.push(b),
            b => out.extend_from_slice(format!("%{b:02X}").as_bytes()),
        }
    }
}
