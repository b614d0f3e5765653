//! Expected texts are Helm 4.3.1's.

use super::*;
use crate::chart::{File as ChartFile, Metadata};
use crate::data::{List, Value};
use crate::template::budget::Limits;

fn value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Nil,
        serde_json::Value::Bool(b) => Value::Bool(*b),
        serde_json::Value::Number(n) => Value::Float(n.as_f64().unwrap()),
        serde_json::Value::String(s) => Value::from(s.as_str()),
        serde_json::Value::Array(items) => List::new(items.iter().map(value).collect()).into(),
        serde_json::Value::Object(entries) => {
            entries.iter().map(|(k, v)| (k.as_str(), value(v))).collect::<Map>().into()
        }
    }
}

fn chart(name: &str, templates: &[(&str, &str)]) -> Chart {
    let file = |(path, text): &(&str, &str)| ChartFile::new(*path, Str::from(*text));
    Chart {
        metadata: Metadata { name: name.to_owned(), ..Metadata::default() },
        templates: Arc::new(templates.iter().map(file).collect()),
        ..Chart::default()
    }
}

fn render_within(chart: &Chart, values: &str, limits: Limits) -> Result<Vec<Rendered>, Error> {
    on_render_stack(|| {
        let parsed = parse(chart)?;
        let values = value(&serde_json::from_str(values).unwrap());
        let release = Release { name: "r".to_owned(), namespace: "default".to_owned(), is_upgrade: false };
        let inputs = Inputs {
            values: values.as_map().unwrap(),
            release: &release,
            capabilities: &Capabilities::default(),
        };
        execute(&parsed, chart, &inputs, &mut Environment::still(limits))
    })
}

fn render(chart: &Chart, values: &str) -> Result<Vec<Rendered>, String> {
    render_within(chart, values, Limits::default()).map_err(|error| error.message)
}

#[test]
fn a_file_that_cannot_be_read_fails_the_render_that_asks_for_it() {
    let failing = || Err(Error::new(crate::error::Kind::Io, "read f: input/output error"));
    let chart = |template: &str| Chart {
        files: Arc::new(vec![ChartFile::new("a", "1".into()), ChartFile::later("f", failing)]),
        ..chart("c", &[("templates/x.yaml", template)])
    };
    let rendered = render(&chart("{{ .Chart.Name }}"), "{}").unwrap();
    assert_eq!(rendered[0].text, b"c");
    for template in [
        r#"{{ .Files.Get "a" }}"#,
        r#"{{ .Files.Get "f" }}"#,
        "{{ range $path, $_ := .Files }}{{ $path }}{{ end }}",
        r#"{{ (.Files.Glob "*").AsConfig }}"#,
        "{{ len .Files }}",
        "{{ toYaml . }}",
    ] {
        assert_eq!(
            render(&chart(template), "{}"),
            Err("read f: input/output error".to_owned()),
            "{template}"
        );
    }
}

/// What `templates/x.yaml` renders in a chart `c`, or the error.
fn one(template: &str, values: &str) -> String {
    match render(&chart("c", &[("templates/x.yaml", template)]), values) {
        Ok(rendered) => String::from_utf8(rendered.into_iter().next().unwrap().text).unwrap(),
        Err(message) => message,
    }
}

const VALUES: &str = r#"{"s": "str", "num": 3, "l": ["a", null, 3], "m": {"k": "v", "z": null}, "t": true}"#;

/// An error of one level at a node of `c/templates/x.yaml`.
fn at(place: &str, node: &str, message: &str) -> String {
    format!("c/templates/x.yaml:{place}\n  executing \"c/templates/x.yaml\" at <{node}>:\n    {message}")
}

#[test]
fn errors_of_the_executor_are_gos_at_gos_nodes() {
    for (template, place, node, message) in [
        ("{{ .Values.a.b }}", "1:10", ".Values.a.b", "nil pointer evaluating interface {}.b"),
        ("{{ .Values.s.b }}", "1:10", ".Values.s.b", "can't evaluate field b in type interface {}"),
        ("{{ $x := .Values.s }}{{ $x.b }}", "1:26", "$x.b", "can't evaluate field b in type string"),
        (
            "{{ range $i, $x := 3 }}{{ end }}",
            "1:19",
            "3",
            "can't use 3 to iterate over more than one variable",
        ),
        ("{{ range .Values.s }}x{{ end }}", "1:16", ".Values.s", "range can't iterate over str"),
        ("{{ range .Values.t }}x{{ end }}", "1:16", ".Values.t", "range can't iterate over true"),
        ("{{ .Values.s \"a\" }}", "1:10", ".Values.s", "s is not a method but has arguments"),
        ("{{ 3 | .Values.s }}", "1:14", ".Values.s", "s is not a method but has arguments"),
        ("{{ 3 | $ }}", "1:7", "$", "can't give argument to non-function $"),
        ("{{ 3 \"a\" }}", "1:3", "3", "can't give argument to non-function 3"),
        ("{{ (3) \"a\" }}", "1:3", "(3) \"a\"", "can't give argument to non-function 3"),
        ("{{ nil }}", "1:3", "nil", "nil is not a command"),
        ("{{ include 1 . }}", "1:11", "1", "expected string; found 1"),
        (
            "{{ include .Values.num . }}",
            "1:18",
            ".Values.num",
            "wrong type for value; expected string; got float64",
        ),
        ("{{ include nil . }}", "1:11", "nil", "cannot assign nil to string"),
        (
            "{{ include .Values.q . }}",
            "1:18",
            ".Values.q",
            "wrong type for value; expected string; got interface {}",
        ),
        ("{{ include (.Values.q) . }}", "1:19", ".Values.q", "invalid value; expected string"),
        ("{{ .Values.q | fail }}", "1:15", "fail", "invalid value; expected string"),
        ("{{ include \"a\" }}", "1:3", "include", "wrong number of args for include: want 2 got 1"),
        ("{{ 1 | include 1 2 }}", "1:7", "include", "wrong number of args for include: want 2 got 3"),
        ("{{ and }}", "1:3", "and", "wrong number of args for and: want at least 1 got 0"),
        ("{{ 18446744073709551615 }}", "1:3", "18446744073709551615", "18446744073709551615 overflows int"),
        (
            "{{ range .Values.l }}{{ .x }}{{ end }}",
            "1:24",
            ".x",
            "can't evaluate field x in type interface {}",
        ),
        ("a\n{{ template \"nope\" . }}", "2:12", "{{template \"nope\" .}}", "template \"nope\" not defined"),
    ] {
        assert_eq!(one(template, VALUES), at(place, node, message), "{template}");
    }
}

#[test]
fn errors_that_are_not_a_templates_come_as_one_line() {
    for (template, place, node, message) in [
        ("{{ len .Values.q }}", "1:3", "len .Values.q", "len: len of nil pointer"),
        (
            "{{ len (.Values.q) }}",
            "1:3",
            "len (.Values.q)",
            "len: reflect: call of reflect.Value.Type on zero Value",
        ),
        ("{{ .Values.q | len }}", "1:15", "len", "len: reflect: call of reflect.Value.Type on zero Value"),
        ("{{ lt nil 1 }}", "1:3", "lt nil 1", "lt: invalid type for comparison"),
        (
            "{{ eq .Values.m \"a\" }}",
            "1:3",
            "eq .Values.m \"a\"",
            "eq: incompatible types for comparison: map[string]interface {} and string",
        ),
        ("{{ index .Values.l 3 }}", "1:3", "index .Values.l 3", "index: reflect: slice index out of range"),
        (
            "{{ index .Values.m \"z\" \"a\" }}",
            "1:3",
            "index .Values.m \"z\" \"a\"",
            "index: index of nil pointer",
        ),
        ("{{ index .Values.q 1 }}", "1:3", "index .Values.q 1", "index: index of untyped nil"),
        ("{{ call .Values.s 1 }}", "1:3", "call .Values.s 1", "call: non-function .Values.s of type string"),
        ("{{ .Values.q | call }}", "1:15", "call", "call: call of nil"),
    ] {
        let expected = format!(
            "template: c/templates/x.yaml:{place}: executing \"c/templates/x.yaml\" at <{node}>: error calling {message}"
        );
        assert_eq!(one(template, VALUES), expected, "{template}");
    }
}

#[test]
fn output_follows_gos_semantics() {
    for (template, text) in [
        ("{{ .Values.x }}|{{ .Values.m.z }}|{{ (.Values.x).y }}|{{ ((.Values.a).b).c }}", "|||"),
        ("{{ range .Values.l }}{{ . }},{{ end }}", "a,,3,"),
        ("{{ range $k, $v := .Values.m }}{{ $k }}={{ $v }};{{ end }}", "k=v;z=;"),
        ("{{ range $i, $e := .Values.l }}{{ $i }}{{ $e }} {{ else }}none{{ end }}", "0a 1 23 "),
        ("{{ range 3 }}{{ . }}{{ end }}{{ range $i := 2 }}{{ $i }}{{ end }}", "01201"),
        ("{{ range .Values.q }}x{{ else }}none{{ end }}{{ range 0 }}x{{ else }}0{{ end }}", "none0"),
        (
            "{{ range 9 }}{{ if eq . 2 }}{{ continue }}{{ end }}{{ if eq . 5 }}{{ break }}{{ end }}{{ . }}{{ end }}",
            "0134",
        ),
        ("{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $y := 3 }}{{ end }}{{ $x }}", "2"),
        ("{{ $x := 1 }}{{ with 5 }}{{ $x := . }}{{ end }}{{ $x }}", "1"),
        ("{{ $a := 0 }}{{ $b := 0 }}{{ range $a, $b = .Values.l }}{{ end }}{{ $a }}{{ $b }}", "23"),
        ("{{ with .Values.q }}a{{ else with .Values.s }}{{ . }}{{ else }}b{{ end }}", "str"),
        ("{{ and 1 0 2 }}{{ or 0 \"\" 4 }}{{ and true (index .Values.l 2) }}", "043"),
        ("{{ and false (fail \"no\") }}{{ or 1 (fail \"no\") }}{{ 7 | and 1 2 }}", "false17"),
        (
            "{{ eq .Values.num 3.0 }}{{ eq .Values.q nil }}{{ ne 1 2 }}{{ lt 1 2 }}{{ ge \"b\" \"a\" }}",
            "truetruetruetruetrue",
        ),
        ("{{ index .Values.l 0 }}{{ index .Values.m \"k\" }}{{ index .Values \"m\" \"nope\" }}", "av"),
        (
            "{{ define \"t\" }}[{{ . }}{{ $ }}]{{ end }}{{ template \"t\" 1 }}{{ template \"t\" }}{{ include \"t\" 2 }}",
            "[11][][22]",
        ),
        ("{{ tpl \"{{ .s }}{{ define \\\"q\\\" }}Q{{ end }}{{ include \\\"q\\\" . }}\" .Values }}", "strQ"),
        ("{{ tpl \"a<no value>b\" . }}{{ tpl \"{{ .x }}\" . }}{{ tpl \"\" . }}", "ab"),
        ("{{ tpl \"{{ tpl .Values.inner . }}\" (.Values.nested) }}", "deep"),
        ("{{ $.Template.Name }} {{ $.Template.BasePath }}", "c/templates/x.yaml c/templates"),
        ("{{ len \"é\" }}{{ len .Values.l }}{{ not .Values.q }}", "23true"),
        ("{{ html \"<a'\\\"&\" }}{{ urlquery \"a b&é\" }}", "&lt;a&#39;&#34;&amp;a+b%26%C3%A9"),
        ("{{ 'a' }}{{ 0x10 }}{{ 1e3 }}{{ -3 }}", "97161000-3"),
        ("{{ \"<no value>\" }}x", "x"),
        (
            "{{ printf \"%.3s\" (print .Capabilities) }}{{ hasPrefix \"{{\" (tpl \"{{ .Capabilities }}\" .) }}",
            "&{{true",
        ),
    ] {
        let values = VALUES.replacen('{', r#"{"nested": {"Values": {"inner": "{{ \"deep\" }}"}}, "#, 1);
        assert_eq!(one(template, &values), text, "{template}");
    }
}

#[test]
fn a_chain_of_includes_shows_every_level() {
    let chart = chart(
        "c",
        &[
            (
                "templates/_h.tpl",
                "{{ define \"a\" }}\n{{ include \"b\" . }}{{ end }}{{ define \"b\" }}{{ .x.y }}{{ end }}",
            ),
            ("templates/x.yaml", "x: {{ include \"a\" . | html }}"),
        ],
    );
    assert_eq!(
        render(&chart, "{}").unwrap_err(),
        "c/templates/x.yaml:1:6\n  executing \"c/templates/x.yaml\" at <include \"a\" .>:\n    error calling include:\n\
         c/templates/_h.tpl:2:3\n  executing \"a\" at <include \"b\" .>:\n    error calling include:\n\
         c/templates/_h.tpl:2:49\n  executing \"b\" at <.x.y>:\n    nil pointer evaluating interface {}.y"
    );
}

#[test]
fn refusals_name_the_outermost_place() {
    for (template, expected) in [
        ("\n{{ fail \"no way\" }}", "execution error at (c/templates/x.yaml:2:3): no way"),
        ("{{ required \"give x\" .Values.x }}", "execution error at (c/templates/x.yaml:1:3): give x"),
        (
            "{{ define \"a\" }}{{ fail \"in\" }}{{ end }}\n{{ include \"a\" . }}",
            "execution error at (c/templates/x.yaml:2:3): in",
        ),
        ("{{ tpl \"{{ fail \\\"in\\\" }}\" . }}", "execution error at (c/templates/x.yaml:1:3): in"),
    ] {
        assert_eq!(one(template, "{}"), expected, "{template}");
    }
}

#[test]
fn parse_errors_are_helms() {
    for (template, expected) in [
        ("{{ nope }}", "parse error at (c/templates/x.yaml:1): function \"nope\" not defined"),
        ("\n{{ if }}", "parse error at (c/templates/x.yaml:2): missing value for if"),
        ("{{ nil.foo }}", "parse error at (c/templates/x.yaml:1): unexpected . after term \"nil\""),
        (
            "{{ tpl \"{{ nope }}\" . }}",
            "template: c/templates/x.yaml:1:3: executing \"c/templates/x.yaml\" at <tpl \"{{ nope }}\" .>: error calling tpl: \
             cannot parse template \"{{ nope }}\": template: gotpl:1: function \"nope\" not defined",
        ),
        (
            "{{ tpl \"{{ .a.b }}\" . }}",
            "template: c/templates/x.yaml:1:3: executing \"c/templates/x.yaml\" at <tpl \"{{ .a.b }}\" .>: error calling tpl: \
             error during tpl function execution for \"{{ .a.b }}\": template: gotpl:1:5: executing \"gotpl\" at <.a.b>: \
             nil pointer evaluating interface {}.b",
        ),
    ] {
        assert_eq!(one(template, "{}"), expected, "{template}");
    }
}

#[test]
fn the_last_parsed_definition_wins_unless_it_is_blank() {
    let sub =
        chart("sub", &[("templates/_a.tpl", "{{ define \"t\" }}sub{{ end }}{{ define \"s\" }}S{{ end }}")]);
    let mut root = chart(
        "c",
        &[
            ("templates/_a.tpl", "{{ define \"t\" }}a{{ end }}"),
            ("templates/_b.tpl", "{{ define \"t\" }}b{{ end }}{{ define \"s\" }} {{/* blank */}} {{ end }}"),
            ("templates/x.yaml", "{{ include \"t\" . }}{{ include \"s\" . }}"),
        ],
    );
    root.dependencies.push(sub);
    let rendered = render(&root, "{}").unwrap();
    let expected =
        Rendered { path: "c/templates/x.yaml".to_owned(), text: b"aS".to_vec(), chance: Vec::new() };
    assert_eq!(rendered, [expected]);
}

#[test]
fn subcharts_see_their_table_and_share_it_with_the_parent() {
    let mut root = chart("c", &[("templates/x.yaml", "{{ .Values.sub.a }} {{ .Subcharts.sub.Values.a }}")]);
    root.dependencies
        .push(chart("sub", &[("templates/y.yaml", "{{ .Values.a }}{{ .Chart.Name }}{{ .Values.b }}")]));
    let mut library = chart("lib", &[("templates/_l.yaml", ""), ("templates/z.yaml", "{{ nope }}")]);
    library.metadata.chart_type = "library".to_owned();
    root.dependencies.push(library);
    let rendered = render(&root, r#"{"sub": {"a": 1}, "b": 2}"#).unwrap();
    let texts: Vec<_> = rendered.iter().map(|r| (r.path.as_str(), r.text.as_slice())).collect();
    assert_eq!(
        texts,
        [("c/charts/sub/templates/y.yaml", b"1sub".as_slice()), ("c/templates/x.yaml", b"1 1".as_slice())]
    );
}

#[test]
fn recursion_ends_as_in_helm() {
    let message = one("{{ define \"a\" }}{{ include \"a\" . }}{{ end }}{{ include \"a\" . }}", "{}");
    let end = "error calling include: rendering template has a nested reference name: a: unable to execute template";
    assert!(
        message.starts_with("template: c/templates/x.yaml:1:47: executing"),
        "{}",
        message.get(..80).unwrap_or(&message)
    );
    assert!(message.ends_with(end));
    assert_eq!(message.matches("executing \"a\"").count(), 1001);

    let message = one("{{ define \"a\" }}{{ template \"a\" . }}{{ end }}{{ template \"a\" . }}", "{}");
    assert_eq!(
        message,
        "c/templates/x.yaml:1:28\n  executing \"a\" at <{{template \"a\" .}}>:\n    exceeded maximum template depth (100000)"
    );
}

#[test]
fn the_deepest_allowed_nesting_fits_the_stack() {
    let open = "{{ if true }}{{ with (and (or ($x))) }}".repeat(3);
    let close = "{{ end }}{{ end }}".repeat(3);
    let names: Vec<String> = (0..6).map(|i| format!("a{i}")).collect();
    let mut text = String::new();
    for (i, name) in names.iter().enumerate() {
        let next = &names[(i + 1) % names.len()];
        text += &format!(
            "{{{{ define \"{name}\" }}}}{{{{ $x := . }}}}{open}{{{{ include \"{next}\" (($x)) }}}}{close}{{{{ end }}}}"
        );
    }
    text += "{{ include \"a0\" . }}";
    let error =
        render_within(&chart("c", &[("templates/x.yaml", &text)]), "{}", Limits::default()).unwrap_err();
    assert_eq!(error.kind, Kind::Limit);
    assert!(error.message.contains("inside each other"), "{}", error.message);
}

#[test]
fn a_render_stays_within_its_limits() {
    let endless =
        chart("c", &[("templates/x.yaml", "{{ range 1000000000 }}{{ range 1000000000 }}{{ end }}{{ end }}")]);
    let error = render_within(&endless, "{}", Limits { steps: 100_000, ..Limits::default() }).unwrap_err();
    assert_eq!((error.kind, error.place.is_some()), (Kind::Limit, true));

    let large = chart("c", &[("templates/x.yaml", "{{ range 1000 }}0123456789{{ end }}")]);
    let error = render_within(&large, "{}", Limits { template: 5_000, ..Limits::default() }).unwrap_err();
    assert_eq!(error.message, "rendering stopped: more than 5000 bytes from one template");

    // Each level of tpl quotes its text in the error.
    let text = format!("{}{{{{ tpl .t .n }}}}", "x".repeat(10_000));
    let values = (0..20).fold(serde_json::json!({}), |inner, _| serde_json::json!({"t": text, "n": inner}));
    let nested = chart("c", &[("templates/x.yaml", "{{ tpl .Values.t .Values.n }}")]);
    let limits = Limits { string: 100_000, ..Limits::default() };
    let error = render_within(&nested, &values.to_string(), limits).unwrap_err();
    assert_eq!(error.message, "rendering stopped: more than 100000 bytes in one string");
}

#[test]
fn a_panic_becomes_an_internal_error() {
    let result: Result<(), Error> = on_render_stack(|| panic!("oops"));
    let error = result.unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (Kind::Internal, "rendering template failed: oops"));
}

/// What the only rendered file of a chart is in a watched render.
fn watched(chart: &Chart, watch: Watch) -> Rendered {
    let parsed = parse(chart).unwrap();
    let release = Release { name: "r".to_owned(), namespace: "default".to_owned(), is_upgrade: false };
    let inputs = Inputs { values: &Map::new(), release: &release, capabilities: &Capabilities::default() };
    let mut environment = Environment { watch: Some(watch), ..Environment::still(Limits::default()) };
    execute(&parsed, chart, &inputs, &mut environment).unwrap().remove(0)
}

#[test]
fn calls_that_ask_the_clock_or_chance_are_told_where_they_stand() {
    let helpers = "{{ define \"p\" }}\n{{ randAlphaNum 3 }}{{ end }}";
    let template = "{{ $t := now | date \"2006\" }}{{ date \"2006\" $t }}\n{{ include \"p\" . }}{{ include \"p\" . }}\n\
                    {{ tpl \"\\n{{ uuidv4 }}\" . }}{{ if false }}{{ genCA \"a\" 1 }}{{ end }}{{ upper \"a\" }}\n\
                    {{ derivePassword 1 \"long\" \"p\" \"u\" \"s\" }}{{ (bcrypt \"a\") | len }}";
    let chart = chart("c", &[("templates/_h.tpl", helpers), ("templates/x.yaml", template)]);
    let calls = watched(&chart, Watch::default()).chance;
    let shown: Vec<String> = calls
        .iter()
        .map(|Chance { function, asked, place, .. }| {
            format!("{function} {asked:?} {}:{}", place.file, place.line)
        })
        .collect();
    assert_eq!(
        shown,
        [
            "now Clock c/templates/x.yaml:1",
            "date Clock c/templates/x.yaml:1",
            "randAlphaNum Chance c/templates/_h.tpl:2",
            "uuidv4 Chance c/templates/x.yaml:3",
            "bcrypt Chance c/templates/x.yaml:4",
        ]
    );
    assert_eq!(render(&chart, "{}").unwrap()[0].chance, []);
}

#[test]
fn a_call_that_gets_another_answer_changes_nothing_else() {
    let template =
        "{{ randAlpha 9 }} {{ now | date \"2006-01-02 15:04:05\" }} {{ randAlpha 9 }} {{ randBytes 40 }}";
    let chart = chart("c", &[("templates/x.yaml", template)]);
    let known = Known::default();
    let words = |vary: Vary| -> Vec<String> {
        let text = watched(&chart, Watch::new(vary, known.clone())).text;
        String::from_utf8(text).unwrap().split(' ').map(str::to_owned).collect()
    };
    let usual = words(Vary::Nothing);
    assert_eq!(words(Vary::Nothing), usual);
    let calls = watched(&chart, Watch::default()).chance;
    let changed = |vary: Vary| -> Vec<usize> {
        let words = words(vary);
        (0..words.len()).filter(|at| words[*at] != usual[*at]).collect()
    };
    let one = |at: usize| changed(Vary::One(calls[at].clone(), 1));
    assert_eq!([one(0), one(1), one(2), one(3)], [vec![0], vec![1, 2], vec![3], vec![4]]);
    assert_eq!(changed(Vary::All(1)), [0, 1, 2, 3, 4]);
    assert_ne!(words(Vary::All(1)), words(Vary::All(2)));
    // The first and the third call are alike, and get answers of their own.
    assert_ne!(usual[0], usual[3]);
}
