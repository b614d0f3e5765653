//! Sprig's arithmetic. Integers are int64 and wrap, floats go through decimals.

use super::args::{any, float, int, rest, row, variadic};
use super::convert::{to_float64, to_int64};
use super::decimal::Decimal;
use super::number_text::scale;
use crate::data::number::format_g;
use crate::data::{Ty, Value};
use crate::template::budget::{Budget, Exceeded};
use crate::template::function::{FuncError, Function, Host};

const ONE: &[Ty] = &[Ty::Any];
const TWO: &[Ty] = &[Ty::Any, Ty::Any];
const DIVIDE_BY_ZERO: &str = "runtime error: integer divide by zero";

/// `add`, `div`, `max`, `round` and the others.
pub static FUNCTIONS: &[Function] = &[
    variadic("add", ONE, "Numbers to their sum.", &[("{{ add 1 2 3.9 }}", "6")], |_, args| {
        Ok(Value::int64(args.iter().map(to_int64).fold(0, i64::wrapping_add)))
    }),
    row("add1", ONE, "Number to the next one.", &[("{{ add1 2 }}", "3")], |_, args| {
        Ok(Value::int64(to_int64(any(args, 0)).wrapping_add(1)))
    }),
    row("sub", TWO, "Two numbers to their difference.", &[("{{ sub 3 5 }}", "-2")], |_, args| {
        Ok(Value::int64(to_int64(any(args, 0)).wrapping_sub(to_int64(any(args, 1)))))
    }),
    row(
        "div",
        TWO,
        "Two numbers to the first divided by the second, cut to an integer.",
        &[("{{ div 7 2 }}", "3"), ("{{ div 1 0 }}", "!runtime error: integer divide by zero")],
        |_, args| match to_int64(any(args, 1)) {
            0 => Err(DIVIDE_BY_ZERO.into()),
            by => Ok(Value::int64(to_int64(any(args, 0)).wrapping_div(by))),
        },
    ),
    row(
        "mod",
        TWO,
        "Two numbers to the remainder of the first divided by the second.",
        &[("{{ mod -7 3 }}", "-1"), ("{{ mod 1 0 }}", "!runtime error: integer divide by zero")],
        |_, args| match to_int64(any(args, 1)) {
            0 => Err(DIVIDE_BY_ZERO.into()),
            by => Ok(Value::int64(to_int64(any(args, 0)).wrapping_rem(by))),
        },
    ),
    variadic("mul", TWO, "Numbers to their product.", &[("{{ mul 2 3 4 }}", "24")], |_, args| {
        Ok(Value::int64(args.iter().map(to_int64).fold(1, i64::wrapping_mul)))
    }),
    variadic("max", TWO, "Numbers to the greatest as an int64.", &[("{{ max 1 3 2.5 }}", "3")], max),
    variadic("biggest", TWO, "The old name of max.", &[("{{ biggest 1 3 2 }}", "3")], max),
    variadic("min", TWO, "Numbers to the least as an int64.", &[("{{ min 3 1 2 }}", "1")], |_, args| {
        Ok(Value::int64(args.iter().map(to_int64).min().unwrap_or(0)))
    }),
    variadic(
        "maxf",
        TWO,
        "Numbers to the greatest as a float.",
        &[("{{ maxf 1 2.5 }}", "2.5")],
        |_, args| Ok(extreme(args, f64::INFINITY, |a, b| a > b).into()),
    ),
    variadic("minf", TWO, "Numbers to the least as a float.", &[("{{ minf 1.5 2 }}", "1.5")], |_, args| {
        Ok(extreme(args, f64::NEG_INFINITY, |a, b| a < b).into())
    }),
    row("ceil", ONE, "Number to the next integer above, a float.", &[("{{ ceil 1.1 }}", "2")], |_, args| {
        Ok(to_float64(any(args, 0)).ceil().into())
    }),
    row(
        "floor",
        ONE,
        "Number to the next integer below, a float.",
        &[("{{ floor 1.9 }}", "1")],
        |_, args| Ok(to_float64(any(args, 0)).floor().into()),
    ),
    variadic(
        "round",
        &[Ty::Any, Ty::Int, Ty::Float64],
        "Number, places and (from where to round up, 0.5) to the rounded float.",
        &[
            ("{{ round 123.5555 3 }}", "123.556"),
            ("{{ round -2.5 0 }}", "-3"),
            ("{{ round 2.4 0 0.3 }}", "3"),
        ],
        |_, args| {
            let from = if args.len() > 2 { float(args, 2) } else { 0.5 };
            Ok(round(to_float64(any(args, 0)), int(args, 1), from).into())
        },
    ),
    row("add1f", ONE, "Number to the next one, a float.", &[("{{ add1f 1.1 }}", "2.1")], |host, args| {
        let args = [any(args, 0).clone(), Value::int(1)];
        decimal(host.budget(), &args, |a, b, budget| a.add(b, budget).map(Some))
    }),
    variadic(
        "addf",
        ONE,
        "Numbers to their sum as decimals.",
        &[("{{ addf 0.1 0.2 }}", "0.3")],
        |host, args| decimal(host.budget(), args, |a, b, budget| a.add(b, budget).map(Some)),
    ),
    variadic(
        "subf",
        TWO,
        "Numbers to the first less the others, as decimals.",
        &[("{{ subf 7.5 2 3 }}", "2.5")],
        |host, args| decimal(host.budget(), args, |a, b, budget| a.sub(b, budget).map(Some)),
    ),
    variadic(
        "mulf",
        TWO,
        "Numbers to their product as decimals.",
        &[("{{ mulf 1.5 2 2 }}", "6")],
        |host, args| decimal(host.budget(), args, |a, b, budget| a.mul(b, budget).map(Some)),
    ),
    variadic(
        "divf",
        TWO,
        "Numbers to the first divided by the others, as decimals with 16 places.",
        &[("{{ divf 10 4 }}", "2.5"), ("{{ divf 1 0 }}", "!decimal division by 0")],
        |host, args| decimal(host.budget(), args, |a, b, budget| a.div(b, budget)),
    ),
];

fn max(_: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    Ok(Value::int64(args.iter().map(to_int64).max().unwrap_or(0)))
}

/// math.Max or math.Min of all: the `best` infinity wins, then NaN.
fn extreme(args: &[Value], best: f64, better: fn(f64, f64) -> bool) -> f64 {
    let pick = |a: f64, b: f64| {
        if a == best || b == best {
            return best;
        }
        if a.is_nan() || b.is_nan() {
            return f64::NAN;
        }
        if a == 0.0 && b == 0.0 {
            // The zeros differ in their sign.
            return if a.is_sign_negative() == (best > 0.0) { b } else { a };
        }
        if better(a, b) { a } else { b }
    };
    rest(args, 1).iter().map(to_float64).fold(to_float64(any(args, 0)), pick)
}

fn round(value: f64, places: i64, from: f64) -> f64 {
    let power = power_of_ten(places);
    let digit = power * value;
    (if digit.fract() >= from { digit.ceil() } else { digit.floor() }) / power
}

/// math.Pow(10, places), in Go's order of operations, whose last bits show.
fn power_of_ten(places: i64) -> f64 {
    let (mut mantissa, mut exponent) = (1.0_f64, 0_i64);
    let (mut square, mut squared) = (0.625_f64, 4_i64);
    let mut left = places.unsigned_abs();
    while left != 0 {
        if squared > 1 << 12 {
            exponent += squared;
            break;
        }
        if left & 1 == 1 {
            mantissa *= square;
            exponent += squared;
        }
        square *= square;
        squared <<= 1;
        if square < 0.5 {
            square += square;
            squared -= 1;
        }
        left >>= 1;
    }
    if places < 0 { scale(1.0 / mantissa, -exponent) } else { scale(mantissa, exponent) }
}

type Operation = fn(&Decimal, &Decimal, &mut Budget) -> Result<Option<Decimal>, Exceeded>;

/// The numbers folded by an operation, whose `None` is a division by zero.
fn decimal(budget: &mut Budget, args: &[Value], operation: Operation) -> Result<Value, FuncError> {
    let mut numbers = args.iter().map(|value| {
        let n = to_float64(value);
        Decimal::new(n).ok_or_else(|| format!("Cannot create a Decimal from {}", format_g(n)))
    });
    let Some(first) = numbers.next() else { return Ok(0.0.into()) };
    let mut result = first?;
    for number in numbers {
        result = operation(&result, &number?, budget)?.ok_or("decimal division by 0")?;
    }
    Ok(result.to_float().into())
}
