//! A repository and, beside its own files, other ones at names of their own. Each
//! stays confined to itself.

use std::collections::BTreeMap;

use crate::data::Str;
use crate::error::Result;

use super::{Child, Entry, Tree, join};

/// A tree with others at the first part of a path. They are reached by their names
/// and not listed: a walk through the tree does not meet them.
#[derive(Debug)]
pub struct Mounted<T> {
    own: T,
    others: BTreeMap<String, T>,
}

impl<T: Tree> Mounted<T> {
    /// The tree `own` with `others` by their names.
    pub fn new(own: T, others: BTreeMap<String, T>) -> Mounted<T> {
        Mounted { own, others }
    }

    /// The tree that a path is in, its name if it is another one, and the path there.
    fn find<'p>(&self, path: &'p str) -> (&T, Option<&'p str>, &'p str) {
        let (name, rest) = path.split_once('/').unwrap_or((path, ""));
        match self.others.get(name) {
            Some(other) => (other, Some(name), rest),
            None => (&self.own, None, path),
        }
    }
}

impl<T: Tree> Tree for Mounted<T> {
    fn entry(&self, path: &str) -> Result<Option<Entry>> {
        let (tree, _, path) = self.find(path);
        tree.entry(path)
    }

    fn list(&self, path: &str) -> Result<Vec<String>> {
        let (tree, _, path) = self.find(path);
        tree.list(path)
    }

    fn read(&self, path: &str, limit: u64) -> Result<Str> {
        let (tree, _, path) = self.find(path);
        tree.read(path, limit)
    }

    fn children(&self, path: &str) -> Result<Vec<Child>> {
        let (tree, _, path) = self.find(path);
        tree.children(path)
    }

    fn resolved(&self, path: &str) -> Result<String> {
        let (tree, name, path) = self.find(path);
        let resolved = tree.resolved(path)?;
        Ok(name.map_or_else(|| resolved.clone(), |name| join(name, &resolved)))
    }

    fn shown(&self, path: &str) -> String {
        let (tree, name, path) = self.find(path);
        let shown = tree.shown(path);
        name.map_or_else(|| shown.clone(), |name| join(name, &shown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use crate::repository::snapshot::{Node, Snapshot};

    #[test]
    fn each_tree_is_reached_by_its_name_and_stays_confined() {
        let file = |text: &str| Node::File(text.into());
        let tree = |nodes: Vec<(&str, Node)>| {
            Snapshot::new(nodes.into_iter().map(|(path, node)| (path.to_owned(), node)).collect())
        };
        let own = tree(vec![("app/a", file("own")), ("$values/x", file("hidden"))]);
        let other = tree(vec![("a", file("other")), ("out", Node::Link("../app/a".into()))]);
        let mounted = Mounted::new(own, [("$values".to_owned(), other)].into());
        assert_eq!(mounted.read("app/a", 9).unwrap(), "own".into());
        assert_eq!(mounted.read("$values/a", 9).unwrap(), "other".into());
        assert_eq!(mounted.list("$values").unwrap(), ["a", "out"]);
        assert_eq!(mounted.resolved("$values/a").unwrap(), "$values/a");
        assert_eq!(mounted.entry("$values/x").unwrap(), None);
        assert_eq!(mounted.read("$values/out", 9).unwrap_err().kind, Kind::Forbidden);
        assert_eq!(mounted.read("$values/../app/a", 9).unwrap_err().kind, Kind::Forbidden);
    }
}
