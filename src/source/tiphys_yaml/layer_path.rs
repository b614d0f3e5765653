//! The paths of layers: handlebars texts such as `values/{{environment}}.yaml`,
//! with a `?` at the end where the file need not be there.

use handlebars::template::{Template, TemplateElement};
use handlebars::{Handlebars, RenderErrorReason};

use crate::data::nearest;
use crate::error::{Error, Kind, Result};
use crate::repository::Tree;

use super::super::conventions::check_name;
use super::super::{files, glob};
use super::Variables;

/// The variable that is always there once an environment is chosen.
pub const ENVIRONMENT: &str = "environment";

/// The longest path; it bounds how deep blocks may nest, too.
const LONGEST: usize = 1024;

/// A layer's path as it is written.
#[derive(Debug)]
pub struct LayerPath {
    /// Without the `?`.
    text: String,
    /// Whether the file need not be there.
    pub optional: bool,
    /// Where it stands in tiphys.yaml.
    pub line: u32,
}

impl LayerPath {
    /// Reads a path.
    ///
    /// # Errors
    /// Too long, not handlebars, or with partials or decorators, which a path has
    /// no use for and which could recurse without end.
    pub fn parse(text: &str, line: u32) -> Result<LayerPath> {
        let (path, optional) = text.strip_suffix('?').map_or((text, false), |path| (path, true));
        if path.is_empty() || path.len() > LONGEST {
            let message = format!("a layer's path has from 1 to {LONGEST} characters");
            return Err(Error::invalid(message));
        }
        let template = Template::compile(path).map_err(|error| {
            let reason = error.reason().to_string();
            let reason = reason.split('\n').next().unwrap_or_default().to_owned();
            Error::invalid(format!("the layer {text:?} is not a handlebars path: {reason}"))
        })?;
        if !is_plain(&template) {
            let message = format!("the layer {text:?} uses partials or decorators, which paths cannot have");
            return Err(Error::invalid(message));
        }
        Ok(LayerPath { text: path.to_owned(), optional, line })
    }

    /// The path with its variables filled in.
    ///
    /// # Errors
    /// A variable that there is not, named together with the layer.
    pub fn render(&self, variables: &Variables) -> Result<String> {
        let mut handlebars = Handlebars::new();
        handlebars.set_strict_mode(true);
        handlebars.register_escape_fn(handlebars::no_escape);
        handlebars.render_template(&self.text, variables).map_err(|error| {
            let layer = &self.text;
            let RenderErrorReason::MissingVariable(Some(name)) = error.reason() else {
                return Error::invalid(format!("the layer {layer:?} cannot be named: {}", error.reason()));
            };
            let message = format!("the layer {layer:?} names the variable {name:?}, which is not defined");
            Error::new(Kind::Usage, message).hint(match variables.is_empty() {
                true => "no environment is chosen: set the parameter environment".to_owned(),
                false => nearest::hint(name, variables.keys().map(String::as_str)),
            })
        })
    }

    /// Whether the path says anything of the environment.
    pub fn has_variables(&self) -> bool {
        self.text.contains("{{")
    }

    /// The environments that there are files for, where `{{environment}}` is the
    /// path's only variable.
    pub fn environments(&self, tree: &dyn Tree, app: &str) -> Vec<String> {
        let shape = self.text.replace(' ', "").replace("{{environment}}", "\0");
        let Some((before, after)) = shape.split_once('\0') else { return Vec::new() };
        if shape.contains("{{") || glob::is_pattern(&shape) {
            return Vec::new();
        }
        let (directory, prefix) = before.rsplit_once('/').map_or(("", before), |(directory, prefix)| {
            if directory.is_empty() { ("/", prefix) } else { (directory, prefix) }
        });
        let suffix = after.split('/').next().unwrap_or_default();
        let Ok(directory) = files::resolve(app, directory) else { return Vec::new() };
        let mut names = Vec::new();
        for entry in tree.list(&directory).unwrap_or_default() {
            let name = entry.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(suffix));
            let Some(name) = name.filter(|name| check_name(name).is_ok()) else { continue };
            let path = files::resolve(app, &shape.replace('\0', name));
            if path.is_ok_and(|path| files::is_there(tree, &path).unwrap_or_default()) {
                names.push(name.to_owned());
            }
        }
        names
    }
}

/// Whether nothing in the template includes other templates.
fn is_plain(template: &Template) -> bool {
    template.elements.iter().all(|element| match element {
        TemplateElement::RawString(_) | TemplateElement::Comment(_) => true,
        TemplateElement::HtmlExpression(helper)
        | TemplateElement::Expression(helper)
        | TemplateElement::HelperBlock(helper) => helper.template.iter().chain(&helper.inverse).all(is_plain),
        _ => false,
    })
}
