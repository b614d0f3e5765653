//! Sprig's lists. Every function makes a new list; the plain names and the must
//! names fail alike.

use std::borrow::Cow;
use std::collections::HashSet;

use super::args::{NIL_DEREFERENCE, any, elements, int, rest, row, variadic};
use super::convert::to_int64;
use super::deep::deep_equal;
use crate::data::{IntKind, List, ListType, Str, Ty, UintKind, Value, list::LIST_ANY};
use crate::template::budget::{Budget, Exceeded};
use crate::template::function::{Call, FuncError, Function, Host};

/// `[][]interface {}`, what `chunk` returns.
static LIST_OF_LISTS: ListType = ListType { name: "[][]interface {}", elem: Ty::ListAny, methods: &[] };

const ONE: &[Ty] = &[Ty::Any];
const TWO: &[Ty] = &[Ty::Any, Ty::Any];

/// The row of a must name, which has nothing of its own.
const fn must(
    name: &'static str,
    params: &'static [Ty],
    cases: &'static [(&'static str, &'static str)],
    call: Call,
) -> Function {
    row(name, params, "Like the name without must.", cases, call)
}

/// `list`, `first`, `uniq`, `slice` and the others.
pub static FUNCTIONS: &[Function] = &[
    variadic("list", ONE, "Values to a list of them.", &[(r#"{{ list 1 "a" nil }}"#, "[1 a <nil>]")], list),
    variadic("tuple", ONE, "The old name of list.", &[("{{ tuple 1 2 }}", "[1 2]")], list),
    row(
        "first",
        ONE,
        "List to its first item, nil where it is empty.",
        &[("{{ first (list 1 2) }}", "1"), ("{{ first 1 }}", "!Cannot find first on type int")],
        first,
    ),
    must("mustFirst", ONE, &[("{{ mustFirst (list 1 2) }}", "1")], first),
    row(
        "last",
        ONE,
        "List to its last item, nil where it is empty.",
        &[("{{ last (list 1 2) }}", "2")],
        last,
    ),
    must("mustLast", ONE, &[(r#"{{ mustLast "a" }}"#, "!Cannot find last on type string")], last),
    row("rest", ONE, "List to all but its first item.", &[("{{ rest (list 1 2 3) }}", "[2 3]")], tail),
    must("mustRest", ONE, &[("{{ mustRest (list 1 2) }}", "[2]")], tail),
    row(
        "initial",
        ONE,
        "List to all but its last item.",
        &[("{{ initial (list 1 2 3) }}", "[1 2]")],
        initial,
    ),
    must("mustInitial", ONE, &[("{{ mustInitial (list 1 2) }}", "[1]")], initial),
    row(
        "append",
        TWO,
        "List and value to the list with the value at its end.",
        &[
            ("{{ append (list 1) 2 }}", "[1 2]"),
            (r#"{{ append "a" 2 }}"#, "!Cannot push on type string"),
            ("{{ append nil 2 }}", "!runtime error: invalid memory address or nil pointer dereference"),
        ],
        push,
    ),
    must("mustAppend", TWO, &[("{{ mustAppend (list 1) 2 }}", "[1 2]")], push),
    row("push", TWO, "The same as append.", &[("{{ push (list 1) 2 }}", "[1 2]")], push),
    must("mustPush", TWO, &[("{{ mustPush (list 1) 2 }}", "[1 2]")], push),
    row(
        "prepend",
        TWO,
        "List and value to the list with the value at its start.",
        &[("{{ prepend (list 1) 2 }}", "[2 1]")],
        prepend,
    ),
    must("mustPrepend", TWO, &[("{{ mustPrepend (list 1) 2 }}", "[2 1]")], prepend),
    variadic(
        "concat",
        ONE,
        "Lists to one list of all their items.",
        &[
            ("{{ concat (list 1) (list 2 3) }}", "[1 2 3]"),
            (r#"{{ concat (list 1) "a" }}"#, "!Cannot concat type string as list"),
        ],
        concat,
    ),
    row(
        "reverse",
        ONE,
        "List to its items from the last to the first.",
        &[("{{ reverse (list 1 2) }}", "[2 1]")],
        reverse,
    ),
    must("mustReverse", ONE, &[("{{ mustReverse (list 1 2) }}", "[2 1]")], reverse),
    row(
        "compact",
        ONE,
        "List to its items that are not empty.",
        &[(r#"{{ compact (list 0 1 "" "a" nil false) }}"#, "[1 a]")],
        compact,
    ),
    must("mustCompact", ONE, &[("{{ mustCompact (list 0 1) }}", "[1]")], compact),
    row(
        "uniq",
        ONE,
        "List to its items, equal ones only once.",
        &[(r#"{{ uniq (list 1 1 "1" 1.0 (list 1) (list 1)) }}"#, "[1 1 1 [1]]")],
        uniq,
    ),
    must("mustUniq", ONE, &[("{{ mustUniq (list 1 1) }}", "[1]")], uniq),
    variadic(
        "without",
        TWO,
        "List and values to the list without items equal to them.",
        &[("{{ without (list 1 2 3) 1 3 }}", "[2]")],
        without,
    ),
    variadic(
        "mustWithout",
        TWO,
        "Like the name without must.",
        &[("{{ mustWithout (list 1 2) 1 }}", "[2]")],
        without,
    ),
    row(
        "has",
        TWO,
        "Value and list to whether the list has an equal item.",
        &[
            ("{{ has 4 (list 1 4) }} {{ has 4.0 (list 1 4) }} {{ has 4 nil }}", "true false false"),
            (r#"{{ has 4 "a" }}"#, "!Cannot find has on type string"),
        ],
        has,
    ),
    must("mustHas", TWO, &[("{{ mustHas 4 (list 1 4) }}", "true")], has),
    variadic(
        "slice",
        TWO,
        "List, (start, (end)) to the items between.",
        &[
            ("{{ slice (list 1 2 3) 1 }} {{ slice (list 1 2 3) 0 2 }}", "[2 3] [1 2]"),
            ("{{ slice (list 1 2 3) 2 1 }}", "!reflect.Value.Slice: slice index out of bounds"),
            (r#"{{ slice "a" 1 }}"#, "!list should be type of slice or array but string"),
        ],
        slice,
    ),
    variadic(
        "mustSlice",
        TWO,
        "Like the name without must.",
        &[("{{ mustSlice (list 1 2 3) 1 2 }}", "[2]")],
        slice,
    ),
    row(
        "chunk",
        &[Ty::Int, Ty::Any],
        "Size and list to the list of its parts of that size.",
        &[
            ("{{ chunk 2 (list 1 2 3) }}", "[[1 2] [3]]"),
            ("{{ chunk 0 (list 1) }}", "!runtime error: makeslice: len out of range"),
        ],
        chunk,
    ),
    must("mustChunk", &[Ty::Int, Ty::Any], &[("{{ mustChunk 2 (list 1 2) }}", "[[1 2]]")], chunk),
];

/// The items of a list, or Sprig's error: `what` and the kind.
fn items<'a>(value: &'a Value, what: &str) -> Result<Cow<'a, [Value]>, FuncError> {
    if value.is_nil() {
        return Err(NIL_DEREFERENCE.into());
    }
    elements(value).ok_or_else(|| format!("{what} {}", value.kind().name()).into())
}

/// A list of all that `values` yields, of which there are at most `size`.
fn made(host: &mut dyn Host, size: usize, values: impl Iterator<Item = Value>) -> Result<Value, FuncError> {
    host.budget().items(size)?;
    Ok(List::new(values.collect()).into())
}

fn list(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    made(host, args.len(), args.iter().cloned())
}

fn first(_: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    Ok(items(any(args, 0), "Cannot find first on type")?.first().cloned().unwrap_or_default())
}

fn last(_: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    Ok(items(any(args, 0), "Cannot find last on type")?.last().cloned().unwrap_or_default())
}

fn tail(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let items = items(any(args, 0), "Cannot find rest on type")?;
    match items.split_first() {
        Some((_, rest)) => made(host, rest.len(), rest.iter().cloned()),
        None => Ok(List::nil(&LIST_ANY).into()),
    }
}

fn initial(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let items = items(any(args, 0), "Cannot find initial on type")?;
    match items.split_last() {
        Some((_, rest)) => made(host, rest.len(), rest.iter().cloned()),
        None => Ok(List::nil(&LIST_ANY).into()),
    }
}

fn push(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let items = items(any(args, 0), "Cannot push on type")?;
    made(host, items.len() + 1, items.iter().chain([any(args, 1)]).cloned())
}

fn prepend(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let items = items(any(args, 0), "Cannot prepend on type")?;
    made(host, items.len() + 1, [any(args, 1)].into_iter().chain(items.iter()).cloned())
}

fn concat(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let mut all = Vec::new();
    for value in args {
        if value.is_nil() {
            return Err(NIL_DEREFERENCE.into());
        }
        let Some(items) = elements(value) else {
            return Err(format!("Cannot concat type {} as list", value.kind().name()).into());
        };
        host.budget().items(all.len() + items.len())?;
        all.extend_from_slice(&items);
    }
    Ok(if all.is_empty() { List::nil(&LIST_ANY) } else { List::new(all) }.into())
}

fn reverse(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let items = items(any(args, 0), "Cannot find reverse on type")?;
    made(host, items.len(), items.iter().rev().cloned())
}

fn compact(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let items = items(any(args, 0), "Cannot compact on type")?;
    made(host, items.len(), items.iter().filter(|item| item.is_true()).cloned())
}

/// A value that compares by itself, without a look inside.
#[derive(PartialEq, Eq, Hash)]
enum Plain {
    Nil,
    Bool(bool),
    Int(i64, u8),
    Uint(u64, u8),
    Float(u64),
    Str(Str),
}

impl Plain {
    /// `None` for containers, and for NaN, which equals nothing.
    fn new(value: &Value) -> Option<Plain> {
        Some(match value {
            Value::Nil => Plain::Nil,
            Value::Bool(b) => Plain::Bool(*b),
            Value::Int(n, kind) => Plain::Int(
                *n,
                match kind {
                    IntKind::Int => 0,
                    IntKind::Int32 => 1,
                    IntKind::Int64 => 2,
                    IntKind::Duration => 3,
                    IntKind::Month => 4,
                    IntKind::Weekday => 5,
                },
            ),
            Value::Uint(n, kind) => Plain::Uint(
                *n,
                match kind {
                    UintKind::Uint8 => 0,
                    UintKind::Uint32 => 1,
                    UintKind::Uint64 => 2,
                },
            ),
            Value::Float(n) if n.is_nan() => return None,
            // Both zeros are equal.
            Value::Float(n) => Plain::Float((n + 0.0).to_bits()),
            Value::Str(text) => Plain::Str(text.clone()),
            _ => return None,
        })
    }
}

fn uniq(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let items = items(any(args, 0), "Cannot find uniq on type")?;
    host.budget().items(items.len())?;
    let (mut plain, mut others, mut kept) = (HashSet::new(), Vec::new(), Vec::new());
    for item in items.iter() {
        let new = match Plain::new(item) {
            Some(key) => plain.insert(key),
            None => {
                let new = !is_in(&others, item, host.budget())?;
                others.extend(new.then(|| item.clone()));
                new
            }
        };
        if new {
            kept.push(item.clone());
        }
    }
    Ok(List::new(kept).into())
}

fn is_in(haystack: &[Value], needle: &Value, budget: &mut Budget) -> Result<bool, Exceeded> {
    for item in haystack {
        budget.step()?;
        if deep_equal(needle, item, budget)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn without(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let items = items(any(args, 0), "Cannot find without on type")?;
    host.budget().items(items.len())?;
    let mut kept = Vec::with_capacity(items.len());
    for item in items.iter() {
        if !is_in(rest(args, 1), item, host.budget())? {
            kept.push(item.clone());
        }
    }
    Ok(List::new(kept).into())
}

fn has(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    if any(args, 1).is_nil() {
        return Ok(false.into());
    }
    let items = items(any(args, 1), "Cannot find has on type")?;
    Ok(is_in(&items, any(args, 0), host.budget())?.into())
}

fn slice(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let list = any(args, 0);
    let all = items(list, "list should be type of slice or array but")?;
    if all.is_empty() {
        return Ok(Value::Nil);
    }
    let start = args.get(1).map_or(Ok(0), |start| usize::try_from(to_int64(start)));
    let end = args.get(2).map_or(Ok(all.len()), |end| usize::try_from(to_int64(end)));
    let range =
        start.ok().zip(end.ok()).and_then(|(start, end)| all.get(start..end).map(|p| (p, start, end)));
    let Some((part, start, end)) = range else {
        return Err("reflect.Value.Slice: slice index out of bounds".into());
    };
    host.budget().items(part.len())?;
    Ok(match list {
        Value::List(list) => List::typed(list.ty(), part.to_vec()).into(),
        Value::Bytes(bytes) => Value::Bytes(bytes.as_bytes().get(start..end).unwrap_or_default().into()),
        _ => Value::Nil,
    })
}

/// Sprig computes the number of parts with floats, which decides what sizes
/// below 1 do.
fn chunk(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    const BAD_SIZE: &str = "runtime error: makeslice: len out of range";
    let (size, items) = (int(args, 0), items(any(args, 1), "Cannot chunk type")?);
    let parts = ((items.len() as f64 - 1.0) / size as f64).floor() + 1.0;
    if !parts.is_finite() || parts < 0.0 {
        return Err(BAD_SIZE.into());
    }
    if parts < 1.0 {
        return Ok(List::typed(&LIST_OF_LISTS, Vec::new()).into());
    }
    let Some(size) = usize::try_from(size).ok().filter(|size| *size > 0) else {
        return Err(BAD_SIZE.into());
    };
    host.budget().items(items.len())?;
    let parts = items.chunks(size).map(|part| List::new(part.to_vec()).into());
    Ok(List::typed(&LIST_OF_LISTS, parts.collect()).into())
}
