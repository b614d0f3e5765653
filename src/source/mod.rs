//! What to render: the chart, and the layers of values over it.

pub mod application;
pub mod archive;
pub mod chart_values;
pub mod conventions;
pub mod dependencies;
pub mod directory;
pub mod environment;
pub mod explain;
mod files;
mod glob;
pub mod layers;
pub mod tiphys_yaml;
mod values_files;

use std::path::Path;

use crate::chart::decode::api_version;
use crate::chart::{Chart, KnownFiles};
use crate::error::{Error, Kind, Result};
use crate::notice::Notices;
use crate::registry::Wanted;
use crate::repository::disk::{Disk, io_error};
use crate::repository::snapshot::{Node, Snapshot};
use crate::repository::{Entry, EntryKind, Tree};
use dependencies::Network;

/// What loading may use beside a tree.
#[derive(Debug, Clone, Copy, Default)]
pub struct Means<'a> {
    /// The way to what the tree does not have; without it that is missing.
    pub network: Option<&'a Network<'a>>,
    /// Files that were read before.
    pub known: Option<&'a KnownFiles>,
}

/// Loads the chart at `path` of a tree: a directory or a .tgz. It and its files may
/// be `known`.
///
/// # Errors
/// Helm's, where it refuses the chart; the tree's own.
pub fn load_chart(
    tree: &dyn Tree,
    path: &str,
    known: Option<&KnownFiles>,
    notices: &mut Notices,
) -> Result<Chart> {
    match tree.entry(path)? {
        Some(Entry { kind: EntryKind::Directory, .. }) => directory::load(tree, path, known, notices),
        Some(_) => archive::load(tree, path, known, notices),
        None => Err(not_found(&tree.shown(path))),
    }
}

/// Loads the chart at a path that the user names on the command line: links lead
/// anywhere, as the user's own files are the user's business.
///
/// # Errors
/// As [`load_chart`].
pub fn load_path(path: &Path, notices: &mut Notices) -> Result<Chart> {
    let (tree, inside) = tree_of(path)?;
    load_chart(&tree, &inside, None, notices)
}

/// Loads the chart that the user names on the command line, a path or something to
/// fetch, with the dependencies that it lacks.
///
/// # Errors
/// As [`load_chart`]; what cannot be fetched.
pub fn load_named(wanted: &Wanted, network: &Network<'_>, notices: &mut Notices) -> Result<Chart> {
    let path = Path::new(&wanted.chart);
    let is_path = path.exists() || path.is_absolute() || wanted.chart.starts_with('.');
    if wanted.repository.is_empty() && is_path {
        let (tree, inside) = tree_of(path)?;
        return dependencies::load(&tree, &inside, network, None, notices);
    }
    fetch_chart(wanted, network, None, notices)
}

/// Fetches a chart, and the dependencies that it lacks.
///
/// # Errors
/// What cannot be fetched; Helm's, where it refuses the chart.
pub fn fetch_chart(
    wanted: &Wanted,
    network: &Network<'_>,
    known: Option<&KnownFiles>,
    notices: &mut Notices,
) -> Result<Chart> {
    let fetched = network.fetch(wanted)?;
    let file = fetched.file;
    let tree = Snapshot::new([(file.clone(), Node::File(fetched.archive.into()))].into());
    dependencies::load(&tree, &file, network, known, notices)
}

/// The tree that a path of the user's lies in, and where.
fn tree_of(path: &Path) -> Result<(Disk, String)> {
    let shown = path.display().to_string();
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Ok((Disk::unconfined(path)?, String::new())),
        Ok(_) => {
            let absolute = std::path::absolute(path).map_err(|e| io_error("lstat", &shown, &e))?;
            let (Some(parent), Some(name)) = (absolute.parent(), absolute.file_name()) else {
                return Err(not_found(&shown));
            };
            Ok((Disk::unconfined(parent)?, name.to_string_lossy().into_owned()))
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(not_found(&shown)),
        Err(e) => Err(io_error("stat", &shown, &e)),
    }
}

/// A file of the user's that cannot be opened, in Go's words.
pub fn open_error(name: &str, error: &std::io::Error) -> Error {
    io_error("open", name, error)
}

fn not_found(shown: &str) -> Error {
    Error::new(Kind::NotFound, format!("path {shown:?} not found"))
}

/// Refuses the charts of other generations before anything else is read.
fn check_api_version(chart_yaml: &[u8]) -> Result<()> {
    let version =
        api_version(chart_yaml).map_err(|e| Error::invalid(format!("cannot load Chart.yaml: {e}")))?;
    match version.as_str() {
        "" | "v1" | "v2" => Ok(()),
        "v3" => Err(Error::invalid("invalid chart apiVersion")),
        _ => Err(Error::invalid("unsupported chart version")),
    }
}

#[cfg(test)]
mod tests;
