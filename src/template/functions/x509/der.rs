//! ASN.1's distinguished encoding, as far as keys and certificates need it.

/// Tags.
pub const BOOLEAN: u8 = 0x01;
/// INTEGER
pub const INTEGER: u8 = 0x02;
/// BIT STRING
pub const BIT_STRING: u8 = 0x03;
/// OCTET STRING
pub const OCTET_STRING: u8 = 0x04;
/// NULL
pub const NULL: u8 = 0x05;
/// OBJECT IDENTIFIER
pub const OID: u8 = 0x06;
/// UTF8String
pub const UTF8_STRING: u8 = 0x0c;
/// PrintableString
pub const PRINTABLE_STRING: u8 = 0x13;
/// UTCTime
pub const UTC_TIME: u8 = 0x17;
/// GeneralizedTime
pub const GENERALIZED_TIME: u8 = 0x18;
/// SEQUENCE
pub const SEQUENCE: u8 = 0x30;
/// SET
pub const SET: u8 = 0x31;

/// `[n]`, constructed.
pub const fn explicit(n: u8) -> u8 {
    0xa0 | n
}

/// One element: tag, length and content.
pub fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|p| p.len()).sum();
    let mut out = Vec::with_capacity(length + 6);
    out.push(tag);
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let bytes = length.to_be_bytes();
            let zeros = bytes.iter().take_while(|b| **b == 0).count();
            let (_, bytes) = bytes.split_at(zeros);
            out.push(0x80 | u8::try_from(bytes.len()).unwrap_or(8));
            out.extend(bytes);
        }
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// A non-negative INTEGER of big-endian bytes.
pub fn integer(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|b| **b == 0).count();
    let (_, bytes) = bytes.split_at(zeros);
    // The first bit is the sign; zero itself is one byte.
    match bytes.first() {
        Some(first) if *first < 0x80 => element(INTEGER, &[bytes]),
        _ => element(INTEGER, &[&[0], bytes]),
    }
}

/// A BIT STRING of whole bytes.
pub fn bit_string(bytes: &[u8]) -> Vec<u8> {
    element(BIT_STRING, &[&[0], bytes])
}

/// An OBJECT IDENTIFIER of its encoded arcs.
pub fn oid(arcs: &[u8]) -> Vec<u8> {
    element(OID, &[arcs])
}

/// Why bytes are no DER; prints encoding/asn1's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DerError {
    /// The bytes end within a tag or a length.
    #[error("asn1: syntax error: truncated tag or length")]
    Truncated,
    /// The content is shorter than its length says.
    #[error("asn1: syntax error: data truncated")]
    Short,
    /// Another element than the expected one, or a length in a long form.
    #[error("asn1: structure error: tags don't match")]
    Unexpected,
}

/// Reads elements one after the other.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads from the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes }
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The tag of the next element.
    pub fn tag(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The content of the next element, which must have this tag.
    pub fn read(&mut self, tag: u8) -> Result<&'a [u8], DerError> {
        let (found, content, _) = self.any()?;
        if found == tag { Ok(content) } else { Err(DerError::Unexpected) }
    }

    /// The whole next element, which must have this tag.
    pub fn whole(&mut self, tag: u8) -> Result<&'a [u8], DerError> {
        let (found, _, whole) = self.any()?;
        if found == tag { Ok(whole) } else { Err(DerError::Unexpected) }
    }

    /// The content of the next element if it has this tag.
    pub fn optional(&mut self, tag: u8) -> Result<Option<&'a [u8]>, DerError> {
        if self.tag() == Some(tag) { self.read(tag).map(Some) } else { Ok(None) }
    }

    /// Tag, content and whole of the next element.
    pub fn any(&mut self) -> Result<(u8, &'a [u8], &'a [u8]), DerError> {
        let all = self.rest;
        let [tag, first, after @ ..] = all else { return Err(DerError::Truncated) };
        let (length, after) = match first {
            0..=0x7f => (usize::from(*first), after),
            0x81..=0x84 => {
                let (bytes, after) =
                    after.split_at_checked(usize::from(first & 0x7f)).ok_or(DerError::Truncated)?;
                (bytes.iter().fold(0usize, |n, b| n << 8 | usize::from(*b)), after)
            }
            _ => return Err(DerError::Unexpected),
        };
        let (content, rest) = after.split_at_checked(length).ok_or(DerError::Short)?;
        self.rest = rest;
        Ok((*tag, content, all.split_at(all.len() - rest.len()).0))
    }
}
