//! Calls functions: counts and checks their arguments as Go's reflection would,
//! so that a function sees only values of the types it declares.

use super::frame::{At, Frame, Operand};
use super::{Executor, Failure};
use crate::data::{IntKind, Kind, Signature, Ty, UintKind, Value};
use crate::template::ast::{Arg, Cause};
use crate::template::function::{FuncError, Function};

impl Executor<'_> {
    /// The result of `function`; a failure is reported at `node`. `last` is the
    /// piped argument.
    pub(super) fn function<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        function: &'static Function,
        node: At<'t>,
        rest: &'t [Arg],
        last: Option<Value>,
    ) -> Result<Value, Failure> {
        self.environment.budget.step().map_err(|e| frame.exceeded(e))?;
        let (name, signature) = (function.name, &function.signature);
        if matches!(name, "and" | "or") {
            return self.short_circuit(frame, dot, name, signature, rest, last);
        }
        let mut arguments = self.spare_arguments.pop().unwrap_or_default();
        let boxed = self.arguments(frame, dot, name, signature, rest, last, &mut arguments)?;
        let result = match (name, arguments.first()) {
            ("len", Some(Value::Nil)) => Err(len_of_nil(boxed)),
            ("call", Some(callee)) => Err(not_callable(callee, rest.first().map(|arg| frame.shown(arg)))),
            _ if self.environment.watch.is_some() => self.watched(frame, node, function, &arguments),
            _ => (function.call)(self, &arguments),
        };
        arguments.clear();
        self.spare_arguments.push(arguments);
        result.map_err(|error| {
            frame.at = node;
            failed_call(frame, name, error)
        })
    }

    /// `and` and `or` evaluate no argument after the one that decides.
    fn short_circuit<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        name: &str,
        signature: &Signature,
        rest: &'t [Arg],
        last: Option<Value>,
    ) -> Result<Value, Failure> {
        check_count(frame, name, signature, rest.len(), last.is_some())?;
        let mut value = Value::Nil;
        for arg in rest {
            value = self.argument(frame, dot, Ty::Reflect, arg)?.value;
            if value.is_true() == (name == "or") {
                return Ok(value);
            }
        }
        Ok(last.unwrap_or(value))
    }

    /// Evaluates and checks the arguments of a call into `into`. Says whether the
    /// last one was boxed.
    #[allow(clippy::too_many_arguments, reason = "they are Go's, and one frame less on a deep stack")]
    pub(super) fn arguments<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        name: &str,
        signature: &Signature,
        rest: &'t [Arg],
        last: Option<Value>,
        into: &mut Vec<Value>,
    ) -> Result<bool, Failure> {
        check_count(frame, name, signature, rest.len(), last.is_some())?;
        let mut boxed = false;
        for (i, arg) in rest.iter().enumerate() {
            let operand = self.argument(frame, dot, parameter(signature, i), arg)?;
            boxed = operand.boxed;
            into.push(operand.value);
        }
        if let Some(last) = last {
            boxed = false;
            into.push(assignable(frame, Operand::plain(last), parameter(signature, rest.len()))?.value);
        }
        Ok(boxed)
    }

    /// One argument for a parameter of type `ty` (Go's evalArg).
    fn argument<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        ty: Ty,
        arg: &'t Arg,
    ) -> Result<Operand, Failure> {
        frame.at = At::Arg(arg);
        match arg {
            Arg::Bool(..) | Arg::Number(..) | Arg::Str(..) => {
                self.constant_for(frame, ty, arg).map(Operand::plain)
            }
            Arg::Nil(_) if can_be_nil(ty) => Ok(Operand::plain(ty.zero())),
            Arg::Nil(_) => Err(frame.message(format!("cannot assign nil to {}", ty.name()))),
            Arg::Field(..)
            | Arg::Chain(..)
            | Arg::Function(..)
            | Arg::Pipe(_)
            | Arg::Variable(_)
            | Arg::Dot(_) => {
                let operand = self.operand(frame, dot, arg)?;
                assignable(frame, operand, ty)
            }
        }
    }

    /// A constant where the parameter's type says what it must be.
    fn constant_for<'t>(&mut self, frame: &mut Frame<'t>, ty: Ty, arg: &'t Arg) -> Result<Value, Failure> {
        let number = match arg {
            Arg::Number(_, number) => Some(frame.part(*number)),
            _ => None,
        };
        let expected = match (ty, arg) {
            (Ty::Any | Ty::Reflect, _) => return self.constant(frame, arg),
            (Ty::Bool, Arg::Bool(_, b)) => return Ok(Value::Bool(*b)),
            (Ty::Str, Arg::Str(_, text)) => return Ok(Value::Str(frame.template.tree.parts.string(*text))),
            (Ty::Int, _) if let Some(n) = number.and_then(|number| number.int) => return Ok(Value::int(n)),
            (Ty::Int64, _) if let Some(n) = number.and_then(|number| number.int) => {
                return Ok(Value::int64(n));
            }
            (Ty::Object("time.Duration"), _) if let Some(n) = number.and_then(|number| number.int) => {
                return Ok(Value::Int(n, IntKind::Duration));
            }
            (Ty::Uint8, _) if let Some(n) = number.and_then(|number| number.uint) => {
                return Ok(Value::Uint(n & 0xff, UintKind::Uint8));
            }
            (Ty::Uint32, _) if let Some(n) = number.and_then(|number| number.uint) => {
                return Ok(Value::Uint(n & 0xffff_ffff, UintKind::Uint32));
            }
            (Ty::Float64, _) if let Some(n) = number.and_then(|number| number.float) => {
                return Ok(Value::Float(n));
            }
            (Ty::Bool, _) => "bool",
            (Ty::Str, _) => "string",
            (Ty::Int | Ty::Int64, _) => "integer",
            (Ty::Uint8 | Ty::Uint32, _) => "unsigned integer",
            (Ty::Float64, _) => "float",
            _ => {
                let arg = frame.shown(arg);
                return Err(frame.message(format!("can't handle {arg} for arg of type {}", ty.name())));
            }
        };
        Err(frame.message(format!("expected {expected}; found {}", frame.shown(arg))))
    }
}

/// The type of argument number `i`; the last parameter of a variadic function
/// repeats.
fn parameter(signature: &Signature, i: usize) -> Ty {
    signature.params.get(i).or(signature.params.last()).copied().unwrap_or(Ty::Any)
}

fn check_count(
    frame: &Frame<'_>,
    name: &str,
    signature: &Signature,
    given: usize,
    piped: bool,
) -> Result<(), Failure> {
    let (total, wanted) = (given + usize::from(piped), signature.params.len());
    if !signature.variadic && total != wanted {
        return Err(frame.message(format!("wrong number of args for {name}: want {wanted} got {total}")));
    }
    let fixed = wanted.saturating_sub(1);
    if signature.variadic && total < fixed {
        return Err(
            frame.message(format!("wrong number of args for {name}: want at least {fixed} got {given}"))
        );
    }
    Ok(())
}

/// Whether Go lets an untyped nil stand for the type.
fn can_be_nil(ty: Ty) -> bool {
    match ty {
        Ty::Any | Ty::Reflect | Ty::Bytes | Ty::ListAny | Ty::ListStr | Ty::MapAny | Ty::MapStr => true,
        Ty::Object(name) => name.starts_with('*'),
        Ty::Bool | Ty::Int | Ty::Int64 | Ty::Uint8 | Ty::Uint32 | Ty::Float64 | Ty::Str => false,
    }
}

/// The operand as a value of type `ty`, if Go can assign it (validateType).
fn assignable(frame: &Frame<'_>, operand: Operand, ty: Ty) -> Result<Operand, Failure> {
    let Operand { value, boxed } = operand;
    match (ty, value) {
        (Ty::Any | Ty::Reflect, value) => Ok(Operand { value, boxed }),
        (ty, Value::Nil) if boxed => Err(wrong_type(frame, ty, "interface {}")),
        (ty, Value::Nil) if can_be_nil(ty) => Ok(Operand::plain(ty.zero())),
        (ty, Value::Nil) => Err(frame.message(format!("invalid value; expected {}", ty.name()))),
        (ty, value) => match convert(value, ty) {
            Ok(value) => Ok(Operand::plain(value)),
            Err(value) => Err(wrong_type(frame, ty, value.type_name())),
        },
    }
}

fn wrong_type(frame: &Frame<'_>, ty: Ty, got: &str) -> Failure {
    frame.message(format!("wrong type for value; expected {}; got {got}", ty.name()))
}

/// Go's assignability: the same type, or a named map or list type to the plain
/// type that it is made of; a pointer to a struct is followed.
fn convert(value: Value, ty: Ty) -> Result<Value, Value> {
    use crate::data::map::{MAP_ANY, MAP_STRING};
    match (&value, ty) {
        (Value::Map(map), Ty::MapAny) if map.ty().elem == Ty::Any => Ok(map.retyped(&MAP_ANY).into()),
        (Value::Map(map), Ty::MapStr) if map.ty().elem == Ty::Str => Ok(map.retyped(&MAP_STRING).into()),
        (Value::List(list), Ty::ListAny) if list.ty().elem == Ty::Any => Ok(value),
        (Value::List(list), Ty::ListStr) if list.ty().elem == Ty::Str => Ok(value),
        (Value::Object(object), Ty::Object(name)) => {
            let followed = object.type_name().strip_prefix('*').filter(|_| object.kind() == Kind::Ptr);
            if object.type_name() == name || followed == Some(name) { Ok(value) } else { Err(value) }
        }
        _ if value.type_name() == ty.name() => Ok(value),
        _ => Err(value),
    }
}

fn failed_call(frame: &Frame<'_>, name: &str, error: FuncError) -> Failure {
    match error {
        FuncError::Exceeded(exceeded) => frame.exceeded(exceeded),
        error => frame.error(Cause::Call(name.to_owned(), error)),
    }
}

/// Go looks through an interface to find a nil pointer; no value at all makes
/// reflection panic, and text/template reports that.
fn len_of_nil(boxed: bool) -> FuncError {
    FuncError::from(if boxed {
        "len of nil pointer"
    } else {
        "reflect: call of reflect.Value.Type on zero Value"
    })
}

/// No value of a template is a function, so `call` can only fail.
fn not_callable(callee: &Value, written: Option<String>) -> FuncError {
    let name = match (written, callee) {
        (Some(arg), _) => arg,
        (None, Value::Str(text)) => text.to_string(),
        (None, value) => format!("<{} Value>", value.type_name()),
    };
    match callee {
        Value::Nil => FuncError::from("call of nil"),
        value => FuncError::from(format!("non-function {name} of type {}", value.type_name())),
    }
}
