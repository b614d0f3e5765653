//! The plain constraints that nearly all charts write (`>=1.2.3-0, <2`, `^1 || 2.x`),
//! read without regular expressions. Whatever else there is, ranges and mistakes
//! among it, is left to the patterns.

use super::Parts;

const SPACE: [char; 5] = ['\t', '\n', '\x0c', '\r', ' '];
const OPERATORS: [&str; 11] = ["", "=", "!=", ">", "<", ">=", "=>", "<=", "=<", "~", "^"];

/// The constraints between `||`, if all of them are plain.
pub fn groups(text: &str) -> Option<Vec<Vec<Parts<'_>>>> {
    text.split("||").map(group).collect()
}

fn group(text: &str) -> Option<Vec<Parts<'_>>> {
    let mut rest = text.trim_matches(SPACE);
    let mut found = Vec::new();
    loop {
        let sign = rest.find(|c: char| !"=!<>~^".contains(c))?;
        let (operator, version) = rest.split_at_checked(sign)?;
        if !OPERATORS.contains(&operator) && operator != "~>" {
            return None;
        }
        let (parts, after) = one(version.trim_start_matches(SPACE))?;
        found.push(Parts { operator, ..parts });
        let next = after.trim_start_matches(SPACE);
        rest = match next.strip_prefix(',') {
            _ if next.is_empty() => return Some(found),
            Some(next) => next.trim_start_matches(SPACE),
            None if next.len() == after.len() => return None,
            None => next,
        };
    }
}

/// A version at the start of the text, and what follows it.
fn one(text: &str) -> Option<(Parts<'_>, &str)> {
    let (major, mut rest) = cut(text.strip_prefix('v').unwrap_or(text), number)?;
    let mut optional = |sign: char, length: fn(&str) -> usize| {
        let signed =
            |text: &str| if text.starts_with(sign) { 1 + length(text.get(1..).unwrap_or("")) } else { 0 };
        match cut(rest, signed) {
            Some((part, after)) if part.len() > 1 => {
                rest = after;
                part
            }
            _ => "",
        }
    };
    let minor = optional('.', number);
    let patch = if minor.is_empty() { "" } else { optional('.', number) };
    let pre = optional('-', words);
    optional('+', words);
    let version = text.strip_suffix(rest)?;
    Some((Parts { operator: "", version, major, minor, patch, pre }, rest))
}

/// Splits off as much as `length` says, if that is anything.
fn cut(text: &str, length: impl Fn(&str) -> usize) -> Option<(&str, &str)> {
    match length(text) {
        0 => None,
        length => text.split_at_checked(length),
    }
}

/// Digits, or one wildcard.
fn number(text: &str) -> usize {
    match text.bytes().take_while(u8::is_ascii_digit).count() {
        0 => usize::from(text.starts_with(['x', 'X', '*'])),
        digits => digits,
    }
}

/// Words with dots between them.
fn words(text: &str) -> usize {
    let mut length = 0;
    for word in text.split('.') {
        let letters = word.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'-').count();
        if letters == 0 {
            break;
        }
        length += letters + usize::from(length > 0);
        if letters < word.len() {
            break;
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use super::super::{Constraints, GRAMMAR};
    use super::*;

    /// What the patterns make of the text.
    fn spoken(text: &str) -> Option<String> {
        let grammar = GRAMMAR.as_ref().unwrap();
        let parts = text.split("||").map(|part| {
            let found = grammar.one.captures_iter(part).map(|c| Parts::of(&c)).collect::<Vec<_>>();
            grammar.segment.is_match(part).then_some(found)
        });
        parts.collect::<Option<Vec<_>>>().map(|parts| format!("{parts:?}"))
    }

    #[test]
    fn plain_constraints_read_as_the_patterns_read_them() {
        let plain = [
            "1.2.3",
            ">=1.2.3-0",
            " >= 1.19.0-0 , < 2 ",
            "^1.x",
            "~>1",
            "*",
            "x.x.x",
            "v1.2 || =>2.0.0+a.b-c.1",
            ">1 <2",
            "!=1.2.3-rc.1,1",
            "=<1\t2",
            "1.2.3-a+b",
            "1.*",
            "~1.2.x",
            "1-a.b.c",
            "17.x.x",
        ];
        for text in plain {
            let scanned = groups(text).map(|parts| format!("{parts:?}"));
            assert!(scanned.is_some(), "{text}");
            assert_eq!(scanned, spoken(text), "{text}");
        }
        let left = [
            "",
            " ",
            "1.2 - 1.4",
            ">1<2",
            "1.2.3.4",
            "1,",
            ",1",
            "1.2.",
            "a",
            "1.2.3-",
            "1.2.3+",
            "<>1",
            "1x",
            "1 || ",
            "v",
            "1.2.3-a..b",
            "1.2.3_",
            "1é",
            "é",
        ];
        for text in left {
            assert!(groups(text).is_none(), "{text}");
        }
        assert!(Constraints::parse("1.2 - 1.4").is_ok());
    }
}
