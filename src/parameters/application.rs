//! An Argo CD Application: its sources, and what each of them becomes when Argo CD
//! hands it to a plugin.

mod helm;
mod reader;
pub mod repo_url;

use std::collections::BTreeMap;

use crate::data::yaml::{self, Numbers};
use crate::data::{List, Map, Value, json};
use crate::error::{Error, Kind, Result};

use super::{Build, given};
use reader::Reader;

/// The namespace that Argo CD's own Applications are in: one elsewhere is called
/// `namespace_name`.
const CONTROL_PLANE: &str = "argocd";

/// The largest list of parameters.
const LARGEST: usize = 16 << 20;

/// An Application, as far as it says what to render.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// As Argo CD calls it in a build environment.
    pub name: String,
    /// `spec.project`
    pub project: String,
    /// `spec.destination.namespace`
    pub namespace: String,
    /// `spec.sources`, or `spec.source` alone.
    pub sources: Vec<Source>,
}

/// One source of an Application.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// Where it stands, for errors: `spec.sources[1]`.
    pub place: String,
    /// `repoURL`
    pub repo_url: String,
    /// `path`
    pub path: String,
    /// `targetRevision`
    pub target_revision: String,
    /// `ref`: what other sources' value files call it.
    pub reference: Option<String>,
    /// What it is rendered with.
    pub content: Content,
    /// Whether it is one of `spec.sources`, whose value files may be of another one.
    of_several: bool,
}

/// What a source is rendered with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Content {
    /// Nothing but its files.
    #[default]
    Plain,
    /// `helm`
    Helm(helm::Helm),
    /// `plugin`: `env`, and `parameters` as Argo CD's JSON.
    Plugin(Vec<(String, String)>, String),
}

/// What Argo CD would send for a source, and the repositories that its value files
/// are in beside its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sent {
    /// The build environment and the parameters.
    pub env: BTreeMap<String, String>,
    /// The names under which value files are in other repositories (`$values`), and
    /// those repositories' URLs.
    pub others: BTreeMap<String, String>,
}

impl Manifest {
    /// Reads an Application: one document of YAML or JSON.
    ///
    /// # Errors
    /// Not YAML, another kind of object, a field of a wrong type, a source without
    /// repository or path, a chart of a registry, a source that is no chart's.
    pub fn parse(text: &[u8]) -> Result<Manifest> {
        let documents =
            yaml::parse_documents(text, Numbers::Exact).map_err(|e| Error::invalid(e.to_string()))?;
        let mut documents = documents.iter().filter(|document| !document.is_nil());
        let root = match (documents.next(), documents.next()) {
            (Some(Value::Map(root)), None) => Reader::root(root),
            (_, Some(_)) => {
                return Err(Error::invalid("there is more than one document; one Application is read"));
            }
            _ => return Err(Error::invalid("this is no Application")),
        };
        let kind = root.text("kind")?;
        let api_version = root.text("apiVersion")?;
        if kind != "Application" || !api_version.starts_with("argoproj.io/") {
            return Err(Error::invalid(format!("this is no Application of argoproj.io but kind {kind:?}")));
        }
        let (metadata, spec) = (root.table("metadata")?, root.table("spec")?);
        let name = metadata.required("name")?;
        let namespace = metadata.text("namespace")?;
        Ok(Manifest {
            name: match namespace.as_str() {
                "" | CONTROL_PLANE => name,
                _ => format!("{namespace}_{name}"),
            },
            project: spec.text("project")?,
            namespace: spec.table("destination")?.text("namespace")?,
            sources: sources(&spec)?,
        })
    }

    /// What Argo CD would send for one of the sources, at this commit.
    ///
    /// # Errors
    /// A value file of a source that there is not, or outside of its repository.
    pub fn sent(
        &self,
        source: &Source,
        revision: Option<&str>,
        kube: &BTreeMap<String, String>,
    ) -> Result<Sent> {
        let revision = revision.unwrap_or_default();
        let short = |length: usize| revision.get(..length).unwrap_or(revision);
        let mut env: BTreeMap<String, String> = [
            ("ARGOCD_APP_NAME", self.name.as_str()),
            ("ARGOCD_APP_NAMESPACE", &self.namespace),
            ("ARGOCD_APP_PROJECT_NAME", &self.project),
            ("ARGOCD_APP_REVISION", revision),
            ("ARGOCD_APP_REVISION_SHORT", short(7)),
            ("ARGOCD_APP_REVISION_SHORT_8", short(8)),
            ("ARGOCD_APP_SOURCE_REPO_URL", &source.repo_url),
            ("ARGOCD_APP_SOURCE_PATH", &source.path),
            ("ARGOCD_APP_SOURCE_TARGET_REVISION", &source.target_revision),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        env.extend(kube.clone());
        let build = Build::of(&env);
        let mut others = BTreeMap::new();
        match &source.content {
            Content::Plain => {}
            Content::Plugin(variables, parameters) => {
                for (name, value) in variables {
                    env.insert(format!("ARGOCD_ENV_{name}"), build.substitute(value));
                }
                env.insert(given::VARIABLE.to_owned(), parameters.clone());
            }
            Content::Helm(helm) => {
                let mut file = |name: &str| self.value_file(source, name, &build, &mut others);
                env.insert(given::VARIABLE.to_owned(), json_text(&helm.parameters(&mut file)?)?);
            }
        }
        Ok(Sent { env, others })
    }

    /// A value file's name as our parameters have it: that of another source is at
    /// `/$ref/…`, its variables substituted already.
    fn value_file(
        &self,
        source: &Source,
        name: &str,
        build: &Build,
        others: &mut BTreeMap<String, String>,
    ) -> Result<String> {
        if !(source.of_several && name.starts_with('$')) {
            return Ok(name.to_owned());
        }
        let (reference, path) = name.split_once('/').unwrap_or((name, ""));
        let named = |source: &&Source| source.reference.as_deref() == reference.strip_prefix('$');
        let Some(other) = self.sources.iter().find(named) else {
            let known: Vec<String> = self
                .sources
                .iter()
                .filter_map(|source| Some(format!("${}", source.reference.as_ref()?)))
                .collect();
            let why = match known.as_slice() {
                [] => "but no source has a 'ref' field defined".to_owned(),
                known => format!("which is not one of the available sources ({})", known.join(", ")),
            };
            let place = &source.place;
            return Err(Error::invalid(format!("{place}: source referenced {reference:?}, {why}")));
        };
        others.insert(reference.to_owned(), other.repo_url.clone());
        let path = build.substitute(path);
        let mut parts = Vec::new();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." if parts.pop().is_some() => {}
                ".." => {
                    let place = &source.place;
                    return Err(Error::new(
                        Kind::Forbidden,
                        format!("{place}: {name}: lies outside the repository"),
                    ));
                }
                part => parts.push(part),
            }
        }
        // What is substituted once is not to be substituted again.
        Ok(format!("/{reference}/{}", parts.join("/")).replace('$', "$$"))
    }
}

impl Source {
    /// Whether there is something to render, and not only files for other sources.
    pub fn is_rendered(&self) -> bool {
        self.reference.is_none() || !self.path.is_empty()
    }
}

fn sources(spec: &Reader) -> Result<Vec<Source>> {
    let several = spec.tables("sources")?;
    if several.is_empty() {
        let single = spec.table("source")?;
        if single.is_empty() {
            return Err(Error::invalid("there is neither spec.source nor spec.sources"));
        }
        return Ok(vec![source(&single, false)?]);
    }
    let mut sources: Vec<Source> = Vec::new();
    for reader in &several {
        let source = source(reader, true)?;
        if source.reference.is_some() && sources.iter().any(|other| other.reference == source.reference) {
            return Err(reader.wrong("ref", "is the name of another source already"));
        }
        sources.push(source);
    }
    if !sources.iter().any(Source::is_rendered) {
        return Err(spec.wrong("sources", "has no source with a path, so nothing is to be rendered"));
    }
    Ok(sources)
}

fn source(reader: &Reader, of_several: bool) -> Result<Source> {
    let optional = |text: String| (!text.is_empty()).then_some(text);
    let source = Source {
        place: reader.place().to_owned(),
        repo_url: reader.required("repoURL")?,
        path: reader.text("path")?,
        target_revision: reader.text("targetRevision")?,
        reference: optional(reader.text("ref")?).filter(|_| of_several),
        content: content(reader)?,
        of_several,
    };
    if !reader.text("chart")?.is_empty() || source.repo_url.starts_with("oci://") {
        return Err(reader
            .wrong("chart", "comes from a registry or a chart repository; those are not fetched here yet")
            .hint("put the chart into a repository, and set path"));
    }
    if source.path.is_empty() && source.reference.is_none() {
        return Err(reader.wrong("path", "is missing"));
    }
    Ok(source)
}

fn content(reader: &Reader) -> Result<Content> {
    for other in ["kustomize", "directory"] {
        if !reader.table(other)?.is_empty() {
            return Err(reader.wrong(other, "is not for Helm charts, which are all that is rendered here"));
        }
    }
    let (helm, plugin) = (reader.table("helm")?, reader.table("plugin")?);
    match (reader.has("helm"), reader.has("plugin")) {
        (true, true) => Err(reader.wrong("helm", "and plugin are both there; a source has one of them")),
        (true, false) => Ok(Content::Helm(helm::Helm::read(&helm)?)),
        (false, true) => {
            let env = plugin.tables("env")?;
            let variables = env.iter().map(|entry| Ok((entry.required("name")?, entry.text("value")?)));
            let parameters = plugin.tables("parameters")?;
            let list = parameters.iter().map(|parameter| Value::Map(parameter.map().clone())).collect();
            Ok(Content::Plugin(variables.collect::<Result<_>>()?, json_text(&List::new(list).into())?))
        }
        (false, false) => Ok(Content::Plain),
    }
}

fn json_text(value: &Value) -> Result<String> {
    let text = json::write(value, false, LARGEST).map_err(|e| Error::new(Kind::Limit, e.to_string()))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// A parameter as Argo CD's JSON has it.
fn parameter(name: &str, key: &str, value: Value) -> Value {
    Value::Map(Map::from_iter([("name", Value::from(name)), (key, value)]))
}

#[cfg(test)]
mod tests;
