//! Pipelines, commands and operands.

use super::super::ast::{Arg, Command, Pipe, Span, Variable};
use super::super::item::{Item, ItemKind, Keyword, Shown};
use super::super::print::quote;
use super::number::number;
use super::scratch::take;
use super::unquote::unquote;
use super::{MAX_COMMANDS, MAX_DEPTH, ParseError, Parser, Result};

impl<'a> Parser<'a> {
    /// The error for an item that cannot stand where it does.
    pub(super) fn unexpected(&self, item: Item, context: &str) -> ParseError {
        let shown = Shown { kind: item.kind, text: self.text(item), error: self.items.error() };
        if item.kind != ItemKind::Error {
            return self.error(format!("unexpected {shown} in {context}"));
        }
        let message = shown.to_string();
        let line = self.items.action_line();
        if line == 0 || line == item.line {
            return self.error(message);
        }
        // Not "unclosed action in action".
        let within = if message.ends_with(" action") { "" } else { " in action" };
        self.error(format!("{message}{within} started at {}:{line}", self.source.name))
    }

    /// Declarations, then commands with `|` between them, up to `end`.
    pub(super) fn pipeline(&mut self, context: &str, end: ItemKind) -> Result<Pipe> {
        let pos = self.items.peek_non_space().pos;
        let (is_assign, decl) = self.declarations(context)?;
        let start = self.scratch.commands.len();
        loop {
            let item = self.items.next_non_space();
            match item.kind {
                kind if kind == end => {
                    let cmds = take(&mut self.scratch.commands, start);
                    self.check(&cmds, context)?;
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
                    self.items.backup();
                    let command = self.command()?;
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
    fn declarations(&mut self, context: &str) -> Result<(bool, Box<[Variable]>)> {
        let (mut is_assign, mut decl) = (false, Vec::new());
        while self.declaration(&mut is_assign, &mut decl, context)? {}
        Ok((is_assign, decl.into_boxed_slice()))
    }

    /// A variable and the `:=`, `=` or comma behind it; a variable with neither
    /// is an operand and put back. Whether another declaration follows.
    fn declaration(&mut self, is_assign: &mut bool, decl: &mut Vec<Variable>, context: &str) -> Result<bool> {
        let variable = self.items.peek_non_space();
        if variable.kind != ItemKind::Variable {
            return Ok(false);
        }
        self.items.next();
        // The blank behind the variable is put back with it: it parts operands.
        let after = self.items.peek();
        let next = self.items.peek_non_space();
        let comma = next.kind == ItemKind::Char && self.text(next) == b",";
        match next.kind {
            ItemKind::Assign | ItemKind::Declare => *is_assign = next.kind == ItemKind::Assign,
            _ if comma => {}
            _ if after.kind == ItemKind::Space => {
                self.items.backup3(variable, after);
                return Ok(false);
            }
            _ => {
                self.items.backup2(variable);
                return Ok(false);
            }
        }
        self.items.next_non_space();
        let (pos, name) = (variable.pos, variable.span());
        decl.push(Variable { pos, name, fields: Span::empty(name.end) });
        self.scope.declare(self.text(variable));
        if !comma {
            return Ok(false);
        }
        if context != "range" || decl.len() >= 2 {
            return Err(self.error(format!("too many declarations in {context}")));
        }
        match self.items.peek_non_space().kind {
            ItemKind::Variable | ItemKind::RightDelim | ItemKind::RightParen => Ok(true),
            _ => Err(self.error("range can only initialize variables")),
        }
    }

    fn check(&self, commands: &[Command], context: &str) -> Result<()> {
        if commands.is_empty() {
            return Err(self.error(format!("missing value for {context}")));
        }
        for (i, command) in commands.iter().enumerate().skip(1) {
            if let Some(Arg::Bool(..) | Arg::Dot(_) | Arg::Nil(_) | Arg::Number(..) | Arg::Str(..)) =
                command.args.first()
            {
                return Err(self.error(format!("non executable command in pipeline stage {}", i + 1)));
            }
        }
        Ok(())
    }

    /// Operands with blanks between them, up to a `|`, which is read, or the end
    /// of the pipeline, which is not.
    fn command(&mut self) -> Result<Command> {
        let pos = self.items.peek_non_space().pos;
        let start = self.scratch.args.len();
        loop {
            self.items.peek_non_space();
            let operand = self.operand()?;
            self.scratch.args.extend(operand);
            let item = self.items.next();
            match item.kind {
                ItemKind::Space => continue,
                ItemKind::RightDelim | ItemKind::RightParen => self.items.backup(),
                ItemKind::Pipe => {}
                _ => return Err(self.unexpected(item, "operand")),
            }
            break;
        }
        let args = take(&mut self.scratch.args, start);
        if args.is_empty() { Err(self.error("empty command")) } else { Ok(Command { pos, args }) }
    }

    /// A term and the fields read from it; nothing where none stands here.
    fn operand(&mut self) -> Result<Option<Arg>> {
        let Some(mut term) = self.term()? else { return Ok(None) };
        let pos = self.items.peek().pos;
        let mut added = Span::empty(pos);
        while self.items.peek().kind == ItemKind::Field {
            added.end = self.items.next().end;
        }
        if added.is_empty() {
            return Ok(Some(term));
        }
        match &mut term {
            // Go makes one node of these, placed at the first added field.
            Arg::Field(at, fields) | Arg::Variable(Variable { pos: at, fields, .. }) => {
                fields.end = added.end;
                *at = pos;
            }
            Arg::Bool(..) | Arg::Str(..) | Arg::Number(..) | Arg::Nil(_) | Arg::Dot(_) => {
                let text = quote(term.shown(self.source).to_string().as_bytes());
                return Err(self.error(format!("unexpected . after term {text}")));
            }
            _ => term = Arg::Chain(pos, Box::new(term), added),
        }
        Ok(Some(term))
    }

    /// What an operand starts with.
    fn term(&mut self) -> Result<Option<Arg>> {
        let item = self.items.next_non_space();
        let pos = item.pos;
        Ok(Some(match item.kind {
            ItemKind::Identifier => match std::str::from_utf8(self.text(item)).ok().and_then(self.find) {
                Some(function) => Arg::Function(pos, function),
                None => return Err(self.error(format!("function {} not defined", quote(self.text(item))))),
            },
            ItemKind::Keyword(Keyword::Dot) => Arg::Dot(pos),
            ItemKind::Keyword(Keyword::Nil) => Arg::Nil(pos),
            ItemKind::Variable if !self.scope.has(self.text(item)) => {
                return Err(self.error(format!("undefined variable {}", quote(self.text(item)))));
            }
            ItemKind::Variable => {
                Arg::Variable(Variable { pos, name: item.span(), fields: Span::empty(item.end) })
            }
            ItemKind::Field => Arg::Field(pos, item.span()),
            ItemKind::Bool => Arg::Bool(pos, self.text(item) == b"true"),
            ItemKind::CharConstant | ItemKind::Complex | ItemKind::Number => {
                let number = number(item.kind, self.text(item)).map_err(|message| self.error(message))?;
                Arg::Number(pos, Box::new(number))
            }
            ItemKind::LeftParen => Arg::Pipe(Box::new(self.parenthesized()?)),
            ItemKind::String | ItemKind::RawString => {
                let value = unquote(self.text(item)).map_err(|message| self.error(message))?;
                Arg::Str(item.span(), self.scratch.constants.get(&value))
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
