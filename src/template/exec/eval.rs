//! Evaluates pipelines, commands and operands to values.

use super::frame::{At, Frame, Operand};
use super::{Executor, Failure};
use crate::data::Value;
use crate::data::str::lossy;
use crate::template::ast::{Arg, Command, Number, Pipe, Span, Variable};

impl Executor<'_> {
    /// A pipeline's value; its variables are declared or assigned. What comes
    /// out of a pipeline is never boxed.
    pub(super) fn pipeline<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        pipe: &'t Pipe,
    ) -> Result<Value, Failure> {
        frame.at = At::Pipe(pipe);
        self.nest().map_err(|e| frame.exceeded(e))?;
        let mut value: Option<Value> = None;
        for command in frame.parts(pipe.cmds) {
            value = Some(self.command(frame, dot, command, value)?.value);
        }
        self.unnest();
        let value = value.unwrap_or_default();
        for variable in frame.parts(pipe.decl) {
            let (name, operand) = (frame.text(variable.name), Operand::plain(value.clone()));
            if pipe.is_assign {
                frame.assign(name, operand)?;
            } else {
                frame.declare(name, operand);
            }
        }
        Ok(value)
    }

    /// One command; `last` is the value of the command before it in the pipeline.
    fn command<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        command: &'t Command,
        last: Option<Value>,
    ) -> Result<Operand, Failure> {
        let Some((first, rest)) = frame.parts(command.args).split_first() else { return Ok(Operand::none()) };
        match first {
            Arg::Field(fields) => {
                frame.at = At::Arg(first);
                self.fields(frame, dot, dot, *fields, At::Arg(first), rest, last)
            }
            Arg::Chain(base, fields) => {
                let base = self.chain_base(frame, dot, first, frame.part(*base))?;
                self.fields(frame, dot, &base, *fields, At::Arg(first), rest, last)
            }
            Arg::Function(_, function) => {
                frame.at = At::Arg(first);
                let value = self.function(frame, dot, function, At::Command(command), rest, last)?;
                Ok(Operand::plain(value))
            }
            Arg::Pipe(pipe) => {
                not_a_function(frame, first, rest, last.is_some())?;
                self.pipeline(frame, dot, frame.part(*pipe)).map(Operand::plain)
            }
            Arg::Variable(variable) => self.variable(frame, dot, variable, first, rest, last),
            Arg::Dot(_) | Arg::Nil(_) | Arg::Bool(..) | Arg::Number(..) | Arg::Str(..) => {
                frame.at = At::Arg(first);
                not_a_function(frame, first, rest, last.is_some())?;
                match first {
                    Arg::Dot(_) => Ok(dot.clone()),
                    Arg::Nil(_) => Err(frame.message("nil is not a command")),
                    constant => self.constant(frame, constant).map(Operand::plain),
                }
            }
        }
    }

    /// What the fields of a chain are read from.
    fn chain_base<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        chain: &'t Arg,
        base: &'t Arg,
    ) -> Result<Operand, Failure> {
        frame.at = At::Arg(chain);
        if matches!(base, Arg::Nil(_)) {
            return Err(frame.message(format!("indirection through explicit nil in {}", frame.shown(chain))));
        }
        frame.at = At::Arg(base);
        self.operand(frame, dot, base)
    }

    fn variable<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        variable: &'t Variable,
        arg: &'t Arg,
        rest: &'t [Arg],
        last: Option<Value>,
    ) -> Result<Operand, Failure> {
        frame.at = At::Variable(variable);
        let value = frame.variable(frame.text(variable.name))?.clone();
        if variable.fields().is_empty() {
            not_a_function(frame, arg, rest, last.is_some())?;
            return Ok(value);
        }
        self.fields(frame, dot, &value, variable.fields(), At::Variable(variable), rest, last)
    }

    /// `.X.Y.Z`, where the last one, if it is a method, takes the arguments.
    #[allow(clippy::too_many_arguments, reason = "they are Go's, and one frame less on a deep stack")]
    fn fields<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        receiver: &Operand,
        fields: Span,
        node: At<'t>,
        rest: &'t [Arg],
        last: Option<Value>,
    ) -> Result<Operand, Failure> {
        let mut left = frame.text(fields).get(1..).unwrap_or_default();
        let mut value: Option<Operand> = None;
        while let Some(dot_at) = left.iter().position(|b| *b == b'.') {
            let (name, others) = left.split_at(dot_at);
            value =
                Some(self.field(frame, dot, value.as_ref().unwrap_or(receiver), name, node, &[], None)?);
            left = others.get(1..).unwrap_or_default();
        }
        self.field(frame, dot, value.as_ref().unwrap_or(receiver), left, node, rest, last)
    }

    /// An operand that stands alone: no arguments follow it.
    pub(super) fn operand<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        arg: &'t Arg,
    ) -> Result<Operand, Failure> {
        match arg {
            Arg::Dot(_) => Ok(dot.clone()),
            Arg::Field(fields) => self.fields(frame, dot, dot, *fields, At::Arg(arg), &[], None),
            Arg::Variable(variable) => self.variable(frame, dot, variable, arg, &[], None),
            Arg::Pipe(pipe) => self.pipeline(frame, dot, frame.part(*pipe)).map(Operand::plain),
            Arg::Function(_, function) => {
                self.function(frame, dot, function, At::Arg(arg), &[], None).map(Operand::plain)
            }
            Arg::Chain(base, fields) => {
                let base = self.chain_base(frame, dot, arg, frame.part(*base))?;
                self.fields(frame, dot, &base, *fields, At::Arg(arg), &[], None)
            }
            Arg::Nil(_) => Ok(Operand::none()),
            constant => self.constant(frame, constant).map(Operand::plain),
        }
    }

    /// A constant where nothing says which type it should have.
    pub(super) fn constant<'t>(&mut self, frame: &mut Frame<'t>, arg: &'t Arg) -> Result<Value, Failure> {
        frame.at = At::Arg(arg);
        match arg {
            Arg::Bool(_, b) => Ok(Value::Bool(*b)),
            Arg::Str(_, text) => Ok(Value::Str(frame.template.tree.parts.string(*text))),
            Arg::Number(text, number) => ideal_number(frame, *text, frame.part(*number)),
            _ => Ok(Value::Nil),
        }
    }
}

/// The way a number is written decides its type (Go's idealConstant).
fn ideal_number(frame: &Frame<'_>, written: Span, number: &Number) -> Result<Value, Failure> {
    if let Some((re, im)) = number.complex {
        return Ok(Value::Complex(re, im));
    }
    let text = lossy(frame.text(written));
    let hex = text.starts_with("0x") || text.starts_with("0X");
    let hex_integer = hex && !text.contains(['p', 'P']);
    let written_as_float =
        !hex_integer && !text.starts_with('\'') && text.contains(['.', 'e', 'E', 'p', 'P']);
    match (number.float, number.int) {
        (Some(float), _) if written_as_float => Ok(Value::Float(float)),
        (_, Some(int)) => Ok(Value::int(int)),
        _ if number.uint.is_some() => Err(frame.message(format!("{text} overflows int"))),
        _ => Ok(Value::Nil),
    }
}

fn not_a_function(frame: &Frame<'_>, first: &Arg, rest: &[Arg], piped: bool) -> Result<(), Failure> {
    if rest.is_empty() && !piped {
        return Ok(());
    }
    Err(frame.message(format!("can't give argument to non-function {}", frame.shown(first))))
}
