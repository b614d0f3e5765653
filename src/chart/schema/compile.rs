//! Compiles a schema document into numbered schemas, following references, as
//! santhosh-tekuri/jsonschema does: nothing is read from disk or network.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::draft::{self, Draft};
use super::failure::lines;
use super::format;
use super::keywords::{Additional, Compiled, Dependency, Id, Items, Schema, Types};
use super::number::Decimal;
use super::root::{MAX_POINTERS, Root};
use super::{Unreachable, not_fetched, regexp, url, usual, validate};
use crate::chart::values::json::Json;
use crate::data::Str;
use crate::data::fields::Fields;
use crate::template::print::quote;

/// How many schemas one may lead to.
const MAX_SCHEMAS: usize = 200_000;

/// Compiles documents.
pub struct Compiler {
    documents: HashMap<String, Arc<Json>>,
    roots: HashMap<String, Root>,
    schemas: Vec<Schema>,
    places: Vec<(String, String)>,
    numbers: HashMap<(String, String), Id>,
    /// The length of all places so far.
    spent: usize,
    metaschemas: bool,
    remote: Unreachable,
    /// `urn:` references that were let pass.
    pub unresolved: Vec<String>,
}

/// The keywords of one schema and where it is.
struct Object<'j> {
    entries: &'j Fields<Json>,
    url: &'j str,
    pointer: &'j str,
    base: &'j str,
    draft: &'static Draft,
}

impl Object<'_> {
    fn get(&self, key: &str) -> Option<&Json> {
        self.entries.get(key.as_bytes())
    }

    fn text(&self, key: &str) -> Option<&Str> {
        match self.get(key) {
            Some(Json::String(text)) => Some(text),
            _ => None,
        }
    }

    fn boolean(&self, key: &str) -> Option<bool> {
        match self.get(key) {
            Some(Json::Bool(b)) => Some(*b),
            _ => None,
        }
    }

    fn number(&self, key: &str) -> Option<Decimal> {
        self.get(key).and_then(Decimal::of)
    }

    fn count(&self, key: &str) -> Option<i64> {
        self.number(key)?.to_count()
    }

    fn place(&self, key: &str) -> String {
        format!("{}/{}", self.pointer, url::escape(key))
    }
}

fn strings(items: &[Json]) -> Vec<Str> {
    items.iter().filter_map(|item| if let Json::String(s) = item { Some(s.clone()) } else { None }).collect()
}

impl Compiler {
    /// A compiler of documents; `remote` words what cannot be had.
    pub fn new(remote: Unreachable) -> Compiler {
        Compiler {
            documents: HashMap::new(),
            roots: HashMap::new(),
            schemas: Vec::new(),
            places: Vec::new(),
            numbers: HashMap::new(),
            spent: 0,
            metaschemas: false,
            remote,
            unresolved: Vec::new(),
        }
    }

    /// A compiler of the metaschemas themselves, which assert formats.
    pub fn for_metaschemas() -> Compiler {
        Compiler { metaschemas: true, ..Compiler::new(not_fetched) }
    }

    /// Makes a document known under its URL.
    pub fn add(&mut self, url: &str, document: Json) {
        self.documents.insert(url.to_owned(), Arc::new(document));
    }

    /// Compiles the document at `url` and all that it refers to.
    pub fn compile(mut self, url: &str) -> Result<Compiled, String> {
        self.compile_all(url)?;
        Ok(Compiled { schemas: self.schemas })
    }

    /// The same, to be asked afterwards what was let pass.
    pub fn compile_all(&mut self, url: &str) -> Result<(), String> {
        self.load_root(url)?;
        self.number(url, "")?;
        let mut at = 0;
        while let Some((url, pointer)) = self.places.get(at).cloned() {
            self.compile_one(at, &url, &pointer)?;
            at += 1;
        }
        Ok(())
    }

    /// The schemas compiled so far.
    pub fn finish(self) -> Compiled {
        Compiled { schemas: self.schemas }
    }

    fn number(&mut self, url: &str, pointer: &str) -> Result<Id, String> {
        let place = (url.to_owned(), pointer.to_owned());
        if let Some(id) = self.numbers.get(&place) {
            return Ok(*id);
        }
        let id = self.schemas.len();
        self.spent = self.spent.saturating_add(url.len() + pointer.len());
        if id >= MAX_SCHEMAS || self.spent > MAX_POINTERS {
            return Err(format!(
                "the schema leads to more than {MAX_SCHEMAS} schemas, or to very long paths"
            ));
        }
        self.schemas
            .push(Schema { location: format!("{url}#{}", url::encode(pointer)), ..Schema::default() });
        self.places.push(place.clone());
        self.numbers.insert(place, id);
        Ok(id)
    }

    fn load(&mut self, url: &str) -> Result<Arc<Json>, String> {
        if let Some(document) = self.documents.get(url) {
            return Ok(document.clone());
        }
        let document = match draft::document(url) {
            Some(document) => document,
            None => self
                .outside(url)
                .map_err(|why| format!("failing loading {}: {why}", quote(url.as_bytes())))?,
        };
        let document = Arc::new(document);
        self.documents.insert(url.to_owned(), document.clone());
        Ok(document)
    }

    /// A document from elsewhere: a render reads neither disk nor network.
    fn outside(&mut self, url: &str) -> Result<Json, String> {
        match url::scheme(url) {
            Some("urn") => {
                self.unresolved.push(url.to_owned());
                Ok(Json::Bool(true))
            }
            Some("file") => Err(format!("open {}: no such file or directory", url::path(url))),
            Some("http" | "https") => Err(format!(
                "HTTP request failed for {url}: Get {}: {}",
                quote(url.as_bytes()),
                (self.remote)(url)
            )),
            _ => Err(format!("no URLLoader registered for {}", quote(url.as_bytes()))),
        }
    }

    fn draft_of(
        &mut self,
        schema: &Json,
        place: &str,
        fallback: &'static Draft,
        seen: &mut HashSet<String>,
    ) -> Result<&'static Draft, String> {
        let Json::Object(entries) = schema else { return Ok(fallback) };
        let Some(Json::String(named)) = entries.get(b"$schema".as_slice()) else { return Ok(fallback) };
        let named = named.to_str_lossy();
        if let Some(draft) = Draft::from_url(&named) {
            return Ok(draft);
        }
        let url = named.split_once('#').map_or(&*named, |(url, _)| url);
        if place.strip_suffix('#') == Some(url) {
            return Err(format!("draft {} is not supported", quote(url.as_bytes())));
        }
        if !seen.insert(url.to_owned()) {
            return Err(format!("cycle in resolving $schema in {}", quote(url.as_bytes())));
        }
        let document = self.load(url)?;
        self.draft_of(&document, &format!("{url}#"), fallback, seen)
    }

    fn load_root(&mut self, url: &str) -> Result<(), String> {
        if self.roots.contains_key(url) {
            return Ok(());
        }
        let document = self.load(url)?;
        let root = Root::new(url, document.clone(), &mut |schema, place, fallback| {
            self.draft_of(schema, place, fallback, &mut HashSet::new())
        })?;
        if !url.starts_with("http://json-schema.org/") && !url.starts_with("https://json-schema.org/") {
            check(&root, &document, "")?;
        }
        self.roots.insert(url.to_owned(), root);
        Ok(())
    }

    /// Takes in a schema that only a reference leads to.
    fn ensure(&mut self, url: &str, pointer: &str) -> Result<(), String> {
        self.load_root(url)?;
        if self.roots.get(url).is_none_or(|root| root.knows(pointer)) {
            return Ok(());
        }
        let Some(mut root) = self.roots.remove(url) else { return Ok(()) };
        let document = root.document.clone();
        let schema = url::lookup(&document, url, pointer)?;
        root.add(pointer, schema, &mut |schema, place, fallback| {
            self.draft_of(schema, place, fallback, &mut HashSet::new())
        })?;
        check(&root, schema, pointer)?;
        self.roots.insert(url.to_owned(), root);
        Ok(())
    }

    fn compile_one(&mut self, id: Id, url: &str, pointer: &str) -> Result<(), String> {
        self.ensure(url, pointer)?;
        let Some(root) = self.roots.get(url) else { return Ok(()) };
        let document = root.document.clone();
        let schema = url::lookup(&document, url, pointer)?;
        let resource = root.resource(pointer);
        let (draft, base, top) = (resource.draft, resource.id.clone(), resource.pointer.clone());
        let dynamic: Vec<(Str, String)> = match draft.version >= 2020 && top == pointer {
            true => resource.dynamic_anchors().map(|(anchor, at)| (anchor.clone(), at.clone())).collect(),
            false => Vec::new(),
        };
        let mut out = Schema { draft: draft.version, resource: self.number(url, &top)?, ..Schema::default() };
        for (anchor, at) in dynamic {
            out.dynamic_anchors.push((anchor, self.number(url, &at)?));
        }
        match schema {
            Json::Bool(b) => out.boolean = Some(*b),
            Json::Object(entries) if entries.is_empty() => out.boolean = Some(true),
            Json::Object(entries) => {
                let object = Object { entries, url, pointer, base: &base, draft };
                self.keywords(&mut out, &object)?;
            }
            _ => {}
        }
        out.all_properties_evaluated = out.additional_properties.is_some();
        if draft.version < 2020 {
            out.all_items_evaluated =
                out.additional_items.is_some() || matches!(out.items, Some(Items::All(_)));
            out.items_evaluated = if let Some(Items::Each(items)) = &out.items { items.len() } else { 0 };
        } else {
            out.all_items_evaluated = out.items_2020.is_some();
            out.items_evaluated = out.prefix_items.len();
        }
        if let Some(slot) = self.schemas.get_mut(id) {
            out.location = std::mem::take(&mut slot.location);
            *slot = out;
        }
        Ok(())
    }

    fn keywords(&mut self, out: &mut Schema, object: &Object<'_>) -> Result<(), String> {
        out.reference = self.reference(object, "$ref")?;
        if object.draft.version < 2019 && out.reference.is_some() {
            return Ok(());
        }
        self.applicators(out, object)?;
        validations(out, object)?;
        let version = object.draft.version;
        if version < 2019 || self.metaschemas {
            out.format = object.text("format").and_then(|name| format::known(&name.to_str_lossy()));
        }
        if version >= 6 {
            out.contains = self.one(object, "contains")?;
            out.property_names = self.one(object, "propertyNames")?;
            out.constant = object.get("const").cloned();
        }
        if version >= 7 {
            out.if_ = self.one(object, "if")?;
            if out.if_.is_some() {
                let fixed = object.boolean("if");
                if fixed != Some(false) {
                    out.then = self.one(object, "then")?;
                }
                if fixed != Some(true) {
                    out.else_ = self.one(object, "else")?;
                }
            }
        }
        if version >= 2019 {
            self.draft_2019(out, object)?;
        }
        if version >= 2020 {
            if let Some(target) = self.reference(object, "$dynamicRef")? {
                let reference =
                    object.text("$dynamicRef").map(|r| r.to_str_lossy().into_owned()).unwrap_or_default();
                let (_, fragment) = url::split_fragment(&reference)?;
                let anchor = (!fragment.is_empty() && !fragment.starts_with('/')).then(|| fragment.into());
                out.dynamic_ref = Some((target, anchor));
            }
            out.dynamic_anchor = object.text("$dynamicAnchor").cloned();
            out.prefix_items = self.list(object, "prefixItems")?;
            out.items_2020 = self.one(object, "items")?;
        }
        Ok(())
    }

    fn applicators(&mut self, out: &mut Schema, object: &Object<'_>) -> Result<(), String> {
        out.all_of = self.list(object, "allOf")?;
        out.any_of = self.list(object, "anyOf")?;
        out.one_of = self.list(object, "oneOf")?;
        out.not = self.one(object, "not")?;
        if object.draft.version < 2020 {
            if let Some(Json::Array(_)) = object.get("items") {
                out.items = Some(Items::Each(self.list(object, "items")?));
                out.additional_items = self.additional(object, "additionalItems")?;
            } else {
                out.items = self.one(object, "items")?.map(Items::All);
            }
        }
        out.properties = self.table(object, "properties")?.into_iter().collect();
        out.pattern_properties = self.table(object, "patternProperties")?;
        for (pattern, _) in &out.pattern_properties {
            check_pattern(object, "patternProperties", pattern)?;
        }
        out.additional_properties = self.additional(object, "additionalProperties")?;
        if let Some(Json::Object(table)) = object.get("dependencies") {
            for (name, wanted) in table {
                let wanted = match wanted {
                    Json::Array(items) => Dependency::Properties(strings(items)),
                    _ => {
                        let at =
                            format!("{}/{}", object.place("dependencies"), url::escape(&name.to_str_lossy()));
                        Dependency::Schema(self.number(object.url, &at)?)
                    }
                };
                out.dependencies.push((name.clone(), wanted));
            }
        }
        Ok(())
    }

    fn draft_2019(&mut self, out: &mut Schema, object: &Object<'_>) -> Result<(), String> {
        out.recursive_ref = self.reference(object, "$recursiveRef")?;
        out.recursive_anchor = object.boolean("$recursiveAnchor") == Some(true);
        if out.contains.is_some() {
            out.min_contains = object.count("minContains");
            out.max_contains = object.count("maxContains");
        }
        if let Some(Json::Object(table)) = object.get("dependentRequired") {
            for (name, wanted) in table {
                if let Json::Array(items) = wanted {
                    out.dependent_required.push((name.clone(), strings(items)));
                }
            }
        }
        out.dependent_schemas = self.table(object, "dependentSchemas")?;
        out.unevaluated_items = self.one(object, "unevaluatedItems")?;
        out.unevaluated_properties = self.one(object, "unevaluatedProperties")?;
        Ok(())
    }

    fn one(&mut self, object: &Object<'_>, key: &str) -> Result<Option<Id>, String> {
        object.get(key).map(|_| self.number(object.url, &object.place(key))).transpose()
    }

    fn list(&mut self, object: &Object<'_>, key: &str) -> Result<Vec<Id>, String> {
        let Some(Json::Array(items)) = object.get(key) else { return Ok(Vec::new()) };
        let at = object.place(key);
        (0..items.len()).map(|i| self.number(object.url, &format!("{at}/{i}"))).collect()
    }

    fn table(&mut self, object: &Object<'_>, key: &str) -> Result<Vec<(Str, Id)>, String> {
        let Some(Json::Object(table)) = object.get(key) else { return Ok(Vec::new()) };
        let at = object.place(key);
        table
            .keys()
            .map(|name| {
                let id = self.number(object.url, &format!("{at}/{}", url::escape(&name.to_str_lossy())))?;
                Ok((name.clone(), id))
            })
            .collect()
    }

    fn additional(&mut self, object: &Object<'_>, key: &str) -> Result<Option<Additional>, String> {
        match object.boolean(key) {
            Some(allowed) => Ok(Some(Additional::Allowed(allowed))),
            None => Ok(self.one(object, key)?.map(Additional::Schema)),
        }
    }

    fn reference(&mut self, object: &Object<'_>, key: &str) -> Result<Option<Id>, String> {
        let Some(reference) = object.text(key) else { return Ok(None) };
        let reference = reference.to_str_lossy();
        let (relative, fragment) = url::split_fragment(&reference)?;
        let target = url::join(object.base, relative);
        let Some(root) = self.roots.get(object.url) else { return Ok(None) };
        if let Some(resource) = root.by_url(&target) {
            let pointer = root.resolve(resource, &fragment)?;
            return self.number(object.url, &pointer).map(Some);
        }
        self.load_root(&target)?;
        let Some(root) = self.roots.get(&target) else { return Ok(None) };
        let pointer = root.resolve(root.resource(""), &fragment)?;
        self.number(&target, &pointer).map(Some)
    }
}

fn check_pattern(object: &Object<'_>, key: &str, pattern: &Str) -> Result<(), String> {
    regexp::check(pattern).map_err(|why| {
        let place =
            format!("{}#{}/{}", object.url, url::encode(object.pointer), url::encode(&url::escape(key)));
        format!("invalid regex {} at {}: {why}", quote(pattern.as_bytes()), quote(place.as_bytes()))
    })
}

fn validations(out: &mut Schema, object: &Object<'_>) -> Result<(), String> {
    out.types = match object.get("type") {
        Some(Json::String(name)) => Types::named(name.as_bytes()),
        Some(Json::Array(names)) => {
            strings(names).iter().fold(Types::default(), |all, name| all.and(Types::named(name.as_bytes())))
        }
        _ => Types::default(),
    };
    if let Some(Json::Array(values)) = object.get("enum") {
        let types = values.iter().fold(Types::default(), |all, value| all.and(Types::of(value)));
        out.enumeration = Some((values.clone(), types));
    }
    out.multiple_of = object.number("multipleOf");
    out.maximum = object.number("maximum");
    out.exclusive_maximum = match object.boolean("exclusiveMaximum") {
        Some(true) => out.maximum.take(),
        _ => object.number("exclusiveMaximum"),
    };
    out.minimum = object.number("minimum");
    out.exclusive_minimum = match object.boolean("exclusiveMinimum") {
        Some(true) => out.minimum.take(),
        _ => object.number("exclusiveMinimum"),
    };
    out.min_length = object.count("minLength");
    out.max_length = object.count("maxLength");
    if let Some(pattern) = object.text("pattern") {
        check_pattern(object, "pattern", pattern)?;
        out.pattern = Some(pattern.clone());
    }
    out.min_items = object.count("minItems");
    out.max_items = object.count("maxItems");
    out.unique_items = object.boolean("uniqueItems") == Some(true);
    out.max_properties = object.count("maxProperties");
    out.min_properties = object.count("minProperties");
    if let Some(Json::Array(names)) = object.get("required") {
        out.required = strings(names);
    }
    Ok(())
}

/// Holds a schema to its metaschema.
fn check(root: &Root, schema: &Json, pointer: &str) -> Result<(), String> {
    let draft = root.resource(pointer).draft;
    if usual::is_valid(schema, draft) {
        return Ok(());
    }
    let meta = draft.metaschema()?;
    let found = validate::run(meta, schema)?;
    if found.is_empty() {
        return Ok(());
    }
    let place = format!("{}#{}", root.url, url::encode(pointer));
    Err(format!(
        "{} is not valid against metaschema: jsonschema validation failed with {}{}",
        quote(place.as_bytes()),
        super::failure::quote(&format!("{}#", draft.url)),
        lines(&found, 0)
    ))
}
