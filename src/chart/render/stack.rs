//! The stack that a render runs on: templates nest as deep as their limits allow,
//! which no ordinary stack holds.

use std::hint;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::{Error, Kind};
use crate::template::exec::STACK;

/// Runs `f` on a large stack of its own, which is only address space until it is
/// used. A stack, not a thread: that would cost a small chart a tenth of its time.
///
/// # Errors
/// Those of `f`; [`Kind::Internal`] if it panics.
pub fn on_render_stack<R>(f: impl FnOnce() -> Result<R, Error>) -> Result<R, Error> {
    let run = || catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|panic| Err(panicked(&*panic)));
    stacker::grow(STACK, run)
}

/// Makes room on the heap: the C library would otherwise ask the kernel
/// for each 4 KiB of it, thousands of times in a large chart. Nothing is touched,
/// so nothing but address space is taken. Worth its three system calls only in a
/// process that renders once.
pub fn make_room() {
    // Giving a mapped block back raises the size from which blocks are mapped, and
    // the size from which unused room is returned.
    drop(hint::black_box(Vec::<u8>::with_capacity(16 << 20)));
    drop(hint::black_box(Vec::<u8>::with_capacity(12 << 20)));
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> Error {
    let words = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("for an unknown reason");
    Error::new(Kind::Internal, format!("rendering template failed: {words}"))
}
