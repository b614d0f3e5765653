//! A rendered file to its documents, as Helm splits it (SplitManifests).

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::data::Str;
use crate::data::unicode::trim_start;

/// The documents of `text`: split at every line that starts with `---` (what
/// follows on that line belongs to the next document), blank ones dropped,
/// leading white space dropped, trailing kept.
pub fn documents(text: &Str) -> Vec<Str> {
    let bytes = trim_start(text.as_bytes());
    let mut documents = Vec::new();
    let mut start = 0;
    for at in separators(bytes) {
        push(&mut documents, text, bytes.get(start..at).unwrap_or_default());
        let rest = bytes.get(at + 3..).unwrap_or_default();
        let blanks = rest.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        start = at + 3 + blanks;
    }
    push(&mut documents, text, bytes.get(start..).unwrap_or_default());
    documents
}

/// Where a line starts with `---`.
fn separators(bytes: &[u8]) -> impl Iterator<Item = usize> {
    static DASHES: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"---"));
    DASHES.find_iter(bytes).filter(|&at| at == 0 || bytes.get(at - 1) == Some(&b'\n'))
}

/// A file of one document, which most are, shares the file's bytes.
fn push(documents: &mut Vec<Str>, whole: &Str, piece: &[u8]) {
    let piece = trim_start(piece);
    if piece.is_empty() {
    } else if piece.len() == whole.len() {
        documents.push(whole.clone());
    } else {
        documents.push(piece.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_split_as_helm_splits_them() {
        for (text, expected) in [
            ("a: 1\n---\nb: 2\n", vec!["a: 1\n", "b: 2\n"]),
            ("\n\n---\na: 1\n\n---\n\n---\n", vec!["a: 1\n\n"]),
            ("---apiVersion: v1\n", vec!["apiVersion: v1\n"]),
            ("a: 1\n--- # note\nb: 2", vec!["a: 1\n", "# note\nb: 2"]),
            ("a: |\n  ---\n  x\n", vec!["a: |\n  ---\n  x\n"]),
            ("a: 1\n----\nb: 2\n", vec!["a: 1\n", "-\nb: 2\n"]),
            ("  \n\t", vec![]),
            ("---\r\na: 1\r\n", vec!["a: 1\r\n"]),
        ] {
            let documents: Vec<String> =
                documents(&text.into()).iter().map(std::string::ToString::to_string).collect();
            assert_eq!(documents, expected, "{text:?}");
        }
    }
}
