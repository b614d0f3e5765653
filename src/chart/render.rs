//! Helm's engine: a chart's templates to texts. Parsing is separate from
//! executing: a [`Parsed`] chart can be rendered many times, by many threads,
//! with different values.

mod failure;
mod scope;
mod stack;
mod templates;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::capabilities::Capabilities;
use super::{Chart, Release};
use crate::data::{Map, Str, Value};
use crate::error::{Error, Kind};
use crate::template::ast::{Source, Template};
use crate::template::exec::{self, Executor};
use crate::template::parser::{self, Scratch};
use crate::template::set::Set;

pub use crate::template::exec::{Asked, Chance, Environment, Known, Vary, Watch};
pub use failure::TemplateError;
pub use failure::exceeded;
pub use stack::{make_room, on_render_stack};
pub use templates::Templates;

/// The parsed templates of a chart and its subcharts, in Helm's order.
#[derive(Debug, Clone)]
pub struct Parsed {
    set: Set,
    files: Vec<File>,
}

impl Parsed {
    /// The text of the template file with that full path.
    pub fn text(&self, path: &str) -> Option<&Str> {
        self.set.get(path.as_bytes()).map(|template| &template.tree.source.text)
    }
}

/// One template file.
#[derive(Debug, Clone)]
struct File {
    /// Its full path, which is its template's name.
    path: String,
    /// How many directories it is in.
    depth: usize,
    /// The path of its chart's templates.
    base: String,
    /// Which chart it belongs to, counted from the root, parents before children.
    chart: usize,
}

impl File {
    /// Whether it only defines templates for others and is not rendered.
    fn is_partial(&self) -> bool {
        base_name(&self.path).starts_with('_')
    }
}

/// What a template file rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The template's full path, such as `chart/charts/sub/templates/a.yaml`.
    pub path: String,
    /// The text.
    pub text: Vec<u8>,
    /// The calls in it that asked the clock or chance, where the environment watches.
    pub chance: Vec<Chance>,
}

/// What a render is about, beside the chart.
#[derive(Debug)]
pub struct Inputs<'a> {
    /// `.Values` of the root chart; a subchart sees the table of its name in it.
    pub values: &'a Map,
    /// `.Release`
    pub release: &'a Release,
    /// `.Capabilities`
    pub capabilities: &'a Capabilities,
}

/// Parses a file's templates. `path` is what errors call it, `scratch` room that may
/// be used for many files.
///
/// # Errors
/// `parse error at (path:line): …`, as Helm words it.
pub fn parse_file(path: &str, text: &Str, scratch: &mut Scratch) -> Result<Vec<Arc<Template>>, Error> {
    let source = Source { name: path.into(), text: text.clone() };
    match parser::parse(source, scratch) {
        Ok(templates) => Ok(templates.into_iter().map(Arc::new).collect()),
        Err(error) => Err(failure::parse_error(&error)),
    }
}

/// Parses the templates of a chart whose dependencies are processed.
///
/// # Errors
/// The first file, in Helm's order, that is no template.
pub fn parse(chart: &Chart) -> Result<Parsed, Error> {
    parse_with(chart, parse_file)
}

/// The same with another way to parse a file, such as from a cache of parsed
/// files: which subcharts are there depends on the values, the files do not.
///
/// # Errors
/// Those of `parse_file`.
pub fn parse_with<T: IntoIterator<Item = Arc<Template>>>(
    chart: &Chart,
    parse_file: impl Fn(&str, &Str, &mut Scratch) -> Result<T, Error>,
) -> Result<Parsed, Error> {
    let mut found = Vec::new();
    collect(chart, &chart.metadata.name, &mut 0, &mut found)?;
    // A path may come twice (subcharts of one name): the one found last stays.
    found.reverse();
    found.sort_by(|(a, _), (b, _)| b.depth.cmp(&a.depth).then_with(|| b.path.cmp(&a.path)));
    found.dedup_by(|(later, _), (first, _)| later.path == first.path);
    let (mut set, mut scratch) = (Set::default(), Scratch::default());
    for (file, text) in &found {
        for template in parse_file(&file.path, text, &mut scratch)? {
            set.define(template);
        }
    }
    Ok(Parsed { set, files: found.into_iter().map(|(file, _)| file).collect() })
}

/// Renders every file that is no partial, in Helm's order of execution (deepest
/// path first, then backwards by name; what a template changes in its values,
/// later files see).
///
/// # Errors
/// The first failing file's, worded as Helm does, with [`TemplateError`] as its
/// source; or a reached limit.
pub fn execute(
    parsed: &Parsed,
    chart: &Chart,
    inputs: &Inputs<'_>,
    environment: &mut Environment,
) -> Result<Vec<Rendered>, Error> {
    let rendered = execute_files(parsed, chart, inputs, environment);
    // A file that could not be read is why, whatever a template made of it.
    chart.read_well()?;
    rendered
}

fn execute_files(
    parsed: &Parsed,
    chart: &Chart,
    inputs: &Inputs<'_>,
    environment: &mut Environment,
) -> Result<Vec<Rendered>, Error> {
    let scopes = scope::scopes(chart, inputs);
    let mut executor = Executor::new(&parsed.set, environment);
    let mut rendered = Vec::with_capacity(parsed.files.len());
    for file in parsed.files.iter().filter(|file| !file.is_partial()) {
        let (Some(template), Some(scope)) = (parsed.set.get(file.path.as_bytes()), scopes.get(file.chart))
        else {
            return Err(Error::new(Kind::Internal, format!("no template and scope for {}", file.path)));
        };
        scope::enter(scope, &file.path, &file.base);
        let mut text = Vec::new();
        executor
            .execute(template, &scope::dot(scope), &mut text)
            .map_err(|error| failure::exec_error(&error))?;
        if let Some(cleaned) = exec::without_no_value(&text) {
            text = cleaned;
        }
        executor.budget().output(text.len()).map_err(failure::exceeded)?;
        rendered.push(Rendered { path: file.path.clone(), text, chance: executor.take_chance() });
    }
    Ok(rendered)
}

/// Renders a text on its own, without a chart and without data (Helm's
/// `--name-template`); `name` is what errors call it.
///
/// # Errors
/// The template's, in text/template's own words.
pub fn text(name: &str, text: &str, environment: &mut Environment) -> Result<String, Error> {
    let words = |raw: String| Error::new(Kind::Usage, raw.clone()).caused_by(TemplateError(raw));
    let source = Source { name: name.into(), text: text.into() };
    let mut set = Set::default();
    set.add(parser::parse(source, &mut Scratch::default()).map_err(|error| words(error.to_string()))?);
    let mut out = Vec::new();
    if let Some(template) = set.get(name.as_bytes()) {
        let mut executor = Executor::new(&set, environment);
        executor.execute(template, &Value::Nil, &mut out).map_err(|error| match exec::ending(&error) {
            Some(exec::Ending::Exceeded(exceeded, _)) => failure::exceeded(exceeded),
            _ => words(error.to_string()),
        })?;
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// Finds the templates of a chart and its subcharts; children come first, as in
/// Helm, where a parent's file replaces a child's of the same path.
fn collect(
    chart: &Chart,
    full_path: &str,
    count: &mut usize,
    found: &mut Vec<(File, Str)>,
) -> Result<(), Error> {
    let number = *count;
    *count += 1;
    for child in &chart.dependencies {
        collect(child, &format!("{full_path}/charts/{}", child.metadata.name), count, found)?;
    }
    let base = join(full_path, "templates");
    let library = chart.metadata.chart_type.eq_ignore_ascii_case("library");
    for template in chart.templates.iter() {
        if library && !base_name(&template.path).starts_with('_') {
            continue;
        }
        let path = join(full_path, &template.path);
        let file = File { depth: depth(&path), path, base: base.clone(), chart: number };
        found.push((file, template.data()?.clone()));
    }
    Ok(())
}

/// Go's path.Join of two parts.
fn join(base: &str, path: &str) -> String {
    let is_clean = |path: &str| path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if is_clean(base) && is_clean(path) {
        return [base, "/", path].concat();
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn depth(path: &str) -> usize {
    path.bytes().filter(|b| *b == b'/').count()
}
