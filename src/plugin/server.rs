//! The gRPC server on the plugin's unix socket: the plugin service, health and
//! reflection, until it is told to stop.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::UnixListener;
use tokio::task::JoinHandle;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::UnixListenerStream;
use tracing::{info, warn};

use crate::error::{Error, Kind, Result};
use crate::registry::Registry;
use crate::repository::unpack::Limits;

use super::PluginConfig;
use super::authority::Mended;
use super::http;
use super::proto::DESCRIPTORS;
use super::proto::plugin::config_management_plugin_service_server::ConfigManagementPluginServiceServer;
use super::service::Service;
use super::shared::Shared;

/// A server that is bound to its socket but does not answer yet.
pub struct Server {
    listener: UnixListener,
    socket: PathBuf,
    config: PluginConfig,
    options: Options,
    registry: Option<Arc<Registry>>,
}

/// Bytes that a client may send of one stream before they are read.
const STREAM_WINDOW: u32 = 128 << 10;

/// Streams of one connection. There is room for what all of them may send: streams
/// that wait for memory must not hold up those that have it.
const MOST_STREAMS: u32 = 256;

/// How a server serves.
#[derive(Debug, Clone)]
pub struct Options {
    /// Bytes of the largest message and of the largest repository.
    pub largest_message: usize,
    /// Bytes that repositories and answers may take in memory.
    pub memory: u64,
    /// Where a discovery command gets its copy of a repository.
    pub workdir: PathBuf,
    /// The address of `/metrics` and `/healthz`; none turns them off.
    pub http_address: Option<String>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            largest_message: 100 << 20,
            memory: 384 << 20,
            workdir: std::env::temp_dir(),
            http_address: None,
        }
    }
}

impl Server {
    /// Binds the plugin's socket in the directory `plugins`. A socket file that an
    /// earlier process left behind is replaced. Discovery commands run in copies of
    /// the repository below `workdir`.
    ///
    /// # Errors
    /// The directory is not there or not writable.
    pub fn bind(config: PluginConfig, plugins: &Path, options: Options) -> Result<Server> {
        let socket = config.socket(plugins);
        let fail = |e: std::io::Error| {
            Error::new(Kind::Io, format!("the socket {} cannot be bound: {e}", socket.display()))
        };
        match std::fs::remove_file(&socket) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(fail(e)),
            _ => {}
        }
        let listener = UnixListener::bind(&socket).map_err(fail)?;
        Ok(Server { listener, socket, config, options, registry: None })
    }

    /// The same with a way to dependencies that charts do not carry.
    #[must_use]
    pub fn with_registry(mut self, registry: Arc<Registry>) -> Server {
        self.registry = Some(registry);
        self
    }

    /// The socket's path.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Serves until `stop` is ready, finishes the calls that are under way, and
    /// removes the socket.
    ///
    /// # Errors
    /// The transport fails.
    pub async fn serve(self, stop: impl Future<Output = ()>) -> Result<()> {
        let fail = |e: &dyn std::error::Error| Error::new(Kind::Io, format!("the server failed: {e}"));
        let (health, health_service) = tonic_health::server::health_reporter();
        let Options { largest_message, memory, workdir, http_address } = self.options;
        let limits = Limits { packed: largest_message as u64, ..Limits::default() };
        let shared = Arc::new(Shared::new(limits, memory, self.registry));
        let service =
            ConfigManagementPluginServiceServer::new(Service::new(self.config, shared.clone(), workdir))
                .max_decoding_message_size(largest_message)
                .max_encoding_message_size(largest_message);
        let http = http(http_address.as_deref(), shared).await;
        health.set_serving::<ConfigManagementPluginServiceServer<Service>>().await;
        let described = || {
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(DESCRIPTORS)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        };
        let reflection = described().build_v1().map_err(|e| fail(&e))?;
        let reflection_alpha = described().build_v1alpha().map_err(|e| fail(&e))?;
        info!(socket = %self.socket.display(), "serving");
        let draining = async {
            stop.await;
            info!("draining");
        };
        let connections =
            UnixListenerStream::new(self.listener).map(|connection| connection.map(Mended::new));
        let served = tonic::transport::Server::builder()
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(STREAM_WINDOW * MOST_STREAMS)
            .max_concurrent_streams(MOST_STREAMS)
            .add_service(health_service)
            .add_service(reflection)
            .add_service(reflection_alpha)
            .add_service(service)
            .serve_with_incoming_shutdown(connections, draining)
            .await
            .map_err(|e| fail(&e));
        http.abort();
        // The file may be gone already; the next start replaces it either way.
        let _ = std::fs::remove_file(&self.socket);
        served
    }
}

/// Serves metrics on the side. A port that is taken is no reason not to render.
async fn http(address: Option<&str>, shared: Arc<Shared>) -> JoinHandle<()> {
    let listener = match address {
        None => None,
        Some(address) => http::bind(address).await.inspect_err(|error| warn!("no metrics: {error}")).ok(),
    };
    tokio::spawn(async move {
        if let Some(listener) = listener {
            http::serve(listener, shared).await;
        }
    })
}
