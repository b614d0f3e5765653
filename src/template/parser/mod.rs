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

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::ast::{Node, Source, Template};
use super::function::Function;
use super::functions;
use super::item::Item;
use super::lexer::Lexer;
use items::Items;
use scratch::Scratch;

/// How deep blocks may nest, and parentheses inside an action. Beyond it only
/// hostile input goes; the executor's recursion follows the tree.
const MAX_DEPTH: u32 = 1_000;

/// The commands of one pipeline (Go's limit).
const MAX_COMMANDS: usize = 100_000;

/// Looks a function up by its name.
pub type Find = fn(&str) -> Option<&'static Function>;

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
/// defines (`define`, `block`), each name once.
pub fn parse(source: Arc<Source>) -> Result<Vec<Template>, ParseError> {
    parse_with(source, functions::find)
}

/// The same over another table of functions.
pub fn parse_with(source: Arc<Source>, find: Find) -> Result<Vec<Template>, ParseError> {
    let lexer = Lexer::new(source.text.as_bytes());
    let mut parser = Parser {
        source: &source,
        find,
        items: Items::new(lexer),
        scope: Scope::default(),
        range_depth: 0,
        paren_depth: 0,
        depth: 0,
        scratch: Scratch::default(),
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
    Ok(defined)
}

type Result<T, E = ParseError> = std::result::Result<T, E>;

/// What parsing a file needs to know. Go keeps a tree a definition; here the
/// parts that belong to one definition are exchanged while it is read.
struct Parser<'a> {
    source: &'a Arc<Source>,
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
    /// The parts of nodes that are not complete yet.
    scratch: Scratch,
    /// The templates found, each name once.
    defined: Vec<Template>,
    by_name: BTreeMap<String, usize>,
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
    fn error(&self, message: impl Into<String>) -> ParseError {
        ParseError { file: self.source.name.clone(), line: self.items.line(), message: message.into() }
    }

    /// What an item says.
    fn text(&self, item: Item) -> &'a [u8] {
        item.span().of(self.source)
    }

    /// Adds a finished template. An empty one never replaces another; two that
    /// are not empty are an error.
    fn define(&mut self, name: String, root: Box<[Node]>) -> Result<()> {
        let template = Template { name, source: Arc::clone(self.source), root };
        match self.by_name.get(&template.name).and_then(|at| self.defined.get_mut(*at)) {
            None => {
                self.by_name.insert(template.name.clone(), self.defined.len());
                self.defined.push(template);
            }
            Some(before) if before.is_empty() => *before = template,
            Some(_) if template.is_empty() => {}
            Some(_) => {
                let name = super::print::quote(template.name.as_bytes());
                return Err(self.error(format!("template: multiple definition of template {name}")));
            }
        }
        Ok(())
    }
}

/// The variables of a definition, innermost last, with a count a name: a lookup
/// must not walk thousands of them. `$` is always there and not counted.
#[derive(Debug, Default)]
struct Scope<'a> {
    names: Vec<&'a [u8]>,
    counts: BTreeMap<&'a [u8], u32>,
}

impl<'a> Scope<'a> {
    fn declare(&mut self, name: &'a [u8]) {
        self.names.push(name);
        let count = self.counts.entry(name).or_default();
        *count = count.saturating_add(1);
    }

    fn has(&self, name: &[u8]) -> bool {
        name == b"$" || self.counts.get(name).is_some_and(|count| *count > 0)
    }

    fn len(&self) -> usize {
        self.names.len()
    }

    fn truncate(&mut self, len: usize) {
        while self.names.len() > len {
            if let Some(count) = self.names.pop().and_then(|name| self.counts.get_mut(name)) {
                *count = count.saturating_sub(1);
            }
        }
    }
}
