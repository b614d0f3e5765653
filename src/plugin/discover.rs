//! Whether an application is ours: the discovery rules of plugin.yaml, evaluated
//! in the application's directory as argocd-cmp-server does.

use crate::data::glob::{Glob, filepath_match};
use crate::error::Result;
use crate::repository::{EntryKind, Tree};

use super::config::Discover;

/// How deep a `**` looks.
const DEEPEST: usize = 64;

/// Whether the rule finds a file for the application in the directory `app`.
///
/// # Errors
/// The directory cannot be read.
pub fn matches(tree: &dyn Tree, app: &str, rule: &Discover) -> Result<bool> {
    match rule {
        Discover::FileName(pattern) => {
            let depth = pattern.split('/').count();
            any_file(tree, app, "", depth, &|path| filepath_match(pattern, path).unwrap_or(false))
        }
        Discover::Glob(pattern) => {
            // `**/x` also means x itself, as in zglob.
            let patterns = [Glob::new(pattern), Glob::new(&pattern.replace("**/", ""))];
            any_file(tree, app, "", DEEPEST, &|path| patterns.iter().flatten().any(|glob| glob.matches(path)))
        }
    }
}

/// Whether a file below `app` at the relative directory `below` matches.
fn any_file(
    tree: &dyn Tree,
    app: &str,
    below: &str,
    depth: usize,
    test: &dyn Fn(&str) -> bool,
) -> Result<bool> {
    let directory = if below.is_empty() { app.to_owned() } else { format!("{app}/{below}") };
    for name in tree.list(&directory)? {
        let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        // A link that leads nowhere or outside matches nothing.
        let Ok(Some(entry)) = tree.entry(&format!("{app}/{path}")) else { continue };
        let found = match entry.kind {
            EntryKind::File => test(&path),
            EntryKind::Directory => depth > 1 && !entry.link && any_file(tree, app, &path, depth - 1, test)?,
        };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}
