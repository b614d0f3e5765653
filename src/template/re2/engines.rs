//! The engines that search for a pattern. Most texts are ASCII; what searches them
//! alone has a tenth of the states, and is compiled in a fraction of the time.

use std::cell::OnceCell;

use regex::{Regex, RegexBuilder, bytes};

use super::{Exceeded, Haystack, Refused, Span};

/// Bytes of one compiled program.
const PROGRAM: usize = 16 << 20;
/// Groups inside each other that the translation of the deepest legal pattern has.
const NESTING: u32 = 4_000;
/// How long a pattern may be that surely makes a small program.
const SHORT: usize = 300;

/// What searches, compiled when it is needed; a pattern whose program may be too
/// large is compiled at once.
#[derive(Debug)]
pub struct Engines {
    pattern: String,
    /// For texts of ASCII, where the pattern means the same in bytes.
    ascii: Option<bytes::Regex>,
    any: OnceCell<Regex>,
}

impl Engines {
    /// The engines for a translated pattern.
    ///
    /// # Errors
    /// A program that is too large.
    pub fn new(pattern: String) -> Result<Engines, Refused> {
        let ascii = if is_plain(&pattern) {
            let mut builder = bytes::RegexBuilder::new(&pattern);
            builder.unicode(false).size_limit(PROGRAM).nest_limit(NESTING).build().ok()
        } else {
            None
        };
        let engines = Engines { pattern, ascii, any: OnceCell::new() };
        if engines.ascii.is_none() {
            engines.any()?;
        }
        Ok(engines)
    }

    fn any(&self) -> Result<&Regex, Refused> {
        if let Some(regex) = self.any.get() {
            return Ok(regex);
        }
        let mut builder = RegexBuilder::new(&self.pattern);
        let regex = builder.size_limit(PROGRAM).nest_limit(NESTING).build().map_err(|error| match error {
            regex::Error::CompiledTooBig(limit) => Refused::Exceeded(too_big(limit)),
            other => Refused::Syntax(format!("error parsing regexp: {other}")),
        })?;
        Ok(self.any.get_or_init(|| regex))
    }

    fn for_any_text(&self) -> Result<&Regex, Exceeded> {
        self.any().map_err(|refused| match refused {
            Refused::Exceeded(exceeded) => exceeded,
            Refused::Syntax(_) => too_big(PROGRAM),
        })
    }

    /// The leftmost match from `at` on.
    ///
    /// # Errors
    /// A program that is too large.
    pub fn find_at(&self, hay: &Haystack<'_>, at: usize) -> Result<Option<Span>, Exceeded> {
        Ok(match &self.ascii {
            Some(regex) if hay.ascii => regex.find_at(hay.text.as_bytes(), at).map(|m| (m.start(), m.end())),
            _ => self.for_any_text()?.find_at(&hay.text, at).map(|m| (m.start(), m.end())),
        })
    }

    /// The same, and what its groups matched.
    ///
    /// # Errors
    /// A program that is too large.
    pub fn groups_at(
        &self,
        hay: &Haystack<'_>,
        at: usize,
        groups: &mut Vec<Option<Span>>,
    ) -> Result<Option<Span>, Exceeded> {
        groups.clear();
        match &self.ascii {
            Some(regex) if hay.ascii => {
                let mut found = regex.capture_locations();
                if regex.captures_read_at(&mut found, hay.text.as_bytes(), at).is_some() {
                    groups.extend((0..found.len()).map(|group| found.get(group)));
                }
            }
            _ => {
                let regex = self.for_any_text()?;
                let mut found = regex.capture_locations();
                if regex.captures_read_at(&mut found, &hay.text, at).is_some() {
                    groups.extend((0..found.len()).map(|group| found.get(group)));
                }
            }
        }
        Ok(groups.first().copied().flatten())
    }
}

fn too_big(limit: usize) -> Exceeded {
    Exceeded::Limit("bytes in one compiled regular expression", limit as u64)
}

/// Whether the pattern means the same for ASCII in bytes as in characters, and
/// surely makes a small program: no code points beyond, no classes of Unicode, no
/// counted repetition.
fn is_plain(pattern: &str) -> bool {
    let mut parts = pattern.split('\\');
    let escape = |part: &str| match part.strip_prefix('x') {
        Some(code) => {
            let (code, rest) = match code.strip_prefix('{') {
                Some(braced) => braced.split_once('}')?,
                None => code.split_at_checked(2)?,
            };
            u8::from_str_radix(code, 16).ok().filter(u8::is_ascii).map(|_| rest.contains('{'))
        }
        None => part.starts_with(['A', 'z', 'b', 'B', 'n', 't', 'r']).then(|| part.contains('{')),
    };
    pattern.len() <= SHORT
        && pattern.is_ascii()
        && parts.next().is_some_and(|start| !start.contains('{'))
        && parts.all(|part| escape(part) == Some(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plain_finds_the_same_in_bytes() {
        let plain = [
            r"(?:\A)([0-9]+)(\x{2E}[0-9]+)?(\x{2D}[0-9A-Za-z\x{2D}]+)*(?:\z)",
            r"(?i:[^a-z\x21-\x2F])+\x{2D}?",
            r"(?-u:\b)(?i:k)(?s:.)*[^\n]|(?m:^)|s*?(?m:$)",
        ];
        let texts = ["", "1.2.3-x-y", "K8s\nkube\ta-", "--a.B!c", "\n\n", "1", "ab1 k z"];
        for pattern in plain {
            assert!(is_plain(pattern), "{pattern}");
            let engines = Engines::new(pattern.to_owned()).unwrap();
            assert!(engines.ascii.is_some());
            for text in texts {
                let (mut bytes, mut any) = (Vec::new(), Vec::new());
                let mut hay = Haystack::new(text.as_bytes());
                for at in 0..=text.len() {
                    hay.ascii = true;
                    let quick = engines.groups_at(&hay, at, &mut bytes).unwrap();
                    assert_eq!(engines.find_at(&hay, at).unwrap(), quick);
                    hay.ascii = false;
                    let slow = engines.groups_at(&hay, at, &mut any).unwrap();
                    assert_eq!((quick, &bytes), (slow, &any), "{pattern} {text:?} {at}");
                    assert_eq!(engines.find_at(&hay, at).unwrap(), slow);
                }
            }
        }
        for pattern in [r"\x{E9}", r"\p{gc=L}", "é", "a{2}", r"\x{2D}{2}", r"[^\x{0}-\x{10FFFF}]", r"\xE9"] {
            assert!(!is_plain(pattern), "{pattern}");
        }
    }
}
