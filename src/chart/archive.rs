//! A packaged chart (.tgz) into its files, with Helm's checks
//! (pkg/chart/loader/archive). Nothing is written anywhere: links and devices
//! are empty files, as Helm's loader sees them.

pub mod known;

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

use crate::data::Str;
use crate::error::{Error, Kind, Result};

use super::File;

pub use known::KnownArchives;

/// Bytes that one chart may have unpacked (Helm's MaxDecompressedChartSize).
pub const MAX_CHART: u64 = 100 << 20;

/// What unpacking may use: one budget for an archive and all that are in it.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes that are left to unpack.
    pub bytes: u64,
    /// Archives inside each other that are left to open.
    pub depth: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { bytes: 512 << 20, depth: 16 }
    }
}

/// Unpacks a chart archive: its files in their order, without the first
/// component of their paths. What it unpacked is taken off `limits.bytes`.
///
/// # Errors
/// Helm's for illegal paths and too large charts, Go's for broken gzip and tar,
/// ours where the limits are used up.
pub fn read(tgz: &[u8], limits: &mut Limits) -> Result<Vec<File>> {
    check_gzip(tgz)?;
    let mut unpacked = Counted { inner: MultiGzDecoder::new(tgz), left: limits.bytes, spent: false };
    let result = read_tar(&mut unpacked);
    let spent = unpacked.spent;
    limits.bytes = unpacked.left;
    if spent {
        return Err(Error::new(Kind::Limit, "chart archives unpack to more than 512 MiB in all"));
    }
    result
}

/// Go's gzip reader refuses the header before anything else.
fn check_gzip(tgz: &[u8]) -> Result<()> {
    match tgz {
        [] => Err(Error::new(Kind::Corrupt, "EOF")),
        [0x1f, 0x8b, 8, ..] => Ok(()),
        _ if tgz.len() < 10 => Err(Error::new(Kind::Corrupt, "unexpected EOF")),
        _ => Err(Error::new(Kind::Corrupt, "gzip: invalid header")),
    }
}

fn read_tar(unpacked: impl Read) -> Result<Vec<File>> {
    let mut archive = tar::Archive::new(unpacked);
    let mut left = MAX_CHART;
    let mut files = Vec::new();
    for entry in archive.entries().map_err(|e| broken(&e))? {
        let mut entry = entry.map_err(|e| broken(&e))?;
        let kind = entry.header().entry_type();
        let mode = entry.header().mode().unwrap_or_default();
        if kind.is_dir() || mode & !0o7777 == 0o40000 || kind.is_pax_global_extensions() {
            continue;
        }
        let raw = entry.path_bytes();
        let name = String::from_utf8_lossy(&raw);
        let path = chart_path(&name)?;
        let has_data = kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse();
        let size = if has_data { entry.size() } else { 0 };
        if size > left {
            return Err(too_large());
        }
        let mut data = Vec::with_capacity(usize::try_from(size.min(1 << 20)).unwrap_or_default());
        if has_data {
            (&mut entry).take(size).read_to_end(&mut data).map_err(|e| broken(&e))?;
            if (data.len() as u64) < size {
                return Err(Error::new(Kind::Corrupt, "unexpected EOF"));
            }
        }
        left = left.saturating_sub(size);
        if left == 0 {
            return Err(too_large());
        }
        files.push(File::new(path, without_bom(data)));
    }
    if files.is_empty() {
        return Err(Error::invalid("no files in chart archive"));
    }
    Ok(files)
}

fn too_large() -> Error {
    Error::new(Kind::Limit, format!("decompressed chart is larger than the maximum size {MAX_CHART}"))
}

/// Strips a byte order mark.
pub fn without_bom(data: impl AsRef<[u8]> + Into<Str>) -> Str {
    match data.as_ref().strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => rest.into(),
        None => data.into(),
    }
}

/// Go's words for what broke.
fn broken(error: &io::Error) -> Error {
    let text = match error.kind() {
        io::ErrorKind::UnexpectedEof => "unexpected EOF",
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => "flate: corrupt input",
        // The tar crate has no kind for a header that ends early.
        _ if error.to_string().contains("failed to read entire block") => "unexpected EOF",
        _ => "archive/tar: invalid tar header",
    };
    Error::new(Kind::Corrupt, text)
}

/// The path inside the chart of an entry named `name`.
fn chart_path(name: &str) -> Result<String> {
    let delimiter = if name.contains('\\') { '\\' } else { '/' };
    let (first, rest) = name.split_once(delimiter).unwrap_or((name, ""));
    let rest = rest.replace(delimiter, "/");
    if rest.starts_with('/') {
        return Err(Error::new(Kind::Forbidden, "chart illegally contains absolute paths"));
    }
    let path = clean(&rest);
    if path == "." {
        let name = crate::template::print::quote(name.as_bytes());
        let message = format!("chart illegally contains content outside the base directory: {name}");
        return Err(Error::new(Kind::Forbidden, message));
    }
    if path.starts_with("..") {
        return Err(Error::new(Kind::Forbidden, "chart illegally references parent directory"));
    }
    if matches!(path.as_bytes(), [drive, b':', b'/', ..] if drive.is_ascii_alphabetic()) {
        return Err(Error::new(Kind::Forbidden, "chart contains illegally named files"));
    }
    if first == "Chart.yaml" {
        return Err(Error::new(Kind::Forbidden, "chart yaml not in base directory"));
    }
    Ok(path)
}

/// Go's `path.Clean` of a relative path.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// Counts what is unpacked, headers and padding included.
struct Counted<R> {
    inner: R,
    left: u64,
    spent: bool,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => {
                self.left = left;
                Ok(read)
            }
            None => {
                self.left = 0;
                self.spent = true;
                Err(io::Error::other("limit"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn tgz(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder =
            tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
        for (name, data) in entries {
            let mut header = tar::Header::new_ustar();
            header.set_size(data.len() as u64);
            header.set_mode(0o644);
            // set_path refuses what an attacker writes by hand.
            let bytes = header.as_ustar_mut().unwrap();
            bytes.name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_cksum();
            builder.append(&header, *data).unwrap();
        }
        builder.into_inner().unwrap().finish().unwrap()
    }

    fn error(entries: &[(&str, &[u8])]) -> String {
        read(&tgz(entries), &mut Limits::default()).unwrap_err().to_string()
    }

    #[test]
    fn the_first_component_goes_and_backslashes_are_slashes() {
        let files = read(
            &tgz(&[
                ("t/a", b"1"),
                ("../b", b"\xef\xbb\xbf2"),
                ("t\\c\\d", b""),
                ("t/./e//f", b""),
                ("/x/y", b""),
            ]),
            &mut Limits::default(),
        )
        .unwrap();
        let paths: Vec<_> = files.iter().map(|f| f.path.as_str()).collect();
        assert_eq!(paths, ["a", "b", "c/d", "e/f", "x/y"]);
        assert_eq!(files[1].data().unwrap().as_bytes(), b"2");
    }

    #[test]
    fn illegal_paths_are_refused_in_helms_words() {
        for (name, message) in [
            ("t//etc/x", "chart illegally contains absolute paths"),
            ("t\\\\b", "chart illegally contains absolute paths"),
            ("t/../../x", "chart illegally references parent directory"),
            ("t/..x", "chart illegally references parent directory"),
            ("x", "chart illegally contains content outside the base directory: \"x\""),
            ("t/c:/x", "chart contains illegally named files"),
            ("Chart.yaml/x", "chart yaml not in base directory"),
        ] {
            assert_eq!(error(&[(name, b"x")]), message);
        }
        assert_eq!(error(&[]), "no files in chart archive");
    }

    #[test]
    fn broken_archives_are_errors() {
        let whole = tgz(&[("t/a", &[7; 2000])]);
        let error = |bytes: &[u8]| read(bytes, &mut Limits::default()).unwrap_err().to_string();
        assert_eq!(error(b""), "EOF");
        assert_eq!(error(b"a\n"), "unexpected EOF");
        assert_eq!(error(&[b'a'; 20]), "gzip: invalid header");
        assert_eq!(error(b"\x1f\x8b\x08"), "unexpected EOF");
        assert_eq!(error(&whole[..whole.len() / 2]), "unexpected EOF");
    }

    #[test]
    fn one_budget_holds_for_all_archives() {
        let big = tgz(&[("t/a", &vec![0; 1 << 20])]);
        let mut limits = Limits { bytes: (2 << 20) + 10_000, depth: 16 };
        assert!(read(&big, &mut limits).is_ok());
        assert!(limits.bytes < (1 << 20) + 10_000);
        let mut limits = Limits { bytes: 1 << 20, depth: 16 };
        assert_eq!(read(&big, &mut limits).unwrap_err().kind, Kind::Limit);
        assert_eq!(limits.bytes, 0);
    }
}
