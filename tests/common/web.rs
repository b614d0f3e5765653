//! A repository with a chart that shows what it sees, and two ways to ask for it:
//! over the socket and by `tiphys generate`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use tonic::Code;

use super::{Client, directory, messages, pack, stderr, stdout};

pub type Env = BTreeMap<String, String>;

pub const FACTS: &str = r#"apiVersion: v1
kind: ConfigMap
metadata: {name: facts}
facts:
  values: {{ toJson .Values }}
  chart: {{ .Chart.Name }}
  release: {{ .Release.Name }}/{{ .Release.Namespace }}
  upgrade: {{ .Release.IsUpgrade }}
  kube: {{ .Capabilities.KubeVersion }}
  api: {{ .Capabilities.APIVersions.Has "x/v1" }}
"#;

const HOOKS: &str = "kind: Job\nmetadata:\n  name: migrate\n  annotations: {helm.sh/hook: 'pre-install,pre-upgrade'}\n---\n\
                     kind: Job\nmetadata:\n  name: check\n  annotations: {helm.sh/hook: 'post-install,test'}\n";

const CRD: &str = "kind: CustomResourceDefinition\nmetadata: {name: crd}\n";

const TIPHYS: &str = "chart: ../../charts/web\nreleaseName: of-file\nnamespace: ns-of-file\nvalues:\n- base.yaml\n\
                      - '{{environment}}.yaml'\n- /regions/{{region}}.yaml\n\
                      environments:\n  eu: {region: eu-west-1}\n  prod: {extends: eu}\nset:\n  k: set\n  list[0].a: 1\n";

/// A chart with its own layers, an application of it with a tiphys.yaml, and another chart.
pub const REPOSITORY: &[(&str, &str)] = &[
    ("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
    ("charts/web/values.yaml", "k: chart\n"),
    ("charts/web/values.schema.json", r#"{"properties": {"k": {"type": "string"}}}"#),
    ("charts/web/templates/facts.yaml", FACTS),
    ("charts/web/templates/hooks.yaml", HOOKS),
    ("charts/web/crds/crd.yaml", CRD),
    ("charts/web/values/dev.yaml", "k: dev\n"),
    ("charts/web/more/a.yaml", "k: a\na: 1\n"),
    ("charts/web/more/b.yaml", "k: b\nb: 1\n"),
    ("charts/web/more/deep/c.yaml", "k: c\nc: 1\n"),
    ("charts/web/more/my-api.yaml", "k: api\n"),
    ("charts/web/bad.yaml", "k: [\n"),
    ("charts/other/Chart.yaml", "apiVersion: v2\nname: other\nversion: 1.0.0\n"),
    ("charts/other/templates/facts.yaml", FACTS),
    ("apps/web/tiphys.yaml", TIPHYS),
    ("apps/web/base.yaml", "k: base\nbase: 1\n"),
    ("apps/web/prod.yaml", "k: prod\nprod: 1\n"),
    ("regions/eu-west-1.yaml", "k: region\nregion: 1\n"),
    ("root.yaml", "k: root\n"),
];

pub fn repository() -> TempDir {
    directory(REPOSITORY)
}

/// What the repo-server says of the application, and these variables.
pub fn env(more: &[(&str, &str)]) -> Env {
    let mut env = super::env("null");
    env.extend([("KUBE_VERSION", "1.30.0"), ("KUBE_API_VERSIONS", "v1")].map(owned));
    env.extend(more.iter().copied().map(owned));
    env
}

pub fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// Parameters as the Application has them.
pub fn parameters(list: &Value) -> Env {
    env(&[("ARGOCD_APP_PARAMETERS", &list.to_string())])
}

pub type Answer = Result<Vec<Value>, (Code, String)>;

async fn over_socket(client: &mut Client, repository: &Path, app: &str, env: &Env) -> Answer {
    let stream = tokio_stream::iter(messages(&pack(repository), app, env));
    let answer = client.generate_manifest(stream).await.map_err(|s| (s.code(), s.message().to_owned()))?;
    Ok(answer.into_inner().manifests.iter().map(|text| serde_json::from_str(text).unwrap()).collect())
}

/// `tiphys generate` in the application's directory, as argocd-cmp-server runs it.
pub fn by_command(repository: &Path, app: &str, env: &Env, flags: &[&str]) -> Result<Vec<Value>, String> {
    let output = Command::new(env!("CARGO_BIN_EXE_tiphys"))
        .args(["generate", "-o", "json"])
        .args(flags)
        .current_dir(repository.join(app))
        .env_clear()
        .envs(env)
        .env("ARGOCD_APP_SOURCE_PATH", app)
        .output()
        .unwrap();
    if output.status.success() {
        return Ok(stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect());
    }
    assert_eq!(stdout(&output), "");
    let text = stderr(&output);
    let error = text.split("Error: ").nth(1).unwrap_or_else(|| panic!("{text}"));
    Err(error.strip_suffix('\n').unwrap().to_owned())
}

/// The answer over the socket, after the command has given the same.
pub async fn both(client: &mut Client, repository: &Path, app: &str, env: &Env) -> Answer {
    let answer = over_socket(client, repository, app, env).await;
    let command = by_command(repository, app, env, &[]);
    assert_eq!(command, answer.clone().map_err(|(_, message)| message));
    answer
}

/// What the chart saw, and the other objects there are.
pub fn facts(objects: &[Value]) -> Value {
    let mut facts = objects.iter().find(|o| o["kind"] == "ConfigMap").unwrap()["facts"].clone();
    let name = |o: &Value| o["metadata"]["name"].as_str().unwrap().to_owned();
    facts["objects"] = objects.iter().filter(|o| o["kind"] != "ConfigMap").map(name).collect();
    facts
}
