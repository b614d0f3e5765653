//! From characters to tokens. As in libyaml, a key is known only by the `:`
//! behind it, so that tokens wait in a queue while one of them may still turn
//! out to have been a key.

use std::collections::VecDeque;

use super::YamlError;
use super::input::Input;
use super::token::{Token, TokenKind};

/// Flow collections inside each other, and indentation levels, that go-yaml takes.
const MAX_DEPTH: usize = 10_000;

/// How far from the start of a key (in characters) its `:` may be.
const MAX_KEY: usize = 1024;

/// A place that may turn out to be the start of a key.
#[derive(Debug, Clone, Copy, Default)]
struct SimpleKey {
    possible: bool,
    /// Here a key has to be: not finding its `:` is an error.
    required: bool,
    /// Whether the token queue waits for the decision. go-yaml forgets to wait
    /// for an empty flow collection, so `{}: x` is an error there and here.
    awaited: bool,
    token: usize,
    index: usize,
    line: u32,
    column: isize,
}

/// The state of scanning. The small steps on characters are in [`super::cursor`],
/// [`super::plain`], [`super::quoted`], [`super::block`] and [`super::tag`].
pub(super) struct Scanner<'a> {
    pub(super) text: &'a [u8],
    pub(super) pos: usize,
    /// 0-based.
    pub(super) line: u32,
    /// Start of the line, moved on by what makes characters longer than a byte,
    /// so that `pos - line_start` is the column in characters.
    pub(super) line_start: usize,
    /// Bytes so far that were not a character of their own.
    pub(super) excess: usize,
    pub(super) ascii: bool,
    bad: Option<YamlError>,
    pub(super) flow_level: usize,
    pub(super) indent: isize,
    indents: Vec<isize>,
    pub(super) simple_key_allowed: bool,
    keys: Vec<SimpleKey>,
    queue: VecDeque<Token<'a>>,
    taken: usize,
    started: bool,
    ready: bool,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(input: &'a Input<'_>) -> Scanner<'a> {
        Scanner {
            text: input.text(),
            pos: 0,
            line: 0,
            line_start: 0,
            excess: 0,
            ascii: input.ascii,
            bad: input.bad.clone(),
            flow_level: 0,
            indent: -1,
            indents: Vec::new(),
            simple_key_allowed: true,
            keys: vec![SimpleKey::default()],
            queue: VecDeque::with_capacity(16),
            taken: 0,
            started: false,
            ready: false,
        }
    }

    /// The next token, which stays in the queue.
    pub(super) fn peek(&mut self) -> Result<&Token<'a>, YamlError> {
        if !self.ready {
            self.fetch_more()?;
            self.ready = true;
        }
        let line = self.line;
        self.queue.front().ok_or_else(|| YamlError::scanner("unexpected end of stream", line))
    }

    /// Takes the token that [`Scanner::peek`] showed.
    pub(super) fn take(&mut self) -> Option<Token<'a>> {
        self.ready = false;
        self.taken += 1;
        self.queue.pop_front()
    }

    fn fetch_more(&mut self) -> Result<(), YamlError> {
        while self.queue.is_empty() || self.head_may_be_key()? {
            let result = self.fetch_next();
            if let Some(bad) = &self.bad
                && self.pos + 4 > self.text.len()
            {
                return Err(bad.clone());
            }
            result?;
        }
        Ok(())
    }

    /// Whether the first token of the queue may still turn out to be a key. The
    /// token numbers of the levels never fall, so the level is found by halving.
    fn head_may_be_key(&mut self) -> Result<bool, YamlError> {
        let first = self.keys.partition_point(|key| key.token < self.taken);
        let mut level = first;
        while let Some(key) = self.keys.get(level).filter(|key| key.token == self.taken) {
            if key.awaited {
                return self.key_is_valid(level);
            }
            level += 1;
        }
        Ok(false)
    }

    fn key_is_valid(&mut self, level: usize) -> Result<bool, YamlError> {
        let (line, index) = (self.line, self.index());
        let Some(key) = self.keys.get_mut(level).filter(|key| key.possible) else { return Ok(false) };
        if key.line < line || key.index + MAX_KEY < index {
            if key.required {
                return Err(self.error("could not find expected ':'"));
            }
            key.possible = false;
            return Ok(false);
        }
        Ok(true)
    }

    fn save_key(&mut self) -> Result<(), YamlError> {
        if !self.simple_key_allowed {
            return Ok(());
        }
        self.remove_key()?;
        let key = SimpleKey {
            possible: true,
            required: self.flow_level == 0 && self.indent == self.column(),
            awaited: true,
            token: self.taken + self.queue.len(),
            index: self.index(),
            line: self.line,
            column: self.column(),
        };
        if let Some(last) = self.keys.last_mut() {
            *last = key;
        }
        Ok(())
    }

    fn remove_key(&mut self) -> Result<(), YamlError> {
        let error = self.error_if(self.keys.last().is_some_and(|key| key.possible && key.required));
        if let Some(key) = self.keys.last_mut().filter(|key| key.possible) {
            error?;
            key.possible = false;
            key.awaited = false;
        }
        Ok(())
    }

    fn error_if(&self, lost_key: bool) -> Result<(), YamlError> {
        if lost_key { Err(self.error("could not find expected ':'")) } else { Ok(()) }
    }

    fn increase_flow_level(&mut self) -> Result<(), YamlError> {
        let token = self.taken + self.queue.len();
        self.keys.push(SimpleKey { token, ..SimpleKey::default() });
        self.flow_level += 1;
        if self.flow_level > MAX_DEPTH {
            return Err(self.error("exceeded max depth of 10000"));
        }
        Ok(())
    }

    fn decrease_flow_level(&mut self) {
        if self.flow_level > 0 {
            self.flow_level -= 1;
            let token = self.keys.pop().map(|key| key.token);
            if let Some(key) = self.keys.last_mut().filter(|key| Some(key.token) == token) {
                key.awaited = false;
            }
        }
    }

    /// Opens a block collection if `column` is deeper than what is open; its
    /// token goes to the place of token `number`, or to the end.
    fn roll_indent(
        &mut self,
        column: isize,
        number: Option<usize>,
        kind: TokenKind<'a>,
        line: u32,
    ) -> Result<(), YamlError> {
        if self.flow_level > 0 || self.indent >= column {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column;
        if self.indents.len() > MAX_DEPTH {
            return Err(self.error("exceeded max depth of 10000"));
        }
        self.insert(number, Token { line, kind });
        Ok(())
    }

    /// Closes the block collections that are deeper than `column`.
    fn unroll_indent(&mut self, column: isize) {
        if self.flow_level > 0 {
            return;
        }
        while self.indent > column {
            self.push(self.line, TokenKind::BlockEnd);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    fn push(&mut self, line: u32, kind: TokenKind<'a>) {
        self.queue.push_back(Token { line, kind });
    }

    /// Puts a token before token `number`. A place that was taken already is
    /// the end, as in go-yaml.
    fn insert(&mut self, number: Option<usize>, token: Token<'a>) {
        match number.and_then(|number| number.checked_sub(self.taken)) {
            Some(at) if at < self.queue.len() => self.queue.insert(at, token),
            _ => self.queue.push_back(token),
        }
    }

    fn fetch_next(&mut self) -> Result<(), YamlError> {
        if !self.started {
            self.started = true;
            self.push(self.line, TokenKind::StreamStart);
            return Ok(());
        }
        self.skip_to_token();
        self.unroll_indent(self.column());
        if self.at_end() {
            return self.fetch_stream_end();
        }
        if self.column() == 0 {
            if self.at(0) == b'%' {
                return self.fetch_directive();
            }
            if let Some(kind) = self.document_indicator() {
                self.reset_block()?;
                self.push(self.line, kind);
                self.pos += 3;
                return Ok(());
            }
        }
        self.fetch_content()
    }

    fn fetch_content(&mut self) -> Result<(), YamlError> {
        let block = self.flow_level == 0;
        match self.at(0) {
            b'[' => self.fetch_flow_start(TokenKind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(TokenKind::FlowMappingStart),
            b']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(TokenKind::FlowMappingEnd),
            b',' => {
                self.remove_key()?;
                self.simple_key_allowed = true;
                self.one(TokenKind::FlowEntry)
            }
            b'-' if self.blank_or_end(1) => self.fetch_block_entry(),
            b'?' if !block || self.blank_or_end(1) => self.fetch_key(),
            b':' if !block || self.blank_or_end(1) => self.fetch_value(),
            b'*' | b'&' => self.fetch_with_key(Self::scan_anchor),
            b'!' => self.fetch_with_key(Self::scan_tag),
            b'|' | b'>' if block => {
                self.remove_key()?;
                self.simple_key_allowed = true;
                let token = self.scan_block_scalar()?;
                self.queue.push_back(token);
                Ok(())
            }
            b'\'' => self.fetch_with_key(Self::scan_single_quoted),
            b'"' => self.fetch_with_key(Self::scan_double_quoted),
            b'\t' | b'#' | b'|' | b'>' | b'%' | b'@' | b'`' => {
                Err(self.error("found character that cannot start any token"))
            }
            _ => self.fetch_with_key(Self::scan_plain),
        }
    }

    /// Whatever may be a key by itself and ends where no other key may begin.
    fn fetch_with_key(
        &mut self,
        scan: fn(&mut Self) -> Result<Token<'a>, YamlError>,
    ) -> Result<(), YamlError> {
        self.save_key()?;
        self.simple_key_allowed = false;
        let token = scan(self)?;
        self.queue.push_back(token);
        Ok(())
    }

    fn one(&mut self, kind: TokenKind<'a>) -> Result<(), YamlError> {
        self.push(self.line, kind);
        self.pos += 1;
        Ok(())
    }

    fn reset_block(&mut self) -> Result<(), YamlError> {
        self.unroll_indent(-1);
        self.remove_key()?;
        self.simple_key_allowed = false;
        Ok(())
    }

    fn fetch_stream_end(&mut self) -> Result<(), YamlError> {
        if self.column() != 0 {
            self.line += 1;
            self.line_start = self.pos;
        }
        self.reset_block()?;
        self.push(self.line, TokenKind::StreamEnd);
        Ok(())
    }

    fn fetch_directive(&mut self) -> Result<(), YamlError> {
        self.reset_block()?;
        let token = self.scan_directive()?;
        self.queue.push_back(token);
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: TokenKind<'a>) -> Result<(), YamlError> {
        self.save_key()?;
        self.increase_flow_level()?;
        self.simple_key_allowed = true;
        self.one(kind)
    }

    fn fetch_flow_end(&mut self, kind: TokenKind<'a>) -> Result<(), YamlError> {
        self.remove_key()?;
        self.decrease_flow_level();
        self.simple_key_allowed = false;
        self.one(kind)
    }

    fn fetch_block_entry(&mut self) -> Result<(), YamlError> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return Err(self.error("block sequence entries are not allowed in this context"));
            }
            self.roll_indent(self.column(), None, TokenKind::BlockSequenceStart, self.line)?;
        }
        self.remove_key()?;
        self.simple_key_allowed = true;
        self.one(TokenKind::BlockEntry)
    }

    fn fetch_key(&mut self) -> Result<(), YamlError> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return Err(self.error("mapping keys are not allowed in this context"));
            }
            self.roll_indent(self.column(), None, TokenKind::BlockMappingStart, self.line)?;
        }
        self.remove_key()?;
        self.simple_key_allowed = self.flow_level == 0;
        self.one(TokenKind::Key)
    }

    fn fetch_value(&mut self) -> Result<(), YamlError> {
        let level = self.keys.len().saturating_sub(1);
        if self.key_is_valid(level)? {
            let key = self.keys.get(level).copied().unwrap_or_default();
            self.insert(Some(key.token), Token { line: key.line, kind: TokenKind::Key });
            self.roll_indent(key.column, Some(key.token), TokenKind::BlockMappingStart, key.line)?;
            if let Some(key) = self.keys.last_mut() {
                key.possible = false;
                key.awaited = false;
            }
            self.simple_key_allowed = false;
        } else {
            if self.flow_level == 0 {
                if !self.simple_key_allowed {
                    return Err(self.error("mapping values are not allowed in this context"));
                }
                self.roll_indent(self.column(), None, TokenKind::BlockMappingStart, self.line)?;
            }
            self.simple_key_allowed = self.flow_level == 0;
        }
        self.one(TokenKind::Value)
    }

    /// Passes blanks, comments and line breaks. A tab may not indent: where a
    /// key could begin it is left for the dispatcher to refuse.
    fn skip_to_token(&mut self) {
        if self.pos == 0 && self.text.starts_with("\u{FEFF}".as_bytes()) {
            // A second mark; go-yaml passes it and counts its column.
            self.advance_to(3);
        }
        loop {
            while self.at(0) == b' '
                || self.at(0) == b'\t' && (self.flow_level > 0 || !self.simple_key_allowed)
            {
                self.pos += 1;
            }
            if self.at(0) == b'#' {
                self.skip_comment();
            }
            if !self.skip_break() {
                return;
            }
            if self.flow_level == 0 {
                self.simple_key_allowed = true;
            }
        }
    }

    /// `---` or `...` with a blank behind it. Only asked at column 0.
    pub(super) fn document_indicator(&self) -> Option<TokenKind<'a>> {
        let kind = match (self.at(0), self.at(1), self.at(2)) {
            (b'-', b'-', b'-') => TokenKind::DocumentStart,
            (b'.', b'.', b'.') => TokenKind::DocumentEnd,
            _ => return None,
        };
        self.blank_or_end(3).then_some(kind)
    }
}
