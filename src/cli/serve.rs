//! `tiphys serve`: the sidecar, a drop-in for argocd-cmp-server.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

use crate::error::{Error, Kind, Result};
use crate::plugin::config::Discover;
use crate::plugin::{Options, PluginConfig, Server};
use crate::registry::Registry;

use super::log;

/// Serve Argo CD's plugin protocol on a unix socket (a drop-in for argocd-cmp-server)
#[derive(Debug, Parser)]
#[command(
    args_override_self = true,
    after_help = "The socket's name is metadata.name of plugin.yaml, or metadata.name-spec.version, with .sock behind \
                  it. SIGTERM ends the server after the calls that are under way.\n\nExample, on one's own machine:\n  ARGOCD_PLUGINSOCKFILEPATH=/tmp tiphys serve --config-dir-path ."
)]
pub struct Args {
    /// The directory of plugin.yaml
    #[arg(long, value_name = "DIR", default_value = "/home/argocd/cmp-server/config")]
    config_dir_path: PathBuf,
    /// The directory to make the socket in
    #[arg(
        long,
        value_name = "DIR",
        env = "ARGOCD_PLUGINSOCKFILEPATH",
        hide_env_values = true,
        default_value = "/home/argocd/cmp-server/plugins"
    )]
    plugins_dir_path: PathBuf,
    /// What is logged: debug, info, warn or error
    #[arg(
        long,
        value_name = "LEVEL",
        env = "ARGOCD_CMP_SERVER_LOGLEVEL",
        hide_env_values = true,
        default_value = "info"
    )]
    loglevel: String,
    /// How it is logged: json or text
    #[arg(
        long,
        value_name = "FORMAT",
        env = "ARGOCD_CMP_SERVER_LOGFORMAT",
        hide_env_values = true,
        default_value = "json"
    )]
    logformat: String,
    /// The largest message and the largest repository taken, in MiB
    #[arg(
        long,
        value_name = "MIB",
        env = "ARGOCD_GRPC_MAX_SIZE_MB",
        hide_env_values = true,
        default_value_t = 100
    )]
    max_size_mb: u16,
    /// Memory for repositories and answers that are kept, in MiB
    #[arg(long, value_name = "MIB", env = "TIPHYS_MEMORY_MB", hide_env_values = true, default_value_t = 384)]
    memory_mb: u32,
    /// Where /metrics and /healthz are served; empty turns them off
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "TIPHYS_HTTP_ADDRESS",
        hide_env_values = true,
        default_value = "0.0.0.0:8088"
    )]
    http_address: String,
    /// Where spec.discover.find.command gets its copy of a repository, below _cmp_server; nothing
    /// else is written to disk [default: the system's temporary directory]
    #[arg(long, value_name = "DIR", env = "ARGOCD_CMP_WORKDIR", hide_env_values = true)]
    workdir: Option<PathBuf>,
    /// Match every application with a Chart.yaml or a tiphys.yaml, where plugin.yaml has no
    /// discovery rule
    #[arg(long, env = "TIPHYS_DISCOVER", hide_env_values = true)]
    discover: bool,
    #[command(flatten)]
    otlp: Otlp,
}

/// argocd-cmp-server's tracing flags: accepted, so that its arguments need no
/// change; traces are not sent.
#[derive(Debug, Parser)]
struct Otlp {
    /// Accepted, so that argocd-cmp-server's arguments need no change; traces are not sent
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "ARGOCD_CMP_SERVER_OTLP_ADDRESS",
        default_value = "",
        hide_default_value = true,
        hide_env_values = true
    )]
    otlp_address: String,
    /// Accepted
    #[arg(long, env = "ARGOCD_CMP_SERVER_OTLP_INSECURE", num_args = 0..=1, default_missing_value = "true", hide = true)]
    otlp_insecure: Option<String>,
    /// Accepted
    #[arg(long, env = "ARGOCD_CMP_SERVER_OTLP_HEADERS", hide = true, hide_env_values = true)]
    otlp_headers: Vec<String>,
    /// Accepted
    #[arg(long, env = "ARGOCD_CMP_SERVER_OTLP_ATTRS", hide = true)]
    otlp_attrs: Vec<String>,
    /// Accepted
    #[arg(long, env = "ARGOCD_CMP_SERVER_OTLP_SAMPLE_RATIO", hide = true)]
    otlp_sample_ratio: Option<String>,
}

impl Args {
    fn options(&self, workdir: PathBuf) -> Options {
        Options {
            workdir,
            largest_message: usize::from(self.max_size_mb) << 20,
            memory: u64::from(self.memory_mb) << 20,
            http_address: Some(self.http_address.clone()).filter(|address| !address.is_empty()),
        }
    }
}

/// Serves until SIGTERM or SIGINT.
pub fn run(args: &Args) -> Result<()> {
    log::start(&args.loglevel, &args.logformat)?;
    if !args.otlp.otlp_address.is_empty() {
        tracing::warn!(
            "traces are not sent: --otlp-address is accepted only so that arguments need no change"
        );
    }
    let mut config = PluginConfig::load(&args.config_dir_path)?;
    if args.discover {
        config.discover.get_or_insert(Discover::BuiltIn);
    }
    let workdir = args.workdir.clone().unwrap_or_else(std::env::temp_dir).join("_cmp_server");
    let fail = |e: std::io::Error| Error::new(Kind::Io, format!("the server cannot start: {e}"));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(fail)?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate()).map_err(fail)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(fail)?;
        let registry = Arc::new(Registry::new(super::access::from_environment()));
        let server =
            Server::bind(config, &args.plugins_dir_path, args.options(workdir))?.with_registry(registry);
        server
            .serve(async move {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
            })
            .await
    })
}
