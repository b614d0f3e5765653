//! What Argo CD's UI offers to set: our parameters, and every single value of the
//! chart, each with what is rendered where it is not set.

use std::collections::BTreeMap;

use crate::error::{Error, Kind};
use crate::parameters::{Given, Parameter, Settings, TABLE, Type};
use crate::pipeline::{self, Announced, Request};
use crate::repository::Tree;

use super::proto::repository::ParameterAnnouncement;
use super::request;

/// The parameters of the application in the directory `app_path`, and why the
/// chart's values are not among them, if they are not: an application that cannot be
/// rendered yet can still be set right. `equip` gives a request what it may use.
pub fn parameters(
    tree: &(dyn Tree + Sync),
    app_path: &str,
    env: &BTreeMap<String, String>,
    equip: &dyn Fn(&mut Request),
) -> (Vec<ParameterAnnouncement>, Option<Error>) {
    let environments = pipeline::environments(tree, app_path);
    // A variable that says nothing sensible is no default; rendering says what is wrong.
    let variables = Settings::from_variables(env).unwrap_or_default();
    let mut announced: Vec<_> = TABLE.iter().map(|parameter| of_table(parameter, &variables)).collect();
    if let Some(environment) = announced.iter_mut().find(|own| own.name == "environment") {
        environment.title += &match environments.as_slice() {
            [] => " (no values layers were found)".to_owned(),
            names => format!(" (one of {})", names.join(", ")),
        };
    }
    let values = request::from_environment(app_path, env).and_then(|mut request| {
        equip(&mut request);
        pipeline::chart_values(tree, &request)
    });
    let (values, why_not) = match values {
        Ok(Some(values)) => (values, None),
        Ok(None) => {
            (Vec::new(), Some(Error::new(Kind::Limit, "the chart has too many values to announce them")))
        }
        Err(error) => (Vec::new(), Some(error)),
    };
    for value in values {
        if TABLE.iter().any(|own| own.name == value.name) {
            // The name is taken: the value can be set by helm-parameters and its kind.
            let map = if value.is_string { "helm-string-parameters" } else { "helm-parameters" };
            let own = announced.iter_mut().find(|own| own.name == map);
            // Argo CD's substitution reads `$$` as a `$`.
            let text = value.escaped().replace('$', "$$");
            own.map(|own| own.map.insert(value.name, text));
            continue;
        }
        let colon = if value.title.is_empty() { "" } else { ": " };
        announced.push(ParameterAnnouncement {
            title: format!("{}{colon}{}", value.name, value.title),
            item_type: item_type(&value).to_owned(),
            name: value.name,
            string: value.text,
            ..ParameterAnnouncement::default()
        });
    }
    (announced, why_not)
}

/// What Argo CD calls what a value of the chart is; nothing for null.
fn item_type(value: &Announced) -> &'static str {
    match value.text.as_str() {
        _ if value.is_string => "string",
        "true" | "false" => "boolean",
        "null" => "",
        _ => "number",
    }
}

/// A row of the table. The UI shows the title and not the tooltip, so the help is
/// there.
fn of_table(parameter: &Parameter, variables: &Settings) -> ParameterAnnouncement {
    let mut announcement = ParameterAnnouncement {
        name: parameter.name.to_owned(),
        title: format!("{}: {}", parameter.name, parameter.help),
        tooltip: format!("Where it is not set, the variable {} of the plugin counts", parameter.variable()),
        item_type: if parameter.ty == Type::Switch { "boolean" } else { "string" }.to_owned(),
        collection_type: match parameter.ty {
            Type::Text | Type::Switch => String::new(),
            collection @ (Type::Array | Type::Map) => collection.key().to_owned(),
        },
        ..ParameterAnnouncement::default()
    };
    match variables.get(parameter.name).cloned().or_else(|| parameter.default_value()) {
        Some(Given::Text(text)) => announcement.string = text,
        Some(Given::Switch(on)) => announcement.string = on.to_string(),
        Some(Given::Array(items)) => announcement.array = items,
        Some(Given::Map(entries)) => announcement.map = entries.into_iter().collect(),
        None => {}
    }
    announcement
}
