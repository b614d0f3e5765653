//! Which schemas are surely valid: a look at the usual keywords instead of a run of
//! the metaschema, whose compilation costs more than most schemas. What is found
//! here is stricter than every draft; whatever is not usual the metaschema judges.

use super::draft::Draft;
use super::keywords::Types;
use super::{format, regexp};
use crate::chart::values::json::Json;

/// Schemas inside each other; deeper ones are not usual.
const MAX_DEPTH: u32 = 64;

/// Schemas of a document; more are not usual.
const MAX_SCHEMAS: u32 = 5_000;

/// Whether `schema` surely is one of that draft.
pub fn is_valid(schema: &Json, draft: &Draft) -> bool {
    Look { draft: draft.version, left: MAX_SCHEMAS }.schema(schema, 0)
}

struct Look {
    draft: u16,
    left: u32,
}

impl Look {
    fn schema(&mut self, schema: &Json, depth: u32) -> bool {
        if depth > MAX_DEPTH || self.left == 0 {
            return false;
        }
        self.left -= 1;
        match schema {
            Json::Bool(_) => self.draft >= 6,
            Json::Object(entries) => {
                entries.iter().all(|(key, value)| self.keyword(key.as_bytes(), value, depth + 1))
            }
            _ => false,
        }
    }

    fn keyword(&mut self, key: &[u8], value: &Json, depth: u32) -> bool {
        match key {
            b"$schema" => text(value).and_then(Draft::from_url).is_some(),
            b"$id" | b"$ref" => match value {
                Json::String(url) => {
                    format::check("uri-reference", url).is_ok()
                        && (key == b"$ref" || !url.as_bytes().contains(&b'#'))
                }
                _ => false,
            },
            b"$comment" | b"title" | b"description" | b"format" | b"id" => matches!(value, Json::String(_)),
            b"default" | b"const" => true,
            b"examples" => matches!(value, Json::Array(_)),
            b"readOnly" | b"writeOnly" | b"deprecated" | b"uniqueItems" => matches!(value, Json::Bool(_)),
            b"type" => is_type(value) || list(value).is_some_and(|names| different(names, is_type)),
            b"enum" => list(value).is_some_and(|values| different(values, |_| true)),
            b"required" => list(value).is_some_and(|names| different(names, |_| true)),
            b"minimum" | b"maximum" => is_number(value),
            b"exclusiveMinimum" | b"exclusiveMaximum" => self.draft >= 6 && is_number(value),
            b"minLength" | b"maxLength" | b"minItems" | b"maxItems" | b"minProperties" | b"maxProperties" => {
                is_count(value)
            }
            b"pattern" => matches!(value, Json::String(pattern) if regexp::check(pattern).is_ok()),
            b"properties" | b"definitions" | b"$defs" => match value {
                Json::Object(table) => table.values().all(|schema| self.schema(schema, depth)),
                _ => false,
            },
            b"patternProperties" => match value {
                Json::Object(table) => table
                    .iter()
                    .all(|(pattern, schema)| regexp::check(pattern).is_ok() && self.schema(schema, depth)),
                _ => false,
            },
            b"additionalProperties" if matches!(value, Json::Bool(_)) => true,
            b"items"
            | b"additionalProperties"
            | b"not"
            | b"if"
            | b"then"
            | b"else"
            | b"contains"
            | b"propertyNames" => self.schema(value, depth),
            b"allOf" | b"anyOf" | b"oneOf" => list(value).is_some_and(|schemas| {
                !schemas.is_empty() && schemas.iter().all(|schema| self.schema(schema, depth))
            }),
            _ => is_foreign(key),
        }
    }
}

/// Whether no draft knows the keyword, so that it may be anything.
fn is_foreign(key: &[u8]) -> bool {
    let known: [&[u8]; 13] = [
        b"additionalItems",
        b"contentEncoding",
        b"contentMediaType",
        b"contentSchema",
        b"dependencies",
        b"dependentRequired",
        b"dependentSchemas",
        b"maxContains",
        b"minContains",
        b"multipleOf",
        b"prefixItems",
        b"unevaluatedItems",
        b"unevaluatedProperties",
    ];
    !key.starts_with(b"$") && !known.contains(&key)
}

fn text(value: &Json) -> Option<&str> {
    match value {
        Json::String(text) => text.to_str(),
        _ => None,
    }
}

fn list(value: &Json) -> Option<&[Json]> {
    match value {
        Json::Array(items) => Some(items),
        _ => None,
    }
}

fn is_type(value: &Json) -> bool {
    matches!(value, Json::String(name) if !Types::named(name.as_bytes()).is_empty())
}

/// Whether there are texts, all of a kind, and none twice.
fn different(values: &[Json], is_good: impl Fn(&Json) -> bool) -> bool {
    const MANY: usize = 64;
    let twice = |at: usize, one: &Json| match one {
        Json::String(one) => values.iter().take(at).any(|other| matches!(other, Json::String(s) if s == one)),
        _ => true,
    };
    !values.is_empty()
        && values.len() <= MANY
        && values.iter().enumerate().all(|(at, value)| is_good(value) && !twice(at, value))
}

fn is_number(value: &Json) -> bool {
    matches!(value, Json::Number(_) | Json::Int(_) | Json::Float(_))
}

/// Whether it is a number of a few digits and nothing else.
fn is_count(value: &Json) -> bool {
    matches!(value, Json::Number(text) if text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::schema::validate;
    use crate::chart::values::json::parse;

    const DRAFTS: [&str; 5] = [
        "http://json-schema.org/draft-04/schema",
        "http://json-schema.org/draft-06/schema",
        "http://json-schema.org/draft-07/schema",
        "https://json-schema.org/draft/2019-09/schema",
        "https://json-schema.org/draft/2020-12/schema",
    ];

    const KEYWORDS: &str = "$schema $id id $ref $comment title description format default const examples readOnly \
        writeOnly deprecated uniqueItems type enum required minimum maximum exclusiveMinimum exclusiveMaximum \
        minLength maxLength minItems maxItems minProperties maxProperties pattern properties definitions $defs \
        patternProperties additionalProperties items not if then else contains propertyNames allOf anyOf oneOf \
        additionalItems contentEncoding contentMediaType contentSchema dependencies dependentRequired \
        dependentSchemas maxContains minContains multipleOf prefixItems unevaluatedItems unevaluatedProperties \
        $anchor $dynamicAnchor $dynamicRef $recursiveAnchor $recursiveRef $vocabulary unknown";

    const VALUES: [&str; 40] = [
        "null",
        "true",
        "false",
        "0",
        "1",
        "-1",
        "1.5",
        "1.0",
        "1e2",
        "1234567890",
        r#""""#,
        r#""x""#,
        r#""string""#,
        r#""strings""#,
        r##""#/a b""##,
        r##""#/$defs/x%""##,
        r#""http://[""#,
        r#""http://a.b/c.json""#,
        r##""http://a.b/c#d""##,
        r#""http://json-schema.org/draft-07/schema#""#,
        r#""[""#,
        r#""^a+$""#,
        "[]",
        "[1]",
        r#"["x"]"#,
        r#"["x", "x"]"#,
        r#"["x", 1]"#,
        r#"["string", "null"]"#,
        r#"["string", "string"]"#,
        "[true]",
        "[{}]",
        r#"[{"type": 1}]"#,
        "{}",
        r#"{"type": "string"}"#,
        r#"{"type": 1}"#,
        r#"{"x": {"type": "number"}}"#,
        r#"{"x": {"type": 1}}"#,
        r#"{"x": true}"#,
        r#"{"[": {}}"#,
        r#"{"x": ["y"]}"#,
    ];

    #[test]
    fn what_is_found_valid_the_metaschemas_find_valid() {
        let mut found = 0;
        for draft in DRAFTS.map(|url| Draft::from_url(url).unwrap()) {
            let meta = draft.metaschema().unwrap();
            for (keyword, value) in KEYWORDS.split_whitespace().flat_map(|k| VALUES.map(|v| (k, v))) {
                for text in [
                    format!(r#"{{"{keyword}": {value}}}"#),
                    format!(r#"{{"properties": {{"p": {{"items": {{"{keyword}": {value}}}}}}}}}"#),
                ] {
                    let schema = parse(text.as_bytes()).unwrap();
                    if is_valid(&schema, draft) {
                        found += 1;
                        assert!(validate::run(meta, &schema).unwrap().is_empty(), "{}: {text}", draft.url);
                    }
                }
            }
        }
        assert!(found > 2_000, "{found}");
    }

    #[test]
    fn a_schema_of_usual_keywords_needs_no_metaschema() {
        let text = r##"{"$schema": "http://json-schema.org/draft-07/schema#", "title": "Values", "type": "object",
            "properties": {"a": {"type": ["string", "null"], "enum": ["x", "y"], "default": "x"},
            "b": {"type": "array", "items": {"$ref": "#/definitions/c"}}}, "required": ["a"], "form": true,
            "additionalProperties": false, "definitions": {"c": {"anyOf": [{"minimum": 1}, {"pattern": "^a"}]}}}"##;
        assert!(is_valid(&parse(text.as_bytes()).unwrap(), Draft::from_url(DRAFTS[2]).unwrap()));
    }
}
