//! What Helm 4.3.1 makes of values, asked of the real binary.

use super::coalesce::{Charter, Nulls, coalesce_values};
use super::options::Options;
use super::{json, set};
use crate::chart::Chart;
use crate::chart::load;
use crate::data::{Frozen, Map, Str, Value};
use crate::error::Result;
use crate::notice::Notices;

fn map(text: &str) -> Map {
    match json::parse(text.as_bytes()).unwrap().to_value() {
        Some(Value::Map(map)) => map,
        other => panic!("{other:?}"),
    }
}

fn same(got: &Map, want: &str) {
    assert!(
        super::show::v(&got.clone().into()) == super::show::v(&map(want).into()),
        "{got:?} is not {want}"
    );
}

fn chart(name: &str, values: &str, subcharts: Vec<Chart>) -> Chart {
    let mut chart =
        Chart { values: Frozen::freeze(&map(values).into()), dependencies: subcharts, ..Chart::default() };
    chart.metadata.name = name.to_owned();
    chart.metadata.version = "1.2.3".to_owned();
    chart
}

fn coalesced(chart: &Chart, user: &str) -> (Result<Map>, Vec<String>) {
    let mut notices = Notices::default();
    let values = coalesce_values(&chart, &map(user), Nulls::Delete, &mut notices);
    (values, notices.0.into_iter().map(|notice| notice.message).collect())
}

#[test]
fn sets_what_strvals_sets() {
    for (text, want) in [
        ("a=1,b=2", r#"{"a":1,"b":2}"#),
        ("a.b.c=x,l[0]=a,l[2]=b", r#"{"a":{"b":{"c":"x"}},"l":["a",null,"b"]}"#),
        ("l={1,x,},e={}", r#"{"l":[1,"x",""],"e":[""]}"#),
        ("a=TRUE,b=Null,c=faLse,d=falſe", r#"{"a":true,"b":null,"c":false,"d":false}"#),
        ("a=0123,b=00,c=0,d=-0,e=+5,f=1.5", r#"{"a":"0123","b":"00","c":0,"d":0,"e":5,"f":"1.5"}"#),
        (r"a\.b=c\,d,e=", r#"{"a.b":"c,d","e":""}"#),
        ("a[0][1]=x,a[0][0]=y,a[1].b=z", r#"{"a":[["y","x"],{"b":"z"}]}"#),
        // The end of the text in an index is no error: the list is there, empty.
        ("a[0]", r#"{"a":[]}"#),
        ("a[0", "{}"),
    ] {
        let values = Map::new();
        set::set(text, &values).unwrap();
        same(&values, want);
    }
}

#[test]
fn refuses_what_strvals_refuses() {
    for (text, why) in [
        ("a", "key \"a\" has no value"),
        ("a,b=1", "key \"a\" has no value (cannot end with ,)"),
        ("a.b.=1", "key map \"b\" has no value"),
        ("a={1,2", "list must terminate with '}'"),
        ("a[-1]=1", "negative -1 index not allowed"),
        ("a[65537]=1", "index of 65537 is greater than maximum supported index of 65536"),
        ("a[x]=1", "error parsing index: strconv.Atoi: parsing \"x\": invalid syntax"),
        ("a[0]xé=1", "unexpected data at end of array index: ['x' 'é']"),
        (
            "n=null,n.b=1",
            "unable to parse key: interface conversion: interface {} is nil, not map[string]interface {}",
        ),
        (
            "s=x,s[0]=1",
            "unable to parse key: interface conversion: interface {} is string, not []interface {}",
        ),
    ] {
        let error = set::set(text, &Map::new()).unwrap_err();
        assert_eq!(error.to_string(), format!("failed parsing --set data: {why}"), "{text}");
    }
    let dots = format!("{}=1", ["a"; 32].join("."));
    let error = set::set(&dots, &Map::new()).unwrap_err().to_string();
    assert!(error.ends_with("value name nested level is greater than maximum supported nested level of 30"));
}

#[test]
fn endless_indices_end() {
    let deep = format!("a{}=1", "[0]".repeat(100_000));
    assert!(set::set(&deep, &Map::new()).unwrap_err().to_string().contains("more than 200 parts"));
    let wide = (0..1000).map(|i| format!("l{i}[65536]=1")).collect::<Vec<_>>().join(",");
    assert!(set::set(&wide, &Map::new()).unwrap_err().to_string().contains("skip more than"));
}

#[test]
fn the_flags_apply_in_helms_order() {
    let options = Options {
        files: vec![
            ("a.yaml".into(), Str::from("a: 1\nt: {x: 1, w: 2}\n---\nt: {w: 3}\n")),
            ("b.yaml".into(), Str::from("b: yes")),
        ],
        set_json: vec![r#"j={"k":1e3},l="#.into(), r#" {"t":{"z":null}}"#.into()],
        set: vec!["a=2,f=set".into()],
        set_string: vec!["n=5".into()],
        set_file: vec!["f=path".into()],
        set_literal: vec![r"q=a,b\c=".into()],
    };
    let values = options.merge(&mut |path| Ok(format!("<{path}>").into())).unwrap();
    same(
        &values,
        r#"{"a":2,"b":true,"f":"<path>","j":{"k":1000},"l":null,"n":"5","q":"a,b\\c=","t":{"w":3,"x":1,"z":null}}"#,
    );
    for (text, why) in [
        (
            "- 1",
            "cannot unmarshal yaml document: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array \
             into Go value of type map[string]interface {}",
        ),
        ("a: 1\n---x\nb: 2\n", "error reading yaml document: invalid Yaml document separator: x"),
    ] {
        let broken = Options { files: vec![("x.yaml".into(), Str::from(text))], ..Options::default() };
        let error = broken.merge(&mut |_| Ok(Str::default())).unwrap_err();
        assert_eq!(error.to_string(), format!("failed to parse x.yaml: {why}"));
    }
    for text in ["a=bad", r#"{"a":"#, "a=1e400"] {
        let error = set::set_json(text, &Map::new()).unwrap_err().to_string();
        assert!(error.starts_with("failed parsing --set-json data"), "{error}");
    }
    assert!(load::values(b"\xef\xbb\xbfa: 1").unwrap().contains("a"));
}

#[test]
fn nulls_go_and_stay_as_in_helm() {
    let c = chart("c", r#"{"a":null,"t":{"n":null,"m":1,"l":[null]},"u":1}"#, vec![]);
    same(&coalesced(&c, "{}").0.unwrap(), r#"{"t":{"m":1,"l":[null]},"u":1}"#);
    // A user's null deletes a default, and survives where there is none or a null.
    same(
        &coalesced(&c, r#"{"t":{"m":null,"n":null,"x":null},"u":null,"v":null}"#).0.unwrap(),
        r#"{"t":{"l":[null],"n":null,"x":null},"v":null}"#,
    );
}

#[test]
fn globals_reach_subcharts_and_leak_back() {
    let (first, second) =
        (chart("s1", r#"{"global":{"t":{"leak":1},"own":2}}"#, vec![]), chart("s2", "{}", vec![]));
    let c = chart("c", r#"{"global":{"t":{"x":1}}}"#, vec![first, second]);
    let (values, notices) = coalesced(&c, "{}");
    same(
        &values.unwrap(),
        r#"{"global":{"t":{"x":1}},"s1":{"global":{"own":2,"t":{"leak":1,"x":1}}},"s2":{"global":{"t":{"x":1}}}}"#,
    );
    assert_eq!(notices, Vec::<String>::new());
}

#[test]
fn mismatches_are_worded_as_helm_words_them() {
    let c = chart("c", r#"{"h":1,"b":{"d":1},"e":{"f":{}}}"#, vec![]);
    let (values, notices) = coalesced(&c, r#"{"h":{},"b":{"d":{"x":1}},"e":{"f":"s"}}"#);
    same(&values.unwrap(), r#"{"h":{},"b":{"d":{"x":1}},"e":{"f":"s"}}"#);
    assert_eq!(
        notices,
        [
            "warning: destination for c.b.d is a table. Ignoring non-table value (1)",
            "warning: cannot overwrite table with non table for c.e.f (map[])",
            "warning: skipped value for c.h: Not a table.",
        ]
    );
    let c = chart("c", "{}", vec![chart("sub", "{}", vec![])]);
    let (values, _) = coalesced(&c, r#"{"sub":"str"}"#);
    assert_eq!(values.unwrap_err().to_string(), "type mismatch on sub: %!t(string=str)");
}

#[test]
fn a_subcharts_values_are_the_parents_table() {
    let c = chart("c", "{}", vec![chart("sub", r#"{"a":1}"#, vec![])]);
    let values = coalesced(&c, "{}").0.unwrap();
    let (Some(Value::Map(once)), Some(Value::Map(again))) = (values.get("sub"), values.get("sub")) else {
        panic!()
    };
    assert!(once.same(&again));
    assert_eq!((&c).subcharts().len(), 1);
}
