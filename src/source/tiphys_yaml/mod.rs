//! tiphys.yaml, an application's own configuration: which chart, which layers of
//! values, which environments. Read strictly: what is not understood is an error
//! with its line.

mod environments;
mod layer_path;
mod reader;

use std::collections::BTreeMap;

use crate::data::yaml::Step;
use crate::data::{Map, Value, json, nearest};
use crate::error::{Error, Kind, Result};
use crate::repository::Tree;

use super::files;
use environments::Environments;
pub use layer_path::LayerPath;
use reader::Reader;

/// The file's name, in the application's directory.
pub const FILE: &str = "tiphys.yaml";

/// What the file may say.
pub const KEYS: [&str; 8] =
    ["chart", "repo", "version", "releaseName", "namespace", "values", "environments", "set"];

/// The largest JSON text of one `set` entry.
const LARGEST_SET: usize = 5 << 20;

/// Layers, and environments, that the file may list.
const MOST: usize = 1000;

/// Variables of layer paths by name.
pub type Variables = BTreeMap<String, String>;

/// A read tiphys.yaml.
#[derive(Debug, Default)]
pub struct Config {
    /// Its path in the repository.
    pub file: String,
    /// `chart`
    pub chart: Option<String>,
    /// `repo`
    pub repo: Option<String>,
    /// `version`
    pub version: Option<String>,
    /// `releaseName`
    pub release_name: Option<String>,
    /// `namespace`
    pub namespace: Option<String>,
    /// `values`: the layers, lowest first; none where the conventions hold.
    pub layers: Option<Vec<LayerPath>>,
    /// `environments`
    pub environments: Environments,
    /// `set`, in the order of the paths.
    pub set: Vec<Set>,
}

/// An entry of `set`.
#[derive(Debug)]
pub struct Set {
    /// `path=value`, as `--set-json` reads it.
    pub expression: String,
    /// Where it stands.
    pub line: u32,
}

impl Config {
    /// Reads the tiphys.yaml of the application in the directory `app`; none where
    /// there is none.
    ///
    /// # Errors
    /// What is wrong in it, with file and line; the tree's own.
    pub fn load(tree: &dyn Tree, app: &str) -> Result<Option<Config>> {
        let file = files::join(app, FILE);
        if !files::is_there(tree, &file)? {
            return Ok(None);
        }
        Config::parse(&file, files::read(tree, &file)?.as_bytes()).map(Some)
    }

    /// Reads the text of a tiphys.yaml.
    ///
    /// # Errors
    /// What is wrong in it, with file and line.
    pub fn parse(file: &str, text: &[u8]) -> Result<Config> {
        let (reader, document) = Reader::new(file, text)?;
        let root = match document {
            Value::Nil => Map::new(),
            Value::Map(root) => root,
            _ => return Err(reader.error(&[], "tiphys.yaml has to be a mapping")),
        };
        reader.check_keys(&root)?;
        let string = |key: &str| reader.string(&[Step::Key(key.to_owned())], root.get(key));
        Ok(Config {
            file: file.to_owned(),
            chart: string("chart")?,
            repo: string("repo")?,
            version: string("version")?,
            release_name: string("releaseName")?,
            namespace: string("namespace")?,
            layers: root.get("values").map(|value| layers(&reader, &value)).transpose()?,
            environments: root
                .get("environments")
                .map_or_else(|| Ok(Environments::default()), |value| Environments::read(&reader, &value))?,
            set: root.get("set").map_or_else(|| Ok(Vec::new()), |value| set(&reader, &value))?,
        })
    }

    /// What the paths of layers may name: the environment's variables, and
    /// `environment` itself.
    ///
    /// # Errors
    /// The file lists environments, and this is none of them.
    pub fn variables(&self, environment: Option<&str>) -> Result<Variables> {
        let Some(name) = environment else { return Ok(Variables::new()) };
        let mut variables = match self.environments.get(name) {
            Some(variables) => variables.clone(),
            None if self.environments.is_empty() => Variables::new(),
            None => {
                let message = format!("{} has no environment {name:?}", self.file);
                let hint = nearest::hint(name, self.environments.names());
                return Err(Error::new(Kind::NotFound, message).hint(hint));
            }
        };
        variables.insert(layer_path::ENVIRONMENT.to_owned(), name.to_owned());
        Ok(variables)
    }

    /// The environments there are: those listed, or else those that the layers'
    /// paths are found for.
    pub fn environment_names(&self, tree: &dyn Tree, app: &str) -> Vec<String> {
        if !self.environments.is_empty() {
            return self.environments.names().map(str::to_owned).collect();
        }
        let mut names: Vec<String> =
            self.layers.iter().flatten().flat_map(|layer| layer.environments(tree, app)).collect();
        names.sort();
        names.dedup();
        names
    }
}

fn layers(reader: &Reader, value: &Value) -> Result<Vec<LayerPath>> {
    let at = [Step::Key("values".to_owned())];
    let Value::List(list) = value else {
        return Err(reader.error(&at, "values has to be a list of paths"));
    };
    if list.items().len() > MOST {
        return Err(reader.error(&at, &format!("values has more than {MOST} layers")));
    }
    let layer = |(index, item): (usize, &Value)| {
        let at = [&at[..], &[Step::Index(index)]].concat();
        match item {
            Value::Str(text) => LayerPath::parse(&text.to_str_lossy(), reader.line(&at))
                .map_err(|e| e.at(reader.file(), reader.line(&at), 0)),
            _ => Err(reader.error(&at, "a layer has to be a path: a string")),
        }
    };
    list.items().iter().enumerate().map(layer).collect()
}

fn set(reader: &Reader, value: &Value) -> Result<Vec<Set>> {
    let at = [Step::Key("set".to_owned())];
    let Value::Map(entries) = value else {
        return Err(reader.error(&at, "set has to be a mapping of --set paths to values"));
    };
    let entry = |(path, value): &(crate::data::Str, Value)| {
        let at = [&at[..], &[Step::Key(path.to_string())]].concat();
        let text = json::write(value, false, LARGEST_SET)
            .map_err(|e| reader.error(&at, &format!("set.{path}: {e}")))?;
        Ok(Set { expression: format!("{path}={}", String::from_utf8_lossy(&text)), line: reader.line(&at) })
    };
    entries.entries().iter().map(entry).collect()
}

#[cfg(test)]
mod tests;
