//! Helm 4.3.1 beside ours on what nobody wrote by hand: drawn from a fixed seed,
//! `TIPHYS_CASES` of each kind, `TIPHYS_SEED` for others. Without a Helm of that
//! version each test says so and returns.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what it expects")]

mod common;
#[path = "differential/mod.rs"]
mod differential;

use std::path::Path;

use differential::batch::{both, compare};
use differential::made_up::{draw, value};
use differential::run::Program;
use differential::{charts, expressions, flags, helm, programs, sets, yaml};

/// As many templates as one run of Helm answers for.
const BATCH: usize = 150;

fn assert_alike(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} differences (- Helm, + ours):\n{}", wrong.len(), wrong.join("\n\n"));
}

fn in_batches(helm: &Program, values: &str, bodies: &[String]) {
    let wrong: Vec<String> = bodies.chunks(BATCH).flat_map(|some| compare(helm, values, some)).collect();
    assert_alike(&wrong);
}

#[test]
fn expressions_print_what_helm_prints() {
    let Some(helm) = helm::or_skip("expressions") else { return };
    in_batches(&helm, expressions::VALUES, &draw(&expressions::body(), 450));
}

#[test]
fn programs_run_as_in_helm() {
    let Some(helm) = helm::or_skip("programs") else { return };
    let mut bodies = draw(&programs::body(), 450);
    let inside = |body: &String| !body.contains("{{ break }}") && !body.contains("{{ continue }}");
    bodies.retain(inside);
    for some in bodies.chunks_mut(BATCH) {
        some[0] = "{{ define \"h\" }}\n h {{ typeOf . }} {{ end }}"
            .replace("{{ define", "{{ block")
            .replace("\" }}", "\" 1 }}");
    }
    in_batches(&helm, expressions::VALUES, &bodies);
}

#[test]
fn broken_templates_are_refused_in_helms_words() {
    let Some(helm) = helm::or_skip("broken templates") else { return };
    let mut wrong = Vec::new();
    for text in draw(&programs::broken(), 40) {
        let shown = format!("# {}", text.replace('\n', "\n# "));
        let chart = common::directory(&[
            ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n"),
            ("values.yaml", expressions::VALUES),
            ("templates/t.yaml", &shown),
        ]);
        note(&mut wrong, &helm, chart.path(), &["rel", "."], &shown);
    }
    assert_alike(&wrong);
}

#[test]
fn yaml_is_read_as_helm_reads_it() {
    let Some(helm) = helm::or_skip("reading YAML") else { return };
    in_batches(&helm, "", &draw(&yaml::body(), 900));
}

#[test]
fn yaml_is_written_as_helm_writes_it() {
    let Some(helm) = helm::or_skip("writing YAML") else { return };
    let values = draw(&value(), 450);
    for some in values.chunks(BATCH) {
        let body = |at: usize| {
            format!(
                "{{{{ range list (index .Values.v {at}) }}}}{{{{ toYaml . }}}}\n{{{{ toYamlPretty . }}}}\n{{{{ toJson . }}}} {{{{ toPrettyJson . }}}} {{{{ toRawJson . }}}} {{{{ . | quote }}}} {{{{ toToml (dict \"v\" .) }}}}{{{{ end }}}}"
            )
        };
        let bodies: Vec<String> = (0..some.len()).map(body).collect();
        let file = serde_json::json!({ "v": some }).to_string();
        let wrong = compare(&helm, &file, &bodies);
        assert_alike(&wrong);
    }
}

#[test]
fn values_files_are_read_as_helm_reads_them() {
    let Some(helm) = helm::or_skip("values files") else { return };
    let mut wrong = Vec::new();
    for text in draw(&yaml::document(), 40) {
        let chart = common::directory(&[
            ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n"),
            ("templates/t.yaml", "# {{ toJson .Values }}\n"),
            ("v.yaml", &text),
        ]);
        note(&mut wrong, &helm, chart.path(), &["rel", ".", "-f", "v.yaml"], &text);
    }
    assert_alike(&wrong);
}

#[test]
fn values_of_a_family_of_charts_are_merged_as_in_helm() {
    let Some(helm) = helm::or_skip("coalescing") else { return };
    let mut wrong = Vec::new();
    for family in draw(&charts::family(), 50) {
        let mut files: Vec<(&str, &str)> =
            family.files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let user = family.user.to_string();
        files.push(("user.yaml", &user));
        let chart = common::directory(&files);
        let shown =
            format!("{:#?}", files.iter().filter(|(path, _)| !path.ends_with("t.yaml")).collect::<Vec<_>>());
        note(&mut wrong, &helm, chart.path(), &["rel", ".", "-f", "user.yaml"], &shown);
    }
    assert_alike(&wrong);
}

#[test]
fn set_flags_are_read_as_helm_reads_them() {
    let Some(helm) = helm::or_skip("--set") else { return };
    let chart = common::directory(&[
        ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n"),
        ("values.yaml", "m: {a: 1, b: {c: 2}}\nl: [x, y]\ns: str\n"),
        ("templates/t.yaml", "# {{ toJson .Values }}\n# {{ .Values | quote }}\n"),
        ("v.yaml", "m: {b: {d: 1}}\nl: [u, {v: 1}]\nn: [[0]]\n"),
    ]);
    let mut wrong = Vec::new();
    for flags in draw(&sets::flags(), 50) {
        let args: Vec<&str> =
            ["rel", ".", "-f", "v.yaml"].into_iter().chain(flags.iter().map(String::as_str)).collect();
        note(&mut wrong, &helm, chart.path(), &args, &format!("{flags:?}"));
    }
    assert_alike(&wrong);
}

#[test]
fn flags_are_read_as_helm_reads_them() {
    let Some(helm) = helm::or_skip("flags") else { return };
    let chart = common::directory(&[
        ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n"),
        (
            "templates/a.yaml",
            "r: {{ .Release }}\nv: {{ toJson .Values }}\nk: {{ .Capabilities.KubeVersion }}\n",
        ),
        ("a,b.yaml", "a: 1\n"),
        ("b.yaml", "b: 1\n"),
    ]);
    let mut wrong = Vec::new();
    for words in draw(&flags::line(), 60) {
        let args: Vec<&str> = words.iter().map(String::as_str).collect();
        let (want, mut got) = both(&helm, chart.path(), &args);
        for (ours, helms) in
            [("\"tiphys template\" req", "\"helm template\" req"), ("Usage:  tiphys", "Usage:  helm")]
        {
            got.stderr = got.stderr.replace(ours, helms);
        }
        if want != got {
            wrong.push(format!("{words:?}\n{}", want.difference(&got)));
        }
    }
    assert_alike(&wrong);
}

/// Notes where Helm and ours differ on one command.
fn note(wrong: &mut Vec<String>, helm: &Program, directory: &Path, args: &[&str], shown: &str) {
    let (want, got) = both(helm, directory, args);
    if want != got {
        wrong.push(format!("{shown}\n{}", want.difference(&got)));
    }
}
