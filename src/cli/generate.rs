//! `tiphys generate`: what Argo CD would receive for the application in a directory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Parser, ValueEnum};

use crate::data::yaml;
use crate::error::{Error, Kind, Result};
use crate::hooks::Placed;
use crate::parameters::Settings;
use crate::pipeline;
use crate::plugin::request;
use crate::repository::disk::Disk;

use super::parameters::ParameterFlags;

/// Print what Argo CD would receive for the application in a directory
#[derive(Debug, Parser)]
#[command(
    args_override_self = true,
    after_help = "That is the rendered chart with Helm's hooks as Argo CD's phases and waves. Argo CD's ARGOCD_* and \
                  KUBE_* variables are read as argocd-cmp-server passes them; flags win over them.\n\nExample:\n  tiphys generate examples/my-api --environment production"
)]
pub struct Args {
    /// The application's directory
    #[arg(default_value = ".")]
    dir: PathBuf,
    #[command(flatten)]
    flags: ParameterFlags,
    /// A parameter of the Application by its name; may be given again
    #[arg(short, long, value_name = "NAME=VALUE")]
    param: Vec<String>,
    /// What the application may read; without it the nearest directory above with a .git
    #[arg(long, value_name = "DIR")]
    repository: Option<PathBuf>,
    /// yaml for people, json for one object a line
    #[arg(short, long, value_name = "FORMAT", value_enum, hide_possible_values = true, default_value_t = Output::Yaml)]
    output: Output,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Output {
    Yaml,
    Json,
}

/// The largest document that is printed.
const LARGEST: usize = 90 << 20;

/// Renders and prints.
pub fn run(args: &Args) -> Result<()> {
    let env: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let flags = args.settings()?;
    let (root, app) = args.place(&env)?;
    let mut request = request::with_flags(&app, &env, flags)?;
    request.build = request.build.or_called(directory_name(&root.join(&app)));
    let tree = Disk::new(&root)?;
    let write = match args.output {
        Output::Yaml => yaml_documents,
        Output::Json => json_lines,
    };
    let (output, notices) =
        super::progress::during("rendering", || pipeline::generate(&tree, &request, write))?;
    super::print_notices(&notices);
    super::print(&output)
}

fn yaml_documents(placed: &[Placed]) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    for Placed { manifest, .. } in placed {
        let text = yaml::write(&manifest.object, LARGEST)
            .map_err(|e| Error::new(Kind::Render, format!("{}: {e}", manifest.source)))?;
        out.extend_from_slice(format!("---\n# Source: {}\n", manifest.source).as_bytes());
        out.extend_from_slice(&text);
    }
    Ok(out)
}

fn json_lines(placed: &[Placed]) -> Result<Vec<u8>> {
    let objects = pipeline::json_objects(placed)?;
    Ok(objects.into_iter().flat_map(|object| object.into_bytes().into_iter().chain([b'\n'])).collect())
}

impl Args {
    /// What the flags set.
    fn settings(&self) -> Result<Settings> {
        let mut settings = self.flags.0.clone();
        for parameter in &self.param {
            let Some((name, value)) = parameter.split_once('=') else {
                return Err(Error::usage(format!("--param {parameter}: write name=value")));
            };
            settings.add(name, value)?;
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
fn repository_of(dir: &Path, source_path: &str) -> PathBuf {
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
