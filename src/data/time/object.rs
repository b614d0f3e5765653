//! `time.Time` and `*time.Location` as templates hold them.

use std::any::Any;
use std::rc::Rc;

use super::{Civil, Time, Zone};
use crate::data::{IntKind, Kind, Object, Signature, Str, Ty, Value};

const TIME: &str = "time.Time";
const LOCATION: &str = "*time.Location";
const DURATION: Ty = Ty::Object("time.Duration");

impl Time {
    /// The time as a template's value.
    pub fn into_value(self) -> Value {
        Value::Object(Rc::new(self))
    }

    /// The time that a template's value holds.
    pub fn from_value(value: &Value) -> Option<&Time> {
        let Value::Object(object) = value else { return None };
        object.as_any().downcast_ref()
    }
}

impl Object for Time {
    fn type_name(&self) -> &'static str {
        TIME
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    fn method(&self, name: &str) -> Option<Signature> {
        let params: &'static [Ty] = match name {
            "Year" | "Month" | "Day" | "Hour" | "Minute" | "Second" | "Nanosecond" => &[],
            "Weekday" | "YearDay" | "IsZero" | "IsDST" | "Location" | "UTC" | "Local" => &[],
            "Unix" | "UnixMilli" | "UnixMicro" | "UnixNano" | "String" => &[],
            "MarshalJSON" | "MarshalText" | "GoString" => &[],
            "Format" => &[Ty::Str],
            "Add" | "Round" | "Truncate" => &[DURATION],
            "AddDate" => &[Ty::Int, Ty::Int, Ty::Int],
            "Sub" | "After" | "Before" | "Equal" | "Compare" => &[Ty::Object(TIME)],
            "In" => &[Ty::Object(LOCATION)],
            _ => return None,
        };
        Some(Signature { params, variadic: false })
    }

    fn call(&self, name: &str, args: &[Value]) -> Result<Value, String> {
        let civil = self.civil();
        Ok(match name {
            "Year" => Value::int(civil.year),
            "Month" => Value::Int(civil.month, IntKind::Month),
            "Day" => Value::int(civil.day),
            "Hour" => Value::int(civil.hour),
            "Minute" => Value::int(civil.minute),
            "Second" => Value::int(civil.second),
            "Nanosecond" => Value::int(i64::from(self.nanos)),
            "Weekday" => Value::Int(self.weekday(), IntKind::Weekday),
            "YearDay" => Value::int(self.year_day()),
            "IsZero" => self.is_zero().into(),
            "IsDST" => self.zone.at(self.secs).dst.into(),
            "Location" => Value::Object(Rc::new(Location(self.zone.clone()))),
            "UTC" => self.in_zone(Zone::Utc).into_value(),
            "Local" => self.in_zone(Zone::Local).into_value(),
            "Unix" => Value::int64(self.secs),
            "UnixMilli" => Value::int64(self.scaled(1_000)),
            "UnixMicro" => Value::int64(self.scaled(1_000_000)),
            "UnixNano" => Value::int64(self.unix_nanos()),
            "String" => Value::from(self.text()),
            "GoString" => Value::from(self.go_text()),
            "MarshalJSON" => Value::Bytes(format!("\"{}\"", self.rfc3339()).into()),
            "MarshalText" => Value::Bytes(self.rfc3339().into()),
            "Format" => Value::Str(self.format(bytes(args)).into()),
            "Add" => self.add(int(args, 0)).into_value(),
            "Round" => self.rounded(int(args, 0), true).into_value(),
            "Truncate" => self.rounded(int(args, 0), false).into_value(),
            "AddDate" => self.add_date(int(args, 0), int(args, 1), int(args, 2)).into_value(),
            "In" => return self.shown_in(args),
            _ => return self.against(name, args),
        })
    }

    fn display(&self) -> Option<Str> {
        Some(self.text().into())
    }

    fn json(&self) -> Value {
        Value::from(self.rfc3339())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Time {
    /// The time as Go's source would make it.
    fn go_text(&self) -> String {
        let zone = match &self.zone {
            Zone::Utc => "time.UTC".to_owned(),
            Zone::Local => "time.Local".to_owned(),
            other => format!("time.Location({})", super::parse::quoted(other.name().as_bytes())),
        };
        let civil = self.format(b"2006, time.January, 2, ");
        let Civil { hour, minute, second, .. } = self.civil();
        let civil = String::from_utf8_lossy(&civil).into_owned();
        format!("time.Date({civil}{hour}, {minute}, {second}, {}, {zone})", self.nanos)
    }

    fn scaled(&self, per_second: i64) -> i64 {
        let fraction = i64::from(self.nanos) / (1_000_000_000 / per_second);
        self.secs.wrapping_mul(per_second).wrapping_add(fraction)
    }

    fn shown_in(&self, args: &[Value]) -> Result<Value, String> {
        let Some(Value::Object(object)) = args.first() else {
            return Err("time: missing Location in call to Time.In".to_owned());
        };
        match object.as_any().downcast_ref::<Location>() {
            Some(Location(zone)) => Ok(self.in_zone(zone.clone()).into_value()),
            None => Err("time: missing Location in call to Time.In".to_owned()),
        }
    }

    fn against(&self, name: &str, args: &[Value]) -> Result<Value, String> {
        let other = args.first().and_then(Time::from_value).ok_or("no time.Time")?;
        let order = self.compare(other);
        Ok(match name {
            "Sub" => Value::Int(self.since(other), IntKind::Duration),
            "After" => order.is_gt().into(),
            "Before" => order.is_lt().into(),
            "Equal" => order.is_eq().into(),
            "Compare" => Value::int(order as i64),
            _ => return Err(format!("method {name} is not there")),
        })
    }
}

fn int(args: &[Value], index: usize) -> i64 {
    match args.get(index) {
        Some(Value::Int(n, _)) => *n,
        _ => 0,
    }
}

fn bytes(args: &[Value]) -> &[u8] {
    args.first().and_then(Value::as_bytes).unwrap_or_default()
}

/// Go's `*time.Location`.
#[derive(Debug)]
struct Location(Zone);

impl Object for Location {
    fn type_name(&self) -> &'static str {
        LOCATION
    }

    fn kind(&self) -> Kind {
        Kind::Ptr
    }

    fn method(&self, name: &str) -> Option<Signature> {
        (name == "String").then_some(Signature { params: &[], variadic: false })
    }

    fn call(&self, _name: &str, _args: &[Value]) -> Result<Value, String> {
        Ok(Value::from(self.0.name()))
    }

    fn display(&self) -> Option<Str> {
        Some(self.0.name().into())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
