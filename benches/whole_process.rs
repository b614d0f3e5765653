//! Whole processes against each other, A B A B: `tiphys template` and, where there
//! is one, the real Helm. Prints the medians of their times and of their peak memory,
//! and the ratios.
//!
//! `cargo bench --bench whole_process -- [--corpus DIR [--cases N]] [--rounds N] [CHART …]`;
//! the charts are those of `examples/` unless named. A corpus has `charts/NAME.tgz` and a
//! `cases.jsonl`, a case a line: `chart`, `values` (a file in the chart, or null) and
//! `exit`. Those with another exit than 0 are left out; `--cases` takes so many, spread
//! over the sizes of the charts. `HELM` is Helm's binary, `helm` in the path without it.
//!
//! To the kernel, a process begins with the peak of whoever started it. A launcher that is
//! itself small starts those whose peak is measured; what that comes to is said first.

#![allow(clippy::print_stdout)]

use std::error::Error;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use flate2::read::GzDecoder;
use nix::sys::resource::{UsageWho, getrusage};

/// Makes this program the launcher of one process whose peak it prints.
const MEASURE: &str = "--measure-peak";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A chart, and a file of values.
struct Case {
    chart: PathBuf,
    values: Option<PathBuf>,
}

/// What the command line says.
struct Options {
    corpus: Option<PathBuf>,
    cases: usize,
    rounds: usize,
    charts: Vec<PathBuf>,
}

/// The medians of one case.
struct Row {
    /// Milliseconds.
    time: f64,
    /// KiB.
    peak: f64,
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(MEASURE) {
        return measured(&arguments.collect::<Vec<_>>());
    }
    let options = Options::read()?;
    let unpacked = tempfile::tempdir()?;
    let mut cases: Vec<Case> =
        options.charts.iter().map(|chart| Case { chart: chart.clone(), values: None }).collect();
    if let Some(corpus) = &options.corpus {
        cases.extend(of_corpus(corpus, unpacked.path(), options.cases)?);
    }
    if cases.is_empty() {
        let chart = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/my-api");
        cases.push(Case { chart, values: None });
    }
    let helm = std::env::var("HELM").unwrap_or_else(|_| "helm".to_owned());
    let compared = Command::new(&helm).arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let helm = compared.is_ok_and(|status| status.success()).then_some(helm);
    if helm.is_none() {
        eprintln!("SKIPPED: no Helm to compare with; name its binary in HELM");
    }
    println!("a process that does nothing has a peak of {} KiB here: no figure can be below", floor()?);
    compare(&cases, helm.as_deref(), options.rounds)
}

impl Options {
    fn read() -> Result<Options> {
        let mut options = Options { corpus: None, cases: usize::MAX, rounds: 21, charts: Vec::new() };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--corpus" => options.corpus = Some(PathBuf::from(value()?)),
                "--cases" => options.cases = value()?.parse()?,
                "--rounds" => options.rounds = value()?.parse()?,
                // Cargo's own.
                "--bench" => {}
                _ => options.charts.push(PathBuf::from(argument)),
            }
        }
        Ok(options)
    }
}

/// Measures all cases and prints a line for each, then the ratios of all.
fn compare(cases: &[Case], helm: Option<&str>, rounds: usize) -> Result<()> {
    let tiphys = env!("CARGO_BIN_EXE_tiphys");
    let (mut times, mut peaks, mut failed) = (Vec::new(), Vec::new(), 0);
    for case in cases {
        let name = case.chart.file_name().unwrap_or_default().to_string_lossy();
        let values = case.values.as_deref().and_then(|values| values.strip_prefix(&case.chart).ok());
        let shown = values.map_or(name.to_string(), |values| format!("{name} {}", values.display()));
        let Some((ours, theirs)) = case.measure(tiphys, helm, rounds)? else {
            eprintln!("{shown}: not rendered by both");
            failed += 1;
            continue;
        };
        print!("{shown:60} tiphys {:7.2} ms {:6.1} MiB", ours.time, ours.peak / 1024.0);
        if let Some(theirs) = theirs {
            let (time, peak) = (theirs.time / ours.time, theirs.peak / ours.peak);
            print!(
                "   helm {:7.2} ms {:6.1} MiB   {time:5.1}x {peak:5.1}x",
                theirs.time,
                theirs.peak / 1024.0
            );
            times.push(time);
            peaks.push(peak);
        }
        println!();
    }
    for (what, mut ratios) in [("time", times), ("peak memory", peaks)] {
        let middle = median(&mut ratios);
        if let Some(worst) = ratios.first() {
            println!("{what}: median {middle:.1}x, worst {worst:.1}x of {} cases", ratios.len());
        }
    }
    if failed > 0 {
        println!("{failed} cases were left out");
    }
    Ok(())
}

impl Case {
    /// Both programs in turn, then their peaks; none where one of them fails.
    fn measure(&self, tiphys: &str, helm: Option<&str>, rounds: usize) -> Result<Option<(Row, Option<Row>)>> {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..rounds.max(1) {
            for (binary, times) in [(Some(tiphys), &mut ours), (helm, &mut theirs)] {
                let Some(binary) = binary else { continue };
                let started = Instant::now();
                if !quiet(Command::new(binary).args(self.arguments())).status()?.success() {
                    return Ok(None);
                }
                times.push(started.elapsed().as_secs_f64() * 1e3);
            }
        }
        let row = |binary: &str, times: &mut Vec<f64>| -> Result<Row> {
            let peaks: Result<Vec<f64>> = (0..3).map(|_| peak(binary, &self.arguments())).collect();
            Ok(Row { time: median(times), peak: median(&mut peaks?) })
        };
        let ours = row(tiphys, &mut ours)?;
        let theirs = helm.map(|helm| row(helm, &mut theirs)).transpose()?;
        Ok(Some((ours, theirs)))
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments = vec!["template".to_owned(), "my-release".to_owned()];
        arguments.push(self.chart.display().to_string());
        arguments.extend(["--namespace", "my-namespace", "--include-crds"].map(str::to_owned));
        if let Some(values) = &self.values {
            arguments.extend(["-f".to_owned(), values.display().to_string()]);
        }
        arguments
    }
}

/// The cases of a corpus that render, at most `most`; their charts are unpacked into `directory`.
fn of_corpus(corpus: &Path, directory: &Path, most: usize) -> Result<Vec<Case>> {
    let lines = std::fs::read_to_string(corpus.join("cases.jsonl"))?;
    let mut found = Vec::new();
    for line in lines.lines() {
        let case: serde_json::Value = serde_json::from_str(line)?;
        let chart = case.get("chart").and_then(|chart| chart.as_str()).ok_or("a case without a chart")?;
        if case.get("exit").and_then(serde_json::Value::as_i64) == Some(0) {
            let packed = corpus.join("charts").join(format!("{chart}.tgz"));
            let values = case.get("values").and_then(|values| values.as_str()).map(str::to_owned);
            found.push((std::fs::metadata(&packed)?.len(), chart.to_owned(), packed, values));
        }
    }
    found.sort();
    let step = found.len().div_ceil(most.max(1)).max(1);
    let mut cases = Vec::new();
    for (_, name, packed, values) in found.into_iter().rev().step_by(step) {
        let chart = directory.join(&name);
        if !chart.exists() {
            tar::Archive::new(GzDecoder::new(File::open(&packed)?)).unpack(directory)?;
        }
        let values = values.map(|values| chart.join(values));
        cases.push(Case { chart, values });
    }
    Ok(cases)
}

fn quiet(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null())
}

/// The peak of a process's resident memory in KiB. This program starts itself anew to
/// launch it: what it has unpacked by now is not in the launcher.
fn peak(binary: &str, arguments: &[String]) -> Result<f64> {
    let output = Command::new(std::env::current_exe()?).args([MEASURE, binary]).args(arguments).output()?;
    let text = String::from_utf8(output.stdout)?;
    text.trim().parse().map_err(|_| format!("the peak of {binary}: {text:?}").into())
}

/// Runs one process, waits for it, and prints its peak: the kernel's own figure, of this
/// process's only child.
fn measured(command: &[String]) -> Result<()> {
    let (binary, arguments) = command.split_first().ok_or("nothing to measure")?;
    quiet(Command::new(binary).args(arguments)).status()?;
    println!("{}", getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss());
    Ok(())
}

/// The peak that a process has which does nothing: the launcher's own.
fn floor() -> Result<f64> {
    peak("true", &[])
}

fn median(of: &mut [f64]) -> f64 {
    of.sort_by(f64::total_cmp);
    of.get(of.len() / 2).copied().unwrap_or_default()
}
