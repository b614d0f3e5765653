//! The flags of `tiphys template`: what is wrong with them, and what is said of them,
//! in Helm 4.3.1's words.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says what it expects")]

mod common;

use common::{directory, stderr, stdout, tiphys};
use tempfile::TempDir;

fn chart() -> TempDir {
    directory(&[
        ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n"),
        ("templates/a.yaml", "ns: {{ .Release.Namespace }}\nv: {{ toJson .Values }}\n"),
        ("a,b.yaml", "a: 1\n"),
    ])
}

/// Each of these behind the chart is refused with this alone on standard error.
fn assert_refused(cases: &[(&[&str], &str)]) {
    let chart = chart();
    for (flags, wanted) in cases {
        let output = tiphys(&[&["template", chart.path().to_str().unwrap()], *flags].concat());
        assert_eq!(
            (output.status.code(), stdout(&output), stderr(&output)),
            (Some(1), String::new(), format!("{wanted}\n")),
            "{flags:?}"
        );
    }
}

#[test]
fn flags_that_are_none_are_refused() {
    assert_refused(&[
        (&["--bogus"], "Error: unknown flag: --bogus"),
        (&["--bogus=3", "--qps", "x"], "Error: unknown flag: --bogus"),
        (&["--nam"], "Error: unknown flag: --nam"),
        (&["---x"], "Error: bad flag syntax: ---x"),
        (&["--=x"], "Error: bad flag syntax: --=x"),
        (&["-gZ"], "Error: unknown shorthand flag: 'Z' in -Z"),
        (&["-g="], "Error: unknown shorthand flag: '=' in -="),
        (&["-'"], "Error: unknown shorthand flag: '\\'' in -'"),
        (&["-g\u{e9}"], "Error: unknown shorthand flag: '\u{c3}' in -\u{e9}"),
        (&["--help", "--bogus"], "Error: unknown flag: --bogus"),
    ]);
    let output = tiphys(&["bogus"]);
    assert_eq!(
        stderr(&output),
        "Error: unknown command \"bogus\" for \"tiphys\"\nRun 'tiphys --help' for usage.\n"
    );
    let output = tiphys(&["template", "--force"]);
    assert_eq!(
        stderr(&output),
        "Flag --force has been deprecated, use --force-replace instead\n\
         Error: \"tiphys template\" requires at least 1 argument\n\n\
         Usage:  tiphys template [NAME] [CHART] [flags]\n"
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn flags_without_their_argument_are_named_as_they_were_written() {
    assert_refused(&[
        (&["--set"], "Error: flag needs an argument: --set"),
        (&["--namespace"], "Error: flag needs an argument: --namespace"),
        (&["-n"], "Error: flag needs an argument: 'n' in -n"),
        (&["-f"], "Error: flag needs an argument: 'f' in -f"),
        (&["-a"], "Error: flag needs an argument: 'a' in -a"),
        (&["-s"], "Error: flag needs an argument: 's' in -s"),
        (&["-l"], "Error: flag needs an argument: 'l' in -l"),
        (&["-gn"], "Error: flag needs an argument: 'n' in -n"),
        (&["-n", "-f", "-gf"], "Error: flag needs an argument: 'f' in -f"),
    ]);
}

#[test]
fn lists_are_lines_of_csv() {
    assert_refused(&[
        (&["-f", ","], "Error: open : no such file or directory"),
        (&["-f", "/dev/null,"], "Error: open : no such file or directory"),
        (&["-f", " /dev/null"], "Error: open  /dev/null: no such file or directory"),
        (
            &["-f", "a\"b"],
            "Error: invalid argument \"a\\\"b\" for \"-f, --values\" flag: parse error on line 1, column 2: bare \" in non-quoted-field",
        ),
        (
            &["--values=\"a"],
            "Error: invalid argument \"\\\"a\" for \"-f, --values\" flag: parse error on line 1, column 3: extraneous or missing \" in quoted-field",
        ),
        (
            &["-ax/v1,\""],
            "Error: invalid argument \"x/v1,\\\"\" for \"-a, --api-versions\" flag: parse error on line 1, column 7: extraneous or missing \" in quoted-field",
        ),
        (&["-f", "\n"], "Error: invalid argument \"\\n\" for \"-f, --values\" flag: EOF"),
        (&["--set-file", "a=,b="], "Error: failed parsing --set-file data: open : no such file or directory"),
    ]);
    let chart = chart();
    let file = format!("\"{}/a,b.yaml\"", chart.path().display());
    let output = tiphys(&["template", chart.path().to_str().unwrap(), "-f", "", "-f", &file]);
    assert_eq!(stderr(&output), "");
    assert!(stdout(&output).ends_with("v: {\"a\":1}\n"), "{}", stdout(&output));
}

#[test]
fn values_are_checked_though_nothing_looks_at_them() {
    assert_refused(&[
        (
            &["--timeout", "x"],
            "Error: invalid argument \"x\" for \"--timeout\" flag: time: invalid duration \"x\"",
        ),
        (
            &["--timeout", "5"],
            "Error: invalid argument \"5\" for \"--timeout\" flag: time: missing unit in duration \"5\"",
        ),
        (
            &["--burst-limit", "x"],
            "Error: invalid argument \"x\" for \"--burst-limit\" flag: strconv.ParseInt: parsing \"x\": invalid syntax",
        ),
        (
            &["--qps", "1e39"],
            "Error: invalid argument \"1e39\" for \"--qps\" flag: strconv.ParseFloat: parsing \"1e39\": value out of range",
        ),
        (
            &["-l", "x"],
            "Error: invalid argument \"x\" for \"-l, --labels\" flag: x must be formatted as key=value",
        ),
        (
            &["-l", "name=x"],
            "Error: user supplied labels contains system reserved label name. System labels: [name owner status version createdAt modifiedAt]",
        ),
        (
            &["--wait=foo"],
            "Error: invalid argument \"foo\" for \"--wait\" flag: invalid wait input \"foo\". Valid inputs are watcher, hookOnly, and legacy",
        ),
        (
            &["--server-side=foo"],
            "Error: invalid argument \"foo\" for \"--server-side\" flag: strconv.ParseBool: parsing \"foo\": invalid syntax",
        ),
        (
            &["-g=x"],
            "Error: invalid argument \"x\" for \"-g, --generate-name\" flag: strconv.ParseBool: parsing \"x\": invalid syntax",
        ),
        (&["--logtostderr=x"], "Error: invalid argument \"x\" for \"--logtostderr\" flag: parse error"),
        (
            &["--vmodule", "x"],
            "Error: invalid argument \"x\" for \"--vmodule\" flag: syntax error: expect comma-separated list of filename=N",
        ),
        (
            &["--bogus", "--color", "foo"],
            "level=WARN msg=\"command failed\" error=\"invalid color mode \\\"foo\\\": must be one of: never, auto, always\"",
        ),
        (
            &["--ca-file", "nope"],
            "Error: missing registry client: can't create TLS config for client: can't read CA file: \"nope\": open nope: no such file or directory",
        ),
        (
            &["--force-replace", "--force-conflicts"],
            "Error: if any flags in the group [force-replace force-conflicts] are set none of the others can be; [force-conflicts force-replace] were all set",
        ),
        (
            &["--dry-run=foo"],
            "Error: invalid dry-run value (\"foo\"). Must be \"none\", \"server\", or \"client\"",
        ),
        (&["--dry-run=false"], "Error: invalid dry-run value (\"false\"). Must be \"server\" or \"client\""),
    ]);
}

#[test]
fn what_is_not_done_is_refused() {
    assert_refused(&[
        (
            &["--validate"],
            "Flag --validate has been deprecated, use '--dry-run=server' instead\nError: --validate: a render has no cluster",
        ),
        (&["--dry-run=server"], "Error: --dry-run=server: a render has no cluster"),
        (&["--post-renderer", "x", "--post-renderer="], "Error: --post-renderer: no plugin is ever run"),
        (&["--verify"], "Error: --verify: signatures are not verified"),
    ]);
}

#[test]
fn old_ways_are_warned_of() {
    let chart = chart();
    const WAIT: &str = "level=WARN msg=\"--wait=true is deprecated (boolean value) and can be replaced with --wait=watcher\"\n";
    const FORCE: &str = "Flag --force has been deprecated, use --force-replace instead\n";
    for (flags, wanted) in [
        (
            &["--dry-run"][..],
            "level=WARN msg=\"--dry-run is deprecated and should be replaced with '--dry-run=client'\"\n",
        ),
        (
            &["--dry-run=T"],
            "level=WARN msg=\"boolean '--dry-run=T' flag is deprecated and must be replaced with '--dry-run=client'\"\n",
        ),
        (&["--validate=false"], "Flag --validate has been deprecated, use '--dry-run=server' instead\n"),
        (
            &["--atomic", "--force=0"],
            &format!("Flag --atomic has been deprecated, use --rollback-on-failure instead\n{FORCE}"),
        ),
        (
            &["--hide-notes"],
            "Flag --hide-notes has been deprecated, this flag has no effect for 'helm template' and will be removed in Helm 5\n",
        ),
        (&["--force", "--wait=true"], &format!("{WAIT}{FORCE}")),
    ] {
        let output = tiphys(&[&["template", chart.path().to_str().unwrap()], flags].concat());
        assert_eq!((output.status.code(), stderr(&output)), (Some(0), wanted.to_owned()), "{flags:?}");
        assert!(stdout(&output).contains("ns: default"), "{flags:?}");
    }
    let output = tiphys(&["template", "--wait=true", "--force", "--bogus"]);
    assert_eq!(stderr(&output), format!("{WAIT}Error: unknown flag: --bogus\n"));
}

#[test]
fn nobody_is_sent_to_the_flag_that_is_given() {
    let chart = directory(&[
        ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n"),
        ("templates/a.yaml", "a: [\n"),
    ]);
    let path = chart.path().to_str().unwrap();
    let wrong = "Error: YAML parse error on c/templates/a.yaml: error converting YAML to JSON: yaml: line 1: did not \
                 find expected node content";
    let hint = "\n\nUse --debug flag to render out invalid YAML";
    assert_eq!(stderr(&tiphys(&["template", path])), format!("{wrong}{hint}\n"));
    assert_eq!(stderr(&tiphys(&["template", path, "--debug=false"])), format!("{wrong}{hint}\n"));
    assert_eq!(stderr(&tiphys(&["template", path, "--debug"])), format!("{wrong}\n"));
}
