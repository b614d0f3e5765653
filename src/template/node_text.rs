//! Nodes as text and as places, exactly as Go's parse.Node String() and
//! Tree.ErrorContext give them: errors of an execution name the failing node so.

use std::fmt::{self, Display, Formatter};

use bstr::ByteSlice;

use super::ast::{Arg, Branch, Command, Node, Number, Pipe, Place, Pos, Source, Span, Template, Variable};
use super::print::quote;
use crate::data::{Str, str::lossy};

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
        self.root.iter().all(|node| matches!(node, Node::Text(text) if text.as_bytes().trim().is_empty()))
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

impl Display for Span {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&lossy(self.as_bytes()))
    }
}

impl Display for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Node::Text(text) => Display::fmt(text, f),
            Node::Action(_, pipe) => write!(f, "{{{{{pipe}}}}}"),
            Node::If(branch) => branch_text(f, "if", branch),
            Node::With(branch) => branch_text(f, "with", branch),
            Node::Range(branch) => branch_text(f, "range", branch),
            Node::Template { name, pipe, .. } => {
                write!(f, "{{{{template {}", quote(name.as_bytes()))?;
                if let Some(pipe) = pipe {
                    write!(f, " {pipe}")?;
                }
                f.write_str("}}")
            }
            Node::Break(_) => f.write_str("{{break}}"),
            Node::Continue(_) => f.write_str("{{continue}}"),
        }
    }
}

fn branch_text(f: &mut Formatter<'_>, keyword: &str, branch: &Branch) -> fmt::Result {
    write!(f, "{{{{{keyword} {}}}}}", branch.pipe)?;
    branch.list.iter().try_for_each(|node| Display::fmt(node, f))?;
    if let Some(list) = &branch.else_list {
        f.write_str("{{else}}")?;
        list.iter().try_for_each(|node| Display::fmt(node, f))?;
    }
    f.write_str("{{end}}")
}

impl Display for Pipe {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        separated(f, &self.decl, ", ")?;
        if !self.decl.is_empty() {
            f.write_str(if self.is_assign { " = " } else { " := " })?;
        }
        separated(f, &self.cmds, " | ")
    }
}

impl Display for Command {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (i, arg) in self.args.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            in_parentheses(f, arg)?;
        }
        Ok(())
    }
}

impl Display for Arg {
    /// A parenthesised pipeline comes without its parentheses, as in Go: the
    /// command or chain around it writes them.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Arg::Field(_, fields) => fields_text(f, fields),
            Arg::Chain(_, base, fields) => {
                in_parentheses(f, base)?;
                fields_text(f, fields)
            }
            Arg::Function(_, function) => f.write_str(function.name),
            Arg::Pipe(pipe) => Display::fmt(pipe, f),
            Arg::Variable(variable) => Display::fmt(variable, f),
            Arg::Dot(_) => f.write_str("."),
            Arg::Nil(_) => f.write_str("nil"),
            Arg::Bool(_, value) => Display::fmt(value, f),
            Arg::Number(_, number) => Display::fmt(number, f),
            Arg::Str(quoted, _) => Display::fmt(quoted, f),
        }
    }
}

impl Display for Number {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Display for Variable {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(&self.name, f)?;
        fields_text(f, &self.fields)
    }
}

fn in_parentheses(f: &mut Formatter<'_>, arg: &Arg) -> fmt::Result {
    match arg {
        Arg::Pipe(pipe) => write!(f, "({pipe})"),
        arg => Display::fmt(arg, f),
    }
}

fn fields_text(f: &mut Formatter<'_>, fields: &[Str]) -> fmt::Result {
    fields.iter().try_for_each(|field| write!(f, ".{field}"))
}

fn separated<T: Display>(f: &mut Formatter<'_>, items: &[T], separator: &str) -> fmt::Result {
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            f.write_str(separator)?;
        }
        Display::fmt(item, f)?;
    }
    Ok(())
}
