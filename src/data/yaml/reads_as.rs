//! Whether a string, written without quotes, would be read as something else.

use super::resolve::{Scalar, Tag, resolve};

/// Whose reading counts. They differ in one thing: version 3 takes a sign after
/// the `0o` of an octal number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// go-yaml 2, which sigs.k8s.io/yaml writes with.
    V2,
    /// go-yaml 3.
    V3,
}

/// Whether the plain `text` reads as a string, to go-yaml and to the readers of
/// YAML 1.1 that know numbers to the base 60.
pub(super) fn reads_as_string(text: &str, version: Version) -> bool {
    resolve(Tag::None, text.as_bytes()).is_ok_and(|scalar| scalar == Scalar::Text)
        && !is_base60(text)
        && (version == Version::V2 || !is_signed_octal(text))
}

/// `0o-7`: the digits are parsed on their own, and may have a sign again.
fn is_signed_octal(text: &str) -> bool {
    text.starts_with("0o")
        && text.replace('_', "").get(2..).is_some_and(|digits| i64::from_str_radix(digits, 8).is_ok())
}

/// `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`
fn is_base60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let Some((first, rest)) = unsigned.split_once(':') else { return false };
    let (rest, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    first.starts_with(|c: char| c.is_ascii_digit())
        && first.bytes().all(|b| b.is_ascii_digit() || b == b'_')
        && fraction.bytes().all(|b| b.is_ascii_digit() || b == b'_')
        && rest.split(':').all(|part| matches!(part.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_numbers_and_dates_need_quotes() {
        for text in [
            "",
            "~",
            "y",
            "No",
            "TRUE",
            "null",
            ".inf",
            "-.Inf",
            ".nan",
            "0",
            "-1",
            "+12",
            "0x1F",
            "0755",
            "08",
            "1e3",
            ".5",
            "1.",
            "1_000",
            "12_",
            "0b11",
            "0o17",
            "0b-1",
            "18446744073709551615",
            "99999999999999999999",
            "1:20",
            "-1:20:30.5",
            "2001-1-2",
            "2001-12-14T21:59:43.10+05:00",
            "2001-01-02   3:4:5",
            "2024-02-29",
        ] {
            assert!(!reads_as_string(text, Version::V2), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_them_needs_none() {
        for text in [
            "tRue",
            "yess",
            "-.nan",
            "0x",
            "0b12",
            "1e",
            "12e",
            "1000e1000",
            "_1",
            "=",
            "<<",
            "1.2.3",
            "1:60",
            "0x1p4",
            "2001-13-01",
            "2023-02-29",
            "2001-01-02T03:04:05",
            "2001-01-02 03:04:05Z",
            "20010-1-1",
            "0o-7",
            ".",
            "-",
            "0xFFFFFFFFFFFFFFFFF",
            "-0b-1",
        ] {
            assert!(reads_as_string(text, Version::V2), "{text}");
        }
        assert!(!reads_as_string("0o-7", Version::V3));
    }
}
