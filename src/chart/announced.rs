//! The single values of a chart that can be announced: every one that `--set` can
//! say, with what the chart says of it. A pure function of the chart and of what is
//! already set.

mod comments;
mod schema;

use std::collections::BTreeMap;

use crate::data::number::format_json;
use crate::data::yaml::Step;
use crate::data::{List, Map, Str, Value};
use crate::template::budget::{Budget, Exceeded};

use super::Chart;
use super::values::leaf;
use super::values::places::FilePlaces;
use comments::Comments;
use schema::Descriptions;

/// Values of one chart; more are no list that a person reads.
pub const MOST_VALUES: usize = 5_000;
/// Keys and items that are looked at for them.
const MOST_NODES: usize = 20_000;
/// Bytes of all names and values.
const MOST_BYTES: usize = 4 << 20;
/// How many dots a name of `--set` may have (strvals).
const MOST_DOTS: usize = 30;
/// Lists and tables inside each other, as far as `--set` is read.
const MOST_PARTS: usize = 100;
/// The highest index of `--set` (strvals).
const HIGHEST_INDEX: usize = 65_536;

/// A value without parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    /// Its name in the grammar of `--set`: `image.tag`, `args[0]`, `a\.b`.
    pub name: String,
    /// What it is, as text.
    pub text: String,
    /// Whether it is a string, which `--set` could take for something else.
    pub is_string: bool,
    /// What the chart says of it, in one line, or nothing: see [`describe`].
    pub title: String,
    path: Vec<Step>,
}

impl Announced {
    /// Its text as `--set` and `--set-string` read it back whole.
    pub fn escaped(&self) -> String {
        escaped(&self.text)
    }
}

/// The single values of `values`, by name; they are a chart's own under what is set
/// already.
///
/// Left out is what `--set` cannot say: an empty table or list, and a list that
/// holds one, since setting one item of a list replaces it whole.
///
/// Nothing where there are too many.
pub fn of(values: &Map) -> Option<Vec<Announced>> {
    let mut walk = Walk { found: Vec::new(), nodes: MOST_NODES, bytes: MOST_BYTES, path: Vec::new() };
    walk.table(values, 0)?;
    (walk.found.len() <= MOST_VALUES).then_some(walk.found)
}

/// Gives values their titles, and puts them into the order of the chart's
/// values.yaml; those that it does not have come last.
///
/// # Errors
/// The budget's: aliases can make it long to find where a value stands.
pub fn describe(chart: &Chart, values: &mut [Announced], budget: &Budget) -> Result<(), Exceeded> {
    let text = chart.values_file.as_ref().map_or(&[][..], |file| file.text.as_bytes());
    let text = String::from_utf8_lossy(text);
    let (places, comments) = (FilePlaces::of(text.as_bytes()), Comments::of(&text));
    let descriptions = Descriptions::of(chart.schema.as_ref().map_or(&[][..], Str::as_bytes));
    let mut lines = BTreeMap::new();
    for Announced { name, title, path, .. } in values.iter_mut() {
        budget.check()?;
        let line = places.line(path);
        *title = comments
            .of_parameter(name)
            .or_else(|| comments.above(line?, name))
            .or_else(|| comments.above(places.line(list_of(path)?)?, name))
            .or_else(|| descriptions.of_path(path))
            .unwrap_or_default();
        lines.insert(name.clone(), line.unwrap_or(u32::MAX));
    }
    values.sort_by_key(|value| lines.get(&value.name).copied());
    Ok(())
}

/// What `--set` and `--set-string` read as this text for the value of that name. An
/// empty text at the very end of an expression would empty the list that it is in,
/// as Helm reads it; behind a comma it does not.
pub fn assignment(name: &str, text: &str) -> String {
    format!("{name}={}{}", escaped(text), if text.is_empty() { "," } else { "" })
}

/// A text that `--set` and `--set-string` read back whole.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if matches!(c, '\\' | ',') || (at == 0 && c == '{') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The path of the list that a value is an item of.
fn list_of(path: &[Step]) -> Option<&[Step]> {
    let (Step::Index(_), list) = path.split_last()? else { return None };
    Some(list)
}

struct Walk {
    found: Vec<Announced>,
    /// What may still be looked at.
    nodes: usize,
    bytes: usize,
    /// Where the walk is.
    path: Vec<Step>,
}

/// Whether `--set` can say all of something; nothing where there is too much of it.
type Sayable = Option<bool>;

impl Walk {
    /// A table whose keys' names have so many dots.
    fn table(&mut self, table: &Map, dots: usize) -> Sayable {
        let mut all = !table.is_empty();
        for (key, value) in table.entries() {
            // A key that is empty or no text has no name.
            let Some(text) = key.to_str().filter(|key| !key.is_empty()) else {
                all = false;
                continue;
            };
            self.path.push(Step::Key(text.to_owned()));
            all &= self.value(&value, dots)?;
            self.path.pop();
        }
        Some(all)
    }

    fn value(&mut self, value: &Value, dots: usize) -> Sayable {
        self.nodes = self.nodes.checked_sub(1)?;
        if dots > MOST_DOTS || self.path.len() > MOST_PARTS {
            return Some(false);
        }
        match value {
            Value::Map(table) => self.table(table, dots + 1),
            Value::List(list) => self.list(list, dots),
            single => self.single(single),
        }
    }

    /// The items of a list, or none of them.
    fn list(&mut self, list: &List, dots: usize) -> Sayable {
        let before = self.found.len();
        let mut all = !list.is_empty() && list.len() <= HIGHEST_INDEX + 1;
        for (index, item) in list.items().iter().enumerate() {
            if !all {
                break;
            }
            self.path.push(Step::Index(index));
            all &= self.value(item, dots)?;
            self.path.pop();
        }
        if !all {
            self.found.truncate(before);
        }
        Some(all)
    }

    fn single(&mut self, value: &Value) -> Sayable {
        let text = match value {
            Value::Nil => "null".to_owned(),
            Value::Bool(b) => b.to_string(),
            Value::Int(n, _) => n.to_string(),
            Value::Float(n) => format_json(*n),
            Value::Str(text) => match text.to_str() {
                Some(text) => text.to_owned(),
                None => return Some(false),
            },
            _ => return Some(false),
        };
        let name = leaf::show(&self.path);
        self.bytes = self.bytes.checked_sub(name.len() + text.len())?;
        let is_string = matches!(value, Value::Str(_));
        self.found.push(Announced { name, text, is_string, title: String::new(), path: self.path.clone() });
        Some(true)
    }
}

#[cfg(test)]
mod tests;
