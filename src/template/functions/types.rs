//! Sprig's look at Go's types and kinds.

use super::args::{any, bytes, row};
use super::deep::deep_equal;
use crate::data::{Ty, Value};
use crate::template::function::Function;

const NAMED: &[Ty] = &[Ty::Str, Ty::Any];

/// `typeOf`, `kindOf`, `deepEqual` and the others.
pub static FUNCTIONS: &[Function] = &[
    row(
        "typeOf",
        &[Ty::Any],
        "Value to the name of its Go type.",
        &[(r#"{{ typeOf (dict) }} {{ typeOf nil }}"#, "map[string]interface {} <nil>")],
        |_, args| Ok(any(args, 0).type_name().into()),
    ),
    row(
        "typeIs",
        NAMED,
        "Name and value to whether its Go type has that name.",
        &[(r#"{{ typeIs "int" 1 }} {{ typeIs "string" 1 }}"#, "true false")],
        |_, args| Ok((any(args, 1).type_name().as_bytes() == bytes(args, 0)).into()),
    ),
    row(
        "typeIsLike",
        NAMED,
        "Name and value to whether its Go type, or what it points to, has that name.",
        &[(r#"{{ typeIsLike "semver.Version" (semver "1.2.3") }}"#, "true")],
        |_, args| {
            let (wanted, name) = (bytes(args, 0), any(args, 1).type_name().as_bytes());
            Ok((name == wanted || name.strip_prefix(b"*") == Some(wanted)).into())
        },
    ),
    row(
        "kindOf",
        &[Ty::Any],
        "Value to the name of its Go kind.",
        &[(r#"{{ kindOf (dict) }} {{ kindOf nil }} {{ kindOf 1.5 }}"#, "map invalid float64")],
        |_, args| Ok(any(args, 0).kind().name().into()),
    ),
    row(
        "kindIs",
        NAMED,
        "Name and value to whether its Go kind has that name.",
        &[(r#"{{ kindIs "slice" (list) }}"#, "true")],
        |_, args| Ok((any(args, 1).kind().name().as_bytes() == bytes(args, 0)).into()),
    ),
    row(
        "deepEqual",
        &[Ty::Any, Ty::Any],
        "Two values to whether they are of one type and have the same content.",
        &[("{{ deepEqual (list 1 2) (list 1 2) }} {{ deepEqual 1 1.0 }}", "true false")],
        |host, args| Ok(Value::Bool(deep_equal(any(args, 0), any(args, 1), host.budget())?)),
    ),
];
