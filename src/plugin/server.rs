//! The gRPC server on the plugin's unix socket: the plugin service, health and
//! reflection, until it is told to stop.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::UnixListener;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::UnixListenerStream;
use tracing::info;

use crate::error::{Error, Kind, Result};
use crate::registry::Registry;
use crate::repository::unpack::Limits;

use super::PluginConfig;
use super::authority::Mended;
use super::proto::DESCRIPTORS;
use super::proto::plugin::config_management_plugin_service_server::ConfigManagementPluginServiceServer;
use super::service::Service;

/// A server that is bound to its socket but does not answer yet.
pub struct Server {
    listener: UnixListener,
    socket: PathBuf,
    config: PluginConfig,
    largest_message: usize,
    limits: Limits,
    workdir: PathBuf,
    registry: Option<Arc<Registry>>,
}

impl Server {
    /// Binds the plugin's socket in the directory `plugins`. A socket file that an
    /// earlier process left behind is replaced. Discovery commands run in copies of
    /// the repository below `workdir`.
    ///
    /// # Errors
    /// The directory is not there or not writable.
    pub fn bind(
        config: PluginConfig,
        plugins: &Path,
        largest_message: usize,
        workdir: PathBuf,
    ) -> Result<Server> {
        let socket = config.socket(plugins);
        let fail = |e: std::io::Error| {
            Error::new(Kind::Io, format!("the socket {} cannot be bound: {e}", socket.display()))
        };
        match std::fs::remove_file(&socket) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(fail(e)),
            _ => {}
        }
        let listener = UnixListener::bind(&socket).map_err(fail)?;
        let limits = Limits { packed: largest_message as u64, ..Limits::default() };
        Ok(Server { listener, socket, config, largest_message, limits, workdir, registry: None })
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
        let service = Service::new(self.config, self.limits, self.workdir, self.registry);
        let service = ConfigManagementPluginServiceServer::new(service)
            .max_decoding_message_size(self.largest_message)
            .max_encoding_message_size(self.largest_message);
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
            .add_service(health_service)
            .add_service(reflection)
            .add_service(reflection_alpha)
            .add_service(service)
            .serve_with_incoming_shutdown(connections, draining)
            .await
            .map_err(|e| fail(&e));
        // The file may be gone already; the next start replaces it either way.
        let _ = std::fs::remove_file(&self.socket);
        served
    }
}
