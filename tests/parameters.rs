//! What an Application can set, through the socket; and `tiphys generate` answers
//! the same.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it expects"
)]

mod common;

use std::collections::BTreeSet;

use common::web::{FACTS, both, by_command, env, facts, owned, parameters, repository};
use common::{client, directory, serve};
use serde_json::{Value, json};
use tiphys::parameters::{TABLE, find};
use tonic::Code;

fn by_default() -> Value {
    json!({
        "values": {"k": "chart"}, "chart": "web", "release": "my-api/my-namespace", "upgrade": false,
        "kube": "v1.30.0", "api": false, "objects": ["crd", "migrate", "check"],
    })
}

/// The facts with another value at each of these pointers.
fn changed(changes: &Value) -> Value {
    let mut facts = by_default();
    for (pointer, value) in changes.as_object().unwrap() {
        *facts.pointer_mut(pointer).unwrap() = value.clone();
    }
    facts
}

/// A parameter: its value in an Application, the same as text, and what it changes.
fn cases() -> Vec<(&'static str, Value, &'static str, Value)> {
    vec![
        ("environment", json!("dev"), "dev", json!({"/values/k": "dev"})),
        (
            "values-files",
            json!(["more/**/[a-c].yaml", "/root.yaml"]),
            "more/**/[a-c].yaml,/root.yaml",
            json!({"/values": {"k": "root", "a": 1, "b": 1, "c": 1}}),
        ),
        (
            "values",
            json!("k: text\nlist: [1]"),
            "k: text\nlist: [1]",
            json!({"/values": {"k": "text", "list": [1]}}),
        ),
        (
            "helm-parameters",
            json!({"k": "a,b", "n.o": "1", "l": "{x,2}", "args[1]": "z"}),
            "k=a\\,b,n.o=1,l={x,2},args[1]=z",
            json!({"/values": {"k": "a,b", "n": {"o": 1}, "l": ["x", 2], "args": [null, "z"]}}),
        ),
        (
            "helm-string-parameters",
            json!({"n": "1", "k": "${ARGOCD_APP_NAME} $$x"}),
            "n=1,k=${ARGOCD_APP_NAME} $$x",
            json!({"/values": {"k": "my-api $x", "n": "1"}}),
        ),
        (
            "file-parameters",
            json!({"f": "more/$ARGOCD_APP_NAME.yaml"}),
            "f=more/$ARGOCD_APP_NAME.yaml",
            json!({"/values": {"k": "chart", "f": "k: api\n"}}),
        ),
        ("release-name", json!("other"), "other", json!({"/release": "other/my-namespace"})),
        ("namespace", json!("other"), "other", json!({"/release": "my-api/other"})),
        ("kube-version", json!("1.31.2"), "1.31.2", json!({"/kube": "v1.31.2"})),
        ("api-versions", json!(["x/v1"]), "x/v1", json!({"/api": true})),
        ("skip-crds", json!("true"), "true", json!({"/objects": ["migrate", "check"]})),
        ("skip-tests", json!("true"), "true", json!({"/objects": ["crd", "migrate"]})),
        ("skip-hooks", json!("true"), "true", json!({"/objects": ["crd"]})),
        ("is-upgrade", json!("true"), "true", json!({"/upgrade": true})),
        ("chart", json!("../other"), "../other", json!({"/values": {}, "/chart": "other", "/objects": []})),
    ]
}

/// What the socket tests elsewhere, or what needs a case of its own below.
const OWN_CASES: [&str; 5] =
    ["ignore-missing-value-files", "hook-events", "skip-schema-validation", "repo", "version"];

#[tokio::test]
async fn each_parameter_changes_what_it_says() {
    let server = serve(None);
    let mut client = client(&server).await;
    let repository = repository();
    let (root, app) = (repository.path(), "charts/web");
    let plain = both(&mut client, root, app, &env(&[])).await.unwrap();
    assert_eq!(facts(&plain), by_default());
    for (name, value, text, changes) in cases() {
        let parameter = find(name).unwrap();
        let list = json!([{"name": name, parameter.ty.key(): value}]);
        let expected = changed(&changes);
        let given = both(&mut client, root, app, &parameters(&list)).await.unwrap();
        assert_eq!(facts(&given), expected, "{name}");

        let variable = [(parameter.variable().as_str(), text)].map(|v| env(&[v]));
        let by_variable = both(&mut client, root, app, &variable[0]).await.unwrap();
        assert_eq!(facts(&by_variable), expected, "{}", parameter.variable());

        let flag = format!("--{}={text}", parameter.flag);
        assert_eq!(facts(&by_command(root, app, &env(&[]), &[&flag]).unwrap()), expected, "{flag}");
        let param = format!("--param={name}={text}");
        assert_eq!(by_command(root, app, &env(&[]), &[&param]).unwrap(), given, "{param}");
    }
    let covered: BTreeSet<&str> = cases().iter().map(|case| case.0).chain(OWN_CASES).collect();
    assert_eq!(covered, TABLE.iter().map(|parameter| parameter.name).collect());
}

#[tokio::test]
async fn a_parameter_wins_over_its_variable_and_a_flag_over_both() {
    let server = serve(None);
    let mut client = client(&server).await;
    let repository = repository();
    let (root, app) = (repository.path(), "charts/web");
    let mut given = parameters(&json!([{"name": "values", "string": "k: parameter"}]));
    given.extend([("ARGOCD_ENV_VALUES", "k: variable"), ("ARGOCD_ENV_NAMESPACE", "of-variable")].map(owned));
    let objects = both(&mut client, root, app, &given).await.unwrap();
    let expected = json!({"/values/k": "parameter", "/release": "my-api/of-variable"});
    assert_eq!(facts(&objects), changed(&expected));
    let flags = ["--values-yaml", "k: flag", "-n", "of-flag"];
    let expected = json!({"/values/k": "flag", "/release": "my-api/of-flag"});
    assert_eq!(facts(&by_command(root, app, &given, &flags).unwrap()), changed(&expected));

    // Nothing is nothing: null, empty, and a parameter that takes a variable's value away.
    for nothing in ["null", "", "[]", " "] {
        let objects =
            both(&mut client, root, app, &env(&[("ARGOCD_APP_PARAMETERS", nothing)])).await.unwrap();
        assert_eq!(facts(&objects), by_default(), "{nothing:?}");
    }
    let mut absent = env(&[]);
    absent.remove("ARGOCD_APP_PARAMETERS");
    assert_eq!(facts(&both(&mut client, root, app, &absent).await.unwrap()), by_default());
    let empty = json!([{"name": "values", "string": ""}, {"name": "values-files", "array": []}, {"name": "helm-parameters", "map": {}}]);
    let mut emptied = parameters(&empty);
    emptied.extend(
        [("ARGOCD_ENV_VALUES", "k: variable"), ("ARGOCD_ENV_HELM_PARAMETERS", "k=variable")].map(owned),
    );
    assert_eq!(facts(&both(&mut client, root, app, &emptied).await.unwrap()), by_default());
}

#[tokio::test]
async fn each_source_of_values_wins_over_those_below_it() {
    // Key n is set by the n-th source and all below it.
    const SOURCES: [&str; 9] =
        ["chart", "layer1", "layer2", "set", "file1", "file2", "values", "parameter", "string"];
    let yaml = |source: &str| {
        let at = SOURCES.iter().position(|s| *s == source).unwrap();
        let keys = (at..=SOURCES.len()).map(|key| format!("k{key}: {source}\n"));
        keys.collect::<String>()
    };
    let indented = yaml("set").replace('k', "  k");
    let config = format!("values: [values/base.yaml, 'values/{{{{environment}}}}.yaml']\nset:\n{indented}");
    let files = [
        ("Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n".to_owned()),
        ("templates/facts.yaml", FACTS.to_owned()),
        ("values.yaml", yaml("chart")),
        ("values/base.yaml", yaml("layer1")),
        ("values/prod.yaml", yaml("layer2")),
        ("tiphys.yaml", config),
        ("files/1.yaml", yaml("file1")),
        ("files/2.yaml", yaml("file2")),
        ("text", "file".to_owned()),
    ];
    let repository = directory(&files.each_ref().map(|(path, text)| (*path, text.as_str())));
    let map = |from: usize, value: &str| {
        let entries = (from..=SOURCES.len()).map(|key| (format!("k{key}"), json!(value)));
        Value::Object(entries.collect())
    };
    let list = json!([
        {"name": "file-parameters", "map": map(9, "text")},
        {"name": "helm-string-parameters", "map": map(8, "string")},
        {"name": "helm-parameters", "map": map(7, "parameter")},
        {"name": "values", "string": yaml("values")},
        {"name": "values-files", "array": ["files/1.yaml", "files/2.yaml"]},
        {"name": "environment", "string": "prod"},
    ]);
    let server = serve(None);
    let mut client = client(&server).await;
    let objects = both(&mut client, repository.path(), ".", &parameters(&list)).await.unwrap();
    let sources = SOURCES.iter().chain(&["file"]).enumerate();
    let expected: Value =
        Value::Object(sources.map(|(key, source)| (format!("k{key}"), json!(source))).collect());
    assert_eq!(facts(&objects)["values"], expected);
}

#[tokio::test]
async fn tiphys_yaml_names_chart_release_layers_and_values() {
    let server = serve(None);
    let mut client = client(&server).await;
    let repository = repository();
    let list = json!([{"name": "environment", "string": "prod"}]);
    let objects = both(&mut client, repository.path(), "apps/web", &parameters(&list)).await.unwrap();
    let values = json!({"k": "set", "base": 1, "prod": 1, "region": 1, "list": [{"a": 1}]});
    let expected = json!({"/values": values, "/release": "of-file/ns-of-file"});
    assert_eq!(facts(&objects), changed(&expected));

    let list = json!([
        {"name": "environment", "string": "prod"}, {"name": "release-name", "string": "mine"},
        {"name": "namespace", "string": "ns"}, {"name": "chart", "string": "/charts/other"},
        {"name": "values-files", "array": ["/root.yaml"]},
    ]);
    let objects = both(&mut client, repository.path(), "apps/web", &parameters(&list)).await.unwrap();
    let found = facts(&objects);
    assert_eq!(
        (&found["chart"], &found["release"], &found["values"]["k"]),
        (&json!("other"), &json!("mine/ns"), &json!("root"))
    );
}

#[tokio::test]
async fn a_schema_is_held_against_all_values_unless_it_is_skipped() {
    let server = serve(None);
    let mut client = client(&server).await;
    let repository = repository();
    let mut list = json!([{"name": "helm-parameters", "map": {"k": "1"}}]);
    let (code, message) =
        both(&mut client, repository.path(), "charts/web", &parameters(&list)).await.unwrap_err();
    assert_eq!(code, Code::FailedPrecondition);
    assert!(message.contains("at '/k': got number, want string"), "{message}");
    list.as_array_mut().unwrap().push(json!({"name": "skip-schema-validation", "string": "true"}));
    let objects = both(&mut client, repository.path(), "charts/web", &parameters(&list)).await.unwrap();
    assert_eq!(facts(&objects)["values"]["k"], 1);
}

#[tokio::test]
async fn missing_values_files_are_errors_unless_they_are_ignored() {
    let server = serve(None);
    let mut client = client(&server).await;
    let repository = repository();
    for (name, message) in [
        ("none.yaml", "charts/web/none.yaml: no such file in the repository"),
        ("/etc/passwd", "etc/passwd: no such file in the repository"),
        ("none/**/*.yaml", "charts/web/none/**/*.yaml: no file matches"),
    ] {
        let mut list = json!([{"name": "values-files", "array": [name, "more/a.yaml"]}]);
        let error = both(&mut client, repository.path(), "charts/web", &parameters(&list)).await.unwrap_err();
        assert_eq!(error, (Code::NotFound, format!("parameter \"values-files\": {message}")));
        list.as_array_mut().unwrap().push(json!({"name": "ignore-missing-value-files", "string": "true"}));
        let objects = both(&mut client, repository.path(), "charts/web", &parameters(&list)).await.unwrap();
        assert_eq!(facts(&objects)["values"], json!({"k": "a", "a": 1}), "{name}");
    }
}
