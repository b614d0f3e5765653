//! The rules of the house, held by a test: rooms import only rooms below them,
//! every file says what it is for, copies stay equal.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it expects"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Each room and the rooms that it may use. `error` and `notice` are everyone's.
const ROOMS: &[(&str, &[&str])] = &[
    (
        "cli",
        &[
            "plugin",
            "pipeline",
            "source",
            "parameters",
            "registry",
            "repository",
            "chart",
            "template",
            "hooks",
            "manifest",
            "data",
        ],
    ),
    ("plugin", &["pipeline", "parameters", "registry", "repository", "hooks", "manifest", "data"]),
    (
        "pipeline",
        &["source", "parameters", "registry", "repository", "chart", "template", "hooks", "manifest", "data"],
    ),
    ("source", &["parameters", "registry", "repository", "chart", "data"]),
    ("parameters", &["data"]),
    ("registry", &["data"]),
    ("repository", &["data"]),
    ("chart", &["template", "data"]),
    ("template", &["data"]),
    ("hooks", &["manifest", "data"]),
    ("manifest", &["data"]),
    ("data", &[]),
    ("notice", &[]),
    ("error", &[]),
];

fn sources() -> Vec<PathBuf> {
    let mut pending = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut files = Vec::new();
    while let Some(dir) = pending.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn relative(path: &Path) -> String {
    path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap().display().to_string()
}

/// The rooms that a file names after `crate::`.
fn used(text: &str) -> Vec<&str> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| {
        line.match_indices("crate::").map(move |(at, found)| line.get(at + found.len()..).unwrap())
    })
    .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default())
    .filter(|room| !room.is_empty())
    .collect()
}

#[test]
fn rooms_import_only_rooms_below() {
    let rooms: BTreeMap<&str, &[&str]> = ROOMS.iter().copied().collect();
    let mut wrong = Vec::new();
    for path in sources() {
        let name = relative(&path);
        let room = name.split(['/', '.']).next().unwrap().to_owned();
        if matches!(room.as_str(), "lib" | "main") {
            continue;
        }
        let allowed = rooms.get(room.as_str()).unwrap_or_else(|| panic!("{room} is a room without a rule"));
        for target in used(&std::fs::read_to_string(&path).unwrap()) {
            if target != room && !matches!(target, "error" | "notice") && !allowed.contains(&target) {
                wrong.push(format!("{name} uses {target}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_opens_with_what_it_is_for() {
    let quiet: Vec<String> = sources()
        .iter()
        .filter(|path| !std::fs::read_to_string(path).unwrap().starts_with("//!"))
        .map(|path| relative(path))
        .collect();
    assert!(quiet.is_empty(), "{}", quiet.join("\n"));
}

#[test]
fn the_installation_carries_the_same_plugin_configuration() {
    let read = |name: &str| std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
    assert!(read("plugin.yaml") == read("manifests/plugin.yaml"), "copy plugin.yaml to manifests/");
}

fn project_file(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

#[test]
fn the_readme_gives_a_reason_for_every_dependency() {
    let (manifest, readme) = (project_file("Cargo.toml"), project_file("README.md"));
    let mut depends: BTreeSet<&str> = BTreeSet::new();
    for section in manifest.split("\n[").filter(|section| {
        section
            .split(']')
            .next()
            .is_some_and(|name| name == "dependencies" || name.ends_with("-dependencies"))
    }) {
        depends.extend(section.lines().filter_map(|line| Some(line.split_once(" = ")?.0)));
    }
    let table = readme.split("| crate | why |").nth(1).unwrap().split("\n\n").next().unwrap();
    let named: BTreeSet<&str> = table
        .lines()
        .filter_map(|row| row.strip_prefix("| ")?.split(" | ").next())
        .flat_map(|crates| crates.split(" (").next().unwrap().split(", "))
        .collect();
    assert!(depends.len() > 20, "Cargo.toml was not read");
    let missing: Vec<_> = depends.difference(&named).collect();
    let gone: Vec<_> = named.difference(&depends).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "without a reason: {missing:?}, no longer there: {gone:?}"
    );
}

#[test]
fn the_architecture_page_names_every_room() {
    let page = project_file("docs/architecture.md");
    let rooms: BTreeSet<String> = sources()
        .iter()
        .map(|path| relative(path))
        .map(|name| name.split_once('/').map_or(name.clone(), |(room, _)| format!("{room}/")))
        .filter(|room| !matches!(room.as_str(), "lib.rs" | "main.rs"))
        .collect();
    let unnamed: Vec<_> = rooms.iter().filter(|room| !page.contains(&format!("`{room}`"))).collect();
    assert!(unnamed.is_empty(), "docs/architecture.md does not name {unnamed:?}");
}

/// What may be longer than the rest, and why.
const LONG: &[(&str, &str)] = &[];

#[test]
fn files_stay_short_enough_to_read() {
    let long: Vec<String> = sources()
        .iter()
        .map(|path| (relative(path), std::fs::read_to_string(path).unwrap().lines().count()))
        .filter(|(name, lines)| *lines > 520 && !LONG.iter().any(|(long, _)| long == name))
        .map(|(name, lines)| format!("{name}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}
