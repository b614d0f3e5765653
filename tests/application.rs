//! `tiphys generate -a`: an Application is rendered as Argo CD would have it rendered.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it expects"
)]

mod common;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use common::{client, directory, env, messages, pack, project, serve, stderr, stdout, tiphys};
use serde_json::{Value, json};
use tempfile::TempDir;

fn objects(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{}", stderr(output));
    stdout(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A template that shows all that an Application can change.
const SHOW: &str = "kind: X\nmetadata: {name: {{ .Chart.Name }}}\nrelease: {{ .Release.Name }}/{{ .Release.Namespace }}\n\
                    kube: {{ .Capabilities.KubeVersion }}\nhas: {{ .Capabilities.APIVersions.Has \"x/v1\" }}\n\
                    values: {{ omit .Values \"global\" | toJson }}\n";

/// The repository of the charts, and that of the values.
fn repositories() -> (TempDir, TempDir) {
    let chart = |name: &str| format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n");
    let charts = directory(&[
        ("charts/api/Chart.yaml", &chart("api")),
        ("charts/api/values.yaml", "from: chart\n"),
        ("charts/api/own.yaml", "own: true\nfrom: own\n"),
        ("charts/api/team_api.yaml", "team: true\n"),
        ("charts/api/templates/x.yaml", SHOW),
        (
            "charts/api/templates/tests/t.yaml",
            "kind: Pod\nmetadata: {name: t, annotations: {helm.sh/hook: pre-install}}\n",
        ),
        ("charts/api/crds/c.yaml", "kind: CustomResourceDefinition\nmetadata: {name: c}\n"),
        ("charts/other/Chart.yaml", &chart("other")),
        ("charts/other/templates/x.yaml", SHOW),
        (".git/HEAD", "0123456789012345678901234567890123456789\n"),
    ]);
    let values = directory(&[
        ("envs/prod/a.yaml", "from: prod\na: 1\n"),
        ("envs/prod/b.yaml", "from: b\nb: 1\n"),
        ("note.txt", "a note"),
    ]);
    std::os::unix::fs::symlink("/etc/hostname", values.path().join("outside.yaml")).unwrap();
    (charts, values)
}

fn application(spec: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: api, namespace: team}}\nspec:\n  \
         project: web\n  destination: {{namespace: prod}}\n{spec}"
    )
}

/// Runs `tiphys generate -a` on an Application, JSON out.
fn generate(spec: &str, repos: &[(&str, &Path)], flags: &[&str]) -> Output {
    let dir = directory(&[("app.yaml", &application(spec))]);
    let file = dir.path().join("app.yaml");
    let repos: Vec<String> = repos.iter().map(|(url, dir)| format!("{url}={}", dir.display())).collect();
    let repos = repos.iter().flat_map(|repo| ["--repo", repo]);
    let args: Vec<&str> = ["generate", "-o", "json", "-a", file.to_str().unwrap()]
        .into_iter()
        .chain(repos)
        .chain(flags.iter().copied())
        .collect();
    let mut output = tiphys(&args);
    let shown = String::from_utf8(output.stderr).unwrap().replace(file.to_str().unwrap(), "app.yaml");
    output.stderr = shown.into_bytes();
    output
}

#[tokio::test]
async fn an_application_with_a_plugin_is_answered_as_over_the_socket() {
    let server = serve(None);
    let mut client = client(&server).await;
    let (charts, _) = repositories();
    let parameters = json!([
        {"name": "values-files", "array": ["own.yaml", "$ARGOCD_APP_NAME.yaml"]},
        {"name": "helm-parameters", "map": {"commit": "$ARGOCD_APP_REVISION_SHORT", "region": "$ARGOCD_ENV_REGION"}},
        {"name": "from", "string": "the parameter"},
    ]);
    let mut with = env(&parameters.to_string());
    with.insert("ARGOCD_APP_NAME".into(), "team_api".into());
    with.insert("ARGOCD_APP_NAMESPACE".into(), "prod".into());
    with.insert("ARGOCD_APP_REVISION_SHORT".into(), "0123456".into());
    with.insert("ARGOCD_ENV_REGION".into(), "eu-web".into());
    with.insert("ARGOCD_ENV_SKIP_CRDS".into(), "true".into());
    let stream = tokio_stream::iter(messages(&pack(charts.path()), "charts/api", &with));
    let received = client.generate_manifest(stream).await.unwrap().into_inner().manifests;
    let received: Vec<Value> = received.iter().map(|text| serde_json::from_str(text).unwrap()).collect();

    let spec = format!(
        "  source:\n    repoURL: https://host/charts.git\n    path: ./charts/api/\n    plugin:\n      env:\n      \
         - {{name: REGION, value: eu-$ARGOCD_APP_PROJECT_NAME}}\n      - {{name: SKIP_CRDS, value: 'true'}}\n      \
         parameters: {parameters}\n"
    );
    let output = generate(&spec, &[("https://HOST/charts", charts.path())], &[]);
    assert_eq!(objects(&output), received);
    assert_eq!(received.len(), 2);
    assert_eq!(
        received[0]["values"],
        json!({"from": "the parameter", "own": true, "team": true, "commit": "0123456", "region": "eu-web"})
    );
    // Flags win over the Application.
    let output = generate(&spec, &[("https://host/charts", charts.path())], &["--set", "commit=flag"]);
    assert_eq!(objects(&output)[0]["values"]["commit"], "flag");
}

#[test]
fn source_helm_is_rendered_under_argo_cds_rules() {
    let (charts, _) = repositories();
    let spec = "  source:\n    repoURL: git@host:org/charts.git\n    path: charts/api\n    helm:\n      valueFiles: [own.yaml, none.yaml]\n      \
                ignoreMissingValueFiles: true\n      values: 'from: not this'\n      valuesObject: {from: object, list: [1]}\n      \
                parameters:\n      - {name: num, value: '1'}\n      - {name: s, value: '1', forceString: true}\n      \
                - {name: commit, value: $ARGOCD_APP_REVISION_SHORT_8}\n      - {name: commas, value: 'a,b'}\n      \
                fileParameters: [{name: file, path: /charts/api/own.yaml}]\n      releaseName: rel\n      namespace: ns\n      \
                kubeVersion: 1.30.1\n      apiVersions: [x/v1]\n      skipCrds: true\n      skipTests: true\n      passCredentials: true\n";
    let output = generate(spec, &[("ssh://git@host/org/charts", charts.path())], &[]);
    let objects = objects(&output);
    let kinds: Vec<&str> = objects.iter().map(|object| object["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["X", "Pod"]);
    assert_eq!(
        objects[0],
        json!({
            "kind": "X", "metadata": {"name": "api"}, "release": "rel/ns", "kube": "v1.30.1", "has": true,
            "values": {
                "from": "object", "own": true, "list": [1], "num": 1, "s": "1", "commit": "01234567", "commas": "a,b",
                "file": "own: true\nfrom: own\n",
            },
        })
    );
    // With nothing set, the Application names release and namespace.
    let plain = "  source: {repoURL: https://host/r, path: charts/api}\n";
    let output = generate(plain, &[("https://host/r", charts.path())], &["--skip-crds"]);
    assert_eq!(self::objects(&output)[0]["release"], "api/prod");
}

#[test]
fn value_files_come_from_other_sources() {
    let (charts, values) = repositories();
    let sources = |file: &str| {
        format!(
            "  sources:\n  - repoURL: https://host/charts\n    path: charts/api\n    helm:\n      skipCrds: true\n      \
             valueFiles: [own.yaml, '{file}']\n      fileParameters: [{{name: note, path: $config/note.txt}}]\n  \
             - {{repoURL: 'https://me:secret@host/config.git', ref: config}}\n  - {{repoURL: https://host/charts, path: charts/other}}\n"
        )
    };
    let both = [("https://host/charts", charts.path()), ("https://me:secret@host/config", values.path())];
    for (file, expected) in [
        ("$config/envs/prod/a.yaml", json!({"from": "prod", "own": true, "a": 1, "note": "a note"})),
        ("$config/envs/**/*.yaml", json!({"from": "b", "own": true, "a": 1, "b": 1, "note": "a note"})),
        (
            "$config/envs/$ARGOCD_APP_NAMESPACE/b.yaml",
            json!({"from": "b", "own": true, "b": 1, "note": "a note"}),
        ),
    ] {
        let objects = objects(&generate(&sources(file), &both, &[]));
        let names: Vec<&str> = objects.iter().map(|o| o["metadata"]["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["api", "t", "other"], "{file}");
        assert_eq!(objects[0]["values"], expected, "{file}");
        assert_eq!(objects[2]["values"], json!({}), "{file}");
    }
    for (file, message) in [
        (
            "$config/none.yaml",
            "parameter \"values-files\": $config/none.yaml: no such file in the repository",
        ),
        ("$config/../x.yaml", "app.yaml: spec.sources[0]: $config/../x.yaml: lies outside the repository"),
        ("$config/outside.yaml", "parameter \"values-files\": outside.yaml: lies outside the repository"),
        (
            "$other/x.yaml",
            "app.yaml: spec.sources[0]: source referenced \"$other\", which is not one of the available sources ($config)",
        ),
    ] {
        let output = generate(&sources(file), &both, &[]);
        assert_eq!(stderr(&output), format!("Error: {message}\n"));
        assert_eq!((stdout(&output).as_str(), output.status.code()), ("", Some(1)), "{file}");
    }
    // What is not mapped is named, and no password with it.
    for (repos, message) in [
        (
            &[][..],
            "no directory is given for the repository https://host/charts, https://host/config.git\n\
             hint: give --repo https://host/charts=DIR --repo https://host/config.git=DIR",
        ),
        (
            &both[..1],
            "no directory is given for the repository https://host/config.git\n\
             hint: give --repo https://host/config.git=DIR",
        ),
    ] {
        let output = generate(&sources("own.yaml"), repos, &[]);
        assert_eq!(stderr(&output), format!("Error: {message}\n"));
    }
}

#[test]
fn one_repository_is_looked_for_around_the_current_directory() {
    let (charts, _) = repositories();
    let text = application("  source: {repoURL: https://host/charts, path: charts/other}\n");
    let run = |directory: &str, text: &str| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tiphys"))
            .args(["generate", "-o", "json", "-a", "-"])
            .current_dir(charts.path().join(directory))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    for directory in [".", "charts/api"] {
        assert_eq!(objects(&run(directory, &text))[0]["release"], "api/prod", "{directory}");
    }
    let elsewhere = text.replace("charts/other", "charts/none");
    let root = charts.path().canonicalize().unwrap();
    assert_eq!(
        stderr(&run(".", &elsewhere)),
        format!(
            "Error: -: charts/none is no directory in {}, which is taken for https://host/charts\n\
             hint: --repo https://host/charts=DIR says where the repository is\n",
            root.display()
        )
    );
}

#[test]
fn a_wrong_application_or_command_line_is_worded() {
    let (charts, _) = repositories();
    let output =
        generate("  source: {repoURL: https://host/r, chart: nginx, targetRevision: 1.0.0}\n", &[], &[]);
    assert_eq!(
        stderr(&output),
        "Error: app.yaml: spec.source.chart comes from a registry or a chart repository; those are not fetched here yet\n\
         hint: put the chart into a repository, and set path\n"
    );
    let outside = "  source: {repoURL: https://host/r, path: ../x}\n";
    let output = generate(outside, &[("https://host/r", charts.path())], &[]);
    assert_eq!(stderr(&output), "Error: ../x: lies outside the repository\n");
    for (args, message) in [
        (vec!["-a", "/nonexistent"], "/nonexistent: No such file or directory (os error 2)"),
        (
            vec!["-a", "examples/my-api/Chart.yaml"],
            "examples/my-api/Chart.yaml: this is no Application of argoproj.io but kind \"\"",
        ),
        (vec!["-a", "examples/application.yaml", "--repo", "x"], "--repo x: write URL=DIR"),
        (
            vec!["-a", "examples/application.yaml", "--repo", "https://me:secret@host/x=/nonexistent"],
            "--repo https://host/x: /nonexistent: No such file or directory (os error 2)",
        ),
    ] {
        let output = tiphys(&[&["generate"], &args[..]].concat());
        assert_eq!(stderr(&output), format!("Error: {message}\n"), "{args:?}");
        assert_eq!((stdout(&output).as_str(), output.status.code()), ("", Some(1)), "{args:?}");
    }
    for args in [vec!["examples/my-api", "-a", "x"], vec!["--repo", "a=b"]] {
        let output = tiphys(&[&["generate"], &args[..]].concat());
        assert_eq!((stdout(&output).as_str(), output.status.code()), ("", Some(1)), "{args:?}");
    }
}

#[test]
fn the_example_is_rendered_from_this_work_tree() {
    let output = tiphys(&["generate", "-a", "examples/application.yaml", "-o", "json"]);
    let flags = ["generate", "examples/my-api", "-e", "production", "-n", "my-api", "-o", "json"];
    assert_eq!(objects(&output), objects(&tiphys(&flags)));
    assert!(project().join("examples/application.yaml").exists());
}
