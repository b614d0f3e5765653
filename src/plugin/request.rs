//! Argo CD's build environment and parameters to a request. A parameter wins over
//! its ARGOCD_ENV_ variable.

use std::collections::BTreeMap;

use crate::data::{Map, Value, json};
use crate::error::{Error, Result};
use crate::pipeline::Request;

/// The parameters there are.
const PARAMETERS: [&str; 1] = ["environment"];

/// The request for the application in the directory `app_path` of a repository,
/// out of the environment that Argo CD gives a plugin.
///
/// # Errors
/// ARGOCD_APP_PARAMETERS is not the JSON that Argo CD sends, or names a parameter
/// that there is not.
pub fn from_environment(app_path: &str, env: &BTreeMap<String, String>) -> Result<Request> {
    let parameters = parameters(env.get("ARGOCD_APP_PARAMETERS").map_or("", String::as_str))?;
    let get = |name: &str| env.get(name).filter(|value| !value.is_empty()).cloned();
    let parameter = |name: &str| {
        let variable = format!("ARGOCD_ENV_{}", name.to_uppercase().replace('-', "_"));
        parameters.get(name).cloned().or_else(|| get(&variable)).filter(|value| !value.is_empty())
    };
    Ok(Request {
        app_path: app_path.to_owned(),
        environment: parameter("environment"),
        release_name: get("ARGOCD_APP_NAME").map(|name| release_name(&name)),
        namespace: get("ARGOCD_APP_NAMESPACE"),
        kube_version: get("KUBE_VERSION"),
        api_versions: get("KUBE_API_VERSIONS").map(|list| split(&list)).unwrap_or_default(),
        ..Request::default()
    })
}

/// An application in another namespace is called `namespace_name` in Argo CD's
/// environment; Argo's own Helm source takes what follows the underscore.
fn release_name(app_name: &str) -> String {
    app_name.rsplit_once('_').map_or(app_name, |(_, name)| name).to_owned()
}

fn split(list: &str) -> Vec<String> {
    list.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

/// The string parameters by name. Absent, empty and `null` are no parameters.
fn parameters(text: &str) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    if text.trim().is_empty() {
        return Ok(found);
    }
    let document = json::parse(text.as_bytes())
        .map_err(|e| Error::usage(format!("ARGOCD_APP_PARAMETERS is not valid JSON: {e}")))?;
    let list = match document {
        Value::Nil => return Ok(found),
        Value::List(list) => list,
        _ => return Err(Error::usage("ARGOCD_APP_PARAMETERS is not a list of parameters")),
    };
    for item in list.items() {
        let parameter = item.as_map().cloned().unwrap_or_default();
        let name = parameter.get("name").and_then(|n| n.as_str().map(str::to_owned)).unwrap_or_default();
        if !PARAMETERS.contains(&name.as_str()) {
            let known = PARAMETERS.join(", ");
            return Err(
                Error::usage(format!("there is no parameter {name:?}")).hint(format!("there is: {known}"))
            );
        }
        found.insert(name.clone(), string(&name, &parameter)?);
    }
    Ok(found)
}

fn string(name: &str, parameter: &Map) -> Result<String> {
    match parameter.get("string") {
        Some(Value::Str(text)) => Ok(text.to_string()),
        _ => Err(Error::usage(format!("parameter {name:?} has to be a string"))),
    }
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
        assert_eq!(request.release_name.as_deref(), Some("my-api"));
        assert_eq!(request.namespace.as_deref(), Some("prod"));
        assert_eq!(request.kube_version.as_deref(), Some("1.31"));
        assert_eq!(request.api_versions, ["v1", "apps/v1"]);
        assert_eq!(request.environment.as_deref(), Some("staging"));
    }

    #[test]
    fn a_parameter_wins_over_its_variable() {
        let parameters = r#"[{"name":"environment","string":"production"}]"#;
        let request =
            request(&[("ARGOCD_ENV_ENVIRONMENT", "staging"), ("ARGOCD_APP_PARAMETERS", parameters)]).unwrap();
        assert_eq!(request.environment.as_deref(), Some("production"));
    }

    #[test]
    fn wrong_parameters_are_named() {
        let error = |text: &str| request(&[("ARGOCD_APP_PARAMETERS", text)]).unwrap_err().to_string();
        assert_eq!(
            error(r#"[{"name":"enviroment","string":"x"}]"#),
            "there is no parameter \"enviroment\"\nhint: there is: environment"
        );
        assert_eq!(
            error(r#"[{"name":"environment","array":["x"]}]"#),
            "parameter \"environment\" has to be a string"
        );
        assert!(error("[{").starts_with("ARGOCD_APP_PARAMETERS is not valid JSON: "));
        assert_eq!(error("{}"), "ARGOCD_APP_PARAMETERS is not a list of parameters");
    }
}
