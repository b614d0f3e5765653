//! Downloads through the cache: each thing once, however many ask for it at the same
//! time, and names that are believed for a while.

use std::time::{Duration, Instant};

use crate::data::digest::Digest;
use crate::error::{Error, Kind, Result};

use super::{Cache, Named};

/// What a look-up of a name came to.
#[derive(Debug)]
pub enum Found {
    /// This, and the server's word for it.
    Content(Vec<u8>, Option<String>),
    /// What it was.
    Unchanged,
}

impl Cache {
    /// The blob with this digest: kept, or downloaded once for all who wait for it.
    ///
    /// # Errors
    /// The download's; another content than the digest's; the deadline.
    pub async fn once<F: Future<Output = Result<Vec<u8>>>>(
        &self,
        digest: &Digest,
        deadline: Instant,
        download: impl FnOnce() -> F,
    ) -> Result<Vec<u8>> {
        if let Some(bytes) = self.blob(digest) {
            return Ok(bytes);
        }
        let _alone = self.alone(&digest.hex(), deadline).await?;
        if let Some(bytes) = self.blob(digest) {
            return Ok(bytes);
        }
        let bytes = download().await?;
        let got = Digest::of(&bytes);
        if got != *digest {
            let message = format!("the answer's digest is {got}, it should be {digest}");
            return Err(Error::new(Kind::Corrupt, message));
        }
        self.keep(&bytes)?;
        Ok(bytes)
    }

    /// The blob that a name stands for: as was found less than `life` ago, or as
    /// `look_up` finds now, given the server's word for what was found last. Where
    /// nobody answers, what was found last is good for another life.
    ///
    /// # Errors
    /// The look-up's; the deadline.
    pub async fn current<F: Future<Output = Result<Found>>>(
        &self,
        name: &str,
        life: Duration,
        deadline: Instant,
        look_up: impl FnOnce(Option<String>) -> F,
    ) -> Result<Digest> {
        let fresh = |named: &Named| named.age < life;
        if let Some(named) = self.named(name).filter(fresh) {
            return Ok(named.digest);
        }
        let _alone = self.alone(name, deadline).await?;
        let known = self.named(name);
        if let Some(named) = known.as_ref().filter(|named| fresh(named)) {
            return Ok(named.digest);
        }
        let etag = known.as_ref().and_then(|known| known.etag.clone());
        let (digest, etag) = match (look_up(etag).await, known) {
            (Ok(Found::Content(bytes, etag)), _) => (self.keep(&bytes)?, etag),
            (Ok(Found::Unchanged), Some(known)) => (known.digest, known.etag),
            (Ok(Found::Unchanged), None) => {
                return Err(Error::new(Kind::Io, format!("{name}: unchanged, but never seen")));
            }
            (Err(e), Some(known)) if e.kind == Kind::Io => {
                tracing::warn!(error = e.message.as_str(), name, "nobody answers; the cache does");
                (known.digest, known.etag)
            }
            (Err(e), _) => return Err(e),
        };
        self.name(name, &digest, etag.as_deref())?;
        Ok(digest)
    }
}
