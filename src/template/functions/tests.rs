//! Holds every row of the table to its cases.

use super::*;
use crate::data::{Map, Value};
use crate::template::ast::Source;
use crate::template::budget::Limits;
use crate::template::exec::{Environment, Executor};
use crate::template::parser::{Scratch, parse};
use crate::template::set::Set;

/// What the template prints, or `!` and the error's text.
fn run(text: &str, limits: Limits) -> String {
    let source = Source { name: "t".into(), text: text.into() };
    let mut set = Set::default();
    match parse(source, &mut Scratch::default()) {
        Ok(templates) => set.add(templates),
        Err(error) => return format!("!{error}"),
    }
    let mut environment = Environment::still(limits);
    let mut out = Vec::new();
    let data = Value::Map(Map::new());
    let template = set.get(b"t").cloned().unwrap();
    match Executor::new(&set, &mut environment).execute(&template, &data, &mut out) {
        Ok(()) => String::from_utf8_lossy(&out).into_owned(),
        Err(error) => format!("!{error}"),
    }
}

#[test]
fn every_case_holds() {
    let mut wrong = Vec::new();
    for function in GROUPS.iter().flat_map(|group| group.functions) {
        for (template, expected) in function.cases {
            let got = run(template, Limits::default());
            let holds = match expected.strip_prefix('!') {
                Some(error) => got.starts_with('!') && got.ends_with(error),
                None => got == *expected,
            };
            if !holds {
                wrong.push(format!("{}: {template}\n  wanted {expected:?}\n  got    {got:?}", function.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whatever a template asks for, the budget answers before memory or time do.
#[test]
fn sizes_that_a_template_chooses_are_bounded() {
    for template in [
        "{{ repeat 9223372036854775807 `ab` }}",
        "{{ indent 9223372036854775807 `a` }}",
        "{{ nindent 100000000 `a\n\n\n` }}",
        "{{ until 9223372036854775807 }}",
        "{{ untilStep -9223372036854775808 9223372036854775807 1 }}",
        "{{ seq 1 1000000000 }}",
        "{{ $s := repeat 1000000 `a` }}{{ replace `` $s $s }}",
        "{{ $s := repeat 1000000 `a` }}{{ regexReplaceAll `a` $s $s }}",
        "{{ $s := repeat 1000000 `a ` }}{{ wrapWith 1 $s $s }}",
        "{{ $s := repeat 4000000 `a,` }}{{ splitList `,` $s | len }}",
        "{{ $s := repeat 4000000 `a,` }}{{ regexSplit `,` $s -1 | len }}",
        "{{ $s := repeat 400000 `a` }}{{ regexFindAll `a(?s:.)*b|a` $s -1 | len }}",
        "{{ $l := list 1 }}{{ range until 60 }}{{ $l = concat $l $l }}{{ end }}",
        "{{ $l := list 1 }}{{ range until 60 }}{{ $l = list $l $l }}{{ end }}{{ toString $l }}",
        "{{ $l := list 1 }}{{ range until 60 }}{{ $l = list $l $l }}{{ end }}{{ deepCopy $l }}",
        "{{ $d := dict }}{{ $_ := set $d `a` $d }}{{ deepCopy $d }}",
        "{{ $d := dict }}{{ $_ := set $d `a` $d }}{{ $e := dict }}{{ $_ := set $e `a` $e }}{{ merge $d $e }}",
        "{{ mulf 1e300 1e300 1e300 | print }}{{ range until 1000000 }}{{ divf 1e-300 1e300 7 }}{{ end }}",
    ] {
        let limits = Limits { steps: 2_000_000, ..Limits::default() };
        let worker = std::thread::Builder::new().stack_size(256 << 20);
        let got = worker.spawn(move || run(template, limits)).unwrap().join().unwrap();
        assert!(got.contains("rendering stopped: more than"), "{template}: {got:.200}");
    }
}

/// Shared and cyclic values that are equal compare in the time their parts take.
#[test]
fn shared_values_compare_once() {
    let doubled = "{{ $a := list 1 }}{{ $b := list 1 }}{{ range until 60 }}{{ $a = list $a $a }}{{ $b = list $b $b }}{{ end }}";
    assert_eq!(run(&format!("{doubled}{{{{ deepEqual $a $b }}}}"), Limits::default()), "true");
    let cycles = "{{ $a := dict }}{{ $_ := set $a `a` $a }}{{ $b := dict }}{{ $_ := set $b `a` $b }}";
    assert_eq!(run(&format!("{cycles}{{{{ deepEqual $a $b }}}}"), Limits::default()), "true");
}

#[test]
fn random_texts_and_keys_ask_the_budget_first() {
    for template in
        ["{{ randAlphaNum 1000000000 }}", "{{ randBytes 1000000000 }}", "{{ randAscii 99999999999 }}"]
    {
        assert!(
            run(template, Limits::default()).contains("more than 16777216 bytes in one string"),
            "{template}"
        );
    }
    let few = Limits { expensive: 2, ..Limits::default() };
    let error = run(r#"{{ range list 1 2 3 }}{{ genPrivateKey "ed25519" }}{{ end }}"#, few);
    assert!(error.contains("more than 2 calls that make keys"), "{error}");
}
