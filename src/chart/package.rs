//! A chart's files into an archive, laid out as Helm's `chartutil.Save` lays it out:
//! Chart.yaml and Chart.lock written again, subcharts unpacked.

use std::collections::BTreeMap;
use std::io::Write;

use flate2::{Compression, GzBuilder};

use crate::data::Str;
use crate::data::semver::Version;
use crate::error::{Error, Kind, Result};

use super::archive::{self, Limits};
use super::lock::Lock;
use super::metadata::Draft;
use super::written::{metadata_json, yaml};
use super::{File, Metadata};

/// What Helm puts into the header of its archives.
const EXTRA: &[u8] = b"rr\x28\x00aHR0cHM6Ly95b3V0dS5iZS96OVV6MWljandyTQo=";

/// Charts inside each other.
const MAX_NESTING: u32 = 100;

/// What is changed on the way.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Another version.
    pub version: Option<String>,
    /// Another version of the application.
    pub app_version: Option<String>,
    /// The time of every file, in seconds.
    pub time: u64,
}

/// Packs a chart; its metadata, as it is packed, comes with the archive.
///
/// # Errors
/// A chart that Helm refuses, or one that cannot be packed.
pub fn pack(files: Vec<File>, changes: &Changes) -> Result<(Metadata, Vec<u8>)> {
    let (mut metadata, files) = split(files)?;
    if let Some(version) = &changes.version {
        metadata.version.clone_from(version);
        Version::parse(version).map_err(|e| Error::usage(e.to_string()))?;
    }
    if let Some(version) = &changes.app_version {
        metadata.app_version.clone_from(version);
    }
    let gz = GzBuilder::new().extra(EXTRA).comment("Helm").write(Vec::new(), Compression::default());
    let mut packer = Packer { tar: tar::Builder::new(gz), time: changes.time, limits: Limits::default() };
    let base = metadata.name.clone();
    packer.chart(&base, &metadata, files, MAX_NESTING)?;
    let packed = packer.tar.into_inner().and_then(|mut gz| gz.flush().and_then(|()| gz.finish()));
    Ok((metadata, packed.map_err(|e| failed(&e))?))
}

fn failed(error: &std::io::Error) -> Error {
    Error::new(Kind::Io, format!("the chart cannot be packed: {error}"))
}

/// Chart.yaml read, and the other files.
fn split(files: Vec<File>) -> Result<(Metadata, Vec<File>)> {
    let mut draft = Draft::default();
    let read = |draft: &mut Draft, name: &str| -> Result<bool> {
        let Some(file) = files.iter().find(|file| file.path == name) else { return Ok(false) };
        let done = draft.read(file.data()?.as_bytes());
        done.map_err(|e| Error::invalid(format!("cannot load {name}: {e}")))?;
        Ok(true)
    };
    if !read(&mut draft, "Chart.yaml")? {
        return Err(Error::invalid("Chart.yaml file is missing"));
    }
    if draft.api_version().is_empty() {
        "v1".clone_into(draft.api_version());
    }
    read(&mut draft, "requirements.yaml")?;
    Ok((draft.finish()?, files))
}

struct Packer<W: Write> {
    tar: tar::Builder<W>,
    time: u64,
    limits: Limits,
}

impl<W: Write> Packer<W> {
    fn chart(&mut self, base: &str, metadata: &Metadata, files: Vec<File>, nesting: u32) -> Result<()> {
        let is_v1 = metadata.api_version == "v1";
        let mut written = metadata.clone();
        if is_v1 {
            written.dependencies = None;
        }
        self.file(base, "Chart.yaml", &yaml(&metadata_json(&written))?)?;
        let (mut subcharts, mut rest) = (BTreeMap::<String, Vec<File>>::new(), Vec::new());
        for mut file in files {
            match file.path.strip_prefix("charts/").filter(|path| !path.ends_with(".prov")) {
                Some(inside) => {
                    let name = inside.split('/').next().unwrap_or_default().to_owned();
                    file.path = inside.to_owned();
                    subcharts.entry(name).or_default().push(file);
                }
                None => rest.push(file),
            }
        }
        let named = |name: &str| rest.iter().find(|file| file.path == name);
        if let Some(file) = named("Chart.lock").filter(|_| !is_v1) {
            let lock = Lock::read(file.data()?.as_bytes())
                .map_err(|e| Error::invalid(format!("cannot load Chart.lock: {e}")))?;
            self.file(base, "Chart.lock", &lock.write()?)?;
        }
        for name in ["values.yaml", "values.schema.json"] {
            if let Some(file) = named(name) {
                self.file(base, name, file.data()?.as_bytes())?;
            }
        }
        let (templates, others): (Vec<&File>, Vec<&File>) =
            rest.iter().partition(|file| file.path.starts_with("templates/"));
        let is_own = |file: &&File| match file.path.as_str() {
            "Chart.yaml" | "Chart.lock" | "values.yaml" | "values.schema.json" => false,
            "requirements.yaml" | "requirements.lock" => is_v1,
            _ => true,
        };
        for file in templates.into_iter().chain(others.into_iter().filter(is_own)) {
            self.file(base, &file.path, file.data()?.as_bytes())?;
        }
        for (name, files) in subcharts.into_iter().filter(|(name, _)| !name.starts_with(['_', '.'])) {
            let left = nesting.checked_sub(1);
            let left = left.ok_or_else(|| Error::new(Kind::Limit, "too many charts inside each other"))?;
            let (metadata, files) = split(self.unpacked(&name, files)?)
                .map_err(|e| e.context(format_args!("error unpacking subchart {name} in {base}")))?;
            self.chart(&format!("{base}/charts/{}", metadata.name), &metadata, files, left)?;
        }
        Ok(())
    }

    /// A subchart's files, out of its archive or with its directory left out.
    fn unpacked(&mut self, name: &str, files: Vec<File>) -> Result<Vec<File>> {
        if name.ends_with(".tgz") {
            let packed = files.first().map_or(Ok(&[][..]), |file| file.data().map(Str::as_bytes))?;
            return archive::read(packed, &mut self.limits);
        }
        let inside = |mut file: File| {
            file.path = file.path.split_once('/')?.1.to_owned();
            Some(file)
        };
        Ok(files.into_iter().filter_map(inside).collect())
    }

    fn file(&mut self, base: &str, path: &str, data: &[u8]) -> Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(data.len() as u64);
        header.set_mtime(self.time);
        self.tar.append_data(&mut header, format!("{base}/{path}"), data).map_err(|e| failed(&e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File::new(path, text.into())
    }

    #[test]
    fn charts_are_laid_out_as_helm_lays_them_out() {
        let files = vec![
            file("README.md", "read"),
            file("Chart.yaml", "version: 1.0.0\nname: app\napiVersion: v2\n"),
            file("charts/sub/Chart.yaml", "name: sub\nversion: 1.0.0\n"),
            file("charts/sub/requirements.yaml", "dependencies: []\n"),
            file("charts/_off/Chart.yaml", ""),
            file("requirements.yaml", "dependencies: []\n"),
            file("templates/a.yaml", "a"),
            file("values.yaml", "b: 1\n"),
        ];
        let changes =
            Changes { version: Some("2.0.0+x".into()), app_version: Some("7".into()), time: 86_400 };
        let (metadata, packed) = pack(files.clone(), &changes).unwrap();
        assert_eq!((metadata.version.as_str(), metadata.app_version.as_str()), ("2.0.0+x", "7"));
        let unpacked = archive::read(&packed, &mut Limits::default()).unwrap();
        let texts: Vec<(&str, String)> = unpacked
            .iter()
            .map(|f| (f.path.as_str(), f.data().unwrap().to_str_lossy().into_owned()))
            .collect();
        let expected = [
            ("Chart.yaml", "apiVersion: v2\nappVersion: \"7\"\nname: app\nversion: 2.0.0+x\n"),
            ("values.yaml", "b: 1\n"),
            ("templates/a.yaml", "a"),
            ("README.md", "read"),
            ("charts/sub/Chart.yaml", "apiVersion: v1\nname: sub\nversion: 1.0.0\n"),
            ("charts/sub/requirements.yaml", "dependencies: []\n"),
        ];
        assert_eq!(texts, expected.map(|(path, text)| (path, text.to_owned())));
        assert_eq!(pack(files, &changes).unwrap().1, packed, "the same bytes each time");
    }
}
