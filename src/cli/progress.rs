//! A sign of life on a terminal for what takes longer than a second.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How long nothing is said, and how often it is said again.
const INTERVAL: Duration = Duration::from_secs(1);

/// Does `work`; meanwhile, after a second, standard error counts the seconds, if
/// it is a terminal. The line is gone when the work is done.
pub fn during<R>(what: &str, work: impl FnOnce() -> R) -> R {
    if !io::stderr().is_terminal() {
        return work();
    }
    let started = Instant::now();
    let (done, is_done) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut said = false;
            while is_done.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                said = true;
                let _ = write!(io::stderr(), "\r{what}: {} s", started.elapsed().as_secs());
            }
            if said {
                let _ = write!(io::stderr(), "\r\x1b[K");
            }
        });
        let result = work();
        drop(done);
        result
    })
}
