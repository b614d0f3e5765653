//! The documents of a values file, cut as Kubernetes' YAMLReader cuts them: at
//! lines that start with `---`, without reading any YAML.

use std::borrow::Cow;

use memchr::memmem;

/// A document, and how many lines are before it: errors count lines from there.
type Document<'a> = (u32, Cow<'a, [u8]>);

/// The text between the separators, each line ended by one line feed. Nothing
/// follows a line that only looks like a separator: Helm's refusal of it is the
/// last item.
pub(super) fn documents(text: &[u8]) -> Vec<Result<Document<'_>, String>> {
    let parted = text.starts_with(b"---") || memmem::find(text, b"\n---").is_some();
    if text.ends_with(b"\n") && !parted && memchr::memchr(b'\r', text).is_none() {
        return vec![Ok((0, Cow::Borrowed(text)))];
    }
    let mut documents = Vec::new();
    let mut document: Vec<u8> = Vec::new();
    let mut before = 0;
    for (at, line) in (1..).zip(text.split_inclusive(|b| *b == b'\n')) {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if let Some(rest) = line.strip_prefix(b"---") {
            let rest = String::from_utf8_lossy(rest);
            let rest = rest.trim();
            if !rest.is_empty() && !rest.starts_with('#') {
                let message = format!("error reading yaml document: invalid Yaml document separator: {rest}");
                documents.push(Err(message));
                return documents;
            }
            if !document.is_empty() {
                let document = Cow::Owned(std::mem::take(&mut document));
                documents.push(Ok((std::mem::replace(&mut before, at), document)));
                continue;
            }
        }
        document.extend_from_slice(line);
        document.push(b'\n');
    }
    if !document.is_empty() {
        documents.push(Ok((before, Cow::Owned(document))));
    }
    documents
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_dashes_part_documents() {
        let text = |before, text: &str| Ok((before, Cow::Owned(text.as_bytes().to_vec())));
        assert_eq!(documents(b"---\na: 1\r\n--- # c\nb: 2"), [text(0, "---\na: 1\n"), text(3, "b: 2\n")]);
        assert_eq!(documents(b""), []);
        assert_eq!(documents(b"a: 1\n # ---\n"), [text(0, "a: 1\n # ---\n")]);
        assert_eq!(documents(b"a: 1\n---"), [text(0, "a: 1\n")]);
        let refused = "error reading yaml document: invalid Yaml document separator: foo".to_owned();
        assert_eq!(documents(b"a: 1\n---\nb: 1\n--- foo\n"), [text(0, "a: 1\n"), Err(refused)]);
    }
}
