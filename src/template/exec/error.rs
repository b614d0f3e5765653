//! The texts of failed executions: text/template's own.

use std::fmt;

use super::Failure;
use crate::template::ast::{Cause, ExecError, Template};
use crate::template::budget::Exceeded;
use crate::template::function::FuncError;
use crate::template::print::quote;

/// A failure before the template was reached.
pub fn outside(template: &Template, exceeded: Exceeded) -> Failure {
    Box::new(ExecError {
        place: None,
        template: template.name.clone(),
        node: String::new(),
        cause: Cause::Exceeded(exceeded),
    })
}

/// Writes the levels in a loop: they are as many as templates were inside each
/// other.
impl fmt::Display for ExecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut error = self;
        loop {
            match &error.place {
                Some(place) => {
                    let name = quote(error.template.as_bytes());
                    write!(f, "template: {place}: executing {name} at <{}>: ", error.node)?;
                }
                None => write!(f, "template: {}: ", error.template)?,
            }
            match &error.cause {
                Cause::Call(name, FuncError::Template(inner)) => {
                    write!(f, "error calling {name}: ")?;
                    error = inner;
                }
                Cause::Call(name, cause) => return write!(f, "error calling {name}: {cause}"),
                Cause::Message(message) => return f.write_str(message),
                Cause::Exceeded(exceeded) => return exceeded.fmt(f),
            }
        }
    }
}

impl std::error::Error for ExecError {}

impl fmt::Display for FuncError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FuncError::Message(message) | FuncError::Stop(message) => f.write_str(message),
            FuncError::Template(error) => error.fmt(f),
            FuncError::Exceeded(exceeded) => exceeded.fmt(f),
        }
    }
}
