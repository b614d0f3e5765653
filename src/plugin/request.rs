//! Argo CD's build environment and parameters to a request. A parameter wins over
//! its ARGOCD_ENV_ variable.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::parameters::{Build, Parameters, Settings, given};
use crate::pipeline::Request;

/// The request for the application in the directory `app_path` of a repository,
/// out of the environment that Argo CD gives a plugin.
///
/// # Errors
/// ARGOCD_APP_PARAMETERS is not the JSON that Argo CD sends, or a parameter or its
/// variable is not one of the table's.
pub fn from_environment(app_path: &str, env: &BTreeMap<String, String>) -> Result<Request> {
    with_flags(app_path, env, Settings::default())
}

/// The same with settings that win over all of the environment's.
///
/// # Errors
/// As [`from_environment`].
pub fn with_flags(app_path: &str, env: &BTreeMap<String, String>, flags: Settings) -> Result<Request> {
    let parameters = Settings::from_json(env.get(given::VARIABLE).map_or("", String::as_str))?;
    let variables = Settings::from_variables(env)?;
    Ok(Request {
        app_path: app_path.to_owned(),
        parameters: Parameters::new(&flags.over(parameters).over(variables))?,
        build: Build::of(env),
        ..Request::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(env: &[(&str, &str)]) -> Result<Request> {
        from_environment("app", &env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn the_build_environment_names_the_release() {
        let request = request(&[
            ("ARGOCD_APP_NAME", "team-ns_my-api"),
            ("ARGOCD_APP_NAMESPACE", "prod"),
            ("KUBE_VERSION", "1.31"),
            ("KUBE_API_VERSIONS", "v1,apps/v1"),
            ("ARGOCD_ENV_ENVIRONMENT", "staging"),
            ("ARGOCD_APP_PARAMETERS", "null"),
        ])
        .unwrap();
        assert_eq!(request.build.release_name(), Some("my-api"));
        assert_eq!(request.build.namespace(), Some("prod"));
        assert_eq!(request.build.kube_version(), Some("1.31"));
        assert_eq!(request.build.api_versions(), ["v1", "apps/v1"]);
        assert_eq!(request.parameters.environment.as_deref(), Some("staging"));
    }

    #[test]
    fn a_parameter_wins_over_its_variable() {
        let parameters = r#"[{"name":"environment","string":"production"}]"#;
        let request =
            request(&[("ARGOCD_ENV_ENVIRONMENT", "staging"), ("ARGOCD_APP_PARAMETERS", parameters)]).unwrap();
        assert_eq!(request.parameters.environment.as_deref(), Some("production"));
    }

    #[test]
    fn wrong_parameters_are_named() {
        let error = |text: &str| request(&[("ARGOCD_APP_PARAMETERS", text)]).unwrap_err().to_string();
        assert_eq!(
            error(r#"[{"name":"enviroment","array":["x"]}]"#),
            "there is no parameter \"enviroment\"\nhint: did you mean \"environment\"? There are: environment, \
             values-files, ignore-missing-value-files, values, helm-parameters, helm-string-parameters, \
             file-parameters, release-name, namespace, kube-version, api-versions, skip-crds, skip-tests, \
             skip-hooks, hook-events, skip-schema-validation, is-upgrade, chart, repo, version"
        );
        assert_eq!(
            error(r#"[{"name":"environment","array":["x"]}]"#),
            "parameter \"environment\" has to be a string"
        );
        assert!(error("[{").starts_with("ARGOCD_APP_PARAMETERS is not valid JSON: "));
        assert_eq!(error("{}"), "ARGOCD_APP_PARAMETERS is not a list of parameters");
    }
}
