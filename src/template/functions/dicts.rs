//! Sprig's dicts. `set` and `unset` change their first argument in place; keys
//! and values come sorted, where Go's order is random.

use std::collections::HashSet;

use super::args::{any, bytes, map, rest, row, text, variadic};
use super::deep::deep_copy;
use super::text::strval;
use crate::data::fields::Fields;
use crate::data::{List, Map, Str, Ty, Value, map::MAP_ANY};
use crate::template::function::{FuncError, Function, Host};

const KEY: &[Ty] = &[Ty::MapAny, Ty::Str];

/// `dict`, `get`, `set`, `keys`, `dig`, `deepCopy` and the others.
pub static FUNCTIONS: &[Function] = &[
    variadic(
        "dict",
        &[Ty::Any],
        "Keys and values in turn to a dict; a last key alone gets an empty string.",
        &[(r#"{{ dict "a" 1 2 true "c" }}"#, "map[2:true a:1 c:]")],
        dict,
    ),
    row(
        "get",
        KEY,
        "Dict and key to the value, an empty string where it is missing.",
        &[(r#"{{ get (dict "a" 1) "a" }}{{ get (dict) "b" | quote }}"#, r#"1"""#)],
        |_, args| Ok(map(args, 0).get(bytes(args, 1)).unwrap_or_else(|| "".into())),
    ),
    row(
        "set",
        &[Ty::MapAny, Ty::Str, Ty::Any],
        "Dict, key and value to the same dict with the value set in place.",
        &[(r#"{{ $d := dict }}{{ $_ := set $d "a" 1 }}{{ $d }}"#, "map[a:1]")],
        |_, args| {
            let dict = same(args);
            if any(args, 0).is_nil() || dict.is_nil() {
                return Err("assignment to entry in nil map".into());
            }
            dict.insert(text(args, 1).clone(), any(args, 2).clone());
            Ok(dict.into())
        },
    ),
    row(
        "unset",
        KEY,
        "Dict and key to the same dict with the key removed in place.",
        &[(r#"{{ unset (dict "a" 1 "b" 2) "a" }}"#, "map[b:2]")],
        |_, args| {
            let dict = same(args);
            dict.remove(bytes(args, 1));
            Ok(dict.into())
        },
    ),
    row(
        "hasKey",
        KEY,
        "Dict and key to whether the key is there.",
        &[(r#"{{ hasKey (dict "a" nil) "a" }}"#, "true")],
        |_, args| Ok(map(args, 0).contains(bytes(args, 1)).into()),
    ),
    variadic(
        "pluck",
        &[Ty::Str, Ty::MapAny],
        "Key and dicts to the list of the values they have under it.",
        &[(r#"{{ pluck "a" (dict "a" 1) (dict) (dict "a" 2) }}"#, "[1 2]")],
        |host, args| {
            host.budget().items(args.len())?;
            let found = (1..args.len()).filter_map(|i| map(args, i).get(bytes(args, 0)));
            Ok(List::new(found.collect()).into())
        },
    ),
    variadic(
        "keys",
        &[Ty::MapAny],
        "Dicts to the list of their keys, sorted within each.",
        &[(r#"{{ keys (dict "b" 1 "a" 2) (dict "a" 3) }}"#, "[a b a]")],
        |host, args| {
            let mut keys = Vec::new();
            for i in 0..args.len() {
                let dict = map(args, i);
                host.budget().items(keys.len() + dict.len())?;
                keys.extend(dict.keys());
            }
            Ok(List::strings(keys).into())
        },
    ),
    row(
        "values",
        &[Ty::MapAny],
        "Dict to the list of its values, in the order of the keys.",
        &[(r#"{{ values (dict "b" 1 "a" 2) }}"#, "[2 1]")],
        |host, args| {
            let dict = map(args, 0);
            host.budget().items(dict.len())?;
            Ok(List::new(dict.with(|entries| entries.values().cloned().collect())).into())
        },
    ),
    variadic(
        "pick",
        KEY,
        "Dict and keys to a new dict of just these.",
        &[(r#"{{ pick (dict "a" 1 "b" 2) "a" "c" }}"#, "map[a:1]")],
        |host, args| {
            host.budget().items(args.len())?;
            let dict = map(args, 0);
            let keys = (1..args.len()).map(|i| text(args, i));
            Ok(keys.filter_map(|key| Some((key.clone(), dict.get(key)?))).collect::<Map>().into())
        },
    ),
    variadic(
        "omit",
        KEY,
        "Dict and keys to a new dict of all but these.",
        &[(r#"{{ omit (dict "a" 1 "b" 2) "a" }}"#, "map[b:2]")],
        |host, args| {
            let dict = map(args, 0);
            host.budget().items(dict.len() + args.len())?;
            let left_out: HashSet<&Str> = (1..args.len()).map(|i| text(args, i)).collect();
            let kept = dict.with(|entries| {
                let kept = entries.iter().filter(|(key, _)| !left_out.contains(key));
                kept.map(|(key, value)| (key.clone(), value.clone())).collect::<Map>()
            });
            Ok(kept.into())
        },
    ),
    variadic(
        "dig",
        &[Ty::Any],
        "Keys, default and dict to the value under the keys, one below the other, or the default.",
        &[
            (r#"{{ dig "a" "b" "none" (dict "a" (dict "b" 1)) }}"#, "1"),
            (r#"{{ dig "a" "x" "none" (dict "a" (dict "b" 1)) }}"#, "none"),
            (r#"{{ dig "a" "b" }}"#, "!dig needs at least three arguments"),
            (
                r#"{{ dig "a" "b" "none" (dict "a" 1) }}"#,
                "!interface conversion: interface {} is int, not map[string]interface {}",
            ),
        ],
        |_, args| dig(args),
    ),
    row(
        "deepCopy",
        &[Ty::Any],
        "Value to a copy that shares nothing with it.",
        &[
            (r#"{{ $d := dict "a" (dict "b" 1) }}{{ $_ := set (deepCopy $d).a "b" 2 }}{{ $d.a.b }}"#, "1"),
            ("{{ deepCopy nil }}", "!reflect: call of reflect.Value.Type on zero Value"),
        ],
        copy,
    ),
    row(
        "mustDeepCopy",
        &[Ty::Any],
        "Like the name without must.",
        &[(r#"{{ mustDeepCopy (list 1 2) }}"#, "[1 2]")],
        copy,
    ),
];

/// The dict of argument 0 as the function's parameter has it: the same map,
/// whatever its own type is named.
pub fn same(args: &[Value]) -> Map {
    map(args, 0).retyped(&MAP_ANY)
}

fn dict(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    host.budget().items(args.len())?;
    let mut entries = Fields::new();
    for pair in args.chunks(2) {
        let key = strval(host, any(pair, 0))?;
        entries.insert(key, pair.get(1).cloned().unwrap_or_else(|| "".into()));
    }
    Ok(Map::typed(&MAP_ANY, entries).into())
}

fn copy(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    if any(args, 0).is_nil() {
        return Err("reflect: call of reflect.Value.Type on zero Value".into());
    }
    Ok(deep_copy(any(args, 0), host.budget())?)
}

/// Go's type assertion to `map[string]interface {}`, which named types fail.
fn asserted(value: &Value) -> Result<&Map, FuncError> {
    value
        .as_map()
        .filter(|map| map.ty().name == MAP_ANY.name)
        .ok_or_else(|| conversion(value, "map[string]interface {}"))
}

fn conversion(value: &Value, wanted: &str) -> FuncError {
    let found = if value.is_nil() { "nil" } else { value.type_name() };
    format!("interface conversion: interface {{}} is {found}, not {wanted}").into()
}

fn dig(args: &[Value]) -> Result<Value, FuncError> {
    let ([keys @ .., default, dict], 3..) = (args, args.len()) else {
        return Err("dig needs at least three arguments".into());
    };
    let mut at = Value::Map(asserted(dict)?.clone());
    for key in keys {
        if key.as_bytes().is_none() {
            return Err(conversion(key, "string"));
        }
    }
    for key in keys.iter().map(|key| key.as_bytes().unwrap_or_default()) {
        let Some(next) = asserted(&at)?.get(key) else { return Ok(default.clone()) };
        at = next;
    }
    Ok(at)
}

/// The dicts after the first one, for `merge`.
pub fn others(args: &[Value]) -> impl Iterator<Item = Map> {
    rest(args, 1).iter().filter_map(|value| value.as_map().cloned())
}
