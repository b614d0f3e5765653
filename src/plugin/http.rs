//! The HTTP port for people and machines that watch the sidecar: `/metrics` and
//! `/healthz`. Nothing of an application can be asked for here.

use std::sync::Arc;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::error::{Error, Kind, Result};

use super::shared::Shared;

/// What Prometheus expects its text to be called.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Takes the address, such as `0.0.0.0:8088`.
///
/// # Errors
/// It is no address, or taken.
pub async fn bind(address: &str) -> Result<TcpListener> {
    let fail = |e: std::io::Error| Error::new(Kind::Io, format!("cannot listen on {address}: {e}"));
    TcpListener::bind(address).await.map_err(fail)
}

/// Answers until the future is dropped.
pub async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let metrics = move || {
        let text = shared.metrics.text(&shared.gauges());
        async move { ([(CONTENT_TYPE, TEXT)], text) }
    };
    let app = Router::new().route("/metrics", get(metrics)).route("/healthz", get(|| async { "ok\n" }));
    // It ends only where the listener breaks, which takes the port away, not the plugin.
    if let Err(error) = axum::serve(listener, app).await {
        tracing::warn!("metrics are no longer served: {error}");
    }
}
