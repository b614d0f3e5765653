//! plugin.yaml: the plugin's name and its discovery rules, validated as
//! argocd-cmp-server validates it.

use std::path::{Path, PathBuf};

use crate::data::yaml::{self, Numbers};
use crate::data::{Map, Value};
use crate::error::{Error, Kind, Result};

/// A ConfigManagementPlugin manifest, as far as a sidecar needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginConfig {
    /// `metadata.name`
    pub name: String,
    /// `spec.version`, or "".
    pub version: String,
    /// `spec.discover`, where there is a rule.
    pub discover: Option<Discover>,
    /// `spec.provideGitCreds`
    pub provide_git_creds: bool,
}

/// The first given rule of `spec.discover`, or the built-in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Discover {
    /// `fileName`: a pattern for files in the application's directory.
    FileName(String),
    /// `find.glob`: a pattern, with `**`, for files in and below it.
    Glob(String),
    /// `find.command` and its `args`: a command that prints something.
    Command(Vec<String>),
    /// A Chart.yaml or a tiphys.yaml in the application's directory.
    BuiltIn,
}

impl PluginConfig {
    /// Reads `plugin.yaml` in the directory `dir`.
    ///
    /// # Errors
    /// No such file, not YAML, or not a valid plugin.
    pub fn load(dir: &Path) -> Result<PluginConfig> {
        let path = dir.join("plugin.yaml");
        let name = path.display().to_string();
        let text = std::fs::read(&path).map_err(|e| {
            Error::new(Kind::Io, format!("the plugin's configuration cannot be read: {e}")).at(&name, 0, 0)
        })?;
        PluginConfig::parse(&text).map_err(|e| e.at(name, 0, 0))
    }

    /// Reads the text of a plugin.yaml.
    ///
    /// # Errors
    /// Not YAML, or not a valid plugin.
    pub fn parse(text: &[u8]) -> Result<PluginConfig> {
        let document = yaml::parse(text, Numbers::Exact).map_err(|e| Error::invalid(e.to_string()))?;
        let root = document.as_map().cloned().unwrap_or_default();
        if string(&root, "kind") != "ConfigManagementPlugin" {
            return Err(Error::invalid(
                "invalid plugin configuration file. kind should be ConfigManagementPlugin",
            ));
        }
        let spec = table(&root, "spec");
        let config = PluginConfig {
            name: string(&table(&root, "metadata"), "name"),
            version: string(&spec, "version"),
            discover: discover(&table(&spec, "discover"))?,
            provide_git_creds: matches!(spec.get("provideGitCreds"), Some(Value::Bool(true))),
        };
        if config.name.is_empty() {
            return Err(Error::invalid(
                "invalid plugin configuration file. metadata.name should be non-empty.",
            ));
        }
        let command = table(&spec, "generate").get("command");
        if command.as_ref().and_then(Value::as_list).is_none_or(crate::data::List::is_empty) {
            return Err(Error::invalid(
                "invalid plugin configuration file. spec.generate command should be non-empty",
            ));
        }
        Ok(config)
    }

    /// The socket's path in the plugins directory: `<name>[-<version>].sock`.
    pub fn socket(&self, plugins: &Path) -> PathBuf {
        let version = if self.version.is_empty() { String::new() } else { format!("-{}", self.version) };
        plugins.join(format!("{}{version}.sock", self.name))
    }
}

fn discover(rules: &Map) -> Result<Option<Discover>> {
    let file_name = string(rules, "fileName");
    if !file_name.is_empty() {
        return Ok(Some(Discover::FileName(file_name)));
    }
    let find = table(rules, "find");
    let glob = string(&find, "glob");
    if !glob.is_empty() {
        return Ok(Some(Discover::Glob(glob)));
    }
    let mut command = strings(&find, "command")?;
    if command.is_empty() {
        return Ok(None);
    }
    command.extend(strings(&find, "args")?);
    Ok(Some(Discover::Command(command)))
}

fn strings(parent: &Map, key: &str) -> Result<Vec<String>> {
    let wrong = || Error::invalid(format!("spec.discover.find.{key} has to be a list of strings"));
    let list = match parent.get(key) {
        None | Some(Value::Nil) => return Ok(Vec::new()),
        Some(value) => value.as_list().cloned().ok_or_else(wrong)?,
    };
    list.items().iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
}

fn table(parent: &Map, key: &str) -> Map {
    parent.get(key).and_then(|v| v.as_map().cloned()).unwrap_or_default()
}

fn string(parent: &Map, key: &str) -> String {
    match parent.get(key) {
        Some(Value::Str(text)) => text.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: &str = "apiVersion: argoproj.io/v1alpha1\nkind: ConfigManagementPlugin\nmetadata: {name: tiphys}\n\
                         spec:\n  generate: {command: [tiphys, generate]}\n";

    #[test]
    fn the_socket_carries_name_and_version() {
        let config = PluginConfig::parse(VALID.as_bytes()).unwrap();
        assert_eq!(config.socket(Path::new("/p")), Path::new("/p/tiphys.sock"));
        let versioned = PluginConfig::parse(format!("{VALID}  version: v1.0\n").as_bytes()).unwrap();
        assert_eq!(versioned.socket(Path::new("/p")), Path::new("/p/tiphys-v1.0.sock"));
    }

    #[test]
    fn the_first_discovery_rule_decides() {
        let with = |rules: &str| {
            PluginConfig::parse(format!("{VALID}  discover: {rules}\n").as_bytes()).unwrap().discover
        };
        assert_eq!(with("{}"), None);
        assert_eq!(with("{find: {glob: '**/Chart.yaml'}}"), Some(Discover::Glob("**/Chart.yaml".into())));
        assert_eq!(
            with("{fileName: Chart.yaml, find: {glob: '**/x'}}"),
            Some(Discover::FileName("Chart.yaml".into()))
        );
        assert_eq!(
            with("{find: {command: [sh, -c], args: [ls]}}"),
            Some(Discover::Command(["sh", "-c", "ls"].map(str::to_owned).to_vec()))
        );
        assert_eq!(with("{find: {command: [], args: [ls]}}"), None);
        let wrong = format!("{VALID}  discover: {{find: {{command: ls}}}}\n");
        assert_eq!(
            PluginConfig::parse(wrong.as_bytes()).unwrap_err().to_string(),
            "spec.discover.find.command has to be a list of strings"
        );
    }

    #[test]
    fn an_invalid_configuration_says_what_is_wrong() {
        for (text, message) in [
            ("kind: Pod", "invalid plugin configuration file. kind should be ConfigManagementPlugin"),
            (
                "kind: ConfigManagementPlugin",
                "invalid plugin configuration file. metadata.name should be non-empty.",
            ),
            (
                "kind: ConfigManagementPlugin\nmetadata: {name: x}",
                "invalid plugin configuration file. spec.generate command should be non-empty",
            ),
        ] {
            assert_eq!(PluginConfig::parse(text.as_bytes()).unwrap_err().to_string(), message);
        }
    }
}
