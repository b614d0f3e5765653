//! RE2's character classes, written so that Rust's engine reads the same sets:
//! `\d \w \s` and `[:alpha:]` are ASCII, `&&`, `--`, `~~` and `[` mean nothing.

use std::fmt::Write;

use super::parse::{Parsed, escape, fail, next, skip};

/// A class in Rust's syntax and about how many states it takes.
pub struct Class {
    /// What to write, a complete item.
    pub text: String,
    /// States of the automaton over bytes.
    pub weight: usize,
}

/// No character at all.
pub const NOTHING: &str = r"[^\x00-\x{10FFFF}]";
const EVERYTHING: &str = r"\x00-\x{10FFFF}";
const RANGE: &str = "invalid character class range";

/// The ranges of `\d`, `\s`, `\w`, and whether the letter negates them.
fn perl(letter: char) -> Option<(&'static str, bool)> {
    let ranges = match letter.to_ascii_lowercase() {
        'd' => "0-9",
        's' => r"\t\n\x0C\r\x20",
        'w' => "0-9A-Za-z_",
        _ => return None,
    };
    Some((ranges, letter.is_ascii_uppercase()))
}

/// The ranges of a name such as `alpha` in `[:alpha:]`.
fn posix(name: &str) -> Option<&'static str> {
    Some(match name {
        "alnum" => "0-9A-Za-z",
        "alpha" => "A-Za-z",
        "ascii" => r"\x00-\x7F",
        "blank" => r"\t\x20",
        "cntrl" => r"\x00-\x1F\x7F",
        "digit" => "0-9",
        "graph" => r"\x21-\x7E",
        "lower" => "a-z",
        "print" => r"\x20-\x7E",
        "punct" => r"\x21-\x2F\x3A-\x40\x5B-\x60\x7B-\x7E",
        "space" => r"\t\n\x0B\x0C\r\x20",
        "upper" => "A-Z",
        "word" => "0-9A-Za-z_",
        "xdigit" => "0-9A-Fa-f",
        _ => return None,
    })
}

/// A class escape (`\d`, `\pL`, `\P{Greek}`) at the start of `text`, as an item
/// that may stand in brackets; `None` where there is none.
fn class_escape(text: &str) -> Result<Option<(Class, &str)>, String> {
    let Some((letter, rest)) = text.strip_prefix('\\').and_then(next) else { return Ok(None) };
    if let Some((ranges, negated)) = perl(letter) {
        let text = if negated { format!("[^{ranges}]") } else { ranges.to_owned() };
        return Ok(Some((Class { text, weight: if negated { 8 } else { 1 } }, rest)));
    }
    if !matches!(letter, 'p' | 'P') {
        return Ok(None);
    }
    let (sequence, name, rest) = match next(rest) {
        None => return Err(fail(RANGE, text)),
        Some(('{', _)) => {
            let Some(end) = text.find('}') else { return Err(fail(RANGE, text)) };
            let (sequence, rest) = text.split_at(end + 1);
            (sequence, sequence.get(3..end).unwrap_or_default(), rest)
        }
        Some((c, after)) => {
            let sequence = text.get(..2 + c.len_utf8()).unwrap_or_default();
            (sequence, skip(sequence, 2), after)
        }
    };
    let (name, flipped) = name.strip_prefix('^').map_or((name, false), |name| (name, true));
    let text = unicode(name, (letter == 'P') != flipped).ok_or_else(|| fail(RANGE, sequence))?;
    Ok(Some((Class { text, weight: 300 }, rest)))
}

/// The item for a Unicode category or script, if Go knows the name.
fn unicode(name: &str, negated: bool) -> Option<String> {
    let name: String =
        name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).map(|c| c.to_ascii_lowercase()).collect();
    let letter = if negated { 'P' } else { 'p' };
    match name.as_str() {
        "any" => return Some(if negated { NOTHING } else { EVERYTHING }.to_owned()),
        "ascii" => return Some(if negated { r"[^\x00-\x7F]" } else { r"\x00-\x7F" }.to_owned()),
        "assigned" => return Some(format!(r"\{letter}{{gc=Assigned}}")),
        // Valid text has no surrogates.
        "cs" | "surrogate" => return Some(if negated { EVERYTHING } else { NOTHING }.to_owned()),
        _ => {}
    }
    if CATEGORIES.contains(&name.as_str()) {
        return Some(format!(r"\{letter}{{gc={name}}}"));
    }
    // Rust also knows the scripts' codes of four letters, Go does not.
    let code = name.len() <= 4 && !SHORT_SCRIPTS.contains(&name.as_str());
    let known = !code && name.chars().all(|c| c.is_ascii_alphanumeric());
    let text = format!(r"\{letter}{{sc={name}}}");
    (known && regex::Regex::new(&text).is_ok()).then_some(text)
}

const SHORT_SCRIPTS: &[&str] = &[
    "ahom", "cham", "han", "kawi", "lao", "lisu", "miao", "modi", "mro", "newa", "nko", "thai", "toto",
    "vai", "yi",
];

const CATEGORIES: &[&str] = &[
    "c",
    "cc",
    "cf",
    "cn",
    "co",
    "l",
    "lc",
    "ll",
    "lm",
    "lo",
    "lt",
    "lu",
    "m",
    "mc",
    "me",
    "mn",
    "n",
    "nd",
    "nl",
    "no",
    "p",
    "pc",
    "pd",
    "pe",
    "pf",
    "pi",
    "po",
    "ps",
    "s",
    "sc",
    "sk",
    "sm",
    "so",
    "z",
    "zl",
    "zp",
    "zs",
    "other",
    "control",
    "cntrl",
    "format",
    "unassigned",
    "privateuse",
    "letter",
    "casedletter",
    "lowercaseletter",
    "modifierletter",
    "otherletter",
    "titlecaseletter",
    "uppercaseletter",
    "mark",
    "combiningmark",
    "spacingmark",
    "enclosingmark",
    "nonspacingmark",
    "number",
    "decimalnumber",
    "digit",
    "letternumber",
    "othernumber",
    "punctuation",
    "punct",
    "connectorpunctuation",
    "dashpunctuation",
    "closepunctuation",
    "finalpunctuation",
    "initialpunctuation",
    "otherpunctuation",
    "openpunctuation",
    "symbol",
    "currencysymbol",
    "modifiersymbol",
    "mathsymbol",
    "othersymbol",
    "separator",
    "lineseparator",
    "paragraphseparator",
    "spaceseparator",
];

fn in_brackets(items: &str, negated: bool, fold: bool) -> String {
    let (open, close) = if fold { ("(?i:", ")") } else { ("", "") };
    let not = if negated { "^" } else { "" };
    format!("{open}[{not}{items}]{close}")
}

/// A class escape outside brackets.
pub fn lone(text: &str, fold: bool) -> Result<Option<(Class, &str)>, String> {
    Ok(class_escape(text)?.map(|(class, rest)| {
        let weight = class.weight;
        (Class { text: in_brackets(&class.text, false, fold), weight }, rest)
    }))
}

/// The class in brackets at the start of `text`.
pub fn bracketed(text: &str, fold: bool) -> Parsed<'_, Class> {
    let inner = skip(text, 1);
    let (negated, mut rest) = inner.strip_prefix('^').map_or((false, inner), |rest| (true, rest));
    let (mut items, mut weight, mut first) = (String::new(), if negated { 8 } else { 1 }, true);
    while first || !rest.starts_with(']') {
        first = false;
        if let Some((item, after)) = named(rest)? {
            items.push_str(&item);
            rest = after;
        } else if let Some((class, after)) = class_escape(rest)? {
            items.push_str(&class.text);
            weight += class.weight;
            rest = after;
        } else {
            let (wide, after) = range(rest, text, &mut items)?;
            weight += if wide { 4 } else { 0 };
            rest = after;
        }
    }
    if items.is_empty() {
        items.push_str(NOTHING);
    }
    let text = in_brackets(&items, negated, fold);
    Ok((Class { text, weight }, skip(rest, 1)))
}

/// `[:alpha:]` or `[:^alpha:]`; `None` where the text is no such name at all.
fn named(text: &str) -> Result<Option<(String, &str)>, String> {
    let Some(inner) = text.strip_prefix("[:") else { return Ok(None) };
    let Some((name, rest)) = inner.split_once(":]") else { return Ok(None) };
    let (positive, negated) = name.strip_prefix('^').map_or((name, false), |name| (name, true));
    match posix(positive) {
        Some(ranges) if negated => Ok(Some((format!("[^{ranges}]"), rest))),
        Some(ranges) => Ok(Some((ranges.to_owned(), rest))),
        None => Err(fail(RANGE, &format!("[:{name}:]"))),
    }
}

/// One character or range; says whether it reaches beyond ASCII.
fn range<'p>(text: &'p str, whole: &str, items: &mut String) -> Parsed<'p, bool> {
    let (low, mut rest) = member(text, whole)?;
    let mut high = low;
    if rest.len() >= 2 && rest.starts_with('-') && !rest.starts_with("-]") {
        (high, rest) = member(skip(rest, 1), whole)?;
        if high < low {
            return Err(fail(RANGE, super::parse::taken(text, rest)));
        }
    }
    // Surrogates are no characters; a range may span them.
    let low = if (0xD800..0xE000).contains(&low) { 0xE000 } else { low };
    let high = if (0xD800..0xE000).contains(&high) { 0xD7FF } else { high };
    // Writing to a string cannot fail.
    let _ = match low.cmp(&high) {
        std::cmp::Ordering::Greater => Ok(()),
        std::cmp::Ordering::Equal => write!(items, r"\x{{{low:X}}}"),
        std::cmp::Ordering::Less => write!(items, r"\x{{{low:X}}}-\x{{{high:X}}}"),
    };
    Ok((high > 0x7F, rest))
}

fn member<'p>(text: &'p str, whole: &str) -> Parsed<'p, u32> {
    match next(text) {
        None => Err(fail("missing closing ]", whole)),
        Some(('\\', _)) => escape(text),
        Some((c, rest)) => Ok((c.into(), rest)),
    }
}
