//! Flags, width and precision of a verb, and the padding they ask for.

use super::Printer;
use crate::template::unicode::rune_count;

/// What stands between the `%` and the verb.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flags {
    pub width: Option<usize>,
    pub precision: Option<usize>,
    pub minus: bool,
    pub plus: bool,
    pub sharp: bool,
    pub space: bool,
    pub zero: bool,
    /// `%+v`: structs with the names of their fields.
    pub plus_v: bool,
    /// `%#v`: Go syntax.
    pub sharp_v: bool,
}

impl Flags {
    /// For `v` (and `w`), `+` and `#` are not flags but formats of their own.
    pub fn for_verb(&mut self, verb: char) {
        if matches!(verb, 'v' | 'w') {
            self.sharp_v = std::mem::take(&mut self.sharp);
            self.plus_v = std::mem::take(&mut self.plus);
        }
    }

    /// Zeros fill only on the left.
    pub fn zeros(&self) -> bool {
        self.zero && !self.minus
    }
}

impl Printer<'_> {
    /// `count` blanks, or zeros where the flags say so.
    pub(super) fn padding(&mut self, count: usize) {
        let byte = if self.flags.zeros() { b'0' } else { b' ' };
        self.fill(byte, count);
    }

    /// `text`, padded to the width, which counts runes.
    pub(super) fn pad(&mut self, text: impl AsRef<[u8]>) {
        let text = text.as_ref();
        let Some(width) = self.flags.width.filter(|width| *width > 0) else { return self.write(text) };
        let missing = width.saturating_sub(rune_count(text));
        if self.flags.minus {
            self.write(text);
            self.padding(missing);
        } else {
            self.padding(missing);
            self.write(text);
        }
    }

    /// The same, never with zeros: the number has them already or is none.
    pub(super) fn pad_blank(&mut self, text: impl AsRef<[u8]>) {
        let zero = std::mem::take(&mut self.flags.zero);
        self.pad(text);
        self.flags.zero = zero;
    }
}
