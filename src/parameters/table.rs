//! The one table of parameters: what an Application can set, under which name,
//! and what each of them says of itself. Argo CD's announcement, the command
//! line, the reading of requests and docs/parameters.md come from it.

use crate::data::nearest;
use crate::error::{Error, Result};

use super::given::Type;

/// A row of the table.
#[derive(Debug)]
pub struct Parameter {
    /// Its name in an Application: Argo CD's own of `source.helm`, in kebab case.
    pub name: &'static str,
    /// What it holds.
    pub ty: Type,
    /// The flag of `tiphys generate`: Helm's name where Helm has the flag.
    pub flag: &'static str,
    /// The flag's one letter.
    pub short: Option<char>,
    /// What `--help` calls the flag's value; nothing where it needs none.
    pub value_name: &'static str,
    /// What holds where it is not given, as text.
    pub default: &'static str,
    /// What it does, for people: a line.
    pub help: &'static str,
}

const fn row(
    name: &'static str,
    ty: Type,
    flag: &'static str,
    value_name: &'static str,
    help: &'static str,
) -> Parameter {
    let default = match ty {
        Type::Switch => "false",
        Type::Text | Type::Array | Type::Map => "",
    };
    Parameter { name, ty, flag, short: None, value_name, default, help }
}

impl Parameter {
    const fn short(self, letter: char) -> Parameter {
        Parameter { short: Some(letter), ..self }
    }

    const fn default(self, default: &'static str) -> Parameter {
        Parameter { default, ..self }
    }

    /// The environment variable that Argo CD makes of an entry of
    /// `spec.source.plugin.env` with the name in upper snake case.
    pub fn variable(&self) -> String {
        format!("ARGOCD_ENV_{}", self.name.to_uppercase().replace('-', "_"))
    }
}

/// Every parameter, in the order in which people read of them.
pub static TABLE: &[Parameter] = &[
    row("environment", Type::Text, "environment", "NAME", "the values layer to use").short('e'),
    row(
        "values-files",
        Type::Array,
        "values",
        "FILE",
        "values files over the layers, globs with ** too; from the repository's root with a leading /",
    )
    .short('f'),
    row(
        "ignore-missing-value-files",
        Type::Switch,
        "ignore-missing-value-files",
        "",
        "leave out values files that are not there",
    ),
    row("values", Type::Text, "values-yaml", "YAML", "values as YAML, over values-files"),
    row("helm-parameters", Type::Map, "set", "SET", "single values in the --set grammar, over all the rest"),
    row("helm-string-parameters", Type::Map, "set-string", "SET", "the same, every value a string"),
    row(
        "file-parameters",
        Type::Map,
        "set-file",
        "SET",
        "the same, every value the text of a file of the repository",
    ),
    row(
        "release-name",
        Type::Text,
        "release-name",
        "NAME",
        "the release's name; the Application's where not given",
    ),
    row(
        "namespace",
        Type::Text,
        "namespace",
        "NAME",
        "the release's namespace; the Application's where not given",
    )
    .short('n'),
    row("kube-version", Type::Text, "kube-version", "VERSION", "the cluster's version, for .Capabilities"),
    row(
        "api-versions",
        Type::Array,
        "api-versions",
        "VERSION",
        "the cluster's API versions, for .Capabilities",
    ),
    row("skip-crds", Type::Switch, "skip-crds", "", "leave out the files of crds/"),
    row("skip-tests", Type::Switch, "skip-tests", "", "leave out test hooks"),
    row("skip-hooks", Type::Switch, "no-hooks", "", "leave out all hooks"),
    row(
        "hook-events",
        Type::Array,
        "hook-events",
        "EVENT",
        "which hooks take part: those of install, of upgrade, or of both",
    )
    .default("install,upgrade"),
    row(
        "skip-schema-validation",
        Type::Switch,
        "skip-schema-validation",
        "",
        "do not check values against values.schema.json",
    ),
    row("is-upgrade", Type::Switch, "is-upgrade", "", "set .Release.IsUpgrade instead of .Release.IsInstall"),
    row("chart", Type::Text, "chart", "CHART", "the chart where it is not here: a path, or oci://…"),
    row("repo", Type::Text, "chart-repo", "URL", "the chart repository that has the chart"),
    row("version", Type::Text, "version", "VERSION", "the version of a chart from a registry or repository"),
];

/// The parameter called `name`.
///
/// # Errors
/// There is none; the nearest name is named.
pub fn find(name: &str) -> Result<&'static Parameter> {
    TABLE.iter().find(|parameter| parameter.name == name).ok_or_else(|| unknown(name, []))
}

/// The error of the first of these names that is a parameter's, mistyped.
pub fn mistyped<'a>(mut names: impl Iterator<Item = &'a String>) -> Option<Error> {
    let known = || TABLE.iter().map(|parameter| parameter.name);
    names.find(|name| nearest::mistyped(name, known()).is_some()).map(|name| unknown(name, []))
}

/// The error of a name that is neither a parameter's nor one of the chart's
/// `values`; it names the nearest of both.
pub fn unknown<'a>(name: &str, values: impl IntoIterator<Item = &'a str>) -> Error {
    let known = TABLE.iter().map(|parameter| parameter.name);
    let nearest = nearest::nearest(name, known.clone().chain(values)).unwrap_or_default();
    let known: Vec<&str> = known.collect();
    Error::usage(format!("there is no parameter {name:?}"))
        .hint(format!("did you mean {nearest:?}? There are: {}", known.join(", ")))
}
