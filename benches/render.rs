//! The steps inside one process, apart: loading a chart (once more where its values files
//! are known, `reload`), parsing its templates, executing them; then all of it up to the
//! answer, with nothing known (`generate`) and with everything that one render leaves to the
//! next (`known`). A small chart out of `examples/`, a medium and two huge ones out of the
//! corpus; or those named.
//!
//! `cargo bench --bench render -- [CHART.tgz …]`; the corpus is the directory `CORPUS`,
//! or the one beside this checkout.

#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tiphys::chart::KnownFiles;
use tiphys::chart::capabilities::Capabilities;
use tiphys::chart::render::{self, Environment, Inputs};
use tiphys::chart::{Chart, Release, prepare, schema};
use tiphys::data::Map;
use tiphys::error::Result;
use tiphys::notice::Notices;
use tiphys::pipeline::{self, Caches, Request, on_render_stack};
use tiphys::repository::Tree;
use tiphys::repository::disk::Disk;
use tiphys::repository::snapshots::Snapshots;
use tiphys::repository::unpack::{self, unpack};
use tiphys::source;
use tiphys::template::budget::{Budget, Limits};

/// Each step is repeated for so long, and at least [`LEAST`] times.
const PATIENCE: Duration = Duration::from_secs(2);
const LEAST: usize = 11;

/// Of the corpus: one of middling size, one with many objects and definitions (what became
/// kube-prometheus-stack), one that is nearly all definitions.
const CHARTS: [&str; 3] = [
    "prometheus-community+helm-charts__charts__prometheus.tgz",
    "helm+charts__stable__prometheus-operator.tgz",
    "bitnami+charts__bitnami__kuberay.tgz",
];

fn main() {
    let columns = ["load", "reload", "parse", "execute", "generate", "known"];
    println!("{:19}{}", "median", columns.map(|column| format!(" {column:>9}")).concat());
    let given: Vec<PathBuf> =
        std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).map(PathBuf::from).collect();
    if !given.is_empty() {
        return given.iter().for_each(|path| archive(path));
    }
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    match Disk::new(&project.join("examples/my-api")) {
        Ok(tree) => measure("my-api", &tree, ""),
        Err(error) => eprintln!("SKIPPED: examples/my-api: {error}"),
    }
    let corpus = std::env::var_os("CORPUS").map_or_else(|| project.join("../shared/corpus"), PathBuf::from);
    for name in CHARTS {
        archive(&corpus.join("charts").join(name));
    }
}

/// Measures a packed chart, its files in memory as those of a repository.
fn archive(path: &Path) {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let Ok(packed) = std::fs::read(path) else { return eprintln!("SKIPPED: {name}: it is not there") };
    let tree = unpack(&packed, unpack::Limits::default(), &Snapshots::new(1 << 30), &|| Ok(()));
    let inside = tree.and_then(|tree| Ok((tree.list("")?.into_iter().next().unwrap_or_default(), tree)));
    match inside {
        Ok((inside, tree)) => measure(name.rsplit("__").next().unwrap_or(&name), &tree, &inside),
        Err(error) => eprintln!("SKIPPED: {name}: {error}"),
    }
}

/// Prints the medians of a chart's steps, in microseconds.
fn measure(name: &str, tree: &(dyn Tree + Sync), path: &str) {
    let files = KnownFiles::new(1 << 30);
    let load = |known| source::load_chart(tree, path, known, &mut Notices::default());
    let chart = match load(None) {
        Ok(chart) => chart,
        Err(error) => return eprintln!("SKIPPED: {name}: {error}"),
    };
    let request = Request { app_path: path.to_owned(), ..Request::default() };
    let known = Request { caches: Some(Arc::new(Caches::new(1 << 30))), ..request.clone() };
    let generate = |request: &Request| {
        let made = pipeline::generate(tree, request, pipeline::json_objects);
        made.is_ok_and(|made| !black_box(made.answer).is_empty())
    };
    let times = [
        median("load", || black_box(load(None)).is_ok()),
        median("reload", || black_box(load(Some(&files))).is_ok()),
        median("parse", || black_box(render::parse(&chart)).is_ok()),
        execute(&chart).unwrap_or_default(),
        median("generate", || generate(&request)),
        median("known", || generate(&known)),
    ];
    let columns: String = times.iter().map(|time| format!(" {time:>9.0}")).collect();
    println!("{name:19}{columns} us");
}

/// Executing alone: of parsed templates and prepared values, which it may change.
fn execute(chart: &Chart) -> Result<f64> {
    on_render_stack(|| {
        let capabilities = Capabilities::of(None, &[]);
        let options = prepare::Options {
            skip_schema: false,
            schema: schema::Means::default(),
            kube_version: capabilities.kube_version.normalized.to_string(),
        };
        let release =
            Release { name: "release-name".to_owned(), namespace: "default".to_owned(), is_upgrade: false };
        let prepare = || prepare::prepare(chart, &Map::new(), &options, &mut Notices::default());
        let parsed = render::parse(&prepare()?.0)?;
        let mut spent = Vec::new();
        repeat(|| {
            let Ok((processed, values)) = prepare() else { return };
            let inputs = Inputs { values: &values, release: &release, capabilities: &capabilities };
            let started = Instant::now();
            let files = render::execute(&parsed, &processed, &inputs, &mut environment());
            assert!(files.is_ok(), "execute fails");
            spent.push(started.elapsed());
        });
        Ok(middle(spent))
    })
}

fn environment() -> Environment {
    Environment {
        budget: Budget::new(Limits::default()),
        now: jiff::Timestamp::now(),
        random: Box::new(|bytes| assert!(getrandom::fill(bytes).is_ok(), "the system gives no randomness")),
        watch: None,
        asked: false,
    }
}

/// The median of a step's times, in microseconds. A first round is not counted.
fn median(step: &str, mut run: impl FnMut() -> bool) -> f64 {
    assert!(run(), "{step} fails");
    let mut times = Vec::new();
    repeat(|| {
        let started = Instant::now();
        assert!(run(), "{step} fails");
        times.push(started.elapsed());
    });
    middle(times)
}

fn repeat(mut run: impl FnMut()) {
    let started = Instant::now();
    let mut rounds = 0;
    while rounds < LEAST || started.elapsed() < PATIENCE {
        run();
        rounds += 1;
    }
}

fn middle(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times.get(times.len() / 2).map_or(0.0, |time| time.as_secs_f64() * 1e6)
}
