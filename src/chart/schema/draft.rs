//! The drafts of JSON Schema: their URLs, their metaschemas, and where a schema
//! holds others.

use std::sync::OnceLock;

use super::compile::Compiler;
use super::keywords::Compiled;
use crate::chart::values::json::{Json, parse};

/// A draft.
#[derive(Debug, PartialEq, Eq)]
pub struct Draft {
    /// 4, 6, 7, 2019 or 2020.
    pub version: u16,
    /// The URL of the metaschema.
    pub url: &'static str,
    /// The keyword that names a schema.
    pub id: &'static str,
}

static DRAFT_4: Draft = Draft { version: 4, url: "http://json-schema.org/draft-04/schema", id: "id" };
static DRAFT_6: Draft = Draft { version: 6, url: "http://json-schema.org/draft-06/schema", id: "$id" };
static DRAFT_7: Draft = Draft { version: 7, url: "http://json-schema.org/draft-07/schema", id: "$id" };
static DRAFT_2019: Draft =
    Draft { version: 2019, url: "https://json-schema.org/draft/2019-09/schema", id: "$id" };
/// The draft of a schema that names none.
pub static LATEST: Draft =
    Draft { version: 2020, url: "https://json-schema.org/draft/2020-12/schema", id: "$id" };

/// What a schema of each draft has to look like: the rules of the drafts alone,
/// without the words that the published metaschemas carry. The later drafts have
/// several documents, by what follows the draft in their URL.
static METASCHEMAS: [(&str, &str); 5] = [
    ("draft-04/schema", include_str!("metaschemas/draft-04.json")),
    ("draft-06/schema", include_str!("metaschemas/draft-06.json")),
    ("draft-07/schema", include_str!("metaschemas/draft-07.json")),
    ("draft/2019-09/", include_str!("metaschemas/draft-2019-09.json")),
    ("draft/2020-12/", include_str!("metaschemas/draft-2020-12.json")),
];

/// The metaschema document at `url`, if it is one.
pub fn document(url: &str) -> Option<Json> {
    static PARSED: [OnceLock<Option<Json>>; 5] = [const { OnceLock::new() }; 5];
    let path = url
        .strip_prefix("http://json-schema.org/")
        .or_else(|| url.strip_prefix("https://json-schema.org/"))?;
    let path = if path == "schema" { "draft/2020-12/schema" } else { path };
    let mut all = METASCHEMAS.iter().zip(&PARSED);
    let (((entry, text), parsed), name) =
        all.find_map(|found| Some((found, path.strip_prefix(found.0.0)?)))?;
    let parsed = parsed.get_or_init(|| parse(text.as_bytes()).ok()).as_ref()?;
    match parsed {
        Json::Object(documents) if entry.ends_with('/') => documents.get(name.as_bytes()).cloned(),
        document => name.is_empty().then(|| document.clone()),
    }
}

impl Draft {
    /// The draft that `$schema` names.
    pub fn from_url(url: &str) -> Option<&'static Draft> {
        let (url, fragment) = url.split_once('#').unwrap_or((url, ""));
        if !fragment.is_empty() {
            return None;
        }
        let url = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://")).unwrap_or(url);
        Some(match url {
            "json-schema.org/schema" | "json-schema.org/draft/2020-12/schema" => &LATEST,
            "json-schema.org/draft/2019-09/schema" => &DRAFT_2019,
            "json-schema.org/draft-07/schema" => &DRAFT_7,
            "json-schema.org/draft-06/schema" => &DRAFT_6,
            "json-schema.org/draft-04/schema" => &DRAFT_4,
            _ => return None,
        })
    }

    /// The compiled metaschema; compiled once.
    pub fn metaschema(&self) -> Result<&'static Compiled, String> {
        static COMPILED: [OnceLock<Result<Compiled, String>>; 5] = [const { OnceLock::new() }; 5];
        let at = match self.version {
            4 => 0,
            6 => 1,
            7 => 2,
            2019 => 3,
            _ => 4,
        };
        let [a, b, c, d, e] = &COMPILED;
        let slot = [a, b, c, d, e].into_iter().nth(at).unwrap_or(e);
        slot.get_or_init(|| Compiler::for_metaschemas().compile(self.url)).as_ref().map_err(Clone::clone)
    }

    /// The `$id` of a schema, without its fragment.
    pub fn id_of<'j>(&self, schema: &'j Json) -> Option<&'j str> {
        let Json::Object(schema) = schema else { return None };
        if self.version < 2019 && schema.contains_key(b"$ref".as_slice()) {
            return None;
        }
        match schema.get(self.id.as_bytes()) {
            Some(Json::String(id)) => id.to_str().map(|id| id.split_once('#').map_or(id, |(url, _)| url)),
            _ => None,
        }
        .filter(|id| !id.is_empty())
    }

    /// The keywords whose value is a schema, those with a list of them, and
    /// those with a table of them.
    pub fn holders(&self) -> (&'static [&'static str], &'static [&'static str], &'static [&'static str]) {
        // Each draft has the keywords of the ones before it.
        const ONE: [&str; 13] = [
            "not",
            "additionalProperties",
            "items",
            "additionalItems", // draft 4
            "propertyNames",
            "contains", // 6
            "if",
            "then",
            "else", // 7
            "unevaluatedProperties",
            "unevaluatedItems",
            "contentSchema", // 2019
            "",
        ];
        const LIST: [&str; 5] = ["allOf", "anyOf", "oneOf", "items", "prefixItems"];
        const TABLE: [&str; 6] =
            ["definitions", "properties", "patternProperties", "dependencies", "$defs", "dependentSchemas"];
        let (one, list, table) = match self.version {
            4 => (4, 4, 4),
            6 => (6, 4, 4),
            7 => (9, 4, 4),
            2019 => (12, 4, 6),
            _ => (12, 5, 6),
        };
        (
            ONE.get(..one).unwrap_or_default(),
            LIST.get(..list).unwrap_or_default(),
            TABLE.get(..table).unwrap_or_default(),
        )
    }
}
