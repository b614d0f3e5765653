//! A monorepo through the real socket: all applications at once, in pieces of 1 KiB,
//! cold, again, and after a commit that touches one; the same with more of
//! everything; and what one call costs beyond its bytes.
//!
//! `cargo bench --bench monorepo -- [APPLICATIONS [FILES [MIB]]]`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs,
    reason = "a measurement says what it found"
)]

#[path = "../../tests/common/mod.rs"]
mod common;
mod repository;
mod writer;

use std::time::{Duration, Instant};

use common::watch::{Watched, serve_watched};
use prost::Message;
use repository::{Size, application};
use sha2::{Digest, Sha256};
use tiphys::plugin::proto::plugin::ManifestResponse;
use writer::{Body, Call};

fn main() {
    let numbers: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let of = |at: usize, default: usize| numbers.get(at).copied().unwrap_or(default);
    let size = Size { applications: of(0, 64), files: of(1, 3000), bytes: of(2, 60) << 20 };
    println!(
        "applications files  MiB  sent MiB | hashing | cold ratio | again ratio | commit ratio | ms an application | peak MiB"
    );
    for factor in if numbers.is_empty() { vec![1, 2, 4] } else { vec![1] } {
        let grown = Size { applications: size.applications * factor, files: size.files * factor, ..size };
        refresh(grown);
    }
    latency();
}

fn seconds<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let started = Instant::now();
    let done = work();
    (started.elapsed().as_secs_f64(), done)
}

/// All applications of a repository at once, three times.
fn refresh(size: Size) {
    let ((first, unpacked), (second, _)) =
        (repository::archive(size, false), repository::archive(size, true));
    let hash = || seconds(|| (0..size.applications).map(|_| Sha256::digest(&first)[0]).max()).0;
    // Other work on the machine only makes it slower.
    let hashing = hash().min(hash());
    let (first, sent) = (Body::of(&first), first.len() * size.applications);
    let second = Body::of(&second);
    let server = serve_watched(None, &[]);
    let all = |body: &Body, revision: &str| seconds(|| all(&server, size, body, revision));
    let (cold, answers) = all(&first, "1");
    let (again, same) = all(&first, "1");
    assert!(answers == same, "the answers changed");
    let work = server.work();
    let count = size.applications as u64;
    assert_eq!(work, [1, 2 * count - 1, count, count], "unpacked, known, rendered, answered");
    let (commit, changed) = all(&second, "2");
    let differ = answers.iter().zip(&changed).filter(|(a, b)| a != b).count();
    assert_eq!((differ, server.work()), (1, [2, 3 * count - 2, count + 1, 2 * count - 1]));
    println!(
        "{:12} {:5} {:4} {:9} | {:5.2} s | {cold:5.2} {:4.1} | {again:6.2} {:4.1} | {commit:7.2} {:4.1} | {:5.1} {:5.1} {:5.1} | {:8}",
        size.applications,
        size.files,
        unpacked >> 20,
        sent >> 20,
        hashing,
        cold / hashing,
        again / hashing,
        commit / hashing,
        cold * 1e3 / size.applications as f64,
        again * 1e3 / size.applications as f64,
        commit * 1e3 / size.applications as f64,
        peak(&server) >> 10,
    );
}

/// One answer an application, all asked for at the same time.
fn all(server: &Watched, size: Size, body: &Body, revision: &str) -> Vec<Vec<u8>> {
    std::thread::scope(|scope| {
        let ask = |number: usize| {
            scope.spawn(move || generate(server, body, &application(number), revision, "null"))
        };
        let calls: Vec<_> = (0..size.applications).map(ask).collect();
        calls.into_iter().map(|call| call.join().expect("a call")).collect()
    })
}

fn generate(server: &Watched, body: &Body, app: &str, revision: &str, parameters: &str) -> Vec<u8> {
    let env = [
        ("ARGOCD_APP_NAME", app.rsplit('/').next().unwrap_or_default()),
        ("ARGOCD_APP_NAMESPACE", "prod"),
        ("ARGOCD_APP_REVISION", revision),
        ("ARGOCD_ENV_ENVIRONMENT", "production"),
        ("ARGOCD_APP_PARAMETERS", parameters),
    ];
    let answer = writer::call(
        &server.serving.socket,
        &Call { method: "GenerateManifest", app_path: app, env: &env },
        body,
    );
    assert_eq!(ManifestResponse::decode(answer.as_slice()).expect("a message").manifests.len(), 50);
    answer
}

/// The server's peak of resident memory, in KiB.
fn peak(server: &Watched) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.serving.process.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// One application of fifty objects: how much longer than a call that only takes the
/// same bytes.
fn latency() {
    const ROUNDS: usize = 300;
    let size = Size { applications: 1, files: 0, bytes: 0 };
    let body = Body::of(&repository::archive(size, false).0);
    let server = serve_watched(None, &[]);
    let app = application(0);
    let transfer = || {
        let call = Call { method: "MatchRepository", app_path: &app, env: &[] };
        writer::call(&server.serving.socket, &call, &body);
    };
    generate(&server, &body, &app, "1", "null");
    let mut times = [const { Vec::new() }; 3];
    for round in 0..ROUNDS {
        let parameters =
            format!(r#"[{{"name":"helm-parameters","map":{{"config.key-1":"round {round}"}}}}]"#);
        times[0].push(timed(transfer));
        times[1].push(timed(|| _ = generate(&server, &body, &app, "1", &parameters)));
        times[2].push(timed(|| _ = generate(&server, &body, &app, "1", "null")));
    }
    assert_eq!(server.work()[2..], [ROUNDS as u64 + 1, ROUNDS as u64]);
    let [transfer, rendered, repeated] = times.map(|mut times| {
        times.sort();
        times[ROUNDS / 2]
    });
    let beyond = |time: Duration| time.saturating_sub(transfer).as_secs_f64() * 1e3;
    println!(
        "one application of 50 objects, median of {ROUNDS}: transfer {:.2} ms; beyond it {:.2} ms rendered, {:.2} ms repeated",
        transfer.as_secs_f64() * 1e3,
        beyond(rendered),
        beyond(repeated)
    );
}

fn timed(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}
