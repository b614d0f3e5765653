//! Reads a field: of a map, of a struct, or a method by its name.

use super::frame::{At, Frame, Operand};
use super::{Executor, Failure};
use crate::data::str::lossy;
use crate::data::time::named;
use crate::data::{Map, Method, Signature, Ty, Value};
use crate::template::ast::{Arg, Cause};
use crate::template::function::FuncError;

impl Executor<'_> {
    /// `.name` of `receiver`, with the arguments for a method.
    #[allow(clippy::too_many_arguments, reason = "they are Go's, and one frame less on a deep stack")]
    pub(super) fn field<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        receiver: &Operand,
        name: &'t [u8],
        node: At<'t>,
        rest: &'t [Arg],
        last: Option<Value>,
    ) -> Result<Operand, Failure> {
        if let Value::Nil = receiver.value {
            if receiver.boxed {
                return Err(frame.message(format!("nil pointer evaluating interface {{}}.{}", lossy(name))));
            }
            return Ok(Operand::none());
        }
        if let Some(method) = find_method(&receiver.value, name) {
            return self.method(frame, dot, &receiver.value, &method, node, rest, last).map(Operand::plain);
        }
        let has_arguments = !rest.is_empty() || last.is_some();
        match &receiver.value {
            Value::Map(_) if has_arguments => {
                Err(frame.message(format!("{} is not a method but has arguments", lossy(name))))
            }
            Value::Map(map) => Ok(element(map, name)),
            Value::Object(object) => match str::from_utf8(name).ok().and_then(|name| object.field(name)) {
                Some(_) if has_arguments => {
                    let name = lossy(name);
                    Err(frame.message(format!("{name} has arguments but cannot be invoked as function")))
                }
                Some(value) => Ok(Operand::plain(value)),
                None => Err(no_field(frame, receiver, name)),
            },
            _ => Err(no_field(frame, receiver, name)),
        }
    }

    #[allow(clippy::too_many_arguments, reason = "they are Go's, and one frame less on a deep stack")]
    fn method<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        receiver: &Value,
        method: &Found<'_>,
        node: At<'t>,
        rest: &'t [Arg],
        last: Option<Value>,
    ) -> Result<Value, Failure> {
        let (name, signature) = match method {
            Found::Method(method) => (method.name, method.signature),
            Found::OfObject(name, signature) => (*name, *signature),
        };
        let mut arguments = self.spare_arguments.pop().unwrap_or_default();
        self.arguments(frame, dot, name, &signature, rest, last, &mut arguments)?;
        let result = match (method, receiver) {
            (Found::Method(method), _) => (method.call)(receiver, &arguments),
            (Found::OfObject(..), Value::Object(object)) => object.call(name, &arguments),
            (Found::OfObject(..), _) => Ok(Value::Nil),
        };
        arguments.clear();
        self.spare_arguments.push(arguments);
        result.map_err(|message| {
            frame.at = node;
            frame.error(Cause::Call(name.to_owned(), FuncError::Message(message)))
        })
    }
}

/// A method that a value has.
enum Found<'n> {
    Method(&'static Method),
    OfObject(&'n str, Signature),
}

#[inline]
fn find_method<'n>(value: &Value, name: &'n [u8]) -> Option<Found<'n>> {
    let methods = match value {
        Value::Map(map) => map.ty().methods,
        Value::List(list) => list.ty().methods,
        Value::Int(_, kind) => named::methods(*kind),
        Value::Object(object) => {
            let name = str::from_utf8(name).ok()?;
            return object.method(name).map(|signature| Found::OfObject(name, signature));
        }
        _ => return None,
    };
    methods.iter().find(|method| method.name.as_bytes() == name).map(Found::Method)
}

fn no_field(frame: &Frame<'_>, receiver: &Operand, name: &[u8]) -> Failure {
    frame.message(format!("can't evaluate field {} in type {}", lossy(name), receiver.type_name()))
}

/// The element under `key`, or the zero value of the elements' type (Helm runs
/// templates with missingkey=zero).
fn element(map: &Map, key: &[u8]) -> Operand {
    let ty = map.ty().elem;
    let value = map.get(key).unwrap_or_else(|| ty.zero());
    Operand { value, boxed: ty == Ty::Any }
}
