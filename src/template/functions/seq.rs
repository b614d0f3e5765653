//! Sprig's number sequences; how long they are is asked before they are made.

use super::args::{int, row, variadic};
use crate::data::{List, Ty, Value, list::LIST_INT};
use crate::template::function::{FuncError, Function, Host};

/// `until`, `untilStep`, `seq`.
pub static FUNCTIONS: &[Function] = &[
    row(
        "until",
        &[Ty::Int],
        "Count to the list of integers from 0 up (or down) to it, without it.",
        &[("{{ until 3 }} {{ until -3 }}", "[0 1 2] [0 -1 -2]")],
        |host, args| {
            let count = int(args, 0);
            let numbers = steps(host, 0, count, if count < 0 { -1 } else { 1 })?;
            Ok(List::typed(&LIST_INT, numbers.map(Value::int).collect()).into())
        },
    ),
    row(
        "untilStep",
        &[Ty::Int, Ty::Int, Ty::Int],
        "Start, stop and step to the list of integers between, without stop.",
        &[("{{ untilStep 3 6 2 }} {{ untilStep 3 0 -1 }}", "[3 5] [3 2 1]")],
        |host, args| {
            let numbers = steps(host, int(args, 0), int(args, 1), int(args, 2))?;
            Ok(List::typed(&LIST_INT, numbers.map(Value::int).collect()).into())
        },
    ),
    variadic(
        "seq",
        &[Ty::Int],
        "(Start, (step,)) end to the integers between, with both, in a text with spaces.",
        &[
            ("{{ seq 5 }}", "1 2 3 4 5"),
            ("{{ seq -1 }}", "1 0 -1"),
            ("{{ seq 0 2 }} {{ seq 2 -2 -2 }}", "0 1 2 2 0 -2"),
            ("{{ seq }}{{ seq 1 2 3 4 }}", ""),
        ],
        seq,
    ),
];

/// The integers from `start` to `stop`, without it.
fn steps(
    host: &mut dyn Host,
    start: i64,
    stop: i64,
    step: i64,
) -> Result<impl Iterator<Item = i64> + use<>, FuncError> {
    let distance = i128::from(stop) - i128::from(start);
    let count = if step != 0 && (distance < 0) == (step < 0) {
        distance.unsigned_abs().div_ceil(u128::from(step.unsigned_abs()))
    } else {
        0
    };
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    host.budget().items(count)?;
    Ok((0..count).scan(start, move |next, _| {
        let this = *next;
        *next = next.wrapping_add(step);
        Some(this)
    }))
}

fn seq(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let (start, step, end) = match args.len() {
        1 => (1, None, int(args, 0)),
        2 => (int(args, 0), None, int(args, 1)),
        3 => (int(args, 0), Some(int(args, 1)), int(args, 2)),
        _ => return Ok("".into()),
    };
    let direction = if end < start { -1 } else { 1 };
    let step = step.unwrap_or(direction);
    if direction < 0 && step > 0 {
        return Ok("".into());
    }
    let numbers = steps(host, start, end.wrapping_add(direction), step)?;
    let mut out = String::new();
    for number in numbers {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&number.to_string());
    }
    host.budget().string(out.len())?;
    Ok(out.into())
}
