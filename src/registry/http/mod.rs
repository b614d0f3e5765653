//! One HTTP client for all of the room: tries again what may pass, stops at the
//! caller's deadline and at a size, follows redirects without taking credentials
//! along to another host.

mod connect;
mod retry;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, LOCATION, USER_AGENT};
use hyper::{Method, Response, StatusCode};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioExecutor;

use crate::error::{Error, Kind, Result};

use super::address::Address;
use super::secret::Secret;
use super::tls::Tls;
use connect::{Connector, connector};

/// How long a server may send nothing.
const STALLED: Duration = Duration::from_secs(15);
/// Redirects in a row.
const MOST_REDIRECTS: usize = 10;

/// The proxies that the environment names, as Go reads them.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    /// HTTP_PROXY
    pub http: String,
    /// HTTPS_PROXY
    pub https: String,
    /// NO_PROXY
    pub no: String,
}

/// The client. Nothing is set up before the first request.
#[derive(Debug)]
pub struct Client {
    proxy: Arc<Matcher>,
    stalled: Duration,
    pools: Mutex<HashMap<Tls, Pool<Connector, Full<Bytes>>>>,
}

/// What to ask for.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The verb.
    pub method: Method,
    /// From where.
    pub url: &'a Address,
    /// Headers beside those of the client.
    pub headers: Vec<(HeaderName, String)>,
    /// The value of Authorization, if any.
    pub authorization: Option<Secret>,
    /// Send it to whatever host a redirect leads to.
    pub pass_credentials: bool,
    /// How to connect.
    pub tls: &'a Tls,
    /// What to send.
    pub body: Bytes,
    /// The largest answer that is taken.
    pub limit: u64,
    /// When the caller gives up.
    pub deadline: Instant,
}

impl<'a> Request<'a> {
    /// A GET of at most `limit` bytes.
    pub fn get(url: &'a Address, tls: &'a Tls, limit: u64, deadline: Instant) -> Request<'a> {
        Request {
            method: Method::GET,
            url,
            headers: Vec::new(),
            authorization: None,
            pass_credentials: false,
            tls,
            body: Bytes::new(),
            limit,
            deadline,
        }
    }

    /// The same with a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// `GET https://…`, as errors name it.
    fn shown(&self) -> String {
        format!("{} {}", self.method, self.url)
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, whole.
    pub body: Vec<u8>,
}

impl Answer {
    /// A header's text.
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Why one try came to nothing.
#[derive(Debug)]
struct Failure {
    error: Error,
    /// Whether another try may do better, and how long the server wants peace.
    again: Option<Option<Duration>>,
}

impl Failure {
    fn last(error: Error) -> Failure {
        Failure { error, again: None }
    }

    fn passing(message: String) -> Failure {
        Failure { error: Error::new(Kind::Io, message), again: Some(None) }
    }
}

impl Client {
    /// A client that uses these proxies.
    pub fn new(proxies: &Proxies) -> Client {
        let matcher = Matcher::builder().http(&*proxies.http).https(&*proxies.https).no(&*proxies.no).build();
        Client { proxy: Arc::new(matcher), stalled: STALLED, pools: Mutex::default() }
    }

    /// Sends a request and takes the whole answer, whatever its status, except one
    /// that asks to come again: that is tried again as long as the deadline allows.
    ///
    /// # Errors
    /// No answer, one that broke off, one that is too large, too many redirects,
    /// and the statuses 408, 429, 500, 502, 503 and 504 of the last try.
    pub async fn send(&self, request: Request<'_>) -> Result<Answer> {
        let mut tries = retry::Tries::new(request.deadline);
        loop {
            let failure = match tokio::time::timeout_at(request.deadline.into(), self.follow(&request)).await
            {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(failure)) => failure,
                Err(_) => return Err(tries.too_late(&request.shown())),
            };
            match failure.again {
                None => return Err(failure.error),
                Some(peace) => tries.wait(peace, failure.error).await?,
            }
        }
    }

    /// One try, redirects followed.
    async fn follow(&self, request: &Request<'_>) -> std::result::Result<Answer, Failure> {
        let mut url = request.url.clone();
        for _ in 0..=MOST_REDIRECTS {
            let response = self.once(request, &url).await?;
            let followed = matches!(request.method, Method::GET | Method::HEAD);
            let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            let Some(location) = location.filter(|_| followed && response.status().is_redirection()) else {
                return self.finish(response, request, &url).await;
            };
            url = redirected(&url, location).map_err(Failure::last)?;
        }
        let message = format!("{}: more than {MOST_REDIRECTS} redirects", request.shown());
        Err(Failure::last(Error::new(Kind::Limit, message)))
    }

    async fn once(
        &self,
        request: &Request<'_>,
        url: &Address,
    ) -> std::result::Result<Response<Incoming>, Failure> {
        let mut message = hyper::Request::builder().method(request.method.clone()).uri(url.uri().clone());
        message = message.header(USER_AGENT, concat!("tiphys/", env!("CARGO_PKG_VERSION")));
        for (name, value) in &request.headers {
            message = message.header(name, value);
        }
        let known_host = request.pass_credentials || url.origin() == request.url.origin();
        if let Some(secret) = request.authorization.as_ref().filter(|_| known_host) {
            let mut value = HeaderValue::from_str(secret.expose()).map_err(|_| {
                let host = url.authority();
                Failure::last(Error::usage(format!("the credentials for {host} hold control characters")))
            })?;
            value.set_sensitive(true);
            message = message.header(AUTHORIZATION, value);
        }
        let message = message
            .body(Full::new(request.body.clone()))
            .map_err(|e| Failure::last(Error::usage(format!("{}: {e}", request.shown()))))?;
        let pool = self.pool(request.tls).map_err(Failure::last)?;
        let shown = request.shown();
        match tokio::time::timeout(self.stalled, pool.request(message)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(e)) => Err(unreachable(&shown, &e)),
            Err(_) => Err(Failure::passing(format!("{shown}: no answer within {:?}", self.stalled))),
        }
    }

    /// Reads the answer to its end, unless its status asks to come again.
    async fn finish(
        &self,
        response: Response<Incoming>,
        request: &Request<'_>,
        url: &Address,
    ) -> std::result::Result<Answer, Failure> {
        let (head, mut body) = response.into_parts();
        if retry::is_passing(head.status) {
            let message = format!("{}: {}", request.shown(), head.status);
            let peace = retry::after(&head.headers);
            return Err(Failure { error: Error::new(Kind::Io, message), again: Some(peace) });
        }
        let too_large = || {
            let message = format!("{}: the answer has more than {} bytes", request.shown(), request.limit);
            Failure::last(Error::new(Kind::Limit, message))
        };
        let mut bytes = Vec::new();
        let whole = hyper::body::Body::size_hint(&body).exact().unwrap_or_default();
        if request.method != Method::HEAD && whole > request.limit {
            return Err(too_large());
        }
        loop {
            match tokio::time::timeout(self.stalled, body.frame()).await {
                Ok(None) => return Ok(Answer { status: head.status, headers: head.headers, body: bytes }),
                Ok(Some(Ok(frame))) => {
                    let Ok(data) = frame.into_data() else { continue };
                    if (bytes.len() + data.len()) as u64 > request.limit {
                        return Err(too_large());
                    }
                    bytes.extend_from_slice(&data);
                }
                Ok(Some(Err(e))) => {
                    let shown = format!("GET {url}");
                    let message =
                        format!("{shown}: the answer broke off after {} bytes: {}", bytes.len(), root(&e));
                    return Err(Failure::passing(message));
                }
                Err(_) => {
                    let (shown, stalled) = (request.shown(), self.stalled);
                    let message =
                        format!("{shown}: nothing came for {stalled:?} after {} bytes", bytes.len());
                    return Err(Failure::passing(message));
                }
            }
        }
    }

    fn pool(&self, tls: &Tls) -> Result<Pool<Connector, Full<Bytes>>> {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = pools.get(tls) {
            return Ok(pool.clone());
        }
        let connector = connector(tls, self.proxy.clone())?;
        let pool = Pool::builder(TokioExecutor::new()).build(connector);
        pools.insert(tls.clone(), pool.clone());
        Ok(pool)
    }
}

/// The redirect's target, where it may be followed.
fn redirected(from: &Address, location: &str) -> Result<Address> {
    let to = from.redirect(location)?;
    let refused = |why: &str| {
        let message = format!("{from}: redirected to {}, {why}", to.authority());
        Err(Error::new(Kind::Forbidden, message))
    };
    if to.origin().is_link_local() {
        return refused("an address that no registry may send to");
    }
    if from.origin().encrypted && !to.origin().encrypted {
        return refused("which is not encrypted");
    }
    Ok(to)
}

/// A connection that did not come about. What a certificate lacks does not pass.
fn unreachable(shown: &str, error: &hyper_util::client::legacy::Error) -> Failure {
    let cause = root(error);
    let certificate = causes(error).any(|cause| cause.downcast_ref::<rustls::Error>().is_some())
        || cause.contains("certificate");
    let message = format!("{shown}: {cause}");
    if certificate { Failure::last(Error::new(Kind::Io, message)) } else { Failure::passing(message) }
}

fn causes<'e>(
    error: &'e (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'e (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

/// What is at the bottom of an error; the levels above only say that there is one.
fn root(error: &(dyn std::error::Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    /// What a client of little patience says of a server that sends this and no more.
    async fn asking(sends: &'static [u8]) -> Error {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = Address::parse(&format!("http://{}/x", listener.local_addr().unwrap())).unwrap();
        std::thread::spawn(move || {
            let mut open = Vec::new();
            for mut stream in listener.incoming().flatten() {
                let _ = stream.read(&mut [0; 4096]).unwrap();
                stream.write_all(sends).unwrap();
                open.push(stream);
            }
        });
        let client = Client { stalled: Duration::from_millis(50), ..Client::new(&Proxies::default()) };
        let tls = Tls::default();
        let deadline = Instant::now() + Duration::from_secs(60);
        let error = client.send(Request::get(&url, &tls, 100, deadline)).await.unwrap_err();
        Error { message: error.message.replace(url.authority(), "HOST"), ..error }
    }

    #[tokio::test]
    async fn a_server_that_stops_sending_is_asked_again_and_left() {
        let error = asking(b"").await;
        assert_eq!(error.kind, Kind::Io);
        assert_eq!(error.message, "GET http://HOST/x: no answer within 50ms (tried 5 times)");
        let error = asking(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf").await;
        assert_eq!(error.message, "GET http://HOST/x: nothing came for 50ms after 4 bytes (tried 5 times)");
    }
}
