//! The steps inside one process, for `examples/my-api`: loading the chart, parsing
//! its templates, and a whole render of the application.
//!
//! `cargo bench --bench render`

#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use tiphys::chart::render;
use tiphys::notice::Notices;
use tiphys::pipeline::{self, Request};
use tiphys::repository::disk::Disk;
use tiphys::source;

const ROUNDS: usize = 201;

fn main() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/my-api");
    let load = || source::load_path(&directory, &mut Notices::default());
    let Ok(chart) = load() else { return eprintln!("SKIPPED: {} does not load", directory.display()) };
    report("load", || black_box(load()).is_ok());
    report("parse", || black_box(render::parse(&chart)).is_ok());
    let Ok(tree) = Disk::new(&directory) else { return };
    let request = Request { app_path: ".".to_owned(), ..Request::default() };
    report("generate", || pipeline::generate(&tree, &request, |placed| Ok(black_box(placed.len()))).is_ok());
}

/// The median of the rounds, in microseconds.
fn report(step: &str, mut run: impl FnMut() -> bool) {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        assert!(run(), "{step} fails");
        times.push(start.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_by(f64::total_cmp);
    println!("{step:10} {:9.1} us", times.get(ROUNDS / 2).copied().unwrap_or_default());
}
