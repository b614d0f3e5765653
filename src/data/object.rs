//! Go types beyond the plain ones: their methods, and structs such as a time
//! or a version that templates hold and ask.

use std::any::Any;
use std::fmt;

use super::list::{LIST_ANY, LIST_STRING};
use super::map::{MAP_ANY, MAP_STRING};
use super::{Kind, List, Map, Str, UintKind, Value};

/// The Go type of a parameter or an element, as reflection checks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ty {
    /// `interface {}`: anything, nil included.
    Any,
    /// `reflect.Value`: anything, used by Go's own builtins.
    Reflect,
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `int64`
    Int64,
    /// `uint8`
    Uint8,
    /// `uint32`
    Uint32,
    /// `float64`
    Float64,
    /// `string`
    Str,
    /// `[]byte`
    Bytes,
    /// `[]interface {}`
    ListAny,
    /// `[]string`
    ListStr,
    /// `map[string]interface {}`
    MapAny,
    /// `map[string]string`
    MapStr,
    /// A struct or a pointer to one, by the name that `%T` prints.
    Object(&'static str),
}

impl Ty {
    /// The name Go prints for the type.
    pub fn name(self) -> &'static str {
        match self {
            Ty::Any => "interface {}",
            Ty::Reflect => "reflect.Value",
            Ty::Bool => "bool",
            Ty::Int => "int",
            Ty::Int64 => "int64",
            Ty::Uint8 => "uint8",
            Ty::Uint32 => "uint32",
            Ty::Float64 => "float64",
            Ty::Str => "string",
            Ty::Bytes => "[]uint8",
            Ty::ListAny => "[]interface {}",
            Ty::ListStr => "[]string",
            Ty::MapAny => "map[string]interface {}",
            Ty::MapStr => "map[string]string",
            Ty::Object(name) => name,
        }
    }

    /// Go's zero value of the type; nil for a struct, which none is made of.
    pub fn zero(self) -> Value {
        match self {
            Ty::Any | Ty::Reflect | Ty::Object(_) => Value::Nil,
            Ty::Bool => Value::Bool(false),
            Ty::Int => Value::int(0),
            Ty::Int64 => Value::int64(0),
            Ty::Uint8 => Value::Uint(0, UintKind::Uint8),
            Ty::Uint32 => Value::Uint(0, UintKind::Uint32),
            Ty::Float64 => Value::Float(0.0),
            Ty::Str => Value::Str(Str::default()),
            Ty::Bytes => Value::Bytes(Str::default()),
            Ty::ListAny => List::nil(&LIST_ANY).into(),
            Ty::ListStr => List::nil(&LIST_STRING).into(),
            Ty::MapAny => Map::nil(&MAP_ANY).into(),
            Ty::MapStr => Map::nil(&MAP_STRING).into(),
        }
    }
}

/// The parameters of a function or method.
#[derive(Debug, Clone, Copy)]
pub struct Signature {
    /// Parameter types in order; where `variadic`, the last one repeats.
    pub params: &'static [Ty],
    /// Whether the last parameter takes any number of arguments.
    pub variadic: bool,
}

/// A method that a template may call on a map or list type.
#[derive(Debug)]
pub struct Method {
    /// Go's name.
    pub name: &'static str,
    /// Its parameters.
    pub signature: Signature,
    /// Receiver and checked arguments to the result, or Go's error text.
    pub call: fn(&Value, &[Value]) -> Result<Value, String>,
}

/// A Go struct (or pointer to one) that templates can hold.
pub trait Object: fmt::Debug {
    /// What `%T` prints.
    fn type_name(&self) -> &'static str;
    /// Struct or pointer.
    fn kind(&self) -> Kind;
    /// Exported fields in declaration order.
    fn fields(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }
    /// One exported field.
    fn field(&self, name: &str) -> Option<Value> {
        self.fields().into_iter().find(|(n, _)| *n == name).map(|(_, v)| v)
    }
    /// The signature of the named method, if there is one.
    fn method(&self, name: &str) -> Option<Signature> {
        let _ = name;
        None
    }
    /// Calls a method that [`Object::method`] knows, with checked arguments.
    fn call(&self, name: &str, args: &[Value]) -> Result<Value, String> {
        let _ = args;
        Err(format!("method {name} is not there"))
    }
    /// What `%v` prints, for types with a String or Error method.
    fn display(&self) -> Option<Str> {
        None
    }
    /// What an action of a template prints, where that is not `%v`: a struct
    /// whose String method has a pointer receiver prints through it there only.
    fn printed(&self) -> Option<Str> {
        self.display()
    }
    /// What JSON (and so YAML) is written from; fields where the type has no
    /// marshaller of its own.
    fn json(&self) -> Value {
        Value::Map(self.fields().into_iter().collect())
    }
    /// The names in JSON, in the order of the fields' declaration.
    fn json_names(&self) -> Vec<&'static str> {
        self.fields().into_iter().map(|(name, _)| name).collect()
    }
    /// For downcasts by the functions that made it.
    fn as_any(&self) -> &dyn Any;
}
