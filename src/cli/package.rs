//! `tiphys package`: a chart's directory into an archive.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::Parser;

use crate::chart::package::{Changes, pack};
use crate::chart::subcharts;
use crate::error::{Error, Kind, Result};
use crate::notice::Notices;
use crate::repository::disk::{Disk, io_error};
use crate::source::{self, directory};

use super::access::Access;

/// Pack a chart's directory into an archive, as `helm package` does
#[derive(Debug, Parser)]
#[command(
    override_usage = "tiphys package CHART [CHART...] [flags]",
    after_help = "The archive is the same each time for the same files: its times are those of the newest file, or \
                  SOURCE_DATE_EPOCH.\n\nExample:\n  tiphys package examples/my-api --version 1.4.0 --destination /tmp"
)]
pub struct Args {
    /// The charts
    #[arg(hide = true)]
    charts: Vec<PathBuf>,
    /// Another version for the chart
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    /// Another version of the application
    #[arg(long, value_name = "VERSION")]
    app_version: Option<String>,
    /// Where to write the archive
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    destination: PathBuf,
    /// Fetch the dependencies into charts/ before
    #[arg(short = 'u', long)]
    dependency_update: bool,
    /// Refused: archives are not signed
    #[arg(long, hide = true)]
    sign: bool,
    #[command(flatten)]
    access: Access,
}

/// Packs and writes.
pub fn run(args: &Args) -> Result<()> {
    if args.sign {
        return Err(Error::usage("--sign: archives are not signed"));
    }
    if args.charts.is_empty() {
        return Err(super::requires("package", 1, "[CHART_PATH] [...] [flags]"));
    }
    for chart in &args.charts {
        let shown = chart.display().to_string();
        std::fs::metadata(chart).map_err(|e| io_error("stat", &shown, &e))?;
        if args.dependency_update {
            super::dependency::update(chart, &args.access.registry())?;
        }
        let archive = args.write(chart)?;
        let line = format!("Successfully packaged chart and saved it to: {}\n", archive.display());
        super::print(line.as_bytes())?;
    }
    Ok(())
}

impl Args {
    fn write(&self, chart: &Path) -> Result<PathBuf> {
        let mut notices = Notices::default();
        let loaded = source::load_path(chart, &mut notices)?;
        super::print_notices(&notices);
        let missing: Vec<&str> = subcharts::missing(&loaded).iter().map(|d| d.name.as_str()).collect();
        if !missing.is_empty() {
            let missing = missing.join(", ");
            let message = format!("found in Chart.yaml, but missing in charts/ directory: {missing}");
            return Err(Error::new(Kind::NotFound, message));
        }
        let files = directory::files(&Disk::unconfined(chart)?, "", &mut Notices::default())?;
        let epoch = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok());
        let changes = Changes {
            version: self.version.clone(),
            app_version: self.app_version.clone(),
            time: epoch.unwrap_or_else(|| newest(chart)),
        };
        let (metadata, packed) = pack(files, &changes)?;
        let file = format!("{}-{}.tgz", metadata.name, metadata.version);
        let path = match self.destination == Path::new(".") {
            true => std::env::current_dir().map_err(|e| io_error("getwd", ".", &e))?.join(file),
            false => self.destination.join(file),
        };
        super::write_file(&path, &packed)?;
        Ok(path)
    }
}

/// When the newest file of a directory was written, in seconds.
fn newest(directory: &Path) -> u64 {
    let mut newest = 0;
    let mut pending = vec![directory.to_owned()];
    while let Some(at) = pending.pop() {
        for entry in std::fs::read_dir(at).into_iter().flatten().flatten() {
            let Ok(about) = entry.metadata() else { continue };
            if about.is_dir() {
                pending.push(entry.path());
            }
            let age = about.modified().ok().and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
            newest = newest.max(age.map_or(0, |age| age.as_secs()));
        }
    }
    newest
}
