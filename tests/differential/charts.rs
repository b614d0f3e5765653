//! A parent and its subcharts: defaults, the user's values, globals, nulls,
//! conditions, tags, aliases and imported values, all out of few names so that
//! they meet.

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use serde_json::{Map, Value, json};

use super::made_up::{one_of, weighted};

/// A chart's files, and the user's values.
#[derive(Debug, Clone)]
pub struct Family {
    pub files: Vec<(String, String)>,
    pub user: Value,
}

fn leaf() -> BoxedStrategy<Value> {
    proptest::sample::select(vec![
        Value::Null,
        json!(1),
        json!(2.5),
        json!("x"),
        json!(""),
        json!(true),
        json!(false),
        json!([]),
        json!([1, null]),
        json!({}),
    ])
    .boxed()
}

/// A table of few names, so that two of them meet.
fn values(depth: u32) -> BoxedStrategy<Value> {
    let names = || one_of(&["a", "b", "c", "s", "t", "global", "on", "tags", "exports", "d"]);
    let inner = leaf().prop_recursive(depth, 20, 4, move |inner| {
        proptest::collection::vec((names(), inner), 0..4)
            .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>()))
    });
    proptest::collection::vec((names(), inner), 0..6)
        .prop_map(|entries| {
            Value::Object(entries.into_iter().filter(|(k, v)| k != "global" || v.is_object()).collect())
        })
        .boxed()
}

fn import() -> BoxedStrategy<Value> {
    let path = || one_of(&["a", "b", "a.b", "c", ".", "exports.a", "global", "s.a"]);
    weighted(vec![
        (1, one_of(&["a", "b", "d"]).prop_map(Value::from).boxed()),
        (2, (path(), path()).prop_map(|(child, parent)| json!({"child": child, "parent": parent})).boxed()),
    ])
}

fn dependency() -> BoxedStrategy<Value> {
    let condition = one_of(&["", "", "s.on", "t.on,s.on", "a", "global.on", "nope", "s.a", "b.c"]);
    let tags = proptest::collection::vec(one_of(&["a", "b", "c"]), 0..3);
    let alias = one_of(&["", "", "", "d", "b"]);
    (one_of(&["s", "t"]), condition, tags, alias, proptest::collection::vec(import(), 0..3), 0..8u8)
        .prop_map(|(name, condition, tags, alias, imports, version)| {
            let version = if version == 0 { ">=2" } else { "0.1.0" };
            json!({"name": name, "version": version, "condition": condition, "tags": tags, "alias": alias, "import-values": imports})
        })
        .boxed()
}

fn chart(at: &str, name: &str, values: &Value, dependencies: &[Value]) -> Vec<(String, String)> {
    let metadata =
        json!({"apiVersion": "v2", "name": name, "version": "0.1.0", "dependencies": dependencies});
    let show =
        "# {{ .Chart.Name }} {{ .Template.Name }} {{ toJson .Values }} {{ keys .Subcharts | sortAlpha }}\n";
    vec![
        (format!("{at}Chart.yaml"), metadata.to_string()),
        (format!("{at}values.yaml"), values.to_string()),
        (format!("{at}templates/t.yaml"), show.to_owned()),
    ]
}

/// A parent with the subcharts s and t, s with a t of its own.
pub fn family() -> BoxedStrategy<Family> {
    let dependencies = || {
        proptest::collection::vec(dependency(), 0..4).prop_map(|mut all| {
            // The same name or alias twice is refused, which one case would show as well as all.
            let mut seen = Vec::new();
            all.retain(|d| {
                let name = [&d["alias"], &d["name"]]
                    .iter()
                    .filter_map(|n| n.as_str())
                    .find(|n| !n.is_empty())
                    .unwrap_or("")
                    .to_owned();
                let new = !seen.contains(&name);
                seen.push(name);
                new
            });
            all
        })
    };
    let nested = dependencies().prop_map(|mut all| {
        all.retain(|d| d["name"] == "t");
        all
    });
    (values(3), values(3), values(2), values(2), values(3), dependencies(), nested)
        .prop_map(|(root, s, t, st, user, listed, nested)| {
            let mut files = chart("", "c", &root, &listed);
            files.extend(chart("charts/s/", "s", &s, &nested));
            files.extend(chart("charts/s/charts/t/", "t", &st, &[]));
            files.extend(chart("charts/t/", "t", &t, &[]));
            Family { files, user }
        })
        .boxed()
}
