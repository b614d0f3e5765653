//! Tokens: bought at the service that a registry names, kept in memory for as long
//! as they live.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper::Method;
use hyper::body::Bytes;
use hyper::header::CONTENT_TYPE;

use crate::data::{Value, json};
use crate::error::{Error, Kind, Result};
use crate::registry::address::Address;
use crate::registry::credentials::{Access, Authorization};
use crate::registry::http::Request;
use crate::registry::secret::Secret;

use super::challenge::Challenge;
use super::{LARGEST_TEXT, Session, form};

/// How long a token lives where the service does not say.
const USUAL: Duration = Duration::from_secs(60);
/// A password is asked for again after this.
const PASSWORD: Duration = Duration::from_secs(3600);

/// A value of Authorization that a registry lets in.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The header's value.
    pub header: Secret,
    /// Until when it may be used without asking.
    until: Instant,
}

/// Registry, scope, and who asks.
type Key = (String, String, String);

/// The grants of this process.
#[derive(Debug, Default)]
pub struct Tokens(Mutex<HashMap<Key, Grant>>);

impl Tokens {
    /// A grant that was let in before.
    pub fn known(&self, host: &str, scope: &str, access: &Access) -> Option<Secret> {
        let grants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let grant = grants.get(&key(host, scope, access))?;
        (grant.until > Instant::now()).then(|| grant.header.clone())
    }

    /// Keeps one that was let in.
    pub fn keep(&self, host: &str, scope: &str, access: &Access, grant: Grant) {
        let mut grants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        grants.retain(|_, grant| grant.until > Instant::now());
        grants.insert(key(host, scope, access), grant);
    }

    /// Throws one away that was not.
    pub fn forget(&self, host: &str, scope: &str, access: &Access) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&key(host, scope, access));
    }
}

/// Who asks is part of the key: a login with another password must not be let in
/// by what the last one bought.
fn key(host: &str, scope: &str, access: &Access) -> Key {
    let who = access.authorization.as_ref().and_then(Authorization::header);
    let who = who.map(|who| crate::data::digest::Digest::of(who.expose().as_bytes()).hex());
    (host.to_owned(), scope.to_owned(), who.unwrap_or_else(|| access.source.clone()))
}

impl Session<'_> {
    /// What meets a registry's demand; `None` where we have nothing.
    pub(super) async fn meet(
        &self,
        challenge: &Challenge,
        access: &Access,
        scope: &str,
    ) -> Result<Option<Grant>> {
        let password = |header| Grant { header, until: Instant::now() + PASSWORD };
        let own = access.authorization.as_ref();
        match (challenge, own) {
            (Challenge::Basic, own) => Ok(own.and_then(Authorization::header).map(password)),
            (Challenge::Bearer { .. }, Some(token @ Authorization::Bearer(_))) => {
                Ok(token.header().map(password))
            }
            (Challenge::Bearer { realm, service, scope: asked }, own) => {
                let scope = if scope.is_empty() { asked.as_deref().unwrap_or_default() } else { scope };
                let realm = self.realm(realm)?;
                self.buy(&realm, service.as_deref().unwrap_or_default(), scope, own).await.map(Some)
            }
        }
    }

    /// The token service's address, where it may be asked.
    fn realm(&self, realm: &str) -> Result<Address> {
        let realm = Address::parse(realm)
            .map_err(|e| e.context(format_args!("{}: the registry's token service", self.host)))?;
        let origin = realm.origin();
        let refused = |why: &str| {
            let message = format!("{}: the registry's token service {realm} {why}", self.host);
            Err(Error::new(Kind::Forbidden, message))
        };
        if origin.is_link_local() {
            return refused("is at an address that no service may have");
        }
        if !origin.encrypted && !self.access.plain_http {
            return refused("is not encrypted");
        }
        Ok(realm)
    }

    async fn buy(
        &self,
        realm: &Address,
        service: &str,
        scope: &str,
        own: Option<&Authorization>,
    ) -> Result<Grant> {
        let mut wants = vec![("service", service), ("scope", scope)];
        wants.retain(|(_, value)| !value.is_empty());
        let pairs = |wants: &[(&str, &str)]| -> String {
            let pairs: Vec<_> = wants.iter().map(|(key, value)| format!("{key}={}", form(value))).collect();
            pairs.join("&")
        };
        let shown = format!("GET {realm}");
        let answer = if let Some(Authorization::Identity(token)) = own {
            wants.extend([
                ("grant_type", "refresh_token"),
                ("client_id", "tiphys"),
                ("refresh_token", token.expose()),
            ]);
            let mut request = Request::get(realm, &self.access.tls, LARGEST_TEXT, self.deadline)
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
            request.method = Method::POST;
            request.body = Bytes::from(pairs(&wants));
            self.shared.http.send(request).await?
        } else {
            let sign = if realm.uri().query().is_some() { '&' } else { '?' };
            let url = Address::parse(&format!("{}{sign}{}", realm.text(), pairs(&wants)))?;
            let mut request = Request::get(&url, &self.access.tls, LARGEST_TEXT, self.deadline);
            request.authorization = own.and_then(Authorization::header);
            self.shared.http.send(request).await?
        };
        if !answer.status.is_success() {
            return Err(self.refused(&shown, &answer));
        }
        grant(&answer.body).ok_or_else(|| {
            Error::new(Kind::Corrupt, format!("{shown}: the token service's answer holds no token"))
        })
    }
}

fn grant(body: &[u8]) -> Option<Grant> {
    let document = json::parse(body).ok()?;
    let answer = document.as_map()?;
    let text = |key: &str| match answer.get(key) {
        Some(Value::Str(text)) if !text.is_empty() => Some(text.to_string()),
        _ => None,
    };
    let token = text("token").or_else(|| text("access_token"))?;
    let life = match answer.get("expires_in") {
        Some(Value::Float(seconds)) if seconds > 0.0 && seconds < 1e9 => Duration::from_secs_f64(seconds),
        _ => USUAL,
    };
    // Renewed a little early: the clock runs while a request is on its way.
    Some(Grant { header: Secret::new(format!("Bearer {token}")), until: Instant::now() + life * 9 / 10 })
}
