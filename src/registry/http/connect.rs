//! Connections: directly, or through the proxy that the environment names; never to
//! an address of the link itself, whatever name leads there.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::Uri;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use crate::error::Result;
use crate::registry::address::is_link_local;
use crate::registry::tls::{self, Tls};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What opens connections for one set of TLS settings.
pub type Connector = HttpsConnector<Direct>;

/// A connector with these settings.
///
/// # Errors
/// Certificates that cannot be used.
pub fn connector(tls: &Tls, proxy: Arc<Matcher>) -> Result<Connector> {
    let mut http = HttpConnector::new_with_resolver(Resolver(GaiResolver::new()));
    http.enforce_http(false);
    http.set_nodelay(true);
    Ok(HttpsConnector::from((Direct { http, proxy }, tls::client(tls)?)))
}

/// Opens a TCP connection to a host, through a proxy where one is set for it.
#[derive(Debug, Clone)]
pub struct Direct {
    http: HttpConnector<Resolver>,
    proxy: Arc<Matcher>,
}

impl Service<Uri> for Direct {
    type Response = TokioIo<TcpStream>;
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = std::result::Result<Self::Response, Failure>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<std::result::Result<(), Failure>> {
        self.http.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        match self.proxy.intercept(&to) {
            None => {
                let connecting = self.http.call(to);
                Box::pin(async move { Ok(connecting.await?) })
            }
            Some(proxy) => {
                let mut tunnel = Tunnel::new(proxy.uri().clone(), self.http.clone());
                if let Some(auth) = proxy.basic_auth() {
                    tunnel = tunnel.with_auth(auth.clone());
                }
                let connecting = tunnel.call(to);
                Box::pin(async move { Ok(connecting.await?) })
            }
        }
    }
}

/// The system's resolver, without the addresses that clouds serve credentials on.
#[derive(Debug, Clone)]
pub struct Resolver(GaiResolver);

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let resolving = self.0.call(name);
        Box::pin(async move { allowed(resolving.await?) })
    }
}

/// The addresses that may be connected to.
fn allowed(found: impl Iterator<Item = SocketAddr>) -> io::Result<std::vec::IntoIter<SocketAddr>> {
    let found: Vec<SocketAddr> = found.filter(|address| !is_link_local(address.ip())).collect();
    if found.is_empty() {
        return Err(io::Error::other("the name leads to an address that no registry may have"));
    }
    Ok(found.into_iter())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_no_address_of_the_link() {
        let addresses = ["169.254.169.254:80", "[fe80::1]:80", "127.0.0.1:80"].map(|a| a.parse().unwrap());
        let allowed_of_all: Vec<SocketAddr> = allowed(addresses.into_iter()).unwrap().collect();
        assert_eq!(allowed_of_all, ["127.0.0.1:80".parse().unwrap()]);
        let refused = allowed(addresses.into_iter().take(2)).unwrap_err().to_string();
        assert_eq!(refused, "the name leads to an address that no registry may have");
    }
}
