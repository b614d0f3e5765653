//! The four calls. Each one receives, asks the pipeline, answers.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tonic::{Request, Response, Status, Streaming};
use tracing::{info, warn};

use crate::error::{Error, Kind, Result};
use crate::notice::{Level, Notices};
use crate::pipeline;
use crate::registry::Registry;
use crate::repository::checkout::Checkout;
use crate::repository::snapshot::Snapshot;
use crate::repository::unpack::{self, unpack};

use super::config::Discover;
use super::discover::Surroundings;
use super::place::{Place, Places};
use super::proto::plugin::config_management_plugin_service_server::ConfigManagementPluginService;
use super::proto::plugin::{
    AppStreamRequest, CheckPluginConfigurationResponse, Empty, ManifestResponse,
    ParametersAnnouncementResponse, RepositoryResponse,
};
use super::stream::Received;
use super::{PluginConfig, announce, discover, request, status, stream};

/// Where the caller sets no deadline.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(90);
/// The answer leaves this long before the caller gives up, as argocd-cmp-server's does.
const MARGIN: Duration = Duration::from_millis(100);

/// The plugin service.
pub struct Service {
    config: PluginConfig,
    limits: unpack::Limits,
    /// Where a discovery command gets its copy of a repository.
    workdir: PathBuf,
    places: Places,
    registry: Option<Arc<Registry>>,
}

/// What stops the work of a call when its client goes away.
struct Call {
    name: &'static str,
    started: Instant,
    deadline: Instant,
    cancelled: Arc<AtomicBool>,
}

impl Drop for Call {
    fn drop(&mut self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

impl Call {
    fn of<T>(name: &'static str, request: &Request<T>) -> Call {
        let timeout = request.metadata().get("grpc-timeout").and_then(|v| v.to_str().ok()).and_then(timeout);
        let started = Instant::now();
        let deadline = started + timeout.map_or(DEFAULT_DEADLINE, |t| t.saturating_sub(MARGIN));
        Call { name, started, deadline, cancelled: Arc::default() }
    }

    /// Runs one phase of the call, at most until its deadline.
    async fn until<T>(&self, phase: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::time::timeout_at(self.deadline.into(), work).await.unwrap_or_else(|_| {
            Err(Error::new(Kind::Deadline, format!("the caller's deadline passed while {phase}")))
        })
    }

    fn finish<T>(&self, result: Result<T>) -> std::result::Result<Response<T>, Status> {
        let time_ms = self.started.elapsed().as_secs_f64() * 1000.0;
        match result {
            Ok(answer) => {
                info!(grpc.method = self.name, grpc.code = "OK", grpc.time_ms = time_ms, "finished call");
                Ok(Response::new(answer))
            }
            Err(error) => {
                let status = status::from(&error);
                let code = format!("{:?}", status.code());
                warn!(
                    grpc.method = self.name,
                    grpc.code = code,
                    grpc.time_ms = time_ms,
                    error = status.message(),
                    "finished call"
                );
                Err(status)
            }
        }
    }
}

/// gRPC's timeout header: digits and a unit.
fn timeout(header: &str) -> Option<Duration> {
    let (digits, unit) = header.split_at_checked(header.len().checked_sub(1)?)?;
    let n: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(n.saturating_mul(3600)),
        "M" => Duration::from_secs(n.saturating_mul(60)),
        "S" => Duration::from_secs(n),
        "m" => Duration::from_millis(n),
        "u" => Duration::from_micros(n),
        "n" => Duration::from_nanos(n),
        _ => return None,
    })
    .map(|d| d.min(Duration::from_secs(24 * 3600)))
}

impl Service {
    /// A service for the plugin of `config`.
    pub fn new(
        config: PluginConfig,
        limits: unpack::Limits,
        workdir: PathBuf,
        registry: Option<Arc<Registry>>,
    ) -> Service {
        if matches!(config.discover, Some(Discover::Command(_))) {
            Checkout::clear(&workdir);
        }
        Service { config, limits, workdir, places: Places::new(), registry }
    }

    /// Receives the repository, waits for a core, and does `work` on its own thread;
    /// `phase` says what that is.
    async fn with_repository<T: Send + 'static>(
        &self,
        call: &Call,
        messages: Streaming<AppStreamRequest>,
        phase: &str,
        work: impl FnOnce(&Snapshot, &Received, &Budget) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let received =
            call.until("receiving the repository", stream::receive(messages, self.limits.packed)).await?;
        let limits = self.limits;
        let place = Arc::new(call.until("waiting for a free core", self.places.take()).await?);
        let budget = Budget { deadline: call.deadline, cancelled: call.cancelled.clone(), place };
        let job = tokio::task::spawn_blocking(move || {
            let snapshot = unpack(&received.archive, limits)?;
            work(&snapshot, &received, &budget)
        });
        let done =
            async { job.await.unwrap_or_else(|_| Err(Error::new(Kind::Internal, "the render panicked"))) };
        call.until(phase, done).await
    }
}

/// What a call's work may use of time, and its place.
struct Budget {
    deadline: Instant,
    cancelled: Arc<AtomicBool>,
    place: Arc<Place>,
}

impl Budget {
    /// Gives a request the call's time.
    fn limit(&self, request: &mut pipeline::Request) {
        request.limits.deadline = Some(self.deadline);
        request.limits.cancelled = Some(self.cancelled.clone());
    }

    /// Whether the call is still waited for.
    fn check(&self) -> Result<()> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(Error::new(Kind::Cancelled, "the call was called off"));
        }
        if Instant::now() >= self.deadline {
            return Err(Error::new(Kind::Deadline, "the caller's deadline passed"));
        }
        Ok(())
    }
}

#[tonic::async_trait]
impl ConfigManagementPluginService for Service {
    async fn generate_manifest(
        &self,
        request: Request<Streaming<AppStreamRequest>>,
    ) -> std::result::Result<Response<ManifestResponse>, Status> {
        let call = Call::of("GenerateManifest", &request);
        let registry = self.registry.clone();
        let result = self
            .with_repository(&call, request.into_inner(), "rendering", |snapshot, received, budget| {
                let mut request = request::from_environment(&received.app_path, &received.env)?;
                request.registry = registry;
                request.turn = Some(budget.place.clone());
                budget.limit(&mut request);
                let (manifests, notices) = pipeline::generate(snapshot, &request, pipeline::json_objects)?;
                log(&received.app_path, &notices);
                Ok(ManifestResponse { manifests, source_type: "Plugin".to_owned() })
            })
            .await;
        call.finish(result)
    }

    async fn check_plugin_configuration(
        &self,
        request: Request<Empty>,
    ) -> std::result::Result<Response<CheckPluginConfigurationResponse>, Status> {
        let call = Call::of("CheckPluginConfiguration", &request);
        call.finish(Ok(CheckPluginConfigurationResponse {
            is_discovery_configured: self.config.discover.is_some(),
            provide_git_creds: self.config.provide_git_creds,
        }))
    }

    async fn match_repository(
        &self,
        request: Request<Streaming<AppStreamRequest>>,
    ) -> std::result::Result<Response<RepositoryResponse>, Status> {
        let call = Call::of("MatchRepository", &request);
        let (rule, workdir) = (self.config.discover.clone(), self.workdir.clone());
        let result = self
            .with_repository(&call, request.into_inner(), "discovering", move |snapshot, received, budget| {
                let with = Surroundings { env: &received.env, workdir: &workdir, check: &|| budget.check() };
                let is_supported = match &rule {
                    Some(rule) => discover::matches(snapshot, &received.app_path, rule, &with)?,
                    None => false,
                };
                Ok(RepositoryResponse { is_supported, is_discovery_enabled: rule.is_some() })
            })
            .await;
        call.finish(result)
    }

    async fn get_parameters_announcement(
        &self,
        request: Request<Streaming<AppStreamRequest>>,
    ) -> std::result::Result<Response<ParametersAnnouncementResponse>, Status> {
        let call = Call::of("GetParametersAnnouncement", &request);
        let phase = "reading the parameters";
        let result = self
            .with_repository(&call, request.into_inner(), phase, |snapshot, received, budget| {
                let (parameter_announcements, why_not) =
                    announce::parameters(snapshot, &received.app_path, &received.env, &|r| budget.limit(r));
                if let Some(error) = why_not {
                    warn!(app = received.app_path, "the chart's values are not announced: {error}");
                }
                Ok(ParametersAnnouncementResponse { parameter_announcements })
            })
            .await;
        call.finish(result)
    }
}

/// What a person should hear of goes to the log.
fn log(app: &str, notices: &Notices) {
    for notice in &notices.0 {
        let details: String = notice.fields.iter().map(|(key, value)| format!(" {key}={value}")).collect();
        match notice.level {
            Level::Info => info!(app, "{}{details}", notice.message),
            Level::Warn | Level::Error => warn!(app, "{}{details}", notice.message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timeout_header_is_read_in_all_its_units() {
        assert_eq!(timeout("90S"), Some(Duration::from_secs(90)));
        assert_eq!(timeout("59999m"), Some(Duration::from_millis(59999)));
        assert_eq!(timeout("2M"), Some(Duration::from_secs(120)));
        assert_eq!(timeout("5000000u"), Some(Duration::from_secs(5)));
        for bad in ["", "S", "5", "5x", "é", "-1S"] {
            assert_eq!(timeout(bad), None, "{bad}");
        }
        assert_eq!(timeout("99999999H"), Some(Duration::from_secs(24 * 3600)));
    }
}
