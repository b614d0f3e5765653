//! The source of what is made up: proptest's strategies, drawn from with a fixed
//! seed. `TIPHYS_CASES` multiplies nothing but says how many, `TIPHYS_SEED` which.

use proptest::strategy::{BoxedStrategy, Just, Strategy, Union, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value};

/// Draws `count` examples, or as many as `TIPHYS_CASES` says.
pub fn draw<T>(strategy: &impl Strategy<Value = T>, count: usize) -> Vec<T> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let count = number("TIPHYS_CASES").and_then(|cases| usize::try_from(cases).ok()).unwrap_or(count);
    let mut seed = [7u8; 32];
    seed[..8].copy_from_slice(&number("TIPHYS_SEED").unwrap_or(1).to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

/// One of these.
pub fn one_of(words: &'static [&'static str]) -> BoxedStrategy<String> {
    proptest::sample::select(words).prop_map(str::to_owned).boxed()
}

/// A value whatever, out of several strategies with weights.
pub fn weighted<T: std::fmt::Debug + Clone + 'static>(
    parts: Vec<(u32, BoxedStrategy<T>)>,
) -> BoxedStrategy<T> {
    Union::new_weighted(parts).boxed()
}

/// Strings that YAML, Go and JSON treat in ways of their own.
pub const STRANGE: &[&str] = &[
    "",
    " ",
    "a",
    "a b",
    " lead",
    "trail ",
    "yes",
    "No",
    "y",
    "N",
    "on",
    "off",
    "true",
    "null",
    "~",
    "Null",
    "0",
    "-1",
    "+1",
    "007",
    "0o17",
    "0x1F",
    "0b11",
    "1_000",
    "1.",
    ".5",
    "1e3",
    "1E5",
    "12e",
    "1.2.3",
    ".inf",
    "-.Inf",
    ".NaN",
    "2020-01-02",
    "2020-01-02T03:04:05Z",
    "12:30",
    "1:20:30",
    "=",
    "<<",
    "-",
    "- a",
    "?",
    "? a",
    ":",
    "a:",
    "a: b",
    ": a",
    "a:b",
    "#",
    "# a",
    "a #b",
    "a#b",
    "&a",
    "*a",
    "!a",
    "!!str",
    "%a",
    "@a",
    "`a",
    "|",
    ">",
    "|-",
    "[",
    "]",
    "{",
    "}",
    "[]",
    "{}",
    "[a]",
    "{a: b}",
    ",",
    "a,b",
    "'",
    "\"",
    "it's",
    "say \"x\"",
    "\\",
    "a\\nb",
    "---",
    "...",
    "--- a",
    "--",
    "a\nb",
    "a\n",
    "\na",
    "\n",
    "\n\n",
    "a\n\nb\n",
    "a\n\n",
    " a\nb",
    "a\n b",
    "\ta",
    "a\tb",
    "a\r\nb",
    "a \nb",
    "\u{85}",
    "\u{a0}",
    "\u{2028}",
    "\u{feff}",
    "é",
    "日本",
    "😀",
    "\u{7f}",
    "\u{1}",
    "\u{1b}[0m",
    "<no value>",
    "{{ x }}",
    "<a&b>",
    "100m",
    "10Gi",
    "a/b",
    "a.b",
    "a_b",
    "A",
    "Z9",
    "long long long long long long long long long long long long long long long long long long line",
    "longer words: with a colon and so on and on and on and on and on and on and on and on, to the end",
    "first line\nsecond line which is rather long and would be folded if it were plain or quoted by anyone\n  third",
];

/// A string, strange or made of a few characters.
pub fn text() -> BoxedStrategy<String> {
    weighted(vec![
        (6, one_of(STRANGE)),
        (2, "[a-c0-9 :#'\"\\-\\n\\t,.{}\\[\\]&*!|>%@`~=?]{0,12}".boxed()),
        (1, "[ -~éü日😀\\n]{0,40}".boxed()),
        (1, "[a-z]{1,9}( [a-z:#]{1,9}){8,30}".boxed()),
    ])
}

/// A key of a map.
pub fn key() -> BoxedStrategy<String> {
    weighted(vec![(3, "[a-cA-C_]{1,2}[0-9]{0,2}".boxed()), (1, text()), (1, "[0-9]{1,3}".boxed())])
}

fn number() -> BoxedStrategy<Value> {
    let floats = proptest::sample::select(&[
        0.0,
        1.0,
        -1.0,
        1.5,
        0.1,
        1e6,
        999_999.0,
        1_234_567.0,
        20_971_520.0,
        1e-5,
        1e-7,
        123_456.789,
        1e20,
        1e21,
        1.5e300,
        -0.000_001,
        4_294_967_296.0,
        3.0e9,
        100.25,
    ]);
    weighted(vec![
        (3, (-3i64..2000).prop_map(Value::from).boxed()),
        (2, floats.prop_map(Value::from).boxed()),
        (1, proptest::num::i64::ANY.prop_map(Value::from).boxed()),
        (1, (-1e9f64..1e9).prop_map(Value::from).boxed()),
    ])
}

/// A scalar, a list or a map, to a depth of four.
pub fn value() -> BoxedStrategy<Value> {
    let leaf = weighted(vec![
        (5, text().prop_map(Value::from).boxed()),
        (3, number()),
        (1, Just(Value::Null).boxed()),
        (1, proptest::bool::ANY.prop_map(Value::from).boxed()),
        (1, Just(Value::Array(Vec::new())).boxed()),
        (1, Just(Value::Object(Map::new())).boxed()),
    ]);
    leaf.prop_recursive(4, 24, 5, |inner| {
        let list = proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from).boxed();
        weighted(vec![(1, list), (2, table_of(inner).boxed())])
    })
    .boxed()
}

/// A map of values.
pub fn table() -> BoxedStrategy<Value> {
    table_of(value()).boxed()
}

fn table_of(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    proptest::collection::vec((key(), inner), 0..5)
        .prop_map(|entries| Value::Object(entries.into_iter().collect()))
}
