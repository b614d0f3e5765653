//! Anchors, aliases, tags and directives.

use super::YamlError;
use super::scanner::Scanner;
use super::token::{TagText, Token, TokenKind};

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b == b'-'
}

fn is_uri(b: u8) -> bool {
    is_word(b)
        || matches!(
            b,
            b';' | b'/'
                | b'?'
                | b':'
                | b'@'
                | b'&'
                | b'='
                | b'+'
                | b'$'
                | b','
                | b'.'
                | b'!'
                | b'~'
                | b'*'
                | b'\''
                | b'('
                | b')'
                | b'['
                | b']'
                | b'%'
        )
}

impl<'a> Scanner<'a> {
    fn word(&mut self) -> &'a [u8] {
        let from = self.pos;
        while is_word(self.at(0)) {
            self.pos += 1;
        }
        self.slice(from, self.pos)
    }

    fn skip_blanks(&mut self) {
        while matches!(self.at(0), b' ' | b'\t') {
            self.pos += 1;
        }
    }

    /// `&name` or `*name`.
    pub(super) fn scan_anchor(&mut self) -> Result<Token<'a>, YamlError> {
        let line = self.line;
        let alias = self.at(0) == b'*';
        self.pos += 1;
        let name = self.word();
        let ends = self.blank_or_end(0)
            || matches!(self.at(0), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name.is_empty() || !ends {
            return Err(self.error("did not find expected alphabetic or numeric character"));
        }
        let kind = if alias { TokenKind::Alias(name) } else { TokenKind::Anchor(name) };
        Ok(Token { line, kind })
    }

    /// `!`, `!suffix`, `!handle!suffix` or `!<uri>`.
    pub(super) fn scan_tag(&mut self) -> Result<Token<'a>, YamlError> {
        let line = self.line;
        let mut tag = TagText::default();
        if self.at(1) == b'<' {
            self.pos += 2;
            tag.rest = self.tag_uri(None)?;
            if self.at(0) != b'>' {
                return Err(self.error("did not find the expected '>'"));
            }
            self.pos += 1;
        } else {
            let handle = self.tag_handle(false)?;
            if handle.len() > 1 && handle.ends_with(b"!") {
                tag.handle = handle.to_vec();
                tag.rest = self.tag_uri(None)?;
            } else {
                tag.handle = b"!".to_vec();
                tag.rest = self.tag_uri(Some(handle))?;
                if tag.rest.is_empty() {
                    std::mem::swap(&mut tag.handle, &mut tag.rest);
                }
            }
        }
        if !self.blank_or_end(0) {
            return Err(self.error("did not find expected whitespace or line break"));
        }
        Ok(Token { line, kind: TokenKind::Tag(Box::new(tag)) })
    }

    fn tag_handle(&mut self, directive: bool) -> Result<&'a [u8], YamlError> {
        if self.at(0) != b'!' {
            return Err(self.error("did not find expected '!'"));
        }
        let from = self.pos;
        self.pos += 1;
        let name = self.word();
        if self.at(0) == b'!' {
            self.pos += 1;
        } else if directive && !name.is_empty() {
            return Err(self.error("did not find expected '!'"));
        }
        Ok(self.slice(from, self.pos))
    }

    /// A URI with its escapes resolved; it goes on after `head` (without its `!`).
    fn tag_uri(&mut self, head: Option<&[u8]>) -> Result<Vec<u8>, YamlError> {
        let mut uri = head.and_then(|head| head.get(1..)).unwrap_or_default().to_vec();
        let from = self.pos;
        while is_uri(self.at(0)) {
            if self.at(0) == b'%' {
                self.uri_escape(&mut uri)?;
            } else {
                uri.push(self.at(0));
                self.pos += 1;
            }
        }
        if head.is_none() && self.pos == from {
            return Err(self.error("did not find expected tag URI"));
        }
        Ok(uri)
    }

    /// The octets of one escaped UTF-8 character.
    fn uri_escape(&mut self, uri: &mut Vec<u8>) -> Result<(), YamlError> {
        let mut left = 0_u32;
        let mut first = true;
        while first || left > 0 {
            let digit = |at: u8| char::from(at).to_digit(16).and_then(|d| u8::try_from(d).ok());
            let (b'%', Some(high), Some(low)) = (self.at(0), digit(self.at(1)), digit(self.at(2))) else {
                return Err(self.error("did not find URI escaped octet"));
            };
            let octet = high << 4 | low;
            if first {
                left = match octet.leading_ones() {
                    0 => 1,
                    n @ 2..=4 => n,
                    _ => return Err(self.error("found an incorrect leading UTF-8 octet")),
                };
                first = false;
            } else if octet & 0xC0 != 0x80 {
                return Err(self.error("found an incorrect trailing UTF-8 octet"));
            }
            uri.push(octet);
            self.pos += 3;
            left -= 1;
        }
        Ok(())
    }

    /// `%YAML` or `%TAG` and the rest of the line.
    pub(super) fn scan_directive(&mut self) -> Result<Token<'a>, YamlError> {
        let line = self.line;
        self.pos += 1;
        let name = self.word();
        if name.is_empty() {
            return Err(self.error("could not find expected directive name"));
        }
        if !self.blank_or_end(0) {
            return Err(self.error("found unexpected non-alphabetical character"));
        }
        let kind = match name {
            b"YAML" => self.version()?,
            b"TAG" => self.tag_directive()?,
            _ => return Err(self.error("found unknown directive name")),
        };
        self.skip_blanks();
        if self.at(0) == b'#' {
            self.skip_comment();
        }
        if !self.skip_break() && !self.at_end() {
            return Err(self.error("did not find expected comment or line break"));
        }
        Ok(Token { line, kind })
    }

    fn version(&mut self) -> Result<TokenKind<'a>, YamlError> {
        self.skip_blanks();
        let major = self.version_number()?;
        if self.at(0) != b'.' {
            return Err(self.error("did not find expected digit or '.' character"));
        }
        self.pos += 1;
        Ok(TokenKind::Version(major, self.version_number()?))
    }

    fn version_number(&mut self) -> Result<u8, YamlError> {
        let from = self.pos;
        let mut number = 0;
        while self.at(0).is_ascii_digit() {
            if self.pos - from >= 2 {
                return Err(self.error("found extremely long version number"));
            }
            number = number * 10 + (self.at(0) - b'0');
            self.pos += 1;
        }
        if self.pos == from {
            return Err(self.error("did not find expected version number"));
        }
        Ok(number)
    }

    fn tag_directive(&mut self) -> Result<TokenKind<'a>, YamlError> {
        self.skip_blanks();
        let handle = self.tag_handle(true)?.to_vec();
        if !matches!(self.at(0), b' ' | b'\t') {
            return Err(self.error("did not find expected whitespace"));
        }
        self.skip_blanks();
        let rest = self.tag_uri(None)?;
        if !self.blank_or_end(0) {
            return Err(self.error("did not find expected whitespace or line break"));
        }
        Ok(TokenKind::TagDirective(Box::new(TagText { handle, rest })))
    }
}
