//! What templates see as `.`: one map a chart, with its own metadata, files and
//! values, and its subcharts' maps inside it.

use super::Inputs;
use crate::chart::{Chart, objects};
use crate::data::map::MAP_ANY;
use crate::data::{Map, Value};

/// The scopes of a chart and its subcharts, parents before children.
pub fn scopes(chart: &Chart, inputs: &Inputs<'_>) -> Vec<Map> {
    let mut scopes = Vec::new();
    let shared = Shared {
        release: objects::release(inputs.release),
        capabilities: objects::capabilities(inputs.capabilities),
    };
    add(chart, inputs.values, true, &shared, &mut scopes);
    scopes
}

/// The scope as a template's data.
pub fn dot(scope: &Map) -> Value {
    objects::values(scope)
}

/// Says which file is being rendered (`.Template`).
pub fn enter(scope: &Map, path: &str, base: &str) {
    let template: Map = [("Name", Value::from(path)), ("BasePath", Value::from(base))].into_iter().collect();
    scope.insert("Template", objects::values(&template));
}

/// What all scopes of a render share.
struct Shared {
    release: Value,
    capabilities: Value,
}

fn add(chart: &Chart, values: &Map, is_root: bool, shared: &Shared, scopes: &mut Vec<Map>) -> Map {
    let subcharts = Map::new();
    let scope: Map = [
        ("Chart", objects::chart(&chart.metadata, is_root)),
        ("Files", objects::files(&chart.files)),
        ("Release", shared.release.clone()),
        ("Capabilities", shared.capabilities.clone()),
        ("Values", objects::values(values)),
        ("Subcharts", subcharts.clone().into()),
    ]
    .into_iter()
    .collect();
    scopes.push(scope.clone());
    for child in &chart.dependencies {
        let name = child.metadata.name.as_str();
        let scope = add(child, &table(values, name), false, shared, scopes);
        subcharts.insert(name, scope.into());
    }
    scope
}

/// The table at a subchart's name, the same map that the parent sees. A name
/// with a dot is read as a path (and so is usually not found), as in Helm.
fn table(values: &Map, name: &str) -> Map {
    let mut table = values.clone();
    for key in name.split('.') {
        match table.get(key) {
            Some(Value::Map(inner)) if is_table(&inner) => table = inner,
            _ => return Map::new(),
        }
    }
    table
}

fn is_table(map: &Map) -> bool {
    std::ptr::eq(map.ty(), &MAP_ANY) || std::ptr::eq(map.ty(), &objects::VALUES)
}
