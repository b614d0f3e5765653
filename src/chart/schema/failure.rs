//! What a schema finds wrong, as the tree that santhosh-tekuri/jsonschema
//! builds, and its lines.

use std::fmt::Write as _;

use crate::template::print::quote as go_quote;

/// One finding, with those that caused it.
#[derive(Debug)]
pub struct Failure {
    /// Where in the values, as a JSON pointer.
    pub at: String,
    /// What is wrong.
    pub what: What,
    /// Why.
    pub causes: Vec<Failure>,
}

/// What is wrong.
#[derive(Debug)]
pub enum What {
    /// Several findings of one schema.
    Group,
    /// What the target of a reference found.
    Reference,
    /// A finding in words.
    Words(String),
}

impl Failure {
    /// A finding without a cause, when only its existence matters.
    pub fn bare() -> Failure {
        Failure { at: String::new(), what: What::Group, causes: Vec::new() }
    }

    /// The findings below the root, or this one.
    pub fn flat(self) -> Vec<Failure> {
        match self.what {
            What::Group => self.causes,
            _ => vec![self],
        }
    }
}

/// The lines of `failures`, each with `indent` levels before its dash.
pub fn lines(failures: &[Failure], indent: usize) -> String {
    let mut out = String::new();
    for failure in failures {
        line(&mut out, failure, indent);
    }
    out
}

fn line(out: &mut String, failure: &Failure, indent: usize) {
    // A reference that led to one finding is not worth a line.
    let skip = matches!(failure.what, What::Reference) && failure.causes.len() == 1;
    if !skip {
        let words = match &failure.what {
            What::Group | What::Reference => "validation failed",
            What::Words(words) => words,
        };
        _ = write!(out, "\n{:width$}- at {}: {words}", "", quote(&failure.at), width = indent * 2);
    }
    for cause in &failure.causes {
        line(out, cause, if skip { indent } else { indent + 1 });
    }
}

/// Go's %q with single quotes around it.
pub fn quote(text: &str) -> String {
    let quoted = go_quote(text.as_bytes()).replace("\\\"", "\"").replace('\'', "\\'");
    let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    format!("'{inner}'")
}

/// Several of them.
pub fn quote_all(texts: &[impl AsRef<str>]) -> String {
    texts.iter().map(|text| quote(text.as_ref())).collect::<Vec<_>>().join(", ")
}
