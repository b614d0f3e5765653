//! Real charts with their dependencies moved out of `charts/` into a repository: they
//! render the same bytes as with vendored ones.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it expects"
)]

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use common::home::{Home, contents};
use common::http::{Web, reply};
use common::project;
use tiphys::chart::archive::{self, Limits};
use tiphys::chart::package::{Changes, pack};
use tiphys::chart::{Chart, File, load};
use tiphys::data::digest::Digest;
use tiphys::data::yaml::{self, Numbers};
use tiphys::data::{Map, Value};
use tiphys::notice::Notices;

/// What the repository serves: the archives by path, and their entries by chart.
#[derive(Default)]
struct Served {
    archives: BTreeMap<String, Vec<u8>>,
    entries: BTreeMap<String, Vec<String>>,
}

impl Served {
    fn add(&mut self, name: &str, version: &str, archive: Vec<u8>) {
        let path = format!("/{}/{name}-{version}.tgz", Digest::of(&archive).hex());
        let digest = Digest::of(&archive).hex();
        let entry =
            format!("  - {{name: {name:?}, version: {version:?}, urls: [{path:?}], digest: {digest}}}\n");
        self.archives.insert(path, archive);
        self.entries.entry(name.to_owned()).or_default().push(entry);
    }

    fn index(&self) -> String {
        let charts = self.entries.iter().map(|(name, entries)| format!("  {name:?}:\n{}", entries.concat()));
        format!("apiVersion: v1\nentries:\n{}", charts.collect::<String>())
    }
}

fn chart_of(files: &[File]) -> Option<Chart> {
    load::from_files(files.to_vec(), &mut Notices::default()).ok()
}

fn write(directory: &Path, files: &[File]) {
    for file in files {
        let path = directory.join(&file.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, file.data().unwrap().as_bytes()).unwrap();
    }
}

/// The files below `charts/`, by the name there, with paths inside the subchart.
fn carried(files: &[File]) -> BTreeMap<String, Vec<File>> {
    let mut found = BTreeMap::<String, Vec<File>>::new();
    for file in files {
        let Some(inside) = file.path.strip_prefix("charts/") else { continue };
        if let Some((name, path)) = inside.split_once('/') {
            let file = File::new(path, file.data().unwrap().clone());
            found.entry(name.to_owned()).or_default().push(file);
        } else if inside.ends_with(".tgz") {
            let unpacked =
                archive::read(file.data().unwrap().as_bytes(), &mut Limits::default()).unwrap_or_default();
            found.insert(inside.to_owned(), unpacked);
        }
    }
    found
}

/// Chart.yaml (or requirements.yaml) with each dependency that is moved at this URL.
fn at_url(text: &[u8], moved: &[String], url: &str) -> Option<Vec<u8>> {
    let document = yaml::parse(text, Numbers::Exact).ok()?;
    let list = document.as_map()?.get("dependencies")?;
    for entry in list.as_list()?.items().iter().filter_map(Value::as_map) {
        let name = entry.get("name").and_then(|name| name.as_str().map(str::to_owned))?;
        if moved.contains(&name) {
            entry.insert("repository", Value::from(url));
        }
    }
    let document: &Map = document.as_map()?;
    yaml::write(&document.clone().into(), 16 << 20).ok()
}

/// One chart as it is, and with its dependencies moved; `None` where it has none to move.
fn moved(files: Vec<File>, served: &Mutex<Served>, url: &str) -> Option<(Vec<File>, Vec<File>)> {
    let chart = chart_of(&files)?;
    let listed = chart.metadata.dependencies.clone()?;
    let (mut names, mut gone) = (Vec::new(), Vec::new());
    for (directory, own) in carried(&files) {
        let Some(own_chart) = chart_of(&own) else { continue };
        let name = own_chart.metadata.name.clone();
        let once = listed.iter().filter(|d| d.name == name).count() == 1;
        let version = &own_chart.metadata.version;
        let fits = listed
            .iter()
            .any(|d| d.name == name && tiphys::chart::subcharts::compatible(&d.version, version));
        if !once || !fits || names.contains(&name) {
            continue;
        }
        let Ok((_, archive)) = pack(own, &Changes::default()) else { continue };
        served.lock().unwrap().add(&name, version, archive);
        names.push(name);
        gone.push(format!("charts/{directory}"));
    }
    if names.is_empty() {
        return None;
    }
    // A version that is exact: other charts of the corpus are in the same repository.
    let vendored: Vec<File> = files
        .into_iter()
        .filter(|file| !file.path.ends_with(".lock"))
        .map(|file| match file.path.as_str() {
            "Chart.yaml" | "requirements.yaml" => {
                let data = file.data().unwrap();
                File::new(
                    file.path.clone(),
                    at_url(data.as_bytes(), &names, url).map_or_else(|| data.clone(), Into::into),
                )
            }
            _ => file,
        })
        .collect();
    let is_gone =
        |file: &File| gone.iter().any(|g| file.path == *g || file.path.starts_with(&format!("{g}/")));
    let bare = vendored.iter().filter(|file| !is_gone(file)).cloned().collect();
    Some((vendored, bare))
}

/// The corpus's archives; none where there is no corpus beside this checkout.
fn corpus() -> Vec<PathBuf> {
    let directory = project().join("../shared/corpus/charts");
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut charts: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    charts.sort();
    charts
}

#[test]
fn charts_render_the_same_with_their_dependencies_in_a_repository() {
    let mut charts = corpus();
    if charts.is_empty() {
        eprintln!("SKIPPED: no corpus beside this checkout");
        return;
    }
    let mut least = 60;
    if std::env::var_os("CI").is_none() {
        // A sample for everyday; CI takes all.
        charts = charts.into_iter().step_by(8).collect();
        least = 5;
    }
    let next = Mutex::new(charts.into_iter());
    let (compared, random) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let take = || next.lock().unwrap().next();
                while let Some(path) = take() {
                    match compare(&path) {
                        Some(true) => compared.fetch_add(1, Ordering::Relaxed),
                        Some(false) => random.fetch_add(1, Ordering::Relaxed),
                        None => 0,
                    };
                }
            });
        }
    });
    let (compared, random) = (compared.into_inner(), random.into_inner());
    eprintln!("{compared} charts of the corpus compared, {random} left out: their length is random");
    assert!(compared > least, "only {compared} charts of the corpus were compared");
}

/// Whether a chart's renders could be compared; `None` where nothing of it can be moved.
fn compare(path: &Path) -> Option<bool> {
    let files = archive::read(&std::fs::read(path).unwrap(), &mut Limits::default()).ok()?;
    // A repository for each chart: versions of one name differ among them.
    let served: Arc<Mutex<Served>> = Arc::default();
    let serving = served.clone();
    let web = Web::start(move |asked| {
        let served = serving.lock().unwrap();
        match served.archives.get(&asked.path) {
            Some(archive) => reply(200, archive.clone()),
            None if asked.path == "/index.yaml" => reply(200, served.index()),
            None => reply(404, ""),
        }
    });
    let (vendored, bare) = moved(files, &served, &web.url())?;
    let home = Home::new();
    write(&home.path().join("vendored"), &vendored);
    write(&home.path().join("bare"), &bare);
    let before = contents(&home.path().join("bare"));
    let render = |at: &str| {
        let output = home.run(&["template", "my-release", at, "-n", "my-namespace", "--include-crds"]);
        (output.status.success(), common::stderr(&output).replace("bare", "vendored"), output.stdout)
    };
    let (expected, got) = (render("vendored"), render("bare"));
    let name = path.display();
    assert!(web.count("GET", ".tgz") > 0, "{name}: nothing was fetched");
    assert!(contents(&home.path().join("bare")) == before, "{name}: the tree was written to");
    assert_eq!((got.0, &got.1), (expected.0, &expected.1), "{name}");
    if got.2 == expected.2 {
        return Some(true);
    }
    // What differs from run to run may differ here too: random values, certificates.
    let again = render("vendored");
    let lines = [&expected.2, &again.2, &got.2].map(|text| text.split(|b| *b == b'\n').collect::<Vec<_>>());
    let [expected, again, got] = &lines;
    if expected.len() != again.len() {
        return Some(false);
    }
    assert_eq!(got.len(), expected.len(), "{name}");
    for ((line, same), got) in expected.iter().zip(again).zip(got) {
        assert!(line == got || line != same, "{name}: {}", String::from_utf8_lossy(got));
    }
    Some(true)
}
