//! `tiphys values`: the merged values of an application, and where each is set.

use clap::Parser;

use crate::error::Result;
use crate::pipeline;
use crate::source::explain::Explained;

use super::application::ApplicationArgs;

/// Print the values that an application's templates see
#[derive(Debug, Parser)]
#[command(
    args_override_self = true,
    after_help = "The values are the chart's own, under the layers of the environment, under what the parameters set. They \
                  are not checked against values.schema.json.\n\nExample:\n  tiphys values examples/my-api --environment production --explain"
)]
pub struct Args {
    #[command(flatten)]
    application: ApplicationArgs,
    /// Say for each value which layer sets it, in which file and line
    #[arg(long)]
    explain: bool,
}

/// Merges and prints.
pub fn run(args: &Args) -> Result<()> {
    let (tree, request) = args.application.load()?;
    let (output, notices) = if args.explain {
        let (explained, notices) = pipeline::explain(&tree, &request)?;
        (table(&explained), notices)
    } else {
        pipeline::values(&tree, &request)?
    };
    super::print_notices(&notices);
    super::print(&output)
}

/// Aligned columns under a heading; the last one is ragged.
fn table(explained: &[Explained]) -> Vec<u8> {
    let heading = ["VALUE", "IS", "SET BY", "IN"].map(str::to_owned);
    let rows =
        explained.iter().map(|e| [e.path.clone(), e.value.clone(), e.layer.to_owned(), e.place.clone()]);
    let rows: Vec<[String; 4]> = std::iter::once(heading).chain(rows).collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let (path, value, layer) = (width(0), width(1), width(2));
    let mut out = String::new();
    for [name, is, by, place] in &rows {
        let line = format!("{name:path$}  {is:value$}  {by:layer$}  {place}");
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out.into_bytes()
}
