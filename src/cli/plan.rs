//! `tiphys plan`: what Argo CD will do with an application, in its order.

mod json;
mod svg;
mod table;
mod text;

use clap::{Parser, ValueEnum};

use crate::error::Result;
use crate::pipeline;

use super::manifest::SourceArgs;

/// Show what Argo CD will do with an application: phases, waves, hooks, warnings
#[derive(Debug, Parser)]
#[command(
    args_override_self = true,
    after_help = "What is applied comes in Argo CD's own order: phase, wave, kind, name. Warnings say what will not go as its \
                  author expects, each with file and line; they do not change the exit code. In the place of DIR an Application's file \
                  may stand.\n\nExamples:\n  \
                  tiphys plan examples/my-api --environment production\n  \
                  tiphys plan examples/application.yaml -o svg > plan.svg"
)]
pub struct Args {
    #[command(flatten)]
    sources: SourceArgs,
    /// table for people, json for programs, svg for a picture
    #[arg(short, long, value_name = "FORMAT", value_enum, hide_possible_values = true, default_value_t = Output::Table)]
    output: Output,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Output {
    Table,
    Json,
    Svg,
}

/// Plans and prints.
pub fn run(args: &Args) -> Result<()> {
    let sources = args.sources.load()?;
    let (planned, notices) = super::progress::during("rendering", || pipeline::plan::plan(&sources))?;
    super::print_notices(&notices);
    let output = match args.output {
        Output::Table => table::write(&planned, table::width()),
        Output::Json => json::write(&planned)?,
        Output::Svg => svg::write(&planned),
    };
    super::print(output.as_bytes())
}
