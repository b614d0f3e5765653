//! Many calls at once, faults among them: every good answer has to be the serial
//! one, every fault its own error, and nothing may be left behind.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tiphys::plugin::proto::plugin::AppStreamRequest;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};

use super::watch::{Watched, serve_watched};
use super::{Client, client, directory, env, messages, metadata, pack, serve};

/// Calls that are under way at the same time.
const AT_ONCE: usize = 16;
/// Commits of the repository, applications in it.
const COMMITS: usize = 5;
const APPS: usize = 6;

const TEMPLATE: &str = "kind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\ndata: {k: {{ .Values.k | quote }}}\n\
                        {{- range until 20 }}\n---\nkind: Service\nmetadata: {name: s{{ . }}}\n{{- end }}\n";

/// What was sent, and what one application of it answers.
struct Commit {
    archive: Vec<u8>,
    answers: Vec<Vec<String>>,
}

/// A kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Good,
    WrongChecksum,
    OtherBytes,
    Truncated,
    Garbage,
    FailingChart,
    MissingChart,
    NoMetadata,
    Cancelled,
}

impl Kind {
    /// The kind of the call of that number: two thirds are good.
    fn of(number: usize) -> Kind {
        match number.wrapping_mul(2_654_435_761) >> 7 & 0x1f {
            0 | 1 => Kind::WrongChecksum,
            2 => Kind::OtherBytes,
            3 | 4 => Kind::Truncated,
            5 => Kind::Garbage,
            6 => Kind::FailingChart,
            7 => Kind::MissingChart,
            8 => Kind::NoMetadata,
            9 | 10 => Kind::Cancelled,
            _ => Kind::Good,
        }
    }

    /// The code that it has to end with.
    fn code(self) -> Code {
        match self {
            Kind::Good => Code::Ok,
            Kind::WrongChecksum | Kind::OtherBytes | Kind::Truncated | Kind::Garbage => Code::DataLoss,
            Kind::FailingChart => Code::FailedPrecondition,
            Kind::MissingChart => Code::NotFound,
            Kind::NoMetadata => Code::InvalidArgument,
            Kind::Cancelled => Code::Cancelled,
        }
    }
}

/// Makes so many calls and returns what was done, or what went wrong.
pub async fn soak(calls: usize) -> Result<String, String> {
    let started = Instant::now();
    let commits = Arc::new(commits().await);
    // Not even two commits are kept: caches are filled and emptied all the time.
    let server = Arc::new(serve_watched(None, &["--memory-mb", "1", "--loglevel", "error"]));
    let mut before = left(&server);
    for _ in 0..20 {
        // The connection that looked whether the server is up may still be closing.
        tokio::time::sleep(Duration::from_millis(10)).await;
        before = before.min(left(&server));
    }
    let next = Arc::new(AtomicUsize::new(0));
    let worker = |number: usize| {
        let (commits, server, next) = (commits.clone(), server.clone(), next.clone());
        tokio::spawn(async move { work(number, calls, &commits, &server, &next).await })
    };
    let mut workers = Vec::new();
    for number in 0..AT_ONCE {
        workers.push(worker(number));
    }
    let mut done = BTreeMap::<Kind, usize>::new();
    for worker in workers {
        for (kind, count) in worker.await.map_err(|e| e.to_string())?? {
            *done.entry(kind).or_default() += count;
        }
    }
    let patience = Instant::now() + Duration::from_secs(10);
    while left(&server) != before {
        if Instant::now() > patience {
            return Err(format!("left behind: {:?}, at the beginning: {before:?}", left(&server)));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let [unpacked, known, rendered, answered] = server.work();
    Ok(format!(
        "{calls} calls in {:.1} s: {done:?}\n{unpacked} unpacked, {known} snapshots known, {rendered} rendered, \
         {answered} answers known; nothing left: {before:?}",
        started.elapsed().as_secs_f64()
    ))
}

/// Each commit with the answers of a server that was asked one after the other.
async fn commits() -> Vec<Commit> {
    let mut commits = Vec::new();
    let serial = serve(None);
    let mut client = client(&serial).await;
    for commit in 0..COMMITS {
        let dir = directory(&[
            ("failing/Chart.yaml", "apiVersion: v2\nname: f\nversion: 1.0.0\n"),
            ("failing/templates/a.yaml", "{{ fail \"as it should\" }}"),
        ]);
        for app in 0..APPS {
            let chart = dir.path().join(format!("app-{app}"));
            std::fs::create_dir_all(chart.join("templates")).unwrap();
            std::fs::write(chart.join("Chart.yaml"), "apiVersion: v2\nname: web\nversion: 1.0.0\n").unwrap();
            std::fs::write(chart.join("values.yaml"), format!("k: {app} of {commit}\n")).unwrap();
            std::fs::write(chart.join("templates/a.yaml"), TEMPLATE).unwrap();
            let large = format!("# {commit} {app}\n").repeat(7000);
            std::fs::write(chart.join("large.txt"), large).unwrap();
        }
        let archive = pack(dir.path());
        let mut answers = Vec::new();
        for app in 0..APPS {
            let stream = messages(&archive, &format!("app-{app}"), &env("null"));
            answers.push(generate(&mut client, stream).await.unwrap());
        }
        commits.push(Commit { archive, answers });
    }
    commits
}

async fn generate(client: &mut Client, stream: Vec<AppStreamRequest>) -> Result<Vec<String>, Status> {
    Ok(client.generate_manifest(tokio_stream::iter(stream)).await?.into_inner().manifests)
}

/// Makes calls until there are enough; how many of each kind.
async fn work(
    worker: usize,
    calls: usize,
    commits: &[Commit],
    server: &Watched,
    next: &AtomicUsize,
) -> Result<BTreeMap<Kind, usize>, String> {
    let mut done = BTreeMap::new();
    let mut client = client(&server.serving).await;
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= calls {
            return Ok(done);
        }
        let kind = Kind::of(number);
        // Workers are mostly, but not always, at the same commit.
        let at = (number / 40 + worker % 2) % COMMITS;
        let (commit, other, app) = (&commits[at], &commits[(at + 1) % COMMITS], number % APPS);
        let stream = stream(kind, commit, &other.archive, app);
        let (code, answer) = if kind == Kind::Cancelled {
            cancel(&mut client, stream).await;
            (Code::Cancelled, None)
        } else {
            match generate(&mut client, stream).await {
                Ok(answer) => (Code::Ok, Some(answer)),
                Err(status) => (status.code(), None),
            }
        };
        if code != kind.code() {
            return Err(format!("call {number}, {kind:?}: {code:?}"));
        }
        if answer.is_some_and(|answer| answer != commit.answers[app]) {
            return Err(format!("call {number}: another answer than the serial one"));
        }
        *done.entry(kind).or_default() += 1;
    }
}

/// The messages of a call of that kind.
fn stream(kind: Kind, commit: &Commit, other: &[u8], app: usize) -> Vec<AppStreamRequest> {
    let (archive, app) = (&commit.archive, format!("app-{app}"));
    let mut stream = messages(archive, &app, &env("null"));
    match kind {
        Kind::WrongChecksum => stream[0] = metadata(b"something else", &app, &env("null")),
        Kind::OtherBytes => stream.splice(1.., super::chunks(other)).for_each(drop),
        Kind::Truncated => stream.truncate(stream.len() / 2),
        Kind::Garbage => stream = messages(&b"\0no archive".repeat(500), &app, &env("null")),
        Kind::FailingChart => stream = messages(archive, "failing", &env("null")),
        Kind::MissingChart => stream = messages(archive, "nothing", &env("null")),
        Kind::NoMetadata => drop(stream.remove(0)),
        Kind::Good | Kind::Cancelled => {}
    }
    stream
}

/// Sends a part of the stream and goes away.
async fn cancel(client: &mut Client, stream: Vec<AppStreamRequest>) {
    let (send, receive) = tokio::sync::mpsc::channel(1);
    let half = async {
        for message in stream.iter().take(stream.len() / 2) {
            let _ = send.send(message.clone()).await;
        }
    };
    tokio::select! {
        _ = client.generate_manifest(ReceiverStream::new(receive)) => {}
        () = half => {}
    }
}

/// What a server has besides its caches. Its directory for temporary files is the
/// socket's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Left {
    descriptors: u64,
    files: u64,
    incoming: u64,
    queue: u64,
    busy: u64,
}

fn left(server: &Watched) -> Left {
    let descriptors =
        std::fs::read_dir(format!("/proc/{}/fd", server.serving.process.id())).unwrap().count() as u64;
    let files = std::fs::read_dir(server.serving.socket.parent().unwrap()).unwrap().count() as u64;
    Left {
        descriptors,
        files,
        incoming: server.metric("tiphys_incoming_bytes"),
        queue: server.metric("tiphys_queue"),
        busy: server.metric("tiphys_busy_cores"),
    }
}
