//! Values as texts: Sprig's `strval` and fmt's `%v`, counted on the budget, and
//! the functions that are little more than them.

use super::args::{any, bytes, elements, row};
use crate::data::{List, Str, Ty, Value, list::LIST_STRING};
use crate::template::function::{FuncError, Function, Host};
use crate::template::print::value_text;

/// `toString`, `toStrings`, `join`, `sortAlpha`.
pub static FUNCTIONS: &[Function] = &[
    row(
        "toString",
        &[Ty::Any],
        "Value to its text, as print shows it; bytes are taken as they are.",
        &[("{{ toString 1000000.0 }}", "1e+06"), (r#"{{ toString (dict "a" 1) }}"#, "map[a:1]")],
        |host, args| Ok(strval(host, any(args, 0))?.into()),
    ),
    row(
        "toStrings",
        &[Ty::Any],
        "List to the list of its items' texts, without nil; any other value to a list of its text.",
        &[("{{ list 1 nil true | toStrings }}", "[1 true]"), ("{{ toStrings 1 }}", "[1]")],
        |host, args| Ok(texts(host, any(args, 0))?.into()),
    ),
    row(
        "join",
        &[Ty::Str, Ty::Any],
        "Separator and list to the texts of its items with the separator between; nil is left out.",
        &[(r#"{{ list "hello" 1 nil | join "_" }}"#, "hello_1")],
        join,
    ),
    row(
        "sortAlpha",
        &[Ty::Any],
        "List to the sorted list of its items' texts; any other value to a list of its text.",
        &[(r#"{{ list "b" "a" 3 | sortAlpha }}"#, "[3 a b]"), ("{{ sortAlpha nil }}", "[<nil>]")],
        sort_alpha,
    ),
];

/// `%v` of a value.
///
/// # Errors
/// The budget's limits.
pub fn print(host: &mut dyn Host, value: &Value) -> Result<Str, FuncError> {
    match value {
        Value::Str(text) => Ok(text.clone()),
        value => {
            let text = value_text(value)?;
            host.budget().string(text.len())?;
            Ok(text)
        }
    }
}

/// Sprig's strval: `%v`, but the bytes of a `[]byte` as they are.
///
/// # Errors
/// The budget's limits.
pub fn strval(host: &mut dyn Host, value: &Value) -> Result<Str, FuncError> {
    match value {
        Value::Bytes(text) => Ok(text.clone()),
        value => print(host, value),
    }
}

/// The texts of all values that are not nil, with `separator` between.
///
/// # Errors
/// Those of `text`, and the budget's limits.
pub fn joined(
    host: &mut dyn Host,
    values: &[Value],
    separator: &[u8],
    text: impl Fn(&mut dyn Host, &Value) -> Result<Str, FuncError>,
) -> Result<Value, FuncError> {
    let mut out = Vec::new();
    let mut present = values.iter().filter(|value| !value.is_nil());
    let Some(first) = present.next() else { return Ok("".into()) };
    let first = text(host, first)?;
    let Some(second) = present.next() else { return Ok(first.into()) };
    out.extend_from_slice(first.as_bytes());
    for value in std::iter::once(second).chain(present) {
        host.budget().step()?;
        let next = text(host, value)?;
        let size = out.len().saturating_add(separator.len()).saturating_add(next.len());
        if size > host.budget().limits().string {
            host.budget().string(size)?;
        }
        out.extend_from_slice(separator);
        out.extend_from_slice(next.as_bytes());
    }
    host.budget().string(out.len())?;
    Ok(Value::Str(out.into()))
}

/// Sprig's strslice.
fn texts(host: &mut dyn Host, value: &Value) -> Result<List, FuncError> {
    match value {
        Value::Nil => return Ok(List::typed(&LIST_STRING, Vec::new())),
        Value::List(list) if std::ptr::eq(list.ty(), &LIST_STRING) => return Ok(list.clone()),
        _ => {}
    }
    let Some(items) = elements(value) else { return Ok(List::strings([strval(host, value)?])) };
    host.budget().items(items.len())?;
    let present = items.iter().filter(|item| !item.is_nil());
    let texts: Result<Vec<Value>, FuncError> = present.map(|item| Ok(strval(host, item)?.into())).collect();
    Ok(List::typed(&LIST_STRING, texts?))
}

fn join(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let value = any(args, 1);
    match elements(value) {
        Some(items) => joined(host, &items, bytes(args, 0), strval),
        None if value.is_nil() => Ok("".into()),
        None => Ok(strval(host, value)?.into()),
    }
}

fn sort_alpha(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let value = any(args, 0);
    if elements(value).is_none() {
        return Ok(List::strings([strval(host, value)?]).into());
    }
    let list = texts(host, value)?;
    let mut sorted = list.items().to_vec();
    sorted.sort_unstable_by(|a, b| a.as_bytes().cmp(&b.as_bytes()));
    Ok(List::typed(&LIST_STRING, sorted).into())
}
