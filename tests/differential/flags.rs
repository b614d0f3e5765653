//! Command lines of `template`: flags of every type in every way of writing, with
//! values that some types refuse. Without what ours refuses on purpose, what is fetched,
//! and help.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;

use super::made_up::{one_of, weighted};

const TEXTS: &[&str] = &[
    "values",
    "set",
    "set-string",
    "set-file",
    "set-json",
    "set-literal",
    "namespace",
    "name-template",
    "kube-version",
    "api-versions",
    "show-only",
    "version",
    "labels",
    "timeout",
    "burst-limit",
    "qps",
    "color",
    "colour",
    "description",
    "kube-token",
    "kube-as-group",
    "kube-context",
    "kubeconfig",
    "repository-config",
    "post-renderer-args",
    "stderrthreshold",
    "alsologtostderrthreshold",
    "log-backtrace-at",
    "log-file-max-size",
    "vmodule",
    "bogus",
    "",
];
const SWITCHES: &[&str] = &[
    "include-crds",
    "generate-name",
    "is-upgrade",
    "no-hooks",
    "skip-tests",
    "server-side",
    "force",
    "force-replace",
    "force-conflicts",
    "atomic",
    "hide-notes",
    "render-subchart-notes",
    "wait-for-jobs",
    "plain-http",
    "insecure-skip-tls-verify",
    "kube-insecure-skip-tls-verify",
    "logtostderr",
    "one-output",
];
const LETTERS: &[&str] =
    &["f", "n", "a", "s", "l", "g", "gf", "gn", "gg", "gl", "nx", "Z", "gZ", "é", "=", "v"];
const VALUES: &[&str] = &[
    "",
    " ",
    "x",
    "b.yaml",
    "b.yaml,",
    ",",
    "\"a,b.yaml\"",
    "\"a",
    "a\"b",
    "\"a\"b",
    "\n",
    "b.yaml\nx",
    "\"a\nb\"c",
    "a=b",
    "a=b,c=d",
    "a=b,c",
    "a=1,b=x",
    "a=b,c=d,\"",
    "name=x",
    "a=",
    "=",
    "=x",
    "0",
    "-1",
    "08",
    "1_0",
    "1__0",
    "0x1",
    "0x",
    "1.5",
    "5s",
    "1h2.5m",
    "5",
    "s",
    "1e3s",
    "99999999999h",
    "99999999999999999999",
    "99999999999999999999x",
    "1e39",
    "1e400",
    "nan",
    "-inf",
    "true",
    "false",
    "T",
    "tRUE",
    "never",
    "auto",
    "server",
    "ERROR",
    "info",
    "a.go:1",
    "a.go:0",
    "a.go",
    "templates/a.yaml",
    "1.30",
    "v1.29.1",
    "-n",
    "--namespace=y",
    "--color=x",
    "--set",
    "-",
    "{{ \"n\" }}",
    "{{",
    "%zz",
    ":x",
    "é",
    "Foo",
];

const SPECIAL: &[&str] = &[
    "--dry-run",
    "--dry-run=client",
    "--dry-run=none",
    "--dry-run=true",
    "--dry-run=0",
    "--dry-run=",
    "--wait",
    "--wait=true",
    "--wait=legacy",
    "--wait=x",
    "--validate=false",
    "-test.v",
    "---x",
    "--=",
    "-n",
    "--set",
];

/// A command line's words.
pub fn line() -> BoxedStrategy<Vec<String>> {
    let positional = one_of(&[".", "rel", "Foo", "", "--", "-", "x y"]).prop_map(|word| vec![word]);
    let text =
        (one_of(TEXTS), one_of(VALUES), any::<bool>()).prop_map(|(name, value, joined)| match joined {
            true => vec![format!("--{name}={value}")],
            false => vec![format!("--{name}"), value],
        });
    let path = (one_of(&["ca-file", "cert-file", "key-file"]), one_of(&["", "nope", "templates"]))
        .prop_map(|(name, value)| vec![format!("--{name}={value}")]);
    let switch =
        (one_of(SWITCHES), one_of(VALUES), any::<bool>()).prop_map(|(name, value, alone)| match alone {
            true => vec![format!("--{name}")],
            false => vec![format!("--{name}={value}")],
        });
    let short = (one_of(LETTERS), one_of(VALUES), 0..3).prop_map(|(letters, value, way)| match way {
        0 => vec![format!("-{letters}"), value],
        1 => vec![format!("-{letters}={value}")],
        _ => vec![format!("-{letters}{value}")],
    });
    let special = one_of(SPECIAL).prop_map(|word| vec![word]);
    let piece = weighted(vec![
        (1, positional.boxed()),
        (3, text.boxed()),
        (1, path.boxed()),
        (2, switch.boxed()),
        (2, short.boxed()),
        (1, special.boxed()),
    ]);
    (any::<bool>(), vec(piece, 1..4))
        .prop_map(|(chart, pieces)| {
            let chart = chart.then(|| ".".to_owned());
            chart.into_iter().chain(pieces.concat()).filter(|word| !loud(word)).collect()
        })
        .boxed()
}

/// klog at a level of one and more says what Helm does inside.
fn loud(word: &str) -> bool {
    word.starts_with("-v") || word.starts_with("-gv")
}
