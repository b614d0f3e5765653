//! What the parser makes of templates; messages are those of the real Helm.

use super::*;
use crate::data::{Signature, Ty, Value};

macro_rules! function {
    ($name:literal) => {
        Function {
            name: $name,
            signature: Signature { params: &[Ty::Any], variadic: true },
            help: "",
            cases: &[],
            call: |_, _| Ok(Value::Nil),
        }
    };
}

/// Some of Go's own functions, so that these tests need no others.
static TABLE: [Function; 3] = [function!("print"), function!("printf"), function!("html")];

fn table(name: &[u8]) -> Option<&'static Function> {
    TABLE.iter().find(|function| function.name.as_bytes() == name)
}

fn parse_text(text: impl AsRef<[u8]>) -> Result<Vec<Template>> {
    let source = Source { name: "f".into(), text: text.as_ref().into() };
    parse_with(source, table, &mut Scratch::default())
}

fn shown(text: &str) -> String {
    match parse_text(text) {
        Ok(templates) => templates
            .iter()
            .map(|template| {
                let tree = &template.tree;
                let nodes = tree.run(template.root).iter().map(|node| node.shown(tree).to_string());
                let nodes: Vec<String> = nodes.collect();
                format!("{}={}", template.name, nodes.concat())
            })
            .collect::<Vec<_>>()
            .join(";"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn nodes_show_as_go_writes_them() {
    for (text, nodes) in [
        ("a {{- 1 -}}  b\n{{/* c */ -}}\n d", "f=a{{1}}b\nd"),
        (
            "{{ .a.b $.c ( .d|html ).e `x` \"y\" 'z' nil true . }}",
            "f={{.a.b $.c (.d | html).e `x` \"y\" 'z' nil true .}}",
        ),
        ("{{$x:=1}}{{ $x =0x1F }}{{print  $x}}", "f={{$x := 1}}{{$x = 0x1F}}{{print $x}}"),
        (
            "{{if .a}}1{{else if .b}}2{{else}}3{{end}}",
            "f={{if .a}}1{{else}}{{if .b}}2{{else}}3{{end}}{{end}}",
        ),
        ("{{with .a}}1{{else with .b}}2{{end}}", "f={{with .a}}1{{else}}{{with .b}}2{{end}}{{end}}"),
        (
            "{{range $k,$v:=.a}}{{break}}{{continue}}{{else}}0{{end}}",
            "f={{range $k, $v := .a}}{{break}}{{continue}}{{else}}0{{end}}",
        ),
        ("x{{define `a`}}1{{end}}{{block \"b\" .}}2{{end}}", "f=x{{template \"b\" .}};a=1;b=2"),
        ("{{template \"a\"}}{{template `é` (print 1)}}", "f={{template \"a\"}}{{template \"é\" (print 1)}}"),
        ("{{print.x (print 1)}}{{(1)}}", "f={{print.x (print 1)}}{{(1)}}"),
    ] {
        assert_eq!(shown(text), nodes);
    }
}

#[test]
fn a_definition_of_blanks_gives_way() {
    let both = "{{define \"a\"}} {{/* c */}}\u{a0}\n{{end}}{{define \"a\"}}y{{end}}{{define \"a\"}}{{end}}";
    assert_eq!(shown(both), "f=;a=y");
    assert_eq!(shown("{{define \"f\"}}y{{end}} \n"), "f=y");
    assert_eq!(shown("{{define \"f\"}} {{end}}z"), "f=z");
}

#[test]
fn messages_and_lines_are_gos() {
    for (text, message) in [
        ("{{ nope }}", "1: function \"nope\" not defined"),
        ("\n{{ $x }}", "2: undefined variable \"$x\""),
        ("{{if $x := 1}}{{end}}{{$x}}", "1: undefined variable \"$x\""),
        ("{{ if 1 }}\n\n", "3: unexpected EOF"),
        ("{{ .x\n .y \"\n", "2: unterminated quoted string in action started at f:1"),
        ("{{\n\n (", "3: unclosed action started at f:1"),
        ("{{ (1 }}", "1: unclosed left paren"),
        ("{{ 1) }}", "1: unexpected right paren"),
        ("{{ ☺ }}", "1: unrecognized character in action: U+263A '☺'"),
        ("{{ .x% }}", "1: bad character U+0025 '%'"),
        ("{{ 1+2 }}", "1: bad number syntax: \"1+2\""),
        ("{{/* a", "1: unclosed comment"),
        ("{{/* a */ }}", "1: comment ends before closing delimiter"),
        ("{{ /* a */}}", "1: unexpected \"/\" in command"),
        ("{{ template abcdefghijklmnop }}", "1: unexpected \"abcdefghij\"... in template clause"),
        ("{{ if 1 }}{{ define \"y\" }}{{end}}{{end}}", "1: unexpected <define> in command"),
        ("{{if 1}}{{else}}{{else}}{{end}}", "1: expected end; found {{else}}"),
        ("{{if 1}}{{else with 3}}{{end}}", "1: unexpected <with> in input"),
        ("{{\"a\".x}}", "1: unexpected . after term \"\\\"a\\\"\""),
        ("{{1 | 2}}", "1: non executable command in pipeline stage 2"),
        ("{{ template .abc.def }}", "1: unexpected \".abc\" in template clause"),
        ("{{ template .abc.def% }}", "1: unexpected \".abc\" in template clause"),
        ("{{ .a.b% }}", "1: bad character U+0025 '%'"),
        ("{{ .a. }}", "1: unexpected <.> in operand"),
        ("{{ .a.0 }}", "1: unexpected \".0\" in operand"),
        ("{{ nil.a.b }}", "1: unexpected . after term \"nil\""),
        ("{{ (\n-}}", "1: unclosed left paren"),
        ("{{ (1\n\n-}}", "2: unclosed left paren in action started at f:1"),
        ("{{ true.x\n-}}", "2: unexpected . after term \"true\""),
        ("{{ true.x\n\n-}}", "1: unexpected . after term \"true\""),
        ("{{ true.x\n y }}", "1: unexpected . after term \"true\""),
        ("{{if}}{{end}}", "1: missing value for if"),
        ("{{()}}", "1: missing value for parenthesized pipeline"),
        ("{{print | | print}}", "1: unexpected \"|\" in command"),
        ("{{ $i, $j := 3 }}", "1: too many declarations in command"),
        ("{{ range $i, 3 := .x }}{{end}}", "1: range can only initialize variables"),
        ("{{range .}}{{block \"a\" .}}{{break}}{{end}}{{end}}", "1: {{break}} outside {{range}}"),
        ("{{end}}", "1: unexpected {{end}}"),
        ("{{block \"a\" .}}\n{{else}}{{end}}", "1: unexpected {{else}} in block clause"),
        ("{{ \"a\\qb\" }}", "1: invalid syntax"),
        ("{{ 'ab' }}", "1: malformed character constant: 'ab'"),
        (
            "{{define \"a\"}}x{{end}}\n{{define \"a\"}}y{{end}}",
            "2: template: multiple definition of template \"a\"",
        ),
    ] {
        assert_eq!(shown(text), format!("template: f:{message}"));
    }
}

#[test]
fn positions_are_gos() {
    let templates = parse_text("x\n {{ .a.b | print (1) }}{{ template \"t\" }}").unwrap();
    let tree = &templates[0].tree;
    let [_, action @ Node::Action(pipe), call] = tree.run(templates[0].root) else { panic!("{templates:?}") };
    let column = |pos| templates[0].place(pos).to_string();
    let arg = |command: usize, arg: usize| {
        let command = tree.run(tree.part(*pipe).cmds)[command];
        column(tree.run(command.args)[arg].pos(tree))
    };
    assert_eq!(column(action.pos(tree)), "f:2:4");
    assert_eq!(arg(0, 0), "f:2:6");
    assert_eq!(arg(1, 1), "f:2:18");
    assert_eq!(column(call.pos(tree)), "f:2:35");
    assert_eq!(templates[0].place(0).to_string(), "f:1:0");
}

#[test]
fn hostile_nesting_ends_in_an_error() {
    let run = || {
        for (open, close) in
            [("{{if 1}}", "{{end}}"), ("{{block \"a\" .}}", "{{end}}"), ("{{else if 1}}", "")]
        {
            let deep = |n: usize| format!("{{{{if 1}}}}{}{}{{{{end}}}}", open.repeat(n), close.repeat(n));
            assert_eq!(shown(&deep(100_000)), "template: f:1: blocks nest deeper than 1000");
            if !open.contains("block") {
                assert!(parse_text(deep(999)).is_ok());
            }
        }
        let parens = |n: usize| format!("{{{{{}1{}}}}}", "(".repeat(n), ")".repeat(n));
        assert_eq!(shown(&parens(100_000)), "template: f:1: max expression depth exceeded");
        assert!(parse_text(parens(1_000)).is_ok());
        let long = format!("{{{{print{}}}}}", "|print".repeat(100_001));
        assert_eq!(shown(&long), "template: f:1: pipeline too long");
    };
    std::thread::Builder::new().stack_size(64 << 20).spawn(run).unwrap().join().unwrap();
}

proptest::proptest! {
    #[test]
    fn any_bytes_end_in_templates_or_an_error(text in r#"(\{\{-? ?|-?\}\}|[a-z.$()|:=,'"`0-9+_ \n\\é-]|if |else |end|range |define "a"|/\*|\*/|.){0,60}"#) {
        let _ = parse_text(&text);
        let _ = parse_text(text.bytes().map(|b| b ^ 0x80).collect::<Vec<_>>());
    }
}
