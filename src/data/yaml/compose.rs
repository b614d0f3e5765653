//! From events to the nodes of one document, laid out in reading order: a node
//! is followed by what is inside it, and knows where that ends.

use std::borrow::Cow;
use std::collections::HashMap;

use super::YamlError;
use super::input::Input;
use super::parser::{Event, EventKind, Parser};
use super::resolve::{Scalar, Tag, resolve};

/// One node.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) kind: NodeKind<'a>,
    /// The index behind the last node inside this one.
    pub(super) end: usize,
    /// 0-based.
    pub(super) line: u32,
}

impl Node<'_> {
    /// What a scalar means, and its tag; anything else means nothing.
    pub(super) fn meaning(&self) -> Result<(Scalar, Tag), YamlError> {
        let NodeKind::Scalar { value, tag, implicit } = &self.kind else {
            return Ok((Scalar::Null, Tag::None));
        };
        if *tag == Tag::None && !*implicit {
            return Ok((Scalar::Text, Tag::None));
        }
        match resolve(*tag, value) {
            Ok(scalar) => Ok((scalar, *tag)),
            Err(problem) => Err(YamlError::unplaced(problem, self.line)),
        }
    }
}

/// What a node is.
#[derive(Debug)]
pub(super) enum NodeKind<'a> {
    Scalar {
        value: Cow<'a, [u8]>,
        tag: Tag,
        implicit: bool,
    },
    Sequence,
    Mapping,
    Alias {
        name: &'a [u8],
        target: usize,
        /// Set while the target is decoded through this alias.
        open: bool,
    },
}

/// The nodes of a document; the first one is the root.
pub(super) struct Document<'a> {
    pub(super) nodes: Vec<Node<'a>>,
}

/// Reads documents from a stream.
pub(super) struct Composer<'a> {
    parser: Parser<'a>,
}

impl<'a> Composer<'a> {
    pub(super) fn new(input: &'a Input<'_>) -> Composer<'a> {
        Composer { parser: Parser::new(input) }
    }

    /// The next document, or none at the end of the stream.
    pub(super) fn next_document(&mut self) -> Result<Option<Document<'a>>, YamlError> {
        if matches!(self.parser.next()?.kind, EventKind::StreamEnd) {
            return Ok(None);
        }
        let mut nodes: Vec<Node<'a>> = Vec::new();
        let mut anchors: HashMap<&'a [u8], usize> = HashMap::new();
        let mut open: Vec<usize> = Vec::new();
        loop {
            let Event { line, anchor, kind } = self.parser.next()?;
            let at = nodes.len();
            if let Some(name) = anchor {
                anchors.insert(name, at);
            }
            let kind = match kind {
                EventKind::Scalar { value, tag, implicit } => NodeKind::Scalar { value, tag, implicit },
                EventKind::SequenceStart | EventKind::MappingStart => {
                    open.push(at);
                    match kind {
                        EventKind::SequenceStart => NodeKind::Sequence,
                        _ => NodeKind::Mapping,
                    }
                }
                EventKind::Alias(name) => match anchors.get(name) {
                    Some(&target) => NodeKind::Alias { name, target, open: false },
                    None => {
                        let name = String::from_utf8_lossy(name);
                        return Err(YamlError::unplaced(
                            format_args!("unknown anchor '{name}' referenced"),
                            line,
                        ));
                    }
                },
                EventKind::End => {
                    if let Some(node) = open.pop().and_then(|begin| nodes.get_mut(begin)) {
                        node.end = at;
                    }
                    continue;
                }
                EventKind::DocumentStart | EventKind::DocumentEnd | EventKind::StreamEnd => {
                    return Ok(Some(Document { nodes }));
                }
            };
            nodes.push(Node { kind, end: at + 1, line });
        }
    }
}
