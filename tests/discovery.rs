//! Discovery through the socket: plugin.yaml's rules as argocd-cmp-server evaluates
//! them, the operator's command among them, and the built-in rule.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says what it expects")]

mod common;

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::{Duration, Instant};

use common::{Client, Serving, client, directory, env, messages, pack, serve_with};
use tempfile::TempDir;
use tiphys::plugin::proto::plugin::{Empty, RepositoryResponse};
use tonic::{Code, Status};

/// A repository with an application of each kind, and a link that leaves it.
fn repository() -> TempDir {
    let repository = directory(&[
        ("apps/chart/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"),
        ("apps/chart/find.sh", "#!/bin/sh\necho yes\n"),
        ("apps/layers/tiphys.yaml", "chart: ../chart\n"),
        ("apps/kustomize/kustomization.yaml", "resources: []\n"),
    ]);
    let app = repository.path().join("apps/chart");
    std::fs::set_permissions(app.join("find.sh"), PermissionsExt::from_mode(0o755)).unwrap();
    symlink("/etc/hostname", app.join("outside")).unwrap();
    symlink("../layers/tiphys.yaml", app.join("inside")).unwrap();
    repository
}

async fn matched(client: &mut Client, repository: &Path, app: &str) -> Result<RepositoryResponse, Status> {
    let stream = tokio_stream::iter(messages(&pack(repository), app, &env("null")));
    client.match_repository(stream).await.map(tonic::Response::into_inner)
}

/// A server that runs this command, and where it does.
fn with_command(command: &str) -> (Serving, TempDir) {
    let workdir = TempDir::new().unwrap();
    let rules = format!("{{find: {{command: {command}}}}}");
    (serve_with(Some(&rules), &["--workdir", workdir.path().to_str().unwrap()]), workdir)
}

fn left_in(workdir: &TempDir) -> Vec<String> {
    let names = std::fs::read_dir(workdir.path().join("_cmp_server")).unwrap();
    names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Waits for what a process does after it was told to; the test fails if it does not.
async fn soon(what: &str, is_done: impl Fn() -> bool) {
    let patience = Instant::now() + Duration::from_secs(30);
    while !is_done() {
        assert!(Instant::now() < patience, "{what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn the_first_rule_given_decides() {
    for (rules, app, supported) in [
        ("{fileName: Chart.yaml}", "apps/chart", true),
        ("{fileName: 'C*.yaml'}", "apps/chart", true),
        ("{fileName: Chart.yaml}", "apps/layers", false),
        ("{fileName: '**/Chart.yaml'}", ".", false),
        ("{fileName: '*/*/Chart.yaml'}", ".", true),
        ("{fileName: tiphys.yaml, find: {glob: '**/Chart.yaml'}}", "apps/chart", false),
        ("{find: {glob: '**/Chart.yaml'}}", ".", true),
        ("{find: {glob: '{Chart,tiphys}.yaml'}}", "apps/layers", true),
        ("{find: {glob: '{Chart,tiphys}.yaml'}}", "apps/kustomize", false),
        ("{find: {glob: '**/Chart.yaml', command: [echo, yes]}}", "apps/layers", false),
    ] {
        let server = serve_with(Some(rules), &[]);
        let mut client = client(&server).await;
        let check = client.check_plugin_configuration(Empty {}).await.unwrap().into_inner();
        assert!(check.is_discovery_configured, "{rules}");
        let answer = matched(&mut client, repository().path(), app).await.unwrap();
        assert_eq!((answer.is_supported, answer.is_discovery_enabled), (supported, true), "{rules} in {app}");
    }
}

#[tokio::test]
async fn a_pattern_that_is_none_is_an_error_of_the_call() {
    let server = serve_with(Some("{fileName: '[a'}"), &[]);
    let status = matched(&mut client(&server).await, repository().path(), ".").await.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert_eq!(status.message(), "error finding filename match for pattern \"[a\": syntax error in pattern");
}

#[tokio::test]
async fn a_command_finds_what_it_prints_something_for() {
    for (command, supported) in [
        ("[sh, -c, 'test -f Chart.yaml && echo yes']", true),
        // args go behind the command; a line's end alone is nothing.
        ("[echo], args: [found]", true),
        ("[echo]", false),
        ("[printf], args: ['\\n\\n']", true),
        ("['true']", false),
        ("[sh, -c, 'echo no >&2']", false),
        // Argo CD's variables over the sidecar's own; standard input is empty.
        ("[sh, -c, 'test \"$ARGOCD_APP_NAME/$FROM_THE_SIDECAR\" = my-api/sidecar && cat && echo yes']", true),
        // Links are there as far as they stay inside.
        ("[sh, -c, 'test ! -L outside && grep chart: inside']", true),
        ("[sh, -c, 'ls ../../..']", true),
    ] {
        let (server, workdir) = with_command(command);
        let mut client = client(&server).await;
        let check = client.check_plugin_configuration(Empty {}).await.unwrap().into_inner();
        assert!(check.is_discovery_configured, "{command}");
        let answer = matched(&mut client, repository().path(), "apps/chart").await.unwrap();
        assert_eq!((answer.is_supported, answer.is_discovery_enabled), (supported, true), "{command}");
        assert_eq!(left_in(&workdir), [""; 0], "{command}");
    }
}

#[tokio::test]
async fn a_command_that_fails_is_an_error() {
    const HINT: &str = "\nhint: it is spec.discover.find.command of plugin.yaml";
    for (command, message) in [
        (
            "[sh, -c, 'echo yes; echo why in $PWD >&2; exit 3']",
            "the discovery command sh failed: exit status: 3: why in ./apps/chart",
        ),
        ("['false']", "the discovery command false failed: exit status: 1"),
        (
            "[no-such-command]",
            "the discovery command no-such-command cannot be started: No such file or directory (os error 2)",
        ),
        // What the repository brings cannot be executed, whatever its mode was.
        ("[./find.sh]", "the discovery command ./find.sh cannot be started: Permission denied (os error 13)"),
    ] {
        let (server, workdir) = with_command(command);
        let mut client = client(&server).await;
        let status = matched(&mut client, repository().path(), "apps/chart").await.unwrap_err();
        assert_eq!(status.code(), Code::FailedPrecondition, "{command}");
        assert_eq!(status.message(), format!("{message}{HINT}"), "{command}");
        assert_eq!(left_in(&workdir), [""; 0], "{command}");
    }
}

#[tokio::test]
async fn a_command_and_what_it_started_end_with_the_call() {
    let marks = TempDir::new().unwrap();
    let pids = marks.path().join("pids");
    // Both write their number and stay; the child is none of the command's own pipes' holders.
    let script = format!(
        "[sh, -c, 'sleep 600 >/dev/null 2>&1 & echo $! $$ >{0}.new; mv {0}.new {0}; wait']",
        pids.display()
    );
    let (server, workdir) = with_command(&script);
    let mut client = client(&server).await;
    let alive = |pids: &str| {
        let is_alive = |pid: &str| {
            // The third field of stat is Z for what has ended and was not asked about yet.
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            stat.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
        };
        pids.split_whitespace().filter(|pid| is_alive(pid)).count()
    };

    // The caller's deadline passes.
    let archive = pack(repository().path());
    let stream = || tokio_stream::iter(messages(&archive, "apps/chart", &env("null")));
    let mut request = tonic::Request::new(stream());
    request.set_timeout(Duration::from_secs(2));
    let status = client.match_repository(request).await.unwrap_err();
    assert!(matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled), "{status}");
    let started = std::fs::read_to_string(&pids).unwrap();
    assert_eq!(started.split_whitespace().count(), 2);
    soon("the command goes on after the deadline", || alive(&started) == 0).await;
    soon("the copy stays after the deadline", || left_in(&workdir).is_empty()).await;

    // The caller goes away.
    std::fs::remove_file(&pids).unwrap();
    let call = tokio::spawn({
        let (mut client, stream) = (client.clone(), stream());
        async move { client.match_repository(stream).await.map(|_| ()) }
    });
    soon("the command does not start", || pids.exists()).await;
    let started = std::fs::read_to_string(&pids).unwrap();
    assert_eq!(alive(&started), 2);
    call.abort();
    let _ = call.await;
    soon("the command goes on without a caller", || alive(&started) == 0).await;
    soon("the copy stays without a caller", || left_in(&workdir).is_empty()).await;
}

#[tokio::test]
async fn what_a_command_leaves_running_ends_with_it() {
    let marks = TempDir::new().unwrap();
    let pid = marks.path().join("pid");
    let script = format!("[sh, -c, 'sleep 600 >/dev/null 2>&1 & echo $! >{}; echo yes']", pid.display());
    let (server, workdir) = with_command(&script);
    let answer = matched(&mut client(&server).await, repository().path(), "apps/chart").await.unwrap();
    assert!(answer.is_supported);
    let pid = std::fs::read_to_string(&pid).unwrap();
    let stat = format!("/proc/{}/stat", pid.trim());
    soon("a process of the command's group goes on", || {
        std::fs::read_to_string(&stat).map_or(true, |stat| stat.contains(") Z "))
    })
    .await;
    assert_eq!(left_in(&workdir), [""; 0]);
}

#[tokio::test]
async fn the_built_in_rule_is_opt_in_and_gives_way() {
    let repository = repository();
    for (rules, args, answers) in [
        (None, &["--discover"][..], [(true, true), (true, true), (false, true), (false, true)]),
        (None, &[][..], [(false, false); 4]),
        (
            Some("{fileName: kustomization.yaml}"),
            &["--discover"][..],
            [(false, true), (false, true), (true, true), (false, true)],
        ),
    ] {
        let server = serve_with(rules, args);
        let mut client = client(&server).await;
        let check = client.check_plugin_configuration(Empty {}).await.unwrap().into_inner();
        assert_eq!(check.is_discovery_configured, answers.iter().any(|(_, enabled)| *enabled), "{args:?}");
        for (app, wanted) in ["apps/chart", "apps/layers", "apps/kustomize", "."].into_iter().zip(answers) {
            let answer = matched(&mut client, repository.path(), app).await.unwrap();
            assert_eq!(
                (answer.is_supported, answer.is_discovery_enabled),
                wanted,
                "{rules:?} {args:?} {app}"
            );
        }
    }
}
