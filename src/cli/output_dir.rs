//! `--output-dir`: a file a template instead of one text.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use crate::error::{Error, Kind, Result};
use crate::manifest::{Manifests, Selection, print};

/// Writes the selected documents below `below` (definitions below `directory`
/// itself, as Helm does). What comes back is what Helm prints then: a line a
/// document, and a blank one.
///
/// # Errors
/// A file cannot be written.
pub fn write(
    directory: &Path,
    below: &Path,
    manifests: &Manifests,
    selection: &Selection,
) -> Result<Vec<u8>> {
    let mut written = HashSet::new();
    let mut lines = Vec::new();
    let (main, hooks) = selection.of(manifests);
    let crds = if selection.crds { manifests.crds.len() } else { 0 };
    for (index, (source, text)) in main.into_iter().chain(hooks).enumerate() {
        let path = if index < crds { directory } else { below }.join(source);
        let mut document = Vec::new();
        print::document(&mut document, source, text);
        append(&path, &document, !written.insert(path.clone()))
            .map_err(|e| Error::new(Kind::Io, format!("{} cannot be written: {e}", path.display())))?;
        lines.extend_from_slice(format!("wrote {}\n", path.display()).as_bytes());
    }
    lines.push(b'\n');
    Ok(lines)
}

fn append(path: &Path, document: &[u8], again: bool) -> std::io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    OpenOptions::new().create(true).write(true).append(again).truncate(!again).open(path)?.write_all(document)
}
