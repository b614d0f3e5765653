//! Go's layouts: which parts of the reference time a text spells.

/// A part of a time that a layout asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    LongMonth,
    ShortMonth,
    Month,
    ZeroMonth,
    LongWeekday,
    ShortWeekday,
    Day,
    SpaceDay,
    ZeroDay,
    SpaceYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    Year,
    ShortYear,
    UpperHalf,
    LowerHalf,
    ZoneName,
    Offset(Offset),
    /// Digits of the second, all of them written.
    Fraction(Fraction),
    /// Digits of the second, zeros at the end left out.
    FractionTrimmed(Fraction),
}

/// How an offset is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Offset {
    /// `Z` for UTC.
    pub z: bool,
    pub colons: bool,
    pub minutes: bool,
    pub seconds: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fraction {
    pub digits: usize,
    pub separator: u8,
}

/// The text before the first part, the part with its own text, and the rest.
pub(super) struct Chunk<'a> {
    pub before: &'a [u8],
    pub part: Option<(Part, &'a [u8])>,
    pub rest: &'a [u8],
}

/// Finds the first part of a layout.
pub(super) fn next(layout: &[u8]) -> Chunk<'_> {
    for (i, byte) in layout.iter().enumerate() {
        // Most bytes of a layout start no part.
        if !b"JM012345_Pp-Z.,".contains(byte) {
            continue;
        }
        let here = layout.get(i..).unwrap_or_default();
        if let Some((part, literal, length)) = part_at(here) {
            let before = layout.get(..i + literal).unwrap_or_default();
            let (text, rest) = here.split_at(length.min(here.len()));
            return Chunk { before, part: Some((part, text.get(literal..).unwrap_or_default())), rest };
        }
    }
    Chunk { before: layout, part: None, rest: &[] }
}

/// Fixed spellings; of those that start alike, the one to try first comes first.
const SPELLINGS: &[(&[u8], Part)] = &[
    (b"January", Part::LongMonth),
    (b"Monday", Part::LongWeekday),
    (b"MST", Part::ZoneName),
    (b"01", Part::ZeroMonth),
    (b"02", Part::ZeroDay),
    (b"03", Part::ZeroHour12),
    (b"04", Part::ZeroMinute),
    (b"05", Part::ZeroSecond),
    (b"06", Part::ShortYear),
    (b"002", Part::ZeroYearDay),
    (b"15", Part::Hour),
    (b"1", Part::Month),
    (b"2006", Part::Year),
    (b"2", Part::Day),
    (b"_2", Part::SpaceDay),
    (b"__2", Part::SpaceYearDay),
    (b"3", Part::Hour12),
    (b"4", Part::Minute),
    (b"5", Part::Second),
    (b"PM", Part::UpperHalf),
    (b"pm", Part::LowerHalf),
];

const OFFSETS: &[(&[u8], bool, bool, bool)] = &[
    // Text after the sign, colons, minutes, seconds.
    (b"070000", false, true, true),
    (b"07:00:00", true, true, true),
    (b"0700", false, true, false),
    (b"07:00", true, true, false),
    (b"07", false, false, false),
];

/// The part that `text` starts with, how many of its bytes are literal, and its
/// length with those.
fn part_at(text: &[u8]) -> Option<(Part, usize, usize)> {
    match text {
        // A literal `_` before the year.
        [b'_', b'2', b'0', b'0', b'6', ..] => return Some((Part::Year, 1, 5)),
        [sign @ (b'-' | b'Z'), after @ ..] => return offset_at(*sign == b'Z', after),
        [separator @ (b'.' | b','), after @ ..] => return fraction_at(*separator, after),
        _ => {}
    }
    if let Some((spelling, part)) = SPELLINGS.iter().find(|(spelling, _)| text.starts_with(spelling)) {
        return Some((*part, 0, spelling.len()));
    }
    // `Jan` and `Mon` only where no word such as `Month` goes on.
    let goes_on = text.get(3).is_some_and(u8::is_ascii_lowercase);
    match text {
        [b'J', b'a', b'n', ..] if !goes_on => Some((Part::ShortMonth, 0, 3)),
        [b'M', b'o', b'n', ..] if !goes_on => Some((Part::ShortWeekday, 0, 3)),
        _ => None,
    }
}

fn offset_at(z: bool, after: &[u8]) -> Option<(Part, usize, usize)> {
    let (text, colons, minutes, seconds) = OFFSETS.iter().find(|(text, ..)| after.starts_with(text))?;
    let offset = Offset { z, colons: *colons, minutes: *minutes, seconds: *seconds };
    Some((Part::Offset(offset), 0, text.len() + 1))
}

/// A run of zeros or nines that no other digit follows.
fn fraction_at(separator: u8, after: &[u8]) -> Option<(Part, usize, usize)> {
    let first = *after.first().filter(|b| matches!(b, b'0' | b'9'))?;
    let digits = after.iter().take_while(|b| **b == first).count();
    if after.get(digits).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let fraction = Fraction { digits: digits & 0xfff, separator };
    let part = if first == b'0' { Part::Fraction(fraction) } else { Part::FractionTrimmed(fraction) };
    Some((part, 0, digits + 1))
}
