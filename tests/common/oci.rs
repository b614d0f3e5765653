//! A registry in the test's own process, as far as charts need one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tiphys::data::digest::Digest;

use super::http::{Asked, Reply, reply};

/// What the registry holds.
#[derive(Debug, Clone, Default)]
pub struct Store {
    pub blobs: BTreeMap<String, Vec<u8>>,
    /// By `repository:tag`, and by `repository@digest`.
    pub manifests: BTreeMap<String, Vec<u8>>,
}

/// A store to share with a server.
pub type Shared = Arc<Mutex<Store>>;

impl Store {
    /// Puts a chart where Helm would have pushed it; the manifest's digest comes back.
    pub fn chart(&mut self, repository: &str, tag: &str, archive: &[u8]) -> Digest {
        let config = b"{}".to_vec();
        let manifest = format!(
            r#"{{"schemaVersion":2,"config":{{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"{}","size":2}},"layers":[{{"mediaType":"application/vnd.cncf.helm.chart.content.v1.tar+gzip","digest":"{}","size":{}}}]}}"#,
            Digest::of(&config),
            Digest::of(archive),
            archive.len()
        );
        self.blobs.insert(Digest::of(&config).to_string(), config);
        self.blobs.insert(Digest::of(archive).to_string(), archive.to_vec());
        self.manifest(repository, tag, manifest.into_bytes())
    }

    pub fn manifest(&mut self, repository: &str, tag: &str, manifest: Vec<u8>) -> Digest {
        let digest = Digest::of(&manifest);
        self.manifests.insert(format!("{repository}@{digest}"), manifest.clone());
        self.manifests.insert(format!("{repository}:{tag}"), manifest);
        digest
    }
}

/// The distribution protocol over a store.
pub fn answer(store: &Shared, asked: &Asked) -> Reply {
    let mut store = store.lock().unwrap();
    let path = asked.path.strip_prefix("/v2/").unwrap_or_default();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    if path.is_empty() {
        return reply(200, "{}");
    }
    if let Some(repository) = path.strip_suffix("/tags/list") {
        let prefix = format!("{repository}:");
        let tags: Vec<String> = store
            .manifests
            .keys()
            .filter_map(|name| Some(format!("{:?}", name.strip_prefix(&prefix)?)))
            .collect();
        return reply(200, format!(r#"{{"name":"{repository}","tags":[{}]}}"#, tags.join(",")));
    }
    if let Some((repository, _)) = path.split_once("/blobs/uploads/") {
        if asked.method == "POST" {
            return reply(202, "").header("location", format!("/v2/{repository}/blobs/uploads/1?state=x"));
        }
        let digest = Digest::of(&asked.body).to_string();
        assert!(query.contains(&digest.replace(':', "%3A")), "{query}");
        store.blobs.insert(digest, asked.body.clone());
        return reply(201, "");
    }
    if let Some((_, digest)) = path.split_once("/blobs/") {
        return match store.blobs.get(digest) {
            Some(bytes) => reply(200, bytes.clone()),
            None => {
                reply(404, r#"{"errors":[{"code":"BLOB_UNKNOWN","message":"blob unknown to registry"}]}"#)
            }
        };
    }
    let Some((repository, name)) = path.split_once("/manifests/") else { return reply(404, "") };
    if asked.method == "PUT" {
        store.manifest(repository, name, asked.body.clone());
        return reply(201, "");
    }
    let sign = if name.starts_with("sha256:") { '@' } else { ':' };
    match store.manifests.get(&format!("{repository}{sign}{name}")) {
        Some(manifest) => reply(200, manifest.clone())
            .header("docker-content-digest", Digest::of(manifest).to_string())
            .header("content-type", "application/vnd.oci.image.manifest.v1+json"),
        None => reply(404, r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#),
    }
}
