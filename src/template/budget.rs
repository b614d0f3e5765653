//! What one render may use. A template is untrusted: every loop, call and byte
//! is counted, so that the worst one ends in an error within its time.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// The limits of a render. The defaults are generous for every real chart.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Nodes and calls executed in all.
    pub steps: u64,
    /// Bytes of one string that a function makes.
    pub string: usize,
    /// Bytes that one template writes.
    pub template: usize,
    /// Bytes of all rendered templates.
    pub output: usize,
    /// Items of one list that a function makes or a range walks over.
    pub items: usize,
    /// Template invocations inside each other.
    pub depth: usize,
    /// Calls of functions that cost milliseconds each (keys, certificates, bcrypt).
    pub expensive: u32,
    /// When the render has to be over.
    pub deadline: Option<Instant>,
    /// Set by the caller to stop the render early.
    pub cancelled: Option<Arc<AtomicBool>>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            steps: 50_000_000,
            string: 16 << 20,
            template: 32 << 20,
            output: 90 << 20,
            items: 1_000_000,
            depth: 5_000,
            expensive: 100,
            deadline: None,
            cancelled: None,
        }
    }
}

/// Why a render was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exceeded {
    /// A limit of [`Limits`], by its name in words and its value.
    Limit(&'static str, u64),
    /// The deadline passed.
    Deadline,
    /// The caller gave up.
    Cancelled,
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exceeded::Limit(what, limit) => write!(f, "rendering stopped: more than {limit} {what}"),
            Exceeded::Deadline => f.write_str("rendering stopped: the deadline has passed"),
            Exceeded::Cancelled => f.write_str("rendering stopped: the request was cancelled"),
        }
    }
}

impl std::error::Error for Exceeded {}

/// The limits and what has been used of them.
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    steps: u64,
    output: usize,
    expensive: u32,
}

/// How many steps pass between two looks at the clock.
const CLOCK_EVERY: u64 = 4096;

impl Budget {
    /// A budget with nothing used yet.
    pub fn new(limits: Limits) -> Budget {
        Budget { limits, steps: 0, output: 0, expensive: 0 }
    }

    /// The limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Counts one step; looks at the clock now and then.
    pub fn step(&mut self) -> Result<(), Exceeded> {
        self.steps += 1;
        if self.steps.is_multiple_of(CLOCK_EVERY) { self.check() } else { Ok(()) }
    }

    /// Counts `n` steps at once: work of a function that grows with its input.
    pub fn steps(&mut self, n: usize) -> Result<(), Exceeded> {
        let before = self.steps / CLOCK_EVERY;
        self.steps = self.steps.saturating_add(n as u64);
        if self.steps / CLOCK_EVERY > before { self.check() } else { Ok(()) }
    }

    /// Steps, deadline and cancellation.
    pub fn check(&self) -> Result<(), Exceeded> {
        if self.steps > self.limits.steps {
            return Err(Exceeded::Limit("steps", self.limits.steps));
        }
        if self.limits.cancelled.as_ref().is_some_and(|c| c.load(Ordering::Relaxed)) {
            return Err(Exceeded::Cancelled);
        }
        if self.limits.deadline.is_some_and(|at| Instant::now() >= at) {
            return Err(Exceeded::Deadline);
        }
        Ok(())
    }

    /// Asks before a string of `bytes` is made; counts the work of making it.
    pub fn string(&mut self, bytes: usize) -> Result<(), Exceeded> {
        if bytes > self.limits.string {
            return Err(Exceeded::Limit("bytes in one string", self.limits.string as u64));
        }
        self.steps(bytes / 64)
    }

    /// Asks before a list of `items` is made; counts the work of making it.
    pub fn items(&mut self, items: usize) -> Result<(), Exceeded> {
        if items > self.limits.items {
            return Err(Exceeded::Limit("items in one list", self.limits.items as u64));
        }
        self.steps(items)
    }

    /// Asks before a template's output grows to `bytes`.
    pub fn template(&self, bytes: usize) -> Result<(), Exceeded> {
        if bytes > self.limits.template {
            return Err(Exceeded::Limit("bytes from one template", self.limits.template as u64));
        }
        Ok(())
    }

    /// Counts the finished output of one template file.
    pub fn output(&mut self, bytes: usize) -> Result<(), Exceeded> {
        self.output = self.output.saturating_add(bytes);
        if self.output > self.limits.output {
            return Err(Exceeded::Limit("bytes of output", self.limits.output as u64));
        }
        Ok(())
    }

    /// Asks before entering template invocation number `depth`.
    pub fn depth(&self, depth: usize) -> Result<(), Exceeded> {
        if depth > self.limits.depth {
            return Err(Exceeded::Limit("templates inside each other", self.limits.depth as u64));
        }
        Ok(())
    }

    /// Counts a call that costs milliseconds.
    pub fn expensive(&mut self) -> Result<(), Exceeded> {
        self.expensive += 1;
        if self.expensive > self.limits.expensive {
            return Err(Exceeded::Limit(
                "calls that make keys, certificates or password hashes",
                u64::from(self.limits.expensive),
            ));
        }
        self.check()
    }
}
