//! What is wrong with a YAML text, in Go's words.

use std::fmt;

/// An error of reading YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YamlError {
    /// All of Go's text. Errors of the YAML itself start with `yaml: `; what YAML
    /// can say and JSON cannot (a null key, `.inf`) is worded without it.
    pub message: String,
    /// The line of the problem, from 1; 0 where unknown. Go's text often names
    /// the line before it.
    pub line: u32,
}

impl YamlError {
    /// An error of the scanner at the 0-based `line`. Go names no line for the
    /// first one.
    pub(super) fn scanner(problem: impl fmt::Display, line: u32) -> YamlError {
        let message = match line {
            0 => format!("yaml: {problem}"),
            _ => format!("yaml: line {}: {problem}", line.saturating_add(1)),
        };
        YamlError { message, line: line.saturating_add(1) }
    }

    /// An error of the parser at a token on the 0-based `line`, inside something
    /// that began on line `context`. Go prints the 0-based number.
    pub(super) fn parser(problem: &str, line: u32, context: u32) -> YamlError {
        let message = match (line, context) {
            (0, 0) => format!("yaml: {problem}"),
            (0, shown) | (shown, _) => format!("yaml: line {shown}: {problem}"),
        };
        YamlError { message, line: line.saturating_add(1) }
    }

    /// An error that Go reports without a line; `line` is 0-based.
    pub(super) fn unplaced(problem: impl fmt::Display, line: u32) -> YamlError {
        YamlError { message: format!("yaml: {problem}"), line: line.saturating_add(1) }
    }
}

impl fmt::Display for YamlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for YamlError {}
