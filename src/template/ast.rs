//! The tree of a parsed template, shareable between threads, and the places in it.

use std::sync::Arc;

use crate::data::Str;

use super::function::{FuncError, Function};

/// A byte offset into the source text.
pub type Pos = u32;

/// The text of a file and the name it was parsed under.
#[derive(Debug)]
pub struct Source {
    /// The name that errors show (Go's ParseName), such as `chart/templates/a.yaml`.
    pub name: String,
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
    pub fn empty(at: Pos) -> Span {
        Span { start: at, end: at }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(self) -> bool {
        self.start == self.end
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
    pub name: String,
    /// Where it was written.
    pub source: Arc<Source>,
    /// Its nodes.
    pub root: Box<[Node]>,
}

/// A piece of a template.
#[derive(Debug)]
pub enum Node {
    /// Literal text.
    Text(Span),
    /// `{{ pipeline }}`
    Action(Pos, Pipe),
    /// `{{ if }}`
    If(Box<Branch>),
    /// `{{ with }}`
    With(Box<Branch>),
    /// `{{ range }}`
    Range(Box<Branch>),
    /// `{{ template "name" pipeline }}` (and `block`)
    Template {
        /// Where.
        pos: Pos,
        /// Which template.
        name: Str,
        /// Its data; none is nil.
        pipe: Option<Box<Pipe>>,
    },
    /// `{{ break }}`
    Break(Pos),
    /// `{{ continue }}`
    Continue(Pos),
}

/// `if`, `with` or `range`.
#[derive(Debug)]
pub struct Branch {
    /// Where.
    pub pos: Pos,
    /// The condition, value or collection.
    pub pipe: Pipe,
    /// What runs.
    pub list: Box<[Node]>,
    /// What runs otherwise; an `else if` is a lone nested branch.
    pub else_list: Option<Box<[Node]>>,
}

/// A pipeline, with the variables it sets.
#[derive(Debug)]
pub struct Pipe {
    /// Where.
    pub pos: Pos,
    /// `=` instead of `:=`.
    pub is_assign: bool,
    /// The variables, `$` included in the name.
    pub decl: Box<[Variable]>,
    /// The commands, in order.
    pub cmds: Box<[Command]>,
}

/// A variable and the fields read from it: `$x.y.z`.
#[derive(Debug)]
pub struct Variable {
    /// Where.
    pub pos: Pos,
    /// `$x`
    pub name: Span,
    /// `.y.z`
    pub fields: Span,
}

/// A function call or operand with its arguments.
#[derive(Debug)]
pub struct Command {
    /// Where.
    pub pos: Pos,
    /// The first one is what is called.
    pub args: Box<[Arg]>,
}

/// An operand.
#[derive(Debug)]
pub enum Arg {
    /// `.a.b`
    Field(Pos, Span),
    /// `(pipeline).a.b`, and fields of any other operand; the span is that of the fields.
    Chain(Pos, Box<Arg>, Span),
    /// A function's name.
    Function(Pos, &'static Function),
    /// `( pipeline )`
    Pipe(Box<Pipe>),
    /// `$x.a`
    Variable(Variable),
    /// `.`
    Dot(Pos),
    /// `nil`
    Nil(Pos),
    /// `true`, `false`
    Bool(Pos, bool),
    /// A number or character constant.
    Number(Pos, Box<Number>),
    /// A string constant: as written, and its value.
    Str(Span, Str),
}

/// A numeric constant, with every type it can be (Go's parse.NumberNode).
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// As written.
    pub text: String,
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
    pub template: String,
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
