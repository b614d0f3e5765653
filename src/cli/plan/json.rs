//! The plan as JSON, for programs: the shape that docs/plan.md documents.

use crate::data::{List, Map, Value, json};
use crate::error::{Error, Kind, Result};
use crate::hooks::{Idle, Step, Why};
use crate::pipeline::plan::{Planned, Warning, origin};

/// The largest plan that is printed.
const LARGEST: usize = 90 << 20;

/// The plan as one object.
///
/// # Errors
/// A plan too large to print.
pub fn write(planned: &Planned) -> Result<String> {
    let application = object([
        ("release", text(&planned.release)),
        ("namespace", text(&planned.namespace)),
        ("charts", list(planned.charts.iter().map(chart))),
    ]);
    let plan = object([
        ("application", application),
        ("steps", list(planned.plan.steps.iter().map(step))),
        ("notApplied", list(planned.plan.idle.iter().map(idle))),
        ("warnings", list(planned.warnings.iter().map(warning))),
    ]);
    let text = json::write_pretty(&plan, "  ", false, LARGEST)
        .map_err(|error| Error::new(Kind::Limit, error.to_string()))?;
    Ok(String::from_utf8_lossy(&text).into_owned() + "\n")
}

fn chart((name, version): &(String, String)) -> Value {
    object([("name", text(name)), ("version", text(version))])
}

fn step(step: &Step) -> Value {
    let (chart, template) = origin(&step.source);
    let name_key = if step.generated { "generateName" } else { "name" };
    object([
        ("phase", text(step.phase.name())),
        ("wave", step.wave.map_or(Value::Nil, Value::int64)),
        ("apiVersion", text(&step.api_version)),
        ("kind", text(&step.kind)),
        (name_key, text(&step.name)),
        ("namespace", step.namespace.as_deref().map_or(Value::Nil, text)),
        ("chart", text(chart)),
        ("template", text(template)),
        ("source", text(&step.source)),
        ("hook", Value::Bool(step.hook)),
        ("deletePolicies", list(step.policies.iter().map(|policy| text(policy.name())))),
        ("syncOptions", list(step.kept.iter().map(|option| text(option)))),
        ("moved", Value::Bool(step.moved)),
    ])
}

fn idle(idle: &Idle) -> Value {
    let (chart, template) = origin(&idle.source);
    let reason = match idle.why {
        Some(Why::NeverRuns | Why::Unknown) => "never-runs",
        Some(Why::OtherEvent(_)) => "other-event",
        None => "skip",
    };
    object([
        ("kind", text(&idle.kind)),
        ("name", text(&idle.name)),
        ("chart", text(chart)),
        ("template", text(template)),
        ("source", text(&idle.source)),
        ("hook", text(&idle.hook)),
        ("reason", text(reason)),
    ])
}

fn warning(warning: &Warning) -> Value {
    object([
        ("code", text(warning.code)),
        ("file", text(&warning.file)),
        ("line", Value::int64(i64::from(warning.line))),
        ("message", text(&warning.message)),
    ])
}

fn text(text: &str) -> Value {
    Value::from(text)
}

fn list(items: impl Iterator<Item = Value>) -> Value {
    List::new(items.collect()).into()
}

fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    entries.into_iter().collect::<Map>().into()
}
