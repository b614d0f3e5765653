//! The tree of a parsed file, without a pointer in it: the parts of each kind lie in
//! one list, and a part names its own parts by their places there. So a tree of
//! thousands of nodes is made, kept and freed as a handful of pieces of memory.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;

use super::ast::{Arg, Branch, Call, Command, Node, Number, Pipe, Source, Span, Variable};
use crate::data::Str;

/// What a file was parsed to.
#[derive(Debug)]
pub struct Tree {
    /// What it was parsed from.
    pub source: Source,
    /// The parts of all its templates.
    pub parts: Parts,
}

/// A list for each kind of part.
#[derive(Debug, Default)]
pub struct Parts {
    /// Of templates and branches.
    pub nodes: Vec<Node>,
    /// `if`, `with` and `range`.
    pub branches: Vec<Branch>,
    /// `template` and `block`.
    pub calls: Vec<Call>,
    /// Of actions, branches, calls and parentheses.
    pub pipes: Vec<Pipe>,
    /// What pipelines declare.
    pub variables: Vec<Variable>,
    /// Of pipelines.
    pub commands: Vec<Command>,
    /// Of commands.
    pub args: Vec<Arg>,
    /// What string constants mean.
    pub strings: Vec<Str>,
    /// What numbers mean.
    pub numbers: Vec<Number>,
}

impl Parts {
    /// Moves all parts to memory of their size; these lists are empty then, and
    /// keep their room.
    pub fn take(&mut self) -> Parts {
        Parts {
            nodes: fitting(&mut self.nodes),
            branches: fitting(&mut self.branches),
            calls: fitting(&mut self.calls),
            pipes: fitting(&mut self.pipes),
            variables: fitting(&mut self.variables),
            commands: fitting(&mut self.commands),
            args: fitting(&mut self.args),
            strings: fitting(&mut self.strings),
            numbers: fitting(&mut self.numbers),
        }
    }
}

fn fitting<T>(list: &mut Vec<T>) -> Vec<T> {
    let mut fitting = Vec::with_capacity(list.len());
    fitting.append(list);
    fitting
}

/// A kind of part.
pub trait Part: Sized + 'static {
    /// What stands for a part that is not there. The parser names none such.
    const MISSING: &'static Self;

    /// The list of the kind.
    fn list(parts: &Parts) -> &[Self];
}

/// Where a part is in its list.
pub struct Id<T> {
    at: u32,
    kind: PhantomData<fn() -> T>,
}

/// Parts beside each other in their list.
pub struct Run<T> {
    start: u32,
    end: u32,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Id<T> {
        *self
    }
}

impl<T> Copy for Id<T> {}

impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.at)
    }
}

impl<T> Clone for Run<T> {
    fn clone(&self) -> Run<T> {
        *self
    }
}

impl<T> Copy for Run<T> {}

impl<T> fmt::Debug for Run<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

impl<T> Id<T> {
    const NONE: Id<T> = Id { at: u32::MAX, kind: PhantomData };

    /// Adds a part to its list.
    pub fn add(list: &mut Vec<T>, part: T) -> Id<T> {
        let id = Id { at: place(list.len()), kind: PhantomData };
        list.push(part);
        id
    }
}

impl<T> Run<T> {
    const NONE: Run<T> = Run { start: 0, end: 0, kind: PhantomData };

    /// Moves the parts from `start` on out of `open` to the end of `list`.
    pub fn close(open: &mut Vec<T>, start: usize, list: &mut Vec<T>) -> Run<T> {
        let first = list.len();
        list.extend(open.drain(start.min(open.len())..));
        Run::since(first, list)
    }

    /// The parts of `list` from `first` on.
    pub fn since(first: usize, list: &[T]) -> Run<T> {
        Run { start: place(first), end: place(list.len()), kind: PhantomData }
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// How many there are.
    pub fn len(self) -> usize {
        self.range().len()
    }

    fn range(self) -> Range<usize> {
        index(self.start)..index(self.end)
    }
}

/// No list is as long as this: a part takes a byte of text, and positions in that
/// are of the same size.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn index(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

impl Parts {
    /// A part of any kind.
    pub fn part<T: Part>(&self, id: Id<T>) -> &T {
        T::list(self).get(index(id.at)).unwrap_or(T::MISSING)
    }

    /// Parts beside each other, of any kind.
    pub fn run<T: Part>(&self, run: Run<T>) -> &[T] {
        T::list(self).get(run.range()).unwrap_or_default()
    }

    /// A string constant's value.
    pub fn string(&self, id: Id<Str>) -> Str {
        self.strings.get(index(id.at)).cloned().unwrap_or_default()
    }
}

impl Tree {
    /// The bytes of its text and its parts.
    pub fn bytes(&self) -> usize {
        let Parts { nodes, branches, calls, pipes, variables, commands, args, strings, numbers } =
            &self.parts;
        self.source.text.len()
            + size_of_val(&**nodes)
            + size_of_val(&**branches)
            + size_of_val(&**calls)
            + size_of_val(&**pipes)
            + size_of_val(&**variables)
            + size_of_val(&**commands)
            + size_of_val(&**args)
            + size_of_val(&**strings)
            + size_of_val(&**numbers)
            + strings.iter().map(Str::len).sum::<usize>()
    }

    /// A part of any kind.
    pub fn part<T: Part>(&self, id: Id<T>) -> &T {
        self.parts.part(id)
    }

    /// Parts beside each other, of any kind.
    pub fn run<T: Part>(&self, run: Run<T>) -> &[T] {
        self.parts.run(run)
    }
}

macro_rules! parts {
    ($($part:ident in $list:ident, else $missing:expr;)*) => {$(
        impl Part for $part {
            const MISSING: &'static $part = &$missing;

            fn list(parts: &Parts) -> &[$part] {
                &parts.$list
            }
        }
    )*};
}

impl Pipe {
    const NONE: Pipe = Pipe { pos: 0, is_assign: false, decl: Run::NONE, cmds: Run::NONE };
}

parts! {
    Node in nodes, else Node::Break(0);
    Branch in branches, else Branch { pipe: Pipe::NONE, list: Run::NONE, else_list: None };
    Call in calls, else Call { pos: 0, name: Id::NONE, pipe: None };
    Pipe in pipes, else Pipe::NONE;
    Variable in variables, else Variable { name: Span::empty(0), end: 0 };
    Command in commands, else Command { pos: 0, args: Run::NONE };
    Arg in args, else Arg::Nil(0);
    Number in numbers, else Number { int: None, uint: None, float: None, complex: None };
}
