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
    pub constants: Constants,
}

/// The parts from `start` on, which leave the stack.
pub fn take<T>(stack: &mut Vec<T>, start: usize) -> Box<[T]> {
    stack.split_off(start.min(stack.len())).into_boxed_slice()
}

/// The string constants read lately: most of a template's come again and again.
#[derive(Debug, Default)]
pub struct Constants {
    slots: Vec<Option<Str>>,
}

impl Constants {
    const SLOTS: usize = 128;
    /// A longer one is a text, and unlikely to come again.
    const LONGEST: usize = 48;

    /// The constant, shared with the last one that says the same.
    pub fn get(&mut self, text: &[u8]) -> Str {
        if text.len() > Constants::LONGEST {
            return Str::from(text);
        }
        if self.slots.is_empty() {
            self.slots.resize(Constants::SLOTS, None);
        }
        match self.slots.get_mut(place(text) % Constants::SLOTS) {
            Some(Some(slot)) if slot.as_bytes() == text => slot.clone(),
            Some(slot) => slot.insert(Str::from(text)).clone(),
            None => Str::from(text),
        }
    }
}

/// A number for a text, from its length and both ends.
fn place(text: &[u8]) -> usize {
    let mixed = match (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        (Some(start), Some(end)) => u64::from_le_bytes(*start) ^ u64::from_le_bytes(*end).rotate_left(23),
        _ => text.iter().fold(0, |sum, b| sum << 8 | u64::from(*b)),
    };
    let spread = (mixed ^ text.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    usize::from(spread.to_be_bytes()[0])
}
