//! `tiphys dependency build`, `update` and `list`: what a chart depends on, in its
//! `charts/` directory. The only commands that write into a chart.

mod list;

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};

use crate::chart::lock::{self, Lock};
use crate::chart::package::{Changes, pack};
use crate::chart::{Chart, Dependency, File};
use crate::error::{Error, Kind, Result};
use crate::notice::Notices;
use crate::registry::Registry;
use crate::repository::disk::{Disk, io_error};
use crate::source::dependencies::plan::{Plan, wanted};
use crate::source::dependencies::{self, Network};
use crate::source::{self, directory};

use super::access::{Access, Signatures};

/// A chart's dependencies, as `helm dependency` keeps them
#[derive(Debug, Parser)]
#[command(visible_alias = "dep", alias = "dependencies")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Build(Fetch),
    #[command(visible_alias = "up")]
    Update(UpdateArgs),
    #[command(visible_alias = "ls")]
    List(list::Args),
}

/// Fetch what Chart.lock says into charts/
#[derive(Debug, Parser)]
#[command(
    override_usage = "tiphys dependency build CHART [flags]",
    after_help = "Without a Chart.lock it does what update does.\n\nExample:\n  tiphys dependency build examples/my-api"
)]
struct Fetch {
    #[command(flatten)]
    common: Common,
}

/// Fetch the newest versions that Chart.yaml allows into charts/, and write Chart.lock
#[derive(Debug, Parser)]
#[command(
    override_usage = "tiphys dependency update CHART [flags]",
    after_help = "Example:\n  tiphys dependency update examples/my-api"
)]
struct UpdateArgs {
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Parser)]
struct Common {
    /// The chart's directory
    #[arg(default_value = ".")]
    chart: PathBuf,
    /// Accepted; the cache knows how old what it has is
    #[arg(long, hide = true)]
    skip_refresh: bool,
    #[command(flatten)]
    signatures: Signatures,
    #[command(flatten)]
    access: Access,
}

/// Fetches or lists.
pub fn run(args: &Args) -> Result<()> {
    let (common, is_build) = match &args.command {
        Command::List(args) => return list::run(args),
        Command::Build(args) => (&args.common, true),
        Command::Update(args) => (&args.common, false),
    };
    common.signatures.check()?;
    let registry = common.access.registry();
    if is_build { build(&common.chart, &registry) } else { update(&common.chart, &registry) }
}

/// The chart in a directory, as these commands look at it.
fn load(path: &Path) -> Result<(Chart, Vec<File>)> {
    let shown = path.display().to_string();
    let about = std::fs::metadata(path)
        .map_err(|e| io_error("stat", &shown, &e).context(format_args!("could not find {shown}")))?;
    if !about.is_dir() {
        return Err(Error::usage("only unpacked charts can be updated"));
    }
    let mut notices = Notices::default();
    let chart = source::load_path(path, &mut notices)?;
    super::print_notices(&notices);
    let files = directory::files(&Disk::unconfined(path)?, "", &mut Notices::default())?;
    Ok((chart, files))
}

fn build(path: &Path, registry: &Registry) -> Result<()> {
    let (chart, files) = load(path)?;
    if dependencies::lock_file(&files).is_none() {
        return update(path, registry);
    }
    let plan = Plan::of(&chart, &files, registry)?;
    Saver { path, registry }.save(plan.dependencies).map(drop)
}

/// Fetches the newest versions and writes the lock file.
///
/// # Errors
/// What cannot be fetched or written.
pub fn update(path: &Path, registry: &Registry) -> Result<()> {
    let (chart, files) = load(path)?;
    if chart.metadata.dependencies.is_none() {
        return Ok(());
    }
    let unlocked: Vec<_> = files.iter().filter(|file| !file.path.ends_with(".lock")).cloned().collect();
    let plan = Plan::of(&chart, &unlocked, registry)?;
    let saver = Saver { path, registry };
    let mut versions = Vec::new();
    for dependency in &plan.dependencies {
        versions.push(Dependency { version: saver.version(dependency)?, ..dependency.clone() });
    }
    let locked = saver.save(versions)?;
    let digest = lock::digest(&plan.dependencies, &locked);
    let old = dependencies::lock_file(&files).and_then(|file| Lock::read(file.data().ok()?.as_bytes()).ok());
    if old.is_some_and(|old| old.digest == digest) {
        return Ok(());
    }
    let generated = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.fZ").to_string();
    let name = if chart.metadata.api_version == "v1" { "requirements.lock" } else { "Chart.lock" };
    let file = path.join(name);
    if let Ok(target) = std::fs::read_link(&file) {
        let message = format!("the {name} file is a symlink to {:?}", target.display().to_string());
        return Err(Error::new(Kind::Forbidden, message));
    }
    super::write_file(&file, &Lock { generated, digest, dependencies: locked }.write()?)
}

/// What puts charts into `charts/`.
struct Saver<'a> {
    path: &'a Path,
    registry: &'a Registry,
}

impl Saver<'_> {
    fn network(&self) -> Network<'_> {
        Network { named: true, ..Network::patient(self.registry) }
    }

    /// The version that a dependency's range comes to.
    fn version(&self, dependency: &Dependency) -> Result<String> {
        if dependency.repository.is_empty() {
            let place = self.path.join("charts").join(&dependency.name);
            if !place.exists() {
                let message = format!("directory {} not found", place.display());
                return Err(Error::new(Kind::NotFound, message));
            }
            return Ok(dependency.version.clone());
        }
        if dependency.repository.starts_with("file://") {
            let tree = Disk::unconfined(self.path)?;
            return dependencies::local_files(&tree, "", dependency).map(|(version, _)| version);
        }
        let network = self.network();
        self.registry.version(&wanted(dependency, true), network.deadline).map_err(|e| match e.kind {
            Kind::NotFound => cannot_be_had(dependency, e),
            _ => e,
        })
    }

    /// Fetches all, then moves them into place and deletes what they replace. What
    /// was fetched comes back as a lock file names it.
    fn save(&self, versions: Vec<Dependency>) -> Result<Vec<Dependency>> {
        let charts = self.path.join("charts");
        if charts.exists() && !charts.is_dir() {
            return Err(Error::usage(format!("{:?} is not a directory", charts.display().to_string())));
        }
        super::print(format!("Saving {} charts\n", versions.len()).as_bytes())?;
        let mut saved: Vec<(String, Vec<u8>)> = Vec::new();
        let mut locked = Vec::new();
        for dependency in versions {
            let version = self.one(&dependency, &mut saved)?;
            let Dependency { name, repository, .. } = dependency;
            locked.push(Dependency { name, repository, version, ..Dependency::default() });
        }
        std::fs::create_dir_all(&charts).map_err(|e| io_error("mkdir", &charts.display().to_string(), &e))?;
        for (name, archive) in &saved {
            super::write_file(&charts.join(name), archive)?;
        }
        super::print(b"Deleting outdated charts\n")?;
        self.delete_outdated(&charts, &saved, &locked)?;
        Ok(locked)
    }

    /// Fetches or packs one; says its version.
    fn one(&self, dependency: &Dependency, saved: &mut Vec<(String, Vec<u8>)>) -> Result<String> {
        let Dependency { name, version, repository, .. } = dependency;
        if repository.is_empty() {
            let line = format!(
                "Dependency {name} did not declare a repository. Assuming it exists in the charts directory\n"
            );
            super::print(line.as_bytes())?;
            return self.carried(dependency);
        }
        if repository.starts_with("file://") {
            let tree = Disk::unconfined(self.path)?;
            let (version, files) = dependencies::local_files(&tree, "", dependency)?;
            let (_, archive) = pack(files, &Changes::default())?;
            saved.push((format!("{name}-{version}.tgz"), archive));
            return Ok(version);
        }
        super::print(format!("Downloading {name} from repo {repository}\n").as_bytes())?;
        let network = self.network();
        let fetch = || self.registry.fetch(&wanted(dependency, true), network.deadline);
        let fetched = super::progress::during("downloading", fetch)?;
        super::print(super::pull::pulled(&fetched).as_bytes())?;
        saved.push((dependencies::file_name(name, version, &fetched), fetched.archive));
        Ok(version.clone())
    }

    /// A dependency without a repository: it has to be there, and to fit.
    fn carried(&self, dependency: &Dependency) -> Result<String> {
        let place = self.path.join("charts").join(&dependency.name);
        let chart = source::load_path(&place, &mut Notices::default())
            .map_err(|e| e.context(format_args!("unable to load chart '{}'", place.display())))?;
        let (name, have, wanted) = (&dependency.name, &chart.metadata.version, &dependency.version);
        dependencies::check_constraint(name, wanted)?;
        if !crate::chart::subcharts::compatible(wanted, have) {
            return Err(Error::invalid(format!(
                "dependency {name} at version {have} does not satisfy the constraint {wanted}"
            )));
        }
        Ok(wanted.clone())
    }

    /// Archives of `charts/` that were not saved now and belong to no dependency
    /// without a repository.
    fn delete_outdated(
        &self,
        charts: &Path,
        saved: &[(String, Vec<u8>)],
        locked: &[Dependency],
    ) -> Result<()> {
        for entry in std::fs::read_dir(charts).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_directory || saved.iter().any(|(own, _)| *own == name) {
                continue;
            }
            let path = entry.path();
            match source::load_path(&path, &mut Notices::default()) {
                Ok(chart) => {
                    let own = |d: &Dependency| d.repository.is_empty() && d.name == chart.metadata.name;
                    if !locked.iter().any(own) {
                        std::fs::remove_file(&path)
                            .map_err(|e| io_error("remove", &path.display().to_string(), &e))?;
                    }
                }
                Err(e) => {
                    let shown = path.display();
                    let line = format!("Could not verify {shown} for deletion: {} (Skipping)\n", e.message);
                    super::print(line.as_bytes())?;
                }
            }
        }
        Ok(())
    }
}

/// Helm's words for a range that nothing fits.
fn cannot_be_had(dependency: &Dependency, cause: Error) -> Error {
    let Dependency { name, version, repository, .. } = dependency;
    let message = format!(
        "can't get a valid version for 1 subchart(s): {name:?} (repository {repository:?}, version {version:?}). Make sure \
         a matching chart version exists in the repo, or change the version constraint in Chart.yaml"
    );
    let said = match &cause.hint {
        Some(hint) => format!("{}; {hint}", cause.message),
        None => cause.message.clone(),
    };
    Error::new(Kind::NotFound, message).hint(said).caused_by(cause)
}
