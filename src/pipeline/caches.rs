//! What renders leave to those that come after them.

use std::sync::Arc;

use crate::chart::KnownFiles;
use crate::chart::render::Templates;
use crate::manifest::Documents;

/// What was made of contents, each found again by the content it was made of: nothing
/// of it knows whose it was.
#[derive(Debug)]
pub struct Caches {
    /// Parsed templates.
    pub templates: Templates,
    /// Values files that were read, charts that were unpacked, schemas that were compiled.
    pub files: KnownFiles,
    /// Documents that were printed.
    pub documents: Arc<Documents>,
}

impl Caches {
    /// Nothing yet; each kind may take about `share` bytes.
    pub fn new(share: u64) -> Caches {
        Caches {
            templates: Templates::new(share),
            files: KnownFiles::new(share),
            documents: Arc::new(Documents::new(share)),
        }
    }
}
