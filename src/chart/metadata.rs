//! Chart.yaml as Helm reads, cleans and checks it (pkg/chart/v2).

use std::collections::HashSet;

use crate::data::Value;
use crate::data::semver;
use crate::error::{Error, Result};
use crate::template::print::quote;
use crate::template::unicode::is_print;

use super::decode::{
    self, Decoded, anything, boolean, is, list, object, pointer, string, string_map, strings,
};
use super::{Dependency, Maintainer, Metadata};

/// Metadata while documents are read into it; null elements are still there.
#[derive(Debug, Default)]
pub struct Draft {
    metadata: Metadata,
    maintainers: Option<Vec<Option<Maintainer>>>,
    dependencies: Option<Vec<Option<Dependency>>>,
}

impl Draft {
    /// Reads a document (Chart.yaml, requirements.yaml) over what is there.
    ///
    /// # Errors
    /// The text of `yaml.Unmarshal`.
    pub fn read(&mut self, text: &[u8]) -> std::result::Result<(), String> {
        decode::unmarshal(text, "v2.Metadata", |name, value| self.field(name, value))
    }

    /// The API version so far.
    pub fn api_version(&mut self) -> &mut String {
        &mut self.metadata.api_version
    }

    fn field(&mut self, name: &str, value: &Value) -> Decoded {
        let m = &mut self.metadata;
        match name.to_ascii_lowercase().as_str() {
            "name" => string(value, &mut m.name),
            "home" => string(value, &mut m.home),
            "sources" => strings(value, &mut m.sources),
            "version" => string(value, &mut m.version),
            "description" => string(value, &mut m.description),
            "keywords" => strings(value, &mut m.keywords),
            "maintainers" => list(value, "[]*v2.Maintainer", &mut self.maintainers, |value, into| {
                pointer(value, into, maintainer)
            }),
            "icon" => string(value, &mut m.icon),
            "apiversion" => string(value, &mut m.api_version),
            "condition" => string(value, &mut m.condition),
            "tags" => string(value, &mut m.tags),
            "appversion" => string(value, &mut m.app_version),
            "deprecated" => boolean(value, &mut m.deprecated),
            "annotations" => string_map(value, &mut m.annotations),
            "kubeversion" => string(value, &mut m.kube_version),
            "dependencies" => dependencies(value, &mut self.dependencies),
            "type" => string(value, &mut m.chart_type),
            _ => Ok(()),
        }
    }

    /// Cleans and checks everything (`Metadata.Validate`).
    ///
    /// # Errors
    /// `validation: …`, Helm's texts in Helm's order.
    pub fn finish(self) -> Result<Metadata> {
        let Draft { mut metadata, maintainers, dependencies } = self;
        clean_texts(&mut metadata);
        check_texts(&metadata)?;
        metadata.maintainers = maintainers.map(finish_maintainers).transpose()?;
        metadata.dependencies = dependencies.map(finish_dependencies).transpose()?;
        Ok(metadata)
    }
}

fn maintainer(value: &Value, into: &mut Maintainer) -> Decoded {
    object(value, "v2.Maintainer", |name, value| match name {
        _ if is(name, "name") => string(value, &mut into.name),
        _ if is(name, "email") => string(value, &mut into.email),
        _ if is(name, "url") => string(value, &mut into.url),
        _ => Ok(()),
    })
}

/// A list of dependencies, as Chart.yaml and the lock files have it.
pub(super) fn dependencies(value: &Value, into: &mut Option<Vec<Option<Dependency>>>) -> Decoded {
    list(value, "[]*v2.Dependency", into, |value, into| pointer(value, into, dependency))
}

fn dependency(value: &Value, into: &mut Dependency) -> Decoded {
    object(value, "v2.Dependency", |name, value| match name.to_ascii_lowercase().as_str() {
        "name" => string(value, &mut into.name),
        "version" => string(value, &mut into.version),
        "repository" => string(value, &mut into.repository),
        "condition" => string(value, &mut into.condition),
        "tags" => strings(value, &mut into.tags),
        "enabled" => boolean(value, &mut into.enabled),
        "import-values" => list(value, "[]interface {}", &mut into.import_values, anything),
        "alias" => string(value, &mut into.alias),
        _ => Ok(()),
    })
}

fn validation(message: impl std::fmt::Display) -> Error {
    Error::invalid(format!("validation: {message}"))
}

fn clean_texts(m: &mut Metadata) {
    let texts = [
        &mut m.name,
        &mut m.description,
        &mut m.home,
        &mut m.icon,
        &mut m.condition,
        &mut m.tags,
        &mut m.app_version,
        &mut m.kube_version,
    ];
    texts
        .into_iter()
        .chain(m.sources.iter_mut().flatten())
        .chain(m.keywords.iter_mut().flatten())
        .for_each(clean);
}

fn check_texts(m: &Metadata) -> Result<()> {
    let quoted = |text: &str| quote(text.as_bytes());
    if m.api_version.is_empty() {
        return Err(validation("chart.metadata.apiVersion is required"));
    }
    if m.name.is_empty() {
        return Err(validation("chart.metadata.name is required"));
    }
    if m.name == "." || m.name == ".." {
        return Err(validation(format_args!("chart.metadata.name {} is not allowed", quoted(&m.name))));
    }
    if m.name.contains('/') {
        return Err(validation(format_args!("chart.metadata.name {} is invalid", quoted(&m.name))));
    }
    if m.version.is_empty() {
        return Err(validation("chart.metadata.version is required"));
    }
    if semver::Version::parse(&m.version).is_err() {
        return Err(validation(format_args!("chart.metadata.version {} is invalid", quoted(&m.version))));
    }
    if !matches!(m.chart_type.as_str(), "" | "application" | "library") {
        return Err(validation("chart.metadata.type must be application or library"));
    }
    Ok(())
}

fn finish_maintainers(list: Vec<Option<Maintainer>>) -> Result<Vec<Maintainer>> {
    let finish = |maintainer: Option<Maintainer>| {
        let mut maintainer =
            maintainer.ok_or_else(|| validation("maintainers must not contain empty or null nodes"))?;
        [&mut maintainer.name, &mut maintainer.email, &mut maintainer.url].into_iter().for_each(clean);
        Ok(maintainer)
    };
    list.into_iter().map(finish).collect()
}

fn finish_dependencies(list: Vec<Option<Dependency>>) -> Result<Vec<Dependency>> {
    let mut seen = HashSet::new();
    let mut out = Vec::with_capacity(list.len());
    for dependency in list {
        let mut d =
            dependency.ok_or_else(|| validation("dependencies must not contain empty or null nodes"))?;
        [&mut d.name, &mut d.version, &mut d.repository, &mut d.condition]
            .into_iter()
            .chain(d.tags.iter_mut().flatten())
            .for_each(clean);
        if !d.alias.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
            return Err(validation(format_args!(
                "dependency {} has disallowed characters in the alias",
                quote(d.name.as_bytes())
            )));
        }
        let key = if d.alias.is_empty() { &d.name } else { &d.alias };
        if !seen.insert(key.clone()) {
            return Err(validation(format_args!(
                "more than one dependency with name or alias {}",
                quote(key.as_bytes())
            )));
        }
        out.push(d);
    }
    Ok(out)
}

/// Every white space becomes a space; what cannot be printed goes.
fn clean(text: &mut String) {
    if text.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) {
        return;
    }
    *text = text
        .chars()
        .filter_map(|c| match c {
            _ if c.is_whitespace() => Some(' '),
            _ => is_print(c).then_some(c),
        })
        .collect();
}
