//! A stream of messages to a repository: metadata first, then the archive in
//! pieces, hashed as it comes. Nothing is unpacked before the checksum holds.

use std::collections::BTreeMap;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tonic::Streaming;

use crate::error::{Error, Kind, Result};

use super::proto::plugin::{AppStreamRequest, ManifestRequestMetadata, app_stream_request::Request};

/// How long a client may send nothing.
const IDLE: Duration = Duration::from_secs(30);

/// What a stream carried: verified, not unpacked.
#[derive(Debug)]
pub struct Received {
    /// The application's directory in the repository.
    pub app_path: String,
    /// The environment that the repo-server sends.
    pub env: BTreeMap<String, String>,
    /// The gzipped tar archive of the repository.
    pub archive: Vec<u8>,
}

/// Receives a whole stream. It is drained even where the first message is
/// wrong already, because the client treats a failed send as fatal.
///
/// # Errors
/// No metadata, metadata twice, an archive of another size or checksum than
/// announced, one over `limit` bytes, a client that stops sending.
pub async fn receive(mut stream: Streaming<AppStreamRequest>, limit: u64) -> Result<Received> {
    let mut metadata: Option<ManifestRequestMetadata> = None;
    let mut archive = Vec::new();
    let mut hash = Sha256::new();
    let mut failure: Option<Error> = None;
    while let Some(message) = next(&mut stream).await? {
        if failure.is_some() {
            continue;
        }
        match (message.request, &metadata) {
            (Some(Request::Metadata(first)), None) => {
                match u64::try_from(first.size) {
                    Ok(size) if size <= limit => {
                        archive.reserve(usize::try_from(size.min(1 << 20)).unwrap_or(0))
                    }
                    Ok(size) => failure = Some(too_large(size, limit)),
                    Err(_) => failure = Some(Error::usage("the stream's metadata announces a negative size")),
                }
                metadata = Some(first);
            }
            (Some(Request::Metadata(_)), Some(_)) => {
                failure = Some(Error::usage("the stream carries its metadata twice"));
            }
            (Some(Request::File(_)), None) => {
                failure = Some(Error::usage("error getting stream metadata: metadata is nil"));
            }
            (Some(Request::File(file)), Some(_)) => {
                if (archive.len() + file.chunk.len()) as u64 > limit {
                    failure = Some(too_large((archive.len() + file.chunk.len()) as u64, limit));
                    archive = Vec::new();
                } else {
                    hash.update(&file.chunk);
                    archive.extend_from_slice(&file.chunk);
                }
            }
            (None, _) => failure = Some(Error::usage("stream request file is nil")),
        }
    }
    if let Some(error) = failure {
        return Err(error);
    }
    let metadata = metadata.ok_or_else(|| Error::usage("error getting stream metadata: metadata is nil"))?;
    verify(&metadata, &archive, hash)?;
    let env = metadata.env.into_iter().map(|entry| (entry.name, entry.value)).collect();
    Ok(Received { app_path: metadata.app_rel_path, env, archive })
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

fn verify(metadata: &ManifestRequestMetadata, archive: &[u8], hash: Sha256) -> Result<()> {
    use std::fmt::Write;
    let mut digest = String::new();
    for byte in hash.finalize() {
        let _ = write!(digest, "{byte:02x}");
    }
    if !metadata.checksum.eq_ignore_ascii_case(&digest) {
        let (came, announced) = (archive.len(), metadata.size);
        return Err(Error::new(
            Kind::Corrupt,
            format!(
                "file checksum validation error: the archive of {came} bytes ({announced} announced) \
                 does not have the announced SHA-256"
            ),
        ));
    }
    Ok(())
}
