//! Patterns for files of the repository, as Argo CD expands those of `valueFiles`
//! (the doublestar library): `*`, `?` and `[…]` within a name, `**` for any
//! directories.

use std::collections::HashSet;

use crate::data::glob::Pattern;
use crate::error::{Error, Kind, Result};
use crate::repository::{Entry, EntryKind, Tree, join};

/// Names that one pattern may look at.
const MAX_NAMES: usize = 100_000;

/// Directories inside each other that `**` enters.
const MAX_DEPTH: usize = 100;

/// Whether Argo CD takes the path for a pattern.
pub fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?', '['])
}

/// The files that match, in Argo CD's order: by name, and where `**` leads
/// further in, a directory's own files before those of its directories.
///
/// # Errors
/// A malformed pattern, a matching link that leaves the repository, too many
/// names.
pub fn expand(tree: &dyn Tree, pattern: &str) -> Result<Vec<String>> {
    let mut parts: Vec<Part> = Vec::new();
    for part in pattern.split('/') {
        let part =
            Part::new(part).ok_or_else(|| Error::usage(format!("{pattern}: syntax error in pattern")))?;
        // Several in a row mean the same as one.
        if !matches!((&part, parts.last()), (Part::Any, Some(Part::Any))) {
            parts.push(part);
        }
    }
    if matches!(parts.last(), Some(Part::Any)) {
        parts.extend(Part::new("*"));
    }
    let mut walk = Walk { tree, names: 0, found: Vec::new(), seen: HashSet::new(), inside: Vec::new() };
    walk.directory("", &parts)?;
    Ok(walk.found)
}

/// What stands between two slashes of a pattern.
enum Part {
    /// `**`
    Any,
    Name(String),
    Pattern(Pattern),
}

impl Part {
    fn new(text: &str) -> Option<Part> {
        Some(match text {
            "**" => Part::Any,
            text if is_pattern(text) => Part::Pattern(Pattern::new(&text.replace("[!", "[^")).ok()?),
            text => Part::Name(text.to_owned()),
        })
    }

    fn matches(&self, name: &str) -> bool {
        match self {
            Part::Any => true,
            Part::Name(own) => own == name,
            Part::Pattern(pattern) => pattern.matches(name),
        }
    }
}

struct Walk<'a> {
    tree: &'a dyn Tree,
    names: usize,
    found: Vec<String>,
    seen: HashSet<String>,
    /// Where the directories that `**` is in really are.
    inside: Vec<String>,
}

impl Walk<'_> {
    fn directory(&mut self, at: &str, parts: &[Part]) -> Result<()> {
        let Some((part, rest)) = parts.split_first() else { return Ok(()) };
        match part {
            Part::Any => self.any(at, parts, rest),
            Part::Name(name) if !rest.is_empty() => {
                let path = join(at, name);
                match self.tree.entry(&path)? {
                    Some(Entry { kind: EntryKind::Directory, .. }) => self.directory(&path, rest),
                    _ => Ok(()),
                }
            }
            part => self.names(at, part, rest),
        }
    }

    /// What matches in a directory, and further in where the pattern goes on.
    fn names(&mut self, at: &str, part: &Part, rest: &[Part]) -> Result<()> {
        for child in self.children(at)? {
            let path = join(at, &child.name);
            if !part.matches(&child.name) {
                continue;
            }
            match child.entry?.map(|entry| entry.kind) {
                Some(EntryKind::File) if rest.is_empty() && self.seen.insert(path.clone()) => {
                    self.found.push(path);
                }
                Some(EntryKind::Directory) => self.directory(&path, rest)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// The rest of the pattern here, then in each directory. Links that leave the
    /// repository, or lead back, are not entered.
    fn any(&mut self, at: &str, parts: &[Part], rest: &[Part]) -> Result<()> {
        self.directory(at, rest)?;
        if self.inside.len() >= MAX_DEPTH {
            return Err(Error::new(
                Kind::Limit,
                format!("{at}: more than {MAX_DEPTH} directories inside each other"),
            ));
        }
        let resolved = self.tree.resolved(at)?;
        if self.inside.contains(&resolved) {
            return Ok(());
        }
        self.inside.push(resolved);
        for child in self.children(at)? {
            if let Ok(Some(Entry { kind: EntryKind::Directory, .. })) = child.entry {
                self.directory(&join(at, &child.name), parts)?;
            }
        }
        self.inside.pop();
        Ok(())
    }

    fn children(&mut self, at: &str) -> Result<Vec<crate::repository::Child>> {
        let children = self.tree.children(at)?;
        self.names += children.len();
        if self.names > MAX_NAMES {
            return Err(Error::new(Kind::Limit, format!("a pattern looks at more than {MAX_NAMES} names")));
        }
        Ok(children)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::snapshot::{Node, Snapshot};

    fn tree() -> Snapshot {
        let file = |path: &str| (path.to_owned(), Node::File("a: 1".into()));
        let link = |path: &str, to: &str| (path.to_owned(), Node::Link(to.to_owned()));
        let files = [
            "envs/a.yaml",
            "envs/z.yaml",
            "envs/b/c.yaml",
            "envs/b/d/e.yaml",
            "envs/c/x.yaml",
            "envs/c/x.txt",
            "envs/.h.yaml",
            "other/o.yaml",
        ];
        let links = [
            link("linked/in", "../other"),
            link("linked/up", "../linked"),
            link("linked/out", "../../etc"),
            link("out/x.yaml", "../../etc/passwd"),
            link("out/y.txt", "../../nothing"),
        ];
        Snapshot::new(files.map(file).into_iter().chain(links).collect())
    }

    #[test]
    fn patterns_expand_in_argo_cds_order() {
        for (pattern, found) in [
            ("envs/*.yaml", vec!["envs/.h.yaml", "envs/a.yaml", "envs/z.yaml"]),
            ("envs/?.yaml", vec!["envs/a.yaml", "envs/z.yaml"]),
            ("envs/[!a-y].yaml", vec!["envs/z.yaml"]),
            ("envs/*/*.yaml", vec!["envs/b/c.yaml", "envs/c/x.yaml"]),
            (
                "envs/**/[a-z].yaml",
                vec!["envs/a.yaml", "envs/z.yaml", "envs/b/c.yaml", "envs/b/d/e.yaml", "envs/c/x.yaml"],
            ),
            ("**/d/*", vec!["envs/b/d/e.yaml"]),
            ("**/b/**/**/*.yaml", vec!["envs/b/c.yaml", "envs/b/d/e.yaml"]),
            ("envs/c/**", vec!["envs/c/x.txt", "envs/c/x.yaml"]),
            ("linked/**/o.yaml", vec!["linked/in/o.yaml"]),
            ("linked/i*/o.yaml", vec!["linked/in/o.yaml"]),
            ("nothing/*.yaml", vec![]),
            ("envs/*.json", vec![]),
        ] {
            assert_eq!(expand(&tree(), pattern).unwrap(), found, "{pattern}");
        }
    }

    #[test]
    fn what_cannot_be_expanded_is_refused() {
        assert_eq!(expand(&tree(), "envs/[").unwrap_err().to_string(), "envs/[: syntax error in pattern");
        for (pattern, path) in
            [("out/*.yaml", "out/x.yaml"), ("out/*.txt", "out/y.txt"), ("linked/o*/x", "linked/out")]
        {
            let error = expand(&tree(), pattern).unwrap_err();
            assert_eq!(
                (error.kind, error.to_string()),
                (Kind::Forbidden, format!("{path}: lies outside the repository"))
            );
        }
    }
}
