//! Formats: fmt's doPrintf.

use super::Printer;
use super::flags::Flags;
use crate::data::Value;
use crate::template::unicode::decode_rune;

/// Widths, precisions and argument numbers beyond this count as wrong.
const MAX_NUMBER: i64 = 1_000_000;

/// Where the printing of a format is.
struct Format<'a> {
    rest: &'a [u8],
    args: &'a [Value],
    /// The next argument.
    next: usize,
    /// An argument was named by its number somewhere.
    reordered: bool,
    /// The number named last, if any, was right.
    good_number: bool,
    /// The last thing read was an argument number.
    after_number: bool,
}

impl Printer<'_> {
    pub(super) fn printf(&mut self, format: &[u8], args: &[Value]) {
        let mut format =
            Format { rest: format, args, next: 0, reordered: false, good_number: true, after_number: false };
        while self.exceeded.is_none() && !format.rest.is_empty() {
            let text = format.rest.iter().take_while(|b| **b != b'%').count();
            let (text, rest) = format.rest.split_at_checked(text).unwrap_or_default();
            self.write(text);
            let Some((_, rest)) = rest.split_first() else { break };
            format.rest = rest;
            self.directive(&mut format);
        }
        let unused = args.get(format.next..).unwrap_or_default();
        if !format.reordered && !unused.is_empty() {
            self.extra(unused);
        }
    }

    /// What follows a `%`.
    fn directive(&mut self, format: &mut Format<'_>) {
        self.flags = Flags::default();
        format.good_number = true;
        format.after_number = false;
        while self.flag(format.peek()) {
            format.skip(1);
        }
        format.argument_number();
        self.width(format);
        self.precision(format);
        if !format.after_number {
            format.argument_number();
        }
        let Some(verb) = decode_rune(format.rest) else { return self.write("%!(NOVERB)") };
        format.skip(verb.width);
        self.verb(format, verb.char);
    }

    fn flag(&mut self, byte: Option<u8>) -> bool {
        match byte {
            Some(b'#') => self.flags.sharp = true,
            Some(b'0') => self.flags.zero = true,
            Some(b'+') => self.flags.plus = true,
            Some(b'-') => self.flags.minus = true,
            Some(b' ') => self.flags.space = true,
            _ => return false,
        }
        true
    }

    fn width(&mut self, format: &mut Format<'_>) {
        if format.peek() == Some(b'*') {
            format.skip(1);
            let width = format.int_argument();
            match width {
                None => self.write("%!(BADWIDTH)"),
                // A negative width is the flag and the width.
                Some(width) if width < 0 => {
                    self.flags.minus = true;
                    self.flags.zero = false;
                }
                Some(_) => {}
            }
            self.flags.width = width.and_then(|width| usize::try_from(width.unsigned_abs()).ok());
            format.after_number = false;
        } else {
            self.flags.width = format.number();
            if format.after_number && self.flags.width.is_some() {
                format.good_number = false; // %[3]2d
            }
        }
    }

    fn precision(&mut self, format: &mut Format<'_>) {
        // A point at the very end is taken for the verb.
        if format.peek() != Some(b'.') || format.rest.len() < 2 {
            return;
        }
        format.skip(1);
        if format.after_number {
            format.good_number = false; // %[3].2d
        }
        format.argument_number();
        if format.peek() == Some(b'*') {
            format.skip(1);
            self.flags.precision =
                format.int_argument().and_then(|precision| usize::try_from(precision).ok());
            if self.flags.precision.is_none() {
                self.write("%!(BADPREC)");
            }
            format.after_number = false;
        } else {
            self.flags.precision = Some(format.number().unwrap_or_default());
        }
    }

    fn verb(&mut self, format: &mut Format<'_>, verb: char) {
        if verb == '%' {
            return self.write("%");
        }
        let argument = format.args.get(format.next);
        let Some(argument) = argument.filter(|_| format.good_number) else {
            self.write("%!");
            self.write_char(verb);
            return self.write(if format.good_number { "(MISSING)" } else { "(BADINDEX)" });
        };
        format.next += 1;
        self.flags.for_verb(verb);
        self.arg(argument, verb);
    }

    fn extra(&mut self, unused: &[Value]) {
        self.flags = Flags::default();
        self.write("%!(EXTRA ");
        for (i, arg) in unused.iter().enumerate() {
            self.write(if i > 0 { ", " } else { "" });
            self.write(arg.type_name());
            if !arg.is_nil() {
                self.write("=");
                self.arg(arg, 'v');
            }
        }
        self.write(")");
    }
}

impl Format<'_> {
    fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    fn skip(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }

    /// A decimal number, if there is one. One that is far too long takes the
    /// rest of the format with it, as in Go.
    fn number(&mut self) -> Option<usize> {
        let mut number: Option<usize> = None;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            if number.is_some_and(|n| n > MAX_NUMBER as usize) {
                self.rest = b"";
                return None;
            }
            number = Some(number.unwrap_or_default() * 10 + usize::from(digit - b'0'));
            self.skip(1);
        }
        number
    }

    /// `[n]`, if it is here: the next argument is the nth.
    fn argument_number(&mut self) {
        self.after_number = false;
        if self.peek() != Some(b'[') {
            return;
        }
        self.reordered = true;
        let end = self.rest.iter().position(|b| *b == b']').filter(|_| self.rest.len() >= 3);
        let Some(end) = end else {
            self.good_number = false;
            return self.skip(1);
        };
        let mut inner = Format { rest: self.rest.get(1..end).unwrap_or_default(), args: &[], ..*self };
        let number = inner.number().filter(|_| inner.rest.is_empty());
        self.skip(end + 1);
        self.after_number = number.is_some();
        match number.and_then(|number| number.checked_sub(1)).filter(|index| *index < self.args.len()) {
            Some(index) => self.next = index,
            None => self.good_number = false,
        }
    }

    /// The next argument as a width or precision.
    fn int_argument(&mut self) -> Option<i64> {
        let argument = self.args.get(self.next)?;
        self.next += 1;
        let number = match argument {
            Value::Int(n, _) => *n,
            Value::Uint(n, _) => i64::try_from(*n).ok()?,
            _ => return None,
        };
        (-MAX_NUMBER..=MAX_NUMBER).contains(&number).then_some(number)
    }
}
