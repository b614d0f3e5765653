//! Sprig's functions that take texts apart.

use bstr::ByteSlice;

use super::args::{bytes, int, row};
use crate::data::{List, Map, Str, Ty, Value, map::MAP_STRING};
use crate::template::function::{FuncError, Function, Host};
use crate::template::unicode::decode_rune;

/// `split`, `splitList`, `splitn`.
pub static FUNCTIONS: &[Function] = &[
    row(
        "split",
        &[Ty::Str, Ty::Str],
        "Separator and text to a map of the pieces under _0, _1 and so on.",
        &[(r#"{{ $p := split "$" "foo$bar" }}{{ $p._1 }}"#, "bar")],
        |host, args| Ok(numbered(pieces(host, args, -1, 1)?)),
    ),
    row(
        "splitn",
        &[Ty::Str, Ty::Int, Ty::Str],
        "Separator, greatest number and text to a map of the pieces under _0, _1 and so on.",
        &[(r#"{{ splitn "$" 2 "foo$bar$baz" }}"#, "map[_0:foo _1:bar$baz]")],
        |host, args| Ok(numbered(pieces(host, args, int(args, 1), 2)?)),
    ),
    row(
        "splitList",
        &[Ty::Str, Ty::Str],
        "Separator and text to the list of the pieces.",
        &[
            (r#"{{ splitList "$" "foo$bar" }}"#, "[foo bar]"),
            (r#"{{ splitList "" "foo" }}"#, "[f o o]"),
            (r#"{{ splitList "," "" | len }}"#, "1"),
        ],
        |host, args| Ok(List::strings(pieces(host, args, -1, 1)?).into()),
    ),
];

fn numbered(pieces: Vec<&[u8]>) -> Value {
    let entries = pieces.into_iter().enumerate();
    let entries = entries.map(|(i, piece)| (Str::from(format!("_{i}")), Value::Str(piece.into())));
    Map::typed(&MAP_STRING, entries.collect()).into()
}

/// strings.SplitN of argument `at` by argument 0: all pieces where `limit` is
/// negative; an empty separator splits between runes.
fn pieces<'a>(
    host: &mut dyn Host,
    args: &'a [Value],
    limit: i64,
    at: usize,
) -> Result<Vec<&'a [u8]>, FuncError> {
    let (separator, mut rest) = (bytes(args, 0), bytes(args, at));
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    host.budget().steps(rest.len() / 64)?;
    let mut pieces = Vec::new();
    if limit == 0 || (separator.is_empty() && rest.is_empty()) {
        return Ok(pieces);
    }
    let most = host.budget().limits().items;
    while pieces.len() < limit - 1 {
        let (end, next) = if separator.is_empty() {
            let width = decode_rune(rest).map_or(0, |rune| rune.width);
            (width, width)
        } else {
            let Some(found) = rest.find(separator) else { break };
            (found, found + separator.len())
        };
        if separator.is_empty() && next == rest.len() {
            break;
        }
        if pieces.len() > most {
            host.budget().items(pieces.len())?;
        }
        pieces.push(rest.get(..end).unwrap_or_default());
        rest = rest.get(next..).unwrap_or_default();
    }
    pieces.push(rest);
    host.budget().items(pieces.len())?;
    Ok(pieces)
}
