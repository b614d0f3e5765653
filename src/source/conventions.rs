//! Environments by convention: which values file an environment's name stands for
//! where no tiphys.yaml says it.

use crate::data::nearest;
use crate::error::{Error, Kind, Result};
use crate::repository::{EntryKind, Tree};

use super::files::{ValuesFile, join, read};

/// Where a layer may lie, beside Chart.yaml; `*` is the environment's name.
pub const CONVENTIONS: [&str; 3] = ["values/*.yaml", "values-*.yaml", "environments/*.yaml"];

/// The layer of `environment` for the application in the directory `app`.
///
/// # Errors
/// A name that is no file name, no layer (the error lists the environments there
/// are), or more than one.
pub fn layer(tree: &dyn Tree, app: &str, environment: &str) -> Result<ValuesFile> {
    check_name(environment)?;
    let mut found = Vec::new();
    for convention in CONVENTIONS {
        let path = join(app, &convention.replace('*', environment));
        if let Some(entry) = tree.entry(&path)?
            && matches!(entry.kind, EntryKind::File)
        {
            found.push(path);
        }
    }
    match found.as_slice() {
        [] => Err(unknown(tree, app, environment)),
        [path] => Ok(ValuesFile { path: path.clone(), text: read(tree, path)? }),
        several => {
            let several = several.join(" and ");
            Err(Error::invalid(format!(
                "environment {environment:?} has more than one values layer: {several}"
            ))
            .hint("keep one of them"))
        }
    }
}

/// Whether an environment can be called so: its name becomes a file's.
///
/// # Errors
/// It is empty, hidden or a path.
pub fn check_name(environment: &str) -> Result<()> {
    if environment.is_empty() || environment.starts_with('.') || environment.contains(['/', '\\', '\0']) {
        return Err(Error::usage(format!("environment {environment:?} is not a name")));
    }
    Ok(())
}

/// The names of all environments of the application in the directory `app`, sorted.
pub fn names(tree: &dyn Tree, app: &str) -> Vec<String> {
    let mut names = Vec::new();
    for convention in CONVENTIONS {
        let (directory, pattern) = convention.rsplit_once('/').unwrap_or(("", convention));
        let Some((prefix, suffix)) = pattern.split_once('*') else { continue };
        let listed = tree.list(&join(app, directory)).unwrap_or_default();
        names.extend(listed.iter().filter_map(|file| {
            let name = file.strip_prefix(prefix)?.strip_suffix(suffix)?;
            (!name.is_empty() && !name.starts_with('.')).then(|| name.to_owned())
        }));
    }
    names.sort();
    names.dedup();
    names
}

fn unknown(tree: &dyn Tree, app: &str, environment: &str) -> Error {
    let names = names(tree, app);
    let hint = nearest::hint(environment, names.iter().map(String::as_str));
    let tried = CONVENTIONS.map(|c| c.replace('*', environment)).join(", ");
    Error::new(Kind::NotFound, format!("environment {environment:?} has no values layer"))
        .hint(format!("{hint}; a layer is one of {tried} beside Chart.yaml"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::snapshot::{Node, Snapshot};

    fn tree(paths: &[&str]) -> Snapshot {
        Snapshot::new(paths.iter().map(|p| ((*p).to_owned(), Node::File("a: 1".into()))).collect())
    }

    #[test]
    fn each_convention_is_found() {
        for path in ["app/values/prod.yaml", "app/values-prod.yaml", "app/environments/prod.yaml"] {
            assert_eq!(layer(&tree(&[path]), "app", "prod").unwrap().path, path);
        }
        assert_eq!(layer(&tree(&["values/prod.yaml"]), ".", "prod").unwrap().path, "values/prod.yaml");
    }

    #[test]
    fn an_unknown_environment_names_the_known_ones() {
        let tree =
            tree(&["app/values/prod.yaml", "app/values-dev.yaml", "app/values.yaml", "app/values/.x.yaml"]);
        assert_eq!(
            layer(&tree, "app", "qa").unwrap_err().to_string(),
            "environment \"qa\" has no values layer\n\
             hint: did you mean \"dev\"? There are: dev, prod; a layer is one of values/qa.yaml, values-qa.yaml, environments/qa.yaml beside Chart.yaml"
        );
        for name in ["../prod", "", "a/b", ".x"] {
            assert_eq!(layer(&tree, "app", name).unwrap_err().kind, Kind::Usage);
        }
    }

    #[test]
    fn two_layers_for_one_name_are_refused() {
        let tree = tree(&["values/prod.yaml", "values-prod.yaml"]);
        assert_eq!(
            layer(&tree, "", "prod").unwrap_err().to_string(),
            "environment \"prod\" has more than one values layer: values/prod.yaml and values-prod.yaml\n\
             hint: keep one of them"
        );
    }
}
