//! The index of an HTTP repository: which versions of which charts it has, and
//! where. Read as Helm reads it: entries that make no sense are left out.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::MultiGzDecoder;

use crate::data::semver::{Constraints, Version};
use crate::data::yaml::{self, Numbers};
use crate::data::{Map, Value, json};
use crate::error::{Error, Kind, Result};

/// The largest index, unpacked.
pub const LARGEST: u64 = 128 << 20;

/// A version of a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// As it is written.
    pub version: String,
    /// Where it is; relative to the repository, or absolute.
    pub urls: Vec<String>,
    /// What the archive's content has to be, where the index says it.
    pub digest: Option<String>,
}

/// The charts of a repository; of each the newest version first.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Index {
    charts: BTreeMap<String, Vec<Entry>>,
}

impl Index {
    /// Reads an index.yaml, packed or not.
    ///
    /// # Errors
    /// Empty, no YAML, a key twice, too large.
    pub fn parse(text: &[u8]) -> Result<Index> {
        let unpacked = unpack(text)?;
        let text = unpacked.as_deref().unwrap_or(text);
        if text.is_empty() {
            return Err(Error::invalid("empty index.yaml file"));
        }
        let document = match json::parse(text) {
            Ok(document) => document,
            Err(_) => yaml::parse_strict(text, Numbers::Exact).map_err(|e| Error::invalid(e.to_string()))?,
        };
        let Value::Map(root) = document else {
            return Err(Error::invalid("the index is no map of charts"));
        };
        if string(&root, "apiVersion").is_none() {
            return Err(Error::invalid("no API version specified"));
        }
        let mut index = Index::default();
        let entries = root.get("entries").and_then(|v| v.as_map().cloned()).unwrap_or_default();
        for (name, versions) in entries.entries() {
            let versions = versions.as_list().cloned();
            let list = versions.iter().flat_map(|list| list.items()).filter_map(Value::as_map);
            let mut known: Vec<(Version, Entry)> =
                list.filter_map(|entry| version(&name.to_str_lossy(), entry)).collect();
            known.sort_by(|(a, _), (b, _)| b.compare(a));
            index.charts.insert(name.to_string(), known.into_iter().map(|(_, entry)| entry).collect());
        }
        Ok(index)
    }

    /// The newest version of a chart in a range; a version that is written like the
    /// range itself comes before all.
    ///
    /// # Errors
    /// No such chart, no such version, a range that cannot be read.
    pub fn find(&self, chart: &str, range: &str) -> Result<&Entry> {
        let missing = |text: String| Error::new(Kind::NotFound, text);
        let versions = self.charts.get(chart).ok_or_else(|| missing("no chart name found".to_owned()))?;
        if let Some(exact) = versions.iter().find(|entry| !range.is_empty() && entry.version == range) {
            return Ok(exact);
        }
        let constraint = constraint(range)?;
        versions
            .iter()
            .find(|entry| Version::parse(&entry.version).is_ok_and(|version| constraint.check(&version)))
            .ok_or_else(|| {
                let newest: Vec<&str> = versions.iter().take(5).map(|e| e.version.as_str()).collect();
                missing(format!("no chart version found for {chart}-{range}"))
                    .hint(format!("the newest versions are: {}", newest.join(", ")))
            })
    }
}

/// A range of versions; none at all is any release.
///
/// # Errors
/// One that cannot be read.
pub fn constraint(range: &str) -> Result<Constraints> {
    let range = if range.is_empty() { "*" } else { range };
    Constraints::parse(range).map_err(|e| Error::usage(e.to_string()))
}

fn version(chart: &str, entry: &Map) -> Option<(Version, Entry)> {
    let version = string(entry, "version")?;
    let Ok(parsed) = Version::parse(&version) else {
        tracing::warn!(chart, version, "the index has a version that is none; it is left out");
        return None;
    };
    string(entry, "name")?;
    let urls = entry.get("urls").and_then(|v| v.as_list().cloned());
    let urls: Vec<String> =
        urls.iter().flat_map(|list| list.items()).filter_map(|url| url.as_str().map(str::to_owned)).collect();
    Some((parsed, Entry { version, urls, digest: string(entry, "digest") }))
}

fn string(map: &Map, key: &str) -> Option<String> {
    match map.get(key)? {
        Value::Str(text) => Some(text.to_string()),
        Value::Int(n, _) => Some(n.to_string()),
        Value::Uint(n, _) => Some(n.to_string()),
        Value::Float(n) => Some(crate::data::number::format_g(n)),
        _ => None,
    }
}

/// What a gzipped text says, within the limit; `None` where it is not packed.
fn unpack(text: &[u8]) -> Result<Option<Vec<u8>>> {
    if !text.starts_with(b"\x1f\x8b") {
        return Ok(None);
    }
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(text)
        .take(LARGEST + 1)
        .read_to_end(&mut unpacked)
        .map_err(|e| Error::new(Kind::Corrupt, format!("the packed index is broken: {e}")))?;
    if unpacked.len() as u64 > LARGEST {
        return Err(Error::new(Kind::Limit, format!("the index unpacks to more than {LARGEST} bytes")));
    }
    Ok(Some(unpacked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const INDEX: &str = "apiVersion: v1\nentries:\n  app:\n  - {name: app, version: 1.2.0, urls: [a-1.2.0.tgz]}\n  - {name: app, version: 1.10.0, urls: [a-1.10.0.tgz], digest: abc}\n  - {name: app, version: 2.0.0-rc.1, urls: [x]}\n  - null\n  - {urls: [x]}\n  - {name: app, version: \"\\e[2J\"}\n  empty: null\n  scalar: 1\n";

    fn found(range: &str) -> String {
        match Index::parse(INDEX.as_bytes()).unwrap().find("app", range) {
            Ok(entry) => entry.version.clone(),
            Err(e) => e.to_string(),
        }
    }

    #[test]
    fn ranges_take_the_newest_release() {
        for (range, version) in [
            ("", "1.10.0"),
            ("^1", "1.10.0"),
            ("1.2.x", "1.2.0"),
            ("1.2.0", "1.2.0"),
            (">=1.0.0-0", "2.0.0-rc.1"),
            ("2.0.0-rc.1", "2.0.0-rc.1"),
            (
                "^3",
                "no chart version found for app-^3\nhint: the newest versions are: 2.0.0-rc.1, 1.10.0, 1.2.0",
            ),
            ("^^", "improper constraint: \"^^\""),
        ] {
            assert_eq!(found(range), version, "{range}");
        }
        let index = Index::parse(INDEX.as_bytes()).unwrap();
        assert_eq!(index.find("other", "1").unwrap_err().to_string(), "no chart name found");
        assert!(index.find("empty", "").is_err() && index.find("scalar", "").is_err());
    }

    #[test]
    fn packed_and_json_indexes_are_read() {
        let whole = Index::parse(INDEX.as_bytes()).unwrap();
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(INDEX.as_bytes()).unwrap();
        let packed = gz.finish().unwrap();
        assert_eq!(Index::parse(&packed).unwrap(), whole);
        assert_eq!(Index::parse(&packed[..20]).unwrap_err().kind, Kind::Corrupt);
        let json = r#"{"apiVersion":"v1","entries":{"a":[{"name":"a","version":"1.0.0","urls":["u"]}]}}"#;
        assert_eq!(Index::parse(json.as_bytes()).unwrap().find("a", "").unwrap().urls, ["u"]);
    }

    #[test]
    fn what_is_no_index_is_refused() {
        for (text, message) in [
            ("", "empty index.yaml file"),
            ("[]", "the index is no map of charts"),
            ("entries: {}", "no API version specified"),
            (
                "apiVersion: v1\nentries: {a: [], a: []}",
                "yaml: unmarshal errors:\n  key \"a\" already set in map",
            ),
        ] {
            assert_eq!(Index::parse(text.as_bytes()).unwrap_err().to_string(), message);
        }
        assert!(Index::parse(b"<html>\n\t: not found</html>").is_err());
        assert!(Index::parse(b"apiVersion: v1\nentries: null").is_ok());
    }
}
