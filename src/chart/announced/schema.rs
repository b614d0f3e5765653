//! What a values.schema.json says of a value: its title, or its description.

use super::comments::title;
use crate::chart::values::json::{self, Json};
use crate::data::yaml::Step;

/// References followed on the way to one value.
const MOST_REFERENCES: usize = 32;

/// The descriptions of a schema.
pub struct Descriptions(Json);

impl Descriptions {
    /// Reads a schema; what is none describes nothing.
    pub fn of(text: &[u8]) -> Descriptions {
        Descriptions(json::parse(text).unwrap_or(Json::Null))
    }

    /// What is said of the value at `path`.
    pub fn of_path(&self, path: &[Step]) -> Option<String> {
        let mut references = MOST_REFERENCES;
        let mut at = &self.0;
        for step in path {
            at = self.followed(at, &mut references)?;
            at = match step {
                Step::Key(key) => member(member(at, "properties")?, key)?,
                Step::Index(index) => self.item(at, *index)?,
            };
        }
        let own = |at| text(at, "title").or_else(|| text(at, "description"));
        own(at).or_else(|| own(self.followed(at, &mut references)?))
    }

    fn item<'s>(&self, at: &'s Json, index: usize) -> Option<&'s Json> {
        let of_tuple = |items: Option<&'s Json>| match items {
            Some(Json::Array(items)) => items.get(index),
            _ => None,
        };
        let items = member(at, "items");
        let single = items.filter(|items| matches!(items, Json::Object(_)));
        of_tuple(member(at, "prefixItems")).or_else(|| of_tuple(items)).or(single)
    }

    /// The schema that `$ref` leads to within this file, or the schema itself.
    fn followed<'s>(&'s self, at: &'s Json, references: &mut usize) -> Option<&'s Json> {
        let mut at = at;
        while let Some(Json::String(reference)) = member(at, "$ref") {
            *references = references.checked_sub(1)?;
            let pointer = reference.to_str()?.strip_prefix("#/")?;
            at = pointer
                .split('/')
                .try_fold(&self.0, |at, part| member(at, &part.replace("~1", "/").replace("~0", "~")))?;
        }
        Some(at)
    }
}

fn member<'s>(schema: &'s Json, key: &str) -> Option<&'s Json> {
    match schema {
        Json::Object(members) => members.get(key.as_bytes()),
        _ => None,
    }
}

fn text(schema: &Json, key: &str) -> Option<String> {
    match member(schema, key) {
        Some(Json::String(text)) => title(text.to_str()?.lines().take_while(|line| !line.trim().is_empty())),
        _ => None,
    }
}
