//! Whole values: compared by content and copied, counted on the budget because
//! shared parts may be met again and again.

use std::collections::HashSet;

use crate::data::fields::Fields;
use crate::data::{List, Map, Value};
use crate::template::budget::{Budget, Exceeded};

/// How deep a copy follows nested values; only a cycle goes deeper.
const MAX_DEPTH: usize = 10_000;

/// Go's `reflect.DeepEqual`: the same type and the same content, nested.
///
/// # Errors
/// The budget's limits.
pub fn deep_equal(left: &Value, right: &Value, budget: &mut Budget) -> Result<bool, Exceeded> {
    if !left.is_container() && !right.is_container() {
        return Ok(left.deep_equal(right));
    }
    let mut seen = HashSet::new();
    let mut pending = vec![(left.clone(), right.clone())];
    while let Some((left, right)) = pending.pop() {
        budget.step()?;
        let same = match (&left, &right) {
            (Value::List(x), Value::List(y)) => {
                let identical = std::ptr::eq(x.items(), y.items());
                let fresh = !identical && seen.insert((x.items().as_ptr().addr(), y.items().as_ptr().addr()));
                if fresh && x.len() == y.len() {
                    budget.steps(x.len())?;
                    pending.extend(x.items().iter().cloned().zip(y.items().iter().cloned()));
                }
                left.type_name() == right.type_name() && x.len() == y.len() && x.is_nil() == y.is_nil()
            }
            (Value::Map(x), Value::Map(y)) => {
                let alike =
                    left.type_name() == right.type_name() && x.len() == y.len() && x.is_nil() == y.is_nil();
                if alike && !x.same(y) && seen.insert((x.address(), y.address())) {
                    budget.steps(x.len())?;
                    let (xs, ys) = (x.entries(), y.entries());
                    let keys = xs.iter().map(|(k, _)| k).eq(ys.iter().map(|(k, _)| k));
                    pending.extend(xs.into_iter().zip(ys).map(|((_, v), (_, w))| (v, w)));
                    keys
                } else {
                    alike
                }
            }
            _ => left.deep_equal(&right),
        };
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
}

/// copystructure's Copy: every map and list anew, also where one was shared.
///
/// # Errors
/// The budget's limits.
pub fn deep_copy(value: &Value, budget: &mut Budget) -> Result<Value, Exceeded> {
    copy(value, budget, 0)
}

fn copy(value: &Value, budget: &mut Budget, depth: usize) -> Result<Value, Exceeded> {
    if depth > MAX_DEPTH {
        return Err(Exceeded::Limit("values inside each other", MAX_DEPTH as u64));
    }
    match value {
        Value::List(list) if !list.is_nil() => {
            budget.steps(1 + list.len())?;
            let items: Result<Vec<Value>, Exceeded> =
                list.items().iter().map(|item| copy(item, budget, depth + 1)).collect();
            Ok(List::typed(list.ty(), items?).into())
        }
        Value::Map(map) if !map.is_nil() => {
            budget.steps(1 + map.len())?;
            let entries: Result<Fields<Value>, Exceeded> = map.with(|entries| {
                let copied = entries.iter().map(|(k, v)| Ok((k.clone(), copy(v, budget, depth + 1)?)));
                copied.collect()
            });
            Ok(Map::typed(map.ty(), entries?).into())
        }
        other => Ok(other.clone()),
    }
}
