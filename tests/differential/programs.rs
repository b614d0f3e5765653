//! Templates with control flow: nested actions, variables, trimming, templates in
//! templates; and the same with a piece broken off, for the texts of errors.

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;

use super::made_up::{one_of, weighted};

const CONDITIONS: &[&str] = &[
    ".Values.t",
    "$.Values.no",
    "not $.Values.t",
    "and $.Values.t .",
    "or $.Values.e 0",
    "eq 1 1",
    "$.Values.nope",
    "$.Values.l",
    "0",
    "$.Values.m",
    "eq (typeOf .) \"string\"",
    "$x := 3",
    "hasKey $.Values \"s\"",
    "gt (len $.Values.ls) 2",
];
const RANGES: &[&str] = &[
    "$.Values.l",
    "$i, $e := $.Values.ls",
    "$k, $v := $.Values.m",
    "3",
    "$i := 2",
    "until 3",
    "list",
    "$.Values.nil",
    "dict",
    "$e := $.Values.li",
    "$.Values.m.c",
    "$i, $v := 2",
    "$.Values.nope",
    "tuple 1 2",
];
const OUTPUTS: &[&str] = &[
    "{{ toJson . }}",
    "{{ $.Values.s }}",
    "{{- 1 }}",
    "{{ 2 -}}",
    "{{- /* c */ -}}",
    "{{ $y := 5 }}{{ $y }}",
    "{{ $y := 1 }}{{ $y = 2 }}{{ $y }}",
    "text",
    "\n",
    "  \n\t",
    "{{ break }}",
    "{{ continue }}",
    "{{ $.Values.s | upper | quote }}",
    "{{ template \"h\" . }}",
    "{{ include \"h\" . | trim }}",
    "{{ printf \"%T\" . }}",
    "{{ .Values.m.a }}",
    "{{ kindOf . }}",
    "{{ `raw` }}",
    "{{ true }}",
    "{{ tpl \"{{ typeOf . }}\" $ }}",
    "{{ with $z := 4 }}{{ $z }}{{ end }}",
    "{{ $ | typeOf }}",
    "{{ .x }}",
    "{{ (.y).z }}",
    "{{ index $.Values.ls 0 }}",
];

fn block(inner: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let trim = || one_of(&["{{", "{{", "{{-"]);
    let close = || one_of(&["}}", "}}", "-}}"]);
    let when = (trim(), one_of(CONDITIONS), close(), inner.clone(), inner.clone(), 0..4u8).prop_map(
        |(open, condition, close, a, b, otherwise)| match otherwise {
            0 => format!("{open} if {condition} {close}{a}{{{{ else }}}}{b}{{{{ end }}}}"),
            1 => format!("{open} if {condition} {close}{a}{{{{ else if $.Values.no }}}}{b}{{{{ else }}}}c{{{{- end }}}}"),
            2 => format!("{open} with {condition} {close}{a}{{{{ else }}}}{b}{{{{ end -}}}}"),
            _ => format!("{open} with {condition} {close}{a}{{{{ else with $.Values.s }}}}{b}{{{{ end }}}}"),
        },
    );
    let range =
        (trim(), one_of(RANGES), close(), inner.clone(), inner).prop_map(|(open, over, close, a, b)| {
            format!("{open} range {over} {close}{a}{{{{ else }}}}{b}{{{{ end }}}}")
        });
    weighted(vec![(1, when.boxed()), (1, range.boxed())])
}

/// A body of a few actions.
pub fn body() -> BoxedStrategy<String> {
    let piece = one_of(OUTPUTS).prop_recursive(4, 16, 3, |inner| {
        let several = proptest::collection::vec(inner, 1..4).prop_map(|parts| parts.concat());
        block(several.boxed())
    });
    proptest::collection::vec(piece, 1..4).prop_map(|parts| parts.concat()).boxed()
}

/// A whole file with something cut out of it or put into it.
pub fn broken() -> BoxedStrategy<String> {
    let pieces = one_of(&[
        "{{",
        "}}",
        "\"",
        "`",
        "(",
        ")",
        "|",
        "{{ end }}",
        "{{ else }}",
        "$",
        ".",
        "{{ nope }}",
        "{{ .a.b.c }}",
        ":=",
        "{{/*",
        "*/}}",
        "'",
        "{{ define \"x\" }}",
        "\n",
        " ",
        "{{ 1.2.3 }}",
        "{{ $q }}",
        "{{ 0x }}",
        "{{ \"\\q\" }}",
        "{{ .Values.s.t }}",
        "{{ 'ab' }}",
        "{{ break }}",
        "{{ if }}",
        "{{ range $a, $b, $c := . }}",
        "{{ template }}",
        "{{ template \"no\" }}",
        "{{ include \"no\" . }}",
        "{{ fail \"x\" }}",
        "{{ . | }}",
        "{{ () }}",
        "{{ nil }}",
        "{{ true false }}",
        "{{ .Values.n.x }}",
        "{{ len 3 }}",
        "{{ @ }}",
        "{{ else if }}",
        "{{ block \"b\" }}",
        "{{ $x = 1 }}",
        "{{ upper 1 }}",
        "{{ index . }}",
        "{{ .Values.m | upper }}",
    ]);
    (body(), 0..100usize, 0..100usize, 0..3usize, pieces)
        .prop_map(|(body, at, put, cut, piece)| {
            let mut letters: Vec<char> =
                format!("{body}\n{{{{ define \"h\" }}}}h{{{{ end }}}}").chars().collect();
            let at = at * letters.len() / 100;
            if cut > 0 {
                letters.drain(at..(at + cut).min(letters.len()));
            }
            let put = put * letters.len() / 100;
            letters.splice(put..put, piece.chars());
            letters.into_iter().collect()
        })
        .boxed()
}
