//! The one error of the library: what kind, where, what, and what to do.

use std::fmt;

/// What went wrong, as callers need to tell it apart (exit codes, gRPC codes).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request or the command line is wrong.
    Usage,
    /// The repository's content is wrong: a chart, values, a schema.
    Invalid,
    /// A template failed, or what it made is no manifest.
    Render,
    /// Something named is not there.
    NotFound,
    /// Something lies where a request must not look.
    Forbidden,
    /// Sent bytes are broken: checksum, framing, compression.
    Corrupt,
    /// A limit was reached.
    Limit,
    /// The time is over.
    Deadline,
    /// The caller gave up.
    Cancelled,
    /// The machine failed: disk, network.
    Io,
    /// A bug of ours.
    Internal,
}

/// A file, and a line and column in it (from 1) where known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Relative to the repository or as the user gave it; never a scratch path.
    pub file: String,
    /// From 1; 0 where unknown.
    pub line: u32,
    /// From 1; 0 where unknown.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        if self.column > 0 {
            write!(f, ":{}", self.column)?;
        }
        Ok(())
    }
}

/// An error of the library.
#[derive(Debug)]
pub struct Error {
    /// What kind.
    pub kind: Kind,
    /// The whole message in words; Helm's where Helm's users know it.
    pub message: String,
    /// Where, when the message does not say it itself.
    pub place: Option<Place>,
    /// What to do about it.
    pub hint: Option<String>,
    /// What caused it.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The library's result.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of a kind with its message.
    pub fn new(kind: Kind, message: impl Into<String>) -> Error {
        Error { kind, message: message.into(), place: None, hint: None, source: None }
    }

    /// Bad content of the repository.
    pub fn invalid(message: impl Into<String>) -> Error {
        Error::new(Kind::Invalid, message)
    }

    /// A wrong request or command line.
    pub fn usage(message: impl Into<String>) -> Error {
        Error::new(Kind::Usage, message)
    }

    /// The same with a place.
    #[must_use]
    pub fn at(mut self, file: impl Into<String>, line: u32, column: u32) -> Error {
        self.place = Some(Place { file: file.into(), line, column });
        self
    }

    /// The same with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Error {
        self.hint = Some(hint.into());
        self
    }

    /// The same with what caused it.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        self.source = Some(source.into());
        self
    }

    /// The same with words before the message (Go's wrapping: `context: message`).
    #[must_use]
    pub fn context(mut self, context: impl fmt::Display) -> Error {
        self.message = format!("{context}: {}", self.message);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.message)?;
        if let Some(hint) = &self.hint {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|e| e as _)
    }
}

/// A message may quote a repository's text: what would steer a terminal is dropped.
pub fn printable(message: &str) -> String {
    message.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}
