//! Bad and hostile input: one clear message with its place, never a panic, a
//! partial answer or an empty success; over the command line and over the socket.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it expects"
)]

mod common;

use std::os::unix::fs::symlink;

use common::{client, directory, generate, serve, stderr, stdout, tiphys};
use tonic::Code;

const CHART: &str = "apiVersion: v2\nname: c\nversion: 0.1.0\n";
const HINT: &str = "\n\nUse --debug flag to render out invalid YAML";

/// Charts that Helm refuses, and its words.
const REFUSED: &[(&str, &str, &str)] = &[
    (
        "a chart that does not parse",
        "a: {{ nope }}",
        "parse error at (c/templates/a.yaml:1): function \"nope\" not defined",
    ),
    (
        "an unclosed action",
        "a: 1\nb: {{ .Values.a\n",
        "parse error at (c/templates/a.yaml:3): unclosed action started at c/templates/a.yaml:2",
    ),
    (
        "a missing template",
        "a: 1\nb: {{ include \"nope\" . }}",
        "c/templates/a.yaml:2:6\n  executing \"c/templates/a.yaml\" at <include \"nope\" .>:\n    \
         error calling include:\ntemplate: no template \"nope\" associated with template \"gotpl\"",
    ),
    (
        "required",
        "a: {{ required \"a is needed\" .Values.a }}",
        "execution error at (c/templates/a.yaml:1:6): a is needed",
    ),
    ("fail", "\n\na: {{ fail \"no way\" }}", "execution error at (c/templates/a.yaml:3:6): no way"),
    (
        "a field of nothing",
        "a: {{ .Values.a.b.c }}",
        "c/templates/a.yaml:1:13\n  executing \"c/templates/a.yaml\" at <.Values.a.b.c>:\n    \
         nil pointer evaluating interface {}.b",
    ),
    (
        "text that is not YAML",
        "a: b: c",
        "YAML parse error on c/templates/a.yaml: error converting YAML to JSON: yaml: mapping values are not allowed in this context",
    ),
    (
        "a template that calls itself for ever",
        "{{ define \"x\" }}{{ template \"x\" . }}{{ end }}{{ template \"x\" . }}",
        "c/templates/a.yaml:1:28\n  executing \"x\" at <{{template \"x\" .}}>:\n    \
         exceeded maximum template depth (100000)",
    ),
    (
        "a template that includes itself for ever",
        "{{ define \"x\" }}{{ include \"x\" . }}{{ end }}{{ include \"x\" . }}",
        "rendering template has a nested reference name: x: unable to execute template",
    ),
];

#[test]
fn a_bad_chart_is_one_clear_message() {
    for (name, template, message) in REFUSED {
        let chart = directory(&[("Chart.yaml", CHART), ("templates/a.yaml", template)]);
        let output = tiphys(&["template", chart.path().to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert_eq!(stdout(&output), "", "{name}");
        let error = stderr(&output);
        if message.starts_with("rendering template") {
            assert!(error.contains(message), "{name}: {error}");
        } else {
            assert_eq!(error, format!("Error: {message}{HINT}\n"), "{name}");
        }
    }
}

#[tokio::test]
async fn the_socket_answers_with_the_same_messages() {
    let server = serve(None);
    let mut client = client(&server).await;
    for (name, template, message) in REFUSED {
        let chart = directory(&[("app/Chart.yaml", CHART), ("app/templates/a.yaml", template)]);
        let status = generate(&mut client, chart.path(), "app", "null").await.unwrap_err();
        assert_eq!(status.code(), Code::FailedPrecondition, "{name}: {status}");
        assert!(status.message().contains(message), "{name}: {}", status.message());
    }
}

#[tokio::test]
async fn what_uses_too_much_ends_in_an_error() {
    let server = serve(None);
    let mut client = client(&server).await;
    for (template, message) in [
        (
            "{{ range until 1000000 }}{{ range until 1000000 }}{{ end }}{{ end }}",
            "rendering stopped: more than",
        ),
        ("{{ repeat 100000000 \"x\" }}", "bytes in one string"),
        ("{{ range 900000 }}{{ repeat 100000 \"x\" }}{{ end }}", "bytes from one template"),
        ("{{ until 100000000 }}", "items in one list"),
    ] {
        let chart = directory(&[("Chart.yaml", CHART), ("templates/a.yaml", template)]);
        let status = generate(&mut client, chart.path(), ".", "null").await.unwrap_err();
        assert_eq!(status.code(), Code::ResourceExhausted, "{template}: {status}");
        assert!(status.message().contains(message), "{template}: {}", status.message());
    }
}

#[tokio::test]
async fn values_files_that_are_wrong_or_outside_are_refused() {
    let server = serve(None);
    let mut client = client(&server).await;
    let environment = |name: &str| format!(r#"[{{"name":"environment","string":"{name}"}}]"#);

    let files = [
        ("app/Chart.yaml", CHART),
        ("app/templates/a.yaml", "kind: X\na: {{ .Values.a }}\n"),
        ("app/values/bad.yaml", "a: [\n"),
        ("app/values/good.yaml", "a: 1\n"),
        ("shared/inside.yaml", "a: shared\n"),
    ];
    for (name, target, code, message) in [
        (
            "bad",
            None,
            Code::FailedPrecondition,
            "failed to parse app/values/bad.yaml: cannot unmarshal yaml document: error converting YAML to JSON: yaml: line 1: did not find expected node content",
        ),
        (
            "absolute",
            Some("/etc/hostname"),
            Code::PermissionDenied,
            "app/values/absolute.yaml: lies outside the repository",
        ),
        (
            "relative",
            Some("../../../../../../etc/hostname"),
            Code::PermissionDenied,
            "app/values/relative.yaml: lies outside the repository",
        ),
        (
            "missing",
            Some("../../../../../../etc/no-such-file"),
            Code::PermissionDenied,
            "app/values/missing.yaml: lies outside the repository",
        ),
        (
            "../../../etc/passwd",
            None,
            Code::InvalidArgument,
            "environment \"../../../etc/passwd\" is not a name",
        ),
        (
            "nope",
            None,
            Code::NotFound,
            "environment \"nope\" has no values layer\nhint: did you mean \"good\"? There are: bad, good; a layer is one of values/nope.yaml, values-nope.yaml, environments/nope.yaml beside Chart.yaml",
        ),
    ] {
        let repository = directory(&files);
        if let Some(target) = target {
            symlink(target, repository.path().join(format!("app/values/{name}.yaml"))).unwrap();
        }
        let status = generate(&mut client, repository.path(), "app", &environment(name)).await.unwrap_err();
        assert_eq!((status.code(), status.message()), (code, message), "{name}");
    }
    for (name, value) in [("good", serde_json::json!(1)), ("inside", serde_json::json!("shared"))] {
        let repository = directory(&files);
        symlink("../../shared/inside.yaml", repository.path().join("app/values/inside.yaml")).unwrap();
        let manifests = generate(&mut client, repository.path(), "app", &environment(name)).await.unwrap();
        assert_eq!(manifests, [serde_json::json!({"kind": "X", "a": value})]);
    }
}

#[tokio::test]
async fn a_chart_whose_files_lead_outside_is_refused() {
    let server = serve(None);
    let mut client = client(&server).await;
    let repository = directory(&[("app/Chart.yaml", CHART), ("app/templates/a.yaml", "kind: X\n")]);
    symlink("/etc/passwd", repository.path().join("app/templates/x.yaml")).unwrap();
    let status = generate(&mut client, repository.path(), "app", "null").await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    assert!(!status.message().contains("root:"), "{}", status.message());

    let output = tiphys(&["generate", repository.path().join("app").to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stderr(&output), "Error: templates/x.yaml: lies outside the repository\n");
    assert_eq!(stdout(&output), "");
}

#[tokio::test]
async fn a_document_without_a_kind_is_refused_by_name() {
    let server = serve(None);
    let mut client = client(&server).await;
    let repository = directory(&[
        ("Chart.yaml", CHART),
        ("templates/a.yaml", "kind: X\n"),
        ("templates/b.yaml", "a: secret\n"),
    ]);
    let status = generate(&mut client, repository.path(), ".", "null").await.unwrap_err();
    assert_eq!(
        (status.code(), status.message()),
        (Code::FailedPrecondition, "c/templates/b.yaml: a document has no kind")
    );
}

#[tokio::test]
async fn an_application_without_a_chart_is_an_error() {
    let server = serve(None);
    let mut client = client(&server).await;
    let repository = directory(&[("app/README.md", "nothing here")]);
    for path in ["app", "nope", "../app", "/etc"] {
        let status = generate(&mut client, repository.path(), path, "null").await.unwrap_err();
        assert_ne!(status.code(), Code::Internal, "{path}: {status}");
    }
}
