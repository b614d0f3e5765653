//! The namespace of the user's current context, which Helm takes where no flag
//! and no variable names one. Nothing else of a kubeconfig is looked at.

use std::path::PathBuf;

use crate::data::yaml::{self, Numbers};
use crate::data::{Map, Value};

/// The namespace that the kubeconfig's context names, if any. `file` and `context`
/// are what `--kubeconfig` and `--kube-context` say. Files that are not there or
/// cannot be read say nothing, as for kubectl.
pub fn namespace(file: Option<&str>, context: Option<&str>) -> Option<String> {
    let files: Vec<Map> = paths(file)
        .into_iter()
        .filter_map(|path| std::fs::read(path).ok())
        .filter_map(|text| yaml::parse(&text, Numbers::Exact).ok()?.as_map().cloned())
        .collect();
    let given = context.map(str::to_owned).or_else(|| std::env::var("HELM_KUBECONTEXT").ok());
    let name = given
        .filter(|name| !name.is_empty())
        .or_else(|| files.iter().find_map(|file| text(file, "current-context")))?;
    let contexts = files.iter().filter_map(|file| file.get("contexts")?.as_list().cloned());
    let named = contexts.flat_map(|list| list.items().to_vec()).find_map(|entry| {
        let entry = entry.as_map()?;
        (text(entry, "name")? == name).then(|| entry.get("context")).flatten()
    })?;
    text(named.as_map()?, "namespace")
}

fn paths(file: Option<&str>) -> Vec<PathBuf> {
    if let Some(file) = file.filter(|file| !file.is_empty()) {
        return vec![file.into()];
    }
    match std::env::var_os("KUBECONFIG").filter(|list| !list.is_empty()) {
        Some(list) => std::env::split_paths(&list).collect(),
        None => std::env::home_dir().map(|home| home.join(".kube/config")).into_iter().collect(),
    }
}

fn text(map: &Map, key: &str) -> Option<String> {
    match map.get(key) {
        Some(Value::Str(text)) if !text.is_empty() => Some(text.to_string()),
        _ => None,
    }
}
