//! Sprig's regular expressions. The plain names fail on a bad pattern as Go's
//! `MustCompile` does, the must names with the error itself.

use std::rc::Rc;

use super::args::{bytes, int, row, text};
use crate::data::{List, Str, Ty, Value, list::LIST_STRING};
use crate::template::budget::Budget;
use crate::template::function::{FuncError, Function, Host};
use crate::template::print::{can_backquote, quote};
use crate::template::re2::{Pattern, Refused, compile, quote_meta};

const TWO: &[Ty] = &[Ty::Str, Ty::Str];
const FIND: &[Ty] = &[Ty::Str, Ty::Str, Ty::Int];
const THREE: &[Ty] = &[Ty::Str, Ty::Str, Ty::Str];

/// `regexMatch` and the others.
pub static FUNCTIONS: &[Function] = &[
    row(
        "regexMatch",
        TWO,
        "Pattern and text to whether the text has a match; false for a bad pattern.",
        &[(r#"{{ regexMatch "^[a-z]+$" "abc" }}"#, "true"), (r#"{{ regexMatch "a(" "abc" }}"#, "false")],
        |host, args| match pattern(host, args) {
            Ok(pattern) => Ok(pattern.is_match(bytes(args, 1), host.budget())?.into()),
            Err(Refused::Syntax(_)) => Ok(false.into()),
            Err(Refused::Exceeded(exceeded)) => Err(exceeded.into()),
        },
    ),
    row(
        "mustRegexMatch",
        TWO,
        "Pattern and text to whether the text has a match.",
        &[(r#"{{ mustRegexMatch "a(" "abc" }}"#, "!error parsing regexp: missing closing ): `a(`")],
        |host, args| Ok(checked(host, args)?.is_match(bytes(args, 1), host.budget())?.into()),
    ),
    row(
        "regexFind",
        TWO,
        "Pattern and text to the first match, or an empty string.",
        &[
            (r#"{{ regexFind "[a-z][1-9]" "abcd1234" }}"#, "d1"),
            (
                r#"{{ regexFind "a(" "abc" }}"#,
                "!regexp: Compile(`a(`): error parsing regexp: missing closing ): `a(`",
            ),
        ],
        |host, args| find(must(host, args)?, args, host.budget()),
    ),
    row(
        "mustRegexFind",
        TWO,
        "Pattern and text to the first match, or an empty string.",
        &[(r#"{{ mustRegexFind "[a-z][1-9]" "abcd1234" }}"#, "d1")],
        |host, args| find(checked(host, args)?, args, host.budget()),
    ),
    row(
        "regexFindAll",
        FIND,
        "Pattern, text and the greatest number (-1: all) to the list of matches.",
        &[(r#"{{ regexFindAll "[2,4,6,8]" "123456789" -1 }}"#, "[2 4 6 8]")],
        |host, args| find_all(must(host, args)?, args, host.budget()),
    ),
    row(
        "mustRegexFindAll",
        FIND,
        "Pattern, text and the greatest number (-1: all) to the list of matches.",
        &[(r#"{{ mustRegexFindAll "a" "aaa" 2 }}"#, "[a a]")],
        |host, args| find_all(checked(host, args)?, args, host.budget()),
    ),
    row(
        "regexReplaceAll",
        THREE,
        "Pattern, text and replacement ($1, ${1} and ${name} are groups) to the changed text.",
        &[(r#"{{ regexReplaceAll "a(x*)b" "-ab-axxb-" "${1}W" }}"#, "-W-xxW-")],
        |host, args| replace(must(host, args)?, args, false, host.budget()),
    ),
    row(
        "mustRegexReplaceAll",
        THREE,
        "Pattern, text and replacement ($1, ${1} and ${name} are groups) to the changed text.",
        &[(r#"{{ mustRegexReplaceAll "a(x*)b" "-ab-axxb-" "$1W" }}"#, "---")],
        |host, args| replace(checked(host, args)?, args, false, host.budget()),
    ),
    row(
        "regexReplaceAllLiteral",
        THREE,
        "Pattern, text and replacement, taken as it is, to the changed text.",
        &[(r#"{{ regexReplaceAllLiteral "a(x*)b" "-ab-axxb-" "${1}" }}"#, "-${1}-${1}-")],
        |host, args| replace(must(host, args)?, args, true, host.budget()),
    ),
    row(
        "mustRegexReplaceAllLiteral",
        THREE,
        "Pattern, text and replacement, taken as it is, to the changed text.",
        &[(r#"{{ mustRegexReplaceAllLiteral "x*" "-ab-" "+" }}"#, "+-+a+b+-+")],
        |host, args| replace(checked(host, args)?, args, true, host.budget()),
    ),
    row(
        "regexSplit",
        FIND,
        "Pattern, text and the greatest number (-1: all) to the list of pieces between matches.",
        &[
            (r#"{{ regexSplit "z+" "pizza" -1 }}"#, "[pi a]"),
            (r#"{{ regexSplit "z" "pizza" 2 }}"#, "[pi za]"),
        ],
        |host, args| split(must(host, args)?, args, host.budget()),
    ),
    row(
        "mustRegexSplit",
        FIND,
        "Pattern, text and the greatest number (-1: all) to the list of pieces between matches.",
        &[(r#"{{ mustRegexSplit "a*" "baac" -1 }}"#, "[b c]")],
        |host, args| split(checked(host, args)?, args, host.budget()),
    ),
    row(
        "regexQuoteMeta",
        &[Ty::Str],
        "Text to a pattern that matches just it.",
        &[(r#"{{ regexQuoteMeta "1.2.3" }}"#, r"1\.2\.3")],
        |host, args| {
            host.budget().string(bytes(args, 0).len())?;
            Ok(Value::Str(quote_meta(bytes(args, 0)).into()))
        },
    ),
];

fn pattern(host: &mut dyn Host, args: &[Value]) -> Result<Rc<Pattern>, Refused> {
    compile(bytes(args, 0), host.budget())
}

/// The compiled pattern, or Go's error.
fn checked(host: &mut dyn Host, args: &[Value]) -> Result<Rc<Pattern>, FuncError> {
    pattern(host, args).map_err(|refused| match refused {
        Refused::Syntax(error) => error.into(),
        Refused::Exceeded(exceeded) => exceeded.into(),
    })
}

/// The compiled pattern, or the text of `MustCompile`'s panic.
fn must(host: &mut dyn Host, args: &[Value]) -> Result<Rc<Pattern>, FuncError> {
    pattern(host, args).map_err(|refused| match refused {
        Refused::Syntax(error) => {
            let source = text(args, 0);
            let quoted = if can_backquote(source.as_bytes()) {
                format!("`{source}`")
            } else {
                quote(source.as_bytes())
            };
            format!("regexp: Compile({quoted}): {error}").into()
        }
        Refused::Exceeded(exceeded) => exceeded.into(),
    })
}

fn find(pattern: Rc<Pattern>, args: &[Value], budget: &mut Budget) -> Result<Value, FuncError> {
    let found = pattern.find(bytes(args, 1), budget)?;
    Ok(Value::Str(Str::from(found.unwrap_or_default())))
}

/// At most `n` matches; every match where `n` is negative.
fn find_all(pattern: Rc<Pattern>, args: &[Value], budget: &mut Budget) -> Result<Value, FuncError> {
    let limit = usize::try_from(int(args, 2)).unwrap_or(usize::MAX);
    let source = bytes(args, 1);
    let spans = pattern.find_all(source, limit, budget)?;
    if spans.is_empty() {
        return Ok(List::nil(&LIST_STRING).into());
    }
    let matches = spans.into_iter().map(|(start, end)| source.get(start..end).unwrap_or_default());
    Ok(List::strings(matches).into())
}

fn replace(
    pattern: Rc<Pattern>,
    args: &[Value],
    literal: bool,
    budget: &mut Budget,
) -> Result<Value, FuncError> {
    let out = pattern.replace_all(bytes(args, 1), bytes(args, 2), literal, budget)?;
    Ok(Value::Str(out.into()))
}

fn split(pattern: Rc<Pattern>, args: &[Value], budget: &mut Budget) -> Result<Value, FuncError> {
    Ok(match pattern.split(bytes(args, 1), int(args, 2), budget)? {
        Some(pieces) => List::strings(pieces).into(),
        None => List::nil(&LIST_STRING).into(),
    })
}
