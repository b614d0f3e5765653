//! The network: charts from OCI registries and HTTP repositories, and the cache
//! that keeps them by content. Knows credentials, and nothing of rendering.
//! [`Registry`] is the door: it blocks its caller, and makes nothing (no thread,
//! no TLS, no AWS) before something has to be downloaded.

pub mod address;
pub mod cache;
pub mod config;
pub mod credentials;
pub mod http;
pub mod index;
pub mod oci;
pub mod reference;
mod repository;
pub mod secret;
pub mod tls;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::data::digest::Digest;
use crate::data::semver::Version;
use crate::data::url::Url;
use crate::error::{Error, Kind, Result};

use address::{Address, without_secrets};
use config::Config;
use credentials::{Authorization, Credentials};
use index::Index;
use reference::{Reference, SCHEME};
use secret::Secret;

/// How often somebody looks whether a request was cancelled.
const GLANCE: Duration = Duration::from_millis(100);

/// What all requests share.
#[derive(Debug)]
pub struct Shared {
    config: Config,
    http: http::Client,
    credentials: Credentials,
    cache: cache::Cache,
    tokens: oci::Tokens,
    indexes: Mutex<HashMap<Digest, Arc<Index>>>,
}

/// The network's door.
#[derive(Debug)]
pub struct Registry {
    config: Config,
    shared: OnceLock<Arc<Shared>>,
    runtime: OnceLock<Runtime>,
}

/// A place among few, which somebody who waits for the network leaves to others.
pub trait Turn: std::fmt::Debug + Send + Sync {
    /// Leaves the place.
    fn give(&self);

    /// Waits until there is a place again.
    ///
    /// # Errors
    /// The deadline comes first.
    fn take(&self, deadline: Instant) -> Result<()>;
}

/// A chart that somebody wants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Its name; without a repository a whole reference: `oci://…`, `https://….tgz`,
    /// `NAME/CHART` of a configured repository.
    pub chart: String,
    /// A version or a range of them; empty for the newest release.
    pub version: String,
    /// `oci://…`, `https://…`, `@NAME` or `alias:NAME`; empty where the chart says it.
    pub repository: String,
    /// Whether the command line names it, so that its flags hold.
    pub named: bool,
    /// Whether a signature beside it is wanted too.
    pub provenance: bool,
}

/// A chart that was fetched.
#[derive(Debug)]
pub struct Fetched {
    /// What Helm calls the file.
    pub file: String,
    /// The packed chart.
    pub archive: Vec<u8>,
    /// The signature, where one was wanted and is there.
    pub provenance: Option<Vec<u8>>,
    /// For charts of OCI registries: the reference, and the manifest's digest.
    pub reference: Option<(Reference, Digest)>,
}

/// Where a chart is.
enum Location {
    Oci(Reference),
    Repository(Address, String),
    Archive(Address),
}

impl Registry {
    /// A registry room with this configuration; nothing is read or made yet.
    pub fn new(config: Config) -> Registry {
        Registry { config, shared: OnceLock::new(), runtime: OnceLock::new() }
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Fetches one chart.
    ///
    /// # Errors
    /// One that names the chart, the range, the place and what was tried.
    pub fn fetch(&self, wanted: &Wanted, deadline: Instant) -> Result<Fetched> {
        let shared = self.shared();
        self.block_on(async { fetch(&shared, wanted, deadline).await })?
    }

    /// Fetches several charts at once, in order, until somebody sets `cancelled`.
    ///
    /// # Errors
    /// The first of [`Registry::fetch`]'s; that nobody wants them any more.
    pub fn fetch_all(
        &self,
        wanted: &[Wanted],
        deadline: Instant,
        cancelled: Option<&AtomicBool>,
    ) -> Result<Vec<Fetched>> {
        let shared = self.shared();
        let all = async {
            let mut tasks = JoinSet::new();
            for (at, one) in wanted.iter().cloned().enumerate() {
                let shared = shared.clone();
                tasks.spawn(async move { (at, fetch(&shared, &one, deadline).await) });
            }
            let mut fetched = Vec::new();
            while let Some(done) = tasks.join_next().await {
                let (at, result) = done.map_err(|_| Error::new(Kind::Internal, "a download panicked"))?;
                fetched.push((at, result?));
            }
            fetched.sort_by_key(|(at, _)| *at);
            Ok(fetched.into_iter().map(|(_, one)| one).collect())
        };
        self.block_on(async {
            tokio::select! {
                fetched = all => fetched,
                () = set(cancelled) => {
                    Err(Error::new(Kind::Cancelled, "fetching stopped: the request was cancelled"))
                }
            }
        })?
    }

    /// The version that a range takes.
    ///
    /// # Errors
    /// As [`Registry::fetch`].
    pub fn version(&self, wanted: &Wanted, deadline: Instant) -> Result<String> {
        let shared = self.shared();
        self.block_on(async { version(&shared, wanted, deadline).await.map_err(|e| about(wanted, e)) })?
    }

    /// Pushes a chart under its tag; the digest is the manifest's.
    ///
    /// # Errors
    /// The registry's refusal.
    pub fn push(&self, chart: &Reference, package: &oci::Package, deadline: Instant) -> Result<Digest> {
        let shared = self.shared();
        self.block_on(async {
            oci::Session::open(&shared, &chart.registry, &chart.repository, true, deadline)
                .await?
                .push(chart, package)
                .await
        })?
    }

    /// Asks a registry whether it lets somebody in, and remembers it in the file of
    /// `helm registry login`.
    ///
    /// # Errors
    /// It does not, or the file cannot be written.
    pub fn login(&self, host: &str, user: &str, password: &Secret, deadline: Instant) -> Result<()> {
        let shared = self.shared();
        let authorization = match user {
            "" => Authorization::Identity(password.clone()),
            user => Authorization::Basic(user.to_owned(), password.clone()),
        };
        self.block_on(async {
            let session = oci::Session::open(&shared, host, "", true, deadline).await?;
            let session = session.with_access(|access| {
                access.authorization = Some(authorization);
                "the command line".clone_into(&mut access.source);
            });
            session.ping().await
        })??;
        credentials::remember(&self.registry_file()?, host, user, password)
    }

    /// Forgets a registry's credentials; `false` where there were none.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn logout(&self, host: &str) -> Result<bool> {
        credentials::forget(&self.registry_file()?, host)
    }

    fn registry_file(&self) -> Result<std::path::PathBuf> {
        let file = self.config.registry_config();
        file.ok_or_else(|| Error::usage("there is no home directory: name a file with --registry-config"))
    }

    fn shared(&self) -> Arc<Shared> {
        let make = || {
            let config = self.config.clone();
            Arc::new(Shared {
                http: http::Client::new(&config.proxies()),
                credentials: Credentials::new(config.clone()),
                cache: cache::Cache::new(config.cache()),
                tokens: oci::Tokens::default(),
                indexes: Mutex::default(),
                config,
            })
        };
        self.shared.get_or_init(make).clone()
    }

    fn block_on<T>(&self, work: impl Future<Output = T>) -> Result<T> {
        if self.runtime.get().is_none() {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .thread_name("registry")
                .enable_all()
                .build()
                .map_err(|e| Error::new(Kind::Io, format!("no thread for the network: {e}")))?;
            if let Err(second) = self.runtime.set(runtime) {
                second.shutdown_background();
            }
        }
        let runtime = self.runtime.get();
        let runtime = runtime.ok_or_else(|| Error::new(Kind::Internal, "no thread for the network"))?;
        Ok(runtime.block_on(work))
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // A runtime that is dropped on another one's thread would panic.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Wanted {
    fn locate(&self, config: &Config) -> Result<Location> {
        let chart = self.chart.as_str();
        let repository = self.repository.trim_end_matches('/');
        if repository.is_empty() {
            if chart.starts_with(SCHEME) {
                return Reference::parse(chart).map(Location::Oci);
            }
            if chart.contains("://") {
                return Address::parse(chart).map(Location::Archive);
            }
            let Some((name, chart)) = chart.split_once('/') else {
                let Ok(url) = Url::parse(chart.as_bytes()) else {
                    return Err(Error::usage(format!("invalid chart URL format: {chart}")));
                };
                let url = String::from_utf8_lossy(&url.text()).into_owned();
                return Err(Error::usage(format!(
                    "non-absolute URLs should be in form of repo_name/path_to_chart, got: {url}"
                )));
            };
            return Ok(Location::Repository(configured(config, name)?, chart.to_owned()));
        }
        if repository.starts_with(SCHEME) {
            return Reference::parse(&format!("{repository}/{chart}")).map(Location::Oci);
        }
        match repository.strip_prefix('@').or_else(|| repository.strip_prefix("alias:")) {
            Some(name) => Ok(Location::Repository(configured(config, name)?, chart.to_owned())),
            None => Ok(Location::Repository(Address::parse(repository)?, chart.to_owned())),
        }
    }
}

/// The URL of a repository of repositories.yaml.
fn configured(config: &Config, name: &str) -> Result<Address> {
    let known = credentials::repositories(config)?;
    let Some(found) = known.iter().find(|repository| repository.name == name) else {
        let mut names: Vec<&str> = known.iter().map(|r| r.name.as_str()).collect();
        names.sort_unstable();
        let error = Error::new(Kind::NotFound, format!("repo {name} not found"));
        if names.is_empty() {
            return Err(error);
        }
        return Err(error.hint(format!("repositories.yaml has: {}", names.join(", "))));
    };
    Address::parse(&found.url)
}

/// Ends when the flag is set.
async fn set(flag: Option<&AtomicBool>) {
    while !flag.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
        tokio::time::sleep(GLANCE).await;
    }
}

/// Whether the text is one version and no range, as Helm sees it for registries.
fn is_version(text: &str) -> bool {
    Version::parse(text).is_ok()
}

async fn fetch(shared: &Shared, wanted: &Wanted, deadline: Instant) -> Result<Fetched> {
    let location = match wanted.locate(&shared.config) {
        // What is no reference at all is Helm's to say.
        Err(e) if wanted.repository.is_empty() => return Err(e),
        location => location.map_err(|e| about(wanted, e))?,
    };
    fetch_from(shared, wanted, location, deadline).await.map_err(|e| about(wanted, e))
}

async fn fetch_from(
    shared: &Shared,
    wanted: &Wanted,
    location: Location,
    deadline: Instant,
) -> Result<Fetched> {
    match location {
        Location::Oci(chart) => {
            let session =
                oci::Session::open(shared, &chart.registry, &chart.repository, wanted.named, deadline)
                    .await?;
            let chart = tagged(&session, chart, &wanted.version).await?;
            let pulled = session.pull(&chart, wanted.provenance).await?;
            let name = chart.repository.rsplit('/').next().unwrap_or_default();
            let version = chart.tag.clone().unwrap_or_else(|| pulled.digest.hex());
            Ok(Fetched {
                file: format!("{name}-{version}.tgz"),
                archive: pulled.archive,
                provenance: pulled.provenance,
                reference: Some((chart, pulled.digest)),
            })
        }
        Location::Repository(base, chart) => {
            let session = repository::Session::open(shared, base, wanted.named, deadline).await?;
            let entry = session.find(&chart, &wanted.version).await?;
            let (url, archive) = session.archive(&entry).await?;
            Ok(Fetched { file: file_of(&url), archive, provenance: None, reference: None })
        }
        Location::Archive(url) => {
            let session = repository::Session::open(shared, url.clone(), wanted.named, deadline).await?;
            let archive = session.own_archive().await?;
            Ok(Fetched { file: file_of(&url), archive, provenance: None, reference: None })
        }
    }
}

/// The reference with the tag that the wanted version stands for.
async fn tagged(session: &oci::Session<'_>, chart: Reference, version: &str) -> Result<Reference> {
    match (&chart.tag, version) {
        (Some(tag), version) if !version.is_empty() && version != tag => {
            Err(Error::usage(format!("chart reference and version mismatch: {version} is not {tag}")))
        }
        (Some(_), _) => Ok(chart),
        (None, "") if chart.digest.is_some() => Ok(chart),
        (None, version) if is_version(version) => Ok(Reference { tag: Some(version.to_owned()), ..chart }),
        (None, range) => {
            let version = session.version(&chart, range).await?;
            Ok(Reference { tag: Some(version), ..chart })
        }
    }
}

async fn version(shared: &Shared, wanted: &Wanted, deadline: Instant) -> Result<String> {
    match wanted.locate(&shared.config)? {
        Location::Oci(chart) => {
            if is_version(&wanted.version) {
                return Ok(wanted.version.clone());
            }
            let session =
                oci::Session::open(shared, &chart.registry, &chart.repository, wanted.named, deadline)
                    .await?;
            session.version(&chart, &wanted.version).await
        }
        Location::Repository(base, chart) => {
            let session = repository::Session::open(shared, base, wanted.named, deadline).await?;
            Ok(session.find(&chart, &wanted.version).await?.version)
        }
        Location::Archive(_) => Ok(wanted.version.clone()),
    }
}

/// The last part of a URL's path: what the file is called.
fn file_of(url: &Address) -> String {
    url.path().rsplit('/').next().unwrap_or_default().to_owned()
}

/// The error with what was wanted before it.
fn about(wanted: &Wanted, error: Error) -> Error {
    let mut what = format!("chart {:?}", without_secrets(&wanted.chart));
    if !wanted.version.is_empty() {
        what.push_str(&format!(" version {:?}", wanted.version));
    }
    if !wanted.repository.is_empty() {
        what.push_str(&format!(" of {}", without_secrets(&wanted.repository)));
    }
    error.context(what)
}
