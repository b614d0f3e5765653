//! Expressions: every function that answers the same twice, with arguments of the
//! kinds it takes and now and then of another, printed in the ways there are.

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;

use super::made_up::{one_of, text, weighted};

/// The values the expressions speak of.
pub const VALUES: &str = r#"
s: some text
e: ""
n: 5
f: 2.5
big: 1e6
huge: 123456789012
neg: -3
t: true
no: false
nil:
l: [a, b, 3, null, true, [1], {k: v}]
ls: [b, a, c]
li: [3, 1, 2]
m: {a: 1, b: x, c: {d: deep, e: [1, 2]}}
m2: {a: 9, c: {d: other, f: 1}, g: ""}
yes: "on"
v: "1.2.3-rc.1"
ml: "one\ntwo\n"
"#;

const TEXTS: &[&str] =
    &[".Values.s", ".Values.e", ".Values.v", ".Values.ml", ".Release.Name", "(print .Values.m)"];
const NUMBERS: &[&str] = &[
    "0",
    "1",
    "2",
    "3",
    "7",
    "-1",
    "-2",
    "10",
    "0x1F",
    "017",
    "1_000",
    "'a'",
    "2.0",
    "(int .Values.n)",
    "(len .Values.l)",
    "(int64 .Values.big)",
];
const FLOATS: &[&str] =
    &[".Values.f", ".Values.n", ".Values.big", ".Values.huge", ".Values.neg", "1.5", "1e3", "-0.5"];
const LISTS: &[&str] = &[
    ".Values.l",
    ".Values.ls",
    ".Values.li",
    "(list)",
    "(list 1 2 3)",
    "(list \"a\" nil 1.5)",
    "(until 4)",
    "(tuple \"x\" \"y\")",
    "(splitList \",\" \"a,b,,c\")",
    "(list (dict \"a\" 1) (list 2))",
];
const DICTS: &[&str] = &[
    ".Values.m",
    ".Values.m2",
    "(dict)",
    "(dict \"a\" 1)",
    "(dict \"a\" (dict \"b\" nil) \"l\" (list 1))",
    ".Values.m.c",
    "(dict \"k\" \"v\" \"x\" 0)",
    ".Values",
    ".Release",
    ".Chart.Annotations",
    "(deepCopy .Values.m)",
];
const ODD: &[&str] = &[
    "nil",
    ".Values.nil",
    ".Values.nope",
    "true",
    ".Values.no",
    ".Chart",
    ".Capabilities.KubeVersion",
    "(semver \"1.2.3\")",
    ".Files",
    ".Template.Name",
    ".Values.m.c.d",
    "(.Values.nope).x",
    "(duration 5)",
];
const PATTERNS: &[&str] = &[
    "a",
    "^[a-z]+$",
    "(a)(b)?",
    "[^a-z0-9]+",
    "\\\\s+",
    "(?i)SOME",
    "x*",
    "(?P<n>t.)",
    "\\\\d+",
    "[",
    "(?:o|e)",
    ".",
];
const VERSIONS: &[&str] = &[
    "1.2.3",
    "v1.29.3-gke.1",
    "1",
    "1.2",
    "01.2.3",
    "1.2.3+k3s1",
    "1.2.3-rc.1",
    "abc",
    "1.2.3.4",
    "",
    "2.0.0",
    "1.19.0",
];
const CONSTRAINTS: &[&str] = &[
    ">=1.19",
    ">=1.19-0",
    "<1.20.0-0",
    "^1.2",
    "~1.2.3",
    "1.x",
    "*",
    "",
    ">1.2 <2",
    ">=1, !=1.5 || 3",
    "1.2 - 1.4",
    "=1.2",
    "~>1",
    "x",
    ">= 1.2.3-rc.1",
    "<=1.2",
    ">1.2",
    "^0.0.3",
    "~0",
    ">=1.2.x",
];
const FORMATS: &[&str] = &[
    "%v",
    "%s",
    "%d",
    "%q",
    "%5d",
    "%-5s|",
    "%05d",
    "%+v",
    "%#v",
    "%x",
    "%X",
    "%t",
    "%T",
    "%e",
    "%.2f",
    "%8.3f",
    "%g",
    "%G",
    "%c",
    "%U",
    "%o",
    "%b",
    "%%",
    "%",
    "%z",
    "%[1]v %[1]T",
    "% d",
    "%+d",
    "%#x",
    "% x",
    "%#q",
    "%6.2q",
    "%s-%s",
    "%*d",
    "%.3s",
    "%p",
    "%08.3f",
    "%+q",
    "%#o",
    "%O",
    "%!",
    "%v %v %v",
    "%[3]v",
    "%.f",
    "%+.1e",
    "%10v|",
    "%-10v|",
    "%03s",
    "%x %v",
];

/// What kind of argument a function wants, a letter each: s text, i int, n number,
/// l list, d dict, a anything, r pattern, v version, c constraint, p format.
const FUNCTIONS: &[(&str, &str)] = &[
    ("quote", "a"),
    ("squote", "a"),
    ("toString", "a"),
    ("print", "aa"),
    ("println", "aa"),
    ("printf", "pa"),
    ("printf", "paa"),
    ("html", "a"),
    ("js", "a"),
    ("urlquery", "a"),
    ("len", "a"),
    ("not", "a"),
    ("and", "aa"),
    ("or", "aa"),
    ("eq", "aa"),
    ("eq", "nn"),
    ("ne", "aa"),
    ("lt", "nn"),
    ("le", "aa"),
    ("gt", "ss"),
    ("ge", "ii"),
    ("index", "li"),
    ("index", "ds"),
    ("index", "dss"),
    ("slice", "lii"),
    ("slice", "li"),
    ("upper", "s"),
    ("lower", "s"),
    ("title", "s"),
    ("untitle", "s"),
    ("trim", "s"),
    ("trimAll", "ss"),
    ("trimSuffix", "ss"),
    ("trimPrefix", "ss"),
    ("nospace", "s"),
    ("initials", "s"),
    ("swapcase", "s"),
    ("snakecase", "s"),
    ("camelcase", "s"),
    ("kebabcase", "s"),
    ("wrap", "is"),
    ("wrapWith", "iss"),
    ("contains", "ss"),
    ("hasPrefix", "ss"),
    ("hasSuffix", "ss"),
    ("cat", "aaa"),
    ("indent", "is"),
    ("nindent", "is"),
    ("replace", "sss"),
    ("plural", "ssi"),
    ("sha1sum", "s"),
    ("sha256sum", "s"),
    ("sha512sum", "s"),
    ("adler32sum", "s"),
    ("trunc", "is"),
    ("abbrev", "is"),
    ("abbrevboth", "iis"),
    ("substr", "iis"),
    ("repeat", "is"),
    ("atoi", "s"),
    ("int", "a"),
    ("int64", "a"),
    ("float64", "a"),
    ("toDecimal", "a"),
    ("seq", "ii"),
    ("seq", "iii"),
    ("untilStep", "iii"),
    ("until", "i"),
    ("add", "nn"),
    ("add1", "n"),
    ("sub", "nn"),
    ("div", "nn"),
    ("mod", "nn"),
    ("mul", "nnn"),
    ("max", "nn"),
    ("min", "nn"),
    ("maxf", "nn"),
    ("minf", "nn"),
    ("ceil", "n"),
    ("floor", "n"),
    ("round", "ni"),
    ("addf", "nn"),
    ("subf", "nn"),
    ("mulf", "nn"),
    ("divf", "nn"),
    ("add1f", "n"),
    ("join", "sl"),
    ("sortAlpha", "l"),
    ("split", "ss"),
    ("splitn", "sis"),
    ("splitList", "ss"),
    ("toStrings", "l"),
    ("default", "aa"),
    ("empty", "a"),
    ("coalesce", "aaa"),
    ("all", "aa"),
    ("any", "aa"),
    ("compact", "l"),
    ("ternary", "aaa"),
    ("fromJson", "s"),
    ("toJson", "a"),
    ("toPrettyJson", "a"),
    ("toRawJson", "a"),
    ("toYaml", "a"),
    ("toYamlPretty", "a"),
    ("fromYaml", "s"),
    ("fromYamlArray", "s"),
    ("fromJsonArray", "s"),
    ("toToml", "d"),
    ("fromToml", "s"),
    ("typeOf", "a"),
    ("kindOf", "a"),
    ("typeIs", "sa"),
    ("kindIs", "sa"),
    ("typeIsLike", "sa"),
    ("deepEqual", "aa"),
    ("b64enc", "s"),
    ("b64dec", "s"),
    ("b32enc", "s"),
    ("b32dec", "s"),
    ("list", "aa"),
    ("dict", "sasa"),
    ("dict", "sas"),
    ("get", "ds"),
    ("hasKey", "ds"),
    ("pluck", "sdd"),
    ("pick", "dss"),
    ("omit", "ds"),
    ("merge", "Dd"),
    ("mergeOverwrite", "Dd"),
    ("mustMerge", "Dd"),
    ("deepCopy", "a"),
    ("append", "la"),
    ("prepend", "la"),
    ("first", "l"),
    ("rest", "l"),
    ("last", "l"),
    ("initial", "l"),
    ("uniq", "l"),
    ("without", "la"),
    ("has", "al"),
    ("reverse", "l"),
    ("chunk", "il"),
    ("concat", "ll"),
    ("dig", "sad"),
    ("dig", "ssad"),
    ("set", "Dsa"),
    ("unset", "Ds"),
    ("base", "s"),
    ("dir", "s"),
    ("ext", "s"),
    ("clean", "s"),
    ("isAbs", "s"),
    ("regexMatch", "rs"),
    ("regexFind", "rs"),
    ("regexFindAll", "rsi"),
    ("regexReplaceAll", "rss"),
    ("regexReplaceAllLiteral", "rss"),
    ("regexSplit", "rsi"),
    ("mustRegexMatch", "rs"),
    ("regexQuoteMeta", "s"),
    ("semver", "v"),
    ("semverCompare", "cv"),
    ("urlParse", "s"),
    ("required", "sa"),
    ("duration", "a"),
    ("durationRound", "a"),
    ("tpl", "sd"),
    ("fail", "s"),
    ("lookup", "ssss"),
    ("mustToJson", "a"),
    ("mustUniq", "l"),
    ("mustHas", "al"),
    ("mustFirst", "l"),
    ("mustAppend", "la"),
    ("mustSlice", "lii"),
    ("mustWithout", "la"),
    ("mustDeepCopy", "a"),
    ("toDate", "ss"),
    ("dateInZone", "sas"),
    ("hello", ""),
    ("trunc", "i"),
];

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn argument(kind: char, inner: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let literal = || text().prop_map(|text| quoted(&text)).boxed();
    let words = |words: &'static [&'static str]| one_of(words).prop_map(|word| format!("\"{word}\"")).boxed();
    let right = match kind {
        's' => weighted(vec![(3, literal()), (2, one_of(TEXTS)), (1, inner.clone())]),
        'i' => one_of(NUMBERS),
        'n' => weighted(vec![
            (2, one_of(NUMBERS)),
            (2, one_of(FLOATS)),
            (1, words(&["12", "0x10", "1.5", "x", "08"])),
        ]),
        'l' => weighted(vec![(4, one_of(LISTS)), (1, inner.clone())]),
        'd' => one_of(DICTS),
        'D' => {
            one_of(&["(dict)", "(dict \"a\" 1)", "(deepCopy .Values.m)", "(dict \"a\" \"\" \"c\" (dict))"])
        }
        'r' => words(PATTERNS),
        'v' => words(VERSIONS),
        'c' => words(CONSTRAINTS),
        'p' => words(FORMATS),
        _ => weighted(vec![
            (2, literal()),
            (2, one_of(NUMBERS)),
            (2, one_of(FLOATS)),
            (2, one_of(LISTS)),
            (2, one_of(DICTS)),
            (2, one_of(ODD)),
            (3, inner.clone()),
        ]),
    };
    let wrong =
        weighted(vec![(1, one_of(ODD)), (1, one_of(DICTS)), (1, one_of(LISTS)), (1, one_of(NUMBERS))]);
    weighted(vec![(40, right), (1, wrong)])
}

fn call(inner: BoxedStrategy<String>) -> BoxedStrategy<String> {
    proptest::sample::select(FUNCTIONS)
        .prop_flat_map(move |(name, kinds)| {
            let args: Vec<_> = kinds.chars().map(|kind| argument(kind, inner.clone())).collect();
            (args, 0..4u8).prop_map(move |(mut args, piped)| match (piped, args.pop()) {
                (0, Some(last)) => format!("({last} | {name} {})", args.join(" ")),
                (_, Some(last)) => format!("({name} {} {last})", args.join(" ")),
                (_, None) => format!("({name})"),
            })
        })
        .boxed()
}

/// A body that prints one expression.
pub fn body() -> BoxedStrategy<String> {
    let atom = weighted(vec![
        (1, one_of(TEXTS)),
        (1, one_of(NUMBERS)),
        (1, one_of(FLOATS)),
        (1, one_of(LISTS)),
        (1, one_of(DICTS)),
        (1, one_of(ODD)),
    ]);
    let ends = one_of(&[
        "",
        "",
        "",
        " | quote",
        " | toJson",
        " | typeOf",
        " | toYaml",
        " | printf \"%v %T\" 1",
        " | kindOf",
    ]);
    let expression = call(call(atom.clone())).prop_union(call(atom)).boxed();
    (expression, ends).prop_map(|(expression, end)| format!("{{{{ {expression}{end} }}}}")).boxed()
}
