//! OCI registries over the one HTTP client: the distribution protocol, as far as
//! charts need it. Own, since deadlines, the sizes of bodies, redirects and retries
//! have to be the caller's to say.

mod challenge;
pub mod manifest;
mod pull;
mod push;
mod token;

use std::time::Instant;

use hyper::body::Bytes;
use hyper::header::{HeaderName, WWW_AUTHENTICATE};
use hyper::{Method, StatusCode};

use crate::data::{Value, json};
use crate::error::{Error, Kind, Result};

use super::Shared;
use super::address::Address;
use super::credentials::{Access, Place};
use super::http::{Answer, Request};
use super::secret::Secret;

pub use pull::Pulled;
pub use push::Package;
pub use token::Tokens;

/// The largest manifest and the largest page of tags.
const LARGEST_TEXT: u64 = 4 << 20;

/// One registry, and what is asked of it until a deadline.
pub struct Session<'a> {
    shared: &'a Shared,
    /// Host and port, as the user writes them.
    host: String,
    /// What the credentials were looked up for.
    place: String,
    named: bool,
    access: Access,
    deadline: Instant,
}

/// One request.
struct Ask<'a> {
    method: Method,
    url: Address,
    headers: Vec<(HeaderName, String)>,
    body: Bytes,
    limit: u64,
    /// `repository:<name>:<actions>`
    scope: &'a str,
}

impl Ask<'_> {
    fn get(url: Address, limit: u64, scope: &str) -> Ask<'_> {
        Ask { method: Method::GET, url, headers: Vec::new(), body: Bytes::new(), limit, scope }
    }
}

impl<'a> Session<'a> {
    /// A session with a registry; `path` is what will be asked of it, for which
    /// credentials are looked up.
    ///
    /// # Errors
    /// A source of credentials that cannot be read.
    pub async fn open(
        shared: &'a Shared,
        host: &str,
        path: &str,
        named: bool,
        deadline: Instant,
    ) -> Result<Session<'a>> {
        let place = format!("oci://{host}/{path}");
        let access = shared.credentials.access(&Place { url: &place, user: None, named }, deadline).await?;
        Ok(Session { shared, host: host.to_owned(), place, named, access, deadline })
    }

    /// The same with other credentials, for a login.
    #[must_use]
    pub fn with_access(mut self, change: impl FnOnce(&mut Access)) -> Self {
        change(&mut self.access);
        self
    }

    /// Asks whether we are let in.
    ///
    /// # Errors
    /// We are not, or nobody answers.
    pub async fn ping(&self) -> Result<()> {
        let ask = Ask::get(self.url("/v2/")?, LARGEST_TEXT, "");
        let shown = format!("GET {}", ask.url);
        let answer = self.send(ask).await?;
        if answer.status.is_success() { Ok(()) } else { Err(self.refused(&shown, &answer)) }
    }

    /// A URL of the registry.
    fn url(&self, path: &str) -> Result<Address> {
        let scheme = if self.access.plain_http { "http" } else { "https" };
        // Docker Hub answers elsewhere than it is named.
        let host = if self.host == "docker.io" { "registry-1.docker.io" } else { &self.host };
        let url = Address::parse(&format!("{scheme}://{host}{path}"))?;
        if url.origin().is_link_local() {
            return Err(Error::new(Kind::Forbidden, format!("{host}: an address that no registry may have")));
        }
        Ok(url)
    }

    /// Sends a request; a demand for credentials is met once.
    async fn send(&self, ask: Ask<'_>) -> Result<Answer> {
        let known = self.shared.tokens.known(&self.host, ask.scope, &self.access);
        let had_one = known.is_some();
        let answer = self.try_with(&ask, known).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        let mut access = self.access.clone();
        if had_one {
            // What was let in before is not any more: a token that died early.
            self.shared.tokens.forget(&self.host, ask.scope, &self.access);
            self.shared.credentials.refused(self.host.split(':').next().unwrap_or_default()).await;
            let place = Place { url: &self.place, user: None, named: self.named };
            if access.source == "ECR" {
                access = self.shared.credentials.access(&place, self.deadline).await?;
            }
        }
        let challenge =
            challenge::parse(answer.headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|v| v.to_str().ok()));
        let Some(challenge) = challenge else { return Ok(answer) };
        let Some(grant) = self.meet(&challenge, &access, ask.scope).await? else { return Ok(answer) };
        let again = self.try_with(&ask, Some(grant.header.clone())).await?;
        if again.status != StatusCode::UNAUTHORIZED {
            self.shared.tokens.keep(&self.host, ask.scope, &self.access, grant);
        }
        Ok(again)
    }

    async fn try_with(&self, ask: &Ask<'_>, authorization: Option<Secret>) -> Result<Answer> {
        let mut request = Request::get(&ask.url, &self.access.tls, ask.limit, self.deadline);
        request.method = ask.method.clone();
        request.headers.clone_from(&ask.headers);
        request.body = ask.body.clone();
        request.authorization = authorization;
        self.shared.http.send(request).await
    }

    /// An answer that is not the one wanted, as an error.
    fn refused(&self, shown: &str, answer: &Answer) -> Error {
        let status = answer.status;
        let said = said(&answer.body).map(|said| format!(": {said}")).unwrap_or_default();
        let message = format!("{shown}: {status}{said}");
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Error::new(Kind::Forbidden, format!("{message} ({})", self.who()))
            }
            StatusCode::NOT_FOUND => Error::new(Kind::NotFound, message),
            _ => Error::new(Kind::Io, message),
        }
    }

    fn who(&self) -> String {
        match &self.access.authorization {
            Some(_) => format!("with the credentials of {}", self.access.source),
            None => format!("no source has credentials for {}", self.host),
        }
    }
}

/// The registry's own words: the code and the message of its first error.
fn said(body: &[u8]) -> Option<String> {
    let document = json::parse(body).ok()?;
    let errors = document.as_map()?.get("errors")?;
    let first = errors.as_list()?.items().first()?.as_map()?.clone();
    let text = |key: &str| match first.get(key) {
        Some(Value::Str(text)) => text.to_string(),
        _ => String::new(),
    };
    let said = [text("code"), text("message")].join(": ");
    Some(said.chars().filter(|c| !c.is_control()).take(300).collect())
}

/// A text as a part of a query or a form.
fn form(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            other => drop(write!(out, "%{other:02X}")),
        }
        out
    })
}
