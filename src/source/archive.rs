//! A packaged chart out of a tree.

use crate::chart::archive::{self, Limits};
use crate::chart::{Chart, KnownFiles, load};
use crate::error::{Error, Kind, Result};
use crate::notice::Notices;
use crate::repository::Tree;

/// Bytes that a packed chart may have.
pub(super) const MAX_PACKED: u64 = 100 << 20;

/// Loads the .tgz at `path`. It and its files may be `known`.
///
/// # Errors
/// Helm's for what is no chart archive; Helm keeps to itself what is wrong with
/// a broken one, so that is the error's source and hint here.
pub fn load(tree: &dyn Tree, path: &str, known: Option<&KnownFiles>, notices: &mut Notices) -> Result<Chart> {
    let packed = tree.read(path, MAX_PACKED)?;
    check_archive(&tree.shown(path), packed.as_bytes())?;
    from_bytes(packed.as_bytes(), known, notices)
}

/// Loads a packed chart, such as a registry sends it.
///
/// # Errors
/// As [`load`].
pub fn from_bytes(tgz: &[u8], known: Option<&KnownFiles>, notices: &mut Notices) -> Result<Chart> {
    let mut limits = Limits::default();
    let files = archive::known::read(tgz, &mut limits, known).map_err(|cause| {
        let kind = if cause.kind == Kind::Limit { Kind::Limit } else { Kind::Corrupt };
        Error::new(kind, "unable to load chart archive").hint(cause.message.clone()).caused_by(cause)
    })?;
    let chart_yaml = files
        .iter()
        .find(|file| file.path == "Chart.yaml")
        .ok_or_else(|| Error::invalid("unable to detect chart version, no Chart.yaml found"))?;
    super::check_api_version(chart_yaml.data()?.as_bytes())?;
    load::from_files_with(files, known, notices)
}

/// Tells a user who gave some other file what it seems to be.
fn check_archive(shown: &str, head: &[u8]) -> Result<()> {
    if head.starts_with(b"\x1f\x8b\x08") {
        return Ok(());
    }
    if shown.ends_with(".yml") || shown.ends_with(".yaml") {
        let message = format!("file '{shown}' seems to be a YAML file, but expected a gzipped archive");
        return Err(Error::invalid(message));
    }
    let kind = content_type(head);
    Err(Error::invalid(format!("file '{shown}' does not appear to be a gzipped archive; got '{kind}'")))
}

/// net/http's DetectContentType, for what people point at by mistake. Helm asks
/// about 512 bytes filled up with zeros, so that shorter text is no text.
fn content_type(head: &[u8]) -> &'static str {
    let head = head.get(..512).unwrap_or(head);
    let text = head.len() == 512 && !head.iter().any(|b| matches!(b, 0..=8 | 0xb | 0xe..=0x1a | 0x1c..=0x1f));
    let start = head.trim_ascii_start().to_ascii_lowercase();
    let html = ["<!doctype html", "<html", "<head", "<body", "<script", "<!--"];
    match head {
        _ if html.iter().any(|tag| start.starts_with(tag.as_bytes())) => "text/html; charset=utf-8",
        _ if start.starts_with(b"<?xml") => "text/xml; charset=utf-8",
        [b'%', b'P', b'D', b'F', b'-', ..] => "application/pdf",
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => "image/png",
        [b'P', b'K', 3, 4, ..] => "application/zip",
        _ if text => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
