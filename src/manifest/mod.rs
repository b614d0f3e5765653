//! Rendered text to manifests: split into documents, read their heads, put them
//! in Helm's order, print them as Helm does. Knows Kubernetes' kinds and Helm's
//! annotations, nothing of charts or of Argo CD.

mod documents;
pub mod head;
pub mod kinds;
mod object;
pub mod print;
pub mod split;

use std::sync::Arc;

use crate::data::yaml::{self, Numbers};
use crate::data::{Str, Value};
use crate::error::{Error, Kind, Result};
use crate::notice::Notices;

use object::Object;

pub use documents::Documents;
pub use head::Head;
pub use print::Selection;

/// The annotation that makes an object a Helm hook.
pub const HOOK_ANNOTATION: &str = "helm.sh/hook";

/// One document of a rendered template.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// The template it came from, such as `my-api/templates/service.yaml`.
    pub source: String,
    /// Its text, as Helm prints it.
    pub text: Str,
    /// What Helm reads of it.
    pub head: Head,
    object: Object,
}

/// The documents of a release, sorted as Helm installs them.
#[derive(Debug, Default)]
pub struct Manifests {
    /// Custom resource definitions from crds/: file path and text, in chart order.
    pub crds: Vec<(String, Str)>,
    /// What is not a hook.
    pub objects: Vec<Manifest>,
    /// Helm's hooks.
    pub hooks: Vec<Manifest>,
    /// Documents that Helm leaves out because it does not know one of their hook events.
    pub unknown_hooks: Vec<Manifest>,
    /// Whether the clock or chance was asked for them: another render may differ.
    pub changes: bool,
}

/// What is kept of a document beside its text.
#[derive(Debug, Clone, Default)]
pub enum Keep {
    /// The head alone: enough to sort and print it.
    Heads,
    /// The whole object too: enough to change it and to write it anew.
    #[default]
    Objects,
    /// The same, where documents that are known need not be read, and others become so.
    Known(Arc<Documents>),
}

/// Splits rendered templates (path and text, any order) into sorted manifests,
/// as Helm's SortManifests does. Notes and partials must not be among them.
///
/// # Errors
/// A document that is not YAML or has no head, with Helm's message.
pub fn sort(mut files: Vec<(String, Str)>, keep: Keep, notices: &mut Notices) -> Result<Manifests> {
    files.sort_by(|a, b| a.0.cmp(&b.0));
    let mut manifests = Manifests::default();
    for (source, text) in files {
        for document in split::documents(&text) {
            let manifest = read(&source, document, &keep)?;
            let Some(events) = manifest.head.annotation(HOOK_ANNOTATION) else {
                manifests.objects.push(manifest);
                continue;
            };
            if events.split(',').all(is_event) {
                manifests.hooks.push(manifest);
            } else {
                notices.info_with("skipping unknown hooks", "hookTypes", events);
                manifests.unknown_hooks.push(manifest);
            }
        }
    }
    kinds::sort(&mut manifests.objects);
    kinds::sort(&mut manifests.hooks);
    Ok(manifests)
}

/// The documents of custom resource definitions, in order. Their files are not
/// templates: a hook annotation in one means nothing.
///
/// # Errors
/// A document that is not YAML, as in [`sort`].
pub fn definitions(files: &[(String, Str)], keep: &Keep) -> Result<Vec<Manifest>> {
    let documents = files.iter().flat_map(|(source, text)| {
        split::documents(text).into_iter().map(move |document| read(source, document, keep))
    });
    documents.collect()
}

/// Reads one document.
fn read(source: &str, text: Str, keep: &Keep) -> Result<Manifest> {
    let fail = |message: String| Error::new(Kind::Render, format!("YAML parse error on {source}: {message}"));
    let source = source.to_owned();
    let named = match keep {
        Keep::Known(documents) => Documents::name(text.as_bytes()).map(|name| (name, documents.clone())),
        _ => None,
    };
    if let Some(named) = &named
        && let Some(printed) = named.1.get(&named.0)
    {
        let head = printed.head.clone();
        return Ok(Manifest { source, text, head, object: Object::known(printed, named.clone()) });
    }
    let read = match keep {
        Keep::Heads => yaml::parse_some(text.as_bytes(), Numbers::Exact, head::is_field),
        _ => yaml::parse(text.as_bytes(), Numbers::Exact),
    };
    let value = read.map_err(|error| fail(format!("error converting YAML to JSON: {error}")))?;
    let head = Head::read(&value).map_err(|message| {
        fail(format!("error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {message}"))
    })?;
    let value = if matches!(keep, Keep::Heads) { Value::Nil } else { value };
    Ok(Manifest { source, text, head, object: Object::new(value, named) })
}

/// Whether Helm 4 knows the hook event.
fn is_event(event: &str) -> bool {
    matches!(
        event.trim().to_lowercase().as_str(),
        "pre-install"
            | "post-install"
            | "pre-delete"
            | "post-delete"
            | "pre-upgrade"
            | "post-upgrade"
            | "pre-rollback"
            | "post-rollback"
            | "test"
            | "test-success"
    )
}
