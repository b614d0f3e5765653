//! One `template` command, Helm's or ours, and what it answers.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a command answered, in a form that two runs can be compared by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub refused: bool,
    pub stdout: String,
    pub stderr: String,
}

impl Answer {
    /// The lines of which the two differ, Helm's with `-`, ours with `+`.
    pub fn difference(&self, got: &Self) -> String {
        let mut out = Vec::new();
        if self.refused != got.refused {
            out.push(format!("- refused: {}\n+ refused: {}", self.refused, got.refused));
        }
        for (want, got) in [(&self.stdout, &got.stdout), (&self.stderr, &got.stderr)] {
            let (want, got): (Vec<_>, Vec<_>) = (want.split('\n').collect(), got.split('\n').collect());
            for line in 0..want.len().max(got.len()) {
                let (w, g) = (want.get(line), got.get(line));
                if w != g {
                    out.extend(w.map(|w| format!("{line:4} - {w}")));
                    out.extend(g.map(|g| format!("{line:4} + {g}")));
                }
            }
        }
        out.truncate(40);
        out.join("\n")
    }
}

/// A binary that takes Helm's `template` command.
#[derive(Debug, Clone)]
pub struct Program {
    pub path: PathBuf,
}

impl Program {
    pub fn helm(path: PathBuf) -> Self {
        Self { path }
    }

    pub fn tiphys() -> Self {
        Self { path: PathBuf::from(env!("CARGO_BIN_EXE_tiphys")) }
    }

    /// Runs `template` with these arguments in this directory.
    pub fn template(&self, directory: &Path, args: &[&str]) -> Answer {
        let mut command = Command::new(&self.path);
        command.current_dir(directory).arg("template").args(args).stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("HELM_") {
                command.env_remove(&name);
            }
        }
        let output = command.env("KUBECONFIG", "/nonexistent").output().unwrap();
        Answer {
            refused: !output.status.success(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: stable(&String::from_utf8_lossy(&output.stderr)),
        }
    }
}

/// Standard error without what differs from run to run: the time of a remark, the
/// order of remarks and of a schema's findings, which Helm takes from maps.
fn stable(text: &str) -> String {
    // Ours shows no control characters on a terminal.
    let text: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    let is_remark = |line: &&str| line.starts_with("time=") || line.starts_with("level=");
    let without_time = |line: &str| match line.strip_prefix("time=").and_then(|rest| rest.split_once(' ')) {
        Some((_, rest)) => rest.to_owned(),
        None => line.to_owned(),
    };
    let mut remarks: Vec<String> = text.split('\n').filter(is_remark).map(without_time).collect();
    remarks.sort();
    let mut lines: Vec<&str> = text.split('\n').filter(|line| !is_remark(line)).collect();
    if text.contains("don't meet the specifications of the schema(s)") {
        let findings = lines.iter().position(|line| line.starts_with("- at ")).unwrap_or(0);
        let end = lines.len() - lines.iter().rev().take_while(|line| line.is_empty()).count();
        if let Some(findings) = lines.get_mut(findings..end) {
            findings.sort_unstable();
        }
    }
    remarks.iter().map(String::as_str).chain(lines).collect::<Vec<_>>().join("\n")
}
