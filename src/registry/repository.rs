//! Charts out of an HTTP repository: the index, then the archive that it names.

use std::sync::{Arc, PoisonError};
use std::time::Instant;

use hyper::StatusCode;
use hyper::header::{ACCEPT, ACCEPT_ENCODING, ETAG, IF_NONE_MATCH};

use crate::error::{Error, Kind, Result};

use super::Shared;
use super::address::Address;
use super::cache::Found;
use super::credentials::{Access, Authorization, Place};
use super::http::{Answer, Request};
use super::index::{self, Entry, Index};
use crate::data::digest::Digest;

/// The largest archive of a chart (what Helm takes unpacked).
const LARGEST_CHART: u64 = 100 << 20;
/// Indexes kept parsed.
const MOST_PARSED: usize = 8;

/// One repository, and what is asked of it until a deadline.
pub struct Session<'a> {
    shared: &'a Shared,
    base: Address,
    access: Access,
    deadline: Instant,
}

impl<'a> Session<'a> {
    /// A session with the repository, or the server of an archive, at a URL.
    ///
    /// # Errors
    /// A source of credentials that cannot be read; an address of the link itself.
    pub async fn open(
        shared: &'a Shared,
        base: Address,
        named: bool,
        deadline: Instant,
    ) -> Result<Session<'a>> {
        if base.origin().is_link_local() {
            let host = base.authority();
            return Err(Error::new(
                Kind::Forbidden,
                format!("{host}: an address that no repository may have"),
            ));
        }
        let url = base.to_string();
        let place = Place { url: &url, user: base.user(), named };
        let access = shared.credentials.access(&place, deadline).await?;
        Ok(Session { shared, base, access, deadline })
    }

    /// The version of a chart that a range takes.
    ///
    /// # Errors
    /// No such version, or the server's refusal.
    pub async fn find(&self, chart: &str, range: &str) -> Result<Entry> {
        Ok(self.index().await?.find(chart, range)?.clone())
    }

    /// The archive of a version.
    ///
    /// # Errors
    /// Not there, not let in, not what its digest says.
    pub async fn archive(&self, entry: &Entry) -> Result<(Address, Vec<u8>)> {
        let url = entry.urls.first();
        let url = url.ok_or_else(|| Error::invalid("the index names no URL for this version"))?;
        if url.starts_with("oci://") {
            return Err(Error::invalid(format!("the index sends to {url}; name that as the repository")));
        }
        let url = self.base.join(url)?;
        let digest = match entry.digest.as_deref().filter(|text| !text.is_empty()) {
            Some(text) => Some(Digest::parse(text)?),
            None => None,
        };
        let bytes = self.download(&url, digest).await?;
        Ok((url, bytes))
    }

    /// The archive at this session's own URL.
    ///
    /// # Errors
    /// As [`Session::archive`].
    pub async fn own_archive(&self) -> Result<Vec<u8>> {
        self.download(&self.base, None).await
    }

    /// The index; parsed once for each content.
    async fn index(&self) -> Result<Arc<Index>> {
        let name = named("index of", &self.base);
        let digest = self.current_index(&name).await?;
        let parsed = || self.shared.indexes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = parsed().get(&digest) {
            return Ok(index.clone());
        }
        let text = self.shared.cache.blob(&digest);
        let text = text.ok_or_else(|| Error::new(Kind::Io, "the cache lost the index; try again"))?;
        let index = Arc::new(Index::parse(&text).map_err(|e| e.context(&self.base))?);
        let mut parsed = parsed();
        if parsed.len() >= MOST_PARSED {
            parsed.clear();
        }
        parsed.insert(digest, index.clone());
        Ok(index)
    }

    /// The digest of the index as it is now: believed for a short while, then asked
    /// for whether it changed.
    async fn current_index(&self, name: &str) -> Result<Digest> {
        let cache = &self.shared.cache;
        let look_up = |etag| self.download_index(etag);
        cache.current(name, cache.settings().index_life, self.deadline, look_up).await
    }

    async fn download_index(&self, etag: Option<String>) -> Result<Found> {
        let url = self.base.join("index.yaml")?;
        let mut request = Request::get(&url, &self.access.tls, index::LARGEST, self.deadline)
            .header(ACCEPT_ENCODING, "gzip");
        if let Some(etag) = &etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        request.authorization = self.authorization();
        request.pass_credentials = self.access.pass_credentials;
        let answer = self.shared.http.send(request).await?;
        if answer.status == StatusCode::NOT_MODIFIED && etag.is_some() {
            return Ok(Found::Unchanged);
        }
        if !answer.status.is_success() {
            return Err(refused(&url, &answer, &self.access));
        }
        // What is no index is not kept.
        Index::parse(&answer.body).map_err(|e| e.context(&url))?;
        let etag = answer.header(&ETAG).map(str::to_owned);
        Ok(Found::Content(answer.body, etag))
    }

    fn authorization(&self) -> Option<super::secret::Secret> {
        self.access.authorization.as_ref().and_then(Authorization::header)
    }

    /// A file, out of the cache or downloaded once for all who wait for it. One whose
    /// digest nobody says is believed as long as a tag.
    async fn download(&self, url: &Address, digest: Option<Digest>) -> Result<Vec<u8>> {
        let cache = &self.shared.cache;
        let digest = match digest {
            Some(digest) => digest,
            None => {
                let look_up = async |_| Ok(Found::Content(self.fetch(url).await?, None));
                let life = cache.settings().tag_life;
                cache.current(&named("archive at", url), life, self.deadline, look_up).await?
            }
        };
        let bytes = cache.once(&digest, self.deadline, || self.fetch(url)).await;
        bytes.map_err(|e| if e.kind == Kind::Corrupt { e.context(format_args!("GET {url}")) } else { e })
    }

    /// Downloads a file. On another host than the repository's it is asked for as
    /// whoever we are there, unless the repository's credentials may go along.
    async fn fetch(&self, url: &Address) -> Result<Vec<u8>> {
        let at_home = url.origin() == self.base.origin() || self.access.pass_credentials;
        let elsewhere;
        let session = if at_home {
            self
        } else {
            elsewhere = Box::pin(Session::open(self.shared, url.clone(), false, self.deadline)).await?;
            &elsewhere
        };
        let mut request = Request::get(url, &session.access.tls, LARGEST_CHART, self.deadline)
            .header(ACCEPT, "application/gzip,application/octet-stream");
        request.authorization = session.authorization();
        request.pass_credentials = self.access.pass_credentials;
        let answer = self.shared.http.send(request).await?;
        if answer.status.is_success() { Ok(answer.body) } else { Err(refused(url, &answer, &session.access)) }
    }
}

/// A name for the cache: a query makes another one, but is not written down.
fn named(what: &str, url: &Address) -> String {
    match url.uri().query() {
        None => format!("{what} {url}"),
        Some(query) => format!("{what} {url} with {}", Digest::of(query.as_bytes())),
    }
}

fn refused(url: &Address, answer: &Answer, access: &Access) -> Error {
    let message = format!("GET {url}: {}", answer.status);
    match answer.status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            let who = match &access.authorization {
                Some(_) => format!("with the credentials of {}", access.source),
                None => format!("no source has credentials for {}", url.authority()),
            };
            Error::new(Kind::Forbidden, format!("{message} ({who})"))
        }
        StatusCode::NOT_FOUND | StatusCode::GONE => Error::new(Kind::NotFound, message),
        _ => Error::new(Kind::Io, message),
    }
}
