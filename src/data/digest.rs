//! SHA-256 digests: the names of contents, of what the cache holds and of what
//! registries and streams send.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};

/// A SHA-256 digest, written `sha256:<64 hexadecimal digits>`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Digest {
        Digest(Sha256::digest(bytes).into())
    }

    /// Reads `sha256:<hex>`, or the digits alone, as an index.yaml has them.
    ///
    /// # Errors
    /// Another algorithm, or no digest at all.
    pub fn parse(text: &str) -> Result<Digest> {
        let digits = text.strip_prefix("sha256:").unwrap_or(text);
        Digest::from_hex(digits).ok_or_else(|| Error::invalid(format!("{text:?} is not a SHA-256 digest")))
    }

    /// Reads the 64 digits alone, in any case; none where they are no digest.
    pub fn from_hex(digits: &str) -> Option<Digest> {
        if digits.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).ok().filter(|p| p.bytes().all(|b| b.is_ascii_hexdigit()))?;
            *byte = u8::from_str_radix(pair, 16).ok()?;
        }
        Some(Digest(bytes))
    }

    /// The digits alone.
    pub fn hex(&self) -> String {
        hex(&self.0)
    }

    /// The first byte: what spreads digests evenly.
    pub fn first(&self) -> u8 {
        self.0[0]
    }
}

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Digest {
        Digest(bytes)
    }
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn digests_are_read_and_written() {
        let digest = Digest::of(b"");
        assert_eq!(digest.to_string(), format!("sha256:{EMPTY}"));
        assert_eq!(Digest::parse(EMPTY).unwrap(), digest);
        assert_eq!(Digest::parse(&format!("sha256:{EMPTY}")).unwrap(), digest);
        assert_eq!(Digest::parse(&EMPTY.to_uppercase()).unwrap(), digest);
    }

    #[test]
    fn what_is_no_digest_is_refused() {
        let short = EMPTY.strip_prefix('e').unwrap();
        let plus = format!("+{short}");
        for text in ["", "sha256:", "sha512:00", short, "sha256:zz", &plus] {
            assert_eq!(
                Digest::parse(text).unwrap_err().to_string(),
                format!("{text:?} is not a SHA-256 digest")
            );
        }
    }

    #[test]
    fn digits_are_read_in_any_case_or_not_at_all() {
        assert_eq!(Digest::from_hex(&"0a".repeat(32)), Some([10; 32].into()));
        assert_eq!(Digest::from_hex(&"0A".repeat(32)), Some([10; 32].into()));
        for bad in ["", "0a", &"0a".repeat(33), &"0g".repeat(32), &"0a ".repeat(21)] {
            assert_eq!(Digest::from_hex(bad), None, "{bad}");
        }
    }
}
