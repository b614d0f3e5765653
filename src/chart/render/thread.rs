//! The thread that renders: templates nest as deep as their limits allow, which
//! no ordinary stack holds.

use std::hint;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use crate::error::{Error, Kind};
use crate::template::exec::STACK;

/// Runs `f` on a thread with a large stack and waits for it. The stack is only
/// address space until it is used.
///
/// # Errors
/// Those of `f`; [`Kind::Internal`] if it panics; [`Kind::Io`] if there is no
/// thread to be had.
pub fn on_render_thread<R: Send>(f: impl FnOnce() -> Result<R, Error> + Send) -> Result<R, Error> {
    thread::scope(|scope| {
        let run = || catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|panic| Err(panicked(&*panic)));
        let thread =
            thread::Builder::new().name("render".to_owned()).stack_size(STACK).spawn_scoped(scope, run);
        match thread.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => Err(panicked(&*panic)),
            Err(error) => Err(Error::new(Kind::Io, "no thread to render on").caused_by(error)),
        }
    })
}

/// Makes room on this thread's heap: the C library would otherwise ask the kernel
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
