//! An application: its chart and the values that it sets, out of its directory,
//! its tiphys.yaml and its parameters.

use std::sync::atomic::AtomicBool;

use crate::chart::Chart;
use crate::error::{Error, Kind, Result};
use crate::notice::Notices;
use crate::parameters::{self, Build, Parameters};
use crate::registry::Wanted;
use crate::repository::Tree;

use super::dependencies::{self, Network};
use super::layers::{self, Layer};
use super::tiphys_yaml::Config;
use super::{Means, chart_values, files, load_chart};

/// What an application is made of.
#[derive(Debug)]
pub struct Application {
    /// The chart.
    pub chart: Chart,
    /// Where the chart lies in the repository.
    pub chart_path: String,
    /// What sets values over the chart's own, lowest first.
    pub layers: Vec<Layer>,
    /// The release's name, if the application says it.
    pub release_name: Option<String>,
    /// The release's namespace, if the application says it.
    pub namespace: Option<String>,
    /// Whether something of it came over the network, and may be another one next time.
    pub is_fetched: bool,
}

/// Which chart an application is of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reference {
    /// A path, `oci://…`, or a name in `repo`; the application's own directory
    /// where there is none.
    pub chart: Option<String>,
    /// The chart repository that has it.
    pub repo: Option<String>,
    /// Its version, for what is not in this repository.
    pub version: Option<String>,
}

impl Application {
    /// Loads the application in the directory `app`. Parameters win over its
    /// tiphys.yaml.
    ///
    /// # Errors
    /// What is wrong with tiphys.yaml, the chart, or a file of values; what cannot be
    /// fetched, or would have to be without a network.
    pub fn load(
        tree: &dyn Tree,
        app: &str,
        parameters: &Parameters,
        build: &Build,
        means: Means<'_>,
        notices: &mut Notices,
    ) -> Result<Application> {
        let used = AtomicBool::new(false);
        let network = means.network.map(|network| Network { used: Some(&used), ..*network });
        let means = Means { network: network.as_ref(), ..means };
        let config = Config::load(tree, app)?.unwrap_or_default();
        let first =
            |parameter: &Option<String>, own: &Option<String>| parameter.clone().or_else(|| own.clone());
        // A chart named by parameter is not the one that the file's repo and version are for.
        let reference = match &parameters.chart {
            Some(_) => Reference {
                chart: parameters.chart.clone(),
                repo: parameters.repo.clone(),
                version: parameters.version.clone(),
            },
            None => Reference {
                chart: config.chart.clone(),
                repo: first(&parameters.repo, &config.repo),
                version: first(&parameters.version, &config.version),
            },
        };
        // What is not there may be so because its parameter is mistyped; only the chart
        // knows all the names there are.
        let mistyped = |error: Error| parameters::mistyped(parameters.chart_values.keys()).unwrap_or(error);
        let (chart, chart_path) = chart(tree, app, &reference, means, notices).map_err(mistyped)?;
        let mut layers = layers::of(tree, app, &config, parameters, build).map_err(mistyped)?;
        chart_values::set(&chart, &mut layers, parameters, means.known)?;
        Ok(Application {
            chart,
            chart_path,
            layers,
            release_name: first(&parameters.release_name, &config.release_name),
            namespace: first(&parameters.namespace, &config.namespace),
            is_fetched: used.into_inner(),
        })
    }
}

/// The chart that is referred to, with the dependencies that it lacks, and its path.
/// The one place that knows where charts come from.
///
/// # Errors
/// It is not in the repository and cannot be fetched; the chart's own.
fn chart(
    tree: &dyn Tree,
    app: &str,
    reference: &Reference,
    means: Means<'_>,
    notices: &mut Notices,
) -> Result<(Chart, String)> {
    let name = reference.chart.as_deref().unwrap_or_default();
    if reference.repo.is_some() || name.contains("://") {
        let network = means.network.ok_or_else(|| Error::usage("charts are not fetched here"))?;
        let wanted = Wanted {
            chart: name.to_owned(),
            version: reference.version.clone().unwrap_or_default(),
            repository: reference.repo.clone().unwrap_or_default(),
            ..Wanted::default()
        };
        return Ok((super::fetch_chart(&wanted, network, means.known, notices)?, name.to_owned()));
    }
    if let Some(version) = &reference.version {
        let message = format!("version {version:?} is for a chart from a registry or a chart repository");
        return Err(Error::usage(message).hint("a chart in this repository is taken as it is"));
    }
    let path = match &reference.chart {
        None => app.to_owned(),
        Some(name) => {
            in_repository(tree, app, name).map_err(|e| e.context(format_args!("chart {name:?}")))?
        }
    };
    let chart = match means.network {
        Some(network) => dependencies::load(tree, &path, network, means.known, notices)?,
        None => load_chart(tree, &path, means.known, notices)?,
    };
    Ok((chart, path))
}

fn in_repository(tree: &dyn Tree, app: &str, name: &str) -> Result<String> {
    let path = files::resolve(app, name)?;
    match tree.entry(&path)? {
        Some(_) => Ok(path),
        None => Err(Error::new(Kind::NotFound, "no such directory or archive in the repository")),
    }
}
