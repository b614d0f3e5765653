//! What Helm adds to templates that needs the render itself: other templates,
//! refusals, and the cluster (which is never there).

use crate::data::{Map, Signature, Str, Ty, Value};
use crate::template::function::{FuncError, Function};

const TEXT_AND_DATA: Signature = Signature { params: &[Ty::Str, Ty::Any], variadic: false };

/// The group's functions.
pub static FUNCTIONS: &[Function] = &[
    Function {
        name: "include",
        signature: TEXT_AND_DATA,
        help: "what the named template prints for the given data",
        cases: &[
            (r#"{{ define "a" }}<{{ . }}>{{ end }}{{ include "a" 1 }}"#, "<1>"),
            (
                r#"{{ include "nope" . }}"#,
                r#"!template: no template "nope" associated with template "gotpl""#,
            ),
        ],
        call: |host, args| Ok(host.include(&text(args, 0), &data(args))?.into()),
    },
    Function {
        name: "tpl",
        signature: TEXT_AND_DATA,
        help: "what the given text prints as a template for the given data",
        cases: &[(r#"{{ tpl "{{ . }}!" 1 }}"#, "1!"), (r#"{{ tpl "plain" . }}"#, "plain")],
        call: |host, args| Ok(host.tpl(&text(args, 0), &data(args))?.into()),
    },
    Function {
        name: "required",
        signature: TEXT_AND_DATA,
        help: "the second argument; without one (nil or the empty string) the render fails with the first",
        cases: &[(r#"{{ required "give a" 0 }}"#, "0"), (r#"{{ required "give a" "" }}"#, "!give a")],
        call: |_, args| match data(args) {
            Value::Nil => Err(FuncError::Stop(text(args, 0).to_string())),
            Value::Str(s) if s.is_empty() => Err(FuncError::Stop(text(args, 0).to_string())),
            value => Ok(value),
        },
    },
    Function {
        name: "fail",
        signature: Signature { params: &[Ty::Str], variadic: false },
        help: "ends the render with the given message",
        cases: &[(r#"{{ fail "no" }}"#, "!no")],
        call: |_, args| Err(FuncError::Stop(text(args, 0).to_string())),
    },
    Function {
        name: "lookup",
        signature: Signature { params: &[Ty::Str, Ty::Str, Ty::Str, Ty::Str], variadic: false },
        help: "an empty map: there is no cluster to look into",
        cases: &[(r#"{{ lookup "v1" "Pod" "ns" "p" }}"#, "map[]")],
        call: |_, _| Ok(Map::new().into()),
    },
];

fn text(args: &[Value], i: usize) -> Str {
    match args.get(i) {
        Some(Value::Str(text)) => text.clone(),
        _ => Str::default(),
    }
}

fn data(args: &[Value]) -> Value {
    args.get(1).cloned().unwrap_or_default()
}
