//! YAML texts made of pieces, most of them readable.

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;

use super::made_up::{one_of, weighted};

const SCALARS: &[&str] = &[
    "a",
    "1",
    "-1.5",
    "0x1F",
    "0777",
    "0o17",
    "1_000",
    "08",
    "1e3",
    "1e400",
    ".5",
    "yes",
    "off",
    "y",
    "null",
    "~",
    "",
    "\"q\\n\\u00e9\\x41\"",
    "'it''s'",
    "\"a\n  b\"",
    "'a\n\n  b'",
    "plain\n  more",
    "2020-01-02",
    "1:20",
    "!!str 5",
    "!!int \"5\"",
    "!!binary aGk=",
    "!foo bar",
    "&x v",
    "*x",
    "|\n  lit\n  eral\n",
    ">\n  fol\n  ded\n\n  par\n",
    "|-\n  a\n\n",
    "|+\n  a\n\n",
    "|2\n   a\n",
    ">-\n  a\n   b\n  c\n",
    "[a, b]",
    "{a: b}",
    "[]",
    "{}",
    "[a, ",
    "{a: 1",
    "a: b",
    "a #c",
    "a#c",
    "# c",
    "@x",
    "`x",
    "%x",
    "\"open",
    "'open",
    "{a, b: }",
    "[a: b, {c: d}]",
    "- x",
    ".inf",
    ".nan",
    "12345678901234567890",
    "1.0",
    "é",
    "\t",
    "a\tb",
    "<<",
    "=",
    "{? a : b}",
    "\"\\q\"",
    "!!float 3",
    "+12",
    "0b101",
    "99999999999999999999999",
    "1e5",
    "-0",
    "0.0",
    "123456789.123",
    "!!null x",
    "!!bool yes",
    "{\"a\":1,\"b\":[1,2]}",
];
const KEYS: &[&str] = &[
    "a", "b", "c", "1", "1.5", "yes", "true", "null", "\"q k\"", "'s'", "a b", "? x\n", "<<", "&k key", "y",
    "-a", "é", "0x10", "[l]",
];

fn scalar() -> BoxedStrategy<String> {
    one_of(SCALARS)
}

fn entry(value: BoxedStrategy<String>) -> BoxedStrategy<String> {
    (weighted(vec![(4, one_of(&["a", "b", "c", "d", "e"])), (1, one_of(KEYS))]), value)
        .prop_map(|(key, value)| format!("{key}: {value}"))
        .boxed()
}

fn indented(text: &str, by: &str) -> String {
    text.lines().map(|line| format!("{by}{line}")).collect::<Vec<_>>().join("\n")
}

/// A document, or two, or something like it.
pub fn document() -> BoxedStrategy<String> {
    let value = scalar().prop_recursive(3, 12, 4, |inner| {
        let map = proptest::collection::vec(entry(inner.clone()), 1..4)
            .prop_map(|lines| format!("\n{}", indented(&lines.join("\n"), "  ")));
        let list =
            (proptest::collection::vec(inner, 1..4), one_of(&["", "  ", "   "])).prop_map(|(items, by)| {
                let lines: Vec<_> = items
                    .iter()
                    .map(|item| format!("- {}", item.trim_start_matches('\n').trim_start()))
                    .collect();
                format!("\n{}", indented(&lines.join("\n"), &by))
            });
        weighted(vec![(1, map.boxed()), (1, list.boxed())])
    });
    let lines =
        proptest::collection::vec(entry(value.boxed()), 1..5).prop_map(|lines| lines.join("\n") + "\n");
    let framed = (
        one_of(&["", "", "", "---\n", "# c\n", "%YAML 1.1\n---\n", "\u{feff}", "\n\n"]),
        lines.boxed(),
        one_of(&["", "", "", "---\nz: 1\n", "...\n", "# end", "\t\n", "  \n"]),
    )
        .prop_map(|(before, text, after)| before + &text + &after);
    weighted(vec![(8, framed.boxed()), (1, scalar()), (1, "[a-c:\\-\\n \\[\\]{},'\"&*|>#?!]{0,20}".boxed())])
}

/// A body that reads such a text and prints what came of it.
pub fn body() -> BoxedStrategy<String> {
    let read = one_of(&["fromYaml", "fromYaml", "fromYaml", "fromYamlArray"]);
    let write = one_of(&["toJson", "toJson", "toYaml"]);
    (document(), read, write)
        .prop_map(|(text, read, write)| {
            let text = serde_json::to_string(&text).unwrap();
            format!("{{{{ {text} | {read} | {write} }}}}")
        })
        .boxed()
}
