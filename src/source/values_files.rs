//! `values-files`: names and patterns to files, as Argo CD resolves `valueFiles`.

use std::collections::HashSet;

use crate::error::{Error, Kind, Result};
use crate::parameters::{Build, Parameters};
use crate::repository::Tree;

use super::files::{self, ValuesFile};
use super::glob;

/// The files of `values-files`, in their order. Variables of the build environment
/// are substituted first; a pattern is expanded where it stands. A file comes once:
/// where it is named, else where a pattern first finds it.
///
/// # Errors
/// A file outside of the repository; one that is not there, or a pattern that
/// matches none, unless missing ones are to be ignored.
pub fn read(tree: &dyn Tree, app: &str, parameters: &Parameters, build: &Build) -> Result<Vec<ValuesFile>> {
    let context = |e: Error| e.context("parameter \"values-files\"");
    let resolve = |name: &String| files::resolve(app, &build.substitute(name)).map_err(context);
    let paths = parameters.values_files.iter().map(resolve).collect::<Result<Vec<String>>>()?;
    let named: HashSet<&str> =
        paths.iter().map(String::as_str).filter(|path| !glob::is_pattern(path)).collect();
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for path in &paths {
        let matching = if glob::is_pattern(path) {
            let mut matching = glob::expand(tree, path).map_err(context)?;
            if matching.is_empty() && !parameters.ignore_missing_value_files {
                return Err(context(Error::new(Kind::NotFound, format!("{path}: no file matches"))));
            }
            matching.retain(|path| !named.contains(path.as_str()));
            matching
        } else if files::is_there(tree, path).map_err(context)? || !parameters.ignore_missing_value_files {
            vec![path.clone()]
        } else {
            Vec::new()
        };
        for path in matching.into_iter().filter(|path| seen.insert(path.clone())) {
            found.push(ValuesFile { text: files::read(tree, &path).map_err(context)?, path });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::snapshot::{Node, Snapshot};

    fn tree() -> Snapshot {
        let paths =
            ["app/v.yaml", "app/envs/a.yaml", "app/envs/b.yaml", "app/envs/c/d.yaml", "shared/eu.yaml"];
        let link = ("app/out.yaml".to_owned(), Node::Link("/etc/passwd".to_owned()));
        let file = |path: &str| (path.to_owned(), Node::File("a: 1".into()));
        Snapshot::new(paths.map(file).into_iter().chain([link]).collect())
    }

    fn paths(names: &[&str], ignore: bool) -> Result<Vec<String>> {
        let env = [("ARGOCD_APP_NAME", "a"), ("ARGOCD_ENV_REGION", "eu")];
        let env = env.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        let parameters = Parameters {
            values_files: names.iter().map(|name| (*name).to_owned()).collect(),
            ignore_missing_value_files: ignore,
            ..Parameters::default()
        };
        let files = read(&tree(), "app", &parameters, &Build::of(&env))?;
        Ok(files.into_iter().map(|file| file.path).collect())
    }

    #[test]
    fn patterns_expand_in_place_and_files_come_once() {
        for (names, found) in [
            (vec!["v.yaml", "envs/*.yaml"], vec!["app/v.yaml", "app/envs/a.yaml", "app/envs/b.yaml"]),
            (vec!["envs/*.yaml", "envs/a.yaml"], vec!["app/envs/b.yaml", "app/envs/a.yaml"]),
            (
                vec!["envs/b.yaml", "envs/**/*.yaml"],
                vec!["app/envs/b.yaml", "app/envs/a.yaml", "app/envs/c/d.yaml"],
            ),
            (
                vec!["envs/$ARGOCD_APP_NAME.yaml", "/shared/${ARGOCD_ENV_REGION}.yaml"],
                vec!["app/envs/a.yaml", "shared/eu.yaml"],
            ),
            (vec!["../shared/*.yaml", "/app/v.yaml"], vec!["shared/eu.yaml", "app/v.yaml"]),
        ] {
            assert_eq!(paths(&names, false).unwrap(), found, "{names:?}");
        }
    }

    #[test]
    fn missing_files_are_errors_unless_ignored() {
        for (name, message) in [
            ("none.yaml", "parameter \"values-files\": app/none.yaml: no such file in the repository"),
            ("/etc/passwd", "parameter \"values-files\": etc/passwd: no such file in the repository"),
            ("x/*.yaml", "parameter \"values-files\": app/x/*.yaml: no file matches"),
        ] {
            assert_eq!(paths(&[name], false).unwrap_err().to_string(), message);
            assert_eq!(paths(&["v.yaml", name], true).unwrap(), ["app/v.yaml"]);
        }
    }

    #[test]
    fn what_is_outside_is_refused_all_the_same() {
        for ignore in [false, true] {
            for (name, shown) in
                [("../../x.yaml", "../../x.yaml"), ("out.yaml", "app/out.yaml"), ("o*.yaml", "app/out.yaml")]
            {
                let error = paths(&[name], ignore).unwrap_err();
                let message = format!("parameter \"values-files\": {shown}: lies outside the repository");
                assert_eq!((error.kind, error.to_string()), (Kind::Forbidden, message));
            }
            let error = paths(&["envs"], ignore).unwrap_err().to_string();
            assert_eq!(error, "parameter \"values-files\": app/envs: is a directory");
        }
    }
}
