//! Words the failures of templates as Helm does. Helm reads them back from
//! text/template's messages; here the levels are at hand, and only Helm's rules
//! of what it shows of each are kept.

use std::fmt;

use crate::error::{Error, Kind};
use crate::template::ast::{Cause, ExecError, Place};
use crate::template::budget::Exceeded;
use crate::template::exec::{Ending, ending};
use crate::template::function::FuncError;
use crate::template::parser::ParseError;
use crate::template::print::quote;

/// text/template's own words for a failure that Helm words anew: the source of
/// every error of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError(pub String);

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TemplateError {}

/// Of a parse error Helm shows the place, and the message from its last colon on.
pub fn parse_error(error: &ParseError) -> Error {
    let text = error.to_string();
    let location = text.split(": ").nth(1).unwrap_or_default();
    let message = text.rsplit(": ").next().unwrap_or_default();
    let worded = format!("parse error at ({location}): {message}");
    Error::new(Kind::Render, worded).caused_by(TemplateError(text))
}

/// A failed execution.
pub fn exec_error(error: &ExecError) -> Error {
    match ending(error) {
        Some(Ending::Exceeded(exceeded, place)) => {
            let error = self::exceeded(exceeded);
            match place {
                Some(Place { file, line, column }) => error.at(file, *line, column.saturating_add(1)),
                None => error,
            }
        }
        Some(Ending::Stop(message)) => {
            let location = error.place.as_ref().map(Place::to_string).unwrap_or_default();
            let worded = format!("execution error at ({location}): {message}");
            Error::new(Kind::Render, worded).caused_by(TemplateError(error.to_string()))
        }
        None => {
            let raw = error.to_string();
            let worded = levels(error).unwrap_or_else(|| raw.clone());
            Error::new(Kind::Render, worded).caused_by(TemplateError(raw))
        }
    }
}

/// A reached limit.
pub fn exceeded(exceeded: Exceeded) -> Error {
    let kind = match exceeded {
        Exceeded::Limit(..) => Kind::Limit,
        Exceeded::Deadline => Kind::Deadline,
        Exceeded::Cancelled => Kind::Cancelled,
    };
    Error::new(kind, exceeded.to_string())
}

/// One level of the chain, as Helm prints it.
#[derive(PartialEq, Eq)]
struct Level {
    location: String,
    executing: String,
    message: String,
}

/// The chain of templates inside each other, a block a level; the same level
/// twice in a row is shown once. None where the chain ends in an error that is
/// not a template's: Helm shows text/template's message then.
fn levels(error: &ExecError) -> Option<String> {
    let mut levels: Vec<Level> = Vec::new();
    let mut error = error;
    let end = loop {
        let level = level(error)?;
        if levels.last() != Some(&level) {
            levels.push(level);
        }
        match &error.cause {
            Cause::Call(_, FuncError::Template(inner)) => error = inner,
            Cause::Call(_, FuncError::Message(message)) if message.starts_with("template: no template ") => {
                break message.as_str();
            }
            Cause::Call(..) => return None,
            Cause::Message(_) | Cause::Exceeded(_) => break "",
        }
    };
    let mut text = String::new();
    for level in &levels {
        let Level { location, executing, message } = level;
        text.push_str(&format!("{location}\n  {executing}\n    {message}\n"));
    }
    text.push_str(end);
    Some(text.trim().to_owned())
}

fn level(error: &ExecError) -> Option<Level> {
    let place = error.place.as_ref()?;
    let message = match &error.cause {
        Cause::Call(name, FuncError::Template(_)) => format!("error calling {name}: template:"),
        Cause::Call(name, cause) => format!("error calling {name}: {cause}"),
        Cause::Message(message) => message.clone(),
        Cause::Exceeded(exceeded) => exceeded.to_string(),
    };
    // Helm ends the node at the first ">: ", even one inside a string in it.
    let shown = format!("{}>: {message}", error.node);
    let (node, message) = shown.split_once(">: ")?;
    let message = message.split(" template:").next().unwrap_or(message);
    Some(Level {
        location: place.to_string(),
        executing: format!("executing {} at <{node}>:", quote(error.template.as_bytes())),
        message: message.to_owned(),
    })
}
