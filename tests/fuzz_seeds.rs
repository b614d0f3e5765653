//! Replays the fuzz targets' seeds: hand-written texts, every function's cases,
//! and whatever the fuzzer has found. `docs/fuzzing.md` says how to find more.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it expects"
)]

use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

#[path = "../fuzz/targets.rs"]
mod targets;

/// A seed takes milliseconds; one that takes this long hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs one input and names it where it fails or hangs.
fn replay(target: targets::Target, name: &str, data: Vec<u8>) {
    let (done, finished) = channel();
    let worker = std::thread::spawn(move || {
        (target.run)(&data);
        let _ = done.send(());
    });
    match finished.recv_timeout(PATIENCE) {
        Err(RecvTimeoutError::Timeout) => panic!("{}: {name} hangs", target.name),
        _ => assert!(worker.join().is_ok(), "{}: {name} fails", target.name),
    }
}

#[test]
fn no_seed_panics_hangs_or_is_a_bug_of_ours() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    for target in targets::TARGETS {
        let mut files: Vec<_> =
            std::fs::read_dir(seeds.join(target.name)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        assert!(!files.is_empty(), "{} has no seeds", target.name);
        for path in files {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            replay(*target, &name, std::fs::read(&path).unwrap());
        }
    }
}

#[test]
fn every_function_renders_its_cases_as_seeds() {
    let template = *targets::TARGETS.iter().find(|target| target.name == "template").unwrap();
    for function in tiphys::template::functions::GROUPS.iter().flat_map(|group| group.functions) {
        // Keys and password hashes cost seconds where nothing is optimized.
        if function.cases.iter().any(|(text, _)| SLOW.iter().any(|slow| text.contains(slow))) {
            continue;
        }
        let text: Vec<&str> = function.cases.iter().map(|(text, _)| *text).collect();
        replay(template, function.name, text.join("\n").into_bytes());
        for (text, _) in function.cases {
            replay(template, function.name, text.as_bytes().to_vec());
        }
    }
}

/// What makes keys or stretches passwords.
const SLOW: [&str; 6] = ["gen", "derivePassword", "bcrypt", "htpasswd", "Cert", "CA"];
