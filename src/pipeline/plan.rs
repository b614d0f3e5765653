//! From a request to its plan: what Argo CD would do with the answer, in its
//! order, and what to be warned of, each with its file and line.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{
    Environment, Render, Request, Texts, check_objects, manifest_files, on_render_stack, select, texts,
};
use crate::chart::render::{Asked, Chance, Known, Parsed, Rendered, Vary, Watch};
use crate::chart::values::secrets;
use crate::data::Str;
use crate::error::Result;
use crate::hooks::{self, Events, Finding, Idle, Plan, Release, Why, blocking};
use crate::manifest::{self, Keep, Manifest, split};
use crate::notice::Notices;
use crate::repository::{self, Tree};
use crate::source::application::Application;
use crate::source::layers::{self, Content};
use crate::template::budget::Limits;

/// A plan and what it is about.
#[derive(Debug)]
pub struct Planned {
    /// The release's name; of several sources the first one's.
    pub release: String,
    /// Its namespace.
    pub namespace: String,
    /// The charts, one a source: name and version.
    pub charts: Vec<(String, String)>,
    /// What Argo CD does.
    pub plan: Plan,
    /// What to be warned of: of the plan, in its order; then of values and templates.
    pub warnings: Vec<Warning>,
}

/// Something that will not go as its author expects.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Warning {
    /// A stable name of what kind of warning it is.
    pub code: &'static str,
    /// The file: its path in the repository, or Helm's name of it where it lies in
    /// a packed chart.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// What it is, and what to do.
    pub message: String,
    /// Which of the release's placed manifests it is about, if it is about one.
    pub placed: Option<usize>,
}

/// What Helm calls `root/charts/sub/templates/a.yaml`: the chart's name and the
/// template's path in it.
pub fn origin(source: &str) -> (&str, &str) {
    let (mut chart, mut inside) = source.split_once('/').unwrap_or(("", source));
    while let Some((name, deeper)) = inside.strip_prefix("charts/").and_then(|rest| rest.split_once('/')) {
        (chart, inside) = (name, deeper);
    }
    (chart, inside)
}

/// So many other answers are tried to see whether one changes anything: a coin may
/// fall alike twice.
const ANSWERS: u8 = 2;
/// So many calls are tried one by one; the others are taken to change something.
const MOST_CHECKED: usize = 24;

/// The plan of an application: of all its sources together, as Argo CD syncs them.
/// Renders on a stack of its own, within each request's limits; more than once where
/// the clock or chance was asked.
///
/// # Errors
/// As [`super::generate`].
pub fn plan<T: Tree>(sources: &[(T, Request)]) -> Result<(Planned, Notices)> {
    on_render_stack(|| {
        let mut notices = Notices::default();
        let mut release = Release::default();
        let mut parts = Vec::new();
        for (tree, request) in sources {
            parts.push(Part::of(tree, request, &mut release, &mut notices)?);
        }
        check_objects(&release.placed)?;
        let first = parts.first().map(|part| part.with.clone()).unwrap_or_default();
        let plan = Plan::of(&release, &first.namespace);
        let warnings = warnings(&parts, &release, &plan);
        let chart = |part: &Part<'_>| {
            let metadata = &part.application.chart.metadata;
            (metadata.name.clone(), metadata.version.clone())
        };
        let charts = parts.iter().map(chart).collect();
        Ok((Planned { release: first.name, namespace: first.namespace, charts, plan, warnings }, notices))
    })
}

/// Everything to be warned of.
fn warnings(parts: &[Part<'_>], release: &Release, plan: &Plan) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = Vec::new();
    for finding in blocking::findings(release, plan) {
        let part = parts.iter().find(|part| part.placed.contains(&finding.placed));
        if let (Some(part), Some(placed)) = (part, release.placed.get(finding.placed)) {
            warnings.push(part.of_finding(&finding, &placed.manifest));
        }
    }
    for (at, (manifest, why)) in release.left_out.iter().enumerate() {
        let part = parts.iter().find(|part| part.left_out.contains(&at));
        warnings.extend(part.and_then(|part| part.of_left_out(manifest, *why)));
    }
    warnings.extend(parts.iter().flat_map(|part| of_secrets(&part.application)));
    for part in parts {
        let applied = release.placed.get(part.placed.clone()).unwrap_or_default();
        let applied = applied.iter().map(|placed| placed.manifest.source.clone()).collect();
        warnings.extend(part.of_changing(&Again { part, applied }.changing()));
    }
    warnings
}

/// The world of a watched render: the same one every time, but for what varies.
fn world(limits: &Limits, now: jiff::Timestamp, vary: Vary, known: &Known) -> Environment {
    Environment { now, watch: Some(Watch::new(vary, known.clone())), ..super::environment(limits) }
}

/// What is needed to render a source once more, and to compare.
struct Again<'a> {
    part: &'a Part<'a>,
    /// The templates that something applied comes from.
    applied: BTreeSet<String>,
}

impl Again<'_> {
    /// The calls whose results change what is applied. One whose result is thrown
    /// away, such as a default that is not needed, changes nothing and does not count.
    fn changing(&self) -> Vec<Chance> {
        let files = &self.part.files;
        let mut calls: Vec<Chance> = Vec::new();
        for call in
            files.iter().filter(|file| self.applied.contains(&file.path)).flat_map(|file| &file.chance)
        {
            if !calls.contains(call) {
                calls.push(call.clone());
            }
        }
        let before = self.texts_of(files.clone());
        let changes =
            |vary: &dyn Fn(u8) -> Vary| (1..=ANSWERS).any(|answer| self.render(vary(answer)) != before);
        if calls.is_empty() || !changes(&Vary::All) {
            return Vec::new();
        }
        // Which of them it is shows where each gets another answer alone.
        if calls.len() > 1 && self.render(Vary::Nothing) == before {
            let mut checked = 0;
            calls.retain(|call| {
                checked += 1;
                checked > MOST_CHECKED || changes(&|answer| Vary::One(call.clone(), answer))
            });
        }
        calls.sort_by(|a, b| {
            let key = |call: &Chance| (call.place.file.clone(), call.place.line, call.place.column);
            key(a).cmp(&key(b))
        });
        calls
    }

    /// What another render gives; nothing where it fails, which is a change too.
    fn render(&self, vary: Vary) -> BTreeMap<String, Vec<u8>> {
        let Part { application, with, now, known, .. } = self.part;
        // The same values were held to the schemas before.
        let with = Render { skip_schema_validation: true, ..with.clone() };
        let again = || {
            let user = layers::merge(&application.layers, None)?;
            let mut world = world(&with.limits, *now, vary, known);
            texts(&application.chart, &user, &with, &mut world, &mut Notices::default())
        };
        again().map(|texts| self.texts_of(texts.files)).unwrap_or_default()
    }

    /// What is applied, by its template.
    fn texts_of(&self, files: Vec<Rendered>) -> BTreeMap<String, Vec<u8>> {
        let applied = files.into_iter().filter(|file| self.applied.contains(&file.path));
        applied.map(|file| (file.path, file.text)).collect()
    }
}

/// What looks like a secret in the chart's own values file and in those over it.
fn of_secrets(application: &Application) -> Vec<Warning> {
    let own = application.chart.values_file.as_ref();
    let own = own.map(|file| (repository::join(&at_root(&application.chart_path), &file.path), &file.text));
    let layers = application.layers.iter().filter_map(|layer| match (&layer.content, &layer.file) {
        (Content::File(text), Some(file)) => Some((file.clone(), text)),
        (Content::File(text), None) => Some((format!("parameter {}", layer.kind.name()), text)),
        _ => None,
    });
    let mut warnings: Vec<Warning> = Vec::new();
    for (file, text) in own.into_iter().chain(layers) {
        for secret in secrets::secrets(text.as_bytes()) {
            let message = format!(
                "{} looks like a secret, and whoever reads the repository reads it: keep it in a Secret that the chart refers to",
                secret.path
            );
            let file = file.clone();
            let warning =
                Warning { code: "secret-in-values", file, line: secret.line, message, placed: None };
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
    }
    warnings
}

/// A path in the repository, whose root is no name.
fn at_root(path: &str) -> String {
    if path == "." { String::new() } else { path.to_owned() }
}

/// A source of the application, rendered.
struct Part<'a> {
    tree: &'a dyn Tree,
    application: Application,
    with: Render,
    parsed: Parsed,
    /// The texts of the files of crds/, by Helm's names of them.
    crds: BTreeMap<String, Str>,
    files: Vec<Rendered>,
    /// Which of the whole release's manifests are its own.
    placed: Range<usize>,
    left_out: Range<usize>,
    now: jiff::Timestamp,
    known: Known,
}

impl<'a> Part<'a> {
    /// Renders a source, and adds its manifests to the release.
    fn of(
        tree: &'a dyn Tree,
        request: &Request,
        release: &mut Release,
        notices: &mut Notices,
    ) -> Result<Part<'a>> {
        let application = request.load(tree, &request.parameters, notices)?;
        let with = request.render(&application)?;
        let user = layers::merge(&application.layers, request.known())?;
        let (now, known) = (jiff::Timestamp::now(), Known::default());
        let mut world = world(&with.limits, now, Vary::Nothing, &known);
        let Texts { processed, parsed, files, .. } =
            texts(&application.chart, &user, &with, &mut world, notices)?;
        let mut manifests =
            manifest::sort(manifest_files(files.clone()), Keep::Objects, &mut Notices::default())?;
        manifests.crds = processed.definitions()?;
        let crds = manifests.crds.iter().cloned().collect();
        select(&mut manifests, &request.parameters, &Keep::Objects)?;
        let own = hooks::place(manifests, Events::named(&request.parameters.hook_events));
        let (placed, left_out) = (release.placed.len(), release.left_out.len());
        release.placed.extend(own.placed);
        release.left_out.extend(own.left_out);
        let (placed, left_out) = (placed..release.placed.len(), left_out..release.left_out.len());
        Ok(Part { tree, application, with, parsed, crds, files, placed, left_out, now, known })
    }

    /// The text of a template, or of a file of crds/, by Helm's name of it.
    fn text(&self, source: &str) -> Option<&Str> {
        self.parsed.text(source).or_else(|| self.crds.get(source))
    }

    /// The path in the repository of what Helm calls `chart/templates/a.yaml`.
    fn path(&self, source: &str) -> String {
        let inside = source.split_once('/').map_or(source, |(_, inside)| inside);
        let path = repository::join(&at_root(&self.application.chart_path), inside);
        match self.tree.entry(&path) {
            Ok(Some(_)) => path,
            _ => source.to_owned(),
        }
    }

    fn of_finding(&self, finding: &Finding, manifest: &Manifest) -> Warning {
        let line = self.line(&manifest.source, &manifest.text, &[finding.key, "kind:"]);
        let warning = self.warning(finding.code, &manifest.source, line, finding.message.clone());
        Warning { placed: Some(finding.placed), ..warning }
    }

    fn of_left_out(&self, manifest: &Manifest, why: Why) -> Option<Warning> {
        let Idle { kind, name, source, hook, .. } =
            Some(Idle::of(manifest, Some(why))).filter(Idle::never_runs)?;
        let line = self.line(&source, &manifest.text, &["helm.sh/hook", "argocd.argoproj.io/hook", "kind:"]);
        let message = format!("hook {kind}/{name} ({hook}) never runs in Argo CD");
        Some(self.warning("hook-never-runs", &source, line, message))
    }

    fn of_changing(&self, calls: &[Chance]) -> Vec<Warning> {
        let warning = |call: &Chance| {
            let message = match call.asked {
                Asked::Clock => format!(
                    "{} is the time of the render, so the application is soon out of sync again: leave it out, or set it as a value",
                    call.function
                ),
                Asked::Chance => format!(
                    "{} gives another result at every render, so the application is never in sync{}: set it as a value, or take it from a Secret",
                    call.function,
                    self.lookup_hint(&call.place.file)
                ),
            };
            self.warning("changes-every-render", &call.place.file, call.place.line, message)
        };
        let mut warnings: Vec<Warning> = calls.iter().map(warning).collect();
        warnings.dedup();
        warnings
    }

    /// Charts keep what they made up once by looking it up in the cluster.
    fn lookup_hint(&self, source: &str) -> &'static str {
        let looks_up = self.text(source).is_some_and(|text| text.to_string().contains("lookup"));
        if looks_up {
            "; lookup, which would keep the first one, finds nothing when Argo CD renders"
        } else {
            ""
        }
    }

    fn warning(&self, code: &'static str, source: &str, line: u32, message: String) -> Warning {
        Warning { code, file: self.path(source), line, message, placed: None }
    }

    /// The line of the template that a document came from which has the first of
    /// `keys` that is there. Where a file has as many parts as it rendered
    /// documents, only the document's own part is looked at.
    fn line(&self, source: &str, document: &Str, keys: &[&str]) -> u32 {
        let text = self.text(source).map(ToString::to_string).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let mut parts: Vec<Vec<usize>> = vec![Vec::new()];
        for (at, line) in lines.iter().enumerate() {
            if line.starts_with("---")
                && parts.last().is_some_and(|part| part.iter().any(|at| !is_blank(&lines, *at)))
            {
                parts.push(Vec::new());
            }
            if let Some(part) = parts.last_mut() {
                part.push(at);
            }
        }
        let rendered = self.files.iter().find(|file| file.path == source);
        let documents = rendered.map(|file| split::documents(&file.text.clone().into())).unwrap_or_default();
        let own =
            documents.iter().position(|other| other == document).filter(|_| documents.len() == parts.len());
        let range: Vec<usize> = match own.and_then(|own| parts.get(own)) {
            Some(part) => part.clone(),
            None => (0..lines.len()).collect(),
        };
        let has = |key: &str, at: &usize| lines.get(*at).is_some_and(|line| line.contains(key));
        let found = keys.iter().find_map(|key| range.iter().find(|at| has(key, at)));
        let at = found.or_else(|| range.iter().find(|at| !is_blank(&lines, **at)));
        at.and_then(|at| u32::try_from(*at).ok()).unwrap_or(0).saturating_add(1)
    }
}

/// Whether a line says nothing: blank, a comment, a separator, or template code alone.
fn is_blank(lines: &[&str], at: usize) -> bool {
    let line = lines.get(at).map_or("", |line| line.trim());
    line.is_empty() || line.starts_with(['#', '-']) || (line.starts_with("{{") && line.ends_with("}}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_of_the_innermost_chart() {
        assert_eq!(origin("a/templates/x.yaml"), ("a", "templates/x.yaml"));
        assert_eq!(origin("a/charts/b/charts/c/templates/t/x.yaml"), ("c", "templates/t/x.yaml"));
        assert_eq!(origin("a/crds/charts/x.yaml"), ("a", "crds/charts/x.yaml"));
    }
}
