//! Where a real Helm of the right version is found.

use std::path::PathBuf;
use std::process::Command;

use crate::common::project;
use crate::differential::run::Program;

const VERSION: &str = "v4.3.1";

/// Helm 4.3.1 out of `$HELM`, `PATH` or the tools beside the project; another version is none.
pub fn find() -> Option<Program> {
    let named = std::env::var_os("HELM").map(PathBuf::from);
    let beside = project().join("../shared/tools/helm");
    named.into_iter().chain([PathBuf::from("helm"), beside]).map(Program::helm).find(is_right)
}

/// The Helm to ask, or a loud word that there is none.
pub fn or_skip(what: &str) -> Option<Program> {
    let helm = find();
    if helm.is_none() {
        eprintln!("SKIPPED: {what}: no helm {VERSION} in $HELM, on PATH or in ../shared/tools");
    }
    helm
}

fn is_right(program: &Program) -> bool {
    let answer = Command::new(&program.path).args(["version", "--short"]).output();
    answer.is_ok_and(|answer| {
        let version = String::from_utf8_lossy(&answer.stdout).into_owned();
        version.split('+').next().is_some_and(|version| version.trim() == VERSION)
    })
}
