//! Any value under any verb: fmt's printArg and printValue.

use super::number::Integer;
use super::{MAX_DEPTH, Printer};
use crate::data::time::named;
use crate::data::{Kind, List, Map, Object, Str, Ty, UintKind, Value};
use crate::template::budget::Exceeded;

impl Printer<'_> {
    /// An argument of print or printf.
    pub(super) fn arg(&mut self, value: &Value, verb: char) {
        match (value, verb) {
            (Value::Nil, 'T' | 'v') => self.pad("<nil>"),
            (Value::Nil, _) => self.bad_verb(value, verb),
            (_, 'T') => {
                self.string(value.type_name().as_bytes(), 's');
            }
            (Value::Map(_) | Value::List(_) | Value::Bytes(_), 'p') => {
                self.hex_0x(address(value), !self.flags.sharp)
            }
            (Value::Object(object), 'p') if object.kind() == Kind::Ptr => {
                self.hex_0x(address(value), !self.flags.sharp);
            }
            (_, 'p') => self.bad_verb(value, verb),
            (Value::Bytes(bytes), _) => {
                if !self.bytes(bytes.as_bytes(), verb, "[]byte") {
                    self.value(value, verb, 0);
                }
            }
            _ => self.value(value, verb, 0),
        }
    }

    /// A value, `depth` levels inside an argument.
    fn value(&mut self, value: &Value, verb: char, depth: usize) {
        if depth > MAX_DEPTH {
            let limit = Exceeded::Limit("levels of nesting in a printed value", MAX_DEPTH as u64);
            self.exceeded.get_or_insert(limit);
        }
        if self.exceeded.is_some() {
            return;
        }
        // %w is for errors only, and Go looks at it before it takes a value apart.
        let composite = matches!(value, Value::List(_) | Value::Map(_) | Value::Object(_));
        if verb == 'w' && composite && !self.erroring {
            return self.bad_verb(value, verb);
        }
        if let Some(text) = self.method_text(value, verb) {
            self.string(text.as_bytes(), verb);
            return;
        }
        let known = match value {
            Value::Nil => {
                self.write(if self.flags.sharp_v { "interface {}(nil)" } else { "<nil>" });
                true
            }
            Value::Bool(b) => {
                let known = matches!(verb, 't' | 'v');
                if known {
                    self.pad(if *b { "true" } else { "false" });
                }
                known
            }
            Value::Int(n, _) => self.integer(Integer { bits: n.cast_unsigned(), signed: true }, verb),
            Value::Uint(n, _) => self.integer(Integer { bits: *n, signed: false }, verb),
            Value::Float(n) => self.float(*n, verb),
            Value::Complex(re, im) => self.complex(*re, *im, verb),
            Value::Str(text) => self.string(text.as_bytes(), verb),
            Value::Bytes(bytes) => {
                if !self.bytes(bytes.as_bytes(), verb, value.type_name()) {
                    self.each_byte(bytes, verb, depth);
                }
                true
            }
            Value::List(list) => {
                self.list(list, verb, depth);
                true
            }
            Value::Map(map) => {
                self.map(map, verb, depth);
                true
            }
            Value::Object(object) => self.object(value, object.as_ref(), verb, depth),
        };
        if !known {
            self.bad_verb(value, verb);
        }
    }

    /// The text of a value that has a String or Error method, where the verb
    /// takes text and no error is being reported.
    fn method_text(&self, value: &Value, verb: char) -> Option<Str> {
        if self.erroring || self.flags.sharp_v || !matches!(verb, 'v' | 's' | 'x' | 'X' | 'q') {
            return None;
        }
        match value {
            Value::Int(n, kind) => named::text(*n, *kind).map(Str::from),
            Value::Object(object) => object.display(),
            _ => None,
        }
    }

    /// `%!verb(type=value)`
    fn bad_verb(&mut self, value: &Value, verb: char) {
        self.erroring = true;
        self.write("%!");
        self.write_char(verb);
        self.write("(");
        if value.is_nil() {
            self.write("<nil>");
        } else {
            self.write(value.type_name());
            self.write("=");
            self.arg(value, 'v');
        }
        self.write(")");
        self.erroring = false;
    }

    fn list(&mut self, list: &List, verb: char, depth: usize) {
        // An element that is an interface counts as a level of its own in Go;
        // that only matters for pointers, which are never at the top here.
        let sharp = self.flags.sharp_v;
        if sharp {
            self.write(list.ty().name);
            if list.is_nil() {
                return self.write("(nil)");
            }
        }
        if list.ty().elem == Ty::Uint8 && matches!(verb, 's' | 'q' | 'x' | 'X') {
            let bytes: Vec<u8> = list.items().iter().filter_map(byte).collect();
            self.string(&bytes, verb);
            return;
        }
        self.write(if sharp { "{" } else { "[" });
        for (i, item) in list.items().iter().enumerate() {
            self.separator(i);
            self.value(item, verb, depth + 1);
            if self.exceeded.is_some() {
                return;
            }
        }
        self.write(if sharp { "}" } else { "]" });
    }

    fn each_byte(&mut self, bytes: &Str, verb: char, depth: usize) {
        let sharp = self.flags.sharp_v;
        self.write(if sharp { "[]uint8{" } else { "[" });
        for (i, byte) in bytes.as_bytes().iter().enumerate() {
            self.separator(i);
            self.value(&Value::Uint(u64::from(*byte), UintKind::Uint8), verb, depth + 1);
        }
        self.write(if sharp { "}" } else { "]" });
    }

    fn map(&mut self, map: &Map, verb: char, depth: usize) {
        let sharp = self.flags.sharp_v;
        if sharp {
            self.write(map.ty().name);
            if map.is_nil() {
                return self.write("(nil)");
            }
        }
        self.write(if sharp { "{" } else { "map[" });
        map.with(|entries| {
            for (i, (key, item)) in entries.iter().enumerate() {
                self.separator(i);
                if !self.string(key.as_bytes(), verb) {
                    self.bad_verb(&Value::Str(key.clone()), verb);
                }
                self.write(":");
                self.value(item, verb, depth + 1);
                if self.exceeded.is_some() {
                    return;
                }
            }
        });
        self.write(if sharp { "}" } else { "]" });
    }

    /// A struct's fields between braces; a pointer to one with `&` before, or as
    /// an address where it is inside something.
    fn object(&mut self, value: &Value, object: &dyn Object, verb: char, depth: usize) -> bool {
        if object.kind() == Kind::Ptr {
            if depth > 0 {
                return self.pointer(address(value), verb);
            }
            self.write("&");
        }
        let sharp = self.flags.sharp_v;
        if sharp {
            self.write(object.type_name().trim_start_matches('*'));
        }
        self.write("{");
        for (i, (name, field)) in object.fields().into_iter().enumerate() {
            self.separator(i);
            if sharp || self.flags.plus_v {
                self.write(name);
                self.write(":");
            }
            self.value(&field, verb, depth + 1);
        }
        self.write("}");
        true
    }

    fn separator(&mut self, i: usize) {
        if i > 0 {
            self.write(if self.flags.sharp_v { ", " } else { " " });
        }
    }

    /// An address. Go's differ from run to run; these say only that there is one.
    /// False where the verb is none for it.
    fn pointer(&mut self, address: u64, verb: char) -> bool {
        match verb {
            'v' | 'p' => self.hex_0x(address, !self.flags.sharp),
            'b' | 'o' | 'd' | 'x' | 'X' => {
                self.integer(Integer { bits: address, signed: false }, verb);
            }
            _ => return false,
        }
        true
    }
}

fn byte(value: &Value) -> Option<u8> {
    match value {
        Value::Uint(n, _) => u8::try_from(*n).ok(),
        _ => None,
    }
}

/// The same for every value, so that a render can be repeated.
fn address(_: &Value) -> u64 {
    0xc000_0000_0000 >> 8
}
