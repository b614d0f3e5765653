//! Which version of each dependency is taken: the lock file's, where there is one
//! that fits, else what Chart.yaml's ranges come to.

use crate::chart::lock::{Lock, digest, digest_v2};
use crate::chart::{Chart, Dependency, File};
use crate::error::{Error, Kind, Result};
use crate::registry::{Registry, Wanted, credentials};

use super::{check_constraint, lock_file};

/// What is fetched.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Each with its repository's URL in place of a name, and the lock's version.
    pub dependencies: Vec<Dependency>,
    /// Whether a lock file said so.
    pub locked: bool,
}

impl Plan {
    /// The plan for a chart with these files.
    ///
    /// # Errors
    /// A lock file that does not fit Chart.yaml, a range that cannot be read, the
    /// name of a repository that nobody configured.
    pub fn of(chart: &Chart, files: &[File], registry: &Registry) -> Result<Plan> {
        let listed = chart.metadata.dependencies.clone().unwrap_or_default();
        let Some(file) = lock_file(files) else {
            for dependency in &listed {
                check_constraint(&dependency.name, &dependency.version)?;
            }
            return Ok(Plan { dependencies: resolved(&listed, &[], registry)?, locked: false });
        };
        let lock = Lock::read(file.data()?.as_bytes())
            .map_err(|e| Error::invalid(format!("cannot load {}: {e}", file.path)))?;
        let wanted = resolved(&listed, &lock.dependencies, registry)?;
        let is_v1 = chart.metadata.api_version == "v1";
        let fits = digest(&wanted, &lock.dependencies) == lock.digest
            || digest(&listed, &lock.dependencies) == lock.digest
            || (is_v1 && digest_v2(&listed) == lock.digest);
        if !fits {
            return Err(out_of_sync(is_v1));
        }
        Ok(Plan { dependencies: resolved(&lock.dependencies, &[], registry)?, locked: true })
    }
}

/// Helm's refusal, and how to mend it here.
fn out_of_sync(is_v1: bool) -> Error {
    let message = if is_v1 {
        "the lock file (requirements.lock) is out of sync with the dependencies file (requirements.yaml). \
         Please update the dependencies"
    } else {
        "the lock file (Chart.lock) is out of sync with the dependencies file (Chart.yaml). \
         Please update the dependencies with 'helm dependency update'"
    };
    Error::invalid(message).hint("`tiphys dependency update CHART` writes it again; commit what it writes")
}

/// The dependencies with URLs in place of `@name` and `alias:name`: of a configured
/// repository, else the one that the lock has.
fn resolved(listed: &[Dependency], locked: &[Dependency], registry: &Registry) -> Result<Vec<Dependency>> {
    let is_name = |d: &Dependency| name_of(&d.repository).is_some();
    let known = match listed.iter().any(is_name) {
        true => credentials::repositories(registry.config())?,
        false => Vec::new(),
    };
    let mut resolved = Vec::new();
    for dependency in listed {
        let mut own = dependency.clone();
        if let Some(name) = name_of(&dependency.repository) {
            let configured = known.iter().find(|repository| repository.name == name).map(|r| r.url.clone());
            let of_the_lock =
                || locked.iter().find(|d| d.name == own.name && !is_name(d)).map(|d| d.repository.clone());
            own.repository =
                configured.or_else(of_the_lock).ok_or_else(|| unknown(&dependency.repository))?;
        }
        resolved.push(own);
    }
    Ok(resolved)
}

/// The name of a configured repository, where that is what stands there.
fn name_of(repository: &str) -> Option<&str> {
    repository.strip_prefix('@').or_else(|| repository.strip_prefix("alias:"))
}

fn unknown(repository: &str) -> Error {
    let message = format!("no repository definition for {repository}. Please add them via 'helm repo add'");
    Error::new(Kind::NotFound, message)
        .hint("names are looked up in repositories.yaml (HELM_REPOSITORY_CONFIG); a URL needs none")
}

/// What to ask the network for.
pub fn wanted(dependency: &Dependency, named: bool) -> Wanted {
    Wanted {
        chart: dependency.name.clone(),
        version: dependency.version.clone(),
        repository: dependency.repository.clone(),
        named,
        provenance: false,
    }
}
