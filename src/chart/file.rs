//! A file of a chart, whose content may not have been read yet.

use std::sync::{Arc, OnceLock};

use crate::data::Str;
use crate::error::{Error, Kind, Result};

/// A file of a chart.
#[derive(Debug, Clone)]
pub struct File {
    /// The path inside the chart, with `/`.
    pub path: String,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    /// A byte order mark stripped.
    Here(Str),
    /// Why it is not there, though the file is: whoever needs it is told.
    Absent(Arc<str>),
    /// Read when it is asked for.
    Later(Arc<Later>),
}

struct Later {
    read: Box<dyn Fn() -> Result<Str> + Send + Sync>,
    done: OnceLock<Result<Str>>,
}

impl File {
    /// A file with its content.
    pub fn new(path: impl Into<String>, data: Str) -> File {
        File { path: path.into(), content: Content::Here(data) }
    }

    /// A file whose content is not at hand, and why.
    pub fn absent(path: impl Into<String>, why: impl Into<Arc<str>>) -> File {
        File { path: path.into(), content: Content::Absent(why.into()) }
    }

    /// A file whose content is read when it is asked for, once.
    pub fn later(path: impl Into<String>, read: impl Fn() -> Result<Str> + Send + Sync + 'static) -> File {
        let later = Later { read: Box::new(read), done: OnceLock::new() };
        File { path: path.into(), content: Content::Later(Arc::new(later)) }
    }

    /// The content.
    ///
    /// # Errors
    /// Where it is not at hand or cannot be read.
    pub fn data(&self) -> Result<&Str> {
        match &self.content {
            Content::Here(data) => Ok(data),
            Content::Absent(why) => {
                let error = Error::new(Kind::Limit, why.as_ref());
                Err(error.context(format_args!("error reading {}", self.path)))
            }
            Content::Later(later) => later.done.get_or_init(|| (later.read)()).as_ref().map_err(again),
        }
    }

    /// The error of a reading that failed: whoever left it to later asks for it in the end.
    ///
    /// # Errors
    /// That one.
    pub fn read_well(&self) -> Result<()> {
        match &self.content {
            Content::Later(later) => {
                later.done.get().map_or(Ok(()), |done| done.as_ref().map(drop).map_err(again))
            }
            Content::Here(_) | Content::Absent(_) => Ok(()),
        }
    }
}

/// The same error for one more who asks.
fn again(error: &Error) -> Error {
    Error::new(error.kind, error.message.clone())
}

impl std::fmt::Debug for Later {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Later").field(&self.done).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn content_is_read_once_when_it_is_asked_for() {
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let file = File::later("a", move || {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok("text".into())
        });
        let copy = file.clone();
        assert!(file.read_well().is_ok());
        assert_eq!(count.load(Ordering::Relaxed), 0);
        assert_eq!((file.data().unwrap(), copy.data().unwrap()), (&"text".into(), &"text".into()));
        assert!(file.read_well().is_ok());
        assert_eq!(count.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_failure_is_told_to_all_who_ask_and_in_the_end() {
        let file = File::later("a", || Err(Error::new(Kind::Io, "read a: input/output error")));
        assert!(file.read_well().is_ok());
        for error in
            [file.data().unwrap_err(), file.clone().data().unwrap_err(), file.read_well().unwrap_err()]
        {
            assert_eq!((error.kind, error.to_string().as_str()), (Kind::Io, "read a: input/output error"));
        }
    }

    #[test]
    fn what_is_absent_says_why() {
        let error = File::absent("a", "too large").data().unwrap_err();
        assert_eq!((error.kind, error.to_string().as_str()), (Kind::Limit, "error reading a: too large"));
    }
}
