//! One template being executed: where it is, and its variables.

use super::Failure;
use crate::data::Value;
use crate::template::ast::{Arg, Cause, Command, ExecError, Node, Pipe, Pos, Span, Template, Variable};
use crate::template::budget::Exceeded;
use crate::template::tree::{Id, Part, Run, Tree};

/// A value and how Go's reflection holds it.
#[derive(Debug, Clone)]
pub struct Operand {
    /// The value.
    pub value: Value,
    /// It came out of an `interface {}` (an element of a map or list) and has not
    /// been through a pipeline: Go knows it by that type, and a nil there is a
    /// nil pointer, where elsewhere it is no value at all.
    pub boxed: bool,
}

impl Operand {
    /// A value of its own type.
    pub fn plain(value: Value) -> Operand {
        Operand { value, boxed: false }
    }

    /// Go's zero reflect.Value.
    pub fn none() -> Operand {
        Operand::plain(Value::Nil)
    }

    /// The type that errors name.
    pub fn type_name(&self) -> &'static str {
        if self.boxed { "interface {}" } else { self.value.type_name() }
    }
}

/// The node that an error is reported at.
#[derive(Debug, Clone, Copy)]
pub enum At<'t> {
    Start,
    Node(&'t Node),
    Pipe(&'t Pipe),
    Command(&'t Command),
    Arg(&'t Arg),
    Variable(&'t Variable),
}

impl At<'_> {
    /// Where it is in the source of `tree`, which it is a part of.
    pub fn pos(self, tree: &Tree) -> Pos {
        match self {
            At::Start => 0,
            At::Node(node) => node.pos(tree),
            At::Pipe(pipe) => pipe.pos,
            At::Command(command) => command.pos,
            At::Arg(arg) => arg.pos(tree),
            At::Variable(variable) => variable.pos(),
        }
    }

    /// As Go's errors show it.
    fn text(self, tree: &Tree) -> String {
        match self {
            At::Start => String::new(),
            At::Node(node) => node.shown(tree).to_string(),
            At::Pipe(pipe) => pipe.shown(tree).to_string(),
            At::Command(command) => command.shown(tree).to_string(),
            At::Arg(arg) => arg.shown(tree).to_string(),
            At::Variable(variable) => variable.shown(tree).to_string(),
        }
    }
}

/// The state of one template's execution. No template sees another's variables.
#[derive(Debug)]
pub struct Frame<'t> {
    /// The template.
    pub template: &'t Template,
    /// The current node.
    pub at: At<'t>,
    variables: Vec<(&'t [u8], Operand)>,
}

impl<'t> Frame<'t> {
    /// A frame whose `$` is `data`.
    pub fn new(template: &'t Template, data: Operand) -> Frame<'t> {
        let mut variables: Vec<(&'t [u8], Operand)> = Vec::with_capacity(8);
        variables.push((b"$", data));
        Frame { template, at: At::Start, variables }
    }

    /// What a span of the template says.
    pub fn text(&self, span: Span) -> &'t [u8] {
        span.of(&self.template.tree.source)
    }

    /// A part of the template.
    pub fn part<T: Part>(&self, id: Id<T>) -> &'t T {
        self.template.tree.part(id)
    }

    /// Parts of the template beside each other.
    pub fn parts<T: Part>(&self, run: Run<T>) -> &'t [T] {
        self.template.tree.run(run)
    }

    /// An operand as Go's errors show it.
    pub fn shown(&self, arg: &Arg) -> String {
        arg.shown(&self.template.tree).to_string()
    }

    /// The number of variables, to come back to.
    pub fn mark(&self) -> usize {
        self.variables.len()
    }

    /// Forgets the variables declared since `mark`.
    pub fn pop(&mut self, mark: usize) {
        self.variables.truncate(mark);
    }

    /// Declares a variable.
    pub fn declare(&mut self, name: &'t [u8], value: Operand) {
        self.variables.push((name, value));
    }

    /// Sets the `n`th last variable, from 1.
    pub fn set_top(&mut self, n: usize, value: Operand) {
        let last = self.variables.len();
        if let Some(variable) = last.checked_sub(n).and_then(|i| self.variables.get_mut(i)) {
            variable.1 = value;
        }
    }

    /// Sets the variable of that name declared last.
    pub fn assign(&mut self, name: &[u8], value: Operand) -> Result<(), Failure> {
        match self.variables.iter_mut().rev().find(|(n, _)| *n == name) {
            Some(variable) => {
                variable.1 = value;
                Ok(())
            }
            None => Err(self.undefined(name)),
        }
    }

    /// The variable of that name declared last.
    pub fn variable(&self, name: &[u8]) -> Result<&Operand, Failure> {
        match self.variables.iter().rev().find(|(n, _)| *n == name) {
            Some((_, value)) => Ok(value),
            None => Err(self.undefined(name)),
        }
    }

    fn undefined(&self, name: &[u8]) -> Failure {
        self.message(format!("undefined variable: {}", String::from_utf8_lossy(name)))
    }

    /// An error at the current node.
    pub fn error(&self, cause: Cause) -> Failure {
        Box::new(ExecError {
            place: Some(self.template.place(self.at.pos(&self.template.tree))),
            template: self.template.name.clone(),
            node: self.at.text(&self.template.tree),
            cause,
        })
    }

    /// An error of the executor itself at the current node.
    pub fn message(&self, message: impl Into<String>) -> Failure {
        self.error(Cause::Message(message.into()))
    }

    /// A limit was reached at the current node.
    pub fn exceeded(&self, exceeded: Exceeded) -> Failure {
        self.error(Cause::Exceeded(exceeded))
    }
}
