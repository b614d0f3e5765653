//! Parsed template files, found again by their path and text: applications of one
//! chart, and its commits, differ in few of them.

use std::sync::Arc;

use crate::data::Str;
use crate::data::kept::Kept;
use crate::error::Error;
use crate::template::ast::Template;
use crate::template::parser::Scratch;

/// About what a file takes beside its text and its tree's parts.
const LEAST: u64 = 1 << 10;

/// What a file defines.
type Defined = Arc<[Arc<Template>]>;

/// Parsed files within a budget of bytes, by path and text: they hold both anyway.
#[derive(Debug)]
pub struct Templates(Kept<(String, Str), Defined>);

impl Templates {
    /// None yet; they may take about `budget` bytes.
    pub fn new(budget: u64) -> Templates {
        Templates(Kept::new(budget))
    }

    /// What [`parse_file`](super::parse_file) makes of a file.
    ///
    /// # Errors
    /// Its own.
    pub fn parse(&self, path: &str, text: &Str, scratch: &mut Scratch) -> Result<Vec<Arc<Template>>, Error> {
        let key = (path.to_owned(), text.clone());
        if let Some(defined) = self.0.get(&key) {
            return Ok(defined.to_vec());
        }
        let templates = super::parse_file(path, text, scratch)?;
        let tree = templates.first().map_or(0, |template| template.tree.bytes());
        let bytes = LEAST + path.len() as u64 + tree as u64;
        self.0.keep(key, templates.clone().into(), bytes);
        Ok(templates)
    }

    /// The bytes of all that is kept, about.
    pub fn bytes(&self) -> u64 {
        self.0.bytes()
    }

    /// How many files did not have to be parsed.
    pub fn hits(&self) -> u64 {
        self.0.hits()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_parsed_once_for_each_path_and_text() {
        let templates = Templates::new(1 << 20);
        let parse =
            |path: &str, text: &str| templates.parse(path, &text.into(), &mut Scratch::default()).unwrap();
        let first = parse("c/templates/a", "{{ define \"x\" }}1{{ end }}2");
        let again = parse("c/templates/a", "{{ define \"x\" }}1{{ end }}2");
        assert_eq!((first.len(), templates.hits()), (2, 1));
        assert!(first.iter().zip(&again).all(|(first, again)| Arc::ptr_eq(first, again)));
        parse("c/templates/b", "{{ define \"x\" }}1{{ end }}2");
        parse("c/templates/a", "changed");
        assert!(templates.parse("c/templates/a", &"{{ broken".into(), &mut Scratch::default()).is_err());
        assert!(templates.parse("c/templates/a", &"{{ broken".into(), &mut Scratch::default()).is_err());
        assert_eq!(templates.hits(), 1);
    }

    #[test]
    fn the_budget_holds() {
        let (templates, mut scratch) = (Templates::new(3000), Scratch::default());
        for name in ["a", "b", "c", "a"] {
            templates.parse(name, &"text".into(), &mut scratch).unwrap();
            assert!(templates.bytes() <= 3000);
        }
        templates.parse("a", &"text".into(), &mut scratch).unwrap();
        templates.parse("large", &"text".repeat(1000).as_str().into(), &mut scratch).unwrap();
        assert_eq!((templates.hits(), templates.bytes()), (1, 2 * (1024 + 1 + 4 + 12)));
    }
}
