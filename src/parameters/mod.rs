//! What an Application can set, and how Argo CD hands it over. Knows Argo CD's
//! parameters and build environment; nothing of what they do.

pub mod application;
pub mod build;
pub mod given;
pub mod table;

use std::collections::BTreeMap;

use crate::error::{Error, Result};

pub use build::Build;
pub use given::{Given, Settings, Type};
pub use table::{Parameter, TABLE, find, mistyped, unknown};

/// The parameters of a request: a field a row of [`TABLE`]. What is not given,
/// or empty, is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the table says what each one is")]
pub struct Parameters {
    pub environment: Option<String>,
    pub values_files: Vec<String>,
    pub ignore_missing_value_files: bool,
    pub values: Option<String>,
    pub helm_parameters: BTreeMap<String, String>,
    pub helm_string_parameters: BTreeMap<String, String>,
    pub file_parameters: BTreeMap<String, String>,
    pub release_name: Option<String>,
    pub namespace: Option<String>,
    pub kube_version: Option<String>,
    pub api_versions: Vec<String>,
    pub skip_crds: bool,
    pub skip_tests: bool,
    pub skip_hooks: bool,
    /// `install`, `upgrade`, or both; none is both.
    pub hook_events: Vec<String>,
    pub skip_schema_validation: bool,
    pub is_upgrade: bool,
    pub chart: Option<String>,
    pub repo: Option<String>,
    pub version: Option<String>,
    /// Values of the chart by the names that they are announced with; no row.
    pub chart_values: BTreeMap<String, String>,
}

impl Parameters {
    /// The parameters that are given.
    ///
    /// # Errors
    /// An event of `hook-events` that there is not.
    pub fn new(given: &Settings) -> Result<Parameters> {
        let parameters = Parameters {
            environment: given.text("environment"),
            values_files: given.array("values-files"),
            ignore_missing_value_files: given.switch("ignore-missing-value-files"),
            values: given.text("values"),
            helm_parameters: given.map("helm-parameters"),
            helm_string_parameters: given.map("helm-string-parameters"),
            file_parameters: given.map("file-parameters"),
            release_name: given.text("release-name"),
            namespace: given.text("namespace"),
            kube_version: given.text("kube-version"),
            api_versions: given.array("api-versions"),
            skip_crds: given.switch("skip-crds"),
            skip_tests: given.switch("skip-tests"),
            skip_hooks: given.switch("skip-hooks"),
            hook_events: given.array("hook-events"),
            skip_schema_validation: given.switch("skip-schema-validation"),
            is_upgrade: given.switch("is-upgrade"),
            chart: given.text("chart"),
            repo: given.text("repo"),
            version: given.text("version"),
            chart_values: given.chart_values(),
        };
        match parameters.hook_events.iter().find(|event| !matches!(event.as_str(), "install" | "upgrade")) {
            None => Ok(parameters),
            Some(event) => Err(Error::usage(format!("parameter \"hook-events\" has no event {event:?}"))
                .hint(crate::data::nearest::hint(event, ["install", "upgrade"]))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A value that is not the default.
    fn other(parameter: &Parameter) -> &'static str {
        match parameter.ty {
            Type::Text => "x",
            Type::Switch => "true",
            Type::Array => "upgrade",
            Type::Map => "a=b",
        }
    }

    #[test]
    fn every_row_of_the_table_has_its_own_field() {
        let mut seen = vec![Parameters::default()];
        for parameter in TABLE {
            let env = BTreeMap::from([(parameter.variable(), other(parameter).to_owned())]);
            let read = Parameters::new(&Settings::from_variables(&env).unwrap()).unwrap();
            assert!(!seen.contains(&read), "{} changes nothing", parameter.name);
            let mut flags = Settings::default();
            flags.add(parameter, "a flag", other(parameter)).unwrap();
            assert_eq!(read, Parameters::new(&flags).unwrap(), "{}", parameter.name);
            seen.push(read);
        }
    }

    #[test]
    fn names_and_flags_are_unique_and_defaults_can_be_given() {
        for (i, parameter) in TABLE.iter().enumerate() {
            assert!(TABLE.iter().skip(i + 1).all(|p| p.name != parameter.name && p.flag != parameter.flag));
            let mut settings = Settings::default();
            settings.add(parameter, "the default", parameter.default).unwrap();
            let mut expected = Parameters::default();
            if parameter.name == "hook-events" {
                expected.hook_events = vec!["install".into(), "upgrade".into()];
            }
            assert_eq!(Parameters::new(&settings).unwrap(), expected, "{}", parameter.name);
        }
    }

    #[test]
    fn an_unknown_event_is_refused() {
        let mut settings = Settings::default();
        settings.add(find("hook-events").unwrap(), "it", "instal").unwrap();
        assert_eq!(
            Parameters::new(&settings).unwrap_err().to_string(),
            "parameter \"hook-events\" has no event \"instal\"\nhint: did you mean \"install\"? There are: install, upgrade"
        );
    }
}
