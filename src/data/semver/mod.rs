//! Semantic versions as Masterminds/semver 3.5 reads and compares them: the
//! library behind `semver`, `semverCompare`, kubeVersion and dependency ranges.

mod constraint;
mod object;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fmt;

pub use constraint::Constraints;

/// Why a text is no version or no constraint; prints Masterminds' words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SemverError {
    /// The text does not look like a version at all.
    Invalid,
    /// The text is empty (strict parsing only).
    Empty,
    /// Something else than digits in major, minor or patch (strict parsing only).
    Characters,
    /// A number starts with a needless 0.
    LeadingZero,
    /// An identifier of the prerelease is empty or has other characters.
    Prerelease,
    /// An identifier of the metadata is empty or has other characters.
    Metadata,
    /// A number does not fit 64 bits; the digits.
    Range(String),
    /// The same, in strict parsing, which adds no words of its own.
    StrictRange(String),
    /// The text is no constraint; the text.
    Constraint(String),
    /// The text has the shape of a constraint but its version is none.
    ConstraintVersion,
    /// A version increment does not fit 64 bits; which number.
    Overflow(&'static str),
}

impl fmt::Display for SemverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SemverError::Invalid => f.write_str("invalid semantic version"),
            SemverError::Empty => f.write_str("version string empty"),
            SemverError::Characters => f.write_str("invalid characters in version"),
            SemverError::LeadingZero => f.write_str("version segment starts with 0"),
            SemverError::Prerelease => f.write_str("invalid prerelease string"),
            SemverError::Metadata => f.write_str("invalid metadata string"),
            SemverError::Range(digits) => write!(
                f,
                "error parsing version segment: strconv.ParseUint: parsing \"{digits}\": value out of range"
            ),
            SemverError::StrictRange(digits) => {
                write!(f, "strconv.ParseUint: parsing \"{digits}\": value out of range")
            }
            SemverError::Constraint(text) => write!(f, "improper constraint: {}", quoted(text)),
            SemverError::ConstraintVersion => f.write_str("constraint parser error"),
            SemverError::Overflow(which) => write!(f, "{which} version increment would overflow uint64"),
        }
    }
}

impl std::error::Error for SemverError {}

/// A version. Equality and order are of all parts; [`Version::compare`] is the
/// order of versions, which ignores metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The first number.
    pub major: u64,
    /// The second number.
    pub minor: u64,
    /// The third number.
    pub patch: u64,
    /// What follows the `-`; empty where there is none.
    pub prerelease: String,
    /// What follows the `+`; empty where there is none.
    pub metadata: String,
    /// The text that was parsed.
    pub original: String,
}

impl Version {
    /// Parses leniently, as `NewVersion` does: a leading `v`, missing minor and
    /// patch, and leading zeros are fine.
    pub fn parse(text: &str) -> Result<Version, SemverError> {
        let (numbers, prerelease, metadata) = split(text.strip_prefix('v').unwrap_or(text));
        let mut segments = numbers.split('.');
        let mut values = [0; 3];
        let mut pending = Vec::with_capacity(3);
        for segment in segments.by_ref().take(3) {
            if segment.is_empty() || !segment.bytes().all(|b| b.is_ascii_digit()) {
                return Err(SemverError::Invalid);
            }
            pending.push(segment);
        }
        let shaped = |part: Option<&str>| part.is_none_or(|p| p.split('.').all(is_identifier));
        if segments.next().is_some() || !shaped(prerelease) || !shaped(metadata) {
            return Err(SemverError::Invalid);
        }
        for (value, segment) in values.iter_mut().zip(pending) {
            *value = segment.parse().map_err(|_| SemverError::Range(segment.to_owned()))?;
        }
        if let Some(prerelease) = prerelease {
            check_prerelease(prerelease)?;
        }
        let [major, minor, patch] = values;
        Ok(Version {
            major,
            minor,
            patch,
            prerelease: prerelease.unwrap_or_default().to_owned(),
            metadata: metadata.unwrap_or_default().to_owned(),
            original: text.to_owned(),
        })
    }

    /// Parses strictly, as `StrictNewVersion` does: three plain numbers.
    pub fn parse_strict(text: &str) -> Result<Version, SemverError> {
        if text.is_empty() {
            return Err(SemverError::Empty);
        }
        let mut parts = text.splitn(3, '.');
        let (Some(major), Some(minor), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(SemverError::Invalid);
        };
        let (patch, prerelease, metadata) = split(rest);
        if let Some(metadata) = metadata {
            check_metadata(metadata)?;
        }
        if let Some(prerelease) = prerelease {
            check_prerelease(prerelease)?;
        }
        let segments = [major, minor, patch];
        for segment in segments {
            if !segment.bytes().all(|b| b.is_ascii_digit()) {
                return Err(SemverError::Characters);
            }
            if segment.len() > 1 && segment.starts_with('0') {
                return Err(SemverError::LeadingZero);
            }
        }
        let number = |s: &str| s.parse::<u64>().map_err(|_| SemverError::StrictRange(s.to_owned()));
        Ok(Version {
            major: number(major)?,
            minor: number(minor)?,
            patch: number(patch)?,
            prerelease: prerelease.unwrap_or_default().to_owned(),
            metadata: metadata.unwrap_or_default().to_owned(),
            original: text.to_owned(),
        })
    }

    /// The order of versions: numbers, then prereleases; metadata does not count.
    pub fn compare(&self, other: &Version) -> Ordering {
        let numbers = |v: &Version| (v.major, v.minor, v.patch);
        numbers(self).cmp(&numbers(other)).then_with(|| {
            match (self.prerelease.is_empty(), other.prerelease.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => compare_prereleases(&self.prerelease, &other.prerelease),
            }
        })
    }

    /// The version with other parts; its original keeps the leading `v`.
    fn derived(&self, change: impl FnOnce(&mut Version)) -> Version {
        let mut next = self.clone();
        change(&mut next);
        let v = if self.original.starts_with('v') { "v" } else { "" };
        next.original = format!("{v}{next}");
        next
    }

    /// The next patch version; of a prerelease, the release itself.
    pub fn next_patch(&self) -> Result<Version, SemverError> {
        let release = self.prerelease.is_empty();
        let patch = if release { self.patch.checked_add(1) } else { Some(self.patch) };
        let patch = patch.ok_or(SemverError::Overflow("patch"))?;
        Ok(self.derived(|v| {
            v.patch = patch;
            v.prerelease.clear();
            v.metadata.clear();
        }))
    }

    /// The next minor version.
    pub fn next_minor(&self) -> Result<Version, SemverError> {
        let minor = self.minor.checked_add(1).ok_or(SemverError::Overflow("minor"))?;
        Ok(self.derived(|v| {
            (v.minor, v.patch) = (minor, 0);
            v.prerelease.clear();
            v.metadata.clear();
        }))
    }

    /// The next major version.
    pub fn next_major(&self) -> Result<Version, SemverError> {
        let major = self.major.checked_add(1).ok_or(SemverError::Overflow("major"))?;
        Ok(self.derived(|v| {
            (v.major, v.minor, v.patch) = (major, 0, 0);
            v.prerelease.clear();
            v.metadata.clear();
        }))
    }

    /// The same with another prerelease (empty for none).
    pub fn with_prerelease(&self, prerelease: &str) -> Result<Version, SemverError> {
        if !prerelease.is_empty() {
            check_prerelease(prerelease)?;
        }
        Ok(self.derived(|v| v.prerelease = prerelease.to_owned()))
    }

    /// The same with other metadata (empty for none).
    pub fn with_metadata(&self, metadata: &str) -> Result<Version, SemverError> {
        if !metadata.is_empty() {
            check_metadata(metadata)?;
        }
        Ok(self.derived(|v| v.metadata = metadata.to_owned()))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.prerelease.is_empty() {
            write!(f, "-{}", self.prerelease)?;
        }
        if !self.metadata.is_empty() {
            write!(f, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

/// Numbers, prerelease and metadata of a version's text.
fn split(text: &str) -> (&str, Option<&str>, Option<&str>) {
    let (text, metadata) = match text.split_once('+') {
        Some((text, metadata)) => (text, Some(metadata)),
        None => (text, None),
    };
    match text.split_once('-') {
        Some((numbers, prerelease)) => (numbers, Some(prerelease), metadata),
        None => (text, None, metadata),
    }
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn check_prerelease(text: &str) -> Result<(), SemverError> {
    for part in text.split('.') {
        if !is_identifier(part) {
            return Err(SemverError::Prerelease);
        }
        if part.len() > 1 && part.starts_with('0') && part.bytes().all(|b| b.is_ascii_digit()) {
            return Err(SemverError::LeadingZero);
        }
    }
    Ok(())
}

fn check_metadata(text: &str) -> Result<(), SemverError> {
    if text.split('.').all(is_identifier) { Ok(()) } else { Err(SemverError::Metadata) }
}

/// Identifier by identifier; the shorter of two otherwise equal ones is less.
fn compare_prereleases(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a.split('.'), b.split('.'));
    loop {
        let (x, y) = (left.next(), right.next());
        if x.is_none() && y.is_none() {
            return Ordering::Equal;
        }
        let order = compare_identifiers(x.unwrap_or_default(), y.unwrap_or_default());
        if order.is_ne() {
            return order;
        }
    }
}

/// Numbers by value and before words; a number too large for 64 bits is a word.
fn compare_identifiers(a: &str, b: &str) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    match (a.is_empty(), b.is_empty()) {
        (true, _) => return Ordering::Less,
        (_, true) => return Ordering::Greater,
        _ => {}
    }
    // Rust's parser takes a leading `+`, but no identifier can have one.
    match (a.parse::<u64>(), b.parse::<u64>()) {
        (Ok(x), Ok(y)) => x.cmp(&y).then(Ordering::Less),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => a.cmp(b),
    }
}

/// Go's `%q` of a text.
fn quoted(text: &str) -> String {
    super::quote::quote(text.as_bytes())
}
