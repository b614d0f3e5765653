//! Runs parsed templates over data as Go's text/template does (exec.go): the
//! same output, the same errors at the same nodes. Everything that a template
//! makes it do is counted on the budget.
//!
//! An error ends the whole render: no template can catch one. So the counters
//! and stacks here are put back only on the way out of a success.

mod call;
mod error;
mod eval;
mod field;
mod frame;
mod host;
mod walk;
mod watch;

use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use super::ast::{ExecError, Template};
use super::budget::{Budget, Exceeded};
use super::parser::Scratch;
use super::set::Set;
use crate::data::{Str, Value};
use frame::Operand;
use host::{Overlay, Text};

pub use host::{Ending, ending, without_no_value};
pub use watch::{Asked, Chance, Known, Vary, Watch};

/// A failed execution; boxed, since every step of the executor may return it.
pub type Failure = Box<ExecError>;

/// Fills the bytes with randomness.
pub type Random = Box<dyn FnMut(&mut [u8]) + Send>;

/// What a render may use of the world: time, randomness, and a budget.
pub struct Environment {
    /// What it may use, and has used.
    pub budget: Budget,
    /// The time of the render.
    pub now: jiff::Timestamp,
    /// Fills bytes with randomness.
    pub random: Random,
    /// Tells which calls ask the clock or chance, where somebody wants to know, and
    /// answers them instead.
    pub watch: Option<Watch>,
    /// Is set when the clock or chance is asked: another render may differ.
    pub asked: bool,
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("budget", &self.budget)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
impl Environment {
    /// The world of the tests: the clock stands at 2026-01-01, and what looks
    /// random is the same every time.
    pub fn still(limits: super::budget::Limits) -> Environment {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let random: Random = Box::new(move |bytes| {
            for byte in bytes {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                *byte = state.to_be_bytes()[0];
            }
        });
        let now = jiff::Timestamp::new(1_767_225_600, 0).unwrap_or_default();
        Environment { budget: Budget::new(limits), now, random, watch: None, asked: false }
    }
}

/// Blocks, parentheses and template calls inside each other. With
/// [`Limits::depth`](super::budget::Limits) it bounds the native recursion:
/// [`STACK`] holds this many levels even without optimization.
const MAX_NESTING: usize = 40_000;

/// The stack that an execution within its limits needs, and more.
pub const STACK: usize = 512 << 20;

/// One render: executes templates of a set, one after the other.
#[derive(Debug)]
pub struct Executor<'r> {
    set: &'r Set,
    environment: &'r mut Environment,
    /// What the `tpl` texts around the current node define.
    overlay: Option<Rc<Overlay>>,
    /// The names that are being included right now.
    included: Vec<Str>,
    /// Parsed `tpl` texts by content.
    texts: HashMap<Str, Rc<Text>>,
    /// Templates inside each other right now.
    depth: usize,
    /// Native recursion right now.
    nesting: usize,
    /// Bytes in all the buffers that are being written right now.
    written: usize,
    /// Bytes of the texts in `texts`.
    texts_size: usize,
    /// Argument lists to use again.
    spare_arguments: Vec<Vec<Value>>,
    /// Output buffers to use again.
    spare_buffers: Vec<Vec<u8>>,
    /// What `tpl` texts are parsed in.
    scratch: Scratch,
}

impl<'r> Executor<'r> {
    /// A render over `set`.
    pub fn new(set: &'r Set, environment: &'r mut Environment) -> Executor<'r> {
        Executor {
            set,
            environment,
            overlay: None,
            included: Vec::new(),
            texts: HashMap::new(),
            depth: 0,
            nesting: 0,
            written: 0,
            texts_size: 0,
            spare_arguments: Vec::new(),
            spare_buffers: Vec::new(),
            scratch: Scratch::default(),
        }
    }

    /// Appends the output of `template` over `data` to `out`. After an error the
    /// executor must not be used again.
    pub fn execute(&mut self, template: &Template, data: &Value, out: &mut Vec<u8>) -> Result<(), Failure> {
        self.written = out.len();
        match self.run(template, Operand::plain(data.clone()), out) {
            Ok(result) => result,
            Err(exceeded) => Err(error::outside(template, exceeded)),
        }
    }

    /// The render's budget.
    pub fn budget(&mut self) -> &mut Budget {
        &mut self.environment.budget
    }

    /// Takes the calls that asked the clock or chance, if the render is watched.
    pub fn take_chance(&mut self) -> Vec<Chance> {
        self.environment.watch.as_mut().map(Watch::take).unwrap_or_default()
    }

    /// One template more on the stack, if there is room.
    fn enter_template(&mut self) -> Result<(), Exceeded> {
        self.environment.budget.depth(self.depth.saturating_add(1))?;
        self.depth += 1;
        self.nest()
    }

    fn leave_template(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.unnest();
    }

    /// One level of native recursion more, if there is room.
    fn nest(&mut self) -> Result<(), Exceeded> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return Err(Exceeded::Limit("blocks and parentheses inside each other", MAX_NESTING as u64));
        }
        Ok(())
    }

    fn unnest(&mut self) {
        self.nesting = self.nesting.saturating_sub(1);
    }
}
