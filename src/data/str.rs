//! Go's string: any bytes, immutable, cheap to share between values and threads.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

/// An immutable byte string, usually UTF-8 but never required to be (Go's
/// `string`). Cloning shares the bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Str(Arc<[u8]>);

impl Str {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text, with each invalid byte read as U+FFFD, as Go does wherever it
    /// ranges over runes.
    pub fn to_str_lossy(&self) -> Cow<'_, str> {
        lossy(&self.0)
    }

    /// The text if it is valid UTF-8.
    pub fn to_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// Reads up to `size` bytes; fewer where the reader ends before.
    ///
    /// # Errors
    /// The reader's.
    pub fn read(size: usize, from: &mut impl Read) -> io::Result<Str> {
        let mut bytes = Vec::with_capacity(size);
        from.take(size as u64).read_to_end(&mut bytes)?;
        Ok(bytes.into())
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The bytes as text, each invalid byte as one U+FFFD, as Go decodes runes.
/// (Rust's own lossy reading makes one of a whole truncated character.)
pub fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len() + 8);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '\u{fffd}'));
    }
    Cow::Owned(text)
}

/// Where a few bytes stand in a text that has few of the first of them: preparing a
/// search takes longer than most texts.
#[inline]
pub fn find<const N: usize>(text: &[u8], what: [u8; N]) -> Option<usize> {
    let here = |at: &usize| text.get(*at..).is_some_and(|rest| rest.starts_with(&what));
    memchr::memchr_iter(*what.first()?, text).find(here)
}

impl Borrow<[u8]> for Str {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Str {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<&str> for Str {
    fn from(s: &str) -> Self {
        Str(Arc::from(s.as_bytes()))
    }
}

impl From<String> for Str {
    fn from(s: String) -> Self {
        Str(Arc::from(s.into_bytes()))
    }
}

impl From<&[u8]> for Str {
    fn from(s: &[u8]) -> Self {
        Str(Arc::from(s))
    }
}

impl From<Vec<u8>> for Str {
    fn from(s: Vec<u8>) -> Self {
        Str(Arc::from(s))
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_str_lossy())
    }
}

impl fmt::Display for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_str_lossy())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Go ranges over a string.
    #[test]
    fn each_byte_of_a_truncated_character_is_one_replacement() {
        assert_eq!(lossy(b"a\xe2\x82b\xf0\x9f\x98"), "a\u{fffd}\u{fffd}b\u{fffd}\u{fffd}\u{fffd}");
        assert_eq!(Str::from("né").to_str_lossy(), "né");
    }
}
