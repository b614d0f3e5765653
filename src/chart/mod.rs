//! Helm in memory, with no I/O: a chart's files and the user's values in, text out.

pub mod announced;
pub mod archive;
pub mod capabilities;
pub mod decode;
mod documents;
pub mod files;
pub mod ignore;
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

use crate::data::{Frozen, Str};

/// A file of a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The path inside the chart, with `/`.
    pub path: String,
    /// The content, a byte order mark stripped.
    pub data: Str,
    /// Why the content is not there, though the file is: whoever needs it is told.
    pub absent: Option<String>,
}

impl File {
    /// A file with its content.
    pub fn new(path: impl Into<String>, data: Str) -> File {
        File { path: path.into(), data, absent: None }
    }
}

/// A loaded chart with its subcharts.
#[derive(Debug, Clone, Default)]
pub struct Chart {
    /// Chart.yaml (and requirements.yaml).
    pub metadata: Metadata,
    /// values.yaml: a map, or nil where there is none.
    pub values: Frozen,
    /// The text of values.yaml, by its path in the outermost chart.
    pub values_file: Option<File>,
    /// values.schema.json.
    pub schema: Option<Str>,
    /// templates/**, in loading order.
    pub templates: Vec<File>,
    /// Every other file that `.Files` shows, in loading order.
    pub files: Vec<File>,
    /// Subcharts, in Helm's order.
    pub dependencies: Vec<Chart>,
}

impl Chart {
    /// The custom resource definitions of the chart and its subcharts: `# Source:`
    /// path and text of every YAML or JSON file in crds/, the chart's own first
    /// (Helm's CRDObjects).
    pub fn definitions(&self) -> Vec<(String, Str)> {
        let mut found = Vec::new();
        self.collect_definitions(&self.metadata.name, &mut found);
        found
    }

    fn collect_definitions(&self, full_path: &str, found: &mut Vec<(String, Str)>) {
        let is_definition = |path: &str| {
            let extension = path.rsplit_once('.').map(|(_, e)| e.to_lowercase()).unwrap_or_default();
            path.starts_with("crds/") && matches!(extension.as_str(), "yaml" | "yml" | "json")
        };
        let own = self.files.iter().filter(|file| is_definition(&file.path));
        found.extend(own.map(|file| (format!("{full_path}/{}", file.path), file.data.clone())));
        for child in &self.dependencies {
            child.collect_definitions(&format!("{full_path}/charts/{}", child.metadata.name), found);
        }
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
