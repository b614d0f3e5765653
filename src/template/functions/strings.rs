//! Sprig's plain string functions. Strings are bytes: lengths and positions
//! count bytes, as Go's do.

use bstr::ByteSlice;

use super::args::{any, bytes, int, row, slice_bounds, text, variadic};
use super::text::{self, joined};
use crate::data::{Str, Ty, Value};
use crate::template::function::{FuncError, Function, Host};
use crate::template::print::quote;
use crate::template::unicode::{decode_rune, runes};

const ONE: &[Ty] = &[Ty::Str];
const TWO: &[Ty] = &[Ty::Str, Ty::Str];
const COUNTED: &[Ty] = &[Ty::Int, Ty::Str];
const ANY: &[Ty] = &[Ty::Any];

/// `trim`, `replace`, `indent`, `quote` and the others.
pub static FUNCTIONS: &[Function] = &[
    row("hello", &[], "Nothing to a greeting.", &[("{{ hello }}", "Hello!")], |_, _| Ok("Hello!".into())),
    row(
        "trim",
        ONE,
        "Text to the text without white space around it.",
        &[(r#"{{ trim " a b \n" }}"#, "a b")],
        |_, args| Ok(part(text(args, 0), bytes(args, 0).trim())),
    ),
    row(
        "trimAll",
        TWO,
        "Characters and text to the text without any of them around it.",
        &[(r#"{{ trimAll "$" "$5.00$" }}"#, "5.00")],
        trim_all,
    ),
    row("trimall", TWO, "The old name of trimAll.", &[(r#"{{ trimall "ab" "abcba" }}"#, "c")], trim_all),
    row(
        "trimSuffix",
        TWO,
        "Suffix and text to the text without the suffix.",
        &[(r#"{{ trimSuffix "-" "hello-" }}"#, "hello")],
        |_, args| {
            Ok(part(text(args, 1), bytes(args, 1).strip_suffix(bytes(args, 0)).unwrap_or(bytes(args, 1))))
        },
    ),
    row(
        "trimPrefix",
        TWO,
        "Prefix and text to the text without the prefix.",
        &[(r#"{{ trimPrefix "-" "-hello" }}"#, "hello")],
        |_, args| {
            Ok(part(text(args, 1), bytes(args, 1).strip_prefix(bytes(args, 0)).unwrap_or(bytes(args, 1))))
        },
    ),
    row(
        "contains",
        TWO,
        "Needle and text to whether the text has it.",
        &[(r#"{{ contains "cat" "catch" }}"#, "true")],
        |host, args| {
            host.budget().steps(bytes(args, 1).len() / 64)?;
            Ok(bytes(args, 1).contains_str(bytes(args, 0)).into())
        },
    ),
    row(
        "hasPrefix",
        TWO,
        "Prefix and text to whether the text begins with it.",
        &[(r#"{{ hasPrefix "cat" "catch" }}"#, "true")],
        |_, args| Ok(bytes(args, 1).starts_with(bytes(args, 0)).into()),
    ),
    row(
        "hasSuffix",
        TWO,
        "Suffix and text to whether the text ends with it.",
        &[(r#"{{ hasSuffix "cat" "catch" }}"#, "false")],
        |_, args| Ok(bytes(args, 1).ends_with(bytes(args, 0)).into()),
    ),
    row(
        "repeat",
        COUNTED,
        "Count and text to the text that many times.",
        &[
            (r#"{{ repeat 3 "ab" }}"#, "ababab"),
            (r#"{{ repeat -1 "ab" }}"#, "!strings: negative Repeat count"),
        ],
        |host, args| {
            let count = repeat_count(int(args, 0))?;
            host.budget().string(bytes(args, 1).len().saturating_mul(count))?;
            Ok(Value::Str(bytes(args, 1).repeat(count).into()))
        },
    ),
    row(
        "substr",
        &[Ty::Int, Ty::Int, Ty::Str],
        "Start, end and text to the bytes between them; a negative start is 0, a negative end the text's.",
        &[
            (r#"{{ substr 0 5 "hello world" }}"#, "hello"),
            (r#"{{ substr 6 -1 "hello world" }}"#, "world"),
            (r#"{{ substr -1 10 "abc" }}"#, "!runtime error: slice bounds out of range [:10] with length 3"),
            (r#"{{ substr 5 10 "abc" }}"#, "!runtime error: slice bounds out of range [5:3]"),
        ],
        substr,
    ),
    row(
        "trunc",
        COUNTED,
        "Count and text to its first bytes, or its last ones where the count is negative.",
        &[(r#"{{ trunc 5 "hello world" }}"#, "hello"), (r#"{{ trunc -5 "hello world" }}"#, "world")],
        |_, args| {
            let (count, text) = (int(args, 0), text(args, 1));
            let size = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
            let all = text.as_bytes();
            let kept = match all.len().checked_sub(size) {
                Some(skipped) if count < 0 => all.get(skipped..),
                _ if count < 0 => None,
                _ => all.get(..size),
            };
            Ok(part(text, kept.unwrap_or(all)))
        },
    ),
    row(
        "abbrev",
        COUNTED,
        "Width and text to the text cut to it with three dots.",
        &[(r#"{{ abbrev 5 "hello world" }}"#, "he...")],
        |_, args| {
            let text = text(args, 1);
            Ok(if int(args, 0) < 4 { text.clone().into() } else { abbreviate(text, 0, int(args, 0)) })
        },
    ),
    row(
        "abbrevboth",
        &[Ty::Int, Ty::Int, Ty::Str],
        "Left offset, width and text to the text cut on both sides with three dots.",
        &[(r#"{{ abbrevboth 5 10 "1234 5678 9123" }}"#, "...5678...")],
        |_, args| {
            let (left, right, text) = (int(args, 0), int(args, 1), text(args, 2));
            let short = right < 4 || left > 0 && right < 7;
            Ok(if short { text.clone().into() } else { abbreviate(text, left, right) })
        },
    ),
    row(
        "nospace",
        ONE,
        "Text to the text without white space.",
        &[(r#"{{ nospace "hello w o r l d" }}"#, "helloworld")],
        |_, args| Ok(nospace(text(args, 0))),
    ),
    row(
        "initials",
        ONE,
        "Text to the first letters of its words.",
        &[(r#"{{ initials "First Try" }}"#, "FT")],
        |_, args| Ok(initials(bytes(args, 0))),
    ),
    row(
        "replace",
        &[Ty::Str, Ty::Str, Ty::Str],
        "Old, new and text to the text with every old replaced.",
        &[(r#"{{ replace " " "-" "I Am Henry" }}"#, "I-Am-Henry"), (r#"{{ replace "" "-" "ab" }}"#, "-a-b-")],
        replace,
    ),
    row(
        "indent",
        COUNTED,
        "Count and text to the text with that many spaces before every line.",
        &[(r#"{{ indent 2 "a\n\nb" }}"#, "  a\n  \n  b")],
        |host, args| indent(host, args, ""),
    ),
    row(
        "nindent",
        COUNTED,
        "Like indent, with a newline before it all.",
        &[(r#"{{ nindent 2 "a" }}"#, "\n  a")],
        |host, args| indent(host, args, "\n"),
    ),
    row(
        "plural",
        &[Ty::Str, Ty::Str, Ty::Int],
        "Singular, plural and count to the first where the count is 1, else the second.",
        &[(r#"{{ plural "one anchovy" "many anchovies" 2 }}"#, "many anchovies")],
        |_, args| Ok(any(args, usize::from(int(args, 2) != 1)).clone()),
    ),
    variadic(
        "quote",
        ANY,
        "Values to their texts in double quotes, with a space between; nil is left out.",
        &[(r#"{{ quote "a\"b" 1 nil }}"#, r#""a\"b" "1""#)],
        |host, args| {
            joined(host, args, b" ", |host, value| {
                let text = text::strval(host, value)?;
                host.budget().string(text.len())?;
                Ok(quote(text.as_bytes()).into())
            })
        },
    ),
    variadic(
        "squote",
        ANY,
        "Values to their texts in single quotes, with a space between; nil is left out.",
        &[(r#"{{ squote "a" 1 nil }}"#, "'a' '1'")],
        |host, args| {
            joined(host, args, b" ", |host, value| {
                let text = text::print(host, value)?;
                Ok([b"'", text.as_bytes(), b"'"].concat().into())
            })
        },
    ),
    variadic(
        "cat",
        ANY,
        "Values to their texts with a space between; nil is left out.",
        &[(r#"{{ cat "hello" 1 "" "world" nil }}"#, "hello 1  world")],
        |host, args| joined(host, args, b" ", text::print),
    ),
];

/// `piece`, which lies in `whole`; shares the bytes where nothing was cut.
fn part(whole: &Str, piece: &[u8]) -> Value {
    Value::Str(if piece.len() == whole.len() { whole.clone() } else { piece.into() })
}

/// strings.Repeat's first check.
fn repeat_count(count: i64) -> Result<usize, FuncError> {
    usize::try_from(count).map_err(|_| "strings: negative Repeat count".into())
}

/// strings.Trim with the set of runes before the text.
fn trim_all(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let (set, mut kept) = (bytes(args, 0), bytes(args, 1));
    host.budget().steps((kept.len() / 8).saturating_mul(1 + set.len() / 8))?;
    let inside = |c: char| runes(set).any(|rune| rune.char == c);
    while let Some(rune) = decode_rune(kept).filter(|rune| inside(rune.char)) {
        kept = kept.get(rune.width..).unwrap_or_default();
    }
    while !kept.is_empty() {
        let (c, width) = match bstr::decode_last_utf8(kept) {
            (Some(c), width) => (c, width),
            (None, _) => (char::REPLACEMENT_CHARACTER, 1),
        };
        if !inside(c) {
            break;
        }
        kept = kept.get(..kept.len().saturating_sub(width)).unwrap_or_default();
    }
    Ok(part(text(args, 1), kept))
}

fn substr(_: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let (start, end, text) = (int(args, 0), int(args, 1), text(args, 2));
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let (low, high) = match (start, end) {
        (start, end) if start < 0 => (0, end),
        (start, end) if end < 0 || end > length => (start, length),
        bounds => bounds,
    };
    let range = usize::try_from(low).ok().zip(usize::try_from(high).ok());
    match range.and_then(|(low, high)| text.as_bytes().get(low..high)) {
        Some(piece) => Ok(part(text, piece)),
        None => Err(slice_bounds(low, high, text.len())),
    }
}

/// goutils' AbbreviateFull, for widths of at least 4 (7 with an offset).
fn abbreviate(text: &Str, offset: i64, width: i64) -> Value {
    let all = text.as_bytes();
    let Ok(width) = usize::try_from(width) else { return text.clone().into() };
    if all.len() <= width {
        return text.clone().into();
    }
    let room = width.saturating_sub(3);
    let offset = usize::try_from(offset).unwrap_or(0).min(all.len()).min(all.len() - room);
    let cut = |from: &[u8], to: usize| [from.get(..to).unwrap_or_default(), b"..."].concat();
    Value::Str(Str::from(if offset <= 4 {
        cut(all, room)
    } else if offset + room < all.len() {
        let rest = all.get(offset..).unwrap_or_default();
        // What is left may fit into the width without dots of its own.
        let inner = if rest.len() <= room { rest.to_vec() } else { cut(rest, room.saturating_sub(3)) };
        [b"...".as_slice(), &inner].concat()
    } else {
        [b"...".as_slice(), all.get(all.len() - room..).unwrap_or_default()].concat()
    }))
}

/// White space of Latin-1: goutils reads bytes as if they were runes.
fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ' | 0x85 | 0xA0)
}

/// goutils' DeleteWhiteSpace; as there, a text that changes has its bytes beyond
/// ASCII written as Latin-1 characters.
fn nospace(text: &Str) -> Value {
    let all = text.as_bytes();
    if !all.iter().copied().any(is_space) {
        return text.clone().into();
    }
    all.iter().filter(|b| !is_space(**b)).map(|b| char::from(*b)).collect::<String>().into()
}

/// goutils' Initials, bytewise as well.
fn initials(text: &[u8]) -> Value {
    let mut gap = true;
    let first = |byte: &u8| {
        let space = is_space(*byte);
        let begins = gap && !space;
        gap = space;
        begins.then(|| char::from(*byte))
    };
    text.iter().filter_map(first).collect::<String>().into()
}

fn replace(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let (old, new, source) = (bytes(args, 0), bytes(args, 1), bytes(args, 2));
    host.budget().string(source.len())?;
    if old == new {
        return Ok(text(args, 2).clone().into());
    }
    let mut out = Vec::new();
    if old.is_empty() {
        let count = crate::template::unicode::rune_count(source) + 1;
        host.budget().string(source.len().saturating_add(count.saturating_mul(new.len())))?;
        let mut at = 0;
        for rune in runes(source) {
            out.extend_from_slice(new);
            out.extend_from_slice(source.get(at..at + rune.width).unwrap_or_default());
            at += rune.width;
        }
        out.extend_from_slice(new);
        return Ok(Value::Str(out.into()));
    }
    let count = source.find_iter(old).count();
    if count == 0 {
        return Ok(text(args, 2).clone().into());
    }
    let size = (source.len() - count * old.len()).saturating_add(count.saturating_mul(new.len()));
    host.budget().string(size)?;
    out.reserve_exact(size);
    let mut at = 0;
    for found in source.find_iter(old) {
        out.extend_from_slice(source.get(at..found).unwrap_or_default());
        out.extend_from_slice(new);
        at = found + old.len();
    }
    out.extend_from_slice(source.get(at..).unwrap_or_default());
    Ok(Value::Str(out.into()))
}

/// `before`, then the text with spaces before every line, empty ones too.
fn indent(host: &mut dyn Host, args: &[Value], before: &str) -> Result<Value, FuncError> {
    let (width, source) = (repeat_count(int(args, 0))?, bytes(args, 1));
    host.budget().string(width.saturating_add(source.len()))?;
    let lines = source.find_iter(b"\n").count() + 1;
    let size = width.saturating_mul(lines).saturating_add(source.len() + before.len());
    host.budget().string(size)?;
    let mut out = Vec::with_capacity(size);
    out.extend_from_slice(before.as_bytes());
    for (i, line) in source.split(|b| *b == b'\n').enumerate() {
        if i > 0 {
            out.push(b'\n');
        }
        out.resize(out.len() + width, b' ');
        out.extend_from_slice(line);
    }
    Ok(Value::Str(out.into()))
}
