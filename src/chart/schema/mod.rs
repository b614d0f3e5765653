//! values.schema.json: a chart's values and its subcharts' held to their
//! schemas, with the messages of Helm's library (santhosh-tekuri/jsonschema v6).
//!
//! A port of its rules, since its messages follow from how it walks a schema:
//! what fails first ends a schema, findings of one schema form a group, and a
//! reference to one finding takes no line. Reads neither disk nor network.

use super::values::json::Json;
use super::values::{MAX_DEPTH, too_deep};
use super::{Chart, KnownFiles};
use crate::data::{Map, Str, Value};
use crate::error::{Error, Result};
use crate::notice::{Level, Notice, Notices};

mod compile;
mod draft;
mod equal;
mod failure;
mod format;
mod keywords;
mod known;
mod number;
mod regexp;
mod root;
#[cfg(test)]
mod tests;
mod url;
mod usual;
mod validate;

pub use known::KnownSchemas;

/// The URL under which Helm compiles a chart's schema.
const URL: &str = "file:///values.schema.json";

/// Says why a schema cannot be had from an http(s) URL, in the words that follow
/// `Get "URL": `. It is the only door from here to the network, and the caller's.
pub type Unreachable = fn(url: &str) -> String;

/// Nothing is asked: the answer where a render has no network.
pub fn not_fetched(_url: &str) -> String {
    "schemas are not fetched from the network".to_owned()
}

/// What validating may use beside the chart.
#[derive(Debug, Clone, Copy)]
pub struct Means<'a> {
    /// What to say of a schema at an http(s) URL.
    pub remote: Unreachable,
    /// Schemas that were compiled before.
    pub known: Option<&'a KnownFiles>,
}

impl Default for Means<'_> {
    fn default() -> Self {
        Means { remote: not_fetched, known: None }
    }
}

/// Holds `values` to the schema of `chart`, and each subchart's table to the
/// subchart's (ValidateAgainstSchema). The error lists all that is wrong.
pub fn validate(chart: &Chart, values: &Map, means: Means<'_>, notices: &mut Notices) -> Result<()> {
    if !any(chart) {
        return Ok(());
    }
    let mut report = String::new();
    walk(chart, values, means, notices, &mut report)?;
    if report.is_empty() {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "values don't meet the specifications of the schema(s) in the following chart(s):\n{report}"
    )))
}

fn any(chart: &Chart) -> bool {
    chart.schema.is_some() || chart.dependencies.iter().any(any)
}

fn walk(
    chart: &Chart,
    values: &Map,
    means: Means<'_>,
    notices: &mut Notices,
    report: &mut String,
) -> Result<()> {
    if let Some(schema) = &chart.schema {
        let values = convert(&Value::Map(values.clone()), 0)?;
        if let Err(why) = single(schema, &values, means, notices) {
            *report += &format!("{}:\n{why}", chart.metadata.name);
        }
    }
    for subchart in &chart.dependencies {
        let name = &subchart.metadata.name;
        match values.get(name) {
            None | Some(Value::Nil) => {}
            Some(Value::Map(table)) => walk(subchart, &table, means, notices, report)?,
            Some(other) => {
                *report += &format!(
                    "{name}:\ninvalid type for values: expected object (map), got {}\n",
                    other.type_name()
                );
            }
        }
    }
    Ok(())
}

/// One schema; what is wrong in lines, or why the schema cannot be used.
fn single(
    schema: &Str,
    values: &Json,
    means: Means<'_>,
    notices: &mut Notices,
) -> std::result::Result<(), String> {
    let compiled = known::compiled(schema, means)?;
    for urn in &compiled.unresolved {
        notices.0.push(Notice {
            level: Level::Warn,
            message: "unresolved URN reference ignored; using permissive schema".to_owned(),
            fields: vec![("urn", urn.clone())],
        });
    }
    let found = validate::run(&compiled.schemas, values)?;
    if found.is_empty() {
        return Ok(());
    }
    let lines = failure::lines(&found, 0);
    Err(format!("{}\n", lines.strip_prefix('\n').unwrap_or(&lines)))
}

/// Values as JSON, without a detour over text.
fn convert(value: &Value, depth: usize) -> Result<Json> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    Ok(match value {
        Value::Nil => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::Int(n, _) => Json::Int(*n),
        Value::Uint(n, _) => Json::Number(n.to_string().into()),
        Value::Float(n) => Json::Float(*n),
        Value::Str(text) => Json::String(text.clone()),
        Value::List(list) => {
            Json::Array(list.items().iter().map(|item| convert(item, depth + 1)).collect::<Result<_>>()?)
        }
        Value::Map(map) => Json::Object(map.with(|entries| {
            entries
                .iter()
                .map(|(key, item)| Ok((key.clone(), convert(item, depth + 1)?)))
                .collect::<Result<_>>()
        })?),
        _ => Json::Null,
    })
}
