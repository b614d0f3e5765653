//! What sigs.k8s.io/yaml writes, taken from Helm 4.3.1's `toYaml`.

use super::*;
use crate::data::{Str, json};

const LIMIT: usize = 1 << 24;

fn yaml(value: &Value) -> String {
    String::from_utf8(write(value, LIMIT).unwrap()).unwrap()
}

fn of_json(text: &str) -> String {
    yaml(&json::parse(text.as_bytes()).unwrap())
}

/// On a thread with room for deep values, as a render has.
fn deep(test: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(256 << 20).spawn(test).unwrap().join().unwrap();
}

#[test]
fn scalars_take_the_style_that_their_text_needs() {
    for (text, out) in [
        ("", "\"\""),
        ("yes", "\"yes\""),
        ("1:20", "\"1:20\""),
        ("._5", "._5"),
        (".5_0", "\".5_0\""),
        ("2001-01-02  3:4:5", "\"2001-01-02  3:4:5\""),
        ("a: b", "'a: b'"),
        ("a #b", "'a #b'"),
        (" a", "' a'"),
        ("---", "'---'"),
        ("- a", "'- a'"),
        ("it's", "it's"),
        ("{{ it's }}", "'{{ it''s }}'"),
        ("a\tb", "\"a\\tb\""),
        ("😀", "\"\\U0001F600\""),
        ("a\u{85}b", "a b"),
        ("a\u{2028}b", "'a\u{2028}  b'"),
        ("\u{feff}a", "\"\\uFEFF\\x61\""),
        ("a\nb", "|-\n  a\n  b"),
        ("a\n", "|\n  a"),
        ("\na\n\n", "|2+\n\n  a\n"),
        ("a \nb", "\"a \\nb\""),
    ] {
        assert_eq!(yaml(&Value::str(text)), format!("{out}\n"), "{text:?}");
    }
}

#[test]
fn numbers_are_what_their_json_reads_as() {
    for (n, out) in [
        (1e6, "1000000"),
        (-0.0, "0"),
        (1_234_567.891, "1.234567891e+06"),
        (1.234_567_890_123_456_7e18, "1234567890123456800"),
        (1.8e19, "18000000000000000000"),
        (1e20, "1e+20"),
        (1e-5, "1e-05"),
    ] {
        assert_eq!(yaml(&Value::Float(n)), format!("{out}\n"));
    }
    let error = write(&Value::Float(f64::NAN), LIMIT).unwrap_err();
    let text = "error marshaling into JSON: json: unsupported value: NaN";
    assert_eq!(error, WriteError::Unsupported(text.to_owned()));
}

#[test]
fn collections_nest_as_blocks() {
    assert_eq!(
        of_json(r#"{"b": [1, [2, [3], {"x": {}}], {"y": [], "z": [null]}], "a": {"c": true}}"#),
        "a:\n  c: true\nb:\n- 1\n- - 2\n  - - 3\n  - x: {}\n- \"y\": []\n  z:\n  - null\n"
    );
    assert_eq!(yaml(&List::nil(&crate::data::list::LIST_ANY).into()), "null\n");
}

#[test]
fn keys_with_breaks_or_past_128_bytes_are_complex() {
    let long = "k".repeat(129);
    assert_eq!(of_json(&format!(r#"{{"{long}": [1]}}"#)), format!("? {long}\n: - 1\n"));
    assert_eq!(of_json(r#"{"a\nb": {"c": 1}}"#), "? |-\n  a\n  b\n: c: 1\n");
    assert_eq!(of_json(r#"{"a\u2028b": 1}"#), "? 'a\u{2028}  b'\n: 1\n");
}

#[test]
fn long_lines_fold_after_80_columns() {
    let words = "word ".repeat(18);
    let line = "word ".repeat(16);
    let line = line.trim_end();
    assert_eq!(yaml(&Value::str(words.trim_end())), format!("{line} word\n  word\n"));
    assert_eq!(yaml(&Value::str(format!("{words}it's: x"))), format!("'{line} word\n  word it''s: x'\n"));
    let twice = "word  ".repeat(15);
    assert_eq!(
        yaml(&Value::str(format!("{twice}\t"))),
        format!("\"{}\n  \\ word  \\t\"\n", "word  ".repeat(14).trim_end())
    );
}

#[test]
fn keys_that_json_makes_the_same_are_one() {
    let map: Map = [(Str::from(&b"a\xfe"[..]), Value::int(2)), (Str::from(&b"a\xff"[..]), Value::int(1))]
        .into_iter()
        .collect();
    assert_eq!(yaml(&map.into()), "a\u{fffd}: 1\n");
}

#[test]
fn cycles_and_depth_end_as_in_go() {
    deep(|| {
        let map = Map::new();
        map.insert("x", map.clone().into());
        let text = "error marshaling into JSON: json: unsupported value: encountered a cycle via \
                    map[string]interface {}";
        let error = write(&map.clone().into(), LIMIT).unwrap_err();
        assert_eq!(error, WriteError::Unsupported(text.to_owned()));
        map.remove("x");

        let nested = |levels: usize| {
            (1..levels).fold(Value::from(List::new(Vec::new())), |inner, _| List::new(vec![inner]).into())
        };
        assert!(write(&nested(10_000), LIMIT).is_ok());
        let error = WriteError::Unsupported("yaml: exceeded max depth of 10000".to_owned());
        assert_eq!(write(&nested(10_001), LIMIT).err(), Some(error));
    });
}

#[test]
fn shared_parts_stop_at_the_limit() {
    let mut value = Value::str("leaf");
    for _ in 0..60 {
        value = List::new(vec![value.clone(), value]).into();
    }
    assert_eq!(write(&value, 1 << 16).unwrap_err(), WriteError::TooLarge);
    assert_eq!(super::super::write_pretty(&value, 1 << 16).unwrap_err(), WriteError::TooLarge);
    assert_eq!(json::write(&value, true, 1 << 16).unwrap_err(), WriteError::TooLarge);
}

#[test]
fn blanks_stop_at_the_limit() {
    deep(|| {
        let lines = Value::str("a\n".repeat(1 << 16));
        let value = (0..9_000).fold(lines, |inner, _| List::new(vec![inner]).into());
        assert_eq!(write(&value, 1 << 20).unwrap_err(), WriteError::TooLarge);
    });
}
