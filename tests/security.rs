//! Hostile input, one test a class: faults that Helm, Argo CD and their libraries
//! had, through the command line and the socket. What is held elsewhere:
//!
//! | class | held in |
//! |---|---|
//! | archive entries with `..`, absolute paths, drives, backslashes | `chart/archive.rs`, `repository/unpack/tests.rs` |
//! | links and values files that leave the repository, with one text | `tests/bad_input.rs`, `repository/disk.rs`, `repository/snapshot.rs` |
//! | `lookup`, `getHostByName`: nothing is asked | the cases of `template/functions` |
//! | chart names that are paths | `source/tests.rs` |
//! | `--set` indices and nesting | `chart/values/tests.rs`, and below with 50,000 levels |
//! | `$ref` chains, loops, http and unknown schemes | `chart/schema/tests.rs`, and below from the command line |
//! | include and template recursion of one name, loops, sizes | `tests/bad_input.rs`, `template/functions/tests.rs` |
//! | keys and password hashes are counted; shared values print and compare once | `template/functions/tests.rs` |
//! | hard links, devices, sparse files, limits of the repository's archive | `repository/unpack/tests.rs` |
//! | broken streams, announced sizes, clients that go away | `tests/serve.rs` |
//! | a panic is INTERNAL for that render only | `chart/render/tests.rs` |
//! | indexes: keys twice, bad versions, nulls, no end, packed bombs | `registry/index.rs`, `tests/registry.rs` |
//! | credentials and redirects: another host, port, scheme; link-local; loops | `tests/registry.rs`, `registry/address.rs` |
//! | token services: not encrypted, link-local, another scheme | `tests/registry.rs` |
//! | manifests: foreign URLs, `manifests` beside `layers`, wrong types and digests | `registry/oci/manifest.rs`, `tests/registry.rs` |
//! | hosts that look like ECR's | `registry/credentials/ecr.rs` |
//! | passwords in errors and in logs of any level | `tests/registry.rs`, `tests/dependencies.rs` |
//! | `file://` outside of the repository, a Chart.lock that is a link, a tree that is written to | `source/dependencies/tests.rs`, `tests/dependencies.rs` |
//! | many requests over one cache, a process that is killed, a full disk | `registry/cache/tests.rs`, `tests/dependencies.rs` |
//! | arbitrary bytes | `tests/fuzz_seeds.rs` |
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says what it expects")]

mod common;

use std::os::unix::fs::symlink;

use common::{client, directory, generate, serve, stderr, stdout, tiphys};
use tempfile::TempDir;
use tonic::Code;

const CHART: &str = "apiVersion: v2\nname: c\nversion: 0.1.0\n";
const SUBCHART: &str = "apiVersion: v2\nname: s\nversion: 0.1.0\n";
const HINT: &str = "\n\nUse --debug flag to render out invalid YAML";

/// What `template` says of a chart that has to be refused.
fn refusal(chart: &TempDir, flags: &[&str]) -> String {
    let mut args = vec!["template", chart.path().to_str().unwrap()];
    args.extend(flags);
    let output = tiphys(&args);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(stdout(&output), "");
    stderr(&output).trim_end().trim_end_matches(HINT).to_owned()
}

fn with_template(text: &str) -> TempDir {
    directory(&[("Chart.yaml", CHART), ("templates/a.yaml", text)])
}

fn with_values(text: &str) -> TempDir {
    directory(&[("Chart.yaml", CHART), ("values.yaml", text)])
}

/// Nine levels of nine aliases each.
fn alias_bomb() -> String {
    let mut text = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (of, name) in ('a'..'i').zip('b'..='i') {
        let aliases = vec![format!("*{of}"); 9].join(",");
        text.push_str(&format!("{name}: &{name} [{aliases}]\n"));
    }
    text
}

#[test]
fn aliases_neither_blow_up_nor_go_round() {
    let values = "Error: cannot load values.yaml: cannot unmarshal yaml document: error converting YAML to JSON: yaml: ";
    let manifest = "Error: YAML parse error on c/templates/a.yaml: error converting YAML to JSON: yaml: ";
    for (text, why) in [
        (alias_bomb(), "document contains excessive aliasing"),
        ("a: &x {b: *x}\n".to_owned(), "anchor 'x' value contains itself"),
    ] {
        assert_eq!(refusal(&with_values(&text), &[]), format!("{values}{why}"));
        assert_eq!(refusal(&with_template(&text), &[]), format!("{manifest}{why}"));
    }
}

#[test]
fn ten_thousand_levels_are_read_and_no_more() {
    let lists = |levels: usize| format!("a: {}{}\n", "[".repeat(levels), "]".repeat(levels));
    let chart = directory(&[
        ("Chart.yaml", CHART),
        ("values.yaml", &lists(9_990)),
        ("templates/a.yaml", "kind: X\nb: {{ toYaml .Values.a | len }}\nc: {{ toJson .Values.a | len }}\n"),
    ]);
    let output = tiphys(&["template", chart.path().to_str().unwrap()]);
    assert!(stdout(&output).ends_with("kind: X\nb: 19980\nc: 19980\n"), "{}", stderr(&output));
    assert_eq!(
        refusal(&with_values(&lists(10_001)), &[]),
        "Error: cannot load values.yaml: cannot unmarshal yaml document: error converting YAML to JSON: \
         yaml: exceeded max depth of 10000"
    );
    assert_eq!(
        refusal(&with_template(&format!("kind: X\n{}", lists(10_001))), &[]),
        "Error: YAML parse error on c/templates/a.yaml: error converting YAML to JSON: \
         yaml: line 2: exceeded max depth of 10000"
    );
}

#[test]
fn broken_characters_and_separators_are_refused_in_helms_words() {
    let chart = with_values("");
    std::fs::write(chart.path().join("values.yaml"), b"\"0: [:!00 \xef\"").unwrap();
    assert_eq!(
        refusal(&chart, &[]),
        "Error: cannot load values.yaml: cannot unmarshal yaml document: error converting YAML to JSON: \
         yaml: invalid trailing UTF-8 octet"
    );
    let files = directory(&[("v.yaml", "a: 1\n--- foo\nb: 2\n")]);
    let name = files.path().join("v.yaml").display().to_string();
    let why = "error reading yaml document: invalid Yaml document separator: foo";
    assert_eq!(refusal(&with_values(""), &["-f", &name]), format!("Error: failed to parse {name}: {why}"));
    let own = with_values("a: 1\n--- foo\nb: 2\n");
    assert_eq!(refusal(&own, &[]), format!("Error: cannot load values.yaml: {why}"));
}

/// Templates that hold a dict which holds itself, in `$d`, and what they print.
/// Helm 4.3.1 prints the same where it survives (it overflows its stack in eq,
/// print, merge and deepCopy).
#[test]
fn a_dict_that_holds_itself_is_printed_compared_and_merged() {
    const CYCLE: &str = "kind: X\na: {{ $d := dict `k` 1 }}{{ $_ := set $d `a` $d }}";
    for (template, printed) in [
        ("{{ toYaml $d | quote }}", "\"\""),
        ("{{ toJson $d | quote }}", "\"\""),
        ("{{ toPrettyJson $d | quote }}", "\"\""),
        ("{{ deepEqual $d $d }}", "true"),
        ("{{ has $d (list 1 $d) }}", "true"),
        ("{{ uniq (list $d $d) | len }}", "1"),
        ("{{ without (list 1 $d) $d | len }}", "1"),
        ("{{ concat (list $d) (list $d) | len }}", "2"),
        ("{{ tpl `{{ len . }}` $d }}", "2"),
        ("{{ merge $d (dict `z` 1) | keys | sortAlpha }}", "[a k z]"),
    ] {
        let chart = with_template(&format!("{CYCLE}{template}\n"));
        let output = tiphys(&["template", chart.path().to_str().unwrap()]);
        let expected = format!("---\n# Source: c/templates/a.yaml\nkind: X\na: {printed}\n");
        assert_eq!(stdout(&output), expected, "{template}: {}", stderr(&output));
    }
    for (template, why) in [
        ("{{ eq $d $d }}", "more than 10000 levels of nesting in a printed value"),
        ("{{ print $d }}", "more than 10000 levels of nesting in a printed value"),
        ("{{ deepCopy $d }}", "more than 10000 values inside each other"),
        ("{{ toToml $d }}", "more than 16777216 bytes in one string"),
        ("{{ toYamlPretty $d }}", "more than 16777216 bytes in one string"),
        ("{{ mustToJson $d }}", "json: unsupported value: encountered a cycle via map[string]interface {}"),
        ("{{ mustToYaml $d }}", "json: unsupported value: encountered a cycle via map[string]interface {}"),
    ] {
        let error = refusal(&with_template(&format!("{CYCLE}{template}\n")), &[]);
        assert!(error.ends_with(why), "{template}: {error}");
    }
}

/// Forty lists of twice the one before: small in memory, endless on paper.
#[test]
fn a_value_that_shares_its_parts_ends_in_an_answer_or_an_error() {
    const SHARED: &str = "kind: X\na: {{ $a := list 1 }}{{ $b := list 1 }}\
        {{ range until 40 }}{{ $a = list $a $a }}{{ $b = list $b $b }}{{ end }}";
    for (template, printed) in [
        ("{{ deepEqual $a $b }}", "true"),
        ("{{ has $a (list 1 $b) }}", "true"),
        ("{{ uniq (list $a $b) | len }}", "1"),
        ("{{ without (list 1 $b) $a | len }}", "1"),
        ("{{ concat $a $b | len }}", "4"),
    ] {
        let chart = with_template(&format!("{SHARED}{template}\n"));
        let output = tiphys(&["template", chart.path().to_str().unwrap()]);
        assert!(stdout(&output).ends_with(&format!("a: {printed}\n")), "{template}: {}", stderr(&output));
    }
    for printer in ["print", "toString", "toYaml", "toJson", "toPrettyJson", "toYamlPretty", "quote"] {
        let error = refusal(&with_template(&format!("{SHARED}{{{{ {printer} $a }}}}\n")), &[]);
        assert!(error.contains("rendering stopped: more than"), "{printer}: {error}");
    }
}

#[test]
fn recursion_over_many_names_ends() {
    let ring = |call: &str| {
        let define = |i: usize| {
            format!("{{{{ define \"n{i}\" }}}}{{{{ {call} \"n{}\" . }}}}{{{{ end }}}}", (i + 1) % 300)
        };
        format!("{}{{{{ {call} \"n0\" . }}}}", (0..300).map(define).collect::<String>())
    };
    let error = refusal(&with_template(&ring("template")), &[]);
    assert!(error.contains("exceeded maximum template depth (100000)"), "{error}");
    let again = "{{ define \"a\" }}{{ tpl `{{ template \"a\" . }}` . }}{{ end }}{{ template \"a\" . }}";
    for text in [ring("include"), again.to_owned()] {
        let error = refusal(&with_template(&text), &[]);
        assert!(error.ends_with("rendering stopped: more than 5000 templates inside each other"), "{error}");
    }
}

#[test]
fn templates_nest_as_deep_as_the_parser_says() {
    let parentheses = format!("a: {{{{ {}1{} }}}}", "(".repeat(2_000), ")".repeat(2_000));
    let blocks = format!("{}{}", "{{ if true }}".repeat(2_000), "{{ end }}".repeat(2_000));
    for (text, why) in
        [(parentheses, "max expression depth exceeded"), (blocks, "blocks nest deeper than 1000")]
    {
        let error = refusal(&with_template(&text), &[]);
        assert_eq!(error, format!("Error: parse error at (c/templates/a.yaml:1): {why}"));
    }
}

#[test]
fn patterns_match_in_the_time_of_their_text() {
    let chart = with_template(
        "a: {{ regexMatch `^(a+)+$` (print (repeat 5000 `a`) `!`) }}\nb: {{ regexMatch `(((x{100}){100}){100})` `x` }}\n",
    );
    let output = tiphys(&["template", chart.path().to_str().unwrap()]);
    assert!(stdout(&output).ends_with("a: false\nb: false\n"), "{}", stderr(&output));
}

#[test]
fn aliases_of_dependencies_are_names() {
    for alias in [r#""bad\nvalue""#, r#""illegal alias""#, r#""bad$""#] {
        let chart_yaml = format!("{CHART}dependencies: [{{name: s, version: \"*\", alias: {alias}}}]\n");
        let chart = directory(&[("Chart.yaml", &chart_yaml), ("charts/s/Chart.yaml", SUBCHART)]);
        assert_eq!(
            refusal(&chart, &[]),
            "Error: validation: dependency \"s\" has disallowed characters in the alias"
        );
    }
}

#[test]
fn nulls_and_numbers_in_chart_yaml_are_told_of() {
    for (line, why) in [
        ("maintainers: [null]\n", "validation: maintainers must not contain empty or null nodes"),
        ("dependencies: [null]\n", "validation: dependencies must not contain empty or null nodes"),
    ] {
        let chart = directory(&[("Chart.yaml", &format!("{CHART}{line}"))]);
        assert_eq!(refusal(&chart, &[]), format!("Error: {why}"));
    }
    let import = "dependencies: [{name: s, version: \"*\", import-values: [{child: 1, parent: 2}]}]\n";
    let chart = directory(&[
        ("Chart.yaml", &format!("{CHART}{import}")),
        ("charts/s/Chart.yaml", SUBCHART),
        ("templates/a.yaml", "kind: X\nv: {{ toJson .Values }}\n"),
    ]);
    let output = tiphys(&["template", chart.path().to_str().unwrap()]);
    assert!(stdout(&output).ends_with("v: {\"s\":{\"global\":{}}}\n"));
    assert!(stderr(&output).contains("\\\"1\\\" is not a table"), "{}", stderr(&output));
}

#[test]
fn control_characters_reach_no_terminal() {
    let version = directory(&[("Chart.yaml", "apiVersion: v2\nname: c\nversion: \"1.0\\e[2J\"\n")]);
    assert_eq!(
        refusal(&version, &[]),
        "Error: validation: chart.metadata.version \"1.0\\x1b[2J\" is invalid"
    );
    let name = directory(&[
        ("Chart.yaml", "apiVersion: v2\nname: \"c\\e[2J\"\nversion: 1.0.0\n"),
        ("templates/a.yaml", "{{ fail \"x\" }}"),
    ]);
    let path = directory(&[("Chart.yaml", CHART), ("templates/a\u{1b}[2J.yaml", "{{ fail \"x\" }}")]);
    for chart in [with_template("{{ fail \"\\u001b[2Jx\" }}"), name, path] {
        let error = refusal(&chart, &[]);
        assert!(error.contains("[2J") && !error.contains('\u{1b}'), "{error:?}");
    }
}

#[test]
fn schemas_reach_for_nothing() {
    for (schema, why) in [
        (
            r##"{"$ref":"#"}"##,
            "both /$ref and  resolve to \"file:///values.schema.json#\" causing reference cycle",
        ),
        (
            r#"{"$ref":""}"#,
            "both /$ref and  resolve to \"file:///values.schema.json#\" causing reference cycle",
        ),
        (
            r#"{"$ref":"file:///etc/passwd"}"#,
            "failing loading \"file:///etc/passwd\": open /etc/passwd: no such file or directory",
        ),
        ("1E1111111", "is not valid against metaschema"),
    ] {
        let error = refusal(&directory(&[("Chart.yaml", CHART), ("values.schema.json", schema)]), &[]);
        assert!(error.contains(why), "{schema}: {error}");
    }
    let chain: Vec<String> =
        (0..100_000).map(|i| format!("\"d{i}\":{{\"$ref\":\"#/$defs/d{}\"}}", i + 1)).collect();
    let schema = format!("{{\"$ref\":\"#/$defs/d0\",\"$defs\":{{{},\"d100000\":{{}}}}}}", chain.join(","));
    let error = refusal(&directory(&[("Chart.yaml", CHART), ("values.schema.json", &schema)]), &[]);
    assert!(error.starts_with("Error: values don't meet the specifications of the schema(s)"), "{error}");
}

#[test]
fn set_takes_no_endless_keys() {
    let chart = with_values("");
    let deep = format!("{}a=1", "a.".repeat(50_000));
    let error = refusal(&chart, &["--set", &deep]);
    assert!(
        error.contains("nested level is greater than maximum supported nested level of 30"),
        "{error:.300}"
    );
    let error = refusal(&chart, &["--set", "a[999999999]=1"]);
    assert!(error.contains("65536"), "{error}");
}

/// A .tgz of these files.
fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
    let gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut tar = tar::Builder::new(gz);
    for (path, data) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(data.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, path, *data).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

#[test]
fn archives_that_grow_or_nest_are_refused() {
    let chart = CHART.as_bytes();
    let bomb = packed(&[("c/Chart.yaml", chart), ("c/zeros", &vec![0; (100 << 20) + 1])]);
    let mut nested = packed(&[("c/Chart.yaml", chart)]);
    for _ in 0..20 {
        nested = packed(&[("c/Chart.yaml", chart), ("c/charts/c.tgz", &nested)]);
    }
    let dir = directory(&[]);
    let path = dir.path().join("c.tgz");
    for (tgz, why) in [
        (bomb, "larger than the maximum size 104857600"),
        (nested, "more than 16 chart archives inside each other"),
    ] {
        std::fs::write(&path, tgz).unwrap();
        let output = tiphys(&["template", path.to_str().unwrap()]);
        assert_eq!((output.status.code(), stdout(&output)), (Some(1), String::new()));
        assert!(stderr(&output).contains(why), "{why}: {}", stderr(&output));
    }
}

#[tokio::test]
async fn links_that_go_round_end_at_once() {
    let server = serve(None);
    let mut client = client(&server).await;
    for (link, target, why) in [
        ("app/templates/l", ".", "too many links"),
        ("app/templates/l", "../../app", "too many links"),
        ("app/l", "l", "too many levels of symbolic links"),
    ] {
        let repository = directory(&[("app/Chart.yaml", CHART), ("app/templates/a.yaml", "kind: X\n")]);
        symlink(target, repository.path().join(link)).unwrap();
        let status = generate(&mut client, repository.path(), "app", "null").await.unwrap_err();
        assert_eq!(status.code(), Code::FailedPrecondition, "{status}");
        assert!(status.message().contains(why), "{link} -> {target}: {}", status.message());
        let path = repository.path().join("app");
        let output = tiphys(&["template", path.to_str().unwrap()]);
        assert_eq!((output.status.code(), stdout(&output)), (Some(1), String::new()));
        assert!(stderr(&output).contains("too many links"), "{}", stderr(&output));
    }
    let device = directory(&[("app/Chart.yaml", CHART), ("app/templates/a.yaml", "kind: X\n")]);
    symlink("/dev/urandom", device.path().join("app/x")).unwrap();
    let status = generate(&mut client, device.path(), "app", "null").await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied, "{status}");
    let error = refusal_of_path(&device.path().join("app"));
    assert!(error.contains("cannot load irregular file"), "{error}");
}

fn refusal_of_path(path: &std::path::Path) -> String {
    let output = tiphys(&["template", path.to_str().unwrap()]);
    assert_eq!((output.status.code(), stdout(&output)), (Some(1), String::new()));
    stderr(&output)
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_requests_at_once_are_answered_as_one_by_one() {
    let server = serve(None);
    let mut serial = client(&server).await;
    let charts: Vec<TempDir> = (0..8)
        .map(|i| {
            let template = format!("kind: X\nmetadata: {{name: x{i}}}\na: {{{{ range until 500 }}}}{{{{ add . {i} }}}},{{{{ end }}}}\n");
            directory(&[("Chart.yaml", CHART), ("templates/a.yaml", &template), ("values.yaml", "a: {b: 1}\n")])
        })
        .collect();
    let mut expected = Vec::new();
    for chart in &charts {
        expected.push(generate(&mut serial, chart.path(), ".", "null").await.unwrap());
    }
    let mut calls = tokio::task::JoinSet::new();
    for i in 0..64 {
        let mut client = client(&server).await;
        let path = charts[i % 8].path().to_owned();
        calls.spawn(async move { (i, generate(&mut client, &path, ".", "null").await) });
    }
    while let Some(done) = calls.join_next().await {
        let (i, answer) = done.unwrap();
        assert_eq!(answer.unwrap(), expected[i % 8], "request {i}");
    }
}
