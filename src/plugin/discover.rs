//! Whether an application is ours: the discovery rules of plugin.yaml, evaluated
//! in the application's directory as argocd-cmp-server does.

mod command;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::data::glob::{Pattern, Zglob};
use crate::error::{Error, Kind, Result};
use crate::repository::checkout::Checkout;
use crate::repository::snapshot::Snapshot;
use crate::repository::{Entry, EntryKind, Tree, join};

use super::config::Discover;

/// The files that the built-in rule looks for.
const OURS: [&str; 2] = ["Chart.yaml", "tiphys.yaml"];

/// What a discovery command gets and may use.
pub struct Surroundings<'a> {
    /// The variables of the request; they win over the process's own.
    pub env: &'a BTreeMap<String, String>,
    /// Where a copy of the repository is made for it.
    pub workdir: &'a Path,
    /// Fails when the call is over or called off.
    pub check: &'a dyn Fn() -> Result<()>,
}

/// Whether the rule finds something for the application in the directory `app`.
///
/// # Errors
/// A pattern that is none, a command that fails, the end of the call.
pub fn matches(tree: &Snapshot, app: &str, rule: &Discover, with: &Surroundings<'_>) -> Result<bool> {
    let Some(Entry { kind: EntryKind::Directory, .. }) = tree.entry(app)? else { return Ok(false) };
    let app = tree.resolved(app)?;
    match rule {
        Discover::FileName(pattern) => file_name(tree, &app, pattern)
            .map_err(|why| wrong_pattern(&format!("filename match for pattern {pattern:?}: {why}"))),
        Discover::Glob(pattern) => glob(tree, &app, pattern)
            .map_err(|why| wrong_pattern(&format!("glob match for pattern {pattern:?}: {why}"))),
        Discover::Command(command) => {
            let copy = Checkout::new(tree, with.workdir, with.check)?;
            command::finds(command, &copy, &app, with)
        }
        Discover::BuiltIn => Ok(OURS.iter().any(|name| {
            matches!(tree.entry(&join(&app, name)), Ok(Some(Entry { kind: EntryKind::File, .. })))
        })),
    }
}

fn wrong_pattern(what: &str) -> Error {
    Error::new(Kind::Invalid, format!("error finding {what}"))
}

/// Go's `filepath.Glob`: a pattern for each directory on the way and for a name of
/// any kind in the last one. A directory is looked into once, however many links
/// lead to it.
fn file_name(tree: &Snapshot, app: &str, pattern: &str) -> std::result::Result<bool, String> {
    Pattern::new(pattern).map_err(|e| e.to_string())?;
    let Some((start, parts)) = below(app, pattern) else { return Ok(false) };
    let Some((last, on_the_way)) = parts.split_last() else { return Ok(true) };
    let mut directories = BTreeSet::from([start]);
    for part in on_the_way {
        let pattern = Pattern::new(part).map_err(|e| e.to_string())?;
        let mut next = BTreeSet::new();
        for directory in &directories {
            for child in tree.children(directory).unwrap_or_default() {
                if pattern.matches(&child.name)
                    && let Ok(Some(Entry { kind: EntryKind::Directory, .. })) = child.entry
                    && let Ok(real) = tree.resolved(&join(directory, &child.name))
                {
                    next.insert(real);
                }
            }
        }
        directories = next;
    }
    let pattern = Pattern::new(last).map_err(|e| e.to_string())?;
    let named = |directory: &String| {
        let children = tree.children(directory).unwrap_or_default();
        children.iter().any(|child| child.entry.is_ok() && pattern.matches(&child.name))
    };
    Ok(directories.iter().any(named))
}

/// zglob's walk: every name below the directories that the pattern spells out;
/// links match by their name and are not entered.
fn glob(tree: &Snapshot, app: &str, pattern: &str) -> std::result::Result<bool, String> {
    let Some((start, parts)) = below(app, pattern) else { return Ok(false) };
    let text = parts.join("/");
    if !Zglob::is_pattern(&text) {
        return Ok(matches!(tree.entry(&join(&start, &text)), Ok(Some(_))));
    }
    let glob = Zglob::new(&text)?;
    let spelt_out: Vec<&str> = parts.into_iter().take_while(|part| !Zglob::is_pattern(part)).collect();
    let mut pending = vec![spelt_out.join("/")];
    while let Some(directory) = pending.pop() {
        let here = if directory.is_empty() { start.clone() } else { join(&start, &directory) };
        for child in tree.children(&here).unwrap_or_default() {
            let Ok(entry) = child.entry else { continue };
            let path = join(&directory, &child.name);
            if glob.matches(&path) {
                return Ok(true);
            }
            if let Some(Entry { kind: EntryKind::Directory, link: false }) = entry {
                pending.push(path);
            }
        }
    }
    Ok(false)
}

/// The directory that a pattern starts from and the pattern's parts, `.` and `..`
/// resolved; `None` where it starts outside the repository.
fn below<'p>(app: &str, pattern: &'p str) -> Option<(String, Vec<&'p str>)> {
    let mut start = app.to_owned();
    let mut parts = Vec::new();
    for part in pattern.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.pop().is_some() => {}
            ".." if start.is_empty() => return None,
            ".." => start.truncate(start.rfind('/').unwrap_or_default()),
            part => parts.push(part),
        }
    }
    Some((start, parts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::snapshot::Node;

    fn tree() -> Snapshot {
        let link = |target: &str| Node::Link(target.to_owned());
        let file = || Node::File("x".into());
        Snapshot::new(
            [
                ("apps/a/Chart.yaml".to_owned(), file()),
                ("apps/a/values/production.yaml".to_owned(), file()),
                ("apps/a/.hidden".to_owned(), file()),
                ("apps/a/dangling".to_owned(), link("nothing")),
                ("apps/a/outside".to_owned(), link("../../../etc")),
                ("apps/a/again".to_owned(), link(".")),
                ("apps/a/layers".to_owned(), link("values")),
                ("apps/b/tiphys.yaml".to_owned(), file()),
                ("apps/c/Chart.yaml/x".to_owned(), file()),
                ("root.yaml".to_owned(), file()),
            ]
            .into(),
        )
    }

    fn found(app: &str, rule: &Discover) -> Result<bool> {
        let with =
            Surroundings { env: &BTreeMap::new(), workdir: Path::new("/nonexistent"), check: &|| Ok(()) };
        matches(&tree(), app, rule, &with)
    }

    #[test]
    fn file_name_is_gos_glob() {
        for (pattern, wanted) in [
            ("Chart.yaml", true),
            ("./Chart.y?ml", true),
            ("chart.yaml", false),
            ("values", true),
            ("*/production.yaml", true),
            ("layers/prod*", true),
            ("again/again/again/Chart.yaml", true),
            // `**` is no more than `*` here.
            ("**/production.yaml", true),
            ("**/Chart.yaml", true),
            ("**/root.yaml", false),
            (".hid*", true),
            ("dangling", true),
            ("outside", false),
            ("outside/*", false),
            ("../b/tiphys.yaml", true),
            ("../../root.yaml", true),
            ("../../../*", false),
            ("values/../Chart.yaml", true),
            (".", true),
            ("Chart.yaml/x", false),
        ] {
            assert_eq!(found("apps/a", &Discover::FileName(pattern.into())).unwrap(), wanted, "{pattern}");
        }
        assert_eq!(
            found("apps/a", &Discover::FileName("[".into())).unwrap_err().to_string(),
            "error finding filename match for pattern \"[\": syntax error in pattern"
        );
    }

    #[test]
    fn glob_is_zglobs() {
        for (pattern, wanted) in [
            ("Chart.yaml", true),
            ("Chart.y?ml", false),
            ("nothing.yaml", false),
            ("**/Chart.yaml", true),
            ("**/production.yaml", true),
            ("values/**/production.yaml", true),
            ("**/root.yaml", false),
            ("{tiphys,Chart}.yaml", true),
            ("val*", true),
            ("layers/*", true),
            ("**/layers/production.yaml", false),
            ("dang*", true),
            ("out*", false),
            ("../*/tiphys.yaml", true),
            ("../../../**/x", false),
            ("nothing/**/x", false),
        ] {
            assert_eq!(found("apps/a", &Discover::Glob(pattern.into())).unwrap(), wanted, "{pattern}");
        }
        let error = found("apps/a", &Discover::Glob("*[z-a]".into())).unwrap_err().to_string();
        assert!(error.starts_with("error finding glob match for pattern \"*[z-a]\": "), "{error}");
    }

    #[test]
    fn the_built_in_rule_looks_for_our_files() {
        for (app, wanted) in
            [("apps/a", true), ("apps/b", true), ("apps/c", false), (".", false), ("no", false)]
        {
            assert_eq!(found(app, &Discover::BuiltIn).unwrap(), wanted, "{app}");
        }
        assert_eq!(found("../x", &Discover::BuiltIn).unwrap_err().kind, Kind::Forbidden);
    }
}
