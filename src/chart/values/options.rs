//! What the user sets: values files and the `--set` family, in Helm's order.

use super::{merge_maps, set};
use crate::chart::load;
use crate::data::{Map, Str};
use crate::error::{Error, Result};

/// Where the user's values come from.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `-f`: names and contents, in order.
    pub files: Vec<(String, Str)>,
    /// `--set-json`
    pub set_json: Vec<String>,
    /// `--set`
    pub set: Vec<String>,
    /// `--set-string`
    pub set_string: Vec<String>,
    /// `--set-file`
    pub set_file: Vec<String>,
    /// `--set-literal`
    pub set_literal: Vec<String>,
}

impl Options {
    /// The merged values (MergeValues): files first, then the flags, kind by
    /// kind, whatever their order on the command line was. `read` gives the
    /// contents of the files that `--set-file` names.
    pub fn merge(&self, read: &mut set::ReadFile<'_>) -> Result<Map> {
        let values = Map::new();
        for (name, text) in &self.files {
            let file = load::values(text.as_bytes())
                .map_err(|e| Error::invalid(format!("failed to parse {name}: {e}")))?;
            merge_maps(&values, &file)?;
        }
        for text in &self.set_json {
            set::set_json(text, &values)?;
        }
        for text in &self.set {
            set::set(text, &values)?;
        }
        for text in &self.set_string {
            set::set_string(text, &values)?;
        }
        for text in &self.set_file {
            set::set_file(text, &values, read)?;
        }
        for text in &self.set_literal {
            set::set_literal(text, &values)?;
        }
        Ok(values)
    }
}
