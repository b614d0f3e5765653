//! `tiphys plan`, as its reader meets it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test says what it expects"
)]

mod common;

use common::{directory, project, stderr, stdout, tiphys};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The command of the documentation; without a .git the root has to be said.
const EXAMPLE: [&str; 6] = ["plan", "examples/my-api", "--environment", "production", "--repository", "."];
const PICTURE: &str = "docs/images/plan.svg";

/// A chart with most of what there is to warn of. Its password must never be shown.
fn shop() -> TempDir {
    directory(&[
        ("Chart.yaml", "apiVersion: v2\nname: shop\nversion: 2.1.0\n"),
        ("values.yaml", "db:\n  # of the database\n  password: hunter2-Xy\n  existingSecret: shop\n"),
        (
            "templates/hooks.yaml",
            "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: migrate\n  annotations:\n    helm.sh/hook: pre-upgrade\n\
             spec:\n  template:\n    spec:\n      serviceAccountName: shop\n\
             ---\napiVersion: batch/v1\nkind: Job\nmetadata:\n  generateName: notify-\n  annotations:\n    \
             helm.sh/hook: post-install\n    helm.sh/hook-weight: '2'\n    helm.sh/hook-delete-policy: hook-succeeded\n\
             ---\napiVersion: v1\nkind: Pod\nmetadata: {name: check, annotations: {helm.sh/hook: test}}\n\
             ---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: rest\n  annotations:\n    argocd.argoproj.io/hook: Skip\n\
             ---\napiVersion: batch/v1\nkind: Job\nmetadata:\n  name: bye\n  annotations:\n    helm.sh/hook: post-delete\n    \
             helm.sh/hook-delete-policy: hook-succeeded\n",
        ),
        (
            "templates/objects.yaml",
            "{{ range list \"a\" \"b\" }}\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ . }}-<i>&\"'\u{202e}\n---\n{{ end }}\n\
             apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: shop}\n---\napiVersion: v1\nkind: Secret\n\
             metadata: {name: shop}\ndata:\n  unused: {{ default (randAlphaNum 9) .Values.db.password | b64enc }}\n  \
             token: {{ include \"token\" . }}\n",
        ),
        ("templates/_token.tpl", "{{ define \"token\" }}\n{{- randAlpha 8 | b64enc }}{{ end }}\n"),
        // What is not applied may change as it likes.
        ("templates/NOTES.txt", "{{ now }}"),
        (
            "templates/random.yaml",
            "kind: Pod\nmetadata: {name: more, annotations: {helm.sh/hook: test, x: \"{{ uuidv4 }}\"}}\n",
        ),
    ])
}

fn plan(dir: &TempDir, more: &[&str]) -> String {
    let path = dir.path().display().to_string();
    let args = [&["plan", &path, "--release-name", "shop", "-n", "stores"], more].concat();
    let output = tiphys(&args);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
    stdout(&output)
}

#[test]
fn the_table_shows_the_order_and_the_warnings() {
    let text = "\
shop: 7 steps, chart shop 2.1.0 in namespace stores

PHASE       WAVE  KIND            NAME       DELETE POLICY       FROM
PreSync        0  Job             migrate    BeforeHookCreation  shop/templates/hooks.yaml

Sync           0  ServiceAccount  shop       -                   shop/templates/objects.yaml
                  Secret          shop       -                   shop/templates/objects.yaml
                  ConfigMap       a-<i>&\"'\u{fffd}  -                   shop/templates/objects.yaml
                  ConfigMap       b-<i>&\"'\u{fffd}  -                   shop/templates/objects.yaml

PostSync       2  Job             notify-…   HookSucceeded       shop/templates/hooks.yaml

When the application is deleted, after its objects:
PostDelete     -  Job             bye        HookSucceeded       shop/templates/hooks.yaml

Not applied:
  Pod/rest (Skip): Argo CD skips it, shop/templates/hooks.yaml

6 warnings:
  templates/hooks.yaml:6
    hook Job/migrate has a fixed name and no delete policy, so it would block the next sync: Tiphys
    gives it BeforeHookCreation
  templates/hooks.yaml:10
    hook Job/migrate needs ServiceAccount shop, which comes later (Sync, wave 0): where that is not
    there yet, as at the first sync, the sync gets no further
  templates/hooks.yaml:23
    hook Pod/check (test) never runs in Argo CD
  templates/random.yaml:2
    hook Pod/more (test) never runs in Argo CD
  values.yaml:3
    db.password looks like a secret, and whoever reads the repository reads it: keep it in a Secret
    that the chart refers to
  templates/_token.tpl:2
    randAlpha gives another result at every render, so the application is never in sync: set it as a
    value, or take it from a Secret
";
    assert_eq!(plan(&shop(), &[]), text);
}

#[test]
fn json_has_its_documented_shape() {
    let plan: Value = serde_json::from_str(&plan(&shop(), &["-o", "json"])).unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&plan), ["application", "notApplied", "steps", "warnings"]);
    assert_eq!(
        plan["application"],
        json!({"charts": [{"name": "shop", "version": "2.1.0"}], "namespace": "stores", "release": "shop"})
    );
    let steps = plan["steps"].as_array().unwrap();
    assert_eq!(
        steps[0],
        json!({
            "phase": "PreSync", "wave": 0, "apiVersion": "batch/v1", "kind": "Job", "name": "migrate", "namespace": null,
            "chart": "shop", "template": "templates/hooks.yaml", "source": "shop/templates/hooks.yaml", "hook": true,
            "deletePolicies": ["BeforeHookCreation"], "syncOptions": [], "moved": false
        })
    );
    assert_eq!((&steps[5]["generateName"], &steps[5]["wave"]), (&json!("notify-"), &json!(2)));
    assert_eq!((&steps[6]["phase"], &steps[6]["wave"]), (&json!("PostDelete"), &Value::Null));
    let reasons: Vec<_> = plan["notApplied"].as_array().unwrap().iter().map(|idle| &idle["reason"]).collect();
    assert_eq!(reasons, ["skip", "never-runs", "never-runs"]);
    let codes: Vec<_> = plan["warnings"].as_array().unwrap().iter().map(|warning| &warning["code"]).collect();
    assert_eq!(
        codes,
        [
            "hook-policy-added",
            "waits-forever",
            "hook-never-runs",
            "hook-never-runs",
            "secret-in-values",
            "changes-every-render"
        ]
    );
    assert_eq!(keys(&plan["warnings"][0]), ["code", "file", "line", "message"]);
}

/// The elements and texts of an XML document, in order; panics where it is none.
fn parse(xml: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let mut rest = xml;
    while let Some(start) = rest.find('<') {
        let end = rest[start..].find('>').unwrap() + start;
        let text = &rest[..start];
        for entity in text.split('&').skip(1) {
            let name = entity.split_once(';').unwrap().0;
            assert!(["amp", "lt", "gt", "quot", "#39"].contains(&name), "{entity}");
        }
        found.extend(Some(text.to_owned()).filter(|text| !text.trim().is_empty()));
        let tag = &rest[start + 1..end];
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None if tag.ends_with('/') => {}
            None => open.push(tag.split(' ').next().unwrap()),
        }
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty() && rest.trim().is_empty());
    found
}

#[test]
fn the_picture_is_xml_whatever_names_say() {
    let picture = plan(&shop(), &["-o", "svg"]);
    let texts = parse(&picture);
    for shown in
        ["shop", "PreSync", "wave 2", "a-&lt;i&gt;&amp;&quot;&#39;\u{fffd}", "ConfigMap × 2", "6 warnings"]
    {
        assert!(texts.iter().any(|text| text == shown), "{shown}: {texts:?}");
    }
    assert!(!picture.contains("<script") && !picture.contains("href"), "a picture loads nothing");
}

/// Every number of an attribute, in order.
fn numbers(element: &str, name: &str) -> Option<u32> {
    let after = element.split_once(&format!(" {name}=\""))?.1;
    after.split_once('"')?.0.parse().ok()
}

#[test]
fn nothing_leaves_the_picture_however_much_there_is() {
    let many = "{{ range $i := until 60 }}{{ range list \"Secret\" \"ConfigMap\" \"Deployment\" }}\n---\napiVersion: v1\n\
                kind: {{ . }}\nmetadata: {name: \"{{ repeat 9 \"long-\" }}{{ $i }}\", annotations: {argocd.argoproj.io/sync-wave: \
                \"{{ mod $i 5 }}\"}}\n{{ end }}{{ end }}";
    let chart = "apiVersion: v2\nname: many\nversion: 1.0.0\n";
    for template in [many, "kind: A\nmetadata: {name: one}\n", "{{/* nothing */}}"] {
        let dir = directory(&[("Chart.yaml", chart), ("templates/a.yaml", template)]);
        let picture = plan(&dir, &["-o", "svg"]);
        parse(&picture);
        let elements: Vec<&str> = picture.split('<').collect();
        let of = |name: &str| elements.iter().find_map(|element| numbers(element, name)).unwrap();
        let (width, height) = (of("width"), of("height"));
        for element in &elements {
            let (x, y) = (numbers(element, "x").unwrap_or(0), numbers(element, "y").unwrap_or(0));
            let text = element.strip_prefix("text ").and_then(|text| text.split_once('>'));
            // Names are set in a face whose letters are 0.61 of their 12 pixels wide.
            let mono = text.filter(|(attributes, _)| attributes.contains("\"name\""));
            let long = mono.map_or(0, |(_, text)| u32::try_from(text.chars().count()).unwrap() * 733 / 100);
            let right = x + numbers(element, "width").unwrap_or(long);
            let bottom = y + numbers(element, "height").unwrap_or(0);
            assert!(right <= width && bottom <= height, "{element} in {width}x{height}");
        }
    }
}

#[test]
fn the_picture_of_the_documentation_is_the_example() {
    let output = tiphys(&[&EXAMPLE[..], &["-o", "svg"]].concat());
    let picture = stdout(&output);
    let path = project().join(PICTURE);
    if std::env::var_os("TIPHYS_UPDATE").is_some() {
        std::fs::write(&path, picture).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == picture,
        "{PICTURE} is out of date: TIPHYS_UPDATE=1 cargo test --test plan writes it"
    );
}

#[test]
fn the_page_shows_the_table_of_the_example() {
    let page = std::fs::read_to_string(project().join("docs/plan.md")).unwrap();
    assert!(page.contains(&format!("```\n{}```", stdout(&tiphys(&EXAMPLE)))), "docs/plan.md is out of date");
}

#[test]
fn the_page_names_every_warning() {
    let page = std::fs::read_to_string(project().join("docs/plan.md")).unwrap();
    let named: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | ").map(|(code, _)| code))
        .collect();
    let sources = ["src/hooks/blocking.rs", "src/pipeline/plan.rs"]
        .map(|path| std::fs::read_to_string(project().join(path)).unwrap());
    let quoted = sources.iter().flat_map(|source| source.split('"').skip(1).step_by(2));
    let codes = quoted.filter(|text| {
        text.contains('-')
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
            && *text != "hook-delete-policy"
            && *text != "hook-weight"
    });
    let unnamed: Vec<&str> = codes.filter(|code| !named.contains(code)).collect();
    assert_eq!(unnamed, Vec::<&str>::new());
}

#[test]
fn secrets_are_never_shown() {
    let shop = shop();
    for format in ["table", "json", "svg"] {
        assert!(!plan(&shop, &["-o", format]).contains("hunter2"), "{format}");
    }
}

#[test]
fn parameters_change_the_plan() {
    let shop = shop();
    let phases = |more: &[&str]| {
        let plan: Value = serde_json::from_str(&plan(&shop, &[&["-o", "json"], more].concat())).unwrap();
        let steps = plan["steps"].as_array().unwrap().clone();
        steps
            .iter()
            .filter(|step| step["hook"] == true)
            .map(|step| step["phase"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(phases(&[]), ["PreSync", "PostSync", "PostDelete"]);
    assert_eq!(phases(&["--hook-events", "install"]), ["PostSync", "PostDelete"]);
    assert_eq!(phases(&["--hook-events", "upgrade"]), ["PreSync", "PostDelete"]);
    assert_eq!(phases(&["--no-hooks"]), Vec::<String>::new());
}

#[test]
fn an_application_is_planned_with_all_its_sources() {
    let file = stdout(&tiphys(&[
        "plan",
        "examples/application.yaml",
        "--repo",
        "https://git.example.com/platform/apps.git=.",
    ]));
    let directory_alone = stdout(&tiphys(&[&EXAMPLE[..], &["-n", "my-api"]].concat()));
    assert_eq!(file, directory_alone);

    let chart = |name: &str| format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n");
    let config = "kind: ConfigMap\nmetadata: {name: c}\n";
    let needy = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: j, annotations: {helm.sh/hook: pre-install}}\n\
                 spec: {template: {spec: {volumes: [{name: c, configMap: {name: c}}]}}}\n";
    let repository = directory(&[
        ("a/Chart.yaml", &chart("a")),
        ("a/templates/c.yaml", config),
        ("b/Chart.yaml", &chart("b")),
        ("b/templates/j.yaml", needy),
        ("b/templates/c.yaml", config),
        (
            "app.yaml",
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: both}\nspec:\n  destination: {namespace: stores}\n  \
             sources: [{repoURL: https://x.io/r, path: a}, {repoURL: https://x.io/r, path: b}]\n",
        ),
    ]);
    let (app, dir) = (repository.path().join("app.yaml"), repository.path().display().to_string());
    let output =
        tiphys(&["plan", app.to_str().unwrap(), "--repo", &format!("https://x.io/r={dir}"), "-o", "json"]);
    assert_eq!(stderr(&output), "");
    let plan: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(
        plan["application"],
        json!({
            "charts": [{"name": "a", "version": "1.0.0"}, {"name": "b", "version": "1.0.0"}],
            "namespace": "stores", "release": "both"
        })
    );
    let names: Vec<_> = plan["steps"].as_array().unwrap().iter().map(|step| &step["source"]).collect();
    assert_eq!(names, ["b/templates/j.yaml", "a/templates/c.yaml", "b/templates/c.yaml"]);
    let warnings: Vec<_> = plan["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|w| format!("{} {}:{}", w["code"].as_str().unwrap(), w["file"].as_str().unwrap(), w["line"]))
        .collect();
    assert_eq!(
        warnings,
        [
            "hook-policy-added b/templates/j.yaml:3",
            "waits-forever b/templates/j.yaml:4",
            "appears-twice b/templates/c.yaml:1"
        ]
    );
    let output = tiphys(&["plan", "examples/my-api", "--repo", "x=."]);
    assert_eq!(stderr(&output), "Error: --repo needs an Application: name it with -a\n");
}

#[test]
fn an_error_is_an_error() {
    let broken = directory(&[
        ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"),
        ("templates/a.yaml", "{{ fail \"no\" }}"),
    ]);
    let path = broken.path().display().to_string();
    let output = tiphys(&["plan", &path, "--release-name", "c"]);
    assert_eq!((output.status.code(), stdout(&output)), (Some(1), String::new()));
    assert_eq!(stderr(&output), "Error: execution error at (c/templates/a.yaml:1:3): no\n");
}
