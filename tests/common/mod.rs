//! What the integration tests share: the binary, a server of it on a socket, and
//! a client that sends a repository as the repo-server does.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "each test uses its part, and says what it expects"
)]

pub mod certs;
pub mod home;
pub mod http;
pub mod oci;
pub mod proxy;
pub mod services;
pub mod soak;
pub mod watch;
pub mod web;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use hyper_util::rt::TokioIo;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tiphys::plugin::proto::plugin::app_stream_request::Request as Part;
use tiphys::plugin::proto::plugin::config_management_plugin_service_client::ConfigManagementPluginServiceClient;
use tiphys::plugin::proto::plugin::{AppStreamRequest, EnvEntry, File, ManifestRequestMetadata};
use tokio::net::UnixStream;
use tonic::transport::{Channel, Endpoint};

pub type Client = ConfigManagementPluginServiceClient<Channel>;

/// The repository of this project.
pub fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Runs the binary in the project's directory, without the caller's ARGOCD_* and HELM_* variables.
pub fn tiphys(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tiphys"));
    command.current_dir(project()).args(args).stdin(Stdio::null()).env("KUBECONFIG", "/nonexistent");
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["ARGOCD_", "HELM_", "KUBE_", "PARAM_"].iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    command.output().unwrap()
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A directory with these files (path, text).
pub fn directory(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (path, text) in files {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dir
}

/// `tiphys serve` as a process of its own.
pub struct Serving {
    pub process: Child,
    pub socket: PathBuf,
    _dir: TempDir,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts a server with the project's plugin.yaml, or one with this discovery.
pub fn serve(discover: Option<&str>) -> Serving {
    serve_with(discover, &[])
}

/// The same with further arguments.
pub fn serve_with(discover: Option<&str>, args: &[&str]) -> Serving {
    serve_as(discover, args, &BTreeMap::new())
}

/// The same with variables of its own.
pub fn serve_as(discover: Option<&str>, args: &[&str], env: &BTreeMap<String, String>) -> Serving {
    let dir = TempDir::new().unwrap();
    let mut config = std::fs::read_to_string(project().join("plugin.yaml")).unwrap();
    if let Some(rules) = discover {
        config.push_str(&format!("  discover: {rules}\n"));
    }
    std::fs::write(dir.path().join("plugin.yaml"), config).unwrap();
    let process = Command::new(env!("CARGO_BIN_EXE_tiphys"))
        .args(["serve", "--config-dir-path"])
        .arg(dir.path())
        .args(args)
        .env("ARGOCD_PLUGINSOCKFILEPATH", dir.path())
        .env("ARGOCD_CMP_SERVER_LOGLEVEL", "warn")
        .env("TIPHYS_HTTP_ADDRESS", "")
        .env("TMPDIR", dir.path())
        .env("FROM_THE_SIDECAR", "sidecar")
        .envs(env)
        .spawn()
        .unwrap();
    let socket = dir.path().join("tiphys.sock");
    let patience = Instant::now() + Duration::from_secs(30);
    while std::os::unix::net::UnixStream::connect(&socket).is_err() {
        assert!(Instant::now() < patience, "the server did not come up");
        std::thread::sleep(Duration::from_millis(10));
    }
    Serving { process, socket, _dir: dir }
}

pub async fn channel(socket: &Path) -> Channel {
    let socket = socket.to_owned();
    let connect = tower::service_fn(move |_| {
        let socket = socket.clone();
        async move { UnixStream::connect(socket).await.map(TokioIo::new) }
    });
    Endpoint::from_static("http://localhost").connect_with_connector(connect).await.unwrap()
}

pub async fn client(serving: &Serving) -> Client {
    Client::new(channel(&serving.socket).await).max_decoding_message_size(100 << 20)
}

/// A directory as the repo-server packs it: lexical order, directories, files, links.
pub fn pack(root: &Path) -> Vec<u8> {
    fn walk(tar: &mut tar::Builder<GzEncoder<Vec<u8>>>, root: &Path, dir: &Path) {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            let name = path.strip_prefix(root).unwrap();
            tar.append_path_with_name(&path, name).unwrap();
            if path.is_dir() && !path.is_symlink() {
                walk(tar, root, &path);
            }
        }
    }
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    tar.follow_symlinks(false);
    tar.append_dir(".", root).unwrap();
    walk(&mut tar, root, root);
    let mut gz = tar.into_inner().unwrap();
    gz.flush().unwrap();
    gz.finish().unwrap()
}

/// What the repo-server sends for an application called `my-api` in `my-namespace`.
pub fn env(parameters: &str) -> BTreeMap<String, String> {
    [
        ("ARGOCD_APP_NAME", "my-api"),
        ("ARGOCD_APP_NAMESPACE", "my-namespace"),
        ("ARGOCD_APP_REVISION", "0123456789012345678901234567890123456789"),
        ("ARGOCD_APP_PARAMETERS", parameters),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

pub fn metadata(archive: &[u8], app_path: &str, env: &BTreeMap<String, String>) -> AppStreamRequest {
    let checksum = Sha256::digest(archive).iter().map(|byte| format!("{byte:02x}")).collect();
    AppStreamRequest {
        request: Some(Part::Metadata(ManifestRequestMetadata {
            app_name: "my-api".into(),
            app_rel_path: app_path.into(),
            checksum,
            size: i64::try_from(archive.len()).unwrap(),
            env: env
                .iter()
                .map(|(name, value)| EnvEntry { name: name.clone(), value: value.clone() })
                .collect(),
        })),
    }
}

pub fn chunks(archive: &[u8]) -> Vec<AppStreamRequest> {
    let part =
        |chunk: &[u8]| AppStreamRequest { request: Some(Part::File(File { chunk: chunk.to_vec().into() })) };
    archive.chunks(1024).map(part).collect()
}

/// The whole stream of a request: metadata, then the archive in pieces of 1 KiB.
pub fn messages(archive: &[u8], app_path: &str, env: &BTreeMap<String, String>) -> Vec<AppStreamRequest> {
    std::iter::once(metadata(archive, app_path, env)).chain(chunks(archive)).collect()
}

/// GenerateManifest for the application `app_path` in `repository`.
pub async fn generate(
    client: &mut Client,
    repository: &Path,
    app_path: &str,
    parameters: &str,
) -> Result<Vec<serde_json::Value>, tonic::Status> {
    let stream = tokio_stream::iter(messages(&pack(repository), app_path, &env(parameters)));
    let response = client.generate_manifest(stream).await?.into_inner();
    Ok(response.manifests.iter().map(|text| serde_json::from_str(text).unwrap()).collect())
}
