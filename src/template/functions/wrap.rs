//! Sprig's line wrapping, as goutils does it: by bytes, words end at spaces.

use bstr::ByteSlice;

use super::args::{bytes, int, row};
use crate::data::{Ty, Value};
use crate::template::function::{FuncError, Function, Host};

/// `wrap`, `wrapWith`.
pub static FUNCTIONS: &[Function] = &[
    row(
        "wrap",
        &[Ty::Int, Ty::Str],
        "Width and text to the text in lines of that width; longer words stay whole.",
        &[(r#"{{ wrap 5 "Hello World" }}"#, "Hello\nWorld"), (r#"{{ wrap 3 "Hello" }}"#, "Hello")],
        |host, args| wrap(host, bytes(args, 1), int(args, 0), b"", false),
    ),
    row(
        "wrapWith",
        &[Ty::Int, Ty::Str, Ty::Str],
        "Width, separator and text to the text in lines of that width; longer words are broken.",
        &[(r#"{{ wrapWith 5 "|" "HelloWorld it" }}"#, "Hello|World|it")],
        |host, args| wrap(host, bytes(args, 2), int(args, 0), bytes(args, 1), true),
    ),
];

fn wrap(
    host: &mut dyn Host,
    text: &[u8],
    width: i64,
    separator: &[u8],
    break_words: bool,
) -> Result<Value, FuncError> {
    let separator = if separator.is_empty() { b"\n" } else { separator };
    let width = usize::try_from(width).unwrap_or(1).max(1);
    host.budget().string(text.len())?;
    let most = host.budget().limits().string;
    let (mut out, mut rest) = (Vec::with_capacity(text.len() + 16), text);
    while rest.len() > width {
        if let Some(after) = rest.strip_prefix(b" ") {
            rest = after;
            continue;
        }
        let line = rest.get(..=width).unwrap_or_default();
        let (end, next) = match line.rfind_byte(b' ') {
            Some(space) => (space, space + 1),
            None if break_words => (width, width),
            None => match rest.get(width..).unwrap_or_default().find_byte(b' ') {
                Some(space) => (width + space, width + space + 1),
                None => break,
            },
        };
        out.extend_from_slice(rest.get(..end).unwrap_or_default());
        out.extend_from_slice(separator);
        rest = rest.get(next..).unwrap_or_default();
        if out.len() > most {
            host.budget().string(out.len())?;
        }
    }
    out.extend_from_slice(rest);
    host.budget().string(out.len())?;
    Ok(Value::Str(out.into()))
}
