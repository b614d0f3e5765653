//! The objects that templates start from: `.Chart`, `.Release`,
//! `.Capabilities`, `.Files` and the type of `.Values`.

use std::sync::Arc;

use crate::data::map::{MAP_ANY, MAP_STRING};
use crate::data::{Frozen, List, Map, MapType, Method, Signature, Ty, Value, yaml};

use super::capabilities::Capabilities;
use super::{Dependency, File, Maintainer, Metadata, Release};

/// What `.Values.YAML` may write, in bytes.
const MAX_TEXT: usize = 16 << 20;

/// `common.Values`, the type of `.` and `.Values`.
pub static VALUES: MapType = MapType {
    name: "common.Values",
    elem: Ty::Any,
    methods: &[
        Method { name: "AsMap", signature: signature(&[]), call: as_map },
        Method {
            name: "Encode",
            signature: signature(&[Ty::Object("io.Writer")]),
            call: |_, _| Err("io.Writer is not there".to_owned()),
        },
        Method { name: "PathValue", signature: signature(&[Ty::Str]), call: path_value },
        Method { name: "Table", signature: signature(&[Ty::Str]), call: table },
        Method { name: "YAML", signature: signature(&[]), call: to_yaml },
    ],
};

const fn signature(params: &'static [Ty]) -> Signature {
    Signature { params, variadic: false }
}

/// `.Chart`: Chart.yaml under Go's field names.
pub fn chart(metadata: &Metadata, is_root: bool) -> Value {
    let m = metadata;
    let annotations = match &m.annotations {
        Some(entries) => {
            let entries = entries.iter().map(|(k, v)| (k.as_str().into(), v.as_str().into()));
            Map::typed(&MAP_STRING, entries.collect())
        }
        None => Map::nil(&MAP_STRING),
    };
    let entries: [(&str, Value); 18] = [
        ("APIVersion", m.api_version.as_str().into()),
        ("Annotations", annotations.into()),
        ("AppVersion", m.app_version.as_str().into()),
        ("Condition", m.condition.as_str().into()),
        ("Dependencies", list(m.dependencies.as_deref(), dependency)),
        ("Deprecated", m.deprecated.into()),
        ("Description", m.description.as_str().into()),
        ("Home", m.home.as_str().into()),
        ("Icon", m.icon.as_str().into()),
        ("IsRoot", is_root.into()),
        ("Keywords", texts(m.keywords.as_deref())),
        ("KubeVersion", m.kube_version.as_str().into()),
        ("Maintainers", list(m.maintainers.as_deref(), maintainer)),
        ("Name", m.name.as_str().into()),
        ("Sources", texts(m.sources.as_deref())),
        ("Tags", m.tags.as_str().into()),
        ("Type", m.chart_type.as_str().into()),
        ("Version", m.version.as_str().into()),
    ];
    entries.into_iter().collect::<Map>().into()
}

/// Helm builds these lists anew, so that none is nil and all are `[]interface {}`.
fn list<T>(items: Option<&[T]>, each: fn(&T) -> Value) -> Value {
    List::new(items.unwrap_or_default().iter().map(each).collect()).into()
}

fn texts(items: Option<&[String]>) -> Value {
    list(items, |text| text.as_str().into())
}

fn maintainer(maintainer: &Maintainer) -> Value {
    let Maintainer { name, email, url } = maintainer;
    let entries = [("Name", name), ("Email", email), ("URL", url)];
    entries.into_iter().map(|(field, text)| (field, Value::from(text.as_str()))).collect::<Map>().into()
}

fn dependency(d: &Dependency) -> Value {
    let entries: [(&str, Value); 8] = [
        ("Alias", d.alias.as_str().into()),
        ("Condition", d.condition.as_str().into()),
        ("Enabled", d.enabled.into()),
        ("ImportValues", list(d.import_values.as_deref(), import)),
        ("Name", d.name.as_str().into()),
        ("Repository", d.repository.as_str().into()),
        ("Tags", texts(d.tags.as_deref())),
        ("Version", d.version.as_str().into()),
    ];
    entries.into_iter().collect::<Map>().into()
}

/// By the time of a render, Helm has made a `map[string]string` of each import.
fn import(import: &Frozen) -> Value {
    match import.thaw() {
        Value::Map(map) => map.retyped(&MAP_STRING).into(),
        other => other,
    }
}

/// `.Release`; the service is always Helm, the revision the first.
pub fn release(release: &Release) -> Value {
    let entries: [(&str, Value); 6] = [
        ("IsInstall", (!release.is_upgrade).into()),
        ("IsUpgrade", release.is_upgrade.into()),
        ("Name", release.name.as_str().into()),
        ("Namespace", release.namespace.as_str().into()),
        ("Revision", Value::int(1)),
        ("Service", "Helm".into()),
    ];
    entries.into_iter().collect::<Map>().into()
}

/// `.Capabilities`
pub fn capabilities(capabilities: &Capabilities) -> Value {
    capabilities.to_value()
}

/// `.Files`
pub fn files(files: &Arc<Vec<File>>) -> Value {
    super::files::to_value(files)
}

/// The same map as `common.Values`: `.Values`, and the scope itself.
pub fn values(map: &Map) -> Value {
    map.retyped(&VALUES).into()
}

fn as_map(values: &Value, _: &[Value]) -> Result<Value, String> {
    match values.as_map() {
        Some(map) if !map.is_empty() => Ok(map.retyped(&MAP_ANY).into()),
        _ => Ok(Map::new().into()),
    }
}

fn to_yaml(values: &Value, _: &[Value]) -> Result<Value, String> {
    // Unlike toYaml, it keeps the newline at the end.
    yaml::write(values, MAX_TEXT).map(Value::str).map_err(|e| e.to_string())
}

fn text(args: &[Value]) -> String {
    args.first().and_then(Value::as_bytes).map(String::from_utf8_lossy).unwrap_or_default().into_owned()
}

/// The table at the end of a path of tables; the name that is none where there
/// is none.
fn lookup<'p>(values: &Value, path: impl Iterator<Item = &'p str>) -> Result<Map, &'p str> {
    let mut table = values.as_map().cloned().unwrap_or_default();
    for name in path {
        match table.get(name) {
            Some(Value::Map(next)) if next.ty().elem == Ty::Any => table = next,
            _ => return Err(name),
        }
    }
    Ok(table)
}

fn table(values: &Value, args: &[Value]) -> Result<Value, String> {
    let path = text(args);
    let table = lookup(values, path.split('.')).map_err(|name| format!("{name:?} is not a table"))?;
    Ok(table.retyped(&VALUES).into())
}

fn path_value(values: &Value, args: &[Value]) -> Result<Value, String> {
    let path = text(args);
    if path.is_empty() {
        return Err("YAML path cannot be empty".to_owned());
    }
    let (tables, key) = path.rsplit_once('.').map_or((None, path.as_str()), |(t, key)| (Some(t), key));
    let table = lookup(values, tables.into_iter().flat_map(|t| t.split('.'))).ok();
    match table.and_then(|table| table.get(key)) {
        Some(Value::Map(map)) if map.ty().name == MAP_ANY.name => {}
        Some(value) => return Ok(value),
        None => {}
    }
    Err(format!("{key:?} is not a value"))
}
