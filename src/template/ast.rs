//! The tree of a parsed template, shareable between threads, and the places in it.

use std::sync::Arc;

use crate::data::Str;

use super::function::{FuncError, Function};
use super::tree::{Id, Run, Tree};

/// A byte offset into the source text.
pub type Pos = u32;

/// The text of a file and the name it was parsed under.
#[derive(Debug)]
pub struct Source {
    /// The name that errors show (Go's ParseName), such as `chart/templates/a.yaml`.
    pub name: Str,
    /// The whole text.
    pub text: Str,
}

/// A piece of the source that a tree was made of: names and texts are not copied.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// Its first byte.
    pub start: Pos,
    /// The byte behind it.
    pub end: Pos,
}

impl Span {
    /// The one with nothing in it at a position.
    pub const fn empty(at: Pos) -> Span {
        Span { start: at, end: at }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The first one of the fields that it is.
    pub fn first_field(self, source: &Source) -> Span {
        let next = self.of(source).iter().skip(1).position(|b| *b == b'.');
        let length = next.and_then(|before| Pos::try_from(before + 1).ok());
        Span { end: length.map_or(self.end, |length| self.start.saturating_add(length)), ..self }
    }

    /// Its bytes in `source`.
    pub fn of(self, source: &Source) -> &[u8] {
        let at = |pos: Pos| usize::try_from(pos).unwrap_or(usize::MAX);
        source.text.as_bytes().get(at(self.start)..at(self.end)).unwrap_or_default()
    }
}

/// A named template: a file, or a `define` in one.
#[derive(Debug)]
pub struct Template {
    /// The name that `include` and `template` use.
    pub name: Str,
    /// That of the file it was written in.
    pub tree: Arc<Tree>,
    /// Its nodes.
    pub root: Run<Node>,
}

/// A piece of a template.
#[derive(Debug, Clone, Copy)]
pub enum Node {
    /// Literal text.
    Text(Span),
    /// `{{ pipeline }}`
    Action(Id<Pipe>),
    /// `{{ if }}`
    If(Id<Branch>),
    /// `{{ with }}`
    With(Id<Branch>),
    /// `{{ range }}`
    Range(Id<Branch>),
    /// `{{ template "name" pipeline }}` (and `block`)
    Template(Id<Call>),
    /// `{{ break }}`
    Break(Pos),
    /// `{{ continue }}`
    Continue(Pos),
}

/// `if`, `with` or `range`.
#[derive(Debug, Clone, Copy)]
pub struct Branch {
    /// The condition, value or collection.
    pub pipe: Pipe,
    /// What runs.
    pub list: Run<Node>,
    /// What runs otherwise; an `else if` is a lone nested branch.
    pub else_list: Option<Run<Node>>,
}

/// A call of a template.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    /// Where.
    pub pos: Pos,
    /// Which template.
    pub name: Id<Str>,
    /// Its data; none is nil.
    pub pipe: Option<Id<Pipe>>,
}

/// A pipeline, with the variables it sets.
#[derive(Debug, Clone, Copy)]
pub struct Pipe {
    /// Where.
    pub pos: Pos,
    /// `=` instead of `:=`.
    pub is_assign: bool,
    /// The variables.
    pub decl: Run<Variable>,
    /// The commands, in order.
    pub cmds: Run<Command>,
}

/// A variable and the fields read from it: `$x.y.z`.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// `$x`
    pub name: Span,
    /// Where the fields behind it end, or the name where there are none.
    pub end: Pos,
}

impl Variable {
    /// `.y.z`
    pub fn fields(&self) -> Span {
        Span { start: self.name.end, end: self.end }
    }
}

/// A function call or operand with its arguments.
#[derive(Debug, Clone, Copy)]
pub struct Command {
    /// Where.
    pub pos: Pos,
    /// The first one is what is called.
    pub args: Run<Arg>,
}

/// An operand.
#[derive(Debug, Clone, Copy)]
pub enum Arg {
    /// `.a.b`
    Field(Span),
    /// `(pipeline).a.b`, and fields of any other operand; the span is that of the fields.
    Chain(Id<Arg>, Span),
    /// A function's name.
    Function(Pos, &'static Function),
    /// `( pipeline )`
    Pipe(Id<Pipe>),
    /// `$x.a`
    Variable(Variable),
    /// `.`
    Dot(Pos),
    /// `nil`
    Nil(Pos),
    /// `true`, `false`
    Bool(Pos, bool),
    /// A number or character constant: as written, and its value.
    Number(Span, Id<Number>),
    /// A string constant: as written, and its value.
    Str(Span, Id<Str>),
}

/// A numeric constant, with every type it can be (Go's parse.NumberNode).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number {
    /// Its value where it fits an int64.
    pub int: Option<i64>,
    /// Its value where it fits a uint64.
    pub uint: Option<u64>,
    /// Its value where it is a float64 (integers are too).
    pub float: Option<f64>,
    /// Its value where it was written as complex.
    pub complex: Option<(f64, f64)>,
}

/// A failed execution, as text/template reports it:
/// `template: NAME:LINE:COL: executing "TEMPLATE" at <NODE>: MESSAGE`.
#[derive(Debug)]
pub struct ExecError {
    /// The file (ParseName) with line and column, if a node was reached.
    pub place: Option<Place>,
    /// The template that was executing.
    pub template: Str,
    /// The node as text, shortened as Go does.
    pub node: String,
    /// What happened.
    pub cause: Cause,
}

/// A place in a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file's name.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// Bytes since the line's start, from 0 (Go's column).
    pub column: u32,
}

/// What an execution failed of.
#[derive(Debug)]
pub enum Cause {
    /// The executor's own message.
    Message(String),
    /// `error calling FUNCTION: …`
    Call(String, FuncError),
    /// A limit was reached.
    Exceeded(super::budget::Exceeded),
}
