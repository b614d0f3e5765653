//! Values and messages as Helm 4.3.1 gives them for the same text.

use proptest::prelude::*;

use super::*;
use crate::data::json;

/// Texts with what `fromYaml | toJson` of Helm makes of them (`! ` before the
/// message of an error).
const HELM: &str = include_str!("testdata/helm.txt");

fn read(text: &[u8]) -> Result<Value, String> {
    parse(text, Numbers::Float64).map_err(|error| error.message)
}

fn json_of(value: &Value) -> String {
    String::from_utf8(json::write(value, true, usize::MAX).unwrap()).unwrap()
}

#[test]
fn texts_read_as_helm_reads_them() {
    for case in HELM.trim_end_matches('\n').split("\n====\n") {
        let (text, expected) = case.rsplit_once("\n=> ").unwrap();
        let found = match read(text.as_bytes()) {
            // fromYaml starts from an empty map.
            Ok(Value::Nil) => "{}".to_owned(),
            Ok(value) => json_of(&value),
            Err(message) => format!("! {message}"),
        };
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn characters_that_yaml_refuses() {
    for (text, message) in [
        (&b"a: \x01"[..], "yaml: control characters are not allowed"),
        (b"a: \x00", "yaml: control characters are not allowed"),
        (b"a: \xff", "yaml: invalid leading UTF-8 octet"),
        (b"a: \xc3(", "yaml: invalid trailing UTF-8 octet"),
        (b"a: \xc3", "yaml: incomplete UTF-8 octet sequence"),
        (b"a: \xc0\x80", "yaml: invalid length of a UTF-8 sequence"),
        (b"a: \xed\xa0\x80", "yaml: invalid Unicode character"),
    ] {
        assert_eq!(read(text).unwrap_err(), message);
    }
    assert_eq!(parse(b"a: 1\nb: \x01", Numbers::Exact).unwrap_err().line, 2);
    assert_eq!(json_of(&read(b"\xff\xfea\0:\0 \0\xe9\0").unwrap()), r#"{"a":"é"}"#);
}

/// go-yaml sees a bad character only when it reads its piece of 512 bytes.
#[test]
fn a_bad_character_far_behind_the_first_document_does_not_matter() {
    let text = format!("a: 1\n---\n{}\x01", "x: 1\n".repeat(200));
    assert_eq!(json_of(&read(text.as_bytes()).unwrap()), r#"{"a":1}"#);
    assert!(parse_documents(text.as_bytes(), Numbers::Float64).is_err());
}

#[test]
fn exact_numbers_keep_their_digits() {
    let text = b"a: 9007199254740993\nb: 18446744073709551615\nc: 1.5\n";
    let value = parse(text, Numbers::Exact).unwrap();
    assert_eq!(json_of(&value), r#"{"a":9007199254740993,"b":18446744073709551615,"c":1.5}"#);
    assert_eq!(json_of(&read(text).unwrap()), r#"{"a":9007199254740992,"b":18446744073709552000,"c":1.5}"#);
}

#[test]
fn a_stream_has_all_its_documents() {
    let text = b"# none\n---\na: 1\n--- x\n---\n...\n---\n- 1\n";
    let documents = parse_documents(text, Numbers::Exact).unwrap();
    assert_eq!(documents.iter().map(json_of).collect::<Vec<_>>(), [r#"{"a":1}"#, r#""x""#, "null", "[1]"]);
    assert_eq!(json_of(&read(text).unwrap()), r#"{"a":1}"#);
    assert!(parse_documents(b"", Numbers::Exact).unwrap().is_empty());
    assert!(read(b"").unwrap().is_nil());
}

#[test]
fn an_alias_gives_a_map_of_its_own() {
    let value = read(b"a: &x {b: 1}\nc: *x\n").unwrap();
    let map = value.as_map().unwrap();
    map.get("a").unwrap().as_map().unwrap().insert("b", Value::Bool(true));
    assert_eq!(json_of(&value), r#"{"a":{"b":true},"c":{"b":1}}"#);
}

#[test]
fn nesting_has_gos_limits() {
    let flow = |n: usize| ["[".repeat(n), "]".repeat(n)].concat();
    assert!(read(flow(10_000).as_bytes()).is_ok());
    assert_eq!(read(flow(10_001).as_bytes()).unwrap_err(), "yaml: exceeded max depth of 10000");
    let block = |n: usize| format!("a:\n {}1", "- ".repeat(n));
    assert!(read(block(9_999).as_bytes()).is_ok());
    assert_eq!(read(block(10_000).as_bytes()).unwrap_err(), "yaml: line 2: exceeded max depth of 10000");
    let both = format!("{}{}", "- ".repeat(6_000), flow(6_000));
    assert_eq!(read(both.as_bytes()).unwrap_err(), "exceeded max depth");
}

#[test]
fn aliases_cannot_blow_up() {
    let mut laughs = "a0: &a0 [lol,lol,lol,lol,lol,lol,lol,lol,lol]\n".to_owned();
    for n in 1..9 {
        let inner = vec![format!("*a{}", n - 1); 9].join(",");
        laughs.push_str(&format!("a{n}: &a{n} [{inner}]\n"));
    }
    assert_eq!(read(laughs.as_bytes()).unwrap_err(), "yaml: document contains excessive aliasing");
}

proptest! {
    /// Whatever the bytes, there is a value or a message.
    #[test]
    fn no_text_panics(text in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&text);
    }

    #[test]
    fn no_yaml_like_text_panics(parts in proptest::collection::vec(
        proptest::sample::select(vec![
            "a", ":", ": ", "- ", "? ", "\n", "  ", "\t", "[", "]", "{", "}", ",", "\"", "'", "|", ">", "&a ",
            "*a", "!", "!!int ", "<<: ", "#", "%YAML", "---\n", "...\n", "\\", "é", "\u{2028}", "\r\n", "0b-",
        ]), 0..40)) {
        let _ = parse_documents(parts.concat().as_bytes(), Numbers::Exact);
    }
}
