//! Go's fmt: values as `%v` and the other verbs print them. Values may be
//! nested without end (a map in itself), so every output is bounded.

mod flags;
mod float;
mod number;
mod printf;
#[cfg(test)]
mod tests;
mod text;
mod value;

use super::budget::{Budget, Exceeded, Limits};
use super::function::FuncError;
use crate::data::{Str, Value};

pub use crate::data::quote::{can_backquote, quote, quote_ascii, quote_rune};

use flags::Flags;

/// How deep printed values may nest. Go would overflow its stack instead.
const MAX_DEPTH: usize = 10_000;

/// Prints into a buffer, up to a limit.
struct Printer<'a> {
    out: &'a mut Vec<u8>,
    flags: Flags,
    /// A wrong verb is being reported: values then print without their methods.
    erroring: bool,
    /// How long `out` may get.
    end: usize,
    limit: usize,
    exceeded: Option<Exceeded>,
}

impl<'a> Printer<'a> {
    fn new(out: &'a mut Vec<u8>, limit: usize) -> Printer<'a> {
        let end = out.len().saturating_add(limit);
        Printer { out, flags: Flags::default(), erroring: false, end, limit, exceeded: None }
    }

    fn finish(self) -> Result<(), Exceeded> {
        self.exceeded.map_or(Ok(()), Err)
    }

    /// Whether `more` bytes fit; once they do not, nothing is printed any more.
    fn fits(&mut self, more: usize) -> bool {
        if self.exceeded.is_none() && self.out.len().saturating_add(more) > self.end {
            self.exceeded = Some(Exceeded::Limit("bytes in one string", self.limit as u64));
        }
        self.exceeded.is_none()
    }

    fn write(&mut self, bytes: impl AsRef<[u8]>) {
        if self.fits(bytes.as_ref().len()) {
            self.out.extend_from_slice(bytes.as_ref());
        }
    }

    fn write_char(&mut self, c: char) {
        self.write(c.encode_utf8(&mut [0; 4]));
    }

    fn fill(&mut self, byte: u8, count: usize) {
        if self.fits(count) {
            self.out.resize(self.out.len() + count, byte);
        }
    }
}

/// Appends `value` as `%v` prints it, which is what a template's action writes
/// (fmt.Fprint of one value; the executor decides what nil reads as).
pub fn print_value(out: &mut Vec<u8>, value: &Value) -> Result<(), Exceeded> {
    match value {
        Value::Str(text) => {
            out.extend_from_slice(text.as_bytes());
            Ok(())
        }
        value => {
            let mut printer = Printer::new(out, Limits::default().string);
            printer.arg(value, 'v');
            printer.finish()
        }
    }
}

/// `value` as `%v` prints it, as a string of its own.
pub fn value_text(value: &Value) -> Result<Str, Exceeded> {
    if let Value::Str(text) = value {
        return Ok(text.clone());
    }
    let mut out = Vec::new();
    print_value(&mut out, value)?;
    Ok(out.into())
}

/// fmt.Sprint: `%v` of each, with a space between two that are no strings.
pub fn sprint(budget: &mut Budget, args: &[Value]) -> Result<Vec<u8>, FuncError> {
    printed(budget, |printer| {
        let mut after_text = true;
        for arg in args {
            let is_text = matches!(arg, Value::Str(_));
            if !is_text && !after_text {
                printer.write(" ");
            }
            printer.arg(arg, 'v');
            after_text = is_text;
        }
    })
}

/// fmt.Sprintln: `%v` of each, with spaces between them and a newline behind.
pub fn sprintln(budget: &mut Budget, args: &[Value]) -> Result<Vec<u8>, FuncError> {
    printed(budget, |printer| {
        for (i, arg) in args.iter().enumerate() {
            if i > 0 {
                printer.write(" ");
            }
            printer.arg(arg, 'v');
        }
        printer.write("\n");
    })
}

/// fmt.Sprintf. What is wrong with the format or its arguments stands in the
/// text, as in Go; the only error is a limit.
pub fn sprintf(budget: &mut Budget, format: &[u8], args: &[Value]) -> Result<Vec<u8>, FuncError> {
    printed(budget, |printer| printer.printf(format, args))
}

/// Text for a message, outside of any budget: the same as [`sprintf`], cut where
/// it would get too long.
pub fn describe(format: &str, args: &[Value]) -> String {
    let mut out = Vec::new();
    Printer::new(&mut out, Limits::default().string).printf(format.as_bytes(), args);
    String::from_utf8_lossy(&out).into_owned()
}

fn printed(budget: &mut Budget, print: impl FnOnce(&mut Printer<'_>)) -> Result<Vec<u8>, FuncError> {
    let mut out = Vec::new();
    let mut printer = Printer::new(&mut out, budget.limits().string);
    print(&mut printer);
    printer.finish()?;
    budget.string(out.len())?;
    Ok(out)
}
