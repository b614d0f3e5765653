//! A schema document: the resources in it, their anchors, and what a fragment
//! leads to.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::draft::Draft;
use super::url;
use crate::chart::values::json::Json;
use crate::data::Str;
use crate::data::fields::Fields;
use crate::template::print::quote;

/// A document.
#[derive(Debug, Clone)]
pub struct Root {
    /// Its URL.
    pub url: String,
    /// Its content.
    pub document: Arc<Json>,
    /// The schemas that have an id of their own, by pointer; the root among them.
    pub resources: BTreeMap<String, Resource>,
    processed: HashSet<String>,
    /// The length of all pointers so far.
    spent: usize,
}

/// How many bytes the pointers of a document may take together.
pub const MAX_POINTERS: usize = 64 << 20;
/// How many schemas of a document may have ids.
const MAX_RESOURCES: usize = 2_000;
/// How deeply schemas may nest in one another.
const MAX_NESTING: usize = 1_000;

/// A schema with an id of its own.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Where it is.
    pub pointer: String,
    /// Its URL.
    pub id: String,
    /// The draft it is written in.
    pub draft: &'static Draft,
    anchors: BTreeMap<Str, String>,
    dynamic: Vec<Str>,
}

impl Resource {
    fn new(pointer: &str, id: &str, draft: &'static Draft) -> Resource {
        Resource {
            pointer: pointer.into(),
            id: id.into(),
            draft,
            anchors: BTreeMap::new(),
            dynamic: Vec::new(),
        }
    }

    /// Its dynamic anchors and where they are.
    pub fn dynamic_anchors(&self) -> impl Iterator<Item = (&Str, &String)> {
        self.anchors.iter().filter(|(anchor, _)| self.dynamic.contains(anchor))
    }
}

/// Where a schema stands.
struct Under<'a> {
    base: &'a str,
    pointer: &'a str,
    draft: &'static Draft,
    depth: usize,
}

fn text<'j>(schema: &'j Fields<Json>, key: &str) -> Option<&'j Str> {
    match schema.get(key.as_bytes()) {
        Some(Json::String(text)) => Some(text),
        _ => None,
    }
}

/// The pointer that goes on with these steps.
fn behind(pointer: &str, steps: &[&str]) -> String {
    let mut pointer = pointer.to_owned();
    for step in steps {
        pointer.push('/');
        pointer.push_str(&url::escape(step));
    }
    pointer
}

impl Root {
    /// A document with its resources; `draft_of` finds the draft that a schema's
    /// `$schema` names, given the one it would have without.
    pub fn new(url: &str, document: Arc<Json>, draft_of: &mut DraftOf<'_>) -> Result<Root, String> {
        let mut root = Root {
            url: url.to_owned(),
            document: document.clone(),
            resources: BTreeMap::new(),
            processed: HashSet::new(),
            spent: 0,
        };
        root.collect(
            &document,
            &Under { base: url, pointer: "", draft: &super::draft::LATEST, depth: 0 },
            draft_of,
        )?;
        if root.resources.is_empty() {
            root.resources.insert(String::new(), Resource::new("", url, &super::draft::LATEST));
        }
        Ok(root)
    }

    /// Whether the schema at `pointer` was met when the resources were collected.
    pub fn knows(&self, pointer: &str) -> bool {
        self.processed.contains(pointer)
    }

    /// Takes in a schema that stands where no keyword holds one.
    pub fn add(&mut self, pointer: &str, schema: &Json, draft_of: &mut DraftOf<'_>) -> Result<(), String> {
        let base = self.resource(pointer).clone();
        self.collect(schema, &Under { base: &base.id, pointer, draft: base.draft, depth: 0 }, draft_of)
    }

    /// The resource that the schema at `pointer` belongs to.
    pub fn resource(&self, pointer: &str) -> &Resource {
        let mut at = pointer;
        while self.resources.len() > 1 {
            if let Some(resource) = self.resources.get(at) {
                return resource;
            }
            let Some(slash) = at.rfind('/') else { break };
            at = at.get(..slash).unwrap_or_default();
        }
        static NONE: std::sync::LazyLock<Resource> =
            std::sync::LazyLock::new(|| Resource::new("", "", &super::draft::LATEST));
        self.resources.get("").unwrap_or(&NONE)
    }

    /// What a fragment of a resource of this document leads to.
    pub fn resolve(&self, resource: &Resource, fragment: &str) -> Result<String, String> {
        if fragment.is_empty() || fragment.starts_with('/') {
            return Ok(format!("{}{fragment}", resource.pointer));
        }
        resource.anchors.get(fragment.as_bytes()).cloned().ok_or_else(|| {
            format!(
                "anchor in {} not found in schema {}",
                quote(format!("{}#{}", resource.id, url::encode(fragment)).as_bytes()),
                quote(self.url.as_bytes())
            )
        })
    }

    /// The resource with that URL, if it is in this document.
    pub fn by_url(&self, url: &str) -> Option<&Resource> {
        if url == self.url {
            return self.resources.get("");
        }
        self.resources.values().find(|resource| resource.id == url)
    }

    fn collect(
        &mut self,
        schema: &Json,
        under: &Under<'_>,
        draft_of: &mut DraftOf<'_>,
    ) -> Result<(), String> {
        let Under { base, pointer, draft: fallback, depth } = *under;
        self.spent = self.spent.saturating_add(pointer.len());
        if depth > MAX_NESTING || self.spent > MAX_POINTERS || self.resources.len() > MAX_RESOURCES {
            return Err("the schema nests too deeply, or is too large".to_owned());
        }
        if !self.processed.insert(pointer.to_owned()) {
            return Ok(());
        }
        let Json::Object(entries) = schema else {
            if pointer.is_empty() {
                self.resources.insert(String::new(), Resource::new("", base, fallback));
            }
            return Ok(());
        };
        let mut named = entries.contains_key(b"$schema");
        let mut draft = match named {
            true => draft_of(schema, &format!("{}#{}", self.url, url::encode(pointer)), fallback)?,
            false => fallback,
        };
        let mut id = draft.id_of(schema);
        if id.is_none() && !pointer.is_empty() {
            draft = fallback;
            named = false;
            id = draft.id_of(schema);
        }
        let base = id.map_or_else(|| base.to_owned(), |id| url::join(base, id));
        if id.is_some() || pointer.is_empty() {
            self.declare(&base, pointer, if named { draft } else { fallback })?;
        }
        self.anchors(entries, &base, pointer)?;
        let fallback = self.resources.values().find(|r| r.id == base).map_or(fallback, |r| r.draft);
        let mut below = |this: &mut Root, key: &[&str], schema: &Json| {
            let pointer = behind(pointer, key);
            let under = Under { base: &base, pointer: &pointer, draft: fallback, depth: depth + 1 };
            this.collect(schema, &under, draft_of)
        };
        let (ones, lists, tables) = draft.holders();
        for key in ones {
            if let Some(schema) = entries.get(key.as_bytes()) {
                below(self, &[key], schema)?;
            }
        }
        for key in lists {
            if let Some(Json::Array(items)) = entries.get(key.as_bytes()) {
                for (i, schema) in items.iter().enumerate() {
                    below(self, &[key, &i.to_string()], schema)?;
                }
            }
        }
        for key in tables {
            if let Some(Json::Object(table)) = entries.get(key.as_bytes()) {
                for (name, schema) in table {
                    below(self, &[key, &name.to_str_lossy()], schema)?;
                }
            }
        }
        Ok(())
    }

    /// Takes in the schema at `pointer` as a resource of its own.
    fn declare(&mut self, id: &str, pointer: &str, draft: &'static Draft) -> Result<(), String> {
        match self.resources.values().find(|resource| resource.id == id) {
            Some(other) if other.pointer != pointer => Err(format!(
                "duplicate id {} in {} at {} and {}",
                quote(id.as_bytes()),
                quote(self.url.as_bytes()),
                quote(pointer.as_bytes()),
                quote(other.pointer.as_bytes())
            )),
            Some(_) => Ok(()),
            None => {
                self.resources.insert(pointer.to_owned(), Resource::new(pointer, id, draft));
                Ok(())
            }
        }
    }

    fn anchors(&mut self, schema: &Fields<Json>, base: &str, pointer: &str) -> Result<(), String> {
        let url = self.url.clone();
        let Some(resource) = self.resources.values_mut().find(|resource| resource.id == base) else {
            return Ok(());
        };
        let mut found = Vec::new();
        if resource.draft.version < 2019 {
            if schema.contains_key(b"$ref".as_slice()) {
                return Ok(());
            }
            if let Some(id) = text(schema, resource.draft.id) {
                let id = id.to_str_lossy();
                let (_, fragment) = url::split_fragment(&id).map_err(|_| {
                    let place = format!("{url}#{}", url::encode(pointer));
                    format!("error in parsing anchor at {}", quote(place.as_bytes()))
                })?;
                if !fragment.is_empty() && !fragment.starts_with('/') {
                    found.push(Str::from(fragment));
                }
            }
        } else {
            found.extend(text(schema, "$anchor").cloned());
            if resource.draft.version >= 2020
                && let Some(anchor) = text(schema, "$dynamicAnchor")
            {
                found.push(anchor.clone());
                resource.dynamic.push(anchor.clone());
            }
        }
        for anchor in found {
            if let Some(other) = resource.anchors.get(&anchor).filter(|other| *other != pointer) {
                return Err(format!(
                    "duplicate anchor {} in {} at {} and {}",
                    quote(anchor.as_bytes()),
                    quote(url.as_bytes()),
                    quote(other.as_bytes()),
                    quote(pointer.as_bytes())
                ));
            }
            resource.anchors.insert(anchor, pointer.to_owned());
        }
        Ok(())
    }
}

/// Finds the draft of a schema: the schema, its place for messages, the draft it
/// has when it names none.
pub type DraftOf<'a> = dyn FnMut(&Json, &str, &'static Draft) -> Result<&'static Draft, String> + 'a;
