//! Messages of the real Helm 4.3.1 for schemas and values.

use super::*;
use crate::data::Frozen;

/// What Helm says; findings in one order (its own is random).
fn check(schema: &str, values: &str) -> Vec<String> {
    let values = json(values);
    let chart = Chart { schema: Some(schema.into()), ..Chart::default() };
    let Frozen::Map(_) = Frozen::freeze(&values) else { panic!() };
    let Value::Map(values) = values else { panic!() };
    let Err(error) = validate(&chart, &values, Means::default(), &mut Notices::default()) else {
        return Vec::new();
    };
    let mut lines: Vec<String> = error.to_string().lines().skip(2).map(str::to_owned).collect();
    lines.sort();
    lines
}

fn json(text: &str) -> Value {
    crate::chart::values::json::parse(text.as_bytes()).unwrap().to_value().unwrap()
}

fn on_a_big_stack(run: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(512 << 20).spawn(run).unwrap().join().unwrap();
}

#[test]
fn findings_nest_as_in_helm() {
    let schema = r#"{"properties": {
        "p": {"oneOf": [{"type": "string"}, {"type": "boolean"}]},
        "n": {"if": {"minimum": 1}, "then": {"maximum": 2.5, "exclusiveMinimum": 1000000}},
        "r": {"allOf": [{"required": ["a"]}, {"required": ["b", "c"]}]}}, "additionalProperties": false}"#;
    assert_eq!(
        check(schema, r#"{"p": 1, "n": 5, "r": {}, "q": 1}"#),
        [
            "  - at '/n': exclusiveMinimum: got 5, want 1×10⁰⁶",
            "  - at '/n': maximum: got 5, want 2.5",
            "  - at '/p': got number, want boolean",
            "  - at '/p': got number, want string",
            "  - at '/r': missing properties 'b', 'c'",
            "  - at '/r': missing property 'a'",
            "- at '': additional properties 'q' not allowed",
            "- at '/n': validation failed",
            "- at '/p': 'oneOf' failed, none matched",
            "- at '/r': 'allOf' failed",
        ]
    );
}

#[test]
fn numbers_print_as_the_english_printer_prints_them() {
    let schema = r#"{"properties": {"a": {"minLength": 1234567}, "b": {"minimum": 1234.5},
        "c": {"enum": [1.50, 1e3, null, "a'b\"c\n"]}, "d": {"type": "integer"}, "e": {"multipleOf": 0.01}}}"#;
    assert_eq!(
        check(schema, r#"{"a": "x", "b": 0.000012, "c": 2, "d": 1.0, "e": 0.07}"#),
        [
            "- at '/a': minLength: got 1, want 1,234,567",
            "- at '/b': minimum: got 1.2×10⁻⁰⁵, want 1,234.5",
            "- at '/c': value must be one of 1.50, 1e3, <nil>, 'a\\'b\"c\\n'",
        ]
    );
}

#[test]
fn references_to_one_finding_take_no_line() {
    let schema = r##"{"$schema": "http://json-schema.org/draft-07/schema#", "properties": {
        "a": {"$ref": "#/definitions/A"}, "b": {"$ref": "#/definitions/A"}, "e": {"format": "email"}},
        "definitions": {"A": {"type": "string", "minLength": 1, "pattern": "^z"}}}"##;
    assert_eq!(
        check(schema, r#"{"a": 1, "b": "", "e": "x"}"#),
        [
            "  - at '/b': '' does not match pattern '^z'",
            "  - at '/b': minLength: got 0, want 1",
            "- at '/a': got number, want string",
            "- at '/b': validation failed",
            "- at '/e': 'x' is not valid email: missing @",
        ]
    );
}

#[test]
fn broken_schemas_are_refused_as_in_helm() {
    for (schema, why) in [
        ("{", "unexpected EOF"),
        ("{} x", "invalid character after top-level value"),
        (r##"{"$ref": "#/nope"}"##, "json-pointer in \"file:///values.schema.json#/nope\" not found"),
        (
            r#"{"$ref": "foo.json"}"#,
            "failing loading \"file:///foo.json\": open /foo.json: no such file or directory",
        ),
        (
            r#"{"$ref": "https://example.com/s.json#/a"}"#,
            "failing loading \"https://example.com/s.json\": HTTP request failed for https://example.com/s.json: \
             Get \"https://example.com/s.json\": schemas are not fetched from the network",
        ),
        (r#"{"$schema": "nope"}"#, "failing loading \"nope\": no URLLoader registered for \"nope\""),
        (
            r##"{"$ref": "#"}"##,
            "- at '': both /$ref and  resolve to \"file:///values.schema.json#\" causing reference cycle",
        ),
        (
            r#"{"properties": {"a": {"multipleOf": 1E1111111}}}"#,
            "unable to validate schema: runtime error: invalid memory address or nil pointer dereference",
        ),
    ] {
        assert_eq!(check(schema, r#"{"a": 1}"#), [why], "{schema}");
    }
    assert_eq!(
        check(r#"{"type": "objekt"}"#, "{}"),
        [
            "    - at '/type': got string, want array",
            "    - at '/type': value must be one of 'array', 'boolean', 'integer', 'null', 'number', 'object', 'string'",
            "  - at '/type': 'anyOf' failed",
            "\"file:///values.schema.json#\" is not valid against metaschema: jsonschema validation failed with \
             'https://json-schema.org/draft/2020-12/schema#'",
            "- at '': 'allOf' failed",
        ]
    );
}

#[test]
fn hostile_schemas_end() {
    on_a_big_stack(|| {
        let chain: Vec<String> =
            (0..12_000).map(|i| format!("\"d{i}\": {{\"$ref\": \"#/$defs/d{}\"}}", i + 1)).collect();
        let schema =
            format!("{{\"$ref\": \"#/$defs/d0\", \"$defs\": {{{}, \"d12000\": {{}}}}}}", chain.join(","));
        assert_eq!(check(&schema, "{}"), ["the schema's references nest too deeply"]);
        let twice: Vec<String> = (0..100)
            .map(|i| {
                let next = i + 1;
                format!("\"d{i}\": {{\"anyOf\": [{{\"$ref\": \"#/$defs/d{next}\"}}, {{\"$ref\": \"#/$defs/d{next}\"}}]}}")
            })
            .collect();
        let schema =
            format!("{{\"$ref\": \"#/$defs/d0\", \"$defs\": {{{}, \"d100\": false}}}}", twice.join(","));
        assert_eq!(check(&schema, "{}"), ["the schema asks for too much work"]);
        let deep = ["{\"not\":".repeat(5_000), "{}".to_owned(), "}".repeat(5_000)].concat();
        assert_eq!(check(&deep, "{}"), ["the schema nests too deeply, or is too large"]);
    });
}

#[test]
fn an_unknown_urn_is_let_pass_with_a_warning() {
    let chart = Chart { schema: Some(r#"{"$ref": "urn:foo:bar"}"#.into()), ..Chart::default() };
    let mut notices = Notices::default();
    validate(&chart, &Map::new(), Means::default(), &mut notices).unwrap();
    assert_eq!(notices.0.len(), 1);
    assert_eq!(notices.0[0].fields, [("urn", "urn:foo:bar".to_owned())]);
}
