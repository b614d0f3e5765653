//! Documents that were printed before, found again by their text: definitions are the
//! same in every render of their chart, and most objects are after a commit.

use std::fmt::Write as _;
use std::sync::Arc;

use super::Head;
use super::object::Added;
use crate::data::digest::Digest;
use crate::data::kept::Kept;

/// Smaller documents are read in microseconds, mostly carry their application's name, so
/// that nobody finds them, and would push out the large ones. For any size, finding one
/// takes a tenth of the time of reading it, and keeping one in vain a seventh more.
const SMALLEST: usize = 4 << 10;

/// About what a document takes beside its head and its JSON.
const LEAST: u64 = 256;

/// Printed documents within a budget of bytes, by the digest of their text.
#[derive(Debug)]
pub struct Documents(Kept<Digest, Arc<Printed>>);

/// What a text comes to, as long as nothing changes its object.
#[derive(Debug)]
pub(super) struct Printed {
    /// What Helm reads of it.
    pub head: Head,
    /// The object as JSON; none where it was only printed with annotations.
    pub json: Option<String>,
}

impl Documents {
    /// None yet; they may take about `budget` bytes.
    pub fn new(budget: u64) -> Documents {
        Documents(Kept::new(budget))
    }

    /// The bytes of all that is kept, about.
    pub fn bytes(&self) -> u64 {
        self.0.bytes()
    }

    /// How many documents did not have to be read.
    pub fn hits(&self) -> u64 {
        self.0.hits()
    }

    /// What a document's text is called, if looking for it is worth its while.
    pub(super) fn name(text: &[u8]) -> Option<Digest> {
        (text.len() >= SMALLEST).then(|| Digest::of(text))
    }

    pub(super) fn get(&self, name: &Digest) -> Option<Arc<Printed>> {
        self.0.get(name)
    }

    /// What a document of that name is called where it has annotations beside its own.
    pub(super) fn name_with(name: &Digest, added: &Added) -> Digest {
        if added.is_empty() {
            return *name;
        }
        let mut text = name.hex();
        for (name, value) in added {
            // The lengths tell where one ends.
            let _ = write!(text, "\n{} {name} {} {value}", name.len(), value.len());
        }
        Digest::of(text.as_bytes())
    }

    /// The document of that name with annotations beside its own.
    pub(super) fn with(&self, name: &Digest, added: &Added) -> Option<Arc<Printed>> {
        self.0.look(&Documents::name_with(name, added))
    }

    pub(super) fn keep(&self, name: Digest, head: &Head, json: Option<&str>) {
        let annotations: usize =
            head.annotations.iter().map(|(key, value)| key.len() + value.len() + 64).sum();
        let bytes = LEAST + json.map_or(0, str::len) as u64 + annotations as u64;
        if self.0.takes(bytes) {
            let printed = Printed { head: head.clone(), json: json.map(str::to_owned) };
            self.0.keep(name, Arc::new(printed), bytes);
        }
    }
}
