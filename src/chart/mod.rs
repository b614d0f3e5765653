//! Helm in memory, with no I/O: a chart's files and the user's values in, text out.

pub mod announced;
pub mod archive;
pub mod capabilities;
pub mod decode;
mod documents;
pub mod file;
pub mod files;
pub mod ignore;
pub mod known;
pub mod load;
pub mod lock;
pub mod metadata;
pub mod objects;
pub mod package;
pub mod prepare;
pub mod release;
pub mod render;
pub mod schema;
pub mod subcharts;
pub mod values;
pub mod written;

use std::sync::Arc;

use crate::data::{Frozen, Str};
use crate::error::Result;

pub use file::File;
pub use known::KnownFiles;

/// The text of a values file that was read.
#[derive(Debug, Clone)]
pub struct ValuesFile {
    /// Its path in the outermost chart.
    pub path: String,
    /// The text.
    pub text: Str,
}

/// A loaded chart with its subcharts.
#[derive(Debug, Clone, Default)]
pub struct Chart {
    /// Chart.yaml (and requirements.yaml).
    pub metadata: Metadata,
    /// values.yaml: a map, or nil where there is none.
    pub values: Frozen,
    /// values.yaml as it is written.
    pub values_file: Option<ValuesFile>,
    /// values.schema.json.
    pub schema: Option<Str>,
    /// templates/**, in loading order.
    pub templates: Arc<Vec<File>>,
    /// Every other file that `.Files` shows, in loading order.
    pub files: Arc<Vec<File>>,
    /// Subcharts, in Helm's order.
    pub dependencies: Vec<Chart>,
}

impl Chart {
    /// The custom resource definitions of the chart and its subcharts: `# Source:`
    /// path and text of every YAML or JSON file in crds/, the chart's own first
    /// (Helm's CRDObjects).
    ///
    /// # Errors
    /// Where one of them is not at hand.
    pub fn definitions(&self) -> Result<Vec<(String, Str)>> {
        let mut found = Vec::new();
        self.collect_definitions(&self.metadata.name, &mut found)?;
        Ok(found)
    }

    fn collect_definitions(&self, full_path: &str, found: &mut Vec<(String, Str)>) -> Result<()> {
        let is_definition = |path: &str| {
            let extension = path.rsplit_once('.').map(|(_, e)| e.to_lowercase()).unwrap_or_default();
            path.starts_with("crds/") && matches!(extension.as_str(), "yaml" | "yml" | "json")
        };
        for file in self.files.iter().filter(|file| is_definition(&file.path)) {
            found.push((format!("{full_path}/{}", file.path), file.data()?.clone()));
        }
        for child in &self.dependencies {
            child.collect_definitions(&format!("{full_path}/charts/{}", child.metadata.name), found)?;
        }
        Ok(())
    }

    /// Whether every file that was left to be read later, and then was asked for, could be.
    ///
    /// # Errors
    /// The first that could not.
    pub fn read_well(&self) -> Result<()> {
        self.files.iter().try_for_each(File::read_well)?;
        self.dependencies.iter().try_for_each(Chart::read_well)
    }
}

/// Chart.yaml, as Helm reads it.
#[derive(Debug, Clone, Default, PartialEq)]
#[allow(missing_docs, reason = "the names are Chart.yaml's")]
pub struct Metadata {
    pub name: String,
    pub home: String,
    pub sources: Option<Vec<String>>,
    pub version: String,
    pub description: String,
    pub keywords: Option<Vec<String>>,
    pub maintainers: Option<Vec<Maintainer>>,
    pub icon: String,
    pub api_version: String,
    pub condition: String,
    pub tags: String,
    pub app_version: String,
    pub deprecated: bool,
    pub annotations: Option<Vec<(String, String)>>,
    pub kube_version: String,
    pub dependencies: Option<Vec<Dependency>>,
    pub chart_type: String,
}

/// A maintainer in Chart.yaml.
#[derive(Debug, Clone, Default, PartialEq)]
#[allow(missing_docs, reason = "the names are Chart.yaml's")]
pub struct Maintainer {
    pub name: String,
    pub email: String,
    pub url: String,
}

/// A dependency in Chart.yaml or requirements.yaml.
#[derive(Debug, Clone, Default, PartialEq)]
#[allow(missing_docs, reason = "the names are Chart.yaml's")]
pub struct Dependency {
    pub name: String,
    pub version: String,
    pub repository: String,
    pub condition: String,
    pub tags: Option<Vec<String>>,
    pub enabled: bool,
    pub import_values: Option<Vec<Frozen>>,
    pub alias: String,
}

/// The release a chart is rendered for (`.Release`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// Whether this is an upgrade instead of an install.
    pub is_upgrade: bool,
}
