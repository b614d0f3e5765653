//! `tiphys generate`: the same answer as over the socket, for a person and for
//! argocd-cmp-server.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it expects"
)]

mod common;

use std::os::unix::fs::symlink;
use std::process::Command;

use common::{client, directory, generate, project, serve, stderr, stdout, tiphys};
use serde_json::Value;
use tiphys::data::yaml::{self, Numbers};

const LEFT_OUT: &str = "level=INFO msg=\"hook Pod/my-api-test-connection is left out: Argo CD never runs its events\" \
                        source=my-api/templates/tests/connection.yaml\n";

fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn the_answer_is_the_one_that_argo_cd_receives() {
    let server = serve(None);
    let mut client = client(&server).await;
    for environment in ["production", "staging"] {
        let parameters = format!(r#"[{{"name":"environment","string":"{environment}"}}]"#);
        let received =
            generate(&mut client, &project().join("examples"), "my-api", &parameters).await.unwrap();
        let output = tiphys(&["generate", "examples/my-api", "--environment", environment, "-o", "json"]);
        assert_eq!(stderr(&output), LEFT_OUT);
        assert_eq!(json_lines(&stdout(&output)), received, "{environment}");

        let parameter = format!("environment={environment}");
        let output = tiphys(&["generate", "examples/my-api", "--param", &parameter, "-n", "my-namespace"]);
        let documents = yaml::parse_documents(&output.stdout, Numbers::Exact).unwrap();
        let documents = documents.iter().map(|d| tiphys::data::json::write(d, false, 1 << 20).unwrap());
        let documents: Vec<Value> = documents.map(|text| serde_json::from_slice(&text).unwrap()).collect();
        assert_eq!(documents, received, "{environment}");
    }
}

/// Runs `tiphys generate` in a directory with the variables that argocd-cmp-server sets.
fn as_cmp_server(dir: &std::path::Path, env: &[(&str, &str)]) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tiphys"));
    command.arg("generate").current_dir(dir).envs(env.iter().copied()).output().unwrap()
}

#[test]
fn argocd_cmp_server_can_run_it() {
    let chart = "apiVersion: v2\nname: c\nversion: 1.0.0\n";
    let template = "kind: X\nrelease: {{ .Release.Name }}/{{ .Release.Namespace }}\n\
                    kube: {{ .Capabilities.KubeVersion }}\nhas: {{ .Capabilities.APIVersions.Has \"x/v1\" }}\n\
                    layer: {{ .Values.layer }}\n";
    let repository = directory(&[
        ("apps/a/Chart.yaml", chart),
        ("apps/a/templates/a.yaml", template),
        ("shared/qa.yaml", "layer: shared\n"),
        ("apps/a/values-dev.yaml", "layer: dev\n"),
    ]);
    let app = repository.path().join("apps/a");
    symlink("../../shared/qa.yaml", app.join("values-qa.yaml")).unwrap();
    let env = [
        ("ARGOCD_APP_NAME", "my-app"),
        ("ARGOCD_APP_NAMESPACE", "prod"),
        ("ARGOCD_APP_SOURCE_PATH", "apps/a"),
        ("KUBE_VERSION", "1.31.2"),
        ("KUBE_API_VERSIONS", "v1,x/v1"),
        ("ARGOCD_ENV_ENVIRONMENT", "dev"),
    ];
    let output = as_cmp_server(&app, &env);
    assert_eq!(
        stderr(&output),
        "level=INFO msg=\"found symbolic link in path. Contents of linked file included and used\" \
         path=apps/a/values-qa.yaml resolved=shared/qa.yaml\n"
    );
    let expected = |layer: &str| {
        format!(
            "---\n# Source: c/templates/a.yaml\nhas: true\nkind: X\nkube: v1.31.2\nlayer: {layer}\nrelease: my-app/prod\n"
        )
    };
    assert_eq!(stdout(&output), expected("dev"));

    let parameter = ("ARGOCD_APP_PARAMETERS", r#"[{"name":"environment","string":"qa"}]"#);
    assert_eq!(stdout(&as_cmp_server(&app, &[&env[..], &[parameter]].concat())), expected("shared"));
}

#[test]
fn a_wrong_command_line_is_worded() {
    for (args, message) in [
        (vec!["generate", "/nonexistent"], "/nonexistent: No such file or directory (os error 2)"),
        (vec!["generate", "examples/my-api", "--param", "x"], "--param x: write name=value"),
        (
            vec!["generate", "examples/my-api", "--param", "enviroment=x"],
            "there is no parameter \"enviroment\"\nhint: did you mean \"environment\"? There are: environment, \
             values-files, ignore-missing-value-files, values, helm-parameters, helm-string-parameters, \
             file-parameters, release-name, namespace, kube-version, api-versions, skip-crds, skip-tests, \
             skip-hooks, hook-events, skip-schema-validation, is-upgrade, chart, repo, version",
        ),
        (
            vec!["generate", "examples/my-api", "--set", "a"],
            "--set a has to be a map of strings\nhint: write it a=b,c=d, or as a JSON object",
        ),
        (
            vec!["values", "examples/my-api", "--skip-crds=maybe"],
            "--skip-crds maybe has to be a string, \"true\" or \"false\"",
        ),
        (
            vec!["generate", "examples", "--repository", "examples/my-api"],
            "examples does not lie in --repository",
        ),
    ] {
        let output = tiphys(&args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert_eq!(stderr(&output), format!("Error: {message}\n"), "{args:?}");
        assert_eq!(stdout(&output), "", "{args:?}");
    }
}

#[test]
fn every_parameter_has_its_flag() {
    for command in ["generate", "values"] {
        let help = stdout(&tiphys(&[command, "--help"]));
        for parameter in tiphys::parameters::TABLE {
            let flag = format!("--{}", parameter.flag);
            assert!(help.split([' ', '[', '\n']).any(|word| word == flag), "{command} {flag}");
        }
    }
}
