//! Items to trees: a file to its template and those it defines. The grammar,
//! the messages and the positions are those of Go's text/template/parse.

mod action;
mod items;
mod number;
mod pipeline;
mod scratch;
#[cfg(test)]
mod tests;
mod unquote;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::ast::{Node, Pos, Source, Template};
use super::function::Function;
use super::functions;
use super::item::Item;
use super::lexer::Lexer;
use super::node_text::is_blank;
use super::tree::{Run, Tree};
use crate::data::Str;
use items::Items;

pub use scratch::Scratch;

/// How deep blocks may nest, and parentheses inside an action. Beyond it only
/// hostile input goes; the executor's recursion follows the tree.
const MAX_DEPTH: u32 = 1_000;

/// The commands of one pipeline (Go's limit).
const MAX_COMMANDS: usize = 100_000;

/// Looks a function up by its name.
pub type Find = fn(&[u8]) -> Option<&'static Function>;

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// The source's name.
    pub file: String,
    /// Where the parser was, from 1.
    pub line: u32,
    /// What is wrong, in Go's words.
    pub message: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "template: {}:{}: {}", self.file, self.line, self.message)
    }
}

impl std::error::Error for ParseError {}

/// Parses a file: its own template first, named like the source, then those it
/// defines (`define`, `block`), each name once. `scratch` is room that may be used
/// for many files.
pub fn parse(source: Source, scratch: &mut Scratch) -> Result<Vec<Template>, ParseError> {
    parse_with(source, functions::find, scratch)
}

/// The same over another table of functions.
pub fn parse_with(source: Source, find: Find, scratch: &mut Scratch) -> Result<Vec<Template>, ParseError> {
    scratch.clear();
    let mut parser = Parser {
        source: &source,
        find,
        items: Items::new(Lexer::new(source.text.as_bytes())),
        scope: Scope::default(),
        range_depth: 0,
        paren_depth: 0,
        depth: 0,
        scratch,
        defined: Vec::new(),
        by_name: BTreeMap::new(),
    };
    let root = parser.file()?;
    parser.define(source.name.clone(), root)?;
    let own = parser.by_name.get(&source.name).copied().unwrap_or_default();
    let mut defined = parser.defined;
    if let Some(before) = defined.get_mut(..=own) {
        before.rotate_right(1);
    }
    let tree = Arc::new(Tree { parts: scratch.done.take(), source });
    let template = |(name, root)| Template { name, root, tree: Arc::clone(&tree) };
    Ok(defined.into_iter().map(template).collect())
}

type Result<T, E = ParseError> = std::result::Result<T, E>;

/// What parsing a file needs to know. Go keeps a tree a definition; here the
/// parts that belong to one definition are exchanged while it is read.
struct Parser<'a> {
    source: &'a Source,
    find: Find,
    items: Items<'a>,
    /// The variables that are visible.
    scope: Scope<'a>,
    /// How many ranges of this definition are open.
    range_depth: u32,
    /// How many parentheses are open.
    paren_depth: u32,
    /// How many blocks are open, over all definitions.
    depth: u32,
    /// The parts that were read.
    scratch: &'a mut Scratch,
    /// The templates found, each name once.
    defined: Vec<(Str, Run<Node>)>,
    by_name: BTreeMap<Str, usize>,
}

/// What the text between two actions, or an action, turned out to be.
enum Parsed {
    Node(Node),
    End,
    Else,
}

impl Parsed {
    /// As Go's messages show the keywords that end a list.
    fn text(&self) -> &'static str {
        if matches!(self, Parsed::Else) { "{{else}}" } else { "{{end}}" }
    }
}

impl<'a> Parser<'a> {
    /// The error with the line where Go's parser would be: that of the item it
    /// read last from the text.
    #[cold]
    fn error(&self, message: impl Into<String>) -> ParseError {
        self.error_at(self.items.last(), message)
    }

    /// The error with the line of a position.
    #[cold]
    fn error_at(&self, pos: Pos, message: impl Into<String>) -> ParseError {
        ParseError {
            file: self.source.name.to_string(),
            line: self.source.place(pos).line,
            message: message.into(),
        }
    }

    /// What an item says.
    fn text(&self, item: Item) -> &'a [u8] {
        item.span().of(self.source)
    }

    /// Adds a finished template. An empty one never replaces another; two that
    /// are not empty are an error.
    fn define(&mut self, name: Str, root: Run<Node>) -> Result<()> {
        let parts = &self.scratch.done;
        let is_blank = |root| is_blank(parts.run(root), self.source);
        match self.by_name.get(&name).and_then(|at| self.defined.get_mut(*at)) {
            None => {
                self.by_name.insert(name.clone(), self.defined.len());
                self.defined.push((name, root));
            }
            Some((_, before)) if is_blank(*before) => *before = root,
            Some(_) if is_blank(root) => {}
            Some(_) => {
                let name = super::print::quote(name.as_bytes());
                return Err(self.error(format!("template: multiple definition of template {name}")));
            }
        }
        Ok(())
    }
}

/// The variables of a definition, innermost last. `$` is always there and not one.
#[derive(Debug, Default)]
struct Scope<'a> {
    names: Vec<&'a [u8]>,
    /// How often each of them is there, once they are many: a lookup must not walk
    /// thousands of them.
    counts: BTreeMap<&'a [u8], u32>,
}

/// As many variables are looked through one by one.
const FEW: usize = 32;

impl<'a> Scope<'a> {
    fn declare(&mut self, name: &'a [u8]) {
        self.names.push(name);
        match self.names.len().cmp(&(FEW + 1)) {
            Ordering::Less => {}
            Ordering::Equal => self.names.iter().for_each(|name| count(&mut self.counts, name)),
            Ordering::Greater => count(&mut self.counts, name),
        }
    }

    fn has(&self, name: &[u8]) -> bool {
        name == b"$"
            || match self.names.len() {
                ..=FEW => self.names.iter().rev().any(|declared| *declared == name),
                _ => self.counts.contains_key(name),
            }
    }

    fn len(&self) -> usize {
        self.names.len()
    }

    fn truncate(&mut self, len: usize) {
        if len <= FEW {
            self.counts.clear();
        }
        for name in self.names.drain(len.min(self.names.len())..) {
            if let Some(count) = self.counts.get_mut(name) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    self.counts.remove(name);
                }
            }
        }
    }
}

fn count<'a>(counts: &mut BTreeMap<&'a [u8], u32>, name: &'a [u8]) {
    let count = counts.entry(name).or_default();
    *count = count.saturating_add(1);
}
