//! Paths with slashes. The `os` forms are the same, as they are on Linux.

use super::args::{bytes, row};
use crate::data::{Ty, Value};
use crate::template::function::{Call, Function};

/// The group's functions.
pub static FUNCTIONS: &[Function] = &[
    row(
        "base",
        &[Ty::Str],
        "the last element of a path",
        &[(r#"{{ base "a/b/" }}"#, "b"), (r#"{{ base "" }}"#, ".")],
        BASE,
    ),
    row(
        "dir",
        &[Ty::Str],
        "all but the last element of a path, cleaned",
        &[(r#"{{ dir "a//b/../c" }}"#, "a")],
        DIR,
    ),
    row(
        "clean",
        &[Ty::Str],
        "the shortest equal path",
        &[(r#"{{ clean "/../a/./b//c/.." }}"#, "/a/b"), (r#"{{ clean "../../a" }}"#, "../../a")],
        CLEAN,
    ),
    row(
        "ext",
        &[Ty::Str],
        "what follows the last dot of the last element, with the dot",
        &[(r#"{{ ext "a.b/c.d" }}"#, ".d")],
        EXT,
    ),
    row(
        "isAbs",
        &[Ty::Str],
        "whether a path starts with a slash",
        &[(r#"{{ isAbs "/a" }}"#, "true")],
        IS_ABS,
    ),
    row("osBase", &[Ty::Str], "the last element of a path", &[(r#"{{ osBase "a/b/" }}"#, "b")], BASE),
    row(
        "osDir",
        &[Ty::Str],
        "all but the last element of a path, cleaned",
        &[(r#"{{ osDir "/a/b/../c/" }}"#, "/a/c")],
        DIR,
    ),
    row("osClean", &[Ty::Str], "the shortest equal path", &[(r#"{{ osClean "a/../../b" }}"#, "../b")], CLEAN),
    row(
        "osExt",
        &[Ty::Str],
        "what follows the last dot of the last element, with the dot",
        &[(r#"{{ osExt "a/b.c" }}"#, ".c")],
        EXT,
    ),
    row(
        "osIsAbs",
        &[Ty::Str],
        "whether a path starts with a slash",
        &[(r#"{{ osIsAbs "a" }}"#, "false")],
        IS_ABS,
    ),
];

const BASE: Call = |_, args| Ok(Value::Str(base(bytes(args, 0)).into()));
const DIR: Call = |_, args| Ok(Value::Str(dir(bytes(args, 0)).into()));
const CLEAN: Call = |_, args| Ok(Value::Str(clean(bytes(args, 0)).into()));
const EXT: Call = |_, args| Ok(Value::Str(ext(bytes(args, 0)).into()));
const IS_ABS: Call = |_, args| Ok(bytes(args, 0).starts_with(b"/").into());

/// Go's `path.Base`: `.` of nothing, `/` of slashes only.
fn base(path: &[u8]) -> &[u8] {
    if path.is_empty() {
        return b".";
    }
    let end = path.iter().rposition(|b| *b != b'/').map_or(0, |at| at + 1);
    let name = path.split_at(end).0.rsplit(|b| *b == b'/').next().unwrap_or_default();
    if name.is_empty() { b"/" } else { name }
}

/// Go's `path.Dir`.
fn dir(path: &[u8]) -> Vec<u8> {
    let end = path.iter().rposition(|b| *b == b'/').map_or(0, |at| at + 1);
    clean(path.split_at(end).0)
}

/// Go's `path.Ext`.
fn ext(path: &[u8]) -> &[u8] {
    let name = path.rsplit(|b| *b == b'/').next().unwrap_or_default();
    match name.iter().rposition(|b| *b == b'.') {
        Some(at) => name.split_at(at).1,
        None => b"",
    }
}

/// Go's `path.Clean`: no empty elements, no `.`, no `..` that has something to
/// take back.
fn clean(path: &[u8]) -> Vec<u8> {
    let rooted = path.starts_with(b"/");
    let mut kept: Vec<&[u8]> = Vec::new();
    for element in path.split(|b| *b == b'/') {
        match element {
            b"" | b"." => {}
            b".." if kept.last().is_some_and(|last| *last != b"..") => drop(kept.pop()),
            b".." if rooted => {}
            element => kept.push(element),
        }
    }
    let mut out = if rooted { b"/".to_vec() } else { Vec::new() };
    out.extend(kept.join(&b'/'));
    if out.is_empty() { b".".to_vec() } else { out }
}
