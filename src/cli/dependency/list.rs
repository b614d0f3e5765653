//! `tiphys dependency list`: the dependencies of a chart and whether they are there.

use std::path::{Path, PathBuf};

use clap::Parser;

use crate::chart::{Chart, Dependency, subcharts};
use crate::data::semver::Version;
use crate::error::Result;
use crate::notice::Notices;
use crate::repository::disk::io_error;
use crate::source;

/// List a chart's dependencies and whether they are there
#[derive(Debug, Parser)]
#[command(
    override_usage = "tiphys dependency list CHART [flags]",
    after_help = "Example:\n  tiphys dependency list examples/my-api"
)]
pub struct Args {
    /// The chart: a directory or an archive
    #[arg(default_value = ".")]
    chart: PathBuf,
    /// The widest that a column gets
    #[arg(long, value_name = "COLUMNS", default_value_t = 80)]
    max_col_width: usize,
}

/// Prints the table and what does not belong.
pub fn run(args: &Args) -> Result<()> {
    let path = &args.chart;
    std::fs::metadata(path).map_err(|e| io_error("stat", &path.display().to_string(), &e))?;
    let chart = load(path)?;
    let Some(listed) = &chart.metadata.dependencies else {
        let place = path.join("charts");
        return super::super::print(format!("WARNING: no dependencies at {}\n", place.display()).as_bytes());
    };
    let mut rows = vec![["NAME", "VERSION", "REPOSITORY", "STATUS"].map(str::to_owned)];
    for dependency in listed {
        let Dependency { name, version, repository, .. } = dependency.clone();
        rows.push([name, version, repository, status(path, dependency, &chart).to_owned()]);
    }
    let mut out = table(&rows, args.max_col_width);
    out.push_str("\n\n");
    for (shown, chart) in carried(path) {
        match chart {
            None => out.push_str(&format!("WARNING: {shown:?} is not a chart.\n")),
            Some(chart) if !listed.iter().any(|d| d.name == chart.metadata.name) => {
                out.push_str(&format!("WARNING: {shown:?} is not in Chart.yaml.\n"));
            }
            Some(_) => {}
        }
    }
    super::super::print(out.as_bytes())
}

fn load(path: &Path) -> Result<Chart> {
    source::load_path(path, &mut Notices::default())
}

/// Columns as wide as their widest cell, joined by tabs.
fn table(rows: &[[String; 4]], widest: usize) -> String {
    let cut = |text: &String| -> String {
        if text.chars().count() <= widest {
            return text.clone();
        }
        let head: String = text.chars().take(widest.saturating_sub(3)).collect();
        format!("{head}...")
    };
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(cut).collect()).collect();
    let width =
        |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|c| c.chars().count()).max().unwrap_or(0);
    let line = |row: &Vec<String>| -> String {
        let cells = row.iter().enumerate().map(|(at, cell)| format!("{cell:<width$}", width = width(at)));
        cells.collect::<Vec<_>>().join("\t")
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The directories and archives in `charts/`, sorted.
fn carried(path: &Path) -> Vec<(String, Option<Chart>)> {
    let entries = std::fs::read_dir(path.join("charts")).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.retain(|path| path.is_dir() || path.extension().is_some_and(|end| end == "tgz"));
    paths.sort();
    paths.into_iter().map(|path| (path.display().to_string(), load(&path).ok())).collect()
}

/// Helm's word for how a dependency stands.
fn status(path: &Path, dependency: &Dependency, chart: &Chart) -> &'static str {
    let prefix = format!("{}-", dependency.name);
    let entries = std::fs::read_dir(path.join("charts")).into_iter().flatten().flatten();
    let mut archives: Vec<(String, PathBuf)> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let version = name.strip_prefix(&prefix)?.strip_suffix(".tgz")?.to_owned();
            Some((version, entry.path()))
        })
        .collect();
    if archives.len() > 1 {
        archives.retain(|(version, _)| Version::parse_strict(version).is_ok());
        if archives.len() > 1 {
            return "too many matches";
        }
    }
    if let Some((_, archive)) = archives.first() {
        return match load(archive) {
            Err(_) => "corrupt",
            Ok(found) if found.metadata.name != dependency.name => "misnamed",
            Ok(found) => fits(dependency, &found).unwrap_or("ok"),
        };
    }
    match chart.dependencies.iter().rev().find(|own| own.metadata.name == dependency.name) {
        None => "missing",
        Some(found) => fits(dependency, found).unwrap_or("unpacked"),
    }
}

/// What is wrong with a chart's version, if anything.
fn fits(dependency: &Dependency, found: &Chart) -> Option<&'static str> {
    let (wanted, have) = (&dependency.version, &found.metadata.version);
    if wanted == have {
        return None;
    }
    if crate::data::semver::Constraints::parse(wanted).is_err() {
        return Some("invalid version");
    }
    (!subcharts::compatible(wanted, have)).then_some("wrong version")
}
