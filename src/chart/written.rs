//! Chart.yaml and its parts written again: as JSON in the order of Helm's structs
//! (for registries and for digests), and as the YAML that Helm makes of that.

use crate::data::{List, Map, Value, json, yaml};
use crate::error::{Error, Kind, Result};

use super::{Dependency, Maintainer, Metadata};

/// The largest text that is written.
const LARGEST: usize = 16 << 20;

/// Chart.yaml in JSON, as Go's `json.Marshal` writes Helm's struct.
pub fn metadata_json(metadata: &Metadata) -> String {
    let m = metadata;
    let mut out = Object::default();
    out.text("name", &m.name).text("home", &m.home).texts("sources", m.sources.as_deref());
    out.text("version", &m.version).text("description", &m.description);
    out.texts("keywords", m.keywords.as_deref());
    out.list("maintainers", m.maintainers.as_deref(), maintainer_json);
    out.text("icon", &m.icon).text("apiVersion", &m.api_version).text("condition", &m.condition);
    out.text("tags", &m.tags).text("appVersion", &m.app_version).flag("deprecated", m.deprecated);
    if let Some(annotations) = m.annotations.as_deref().filter(|list| !list.is_empty()) {
        let map: Map = annotations.iter().map(|(k, v)| (k.as_str(), Value::from(v.as_str()))).collect();
        out.raw("annotations", &value_json(&map.into()));
    }
    out.text("kubeVersion", &m.kube_version);
    out.list("dependencies", m.dependencies.as_deref(), dependency_json);
    out.text("type", &m.chart_type);
    out.finish()
}

/// A dependency in JSON.
pub fn dependency_json(dependency: &Dependency) -> String {
    let d = dependency;
    let mut out = Object::default();
    out.raw("name", &text_json(&d.name)).text("version", &d.version);
    out.raw("repository", &text_json(&d.repository));
    out.text("condition", &d.condition).texts("tags", d.tags.as_deref()).flag("enabled", d.enabled);
    if let Some(imports) = d.import_values.as_deref().filter(|list| !list.is_empty()) {
        let list = List::new(imports.iter().map(|value| value.thaw()).collect());
        out.raw("import-values", &value_json(&list.into()));
    }
    out.text("alias", &d.alias);
    out.finish()
}

fn maintainer_json(maintainer: &Maintainer) -> String {
    let mut out = Object::default();
    out.text("name", &maintainer.name).text("email", &maintainer.email).text("url", &maintainer.url);
    out.finish()
}

/// The text of a JSON document as sigs.k8s.io/yaml writes it.
///
/// # Errors
/// One that is too large.
pub fn yaml(json: &str) -> Result<Vec<u8>> {
    let value = json::parse_exact(json.as_bytes()).map_err(|e| Error::new(Kind::Internal, e.to_string()))?;
    yaml::write(&value, LARGEST).map_err(|e| Error::new(Kind::Limit, e.to_string()))
}

/// A text in JSON.
pub(super) fn text_json(text: &str) -> String {
    value_json(&text.into())
}

/// A value in JSON, with Go's escapes of HTML.
fn value_json(value: &Value) -> String {
    // Texts, and plain data out of a document that was bounded when it was read.
    let text = json::write(value, true, LARGEST).unwrap_or_default();
    String::from_utf8_lossy(&text).into_owned()
}

/// A struct; what is empty is left out.
#[derive(Default)]
struct Object(Vec<String>);

impl Object {
    fn raw(&mut self, key: &str, json: &str) -> &mut Object {
        self.0.push(format!("\"{key}\":{json}"));
        self
    }

    fn text(&mut self, key: &str, text: &str) -> &mut Object {
        if text.is_empty() { self } else { self.raw(key, &text_json(text)) }
    }

    fn flag(&mut self, key: &str, set: bool) -> &mut Object {
        if set { self.raw(key, "true") } else { self }
    }

    fn texts(&mut self, key: &str, texts: Option<&[String]>) -> &mut Object {
        self.list(key, texts, |text| text_json(text))
    }

    fn list<T>(&mut self, key: &str, items: Option<&[T]>, write: impl Fn(&T) -> String) -> &mut Object {
        let items: Vec<String> = items.unwrap_or_default().iter().map(write).collect();
        if items.is_empty() { self } else { self.raw(key, &format!("[{}]", items.join(","))) }
    }

    fn finish(&self) -> String {
        format!("{{{}}}", self.0.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::metadata::Draft;

    #[test]
    fn everything_is_written_in_helms_order() {
        let mut draft = Draft::default();
        draft
            .read(b"type: application\nname: a\nversion: 1.0.0\napiVersion: v2\nappVersion: 1.10\nkeywords: [x]\nmaintainers: [{email: e, name: me}]\nannotations: {b: '<', a: x}\ndeprecated: true\ndependencies:\n- {name: d, alias: e, version: '>=1', repository: 'oci://r', tags: [t], import-values: [{parent: p, child: c}, data]}\n- {name: f}\n")
            .unwrap();
        let json = metadata_json(&draft.finish().unwrap());
        assert_eq!(
            json,
            concat!(
                r#"{"name":"a","version":"1.0.0","keywords":["x"],"maintainers":[{"name":"me","email":"e"}],"apiVersion":"v2","appVersion":"1.1","deprecated":true,"#,
                r#""annotations":{"a":"x","b":"\u003c"},"dependencies":[{"name":"d","version":"\u003e=1","repository":"oci://r","tags":["t"],"#,
                r#""import-values":[{"child":"c","parent":"p"},"data"],"alias":"e"},{"name":"f","repository":""}],"type":"application"}"#
            )
        );
        let yaml = String::from_utf8(yaml(&json).unwrap()).unwrap();
        assert!(
            yaml.starts_with("annotations:\n  a: x\n  b: <\napiVersion: v2\nappVersion: \"1.1\"\n"),
            "{yaml}"
        );
    }
}
