//! Version constraints: their grammar, and what versions they let pass.

mod scan;

use std::cmp::Ordering;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{SemverError, Version, compare_prereleases, quoted};

/// Constraints joined by `||`, each a group that must hold as a whole.
#[derive(Debug, Clone)]
pub struct Constraints {
    groups: Vec<Group>,
    /// Whether prereleases pass even where no constraint names one.
    pub include_prerelease: bool,
}

#[derive(Debug, Clone)]
struct Group {
    constraints: Vec<Constraint>,
    /// One of them names a prerelease, so that all of them let prereleases pass.
    prerelease: bool,
}

#[derive(Debug, Clone)]
struct Constraint {
    operator: Operator,
    /// What was written after the operator.
    written: String,
    version: Version,
    /// A wildcard, or something left out.
    open: Open,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterEqual,
    LessEqual,
    Tilde,
    Caret,
}

/// The first part of the version that is a wildcard or left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    No,
    Major,
    Minor,
    Patch,
}

/// Why a version does not satisfy a constraint.
#[derive(Debug, Clone, Copy)]
enum Reason {
    Prerelease,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    OtherMajor,
    OtherMajorMinor,
    OtherMinor,
    OtherMinorOfZero,
    OtherPatchOfZero,
}

struct Grammar {
    range: Regex,
    segment: Regex,
    one: Regex,
}

/// For what [`scan`] does not read: a hand-written scanner would have to repeat the
/// choices of the original's patterns, so they are spoken here too. Compiling them
/// takes a millisecond, which most charts never need.
static GRAMMAR: LazyLock<Option<Grammar>> = LazyLock::new(|| {
    let space = r"[\t\n\f\r ]";
    let number = r"[0-9|xX*]+";
    let words = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*";
    let plain = format!(r"v?{number}(?:\.{number})?(?:\.{number})?(?:-{words})?(?:\+{words})?");
    let operator = r"=||!=|>|<|>=|=>|<=|=<|~|~>|\^";
    let one = format!(
        r"(?P<op>{operator}){space}*(?P<version>v?(?P<major>{number})(?P<minor>\.{number})?(?P<patch>\.{number})?(?P<pre>-{words})?(?:\+{words})?)"
    );
    let term = format!("{space}*(?:{operator}){space}*(?:{plain}){space}*");
    let range = format!("{space}*({plain}){space}+-{space}+({plain}){space}*");
    // A further term starts after white space or a comma.
    let segment = format!("^(?:{term})(?:(?:{space}+|,{space}*)(?:{operator}){space}*(?:{plain}){space}*)*$");
    Some(Grammar {
        range: Regex::new(&range).ok()?,
        segment: Regex::new(&segment).ok()?,
        one: Regex::new(&one).ok()?,
    })
});

impl Constraints {
    /// Parses a constraint text. An empty one is an error.
    pub fn parse(text: &str) -> Result<Constraints, SemverError> {
        if let Some(groups) = scan::groups(text) {
            let groups = groups.iter().map(|parts| Group::read(parts)).collect::<Result<_, _>>()?;
            return Ok(Constraints { groups, include_prerelease: false });
        }
        let Some(grammar) = GRAMMAR.as_ref() else { return Err(SemverError::ConstraintVersion) };
        let text = rewrite_ranges(grammar, text);
        let mut groups = Vec::new();
        for part in text.split("||") {
            if !grammar.segment.is_match(part) {
                return Err(SemverError::Constraint(part.to_owned()));
            }
            let parts: Vec<Parts<'_>> = grammar.one.captures_iter(part).map(|c| Parts::of(&c)).collect();
            groups.push(Group::read(&parts)?);
        }
        Ok(Constraints { groups, include_prerelease: false })
    }

    /// Whether the version satisfies one of the groups.
    pub fn check(&self, version: &Version) -> bool {
        self.groups.iter().any(|group| {
            let prereleases = self.include_prerelease || group.prerelease;
            group.constraints.iter().all(|c| c.check(version, prereleases).is_ok())
        })
    }

    /// As [`Constraints::check`], with the reasons of every failed constraint.
    pub fn validate(&self, version: &Version) -> Result<(), Vec<String>> {
        let mut reasons = Vec::new();
        let mut prerelease_told = false;
        for group in &self.groups {
            let prereleases = self.include_prerelease || group.prerelease;
            let mut holds = true;
            for constraint in &group.constraints {
                let Err(reason) = constraint.check(version, prereleases) else { continue };
                holds = false;
                if matches!(reason, Reason::Prerelease) && std::mem::replace(&mut prerelease_told, true) {
                    continue;
                }
                reasons.push(reason.text(version, &constraint.written));
            }
            if holds {
                return Ok(());
            }
        }
        Err(reasons)
    }
}

/// `1.2 - 1.4` means `>= 1.2, <= 1.4`.
fn rewrite_ranges(grammar: &Grammar, text: &str) -> String {
    let mut out = text.to_owned();
    for range in grammar.range.captures_iter(text) {
        let (Some(all), Some(from), Some(to)) = (range.get(0), range.get(1), range.get(2)) else { continue };
        out = out.replacen(all.as_str(), &format!(">= {}, <= {} ", from.as_str(), to.as_str()), 1);
    }
    out
}

fn is_open(part: &str) -> bool {
    matches!(part.strip_prefix('.').unwrap_or(part), "" | "x" | "X" | "*")
}

/// One constraint's text; `minor`, `patch` and `pre` with the sign before them.
#[derive(Debug, Clone, Copy, Default)]
struct Parts<'t> {
    operator: &'t str,
    version: &'t str,
    major: &'t str,
    minor: &'t str,
    patch: &'t str,
    pre: &'t str,
}

impl<'t> Parts<'t> {
    fn of(found: &Captures<'t>) -> Parts<'t> {
        let part = |name| found.name(name).map_or("", |m| m.as_str());
        Parts {
            operator: part("op"),
            version: part("version"),
            major: part("major"),
            minor: part("minor"),
            patch: part("patch"),
            pre: part("pre"),
        }
    }
}

impl Group {
    fn read(parts: &[Parts<'_>]) -> Result<Group, SemverError> {
        let constraints = parts.iter().map(Constraint::read).collect::<Result<Vec<_>, _>>()?;
        let prerelease = constraints.iter().any(|c| !c.version.prerelease.is_empty());
        Ok(Group { constraints, prerelease })
    }
}

impl Constraint {
    fn read(parts: &Parts<'_>) -> Result<Constraint, SemverError> {
        let Parts { operator, version: written, major, minor, patch, pre } = *parts;
        let (open, text) = if is_open(major) {
            (Open::Major, format!("0.0.0{pre}"))
        } else if is_open(minor) {
            (Open::Minor, format!("{major}.0.0{pre}"))
        } else if is_open(patch) {
            (Open::Patch, format!("{major}{minor}.0{pre}"))
        } else {
            (Open::No, written.to_owned())
        };
        let operator = match operator {
            "!=" => Operator::NotEqual,
            ">" => Operator::Greater,
            "<" => Operator::Less,
            ">=" | "=>" => Operator::GreaterEqual,
            "<=" | "=<" => Operator::LessEqual,
            "~" | "~>" => Operator::Tilde,
            "^" => Operator::Caret,
            _ => Operator::Equal,
        };
        let version = Version::parse(&text).map_err(|_| SemverError::ConstraintVersion)?;
        Ok(Constraint { operator, written: written.to_owned(), version, open })
    }

    fn check(&self, v: &Version, prereleases: bool) -> Result<(), Reason> {
        if !v.prerelease.is_empty() && !prereleases {
            return Err(Reason::Prerelease);
        }
        let order = v.compare(&self.version);
        let hold = |holds: bool, reason| if holds { Ok(()) } else { Err(reason) };
        match self.operator {
            Operator::Equal if self.open == Open::No => hold(order.is_eq(), Reason::NotEqual),
            Operator::Equal | Operator::Tilde => self.tilde(v, order),
            Operator::NotEqual => hold(self.differs(v, order), Reason::Equal),
            Operator::Greater => hold(self.greater(v, order), Reason::LessOrEqual),
            Operator::Less => hold(order.is_lt(), Reason::GreaterOrEqual),
            Operator::GreaterEqual => hold(order.is_ge(), Reason::Less),
            Operator::LessEqual => hold(self.less_equal(v, order), Reason::Greater),
            Operator::Caret => self.caret(v, order),
        }
    }

    fn differs(&self, v: &Version, order: Ordering) -> bool {
        let c = &self.version;
        match self.open {
            Open::No => order.is_ne(),
            _ if c.major != v.major => true,
            Open::Minor => false,
            _ if c.minor != v.minor => true,
            Open::Patch => compare_prereleases(&v.prerelease, &c.prerelease).is_ne(),
            Open::Major => c.patch != v.patch || order.is_ne(),
        }
    }

    /// `>11` wants 12, `>11.1` wants 11.2.
    fn greater(&self, v: &Version, order: Ordering) -> bool {
        let c = &self.version;
        match self.open {
            Open::No => order.is_gt(),
            _ if v.major != c.major => v.major > c.major,
            Open::Minor => false,
            Open::Patch => v.minor > c.minor,
            Open::Major => order.is_gt(),
        }
    }

    /// `<=11` takes 11.9, `<=11.1` takes 11.1.9.
    fn less_equal(&self, v: &Version, order: Ordering) -> bool {
        let c = &self.version;
        match self.open {
            Open::No => order.is_le(),
            _ if v.major > c.major => false,
            Open::Minor => true,
            _ => v.major != c.major || v.minor <= c.minor,
        }
    }

    /// At least the version, with the same major and minor as far as given.
    fn tilde(&self, v: &Version, order: Ordering) -> Result<(), Reason> {
        let c = &self.version;
        if order.is_lt() {
            return Err(Reason::Less);
        }
        let zero = (c.major, c.minor, c.patch) == (0, 0, 0);
        if zero && matches!(self.open, Open::No | Open::Major) {
            return Ok(());
        }
        if v.major != c.major {
            return Err(Reason::OtherMajor);
        }
        if v.minor != c.minor && self.open != Open::Minor {
            return Err(Reason::OtherMajorMinor);
        }
        Ok(())
    }

    /// At least the version, with the same leftmost number that is not zero.
    fn caret(&self, v: &Version, order: Ordering) -> Result<(), Reason> {
        let c = &self.version;
        if order.is_lt() {
            return Err(Reason::Less);
        }
        if c.major > 0 || self.open == Open::Minor {
            return if v.major == c.major { Ok(()) } else { Err(Reason::OtherMajor) };
        }
        if v.major > 0 {
            return Err(Reason::OtherMajor);
        }
        if c.minor > 0 || self.open == Open::Patch {
            return if v.minor == c.minor { Ok(()) } else { Err(Reason::OtherMinorOfZero) };
        }
        if v.minor > 0 {
            return Err(Reason::OtherMinor);
        }
        if v.patch == c.patch { Ok(()) } else { Err(Reason::OtherPatchOfZero) }
    }
}

impl Reason {
    fn text(self, version: &Version, written: &str) -> String {
        let v = quoted(&version.to_string());
        let c = quoted(written);
        match self {
            Reason::Prerelease => {
                format!("{v} is a prerelease version and the constraint is only looking for release versions")
            }
            Reason::Equal => format!("{v} is equal to {c}"),
            Reason::NotEqual => format!("{v} is not equal to {c}"),
            Reason::Less => format!("{v} is less than {c}"),
            Reason::LessOrEqual => format!("{v} is less than or equal to {c}"),
            Reason::Greater => format!("{v} is greater than {c}"),
            Reason::GreaterOrEqual => format!("{v} is greater than or equal to {c}"),
            Reason::OtherMajor => format!("{v} does not have same major version as {c}"),
            Reason::OtherMajorMinor => format!("{v} does not have same major and minor version as {c}"),
            Reason::OtherMinor => format!("{v} does not have same minor version as {c}"),
            Reason::OtherMinorOfZero => format!(
                "{v} does not have same minor version as {c}. Expected minor versions to match when constraint major version is 0"
            ),
            Reason::OtherPatchOfZero => format!(
                "{v} does not equal {c}. Expect version and constraint to equal when major and minor versions are 0"
            ),
        }
    }
}
