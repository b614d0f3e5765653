//! `source.helm`: the same settings under our parameters' names, which are Argo CD's
//! in kebab case.

use std::collections::BTreeMap;

use crate::data::{List, Map, Value, yaml};
use crate::error::{Error, Kind, Result};

use super::reader::Reader;
use super::{LARGEST, parameter};

/// `source.helm`, as far as a render needs it: credentials are not its business, and
/// Helm's version is always the one that is rendered natively.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Helm {
    texts: Vec<(&'static str, String)>,
    switches: Vec<(&'static str, bool)>,
    value_files: Vec<String>,
    api_versions: Vec<String>,
    parameters: BTreeMap<String, String>,
    string_parameters: BTreeMap<String, String>,
    file_parameters: BTreeMap<String, String>,
}

impl Helm {
    /// Reads the table.
    ///
    /// # Errors
    /// A field of a wrong type.
    pub fn read(helm: &Reader) -> Result<Helm> {
        let mut read = Helm {
            texts: vec![
                ("values", values(helm)?),
                ("release-name", helm.text("releaseName")?),
                ("namespace", helm.text("namespace")?),
                ("kube-version", helm.text("kubeVersion")?),
            ],
            switches: vec![
                ("ignore-missing-value-files", helm.switch("ignoreMissingValueFiles")?),
                ("skip-crds", helm.switch("skipCrds")?),
                ("skip-tests", helm.switch("skipTests")?),
                ("skip-schema-validation", helm.switch("skipSchemaValidation")?),
            ],
            value_files: helm.texts("valueFiles")?,
            api_versions: helm.texts("apiVersions")?,
            ..Helm::default()
        };
        for entry in helm.tables("parameters")? {
            let kind = match entry.switch("forceString")? {
                true => &mut read.string_parameters,
                false => &mut read.parameters,
            };
            kind.insert(entry.required("name")?, entry.text("value")?);
        }
        for entry in helm.tables("fileParameters")? {
            read.file_parameters.insert(entry.required("name")?, entry.required("path")?);
        }
        Ok(read)
    }

    /// The parameters of a plugin that say the same. `file` makes of a file's name
    /// what our parameters call it.
    ///
    /// # Errors
    /// `file`'s.
    pub fn parameters(&self, file: &mut dyn FnMut(&str) -> Result<String>) -> Result<Value> {
        let files = self.value_files.iter().map(|name| file(name)).collect::<Result<Vec<String>>>()?;
        let of_files = self.file_parameters.iter().map(|(name, path)| Ok((name.clone(), file(path)?)));
        let of_files = of_files.collect::<Result<BTreeMap<String, String>>>()?;
        let mut list = Vec::new();
        for (name, text) in self.texts.iter().filter(|(_, text)| !text.is_empty()) {
            list.push(parameter(name, "string", text.as_str().into()));
        }
        for (name, on) in &self.switches {
            list.push(parameter(name, "string", on.to_string().into()));
        }
        for (name, items) in [("values-files", &files), ("api-versions", &self.api_versions)] {
            let items = items.iter().map(|item| Value::from(item.as_str())).collect();
            list.push(parameter(name, "array", List::new(items).into()));
        }
        for (name, entries) in [
            ("helm-parameters", &self.parameters),
            ("helm-string-parameters", &self.string_parameters),
            ("file-parameters", &of_files),
        ] {
            let entries: Map = entries.iter().map(|(k, v)| (k.as_str(), Value::from(v.as_str()))).collect();
            list.push(parameter(name, "map", entries.into()));
        }
        Ok(List::new(list).into())
    }
}

/// `valuesObject`, or else `values`.
fn values(helm: &Reader) -> Result<String> {
    if !helm.has("valuesObject") {
        return helm.text("values");
    }
    let object = helm.table("valuesObject")?;
    let text = yaml::write(&Value::Map(object.map().clone()), LARGEST)
        .map_err(|e| Error::new(Kind::Limit, format!("{}: {e}", object.place())))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
