//! Which calls of a render ask the clock or chance: their results change with every
//! render. The two doors of [`Host`](crate::template::function::Host) tell, so no
//! function has to be known by name. A watched render gets the same answers every
//! time, each call its own; and where one call is to get another answer, the others
//! get the same as before. So two renders show what depends on it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use sha2::{Digest, Sha256};

use super::Executor;
use super::frame::{At, Frame};
use super::host::ROOT;
use crate::data::{Str, Value};
use crate::template::ast::{Place, Pos};
use crate::template::function::{FuncError, Function};

/// So many calls are told of.
const MOST: usize = 1000;

/// How much later it is for a call that gets another answer: another day of the
/// week and of the year, another time of the day.
const LATER: i64 = ((401 * 24 + 7) * 60 + 13) * 60 + 17;

/// What a call may ask that answers differently at every render.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// What time it is.
    Clock,
    /// For bytes of chance.
    Chance,
}

/// A call whose result came from the clock or from chance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chance {
    /// The function.
    pub function: &'static str,
    /// What it asked.
    pub asked: Asked,
    /// Where it was called; of a text that `tpl` ran, where that was.
    pub place: Place,
    /// Where it stands in its source.
    node: (Str, Pos),
}

/// The calls that get another answer than usual, by the number of that answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Vary {
    /// None.
    #[default]
    Nothing,
    /// Every one.
    All(u8),
    /// Those of one node.
    One(Chance, u8),
}

/// What calls for chance returned, for the next render of the same: keys take long
/// to find. By the call's number and the answer's, with the arguments.
#[derive(Debug, Clone, Default)]
pub struct Known(Rc<RefCell<HashMap<(u64, u8), Return>>>);

#[derive(Debug)]
struct Return {
    function: &'static str,
    arguments: Vec<Value>,
    value: Value,
}

/// A watched render.
#[derive(Debug, Default)]
pub struct Watch {
    vary: Vary,
    known: Known,
    /// The calls that asked.
    told: Vec<Chance>,
    /// How many calls there were.
    call: u64,
    /// How often the current one asked for chance.
    draws: u64,
    /// Which answer the current one gets.
    answer: u8,
    /// What the current one asked.
    asked: Option<Asked>,
}

impl Watch {
    /// A render in which some calls get another answer, after other renders of the
    /// same that `known` comes from.
    pub fn new(vary: Vary, known: Known) -> Watch {
        Watch { vary, known, ..Watch::default() }
    }

    /// What the current call returned in an earlier render, with the same arguments.
    fn recall(&mut self, function: &'static str, arguments: &[Value]) -> Option<Value> {
        let known = self.known.0.borrow();
        let known = known.get(&(self.call, self.answer))?;
        let same = known.function == function
            && known.arguments.len() == arguments.len()
            && known.arguments.iter().zip(arguments).all(|(one, other)| one.deep_equal(other));
        same.then(|| {
            self.asked = Some(Asked::Chance);
            known.value.clone()
        })
    }

    /// The time, as the current call gets it.
    pub(super) fn now(&mut self, now: jiff::Timestamp) -> jiff::Timestamp {
        self.asked = self.asked.max(Some(Asked::Clock));
        let later = jiff::SignedDuration::from_secs(LATER.saturating_mul(i64::from(self.answer)));
        now.checked_add(later).unwrap_or(now)
    }

    /// Chance, as the current call gets it.
    pub(super) fn random(&mut self, bytes: &mut [u8]) {
        self.asked = Some(Asked::Chance);
        for chunk in bytes.chunks_mut(32) {
            self.draws += 1;
            let block = Sha256::new()
                .chain_update(self.call.to_be_bytes())
                .chain_update(self.draws.to_be_bytes())
                .chain_update([self.answer])
                .finalize();
            chunk.iter_mut().zip(block).for_each(|(byte, other)| *byte = other);
        }
    }

    /// Takes the calls that were told, each once.
    pub fn take(&mut self) -> Vec<Chance> {
        let mut calls: Vec<Chance> = Vec::new();
        for call in self.told.drain(..) {
            if !calls.contains(&call) {
                calls.push(call);
            }
        }
        calls
    }
}

impl Executor<'_> {
    /// A call at `node` in a watched render.
    pub(super) fn watched(
        &mut self,
        frame: &Frame<'_>,
        node: At<'_>,
        function: &'static Function,
        arguments: &[Value],
    ) -> Result<Value, FuncError> {
        let told = self.watch_before(frame, node, function.name);
        let known = self.environment.watch.as_mut().and_then(|watch| watch.recall(function.name, arguments));
        let result = match known {
            Some(known) => Ok(known),
            None => (function.call)(self, arguments),
        };
        self.watch_after(frame, node, function.name, told, (arguments, result.as_ref().ok()));
        result
    }

    /// Gives a call answers of its own. Says how many calls were told before it.
    fn watch_before(&mut self, frame: &Frame<'_>, node: At<'_>, function: &'static str) -> usize {
        let tree = &frame.template.tree;
        let Some(watch) = &mut self.environment.watch else { return 0 };
        watch.call += 1;
        watch.draws = 0;
        watch.asked = None;
        watch.answer = match &watch.vary {
            Vary::Nothing => 0,
            Vary::All(answer) => *answer,
            Vary::One(call, answer) => {
                let (source, pos) = &call.node;
                let is_it =
                    call.function == function && *pos == node.pos(tree) && *source == tree.source.name;
                if is_it { *answer } else { 0 }
            }
        };
        watch.told.len()
    }

    /// After it: tells of it, if it asked, and keeps what chance gave.
    fn watch_after(
        &mut self,
        frame: &Frame<'_>,
        node: At<'_>,
        function: &'static str,
        told: usize,
        (arguments, value): (&[Value], Option<&Value>),
    ) {
        let Some(watch) = &mut self.environment.watch else { return };
        let at = node.pos(&frame.template.tree);
        if let Some(asked) = watch.asked.take().filter(|_| watch.told.len() < MOST) {
            if let (Asked::Chance, Some(value)) = (asked, value) {
                let known = Return { function, arguments: arguments.to_vec(), value: value.clone() };
                watch.known.0.borrow_mut().insert((watch.call, watch.answer), known);
            }
            let place = frame.template.place(at);
            let node = (frame.template.tree.source.name.clone(), at);
            watch.told.push(Chance { function, asked, place, node });
        }
        if function == "tpl" {
            for inner in watch.told.iter_mut().skip(told).filter(|inner| inner.place.file == ROOT) {
                inner.place = frame.template.place(at);
            }
        }
    }
}
