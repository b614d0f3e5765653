//! Charts on disk, with the answers of the real Helm.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use super::*;

const CHART: &str = "apiVersion: v2\nname: t\nversion: 0.1.0\n";

struct Fixture(tempfile::TempDir);

impl Fixture {
    fn new(files: &[(&str, &str)]) -> Fixture {
        let fixture = Fixture(tempfile::tempdir().unwrap());
        for (path, text) in [("t/Chart.yaml", CHART)].iter().chain(files) {
            let path = fixture.0.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        fixture
    }

    fn chart(&self) -> PathBuf {
        self.0.path().join("t")
    }

    fn link(self, name: &str, target: &str) -> Fixture {
        symlink(target, self.chart().join(name)).unwrap();
        self
    }

    fn load(&self) -> (Result<Chart>, Notices) {
        let mut notices = Notices::default();
        (load_path(&self.chart(), &mut notices), notices)
    }

    /// What Helm says, the place of the fixture left out.
    fn error(&self) -> String {
        let error = self.load().0.unwrap_err().to_string();
        error.replace(&format!("{}/", self.0.path().display()), "/")
    }
}

#[test]
fn what_only_templates_ask_for_is_read_when_one_does() {
    let fixture = Fixture::new(&[
        ("t/README.md", "before"),
        ("t/gone.txt", "text"),
        ("t/empty.txt", ""),
        ("t/charts/d/Chart.yaml", "name: d\nversion: 1.0.0\n"),
        ("t/charts/d/notes.txt", "before"),
        ("t/crds/c.yaml", "before"),
    ]);
    let chart = fixture.load().0.unwrap();
    for file in ["README.md", "charts/d/notes.txt", "crds/c.yaml"] {
        fs::write(fixture.chart().join(file), "\u{feff}after!").unwrap();
    }
    fs::remove_file(fixture.chart().join("gone.txt")).unwrap();
    assert_eq!(paths(&chart.files), ["README.md", "crds/c.yaml", "empty.txt", "gone.txt"]);
    let [readme, definition, empty, gone] = chart.files.as_slice() else { panic!() };
    assert_eq!(readme.data().unwrap(), &"after!".into());
    assert_eq!(definition.data().unwrap(), &"before".into());
    assert_eq!(empty.data().unwrap(), &"".into());
    assert_eq!(chart.dependencies[0].files[0].data().unwrap(), &"after!".into());
    assert!(chart.read_well().is_ok());
    let place = fixture.chart().join("gone.txt");
    let message = format!("error reading gone.txt: open {}: no such file or directory", place.display());
    assert_eq!(gone.data().unwrap_err().to_string(), message);
    assert_eq!(chart.read_well().unwrap_err().to_string(), message);
}

#[test]
fn what_somebody_may_not_read_is_read_at_once() {
    let fixture = Fixture::new(&[("t/private.txt", "before"), ("t/open.txt", "before")]);
    let private = fixture.chart().join("private.txt");
    fs::set_permissions(&private, fs::Permissions::from_mode(0o600)).unwrap();
    let chart = fixture.load().0.unwrap();
    for file in ["private.txt", "open.txt"] {
        fs::write(fixture.chart().join(file), "after").unwrap();
    }
    let texts: Vec<_> = chart.files.iter().map(|file| file.data().unwrap().to_string()).collect();
    assert_eq!(texts, ["after", "before"]);
}

fn paths(files: &[crate::chart::File]) -> Vec<&str> {
    files.iter().map(|file| file.path.as_str()).collect()
}

#[test]
fn files_go_where_helm_puts_them() {
    let fixture = Fixture::new(&[
        ("t/values.yaml", "a: {b: 1}\n---\na: {c: 2}\n"),
        ("t/templates/a-b.yaml", ""),
        ("t/templates/a/x.yaml", ""),
        ("t/templates/a.yaml", ""),
        ("t/templates/.x", ""),
        ("t/README.md", "\u{feff}read"),
        ("t/crds/c.yaml", ""),
        ("t/charts/x.prov", ""),
        ("t/charts/_skipped", ""),
        ("t/charts/d/Chart.yaml", "name: d\nversion: 1.10\n"),
        ("t/charts/d/requirements.yaml", "dependencies: []"),
        ("t/.helmignore", "*.txt\n"),
        ("t/secret.txt", ""),
    ]);
    let (chart, notices) = fixture.load();
    let chart = chart.unwrap();
    assert_eq!(notices, Notices::default());
    assert_eq!(paths(&chart.templates), ["templates/a/x.yaml", "templates/a-b.yaml", "templates/a.yaml"]);
    assert_eq!(paths(&chart.files), [".helmignore", "README.md", "charts/x.prov", "crds/c.yaml"]);
    assert_eq!(chart.files[1].data().unwrap(), &"read".into());
    assert_eq!(
        format!("{:?}", chart.values.thaw()),
        r#"Map({"a": Map({"b": Float(1.0), "c": Float(2.0)})})"#
    );
    let [subchart] = chart.dependencies.as_slice() else { panic!() };
    assert_eq!((subchart.metadata.version.as_str(), subchart.metadata.api_version.as_str()), ("1.1", "v1"));
    assert_eq!(paths(&subchart.files), ["requirements.yaml"]);
}

#[test]
fn chart_yaml_is_refused_in_helms_words() {
    for (text, message) in [
        ("apiVersion: v5", "unsupported chart version"),
        ("name: t", "validation: chart.metadata.version is required"),
        ("name: a/b\nversion: 1", "validation: chart.metadata.name \"a/b\" is invalid"),
        ("name: t\nversion: \"1\\e\"", "validation: chart.metadata.version \"1\\x1b\" is invalid"),
        (
            "name: t\nversion: 1\nmaintainers: [~]",
            "validation: maintainers must not contain empty or null nodes",
        ),
        (
            "name: t\nversion: 1\ndependencies: [{name: a}, {name: b, alias: a}]",
            "validation: more than one dependency with name or alias \"a\"",
        ),
        (
            "name: t\nversion: 1\ndependencies: [{name: a, alias: a$}]",
            "validation: dependency \"a\" has disallowed characters in the alias",
        ),
        (
            "maintainers: [{NAME: [x]}]",
            "cannot load Chart.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array \
             into Go struct field .maintainers.0.NAME of type string",
        ),
        (
            "keywords: [{}]",
            "cannot load Chart.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal object \
             into .keywords.0 of type string",
        ),
        (
            "[a]",
            "cannot load Chart.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array \
             into Go value of type loader.chartBase",
        ),
    ] {
        assert_eq!(Fixture::new(&[("t/Chart.yaml", text)]).error(), message);
    }
}

#[test]
fn other_files_are_refused_in_helms_words() {
    let json =
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type";
    for (file, text, message) in [
        (
            "values.yaml",
            "[a]",
            format!(
                "cannot load values.yaml: cannot unmarshal yaml document: {json} map[string]interface {{}}"
            ),
        ),
        (
            "values.yaml",
            "a: 1\n---b: 2",
            "cannot load values.yaml: error reading yaml document: invalid Yaml document separator: b: 2"
                .into(),
        ),
        ("Chart.lock", "[a]", format!("cannot load Chart.lock: {json} v2.Lock")),
        ("charts/README", "", "error unpacking subchart README in t: Chart.yaml file is missing".into()),
        ("charts/z.tgz", "", "error unpacking subchart z.tgz in t: EOF".into()),
        ("charts/z.tgz/x", "", "error unpacking subchart tar in t: expected z.tgz, got z.tgz/x".into()),
        (".helmignore", "a**", "double-star (**) syntax is not supported".into()),
        (".helmignore", "Chart.yaml", "Chart.yaml file is missing".into()),
    ] {
        assert_eq!(Fixture::new(&[(&format!("t/{file}"), text)]).error(), message);
    }
}

#[test]
fn requirements_are_read_over_chart_yaml() {
    let fixture = Fixture::new(&[
        (
            "t/Chart.yaml",
            "name: t\nversion: 1\nannotations: {a: b, c: d}\ndependencies: [{name: d, alias: e}]",
        ),
        ("t/requirements.yaml", "dependencies: [{name: f}]\nannotations: {c: g}"),
    ]);
    let metadata = fixture.load().0.unwrap().metadata;
    let text = |k: &str, v: &str| (k.to_owned(), v.to_owned());
    assert_eq!(metadata.annotations, Some(vec![text("a", "b"), text("c", "g")]));
    let dependency = &metadata.dependencies.unwrap()[0];
    assert_eq!((dependency.name.as_str(), dependency.alias.as_str()), ("f", "e"));
}

#[test]
fn links_are_followed_and_told_of() {
    let fixture =
        Fixture::new(&[("outside", "x"), ("dir/sub/z", "z")]).link("l1", "../outside").link("l2", "../dir");
    let (chart, notices) = fixture.load();
    assert_eq!(paths(&chart.unwrap().files), ["l1", "l2/sub/z"]);
    let root = fixture.0.path().display();
    let resolved = fixture.0.path().canonicalize().unwrap();
    assert_eq!(
        notices.0[0].fields,
        [("path", format!("{root}/t/l1")), ("resolved", format!("{}/outside", resolved.display()))]
    );
    let error = |name: &str, target: &str| Fixture::new(&[]).link(name, target).error();
    assert_eq!(error("l", "gone"), "error evaluating symlink /t/l: lstat /t/gone: no such file or directory");
    assert_eq!(error("l", "l"), "error evaluating symlink /t/l: EvalSymlinks: too many links");
    assert_eq!(error("up", ".."), "error evaluating symlink /t/up/t/up: too many links");
}

#[test]
fn a_repository_is_not_left_through_a_chart() {
    let fixture = Fixture::new(&[("outside", "x")]).link("l", "../outside").link("m", "../nothing");
    let tree = Disk::new(&fixture.chart()).unwrap();
    let error = load_chart(&tree, "", None, &mut Notices::default()).unwrap_err();
    assert_eq!(
        (error.kind, error.to_string()),
        (Kind::Forbidden, "l: lies outside the repository".to_owned())
    );
    let inside = Disk::new(fixture.0.path()).unwrap();
    let error = load_chart(&inside, "t", None, &mut Notices::default()).unwrap_err();
    assert_eq!(error.to_string(), "error evaluating symlink t/m: lstat nothing: no such file or directory");
}

#[test]
fn what_is_no_archive_is_named() {
    let fixture = Fixture::new(&[("f.yaml", "a: b"), ("f.bin", "x"), ("bad.tgz", "\u{1f}")]);
    let error = |name: &str| {
        let error = load_path(&fixture.0.path().join(name), &mut Notices::default()).unwrap_err();
        error.message.replace(&format!("{}/", fixture.0.path().display()), "/")
    };
    assert_eq!(error("f.yaml"), "file '/f.yaml' seems to be a YAML file, but expected a gzipped archive");
    assert_eq!(
        error("f.bin"),
        "file '/f.bin' does not appear to be a gzipped archive; got 'application/octet-stream'"
    );
    assert_eq!(error("gone"), "path \"/gone\" not found");
}
