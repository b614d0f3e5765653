//! PEM: base64 between `-----BEGIN X-----` and `-----END X-----`.

use crate::data::base64;

/// A block of a PEM text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What stands after `BEGIN`.
    pub label: Vec<u8>,
    /// The decoded content.
    pub bytes: Vec<u8>,
}

/// The first well-formed block, as Go's `pem.Decode` finds it. Headers are skipped.
pub fn decode(text: &[u8]) -> Option<Block> {
    let mut rest = text;
    loop {
        rest = after_begin(rest)?;
        if let Some(block) = block(rest) {
            return Some(block);
        }
    }
}

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

/// What follows the next `-----BEGIN ` that starts a line.
fn after_begin(text: &[u8]) -> Option<&[u8]> {
    let mut lines = text;
    loop {
        if let Some(after) = lines.strip_prefix(BEGIN) {
            return Some(after);
        }
        let end = lines.iter().position(|b| *b == b'\n')?;
        lines = lines.get(end + 1..)?;
    }
}

fn line(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|b| *b == b'\n').unwrap_or(text.len());
    let (line, rest) = text.split_at(end);
    (line.trim_ascii_end(), rest.get(1..).unwrap_or_default())
}

fn block(text: &[u8]) -> Option<Block> {
    let (first, mut rest) = line(text);
    let label = first.strip_suffix(DASHES)?;
    // Headers have a colon, which base64 cannot have.
    loop {
        let (header, after) = line(rest);
        if rest.is_empty() || !header.contains(&b':') {
            break;
        }
        rest = after;
    }
    let mut body = Vec::new();
    loop {
        if rest.is_empty() {
            return None;
        }
        let (text, after) = line(rest);
        if let Some(end) = text.strip_prefix(END) {
            if end.strip_suffix(DASHES) != Some(label) {
                return None;
            }
            break;
        }
        body.extend(text.iter().filter(|b| !matches!(b, b' ' | b'\t')));
        rest = after;
    }
    Some(Block { label: label.to_vec(), bytes: base64::decode(&body).ok()? })
}

/// The PEM text of `bytes`, in lines of 64 letters.
pub fn encode(label: &str, bytes: &[u8]) -> String {
    let text = base64::encode(bytes);
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in text.chunks(64) {
        out.push_str(&String::from_utf8_lossy(line));
        out.push('\n');
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}
