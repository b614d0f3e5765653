//! Nodes as text and as places, exactly as Go's parse.Node String() and
//! Tree.ErrorContext give them: errors of an execution name the failing node so.

use std::fmt::{self, Display, Formatter};

use super::ast::{Arg, Branch, Command, Node, Pipe, Place, Pos, Source, Span, Template, Variable};
use super::print::quote;
use super::tree::Tree;
use crate::data::str::lossy;
use crate::data::unicode::trim_start;

impl Source {
    /// The line and column of a position, as Go's Tree.ErrorContext counts them:
    /// lines from 1, columns in bytes from 0.
    pub fn place(&self, pos: Pos) -> Place {
        let text = self.text.as_bytes();
        let before = usize::try_from(pos).ok().and_then(|pos| text.get(..pos)).unwrap_or(text);
        let lines = before.iter().filter(|b| **b == b'\n').count();
        let column = before.iter().rev().take_while(|b| **b != b'\n').count();
        Place {
            file: self.name.to_string(),
            line: u32::try_from(lines).unwrap_or(u32::MAX).saturating_add(1),
            column: u32::try_from(column).unwrap_or(u32::MAX),
        }
    }
}

impl Template {
    /// The place of a node of this template.
    pub fn place(&self, pos: Pos) -> Place {
        self.tree.source.place(pos)
    }

    /// Whether there is nothing in it but blanks and comments: such a template
    /// never replaces another.
    pub fn is_empty(&self) -> bool {
        is_blank(self.tree.run(self.root), &self.tree.source)
    }
}

/// Whether nodes are nothing but blanks (Go's IsEmptyTree).
pub fn is_blank(nodes: &[Node], source: &Source) -> bool {
    nodes.iter().all(|node| matches!(node, Node::Text(text) if trim_start(text.of(source)).is_empty()))
}

impl Node {
    /// Where the node is, as Go's Node.Position gives it: an action and a branch
    /// are where their pipeline is, a template call is where its name is.
    pub fn pos(&self, tree: &Tree) -> Pos {
        match self {
            Node::Text(Span { start: pos, .. }) | Node::Break(pos) | Node::Continue(pos) => *pos,
            Node::Action(pipe) => tree.part(*pipe).pos,
            Node::If(branch) | Node::With(branch) | Node::Range(branch) => tree.part(*branch).pipe.pos,
            Node::Template(call) => tree.part(*call).pos,
        }
    }
}

impl Arg {
    /// Where the operand is; a chain is where its first field is.
    pub fn pos(&self, tree: &Tree) -> Pos {
        match self {
            Arg::Function(pos, _) | Arg::Dot(pos) | Arg::Nil(pos) | Arg::Bool(pos, _) => *pos,
            // Go places it at its second field, if it has one.
            Arg::Field(span) => {
                let first = span.first_field(&tree.source);
                if first.end < span.end { first.end } else { span.start }
            }
            Arg::Chain(_, span) | Arg::Number(span, _) | Arg::Str(span, _) => span.start,
            Arg::Pipe(pipe) => tree.part(*pipe).pos,
            Arg::Variable(variable) => variable.pos(),
        }
    }
}

impl Variable {
    /// Where Go has it: at its first field, if it has one.
    pub fn pos(&self) -> Pos {
        if self.fields().is_empty() { self.name.start } else { self.name.end }
    }
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// A part of a tree as text, with its tree.
pub struct Shown<'a, T>(&'a T, &'a Tree);

/// What can be shown.
macro_rules! shown {
    ($($part:ty),*) => {$(
        impl $part {
            /// As text; `tree` is the one that it is of.
            pub fn shown<'a>(&'a self, tree: &'a Tree) -> Shown<'a, $part> {
                Shown(self, tree)
            }
        }
    )*};
}

shown!(Node, Pipe, Command, Arg, Variable);

impl Display for Shown<'_, Span> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&lossy(self.0.of(&self.1.source)))
    }
}

impl Display for Shown<'_, Node> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let tree = self.1;
        match self.0 {
            Node::Text(text) => Shown(text, tree).fmt(f),
            Node::Action(pipe) => write!(f, "{{{{{}}}}}", tree.part(*pipe).shown(tree)),
            Node::If(branch) => branch_text(f, "if", tree.part(*branch), tree),
            Node::With(branch) => branch_text(f, "with", tree.part(*branch), tree),
            Node::Range(branch) => branch_text(f, "range", tree.part(*branch), tree),
            Node::Template(call) => {
                let call = tree.part(*call);
                write!(f, "{{{{template {}", quote(tree.parts.string(call.name).as_bytes()))?;
                if let Some(pipe) = call.pipe {
                    write!(f, " {}", tree.part(pipe).shown(tree))?;
                }
                f.write_str("}}")
            }
            Node::Break(_) => f.write_str("{{break}}"),
            Node::Continue(_) => f.write_str("{{continue}}"),
        }
    }
}

fn branch_text(f: &mut Formatter<'_>, keyword: &str, branch: &Branch, tree: &Tree) -> fmt::Result {
    write!(f, "{{{{{keyword} {}}}}}", branch.pipe.shown(tree))?;
    tree.run(branch.list).iter().try_for_each(|node| node.shown(tree).fmt(f))?;
    if let Some(list) = branch.else_list {
        f.write_str("{{else}}")?;
        tree.run(list).iter().try_for_each(|node| node.shown(tree).fmt(f))?;
    }
    f.write_str("{{end}}")
}

impl Display for Shown<'_, Pipe> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Shown(pipe, tree) = self;
        separated(f, tree.run(pipe.decl).iter().map(|variable| variable.shown(tree)), ", ")?;
        if !pipe.decl.is_empty() {
            f.write_str(if pipe.is_assign { " = " } else { " := " })?;
        }
        separated(f, tree.run(pipe.cmds).iter().map(|command| command.shown(tree)), " | ")
    }
}

impl Display for Shown<'_, Command> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (i, arg) in self.1.run(self.0.args).iter().enumerate() {
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
        let tree = self.1;
        match self.0 {
            Arg::Field(span) | Arg::Number(span, _) | Arg::Str(span, _) => Shown(span, tree).fmt(f),
            Arg::Chain(base, fields) => {
                in_parentheses(f, tree.part(*base), tree)?;
                Shown(fields, tree).fmt(f)
            }
            Arg::Function(_, function) => f.write_str(function.name),
            Arg::Pipe(pipe) => tree.part(*pipe).shown(tree).fmt(f),
            Arg::Variable(variable) => variable.shown(tree).fmt(f),
            Arg::Dot(_) => f.write_str("."),
            Arg::Nil(_) => f.write_str("nil"),
            Arg::Bool(_, value) => Display::fmt(value, f),
        }
    }
}

impl Display for Shown<'_, Variable> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Shown(variable, tree) = self;
        Shown(&Span { start: variable.name.start, end: variable.end }, tree).fmt(f)
    }
}

fn in_parentheses(f: &mut Formatter<'_>, arg: &Arg, tree: &Tree) -> fmt::Result {
    match arg {
        Arg::Pipe(pipe) => write!(f, "({})", tree.part(*pipe).shown(tree)),
        arg => arg.shown(tree).fmt(f),
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
