//! Charts into a registry: the blobs that it lacks, then the manifest.

use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, LOCATION};
use hyper::{Method, StatusCode};

use crate::data::digest::Digest;
use crate::data::{Map, Value, json};
use crate::error::{Error, Kind, Result};
use crate::registry::reference::Reference;

use super::manifest::{CONFIG, CONTENT, MANIFEST, PROVENANCE};
use super::{Ask, LARGEST_TEXT, Session, form};

/// What is pushed.
#[derive(Debug, Clone)]
pub struct Package {
    /// Chart.yaml in JSON, as Helm writes it.
    pub config: Vec<u8>,
    /// The archive.
    pub archive: Vec<u8>,
    /// Its signature.
    pub provenance: Option<Vec<u8>>,
    /// What registries show of it.
    pub annotations: Vec<(String, String)>,
}

impl Package {
    /// The manifest, byte for byte as Helm writes it, and the blobs it names.
    fn manifest(&self) -> Result<(Vec<u8>, Vec<&[u8]>)> {
        let mut layers = vec![(CONTENT, self.archive.as_slice())];
        layers.extend(self.provenance.as_deref().map(|provenance| (PROVENANCE, provenance)));
        layers.sort_by_key(|(_, bytes)| Digest::of(bytes));
        let descriptor = |(kind, bytes): &(&str, &[u8])| {
            format!(r#"{{"mediaType":"{kind}","digest":"{}","size":{}}}"#, Digest::of(bytes), bytes.len())
        };
        let annotations: Map =
            self.annotations.iter().map(|(key, text)| (key.as_str(), Value::from(text.as_str()))).collect();
        let annotations = json::write(&annotations.into(), true, 1 << 20)
            .map_err(|e| Error::new(Kind::Limit, format!("the chart's annotations: {e}")))?;
        let text = format!(
            r#"{{"schemaVersion":2,"config":{},"layers":[{}],"annotations":{}}}"#,
            descriptor(&(CONFIG, &self.config)),
            layers.iter().map(descriptor).collect::<Vec<_>>().join(","),
            String::from_utf8_lossy(&annotations)
        );
        let blobs = std::iter::once(self.config.as_slice()).chain(layers.into_iter().map(|(_, bytes)| bytes));
        Ok((text.into_bytes(), blobs.collect()))
    }
}

impl Session<'_> {
    /// Pushes a chart under a tag; the digest is the manifest's.
    ///
    /// # Errors
    /// The registry's refusal.
    pub async fn push(&self, chart: &Reference, package: &Package) -> Result<Digest> {
        let scope = format!("repository:{}:pull,push", chart.repository);
        let (manifest, blobs) = package.manifest()?;
        for blob in blobs {
            self.upload(chart, blob, &scope).await?;
        }
        let tag = chart.name().ok_or_else(|| Error::usage(format!("{chart}: a push needs a tag")))?;
        let digest = Digest::of(&manifest);
        let url = self.url(&format!("/v2/{}/manifests/{tag}", chart.repository))?;
        let shown = format!("PUT {url}");
        let headers = vec![(CONTENT_TYPE, MANIFEST.to_owned())];
        let body = Bytes::from(manifest);
        let ask = Ask { method: Method::PUT, url, headers, body, limit: LARGEST_TEXT, scope: &scope };
        let answer = self.send(ask).await?;
        if answer.status.is_success() { Ok(digest) } else { Err(self.refused(&shown, &answer)) }
    }

    async fn upload(&self, chart: &Reference, blob: &[u8], scope: &str) -> Result<()> {
        let digest = Digest::of(blob);
        let there = self.url(&format!("/v2/{}/blobs/{digest}", chart.repository))?;
        let mut ask = Ask::get(there, LARGEST_TEXT, scope);
        ask.method = Method::HEAD;
        if self.send(ask).await?.status.is_success() {
            return Ok(());
        }
        let start = self.url(&format!("/v2/{}/blobs/uploads/", chart.repository))?;
        let shown = format!("POST {start}");
        let mut ask = Ask::get(start.clone(), LARGEST_TEXT, scope);
        ask.method = Method::POST;
        let answer = self.send(ask).await?;
        let place = answer.header(&LOCATION).filter(|_| answer.status == StatusCode::ACCEPTED);
        let Some(place) = place else { return Err(self.refused(&shown, &answer)) };
        let place = start.redirect(place)?;
        if place.origin() != start.origin() {
            let message = format!("{shown}: the upload goes to {}, another host", place.authority());
            return Err(Error::new(Kind::Forbidden, message));
        }
        let sign = if place.uri().query().is_some() { '&' } else { '?' };
        let url =
            place.redirect(&format!("{}{sign}digest={}", relative(&place), form(&digest.to_string())))?;
        let shown = format!("PUT {}", start.path());
        let headers = vec![(CONTENT_TYPE, "application/octet-stream".to_owned())];
        let body = Bytes::copy_from_slice(blob);
        let ask = Ask { method: Method::PUT, url, headers, body, limit: LARGEST_TEXT, scope };
        let answer = self.send(ask).await?;
        if answer.status.is_success() { Ok(()) } else { Err(self.refused(&shown, &answer)) }
    }
}

/// Path and query of an address.
fn relative(address: &crate::registry::address::Address) -> String {
    address.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string)
}
