//! What an Application may not set: each error names what is wrong, through the
//! socket as by `tiphys generate`, and nothing outside of the repository is read.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it expects"
)]

mod common;

use std::os::unix::fs::symlink;

use common::web::{both, env, facts, parameters, repository};
use common::{client, directory, serve};
use serde_json::{Value, json};
use tonic::Code;

/// Errors of single parameters: the entry, the code, the message.
fn wrong() -> Vec<(Value, Code, &'static str)> {
    let (usage, invalid, missing) = (Code::InvalidArgument, Code::FailedPrecondition, Code::NotFound);
    vec![
        (json!({"string": "x"}), usage, "ARGOCD_APP_PARAMETERS has an entry without a name"),
        (
            json!({"name": "environment", "array": ["x"]}),
            usage,
            "parameter \"environment\" has to be a string",
        ),
        (
            json!({"name": "values-files", "string": "x"}),
            usage,
            "parameter \"values-files\" has to be an array of strings",
        ),
        (
            json!({"name": "values-files", "array": [1]}),
            usage,
            "parameter \"values-files\" has to be an array of strings",
        ),
        (
            json!({"name": "helm-parameters", "map": {"a": 1}}),
            usage,
            "parameter \"helm-parameters\" has to be a map of strings",
        ),
        (
            json!({"name": "skip-crds", "string": "yes"}),
            usage,
            "parameter \"skip-crds\" has to be a string, \"true\" or \"false\"",
        ),
        (
            json!({"name": "hook-events", "array": ["upgrad"]}),
            usage,
            "parameter \"hook-events\" has no event \"upgrad\"\nhint: did you mean \"upgrade\"? There are: install, upgrade",
        ),
        (
            json!({"name": "kube-version", "string": "x"}),
            usage,
            "invalid kube version 'x': could not parse \"x\" as version",
        ),
        (
            json!({"name": "environment", "string": "dve"}),
            missing,
            "environment \"dve\" has no values layer\nhint: did you mean \"dev\"? There are: dev; a layer is one of \
             values/dve.yaml, values-dve.yaml, environments/dve.yaml beside Chart.yaml",
        ),
        (
            json!({"name": "helm-parameters", "map": {"a": "1", "a.b": "2"}}),
            usage,
            "parameter \"helm-parameters\": failed parsing --set data: unable to parse key: interface conversion: \
             interface {} is int64, not map[string]interface {}",
        ),
        (
            json!({"name": "values-files", "array": ["bad.yaml"]}),
            invalid,
            "failed to parse charts/web/bad.yaml: cannot unmarshal yaml document: error converting YAML to JSON: \
             yaml: line 1: did not find expected node content",
        ),
        (
            json!({"name": "values", "string": "a: ["}),
            invalid,
            "failed to parse the parameter values: cannot unmarshal yaml document: error converting YAML to JSON: \
             yaml: line 1: did not find expected node content",
        ),
        (
            json!({"name": "values-files", "array": ["more/["]}),
            usage,
            "parameter \"values-files\": charts/web/more/[: syntax error in pattern",
        ),
        (
            json!({"name": "values-files", "array": ["https://user:password@example.com/v.yaml"]}),
            usage,
            "parameter \"values-files\": a file is read from the repository, not from a https URL",
        ),
        (
            json!({"name": "values-files", "array": ["more"]}),
            invalid,
            "parameter \"values-files\": charts/web/more: is a directory",
        ),
        (
            json!({"name": "file-parameters", "map": {"a.b": "none"}}),
            missing,
            "parameter \"file-parameters\": a.b: charts/web/none: no such file in the repository",
        ),
        (
            json!({"name": "chart", "string": "../none"}),
            missing,
            "chart \"../none\": no such directory or archive in the repository",
        ),
        (
            json!({"name": "version", "string": "1.2.3"}),
            usage,
            "version \"1.2.3\" is for a chart from a registry or a chart repository\n\
             hint: a chart in this repository is taken as it is",
        ),
    ]
}

#[tokio::test]
async fn each_wrong_parameter_is_named() {
    let server = serve(None);
    let mut client = client(&server).await;
    let repository = repository();
    for (entry, code, message) in wrong() {
        let error = both(&mut client, repository.path(), "charts/web", &parameters(&json!([entry]))).await;
        assert_eq!(error.unwrap_err(), (code, message.to_owned()), "{entry}");
    }
    for (name, nearest) in
        [("enviroment", "environment"), ("valueFiles", "values-files"), ("setString", "version")]
    {
        let list = json!([{"name": name, "string": "x"}]);
        let (code, message) =
            both(&mut client, repository.path(), "charts/web", &parameters(&list)).await.unwrap_err();
        assert_eq!(code, Code::InvalidArgument);
        let start = format!(
            "there is no parameter {name:?}\nhint: did you mean {nearest:?}? There are: environment, "
        );
        assert!(message.starts_with(&start), "{message}");
    }
    for (text, message) in [
        ("{}", "ARGOCD_APP_PARAMETERS is not a list of parameters"),
        ("[", "ARGOCD_APP_PARAMETERS is not valid JSON: unexpected end of JSON input"),
    ] {
        let error =
            both(&mut client, repository.path(), "charts/web", &env(&[("ARGOCD_APP_PARAMETERS", text)]))
                .await;
        assert_eq!(error.unwrap_err(), (Code::InvalidArgument, message.to_owned()));
    }
    for (name, text, message) in [
        ("ARGOCD_ENV_SKIP_CRDS", "maybe", "ARGOCD_ENV_SKIP_CRDS has to be a string, \"true\" or \"false\""),
        (
            "ARGOCD_ENV_HELM_PARAMETERS",
            "a",
            "ARGOCD_ENV_HELM_PARAMETERS has to be a map of strings\nhint: write it a=b,c=d, or as a JSON object",
        ),
        (
            "ARGOCD_ENV_VALUES_FILES",
            "[a",
            "ARGOCD_ENV_VALUES_FILES has to be an array of strings\nhint: write it a,b, or as a JSON array",
        ),
    ] {
        let error = both(&mut client, repository.path(), "charts/web", &env(&[(name, text)])).await;
        assert_eq!(error.unwrap_err(), (Code::InvalidArgument, message.to_owned()));
    }
}

#[tokio::test]
async fn a_wrong_tiphys_yaml_is_named_with_file_and_line() {
    let server = serve(None);
    let mut client = client(&server).await;
    for (text, environment, code, message) in [
        (
            "chart: /charts/web\n\nvalue: [a]\n",
            "prod",
            Code::FailedPrecondition,
            "apps/x/tiphys.yaml:3: there is no key \"value\"\nhint: did you mean \"values\"? There are: chart, repo, \
             version, releaseName, namespace, values, environments, set",
        ),
        (
            "chart: /charts/web\nvalues:\n- '{{environment}}/{{zone}}.yaml'\nenvironments: {prod: {region: x}}\n",
            "prod",
            Code::InvalidArgument,
            "apps/x/tiphys.yaml:3: the layer \"{{environment}}/{{zone}}.yaml\" names the variable \"zone\", which is not \
             defined\nhint: did you mean \"region\"? There are: environment, region",
        ),
        (
            "chart: /charts/web\nenvironments: {prod: , dev: , qa: }\nvalues: []\n",
            "prd",
            Code::NotFound,
            "apps/x/tiphys.yaml has no environment \"prd\"\nhint: did you mean \"prod\"? There are: dev, prod, qa",
        ),
        (
            "environments:\n  prod: {extends: qa}\n  qa: {extends: prod}\n",
            "prod",
            Code::FailedPrecondition,
            "apps/x/tiphys.yaml:3: an environment extends itself: prod → qa → prod",
        ),
        (
            "chart: /charts/web\nvalues:\n- ../../../{{environment}}.yaml\n",
            "prod",
            Code::PermissionDenied,
            "apps/x/tiphys.yaml:3: ../../../prod.yaml: lies outside the repository",
        ),
        (
            "chart: /charts/web\nset:\n  k: x\n  'a[x]': 1\n",
            "",
            Code::FailedPrecondition,
            "apps/x/tiphys.yaml:4: failed parsing --set-json data a[x]=1",
        ),
    ] {
        let repository = repository();
        std::fs::create_dir_all(repository.path().join("apps/x")).unwrap();
        std::fs::write(repository.path().join("apps/x/tiphys.yaml"), text).unwrap();
        let list = json!([{"name": "environment", "string": environment}]);
        let error = both(&mut client, repository.path(), "apps/x", &parameters(&list)).await;
        assert_eq!(error.unwrap_err(), (code, message.to_owned()), "{text}");
    }
}

#[tokio::test]
async fn a_mistyped_parameter_is_named_before_what_it_leaves_undone() {
    let server = serve(None);
    let mut client = client(&server).await;
    let repository = repository();
    std::fs::create_dir_all(repository.path().join("apps/x")).unwrap();
    std::fs::write(
        repository.path().join("apps/x/tiphys.yaml"),
        "chart: /charts/web\nvalues:\n- '{{environment}}.yaml'\n",
    )
    .unwrap();
    for (app, name, meant) in [("apps/x", "envronment", "environment"), ("apps", "chrat", "chart")] {
        let list = json!([{"name": name, "string": "x"}]);
        let (code, message) =
            both(&mut client, repository.path(), app, &parameters(&list)).await.unwrap_err();
        assert_eq!(code, Code::InvalidArgument);
        let start = format!("there is no parameter {name:?}\nhint: did you mean {meant:?}? There are: ");
        assert!(message.starts_with(&start), "{message}");
    }
}

#[tokio::test]
async fn nothing_outside_of_the_repository_is_read_or_told_of() {
    let server = serve(None);
    let mut client = client(&server).await;
    let around = repository();
    // The repository is a directory in one with a secret, so that what is outside exists.
    let outside = directory(&[("secret.yaml", "password: [hunter2\n")]);
    let root = outside.path().join("repository");
    std::fs::rename(around.path(), &root).unwrap();
    let app = root.join("apps/web");
    let prod = json!({"name": "environment", "string": "prod"});
    let links = [
        ("relative.yaml", "../../../secret.yaml"),
        ("nothing.yaml", "../../../nothing.yaml"),
        ("absolute.yaml", "/etc/passwd"),
        ("absolute-nothing.yaml", "/nonexistent/passwd"),
    ];
    for (name, target) in links {
        symlink(target, app.join(name)).unwrap();
    }
    let mut names: Vec<(&str, String)> = links.map(|(name, _)| (name, format!("apps/web/{name}"))).into();
    names.extend(
        ["../../../secret.yaml", "../../../nothing.yaml", "/../secret.yaml"]
            .map(|name| (name, name.to_owned())),
    );
    for (name, shown) in &names {
        for (parameter, value) in
            [("values-files", json!({"array": [name]})), ("file-parameters", json!({"map": {"f": name}}))]
        {
            let mut entry = value;
            entry["name"] = json!(parameter);
            let list = json!([prod, entry, {"name": "ignore-missing-value-files", "string": "true"}]);
            let error = both(&mut client, &root, "apps/web", &parameters(&list)).await.unwrap_err();
            let context = if parameter == "file-parameters" { "f: " } else { "" };
            let message = format!("parameter \"{parameter}\": {context}{shown}: lies outside the repository");
            assert_eq!(error, (Code::PermissionDenied, message));
        }
    }
    let list = json!([prod, {"name": "values-files", "array": ["rel*.yaml"]}]);
    let error = both(&mut client, &root, "apps/web", &parameters(&list)).await.unwrap_err();
    assert_eq!(error.1, "parameter \"values-files\": apps/web/relative.yaml: lies outside the repository");
    let list = json!([prod, {"name": "chart", "string": "../../../chart"}]);
    let error = both(&mut client, &root, "apps/web", &parameters(&list)).await.unwrap_err();
    assert_eq!(
        error,
        (
            Code::PermissionDenied,
            "chart \"../../../chart\": ../../../chart: lies outside the repository".into()
        )
    );
}

#[tokio::test]
async fn parameters_are_texts_and_never_commands() {
    let server = serve(None);
    let mut client = client(&server).await;
    let repository = repository();
    let text = "$(touch pwned) `touch pwned`; touch pwned && {{ 1 }} \u{1b}[31m'\"";
    let list = json!([
        {"name": "helm-string-parameters", "map": {"k": text}},
        {"name": "api-versions", "array": ["$(touch pwned)"]},
    ]);
    let objects = both(&mut client, repository.path(), "charts/web", &parameters(&list)).await.unwrap();
    assert_eq!(facts(&objects)["values"]["k"], text);
    assert!(!repository.path().join("charts/web/pwned").exists());
}
