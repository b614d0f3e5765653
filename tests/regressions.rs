//! Differences from Helm that were found once, and Helm's pitfalls one idea each:
//! `tests/regressions/<name>/` holds a chart, the arguments (`args`, one a line)
//! and what Helm 4.3.1 answers: `expected.yaml` on standard output where it
//! renders, `expected.err` on standard error where it says anything.
//! `TIPHYS_RECORD=1` asks the real Helm and writes the expected files anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what it expects")]

mod common;
#[path = "differential/mod.rs"]
mod differential;

use std::path::{Path, PathBuf};

use common::project;
use differential::run::{Answer, Program};

/// Every case's directory, by name.
fn cases() -> Vec<PathBuf> {
    let directory = project().join("tests/regressions");
    let mut cases: Vec<PathBuf> =
        std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.join("chart").is_dir());
    cases.sort();
    cases
}

/// Runs a case in its directory, so that no message names where it lies.
fn answer(program: &Program, case: &Path) -> Answer {
    let args = std::fs::read_to_string(case.join("args")).unwrap_or_default();
    let mut all = vec!["rel", "chart"];
    if args.lines().any(|arg| arg == "--name-template") {
        all.remove(0);
    }
    all.extend(args.lines());
    program.template(case, &all)
}

fn expected(case: &Path) -> Answer {
    let read = |name: &str| std::fs::read(case.join(name)).ok();
    let stdout = read("expected.yaml");
    let stderr = read("expected.err").unwrap_or_default();
    Answer {
        refused: stdout.is_none(),
        stdout: String::from_utf8_lossy(&stdout.unwrap_or_default()).into_owned(),
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
    }
}

fn record(case: &Path, answer: &Answer) {
    for (name, text, kept) in [
        ("expected.yaml", &answer.stdout, !answer.refused),
        ("expected.err", &answer.stderr, !answer.stderr.is_empty()),
    ] {
        let path = case.join(name);
        let _ = std::fs::remove_file(&path);
        if kept {
            std::fs::write(path, text).unwrap();
        }
    }
}

#[test]
fn every_case_answers_as_helm_answered() {
    let cases = cases();
    assert!(cases.len() >= 60, "the cases are there");
    if std::env::var_os("TIPHYS_RECORD").is_some() {
        let helm = differential::helm::find().expect("recording asks Helm 4.3.1: none found");
        for case in &cases {
            record(case, &answer(&helm, case));
        }
    }
    let tiphys = Program::tiphys();
    let mut wrong = Vec::new();
    for case in &cases {
        let (want, got) = (expected(case), answer(&tiphys, case));
        if want != got {
            let name = case.file_name().unwrap().to_string_lossy();
            wrong.push(format!("== {name}\n{}", want.difference(&got)));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
