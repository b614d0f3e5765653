//! Dependencies that a chart names and does not carry: fetched as its lock file
//! says, or by the ranges of Chart.yaml, and put into `charts/` in memory. What is
//! there already wins; the tree is never written to.

pub mod plan;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::chart::archive::{self as packed, Limits};
use crate::chart::{Chart, Dependency, File, KnownFiles, load, subcharts};
use crate::data::quote::quote;
use crate::data::semver::{Constraints, Version};
use crate::error::{Error, Kind, Result};
use crate::notice::Notices;
use crate::registry::{Fetched, Registry, Turn, Wanted};
use crate::repository::{EntryKind, Tree, join, outside};

use super::{archive, directory};
use plan::Plan;

/// How long a person at the command line is kept waiting.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// The way to what a chart does not carry.
#[derive(Debug, Clone, Copy)]
pub struct Network<'a> {
    /// The network's door.
    pub registry: &'a Registry,
    /// When the caller gives up.
    pub deadline: Instant,
    /// Whether the command line's flags hold for what the chart names.
    pub named: bool,
    /// The place to leave while waiting.
    pub turn: Option<&'a dyn Turn>,
    /// Set where nobody wants the answer any more.
    pub cancelled: Option<&'a AtomicBool>,
    /// Is set when something is fetched.
    pub used: Option<&'a AtomicBool>,
}

impl<'a> Network<'a> {
    /// For a person, who waits a while.
    pub fn patient(registry: &'a Registry) -> Network<'a> {
        Network {
            registry,
            deadline: Instant::now() + PATIENCE,
            named: false,
            turn: None,
            cancelled: None,
            used: None,
        }
    }
}

impl Network<'_> {
    /// Fetches one chart: its archive.
    ///
    /// # Errors
    /// As [`Registry::fetch_all`].
    pub fn fetch(&self, wanted: &Wanted) -> Result<Fetched> {
        let fetched = self.fetch_all(std::slice::from_ref(wanted))?.pop();
        fetched.ok_or_else(|| Error::new(Kind::Internal, "nothing was fetched"))
    }

    /// Fetches charts, while others may have the place.
    fn fetch_all(&self, wanted: &[Wanted]) -> Result<Vec<Fetched>> {
        if let Some(used) = self.used {
            used.store(true, Ordering::Relaxed);
        }
        let fetch = || self.registry.fetch_all(wanted, self.deadline, self.cancelled);
        let Some(turn) = self.turn else { return fetch() };
        turn.give();
        let fetched = fetch()?;
        turn.take(self.deadline)?;
        Ok(fetched)
    }
}

/// The chart at `path` of a tree with its dependencies, fetched where they are
/// missing. A chart that carries all of them costs nothing more than to load it. Files
/// may be `known`.
///
/// # Errors
/// Helm's where it refuses the chart; a lock file that does not fit; a dependency
/// that cannot be had.
pub fn load(
    tree: &dyn Tree,
    path: &str,
    network: &Network<'_>,
    known: Option<&KnownFiles>,
    notices: &mut Notices,
) -> Result<Chart> {
    let before = notices.0.len();
    let chart = super::load_chart(tree, path, known, notices)?;
    let missing = subcharts::missing(&chart);
    // One without a repository cannot be fetched: Helm's refusal names all of them.
    if missing.is_empty() || missing.iter().any(|dependency| dependency.repository.is_empty()) {
        return Ok(chart);
    }
    let names: Vec<&str> = missing.iter().map(|dependency| dependency.name.as_str()).collect();
    let mut again = Notices::default();
    let mut files = files(tree, path, &mut again)?;
    let plan = Plan::of(&chart, &files, network.registry)?;
    let wanted: Vec<_> = plan.dependencies.iter().filter(|d| names.contains(&d.name.as_str())).collect();
    files.extend(fetch(tree, path, &wanted, network)?);
    notices.0.truncate(before);
    notices.0.append(&mut again.0);
    load::from_files_with(files, known, notices)
}

/// The files of the chart at `path`, a directory or an archive.
fn files(tree: &dyn Tree, path: &str, notices: &mut Notices) -> Result<Vec<File>> {
    match tree.entry(path)?.map(|entry| entry.kind) {
        Some(EntryKind::Directory) => directory::files(tree, path, notices),
        _ => packed::read(tree.read(path, archive::MAX_PACKED)?.as_bytes(), &mut Limits::default()),
    }
}

/// The files in `charts/` that these dependencies come to: all from the network at
/// once, then those of the tree.
fn fetch(tree: &dyn Tree, path: &str, wanted: &[&Dependency], network: &Network<'_>) -> Result<Vec<File>> {
    let is_local = |d: &&Dependency| d.repository.starts_with("file://");
    let (local, remote): (Vec<_>, Vec<_>) = wanted.iter().copied().partition(is_local);
    let asked: Vec<Wanted> =
        remote.iter().map(|dependency| plan::wanted(dependency, network.named)).collect();
    let fetched = match asked.is_empty() {
        true => Vec::new(),
        false => network.fetch_all(&asked)?,
    };
    let mut files: Vec<File> = Vec::new();
    for (dependency, fetched) in remote.iter().zip(fetched) {
        let path = format!("charts/{}", file_name(&dependency.name, &dependency.version, &fetched));
        if !files.iter().any(|file| file.path == path) {
            files.push(File::new(path, fetched.archive.into()));
        }
    }
    for dependency in local {
        let (version, own) = local_files(tree, path, dependency)?;
        let below = format!("charts/{}-{version}", dependency.name);
        files.extend(own.into_iter().map(|mut file| {
            file.path = join(&below, &file.path);
            file
        }));
    }
    Ok(files)
}

/// What the archive is called in `charts/`: as Helm calls it, where that can be read as one.
pub fn file_name(name: &str, version: &str, fetched: &Fetched) -> String {
    let fine = fetched.file.ends_with(".tgz") && !fetched.file.starts_with(['_', '.']);
    if fine { fetched.file.clone() } else { format!("{name}-{version}.tgz") }
}

/// The version and the files of a chart in the tree, named relative to the chart that
/// depends on it.
///
/// # Errors
/// Nothing there, something outside of the repository, another version than wanted.
pub fn local_files(tree: &dyn Tree, path: &str, dependency: &Dependency) -> Result<(String, Vec<File>)> {
    let place = dependency.repository.trim_start_matches("file://");
    let is_absolute = place.starts_with('/');
    if is_absolute && tree.is_confined() {
        return Err(outside(place));
    }
    let place = if is_absolute { place.to_owned() } else { join(path, place) };
    if tree.entry(&place)?.is_none() {
        return Err(Error::new(Kind::NotFound, format!("directory {} not found", tree.shown(&place))));
    }
    let mut remarks = Notices::default();
    let version = super::load_chart(tree, &place, None, &mut remarks)?.metadata.version;
    let wanted = check_constraint(&dependency.name, &dependency.version)?;
    if !Version::parse(&version).is_ok_and(|version| wanted.check(&version)) {
        let name = &dependency.name;
        return Err(Error::invalid(format!("can't get a valid version for dependency {name}")).hint(
            format!("{} has version {version}, wanted is {}", tree.shown(&place), dependency.version),
        ));
    }
    Ok((version, files(tree, &place, &mut remarks)?))
}

/// A dependency's range.
///
/// # Errors
/// Helm's words for one that cannot be read.
pub fn check_constraint(name: &str, range: &str) -> Result<Constraints> {
    Constraints::parse(range).map_err(|e| {
        let quoted = quote(name.as_bytes());
        Error::invalid(format!("dependency {quoted} has an invalid version/constraint format: {e}"))
    })
}

/// The lock file among a chart's files.
pub fn lock_file(files: &[File]) -> Option<&File> {
    let found = |name: &str| files.iter().find(|file| file.path == name);
    found("Chart.lock").or_else(|| found("requirements.lock"))
}

#[cfg(test)]
mod tests;
