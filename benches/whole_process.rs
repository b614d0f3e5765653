//! Whole processes against each other, A B A B: `tiphys template` and, where there
//! is one, the real Helm. Prints the medians of their times and the ratio.
//!
//! `cargo bench --bench whole_process -- [CHART …]`; the charts are those of
//! `examples/` unless named. `HELM` is Helm's binary, `helm` in the path without it.

#![allow(clippy::print_stdout)]

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

const ROUNDS: usize = 21;

fn main() {
    let given = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let mut charts: Vec<PathBuf> = given.map(PathBuf::from).collect();
    if charts.is_empty() {
        charts.push(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/my-api"));
    }
    let tiphys = env!("CARGO_BIN_EXE_tiphys").to_owned();
    let helm = std::env::var("HELM").unwrap_or_else(|_| "helm".to_owned());
    let compared = Command::new(&helm).arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let compared = compared.is_ok_and(|status| status.success());
    if !compared {
        eprintln!("SKIPPED: no Helm to compare with; name its binary in HELM");
    }
    let mut ratios = Vec::new();
    for chart in charts {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            ours.push(run(&tiphys, &chart));
            if compared {
                theirs.push(run(&helm, &chart));
            }
        }
        let ours = median(ours);
        print!("{:40} tiphys {ours:7.2} ms", chart.display());
        if compared {
            let theirs = median(theirs);
            ratios.push(theirs / ours);
            print!("   helm {theirs:7.2} ms   {:5.1}x", theirs / ours);
        }
        println!();
    }
    if !ratios.is_empty() {
        ratios.sort_by(f64::total_cmp);
        let worst = ratios.first().copied().unwrap_or_default();
        println!("median {:.1}x, worst {worst:.1}x", median(ratios));
    }
}

/// Milliseconds from the start of the process to its end.
fn run(binary: &str, chart: &PathBuf) -> f64 {
    let start = Instant::now();
    let status = Command::new(binary)
        .args(["template", "my-release"])
        .arg(chart)
        .args(["--namespace", "my-namespace", "--include-crds"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(status.is_ok_and(|s| s.success()), "{binary} does not render {}", chart.display());
    start.elapsed().as_secs_f64() * 1e3
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of.get(of.len() / 2).copied().unwrap_or_default()
}
