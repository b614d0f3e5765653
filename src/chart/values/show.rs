//! Plain values as Go's fmt prints them in Helm's warnings and errors.

use std::fmt::Write as _;

use super::MAX_DEPTH;
use crate::data::Value;
use crate::data::number::format_g;

/// The text of `%v`.
pub fn v(value: &Value) -> String {
    let mut out = String::new();
    write_v(&mut out, value, 0);
    out
}

fn write_v(out: &mut String, value: &Value, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    match value {
        Value::Nil => out.push_str("<nil>"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Int(n, _) => _ = write!(out, "{n}"),
        Value::Uint(n, _) => _ = write!(out, "{n}"),
        Value::Float(n) => out.push_str(&format_g(*n)),
        Value::Str(s) => out.push_str(&s.to_str_lossy()),
        Value::List(list) => {
            out.push('[');
            for (i, item) in list.items().iter().enumerate() {
                if i > 0 {
                    out.push(' ');
                }
                write_v(out, item, depth + 1);
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push_str("map[");
            map.with(|entries| {
                for (i, (key, item)) in entries.iter().enumerate() {
                    if i > 0 {
                        out.push(' ');
                    }
                    _ = write!(out, "{key}:");
                    write_v(out, item, depth + 1);
                }
            });
            out.push(']');
        }
        other => out.push_str(other.type_name()),
    }
}

/// The text of `%t`, which Helm gives to whatever stands in a subchart's place.
pub fn t(value: &Value) -> String {
    match value {
        Value::Bool(_) => v(value),
        Value::Nil => "%!t(<nil>)".to_owned(),
        Value::List(list) => {
            let items: Vec<String> = list
                .items()
                .iter()
                .map(|item| if item.is_nil() { "<nil>".to_owned() } else { t(item) })
                .collect();
            format!("[{}]", items.join(" "))
        }
        Value::Map(map) => {
            let entries: Vec<String> = map
                .entries()
                .iter()
                .map(|(key, item)| {
                    let item = if item.is_nil() { "<nil>".to_owned() } else { t(item) };
                    format!("%!t(string={key}):{item}")
                })
                .collect();
            format!("map[{}]", entries.join(" "))
        }
        other => format!("%!t({}={})", other.type_name(), v(other)),
    }
}
