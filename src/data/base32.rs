//! Base32 in its standard alphabet with padding, as Go's encoding/base32 does
//! it: line breaks are dropped first, errors name the byte in what is left.

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The encoded text of `bytes`.
pub fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len().div_ceil(5).saturating_mul(8));
    for chunk in bytes.chunks(5) {
        let group = (0..5).fold(0u64, |bits, at| bits << 8 | u64::from(chunk.get(at).copied().unwrap_or(0)));
        let digits = (chunk.len() * 8).div_ceil(5);
        for at in 0..8 {
            let five = (group >> (35 - 5 * at) & 31) as usize;
            out.push(if at < digits { ALPHABET.get(five).copied().unwrap_or(b'=') } else { b'=' });
        }
    }
    out
}

fn value(digit: u8) -> Option<u64> {
    match digit {
        b'A'..=b'Z' => Some(u64::from(digit - b'A')),
        b'2'..=b'7' => Some(u64::from(digit - b'2' + 26)),
        _ => None,
    }
}

/// The decoded bytes. The error is the offset of the byte that Go blames.
pub fn decode(text: &[u8]) -> Result<Vec<u8>, usize> {
    let text: Vec<u8> = text.iter().copied().filter(|b| *b != b'\n' && *b != b'\r').collect();
    let mut out = Vec::with_capacity(text.len() / 8 * 5);
    for (start, group) in text.chunks(8).enumerate().map(|(n, group)| (n * 8, group)) {
        let mut bits = 0u64;
        let mut filled = 0;
        for (at, &byte) in group.iter().enumerate() {
            // Fewer than eight bytes after the padding's first: this is the end.
            let left = text.len() - start - at - 1;
            if byte == b'=' && at >= 2 && left < 8 {
                padding(&text, start + at, at)?;
                push_group(&mut out, bits << (5 * (8 - at)), at);
                return Ok(out);
            }
            bits = bits << 5 | value(byte).ok_or(start + at)?;
            filled += 1;
        }
        if filled < 8 {
            return Err(start);
        }
        push_group(&mut out, bits, 8);
    }
    Ok(out)
}

/// Checks the padding that starts at `at`, after `digits` digits of its group.
fn padding(text: &[u8], at: usize, digits: usize) -> Result<(), usize> {
    let rest = text.get(at + 1..).unwrap_or_default();
    let needed = 7 - digits;
    if rest.len() < needed {
        return Err(text.len());
    }
    if let Some(wrong) = rest.iter().take(needed).position(|b| *b != b'=') {
        return Err(at + wrong);
    }
    if matches!(digits, 1 | 3 | 6) { Err(at) } else { Ok(()) }
}

fn push_group(out: &mut Vec<u8>, bits: u64, digits: usize) {
    let [_, _, _, bytes @ ..] = bits.to_be_bytes();
    out.extend(bytes.into_iter().take(digits * 5 / 8));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back() {
        for text in ["", "a", "ab", "abc", "abcd", "hello", "hello!"] {
            assert_eq!(decode(&encode(text.as_bytes())).unwrap(), text.as_bytes());
        }
        assert_eq!(encode(b"hello"), b"NBSWY3DP");
    }

    #[test]
    fn errors_blame_the_byte_that_go_blames() {
        for (text, at) in [("a", 0), ("ME", 0), ("ME==", 4)] {
            assert_eq!(decode(text.as_bytes()), Err(at), "{text}");
        }
        for text in ["ME======", "MF======", "ME======X", "M\nE======"] {
            assert_eq!(decode(text.as_bytes()).unwrap(), b"a", "{text}");
        }
    }
}
