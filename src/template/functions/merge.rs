//! Sprig's `merge` family: mergo's rules for maps. The first map changes in
//! place; what it takes over from the others it shares with them.

use super::args::variadic;
use super::dicts::{others, same};
use crate::data::{Kind, List, ListType, Map, Str, Ty, Value, list::LIST_ANY};
use crate::template::budget::{Budget, Exceeded};
use crate::template::function::{FuncError, Function, Host};

const DICTS: &[Ty] = &[Ty::MapAny, Ty::MapAny];

/// How deep nested maps are followed; only a cycle goes deeper.
const MAX_DEPTH: usize = 10_000;

/// `merge`, `mergeOverwrite` and their must names.
pub static FUNCTIONS: &[Function] = &[
    variadic(
        "merge",
        DICTS,
        "Dicts to the first one, which gets what it lacks (or has empty) from the others.",
        &[
            (r#"{{ merge (dict "a" 1 "b" 0) (dict "a" 2 "b" 3) (dict "c" 4) }}"#, "map[a:1 b:3 c:4]"),
            (r#"{{ merge (dict "a" (dict "x" 1)) (dict "a" (dict "y" 2)) }}"#, "map[a:map[x:1 y:2]]"),
        ],
        |host, args| lenient(host, args, false),
    ),
    variadic(
        "mustMerge",
        DICTS,
        "Like merge, but fails where that returns an empty string.",
        &[(r#"{{ mustMerge (dict "a" "x") (dict "a" (dict "b" 1)) }}"#, "map[a:x]")],
        |host, args| strict(host, args, false),
    ),
    variadic(
        "mergeOverwrite",
        DICTS,
        "Dicts to the first one, with all that the others have put over it.",
        &[
            (r#"{{ mergeOverwrite (dict "a" 1 "b" 1) (dict "a" 0 "b" nil) }}"#, "map[a:0 b:<nil>]"),
            (r#"{{ mergeOverwrite (dict "a" (dict "x" 1)) (dict "a" (dict)) }}"#, "map[a:map[x:1]]"),
        ],
        |host, args| lenient(host, args, true),
    ),
    variadic(
        "mustMergeOverwrite",
        DICTS,
        "Like mergeOverwrite, but fails where that returns an empty string.",
        &[(r#"{{ mustMergeOverwrite (dict "a" "x") (dict "a" (list)) }}"#, "map[a:[]]")],
        |host, args| strict(host, args, true),
    ),
];

/// Why a merge failed.
enum Failure {
    /// mergo's error, which the plain names swallow.
    Error(&'static str),
    /// A panic of reflection, or a limit.
    Fatal(FuncError),
}

impl From<Exceeded> for Failure {
    fn from(exceeded: Exceeded) -> Self {
        Failure::Fatal(exceeded.into())
    }
}

fn all(host: &mut dyn Host, args: &[Value], overwrite: bool) -> Result<Value, Failure> {
    let mut target = same(args);
    for source in others(args) {
        if target.is_nil() && !source.is_nil() {
            // The parameter is a variable of its own, so that it gets a new map.
            target = Map::new();
        }
        maps(&target, &source, overwrite, host.budget(), 0)?;
    }
    Ok(target.into())
}

fn lenient(host: &mut dyn Host, args: &[Value], overwrite: bool) -> Result<Value, FuncError> {
    match all(host, args, overwrite) {
        Ok(merged) => Ok(merged),
        Err(Failure::Error(_)) => Ok("".into()),
        Err(Failure::Fatal(error)) => Err(error),
    }
}

fn strict(host: &mut dyn Host, args: &[Value], overwrite: bool) -> Result<Value, FuncError> {
    all(host, args, overwrite).map_err(|failure| match failure {
        Failure::Error(error) => error.into(),
        Failure::Fatal(error) => error,
    })
}

/// mergo's isEmptyValue: structs and complex numbers never are.
fn is_empty(value: &Value) -> bool {
    !matches!(value, Value::Complex(..)) && !value.is_true()
}

/// mergo's deepMerge of one map into another.
fn maps(
    target: &Map,
    source: &Map,
    overwrite: bool,
    budget: &mut Budget,
    depth: usize,
) -> Result<(), Failure> {
    if depth > MAX_DEPTH {
        return Err(Exceeded::Limit("values inside each other", MAX_DEPTH as u64).into());
    }
    if target.same(source) {
        return Ok(());
    }
    budget.steps(1 + source.len())?;
    for (key, value) in source.entries() {
        let old = target.get(&key);
        if value.is_nil() {
            if overwrite {
                insert(target, &key, value, source.ty().elem.name())?;
            }
            continue;
        }
        match (&value, &old) {
            (Value::Map(source), Some(Value::Map(target))) => {
                maps(target, source, overwrite, budget, depth + 1)?;
            }
            (Value::Map(_) | Value::Object(_), Some(Value::Object(object)))
                if object.kind() == Kind::Ptr && !overwrite && value.kind() != Kind::Ptr =>
            {
                return Err(Failure::Error("src and dst must be of same type"));
            }
            (Value::List(_) | Value::Bytes(_), _) => lists(target, &key, &value, &old, overwrite)?,
            _ => {}
        }
        let filled = old.as_ref().is_some_and(|old| !is_empty(old));
        let slice = value.kind() == Kind::Slice;
        let both_maps = value.kind() == Kind::Map && old.as_ref().is_some_and(|old| old.kind() == Kind::Map);
        if filled && (slice || both_maps) {
            continue;
        }
        if overwrite || !filled {
            insert(target, &key, value, source.ty().elem.name())?;
        }
    }
    Ok(())
}

/// What mergo does with a slice before its general rule: it replaces the old
/// value when overwriting or when the whole target is empty; an absent key gets
/// an empty slice, which the general rule then replaces.
fn lists(
    target: &Map,
    key: &Str,
    value: &Value,
    old: &Option<Value>,
    overwrite: bool,
) -> Result<(), Failure> {
    if target.ty().elem == Ty::Str && old.is_some() {
        return Err(Failure::Fatal("reflect: call of reflect.Value.IsNil on string Value".into()));
    }
    if overwrite || target.is_empty() {
        return insert(target, key, value.clone(), value.type_name());
    }
    match old {
        None | Some(Value::Nil) => {
            let ty: &'static ListType = value.as_list().map_or(&LIST_ANY, |list| list.ty());
            insert(target, key, List::typed(ty, Vec::new()).into(), value.type_name())
        }
        Some(_) => Ok(()),
    }
}

/// Sets the key if the map's Go type takes values of the static type `found`.
fn insert(target: &Map, key: &Str, value: Value, found: &str) -> Result<(), Failure> {
    let wanted = target.ty().elem;
    if !matches!(wanted, Ty::Any | Ty::Reflect) && wanted.name() != found {
        let wanted = wanted.name();
        return Err(Failure::Fatal(
            format!("reflect.Value.SetMapIndex: value of type {found} is not assignable to type {wanted}")
                .into(),
        ));
    }
    target.insert(key.clone(), value);
    Ok(())
}
