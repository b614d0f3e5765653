//! Pipelines, commands and operands.

use super::super::ast::{Arg, Command, Pipe, Span, Variable};
use super::super::item::{Item, ItemKind, Keyword, Shown};
use super::super::print::quote;
use super::super::tree::{Id, Run};
use super::number::number;
use super::unquote::unquote;
use super::{MAX_COMMANDS, MAX_DEPTH, ParseError, Parser, Result};

impl<'a> Parser<'a> {
    /// The error for an item that cannot stand where it does.
    #[cold]
    pub(super) fn unexpected(&self, item: Item, context: &str) -> ParseError {
        // Go has an item for each field.
        let said =
            if item.kind == ItemKind::Field { item.span().first_field(self.source) } else { item.span() };
        let shown = Shown { kind: item.kind, text: said.of(self.source), error: self.items.error() };
        if item.kind != ItemKind::Error {
            return self.error(format!("unexpected {shown} in {context}"));
        }
        let message = shown.to_string();
        let line_of = |pos| self.source.place(pos).line;
        let Some(line) = self.items.action().map(line_of).filter(|line| *line != line_of(item.pos)) else {
            return self.error(message);
        };
        // Not "unclosed action in action".
        let within = if message.ends_with(" action") { "" } else { " in action" };
        self.error(format!("{message}{within} started at {}:{line}", self.source.name))
    }

    /// Declarations, then commands with `|` between them, up to `end`.
    pub(super) fn pipeline(&mut self, context: &str, end: ItemKind) -> Result<Pipe> {
        let pos = self.items.peek().pos;
        let (is_assign, decl) = self.declarations(context)?;
        let start = self.scratch.commands.len();
        loop {
            let item = self.items.peek();
            match item.kind {
                kind if kind == end => {
                    self.items.next();
                    let cmds = self.scratch.close_commands(start);
                    self.check(cmds, context)?;
                    return Ok(Pipe { pos, is_assign, decl, cmds });
                }
                ItemKind::Bool
                | ItemKind::CharConstant
                | ItemKind::Complex
                | ItemKind::Keyword(Keyword::Dot | Keyword::Nil)
                | ItemKind::Field
                | ItemKind::Identifier
                | ItemKind::Number
                | ItemKind::RawString
                | ItemKind::String
                | ItemKind::Variable
                | ItemKind::LeftParen => {
                    let command = self.command(item)?;
                    self.scratch.commands.push(command);
                    if self.scratch.commands.len() - start > MAX_COMMANDS {
                        return Err(self.error("pipeline too long"));
                    }
                }
                _ => return Err(self.unexpected(item, context)),
            }
        }
    }

    /// The variables that a pipeline starts with, and whether they are assigned
    /// (`=`) instead of declared.
    fn declarations(&mut self, context: &str) -> Result<(bool, Run<Variable>)> {
        let (mut is_assign, first) = (false, self.scratch.done.variables.len());
        while self.declaration(&mut is_assign, first, context)? {}
        Ok((is_assign, Run::since(first, &self.scratch.done.variables)))
    }

    /// A variable and the `:=`, `=` or comma behind it; a variable with neither
    /// is an operand and put back. Whether another declaration follows.
    fn declaration(&mut self, is_assign: &mut bool, first: usize, context: &str) -> Result<bool> {
        let variable = self.items.peek();
        if variable.kind != ItemKind::Variable {
            return Ok(false);
        }
        self.items.next();
        let next = self.items.peek();
        let comma = next.kind == ItemKind::Char && self.text(next) == b",";
        match next.kind {
            ItemKind::Assign | ItemKind::Declare => *is_assign = next.kind == ItemKind::Assign,
            _ if comma => {}
            _ => {
                self.items.backup2(variable);
                return Ok(false);
            }
        }
        self.items.next();
        self.scratch.done.variables.push(Variable { name: variable.span(), end: variable.end });
        self.scope.declare(self.text(variable));
        if !comma {
            return Ok(false);
        }
        if context != "range" || self.scratch.done.variables.len() - first >= 2 {
            return Err(self.error(format!("too many declarations in {context}")));
        }
        match self.items.peek().kind {
            ItemKind::Variable | ItemKind::RightDelim | ItemKind::RightParen => Ok(true),
            _ => Err(self.error("range can only initialize variables")),
        }
    }

    fn check(&self, commands: Run<Command>, context: &str) -> Result<()> {
        if commands.is_empty() {
            return Err(self.error(format!("missing value for {context}")));
        }
        let done = &self.scratch.done;
        for (i, command) in done.run(commands).iter().enumerate().skip(1) {
            if let Some(Arg::Bool(..) | Arg::Dot(_) | Arg::Nil(_) | Arg::Number(..) | Arg::Str(..)) =
                done.run(command.args).first()
            {
                return Err(self.error(format!("non executable command in pipeline stage {}", i + 1)));
            }
        }
        Ok(())
    }

    /// Operands with blanks between them, `first` the first item ahead, up to a `|`,
    /// which is read, or the end of the pipeline, which is not.
    fn command(&mut self, first: Item) -> Result<Command> {
        let pos = first.pos;
        let start = self.scratch.args.len();
        let mut item = first;
        loop {
            let operand = self.operand(item)?;
            let is_operand = operand.is_some();
            self.scratch.args.extend(operand);
            item = self.items.peek();
            match item.kind {
                ItemKind::RightDelim | ItemKind::RightParen => break,
                ItemKind::Pipe => {
                    self.items.next();
                    break;
                }
                _ if item.spaced && is_operand => {}
                _ => return Err(self.unexpected(item, "operand")),
            }
        }
        let args = self.scratch.close_args(start);
        if args.is_empty() { Err(self.error("empty command")) } else { Ok(Command { pos, args }) }
    }

    /// The term that begins with the item ahead, and the fields read from it; nothing
    /// where that begins none.
    fn operand(&mut self, first: Item) -> Result<Option<Arg>> {
        let Some(mut term) = self.term(first)? else { return Ok(None) };
        let fields = self.items.peek();
        if fields.kind != ItemKind::Field || fields.spaced {
            return Ok(Some(term));
        }
        self.items.next();
        let added = fields.span();
        match &mut term {
            Arg::Variable(variable) => variable.end = added.end,
            Arg::Bool(..) | Arg::Str(..) | Arg::Number(..) | Arg::Nil(_) | Arg::Dot(_) => {
                let text = quote(Span { start: first.pos, end: added.start }.of(self.source));
                // Go has read the next item too, which may be blanks.
                let next = self.items.peek();
                let at = if next.spaced { added.end } else { next.pos };
                return Err(self.error_at(at, format!("unexpected . after term {text}")));
            }
            _ => term = Arg::Chain(Id::add(&mut self.scratch.done.args, term), added),
        }
        Ok(Some(term))
    }

    /// What an operand starts with, which is the item ahead.
    fn term(&mut self, item: Item) -> Result<Option<Arg>> {
        self.items.next();
        let pos = item.pos;
        Ok(Some(match item.kind {
            ItemKind::Identifier => match (self.find)(self.text(item)) {
                Some(function) => Arg::Function(pos, function),
                None => return Err(self.error(format!("function {} not defined", quote(self.text(item))))),
            },
            ItemKind::Keyword(Keyword::Dot) => Arg::Dot(pos),
            ItemKind::Keyword(Keyword::Nil) => Arg::Nil(pos),
            ItemKind::Variable if !self.scope.has(self.text(item)) => {
                return Err(self.error(format!("undefined variable {}", quote(self.text(item)))));
            }
            ItemKind::Variable => Arg::Variable(Variable { name: item.span(), end: item.end }),
            ItemKind::Field => Arg::Field(item.span()),
            ItemKind::Bool => Arg::Bool(pos, self.text(item) == b"true"),
            ItemKind::CharConstant | ItemKind::Complex | ItemKind::Number => {
                let number = number(item.kind, self.text(item)).map_err(|message| self.error(message))?;
                Arg::Number(item.span(), Id::add(&mut self.scratch.done.numbers, number))
            }
            ItemKind::LeftParen => {
                let pipe = self.parenthesized()?;
                Arg::Pipe(Id::add(&mut self.scratch.done.pipes, pipe))
            }
            ItemKind::String | ItemKind::RawString => {
                let value = unquote(self.text(item)).map_err(|message| self.error(message))?;
                Arg::Str(item.span(), self.scratch.constant(&value))
            }
            _ => {
                self.items.backup();
                return Ok(None);
            }
        }))
    }

    fn parenthesized(&mut self) -> Result<Pipe> {
        if self.paren_depth >= MAX_DEPTH {
            return Err(self.error("max expression depth exceeded"));
        }
        self.paren_depth += 1;
        let pipe = self.pipeline("parenthesized pipeline", ItemKind::RightParen)?;
        self.paren_depth -= 1;
        Ok(pipe)
    }
}
