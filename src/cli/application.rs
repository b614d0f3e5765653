//! An application named on the command line: its directory, its repository and its
//! parameters.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use crate::error::{Error, Kind, Result};
use crate::parameters::{Settings, find};
use crate::pipeline::Request;
use crate::plugin::request;
use crate::registry::Registry;
use crate::repository::disk::Disk;

use super::access;
use super::parameters::ParameterFlags;

/// The application, and what it is rendered with.
#[derive(Debug, Args)]
pub struct ApplicationArgs {
    /// The application's directory
    #[arg(default_value = ".")]
    pub dir: PathBuf,
    #[command(flatten)]
    flags: ParameterFlags,
    /// A parameter of the Application by its name; may be given again
    #[arg(short, long, value_name = "NAME=VALUE")]
    param: Vec<String>,
    /// What the application may read; without it the nearest directory above with a .git
    #[arg(long, value_name = "DIR")]
    repository: Option<PathBuf>,
}

impl ApplicationArgs {
    /// The repository, and the request that Argo CD would make of it: ARGOCD_* and
    /// KUBE_* variables are read, flags win over them.
    ///
    /// # Errors
    /// A parameter that there is not, a directory that is not there or not in the
    /// repository.
    pub fn load(&self) -> Result<(Disk, Request)> {
        let env: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let settings = self.settings()?;
        let (root, app) = self.place(&env)?;
        let mut request = request::with_flags(&app, &env, settings)?;
        request.build = request.build.or_called(directory_name(&root.join(&app)));
        request.registry = Some(Arc::new(Registry::new(access::from_environment())));
        Ok((Disk::new(&root)?, request))
    }

    /// What the flags set.
    ///
    /// # Errors
    /// A text that does not say what its parameter holds.
    pub fn settings(&self) -> Result<Settings> {
        let mut settings = self.flags.settings()?;
        for parameter in &self.param {
            let Some((name, value)) = parameter.split_once('=') else {
                return Err(Error::usage(format!("--param {parameter}: write name=value")));
            };
            match find(name) {
                Ok(known) => settings.add(known, &format!("parameter {name:?}"), value)?,
                Err(_) => settings.add_chart_value(name, value),
            }
        }
        Ok(settings)
    }

    /// The repository's root and the application's path in it.
    fn place(&self, env: &BTreeMap<String, String>) -> Result<(PathBuf, String)> {
        let absolute = |path: &Path| {
            path.canonicalize().map_err(|e| Error::new(Kind::NotFound, format!("{}: {e}", path.display())))
        };
        let dir = absolute(&self.dir)?;
        let root = match &self.repository {
            Some(root) => absolute(root)?,
            None => repository_of(&dir, env.get("ARGOCD_APP_SOURCE_PATH").map_or("", String::as_str)),
        };
        let Ok(app) = dir.strip_prefix(&root) else {
            return Err(Error::usage(format!("{} does not lie in --repository", self.dir.display())));
        };
        let app = app.to_str().ok_or_else(|| Error::usage("the directory's name is not UTF-8"))?.to_owned();
        Ok((root, app))
    }
}

/// Where the repository of the application in `dir` starts: argocd-cmp-server says
/// the application's path in it; elsewhere it is where .git is, or `dir` itself.
pub fn repository_of(dir: &Path, source_path: &str) -> PathBuf {
    let source_path = Path::new(source_path.trim_end_matches('/'));
    if source_path.components().next().is_some() && dir.ends_with(source_path) {
        let depth = source_path.components().count();
        if let Some(root) = dir.ancestors().nth(depth) {
            return root.to_owned();
        }
    }
    dir.ancestors().find(|above| above.join(".git").exists()).unwrap_or(dir).to_owned()
}

fn directory_name(path: &Path) -> Option<String> {
    let name = path.components().next_back()?.as_os_str().to_str()?;
    Some(name.to_owned())
}
