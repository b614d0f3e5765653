//! What Argo CD's UI is offered: our parameters and the chart's values, and that
//! what is announced as a default is what is rendered.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it expects"
)]

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use common::{Client, client, directory, env, messages, pack, project, serve};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use tempfile::TempDir;
use tiphys::data::yaml::{self, Numbers};
use tiphys::parameters::TABLE;
use tiphys::plugin::proto::repository::ParameterAnnouncement;
use tonic::{Code, Status};

/// The variables that Argo CD sends.
type Env = BTreeMap<String, String>;

async fn announced(
    client: &mut Client,
    repository: &Path,
    app: &str,
    env: &Env,
) -> Vec<ParameterAnnouncement> {
    let stream = tokio_stream::iter(messages(&pack(repository), app, env));
    client.get_parameters_announcement(stream).await.unwrap().into_inner().parameter_announcements
}

async fn rendered(
    client: &mut Client,
    repository: &Path,
    app: &str,
    env: &Env,
) -> Result<Vec<Value>, Status> {
    let stream = tokio_stream::iter(messages(&pack(repository), app, env));
    let response = client.generate_manifest(stream).await?.into_inner();
    Ok(response.manifests.iter().map(|text| serde_json::from_str(text).unwrap()).collect())
}

/// All announced defaults as the parameters of an Application.
fn set_explicitly(announced: &[ParameterAnnouncement]) -> String {
    let parameter = |own: &ParameterAnnouncement| match own.collection_type.as_str() {
        "array" => json!({"name": own.name, "array": own.array}),
        "map" => json!({"name": own.name, "map": own.map}),
        _ => json!({"name": own.name, "string": own.string}),
    };
    Value::Array(announced.iter().map(parameter).collect()).to_string()
}

/// Where two values differ: the pointer, and both.
fn differences(one: &Value, other: &Value, at: &str, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            let names: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for name in names {
                let nothing = json!("(absent)");
                let (one, other) = (a.get(name).unwrap_or(&nothing), b.get(name).unwrap_or(&nothing));
                differences(one, other, &format!("{at}/{name}"), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (i, (one, other)) in a.iter().zip(b).enumerate() {
                differences(one, other, &format!("{at}/{i}"), found);
            }
        }
        _ if one == other => {}
        _ => found.push(format!("{at}: {one} -> {other}")),
    }
}

fn unpacked(chart: &str) -> TempDir {
    let path = project().join("../shared/corpus/charts").join(chart).with_extension("tgz");
    let dir = TempDir::new().unwrap();
    tar::Archive::new(GzDecoder::new(std::fs::File::open(path).unwrap())).unpack(dir.path()).unwrap();
    dir
}

/// Objects by what they are called.
fn by_name(objects: impl IntoIterator<Item = Value>) -> Value {
    let named = |object: Value| {
        let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        (format!("{} {name}", object["kind"].as_str().unwrap()), object)
    };
    Value::Object(objects.into_iter().map(named).collect())
}

/// What the real Helm changes where the same values are set by flags; `None` where
/// it is not there to be asked.
fn changed_by_helm(chart: &Path, announced: &[ParameterAnnouncement]) -> Option<Vec<String>> {
    let helm = project().join("../shared/tools/helm");
    if !helm.exists() {
        eprintln!("SKIPPED: the real Helm is asked what it changes only where ../shared/tools/helm is");
        return None;
    }
    let render = |flags: &[String]| {
        let fixed = ["template", "my-api", chart.to_str().unwrap(), "-n", "my-namespace", "--include-crds"];
        let output = Command::new(&helm).args(fixed).args(flags).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let documents = yaml::parse_documents(&output.stdout, Numbers::Exact).unwrap();
        let json = documents.iter().map(|d| tiphys::data::json::write(d, false, 1 << 24).unwrap());
        by_name(json.map(|text| serde_json::from_slice(&text).unwrap()).filter(|d: &Value| !d.is_null()))
    };
    let (mut flags, mut found) = (Vec::new(), Vec::new());
    for own in of_chart(announced) {
        let escaped = own.string.replace('\\', r"\\").replace(',', r"\,");
        let escaped = if escaped.starts_with('{') { format!(r"\{escaped}") } else { escaped };
        let flag = if own.item_type == "string" { "--set-string" } else { "--set" };
        flags.extend([flag.to_owned(), format!("{}={escaped}", own.name)]);
    }
    differences(&render(&[]), &render(&flags), "", &mut found);
    Some(found)
}

/// The announcements of the chart's values.
fn of_chart(announced: &[ParameterAnnouncement]) -> Vec<&ParameterAnnouncement> {
    let is_ours = |own: &&ParameterAnnouncement| TABLE.iter().any(|parameter| parameter.name == own.name);
    announced.iter().filter(|own| !is_ours(own)).collect()
}

/// A chart of the corpus, the values of it that are announced, and what changes in
/// its objects where all of them are set: an integer of values.yaml is a float, one
/// of --set stays an integer; a null of values.yaml is nothing, one of --set is null.
const REAL_CHARTS: [(&str, usize, &[&str]); 3] = [
    ("prometheus-community+helm-charts__charts__prometheus", 373, &[]),
    (
        "bitnami+charts__bitnami__flink",
        151,
        &[
            "/Deployment my-api-flink-jobmanager/spec/strategy/rollingUpdate: \"(absent)\" -> null",
            "/StatefulSet my-api-flink-taskmanager/spec/updateStrategy/rollingUpdate: \"(absent)\" -> null",
        ],
    ),
    (
        "argoproj+argo-helm__charts__argo-events",
        122,
        &[
            "/ConfigMap my-api-argo-events-controller-manager/data/controller-config.yaml: \
             maxMsgs: 1e+06 -> maxMsgs: 1000000",
            "/Deployment my-api-argo-events-controller-manager/spec/template/metadata/annotations/checksum/config: \
             \"9522001a43d9a54d8108d553c82036044d48945d91f4982bf4c029399ffa1215\" -> \
             \"9c79a24bf160858ba9055272113f278e2b454cc3488f4238a841f4a8eeddbf1c\"",
        ],
    ),
];

/// Of a text that differs, the one line that does.
fn one_line(difference: &str) -> String {
    let (at, texts) = difference.split_once(": ").unwrap();
    let (one, other) = texts.split_once(" -> ").unwrap();
    let lines = |text: &str| text.split("\\n").map(|line| line.trim().to_owned()).collect::<Vec<_>>();
    let (one, other) = (lines(one), lines(other));
    let changed: Vec<String> =
        one.iter().zip(&other).filter(|(a, b)| a != b).map(|(a, b)| format!("{a} -> {b}")).collect();
    assert_eq!(one.len(), other.len(), "{difference}");
    format!("{at}: {}", changed.join("; "))
}

#[tokio::test]
async fn setting_all_that_real_charts_announce_changes_what_helm_changes() {
    if !project().join("../shared/corpus/charts").exists() {
        eprintln!("SKIPPED: real charts are announced only where ../shared/corpus is");
        return;
    }
    let server = serve(None);
    let mut client = client(&server).await;
    for (name, count, changes) in REAL_CHARTS {
        let dir = unpacked(name);
        let app = std::fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap().file_name();
        let app = app.to_str().unwrap();
        let announced = announced(&mut client, dir.path(), app, &env("null")).await;
        assert_eq!(of_chart(&announced).len(), count, "{name}");
        let plain = rendered(&mut client, dir.path(), app, &env("null")).await.unwrap();
        let set = rendered(&mut client, dir.path(), app, &env(&set_explicitly(&announced))).await.unwrap();
        let mut found = Vec::new();
        differences(&by_name(plain), &by_name(set), "", &mut found);
        assert_eq!(found.iter().map(|one| one_line(one)).collect::<Vec<_>>(), changes, "{name}");
        if let Some(by_helm) = changed_by_helm(&dir.path().join(app), &announced) {
            assert_eq!(
                by_helm.iter().map(|one| one_line(one)).collect::<Vec<_>>(),
                changes,
                "{name} by Helm"
            );
        }
    }
}

/// An application with every kind of value.
fn application() -> TempDir {
    directory(&[
        ("app/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"),
        (
            "app/values.yaml",
            "# How many pods\nreplicas: 2\nimage:\n  # -- The tag\n  tag: \"1.10\"\n  pull: false\nargs:\n- a,b\n- \"{c}\"\n\
             env:\n- {name: A, value: \"true\"}\nlabels: {app.kubernetes.io/name: x}\nnone:\nempty: {}\n\
             namespace: $team\\\nversion: 3\ntolerations: [{}]\n",
        ),
        (
            "app/values.schema.json",
            r#"{"properties": {"image": {"properties": {"pull": {"title": "Whether to"}}}}}"#,
        ),
        ("app/values/staging.yaml", "image: {tag: next}\nargs: [z]\nextra: 1\n"),
        (
            "app/templates/a.yaml",
            "kind: X\nmetadata: {name: x}\nvalues: {{ omit .Values \"global\" | toJson }}\n",
        ),
    ])
}

#[tokio::test]
async fn our_parameters_are_announced_with_what_holds_without_them() {
    let server = serve(None);
    let mut client = client(&server).await;
    let mut with = env("null");
    with.insert("ARGOCD_ENV_ENVIRONMENT".into(), "staging".into());
    with.insert("ARGOCD_ENV_API_VERSIONS".into(), "a/v1,b/v1".into());
    with.insert("ARGOCD_ENV_SKIP_TESTS".into(), "true".into());
    let announced = announced(&mut client, application().path(), "app", &with).await;
    let names: Vec<&str> = announced.iter().map(|own| own.name.as_str()).take(TABLE.len()).collect();
    assert_eq!(names, TABLE.iter().map(|parameter| parameter.name).collect::<Vec<_>>());
    let own = |name: &str| announced.iter().find(|own| own.name == name).unwrap().clone();
    let default = |own: ParameterAnnouncement| (own.collection_type, own.string, own.array);
    let text = |text: &str| (String::new(), text.to_owned(), Vec::new());
    let array = |items: &[&str]| {
        ("array".to_owned(), String::new(), items.iter().map(|item| (*item).to_owned()).collect())
    };
    assert_eq!(own("environment").title, "environment: the values layer to use (one of staging)");
    assert_eq!(default(own("environment")), text("staging"));
    assert_eq!(default(own("skip-tests")), text("true"));
    assert_eq!(default(own("skip-crds")), text("false"));
    assert_eq!(default(own("api-versions")), array(&["a/v1", "b/v1"]));
    assert_eq!(default(own("values-files")), array(&[]));
    assert_eq!(default(own("hook-events")), array(&["install", "upgrade"]));
    assert_eq!(own("file-parameters").collection_type, "map");
    assert_eq!(own("file-parameters").map, [].into());
    assert!(own("kube-version").title.starts_with("kube-version: "));
}

#[tokio::test]
async fn the_charts_values_are_announced_as_they_are_rendered() {
    let server = serve(None);
    let mut client = client(&server).await;
    let repository = application();
    let mut with = env("null");
    for (environment, expected) in [
        (
            "",
            vec![
                ("replicas", "2", "replicas: How many pods"),
                ("image.tag", "1.10", "image.tag: The tag"),
                ("image.pull", "false", "image.pull: Whether to"),
                ("args[0]", "a,b", "args[0]"),
                ("args[1]", "{c}", "args[1]"),
                ("env[0].name", "A", "env[0].name"),
                ("env[0].value", "true", "env[0].value"),
                (r"labels.app\.kubernetes\.io/name", "x", r"labels.app\.kubernetes\.io/name"),
                ("none", "null", "none"),
            ],
        ),
        (
            "staging",
            vec![
                ("replicas", "2", "replicas: How many pods"),
                ("image.tag", "next", "image.tag: The tag"),
                ("image.pull", "false", "image.pull: Whether to"),
                ("args[0]", "z", "args[0]"),
                ("env[0].name", "A", "env[0].name"),
                ("env[0].value", "true", "env[0].value"),
                (r"labels.app\.kubernetes\.io/name", "x", r"labels.app\.kubernetes\.io/name"),
                ("none", "null", "none"),
                ("extra", "1", "extra"),
            ],
        ),
    ] {
        with.insert("ARGOCD_ENV_ENVIRONMENT".into(), environment.into());
        let announced = announced(&mut client, repository.path(), "app", &with).await;
        let got: Vec<(&str, &str, &str)> = of_chart(&announced)
            .iter()
            .map(|own| (own.name.as_str(), own.string.as_str(), own.title.as_str()))
            .collect();
        assert_eq!(got, expected, "{environment:?}");
        // Names that are our own parameters' are offered there.
        let map = |name: &str| announced.iter().find(|own| own.name == name).unwrap().map.clone();
        assert_eq!(map("helm-parameters"), [("version".to_owned(), "3".to_owned())].into());
        assert_eq!(map("helm-string-parameters"), [("namespace".to_owned(), r"$$team\\".to_owned())].into());
        // Set explicitly, all of it changes nothing.
        let plain = rendered(&mut client, repository.path(), "app", &with).await.unwrap();
        let mut explicitly = with.clone();
        explicitly.insert("ARGOCD_APP_PARAMETERS".into(), set_explicitly(&announced));
        let set = rendered(&mut client, repository.path(), "app", &explicitly).await.unwrap();
        assert_eq!(set, plain, "{environment:?}");
        assert_eq!(plain[0]["values"]["namespace"], "$team\\");
    }
}

/// The announced default of image.tag.
async fn tag(client: &mut Client, repository: &Path, env: &Env) -> String {
    let announced = announced(client, repository, "app", env).await;
    announced.into_iter().find(|own| own.name == "image.tag").unwrap().string
}

#[tokio::test]
async fn one_announced_value_can_be_set_by_its_name() {
    let server = serve(None);
    let mut client = client(&server).await;
    let repository = application();
    for (parameters, pointer, value) in [
        // What is a string stays one, and is no grammar.
        (json!([{"name": "image.tag", "string": "2"}]), "/image/tag", json!("2")),
        (json!([{"name": "image.tag", "string": r"a,b=\{$x}"}]), "/image/tag", json!(r"a,b=\{$x}")),
        (json!([{"name": "replicas", "string": "5"}]), "/replicas", json!(5)),
        (json!([{"name": "image.pull", "string": "true"}]), "/image/pull", json!(true)),
        (
            json!([{"name": r"labels.app\.kubernetes\.io/name", "string": "y"}]),
            "/labels/app.kubernetes.io~1name",
            json!("y"),
        ),
        // As in Helm, a list given by index replaces the list.
        (json!([{"name": "args[0]", "string": "only"}]), "/args", json!(["only"])),
        // The same in helm-parameters wins.
        (
            json!([{"name": "replicas", "string": "5"}, {"name": "helm-parameters", "map": {"replicas": "7"}}]),
            "/replicas",
            json!(7),
        ),
    ] {
        let env = env(&parameters.to_string());
        let objects = rendered(&mut client, repository.path(), "app", &env).await.unwrap();
        assert_eq!(objects[0]["values"].pointer(pointer), Some(&value), "{parameters}");
        // It does not change what holds without it.
        assert_eq!(tag(&mut client, repository.path(), &env).await, "1.10", "{parameters}");
    }
    // What is below single values does.
    for (parameter, expected) in [
        (json!({"name": "environment", "string": "staging"}), "next"),
        (json!({"name": "values-files", "array": ["values/staging.yaml"]}), "next"),
        (json!({"name": "values", "string": "image: {tag: text}"}), "text"),
        (json!({"name": "helm-parameters", "map": {"image.tag": "set"}}), "1.10"),
    ] {
        let env = env(&json!([parameter]).to_string());
        assert_eq!(tag(&mut client, repository.path(), &env).await, expected, "{parameter}");
    }
    for (parameters, message) in [
        (
            json!([{"name": "image.tga", "string": "2"}]),
            "there is no parameter \"image.tga\"\nhint: did you mean \"image.tag\"? There are: environment, ",
        ),
        (
            json!([{"name": "enviroment", "string": "x"}]),
            "there is no parameter \"enviroment\"\nhint: did you mean \"environment\"? There are: environment, ",
        ),
        (
            json!([{"name": "args[7]", "string": "x"}]),
            "there is no parameter \"args[7]\"\nhint: did you mean \"args[0]\"? There are: ",
        ),
        (json!([{"name": "image.tag", "array": ["x"]}]), "there is no parameter \"image.tag\"\n"),
    ] {
        let error =
            rendered(&mut client, repository.path(), "app", &env(&parameters.to_string())).await.unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument);
        assert!(error.message().starts_with(message), "{}", error.message());
    }
}

#[tokio::test]
async fn what_cannot_be_rendered_can_still_be_set_right() {
    let server = serve(None);
    let mut client = client(&server).await;
    let many: String = (0..5001).map(|n| format!("k{n}: 1\n")).collect();
    for (files, parameters) in [
        (vec![("app/values.yaml", "{")], "null"),
        (vec![("app/values.yaml", many.as_str())], "null"),
        (vec![("app/values.yaml", "a: 1")], r#"[{"name": "environment", "string": "nowhere"}]"#),
        (vec![("app/values.yaml", "a: 1")], r#"[{"name": "values-files", "string": "wrong"}]"#),
    ] {
        let chart = ("app/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n");
        let repository = directory(&[&files[..], &[chart]].concat());
        let announced = announced(&mut client, repository.path(), "app", &env(parameters)).await;
        assert_eq!(announced.len(), TABLE.len(), "{parameters}");
    }
}
