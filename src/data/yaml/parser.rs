//! From tokens to events: libyaml's grammar as a machine with a stack of
//! states, so that nesting costs no native recursion.

use std::borrow::Cow;

use super::YamlError;
use super::input::Input;
use super::resolve::Tag;
use super::scanner::Scanner;
use super::token::{TagText, Token, TokenKind};

/// An event and the 0-based line that it starts on.
#[derive(Debug)]
pub(super) struct Event<'a> {
    pub(super) line: u32,
    pub(super) anchor: Option<&'a [u8]>,
    pub(super) kind: EventKind<'a>,
}

/// What an event is.
#[derive(Debug)]
pub(super) enum EventKind<'a> {
    StreamEnd,
    DocumentStart,
    DocumentEnd,
    Alias(&'a [u8]),
    Scalar {
        value: Cow<'a, [u8]>,
        tag: Tag,
        implicit: bool,
    },
    SequenceStart,
    MappingStart,
    /// The end of a sequence or mapping.
    End,
}

/// What is expected next.
#[derive(Debug, Clone, Copy)]
enum State {
    StreamStart,
    Document,
    DocumentContent,
    DocumentEnd,
    BlockNode,
    BlockSequenceFirst,
    BlockSequence,
    IndentlessSequence,
    BlockMappingFirst,
    BlockMappingKey,
    BlockMappingValue,
    FlowSequenceFirst,
    FlowSequence,
    PairKey,
    PairValue,
    PairEnd,
    FlowMappingFirst,
    FlowMappingKey,
    FlowMappingValue,
    FlowMappingEmptyValue,
    End,
}

/// The kind of node that may come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Allow {
    Flow,
    Block,
    BlockOrIndentless,
}

type Next<'a> = Result<Event<'a>, YamlError>;

/// The machine.
pub(super) struct Parser<'a> {
    scanner: Scanner<'a>,
    state: State,
    states: Vec<State>,
    /// Lines on which the open collections began, for messages.
    marks: Vec<u32>,
    tags: Vec<TagText>,
}

fn event(line: u32, kind: EventKind<'_>) -> Event<'_> {
    Event { line, anchor: None, kind }
}

fn empty_scalar<'a>(line: u32) -> Event<'a> {
    event(line, EventKind::Scalar { value: Cow::Borrowed(b""), tag: Tag::None, implicit: true })
}

impl<'a> Parser<'a> {
    pub(super) fn new(input: &'a Input<'_>) -> Parser<'a> {
        Parser {
            scanner: Scanner::new(input),
            state: State::StreamStart,
            states: Vec::new(),
            marks: Vec::new(),
            tags: Vec::new(),
        }
    }

    /// The next event; the end of the stream again and again once it is there.
    pub(super) fn next(&mut self) -> Next<'a> {
        match self.state {
            State::StreamStart => {
                self.scanner.peek()?;
                self.scanner.take();
                self.document_start(true)
            }
            State::Document => self.document_start(false),
            State::DocumentContent => self.document_content(),
            State::DocumentEnd => self.document_end(),
            State::BlockNode => self.node(Allow::Block),
            State::BlockSequenceFirst => self.first(Self::block_sequence),
            State::BlockSequence => self.block_sequence(),
            State::IndentlessSequence => self.indentless_sequence(),
            State::BlockMappingFirst => self.first(Self::block_mapping_key),
            State::BlockMappingKey => self.block_mapping_key(),
            State::BlockMappingValue => self.block_mapping_value(),
            State::FlowSequenceFirst => self.first(|parser| parser.flow_sequence(true)),
            State::FlowSequence => self.flow_sequence(false),
            State::PairKey => self.pair_key(),
            State::PairValue => self.flow_value(State::PairEnd),
            State::PairEnd => {
                self.state = State::FlowSequence;
                Ok(event(self.line()?, EventKind::End))
            }
            State::FlowMappingFirst => self.first(|parser| parser.flow_mapping_key(true)),
            State::FlowMappingKey => self.flow_mapping_key(false),
            State::FlowMappingValue => self.flow_value(State::FlowMappingKey),
            State::FlowMappingEmptyValue => {
                self.state = State::FlowMappingKey;
                Ok(empty_scalar(self.line()?))
            }
            State::End => Ok(event(0, EventKind::StreamEnd)),
        }
    }

    fn kind(&mut self) -> Result<&TokenKind<'a>, YamlError> {
        Ok(&self.scanner.peek()?.kind)
    }

    fn line(&mut self) -> Result<u32, YamlError> {
        Ok(self.scanner.peek()?.line)
    }

    fn pop_state(&mut self) {
        self.state = self.states.pop().unwrap_or(State::End);
    }

    fn fail(&mut self, problem: &str, context: u32) -> Next<'a> {
        Err(YamlError::parser(problem, self.line()?, context))
    }

    /// Enters a collection: its opening token is remembered and passed.
    fn first(&mut self, then: fn(&mut Self) -> Next<'a>) -> Next<'a> {
        let line = self.line()?;
        self.marks.push(line);
        self.scanner.take();
        then(self)
    }

    fn collection_end(&mut self) -> Next<'a> {
        let line = self.line()?;
        self.scanner.take();
        self.marks.pop();
        self.pop_state();
        Ok(event(line, EventKind::End))
    }

    fn document_start(&mut self, implicit: bool) -> Next<'a> {
        if !implicit {
            while matches!(self.kind()?, TokenKind::DocumentEnd) {
                self.scanner.take();
            }
        }
        let line = self.line()?;
        match self.kind()? {
            TokenKind::StreamEnd => {
                self.state = State::End;
                return Ok(event(line, EventKind::StreamEnd));
            }
            TokenKind::Version(..) | TokenKind::TagDirective(_) | TokenKind::DocumentStart => {}
            _ if implicit => {
                self.directives()?;
                self.states.push(State::DocumentEnd);
                self.state = State::BlockNode;
                return Ok(event(line, EventKind::DocumentStart));
            }
            _ => {}
        }
        self.directives()?;
        if !matches!(self.kind()?, TokenKind::DocumentStart) {
            return self.fail("did not find expected <document start>", 0);
        }
        self.scanner.take();
        self.states.push(State::DocumentEnd);
        self.state = State::DocumentContent;
        Ok(event(line, EventKind::DocumentStart))
    }

    fn document_content(&mut self) -> Next<'a> {
        let empty = matches!(
            self.kind()?,
            TokenKind::Version(..)
                | TokenKind::TagDirective(_)
                | TokenKind::DocumentStart
                | TokenKind::DocumentEnd
                | TokenKind::StreamEnd
        );
        if empty {
            self.pop_state();
            return Ok(empty_scalar(self.line()?));
        }
        self.node(Allow::Block)
    }

    fn document_end(&mut self) -> Next<'a> {
        let line = self.line()?;
        if matches!(self.kind()?, TokenKind::DocumentEnd) {
            self.scanner.take();
        }
        self.tags.clear();
        self.state = State::Document;
        Ok(event(line, EventKind::DocumentEnd))
    }

    fn directives(&mut self) -> Result<(), YamlError> {
        let mut versioned = false;
        loop {
            let line = self.line()?;
            match self.kind()? {
                TokenKind::Version(..) if versioned => {
                    return Err(YamlError::parser("found duplicate %YAML directive", line, 0));
                }
                TokenKind::Version(1, 1) => versioned = true,
                TokenKind::Version(..) => {
                    return Err(YamlError::parser("found incompatible YAML document", line, 0));
                }
                TokenKind::TagDirective(directive) => {
                    let directive = (**directive).clone();
                    if self.tags.iter().any(|tag| tag.handle == directive.handle) {
                        return Err(YamlError::parser("found duplicate %TAG directive", line, 0));
                    }
                    self.tags.push(directive);
                }
                _ => return Ok(()),
            }
            self.scanner.take();
        }
    }

    /// The anchor and tag before a node, in either order.
    fn properties(&mut self) -> Result<(Option<&'a [u8]>, Tag), YamlError> {
        let start = self.line()?;
        let mut anchor = None;
        let mut tag = None;
        loop {
            let line = self.line()?;
            match self.kind()? {
                TokenKind::Anchor(name) if anchor.is_none() => anchor = Some(*name),
                TokenKind::Tag(text) if tag.is_none() => tag = Some((line, (**text).clone())),
                _ => break,
            }
            self.scanner.take();
        }
        let Some((line, text)) = tag else { return Ok((anchor, Tag::None)) };
        match self.resolve_tag(text) {
            Some(tag) => Ok((anchor, tag)),
            None => Err(YamlError::parser("found undefined tag handle", line, start)),
        }
    }

    fn resolve_tag(&self, text: TagText) -> Option<Tag> {
        if text.handle.is_empty() {
            return Some(Tag::new(&text.rest));
        }
        let prefix = match self.tags.iter().find(|tag| tag.handle == text.handle) {
            Some(directive) => directive.rest.as_slice(),
            None if text.handle == b"!" => b"!",
            None if text.handle == b"!!" => super::resolve::PREFIX,
            None => return None,
        };
        Some(Tag::new(&[prefix, &text.rest].concat()))
    }

    fn node(&mut self, allow: Allow) -> Next<'a> {
        let line = self.line()?;
        if let TokenKind::Alias(name) = *self.kind()? {
            self.pop_state();
            self.scanner.take();
            return Ok(event(line, EventKind::Alias(name)));
        }
        let (anchor, tag) = match self.kind()? {
            TokenKind::Anchor(_) | TokenKind::Tag(_) => self.properties()?,
            _ => (None, Tag::None),
        };
        let block = allow != Allow::Flow;
        let state = match self.kind()? {
            TokenKind::Scalar { .. } => {
                self.pop_state();
                let Some(Token { kind: TokenKind::Scalar { value, plain }, .. }) = self.scanner.take() else {
                    return self.fail("did not find expected node content", line);
                };
                let implicit = tag == Tag::None && plain || tag == Tag::NonSpecific;
                return Ok(Event { line, anchor, kind: EventKind::Scalar { value, tag, implicit } });
            }
            TokenKind::BlockEntry if allow == Allow::BlockOrIndentless => State::IndentlessSequence,
            TokenKind::FlowSequenceStart => State::FlowSequenceFirst,
            TokenKind::FlowMappingStart => State::FlowMappingFirst,
            TokenKind::BlockSequenceStart if block => State::BlockSequenceFirst,
            TokenKind::BlockMappingStart if block => State::BlockMappingFirst,
            _ if anchor.is_some() || tag != Tag::None => {
                self.pop_state();
                let implicit = tag == Tag::None;
                let value = Cow::Borrowed(b"".as_slice());
                return Ok(Event { line, anchor, kind: EventKind::Scalar { value, tag, implicit } });
            }
            _ => return self.fail("did not find expected node content", line),
        };
        self.state = state;
        let kind = match state {
            State::FlowMappingFirst | State::BlockMappingFirst => EventKind::MappingStart,
            _ => EventKind::SequenceStart,
        };
        Ok(Event { line, anchor, kind })
    }

    /// A node, after which the machine goes on in `then`.
    fn node_then(&mut self, allow: Allow, then: State) -> Next<'a> {
        self.states.push(then);
        self.node(allow)
    }

    fn empty_then(&mut self, line: u32, then: State) -> Next<'a> {
        self.state = then;
        Ok(empty_scalar(line))
    }

    fn block_sequence(&mut self) -> Next<'a> {
        let line = self.line()?;
        match self.kind()? {
            TokenKind::BlockEntry => {
                self.scanner.take();
                match self.kind()? {
                    TokenKind::BlockEntry | TokenKind::BlockEnd => {
                        self.empty_then(line, State::BlockSequence)
                    }
                    _ => self.node_then(Allow::Block, State::BlockSequence),
                }
            }
            TokenKind::BlockEnd => self.collection_end(),
            _ => {
                let context = self.marks.pop().unwrap_or(0);
                self.fail("did not find expected '-' indicator", context)
            }
        }
    }

    fn indentless_sequence(&mut self) -> Next<'a> {
        let line = self.line()?;
        if !matches!(self.kind()?, TokenKind::BlockEntry) {
            self.pop_state();
            return Ok(event(line, EventKind::End));
        }
        self.scanner.take();
        match self.kind()? {
            TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => {
                self.empty_then(line, State::IndentlessSequence)
            }
            _ => self.node_then(Allow::Block, State::IndentlessSequence),
        }
    }

    fn block_mapping_key(&mut self) -> Next<'a> {
        let line = self.line()?;
        match self.kind()? {
            TokenKind::Key => {
                self.scanner.take();
                match self.kind()? {
                    TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => {
                        self.empty_then(line, State::BlockMappingValue)
                    }
                    _ => self.node_then(Allow::BlockOrIndentless, State::BlockMappingValue),
                }
            }
            TokenKind::BlockEnd => self.collection_end(),
            _ => {
                let context = self.marks.pop().unwrap_or(0);
                self.fail("did not find expected key", context)
            }
        }
    }

    fn block_mapping_value(&mut self) -> Next<'a> {
        let line = self.line()?;
        if !matches!(self.kind()?, TokenKind::Value) {
            return self.empty_then(line, State::BlockMappingKey);
        }
        self.scanner.take();
        match self.kind()? {
            TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => {
                self.empty_then(line, State::BlockMappingKey)
            }
            _ => self.node_then(Allow::BlockOrIndentless, State::BlockMappingKey),
        }
    }

    /// The comma between two entries of a flow collection.
    fn flow_separator(&mut self, problem: &str) -> Result<(), YamlError> {
        if matches!(self.kind()?, TokenKind::FlowEntry) {
            self.scanner.take();
            return Ok(());
        }
        let context = self.marks.pop().unwrap_or(0);
        self.fail(problem, context).map(|_| ())
    }

    fn flow_sequence(&mut self, first: bool) -> Next<'a> {
        if matches!(self.kind()?, TokenKind::FlowSequenceEnd) {
            return self.collection_end();
        }
        if !first {
            self.flow_separator("did not find expected ',' or ']'")?;
        }
        let line = self.line()?;
        match self.kind()? {
            TokenKind::Key => {
                self.scanner.take();
                self.state = State::PairKey;
                Ok(event(line, EventKind::MappingStart))
            }
            TokenKind::FlowSequenceEnd => self.collection_end(),
            _ => self.node_then(Allow::Flow, State::FlowSequence),
        }
    }

    /// The key of a single pair in a sequence. As in go-yaml, the token that
    /// shows its absence is passed.
    fn pair_key(&mut self) -> Next<'a> {
        let line = self.line()?;
        match self.kind()? {
            TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowSequenceEnd => {
                self.scanner.take();
                self.empty_then(line, State::PairValue)
            }
            _ => self.node_then(Allow::Flow, State::PairValue),
        }
    }

    fn flow_mapping_key(&mut self, first: bool) -> Next<'a> {
        if matches!(self.kind()?, TokenKind::FlowMappingEnd) {
            return self.collection_end();
        }
        if !first {
            self.flow_separator("did not find expected ',' or '}'")?;
        }
        match self.kind()? {
            TokenKind::Key => {
                self.scanner.take();
                let line = self.line()?;
                match self.kind()? {
                    TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowMappingEnd => {
                        self.empty_then(line, State::FlowMappingValue)
                    }
                    _ => self.node_then(Allow::Flow, State::FlowMappingValue),
                }
            }
            TokenKind::FlowMappingEnd => self.collection_end(),
            _ => self.node_then(Allow::Flow, State::FlowMappingEmptyValue),
        }
    }

    /// The value of a pair in a flow sequence or mapping; `then` says which.
    fn flow_value(&mut self, then: State) -> Next<'a> {
        if matches!(self.kind()?, TokenKind::Value) {
            self.scanner.take();
            let in_mapping = matches!(then, State::FlowMappingKey);
            let absent = match self.kind()? {
                TokenKind::FlowEntry => true,
                TokenKind::FlowMappingEnd => in_mapping,
                TokenKind::FlowSequenceEnd => !in_mapping,
                _ => false,
            };
            if !absent {
                return self.node_then(Allow::Flow, then);
            }
        }
        let line = self.line()?;
        self.empty_then(line, then)
    }
}
