//! Templates by name, with Go's rule of which definition stays when a name is
//! defined again. A set is built once per chart and shared by many renders.

use std::collections::HashMap;
use std::sync::Arc;

use super::ast::Template;
use crate::data::Str;

/// Templates by name, shareable between threads.
#[derive(Debug, Default, Clone)]
pub struct Set(HashMap<Str, Arc<Template>>);

impl Set {
    /// Adds the templates of one parsed text. A later definition replaces an
    /// earlier one, unless it is blank (text/template's AddParseTree).
    pub fn add(&mut self, templates: impl IntoIterator<Item = Template>) {
        for template in templates {
            self.define(Arc::new(template));
        }
    }

    /// Adds one template by the same rule.
    pub fn define(&mut self, template: Arc<Template>) {
        let known = self.0.contains_key(template.name.as_bytes());
        if !known || !template.is_empty() {
            self.0.insert(template.name.clone(), template);
        }
    }

    /// The template of that name.
    pub fn get(&self, name: &[u8]) -> Option<&Arc<Template>> {
        self.0.get(name)
    }

    /// How many names are defined.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is defined.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
