//! `tiphys template` as a person runs it. The expected bytes are Helm's own.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it expects"
)]

mod common;

use common::{directory, project, stderr, stdout, tiphys};

const CHART: &str = "apiVersion: v2\nname: c\nversion: 0.1.0\n";

#[test]
fn the_example_renders_byte_for_byte_as_helm_renders_it() {
    for environment in ["production", "staging"] {
        let values = format!("examples/my-api/values/{environment}.yaml");
        let output = tiphys(&["template", "my-api", "examples/my-api", "-f", &values]);
        assert_eq!(stderr(&output), "");
        let golden = project().join(format!("tests/golden/my-api-{environment}.yaml"));
        assert_eq!(stdout(&output), std::fs::read_to_string(golden).unwrap(), "{environment}");
    }
}

/// Everything that the selection flags can leave out, in one chart.
fn selection() -> tempfile::TempDir {
    let hook = |event: &str| {
        format!("kind: Pod\nmetadata:\n  name: {event}\n  annotations:\n    helm.sh/hook: {event}\n")
    };
    directory(&[
        ("Chart.yaml", CHART),
        ("crds/crd.yaml", "kind: CustomResourceDefinition\n"),
        ("templates/test.yaml", &hook("test")),
        ("templates/hook.yaml", &hook("pre-install")),
        (
            "templates/sub/service.yaml",
            "kind: Service\nup: {{ .Release.IsUpgrade }} {{ .Release.IsInstall }}\n",
        ),
        ("templates/ns.yaml", "kind: Namespace\nname: {{ .Release.Namespace }}\n"),
        ("templates/NOTES.txt", "Thank you"),
    ])
}

#[test]
fn the_selection_flags_leave_out_what_helm_leaves_out() {
    let chart = selection();
    let run = |flags: &[&str]| {
        let output = tiphys(&[&["template", chart.path().to_str().unwrap()], flags].concat());
        assert_eq!(stderr(&output), "", "{flags:?}");
        stdout(&output)
    };
    let sources = |flags: &[&str]| -> Vec<String> {
        run(flags).lines().filter_map(|l| l.strip_prefix("# Source: c/").map(str::to_owned)).collect()
    };
    let (namespace, service) = ("templates/ns.yaml", "templates/sub/service.yaml");
    let (hook, test) = ("templates/hook.yaml", "templates/test.yaml");
    assert_eq!(sources(&[]), [namespace, service, hook, test]);
    assert_eq!(sources(&["--include-crds"]), ["crds/crd.yaml", namespace, service, hook, test]);
    assert_eq!(sources(&["--skip-crds"]), [namespace, service, hook, test]);
    assert_eq!(sources(&["--skip-tests"]), [namespace, service, hook]);
    assert_eq!(sources(&["--no-hooks"]), [namespace, service]);
    assert_eq!(
        run(&["-s", "templates/sub/*.yaml", "-s", "templates/ns.yaml", "-n", "x", "--is-upgrade"]),
        "---\n# Source: c/templates/sub/service.yaml\nkind: Service\nup: true false\n\n\
         ---\n# Source: c/templates/ns.yaml\nkind: Namespace\nname: x\n\n\n"
    );
}

#[test]
fn values_are_merged_in_helms_fixed_order() {
    let chart = directory(&[
        ("Chart.yaml", CHART),
        ("values.yaml", "a: chart\nb: chart\nc: chart\nd: chart\ne: chart\nf: chart\ng: chart\n"),
        ("templates/a.yaml", "{{ toYaml .Values }}\n"),
        ("one.yaml", "b: one\nc: one\nd: one\ne: one\nf: one\ng: one\n"),
        ("two.yaml", "c: two\nd: two\ne: two\nf: two\ng: two\n"),
        ("file.txt", "from a file"),
    ]);
    let file = |name: &str| chart.path().join(name).to_str().unwrap().to_owned();
    let output = tiphys(&[
        "template",
        chart.path().to_str().unwrap(),
        "--set-literal",
        "g=a,b",
        "--set-file",
        &format!("f={}", file("file.txt")),
        "--set",
        "d=set,e=set,f=set,g=set",
        "--set-json",
        "c=[1,2]",
        "--set-string",
        "e=5",
        "-f",
        &format!("{},{}", file("one.yaml"), file("two.yaml")),
    ]);
    assert_eq!(stderr(&output), "");
    assert_eq!(
        stdout(&output),
        "---\n# Source: c/templates/a.yaml\na: chart\nb: one\nc:\n- 1\n- 2\nd: set\ne: \"5\"\nf: from a file\ng: a,b\n"
    );
}

#[test]
fn capabilities_come_from_the_flags() {
    let chart = directory(&[
        ("Chart.yaml", CHART),
        (
            "templates/a.yaml",
            "v: {{ .Capabilities.KubeVersion.Version }}\n\
             x: {{ .Capabilities.APIVersions.Has \"x/v1\" }} {{ .Capabilities.APIVersions.Has \"y/v1\" }}\n",
        ),
    ]);
    let output =
        tiphys(&["template", chart.path().to_str().unwrap(), "--kube-version", "1.29.3", "-a", "x/v1,z/v1"]);
    assert_eq!(stdout(&output), "---\n# Source: c/templates/a.yaml\nv: v1.29.3\nx: true false\n");
}

#[test]
fn flags_are_written_as_helm_takes_them() {
    let chart = selection();
    let path = chart.path().to_str().unwrap();
    let count = |flags: &[&str]| {
        let output = tiphys(&[&["template", path], flags].concat());
        assert_eq!(stderr(&output), "", "{flags:?}");
        stdout(&output).matches("# Source: ").count()
    };
    assert_eq!(count(&["--no-hooks=false"]), 4);
    assert_eq!(count(&["--no-hooks=true"]), 2);
    assert_eq!(count(&["--no-hooks", "--no-hooks=f"]), 4);
    assert_eq!(count(&["--skip-tests", "--skip-tests", "--include-crds=1"]), 4);
    assert_eq!(
        count(&[
            "--dry-run=client",
            "--wait",
            "--server-side=false",
            "--timeout",
            "5s",
            "-l",
            "a=b",
            "--debug"
        ]),
        4
    );
    assert_eq!(
        count(&["--dry-run=client", "-n", "a", "-n", "b", "--kube-version=1.30", "--kube-version=1.31"]),
        4
    );
    assert_eq!(
        count(&["--post-renderer=", "--post-renderer-args", "x", "--verify=false", "--name-template="]),
        4
    );
    assert_eq!(count(&["--output-dir=", "--repo=", "--log-dir", "x", "--logtostderr", "-test.v"]), 4);
}

#[test]
fn the_namespace_is_the_contexts_where_none_is_given() {
    let chart = directory(&[
        ("Chart.yaml", CHART),
        ("templates/a.yaml", "ns: {{ .Release.Namespace }}\n"),
        (
            "kubeconfig",
            "current-context: b\ncontexts:\n- name: a\n  context: {namespace: from-a}\n\
             - name: b\n  context: {namespace: from-b}\n- name: c\n  context: {cluster: x}\n",
        ),
    ]);
    let (path, config) = (chart.path().to_str().unwrap(), chart.path().join("kubeconfig"));
    let namespace = |flags: &[&str]| {
        let config = ["--kubeconfig", config.to_str().unwrap()];
        let output = tiphys(&[&["template", path], &config[..], flags].concat());
        stdout(&output).lines().find_map(|line| line.strip_prefix("ns: ").map(str::to_owned)).unwrap()
    };
    assert_eq!(namespace(&[]), "from-b");
    assert_eq!(namespace(&["--kube-context", "a"]), "from-a");
    assert_eq!(namespace(&["--kube-context", "c"]), "default");
    assert_eq!(namespace(&["-n", "given"]), "given");
}

#[test]
fn mistakes_on_the_command_line_are_worded_as_helms() {
    let chart = directory(&[("Chart.yaml", CHART), ("templates/a.yaml", "a: {{ .Values.a }}\n")]);
    let path = chart.path().to_str().unwrap();
    let not_a_name = "release name check failed: release name \"Foo_\": invalid release name, must match regex \
                      ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ and the length must not be \
                      longer than 53";
    for (args, message) in [
        (vec!["Foo_", path], not_a_name),
        (vec!["x", path, "y"], "expected at most two arguments, unexpected arguments: y"),
        (vec!["-g", "foo", path], "cannot set --generate-name and also specify a name"),
        (vec!["foo", "/nonexistent"], "path \"/nonexistent\" not found"),
        (vec![path, "--kube-version", "1"], "invalid kube version '1': illegal version string \"1\""),
        (
            vec![path, "--kube-version", "abc"],
            "invalid kube version 'abc': could not parse \"abc\" as version",
        ),
        (vec![path, "-f", "nope.yaml"], "open nope.yaml: no such file or directory"),
        (vec![path, "-f", "%zz"], "parse \"%zz\": invalid URL escape \"%zz\""),
        (vec![path, "-f", "http://a/b"], "http://a/b: values are read from files, not from URLs"),
        (vec!["/nonexistent", "-f", "nope.yaml"], "path \"/nonexistent\" not found"),
        (
            vec!["nope", "--set", "a"],
            "non-absolute URLs should be in form of repo_name/path_to_chart, got: nope",
        ),
        (vec!["%zz"], "invalid chart URL format: %zz"),
        (vec!["", path], "release name check failed: release name \"\": no name provided"),
        (vec![path, "--set", "a"], "failed parsing --set data: key \"a\" has no value"),
        (vec![path, "--set-json", "a=bad"], "failed parsing --set-json data a=bad"),
        (
            vec![path, "--set-file", "a=nope"],
            "failed parsing --set-file data: open nope: no such file or directory",
        ),
        (vec![path, "-s", "nope"], "could not find template nope in chart"),
    ] {
        let output = tiphys(&[&["template"], args.as_slice()].concat());
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert_eq!(stdout(&output), "", "{args:?}");
        let logged = message
            .strip_prefix("release name check failed: ")
            .map(|why| format!("level=ERROR msg=\"release name check failed\" error={why:?}\n"));
        let logged = logged.unwrap_or_default();
        assert_eq!(stderr(&output), format!("{logged}Error: {message}\n"), "{args:?}");
    }
}

#[test]
fn output_dir_writes_the_files_that_helm_writes() {
    let (chart, out) = (selection(), tempfile::TempDir::new().unwrap());
    let dir = out.path().to_str().unwrap();
    let output = tiphys(&[
        "template",
        "r",
        chart.path().to_str().unwrap(),
        "--include-crds",
        "--output-dir",
        dir,
        "--release-name",
    ]);
    assert_eq!(
        stdout(&output),
        format!(
            "wrote {dir}/c/crds/crd.yaml\nwrote {dir}/r/c/templates/ns.yaml\n\
             wrote {dir}/r/c/templates/sub/service.yaml\nwrote {dir}/r/c/templates/hook.yaml\n\
             wrote {dir}/r/c/templates/test.yaml\n\n"
        )
    );
    assert_eq!(
        std::fs::read_to_string(out.path().join("r/c/templates/ns.yaml")).unwrap(),
        "---\n# Source: c/templates/ns.yaml\nkind: Namespace\nname: default\n\n"
    );
}
