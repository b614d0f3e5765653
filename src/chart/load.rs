//! A chart out of its files (Helm's loader.LoadFiles): what each file is, the
//! subcharts in `charts/`, and the checks on the way.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::data::{Frozen, Map, Str, Value};
use crate::error::{Error, Kind, Result};
use crate::notice::Notices;

use super::archive::{self, Limits};
use super::documents::documents;
use super::lock::Lock;
use super::metadata::Draft;
use super::values::{self, merge_maps};
use super::{Chart, File, KnownFiles, Metadata, ValuesFile, decode};

/// Charts inside each other, packed or not.
const MAX_NESTING: u32 = 100;

/// Loads a chart from its files; paths are relative to the chart.
///
/// # Errors
/// Helm's, where it refuses the chart or one of its subcharts.
pub fn from_files(files: Vec<File>, notices: &mut Notices) -> Result<Chart> {
    from_files_with(files, None, notices)
}

/// The same where its files may be `known`.
///
/// # Errors
/// As [`from_files`].
pub fn from_files_with(files: Vec<File>, known: Option<&KnownFiles>, notices: &mut Notices) -> Result<Chart> {
    Loader { notices, known, limits: Limits::default(), nesting: 0, within: String::new() }.chart(files)
}

/// Reads a values file: documents one over the other, tables merged; always a map.
///
/// # Errors
/// Helm's, without a `cannot load …` before it.
pub fn values(text: &[u8]) -> std::result::Result<Map, String> {
    let mut values: Option<Map> = None;
    for document in documents(text) {
        let (_, document) = document?;
        let map =
            decode::unmarshal_map(&document).map_err(|e| format!("cannot unmarshal yaml document: {e}"))?;
        match &values {
            Some(values) => merge_maps(values, &map).map_err(|e| e.to_string())?,
            None => values = Some(map),
        }
    }
    Ok(values.unwrap_or_default())
}

struct Loader<'a> {
    notices: &'a mut Notices,
    known: Option<&'a KnownFiles>,
    limits: Limits,
    nesting: u32,
    /// Where the chart that is being loaded lies in the outermost one.
    within: String,
}

/// Whether a file of a chart, or of a chart in its `charts/`, is left to `.Files`: loading
/// does not read it.
pub fn is_left_to_templates(path: &str) -> bool {
    match path.strip_prefix("charts/").and_then(|inside| inside.split_once('/')) {
        Some((_, inside)) => is_left_to_templates(inside),
        None => !is_read(path),
    }
}

/// Whether loading reads the file, instead of leaving it to `.Files`.
fn is_read(path: &str) -> bool {
    let read = ["Chart.yaml", "Chart.lock", "values.yaml", "values.schema.json"];
    let of_v1 = ["requirements.yaml", "requirements.lock"];
    let directory = path.split('/').next().unwrap_or_default();
    read.contains(&path) || of_v1.contains(&path) || matches!(directory, "templates" | "charts" | "crds")
}

/// Files of one name in `charts/`, with paths relative to `charts/`.
type Subcharts = BTreeMap<String, Vec<File>>;

impl Loader<'_> {
    fn chart(&mut self, files: Vec<File>) -> Result<Chart> {
        let mut draft = read_chart_yaml(&files)?;
        let mut chart = Chart::default();
        let mut subcharts = Subcharts::new();
        for file in files {
            self.sort(file, &mut chart, &mut draft, &mut subcharts)?;
        }
        let draft = draft.ok_or_else(|| Error::invalid("Chart.yaml file is missing"))?;
        chart.metadata = draft.finish()?;
        for (name, files) in subcharts {
            if name.starts_with(['_', '.']) {
                continue;
            }
            let subchart = self.subchart(&name, files, &chart.metadata)?;
            chart.dependencies.push(subchart);
        }
        Ok(chart)
    }

    /// Puts one file where it belongs.
    fn sort(
        &mut self,
        mut file: File,
        chart: &mut Chart,
        draft: &mut Option<Draft>,
        subcharts: &mut Subcharts,
    ) -> Result<()> {
        match file.path.as_str() {
            "Chart.yaml" => {}
            "Chart.lock" => {
                Lock::read(file.data()?.as_bytes()).map_err(|e| cannot_load("Chart.lock", &e))?;
            }
            "values.yaml" => {
                let text = file.data()?.clone();
                let values = values::known::read(text.as_bytes(), self.known)
                    .map_err(|e| cannot_load("values.yaml", &e))?;
                chart.values = Frozen::freeze(&Value::Map(values));
                chart.values_file = Some(ValuesFile { path: join(&self.within, &file.path), text });
            }
            "values.schema.json" => chart.schema = Some(file.data()?.clone()),
            "requirements.yaml" | "requirements.lock" => {
                if self.requirements(&file, draft.get_or_insert_default())? {
                    Arc::make_mut(&mut chart.files).push(file);
                }
            }
            path if path.starts_with("templates/") => Arc::make_mut(&mut chart.templates).push(file),
            path if path.starts_with("charts/") => {
                if extension(path) == Some("prov") {
                    Arc::make_mut(&mut chart.files).push(file);
                } else {
                    file.path.drain(.."charts/".len());
                    let name = file.path.split('/').next().unwrap_or_default().to_owned();
                    subcharts.entry(name).or_default().push(file);
                }
            }
            _ => Arc::make_mut(&mut chart.files).push(file),
        }
        Ok(())
    }

    /// The files of API version v1; says whether `.Files` shows it.
    fn requirements(&mut self, file: &File, draft: &mut Draft) -> Result<bool> {
        let text = file.data()?.as_bytes();
        let is_lock = file.path == "requirements.lock";
        if is_lock {
            Lock::read(text).map_err(|e| cannot_load(&file.path, &e))?;
        }
        if draft.api_version() != "v1" {
            self.notices.info(if is_lock {
                "Warning: Dependency locking is handled in Chart.lock since apiVersion \"v2\". \
                 We recommend migrating to Chart.lock."
            } else {
                "Warning: Dependencies are handled in Chart.yaml since apiVersion \"v2\". \
                 We recommend migrating dependencies to Chart.yaml."
            });
        }
        if !is_lock {
            draft.read(text).map_err(|e| cannot_load(&file.path, &e))?;
        }
        Ok(draft.api_version() == "v1")
    }

    fn subchart(&mut self, name: &str, files: Vec<File>, parent: &Metadata) -> Result<Chart> {
        if self.nesting >= MAX_NESTING {
            let message = format!("more than {MAX_NESTING} charts inside each other");
            return Err(Error::new(Kind::Limit, message));
        }
        self.nesting += 1;
        let around = self.within.len();
        self.within = join(&join(&self.within, "charts"), name);
        let chart = if extension(name) == Some("tgz") {
            match files.into_iter().next() {
                Some(file) if file.path != name => {
                    let parent = &parent.name;
                    let got = &file.path;
                    let message =
                        format!("error unpacking subchart tar in {parent}: expected {name}, got {got}");
                    return Err(Error::invalid(message));
                }
                Some(file) => self.packed(file.data()?),
                None => self.chart(Vec::new()),
            }
        } else {
            self.chart(files.into_iter().filter_map(without_first).collect())
        };
        self.nesting -= 1;
        self.within.truncate(around);
        chart.map_err(|e| e.context(format_args!("error unpacking subchart {name} in {}", parent.name)))
    }

    fn packed(&mut self, tgz: &Str) -> Result<Chart> {
        let Some(depth) = self.limits.depth.checked_sub(1) else {
            return Err(Error::new(Kind::Limit, "more than 16 chart archives inside each other"));
        };
        let files = archive::known::read(tgz.as_bytes(), &mut self.limits, self.known)?;
        self.limits.depth = depth;
        let chart = self.chart(files);
        self.limits.depth = depth + 1;
        chart
    }
}

/// Chart.yaml comes first, wherever it stands; several are read over each other.
fn read_chart_yaml(files: &[File]) -> Result<Option<Draft>> {
    let mut draft: Option<Draft> = None;
    for file in files.iter().filter(|file| file.path == "Chart.yaml") {
        let draft = draft.get_or_insert_default();
        draft.read(file.data()?.as_bytes()).map_err(|e| cannot_load("Chart.yaml", &e))?;
        if draft.api_version().is_empty() {
            "v1".clone_into(draft.api_version());
        }
    }
    Ok(draft)
}

fn cannot_load(file: &str, error: &str) -> Error {
    Error::invalid(format!("cannot load {file}: {error}"))
}

fn join(directory: &str, name: &str) -> String {
    if directory.is_empty() { name.to_owned() } else { [directory, "/", name].concat() }
}

/// What follows the last dot of the last component.
fn extension(path: &str) -> Option<&str> {
    path.rsplit('/').next()?.rsplit_once('.').map(|(_, extension)| extension)
}

/// The file one directory further in; plain files in `charts/` are no chart's.
fn without_first(mut file: File) -> Option<File> {
    let slash = file.path.find('/')?;
    file.path.drain(..=slash);
    Some(file)
}
