//! Charts out of a registry: tags, the manifest, the archive; each thing once.

use hyper::header::{ACCEPT, LINK};

use crate::data::digest::Digest;
use crate::data::semver::Version;
use crate::data::{List, Value, json};
use crate::error::{Error, Kind, Result};
use crate::registry::cache::Found;
use crate::registry::index::constraint;
use crate::registry::reference::Reference;

use super::manifest::{Descriptor, MANIFEST, Manifest};
use super::{Ask, LARGEST_TEXT, Session};

/// The largest archive of a chart (what Helm takes unpacked).
const LARGEST_CHART: u64 = 100 << 20;
/// Pages of tags.
const MOST_PAGES: usize = 100;

/// A chart out of a registry.
#[derive(Debug)]
pub struct Pulled {
    /// The manifest's digest.
    pub digest: Digest,
    /// The archive.
    pub archive: Vec<u8>,
    /// The signature, where one was asked for and is there.
    pub provenance: Option<Vec<u8>>,
}

impl Session<'_> {
    /// The newest version in a range, as tags have it.
    ///
    /// # Errors
    /// No such version, or the registry's refusal.
    pub async fn version(&self, chart: &Reference, range: &str) -> Result<String> {
        let tags = self.tags(chart).await?;
        if let Some(exact) = tags.iter().find(|tag| *tag == range) {
            return Ok(exact.clone());
        }
        let wanted = constraint(range)?;
        let mut versions: Vec<Version> =
            tags.iter().filter_map(|tag| Version::parse_strict(tag).ok()).collect();
        versions.sort_by(|a, b| b.compare(a));
        versions.iter().find(|version| wanted.check(version)).map(ToString::to_string).ok_or_else(|| {
            let newest: Vec<String> = versions.iter().take(5).map(ToString::to_string).collect();
            let message = format!("could not locate a version matching provided version string {range}");
            let error = Error::new(Kind::NotFound, message);
            match newest.as_slice() {
                [] => error.hint("the repository has no tag that is a version"),
                newest => error.hint(format!("the newest versions are: {}", newest.join(", "))),
            }
        })
    }

    /// All tags, with `+` where registries have `_`.
    async fn tags(&self, chart: &Reference) -> Result<Vec<String>> {
        let name = format!("tags of oci://{}/{}", chart.registry, chart.repository);
        let digest = self.named(&name, || self.download_tags(chart)).await?;
        let text = self.shared.cache.blob(&digest).unwrap_or_default();
        let list = json::parse(&text).ok();
        let list = list.as_ref().and_then(Value::as_list).cloned();
        let tags =
            list.iter().flat_map(|list| list.items()).filter_map(|tag| tag.as_str().map(str::to_owned));
        Ok(tags.map(|tag| tag.replace('_', "+")).collect())
    }

    async fn download_tags(&self, chart: &Reference) -> Result<Vec<u8>> {
        let scope = format!("repository:{}:pull", chart.repository);
        let mut url = self.url(&format!("/v2/{}/tags/list?n=1000", chart.repository))?;
        let mut tags = Vec::new();
        for _ in 0..MOST_PAGES {
            let shown = format!("GET {url}");
            let answer = self.send(Ask::get(url.clone(), LARGEST_TEXT, &scope)).await?;
            if !answer.status.is_success() {
                return Err(self.refused(&shown, &answer));
            }
            tags.extend(page_of_tags(&answer.body).map_err(|e| e.context(&shown))?);
            let Some(next) = answer.header(&LINK).and_then(next_page) else { break };
            let next = url.redirect(&next)?;
            if next.origin() != url.origin() {
                return Err(Error::new(
                    Kind::Forbidden,
                    format!("{shown}: the next page is on another host"),
                ));
            }
            url = next;
        }
        json::write(&List::strings(tags).into(), false, 64 << 20)
            .map_err(|e| Error::new(Kind::Limit, format!("the tags of {chart}: {e}")))
    }

    /// The chart that a reference names.
    ///
    /// # Errors
    /// Not there, not let in, not a chart, not what its digest says.
    pub async fn pull(&self, chart: &Reference, with_provenance: bool) -> Result<Pulled> {
        let digest = match chart.digest {
            Some(digest) => digest,
            None => self.named(&format!("oci://{chart}"), || self.download_manifest(chart)).await?,
        };
        let by_digest = Reference { digest: Some(digest), ..chart.clone() };
        let download = || self.download_manifest(&by_digest);
        let text = self.shared.cache.once(&digest, self.deadline, download).await?;
        let manifest = Manifest::parse(&text).map_err(|e| e.context(chart))?;
        let archive = self.blob(chart, &manifest.chart).await?;
        let provenance = match &manifest.provenance {
            Some(provenance) if with_provenance => Some(self.blob(chart, provenance).await?),
            _ => None,
        };
        Ok(Pulled { digest, archive, provenance })
    }

    /// What a name stands for: as the cache knows it, or as `download` says now.
    async fn named<F: Future<Output = Result<Vec<u8>>>>(
        &self,
        name: &str,
        download: impl FnOnce() -> F,
    ) -> Result<Digest> {
        let cache = &self.shared.cache;
        let look_up = async |_| Ok(Found::Content(download().await?, None));
        cache.current(name, cache.settings().tag_life, self.deadline, look_up).await
    }

    async fn download_manifest(&self, chart: &Reference) -> Result<Vec<u8>> {
        let name = chart.name().unwrap_or_else(|| "latest".to_owned());
        let url = self.url(&format!("/v2/{}/manifests/{name}", chart.repository))?;
        let shown = format!("GET {url}");
        let scope = format!("repository:{}:pull", chart.repository);
        let mut ask = Ask::get(url, LARGEST_TEXT, &scope);
        ask.headers.push((ACCEPT, format!("{MANIFEST}, application/vnd.oci.image.index.v1+json")));
        let answer = self.send(ask).await?;
        if !answer.status.is_success() {
            return Err(self.refused(&shown, &answer));
        }
        let said = answer.headers.get("docker-content-digest").and_then(|v| v.to_str().ok());
        let said = said.and_then(|text| Digest::parse(text).ok());
        verify(&shown, &answer.body, chart.digest.as_ref().or(said.as_ref()))?;
        Ok(answer.body)
    }

    /// A blob, out of the cache or downloaded once for all who wait for it.
    async fn blob(&self, chart: &Reference, wanted: &Descriptor) -> Result<Vec<u8>> {
        if wanted.size > LARGEST_CHART {
            let size = wanted.size;
            let message = format!("{chart}: the chart has {size} bytes, at most {LARGEST_CHART} are taken");
            return Err(Error::new(Kind::Limit, message));
        }
        let url = self.url(&format!("/v2/{}/blobs/{}", chart.repository, wanted.digest))?;
        let shown = format!("GET {url}");
        let scope = format!("repository:{}:pull", chart.repository);
        let download = async || {
            let answer = self.send(Ask::get(url, wanted.size, &scope)).await?;
            if answer.status.is_success() { Ok(answer.body) } else { Err(self.refused(&shown, &answer)) }
        };
        let bytes = self.shared.cache.once(&wanted.digest, self.deadline, download).await;
        bytes.map_err(|e| if e.kind == Kind::Corrupt { e.context(&shown) } else { e })
    }
}

/// The tags of one page.
fn page_of_tags(body: &[u8]) -> Result<Vec<String>> {
    let page = json::parse(body).map_err(|_| Error::new(Kind::Corrupt, "the answer is no JSON"))?;
    let list = page.as_map().and_then(|page| page.get("tags"));
    let list = list.as_ref().and_then(Value::as_list);
    let items = list.into_iter().flat_map(List::items);
    Ok(items.filter_map(|tag| tag.as_str().map(str::to_owned)).collect())
}

/// Whether bytes are what was said of them.
fn verify(shown: &str, bytes: &[u8], wanted: Option<&Digest>) -> Result<()> {
    let got = Digest::of(bytes);
    match wanted {
        Some(wanted) if *wanted != got => {
            let message = format!("{shown}: the answer's digest is {got}, it should be {wanted}");
            Err(Error::new(Kind::Corrupt, message))
        }
        _ => Ok(()),
    }
}

/// The next page that a Link header names: `</v2/…>; rel="next"`.
fn next_page(link: &str) -> Option<String> {
    link.split(',').find_map(|link| {
        let (url, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        parameters.contains("next").then(|| url.to_owned())
    })
}
