//! Go's print, printf and println.

use crate::data::{Signature, Ty, Value};
use crate::template::function::{FuncError, Function, Host};
use crate::template::print::{sprint, sprintf, sprintln};

/// The functions that print values as text.
pub static FUNCTIONS: &[Function] = &[
    Function {
        name: "print",
        signature: Signature { params: &[Ty::Any], variadic: true },
        help: "The values as text, with a space between two that are no strings.",
        cases: &[
            (r#"{{ print 1 2 "a" "b" 3 nil true }}"#, "1 2ab3 <nil> true"),
            ("{{ print 1e6 1.5 }}", "1e+06 1.5"),
            (r#"{{ print (list 1 "a" nil) (dict "b" 1 "a" 2) }}"#, "[1 a <nil>] map[a:2 b:1]"),
            ("{{ print }}", ""),
        ],
        call: print,
    },
    Function {
        name: "printf",
        signature: Signature { params: &[Ty::Str, Ty::Any], variadic: true },
        help: "The values as the format says: %v %s %d %q %t %f %x and the other verbs of Go's fmt.",
        cases: &[
            (r#"{{ printf "%s-%d" "a" 5 }}"#, "a-5"),
            (r#"{{ printf "%5.2f|%-4d|%04d|%+d" 3.14159 7 7 7 }}"#, " 3.14|7   |0007|+7"),
            (r#"{{ printf "%q %x %v %T" "a\n" "hi" (list 1 2) 1.5 }}"#, r#""a\n" 6869 [1 2] float64"#),
            (r#"{{ printf "%[2]s %[1]s" "a" "b" }}"#, "b a"),
            (r#"{{ printf "%d" 5.0 }}"#, "%!d(float64=5)"),
            (r#"{{ printf "%d" }}"#, "%!d(MISSING)"),
            (r#"{{ printf "x" 2 }}"#, "x%!(EXTRA int=2)"),
            (r#"{{ printf "%s" nil }}"#, "%!s(<nil>)"),
        ],
        call: printf,
    },
    Function {
        name: "println",
        signature: Signature { params: &[Ty::Any], variadic: true },
        help: "The values as text, with spaces between them and a newline at the end.",
        cases: &[(r#"{{ println "a" "b" 1 }}"#, "a b 1\n"), ("{{ println }}", "\n")],
        call: println,
    },
];

fn print(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    Ok(Value::str(sprint(host.budget(), args)?))
}

fn printf(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    match args {
        [Value::Str(format), args @ ..] => Ok(Value::str(sprintf(host.budget(), format.as_bytes(), args)?)),
        // The executor has checked the arguments.
        _ => Err(FuncError::from("wrong type for format; expected string")),
    }
}

fn println(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    Ok(Value::str(sprintln(host.budget(), args)?))
}
