//! Strict reading of a YAML document: errors know their line.

use crate::data::yaml::{self, Numbers, Places, Step};
use crate::data::{Map, Value, nearest};
use crate::error::{Error, Result};

use super::KEYS;

/// A document's places, to say where an error is.
pub struct Reader {
    file: String,
    places: Places,
}

impl Reader {
    /// Reads the one document of the file.
    ///
    /// # Errors
    /// Not YAML, several documents, a key that a mapping has twice.
    pub fn new(file: &str, text: &[u8]) -> Result<(Reader, Value)> {
        let broken = |e: yaml::YamlError| {
            // Go's text names a line of its own.
            let words = e.message.trim_start_matches("yaml: ");
            let words = match words.strip_prefix("line ").and_then(|rest| rest.split_once(": ")) {
                Some((_, words)) => words,
                None => words,
            };
            Error::invalid(words).at(file, e.line, 0)
        };
        let mut documents = yaml::parse_documents(text, Numbers::Exact).map_err(broken)?;
        let reader = Reader { file: file.to_owned(), places: Places::of(text).map_err(broken)? };
        if documents.len() > 1 {
            return Err(Error::invalid("tiphys.yaml has more than one document").at(file, 0, 0));
        }
        if let Some((key, line)) = reader.places.duplicate() {
            return Err(Error::invalid(format!("the key {key:?} comes twice")).at(file, line, 0));
        }
        Ok((reader, documents.pop().unwrap_or_default()))
    }

    /// The file's path.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The line of the value at `path`, or of the nearest thing around it.
    pub fn line(&self, path: &[Step]) -> u32 {
        let around = (0..=path.len()).rev().filter_map(|end| path.get(..end));
        around.into_iter().find_map(|path| self.places.line(path)).unwrap_or_default()
    }

    /// An error at `path`.
    pub fn error(&self, path: &[Step], message: &str) -> Error {
        Error::invalid(message).at(&self.file, self.line(path), 0)
    }

    /// Refuses the first key that there is not.
    ///
    /// # Errors
    /// It, with its line and the nearest known key.
    pub fn check_keys(&self, root: &Map) -> Result<()> {
        let known = |key: &str| KEYS.contains(&key);
        match root.keys().into_iter().map(|key| key.to_string()).find(|key| !known(key)) {
            None => Ok(()),
            Some(key) => Err(self
                .error(&[Step::Key(key.clone())], &format!("there is no key {key:?}"))
                .hint(nearest::hint(&key, KEYS))),
        }
    }

    /// A string that need not be there.
    ///
    /// # Errors
    /// Something else is there.
    pub fn string(&self, path: &[Step], value: Option<Value>) -> Result<Option<String>> {
        match value {
            None => Ok(None),
            Some(Value::Str(text)) => Ok(Some(text.to_string())),
            Some(other) => {
                let name: Vec<String> = path.iter().map(name).collect();
                let error = self.error(path, &format!("{} has to be a string", name.join(".")));
                Err(if other.is_container() || other.is_nil() { error } else { error.hint("quote it") })
            }
        }
    }
}

fn name(step: &Step) -> String {
    match step {
        Step::Key(key) => key.clone(),
        Step::Index(index) => index.to_string(),
    }
}
