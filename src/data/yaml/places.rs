//! Where things stand in a YAML text: the lines of its keys and items, found by
//! their path as the decoded value has it. Aliases and merge keys are followed to
//! where the text is.

use std::collections::HashSet;

use super::YamlError;
use super::compose::{Composer, Node, NodeKind};
use super::input::Input;
use super::literal;
use super::resolve::Scalar;

/// A step on the way to a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Under this key of a mapping.
    Key(String),
    /// At this index of a sequence.
    Index(usize),
}

/// Nodes that one look-up may pass; aliases can lead round and round.
const MAX_NODES: usize = 1 << 20;

/// Mappings merged into each other.
const MAX_MERGES: usize = 100;

/// What a look-up may still do.
struct Left {
    nodes: usize,
    merges: usize,
}

impl Left {
    fn node(&mut self) -> Option<()> {
        self.nodes = self.nodes.checked_sub(1)?;
        Some(())
    }
}

/// The lines of a document.
#[derive(Debug)]
pub struct Places {
    /// In reading order; a node is followed by what is inside it.
    marks: Vec<Mark>,
}

#[derive(Debug)]
struct Mark {
    kind: Kind,
    /// The index behind the last mark inside this one.
    end: usize,
    /// 0-based.
    line: u32,
}

#[derive(Debug)]
enum Kind {
    /// A scalar, as a key would be read.
    Scalar(String),
    Sequence,
    Mapping,
    Alias(usize),
}

impl Places {
    /// The places of the first document of `text`.
    ///
    /// # Errors
    /// As [`super::parse`], but for what only decoding finds.
    pub fn of(text: &[u8]) -> Result<Places, YamlError> {
        let input = Input::new(text);
        let document = Composer::new(&input).next_document()?;
        let nodes = document.map(|document| document.nodes).unwrap_or_default();
        Ok(Places { marks: nodes.iter().map(mark).collect() })
    }

    /// The line, from 1, on which the value at `path` is set: that of its key, or
    /// of the item. None where the document does not have it.
    pub fn line(&self, path: &[Step]) -> Option<u32> {
        let (mut at, mut line) = (0, self.marks.first()?.line);
        let mut left = Left { nodes: MAX_NODES, merges: MAX_MERGES };
        for step in path {
            (at, line) = self.step(at, step, &mut left)?;
        }
        Some(line.saturating_add(1))
    }

    /// The first key that a mapping has twice, and the line of its second one.
    pub fn duplicate(&self) -> Option<(&str, u32)> {
        let mappings = self.marks.iter().enumerate().filter(|(_, mark)| matches!(mark.kind, Kind::Mapping));
        mappings.map(|(at, _)| at).find_map(|at| {
            let mut seen = HashSet::new();
            let keys = self.entries(at).filter_map(|(key, _)| self.marks.get(key));
            keys.filter_map(|mark| match &mark.kind {
                Kind::Scalar(text) => Some((text.as_str(), mark.line.saturating_add(1))),
                _ => None,
            })
            .find(|(text, _)| !seen.insert(*text))
        })
    }

    /// Where a step leads from the node at `at`, and its line.
    fn step(&self, at: usize, step: &Step, left: &mut Left) -> Option<(usize, u32)> {
        let mut at = at;
        while let Kind::Alias(target) = self.marks.get(at)?.kind {
            left.node()?;
            at = target;
        }
        match (&self.marks.get(at)?.kind, step) {
            (Kind::Sequence, Step::Index(index)) => {
                let item = self.children(at).nth(*index)?;
                Some((item, self.marks.get(item)?.line))
            }
            (Kind::Mapping, Step::Key(name)) => self.under(at, name, left),
            _ => None,
        }
    }

    /// The value under a key: the last one's of that name, else a merged one's.
    fn under(&self, at: usize, name: &str, left: &mut Left) -> Option<(usize, u32)> {
        let mut found = None;
        let mut merges = Vec::new();
        for (key, value) in self.entries(at) {
            left.node()?;
            let mark = self.marks.get(key)?;
            match &mark.kind {
                Kind::Scalar(text) if text == name => found = Some((value, mark.line)),
                Kind::Scalar(text) if text == "<<" => merges.push(value),
                _ => {}
            }
        }
        if found.is_some() || merges.is_empty() {
            return found;
        }
        left.merges = left.merges.checked_sub(1)?;
        let step = Step::Key(name.to_owned());
        let found = merges.into_iter().find_map(|merged| {
            let of_list: Vec<usize> = match self.marks.get(merged)?.kind {
                Kind::Sequence => self.children(merged).collect(),
                _ => vec![merged],
            };
            of_list.into_iter().find_map(|one| self.step(one, &step, left))
        });
        left.merges += 1;
        found
    }

    fn children(&self, at: usize) -> impl Iterator<Item = usize> {
        let end = self.marks.get(at).map_or(at, |mark| mark.end);
        let next = move |child: usize| self.marks.get(child).map(|mark| mark.end).filter(|next| *next < end);
        let first = (at + 1 < end).then_some(at + 1);
        std::iter::successors(first, move |child| next(*child))
    }

    /// Keys and values of a mapping.
    fn entries(&self, at: usize) -> impl Iterator<Item = (usize, usize)> {
        let mut children = self.children(at);
        std::iter::from_fn(move || Some((children.next()?, children.next()?)))
    }
}

fn mark(node: &Node<'_>) -> Mark {
    let kind = match &node.kind {
        NodeKind::Scalar { value, .. } => Kind::Scalar(match node.meaning() {
            Ok((Scalar::Bool(b), _)) => b.to_string(),
            Ok((Scalar::Int(n), _)) => n.to_string(),
            Ok((Scalar::Float(n), _)) => literal::float_key(n),
            _ => String::from_utf8_lossy(value).into_owned(),
        }),
        NodeKind::Sequence => Kind::Sequence,
        NodeKind::Mapping => Kind::Mapping,
        NodeKind::Alias { target, .. } => Kind::Alias(*target),
    };
    Mark { kind, end: node.end, line: node.line }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Vec<Step> {
        let step = |part: &str| part.parse().map_or_else(|_| Step::Key(part.to_owned()), Step::Index);
        text.split_whitespace().map(step).collect()
    }

    #[test]
    fn keys_and_items_have_lines() {
        let text =
            "# c\na:\n  b: {c: 1,\n   d: 2}\n  l:\n  - x\n  - k: 1\n    z: [\n 1, 2]\nyes: 1\na2: |\n  t\n";
        let places = Places::of(text.as_bytes()).unwrap();
        for (at, line) in [
            ("", Some(2)),
            ("a", Some(2)),
            ("a b c", Some(3)),
            ("a b d", Some(4)),
            ("a l 0", Some(6)),
            ("a l 1 k", Some(7)),
            ("a l 1 z 1", Some(9)),
            ("true", Some(10)),
            ("a2", Some(11)),
            ("a x", None),
            ("a b c d", None),
            ("a l 2", None),
            ("0", None),
        ] {
            assert_eq!(places.line(&path(at)), line, "{at}");
        }
        assert_eq!(places.duplicate(), None);
    }

    #[test]
    fn aliases_lead_to_where_the_text_is() {
        let text = "base: &b\n  x: 1\n  k: {z: 2}\nuse: *b\nmerge:\n  <<: [*b, {w: 1}]\n  x: 3\n";
        let places = Places::of(text.as_bytes()).unwrap();
        for (at, line) in
            [("use", 4), ("use x", 2), ("use k z", 3), ("merge x", 7), ("merge k z", 3), ("merge w", 6)]
        {
            assert_eq!(places.line(&path(at)), Some(line), "{at}");
        }
        let looped = Places::of(b"a: &a {b: *a, <<: *a}\n").unwrap();
        assert_eq!(looped.line(&path("a b b b b")), Some(1));
        assert_eq!(looped.line(&path("a none")), None);
    }

    #[test]
    fn a_key_that_comes_twice_is_found() {
        let places = Places::of(b"a: 1\nb: {c: 1}\nd:\n  e: 1\n  f: 1\n  e: 2\n").unwrap();
        assert_eq!(places.duplicate(), Some(("e", 6)));
        assert_eq!(Places::of(b"").unwrap().line(&[]), None);
    }
}
