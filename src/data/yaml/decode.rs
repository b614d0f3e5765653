//! From nodes to values: go-yaml's decoder into an `interface{}` (aliases,
//! merge keys and their limits), then what sigs.k8s.io/yaml does on the way to
//! JSON: keys become strings, and what JSON cannot say is an error.

use std::collections::{HashMap, HashSet};

use super::compose::{Document, Node, NodeKind};
use super::resolve::{Scalar, Tag};
use super::{Numbers, YamlError, literal};
use crate::data::base64;
use crate::data::json::valid_utf8;
use crate::data::{List, Map, Str, Value};

/// Containers inside each other that Go's JSON takes.
const MAX_DEPTH: usize = 10_000;

/// A container (or alias) whose content is being decoded.
enum Frame {
    Sequence {
        next: usize,
        end: usize,
        items: Vec<Value>,
    },
    Mapping(Mapping),
    /// An alias node, open until its target is done.
    Alias(usize),
}

struct Mapping {
    next: usize,
    end: usize,
    entries: Vec<(Str, Value)>,
    key: Pending,
    /// Nodes still to be merged in, the next one last.
    merges: Vec<usize>,
    /// Whether the entries go into the mapping around it.
    merged: bool,
    /// What JSON cannot say in this mapping.
    unsayable: Vec<UnsayableEntry>,
    /// What JSON cannot say, found before this mapping.
    before: Option<Unsayable>,
}

/// What JSON cannot say, and the stage that finds it (the first one wins).
type Unsayable = (u8, YamlError);

/// An entry that JSON cannot say, unless a later one takes its place.
struct UnsayableEntry {
    /// None for a key that JSON cannot say.
    key: Option<Str>,
    /// How many entries were before it.
    at: usize,
    what: Unsayable,
}

impl Mapping {
    /// Adds an entry, and what JSON cannot say of it.
    fn add(&mut self, key: Option<Str>, value: Value, unsayable: Option<Unsayable>) {
        if let Some(what) = unsayable {
            self.unsayable.push(UnsayableEntry { key: key.clone(), at: self.entries.len(), what });
        }
        if let Some(key) = key {
            self.entries.push((key, value));
        }
    }

    /// What JSON cannot say of the entries that stay: of those with the same key
    /// the last one.
    fn unsayable(&mut self) -> Option<Unsayable> {
        let mut found = std::mem::take(&mut self.unsayable);
        let last_without_key = found.iter().rposition(|entry| entry.key.is_none());
        let mut at = 0;
        found.retain(|entry| {
            at += 1;
            match &entry.key {
                None => Some(at - 1) == last_without_key,
                Some(key) => !self.entries.iter().skip(entry.at + 1).any(|(later, _)| later == key),
            }
        });
        found.into_iter().map(|entry| entry.what).reduce(first_stage)
    }
}

fn first_stage(one: Unsayable, other: Unsayable) -> Unsayable {
    if other.0 < one.0 { other } else { one }
}

/// Where a mapping stands between a key and its value.
enum Pending {
    /// A key comes next.
    None,
    /// The key is a container, which is being decoded; this is its node.
    Key(usize),
    /// The value comes next. A key that JSON cannot say is none.
    Value(Option<Str>),
}

/// What entering a node led to.
enum Entered {
    /// A scalar node; said with whether an alias led to it.
    Scalar(usize, bool),
    /// A container is on the stack now.
    Container,
    /// A container too deep to be decoded.
    TooDeep,
}

struct Decoder<'d, 'a> {
    nodes: &'d mut [Node<'a>],
    numbers: Numbers,
    stack: Vec<Frame>,
    /// Frames that will be containers of JSON.
    depth: usize,
    /// go-yaml's counters against aliases that blow up.
    count: usize,
    alias_count: usize,
    alias_depth: usize,
    /// Texts of nodes that were decoded through an alias, to be shared.
    texts: HashMap<usize, Str>,
    /// The first thing that JSON cannot say in what is being decoded.
    unsayable: Option<Unsayable>,
    /// Keys seen in each mapping are compared, and the first that comes again is kept.
    strict: Option<Option<Str>>,
}

/// Decodes a document.
pub(super) fn decode(document: &mut Document<'_>, numbers: Numbers) -> Result<Value, YamlError> {
    run(document, numbers, None).map(|(value, _)| value)
}

/// Decodes a document where no mapping may have a key twice.
pub(super) fn decode_strictly(document: &mut Document<'_>, numbers: Numbers) -> Result<Value, YamlError> {
    match run(document, numbers, Some(None))? {
        (value, None) => Ok(value),
        (_, Some(key)) => {
            let key = String::from_utf8_lossy(key.as_bytes());
            let message = format!("yaml: unmarshal errors:\n  key {key:?} already set in map");
            Err(YamlError { message, line: 0 })
        }
    }
}

fn run(
    document: &mut Document<'_>,
    numbers: Numbers,
    strict: Option<Option<Str>>,
) -> Result<(Value, Option<Str>), YamlError> {
    let mut decoder = Decoder {
        nodes: &mut document.nodes,
        numbers,
        stack: Vec::new(),
        depth: 0,
        count: 1,
        alias_count: 0,
        alias_depth: 0,
        texts: HashMap::new(),
        unsayable: None,
        strict,
    };
    let value = decoder.run()?;
    match decoder.unsayable {
        Some((_, error)) => Err(error),
        None => Ok((value, decoder.strict.flatten())),
    }
}

impl Decoder<'_, '_> {
    fn run(&mut self) -> Result<Value, YamlError> {
        let mut done = self.enter_value(0)?;
        loop {
            done = match done {
                Some(value) => match self.stack.last_mut() {
                    None => return Ok(value),
                    Some(Frame::Alias(_)) => {
                        self.close_alias();
                        Some(value)
                    }
                    Some(Frame::Sequence { items, .. }) => {
                        items.push(value);
                        None
                    }
                    Some(Frame::Mapping(mapping)) => {
                        match std::mem::replace(&mut mapping.key, Pending::None) {
                            Pending::Key(node) => return Err(self.invalid_key(node)),
                            Pending::Value(key) => mapping.add(key, value, self.unsayable.take()),
                            Pending::None => {}
                        }
                        None
                    }
                },
                None => self.advance()?,
            };
        }
    }

    /// Goes on with the innermost frame: enters its next node, or closes it.
    fn advance(&mut self) -> Result<Option<Value>, YamlError> {
        match self.stack.last_mut() {
            None => Ok(Some(Value::Nil)),
            Some(Frame::Alias(_)) => {
                self.close_alias();
                Ok(None)
            }
            Some(Frame::Sequence { next, end, items }) => {
                if next < end {
                    let at = *next;
                    *next = self.nodes.get(at).map_or(*end, |node| node.end);
                    return self.enter_value(at);
                }
                let items = std::mem::take(items);
                self.stack.pop();
                self.depth -= 1;
                Ok(Some(List::new(items).into()))
            }
            Some(Frame::Mapping(mapping)) => {
                if let Some(node) = mapping.merges.pop() {
                    return self.enter_merge(node).map(|()| None);
                }
                if mapping.next >= mapping.end {
                    return Ok(self.close_mapping());
                }
                let at = mapping.next;
                mapping.next = self.nodes.get(at).map_or(mapping.end, |node| node.end);
                if matches!(mapping.key, Pending::Value(_)) {
                    return self.enter_value(at);
                }
                self.enter_key(at)
            }
        }
    }

    fn close_alias(&mut self) {
        if let Some(Frame::Alias(at)) = self.stack.pop() {
            self.alias_depth -= 1;
            if let Some(Node { kind: NodeKind::Alias { open, .. }, .. }) = self.nodes.get_mut(at) {
                *open = false;
            }
        }
    }

    /// Makes the map, or hands its entries to the mapping that merges it. Of
    /// entries with the same key the last one stays.
    fn close_mapping(&mut self) -> Option<Value> {
        let Some(Frame::Mapping(mut done)) = self.stack.pop() else { return None };
        self.unsayable = done.before.take();
        if !done.merged {
            self.depth -= 1;
            let found = done.unsayable();
            self.unsayable = self.unsayable.take().into_iter().chain(found).reduce(first_stage);
            if let Some(repeated @ None) = &mut self.strict {
                let mut seen = HashSet::new();
                *repeated = done.entries.iter().map(|(key, _)| key).find(|key| !seen.insert(*key)).cloned();
            }
            return Some(done.entries.into_iter().collect::<Map>().into());
        }
        let around = self.stack.iter_mut().rev().find_map(|frame| match frame {
            Frame::Mapping(mapping) => Some(mapping),
            _ => None,
        });
        if let Some(mapping) = around {
            let shift = mapping.entries.len();
            let found = done.unsayable.into_iter();
            mapping.unsayable.extend(found.map(|entry| UnsayableEntry { at: entry.at + shift, ..entry }));
            mapping.entries.extend(done.entries);
        }
        None
    }

    /// Counts one decoded node. Few nodes may come from aliases once there are
    /// many: 99% up to 400,000 nodes, falling to 10% at 4,000,000.
    #[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    fn tick(&mut self) -> Result<(), YamlError> {
        const LOW: usize = 400_000;
        const HIGH: usize = 4_000_000;
        self.count += 1;
        if self.alias_depth == 0 {
            return Ok(());
        }
        self.alias_count += 1;
        if self.alias_count <= 100 || self.count <= 1000 {
            return Ok(());
        }
        let allowed = match self.count {
            ..=LOW => 0.99,
            HIGH.. => 0.10,
            count => 0.99 - 0.89 * ((count - LOW) as f64 / (HIGH - LOW) as f64),
        };
        if self.alias_count as f64 / self.count as f64 > allowed {
            let message = "yaml: document contains excessive aliasing".to_owned();
            return Err(YamlError { message, line: 0 });
        }
        Ok(())
    }

    fn enter_value(&mut self, at: usize) -> Result<Option<Value>, YamlError> {
        match self.enter(at, false)? {
            Entered::Scalar(at, shared) => self.scalar(at, shared).map(Some),
            Entered::Container => Ok(None),
            Entered::TooDeep => Ok(Some(Value::Nil)),
        }
    }

    /// Enters the node at `at`; `merged` if its entries go into the mapping
    /// around it.
    fn enter(&mut self, at: usize, merged: bool) -> Result<Entered, YamlError> {
        self.tick()?;
        let Some(node) = self.nodes.get_mut(at) else { return Ok(Entered::TooDeep) };
        let NodeKind::Alias { name, target, open } = &mut node.kind else {
            return self.enter_target(at, merged);
        };
        let target = *target;
        if *open {
            let name = String::from_utf8_lossy(name);
            let message = format_args!("anchor '{name}' value contains itself");
            return Err(YamlError::unplaced(message, node.line));
        }
        *open = true;
        self.alias_depth += 1;
        self.stack.push(Frame::Alias(at));
        self.tick()?;
        let entered = self.enter_target(target, merged)?;
        match entered {
            Entered::Scalar(at, _) => {
                self.close_alias();
                Ok(Entered::Scalar(at, true))
            }
            Entered::Container => Ok(entered),
            Entered::TooDeep => {
                self.close_alias();
                Ok(entered)
            }
        }
    }

    fn enter_target(&mut self, at: usize, merged: bool) -> Result<Entered, YamlError> {
        let Some(node) = self.nodes.get(at) else { return Ok(Entered::TooDeep) };
        let (next, end, line) = (at + 1, node.end, node.line);
        let frame = match node.kind {
            NodeKind::Scalar { .. } | NodeKind::Alias { .. } => {
                return Ok(Entered::Scalar(at, self.alias_depth > 0));
            }
            NodeKind::Sequence => Frame::Sequence { next, end, items: Vec::new() },
            NodeKind::Mapping => Frame::Mapping(Mapping {
                next,
                end,
                entries: Vec::new(),
                key: Pending::None,
                merges: Vec::new(),
                merged,
                unsayable: Vec::new(),
                before: None,
            }),
        };
        if !merged {
            if self.depth >= MAX_DEPTH {
                self.cannot_say(1, "exceeded max depth".to_owned(), line);
                return Ok(Entered::TooDeep);
            }
            self.depth += 1;
        }
        let mut frame = frame;
        if let Frame::Mapping(mapping) = &mut frame {
            mapping.before = self.unsayable.take();
        }
        self.stack.push(frame);
        Ok(Entered::Container)
    }

    /// Enters a key, or notes what a merge key merges.
    fn enter_key(&mut self, at: usize) -> Result<Option<Value>, YamlError> {
        if self.is_merge_key(at) {
            let merges = self.merges(at)?;
            if let Some(Frame::Mapping(mapping)) = self.stack.last_mut() {
                mapping.next = self.nodes.get(mapping.next).map_or(mapping.end, |node| node.end);
                mapping.merges = merges;
            }
            return Ok(None);
        }
        let mapping = self.stack.len().saturating_sub(1);
        let key = match self.enter(at, false)? {
            Entered::Scalar(scalar, shared) => Pending::Value(self.scalar_key(scalar, shared)?),
            Entered::Container => Pending::Key(at),
            Entered::TooDeep => Pending::Value(None),
        };
        if let Some(Frame::Mapping(mapping)) = self.stack.get_mut(mapping) {
            mapping.key = key;
        }
        Ok(None)
    }

    fn is_merge_key(&self, at: usize) -> bool {
        match self.nodes.get(at).map(|node| &node.kind) {
            Some(NodeKind::Scalar { value, tag, implicit }) => {
                (*implicit || *tag == Tag::Merge) && value.as_ref() == b"<<"
            }
            _ => false,
        }
    }

    /// The nodes that the value behind the merge key at `key` merges: the first
    /// one goes last, since it wins.
    fn merges(&self, key: usize) -> Result<Vec<usize>, YamlError> {
        let value = self.nodes.get(key).map_or(key, |node| node.end);
        let Some(node) = self.nodes.get(value) else { return Ok(Vec::new()) };
        if !matches!(node.kind, NodeKind::Sequence) {
            return Ok(vec![value]);
        }
        let mut merges = Vec::new();
        let mut at = value + 1;
        while at < node.end {
            merges.push(at);
            at = self.nodes.get(at).map_or(node.end, |node| node.end);
        }
        Ok(merges)
    }

    fn enter_merge(&mut self, at: usize) -> Result<(), YamlError> {
        let node = self.nodes.get(at);
        let target = match node.map(|node| &node.kind) {
            Some(NodeKind::Alias { target, .. }) => self.nodes.get(*target),
            _ => node,
        };
        if !target.is_some_and(|node| matches!(node.kind, NodeKind::Mapping)) {
            let line = node.map_or(0, |node| node.line);
            let message = "map merge requires map or sequence of maps as the value";
            return Err(YamlError::unplaced(message, line));
        }
        self.enter(at, true).map(|_| ())
    }

    fn meaning(&self, at: usize) -> Result<(Scalar, Tag), YamlError> {
        self.nodes.get(at).map_or(Ok((Scalar::Null, Tag::None)), Node::meaning)
    }

    /// The text of the scalar at `at`; one of `shared` nodes is made only once.
    fn text(&mut self, at: usize, tag: Tag, shared: bool) -> Result<Str, YamlError> {
        if shared && let Some(text) = self.texts.get(&at) {
            return Ok(text.clone());
        }
        let Some(Node { kind: NodeKind::Scalar { value, .. }, line, .. }) = self.nodes.get(at) else {
            return Ok(Str::default());
        };
        let text = if tag == Tag::Binary {
            let Ok(bytes) = base64::decode(value) else {
                return Err(YamlError::unplaced("!!binary value contains invalid base64 data", *line));
            };
            Str::from(valid_utf8(&bytes).as_ref())
        } else {
            Str::from(value.as_ref())
        };
        if shared {
            self.texts.insert(at, text.clone());
        }
        Ok(text)
    }

    fn scalar(&mut self, at: usize, shared: bool) -> Result<Value, YamlError> {
        let (meaning, tag) = self.meaning(at)?;
        if let Scalar::Float(n) = meaning
            && !n.is_finite()
        {
            let shown = super::super::number::format_g(n);
            let line = self.nodes.get(at).map_or(0, |node| node.line);
            self.cannot_say(1, format!("json: unsupported value: {shown}"), line);
        }
        match meaning.value(self.numbers) {
            Some(value) => Ok(value),
            None => self.text(at, tag, shared).map(Value::Str),
        }
    }

    /// The scalar at `at` as a key of JSON; none where that cannot be.
    fn scalar_key(&mut self, at: usize, shared: bool) -> Result<Option<Str>, YamlError> {
        let (meaning, tag) = self.meaning(at)?;
        let refused = match meaning {
            Scalar::Text | Scalar::Time => return self.text(at, tag, shared).map(Some),
            Scalar::Bool(b) => return Ok(Some(if b { "true".into() } else { "false".into() })),
            Scalar::Int(n) => return Ok(Some(n.to_string().into())),
            Scalar::Float(n) => return Ok(Some(literal::float_key(n).into())),
            Scalar::Null => "%!s(<nil>), key: <nil>".to_owned(),
            Scalar::Uint(n) => format!("uint64, key: {n:#x}"),
        };
        if self.unsayable.as_ref().is_none_or(|(stage, _)| *stage > 0) {
            let line = self.nodes.get(at).map_or(0, |node| node.line);
            let value = match self.stack.last() {
                Some(Frame::Mapping(mapping)) => literal::go_syntax(self.nodes, mapping.next),
                _ => String::new(),
            };
            self.cannot_say(0, format!("unsupported map key of type: {refused}, value: {value}"), line);
        }
        Ok(None)
    }

    fn invalid_key(&self, at: usize) -> YamlError {
        let line = self.nodes.get(at).map_or(0, |node| node.line);
        let key = literal::go_syntax(self.nodes, at);
        YamlError::unplaced(format_args!("invalid map key: {key}"), line)
    }

    fn cannot_say(&mut self, stage: u8, message: String, line: u32) {
        if self.unsayable.as_ref().is_none_or(|(first, _)| *first > stage) {
            self.unsayable = Some((stage, YamlError { message, line: line.saturating_add(1) }));
        }
    }
}
