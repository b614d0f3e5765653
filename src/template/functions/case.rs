//! Upper, lower and title case, rune by rune as Go maps them (one rune to one
//! rune: `ß` has no upper case), and the functions that change only the case.

use std::sync::LazyLock;

use regex::Regex;

use super::args::{bytes, row, text};
use super::words;
use crate::data::{Str, Ty, Value};
use crate::template::function::{FuncError, Function, Host};
use crate::template::unicode::runes;

const ONE: &[Ty] = &[Ty::Str];

/// `upper`, `lower`, `title` and the others.
pub static FUNCTIONS: &[Function] = &[
    row("upper", ONE, "Text to upper case.", &[(r#"{{ upper "straße" }}"#, "STRAßE")], |host, args| {
        mapped(host, text(args, 0), |b| b.is_ascii_lowercase(), to_upper)
    }),
    row("lower", ONE, "Text to lower case.", &[(r#"{{ lower "ÀB" }}"#, "àb")], |host, args| {
        mapped(host, text(args, 0), |b| b.is_ascii_uppercase(), to_lower)
    }),
    row(
        "title",
        ONE,
        "Text to the text with every word's first letter in title case.",
        &[(r#"{{ title "hello wORLD-x" }}"#, "Hello WORLD-X")],
        |host, args| {
            let mut previous = ' ';
            rebuilt(host, bytes(args, 0), |c| {
                let begins = is_separator(previous);
                previous = c;
                if begins { to_title(c) } else { c }
            })
        },
    ),
    row(
        "untitle",
        ONE,
        "Text to the text with every word's first letter in lower case.",
        &[(r#"{{ untitle "Hello WORLD" }}"#, "hello wORLD")],
        |host, args| {
            let mut next = true;
            rebuilt(host, bytes(args, 0), |c| {
                let begins = next && !c.is_whitespace();
                next = c.is_whitespace() || (next && !begins);
                if begins { to_lower(c) } else { c }
            })
        },
    ),
    row(
        "swapcase",
        ONE,
        "Text to the text with upper case made lower, and lower upper (title case at a word's start).",
        &[(r#"{{ swapcase "This Is a.Test" }}"#, "tHIS iS A.tEST")],
        |host, args| {
            let mut space = true;
            rebuilt(host, bytes(args, 0), |c| swap(c, &mut space))
        },
    ),
    row(
        "snakecase",
        ONE,
        "Text to its words in lower case with underscores between.",
        &[(r#"{{ snakecase "HTTPServer2Go" }}"#, "http_server2_go")],
        |host, args| changed(host, args, |text| words::split_case(text, '_')),
    ),
    row(
        "kebabcase",
        ONE,
        "Text to its words in lower case with hyphens between.",
        &[(r#"{{ kebabcase "FirstName" }}"#, "first-name")],
        |host, args| changed(host, args, |text| words::split_case(text, '-')),
    ),
    row(
        "camelcase",
        ONE,
        "Text to its words together, each with a capital.",
        &[(r#"{{ camelcase "http_server" }}"#, "HttpServer")],
        |host, args| changed(host, args, words::camel_case),
    ),
];

/// A whole text changed by `change`, counted.
fn changed(
    host: &mut dyn Host,
    args: &[Value],
    change: impl FnOnce(&[u8]) -> Vec<u8>,
) -> Result<Value, FuncError> {
    // Case may lengthen a text; connectors may double it.
    host.budget().string(bytes(args, 0).len().saturating_mul(3))?;
    Ok(Value::Str(change(bytes(args, 0)).into()))
}

/// strings.Map by a pure function: ASCII that `affected` does not name stays.
fn mapped(
    host: &mut dyn Host,
    source: &Str,
    affected: fn(&u8) -> bool,
    map: fn(char) -> char,
) -> Result<Value, FuncError> {
    let all = source.as_bytes();
    if all.is_ascii() {
        if !all.iter().any(affected) {
            return Ok(source.clone().into());
        }
        host.budget().string(all.len())?;
        let map = |b: &u8| if affected(b) { b ^ 0x20 } else { *b };
        return Ok(Value::Str(all.iter().map(map).collect::<Vec<u8>>().into()));
    }
    rebuilt(host, all, map)
}

/// Every rune mapped; an invalid byte becomes U+FFFD first.
fn rebuilt(
    host: &mut dyn Host,
    source: &[u8],
    mut map: impl FnMut(char) -> char,
) -> Result<Value, FuncError> {
    host.budget().string(source.len().saturating_mul(if source.is_ascii() { 1 } else { 3 }))?;
    Ok(runes(source).map(|rune| map(rune.char)).collect::<String>().into())
}

/// goutils' SwapCase of one rune; `space` says whether white space came last.
fn swap(c: char, space: &mut bool) -> char {
    if is_upper(c) || is_title(c) {
        *space = false;
        to_lower(c)
    } else if is_lower(c) {
        if std::mem::take(space) { to_title(c) } else { to_upper(c) }
    } else {
        *space = c.is_whitespace();
        c
    }
}

/// What strings.Title takes for the gap between words.
fn is_separator(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_alphanumeric() && c != '_';
    }
    c.is_whitespace()
}

/// unicode.ToUpper.
pub fn to_upper(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => one,
        _ => match c {
            '\u{1F80}'..='\u{1F87}' | '\u{1F90}'..='\u{1F97}' | '\u{1FA0}'..='\u{1FA7}' => shifted(c, 8),
            '\u{1FB3}' | '\u{1FC3}' | '\u{1FF3}' => shifted(c, 9),
            _ => c,
        },
    }
}

fn shifted(c: char, by: u32) -> char {
    char::from_u32(u32::from(c) + by).unwrap_or(c)
}

/// unicode.ToLower.
pub fn to_lower(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        // Only the dotted capital I has two.
        _ => 'i',
    }
}

/// unicode.ToTitle.
pub fn to_title(c: char) -> char {
    match c {
        '\u{1C4}'..='\u{1C6}' => '\u{1C5}',
        '\u{1C7}'..='\u{1C9}' => '\u{1C8}',
        '\u{1CA}'..='\u{1CC}' => '\u{1CB}',
        '\u{1F1}'..='\u{1F3}' => '\u{1F2}',
        // Georgian has capitals but no title case.
        '\u{10D0}'..='\u{10FF}' => c,
        _ => to_upper(c),
    }
}

fn in_class(class: &LazyLock<Option<Regex>>, c: char) -> bool {
    class.as_ref().is_some_and(|class| class.is_match(c.encode_utf8(&mut [0; 4])))
}

macro_rules! class {
    ($name:ident, $pattern:literal, $ascii:expr, $doc:literal) => {
        #[doc = $doc]
        pub fn $name(c: char) -> bool {
            static CLASS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new($pattern).ok());
            let ascii: fn(char) -> bool = $ascii;
            if c.is_ascii() { ascii(c) } else { in_class(&CLASS, c) }
        }
    };
}

class!(is_upper, r"\p{Lu}", |c| c.is_ascii_uppercase(), "unicode.IsUpper");
class!(is_lower, r"\p{Ll}", |c| c.is_ascii_lowercase(), "unicode.IsLower");
class!(is_title, r"\p{Lt}", |_| false, "unicode.IsTitle");
class!(is_letter, r"\p{L}", |c| c.is_ascii_alphabetic(), "unicode.IsLetter");
class!(
    is_punctuation,
    r"\p{P}",
    |c| c.is_ascii_punctuation() && !matches!(c, '$' | '+' | '<' | '=' | '>' | '^' | '`' | '|' | '~'),
    "unicode.IsPunct"
);
