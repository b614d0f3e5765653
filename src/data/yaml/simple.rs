//! The short way through documents of the usual shape: block collections of plain
//! and quoted words, literal texts, small flow collections. It makes values while
//! it reads, without tokens, events and nodes, and gives up at the first thing
//! that it does not know; whoever asked then goes the long way, which says what
//! such a document means or what is wrong with it.

mod flow;
mod scalars;

use super::Numbers;
use super::input::is_simple;
use super::resolve::{Scalar, Tag, resolve};
use crate::data::map::MAP_ANY;
use crate::data::{Frozen, List, Map, Str, Value};

/// Collections inside each other; deeper ones go the long way.
const MAX_DEPTH: u32 = 100;

/// Keys up to here end well within the 1024 characters that YAML gives them.
const MAX_KEY: usize = 512;

/// Which entries of the root are wanted; the others are checked and left out.
pub(super) type Wanted = fn(&[u8]) -> bool;

/// What is made of a document; the default is null. Of two entries of a map with one
/// key the later one stays.
pub(super) trait Made: Default {
    fn scalar(value: Value) -> Self;
    fn list(items: Vec<Self>) -> Self;
    fn map(entries: Vec<(Str, Self)>) -> Self;
}

impl Made for Value {
    fn scalar(value: Value) -> Value {
        value
    }

    fn list(items: Vec<Value>) -> Value {
        List::new(items).into()
    }

    fn map(entries: Vec<(Str, Value)>) -> Value {
        Map::typed(&MAP_ANY, entries.into()).into()
    }
}

impl Made for Frozen {
    fn scalar(value: Value) -> Frozen {
        Frozen::freeze(&value)
    }

    fn list(items: Vec<Frozen>) -> Frozen {
        Frozen::List(items.into())
    }

    fn map(entries: Vec<(Str, Frozen)>) -> Frozen {
        Frozen::map(entries.into())
    }
}

/// The value of the only document of `text`, if its shape is usual.
pub(super) fn parse<T: Made>(text: &[u8], numbers: Numbers, wanted: Wanted) -> Option<T> {
    if !is_simple(text) {
        return None;
    }
    let (items, entries) = (Vec::new(), Vec::new());
    let mut reader = Reader { text, pos: 0, column: 0, depth: 0, skipping: false, numbers, items, entries };
    reader.content()?;
    if let ([b'-', b'-', b'-', b'\n', ..], 0) = (reader.rest(), reader.column) {
        reader.pos += 4;
        reader.content()?;
    }
    if reader.at_end() {
        return Some(T::default());
    }
    let value = if reader.at_entry() { reader.sequence(reader.column)? } else { reader.root(wanted)? };
    reader.at_end().then_some(value)
}

/// Where the reading is. Every step ends before something that is not blank, or
/// at the end; `None` is what the short way does not know.
struct Reader<'a, T> {
    text: &'a [u8],
    pos: usize,
    /// The column of `pos`, where nothing but `- ` stands before it on its line.
    column: usize,
    depth: u32,
    /// Whether what is read is only checked.
    skipping: bool,
    numbers: Numbers,
    /// The items of lists that are not at their end, the innermost one's last. A list
    /// gets its own in memory of the right size.
    items: Vec<T>,
    /// The entries of maps, likewise.
    entries: Vec<(Str, T)>,
}

impl<'a, T: Made> Reader<'a, T> {
    fn rest(&self) -> &'a [u8] {
        self.text.get(self.pos..).unwrap_or_default()
    }

    fn at_end(&self) -> bool {
        self.pos >= self.text.len()
    }

    /// Whether a `-` with a blank behind it is here.
    fn at_entry(&self) -> bool {
        matches!(self.rest(), [b'-'] | [b'-', b' ' | b'\n', ..])
    }

    fn blanks(&mut self) {
        self.pos += self.rest().iter().take_while(|b| **b == b' ').count();
    }

    /// From the start of a line to the next thing that is no comment.
    fn content(&mut self) -> Option<()> {
        loop {
            let start = self.pos;
            self.blanks();
            match self.rest() {
                [b'\n', ..] => self.pos += 1,
                [b'#', ..] => self.pos = self.line_end(),
                [b'\t', ..] => return None,
                _ => {
                    self.column = self.pos - start;
                    return Some(());
                }
            }
        }
    }

    /// The start of the next line, or the end.
    fn line_end(&self) -> usize {
        memchr::memchr(b'\n', self.rest()).map_or(self.text.len(), |length| self.pos + length + 1)
    }

    /// Nothing but a comment may follow on this line.
    fn end_line(&mut self) -> Option<()> {
        let before = self.pos;
        self.blanks();
        match self.rest() {
            [] => return Some(()),
            [b'\n', ..] => self.pos += 1,
            [b'#', ..] if self.pos > before => self.pos = self.line_end(),
            _ => return None,
        }
        self.content()
    }

    /// Whether the collection at `column` goes on here.
    fn goes_on(&self, column: usize) -> Option<bool> {
        if self.at_end() || self.column < column {
            return Some(false);
        }
        (self.column == column).then_some(true)
    }

    fn nested<R>(&mut self, read: impl FnOnce(&mut Self) -> Option<R>) -> Option<R> {
        if self.depth >= MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let read = read(self)?;
        self.depth -= 1;
        Some(read)
    }

    /// The mapping that the document is, without what is not wanted of it.
    fn root(&mut self, wanted: Wanted) -> Option<T> {
        let column = self.column;
        loop {
            let key = self.key()?;
            self.skipping = !wanted(key);
            let value = self.value(column)?;
            if !self.skipping {
                self.entries.push((Str::from(key), value));
            }
            if !self.goes_on(column)? {
                self.skipping = false;
                return Some(self.map(0));
            }
        }
    }

    /// The mapping whose first key, at `column`, was read.
    fn mapping(&mut self, first: &'a [u8], column: usize) -> Option<T> {
        let start = self.entries.len();
        let mut key = first;
        loop {
            let value = self.value(column)?;
            if !self.skipping {
                self.entries.push((Str::from(key), value));
            }
            if !self.goes_on(column)? {
                return Some(self.map(start));
            }
            // An indentless sequence may end here too, but then this is no key.
            key = self.key()?;
        }
    }

    /// The sequence whose entries stand at `column`; what follows one without
    /// indentation is left for the mapping around it.
    fn sequence(&mut self, column: usize) -> Option<T> {
        let start = self.items.len();
        loop {
            let item = self.nested(|reader| reader.entry(column))?;
            if !self.skipping {
                self.items.push(item);
            }
            if !self.goes_on(column)? || !self.at_entry() {
                return Some(self.list(start));
            }
        }
    }

    /// The list of the items from `start` on.
    fn list(&mut self, start: usize) -> T {
        let items = self.items.drain(start.min(self.items.len())..).collect();
        self.made(|| T::list(items))
    }

    /// The map of the entries from `start` on.
    fn map(&mut self, start: usize) -> T {
        let entries = self.entries.drain(start.min(self.entries.len())..).collect();
        self.made(|| T::map(entries))
    }

    fn made(&self, make: impl FnOnce() -> T) -> T {
        if self.skipping { T::default() } else { make() }
    }

    /// What stands behind the `-` at `column`.
    fn entry(&mut self, column: usize) -> Option<T> {
        let dash = self.pos;
        self.pos += 1;
        self.blanks();
        let inner = column + (self.pos - dash);
        if self.at_entry() {
            return self.sequence(inner);
        }
        match self.rest() {
            [] | [b'\n' | b'#', ..] => {
                self.end_of_opener(dash + 1)?;
                if self.at_end() || self.column <= column { Some(T::default()) } else { self.block(column) }
            }
            _ => match self.key() {
                Some(key) => self.mapping(key, inner),
                None => self.scalar(column),
            },
        }
    }

    /// What follows a `:` or `-` that ended before `end` and stands last on its line.
    fn end_of_opener(&mut self, end: usize) -> Option<()> {
        self.pos = end;
        self.end_line()
    }

    /// What begins on a line of its own, inside the collection at `outer`.
    fn block(&mut self, outer: usize) -> Option<T> {
        self.nested(|reader| {
            let column = reader.column;
            if reader.at_entry() {
                return reader.sequence(column);
            }
            match reader.key() {
                Some(key) => reader.mapping(key, column),
                None => reader.scalar(outer),
            }
        })
    }

    /// The value behind a key of the mapping at `column`.
    fn value(&mut self, column: usize) -> Option<T> {
        let colon = self.pos;
        self.blanks();
        if !matches!(self.rest(), [] | [b'\n' | b'#', ..]) {
            return self.scalar(column);
        }
        self.end_of_opener(colon)?;
        if self.at_end() || self.column < column {
            return Some(T::default());
        }
        if self.column > column {
            return self.block(column);
        }
        if self.at_entry() { self.sequence(column) } else { Some(T::default()) }
    }

    /// A key that means its own text, and the `:` behind it. Without one nothing is read.
    fn key(&mut self) -> Option<&'a [u8]> {
        let (key, after) = match self.rest() {
            rest @ [b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_', ..] => {
                let length = rest.iter().take_while(|b| is_word(**b)).count();
                let (key, after) = rest.split_at_checked(length)?;
                if resolve(Tag::None, key) != Ok(Scalar::Text) {
                    return None;
                }
                (key, after)
            }
            [quote @ (b'"' | b'\''), rest @ ..] => {
                let length = quoted_length(rest, *quote)?;
                (rest.get(..length)?, rest.get(length + 1..)?)
            }
            _ => return None,
        };
        if key.len() > MAX_KEY || !matches!(after, [b':'] | [b':', b' ' | b'\n', ..]) {
            return None;
        }
        self.pos = self.text.len() - after.len() + 1;
        Some(key)
    }
}

/// What simple words are made of.
fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/')
}

/// How long a quoted scalar is whose opening quote was read.
fn quoted_length(rest: &[u8], quote: u8) -> Option<usize> {
    let special = if quote == b'"' { b'\\' } else { b'\n' };
    let length = memchr::memchr3(quote, special, b'\n', rest)?;
    let doubled = quote == b'\'' && rest.get(length + 1) == Some(&b'\'');
    (rest.get(length) == Some(&quote) && !doubled).then_some(length)
}
