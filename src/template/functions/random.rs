//! Random texts and numbers. All randomness comes from the host.

use super::args::{int, row, text};
use crate::data::{Str, Ty, Value, base64};
use crate::template::function::{FuncError, Function, Host};

/// The group's functions.
pub static FUNCTIONS: &[Function] = &[
    row(
        "randAlphaNum",
        &[Ty::Int],
        "that many random letters and digits",
        &[(r#"{{ regexMatch "^[0-9A-Za-z]{12}$" (randAlphaNum 12) }}"#, "true")],
        |host, args| letters(host, int(args, 0), ALPHANUMERIC),
    ),
    row(
        "randAlpha",
        &[Ty::Int],
        "that many random letters",
        &[(r#"{{ regexMatch "^[A-Za-z]{12}$" (randAlpha 12) }}"#, "true")],
        |host, args| letters(host, int(args, 0), ALPHABETIC),
    ),
    row(
        "randNumeric",
        &[Ty::Int],
        "that many random digits",
        &[(r#"{{ regexMatch "^[0-9]{12}$" (randNumeric 12) }}"#, "true")],
        |host, args| letters(host, int(args, 0), NUMERIC),
    ),
    row(
        "randAscii",
        &[Ty::Int],
        "that many random printable ASCII characters",
        &[(r#"{{ regexMatch "^[ -~]{12}$" (randAscii 12) }}"#, "true")],
        |host, args| letters(host, int(args, 0), ASCII),
    ),
    row(
        "randBytes",
        &[Ty::Int],
        "that many random bytes, in base64",
        &[
            ("{{ randBytes 5 | b64dec | len }}", "5"),
            ("{{ randBytes -1 }}", "!runtime error: makeslice: len out of range"),
        ],
        random_bytes,
    ),
    row(
        "randInt",
        &[Ty::Int, Ty::Int],
        "a random number from the first up to but not including the second",
        &[("{{ randInt 5 6 }}", "5"), ("{{ randInt 5 5 }}", "!invalid argument to Intn")],
        random_int,
    ),
    row(
        "shuffle",
        &[Ty::Str],
        "the characters of a string in random order",
        &[(r#"{{ shuffle "aaa" }}"#, "aaa"), (r#"{{ shuffle "abc" | len }}"#, "3")],
        shuffle,
    ),
    row(
        "uuidv4",
        &[],
        "a random UUID of version 4",
        &[(
            r#"{{ regexMatch "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$" uuidv4 }}"#,
            "true",
        )],
        |host, _| Ok(Value::from(uuid(host))),
    ),
];

const ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const ALPHABETIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const NUMERIC: &[u8] = b"0123456789";
const ASCII: &[u8] =
    b" !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";

/// `count` letters of the alphabet, each as likely as any other; none where the
/// count is negative, as Sprig drops that error.
fn letters(host: &mut dyn Host, count: i64, alphabet: &[u8]) -> Result<Value, FuncError> {
    let Ok(count) = usize::try_from(count) else { return Ok(Value::from("")) };
    host.budget().string(count)?;
    let mut out = Vec::with_capacity(count);
    let mut pool = [0; 64];
    // Bytes from here on would make the first letters likelier: they are drawn again.
    let fair = 256 - 256 % alphabet.len();
    while out.len() < count {
        host.random(&mut pool);
        let fitting = pool.iter().map(|b| usize::from(*b)).filter(|b| *b < fair);
        let wanted = count - out.len();
        out.extend(fitting.take(wanted).filter_map(|b| alphabet.get(b % alphabet.len())));
    }
    Ok(Value::Str(out.into()))
}

fn random_bytes(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let count =
        usize::try_from(int(args, 0)).map_err(|_| "runtime error: makeslice: len out of range".to_owned())?;
    host.budget().string(count.saturating_add(count / 3))?;
    let mut bytes = vec![0; count];
    host.random(&mut bytes);
    Ok(Value::Str(base64::encode(&bytes).into()))
}

fn random_int(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let (least, end) = (int(args, 0), int(args, 1));
    let range = end.wrapping_sub(least);
    let range = u64::try_from(range).ok().filter(|n| *n > 0).ok_or("invalid argument to Intn")?;
    Ok(Value::int(least.wrapping_add_unsigned(below(host, range))))
}

/// A number below `range`, each as likely as any other.
fn below(host: &mut dyn Host, range: u64) -> u64 {
    let range = range.max(1);
    let fair = u64::MAX - u64::MAX % range;
    loop {
        let mut bytes = [0; 8];
        host.random(&mut bytes);
        let n = u64::from_le_bytes(bytes);
        if n < fair {
            return n % range;
        }
    }
}

/// Invalid bytes become U+FFFD, as Go's conversion to runes makes them.
fn shuffle(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let text: &Str = text(args, 0);
    host.budget().steps(text.len())?;
    // Go reads each invalid byte as one rune.
    let mut runes: Vec<char> = Vec::with_capacity(text.len());
    for chunk in text.as_bytes().utf8_chunks() {
        runes.extend(chunk.valid().chars());
        runes.extend(chunk.invalid().iter().map(|_| '\u{fffd}'));
    }
    for last in (1..runes.len()).rev() {
        let other = below(host, last as u64 + 1);
        runes.swap(last, usize::try_from(other).unwrap_or(last));
    }
    Ok(Value::from(runes.into_iter().collect::<String>()))
}

fn uuid(host: &mut dyn Host) -> String {
    let mut bytes = [0; 16];
    host.random(&mut bytes);
    let number = u128::from_be_bytes(bytes);
    // Version 4 in the 7th byte, the variant of RFC 9562 in the 9th.
    let number = number & !(0xf << 76) | 4 << 76;
    let number = number & !(3 << 62) | 2 << 62;
    let hex = format!("{number:032x}");
    let part = |from, to| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}
