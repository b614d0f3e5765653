//! What to render: the chart, and the layers of values over it.

pub mod application;
pub mod archive;
pub mod chart_values;
pub mod conventions;
pub mod directory;
pub mod environment;
pub mod explain;
mod files;
mod glob;
pub mod layers;
pub mod tiphys_yaml;
mod values_files;

use std::path::Path;

use crate::chart::Chart;
use crate::chart::decode::api_version;
use crate::error::{Error, Kind, Result};
use crate::notice::Notices;
use crate::repository::disk::{Disk, io_error};
use crate::repository::{Entry, EntryKind, Tree};

/// Loads the chart at `path` of a tree: a directory or a .tgz.
///
/// # Errors
/// Helm's, where it refuses the chart; the tree's own.
pub fn load_chart(tree: &dyn Tree, path: &str, notices: &mut Notices) -> Result<Chart> {
    match tree.entry(path)? {
        Some(Entry { kind: EntryKind::Directory, .. }) => directory::load(tree, path, notices),
        Some(_) => archive::load(tree, path, notices),
        None => Err(not_found(&tree.shown(path))),
    }
}

/// Loads the chart that the user names on the command line: links lead
/// anywhere, as the user's own files are the user's business.
///
/// # Errors
/// As [`load_chart`].
pub fn load_path(path: &Path, notices: &mut Notices) -> Result<Chart> {
    let shown = path.display().to_string();
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => directory::load(&Disk::unconfined(path)?, "", notices),
        Ok(_) => {
            let absolute = std::path::absolute(path).map_err(|e| io_error("lstat", &shown, &e))?;
            let (Some(parent), Some(name)) = (absolute.parent(), absolute.file_name()) else {
                return Err(not_found(&shown));
            };
            archive::load(&Disk::unconfined(parent)?, &name.to_string_lossy(), notices)
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            check_path(path)?;
            Err(not_found(&shown))
        }
        Err(e) => Err(io_error("stat", &shown, &e)),
    }
}

/// Looks whether there is anything at the path that the user gave as the chart.
///
/// # Errors
/// Helm's: what is no path it takes for the name of a chart in a repository.
pub fn check_path(path: &Path) -> Result<()> {
    let shown = path.display().to_string();
    if path.exists() {
        return Ok(());
    }
    if shown.contains("://") {
        return Err(Error::usage(format!("{shown}: charts are loaded from paths, not from URLs")));
    }
    if path.is_absolute() || shown.starts_with('.') {
        return Err(not_found(&shown));
    }
    Err(Error::new(
        Kind::NotFound,
        match shown.split_once('/') {
            Some((repository, _)) => format!("repo {repository} not found"),
            None => {
                format!("non-absolute URLs should be in form of repo_name/path_to_chart, got: {shown}")
            }
        },
    ))
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
