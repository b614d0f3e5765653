//! The words of YAML.

use std::borrow::Cow;

/// A token and the 0-based line that it starts on.
#[derive(Debug)]
pub(super) struct Token<'a> {
    pub(super) line: u32,
    pub(super) kind: TokenKind<'a>,
}

/// What a token is.
#[derive(Debug)]
pub(super) enum TokenKind<'a> {
    StreamStart,
    StreamEnd,
    /// `%YAML major.minor`
    Version(u8, u8),
    /// `%TAG handle prefix`
    TagDirective(Box<TagText>),
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    FlowEntry,
    BlockEntry,
    Key,
    Value,
    Alias(&'a [u8]),
    Anchor(&'a [u8]),
    Tag(Box<TagText>),
    Scalar {
        value: Cow<'a, [u8]>,
        plain: bool,
    },
}

/// The two parts of a tag (handle, suffix) or tag directive (handle, prefix).
#[derive(Debug, Clone, Default)]
pub(super) struct TagText {
    pub(super) handle: Vec<u8>,
    pub(super) rest: Vec<u8>,
}
