//! From a request to an answer, one line a step. The file to open first.

mod caches;
pub mod plan;

use std::sync::Arc;

use crate::chart::capabilities::{Capabilities, KubeVersion};
use crate::chart::render::{Environment, Inputs, Parsed, Rendered};
use crate::chart::{Chart, KnownFiles, Release, announced, capabilities, prepare, release, render, schema};
use crate::data::{Map, Value, yaml};
use crate::error::{Error, Kind, Result};
use crate::hooks::{self, Events, Placed};
use crate::manifest::{self, Keep, Manifest, Manifests};
use crate::notice::Notices;
use crate::parameters::{Build, Parameters};
use crate::registry::{Registry, Turn};
use crate::repository::Tree;
use crate::source::application::Application;
use crate::source::dependencies::Network;
use crate::source::explain::{self, Explained};
use crate::source::{Means, chart_values, environment, layers};
use crate::template::budget::{Budget, Limits};

pub use crate::chart::announced::Announced;
pub use crate::chart::render::{make_room, on_render_stack};
pub use caches::Caches;

/// An application to render.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The application's directory in the repository.
    pub app_path: String,
    /// What the Application sets.
    pub parameters: Parameters,
    /// What Argo CD says of the application and the cluster.
    pub build: Build,
    /// What the render may use.
    pub limits: Limits,
    /// The way to dependencies that the chart does not carry; without it they are missing.
    pub registry: Option<Arc<Registry>>,
    /// The place among those who render, to leave while waiting for the network.
    pub turn: Option<Arc<dyn Turn>>,
    /// What other renders have left.
    pub caches: Option<Arc<Caches>>,
}

/// What a chart is rendered with, beside its values.
#[derive(Debug, Clone, Default)]
pub struct Render {
    /// The release's name.
    pub name: String,
    /// The release's namespace.
    pub namespace: String,
    /// Whether this is an upgrade instead of an install.
    pub is_upgrade: bool,
    /// The cluster's version; Helm's default where none is given.
    pub kube_version: Option<KubeVersion>,
    /// API versions beside Helm's default ones.
    pub api_versions: Vec<String>,
    /// Do not check values against schemas.
    pub skip_schema_validation: bool,
    /// What is kept of each manifest.
    pub keep: Keep,
    /// What to say of a schema at an http(s) URL; without it, that none is fetched.
    pub remote_schema: Option<schema::Unreachable>,
    /// What the render may use.
    pub limits: Limits,
    /// What other renders have left.
    pub caches: Option<Arc<Caches>>,
    /// Leave the memory to the end of the process instead of freeing it.
    pub last: bool,
}

/// What was made of an application.
#[derive(Debug)]
pub struct Generated<R> {
    /// What was made of its manifests.
    pub answer: R,
    /// What a person should hear of.
    pub notices: Notices,
    /// Whether the clock or chance was asked: another render may differ.
    pub changes: bool,
}

/// Renders an application and hands its placed manifests to `write`, which makes
/// the answer of them. Runs on a stack of its own, within the request's limits.
///
/// # Errors
/// Whatever is wrong with the request, the chart, its values or its templates;
/// never a partial answer.
pub fn generate<R: Send>(
    tree: &(dyn Tree + Sync),
    request: &Request,
    write: impl FnOnce(&[Placed]) -> Result<R> + Send,
) -> Result<Generated<R>> {
    on_render_stack(|| {
        let mut notices = Notices::default();
        let application = request.load(tree, &request.parameters, &mut notices)?;
        let with = request.render(&application)?;
        let user = layers::merge(&application.layers, request.known())?;
        let mut manifests = render(application.chart, &user, &with, &mut notices)?;
        select(&mut manifests, &request.parameters, &with.keep)?;
        let changes = manifests.changes || application.is_fetched;
        let release = hooks::place(manifests, Events::named(&request.parameters.hook_events));
        release.tell(&mut notices);
        check_objects(&release.placed)?;
        let answer = write(&release.placed)?;
        Ok(Generated { answer, notices, changes })
    })
}

/// The values that an application's templates see, as YAML. They are not held
/// against a schema: whoever asks may want to know what is wrong with them.
///
/// # Errors
/// As [`generate`], up to the values.
pub fn values(tree: &(dyn Tree + Sync), request: &Request) -> Result<(Vec<u8>, Notices)> {
    merged(tree, request, |_, _, values| {
        yaml::write(&Value::Map(values.clone()), request.limits.output)
            .map_err(|e| Error::new(Kind::Limit, format!("the values cannot be printed: {e}")))
    })
}

/// Which layer sets each of those values, and where.
///
/// # Errors
/// As [`values`].
pub fn explain(tree: &(dyn Tree + Sync), request: &Request) -> Result<(Vec<Explained>, Notices)> {
    merged(tree, request, |application, chart, values| {
        explain::explain(&application.layers, chart, &application.chart_path, values)
    })
}

/// Merges an application's values and hands them on with the prepared chart.
fn merged<R: Send>(
    tree: &(dyn Tree + Sync),
    request: &Request,
    then: impl FnOnce(&Application, &Chart, &Map) -> Result<R> + Send,
) -> Result<(R, Notices)> {
    on_render_stack(|| {
        let mut notices = Notices::default();
        let application = request.load(tree, &request.parameters, &mut notices)?;
        let user = layers::merge(&application.layers, request.known())?;
        prepare::check_installable(&application.chart, &mut notices)?;
        let (chart, values) = prepare::values(&application.chart, &user, &mut notices)?;
        let answer = then(&application, &chart, &values)?;
        Ok((answer, notices))
    })
}

/// A chart and the user's values to sorted manifests, in the order of Helm's
/// checks. Has to run on a render stack.
///
/// # Errors
/// Helm's, in Helm's words.
pub fn render(chart: Chart, user: &Map, with: &Render, notices: &mut Notices) -> Result<Manifests> {
    let mut world = environment(&with.limits);
    let Texts { processed, values, parsed, files } = texts(&chart, user, with, &mut world, notices)?;
    let mut manifests = manifest::sort(manifest_files(files), with.keep.clone(), notices)?;
    manifests.changes = world.asked;
    manifests.crds = processed.definitions()?;
    if with.last {
        std::mem::forget((chart, processed, values, parsed));
    }
    Ok(manifests)
}

/// What a chart renders, and what that was made of.
struct Texts {
    /// The chart with its enabled subcharts.
    processed: Chart,
    /// `.Values` of the root.
    values: Map,
    parsed: Parsed,
    files: Vec<Rendered>,
}

/// A chart and the user's values to texts, in the world of `environment`.
fn texts(
    chart: &Chart,
    user: &Map,
    with: &Render,
    environment: &mut Environment,
    notices: &mut Notices,
) -> Result<Texts> {
    let capabilities = Capabilities::of(with.kube_version.clone(), &with.api_versions);
    prepare::check_installable(chart, notices)?;
    release::check_name(&with.name, notices)?;
    let options = prepare::Options {
        skip_schema: with.skip_schema_validation,
        schema: schema::Means {
            remote: with.remote_schema.unwrap_or(schema::not_fetched),
            known: with.caches.as_deref().map(|caches| &caches.files),
        },
        kube_version: capabilities.kube_version.normalized.to_string(),
    };
    let (processed, values) = prepare::prepare(chart, user, &options, notices)?;
    let release =
        Release { name: with.name.clone(), namespace: with.namespace.clone(), is_upgrade: with.is_upgrade };
    let parsed = match &with.caches {
        Some(caches) => {
            render::parse_with(&processed, |path, text, scratch| caches.templates.parse(path, text, scratch))?
        }
        None => render::parse(&processed)?,
    };
    let inputs = Inputs { values: &values, release: &release, capabilities: &capabilities };
    let files = render::execute(&parsed, &processed, &inputs, environment)?;
    Ok(Texts { processed, values, parsed, files })
}

/// A release's name out of `--name-template`.
///
/// # Errors
/// The template's.
pub fn name_from_template(template: &str) -> Result<String> {
    on_render_stack(|| render::text("name-template", template, &mut environment(&Limits::default())))
}

/// Reads `--kube-version`.
///
/// # Errors
/// Helm's words for what is no version.
pub fn kube_version(text: &str) -> Result<KubeVersion> {
    capabilities::parse_kube_version(text)
        .map_err(|e| Error::usage(format!("invalid kube version '{text}': {e}")))
}

/// Argo CD refuses a whole answer for one document without a kind, and does not
/// say which template it came from.
fn check_objects(placed: &[Placed]) -> Result<()> {
    match placed.iter().find(|placed| placed.manifest.head.kind.is_empty()) {
        None => Ok(()),
        Some(Placed { manifest, .. }) => {
            Err(Error::new(Kind::Render, format!("{}: a document has no kind", manifest.source)))
        }
    }
}

/// Every placed manifest as one JSON object.
///
/// # Errors
/// An object that JSON cannot say.
pub fn json_objects(placed: &[Placed]) -> Result<Vec<String>> {
    let limit = Limits::default().output;
    let object = |Placed { manifest, .. }: &Placed| {
        manifest.json(limit).map_err(|e| Error::new(Kind::Render, format!("{}: {e}", manifest.source)))
    };
    placed.iter().map(object).collect()
}

/// The environments that the application in the directory `app_path` has layers for.
pub fn environments(tree: &dyn Tree, app_path: &str) -> Vec<String> {
    environment::names(tree, app_path)
}

/// The chart's single values, as they are where no parameter sets one; nothing where
/// there are too many.
///
/// # Errors
/// The application or its layers cannot be read.
pub fn chart_values(tree: &(dyn Tree + Sync), request: &Request) -> Result<Option<Vec<Announced>>> {
    on_render_stack(|| {
        let parameters = Parameters { chart_values: Default::default(), ..request.parameters.clone() };
        let application = request.load(tree, &parameters, &mut Notices::default())?;
        let mut values = chart_values::announced(&application.chart, &application.layers, request.known())?;
        if let Some(values) = &mut values {
            announced::describe(&application.chart, values, &Budget::new(request.limits.clone()))
                .map_err(render::exceeded)?;
        }
        Ok(values)
    })
}

impl Request {
    /// The application, its chart with the dependencies that it lacks.
    fn load(&self, tree: &dyn Tree, parameters: &Parameters, notices: &mut Notices) -> Result<Application> {
        let network = self.registry.as_deref().map(|registry| {
            let patient = Network::patient(registry);
            Network {
                deadline: self.limits.deadline.unwrap_or(patient.deadline),
                turn: self.turn.as_deref(),
                cancelled: self.limits.cancelled.as_deref(),
                ..patient
            }
        });
        let means = Means { network: network.as_ref(), known: self.known() };
        Application::load(tree, &self.app_path, parameters, &self.build, means, notices)
    }

    /// Files that were read before.
    fn known(&self) -> Option<&KnownFiles> {
        self.caches.as_deref().map(|caches| &caches.files)
    }

    /// What the application says wins over the build environment, and that over
    /// Helm's defaults.
    fn render(&self, application: &Application) -> Result<Render> {
        let Request { parameters, build, .. } = self;
        let first = |given: &Option<String>, built: Option<&str>, default: &str| {
            given.as_deref().or(built).unwrap_or(default).to_owned()
        };
        let kube_version = parameters.kube_version.as_deref().or(build.kube_version());
        Ok(Render {
            name: first(&application.release_name, build.release_name(), "release-name"),
            namespace: first(&application.namespace, build.namespace(), "default"),
            is_upgrade: parameters.is_upgrade,
            kube_version: kube_version.map(self::kube_version).transpose()?,
            api_versions: match parameters.api_versions.as_slice() {
                [] => build.api_versions(),
                given => given.to_vec(),
            },
            skip_schema_validation: parameters.skip_schema_validation,
            remote_schema: None,
            limits: self.limits.clone(),
            keep: match &self.caches {
                Some(caches) => Keep::Known(caches.documents.clone()),
                None => Keep::Objects,
            },
            caches: self.caches.clone(),
            last: false,
        })
    }
}

/// Puts the definitions of crds/ first, unless they are skipped, and leaves out
/// the hooks that are.
fn select(manifests: &mut Manifests, parameters: &Parameters, keep: &Keep) -> Result<()> {
    if !parameters.skip_crds {
        manifests.objects.splice(..0, manifest::definitions(&manifests.crds, keep)?);
    }
    let skipped =
        |hook: &Manifest| parameters.skip_hooks || (parameters.skip_tests && manifest::print::is_test(hook));
    manifests.hooks.retain(|hook| !skipped(hook));
    Ok(())
}

/// What may be turned into manifests: notes are for people, blank files for nobody.
fn manifest_files(rendered: Vec<Rendered>) -> Vec<(String, crate::data::Str)> {
    let wanted = rendered.into_iter().filter(|file| !file.path.ends_with("NOTES.txt"));
    wanted.map(|file| (file.path, file.text.into())).collect()
}

/// The world that a render sees: the time now, and the system's randomness.
fn environment(limits: &Limits) -> Environment {
    Environment {
        budget: Budget::new(limits.clone()),
        now: jiff::Timestamp::now(),
        random: Box::new(|bytes| {
            // Without randomness there are no secrets to make: the render stops.
            if getrandom::fill(bytes).is_err() {
                std::panic::resume_unwind(Box::new("the system gives no randomness"));
            }
        }),
        watch: None,
        asked: false,
    }
}
