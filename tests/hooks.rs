//! Hooks, as Argo CD meets them: every row of docs/hooks.md goes through the
//! socket and through `tiphys generate`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it expects"
)]

mod common;

use std::collections::BTreeMap;

use common::{client, directory, generate, project, serve, stderr, stdout, tiphys};
use serde_json::{Value, json};

const CHART: (&str, &str) = ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n");

/// The items of a cell: what stands between backticks.
fn items(cell: &str) -> Vec<(String, String)> {
    let quoted = cell.split('`').skip(1).step_by(2);
    quoted.map(|item| item.split_once(": ").unwrap()).map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
}

/// A row of the page: annotations (and a `generateName`, and parameters) in, Argo
/// CD's annotations out; `None` where the object is left out.
struct Row {
    line: String,
    given: Vec<(String, String)>,
    expected: Option<BTreeMap<String, String>>,
}

fn rows() -> Vec<Row> {
    let page = std::fs::read_to_string(project().join("docs/hooks.md")).unwrap();
    let cells = |line: &str| {
        let (given, expected) = line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | ")?;
        Some(Row {
            line: line.to_owned(),
            given: items(given),
            expected: (expected != "left out").then(|| items(expected).into_iter().collect()),
        })
    };
    page.lines().filter_map(cells).filter(|row| !row.given.is_empty()).collect()
}

/// The template of a row, and the parameters.
fn fixture(row: &Row) -> (String, String) {
    let (annotations, others): (Vec<_>, Vec<_>) = row.given.iter().partition(|(name, _)| name.contains('/'));
    let generate_name = others.iter().find(|(name, _)| name == "generateName");
    let name = generate_name.map_or("name: j".to_owned(), |(_, prefix)| format!("generateName: {prefix}"));
    let parameters: Vec<Value> = others
        .iter()
        .filter(|(name, _)| name != "generateName")
        .map(|(name, value)| match name.as_str() {
            "hook-events" => json!({"name": name, "array": value.split(',').collect::<Vec<_>>()}),
            _ => json!({"name": name, "string": value}),
        })
        .collect();
    let annotations: Vec<String> = annotations.iter().map(|(k, v)| format!("    {k}: {v:?}\n")).collect();
    let annotations = annotations.concat();
    let template =
        format!("apiVersion: batch/v1\nkind: Job\nmetadata:\n  {name}\n  annotations:\n{annotations}");
    (template, Value::from(parameters).to_string())
}

#[tokio::test]
async fn every_row_of_the_page_is_what_argo_cd_receives() {
    let server = serve(None);
    let mut client = client(&server).await;
    let rows = rows();
    assert!(rows.len() >= 49, "the page has {} rows", rows.len());
    for row in &rows {
        let (template, parameters) = fixture(row);
        let repository = directory(&[CHART, ("templates/j.yaml", &template)]);
        let received = generate(&mut client, repository.path(), ".", &parameters).await.unwrap();
        assert_eq!(received.len(), usize::from(row.expected.is_some()), "{}", row.line);
        if let (Some(object), Some(expected)) = (received.first(), &row.expected) {
            let annotations = object["metadata"]["annotations"].as_object().unwrap();
            let text = |v: &Value| v.as_str().unwrap().to_owned();
            let (argo, helm): (BTreeMap<_, _>, BTreeMap<_, _>) = annotations
                .iter()
                .map(|(k, v)| (k.clone(), text(v)))
                .partition(|(k, _)| k.contains("argocd"));
            assert_eq!(&argo, expected, "{}", row.line);
            let given = row.given.iter().filter(|(name, _)| name.starts_with("helm.sh/")).cloned();
            assert_eq!(helm, given.collect(), "{}: Helm's annotations stay", row.line);
        }
        let dir = repository.path().display().to_string();
        let mut args = vec!["generate", &dir, "-o", "json", "--release-name", "my-api", "-n", "my-namespace"];
        let params: Vec<String> = row
            .given
            .iter()
            .filter(|(name, _)| !name.contains('/') && name != "generateName")
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        args.extend(params.iter().flat_map(|param| ["--param", param]));
        let printed: Vec<Value> =
            stdout(&tiphys(&args)).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(printed, received, "{}", row.line);
    }
}

#[test]
fn what_is_changed_or_left_out_is_logged() {
    let hook = |name: &str, event: &str| {
        format!("kind: Job\nmetadata: {{name: {name}, annotations: {{helm.sh/hook: {event}}}}}\n---\n")
    };
    let template = hook("a", "pre-install")
        + &hook("b", "post-upgrade")
        + &hook("c", "test")
        + &hook("d", "test-failure");
    let repository = directory(&[CHART, ("templates/j.yaml", &template)]);
    let dir = repository.path().display().to_string();
    let output = tiphys(&["generate", &dir, "--release-name", "r", "--hook-events", "install"]);
    let source = "source=c/templates/j.yaml";
    assert_eq!(
        stderr(&output),
        format!(
            "level=INFO msg=\"skipping unknown hooks\" hookTypes=test-failure\n\
             level=INFO msg=\"hook Job/b is left out: it belongs to an upgrade alone, which hook-events leaves out\" {source}\n\
             level=INFO msg=\"hook Job/c is left out: Argo CD never runs its events\" {source}\n\
             level=INFO msg=\"hook Job/a has a fixed name and no delete policy: BeforeHookCreation keeps it from blocking \
             the next sync\" {source}\n"
        )
    );
}
