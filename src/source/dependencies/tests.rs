//! What is fetched and what is refused, on trees in memory; no network is asked.

use super::*;
use crate::chart::lock::{self, Lock};
use crate::chart::metadata::Draft;
use crate::error::Kind;
use crate::registry::config::Config;
use crate::repository::snapshot::{Node, Snapshot};

const LIB: &str = "apiVersion: v2\nname: lib\nversion: 1.2.3\n";

fn app(dependencies: &str) -> String {
    format!("apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies: {dependencies}\n")
}

fn tree(files: &[(&str, &str)]) -> Snapshot {
    Snapshot::new(files.iter().map(|(path, text)| ((*path).to_owned(), Node::File((*text).into()))).collect())
}

fn load_app(files: &[(&str, &str)]) -> Result<Chart> {
    let registry = Registry::new(Config::new(|_| None));
    load(&tree(files), "app", &Network::patient(&registry), None, &mut Notices::default())
}

fn error(files: &[(&str, &str)]) -> Error {
    load_app(files).unwrap_err()
}

/// The lock of a chart with these dependencies, as Helm would write it.
fn lock_of(chart_yaml: &str, locked: &[Dependency]) -> String {
    let mut draft = Draft::default();
    draft.read(chart_yaml.as_bytes()).unwrap();
    let wanted = draft.finish().unwrap().dependencies.unwrap();
    let lock = Lock {
        generated: "2026-01-01T00:00:00Z".to_owned(),
        digest: lock::digest(&wanted, locked),
        dependencies: locked.to_vec(),
    };
    String::from_utf8(lock.write().unwrap()).unwrap()
}

fn dependency(repository: &str, version: &str) -> Dependency {
    Dependency {
        name: "lib".into(),
        version: version.into(),
        repository: repository.into(),
        ..Dependency::default()
    }
}

#[test]
fn charts_of_the_repository_are_taken_from_it() {
    let app_yaml = app("[{name: lib, version: ^1, repository: 'file://../lib'}]");
    let files = [
        ("app/Chart.yaml", app_yaml.as_str()),
        ("lib/Chart.yaml", LIB),
        ("lib/.helmignore", "*.txt\n"),
        ("lib/values.yaml", "a: 1\n"),
        ("lib/notes.txt", "ignored"),
        ("lib/templates/a.yaml", "a: {{ .Values.a }}\n"),
    ];
    let chart = load_app(&files).unwrap();
    let [lib] = chart.dependencies.as_slice() else { panic!("{chart:?}") };
    assert_eq!((lib.metadata.name.as_str(), lib.templates.len()), ("lib", 1));
    let shown: Vec<&str> = lib.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(shown, [".helmignore"]);
    let locked = lock_of(&app_yaml, &[dependency("file://../lib", "1.2.3")]);
    let with_lock = [&files[..], &[("app/Chart.lock", &locked)]].concat();
    assert_eq!(load_app(&with_lock).unwrap().dependencies.len(), 1);
}

#[test]
fn what_is_carried_wins_and_no_lock_is_looked_at() {
    let app_yaml = app("[{name: lib, version: ^1, repository: 'https://nowhere.invalid'}]");
    let vendored = LIB.replace("1.2.3", "1.0.0");
    let files = [
        ("app/Chart.yaml", app_yaml.as_str()),
        ("app/Chart.lock", "digest: sha256:00\n"),
        ("app/charts/lib/Chart.yaml", &vendored),
    ];
    assert_eq!(load_app(&files).unwrap().dependencies[0].metadata.version, "1.0.0");
}

#[test]
fn a_lock_that_does_not_fit_says_how_to_mend_it() {
    let app_yaml = app("[{name: lib, version: ^1, repository: 'file://../lib'}]");
    let other = lock_of(&app_yaml.replace("^1", "^2"), &[dependency("file://../lib", "1.2.3")]);
    let files =
        [("app/Chart.yaml", app_yaml.as_str()), ("app/Chart.lock", other.as_str()), ("lib/Chart.yaml", LIB)];
    assert_eq!(
        error(&files).to_string(),
        "the lock file (Chart.lock) is out of sync with the dependencies file (Chart.yaml). Please update the \
         dependencies with 'helm dependency update'\n\
         hint: `tiphys dependency update CHART` writes it again; commit what it writes"
    );
}

#[test]
fn locks_of_the_old_kind_are_honoured_too() {
    let requirements = "dependencies:\n- {name: lib, version: ^1, repository: 'file://../lib'}\n";
    let v1 = "apiVersion: v1\nname: app\nversion: 0.1.0\n";
    let wanted = [dependency("file://../lib", "^1")];
    let lock = |digest: &str| {
        format!(
            "dependencies:\n- {{name: lib, version: 1.2.3, repository: 'file://../lib'}}\ndigest: {digest}\n"
        )
    };
    let load = |lock: &str| {
        load_app(&[
            ("app/Chart.yaml", v1),
            ("app/requirements.yaml", requirements),
            ("app/requirements.lock", lock),
            ("lib/Chart.yaml", LIB),
        ])
    };
    for digest in [lock::digest_v2(&wanted), lock::digest(&wanted, &[dependency("file://../lib", "1.2.3")])] {
        assert_eq!(load(&lock(&digest)).unwrap().dependencies.len(), 1, "{digest}");
    }
    let refused = load(&lock("sha256:00")).unwrap_err();
    assert!(refused.message.starts_with("the lock file (requirements.lock) is out of sync"), "{refused}");
}

#[test]
fn what_cannot_be_had_is_refused() {
    let cases = [
        (
            "[{name: lib, version: ^2, repository: 'file://../lib'}]",
            Kind::Invalid,
            "can't get a valid version for dependency lib\nhint: app/../lib has version 1.2.3, wanted is ^2",
        ),
        (
            "[{name: lib, version: '', repository: 'file://../lib'}]",
            Kind::Invalid,
            "dependency \"lib\" has an invalid version/constraint format: improper constraint: \"\"",
        ),
        (
            "[{name: lib, version: ^1, repository: 'file://../nope'}]",
            Kind::NotFound,
            "directory app/../nope not found",
        ),
        (
            "[{name: lib, version: ^1, repository: 'file://../../lib'}]",
            Kind::Forbidden,
            "app/../../lib: lies outside the repository",
        ),
        (
            "[{name: lib, version: ^1, repository: 'file:///etc'}]",
            Kind::Forbidden,
            "/etc: lies outside the repository",
        ),
        (
            "[{name: lib, version: ^1, repository: '@team'}]",
            Kind::NotFound,
            "no repository definition for @team. Please add them via 'helm repo add'\nhint: names are looked up \
             in repositories.yaml (HELM_REPOSITORY_CONFIG); a URL needs none",
        ),
        (
            "[{name: lib, version: ^1, repository: 'git+https://x'}]",
            Kind::Usage,
            "chart \"lib\" version \"^1\" of git+https://x: \"git+https://x\" is not a URL: its scheme is neither \
             http nor https",
        ),
    ];
    for (dependencies, kind, message) in cases {
        let app_yaml = app(dependencies);
        let refused = error(&[("app/Chart.yaml", &app_yaml), ("lib/Chart.yaml", LIB)]);
        assert_eq!((refused.kind, refused.to_string()), (kind, message.to_owned()));
    }
    // One without a repository is Helm's business.
    let app_yaml = app("[{name: lib}, {name: other, repository: 'https://nowhere.invalid'}]");
    assert!(load_app(&[("app/Chart.yaml", &app_yaml)]).unwrap().dependencies.is_empty());
}
