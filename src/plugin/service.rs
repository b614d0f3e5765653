//! The four calls. Each one receives, asks the pipeline, answers.

use std::path::PathBuf;
use std::sync::Arc;

use tonic::{Request, Response, Status, Streaming};
use tracing::warn;

use super::call::Call;
use super::config::Discover;
use super::discover::Surroundings;
use super::metrics::Phase;
use super::proto::plugin::config_management_plugin_service_server::ConfigManagementPluginService;
use super::proto::plugin::{
    AppStreamRequest, CheckPluginConfigurationResponse, Empty, ManifestResponse,
    ParametersAnnouncementResponse, RepositoryResponse,
};
use super::shared::Shared;
use super::{PluginConfig, announce, discover};
use crate::pipeline;
use crate::repository::checkout::Checkout;

/// The plugin service.
pub struct Service {
    config: PluginConfig,
    shared: Arc<Shared>,
    /// Where a discovery command gets its copy of a repository.
    workdir: PathBuf,
}

impl Service {
    /// A service for the plugin of `config`.
    pub fn new(config: PluginConfig, shared: Arc<Shared>, workdir: PathBuf) -> Service {
        if matches!(config.discover, Some(Discover::Command(_))) {
            Checkout::clear(&workdir);
        }
        Service { config, shared, workdir }
    }
}

#[tonic::async_trait]
impl ConfigManagementPluginService for Service {
    async fn generate_manifest(
        &self,
        request: Request<Streaming<AppStreamRequest>>,
    ) -> std::result::Result<Response<ManifestResponse>, Status> {
        let call = Call::of("GenerateManifest", &request, &self.shared.metrics);
        let result = async {
            let (received, snapshot) = self.shared.receive(&call, request.into_inner()).await?;
            let manifests = self.shared.manifests(&call, received, snapshot).await?;
            let manifests = Arc::try_unwrap(manifests).unwrap_or_else(|shared| shared.to_vec());
            Ok(ManifestResponse { manifests, source_type: "Plugin".to_owned() })
        };
        call.finish(result.await)
    }

    async fn check_plugin_configuration(
        &self,
        request: Request<Empty>,
    ) -> std::result::Result<Response<CheckPluginConfigurationResponse>, Status> {
        let call = Call::of("CheckPluginConfiguration", &request, &self.shared.metrics);
        call.finish(Ok(CheckPluginConfigurationResponse {
            is_discovery_configured: self.config.discover.is_some(),
            provide_git_creds: self.config.provide_git_creds,
        }))
    }

    async fn match_repository(
        &self,
        request: Request<Streaming<AppStreamRequest>>,
    ) -> std::result::Result<Response<RepositoryResponse>, Status> {
        let call = Call::of("MatchRepository", &request, &self.shared.metrics);
        let (rule, workdir, budget) = (self.config.discover.clone(), self.workdir.clone(), call.budget());
        let result = async {
            let (received, snapshot) = self.shared.receive(&call, request.into_inner()).await?;
            let application = received.application.clone();
            let discovering = self.shared.work(&call, &application, Phase::Discovering, move |_| {
                let check = || budget.check(Phase::Discovering);
                let with = Surroundings { env: &received.env, workdir: &workdir, check: &check };
                let is_supported = match &rule {
                    Some(rule) => discover::matches(&snapshot, &received.app_path, rule, &with)?,
                    None => false,
                };
                Ok(RepositoryResponse { is_supported, is_discovery_enabled: rule.is_some() })
            });
            discovering.await
        };
        call.finish(result.await)
    }

    async fn get_parameters_announcement(
        &self,
        request: Request<Streaming<AppStreamRequest>>,
    ) -> std::result::Result<Response<ParametersAnnouncementResponse>, Status> {
        let call = Call::of("GetParametersAnnouncement", &request, &self.shared.metrics);
        let (caches, budget) = (self.shared.caches(), call.budget());
        let result = async {
            let (received, snapshot) = self.shared.receive(&call, request.into_inner()).await?;
            let application = received.application.clone();
            let announcing = self.shared.work(&call, &application, Phase::Announcing, move |_| {
                let equip = |request: &mut pipeline::Request| {
                    request.caches = Some(caches.clone());
                    budget.limit(request);
                };
                let (parameter_announcements, why_not) =
                    announce::parameters(&*snapshot, &received.app_path, &received.env, &equip);
                if let Some(error) = why_not {
                    warn!(app = received.app_path, "the chart's values are not announced: {error}");
                }
                Ok(ParametersAnnouncementResponse { parameter_announcements })
            });
            announcing.await
        };
        call.finish(result.await)
    }
}
