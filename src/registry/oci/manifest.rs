//! A chart's manifest in a registry: Helm's config and one layer with the archive.

use crate::data::digest::Digest;
use crate::data::{Map, Value, json};
use crate::error::{Error, Result};

/// The manifest's own type.
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// Chart.yaml in JSON.
pub const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
/// The chart's archive.
pub const CONTENT: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
/// The archive's type before Helm had its own.
const LEGACY: &str = "application/tar+gzip";
/// A signature; it goes beside the archive and is not looked at.
pub const PROVENANCE: &str = "application/vnd.cncf.helm.chart.provenance.v1.prov";

/// A blob that a manifest names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor {
    /// Its type.
    pub media_type: String,
    /// Its content.
    pub digest: Digest,
    /// Its bytes.
    pub size: u64,
}

/// What a manifest says, as far as a chart needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The chart's archive.
    pub chart: Descriptor,
    /// Its signature.
    pub provenance: Option<Descriptor>,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// No JSON, not a chart's, or one that says two things at once.
    pub fn parse(text: &[u8]) -> Result<Manifest> {
        let document =
            json::parse(text).map_err(|e| Error::invalid(format!("the manifest is no JSON: {e}")))?;
        let root = document.as_map().cloned().unwrap_or_default();
        if root.contains("manifests") && root.contains("layers") {
            return Err(Error::invalid("the manifest has both manifests and layers"));
        }
        if root.contains("manifests") {
            return Err(Error::invalid("the manifest is an index of images, not a chart"));
        }
        let config = root.get("config").and_then(|v| v.as_map().cloned()).unwrap_or_default();
        let kind = string(&config, "mediaType");
        if kind != CONFIG {
            let message = format!("could not load config with mediatype {CONFIG}: the config is {kind:?}");
            return Err(
                Error::invalid(message).hint("this is an image or another artifact, not a Helm chart")
            );
        }
        let layers = root.get("layers").and_then(|v| v.as_list().cloned());
        let layers: Vec<Map> =
            layers.iter().flat_map(|list| list.items()).filter_map(|layer| layer.as_map().cloned()).collect();
        let of = |kinds: &[&str]| -> Vec<&Map> {
            layers.iter().filter(|layer| kinds.contains(&string(layer, "mediaType").as_str())).collect()
        };
        let charts = of(&[CONTENT, LEGACY]);
        let [chart] = charts.as_slice() else {
            let message = match charts.len() {
                0 => format!("manifest does not contain a layer with mediatype {CONTENT}"),
                n => format!("the manifest has {n} layers with charts"),
            };
            return Err(Error::invalid(message));
        };
        let provenance = of(&[PROVENANCE]).first().map(|layer| descriptor(layer)).transpose()?;
        Ok(Manifest { chart: descriptor(chart)?, provenance })
    }
}

fn string(map: &Map, key: &str) -> String {
    match map.get(key) {
        Some(Value::Str(text)) => text.to_string(),
        _ => String::new(),
    }
}

/// A descriptor; `urls` of other places in it are not looked at.
fn descriptor(layer: &Map) -> Result<Descriptor> {
    let size = match layer.get("size") {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked on this line")]
        Some(Value::Float(n)) if (0.0..1e15).contains(&n) && n.fract() == 0.0 => n as u64,
        _ => return Err(Error::invalid("a layer's size is no number")),
    };
    let digest = Digest::parse(&string(layer, "digest"))?;
    Ok(Descriptor { media_type: string(layer, "mediaType"), digest, size })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(kind: &str, more: &str) -> String {
        let digest = Digest::of(kind.as_bytes());
        format!(r#"{{"mediaType":"{kind}","digest":"{digest}","size":7{more}}}"#)
    }

    fn manifest(config: &str, layers: &[String], more: &str) -> Result<Manifest> {
        let layers = layers.join(",");
        Manifest::parse(
            format!(r#"{{"schemaVersion":2,"config":{{"mediaType":"{config}"}},"layers":[{layers}]{more}}}"#)
                .as_bytes(),
        )
    }

    #[test]
    fn the_archive_is_found_among_the_layers() {
        let urls = r#","urls":["http://169.254.169.254/"]"#;
        let found =
            manifest(CONFIG, &[layer(PROVENANCE, ""), layer(CONTENT, urls), layer("x/y", "")], "").unwrap();
        assert_eq!(
            found.chart,
            Descriptor { media_type: CONTENT.into(), digest: Digest::of(CONTENT.as_bytes()), size: 7 }
        );
        assert!(found.provenance.is_some());
        assert!(manifest(CONFIG, &[layer(LEGACY, "")], "").is_ok());
    }

    #[test]
    fn what_is_no_chart_is_refused() {
        let chart = || layer(CONTENT, "");
        for (result, message) in [
            (
                manifest("x/y", &[chart()], ""),
                "could not load config with mediatype application/vnd.cncf.helm.config.v1+json: the config is \"x/y\"\nhint: this is an image or another artifact, not a Helm chart",
            ),
            (
                manifest(CONFIG, &[], ""),
                "manifest does not contain a layer with mediatype application/vnd.cncf.helm.chart.content.v1.tar+gzip",
            ),
            (manifest(CONFIG, &[chart(), chart()], ""), "the manifest has 2 layers with charts"),
            (
                manifest(CONFIG, &[chart()], r#","manifests":[]"#),
                "the manifest has both manifests and layers",
            ),
            (Manifest::parse(br#"{"manifests":[]}"#), "the manifest is an index of images, not a chart"),
            (
                manifest(CONFIG, &[chart().replace("sha256:", "md5:")], ""),
                &format!("\"md5:{}\" is not a SHA-256 digest", Digest::of(CONTENT.as_bytes()).hex()),
            ),
            (manifest(CONFIG, &[chart().replace(":7", ":-1")], ""), "a layer's size is no number"),
        ] {
            assert_eq!(result.unwrap_err().to_string(), message);
        }
    }
}
