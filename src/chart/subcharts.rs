//! Helm's dependency processing (pkg/chart/v2/util/dependencies.go): which
//! subcharts take part, under which names, and what they export to parents.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

use super::values::coalesce::{self, Charter, Nulls};
use super::values::{copy_map, path, show};
use super::{Chart, Dependency, Metadata};
use crate::data::semver::{Constraints, Version};
use crate::data::{Frozen, Map, Str, Value};
use crate::error::{Error, Kind, Result};
use crate::notice::{Level, Notice, Notices};

/// More parts than any real path of import-values has; each one is a level of
/// nesting.
const MAX_PATH: usize = 1000;

/// The dependencies that Chart.yaml names and the chart does not carry.
pub fn missing(chart: &Chart) -> Vec<&Dependency> {
    let listed = chart.metadata.dependencies.as_deref().unwrap_or_default();
    let there: HashSet<&str> = chart.dependencies.iter().map(|c| c.metadata.name.as_str()).collect();
    listed.iter().filter(|dependency| !there.contains(dependency.name.as_str())).collect()
}

/// Fails where Chart.yaml names a dependency that the chart does not carry.
pub fn check(chart: &Chart) -> Result<()> {
    let missing: Vec<&str> = missing(chart).into_iter().map(|d| d.name.as_str()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Error::new(
        Kind::NotFound,
        format!(
            "an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to \
             fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: {}",
            missing.join(", ")
        ),
    ))
}

/// The chart with its disabled subcharts gone, aliases in place and imported
/// values in the parents' defaults (ProcessDependencies).
pub fn process(chart: &Chart, user: &Map, notices: &mut Notices) -> Result<Chart> {
    let root = Node::load(chart);
    let done = enable(&root, user, "", notices).and_then(|()| import(&root, notices));
    done.map_err(|e| {
        const FAILED: &str = "chart dependencies processing failed";
        notices.error(FAILED, &e);
        e.context(FAILED)
    })?;
    Ok(root.unload())
}

/// A chart while it is processed. Helm's charts are shared through pointers,
/// and where one chart stands under two aliases its own subcharts are the same
/// for both; so they are here.
#[derive(Clone)]
struct Node<'c>(Rc<RefCell<Data<'c>>>);

#[derive(Clone)]
struct Data<'c> {
    source: &'c Chart,
    metadata: Rc<RefCell<Meta>>,
    /// Where imported values took the place of the chart's own.
    values: Option<Frozen>,
    subcharts: Vec<Node<'c>>,
}

#[derive(Clone)]
struct Meta {
    metadata: Metadata,
    /// Imports are rewritten as they are made and then do nothing again.
    imported: bool,
}

impl Charter for Node<'_> {
    fn name(&self) -> Str {
        self.0.borrow().metadata.borrow().metadata.name.as_str().into()
    }

    fn defaults(&self) -> Result<Option<Map>> {
        let data = self.0.borrow();
        Ok(thaw(data.values.as_ref().unwrap_or(&data.source.values)))
    }

    fn subcharts(&self) -> Vec<Self> {
        self.0.borrow().subcharts.clone()
    }
}

impl Charter for &Chart {
    fn name(&self) -> Str {
        self.metadata.name.as_str().into()
    }

    fn defaults(&self) -> Result<Option<Map>> {
        Ok(thaw(&self.values))
    }

    fn subcharts(&self) -> Vec<Self> {
        self.dependencies.iter().collect()
    }
}

fn thaw(values: &Frozen) -> Option<Map> {
    match values.thaw() {
        Value::Map(map) => Some(map),
        _ => None,
    }
}

impl<'c> Node<'c> {
    fn load(chart: &'c Chart) -> Node<'c> {
        Node(Rc::new(RefCell::new(Data {
            source: chart,
            metadata: Rc::new(RefCell::new(Meta { metadata: chart.metadata.clone(), imported: false })),
            values: None,
            subcharts: chart.dependencies.iter().map(Node::load).collect(),
        })))
    }

    fn unload(&self) -> Chart {
        let data = self.0.borrow();
        Chart {
            metadata: data.metadata.borrow().metadata.clone(),
            values: data.values.clone().unwrap_or_else(|| data.source.values.clone()),
            values_file: data.source.values_file.clone(),
            schema: data.source.schema.clone(),
            templates: data.source.templates.clone(),
            files: data.source.files.clone(),
            dependencies: data.subcharts.iter().map(Node::unload).collect(),
        }
    }

    fn meta(&self) -> Rc<RefCell<Meta>> {
        self.0.borrow().metadata.clone()
    }

    fn listed(&self) -> Option<Vec<Dependency>> {
        self.meta().borrow().metadata.dependencies.clone()
    }

    fn matches(&self, dependency: &Dependency) -> bool {
        let meta = self.meta();
        let metadata = &meta.borrow().metadata;
        metadata.name == dependency.name && compatible(&dependency.version, &metadata.version)
    }

    /// The chart under its alias: what will be changed is copied.
    fn alias(&self, dependency: &Dependency) -> Node<'c> {
        let mut data = self.0.borrow().clone();
        let mut meta = data.metadata.borrow().clone();
        if !dependency.alias.is_empty() {
            meta.metadata.name = dependency.alias.clone();
        }
        data.metadata = Rc::new(RefCell::new(meta));
        for subchart in &mut data.subcharts {
            let copy = subchart.0.borrow().clone();
            *subchart = Node(Rc::new(RefCell::new(copy)));
        }
        Node(Rc::new(RefCell::new(data)))
    }
}

/// Whether `version` is in the range `constraint`; unreadable ones never are.
pub fn compatible(constraint: &str, version: &str) -> bool {
    match (Version::parse(version), Constraints::parse(constraint)) {
        (Ok(version), Ok(constraint)) => constraint.check(&version),
        _ => false,
    }
}

/// Keeps the enabled subcharts (processDependencyEnabled).
fn enable(chart: &Node<'_>, user: &Map, at: &str, notices: &mut Notices) -> Result<()> {
    let Some(mut listed) = chart.listed() else { return Ok(()) };
    let carried = chart.subcharts();

    // What Chart.yaml does not list takes part unconditionally, and first.
    let mut taking: Vec<Node<'_>> = carried
        .iter()
        .filter(|sub| !listed.iter().any(|dependency| sub.matches(dependency)))
        .cloned()
        .collect();
    for dependency in &mut listed {
        if let Some(sub) = carried.iter().find(|sub| sub.matches(dependency)) {
            taking.push(sub.alias(dependency));
        }
        if !dependency.alias.is_empty() {
            dependency.name.clone_from(&dependency.alias);
        }
        dependency.enabled = true;
    }
    chart.0.borrow_mut().subcharts.clone_from(&taking);

    let values = coalesce::coalesce_values(chart, user, Nulls::Delete, notices)?;
    by_tags(&mut listed, &values, notices);
    by_conditions(&mut listed, &values, at, notices);
    let off: HashSet<String> = listed.iter().filter(|d| !d.enabled).map(|d| d.name.clone()).collect();
    taking.retain(|sub| !off.contains(&sub.meta().borrow().metadata.name));
    listed.retain(|dependency| !off.contains(&dependency.name));

    for sub in &taking {
        let below = format!("{at}{}.", sub.meta().borrow().metadata.name);
        enable(sub, &values, &below, notices)?;
    }
    chart.meta().borrow_mut().metadata.dependencies = (!listed.is_empty()).then_some(listed);
    chart.0.borrow_mut().subcharts = taking;
    Ok(())
}

/// One true tag enables; only false ones disable.
fn by_tags(listed: &mut [Dependency], values: &Map, notices: &mut Notices) {
    let Ok(tags) = path::table(values, "tags") else { return };
    for dependency in listed {
        let (mut on, mut off) = (false, false);
        for tag in dependency.tags.iter().flatten() {
            match tags.get(tag) {
                Some(Value::Bool(true)) => on = true,
                Some(Value::Bool(false)) => off = true,
                Some(_) => warn(
                    notices,
                    "returned non-bool value",
                    vec![("tag", tag.clone()), ("chart", dependency.name.clone())],
                ),
                None => {}
            }
        }
        dependency.enabled = on || !off;
    }
}

/// The first condition that is a bool decides, over tags too.
fn by_conditions(listed: &mut [Dependency], values: &Map, at: &str, notices: &mut Notices) {
    for dependency in listed {
        for condition in dependency.condition.trim().split(',').filter(|c| !c.is_empty()) {
            match path::value(values, &format!("{at}{condition}")) {
                Some(Value::Bool(on)) => {
                    dependency.enabled = on;
                    break;
                }
                Some(_) => warn(
                    notices,
                    "returned non-bool value",
                    vec![("path", condition.to_owned()), ("chart", dependency.name.clone())],
                ),
                None => {}
            }
        }
    }
}

fn warn(notices: &mut Notices, message: &str, fields: Vec<(&'static str, String)>) {
    notices.0.push(Notice { level: Level::Warn, message: message.to_owned(), fields });
}

/// Takes what subcharts export into the parents' defaults, from the leaves up
/// (processDependencyImportValues).
fn import(chart: &Node<'_>, notices: &mut Notices) -> Result<()> {
    for sub in chart.subcharts() {
        import(&sub, notices)?;
    }
    let Some(mut listed) = chart.listed() else { return Ok(()) };
    let values = coalesce::coalesce_values(chart, &Map::new(), Nulls::Keep, notices)?;
    let imports = Map::new();
    let again = chart.meta().borrow().imported;
    for dependency in &mut listed {
        let wanted = dependency.import_values.take().unwrap_or_default();
        let mut done = Vec::new();
        for entry in wanted.iter().filter(|_| !again) {
            let Some((child, parent)) = entry_paths(entry)? else { continue };
            done.push(Frozen::map(
                [("child", &child), ("parent", &parent)]
                    .map(|(k, v)| (k.into(), Frozen::Str(v.as_str().into())))
                    .into_iter()
                    .collect(),
            ));
            match path::table(&values, &format!("{}.{child}", dependency.name)) {
                Ok(table) => {
                    // Helm takes a new map for an empty one, which keeps the child's out of the merge.
                    let table = if table.is_empty() { Map::new() } else { table };
                    coalesce::coalesce_tables(&imports, &path::nest(&parent, table), Nulls::Keep, notices)?;
                }
                Err(error) if matches!(entry, Frozen::Map(_)) => warn(
                    notices,
                    "ImportValues missing table from chart",
                    vec![("chart", dependency.name.clone()), ("error", error)],
                ),
                Err(error) => warn(notices, "ImportValues missing table", vec![("error", error)]),
            }
        }
        dependency.import_values = (!done.is_empty()).then_some(done);
    }
    // The parent's own values win over what it imports.
    let mut merged = copy_map(&values)?;
    if !imports.is_empty() {
        coalesce::coalesce_tables(&merged, &imports, Nulls::Keep, notices)?;
        merged = copy_map(&merged)?;
    }
    chart.0.borrow_mut().values = Some(Frozen::freeze(&Value::Map(merged)));
    let meta = chart.meta();
    let mut meta = meta.borrow_mut();
    meta.imported = true;
    meta.metadata.dependencies = Some(listed);
    Ok(())
}

/// The child's and the parent's path of an entry of import-values.
fn entry_paths(entry: &Frozen) -> Result<Option<(String, String)>> {
    let (child, parent) = match entry {
        Frozen::Str(name) => (format!("exports.{name}"), ".".to_owned()),
        Frozen::Map(entry) => {
            let text = |key: &str| {
                show::v(&entry.by_key().get(key.as_bytes()).map(Frozen::thaw).unwrap_or_default())
            };
            (text("child"), text("parent"))
        }
        _ => return Ok(None),
    };
    if parent.split('.').count() > MAX_PATH {
        return Err(Error::new(
            Kind::Limit,
            format!("a path of import-values has more than {MAX_PATH} parts"),
        ));
    }
    Ok(Some((child, parent)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::values::json;

    fn map(text: &str) -> Map {
        match json::parse(text.as_bytes()).unwrap().to_value() {
            Some(Value::Map(map)) => map,
            other => panic!("{other:?}"),
        }
    }

    fn chart(name: &str, values: &str, listed: Vec<Dependency>, subcharts: Vec<Chart>) -> Chart {
        let values = Frozen::freeze(&map(values).into());
        let mut chart = Chart { values, dependencies: subcharts, ..Chart::default() };
        chart.metadata = Metadata {
            name: name.to_owned(),
            version: "1.2.3".to_owned(),
            dependencies: (!listed.is_empty()).then_some(listed),
            ..Metadata::default()
        };
        chart
    }

    fn dependency(name: &str) -> Dependency {
        Dependency { name: name.to_owned(), version: "1.x".to_owned(), ..Dependency::default() }
    }

    fn names(chart: &Chart) -> Vec<&str> {
        chart.dependencies.iter().map(|c| c.metadata.name.as_str()).collect()
    }

    #[test]
    fn conditions_beat_tags_and_unlisted_charts_come_first() {
        let listed = vec![
            Dependency {
                condition: "nope,b.enabled".into(),
                tags: Some(vec!["off".into()]),
                ..dependency("b")
            },
            Dependency { tags: Some(vec!["off".into()]), ..dependency("a") },
            Dependency { alias: "z".into(), ..dependency("a") },
            Dependency { version: "9.x".into(), ..dependency("c") },
        ];
        let subcharts = ["a", "b", "c", "d"].map(|name| chart(name, "{}", vec![], vec![])).to_vec();
        let root = chart("root", r#"{"b":{"enabled":true},"tags":{"off":false}}"#, listed, subcharts);
        let done = process(&root, &Map::new(), &mut Notices::default()).unwrap();
        // c's version does not match, so it takes part as an unlisted chart.
        assert_eq!(names(&done), ["c", "d", "b", "z"]);
        let mut notices = Notices::default();
        let user = map(r#"{"b":{"enabled":"yes"}}"#);
        let done = process(&root, &user, &mut notices).unwrap();
        assert_eq!(names(&done), ["c", "d", "z"]);
        assert_eq!(notices.0[0].message, "returned non-bool value");
        assert_eq!(notices.0[0].fields, [("path", "b.enabled".to_owned()), ("chart", "b".to_owned())]);
    }

    #[test]
    fn imports_fill_the_parents_defaults() {
        let imports = map(r#"{"l":["x",{"child":"data","parent":"a.b"},"gone"]}"#);
        let Frozen::Map(imports) = Frozen::freeze(&imports.into()) else { panic!() };
        let Some(Frozen::List(imports)) = imports.by_key().get(b"l".as_slice()) else { panic!() };
        let listed = vec![Dependency { import_values: Some(imports.to_vec()), ..dependency("s") }];
        let sub = chart("s", r#"{"exports":{"x":{"p":1,"q":2}},"data":{"r":null,"t":3}}"#, vec![], vec![]);
        let root = chart("root", r#"{"p":0,"a":{"b":{"t":4}}}"#, listed, vec![sub]);
        let mut notices = Notices::default();
        let done = process(&root, &Map::new(), &mut notices).unwrap();
        let got = show::v(&done.values.thaw());
        assert!(got.starts_with("map[a:map[b:map[r:<nil> t:4]] p:0 q:2 s:map["), "{got}");
        assert_eq!(notices.0[0].fields, [("error", "\"gone\" is not a table".to_owned())]);
    }

    #[test]
    fn what_is_listed_and_not_carried_is_an_error() {
        let root = chart("root", "{}", vec![dependency("s9")], vec![]);
        assert!(check(&root).unwrap_err().to_string().ends_with("missing in charts/ directory: s9"));
        let sub = chart("s", "{}", vec![], vec![]);
        let root = chart("root", "{}", vec![dependency("s")], vec![sub]);
        let error = process(&root, &map(r#"{"s":"str"}"#), &mut Notices::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "chart dependencies processing failed: type mismatch on s: %!t(string=str)"
        );
    }

    #[test]
    fn tables_that_end_up_in_themselves_are_an_error() {
        let run = || {
            let entry = |child: &str, parent: &str| {
                Frozen::freeze(&map(&format!("{{\"child\":\"{child}\",\"parent\":\"{parent}\"}}")).into())
            };
            let imports = vec![entry("a.a", "p"), entry("a", "p")];
            let listed = vec![Dependency { import_values: Some(imports), ..dependency("s") }];
            let sub = chart("s", r#"{"a":{"a":{"x":1}}}"#, vec![], vec![]);
            let root = chart("root", "{}", listed, vec![sub]);
            let error = process(&root, &Map::new(), &mut Notices::default()).unwrap_err();
            assert_eq!(error.kind, Kind::Limit);
        };
        std::thread::Builder::new().stack_size(512 << 20).spawn(run).unwrap().join().unwrap();
    }
}
