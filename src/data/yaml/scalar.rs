//! What styles a string may be written in (libyaml's analysis of scalars).

use super::reads_as::{Version, reads_as_string};

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
    Literal,
}

/// Whether `text` can be written as it is in any block context: short of anything
/// that needs a second look. Most keys and values of charts pass.
pub(super) fn is_simple(text: &[u8]) -> bool {
    let Some(first) = text.first() else { return false };
    // Letters that no word for a bool or null starts with, and `/`.
    let opens = match first {
        b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'y' | b'Y' => text.len() > 5,
        _ => first.is_ascii_alphabetic() || *first == b'/' || *first == b'_',
    };
    opens && text.iter().all(|b| SIMPLE.get(usize::from(*b)).copied().unwrap_or(false))
}

/// The bytes that may stand anywhere after a plain scalar's first.
#[allow(clippy::indexing_slicing, reason = "the compiler evaluates it")]
static SIMPLE: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).is_ascii_alphanumeric()
            || matches!(
                byte as u8,
                b'-' | b'_' | b'.' | b'/' | b'=' | b'+' | b'@' | b',' | b';' | b'(' | b')'
            );
        byte += 1;
    }
    table
};

/// What the characters of a scalar allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Analysis {
    /// It holds line breaks.
    pub multiline: bool,
    plain: bool,
    single: bool,
    literal: bool,
}

/// What has been seen of a scalar, character by character.
#[derive(Default)]
struct Seen {
    indicator: bool,
    breaks: bool,
    special: bool,
    tab: bool,
    outer_blank: bool,
    trailing_space: bool,
    break_space: bool,
    space_break: bool,
}

/// What the characters of `text` allow, outside of flow collections. Version 3
/// lets tabs stand in literal scalars.
pub(super) fn analyse(text: &str, version: Version) -> Analysis {
    if text.is_empty() {
        return Analysis { multiline: false, plain: true, single: true, literal: false };
    }
    let seen = look(text, version);
    let bad = seen.space_break || seen.special;
    let quotable = !(bad || seen.break_space || seen.tab);
    Analysis {
        multiline: seen.breaks,
        plain: quotable && !(seen.outer_blank || seen.breaks || seen.indicator),
        single: quotable,
        literal: !(bad || seen.trailing_space),
    }
}

fn look(text: &str, version: Version) -> Seen {
    let marks = text.starts_with("---") || text.starts_with("...");
    let mut seen = Seen { indicator: marks, ..Seen::default() };
    let (mut after_blank, mut after_space, mut after_break) = (true, false, false);
    let mut chars = text.chars().peekable();
    let mut first = true;
    while let Some(c) = chars.next() {
        let last = chars.peek().is_none();
        let before_blank = matches!(chars.peek(), None | Some(' ' | '\t'));
        seen.indicator |= match c {
            ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => first,
            '#' => after_blank,
            '?' | '-' => first && before_blank,
            ':' => before_blank,
            _ => false,
        };
        match c {
            '\t' if version == Version::V3 => seen.tab = true,
            _ => seen.special |= !is_printable(c),
        }
        let space = c == ' ';
        let line_break = is_break(c);
        seen.breaks |= line_break;
        seen.outer_blank |= (space || line_break) && (first || last);
        seen.trailing_space |= space && last;
        seen.break_space |= space && after_break;
        seen.space_break |= line_break && after_space;
        after_space = space;
        after_break = line_break;
        after_blank = space || line_break || c == '\t' || c == '\0';
        first = false;
    }
    seen
}

/// The characters that libyaml writes as they are. Above U+FFFF it writes none.
pub(super) fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && c != '\u{feff}'
}

/// The line breaks of YAML 1.1.
pub(super) fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

impl Analysis {
    /// The style for `text`, as a simple key (in one line, before its `:`) or elsewhere.
    pub(super) fn style(self, text: &str, simple_key: bool, version: Version) -> Style {
        self.style_of(text, simple_key, || reads_as_string(text, version))
    }

    /// The style for a text of an explicit tag: no other type can be meant.
    pub(super) fn tagged_style(self, text: &str, simple_key: bool) -> Style {
        self.style_of(text, simple_key, || true)
    }

    fn style_of(self, text: &str, simple_key: bool, is_string: impl Fn() -> bool) -> Style {
        if text.as_bytes().contains(&b'\n') {
            return if self.literal && !simple_key { Style::Literal } else { Style::Double };
        }
        if (simple_key && self.multiline) || !is_string() {
            Style::Double
        } else if self.plain {
            Style::Plain
        } else if self.single {
            Style::Single
        } else {
            Style::Double
        }
    }
}
