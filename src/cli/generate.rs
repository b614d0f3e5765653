//! `tiphys generate`: what Argo CD would receive for the application in a directory,
//! or for an Application.

use clap::{Parser, ValueEnum};

use crate::data::yaml;
use crate::error::{Error, Kind, Result};
use crate::hooks::Placed;
use crate::pipeline::{self, Request};
use crate::repository::Tree;

use super::manifest::SourceArgs;

/// Print what Argo CD would receive for the application in a directory
#[derive(Debug, Parser)]
#[command(
    args_override_self = true,
    after_help = "That is the rendered chart with Helm's hooks as Argo CD's phases and waves. Argo CD's ARGOCD_* and \
                  KUBE_* variables are read as argocd-cmp-server passes them; flags win over them.\n\nExamples:\n  tiphys generate examples/my-api --environment production\n  \
                  tiphys generate -a examples/application.yaml"
)]
pub struct Args {
    #[command(flatten)]
    sources: SourceArgs,
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
    let mut output = Vec::new();
    for (tree, request) in args.sources.load()? {
        output.extend(rendered(&tree, &request, args.output)?);
    }
    super::print(&output)
}

fn rendered(tree: &(dyn Tree + Sync), request: &Request, output: Output) -> Result<Vec<u8>> {
    let write = match output {
        Output::Yaml => yaml_documents,
        Output::Json => json_lines,
    };
    let made = super::progress::during("rendering", || pipeline::generate(tree, request, write))?;
    super::print_notices(&made.notices);
    Ok(made.answer)
}

fn yaml_documents(placed: &[Placed]) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    for Placed { manifest, .. } in placed {
        let text = yaml::write(manifest.object(), LARGEST)
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
