//! What fmt prints; the expected texts are those of the real Helm.

use std::any::Any;
use std::rc::Rc;

use super::*;
use crate::data::{IntKind, Kind, List, Map, Object};

fn printf(format: &str, args: &[Value]) -> String {
    let mut budget = Budget::new(Limits::default());
    String::from_utf8(sprintf(&mut budget, format.as_bytes(), args).unwrap()).unwrap()
}

fn each(cases: &[(&str, &Value, &str)]) {
    for (format, value, text) in cases {
        assert_eq!(printf(format, &[(*value).clone()]), *text, "{format} of {value:?}");
    }
}

fn mixed() -> Value {
    Value::List(List::new(vec![Value::int(1), "a".into(), Value::Nil, Value::Float(2.5), true.into()]))
}

fn map() -> Value {
    let list = Value::List(List::strings(["x", "y"]));
    Value::Map(
        [(Str::from("b"), Value::int(1)), ("a".into(), list), ("c".into(), Value::Nil)].into_iter().collect(),
    )
}

#[test]
fn integers_and_booleans() {
    let (five, minus) = (&Value::int(5), &Value::int(-7));
    each(&[
        ("%5d|", five, "    5|"),
        ("%-5d|", five, "5    |"),
        ("%05d", minus, "-0007"),
        ("%-05d|", minus, "-7   |"),
        ("%+.3d", five, "+005"),
        ("% d", five, " 5"),
        ("%.0d|", &Value::int(0), "|"),
        ("%b", five, "101"),
        ("%#b", five, "0b101"),
        ("%o", &Value::int(8), "10"),
        ("%#o", &Value::int(8), "010"),
        ("%O", &Value::int(8), "0o10"),
        ("%#X", &Value::int(255), "0XFF"),
        ("%c", &Value::int(0x263a), "☺"),
        ("%q", &Value::int(0x263a), "'☺'"),
        ("%+q", &Value::int(0x263a), "'\\u263a'"),
        ("%#U", &Value::int(0x263a), "U+263A '☺'"),
        ("%U", &Value::int(-1), "U+FFFFFFFFFFFFFFFF"),
        ("%c", &Value::int(1_114_112), "\u{fffd}"),
        ("%d", &Value::int64(i64::MIN), "-9223372036854775808"),
        ("%t", &true.into(), "true"),
        ("%6v|", &true.into(), "  true|"),
        ("%d", &true.into(), "%!d(bool=true)"),
        ("%s", five, "%!s(int=5)"),
    ]);
}

#[test]
fn floats() {
    each(&[
        ("%v", &Value::Float(1e6), "1e+06"),
        ("%v", &Value::Float(20_971_520.0), "2.097152e+07"),
        ("%d", &Value::Float(5.0), "%!d(float64=5)"),
        ("%.0f", &Value::Float(2.5), "2"),
        ("%.1f", &Value::Float(0.25), "0.2"),
        ("%8.3f|", &Value::Float(1.5), "   1.500|"),
        ("%+08.2f", &Value::Float(1.5), "+0001.50"),
        ("%e", &Value::Float(-1_234_567.891), "-1.234568e+06"),
        ("%.0e", &Value::Float(25.0), "2e+01"),
        ("%G", &Value::Float(1e-300), "1E-300"),
        ("%.3g", &Value::Float(123_456.0), "1.23e+05"),
        ("%#g", &Value::Float(1.5), "1.50000"),
        ("%#.0f", &Value::Float(25.0), "25."),
        ("%b", &Value::Float(1.0), "4503599627370496p-52"),
        ("%x", &Value::Float(1.5), "0x1.8p+00"),
        ("%.1x", &Value::Float(5e-324), "0x1.0p-1074"),
        ("%05v", &Value::Float(f64::NEG_INFINITY), " -Inf"),
        ("%v", &Value::Float(f64::INFINITY), "+Inf"),
        ("%+v", &Value::Float(f64::NAN), "NaN"),
        ("%+f", &Value::Float(f64::NAN), "+NaN"),
        ("%v", &Value::Complex(1.0, -2.0), "(1-2i)"),
        ("%.1f", &Value::Complex(1.0, 2.0), "(1.0+2.0i)"),
    ]);
    assert_eq!(printf("%.2000f", &[Value::Float(0.5)]).len(), 2002);
    assert_eq!(printf("%.100000e", &[Value::Float(0.5)]).len(), 100_006);
}

#[test]
fn strings_and_bytes() {
    let (text, bytes) = (&Value::str("héllo☺"), &Value::Bytes((&b"hi\x01"[..]).into()));
    each(&[
        ("%8s|", text, "  héllo☺|"),
        ("%-8s|", text, "héllo☺  |"),
        ("%.2s", text, "hé"),
        ("%q", text, "\"héllo☺\""),
        ("%#q", text, "`héllo☺`"),
        ("%+q", text, r#""h\u00e9llo\u263a""#),
        ("% #x", &"hi".into(), "0x68 0x69"),
        ("%X", &"hi".into(), "6869"),
        ("%#v", &"a\"b".into(), "\"a\\\"b\""),
        ("%d", &"a".into(), "%!d(string=a)"),
        ("%v", bytes, "[104 105 1]"),
        ("%s", &Value::Bytes((&b"hi"[..]).into()), "hi"),
        ("%x", bytes, "686901"),
        ("%#v", bytes, "[]byte{0x68, 0x69, 0x1}"),
        ("%t", &Value::Bytes((&b"h"[..]).into()), "[%!t(uint8=104)]"),
        ("%T", bytes, "[]uint8"),
    ]);
    let mut budget = Budget::new(Limits::default());
    let invalid = Value::Str((&b"\xff"[..]).into());
    assert_eq!(sprintf(&mut budget, b"%s\xfe", &[invalid]).unwrap(), b"\xff\xfe");
}

#[test]
fn containers() {
    each(&[
        ("%v", &mixed(), "[1 a <nil> 2.5 true]"),
        ("%d", &mixed(), "[1 %!d(string=a) <nil> %!d(float64=2.5) %!d(bool=true)]"),
        ("%#v", &mixed(), "[]interface {}{1, \"a\", interface {}(nil), 2.5, true}"),
        ("%3v", &Value::List(List::strings(["p", "q r"])), "[  p q r]"),
        ("%q", &Value::List(List::strings(["p", "q r"])), "[\"p\" \"q r\"]"),
        ("%v", &map(), "map[a:[x y] b:1 c:<nil>]"),
        (
            "%#v",
            &map(),
            "map[string]interface {}{\"a\":[]string{\"x\", \"y\"}, \"b\":1, \"c\":interface {}(nil)}",
        ),
        ("%v", &Value::Map(Map::nil(&crate::data::map::MAP_ANY)), "map[]"),
        ("%#v", &Value::Map(Map::nil(&crate::data::map::MAP_ANY)), "map[string]interface {}(nil)"),
        ("%w", &map(), "%!w(map[string]interface {}=map[a:[x y] b:1 c:<nil>])"),
        ("%v %T", &Value::Nil, "<nil> %!T(MISSING)"),
        ("%s", &Value::Nil, "%!s(<nil>)"),
    ]);
}

#[test]
fn times_print_as_words() {
    let duration = |n| Value::Int(n, IntKind::Duration);
    each(&[
        ("%v", &duration(5_400_000_000_000), "1h30m0s"),
        ("%s", &duration(0), "0s"),
        ("%v", &duration(-1_500_000), "-1.5ms"),
        ("%v", &duration(1_000_000_001), "1.000000001s"),
        ("%v", &duration(999), "999ns"),
        ("%v", &duration(1_100), "1.1µs"),
        ("%v", &duration(i64::MIN), "-2562047h47m16.854775808s"),
        ("%d", &duration(5), "5"),
        ("%t", &duration(5), "%!t(time.Duration=5)"),
        ("%v", &Value::Int(12, IntKind::Month), "December"),
        ("%v", &Value::Int(13, IntKind::Month), "%!Month(13)"),
        ("%v", &Value::Int(0, IntKind::Weekday), "Sunday"),
    ]);
}

#[derive(Debug)]
struct Pair(Kind, Option<&'static str>);

impl Object for Pair {
    fn type_name(&self) -> &'static str {
        if self.0 == Kind::Ptr { "*p.Pair" } else { "p.Pair" }
    }
    fn kind(&self) -> Kind {
        self.0
    }
    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![("A", Value::int(1)), ("B", "x".into())]
    }
    fn display(&self) -> Option<Str> {
        self.1.map(Str::from)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[test]
fn structs_and_pointers() {
    let object = |kind, text| Value::Object(Rc::new(Pair(kind, text)) as Rc<dyn Object>);
    each(&[
        ("%v", &object(Kind::Struct, None), "{1 x}"),
        ("%+v", &object(Kind::Struct, None), "{A:1 B:x}"),
        ("%#v", &object(Kind::Ptr, None), "&p.Pair{A:1, B:\"x\"}"),
        ("%v", &object(Kind::Ptr, None), "&{1 x}"),
        ("%v", &object(Kind::Ptr, Some("v1")), "v1"),
        ("%q", &object(Kind::Ptr, Some("v1")), "\"v1\""),
        ("%d", &object(Kind::Struct, Some("v1")), "{1 %!d(string=x)}"),
        ("%t", &Value::int(1), "%!t(int=1)"),
        ("%p", &object(Kind::Struct, None), "%!p(p.Pair={1 x})"),
    ]);
}

#[test]
fn directives() {
    let args = [
        Value::int(3),
        Value::int(2),
        "xyz".into(),
        Value::Float(3.25),
        Value::int(-4),
        Value::int(2_000_000),
    ];
    for (format, text) in [
        ("%[2]d %[1]d", "2 3"),
        ("%[5]*[1]d|", "3   |"),
        ("%.[2]*[4]f", "3.25"),
        ("%[6]*[1]d", "%!(BADWIDTH)3"),
        ("%.[5]*d", "%!(BADPREC)2000000"),
        ("%[7]d", "%!d(BADINDEX)"),
        ("%[x]d", "%!d(BADINDEX)"),
        ("%[1]2d", "%!d(BADINDEX)"),
        ("%[1]% %[3]s", "% xyz"),
        ("%[1]", "%!(NOVERB)"),
        ("%[1]d%.", "3%!.(int=2)"),
        ("%[1]!", "%!!(int=3)"),
        ("%[1]é", "%!é(int=3)"),
        ("%d %d %s %v %d %d %d", "3 2 xyz 3.25 -4 2000000 %!d(MISSING)"),
        ("%d", "3%!(EXTRA int=2, string=xyz, float64=3.25, int=-4, int=2000000)"),
    ] {
        assert_eq!(printf(format, &args), text, "{format}");
    }
    assert_eq!(printf("%d", &[]), "%!d(MISSING)");
    assert_eq!(printf("x", &[Value::Nil]), "x%!(EXTRA <nil>)");
}

#[test]
fn print_and_println_part_their_operands() {
    let mut budget = Budget::new(Limits::default());
    let args = [Value::int(1), Value::int(2), "a".into(), "b".into(), Value::int(3), Value::Nil, true.into()];
    assert_eq!(sprint(&mut budget, &args).unwrap(), b"1 2ab3 <nil> true");
    assert_eq!(sprintln(&mut budget, &args).unwrap(), b"1 2 a b 3 <nil> true\n");
    assert_eq!(sprint(&mut budget, &[]).unwrap(), b"");
}

#[test]
fn endless_values_and_outputs_end_in_an_error() {
    let ends = || {
        let mut out = Vec::new();
        let cyclic = Map::new();
        cyclic.insert("a", Value::Map(cyclic.clone()));
        assert!(matches!(print_value(&mut out, &Value::Map(cyclic.clone())), Err(Exceeded::Limit(..))));
        cyclic.insert("b", Value::Map(cyclic.clone()));
        assert!(print_value(&mut out, &Value::Map(cyclic.clone())).is_err());
        cyclic.remove("a");
        cyclic.remove("b");
        let mut shared = Value::int(1);
        for _ in 0..40 {
            shared = Value::List(List::new(vec![shared.clone(), shared]));
        }
        assert!(print_value(&mut out, &shared).is_err());
    };
    std::thread::Builder::new().stack_size(256 << 20).spawn(ends).unwrap().join().unwrap();
    let mut budget = Budget::new(Limits::default());
    let wide = "%9999999d".repeat(3);
    let fails = sprintf(&mut budget, wide.as_bytes(), &[Value::int(1), Value::int(1), Value::int(1)]);
    assert!(matches!(fails, Err(FuncError::Exceeded(Exceeded::Limit("bytes in one string", _)))));
}

proptest::proptest! {
    #[test]
    fn any_format_ends(format in r"(%[-+# 0]*(\[?[0-9*x]{0,4}\]?)?(\.[0-9*]{0,3})?[a-zA-Z%é!]|.){0,8}") {
        let _ = printf(&format, &[Value::Float(-1.5), Value::int(7), mixed(), map(), "é".into(), Value::Nil]);
    }
}
