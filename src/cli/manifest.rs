//! An Argo CD Application named on the command line: its sources, each in the
//! directory that `--repo` gives for its repository.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use crate::error::{Error, Kind, Result};
use crate::parameters::Settings;
use crate::parameters::application::repo_url::{normalized, shown};
use crate::parameters::application::{Manifest, Sent, Source};
use crate::pipeline::Request;
use crate::plugin::request;
use crate::registry::Registry;
use crate::repository::disk::Disk;
use crate::repository::mounted::Mounted;
use crate::repository::{Entry, EntryKind, Tree};

use super::access;
use super::application::{ApplicationArgs, repository_of};
use super::git;

/// The largest Application.
const LARGEST: u64 = 5 << 20;

/// An application in a directory, or an Application.
#[derive(Debug, Args)]
pub struct SourceArgs {
    #[command(flatten)]
    application: ApplicationArgs,
    /// An Argo CD Application to take repositories, paths and parameters from; - is standard input
    #[arg(short = 'a', long = "application", value_name = "FILE", conflicts_with_all = ["dir", "repository"])]
    manifest: Option<PathBuf>,
    /// Where a repository of the Application is; without it, the one repository that it needs is
    /// around the current directory
    #[arg(long, value_name = "URL=DIR")]
    repo: Vec<String>,
}

impl SourceArgs {
    /// The repository and the request of each source: of the directory, or of the
    /// Application that is named in its place.
    ///
    /// # Errors
    /// As [`ApplicationArgs::load`] and [`load`].
    pub fn load(&self) -> Result<Vec<(Mounted<Disk>, Request)>> {
        let dir = &self.application.dir;
        match self.manifest.as_deref().or(Some(dir.as_path()).filter(|dir| dir.is_file())) {
            Some(file) => load(file, &self.repo, &self.application.settings()?),
            None if !self.repo.is_empty() => {
                Err(Error::usage("--repo needs an Application: name it with -a"))
            }
            None => {
                let (tree, request) = self.application.load()?;
                Ok(vec![(Mounted::new(tree, BTreeMap::new()), request)])
            }
        }
    }
}

/// What Argo CD would send for each source of the Application in `file` (`-` is
/// standard input), with `settings` over its parameters. `repos` are `URL=DIR`;
/// where one repository is needed, it may be the one that the current directory
/// is in.
///
/// # Errors
/// What is wrong with the Application or a `URL=DIR`; a repository that no
/// directory is given for.
fn load(file: &Path, repos: &[String], settings: &Settings) -> Result<Vec<(Mounted<Disk>, Request)>> {
    let name = file.display().to_string();
    let manifest = Manifest::parse(&text(file)?).map_err(|e| e.at(&name, 0, 0))?;
    let kube: BTreeMap<String, String> = ["KUBE_VERSION", "KUBE_API_VERSIONS"]
        .into_iter()
        .filter_map(|variable| Some((variable.to_owned(), std::env::var(variable).ok()?)))
        .collect();
    let rendered: Vec<&Source> = manifest.sources.iter().filter(|source| source.is_rendered()).collect();
    let sent = |source: &&Source, revision: Option<&str>| {
        manifest.sent(source, revision, &kube).map_err(|e| e.at(&name, 0, 0))
    };
    let mut needed = BTreeMap::new();
    for source in &rendered {
        let others = sent(source, None)?.others.into_values();
        for url in others.chain([source.repo_url.clone()]) {
            needed.entry(normalized(&url)).or_insert(url);
        }
    }
    let directories = directories(&needed, repos)?;
    let registry = Arc::new(Registry::new(access::from_environment()));
    let directory = |url: &str| directories.get(&normalized(url)).cloned().unwrap_or_default();
    let mut requests = Vec::new();
    for source in rendered {
        let root = directory(&source.repo_url);
        let commit = git::commit_of(&root).or_else(|| commit(&source.target_revision));
        let Sent { env, others } = sent(&source, commit.as_deref())?;
        let others = others.into_iter().map(|(name, url)| Ok((name, Disk::new(&directory(&url))?)));
        let tree = Mounted::new(Disk::new(&root)?, others.collect::<Result<_>>()?);
        let parts: Vec<&str> = source.path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
        let app = if source.path.starts_with('/') { source.path.clone() } else { parts.join("/") };
        if !matches!(tree.entry(&app)?, Some(Entry { kind: EntryKind::Directory, .. })) {
            let (path, url, root) = (&source.path, shown(&source.repo_url), root.display());
            let message = format!("{path} is no directory in {root}, which is taken for {url}");
            let hint = format!("--repo {url}=DIR says where the repository is");
            return Err(Error::new(Kind::NotFound, message).at(&name, 0, 0).hint(hint));
        }
        let mut request = request::with_flags(&app, &env, settings.clone())?;
        request.registry = Some(registry.clone());
        requests.push((tree, request));
    }
    Ok(requests)
}

fn text(file: &Path) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    let read = match file.to_str() {
        Some("-") => std::io::stdin().lock().take(LARGEST + 1).read_to_end(&mut text),
        _ => std::fs::File::open(file).and_then(|open| open.take(LARGEST + 1).read_to_end(&mut text)),
    };
    match read {
        Err(e) => Err(Error::new(Kind::NotFound, format!("{}: {e}", file.display()))),
        Ok(count) if count as u64 > LARGEST => {
            let message = format!("{}: more than {LARGEST} bytes are no Application", file.display());
            Err(Error::new(Kind::Limit, message))
        }
        Ok(_) => Ok(text),
    }
}

/// A revision that is a commit.
fn commit(revision: &str) -> Option<String> {
    let is_commit = revision.len() == 40 && revision.bytes().all(|b| b.is_ascii_hexdigit());
    is_commit.then(|| revision.to_owned())
}

/// Where each of the needed repositories is.
fn directories(needed: &BTreeMap<String, String>, repos: &[String]) -> Result<BTreeMap<String, PathBuf>> {
    let mut directories = BTreeMap::new();
    for repo in repos {
        let Some((url, directory)) = repo.split_once('=') else {
            return Err(Error::usage(format!("--repo {repo}: write URL=DIR")));
        };
        let there = Path::new(directory).canonicalize();
        let there = there
            .map_err(|e| Error::new(Kind::NotFound, format!("--repo {}: {directory}: {e}", shown(url))))?;
        directories.insert(normalized(url), there);
    }
    let missing: BTreeSet<&str> = needed
        .iter()
        .filter(|(url, _)| !directories.contains_key(*url))
        .map(|(_, url)| url.as_str())
        .collect();
    match (needed.len(), missing.len()) {
        (_, 0) => {}
        (1, _) if repos.is_empty() => {
            let here = Path::new(".").canonicalize();
            let here = here.map_err(|e| Error::new(Kind::Io, format!("the current directory: {e}")))?;
            let root = repository_of(&here, "");
            directories.extend(needed.keys().map(|url| (url.clone(), root.clone())));
        }
        _ => {
            let urls: Vec<String> = missing.iter().map(|url| shown(url)).collect();
            let flags: Vec<String> = urls.iter().map(|url| format!("--repo {url}=DIR")).collect();
            return Err(Error::usage(format!(
                "no directory is given for the repository {}",
                urls.join(", ")
            ))
            .hint(format!("give {}", flags.join(" "))));
        }
    }
    Ok(directories)
}
