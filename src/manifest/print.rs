//! Manifests as `helm template` prints them.

use bstr::ByteSlice;

use crate::data::glob::filepath_match;
use crate::data::unicode::trim_end;
use crate::error::{Error, Result};

use super::{HOOK_ANNOTATION, Manifest, Manifests, split};

/// Which documents are printed.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// The files of crds/ too (`--include-crds`).
    pub crds: bool,
    /// No hooks at all (`--no-hooks`).
    pub no_hooks: bool,
    /// No test hooks (`--skip-tests`).
    pub skip_tests: bool,
}

/// A document to print: its `# Source:` path and its text.
pub type Document<'a> = (&'a str, &'a [u8]);

impl Selection {
    /// The selected documents with their `# Source:` paths: first what Helm
    /// trims as one text (definitions and objects), then the hooks.
    pub fn of<'a>(&self, manifests: &'a Manifests) -> (Vec<Document<'a>>, Vec<Document<'a>>) {
        let crds = manifests.crds.iter().filter(|_| self.crds);
        let main = crds
            .map(|(source, text)| (source.as_str(), text.as_bytes()))
            .chain(manifests.objects.iter().map(item))
            .collect();
        let hooks = manifests.hooks.iter().filter(|_| !self.no_hooks);
        (main, hooks.filter(|hook| !(self.skip_tests && is_test(hook))).map(item).collect())
    }
}

fn item(manifest: &Manifest) -> Document<'_> {
    (&manifest.source, manifest.text.as_bytes())
}

/// Whether one of the hook's events is a test.
pub fn is_test(hook: &Manifest) -> bool {
    let events = hook.head.annotation(HOOK_ANNOTATION).unwrap_or_default();
    events.split(',').any(|e| matches!(e.trim().to_lowercase().as_str(), "test" | "test-success"))
}

/// Everything selected, as `helm template` prints it.
pub fn all(manifests: &Manifests, selection: &Selection) -> Vec<u8> {
    let (main, hooks) = selection.of(manifests);
    let size = main.iter().chain(&hooks).map(|(source, text)| source.len() + text.len() + 17).sum::<usize>();
    let mut out = Vec::with_capacity(size + 1);
    for (source, text) in main {
        document(&mut out, source, text);
    }
    // Helm trims objects and definitions as one text, and only then adds the hooks.
    out.truncate(trim_end(&out).len());
    out.push(b'\n');
    for (source, text) in hooks {
        document(&mut out, source, text);
    }
    out
}

/// One document with its source, as it stands in a file of `--output-dir` too.
pub fn document(out: &mut Vec<u8>, source: &str, text: &[u8]) {
    out.extend_from_slice(b"---\n# Source: ");
    out.extend_from_slice(source.as_bytes());
    out.push(b'\n');
    out.extend_from_slice(text);
    out.push(b'\n');
}

/// The documents of the templates that match one of `patterns`
/// (`filepath.Match`, the path without the chart's name), in the patterns'
/// order: `--show-only`.
///
/// # Errors
/// A pattern that nothing matches.
pub fn show_only(manifests: &Manifests, selection: &Selection, patterns: &[String]) -> Result<Vec<u8>> {
    let whole = all(manifests, selection).into();
    let documents = split::documents(&whole);
    let mut out = Vec::new();
    for pattern in patterns {
        let mut missing = true;
        for document in &documents {
            let Some(path) = source_path(document.as_bytes()) else { continue };
            if filepath_match(pattern, &path.to_str_lossy()).unwrap_or(false) {
                missing = false;
                out.extend_from_slice(b"---\n");
                out.extend_from_slice(document.as_bytes());
                out.push(b'\n');
            }
        }
        if missing {
            return Err(Error::usage(format!("could not find template {pattern} in chart")));
        }
    }
    Ok(out)
}

/// What follows the chart's name in the first `# Source: chart/path` line.
fn source_path(document: &[u8]) -> Option<&[u8]> {
    document.lines().find_map(|line| {
        let at = line.find("# Source: ")?;
        let path = line.get(at + 10..)?;
        let slash = path.find_byte(b'/')?;
        path.get(slash + 1..).filter(|rest| slash > 0 && !rest.is_empty())
    })
}
