//! Sprig's defaults and choices. Empty are false, 0, "", nil and containers
//! without items; structs never are.

use super::args::{any, boolean, row, variadic};
use crate::data::{Ty, Value};
use crate::template::function::Function;

/// `default`, `empty`, `coalesce`, `all`, `any`, `ternary`.
pub static FUNCTIONS: &[Function] = &[
    variadic(
        "default",
        &[Ty::Any, Ty::Any],
        "Default and value to the value, or the default where it is empty or not given.",
        &[(r#"{{ default "d" "" }} {{ default "d" 1 }} {{ default "d" }}"#, "d 1 d")],
        |_, args| {
            let given = any(args, 1);
            Ok(if given.is_true() { given } else { any(args, 0) }.clone())
        },
    ),
    row(
        "empty",
        &[Ty::Any],
        "Value to whether it is empty.",
        &[(r#"{{ empty 0 }} {{ empty "a" }} {{ empty nil }}"#, "true false true")],
        |_, args| Ok((!any(args, 0).is_true()).into()),
    ),
    variadic(
        "coalesce",
        &[Ty::Any],
        "Values to the first that is not empty, or nil.",
        &[(r#"{{ coalesce 0 "" nil 2 3 }}"#, "2")],
        |_, args| Ok(args.iter().find(|value| value.is_true()).cloned().unwrap_or_default()),
    ),
    variadic(
        "all",
        &[Ty::Any],
        "Values to whether none is empty.",
        &[("{{ all 1 2 }} {{ all 1 0 }} {{ all }}", "true false true")],
        |_, args| Ok(args.iter().all(Value::is_true).into()),
    ),
    variadic(
        "any",
        &[Ty::Any],
        "Values to whether one is not empty.",
        &[("{{ any 0 1 }} {{ any 0 nil }} {{ any }}", "true false false")],
        |_, args| Ok(args.iter().any(Value::is_true).into()),
    ),
    row(
        "ternary",
        &[Ty::Any, Ty::Any, Ty::Bool],
        "Two values and a condition to the first where it is true, else the second.",
        &[(r#"{{ true | ternary "a" "b" }} {{ false | ternary "a" "b" }}"#, "a b")],
        |_, args| Ok(any(args, usize::from(!boolean(args, 2))).clone()),
    ),
];
