//! What the parser reads a file into. It is used again for the next file: the tree
//! gets its parts in memory of the right size when they are complete.

use super::super::ast::{Arg, Command, Node};
use super::super::tree::{Id, Parts, Run};
use crate::data::Str;

/// The parts of nodes that are not complete yet, one stack for each kind: what
/// nests stands above what it nests in. And the parts that are.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(super) nodes: Vec<Node>,
    pub(super) commands: Vec<Command>,
    pub(super) args: Vec<Arg>,
    pub(super) done: Parts,
    constants: Constants,
}

impl Scratch {
    /// Forgets what a file left that could not be read.
    pub(super) fn clear(&mut self) {
        self.nodes.clear();
        self.commands.clear();
        self.args.clear();
        self.done.take();
    }

    /// The nodes from `start` on are complete.
    pub(super) fn close_nodes(&mut self, start: usize) -> Run<Node> {
        Run::close(&mut self.nodes, start, &mut self.done.nodes)
    }

    /// A list of one complete node.
    pub(super) fn alone(&mut self, node: Node) -> Run<Node> {
        let first = self.done.nodes.len();
        self.done.nodes.push(node);
        Run::since(first, &self.done.nodes)
    }

    /// The commands from `start` on are complete.
    pub(super) fn close_commands(&mut self, start: usize) -> Run<Command> {
        Run::close(&mut self.commands, start, &mut self.done.commands)
    }

    /// The operands from `start` on are complete.
    pub(super) fn close_args(&mut self, start: usize) -> Run<Arg> {
        Run::close(&mut self.args, start, &mut self.done.args)
    }

    /// Adds a string constant.
    pub(super) fn constant(&mut self, text: &[u8]) -> Id<Str> {
        let constant = self.constants.get(text);
        Id::add(&mut self.done.strings, constant)
    }
}

/// The string constants read lately: most of a template's come again and again.
#[derive(Debug, Default)]
struct Constants {
    slots: Vec<Option<Str>>,
}

impl Constants {
    const SLOTS: usize = 128;
    /// A longer one is a text, and unlikely to come again.
    const LONGEST: usize = 48;

    /// The constant, shared with the last one that says the same.
    fn get(&mut self, text: &[u8]) -> Str {
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
