//! The chart's own values as parameters: which ones there are to set, and what
//! parameters set by the names that they are announced with.

use crate::chart::announced::{self, Announced};
use crate::chart::values::merge_maps;
use crate::chart::{Chart, KnownFiles};
use crate::error::Result;
use crate::parameters::{self, Parameters};

use super::layers::{self, Content, Kind, Layer};

/// The chart's single values by name, as they are under `layers` without the single values
/// of parameters; nothing where there are too many. Layers may be `known`.
///
/// # Errors
/// A layer that cannot be read.
pub fn announced(
    chart: &Chart,
    layers: &[Layer],
    known: Option<&KnownFiles>,
) -> Result<Option<Vec<Announced>>> {
    let values = chart.values.thaw().as_map().cloned().unwrap_or_default();
    merge_maps(&values, &layers::merge(layers.get(..first_single(layers)).unwrap_or_default(), known)?)?;
    Ok(announced::of(&values))
}

/// Puts what parameters set by announced names into `layers`, below the other
/// single values: a string stays one, anything else is read as `--set` reads it.
///
/// # Errors
/// A name that is not among [`announced`].
pub fn set(
    chart: &Chart,
    layers: &mut Vec<Layer>,
    parameters: &Parameters,
    known: Option<&KnownFiles>,
) -> Result<()> {
    if parameters.chart_values.is_empty() {
        return Ok(());
    }
    let announced = announced(chart, layers, known)?.unwrap_or_default();
    let layer = |(name, text): (&String, &String)| {
        let Some(value) = announced.iter().find(|value| value.name == *name) else {
            return Err(parameters::unknown(name, announced.iter().map(|value| value.name.as_str())));
        };
        let expression = announced::assignment(name, text);
        let content = if value.is_string { Content::SetString(expression) } else { Content::Set(expression) };
        Ok(Layer { kind: Kind::ChartValues, file: None, line: 0, content })
    };
    let set = parameters.chart_values.iter().map(layer).collect::<Result<Vec<Layer>>>()?;
    let at = first_single(layers);
    layers.splice(at..at, set);
    Ok(())
}

/// Where the single values of parameters begin.
fn first_single(layers: &[Layer]) -> usize {
    let is_single = |layer: &Layer| {
        matches!(
            layer.kind,
            Kind::ChartValues | Kind::HelmParameters | Kind::HelmStringParameters | Kind::FileParameters
        )
    };
    layers.iter().position(is_single).unwrap_or(layers.len())
}
