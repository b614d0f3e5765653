//! Holds the translation to what Go refuses, finds, replaces and splits.

use super::*;
use crate::template::budget::Limits;

fn budget() -> Budget {
    Budget::new(Limits::default())
}

fn refusal(pattern: &[u8]) -> String {
    match compile(pattern, &mut budget()) {
        Err(Refused::Syntax(text)) => text.trim_start_matches("error parsing regexp: ").to_owned(),
        other => panic!("{other:?}"),
    }
}

fn all(pattern: &str, text: &str) -> Vec<String> {
    let compiled = compile(pattern.as_bytes(), &mut budget()).unwrap();
    let found = compiled.find_all(text.as_bytes(), usize::MAX, &mut budget()).unwrap();
    found.into_iter().map(|(start, end)| text.get(start..end).unwrap().to_owned()).collect()
}

#[test]
fn refuses_what_go_refuses_in_its_words() {
    for (pattern, text) in [
        ("a(b", "missing closing ): `a(b`"),
        ("a)", "unexpected ): `a)`"),
        ("[a", "missing closing ]: `[a`"),
        ("[]", "missing closing ]: `[]`"),
        ("[b-a]", "invalid character class range: `b-a`"),
        ("[[:foo:]]", "invalid character class range: `[:foo:]`"),
        (r"\p{Grek}", r"invalid character class range: `\p{Grek}`"),
        (r"\p{Alphabetic}", r"invalid character class range: `\p{Alphabetic}`"),
        (r"[\p{Foo}]", r"invalid character class range: `\p{Foo}`"),
        (r"\p", r"invalid character class range: `\p`"),
        (r"\p{Greek", r"invalid character class range: `\p{Greek`"),
        (r"[a-\d]", r"invalid escape sequence: `\d`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("x{2}{3}", "invalid nested repetition operator: `{2}{3}`"),
        ("*", "missing argument to repetition operator: `*`"),
        ("a|+", "missing argument to repetition operator: `+`"),
        ("a{1001}", "invalid repeat count: `{1001}`"),
        ("a{3,2}", "invalid repeat count: `{3,2}`"),
        ("(a{100}){11}", "invalid repeat count: `{11}`"),
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
        ("(?i-)a", "invalid or unsupported Perl syntax: `(?i-)`"),
        ("(?x)a", "invalid or unsupported Perl syntax: `(?x`"),
        ("(?i", "invalid or unsupported Perl syntax: `(?i`"),
        ("(?<=a)", "invalid named capture: `(?<=a)`"),
        ("(?P<n-x>a)", "invalid named capture: `(?P<n-x>`"),
        ("a\\", "trailing backslash at end of expression: ``"),
        (r"\1", r"invalid escape sequence: `\1`"),
        (r"\8", r"invalid escape sequence: `\8`"),
        (r"\Z", r"invalid escape sequence: `\Z`"),
        (r"\C", r"invalid escape sequence: `\C`"),
        (r"\xg", r"invalid escape sequence: `\xg`"),
        (r"\x{110000}", r"invalid escape sequence: `\x{110000`"),
    ] {
        assert_eq!(refusal(pattern.as_bytes()), text, "{pattern}");
    }
    assert_eq!(refusal(b"a\xffb"), "invalid UTF-8: `\u{fffd}b`");
}

#[test]
fn means_what_go_means() {
    for (pattern, text, found) in [
        (r"\d+", "1٣2", &["1", "2"][..]),
        (r"\w+", "aéb", &["a", "b"]),
        (r"[[:word:]]+", "a_1-é", &["a_1"]),
        (r"[a&&b]+", "a&&b", &["a&&b"]),
        (r"[~~[+--b]+", "[,~", &["[,~"]),
        (r"\Qa.b\E.", "a.bc", &["a.bc"]),
        (r"a(?i)*", "aaa", &["aaa"]),
        (r"(?i)k", "kK\u{212a}", &["k", "K", "\u{212a}"]),
        (r"(?U)a+", "aa", &["a", "a"]),
        (r"(?U)a+?", "aa", &["aa"]),
        (r"a{,2}", "a{,2}", &["a{,2}"]),
        (r"[]a]+", "a]", &["a]"]),
        (r"^a$", "a\n", &[]),
        (r"(?m)^a$", "a\na", &["a", "a"]),
        (r"a*", "baac", &["", "aa", ""]),
        ("", "éa", &["", "", ""]),
        (r"\p{Greek}\pL", "αb", &["αb"]),
        (r"\p{Old_Italic}|\p{uppercase letter}", "A", &["A"]),
        (r"[^\x00-\x{10FFFF}]|\x{D800}", "a", &[]),
        (r"(?<n>a)(?<n>b)", "ab", &["ab"]),
        (r"(|a)*", "aa", &["", "", ""]),
        (r"#a b", "#a b", &["#a b"]),
    ] {
        assert_eq!(all(pattern, text), found, "{pattern}");
    }
}

#[test]
fn replaces_and_splits_as_go_does() {
    let replace = |pattern: &str, text: &[u8], with: &str| {
        let compiled = compile(pattern.as_bytes(), &mut budget()).unwrap();
        compiled.replace_all(text, with.as_bytes(), false, &mut budget()).unwrap()
    };
    let names = "(?P<1W>a)(?P<n>b)";
    assert_eq!(replace(names, b"ab", "$1W-${1}W-$n-$x-$$-$-${-$01"), b"a-aW-b--$-$-${-");
    assert_eq!(replace(r"\B", "éab é".as_bytes(), "-"), "-éa-b -é-".as_bytes());
    assert_eq!(replace("a*", b"baac", "x"), b"xbxcx");
    assert_eq!(replace(".", b"\xffa\xfe", "<$0>"), b"<\xff><a><\xfe>");
    let split = |pattern: &str, text: &str, limit| {
        let compiled = compile(pattern.as_bytes(), &mut budget()).unwrap();
        let pieces = compiled.split(text.as_bytes(), limit, &mut budget()).unwrap();
        pieces.map(|p| p.into_iter().map(|p| String::from_utf8_lossy(p).into_owned()).collect::<Vec<_>>())
    };
    assert_eq!(split("a", "banana", -1).unwrap(), ["b", "n", "n", ""]);
    assert_eq!(split("a", "banana", 2).unwrap(), ["b", "nana"]);
    assert_eq!(split("a*", "baac", -1).unwrap(), ["b", "c"]);
    assert_eq!(split("a", "", -1).unwrap(), [""]);
    assert_eq!(split("", "", -1).unwrap(), Vec::<String>::new());
    assert_eq!(split("a", "b", 0), None);
}

#[test]
fn costs_are_bounded() {
    let big = "a".repeat(1 << 20);
    let compiled = compile(br"(\pL{20}x)*y", &mut budget()).unwrap();
    assert!(compiled.is_match(big.as_bytes(), &mut budget()).is_err());
    assert!(matches!(compile(br"\pL{1000}", &mut budget()), Err(Refused::Exceeded(_))));
    let deep = format!("{}a{}", "(".repeat(1001), ")".repeat(1001));
    assert!(refusal(deep.as_bytes()).starts_with("expression nests too deeply"));
}

#[test]
fn the_deepest_legal_pattern_compiles() {
    let deep = format!("{}a{}", "((?:b|x".repeat(150), ")*y)+".repeat(150));
    let worker = std::thread::Builder::new().stack_size(64 << 20);
    let handle = worker.spawn(move || drop(build(deep.as_bytes(), &mut budget()).unwrap()));
    handle.unwrap().join().unwrap();
}
