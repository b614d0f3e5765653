//! Where the short way answers, the long way says the same.

use proptest::prelude::*;

use super::{Numbers, Value, parse_any, simple};

/// What both ways make of a text, where the short one takes it.
fn both(text: &[u8], numbers: Numbers) -> Option<(String, String)> {
    let short: Value = simple::parse(text, numbers, |_| true)?;
    let long = parse_any(text, numbers).map_err(|error| error.to_string());
    Some((format!("{:?}", Ok::<_, String>(short)), format!("{long:?}")))
}

#[test]
fn usual_documents_go_the_short_way() {
    for text in [
        "",
        "# a comment\n\n  # and one more\n",
        "a: 1\nb:\n  c: true # yes\n  d:\n  - e\n  - f: g\n    h: ~\n  -\n    - i\n  - - j\n    - k\n",
        "- a: {b: c, \"d\": [1, 'two', x/y], e: {}}\n-\n- |-\n  f\n\n   g\n\n- ''\n",
        "a: |\n\n    b\n   \n  \n    c: d # e\nf: |+\n  g\n\n\n# h\ni: |\n  j",
        "a: \"é: #\"\nb: 'x'  # y\nc: http://x:1/#y\nd: -1.5e3\ne: 0x1f\nf: 2001-02-03\ng: a  # b\n",
        "a:\n\n\n# b\n  # c\n  d:\n# e\n",
        "a: |\n# b\n   \n  # c\nd: |-\n\ne:\n  f: |\n  # g\n  h: 1\n  i:\n  - |\n  - j\n",
        "  a: 1\n  b: 2\n  a: 3\n",
        "a: \"b  \\\n   c\\n\\\n  \\  d\\t \n\n\n e \" # f\ng:\n- 'h \n\t i''j  \n'\n- \"\n\"\nk: |\n  \n\n",
        "a: b\n  c  \n   d # e\nf:\n- g\n h\n\n\n  i:j\n- k\n\n  l",
        "a: 1\n 2\nb: c -\n   - d\nc: x\n\n\n # y\n",
        "a: 'it''s'\nb: [\"\\\"\\\\\\n\\t\\r\", '''']\n",
    ] {
        for numbers in [Numbers::Exact, Numbers::Float64] {
            let (short, long) = both(text.as_bytes(), numbers).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(short, long, "{text}");
        }
    }
}

#[test]
fn entries_that_nobody_wants_are_checked_and_left_out() {
    let only_a = |text: &str| {
        simple::parse::<Value>(text.as_bytes(), Numbers::Exact, |key| key == b"a")
            .map(|value| format!("{value:?}"))
    };
    let left = Some("Map({\"a\": Int(1, Int64)})".to_owned());
    assert_eq!(only_a("b:\n  c: [x, {w: z}]\n  d:\n  - |\n    e\na: 1\nf: .5\n"), left);
    for wrong in
        ["a: 1\nb: .inf\n", "a: 1\nb:\n  null: 1\n", "a: 1\nb: [\n", "a: 1\nb: c: d\n", "a: 1\nb: \"\n"]
    {
        assert_eq!(only_a(wrong), None, "{wrong}");
    }
}

/// Lines with everything that the short way takes, and much that it does not.
const LINES: &str = "\
    a:^b:^a: 1^b: x^- a^-^- ^- b: 1^- - c^- b:^-  b:^^ ^# c^a: #c^a: b #c^a: |^a: |-^a: |+^- |^- |+^\
    a: >^a: []^a: {}^a: [b, 'c', \"d\"]^a: {b: c, d: [1]}^a: {b: 1,^a: 'x'^a: \"y\"^'a': 1^\"b\": 2^\
    \"b\":^a: \"x\" #^a: 'x''y'^a: ~^a: null^a: y^y: 1^1: 2^null: 1^<<: 1^a: &x 1^a: *x^a: !t 1^---^...^\
    a: -1^a: - 1^a: .inf^a: -.inf^a: 1e3^a: 0o7^a: 18446744073709551615^a: b: c^a : b^a:b^a: b:^a: 'b^\
    a: \"b^text^text more^a:\t1^\ta: 1^a: x\ty^a: x\t^? a^: b^a: é^é: 1^a: \u{85}^a: x\u{2028}^a: @^\
    a: %^% a^a: [^a: ]^a: [a: b]^a: {a}^a: [,]^a: [a,]^a: [a]x^a: {a: b}: c^[a]: b^- {a: b}^- [a]^\
    - 'a': 1^- 'a'^- a: 'b'^- #^-#^-a^- -^-- a^a: x #^a: x#y^a: #^a: \\n^a: \"\\n\"^\r^a: 1\r^\
    a.b/c-d: 1^a: 2001-01-01^a: [2001-01-01, .5, -1]^a: [y, ~]^a: {y: 1}^a: {a: , b: c}^a: {'b':c}^\
    a: :8080^a: ::^a: \"\\\"\\\\\"^a: \"\\x41\"^a: \"b\\^a: \'\'\'\'^a: \'b\'\'^- [\'\'\'\', \"\\n\"]^a: \"\\t\" \"^a: [_b, /c, -, -d]^--- a^---\ta^\
    text\"^text' # b^ \\ text \\^\\n \"^' '^a: \"b \\^- \"b \\t^a: 'b  ^- 'b^a: \"\\ ^ \t\"^a: ''b'^...\"^-\"^# text^a: |+^";

fn line() -> impl Strategy<Value = String> {
    let fragment = prop::sample::select(LINES.split('^').collect::<Vec<_>>());
    (0..6_usize, fragment).prop_map(|(indent, text)| format!("{}{text}", " ".repeat(indent)))
}

proptest! {
    #[test]
    fn both_ways_agree(lines in prop::collection::vec(line(), 0..7), end in any::<bool>(), even in any::<bool>()) {
        let mut text = lines.join("\n");
        if even {
            // Most texts of steps at random are refused at once.
            text = text.replace("     ", "  ").replace("   ", "  ");
        }
        if end {
            text.push('\n');
        }
        for numbers in [Numbers::Exact, Numbers::Float64] {
            if let Some((short, long)) = both(text.as_bytes(), numbers) {
                prop_assert_eq!(short, long, "{:?}", text);
            }
        }
    }
}
