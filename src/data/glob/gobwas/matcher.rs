//! The matchers that gobwas makes of a pattern, with what each finds where.

use std::cell::Cell;

use bstr::ByteSlice;

/// Something that matches text.
#[derive(Debug, Clone)]
pub enum Matcher {
    /// The empty text.
    Nothing,
    /// This text.
    Text(String),
    /// Anything without `/`.
    Any,
    /// Anything.
    Super,
    /// One character, not `/`.
    Single,
    /// One of these characters, or none of them.
    List { chars: String, not: bool },
    /// One character within, or without.
    Range { low: char, high: char, not: bool },
    /// One of several.
    AnyOf(Vec<Matcher>),
    /// All of several at once.
    EveryOf(Vec<Matcher>),
    /// Several of fixed length one after the other, and their characters.
    Row(usize, Vec<Matcher>),
    /// Something with other things left and right of it.
    Tree(Tree),
    /// At least as many characters.
    Min(usize),
    /// At most as many characters.
    Max(usize),
    /// A text within, or nowhere.
    Contains { needle: String, not: bool },
    /// A text, then anything.
    Prefix(String),
    /// Anything, then a text.
    Suffix(String),
    /// A text at the start and one at the end; they may overlap.
    PrefixSuffix(String, String),
    /// A text, then anything without `/`.
    PrefixAny(String),
    /// Anything without `/`, then a text.
    SuffixAny(String),
}

/// A matcher with others left and right of it.
#[derive(Debug, Clone)]
pub struct Tree {
    /// In the middle.
    pub value: Box<Matcher>,
    /// Before it.
    pub left: Option<Box<Matcher>>,
    /// Behind it.
    pub right: Option<Box<Matcher>>,
    left_length: usize,
    right_length: usize,
    length: Option<usize>,
}

impl Tree {
    /// A tree of these.
    pub fn new(value: Matcher, left: Option<Matcher>, right: Option<Matcher>) -> Tree {
        let length = |side: &Option<Matcher>| side.as_ref().map_or(Some(0), Matcher::length);
        let (own, before, behind) = (value.length(), length(&left), length(&right));
        Tree {
            value: Box::new(value),
            left: left.map(Box::new),
            right: right.map(Box::new),
            left_length: before.unwrap_or(0),
            right_length: behind.unwrap_or(0),
            length: own.zip(before).zip(behind).map(|((own, before), behind)| own + before + behind),
        }
    }

    fn matches(&self, s: &[u8], steps: &Cell<u64>) -> bool {
        if self.length.is_some_and(|length| length > s.len()) {
            return false;
        }
        let limit = s.len().saturating_sub(self.right_length);
        let mut offset = self.left_length;
        while offset < limit {
            let window = s.get(offset..limit).unwrap_or_default();
            let Some((index, ends)) = self.value.index(window, steps) else { return false };
            let start = offset + index;
            if side(self.left.as_deref(), s.get(..start).unwrap_or_default(), steps)
                && ends.iter().rev().any(|end| {
                    let rest = s.get(start + end..).unwrap_or_default();
                    side(self.right.as_deref(), rest, steps)
                })
            {
                return true;
            }
            offset = start + rune(s.get(start..).unwrap_or_default()).1.max(1);
        }
        false
    }
}

fn side(matcher: Option<&Matcher>, s: &[u8], steps: &Cell<u64>) -> bool {
    matcher.map_or(s.is_empty(), |matcher| matcher.matches(s, steps))
}

/// The first character and its bytes; U+FFFD for none.
fn rune(s: &[u8]) -> (char, usize) {
    let (c, width) = bstr::decode_utf8(s);
    (c.unwrap_or('\u{fffd}'), width)
}

/// Every place between two characters from `from` bytes on, the end included.
fn places(s: &[u8], from: usize) -> Vec<usize> {
    s.char_indices().map(|(start, _, _)| from + start).chain([from + s.len()]).collect()
}

fn until_slash(s: &[u8]) -> &[u8] {
    s.split_once_str("/").map_or(s, |(before, _)| before)
}

impl Matcher {
    /// How many characters it matches, if that is fixed. The alternatives are
    /// not asked as they should be: one of any length counts only behind one of
    /// a fixed length.
    pub fn length(&self) -> Option<usize> {
        match self {
            Matcher::Nothing => Some(0),
            Matcher::Text(text) => Some(text.chars().count()),
            Matcher::Single | Matcher::List { .. } | Matcher::Range { .. } => Some(1),
            Matcher::Row(length, _) => Some(*length),
            Matcher::Tree(tree) => tree.length,
            Matcher::AnyOf(list) => {
                let mut lengths = list.iter().map(Matcher::length).skip_while(Option::is_none);
                let first = lengths.next()?;
                lengths.all(|length| length == first).then_some(first).flatten()
            }
            _ => None,
        }
    }

    fn takes(&self, c: char) -> bool {
        match self {
            Matcher::Single => c != '/',
            Matcher::List { chars, not } => chars.contains(c) != *not,
            Matcher::Range { low, high, not } => (*low..=*high).contains(&c) != *not,
            _ => false,
        }
    }

    /// Whether the whole of `s` matches; nothing does once `steps` are used up.
    pub fn matches(&self, s: &[u8], steps: &Cell<u64>) -> bool {
        if !spend(steps, s) {
            return false;
        }
        match self {
            Matcher::Nothing => s.is_empty(),
            Matcher::Text(text) => s == text.as_bytes(),
            Matcher::Any => !s.contains(&b'/'),
            Matcher::Super => true,
            Matcher::Single | Matcher::List { .. } | Matcher::Range { .. } => {
                let (c, width) = rune(s);
                s.len() <= width && self.takes(c)
            }
            Matcher::AnyOf(list) => list.iter().any(|m| m.matches(s, steps)),
            Matcher::EveryOf(list) => list.iter().all(|m| m.matches(s, steps)),
            Matcher::Row(length, list) => s.chars().count() == *length && row(list, s, steps),
            Matcher::Tree(tree) => tree.matches(s, steps),
            Matcher::Min(least) => s.chars().count() >= *least,
            Matcher::Max(most) => s.chars().count() <= *most,
            Matcher::Contains { needle, not } => s.contains_str(needle) != *not,
            Matcher::Prefix(prefix) => s.starts_with_str(prefix),
            Matcher::Suffix(suffix) => s.ends_with_str(suffix),
            Matcher::PrefixSuffix(prefix, suffix) => s.starts_with_str(prefix) && s.ends_with_str(suffix),
            Matcher::PrefixAny(text) => s.strip_prefix(text.as_bytes()).is_some_and(|s| !s.contains(&b'/')),
            Matcher::SuffixAny(text) => s.strip_suffix(text.as_bytes()).is_some_and(|s| !s.contains(&b'/')),
        }
    }

    /// Where it first matches in `s`, and the lengths it can have there.
    fn index(&self, s: &[u8], steps: &Cell<u64>) -> Option<(usize, Vec<usize>)> {
        if !spend(steps, s) {
            return None;
        }
        match self {
            Matcher::Nothing => Some((0, vec![0])),
            Matcher::Text(text) => Some((s.find(text)?, vec![text.len()])),
            Matcher::Any => Some((0, places(until_slash(s), 0))),
            Matcher::Super => Some((0, places(s, 0))),
            Matcher::Single | Matcher::List { .. } | Matcher::Range { .. } => {
                let (start, end, _) = s.char_indices().find(|(_, _, c)| self.takes(*c))?;
                Some((start, vec![end - start]))
            }
            Matcher::AnyOf(list) => first_of(list, s, steps),
            Matcher::EveryOf(list) => every(list, s, steps),
            Matcher::Row(length, list) => {
                let fits = |(start, _, _): &(usize, usize, char)| {
                    s.get(*start..).is_some_and(|rest| rest.len() >= *length && row(list, rest, steps))
                };
                Some((s.char_indices().find(fits)?.0, vec![*length]))
            }
            Matcher::Tree(_) => None,
            Matcher::Min(least) => {
                let ends: Vec<usize> =
                    s.char_indices().map(|(_, end, _)| end).skip(least.saturating_sub(1)).collect();
                (!ends.is_empty()).then_some((0, ends))
            }
            Matcher::Max(most) => Some((
                0,
                [0].into_iter().chain(s.char_indices().map(|(_, end, _)| end).take(*most)).collect(),
            )),
            Matcher::Contains { needle, not: true } => {
                Some((0, places(s.split_once_str(needle).map_or(s, |(before, _)| before), 0)))
            }
            Matcher::Contains { needle, not: false } => {
                let from = s.find(needle)? + needle.len();
                Some((0, places(s.get(from..).unwrap_or_default(), from)))
            }
            Matcher::Prefix(text) => {
                let (start, rest) = (s.find(text)?, s.split_once_str(text)?.1);
                Some((start, places(rest, text.len())))
            }
            Matcher::PrefixAny(text) => {
                let (start, rest) = (s.find(text)?, s.split_once_str(text)?.1);
                Some((start, places(until_slash(rest), text.len())))
            }
            Matcher::Suffix(text) => Some((0, vec![s.find(text)? + text.len()])),
            Matcher::SuffixAny(text) => {
                let found = s.find(text)?;
                let start = s.get(..found)?.rfind_byte(b'/').map_or(0, |slash| slash + 1);
                Some((start, vec![found + text.len() - start]))
            }
            Matcher::PrefixSuffix(prefix, suffix) => between(prefix, suffix, s),
        }
    }
}

/// The first place of `prefix`, and the lengths up to the end of each `suffix`
/// behind it.
fn between(prefix: &str, suffix: &str, s: &[u8]) -> Option<(usize, Vec<usize>)> {
    let start = s.find(prefix)?;
    let mut rest = s.get(start..)?;
    let mut ends = Vec::new();
    while let Some(found) = rest.rfind(suffix) {
        ends.push(found + suffix.len());
        rest = rest.get(..found)?;
    }
    ends.reverse();
    (!ends.is_empty()).then_some((start, ends))
}

fn spend(steps: &Cell<u64>, s: &[u8]) -> bool {
    let left = steps.get().checked_sub(1 + s.len() as u64 / 8);
    steps.set(left.unwrap_or(0));
    left.is_some()
}

/// Parts of fixed length one after the other. Each gets one byte of its last
/// character, so that only ASCII matches.
fn row(list: &[Matcher], s: &[u8], steps: &Cell<u64>) -> bool {
    let mut rest = s;
    list.iter().all(|matcher| {
        let length = matcher.length().unwrap_or(0);
        let Some((start, _, _)) = rest.char_indices().nth(length.saturating_sub(1)) else { return false };
        let Some((own, behind)) = rest.split_at_checked(start + 1) else { return false };
        rest = behind;
        matcher.matches(own, steps)
    })
}

/// The earliest place that any of them finds, with the lengths of all that do.
fn first_of(list: &[Matcher], s: &[u8], steps: &Cell<u64>) -> Option<(usize, Vec<usize>)> {
    let found: Vec<(usize, Vec<usize>)> = list.iter().filter_map(|m| m.index(s, steps)).collect();
    let first = found.iter().map(|(index, _)| *index).min()?;
    let mut ends: Vec<usize> =
        found.into_iter().filter(|(index, _)| *index == first).flat_map(|(_, ends)| ends).collect();
    ends.sort_unstable();
    ends.dedup();
    Some((first, ends))
}

/// The lengths that all of them find at one place.
fn every(list: &[Matcher], s: &[u8], steps: &Cell<u64>) -> Option<(usize, Vec<usize>)> {
    let mut found: Option<(usize, Vec<usize>)> = None;
    for matcher in list {
        let (index, ends) = matcher.index(s, steps)?;
        found = Some(match found {
            None => (index, ends),
            Some((own, before)) => {
                let both: Vec<usize> =
                    before.into_iter().filter(|end| ends.binary_search(end).is_ok()).collect();
                if both.is_empty() {
                    return None;
                }
                (own, both)
            }
        });
    }
    found
}
