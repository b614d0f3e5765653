//! What is announced of made-up charts, and that setting it gives the same again.

use super::*;
use crate::chart::values::set;
use crate::chart::{File, load};
use crate::notice::Notices;
use crate::template::budget::Limits;
use proptest::prelude::*;

fn chart(values: &str, schema: Option<&str>) -> Chart {
    let file = |path: &str, text: &str| File::new(path, text.into());
    let mut files =
        vec![file("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"), file("values.yaml", values)];
    files.extend(schema.map(|schema| file("values.schema.json", schema)));
    load::from_files(files, &mut Notices::default()).unwrap()
}

fn announced(chart: &Chart) -> Vec<Announced> {
    let Value::Map(values) = chart.values.thaw() else { panic!("no values") };
    let mut all = of(&values).unwrap();
    describe(chart, &mut all, &Budget::new(Limits::default())).unwrap();
    all
}

fn named(values: &str) -> Vec<(String, String)> {
    announced(&chart(values, None)).into_iter().map(|own| (own.name, own.text)).collect()
}

fn titles(values: &str, schema: Option<&str>) -> Vec<String> {
    announced(&chart(values, schema)).into_iter().map(|own| format!("{}: {}", own.name, own.title)).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn names_are_those_of_set_and_the_order_is_the_files() {
    let values = "image:\n  tag: \"1.0\"\n  pull: false\nargs: [a, 2]\nannotations:\n  a.b/c,d=e[f\\: x\n\
                  none:\nempty: {}\nnothing: []\nbig: 1000000\nhuge: 1e30\nhalf: 0.5\nlist:\n- name: m\n  v: null\n\
                  - [x]\nzone: z\n";
    assert_eq!(
        named(values),
        pairs(&[
            ("image.tag", "1.0"),
            ("image.pull", "false"),
            ("args[0]", "a"),
            ("args[1]", "2"),
            (r"annotations.a\.b/c\,d\=e\[f\\", "x"),
            ("none", "null"),
            ("big", "1000000"),
            ("huge", "1e+30"),
            ("half", "0.5"),
            ("list[0].name", "m"),
            ("list[0].v", "null"),
            ("list[1][0]", "x"),
            ("zone", "z"),
        ])
    );
}

#[test]
fn what_set_cannot_say_is_left_out() {
    let below = |dots: usize| format!("{}{{x: 1}}{}", "{k: ".repeat(dots - 1), "}".repeat(dots - 1));
    let deepest = format!("{}x", "k.".repeat(MOST_DOTS));
    assert_eq!(named(&format!("k: {}", below(MOST_DOTS))), pairs(&[(&deepest, "1")]));
    assert_eq!(named(&format!("k: {}", below(MOST_DOTS + 1))), []);
    // Setting one item sets the whole list, so a list that cannot be said has no own.
    for values in ["a: [{}]", "a: [x, []]", "a: [{b: {c: {}}, d: 1}]", "'': 1", "a: {'': 1}"] {
        assert_eq!(named(values), [], "{values}");
    }
    assert_eq!(named("a: [{}]\nb: [1]"), pairs(&[("b[0]", "1")]));
}

#[test]
fn too_many_are_none() {
    let many = |count: usize| -> String { (0..count).map(|n| format!("k{n}: 1\n")).collect() };
    assert_eq!(announced(&chart(&many(MOST_VALUES), None)).len(), MOST_VALUES);
    let empty: String = (0..MOST_NODES).map(|n| format!("k{n}: {{}}\n")).collect();
    for values in [many(MOST_VALUES + 1), format!("{empty}a: 1"), format!("a: {}", "x".repeat(MOST_BYTES))] {
        let chart = chart(&values, None);
        let Value::Map(values) = chart.values.thaw() else { panic!("no values") };
        assert_eq!(of(&values), None);
    }
}

#[test]
fn comments_are_titles() {
    let values = "\
# The head of the file.

# How many pods.
#   In words.
#
# replicas: 3
replicas: 1
image:
  ## The name
  ##
  name: x
  # -- (string) The tag
  # of the image
  # @default -- the chart's appVersion
  tag: \"\"
  # nothing.to.do -- another key's
  # image.pull -- When to pull
  pull: Always
script: |
  #!/bin/sh
  # exit
after: 1

# The list
list:
- a
# The second
- b
########
# -----
########
#
plain: {inner: 1}
";
    assert_eq!(
        titles(values, None),
        [
            "replicas: How many pods. In words.",
            "image.name: The name",
            "image.tag: The tag of the image",
            "image.pull: When to pull",
            "script: ",
            "after: ",
            "list[0]: The list",
            "list[1]: The second",
            "plain.inner: ",
        ]
    );
}

#[test]
fn bitnamis_parameters_are_titles() {
    let values = "\
## @section Common
## Image parameters
## @param image.registry [default: REGISTRY] Where it is
## @param args [array, nullable] What it gets
## @param other
image:
  registry: docker.io
  tag: x
args: [a]
";
    assert_eq!(titles(values, None), ["image.registry: Where it is", "image.tag: ", "args[0]: What it gets"]);
}

#[test]
fn a_schema_is_asked_where_there_is_no_comment() {
    let schema = r##"{
        "properties": {
            "a": {"title": "The A", "description": "not this"},
            "b": {"$ref": "#/definitions/B~1b"},
            "c": {"description": "not this"},
            "d": {"items": {"properties": {"e": {"description": "An e.\n\nMore."}}}},
            "f": {"$ref": "#/properties/f"},
            "g": {"$ref": "https://example.com/g.json"},
            "h": {"items": [{"title": "The first"}]}
        },
        "definitions": {"B/b": {"properties": {"x": {"title": "The X"}}}}
    }"##;
    let values = "a: 1\nb: {x: 1}\n# The comment\nc: 1\nd: [{e: 1}]\nf: 1\ng: 1\nh: [1, 2]\n";
    assert_eq!(
        titles(values, Some(schema)),
        [
            "a: The A",
            "b.x: The X",
            "c: The comment",
            "d[0].e: An e.",
            "f: ",
            "g: ",
            "h[0]: The first",
            "h[1]: "
        ]
    );
    assert_eq!(titles("a: 1", Some("[1")), ["a: "]);
}

#[test]
fn a_title_is_one_line_of_bounded_length() {
    let values = format!("# {}\na: 1\n", "word ".repeat(100));
    let own = announced(&chart(&values, None)).remove(0);
    assert!(own.title.ends_with("word …") && own.title.len() < 210, "{}", own.title);
}

#[test]
fn describing_ends_with_the_budget() {
    let chart = chart("a: 1\n", None);
    let limits = Limits { deadline: Some(std::time::Instant::now()), ..Limits::default() };
    let Value::Map(values) = chart.values.thaw() else { panic!("no values") };
    let mut all = of(&values).unwrap();
    assert_eq!(describe(&chart, &mut all, &Budget::new(limits)), Err(Exceeded::Deadline));
}

/// Values that `--set` can say, and some that it cannot.
fn values() -> impl Strategy<Value = Value> {
    let text = prop_oneof![r#"[a-c.,=\[\]{}\\"' \n]{0,6}"#, Just("null".to_owned()), Just("12".to_owned())];
    let own = prop_oneof![
        Just(Value::Nil),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::int64),
        text.clone().prop_map(Value::from),
    ];
    own.prop_recursive(4, 40, 5, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(|items| List::new(items).into()),
            proptest::collection::vec((text.clone(), inner), 0..4)
                .prop_map(|entries| Value::Map(entries.into_iter().collect())),
        ]
    })
}

#[test]
fn an_empty_text_leaves_the_list_that_it_is_in() {
    let set = Map::new();
    set::set_string(&assignment("root[0].a", ""), &set).unwrap();
    assert_eq!(of(&set).unwrap().iter().map(|own| own.name.as_str()).collect::<Vec<_>>(), ["root[0].a"]);
}

proptest! {
    #[test]
    fn setting_every_value_gives_the_same_values(value in values()) {
        let value = Value::Map([("root", value)].into_iter().collect());
        let Value::Map(values) = &value else { unreachable!() };
        let all = of(values).unwrap();
        let set_again = Map::new();
        for own in all.iter().filter(|own| !own.is_string) {
            set::set(&format!("{}={}", own.name, own.text), &set_again).unwrap();
        }
        for own in all.iter().filter(|own| own.is_string) {
            set::set_string(&assignment(&own.name, &own.text), &set_again).unwrap();
        }
        prop_assert_eq!(of(&set_again).unwrap(), all);
    }
}
