//! Argo CD's wire protocol: the Config Management Plugin service on a unix
//! socket. The only room that names tonic; what a request means is decided in
//! [`crate::pipeline`].

pub mod announce;
mod answers;
mod authority;
mod call;
pub mod config;
pub mod discover;
mod flight;
mod http;
mod metrics;
mod places;
pub mod request;
pub mod server;
mod service;
mod shared;
mod spool;
mod status;
mod stream;
mod turn;

pub use config::PluginConfig;
pub use server::{Options, Server};

/// The generated messages and stubs.
#[allow(missing_docs, clippy::all, clippy::pedantic, reason = "generated from proto/")]
pub mod proto {
    /// `plugin.proto`
    pub mod plugin {
        tonic::include_proto!("plugin");
    }
    /// `repository.proto`
    pub mod repository {
        tonic::include_proto!("repository");
    }
    /// The descriptors of both, for server reflection.
    pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/plugin.bin"));
}
