//! The parts of nodes that are being read. A node gets its parts in one piece of
//! the right size when it is complete; the room they stood in is used again.

use super::super::ast::{Arg, Command, Node};
use crate::data::Str;

/// One stack for each kind of part: what nests stands above what it nests in.
#[derive(Debug, Default)]
pub struct Scratch {
    pub nodes: Vec<Node>,
    pub commands: Vec<Command>,
    pub args: Vec<Arg>,
    pub fields: Vec<Str>,
    pub names: Names,
}

/// The parts from `start` on, which leave the stack.
pub fn take<T>(stack: &mut Vec<T>, start: usize) -> Box<[T]> {
    stack.drain(start.min(stack.len())..).collect()
}

/// The names read lately: most names of a template come again and again.
#[derive(Debug, Default)]
pub struct Names {
    slots: Vec<Str>,
}

impl Names {
    const SLOTS: usize = 128;
    /// A longer one is a text, and unlikely to come again.
    const LONGEST: usize = 48;

    /// The name, shared with the last one that says the same.
    pub fn get(&mut self, name: &[u8]) -> Str {
        if name.len() > Names::LONGEST {
            return Str::from(name);
        }
        if self.slots.is_empty() {
            self.slots.resize(Names::SLOTS, Str::default());
        }
        let sum = name.iter().fold(name.len(), |sum, b| sum.wrapping_mul(31).wrapping_add(usize::from(*b)));
        match self.slots.get_mut(sum % Names::SLOTS) {
            Some(slot) if slot.as_bytes() == name => slot.clone(),
            Some(slot) => {
                *slot = Str::from(name);
                slot.clone()
            }
            None => Str::from(name),
        }
    }
}
