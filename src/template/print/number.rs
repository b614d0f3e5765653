//! Booleans, integers and code points.

use super::Printer;
use super::quote_rune;
use crate::template::unicode::is_print;

/// The digits of a base, and whether a float or integer is written with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Lower,
    Upper,
}

/// An integer as fmt passes it around: its bits, and whether they are signed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Integer {
    pub bits: u64,
    pub signed: bool,
}

impl Printer<'_> {
    /// Prints an integer; false where the verb is none for it.
    pub(super) fn integer(&mut self, n: Integer, verb: char) -> bool {
        match verb {
            'v' if self.flags.sharp_v && !n.signed => self.hex_0x(n.bits, true),
            'v' | 'd' => self.digits(n, 10, verb, Case::Lower),
            'b' => self.digits(n, 2, verb, Case::Lower),
            'o' | 'O' => self.digits(n, 8, verb, Case::Lower),
            'x' => self.digits(n, 16, verb, Case::Lower),
            'X' => self.digits(n, 16, verb, Case::Upper),
            'c' => self.pad(code_point(n.bits).encode_utf8(&mut [0; 4])),
            'q' => {
                let quoted = quote_rune(code_point(n.bits), self.flags.plus);
                self.pad(quoted);
            }
            'U' => self.unicode(n.bits),
            _ => return false,
        }
        true
    }

    /// Hexadecimal with or without `0x`, whatever the flags say.
    pub(super) fn hex_0x(&mut self, bits: u64, prefix: bool) {
        let sharp = std::mem::replace(&mut self.flags.sharp, prefix);
        self.digits(Integer { bits, signed: false }, 16, 'v', Case::Lower);
        self.flags.sharp = sharp;
    }

    fn digits(&mut self, n: Integer, base: u32, verb: char, case: Case) {
        let negative = n.signed && n.bits.cast_signed() < 0;
        let magnitude = if negative { n.bits.cast_signed().unsigned_abs() } else { n.bits };
        let flags = self.flags;
        let sign = match () {
            () if negative => "-",
            () if flags.plus => "+",
            () if flags.space => " ",
            () => "",
        };
        // Two ways to ask for leading zeros: %.3d, and %03d where the first is not used.
        let least = match (flags.precision, flags.width) {
            (Some(0), _) if magnitude == 0 => {
                let zero = std::mem::take(&mut self.flags.zero);
                self.padding(flags.width.unwrap_or_default());
                self.flags.zero = zero;
                return;
            }
            (Some(precision), _) => precision,
            (None, Some(width)) if flags.zeros() => width.saturating_sub(sign.len()),
            _ => 0,
        };
        let digits = match (base, case) {
            (2, _) => format!("{magnitude:b}"),
            (8, _) => format!("{magnitude:o}"),
            (16, Case::Lower) => format!("{magnitude:x}"),
            (16, Case::Upper) => format!("{magnitude:X}"),
            _ => magnitude.to_string(),
        };
        let zeros = least.saturating_sub(digits.len());
        let prefix = match (flags.sharp, base, case) {
            (true, 2, _) => "0b",
            (true, 8, _) if zeros == 0 && !digits.starts_with('0') => "0",
            (true, 16, Case::Lower) => "0x",
            (true, 16, Case::Upper) => "0X",
            _ => "",
        };
        let octal = if verb == 'O' { "0o" } else { "" };
        if self.fits(zeros) {
            let text = format!("{sign}{octal}{prefix}{}{digits}", "0".repeat(zeros));
            self.pad_blank(text);
        }
    }

    /// `%U`: `U+0078`, and with `#` also `'x'`.
    fn unicode(&mut self, bits: u64) {
        let width = self.flags.precision.unwrap_or(4).max(4);
        if !self.fits(width) {
            return;
        }
        // format! takes widths of 16 bits only.
        let digits = format!("{bits:X}");
        let zeros = "0".repeat(width.saturating_sub(digits.len()));
        let shown =
            u32::try_from(bits).ok().and_then(char::from_u32).filter(|c| self.flags.sharp && is_print(*c));
        let character = shown.map(|c| format!(" '{c}'")).unwrap_or_default();
        self.pad_blank(format!("U+{zeros}{digits}{character}"));
    }
}

fn code_point(bits: u64) -> char {
    u32::try_from(bits).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
}
