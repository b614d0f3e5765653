//! A version as a template holds it: Go's `*semver.Version` and its methods.

use std::any::Any;
use std::rc::Rc;

use super::{SemverError, Version};
use crate::data::{Kind, Object, Signature, Str, Ty, UintKind, Value};

const POINTER: &str = "*semver.Version";
const NONE: Signature = Signature { params: &[], variadic: false };
const TEXT: Signature = Signature { params: &[Ty::Str], variadic: false };
const OTHER: Signature = Signature { params: &[Ty::Object(POINTER)], variadic: false };

/// A version or a pointer to one, which templates tell apart only by type name.
#[derive(Debug)]
struct Handle {
    version: Version,
    pointer: bool,
}

impl Version {
    /// The version as a template's value (a pointer, as `semver` returns it).
    pub fn into_value(self) -> Value {
        Value::Object(Rc::new(Handle { version: self, pointer: true }))
    }

    /// The version that a template's value holds.
    pub fn from_value(value: &Value) -> Option<&Version> {
        let Value::Object(object) = value else { return None };
        object.as_any().downcast_ref::<Handle>().map(|handle| &handle.version)
    }
}

impl Object for Handle {
    fn type_name(&self) -> &'static str {
        if self.pointer { POINTER } else { "semver.Version" }
    }

    fn kind(&self) -> Kind {
        if self.pointer { Kind::Ptr } else { Kind::Struct }
    }

    fn method(&self, name: &str) -> Option<Signature> {
        Some(match name {
            "Major" | "Minor" | "Patch" | "Prerelease" | "Metadata" | "String" => NONE,
            "IncMajor" | "IncMinor" | "IncPatch" | "MarshalJSON" | "MarshalText" | "Value" => NONE,
            "SetPrerelease" | "SetMetadata" => TEXT,
            // A version that is no pointer (of IncMajor and the like) is not
            // addressable, so that methods of the pointer are out of reach.
            _ if !self.pointer => return None,
            "Original" => NONE,
            "Compare" | "Equal" | "LessThan" | "LessThanEqual" | "GreaterThan" | "GreaterThanEqual" => OTHER,
            _ => return None,
        })
    }

    fn call(&self, name: &str, args: &[Value]) -> Result<Value, String> {
        let v = &self.version;
        let number = |n| Ok(Value::Uint(n, UintKind::Uint64));
        let text = || args.first().and_then(Value::as_bytes).map(String::from_utf8_lossy).unwrap_or_default();
        match name {
            "Major" => number(v.major),
            "Minor" => number(v.minor),
            "Patch" => number(v.patch),
            "Prerelease" => Ok(Value::from(v.prerelease.as_str())),
            "Metadata" => Ok(Value::from(v.metadata.as_str())),
            "Original" => Ok(Value::from(v.original.as_str())),
            "String" | "Value" => Ok(Value::from(v.to_string())),
            "MarshalText" => Ok(Value::Bytes(v.to_string().into())),
            "MarshalJSON" => Ok(Value::Bytes(format!("\"{v}\"").into())),
            "IncMajor" => derived(v.next_major()),
            "IncMinor" => derived(v.next_minor()),
            "IncPatch" => derived(v.next_patch()),
            "SetPrerelease" => derived(v.with_prerelease(&text())),
            "SetMetadata" => derived(v.with_metadata(&text())),
            _ => compare(v, name, args),
        }
    }

    fn display(&self) -> Option<Str> {
        Some(self.version.to_string().into())
    }

    fn json(&self) -> Value {
        Value::from(self.version.to_string())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn derived(version: Result<Version, SemverError>) -> Result<Value, String> {
    let version = version.map_err(|e| e.to_string())?;
    Ok(Value::Object(Rc::new(Handle { version, pointer: false })))
}

fn compare(v: &Version, name: &str, args: &[Value]) -> Result<Value, String> {
    let Some(other) = args.first().and_then(Version::from_value) else {
        return Err("runtime error: invalid memory address or nil pointer dereference".to_owned());
    };
    let order = v.compare(other);
    Ok(match name {
        "Compare" => Value::int(order as i64),
        "Equal" => order.is_eq().into(),
        "LessThan" => order.is_lt().into(),
        "LessThanEqual" => order.is_le().into(),
        "GreaterThan" => order.is_gt().into(),
        "GreaterThanEqual" => order.is_ge().into(),
        _ => return Err(format!("method {name} is not there")),
    })
}
