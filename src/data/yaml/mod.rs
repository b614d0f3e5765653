//! YAML as Helm reads and writes it: go-yaml v2's language (YAML 1.1, its limits and its
//! error texts) turned into what sigs.k8s.io/yaml makes of it on the way to JSON.
//!
//! Text goes through [`input`] (encoding), [`scanner`] (tokens), [`parser`]
//! (events), [`compose`] (nodes) and [`decode`] (values); each stage keeps its
//! nesting on a stack of its own, so no input can overflow the thread's. Documents
//! of the usual shape are read by [`simple`] instead, at once.
//!
//! The way back: [`writer`] walks a value as sigs.k8s.io/yaml writes it, and
//! [`pretty`] as go-yaml v3 does; [`scalar`] finds the style of a text (asking
//! [`reads_as`]), [`emit`] puts it on the page, [`natural`] orders keys.

mod block;
mod compose;
mod cursor;
mod decode;
mod emit;
mod error;
mod input;
mod literal;
mod natural;
mod parser;
mod places;
mod plain;
mod pretty;
mod quoted;
mod reads_as;
mod resolve;
mod scalar;
mod scanner;
mod simple;
mod tag;
mod through_json;
mod timestamp;
mod token;
mod writer;

pub use error::YamlError;
pub use places::{Places, Step};
pub use pretty::write_pretty;
pub use writer::write;

use super::{Frozen, Value};

/// What becomes of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    /// Every number is a float64, as `yaml.Unmarshal` into an `interface{}`
    /// gives it: integers past 2^53 lose precision.
    Float64,
    /// Integers stay `int64` or `uint64`, as in the JSON that YAML becomes.
    Exact,
}

/// Reads the first document of `text` as `sigs.k8s.io/yaml.Unmarshal` does into
/// an `interface{}`; what follows it is not looked at. Empty input is nil.
///
/// # Errors
/// Go's message for a broken document, or for one that JSON cannot say.
pub fn parse(text: &[u8], numbers: Numbers) -> Result<Value, YamlError> {
    match simple::parse(text, numbers, |_| true) {
        Some(value) => Ok(value),
        None => parse_any(text, numbers),
    }
}

/// The same where only some entries of the root are wanted: others may be left out.
///
/// # Errors
/// As [`parse`], also for what is left out.
pub fn parse_some(text: &[u8], numbers: Numbers, wanted: fn(&[u8]) -> bool) -> Result<Value, YamlError> {
    match simple::parse(text, numbers, wanted) {
        Some(value) => Ok(value),
        None => parse_any(text, numbers),
    }
}

/// The same as plain data, with every number a float64.
///
/// # Errors
/// As [`parse`].
pub fn parse_frozen(text: &[u8]) -> Result<Frozen, YamlError> {
    match simple::parse(text, Numbers::Float64, |_| true) {
        Some(value) => Ok(value),
        None => parse_any(text, Numbers::Float64).map(|value| Frozen::freeze(&value)),
    }
}

/// The long way, which knows everything.
fn parse_any(text: &[u8], numbers: Numbers) -> Result<Value, YamlError> {
    let input = input::Input::new(text);
    let mut documents = compose::Composer::new(&input);
    match documents.next_document()? {
        Some(mut document) => decode::decode(&mut document, numbers),
        None => Ok(Value::Nil),
    }
}

/// Reads the first document as [`parse`] does, where a key that a mapping has twice is
/// an error (`yaml.UnmarshalStrict`).
///
/// # Errors
/// As [`parse`], and for such a key.
pub fn parse_strict(text: &[u8], numbers: Numbers) -> Result<Value, YamlError> {
    let input = input::Input::new(text);
    let mut documents = compose::Composer::new(&input);
    match documents.next_document()? {
        Some(mut document) => decode::decode_strictly(&mut document, numbers),
        None => Ok(Value::Nil),
    }
}

/// Reads every document of a stream. An empty document is nil.
///
/// # Errors
/// As [`parse`]; lines count from the start of the stream.
pub fn parse_documents(text: &[u8], numbers: Numbers) -> Result<Vec<Value>, YamlError> {
    let input = input::Input::new(text);
    let mut documents = compose::Composer::new(&input);
    let mut values = Vec::new();
    while let Some(mut document) = documents.next_document()? {
        values.push(decode::decode(&mut document, numbers)?);
    }
    Ok(values)
}

#[cfg(test)]
mod simple_tests;
#[cfg(test)]
mod tests;
