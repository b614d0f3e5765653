//! Pipelines, commands and operands.

use super::super::ast::{Arg, Command, Pipe, Variable};
use super::super::lexer::{Item, ItemKind, Keyword};
use super::super::print::quote;
use super::number::number;
use super::unquote::unquote;
use super::{MAX_COMMANDS, MAX_DEPTH, ParseError, Parser, Result};
use crate::data::Str;

impl<'a> Parser<'a> {
    /// The error for an item that cannot stand where it does.
    pub(super) fn unexpected(&self, item: Item<'a>, context: &str) -> ParseError {
        if !matches!(item.kind, ItemKind::Error(_)) {
            return self.error(format!("unexpected {item} in {context}"));
        }
        let message = item.to_string();
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
        let mut pipe = Pipe { pos, is_assign: false, decl: Vec::new(), cmds: Vec::new() };
        while self.declaration(&mut pipe, context)? {}
        loop {
            let item = self.items.next_non_space();
            match item.kind {
                kind if kind == end => {
                    self.check(&pipe, context)?;
                    return Ok(pipe);
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
                    pipe.cmds.push(self.command()?);
                    if pipe.cmds.len() > MAX_COMMANDS {
                        return Err(self.error("pipeline too long"));
                    }
                }
                _ => return Err(self.unexpected(item, context)),
            }
        }
    }

    /// A variable and the `:=`, `=` or comma behind it; a variable with neither
    /// is an operand and put back. Whether another declaration follows.
    fn declaration(&mut self, pipe: &mut Pipe, context: &str) -> Result<bool> {
        let variable = self.items.peek_non_space();
        if variable.kind != ItemKind::Variable {
            return Ok(false);
        }
        self.items.next();
        // The blank behind the variable is put back with it: it parts operands.
        let after = self.items.peek();
        let next = self.items.peek_non_space();
        let comma = next.kind == ItemKind::Char && next.text == b",";
        match next.kind {
            ItemKind::Assign | ItemKind::Declare => pipe.is_assign = next.kind == ItemKind::Assign,
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
        pipe.decl.push(Variable { pos: variable.pos, name: Str::from(variable.text), fields: Vec::new() });
        self.scope.declare(variable.text);
        if !comma {
            return Ok(false);
        }
        if context != "range" || pipe.decl.len() >= 2 {
            return Err(self.error(format!("too many declarations in {context}")));
        }
        match self.items.peek_non_space().kind {
            ItemKind::Variable | ItemKind::RightDelim | ItemKind::RightParen => Ok(true),
            _ => Err(self.error("range can only initialize variables")),
        }
    }

    fn check(&self, pipe: &Pipe, context: &str) -> Result<()> {
        if pipe.cmds.is_empty() {
            return Err(self.error(format!("missing value for {context}")));
        }
        for (i, command) in pipe.cmds.iter().enumerate().skip(1) {
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
        let mut args = Vec::new();
        loop {
            self.items.peek_non_space();
            args.extend(self.operand()?);
            let item = self.items.next();
            match item.kind {
                ItemKind::Space => continue,
                ItemKind::RightDelim | ItemKind::RightParen => self.items.backup(),
                ItemKind::Pipe => {}
                _ => return Err(self.unexpected(item, "operand")),
            }
            break;
        }
        if args.is_empty() { Err(self.error("empty command")) } else { Ok(Command { pos, args }) }
    }

    /// A term and the fields read from it; nothing where none stands here.
    fn operand(&mut self) -> Result<Option<Arg>> {
        let Some(mut term) = self.term()? else { return Ok(None) };
        let pos = self.items.peek().pos;
        let mut fields = Vec::new();
        while self.items.peek().kind == ItemKind::Field {
            fields.push(field_name(self.items.next()));
        }
        if fields.is_empty() {
            return Ok(Some(term));
        }
        Ok(Some(match &mut term {
            // Go makes one node of these, placed at the first added field.
            Arg::Field(at, before) => {
                *at = pos;
                before.append(&mut fields);
                term
            }
            Arg::Variable(variable) => {
                variable.pos = pos;
                variable.fields.append(&mut fields);
                term
            }
            Arg::Bool(..) | Arg::Str(..) | Arg::Number(..) | Arg::Nil(_) | Arg::Dot(_) => {
                let text = quote(term.to_string().as_bytes());
                return Err(self.error(format!("unexpected . after term {text}")));
            }
            _ => Arg::Chain(pos, Box::new(term), fields),
        }))
    }

    fn term(&mut self) -> Result<Option<Arg>> {
        let item = self.items.next_non_space();
        let pos = item.pos;
        Ok(Some(match item.kind {
            ItemKind::Identifier => match std::str::from_utf8(item.text).ok().and_then(self.find) {
                Some(function) => Arg::Function(pos, function),
                None => return Err(self.error(format!("function {} not defined", quote(item.text)))),
            },
            ItemKind::Keyword(Keyword::Dot) => Arg::Dot(pos),
            ItemKind::Keyword(Keyword::Nil) => Arg::Nil(pos),
            ItemKind::Variable if !self.scope.has(item.text) => {
                return Err(self.error(format!("undefined variable {}", quote(item.text))));
            }
            ItemKind::Variable => {
                Arg::Variable(Variable { pos, name: Str::from(item.text), fields: Vec::new() })
            }
            ItemKind::Field => Arg::Field(pos, vec![field_name(item)]),
            ItemKind::Bool => Arg::Bool(pos, item.text == b"true"),
            ItemKind::CharConstant | ItemKind::Complex | ItemKind::Number => {
                let number = number(item.kind, item.text).map_err(|message| self.error(message))?;
                Arg::Number(pos, Box::new(number))
            }
            ItemKind::LeftParen => Arg::Pipe(self.parenthesized()?),
            ItemKind::String | ItemKind::RawString => {
                let value = unquote(item.text).map_err(|message| self.error(message))?;
                let quoted = String::from_utf8_lossy(item.text).into_owned();
                Arg::Str(pos, quoted, Str::from(value.as_ref()))
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

fn field_name(item: Item<'_>) -> Str {
    Str::from(item.text.get(1..).unwrap_or_default())
}
