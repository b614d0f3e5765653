//! Arguments of `--set` and its family.

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;

use super::made_up::{one_of, text, weighted};

const KEYS: &[&str] = &[
    "a",
    "b",
    "m",
    "l",
    "s",
    "m.a",
    "m.b.c",
    "a.b",
    "l[0]",
    "l[1]",
    "l[3]",
    "l[0].x",
    "n[0][1]",
    "m.l[2].k",
    "a\\.b",
    "x-y",
    "\"q\"",
    "",
    "a.",
    ".a",
    "l[",
    "l[x]",
    "l[-1]",
    "l]",
    "a b",
    "a[0]b",
    "m[0]",
    "l.x",
    "global.g",
    "l[0]x.y",
    "é",
    "l[1][0].z",
    "s.t",
];
const WORDS: &[&str] = &[
    "1",
    "0",
    "-5",
    "0123",
    "1.5",
    "1e3",
    "true",
    "FALSE",
    "null",
    "Null",
    "",
    "x",
    "{}",
    "{a,b}",
    "{1,x,}",
    "{a",
    "a}",
    "\\,",
    "a\\,b",
    "{a\\,b,c}",
    "[1]",
    "\\{a\\}",
    "a=b",
    "99999999999999999999",
    " x ",
    "{null,true}",
    "\\",
    "a\\\\b",
    "{{a}}",
    "+1",
    "9223372036854775807",
];
const JSONS: &[&str] =
    &["1", "\"x\"", "null", "[1,2]", "{\"k\":{\"j\":1}}", "bad", "{}", "1.5", "true", "[", "\"a,b\"", "1e3"];

/// One flag with its argument.
fn flag() -> BoxedStrategy<Vec<String>> {
    let pair = (one_of(KEYS), weighted(vec![(6, one_of(WORDS)), (1, text())]))
        .prop_map(|(key, value)| format!("{key}={value}"));
    let pairs = proptest::collection::vec(pair, 1..3).prop_map(|pairs| pairs.join(","));
    let json = (one_of(KEYS), one_of(JSONS)).prop_map(|(key, value)| format!("{key}={value}")).boxed();
    let whole = one_of(&[
        "{\"m\":{\"a\":{\"z\":1}},\"n\":null}",
        "{\"a\":1} ",
        "{",
        "[1]",
        "{\"l\":[1.0,{}]}",
        " {\"a\":2}",
    ]);
    let flags = one_of(&["--set", "--set", "--set", "--set-string", "--set-literal"]);
    weighted(vec![
        (4, (flags, pairs).prop_map(|(flag, value)| vec![flag, value]).boxed()),
        (
            1,
            weighted(vec![(2, json), (1, whole)])
                .prop_map(|value| vec!["--set-json".to_owned(), value])
                .boxed(),
        ),
    ])
}

/// One to three flags.
pub fn flags() -> BoxedStrategy<Vec<String>> {
    proptest::collection::vec(flag(), 1..4).prop_map(|flags| flags.concat()).boxed()
}
