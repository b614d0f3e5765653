//! Which layer sets each value, and where: the highest one that has it.

use std::collections::BTreeMap;

use crate::chart::Chart;
use crate::chart::values::coalesce::GLOBAL;
use crate::chart::values::leaf;
use crate::chart::values::places::FilePlaces;
use crate::data::yaml::Step;
use crate::data::{Map, Value, json};
use crate::error::Result;

use super::files;
use super::layers::{Content, Layer};

/// The most that is shown of a value.
const LONGEST: usize = 40;

/// A value and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// Its path in the grammar of `--set`.
    pub path: String,
    /// The value as JSON, shortened.
    pub value: String,
    /// `chart`, or what the layer is; `-` for what a chart imports from a subchart.
    pub layer: &'static str,
    /// File and line, as far as there are any.
    pub place: String,
}

/// Explains every leaf of `values`: what `layers` and the prepared `chart` at
/// `chart_path` become.
///
/// # Errors
/// A layer that cannot be read, values that nest too deeply.
pub fn explain(layers: &[Layer], chart: &Chart, chart_path: &str, values: &Map) -> Result<Vec<Explained>> {
    let sources = layers.iter().map(Source::of).collect::<Result<Vec<_>>>()?;
    let chart = ChartPlaces::of(chart, chart_path);
    let mut explained = Vec::new();
    for (path, value) in leaf::leaves(values)? {
        // Coalescing makes a table of globals for each subchart, set or not.
        let made = matches!((&value, path.last()), (Value::Map(_), Some(Step::Key(key))) if key == GLOBAL);
        let origin = chart.names(&path).find_map(|path| origin(&sources, &chart, path));
        if made && origin.is_none() {
            continue;
        }
        let (layer, place) = origin.unwrap_or(("-", String::new()));
        explained.push(Explained { path: leaf::show(&path), value: shown(&value), layer, place });
    }
    Ok(explained)
}

/// Who sets what is at `path`: the highest layer that has it, unless one above it
/// put something without parts in the way.
fn origin(sources: &[Source<'_>], chart: &ChartPlaces, path: &[Step]) -> Option<(&'static str, String)> {
    for source in sources.iter().rev() {
        if let Some(place) = source.place(path) {
            return Some((source.layer.kind.name(), place));
        }
        if source.hides(path) {
            break;
        }
    }
    let of_chart = chart.place(path).map(|place| ("chart", place));
    of_chart.or_else(|| {
        let filler = sources.iter().rev().find(|source| leaf::at(&source.alone, path).is_some())?;
        Some((filler.layer.kind.name(), String::new()))
    })
}

fn shown(value: &Value) -> String {
    let text = json::write(value, false, usize::MAX).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    }
}

/// A layer, ready to be asked for paths.
struct Source<'a> {
    layer: &'a Layer,
    places: FilePlaces,
    /// What it sets by itself.
    alone: Map,
}

impl Source<'_> {
    fn of(layer: &Layer) -> Result<Source<'_>> {
        let alone = Map::new();
        layer.apply(&alone, None)?;
        let places = match &layer.content {
            Content::File(text) => FilePlaces::of(text.as_bytes()),
            _ => FilePlaces::default(),
        };
        Ok(Source { layer, places, alone })
    }

    /// Where the layer sets what is at `path`, if it does.
    fn place(&self, path: &[Step]) -> Option<String> {
        let set = leaf::at(&self.alone, path)?;
        let line = match self.layer.content {
            Content::File(_) => self.places.line(path).unwrap_or_default(),
            // The nulls before an index only fill the list up.
            _ if set.is_nil() && matches!(path.last(), Some(Step::Index(_))) => return None,
            _ => self.layer.line,
        };
        Some(match (&self.layer.file, line) {
            (Some(file), 0) => file.clone(),
            (Some(file), line) => format!("{file}:{line}"),
            (None, 0) => String::new(),
            (None, line) => format!("line {line}"),
        })
    }

    /// Whether the layer sets something without parts on the way to `path`.
    fn hides(&self, path: &[Step]) -> bool {
        let way = (1..path.len()).filter_map(|end| leaf::at(&self.alone, path.get(..end)?));
        way.into_iter().any(|value| !value.is_container())
    }
}

/// The places of a chart's own values, and of its subcharts'.
struct ChartPlaces {
    file: String,
    places: FilePlaces,
    subcharts: BTreeMap<String, ChartPlaces>,
}

impl ChartPlaces {
    fn of(chart: &Chart, chart_path: &str) -> ChartPlaces {
        let file = chart.values_file.as_ref();
        let subchart = |chart: &Chart| (chart.metadata.name.clone(), ChartPlaces::of(chart, chart_path));
        ChartPlaces {
            file: file.map(|file| files::join(chart_path, &file.path)).unwrap_or_default(),
            places: file.map(|file| FilePlaces::of(file.text.as_bytes())).unwrap_or_default(),
            subcharts: chart.dependencies.iter().map(subchart).collect(),
        }
    }

    /// Where the chart sets what is at `path`: itself, or else the subchart whose
    /// table this is.
    fn place(&self, path: &[Step]) -> Option<String> {
        if let Some(line) = self.places.line(path) {
            return Some(format!("{}:{line}", self.file));
        }
        let (Step::Key(name), rest) = path.split_first()? else { return None };
        self.subcharts.get(name)?.place(rest)
    }

    /// The paths under which a value may be set, the strongest first: a subchart's
    /// globals are those of the charts around it before they are its own.
    fn names<'a>(&self, path: &'a [Step]) -> impl Iterator<Item = &'a [Step]> {
        let mut chart = self;
        let inside = path.iter().take_while(|step| match step {
            Step::Key(name) => match chart.subcharts.get(name) {
                Some(subchart) => {
                    chart = subchart;
                    true
                }
                None => false,
            },
            Step::Index(_) => false,
        });
        let depth = inside.count();
        let global = path.get(depth..).filter(|rest| rest.first() == Some(&Step::Key(GLOBAL.to_owned())));
        global.into_iter().chain([path])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::prepare;
    use crate::notice::Notices;
    use crate::parameters::{Build, Parameters};
    use crate::repository::snapshot::{Node, Snapshot};
    use crate::source::application::Application;
    use crate::source::{Means, layers};

    const FILES: &[(&str, &str)] = &[
        (
            "a/Chart.yaml",
            "apiVersion: v2\nname: a\nversion: 1.0.0\ndependencies: [{name: db, version: 1.0.0, alias: store}]\n",
        ),
        (
            "a/values.yaml",
            "# c\nkept: 1\nlist: [a, b]\nreset:\n  deep: chart\n  other: chart\nglobal: {zone: z}\nstore: {user: u}\n",
        ),
        ("a/charts/db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 1.0.0\n"),
        ("a/charts/db/values.yaml", "user: none\nport: 1\nglobal:\n  zone: y\n  own: o\n"),
        ("a/tiphys.yaml", "values: [low.yaml, '{{environment}}.yaml']\nset:\n  list[1]: c\n  map.x: 1\n"),
        ("a/low.yaml", "map: {x: 0, w: 0}\nreset:\n  deep: low\nbase: &b {k: 1}\nuse:\n  <<: *b\n"),
        ("a/high.yaml", "reset: ~\nlist:\n- h\n- i\nmap:\n  z: 0\n---\nsecond: 2\n"),
        ("a/f/one.yaml", "reset: {other: file}\nlong: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"),
        ("a/f/text", "text"),
    ];

    #[test]
    fn every_leaf_is_explained_by_layer_file_and_line() {
        let file = |(path, text): &(&str, &str)| ((*path).to_owned(), Node::File((*text).into()));
        let tree = Snapshot::new(FILES.iter().map(file).collect());
        let map = |name: &str, value: &str| [(name.to_owned(), value.to_owned())].into();
        let parameters = Parameters {
            environment: Some("high".into()),
            values_files: vec!["f/*.yaml".into()],
            values: Some("\nmap:\n  w: 9\n".into()),
            helm_parameters: map("added[1].k", "1"),
            helm_string_parameters: map("map.s", "1"),
            file_parameters: map("text", "f/text"),
            ..Parameters::default()
        };
        let mut notices = Notices::default();
        let application =
            Application::load(&tree, "a", &parameters, &Build::default(), Means::default(), &mut notices)
                .unwrap();
        let user = layers::merge(&application.layers, None).unwrap();
        let (chart, values) = prepare::values(&application.chart, &user, &mut notices).unwrap();
        let explained = explain(&application.layers, &chart, &application.chart_path, &values).unwrap();
        let lines: Vec<String> = explained
            .iter()
            .map(|e| format!("{} = {} | {} | {}", e.path, e.value, e.layer, e.place))
            .collect();
        assert_eq!(
            lines,
            [
                "added[0] = null | helm-parameters | ",
                "added[1].k = 1 | helm-parameters | ",
                "base.k = 1 | layer | a/low.yaml:4",
                "global.zone = \"z\" | chart | a/values.yaml:7",
                "kept = 1 | chart | a/values.yaml:2",
                "list[0] = \"h\" | layer | a/high.yaml:3",
                "list[1] = \"c\" | set | a/tiphys.yaml:3",
                "long = \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa… | values-files | a/f/one.yaml:2",
                "map.s = \"1\" | helm-string-parameters | ",
                "map.w = 9 | values | line 3",
                "map.x = 1 | set | a/tiphys.yaml:4",
                "map.z = 0 | layer | a/high.yaml:6",
                "reset.deep = \"chart\" | chart | a/values.yaml:5",
                "reset.other = \"file\" | values-files | a/f/one.yaml:1",
                "second = 2 | layer | a/high.yaml:8",
                "store.global.own = \"o\" | chart | a/charts/db/values.yaml:5",
                "store.global.zone = \"z\" | chart | a/values.yaml:7",
                "store.port = 1 | chart | a/charts/db/values.yaml:2",
                "store.user = \"u\" | chart | a/values.yaml:8",
                "text = \"text\" | file-parameters | a/f/text",
                "use.k = 1 | layer | a/low.yaml:4",
            ]
        );
    }
}
