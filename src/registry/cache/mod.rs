//! What was downloaded, by content: `blobs/sha256/<digest>` never changes, and
//! `names/<digest of a name>` says which blob a name stood for and when. Shared by
//! all requests and all processes on one directory. A file appears by a rename and
//! is verified when it is read, so that a crash at any point leaves a cache that
//! only lacks something.

mod evict;
mod lock;
mod once;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::data::{Map, Value, json};
use crate::error::{Error, Kind, Result};

use crate::data::digest::{Digest, hex};

pub use once::Found;

/// Where the cache is, and how long and how much it keeps.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The directory; it is made when something is kept.
    pub directory: PathBuf,
    /// How long a tag, or a chart's URL without a digest, is believed.
    pub tag_life: Duration,
    /// How long an index.yaml is believed before the server is asked whether it changed.
    pub index_life: Duration,
    /// Bytes of all blobs; the least used go first.
    pub size: u64,
}

/// The cache.
#[derive(Debug)]
pub struct Cache {
    settings: Settings,
    locks: lock::Locks,
}

/// What a name stood for when it was last looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The content.
    pub digest: Digest,
    /// The server's word for this state of it, to ask whether it changed.
    pub etag: Option<String>,
    /// How long ago that was.
    pub age: Duration,
}

impl Cache {
    /// The cache in a directory. Nothing is read or made yet.
    pub fn new(settings: Settings) -> Cache {
        let locks = lock::Locks::new(settings.directory.join("locks"));
        Cache { settings, locks }
    }

    /// Its settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The blob with this digest. One that is not what its name says is thrown away.
    pub fn blob(&self, digest: &Digest) -> Option<Vec<u8>> {
        let path = self.blob_path(digest);
        let bytes = fs::read(&path).ok()?;
        if Digest::of(&bytes) != *digest {
            tracing::warn!(%digest, "a file of the cache is damaged and is downloaded again");
            let _ = fs::remove_file(&path);
            return None;
        }
        // Eviction goes by this time; a cache that cannot be written still serves.
        let _ = fs::File::options().append(true).open(&path).map(|f| f.set_modified(SystemTime::now()));
        Some(bytes)
    }

    /// Keeps a blob under its digest.
    ///
    /// # Errors
    /// The disk is full or cannot be written; nothing torn is left.
    pub fn keep(&self, bytes: &[u8]) -> Result<Digest> {
        let digest = Digest::of(bytes);
        self.write(&self.blob_path(&digest), bytes)?;
        evict::shrink(&self.settings.directory, self.settings.size, &digest);
        Ok(digest)
    }

    /// What a name stood for, if that is known and its blob is there.
    pub fn named(&self, name: &str) -> Option<Named> {
        let text = fs::read(self.name_path(name)).ok()?;
        let entry = json::parse(&text).ok()?;
        let entry = entry.as_map()?;
        let text = |key: &str| entry.get(key).and_then(|value| value.as_str().map(str::to_owned));
        if text("name").as_deref() != Some(name) {
            return None;
        }
        let digest = Digest::parse(&text("digest")?).ok()?;
        let checked = UNIX_EPOCH + Duration::from_secs(text("checked")?.parse().ok()?);
        // A time that is still to come was another clock's.
        let age = SystemTime::now().duration_since(checked).unwrap_or(Duration::MAX);
        self.blob_path(&digest).exists().then(|| Named { digest, etag: text("etag"), age })
    }

    /// Keeps what a name stands for now.
    ///
    /// # Errors
    /// As [`Cache::keep`].
    pub fn name(&self, name: &str, digest: &Digest, etag: Option<&str>) -> Result<()> {
        let checked = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs().to_string();
        let digest = digest.to_string();
        let mut entry = vec![("name", name), ("digest", &digest), ("checked", &checked)];
        entry.extend(etag.map(|etag| ("etag", etag)));
        let entry: Map = entry.into_iter().map(|(key, text)| (key, Value::from(text))).collect();
        let text = json::write(&entry.into(), false, 1 << 20)
            .map_err(|e| Error::new(Kind::Internal, format!("the cache's entry cannot be written: {e}")))?;
        self.write(&self.name_path(name), &text)
    }

    /// Waits until nobody else, in this process or another one, works on `what`;
    /// until the guard goes, nobody else does. Never take a second one meanwhile:
    /// unrelated names may share a lock.
    ///
    /// # Errors
    /// The deadline comes first.
    pub async fn alone(&self, what: &str, deadline: Instant) -> Result<lock::Guard<'_>> {
        self.locks.take(what, deadline).await
    }

    fn blob_path(&self, digest: &Digest) -> PathBuf {
        self.settings.directory.join("blobs/sha256").join(digest.hex())
    }

    fn name_path(&self, name: &str) -> PathBuf {
        self.settings.directory.join("names").join(Digest::of(name.as_bytes()).hex())
    }

    /// Writes a file beside its place and moves it there.
    fn write(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let scratch = self.settings.directory.join("tmp");
        let write = || -> io::Result<()> {
            fs::create_dir_all(&scratch)?;
            fs::create_dir_all(path.parent().unwrap_or(&scratch))?;
            let mut name = [0; 16];
            getrandom::fill(&mut name).map_err(io::Error::other)?;
            let scratch = Scratch(scratch.join(hex(&name)));
            let mut file = fs::File::create_new(&scratch.0)?;
            file.write_all(bytes)?;
            file.sync_data()?;
            fs::rename(&scratch.0, path)
        };
        write().map_err(|e| self.failed(&e))
    }

    fn failed(&self, error: &io::Error) -> Error {
        let full = matches!(
            error.kind(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
        );
        let kind = if full { Kind::Limit } else { Kind::Io };
        let place = self.settings.directory.display();
        Error::new(kind, format!("the cache in {place} cannot be written: {error}"))
            .hint("TIPHYS_CACHE_DIR names another directory")
    }
}

/// A file that goes away unless it was moved.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests;
