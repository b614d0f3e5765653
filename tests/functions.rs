//! The one table of template functions: every function of Helm's is in it, and
//! docs/functions.md is made from it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says what it expects")]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use tiphys::data::{Signature, Ty};
use tiphys::template::Function;
use tiphys::template::functions::GROUPS;

/// The functions that a template of Helm 4.3.1 may name, as its parser answers for
/// each.
const HELM: &str = "\
    abbrev abbrevboth add add1 add1f addf adler32sum ago all and any append atoi b32dec b32enc \
    b64dec b64enc base bcrypt biggest buildCustomCert call camelcase cat ceil chunk clean \
    coalesce compact concat contains date date_in_zone date_modify dateInZone dateModify \
    decryptAES deepCopy deepEqual default derivePassword dict dig dir div divf duration \
    durationDays durationHours durationMicroseconds durationMilliseconds durationMinutes \
    durationNanoseconds durationRound durationRoundTo durationSeconds durationTruncateTo \
    durationWeeks empty encryptAES eq ext fail first float64 floor fromJson fromJsonArray \
    fromToml fromYaml fromYamlArray ge genCA genCAWithKey genPrivateKey genSelfSignedCert \
    genSelfSignedCertWithKey genSignedCert genSignedCertWithKey get getHostByName gt has hasKey \
    hasPrefix hasSuffix hello html htmlDate htmlDateInZone htpasswd include indent index initial \
    initials int int64 isAbs join js kebabcase keys kindIs kindOf last le len list lookup lower \
    lt max maxf merge mergeOverwrite min minf mod mul mulf must_date_modify mustAppend mustChunk \
    mustCompact mustDateModify mustDeepCopy mustFirst mustFromJson mustHas mustInitial mustLast \
    mustMerge mustMergeOverwrite mustPrepend mustPush mustRegexFind mustRegexFindAll \
    mustRegexMatch mustRegexReplaceAll mustRegexReplaceAllLiteral mustRegexSplit mustRest \
    mustReverse mustSlice mustToDate mustToDuration mustToJson mustToPrettyJson mustToRawJson \
    mustToToml mustToYaml mustUniq mustWithout ne nindent nospace not now omit or osBase osClean \
    osDir osExt osIsAbs pick pluck plural prepend print printf println push quote randAlpha \
    randAlphaNum randAscii randBytes randInt randNumeric regexFind regexFindAll regexMatch \
    regexQuoteMeta regexReplaceAll regexReplaceAllLiteral regexSplit repeat replace required \
    rest reverse round semver semverCompare seq set sha1sum sha256sum sha512sum shuffle slice \
    snakecase sortAlpha split splitList splitn squote sub subf substr swapcase ternary title \
    toDate toDecimal toJson toPrettyJson toRawJson toString toStrings toToml toYaml toYamlPretty \
    tpl trim trimAll trimall trimPrefix trimSuffix trunc tuple typeIs typeIsLike typeOf uniq \
    unixEpoch unset until untilStep untitle upper urlJoin urlParse urlquery uuidv4 values \
    without wrap wrapWith";

fn functions() -> impl Iterator<Item = &'static Function> {
    GROUPS.iter().flat_map(|group| group.functions)
}

#[test]
fn every_function_of_helm_is_in_the_table() {
    let helm: BTreeSet<&str> = HELM.split_whitespace().collect();
    let ours: BTreeSet<&str> = functions().map(|function| function.name).collect();
    assert_eq!(helm.len(), 251);
    assert_eq!(helm.difference(&ours).collect::<Vec<_>>(), [&""; 0], "missing");
    assert_eq!(ours.difference(&helm).collect::<Vec<_>>(), [&""; 0], "Helm has no such function");
    assert_eq!(functions().count(), ours.len(), "a function is there twice");
    for function in functions() {
        assert!(!function.help.is_empty() && !function.help.contains('\n'), "{}: help", function.name);
        assert!(!function.cases.is_empty(), "{}: no case", function.name);
    }
}

#[test]
fn the_page_of_functions_is_made_from_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/functions.md");
    let page = page();
    if std::env::var_os("TIPHYS_UPDATE").is_some() {
        std::fs::write(&path, page).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == page,
        "docs/functions.md is not what the table says: refresh it with TIPHYS_UPDATE=1 cargo test --test functions"
    );
}

fn page() -> String {
    let mut page = String::from(
        "# Template functions\n\n\
         Every function that a template of Helm may call, with an example and what it prints. Parameters are in Go's\n\
         types; `any` is `interface {}`, and line breaks are shown as ⏎. This page is made from the table that registers\n\
         and tests the functions ([src/template/functions](../src/template/functions/mod.rs)):\n\
         `TIPHYS_UPDATE=1 cargo test --test functions` writes it.\n",
    );
    for group in GROUPS {
        let _ = write!(
            page,
            "\n## {}\n\n| function | what it does | example | prints |\n|---|---|---|---|\n",
            group.title
        );
        for function in group.functions {
            let name = code(&format!("{}({})", function.name, parameters(&function.signature)));
            let (template, printed) = function.cases.first().copied().unwrap_or_default();
            let printed = match printed.strip_prefix('!') {
                Some(error) => format!("fails: {}", code(error)),
                None => code(printed),
            };
            let _ =
                writeln!(page, "| {name} | {} | {} | {printed} |", sentence(function.help), code(template));
        }
    }
    page
}

fn parameters(signature: &Signature) -> String {
    let last = signature.params.len().wrapping_sub(1);
    let names = signature.params.iter().enumerate().map(|(at, ty)| {
        let name = match ty {
            Ty::Any | Ty::Reflect => "any",
            Ty::ListAny => "[]any",
            Ty::MapAny => "map[string]any",
            Ty::Bytes => "[]byte",
            ty => ty.name(),
        };
        format!("{}{name}", if signature.variadic && at == last { "..." } else { "" })
    });
    names.collect::<Vec<_>>().join(", ")
}

/// A code span that a table can hold; line breaks are shown as such.
fn code(text: &str) -> String {
    if text.is_empty() {
        return "nothing".to_owned();
    }
    let text = text.replace('|', "\\|").replace('\n', "⏎").replace('\t', "⇥");
    if text.contains('`') {
        return format!("`` {text} ``");
    }
    let edge = text.starts_with(' ') || text.ends_with(' ');
    if edge && !text.trim().is_empty() { format!("` {text} `") } else { format!("`{text}`") }
}

/// The help as a line that starts with a capital and has no full stop.
fn sentence(help: &str) -> String {
    let help = help.trim_end_matches('.');
    let mut letters = help.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}", letters.as_str()).replace('|', "\\|")
}
