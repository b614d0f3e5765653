//! Another client than tonic's: gRPC's C core, by the tool that plays the
//! repo-server. Skipped out loud where it or Python's grpcio is missing.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it expects"
)]

mod common;

use std::process::{Command, Output};

use common::{Serving, project, serve, stderr, stdout};
use serde_json::Value;

fn is_there() -> bool {
    let tool = project().join("../shared/tools/cmp-client").exists();
    let grpc = Command::new("python3").args(["-c", "import grpc"]).output().is_ok_and(|o| o.status.success());
    if !(tool && grpc) {
        eprintln!("SKIPPED: the repo-server's stand-in needs ../shared/tools/cmp-client and Python's grpcio");
    }
    tool && grpc
}

fn call(server: &Serving, args: &[&str]) -> Output {
    let tool = project().join("../shared/tools/cmp-client");
    let call = ["examples", "my-api"];
    let (method, flags) = args.split_first().unwrap();
    Command::new("python3")
        .arg(tool)
        .arg(&server.socket)
        .arg(method)
        .args(call)
        .args(flags)
        .current_dir(project())
        .output()
        .unwrap()
}

#[test]
fn all_four_calls_answer() {
    if !is_there() {
        return;
    }
    let server = serve(None);
    let check = call(&server, &["check"]);
    assert_eq!(
        stdout(&check),
        "{\"isDiscoveryConfigured\": false, \"provideGitCreds\": false}\n",
        "{}",
        stderr(&check)
    );
    let matched = call(&server, &["match"]);
    assert_eq!(stdout(&matched), "{\"isSupported\": false, \"isDiscoveryEnabled\": false}\n");
    assert!(stdout(&call(&server, &["announce"])).starts_with("{\"name\": \"environment\""));
    let generated = stdout(&call(
        &server,
        &["generate", "--params", r#"[{"name":"environment","string":"production"}]"#],
    ));
    let objects: Vec<Value> = generated.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&str> = objects.iter().map(|o| o["kind"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        ["ServiceAccount", "Service", "Deployment", "HorizontalPodAutoscaler", "Ingress", "Job"]
    );
    let annotations = &objects[5]["metadata"]["annotations"];
    assert_eq!(annotations["argocd.argoproj.io/hook"], "PreSync");
    assert_eq!(annotations["argocd.argoproj.io/sync-wave"], "-5");
    assert_eq!(annotations["argocd.argoproj.io/hook-delete-policy"], "BeforeHookCreation,HookSucceeded");
}

#[test]
fn every_fault_ends_in_an_error_and_the_server_goes_on() {
    if !is_there() {
        return;
    }
    let server = serve(None);
    for (fault, message) in [
        ("checksum", "DATA_LOSS: file checksum validation error"),
        ("truncate", "DATA_LOSS: file checksum validation error"),
        ("no-metadata", "INVALID_ARGUMENT: error getting stream metadata: metadata is nil"),
        ("garbage", "DATA_LOSS: the repository's archive cannot be read"),
        ("stall", "DEADLINE_EXCEEDED: "),
    ] {
        let output = call(&server, &["generate", "--fault", fault, "--timeout", "1"]);
        assert_eq!(output.status.code(), Some(1), "{fault}");
        assert!(stderr(&output).starts_with(message), "{fault}: {}", stderr(&output));
        assert_eq!(stdout(&output), "", "{fault}");
        assert_eq!(stdout(&call(&server, &["generate"])).lines().count(), 5, "after {fault}");
    }
}
