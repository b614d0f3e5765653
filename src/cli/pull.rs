//! `tiphys pull`: a chart out of a registry or a repository into a file.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Parser;

use crate::chart::archive::{self, Limits};
use crate::error::{Error, Kind, Result};
use crate::registry::{Fetched, Wanted};
use crate::source::dependencies::PATIENCE;

use super::access::{Access, Signatures};

/// Download a chart, as `helm pull` does
#[derive(Debug, Parser)]
#[command(
    override_usage = "tiphys pull CHART [CHART...] [flags]",
    after_help = "CHART is oci://HOST/PATH[:VERSION][@DIGEST], https://HOST/FILE.tgz, NAME/CHART of a configured \
                  repository, or a chart's name with --repo.\n\nExample:\n  tiphys pull oci://ghcr.io/stefanprodan/charts/podinfo --version ^6 --untar"
)]
pub struct Args {
    /// The charts
    #[arg(hide = true)]
    charts: Vec<String>,
    /// A version, or a range of them such as ^2 or ~1.4; the newest release if not given
    #[arg(
        long,
        value_name = "RANGE",
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    version: String,
    /// The URL of the repository
    #[arg(long, value_name = "URL", default_value = "", hide_default_value = true)]
    repo: String,
    /// Where to write the chart
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    destination: PathBuf,
    /// Unpack the chart
    #[arg(long)]
    untar: bool,
    /// Where to unpack it
    #[arg(long, value_name = "DIR", default_value = ".")]
    untardir: PathBuf,
    /// Prereleases too, where --version is not given
    #[arg(long)]
    devel: bool,
    /// Download the signature too, where there is one
    #[arg(long)]
    prov: bool,
    #[command(flatten)]
    signatures: Signatures,
    #[command(flatten)]
    access: Access,
}

/// Downloads and writes.
pub fn run(args: &Args) -> Result<()> {
    args.signatures.check()?;
    if args.charts.is_empty() {
        return Err(super::requires("pull", 1, "[chart URL | repo/chartname] [...] [flags]"));
    }
    let registry = args.access.registry();
    for chart in &args.charts {
        let version = if args.version.is_empty() && args.devel { ">0.0.0-0" } else { &args.version };
        let wanted = Wanted {
            chart: chart.clone(),
            version: version.to_owned(),
            repository: args.repo.clone(),
            named: true,
            provenance: args.prov,
        };
        let deadline = Instant::now() + PATIENCE;
        let fetched = super::progress::during("downloading", || registry.fetch(&wanted, deadline))?;
        super::print(pulled(&fetched).as_bytes())?;
        args.keep(chart, &fetched)?;
    }
    Ok(())
}

/// What Helm says of a chart that came out of a registry.
pub fn pulled(fetched: &Fetched) -> String {
    match &fetched.reference {
        None => String::new(),
        Some((reference, digest)) => super::push::said("Pulled", &reference.to_string(), &digest.to_string()),
    }
}

impl Args {
    fn keep(&self, chart: &str, fetched: &Fetched) -> Result<()> {
        if !self.untar {
            let path = self.destination.join(&fetched.file);
            super::write_file(&path, &fetched.archive)?;
            if let Some(provenance) = &fetched.provenance {
                super::write_file(&self.destination.join(format!("{}.prov", fetched.file)), provenance)?;
            }
            return Ok(());
        }
        let below = match self.untardir.is_absolute() {
            true => self.untardir.clone(),
            false => self.destination.join(&self.untardir),
        };
        // Helm looks for what the reference ends with, whatever the chart is called.
        let taken = below.join(chart.rsplit('/').next().unwrap_or_default());
        if taken.exists() {
            let shown = taken.strip_prefix(".").unwrap_or(&taken).display().to_string();
            let message =
                format!("failed to untar: a file or directory with the name {shown} already exists");
            return Err(Error::usage(message));
        }
        unpack(&fetched.archive, &below)
    }
}

/// Writes a packed chart's files below a directory, in one of the chart's name.
fn unpack(packed: &[u8], below: &Path) -> Result<()> {
    let files = archive::read(packed, &mut Limits::default())?;
    let chart = crate::chart::load::from_files(files.clone(), &mut crate::notice::Notices::default())?;
    for file in files {
        let inside = Path::new(&file.path);
        let plain = inside.components().all(|part| matches!(part, std::path::Component::Normal(_)));
        if !plain {
            return Err(Error::new(Kind::Forbidden, format!("{}: leads out of the chart", file.path)));
        }
        super::write_file(&below.join(&chart.metadata.name).join(inside), file.data()?.as_bytes())?;
    }
    Ok(())
}
