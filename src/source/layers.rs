//! The user's values, layer over layer: what sets them, in which order, and how
//! they become one map.

use crate::chart::KnownFiles;
use crate::chart::values::{known, merge_maps, set};
use crate::data::{Map, Str};
use crate::error::{Error, Result};
use crate::parameters::{Build, Parameters};
use crate::repository::Tree;

use super::files::{self, ValuesFile};
use super::tiphys_yaml::Config;
use super::{environment, values_files};

/// What a layer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A values file of an environment.
    Environment,
    /// `set` of tiphys.yaml.
    Set,
    /// A file of `values-files`.
    ValuesFiles,
    /// The text of `values`.
    Values,
    /// A value of the chart by the name that it is announced with.
    ChartValues,
    /// `helm-parameters`
    HelmParameters,
    /// `helm-string-parameters`
    HelmStringParameters,
    /// `file-parameters`
    FileParameters,
}

impl Kind {
    /// How people call it: a parameter by its name.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Environment => "layer",
            Kind::Set => "set",
            Kind::ValuesFiles => "values-files",
            Kind::Values => "values",
            Kind::ChartValues => "chart's values",
            Kind::HelmParameters => "helm-parameters",
            Kind::HelmStringParameters => "helm-string-parameters",
            Kind::FileParameters => "file-parameters",
        }
    }
}

/// One layer of values.
#[derive(Debug)]
pub struct Layer {
    /// What it is.
    pub kind: Kind,
    /// The file that it is, or stands in; none for a parameter's text.
    pub file: Option<String>,
    /// The line of the file where it stands, for a single value; 0 elsewhere.
    pub line: u32,
    /// What it sets.
    pub content: Content,
}

/// What a layer sets.
#[derive(Debug)]
pub enum Content {
    /// The text of a values file.
    File(Str),
    /// An expression for `--set-json`.
    Json(String),
    /// An expression for `--set`.
    Set(String),
    /// An expression for `--set-string`.
    SetString(String),
    /// An expression for `--set-file`, and the text of the file that it names.
    SetFile(String, Str),
}

/// The layers of the application in the directory `app`, lowest first: those of
/// its environment, `set` of tiphys.yaml, `values-files`, `values`, and the single
/// values in Helm's order (`--set`, `--set-string`, `--set-file`), each by name.
///
/// # Errors
/// A file that is not there or lies outside the repository; see
/// [`environment::layers`] for those of an environment.
pub fn of(
    tree: &dyn Tree,
    app: &str,
    config: &Config,
    parameters: &Parameters,
    build: &Build,
) -> Result<Vec<Layer>> {
    let tree = &files::Bounded::new(tree, files::LARGEST_TOGETHER);
    let file = |kind, file: ValuesFile| Layer {
        kind,
        file: Some(file.path),
        line: 0,
        content: Content::File(file.text),
    };
    let of_environment = environment::layers(tree, app, config, parameters.environment.as_deref())?;
    let mut layers: Vec<Layer> = of_environment.into_iter().map(|f| file(Kind::Environment, f)).collect();
    layers.extend(config.set.iter().map(|set| Layer {
        kind: Kind::Set,
        file: Some(config.file.clone()),
        line: set.line,
        content: Content::Json(set.expression.clone()),
    }));
    let files = values_files::read(tree, app, parameters, build)?;
    layers.extend(files.into_iter().map(|f| file(Kind::ValuesFiles, f)));
    let single = |kind, content| Layer { kind, file: None, line: 0, content };
    layers.extend(parameters.values.as_deref().map(|text| single(Kind::Values, Content::File(text.into()))));
    for (name, value) in &parameters.helm_parameters {
        let expression = expression(name, &build.substitute(value));
        layers.push(single(Kind::HelmParameters, Content::Set(expression)));
    }
    for (name, value) in &parameters.helm_string_parameters {
        let expression = expression(name, &build.substitute(value));
        layers.push(single(Kind::HelmStringParameters, Content::SetString(expression)));
    }
    for (name, path) in &parameters.file_parameters {
        let path = build.substitute(path);
        let context = |e: Error| e.context(format_args!("parameter \"file-parameters\": {name}"));
        let file = files::resolve(app, &path).map_err(context)?;
        let text = files::read(tree, &file).map_err(context)?;
        let content = Content::SetFile(expression(name, &path), text);
        layers.push(Layer { file: Some(file), ..single(Kind::FileParameters, content) });
    }
    Ok(layers)
}

/// A value as Argo CD hands it to Helm: commas escaped where they are not, but for
/// a list in braces.
fn expression(name: &str, value: &str) -> String {
    let mut out = format!("{name}=");
    if value.starts_with('{') && value.ends_with('}') {
        return out + value;
    }
    let mut previous = None;
    for c in value.chars() {
        if c == ',' && previous != Some('\\') {
            out.push('\\');
        }
        out.push(c);
        previous = Some(c);
    }
    out
}

/// The values that all layers together set. Files may be `known`.
///
/// # Errors
/// A file that is not YAML, an expression that is none of `--set`'s; each names
/// its layer.
pub fn merge(layers: &[Layer], known: Option<&KnownFiles>) -> Result<Map> {
    let values = Map::new();
    for layer in layers {
        layer.apply(&values, known)?;
    }
    Ok(values)
}

impl Layer {
    /// Puts the layer over `values`.
    ///
    /// # Errors
    /// As [`merge`].
    pub fn apply(&self, values: &Map, known: Option<&KnownFiles>) -> Result<()> {
        let done = match &self.content {
            Content::File(text) => {
                let shown = self.file.as_deref().unwrap_or("the parameter values");
                let file = known::read(text.as_bytes(), known);
                let file = file.map_err(|e| Error::invalid(format!("failed to parse {shown}: {e}")))?;
                return merge_maps(values, &file);
            }
            Content::Json(text) => set::set_json(text, values),
            Content::Set(text) => set::set(text, values),
            Content::SetString(text) => set::set_string(text, values),
            Content::SetFile(expression, text) => {
                set::set_file(expression, values, &mut |_| Ok(text.clone()))
            }
        };
        done.map_err(|e| match &self.file {
            Some(file) if self.kind == Kind::Set => Error::invalid(e.message).at(file, self.line, 0),
            _ => e.context(format_args!("parameter {:?}", self.kind.name())),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::snapshot::{Node, Snapshot};

    #[test]
    fn values_are_written_as_argo_cd_hands_them_to_helm() {
        for (value, expected) in [
            ("a,b", r"k=a\,b"),
            (r"a\,b", r"k=a\,b"),
            ("{a,b}", "k={a,b}"),
            ("{a},b", r"k={a}\,b"),
            ("", "k="),
        ] {
            assert_eq!(expression("k", value), expected);
        }
    }

    #[test]
    fn many_names_of_one_large_file_are_too_many() {
        let file = Node::File(format!("a: {}", "x".repeat(4 << 20)).into());
        let tree = Snapshot::new([("v.yaml".to_owned(), file)].into());
        let layers = |n: usize| {
            let config =
                Config::parse("tiphys.yaml", format!("values: [{}]", "v.yaml,".repeat(n)).as_bytes());
            of(&tree, "", &config.unwrap(), &Parameters::default(), &Build::default())
        };
        assert_eq!(layers(15).unwrap().len(), 15);
        let error = layers(16).unwrap_err();
        assert_eq!(error.to_string(), "the files of values have more than 64 MiB in all");
        assert_eq!(error.kind, crate::error::Kind::Limit);
    }
}
