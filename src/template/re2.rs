//! Go's regular expressions (RE2) on Rust's engine: patterns are checked and
//! translated one by one, searches follow Go's rules for empty matches, and both
//! are counted on the budget.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::budget::{Budget, Exceeded};
use engines::Engines;

use super::unicode::{decode_rune, is_alphanumeric, runes};

mod class;
mod engines;
mod parse;
mod translate;

/// Patterns that a thread keeps compiled; beyond it the cache starts anew.
const CACHED: usize = 256;
/// State-bytes of a search that count as one step.
const WORK_PER_STEP: usize = 64;
/// The same for each further match, which rarely looks at all that is left.
const WORK_PER_MATCH: usize = 16_384;

/// Why a pattern could not be used.
#[derive(Debug, Clone)]
pub enum Refused {
    /// Go's error text, from `error parsing regexp: ` on.
    Syntax(String),
    /// It is larger than we let it be.
    Exceeded(Exceeded),
}

impl From<Exceeded> for Refused {
    fn from(exceeded: Exceeded) -> Self {
        Refused::Exceeded(exceeded)
    }
}

/// A compiled pattern.
#[derive(Debug)]
pub struct Pattern {
    engines: Engines,
    /// The names of the groups, the whole match first.
    names: Vec<String>,
    /// About how many states a search may be in at once.
    weight: usize,
    /// Whether there is no pattern text at all.
    empty: bool,
}

/// Start and end of a match, in bytes of the text it was found in.
pub type Span = (usize, usize);

/// Go's regexp.Compile. Compiled patterns are kept for the thread.
///
/// # Errors
/// Go's syntax error, or the limit that the pattern goes beyond.
pub fn compile(pattern: &[u8], budget: &mut Budget) -> Result<Rc<Pattern>, Refused> {
    thread_local! {
        static CACHE: RefCell<HashMap<Vec<u8>, Rc<Pattern>>> = RefCell::default();
    }
    if let Some(known) = CACHE.with_borrow(|cache| cache.get(pattern).cloned()) {
        return Ok(known);
    }
    let compiled = Rc::new(build(pattern, budget)?);
    CACHE.with_borrow_mut(|cache| {
        if cache.len() >= CACHED {
            cache.clear();
        }
        cache.insert(pattern.to_vec(), Rc::clone(&compiled));
    });
    Ok(compiled)
}

/// Whether Go compiles the pattern. Costs far less than compiling it here.
///
/// # Errors
/// Go's syntax error, or the budget's end.
pub fn check(pattern: &[u8], budget: &mut Budget) -> Result<(), Refused> {
    budget.steps(pattern.len() / 4)?;
    translate::translate(pattern).map(|_| ()).map_err(Refused::Syntax)
}

fn build(pattern: &[u8], budget: &mut Budget) -> Result<Pattern, Refused> {
    budget.steps(pattern.len() / 4)?;
    let translated = translate::translate(pattern).map_err(Refused::Syntax)?;
    budget.steps(translated.weight.saturating_mul(4).saturating_add(200))?;
    let engines = Engines::new(translated.pattern)?;
    Ok(Pattern { engines, names: translated.names, weight: translated.weight, empty: pattern.is_empty() })
}

/// A text as the engine needs it: valid UTF-8, with the way back to the places
/// in the original where invalid bytes had to be replaced.
struct Haystack<'t> {
    original: &'t [u8],
    ascii: bool,
    text: Cow<'t, str>,
    /// Pairs of an offset in `text` and the one in `original`, one after each
    /// replaced byte, ascending.
    shifts: Vec<(usize, usize)>,
}

impl<'t> Haystack<'t> {
    /// Go reads an invalid byte as U+FFFD of width 1.
    fn new(original: &'t [u8]) -> Haystack<'t> {
        if let Ok(text) = std::str::from_utf8(original) {
            return Haystack {
                original,
                ascii: text.is_ascii(),
                text: Cow::Borrowed(text),
                shifts: Vec::new(),
            };
        }
        let mut text = String::with_capacity(original.len() + 16);
        let mut shifts = Vec::new();
        let mut at = 0;
        for rune in runes(original) {
            text.push(rune.char);
            at += rune.width;
            if !rune.valid {
                shifts.push((text.len(), at));
            }
        }
        Haystack { original, ascii: false, text: Cow::Owned(text), shifts }
    }

    fn back(&self, offset: usize) -> usize {
        let known = self.shifts.partition_point(|(here, _)| *here <= offset);
        match known.checked_sub(1).and_then(|i| self.shifts.get(i)) {
            Some((here, there)) => there + (offset - here),
            None => offset,
        }
    }

    fn span(&self, span: Span) -> Span {
        (self.back(span.0), self.back(span.1))
    }

    /// The width of the character at `offset`, 0 at the end.
    fn width(&self, offset: usize) -> usize {
        self.text.get(offset..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)
    }

    fn part(&self, span: Span) -> &'t [u8] {
        self.original.get(span.0..span.1).unwrap_or_default()
    }
}

impl Pattern {
    fn first_search(&self, text: &[u8], budget: &mut Budget) -> Result<(), Exceeded> {
        budget.steps(text.len().saturating_mul(self.weight) / WORK_PER_STEP)?;
        budget.check()
    }

    fn next_search(&self, left: usize, budget: &mut Budget) -> Result<(), Exceeded> {
        budget.steps(1 + left.saturating_mul(self.weight) / WORK_PER_MATCH)?;
        budget.check()
    }

    /// Regexp.Match.
    ///
    /// # Errors
    /// The budget's limits.
    pub fn is_match(&self, text: &[u8], budget: &mut Budget) -> Result<bool, Exceeded> {
        self.first_search(text, budget)?;
        Ok(self.engines.find_at(&Haystack::new(text), 0)?.is_some())
    }

    /// Regexp.Find: the leftmost match.
    ///
    /// # Errors
    /// The budget's limits.
    pub fn find<'t>(&self, text: &'t [u8], budget: &mut Budget) -> Result<Option<&'t [u8]>, Exceeded> {
        self.first_search(text, budget)?;
        let hay = Haystack::new(text);
        let found = self.engines.find_at(&hay, 0)?;
        Ok(found.map(|span| hay.part(hay.span(span))))
    }

    /// Regexp.FindAllIndex: up to `limit` matches from left to right; an empty
    /// one right after another does not count.
    ///
    /// # Errors
    /// The budget's limits.
    pub fn find_all(&self, text: &[u8], limit: usize, budget: &mut Budget) -> Result<Vec<Span>, Exceeded> {
        self.first_search(text, budget)?;
        let hay = Haystack::new(text);
        let (mut found, mut at, mut previous) = (Vec::new(), 0, None);
        while found.len() < limit && at <= hay.text.len() {
            let Some(span) = self.engines.find_at(&hay, at)? else { break };
            self.next_search(hay.text.len() - at, budget)?;
            let accepted = span.1 != at || Some(span.0) != previous;
            at = if span.1 == at { advance(&hay, at) } else { span.1 };
            previous = Some(span.1);
            if accepted {
                budget.items(found.len() + 1).map(|()| found.push(hay.span(span)))?;
            }
        }
        Ok(found)
    }

    /// Regexp.Split into at most `limit` pieces (any number below 0).
    ///
    /// # Errors
    /// The budget's limits.
    pub fn split<'t>(
        &self,
        text: &'t [u8],
        limit: i64,
        budget: &mut Budget,
    ) -> Result<Option<Vec<&'t [u8]>>, Exceeded> {
        if limit == 0 {
            return Ok(None);
        }
        if !self.empty && text.is_empty() {
            return Ok(Some(vec![text]));
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let (mut pieces, mut begin, mut end) = (Vec::new(), 0, 0);
        for span in self.find_all(text, limit, budget)? {
            if pieces.len() + 1 == limit {
                break;
            }
            end = span.0;
            if span.1 != 0 {
                pieces.push(text.get(begin..end).unwrap_or_default());
            }
            begin = span.1;
        }
        if end != text.len() {
            pieces.push(text.get(begin..).unwrap_or_default());
        }
        Ok(Some(pieces))
    }

    /// Regexp.ReplaceAll, or ReplaceAllLiteral where `literal`: `$1`, `${1}`,
    /// `$name` stand for groups, `$$` for a dollar.
    ///
    /// # Errors
    /// The budget's limits.
    pub fn replace_all(
        &self,
        text: &[u8],
        replacement: &[u8],
        literal: bool,
        budget: &mut Budget,
    ) -> Result<Vec<u8>, Exceeded> {
        self.first_search(text, budget)?;
        let hay = Haystack::new(text);
        let expand = !literal && replacement.contains(&b'$');
        let mut out = Vec::new();
        let (mut at, mut last) = (0, 0);
        let mut groups = Vec::new();
        while at <= hay.text.len() {
            let span = match expand {
                true => self.engines.groups_at(&hay, at, &mut groups)?,
                false => self.engines.find_at(&hay, at)?,
            };
            let Some(span) = span else { break };
            self.next_search(hay.text.len() - at, budget)?;
            out.extend_from_slice(hay.part(hay.span((last, span.0))));
            if span.1 > last || span.0 == 0 {
                if expand {
                    let group = |i| groups.get(i).copied().flatten().map(|span| hay.part(hay.span(span)));
                    self.expand(replacement, group, &mut out);
                } else {
                    out.extend_from_slice(replacement);
                }
                if out.len() > budget.limits().string {
                    budget.string(out.len())?;
                }
            }
            last = span.1;
            at = if advance(&hay, at) > span.1 { advance(&hay, at) } else { span.1 };
        }
        out.extend_from_slice(hay.part(hay.span((last, hay.text.len()))));
        budget.string(out.len())?;
        Ok(out)
    }

    /// Regexp.Expand.
    fn expand<'t>(&self, replacement: &[u8], group: impl Fn(usize) -> Option<&'t [u8]>, out: &mut Vec<u8>) {
        let mut rest = replacement;
        while let Some(dollar) = rest.iter().position(|b| *b == b'$') {
            out.extend_from_slice(rest.get(..dollar).unwrap_or_default());
            rest = rest.get(dollar + 1..).unwrap_or_default();
            if let Some(after) = rest.strip_prefix(b"$") {
                out.push(b'$');
                rest = after;
                continue;
            }
            let Some((name, after)) = group_name(rest) else {
                out.push(b'$');
                continue;
            };
            rest = after;
            let text = match group_number(name) {
                Some(number) => group(number),
                None => {
                    let same = self.names.iter().enumerate().filter(|(_, n)| n.as_bytes() == name);
                    same.filter_map(|(i, _)| group(i)).next()
                }
            };
            out.extend_from_slice(text.unwrap_or_default());
        }
        out.extend_from_slice(rest);
    }
}

/// One character on, or one byte past the end.
fn advance(hay: &Haystack<'_>, at: usize) -> usize {
    at + hay.width(at).max(1)
}

/// The group that a `$` refers to: the longest name of letters, digits and `_`,
/// or the one in braces; and what follows it.
fn group_name(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = text.strip_prefix(b"{");
    let from = inner.unwrap_or(text);
    let mut end = 0;
    while let Some(rune) = from.get(end..).and_then(decode_rune) {
        if !is_alphanumeric(rune.char) {
            break;
        }
        end += rune.width;
    }
    let (name, rest) = from.split_at_checked(end)?;
    let rest = if inner.is_some() { rest.strip_prefix(b"}")? } else { rest };
    (!name.is_empty()).then_some((name, rest))
}

/// The number that a name is: decimal, without a leading zero, below 1e9.
fn group_number(name: &[u8]) -> Option<usize> {
    let zero = name.len() > 1 && name.first() == Some(&b'0');
    let digits = name.len() <= 9 && name.iter().all(u8::is_ascii_digit) && !zero;
    digits.then(|| name.iter().fold(0, |n, b| n * 10 + usize::from(b - b'0')))
}

/// regexp.QuoteMeta: a backslash before every character with a meaning.
pub fn quote_meta(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 8);
    for byte in text {
        if br"\.+*?()|[]{}^$".contains(byte) {
            out.push(b'\\');
        }
        out.push(*byte);
    }
    out
}

#[cfg(test)]
mod tests;
