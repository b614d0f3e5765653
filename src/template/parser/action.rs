//! Text, actions and what they enclose: `if`, `with`, `range`, `define`,
//! `block`, `template`, `break`, `continue`.

use super::super::ast::{Branch, Call, Node, Pipe, Pos};
use super::super::item::{Item, ItemKind, Keyword};
use super::super::tree::{Id, Run};
use super::items::Ahead;
use super::unquote::unquote;
use super::{MAX_DEPTH, Parsed, Parser, Result, Scope};
use crate::data::Str;

/// What a pipeline belongs to, as messages name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    If,
    With,
    Range,
}

impl Context {
    fn name(self) -> &'static str {
        match self {
            Context::If => "if",
            Context::With => "with",
            Context::Range => "range",
        }
    }
}

impl<'a> Parser<'a> {
    /// The whole file: the only place where `define` may stand.
    pub(super) fn file(&mut self) -> Result<Run<Node>> {
        let start = self.scratch.nodes.len();
        loop {
            match self.items.peek().kind {
                ItemKind::Eof => return Ok(self.scratch.close_nodes(start)),
                ItemKind::LeftDelim => {
                    let delim = self.items.next();
                    if self.items.next().kind == ItemKind::Keyword(Keyword::Define) {
                        self.definition()?;
                        continue;
                    }
                    self.items.backup2(delim);
                }
                _ => {}
            }
            match self.text_or_action()? {
                Parsed::Node(node) => self.scratch.nodes.push(node),
                other => return Err(self.error(format!("unexpected {}", other.text()))),
            }
        }
    }

    /// `{{define "name"}} … {{end}}`, the keyword read.
    fn definition(&mut self) -> Result<()> {
        const CONTEXT: &str = "define clause";
        let outer = self.enter_definition();
        let item = self.items.next();
        let name = self.template_name(item, CONTEXT)?;
        self.expect_right_delim(CONTEXT)?;
        let (root, end) = self.list()?;
        if !matches!(end, Parsed::End) {
            return Err(self.error(format!("unexpected {} in {CONTEXT}", end.text())));
        }
        self.define(name, root)?;
        self.leave_definition(outer);
        Ok(())
    }

    fn enter_definition(&mut self) -> (Ahead, Scope<'a>, u32) {
        let ahead = self.items.swap(Ahead::default());
        let scope = std::mem::take(&mut self.scope);
        (ahead, scope, std::mem::take(&mut self.range_depth))
    }

    fn leave_definition(&mut self, outer: (Ahead, Scope<'a>, u32)) {
        self.items.swap(outer.0);
        self.scope = outer.1;
        self.range_depth = outer.2;
    }

    /// Nodes up to the `{{end}}` or `{{else}}` that ends them.
    fn list(&mut self) -> Result<(Run<Node>, Parsed)> {
        let start = self.scratch.nodes.len();
        while self.items.peek().kind != ItemKind::Eof {
            match self.text_or_action()? {
                Parsed::Node(node) => self.scratch.nodes.push(node),
                end => return Ok((self.scratch.close_nodes(start), end)),
            }
        }
        Err(self.error("unexpected EOF"))
    }

    fn text_or_action(&mut self) -> Result<Parsed> {
        let item = self.items.next();
        match item.kind {
            ItemKind::Text => Ok(Parsed::Node(Node::Text(item.span()))),
            ItemKind::LeftDelim => {
                self.items.set_action(Some(item.pos));
                let parsed = self.action()?;
                self.items.set_action(None);
                Ok(parsed)
            }
            _ => Err(self.unexpected(item, "input")),
        }
    }

    fn action(&mut self) -> Result<Parsed> {
        let item = self.items.next();
        let ItemKind::Keyword(keyword) = item.kind else { return self.plain_action() };
        Ok(Parsed::Node(match keyword {
            Keyword::Block => self.nested(Parser::block)?,
            Keyword::Break => {
                self.loop_control("break")?;
                Node::Break(item.pos)
            }
            Keyword::Continue => {
                self.loop_control("continue")?;
                Node::Continue(item.pos)
            }
            Keyword::Else => return self.else_clause(),
            Keyword::End => {
                self.expect_right_delim("end")?;
                return Ok(Parsed::End);
            }
            Keyword::If => Node::If(self.branch(Context::If)?),
            Keyword::Range => Node::Range(self.branch(Context::Range)?),
            Keyword::With => Node::With(self.branch(Context::With)?),
            Keyword::Template => self.template_call()?,
            Keyword::Define | Keyword::Dot | Keyword::Nil => return self.plain_action(),
        }))
    }

    /// An action that is a pipeline, its first item read.
    fn plain_action(&mut self) -> Result<Parsed> {
        self.items.backup();
        // What it declares stays visible up to the end of the block.
        let pipe = self.pipeline("command", ItemKind::RightDelim)?;
        Ok(Parsed::Node(Node::Action(Id::add(&mut self.scratch.done.pipes, pipe))))
    }

    fn loop_control(&mut self, word: &str) -> Result<()> {
        self.expect_right_delim(&format!("{{{{{word}}}}}"))?;
        if self.range_depth == 0 {
            return Err(self.error(format!("{{{{{word}}}}} outside {{{{range}}}}")));
        }
        Ok(())
    }

    /// Runs `parse` one block deeper.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= MAX_DEPTH {
            return Err(self.error(format!("blocks nest deeper than {MAX_DEPTH}")));
        }
        self.depth += 1;
        let parsed = parse(self)?;
        self.depth -= 1;
        Ok(parsed)
    }

    fn branch(&mut self, context: Context) -> Result<Id<Branch>> {
        self.nested(|parser| {
            let visible = parser.scope.len();
            let branch = parser.branch_body(context)?;
            parser.scope.truncate(visible);
            Ok(Id::add(&mut parser.scratch.done.branches, branch))
        })
    }

    fn branch_body(&mut self, context: Context) -> Result<Branch> {
        let pipe = self.pipeline(context.name(), ItemKind::RightDelim)?;
        let in_range = u32::from(context == Context::Range);
        self.range_depth += in_range;
        let (list, end) = self.list()?;
        self.range_depth -= in_range;
        let else_list = match end {
            Parsed::Else => Some(self.else_list(context)?),
            _ => None,
        };
        Ok(Branch { pipe, list, else_list })
    }

    /// What follows `{{else}}`. An `else if` or `else with` is a branch of its
    /// own, alone in the list, and its `{{end}}` ends both.
    fn else_list(&mut self, context: Context) -> Result<Run<Node>> {
        match (context, self.items.peek().kind) {
            (Context::If, ItemKind::Keyword(Keyword::If)) => {
                self.items.next();
                let branch = self.branch(Context::If)?;
                Ok(self.scratch.alone(Node::If(branch)))
            }
            (Context::With, ItemKind::Keyword(Keyword::With)) => {
                self.items.next();
                let branch = self.branch(Context::With)?;
                Ok(self.scratch.alone(Node::With(branch)))
            }
            _ => match self.list()? {
                (list, Parsed::End) => Ok(list),
                (_, other) => Err(self.error(format!("expected end; found {}", other.text()))),
            },
        }
    }

    /// `{{else}}`, the keyword read; the `if` or `with` beside it is left.
    fn else_clause(&mut self) -> Result<Parsed> {
        if !matches!(self.items.peek().kind, ItemKind::Keyword(Keyword::If | Keyword::With)) {
            self.expect_right_delim("else")?;
        }
        Ok(Parsed::Else)
    }

    /// `{{block "name" pipeline}} … {{end}}`: a definition and its call.
    fn block(&mut self) -> Result<Node> {
        const CONTEXT: &str = "block clause";
        let item = self.items.next();
        let name = self.template_name(item, CONTEXT)?;
        let pipe = self.pipeline(CONTEXT, ItemKind::RightDelim)?;
        let outer = self.enter_definition();
        let (root, end) = self.list()?;
        if !matches!(end, Parsed::End) {
            // Go finds this in the outer tree, whose line is that of the clause.
            self.leave_definition(outer);
            return Err(self.error(format!("unexpected {} in {CONTEXT}", end.text())));
        }
        self.define(name.clone(), root)?;
        self.leave_definition(outer);
        let pipe = Id::add(&mut self.scratch.done.pipes, pipe);
        Ok(self.call(item.pos, name, Some(pipe)))
    }

    /// `{{template "name" pipeline}}`, the keyword read.
    fn template_call(&mut self) -> Result<Node> {
        const CONTEXT: &str = "template clause";
        let item = self.items.next();
        let name = self.template_name(item, CONTEXT)?;
        let mut pipe = None;
        if self.items.next().kind != ItemKind::RightDelim {
            self.items.backup();
            let data = self.pipeline(CONTEXT, ItemKind::RightDelim)?;
            pipe = Some(Id::add(&mut self.scratch.done.pipes, data));
        }
        Ok(self.call(item.pos, name, pipe))
    }

    fn call(&mut self, pos: Pos, name: Str, pipe: Option<Id<Pipe>>) -> Node {
        let done = &mut self.scratch.done;
        let name = Id::add(&mut done.strings, name);
        Node::Template(Id::add(&mut done.calls, Call { pos, name, pipe }))
    }

    fn template_name(&mut self, item: Item, context: &str) -> Result<Str> {
        if !matches!(item.kind, ItemKind::String | ItemKind::RawString) {
            return Err(self.unexpected(item, context));
        }
        let name = unquote(self.text(item)).map_err(|message| self.error(message))?;
        Ok(Str::from(&*name))
    }

    fn expect_right_delim(&mut self, context: &str) -> Result<()> {
        let item = self.items.next();
        if item.kind == ItemKind::RightDelim { Ok(()) } else { Err(self.unexpected(item, context)) }
    }
}
