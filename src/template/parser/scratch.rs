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
    stack.split_off(start.min(stack.len())).into_boxed_slice()
}

/// The names read lately: most names of a template come again and again.
#[derive(Debug, Default)]
pub struct Names {
    slots: Vec<Option<Str>>,
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
            self.slots.resize(Names::SLOTS, None);
        }
        match self.slots.get_mut(place(name) % Names::SLOTS) {
            Some(Some(slot)) if slot.as_bytes() == name => slot.clone(),
            Some(slot) => slot.insert(Str::from(name)).clone(),
            None => Str::from(name),
        }
    }
}

/// A number for a name, from its length and both ends.
fn place(name: &[u8]) -> usize {
    let mixed = match (name.first_chunk::<8>(), name.last_chunk::<8>()) {
        (Some(start), Some(end)) => u64::from_le_bytes(*start) ^ u64::from_le_bytes(*end).rotate_left(23),
        _ => name.iter().fold(0, |sum, b| sum << 8 | u64::from(*b)),
    };
    let spread = (mixed ^ name.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    usize::from(spread.to_be_bytes()[0])
}
