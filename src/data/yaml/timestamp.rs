//! Whether a text is a time to go-yaml: `2001-2-3`, with a clock time after
//! `T`, `t` (and then a zone) or a space (and then none).

/// Takes one or two digits and returns their number.
fn two(text: &mut &[u8]) -> Option<u32> {
    let n = text.iter().take(2).take_while(|b| b.is_ascii_digit()).count();
    let (digits, rest) = text.split_at_checked(n).filter(|(digits, _)| !digits.is_empty())?;
    *text = rest;
    Some(digits.iter().fold(0, |sum, b| sum * 10 + u32::from(b - b'0')))
}

fn take(text: &mut &[u8], c: u8) -> Option<()> {
    *text = text.strip_prefix(&[c])?;
    Some(())
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Whether go-yaml's timestamp formats take `text`.
pub(super) fn is_timestamp(text: &[u8]) -> bool {
    matches!(text, [b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'-', ..]) && parse(text).is_some()
}

fn parse(text: &[u8]) -> Option<()> {
    let (year, mut rest) = text.split_at_checked(4)?;
    let year = year.iter().fold(0, |sum, b| sum * 10 + u32::from(b - b'0'));
    take(&mut rest, b'-')?;
    let month = two(&mut rest).filter(|m| (1..=12).contains(m))?;
    take(&mut rest, b'-')?;
    two(&mut rest).filter(|d| (1..=days(year, month)).contains(d))?;
    match rest {
        [] => Some(()),
        [b'T' | b't', rest @ ..] => zone(clock(rest)?),
        [b' ', ..] => {
            let spaces = rest.iter().take_while(|b| **b == b' ').count();
            clock(rest.get(spaces..)?)?.is_empty().then_some(())
        }
        _ => None,
    }
}

/// `15:4:5` and an optional fraction; the rest comes back.
fn clock(mut rest: &[u8]) -> Option<&[u8]> {
    two(&mut rest).filter(|h| *h < 24)?;
    take(&mut rest, b':')?;
    two(&mut rest).filter(|m| *m < 60)?;
    take(&mut rest, b':')?;
    two(&mut rest).filter(|s| *s < 60)?;
    if let [b'.' | b',', fraction @ ..] = rest {
        let n = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
        if n > 0 {
            rest = fraction.get(n..)?;
        }
    }
    Some(rest)
}

fn zone(rest: &[u8]) -> Option<()> {
    let pair = |a: u8, b: u8| Some(char::from(a).to_digit(10)? * 10 + char::from(b).to_digit(10)?);
    match *rest {
        [b'Z'] => Some(()),
        [b'+' | b'-', a, b, b':', c, d] => (pair(a, b)? <= 24 && pair(c, d)? <= 60).then_some(()),
        _ => None,
    }
}
