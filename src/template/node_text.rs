//! Nodes as text and as places, exactly as Go's parse.Node String() and
//! Tree.ErrorContext give them: errors of an execution name the failing node so.

use std::fmt::{self, Display, Formatter};

use bstr::ByteSlice;

use super::ast::{Arg, Branch, Command, Node, Pipe, Place, Pos, Source, Span, Template, Variable};
use super::print::quote;
use crate::data::str::lossy;

impl Source {
    /// The line and column of a position, as Go's Tree.ErrorContext counts them:
    /// lines from 1, columns in bytes from 0.
    pub fn place(&self, pos: Pos) -> Place {
        let text = self.text.as_bytes();
        let before = usize::try_from(pos).ok().and_then(|pos| text.get(..pos)).unwrap_or(text);
        let lines = before.iter().filter(|b| **b == b'\n').count();
        let column = before.iter().rev().take_while(|b| **b != b'\n').count();
        Place {
            file: self.name.clone(),
            line: u32::try_from(lines).unwrap_or(u32::MAX).saturating_add(1),
            column: u32::try_from(column).unwrap_or(u32::MAX),
        }
    }
}

impl Template {
    /// The place of a node of this template.
    pub fn place(&self, pos: Pos) -> Place {
        self.source.place(pos)
    }

    /// Whether there is nothing in it but blanks and comments (Go's IsEmptyTree):
    /// such a template never replaces another.
    pub fn is_empty(&self) -> bool {
        self.root
            .iter()
            .all(|node| matches!(node, Node::Text(text) if text.of(&self.source).trim().is_empty()))
    }
}

impl Node {
    /// Where the node is, as Go's Node.Position gives it: an action and a branch
    /// are where their pipeline is, a template call is where its name is.
    pub fn pos(&self) -> Pos {
        match self {
            Node::Text(Span { start: pos, .. })
            | Node::Action(pos, _)
            | Node::Break(pos)
            | Node::Continue(pos) => *pos,
            Node::If(branch) | Node::With(branch) | Node::Range(branch) => branch.pos,
            Node::Template { pos, .. } => *pos,
        }
    }
}

impl Arg {
    /// Where the operand is; a chain is where its first field is.
    pub fn pos(&self) -> Pos {
        match self {
            Arg::Field(pos, _)
            | Arg::Chain(pos, _, _)
            | Arg::Function(pos, _)
            | Arg::Dot(pos)
            | Arg::Nil(pos)
            | Arg::Bool(pos, _)
            | Arg::Number(pos, _)
            | Arg::Str(Span { start: pos, .. }, _) => *pos,
            Arg::Pipe(pipe) => pipe.pos,
            Arg::Variable(variable) => variable.pos,
        }
    }
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// A part of a tree as text, with the source that it was made of.
pub struct Shown<'a, T>(&'a T, &'a Source);

/// What can be shown.
macro_rules! shown {
    ($($part:ty),*) => {$(
        impl $part {
            /// As text; `source` is what it was parsed from.
            pub fn shown<'a>(&'a self, source: &'a Source) -> Shown<'a, $part> {
                Shown(self, source)
            }
        }
    )*};
}

shown!(Node, Pipe, Command, Arg, Variable);

impl Display for Shown<'_, Span> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&lossy(self.0.of(self.1)))
    }
}

impl Display for Shown<'_, Node> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let source = self.1;
        match self.0 {
            Node::Text(text) => Shown(text, source).fmt(f),
            Node::Action(_, pipe) => write!(f, "{{{{{}}}}}", pipe.shown(source)),
            Node::If(branch) => branch_text(f, "if", branch, source),
            Node::With(branch) => branch_text(f, "with", branch, source),
            Node::Range(branch) => branch_text(f, "range", branch, source),
            Node::Template { name, pipe, .. } => {
                write!(f, "{{{{template {}", quote(name.as_bytes()))?;
                if let Some(pipe) = pipe {
                    write!(f, " {}", pipe.shown(source))?;
                }
                f.write_str("}}")
            }
            Node::Break(_) => f.write_str("{{break}}"),
            Node::Continue(_) => f.write_str("{{continue}}"),
        }
    }
}

fn branch_text(f: &mut Formatter<'_>, keyword: &str, branch: &Branch, source: &Source) -> fmt::Result {
    write!(f, "{{{{{keyword} {}}}}}", branch.pipe.shown(source))?;
    branch.list.iter().try_for_each(|node| node.shown(source).fmt(f))?;
    if let Some(list) = &branch.else_list {
        f.write_str("{{else}}")?;
        list.iter().try_for_each(|node| node.shown(source).fmt(f))?;
    }
    f.write_str("{{end}}")
}

impl Display for Shown<'_, Pipe> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Shown(pipe, source) = self;
        separated(f, pipe.decl.iter().map(|variable| variable.shown(source)), ", ")?;
        if !pipe.decl.is_empty() {
            f.write_str(if pipe.is_assign { " = " } else { " := " })?;
        }
        separated(f, pipe.cmds.iter().map(|command| command.shown(source)), " | ")
    }
}

impl Display for Shown<'_, Command> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (i, arg) in self.0.args.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            in_parentheses(f, arg, self.1)?;
        }
        Ok(())
    }
}

impl Display for Shown<'_, Arg> {
    /// A parenthesised pipeline comes without its parentheses, as in Go: the
    /// command or chain around it writes them.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let source = self.1;
        match self.0 {
            Arg::Field(_, fields) => Shown(fields, source).fmt(f),
            Arg::Chain(_, base, fields) => {
                in_parentheses(f, base, source)?;
                Shown(fields, source).fmt(f)
            }
            Arg::Function(_, function) => f.write_str(function.name),
            Arg::Pipe(pipe) => pipe.shown(source).fmt(f),
            Arg::Variable(variable) => variable.shown(source).fmt(f),
            Arg::Dot(_) => f.write_str("."),
            Arg::Nil(_) => f.write_str("nil"),
            Arg::Bool(_, value) => Display::fmt(value, f),
            Arg::Number(_, number) => f.write_str(&number.text),
            Arg::Str(quoted, _) => Shown(quoted, source).fmt(f),
        }
    }
}

impl Display for Shown<'_, Variable> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Shown(variable, source) = self;
        Shown(&variable.name, source).fmt(f)?;
        Shown(&variable.fields, source).fmt(f)
    }
}

fn in_parentheses(f: &mut Formatter<'_>, arg: &Arg, source: &Source) -> fmt::Result {
    match arg {
        Arg::Pipe(pipe) => write!(f, "({})", pipe.shown(source)),
        arg => arg.shown(source).fmt(f),
    }
}

fn separated(
    f: &mut Formatter<'_>,
    items: impl Iterator<Item = impl Display>,
    separator: &str,
) -> fmt::Result {
    for (i, item) in items.enumerate() {
        if i > 0 {
            f.write_str(separator)?;
        }
        item.fmt(f)?;
    }
    Ok(())
}
