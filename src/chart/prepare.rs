//! From a chart and the user's values to what is rendered: dependencies, then
//! coalescing, then the schema, then the check of the cluster's version.

use super::values::coalesce::{self, Nulls};
use super::{Chart, schema, subcharts};
use crate::data::Map;
use crate::error::{Error, Kind, Result};
use crate::notice::Notices;

/// What changes the preparation.
#[derive(Debug, Clone)]
pub struct Options<'a> {
    /// `--skip-schema-validation`
    pub skip_schema: bool,
    /// What the check against schemas may use.
    pub schema: schema::Means<'a>,
    /// The cluster's version as Helm writes it, such as `v1.37.0`.
    pub kube_version: String,
}

/// What Helm checks before it looks at any value: that the chart is one to
/// install, and that it carries its dependencies. A deprecated one is remarked on.
///
/// # Errors
/// A library, an apiVersion that cannot be rendered, a missing dependency.
pub fn check_installable(chart: &Chart, notices: &mut Notices) -> Result<()> {
    let metadata = &chart.metadata;
    if !metadata.chart_type.is_empty() && metadata.chart_type != "application" {
        return Err(Error::invalid(format!("{} charts are not installable", metadata.chart_type)));
    }
    if metadata.deprecated {
        notices.warn("this chart is deprecated");
    }
    subcharts::check(chart)?;
    if metadata.api_version == "v3" {
        return Err(Error::invalid("invalid chart apiVersion"));
    }
    Ok(())
}

/// The chart with its enabled subcharts, and its values (`.Values` of the root;
/// a subchart's are the table of its name in its parent's, the same map).
pub fn prepare(
    chart: &Chart,
    user: &Map,
    options: &Options<'_>,
    notices: &mut Notices,
) -> Result<(Chart, Map)> {
    let (chart, values) = values(chart, user, notices)?;
    if !options.skip_schema {
        schema::validate(&chart, &values, options.schema, notices)?;
    }
    let wanted = &chart.metadata.kube_version;
    if !wanted.is_empty() && !subcharts::compatible(wanted, &options.kube_version) {
        let have = &options.kube_version;
        let message =
            format!("chart requires kubeVersion: {wanted} which is incompatible with Kubernetes {have}");
        return Err(Error::new(Kind::Render, message));
    }
    Ok((chart, values))
}

/// The same without a check of the values.
///
/// # Errors
/// Helm's, where dependencies or values do not fit together.
pub fn values(chart: &Chart, user: &Map, notices: &mut Notices) -> Result<(Chart, Map)> {
    let chart = subcharts::process(chart, user, notices)?;
    let values = render_values(&chart, user, notices)?;
    Ok((chart, values))
}

/// The values templates see, without a schema's check.
pub fn render_values(chart: &Chart, user: &Map, notices: &mut Notices) -> Result<Map> {
    coalesce::coalesce_values(&chart, user, Nulls::Delete, notices)
}
