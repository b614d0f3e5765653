//! A repository of many applications, through the socket: what is shared, what is
//! done again after a commit, and what stays within its bounds.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it expects"
)]

mod common;
#[path = "monorepo/contents.rs"]
mod contents;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use common::watch::{Watched, serve_watched};
use common::{Client, client, directory, messages, metadata, pack, serve};
use tempfile::TempDir;
use tiphys::plugin::proto::plugin::AppStreamRequest;
use tonic::{Code, Status};

type Env = BTreeMap<String, String>;
type Answer = Result<Vec<String>, Status>;

const TEMPLATE: &str = "kind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\ndata: {k: {{ .Values.k | quote }}, \
                        lib: {{ .Files.Get \"lib.txt\" | quote }}}\n";

/// `count` applications with a chart each.
fn repository(count: usize) -> TempDir {
    let dir = directory(&[("README.md", "many")]);
    for number in 0..count {
        add_chart(dir.path(), &format!("app-{number}"), TEMPLATE);
        std::fs::write(dir.path().join(format!("app-{number}/values.yaml")), format!("k: v{number}\n"))
            .unwrap();
    }
    dir
}

fn add_chart(root: &Path, app: &str, template: &str) {
    let chart = root.join(app);
    std::fs::create_dir_all(chart.join("templates")).unwrap();
    std::fs::write(chart.join("Chart.yaml"), "apiVersion: v2\nname: web\nversion: 1.0.0\n").unwrap();
    std::fs::write(chart.join("templates/a.yaml"), template).unwrap();
}

fn env(app: &str, revision: &str, parameters: &str) -> Env {
    let mut env = common::env(parameters);
    env.insert("ARGOCD_APP_NAME".into(), app.into());
    env.insert("ARGOCD_APP_REVISION".into(), revision.into());
    env
}

async fn ask(client: &mut Client, stream: Vec<AppStreamRequest>) -> Answer {
    Ok(client.generate_manifest(tokio_stream::iter(stream)).await?.into_inner().manifests)
}

/// Asks for `count` applications of the archive, all at once.
async fn all(server: &Watched, archive: &[u8], count: usize, revision: &str) -> Vec<Answer> {
    let mut calls = Vec::new();
    for number in 0..count {
        let app = format!("app-{number}");
        let mut client = client(&server.serving).await;
        let stream = messages(archive, &app, &env(&app, revision, "null"));
        calls.push(tokio::spawn(async move { ask(&mut client, stream).await }));
    }
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.await.unwrap());
    }
    answers
}

fn good(answers: Vec<Answer>) -> Vec<Vec<String>> {
    answers.into_iter().map(Result::unwrap).collect()
}

#[tokio::test]
async fn applications_of_one_commit_are_unpacked_once_and_a_commit_costs_what_it_changed() {
    const COUNT: usize = 16;
    let dir = repository(COUNT);
    let archive = pack(dir.path());
    let server = serve_watched(None, &[]);
    let first = good(all(&server, &archive, COUNT, "1").await);
    assert_eq!(server.work(), [1, 15, 16, 0]);

    let serial = serve(None);
    let mut serial_client = client(&serial).await;
    for (number, answer) in first.iter().enumerate() {
        let app = format!("app-{number}");
        let stream = messages(&archive, &app, &env(&app, "1", "null"));
        assert_eq!(*answer, ask(&mut serial_client, stream).await.unwrap());
        assert!(answer[0].contains(&format!("v{number}")), "{answer:?}");
    }

    assert_eq!(good(all(&server, &archive, COUNT, "1").await), first);
    assert_eq!(server.work(), [1, 31, 16, 16]);

    std::fs::write(dir.path().join("app-3/values.yaml"), "k: changed\n").unwrap();
    let second = good(all(&server, &pack(dir.path()), COUNT, "2").await);
    assert_eq!(server.work(), [2, 46, 17, 31]);
    for number in 0..COUNT {
        assert_eq!(second[number] == first[number], number != 3, "app-{number}");
    }
    assert!(second[3][0].contains("changed"));
    // The first commit is still known.
    assert_eq!(good(all(&server, &archive, COUNT, "1").await), first);
    assert_eq!(server.work(), [2, 62, 17, 47]);
}

#[tokio::test]
async fn what_a_chart_reads_makes_it_render_again() {
    let dir = repository(1);
    let server = serve_watched(None, &[]);
    let mut client = client(&server.serving).await;
    let revision = r#"[{"name":"helm-parameters","map":{"k":"at-$ARGOCD_APP_REVISION"}}]"#;
    let mut value = async |revision: &str, parameters: &str| {
        let stream = messages(&pack(dir.path()), "app-0", &env("app-0", revision, parameters));
        let answer: serde_json::Value =
            serde_json::from_str(&ask(&mut client, stream).await.unwrap()[0]).unwrap();
        (format!("{}{}", answer["data"]["k"], answer["data"]["lib"]), server.metric("tiphys_renders_total"))
    };
    let said = |text: &str, renders| (text.to_owned(), renders);
    assert_eq!(value("1", "null").await, said(r#""v0""""#, 1));
    assert_eq!(value("2", "null").await, said(r#""v0""""#, 1));
    assert_eq!(value("2", revision).await, said(r#""at-2""""#, 2));
    assert_eq!(value("3", revision).await, said(r#""at-3""""#, 3));
    assert_eq!(value("2", revision).await, said(r#""at-2""""#, 3));
    std::fs::write(dir.path().join("app-0/lib.txt"), "new").unwrap();
    assert_eq!(value("3", revision).await, said(r#""at-3""new""#, 4));
    std::fs::write(dir.path().join("README.md"), "nobody reads it").unwrap();
    assert_eq!(value("3", revision).await, said(r#""at-3""new""#, 4));
}

#[tokio::test]
async fn what_chance_or_the_clock_decided_is_never_kept() {
    let dir = repository(0);
    let server = serve_watched(None, &[]);
    let mut client = client(&server.serving).await;
    for (app, call) in [("chance", "randAlphaNum 30"), ("clock", "now | unixEpoch | len"), ("key", "uuidv4")]
    {
        add_chart(dir.path(), app, &format!("kind: Secret\nmetadata: {{name: a}}\nk: x{{{{ {call} }}}}\n"));
    }
    let archive = pack(dir.path());
    for (number, app) in (1..).zip(["chance", "clock", "key"]) {
        let answers = [
            ask(&mut client, messages(&archive, app, &env(app, "1", "null"))).await.unwrap(),
            ask(&mut client, messages(&archive, app, &env(app, "1", "null"))).await.unwrap(),
        ];
        assert_eq!(answers[0] == answers[1], app == "clock", "{app}");
        assert_eq!(server.metric("tiphys_renders_total"), 2 * number, "{app}");
    }
    assert_eq!(server.metric("tiphys_answer_bytes"), 0);
}

#[tokio::test]
async fn both_calls_of_an_application_share_one_unpacking() {
    let dir = repository(1);
    let server = serve_watched(Some("{fileName: Chart.yaml}"), &[]);
    let mut client = client(&server.serving).await;
    let stream = || tokio_stream::iter(messages(&pack(dir.path()), "app-0", &env("app-0", "1", "null")));
    assert!(client.match_repository(stream()).await.unwrap().into_inner().is_supported);
    client.generate_manifest(stream()).await.unwrap();
    client.get_parameters_announcement(stream()).await.unwrap();
    assert_eq!(server.work(), [1, 2, 1, 0]);
}

#[tokio::test]
async fn other_bytes_under_a_known_checksum_are_refused_and_spoil_nothing() {
    let (dir, other) = (repository(1), repository(2));
    let (archive, lie) = (pack(dir.path()), pack(other.path()));
    let server = serve_watched(None, &[]);
    let mut client = client(&server.serving).await;
    let env = env("app-0", "1", "null");
    let lying = || {
        let announced = metadata(&archive, "app-0", &env);
        std::iter::once(announced).chain(common::chunks(&lie)).collect::<Vec<_>>()
    };
    // Before the archive is known, and while it is.
    for work in [[0, 0, 0, 0], [1, 0, 1, 0]] {
        let status = ask(&mut client, lying()).await.unwrap_err();
        assert_eq!(status.code(), Code::DataLoss);
        assert_eq!(server.work(), work);
        for name in ["answer", "template", "values", "document"] {
            // Nothing is derived from what was not verified.
            let bytes = server.metric(&format!("tiphys_{name}_bytes"));
            assert!(work[0] > 0 || bytes == 0, "{name}: {bytes}");
        }
        let good = ask(&mut client, messages(&archive, "app-0", &env)).await.unwrap();
        assert!(good[0].contains("v0"));
    }
    assert_eq!(server.work(), [1, 1, 1, 1]);
    assert_eq!(server.metric("tiphys_incoming_bytes"), 0);
}

#[tokio::test]
async fn streams_go_on_where_the_one_ahead_of_them_goes_away() {
    let dir = repository(4);
    std::fs::write(dir.path().join("large.txt"), noise(4 << 20)).unwrap();
    let archive = pack(dir.path());
    let server = serve_watched(None, &[]);
    let mut leader = client(&server.serving).await;
    let (send, receive) = tokio::sync::mpsc::channel(1);
    let leading = tokio::spawn(async move {
        leader.generate_manifest(tokio_stream::wrappers::ReceiverStream::new(receive)).await
    });
    let stream = messages(&archive, "app-0", &env("app-0", "1", "null"));
    for message in stream.iter().take(stream.len() - 1) {
        send.send(message.clone()).await.unwrap();
    }
    let following = all(&server, &archive, 3, "1");
    let leave = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        leading.abort();
        let _ = leading.await;
        drop(send);
    };
    let (answers, ()) = tokio::join!(following, leave);
    assert_eq!(good(answers).len(), 3);
    assert_eq!(server.work(), [1, 2, 3, 0]);
    assert_eq!(server.metric("tiphys_incoming_bytes"), 0);
}

/// Text that does not get smaller.
fn noise(bytes: usize) -> String {
    let mut state = 1_u64;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'0' + u8::try_from(state >> 58).unwrap())
    };
    (0..bytes).map(next).collect()
}

#[tokio::test]
async fn the_http_port_answers_and_can_be_turned_off() {
    let server = serve_watched(None, &["--memory-mb", "64"]);
    assert_eq!(server.get("/healthz"), ("HTTP/1.1 200 OK".into(), "ok\n".into()));
    assert_eq!(server.get("/else").0, "HTTP/1.1 404 Not Found");
    let dir = repository(1);
    let archive = pack(dir.path());
    let mut client = client(&server.serving).await;
    ask(&mut client, messages(&archive, "app-0", &env("app-0", "1", "null"))).await.unwrap();
    ask(&mut client, messages(b"no archive", "app-0", &env("app-0", "1", "null"))).await.unwrap_err();
    for (name, value) in [
        ("tiphys_calls_total{method=\"GenerateManifest\",code=\"OK\"}", 1),
        ("tiphys_calls_total{method=\"GenerateManifest\",code=\"DataLoss\"}", 1),
        ("tiphys_phase_seconds_count{phase=\"receive\"}", 2),
        ("tiphys_phase_seconds_count{phase=\"unpack\"}", 2),
        ("tiphys_phase_seconds_count{phase=\"render\"}", 1),
        ("tiphys_received_bytes_total", archive.len() as u64 + 10),
        ("tiphys_snapshots", 1),
        ("tiphys_budget_bytes", 64 << 20),
        ("tiphys_queue", 0),
        ("tiphys_busy_cores", 0),
    ] {
        assert_eq!(server.metric(name), value, "{name}");
    }
    assert!(server.metric("tiphys_snapshot_bytes") > 100);
    assert!(server.metric("tiphys_answer_bytes") > 100);

    assert!(listens(server.serving.process.id()));
    let silent = serve(None);
    assert!(!listens(silent.process.id()));
}

#[test]
fn the_documentation_names_every_metric() {
    let server = serve_watched(None, &[]);
    let (_, text) = server.get("/metrics");
    let help =
        |name: &str| text.lines().find_map(|line| line.strip_prefix(&format!("# HELP {name} "))).unwrap();
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    let rows: Vec<String> = types.map(|(name, ty)| format!("| `{name}` | {ty} | {} |", help(name))).collect();
    let page = std::fs::read_to_string(common::project().join("docs/operating.md")).unwrap();
    let named: Vec<&str> = page.lines().filter(|line| line.starts_with("| `tiphys_")).collect();
    assert!(rows.len() > 10);
    assert_eq!(named, rows);
}

/// Whether the process has a TCP socket.
fn listens(process: u32) -> bool {
    let tables: Vec<String> = ["tcp", "tcp6"]
        .iter()
        .flat_map(|table| std::fs::read_to_string(format!("/proc/net/{table}")))
        .collect();
    let inode = |line: &str| line.split_whitespace().nth(9).map(|inode| format!("socket:[{inode}]"));
    let sockets: Vec<String> =
        tables.iter().flat_map(|table| table.lines().skip(1).filter_map(inode)).collect();
    let open = std::fs::read_dir(format!("/proc/{process}/fd")).unwrap();
    open.flatten()
        .filter_map(|entry| std::fs::read_link(entry.path()).ok())
        .any(|target| sockets.contains(&target.display().to_string()))
}

#[tokio::test]
async fn a_call_that_waits_for_a_core_ends_at_its_own_deadline() {
    let cores = std::thread::available_parallelism().unwrap().get();
    let dir = repository(1);
    add_chart(dir.path(), "endless", "{{ range 900000 }}{{ range 900000 }}{{ end }}{{ end }}");
    let archive = pack(dir.path());
    let server = serve_watched(None, &[]);
    let mut busy = Vec::new();
    for number in 0..cores {
        let mut client = client(&server.serving).await;
        let stream = messages(&archive, "endless", &env(&format!("endless-{number}"), "1", "null"));
        busy.push(tokio::spawn(async move { ask(&mut client, stream).await }));
    }
    while server.metric("tiphys_busy_cores") < cores as u64 || server.metric("tiphys_queue") > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut client = client(&server.serving).await;
    let stream = messages(&archive, "app-0", &env("app-0", "1", "null"));
    let mut request = tonic::Request::new(tokio_stream::iter(stream));
    // As Go's client sets it: the server ends the call, the client does not.
    request.metadata_mut().insert("grpc-timeout", "600m".parse().unwrap());
    let status = client.generate_manifest(request).await.unwrap_err();
    assert_eq!(
        (status.code(), status.message()),
        (Code::DeadlineExceeded, "the caller's deadline passed while waiting for a free core")
    );
    for call in busy {
        call.abort();
        let _ = call.await;
    }
    // Both cores would still be busy if the renders went on.
    let stream = messages(&archive, "app-0", &env("app-0", "1", "null"));
    assert_eq!(ask(&mut client, stream).await.unwrap().len(), 1);
}

#[tokio::test]
async fn repositories_make_room_for_each_other_within_the_budget() {
    const COUNT: usize = 8;
    // Two fifths are for snapshots: 2 MiB, one of these repositories and a half.
    let server = serve_watched(None, &["--memory-mb", "5"]);
    let mut archives = Vec::new();
    for number in 0..COUNT {
        let dir = repository(1);
        std::fs::write(dir.path().join("large.txt"), format!("{number}{}", noise(1_400_000))).unwrap();
        archives.push(pack(dir.path()));
    }
    for _ in 0..2 {
        let mut calls = Vec::new();
        for (number, archive) in archives.iter().enumerate() {
            let mut client = client(&server.serving).await;
            let stream = messages(archive, "app-0", &env(&format!("app-{number}"), "1", "null"));
            calls.push(tokio::spawn(async move { ask(&mut client, stream).await }));
        }
        for call in calls {
            assert!(call.await.unwrap().unwrap()[0].contains("v0"));
            assert!(server.metric("tiphys_snapshot_bytes") <= 2 << 20);
        }
    }
    assert_eq!(server.metric("tiphys_snapshots"), 1);

    let dir = repository(1);
    std::fs::write(dir.path().join("large.txt"), noise(3 << 20)).unwrap();
    let mut client = client(&server.serving).await;
    let stream = messages(&pack(dir.path()), "app-0", &env("app-0", "1", "null"));
    let status = ask(&mut client, stream).await.unwrap_err();
    assert_eq!(
        (status.code(), status.message()),
        (
            Code::ResourceExhausted,
            "the files of the repositories need more than the 2 MiB there are\n\
             hint: tiphys serve --memory-mb gives them more"
        )
    );
    let stream = messages(&archives[0], "app-0", &env("app-0", "1", "null"));
    assert!(ask(&mut client, stream).await.unwrap()[0].contains("v0"));
}

#[tokio::test]
async fn a_large_binary_is_missed_only_where_a_template_asks_for_it() {
    let dir = repository(1);
    let mut film = noise((1 << 20) + 1).into_bytes();
    film[10] = 0;
    std::fs::write(dir.path().join("app-0/film.mp4"), film).unwrap();
    let server = serve(None);
    let mut client = client(&server).await;
    let cases = [
        (TEMPLATE, None),
        ("kind: A\nnames: [{{ range $path, $_ := .Files }}{{ $path }},{{ end }}]\n", None),
        ("k: {{ .Files.Get \"film.mp4\" }}", Some("error calling Get")),
        ("k: {{ .Files.GetBytes \"film.mp4\" }}", Some("error calling GetBytes")),
        ("k: {{ .Files.Lines \"film.mp4\" }}", Some("error calling Lines")),
        ("k: {{ (.Files.Glob \"*\").AsConfig }}", Some("error calling AsConfig")),
        ("k: {{ (.Files.Glob \"*.mp4\").AsSecrets }}", Some("error calling AsSecrets")),
    ];
    for (template, failure) in cases {
        add_chart(dir.path(), "app-0", template);
        let stream = messages(&pack(dir.path()), "app-0", &env("app-0", "1", "null"));
        let Some(failure) = failure else {
            assert_eq!(ask(&mut client, stream).await.unwrap().len(), 1, "{template}");
            continue;
        };
        let status = ask(&mut client, stream).await.unwrap_err();
        let words = "film.mp4 is a large binary file, which is not kept in memory: templates cannot read it";
        assert!(status.message().contains(&format!("{failure}: {words}")), "{template}: {status}");
    }
}

/// A short run of `cargo bench --bench soak`; SOAK_CALLS makes it a long one.
#[tokio::test]
async fn many_calls_with_faults_among_them_leave_nothing_behind() {
    let calls = std::env::var("SOAK_CALLS").map_or(500, |calls| calls.parse().unwrap());
    println!("{}", common::soak::soak(calls).await.unwrap());
}
