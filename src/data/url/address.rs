//! IP addresses as Go's net/netip reads them, with its error texts.

/// An IP address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Address {
    /// Four bytes.
    V4([u8; 4]),
    /// Sixteen bytes, and whether a zone follows.
    V6([u8; 16], bool),
}

/// What is wrong, and where.
type Bad<'a> = (&'static str, &'a [u8]);

/// Go's `netip.ParseAddr`; the error is its text.
pub fn parse(text: &[u8]) -> Result<Address, String> {
    let first = text.iter().find(|b| matches!(b, b'.' | b':' | b'%'));
    let read = match first {
        Some(b'.') => v4(text).map(Address::V4),
        Some(b':') => v6(text),
        Some(_) => Err(("missing IPv6 address", &[][..])),
        None => Err(("unable to parse IP", &[][..])),
    };
    read.map_err(|(what, at)| {
        let quoted = |bytes: &[u8]| super::quoted(bytes);
        let place = if at.is_empty() { String::new() } else { format!(" (at {})", quoted(at)) };
        format!("ParseAddr({}): {what}{place}", quoted(text))
    })
}

fn v4(text: &[u8]) -> Result<[u8; 4], Bad<'_>> {
    let mut fields = [0u8; 4];
    let (mut field, mut value, mut digits) = (0usize, 0u32, 0u32);
    let mut previous = b'.';
    for (i, byte) in text.iter().enumerate() {
        let here = text.get(i..).unwrap_or_default();
        match byte {
            b'0'..=b'9' => {
                if digits == 1 && value == 0 {
                    return Err(("IPv4 field has octet with leading zero", &[]));
                }
                value = value * 10 + u32::from(byte - b'0');
                digits += 1;
                if value > 255 {
                    return Err(("IPv4 field has value >255", &[]));
                }
            }
            b'.' => {
                if previous == b'.' || here.len() == 1 {
                    return Err(("IPv4 field must have at least one digit", here));
                }
                if field == 3 {
                    return Err(("IPv4 address too long", &[]));
                }
                set(&mut fields, field, value);
                (field, value, digits) = (field + 1, 0, 0);
            }
            _ => return Err(("unexpected character", here)),
        }
        previous = *byte;
    }
    if field < 3 {
        return Err(("IPv4 address too short", &[]));
    }
    set(&mut fields, field, value);
    Ok(fields)
}

fn set(fields: &mut [u8; 4], at: usize, value: u32) {
    if let (Some(field), Ok(value)) = (fields.get_mut(at), u8::try_from(value)) {
        *field = value;
    }
}

fn v6(text: &[u8]) -> Result<Address, Bad<'_>> {
    let (mut rest, zone) = match text.iter().position(|b| *b == b'%') {
        Some(at) if at + 1 == text.len() => return Err(("zone must be a non-empty string", &[])),
        Some(at) => (text.split_at(at).0, true),
        None => (text, false),
    };
    let mut bytes: Vec<u8> = Vec::with_capacity(16);
    let mut gap = None;
    if let Some(after) = rest.strip_prefix(b"::") {
        (gap, rest) = (Some(0), after);
        if rest.is_empty() {
            return Ok(Address::V6([0; 16], zone));
        }
    }
    while bytes.len() < 16 {
        let (value, after) = group(rest)?;
        if after.starts_with(b".") {
            if gap.is_none() && bytes.len() != 12 {
                return Err(("embedded IPv4 address must replace the final 2 fields of the address", rest));
            }
            if bytes.len() > 12 {
                return Err(("too many hex fields to fit an embedded IPv4 at the end of the address", rest));
            }
            bytes.extend(v4(rest)?);
            rest = &[];
            break;
        }
        bytes.extend(value.to_be_bytes());
        rest = match after {
            [] => &[],
            [b':'] => return Err(("colon must be followed by more characters", after)),
            [b':', b':', next @ ..] => {
                if gap.is_some() {
                    return Err(("multiple :: in address", after.split_at(1).1));
                }
                gap = Some(bytes.len());
                next
            }
            [b':', next @ ..] => next,
            _ => return Err(("unexpected character, want colon", after)),
        };
        if rest.is_empty() {
            break;
        }
    }
    if !rest.is_empty() {
        return Err(("trailing garbage after address", rest));
    }
    let missing = 16usize.saturating_sub(bytes.len());
    match gap {
        None if missing > 0 => return Err(("address string too short", &[])),
        Some(_) if missing == 0 => return Err(("the :: must expand to at least one field of zeros", &[])),
        Some(at) => drop(bytes.splice(at..at, vec![0; missing])),
        None => {}
    }
    let bytes: [u8; 16] = bytes.try_into().map_err(|_| ("address string too short", &[][..]))?;
    Ok(Address::V6(bytes, zone))
}

/// Up to four hexadecimal digits, and what follows.
fn group(text: &[u8]) -> Result<(u16, &[u8]), Bad<'_>> {
    let digits = text.iter().take_while(|b| b.is_ascii_hexdigit()).count();
    if digits > 4 {
        return Err(("each group must have 4 or less digits", text));
    }
    let (digits, rest) = text.split_at(digits);
    let value = std::str::from_utf8(digits).ok().and_then(|d| u16::from_str_radix(d, 16).ok());
    value.map(|v| (v, rest)).ok_or(("each colon-separated field must have at least one digit", text))
}
