//! Base64 in its standard alphabet with padding, as Go's encoding/base64 does
//! it: line breaks are skipped, errors name the byte.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The encoded text of `bytes`.
pub fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    encode_into(&mut out, bytes);
    out
}

/// Appends the encoded text of `bytes`.
pub fn encode_into(out: &mut Vec<u8>, bytes: &[u8]) {
    out.reserve(bytes.len().div_ceil(3).saturating_mul(4));
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            out.push(if at <= chunk.len() { digit(group >> (18 - 6 * at)) } else { b'=' });
        }
    }
}

fn digit(bits: u32) -> u8 {
    ALPHABET.get((bits & 63) as usize).copied().unwrap_or(b'=')
}

fn value(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// The decoded bytes. The error is the offset of the byte that Go blames.
pub fn decode(text: &[u8]) -> Result<Vec<u8>, usize> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let mut group = [0u8; 4];
    let mut filled = 0;
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        if let (Some(bits), Some(slot)) = (value(byte), group.get_mut(filled)) {
            *slot = bits;
            filled += 1;
            if filled == 4 {
                push_group(&mut out, group, 3);
                filled = 0;
            }
        } else if byte == b'=' {
            padding(text, at, filled)?;
            group.iter_mut().skip(filled).for_each(|slot| *slot = 0);
            push_group(&mut out, group, filled.saturating_sub(1));
            return Ok(out);
        } else if !is_break(byte) {
            return Err(at - 1);
        }
    }
    // The breaks that stand between the last digits count as Go counts them.
    if filled == 0 { Ok(out) } else { Err(at.saturating_sub(filled)) }
}

/// Checks what follows the first `=`, which stands before `at`.
fn padding(text: &[u8], at: usize, filled: usize) -> Result<(), usize> {
    let mut at = at;
    match filled {
        0 | 1 => return Err(at - 1),
        2 => {
            at = skip_breaks(text, at);
            match text.get(at) {
                None => return Err(text.len()),
                Some(b'=') => at += 1,
                Some(_) => return Err(at - 1),
            }
        }
        _ => {}
    }
    let end = skip_breaks(text, at);
    if end < text.len() { Err(end) } else { Ok(()) }
}

fn is_break(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

fn skip_breaks(text: &[u8], mut at: usize) -> usize {
    while text.get(at).copied().is_some_and(is_break) {
        at += 1;
    }
    at
}

fn push_group(out: &mut Vec<u8>, group: [u8; 4], bytes: usize) {
    let bits = group.iter().fold(0u32, |bits, six| bits << 6 | u32::from(*six));
    let [_, first, second, third] = bits.to_be_bytes();
    out.extend([first, second, third].into_iter().take(bytes));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back() {
        for text in ["", "a", "ab", "abc", "abcd", "\0\u{ff}é"] {
            assert_eq!(decode(&encode(text.as_bytes())).unwrap(), text.as_bytes());
        }
        assert_eq!(encode(b"ab"), b"YWI=");
    }

    #[test]
    fn errors_blame_the_byte_that_go_blames() {
        for (text, at) in [("a", 0), ("YWI", 0), ("YW?=", 2), ("YQ==x", 4), ("=", 0), ("YQ=", 3), ("YQ=a", 2)]
        {
            assert_eq!(decode(text.as_bytes()), Err(at), "{text}");
        }
        for text in ["YQ==", "YQ=\n=", "YQ==\n", "YR==", "\nY\rQ=="] {
            assert_eq!(decode(text.as_bytes()).unwrap(), b"a", "{text}");
        }
    }
}
