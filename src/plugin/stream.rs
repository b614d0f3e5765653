//! A stream of messages to a repository: metadata first, then the archive in
//! pieces, hashed as it comes. Nothing is unpacked before the checksum holds.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tonic::Streaming;

use crate::data::digest::Digest;
use crate::error::{Error, Kind, Result};
use crate::repository::snapshot::Snapshot;
use crate::repository::snapshots::Snapshots;

use super::proto::plugin::{AppStreamRequest, ManifestRequestMetadata, app_stream_request::Request};
use super::spool::{Announced, Incoming, Spools};

/// How long a client may send nothing.
const IDLE: Duration = Duration::from_secs(30);

/// What a stream carried: verified, not unpacked.
#[derive(Debug)]
pub struct Received {
    /// What Argo CD calls the application.
    pub application: String,
    /// The application's directory in the repository.
    pub app_path: String,
    /// The environment that the repo-server sends.
    pub env: BTreeMap<String, String>,
    /// The archive's SHA-256.
    pub checksum: Digest,
    /// Its bytes.
    pub size: u64,
}

/// An archive that came in.
#[derive(Debug)]
pub enum Archive {
    /// It was known before: only its checksum was computed again.
    Known(Arc<Snapshot>),
    /// It is new.
    New(Incoming),
}

/// Receives a whole stream of at most `limit` bytes. It is drained even where the
/// first message is wrong already, because the client treats a failed send as fatal.
///
/// # Errors
/// No metadata, metadata twice, an archive of another checksum than announced, one
/// over the limit, a client that stops sending.
pub async fn receive(
    mut stream: Streaming<AppStreamRequest>,
    limit: u64,
    spools: &Spools,
    snapshots: &Snapshots,
) -> Result<(Received, Archive)> {
    let mut receiving: Result<Option<Receiving>> = Ok(None);
    while let Some(message) = next(&mut stream).await? {
        if let Ok(so_far) = &mut receiving {
            let taken = match (message.request, so_far) {
                (Some(Request::Metadata(metadata)), so_far @ None) => {
                    let begun = Receiving::begin(metadata, limit, spools, snapshots).await;
                    begun.map(|begun| *so_far = Some(begun))
                }
                (Some(Request::Metadata(_)), Some(_)) => {
                    Err(Error::usage("the stream carries its metadata twice"))
                }
                (Some(Request::File(_)), None) => Err(no_metadata()),
                (Some(Request::File(file)), Some(so_far)) => so_far.take(&file.chunk, limit, spools),
                (None, _) => Err(Error::usage("stream request file is nil")),
            };
            if let Err(error) = taken {
                receiving = Err(error);
            }
        }
    }
    receiving?.ok_or_else(no_metadata)?.finish()
}

/// A stream whose metadata came.
struct Receiving {
    metadata: ManifestRequestMetadata,
    announced: Announced,
    archive: Archive,
    size: u64,
    hash: Sha256,
}

impl Receiving {
    async fn begin(
        metadata: ManifestRequestMetadata,
        limit: u64,
        spools: &Spools,
        snapshots: &Snapshots,
    ) -> Result<Receiving> {
        let size = match u64::try_from(metadata.size) {
            Ok(size) if size <= limit => size,
            Ok(size) => return Err(too_large(size, limit)),
            Err(_) => return Err(Error::usage("the stream's metadata announces a negative size")),
        };
        let announced = Announced { checksum: metadata.checksum.clone(), size };
        let known = Digest::from_hex(&metadata.checksum).and_then(|checksum| snapshots.get(&checksum));
        let archive = match known {
            Some(snapshot) => Archive::Known(snapshot),
            None => Archive::New(spools.begin(&announced).await?),
        };
        Ok(Receiving { metadata, announced, archive, size: 0, hash: Sha256::new() })
    }

    fn take(&mut self, chunk: &[u8], limit: u64, spools: &Spools) -> Result<()> {
        self.size += chunk.len() as u64;
        if self.size > limit {
            return Err(too_large(self.size, limit));
        }
        self.hash.update(chunk);
        if let Archive::New(incoming) = &mut self.archive {
            spools.say(&self.announced, incoming, chunk)?;
        }
        Ok(())
    }

    fn finish(self) -> Result<(Received, Archive)> {
        let checksum = Digest::from(<[u8; 32]>::from(self.hash.finalize()));
        if Digest::from_hex(&self.metadata.checksum) != Some(checksum) {
            let (came, announced) = (self.size, self.metadata.size);
            return Err(Error::new(
                Kind::Corrupt,
                format!(
                    "file checksum validation error: the archive of {came} bytes ({announced} announced) \
                     does not have the announced SHA-256"
                ),
            ));
        }
        let env = self.metadata.env.into_iter().map(|entry| (entry.name, entry.value)).collect();
        let ManifestRequestMetadata { app_name: application, app_rel_path: app_path, .. } = self.metadata;
        Ok((Received { application, app_path, env, checksum, size: self.size }, self.archive))
    }
}

fn no_metadata() -> Error {
    Error::usage("error getting stream metadata: metadata is nil")
}

async fn next(stream: &mut Streaming<AppStreamRequest>) -> Result<Option<AppStreamRequest>> {
    match tokio::time::timeout(IDLE, stream.message()).await {
        Ok(Ok(message)) => Ok(message),
        Ok(Err(status)) => {
            Err(Error::new(Kind::Corrupt, format!("the repository's stream broke off: {}", status.message())))
        }
        Err(_) => {
            let idle = IDLE.as_secs();
            Err(Error::new(Kind::Deadline, format!("receiving the repository: nothing came for {idle} s")))
        }
    }
}

fn too_large(size: u64, limit: u64) -> Error {
    Error::new(
        Kind::Limit,
        format!("the repository's archive has {size} bytes or more; at most {limit} are taken"),
    )
    .hint("reposerver.plugin.tar.exclusions and the manifest-generate-paths annotation make it smaller")
}
