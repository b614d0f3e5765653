//! What a template function is: a row of the one table, with its Go signature,
//! its help and its cases.

use crate::data::{Signature, Str, Value};

use super::budget::{Budget, Exceeded};

/// One template function.
#[derive(Debug)]
pub struct Function {
    /// The name templates call.
    pub name: &'static str,
    /// Go's parameter types. The executor checks arguments against them, so that
    /// `call` sees only values of these kinds.
    pub signature: Signature,
    /// One line: what goes in and what comes out.
    pub help: &'static str,
    /// Templates and what they print; for a failing one the error's text after
    /// `error calling NAME: `, with `!` before it. Documentation and tests come
    /// from them. Functions whose result is random show a template that checks it.
    pub cases: &'static [(&'static str, &'static str)],
    /// The function.
    pub call: Call,
}

/// A function's code: checked arguments in, a value or an error out.
pub type Call = fn(&mut dyn Host, &[Value]) -> Result<Value, FuncError>;

/// Why a function failed.
#[derive(Debug)]
pub enum FuncError {
    /// Go's error text (also of a panic that text/template turns into an error).
    Message(String),
    /// The chart itself refuses to render, with its own words (fail, required).
    Stop(String),
    /// A template that the function ran failed (include, tpl).
    Template(Box<super::ast::ExecError>),
    /// A limit was reached; templates cannot catch it.
    Exceeded(Exceeded),
}

impl From<String> for FuncError {
    fn from(message: String) -> Self {
        FuncError::Message(message)
    }
}

impl From<&str> for FuncError {
    fn from(message: &str) -> Self {
        FuncError::Message(message.to_owned())
    }
}

impl From<Exceeded> for FuncError {
    fn from(exceeded: Exceeded) -> Self {
        FuncError::Exceeded(exceeded)
    }
}

/// What a function may ask of the render that called it. There is no other way
/// to a clock, to randomness or to other templates.
pub trait Host {
    /// The render's budget.
    fn budget(&mut self) -> &mut Budget;
    /// The time of the render.
    fn now(&mut self) -> jiff::Timestamp;
    /// Fills `bytes` with randomness.
    fn random(&mut self, bytes: &mut [u8]);
    /// Runs the named template of the set with `data` (Helm's `include`).
    fn include(&mut self, name: &Str, data: &Value) -> Result<Str, FuncError>;
    /// Runs `text` as a template of its own over a copy of the set (Helm's `tpl`).
    fn tpl(&mut self, text: &Str, data: &Value) -> Result<Str, FuncError>;
}
