//! Argo CD's build environment: what it says of the Application and the cluster,
//! and its substitution in texts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// The variables of Argo CD's build environment, and the user's ARGOCD_ENV_ ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Build {
    variables: BTreeMap<String, String>,
    name: Option<String>,
    asked: Asked,
}

/// The names of the variables that were asked for. Two environments are equal
/// whatever was asked of them.
#[derive(Debug, Default)]
struct Asked(Mutex<BTreeSet<String>>);

impl Clone for Asked {
    fn clone(&self) -> Asked {
        Asked::default()
    }
}

impl PartialEq for Asked {
    fn eq(&self, _: &Asked) -> bool {
        true
    }
}

impl Eq for Asked {}

impl Build {
    /// Keeps what belongs to the build environment: nothing else of a process's
    /// own is ever substituted.
    pub fn of(env: &BTreeMap<String, String>) -> Build {
        let belongs = |name: &str| {
            matches!(name, "KUBE_VERSION" | "KUBE_API_VERSIONS")
                || ["ARGOCD_APP_", "ARGOCD_ENV_"].iter().any(|prefix| name.starts_with(prefix))
        };
        let kept = env.iter().filter(|(name, _)| belongs(name));
        let variables = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
        Build { variables, ..Build::default() }
    }

    /// The same for an application that is called `name` where no variable says it.
    #[must_use]
    pub fn or_called(self, name: Option<String>) -> Build {
        Build { name, ..self }
    }

    /// The variable, if it is not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.ask(name).filter(|value| !value.is_empty())
    }

    fn ask(&self, name: &str) -> Option<&str> {
        self.asked.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
        self.variables.get(name).map(String::as_str)
    }

    /// The variables that were asked for so far, and what they were: a result
    /// depends on no other.
    pub fn answers(&self) -> BTreeMap<String, Option<String>> {
        let asked = self.asked.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked.iter().map(|name| (name.clone(), self.variables.get(name).cloned())).collect()
    }

    /// Whether this environment would answer the same.
    pub fn agrees(&self, answers: &BTreeMap<String, Option<String>>) -> bool {
        answers.iter().all(|(name, value)| self.variables.get(name) == value.as_ref())
    }

    /// The release's name. An application in another namespace is called
    /// `namespace_name` here; Argo's own Helm source takes what follows the
    /// underscore.
    pub fn release_name(&self) -> Option<&str> {
        match self.get("ARGOCD_APP_NAME") {
            Some(name) => Some(name.rsplit_once('_').map_or(name, |(_, name)| name)),
            None => self.name.as_deref(),
        }
    }

    /// The namespace that the Application goes to.
    pub fn namespace(&self) -> Option<&str> {
        self.get("ARGOCD_APP_NAMESPACE")
    }

    /// The cluster's version.
    pub fn kube_version(&self) -> Option<&str> {
        self.get("KUBE_VERSION")
    }

    /// The cluster's API versions.
    pub fn api_versions(&self) -> Vec<String> {
        let list = self.get("KUBE_API_VERSIONS").unwrap_or_default();
        list.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
    }

    /// `text` with `$NAME` and `${NAME}` replaced, as Argo CD does it (Go's
    /// os.Expand): an unknown variable is empty, `$$` is a `$`.
    pub fn substitute(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            let (name, behind) = variable(after);
            match name {
                Some("$") => out.push('$'),
                Some(name) => out.push_str(self.ask(name).unwrap_or_default()),
                None if after.starts_with('{') => {}
                None => out.push('$'),
            }
            rest = behind;
        }
        out + rest
    }
}

/// The name behind a `$`, and what follows it. What is no name after `{` is
/// swallowed: `{}`, or the brace alone where none closes it.
fn variable(text: &str) -> (Option<&str>, &str) {
    if let Some(inner) = text.strip_prefix('{') {
        return match inner.split_once('}') {
            Some(("", behind)) => (None, behind),
            Some((name, behind)) => (Some(name), behind),
            None => (None, inner),
        };
    }
    let special = |c: char| matches!(c, '*' | '#' | '$' | '@' | '!' | '?' | '-' | '0'..='9');
    let end = match text.chars().next() {
        Some(first) if special(first) => 1,
        _ => text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len()),
    };
    match text.split_at_checked(end) {
        Some((name, behind)) if !name.is_empty() => (Some(name), behind),
        _ => (None, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(env: &[(&str, &str)]) -> Build {
        Build::of(&env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn variables_are_substituted_as_argo_cd_does() {
        let build = build(&[
            ("ARGOCD_APP_NAME", "api"),
            ("ARGOCD_ENV_REGION", "eu"),
            ("HOME", "/root"),
            ("AWS_X", "secret"),
        ]);
        for (text, expected) in [
            ("v/$ARGOCD_APP_NAME.yaml", "v/api.yaml"),
            ("${ARGOCD_ENV_REGION}-${ARGOCD_APP_NAME}", "eu-api"),
            ("$HOME/${AWS_X}x$UNKNOWN", "/x"),
            ("a$$b", "a$b"),
            ("a$1b$", "ab$"),
            ("$.x ${} ${open", "$.x  open"),
            ("é$é", "é$é"),
        ] {
            assert_eq!(build.substitute(text), expected, "{text}");
        }
    }

    #[test]
    fn the_application_is_named() {
        let build = build(&[("ARGOCD_APP_NAME", "team-ns_my-api"), ("KUBE_API_VERSIONS", "v1, apps/v1,")]);
        assert_eq!(build.release_name(), Some("my-api"));
        assert_eq!(build.api_versions(), ["v1", "apps/v1"]);
        assert_eq!(build.namespace(), None);
    }
}
