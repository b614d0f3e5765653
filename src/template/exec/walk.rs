//! Walks the nodes of a template and writes its output.

use super::frame::{At, Frame, Operand};
use super::{Executor, Failure};
use crate::data::{Kind, List, Map, Ty, UintKind, Value};
use crate::template::ast::{Branch, Call, Node, Pipe, Template};
use crate::template::budget::Exceeded;
use crate::template::print;
use crate::template::tree::Run;

/// The depth Go allows. Only a recursion without end goes deeper than our own
/// smaller limit, and it would go this deep: so it gets the message users know.
const GO_MAX_DEPTH: u32 = 100_000;

/// What a node wants to happen next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Next,
    Break,
    Continue,
}

impl Executor<'_> {
    /// Executes a template in a frame of its own. The outer error says that there
    /// was no room for another frame.
    pub(super) fn run(
        &mut self,
        template: &Template,
        data: Operand,
        out: &mut Vec<u8>,
    ) -> Result<Result<(), Failure>, Exceeded> {
        self.enter_template()?;
        let mut frame = Frame::new(template, data.clone());
        for node in template.tree.run(template.root) {
            if let Err(failure) = self.node(&mut frame, &data, node, out) {
                return Ok(Err(failure));
            }
        }
        self.leave_template();
        Ok(Ok(()))
    }

    /// A list of nodes inside a branch.
    fn list<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        nodes: Run<Node>,
        out: &mut Vec<u8>,
    ) -> Result<Flow, Failure> {
        self.nest().map_err(|e| frame.exceeded(e))?;
        let mut flow = Flow::Next;
        for node in frame.parts(nodes) {
            flow = self.node(frame, dot, node, out)?;
            if flow != Flow::Next {
                break;
            }
        }
        self.unnest();
        Ok(flow)
    }

    fn node<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        node: &'t Node,
        out: &mut Vec<u8>,
    ) -> Result<Flow, Failure> {
        frame.at = At::Node(node);
        self.environment.budget.step().map_err(|e| frame.exceeded(e))?;
        match node {
            Node::Text(text) => self.write(frame, out, frame.text(*text))?,
            Node::Action(pipe) => self.action(frame, dot, node, frame.part(*pipe), out)?,
            Node::If(branch) => return self.conditional(frame, dot, frame.part(*branch), false, out),
            Node::With(branch) => return self.conditional(frame, dot, frame.part(*branch), true, out),
            Node::Range(branch) => return self.range(frame, dot, frame.part(*branch), out),
            Node::Template(call) => self.template(frame, dot, frame.part(*call), out)?,
            Node::Break(_) => return Ok(Flow::Break),
            Node::Continue(_) => return Ok(Flow::Continue),
        }
        Ok(Flow::Next)
    }

    fn write(&mut self, frame: &Frame<'_>, out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), Failure> {
        self.wrote(frame, bytes.len())?;
        out.extend_from_slice(bytes);
        Ok(())
    }

    /// Counts output. What the templates around this one have written so far is
    /// still in memory, so it counts too.
    fn wrote(&mut self, frame: &Frame<'_>, bytes: usize) -> Result<(), Failure> {
        self.written = self.written.saturating_add(bytes);
        self.environment.budget.template(self.written).map_err(|e| frame.exceeded(e))
    }

    /// Prints a pipeline's value. Variables that it declares live until the end
    /// of the block; a declaration prints nothing.
    fn action<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        node: &'t Node,
        pipe: &'t Pipe,
        out: &mut Vec<u8>,
    ) -> Result<(), Failure> {
        let value = self.pipeline(frame, dot, pipe)?;
        if !pipe.decl.is_empty() {
            return Ok(());
        }
        frame.at = At::Node(node);
        match &value {
            Value::Str(text) => self.write(frame, out, text.as_bytes()),
            Value::Nil => self.write(frame, out, b"<no value>"),
            Value::Object(object) if let Some(text) = object.printed() => {
                self.write(frame, out, text.as_bytes())
            }
            value => {
                let before = out.len();
                print::print_value(out, value).map_err(|e| frame.exceeded(e))?;
                // Go follows a pointer before it prints it.
                if value.kind() == Kind::Ptr && out.get(before) == Some(&b'&') {
                    out.remove(before);
                }
                self.wrote(frame, out.len().saturating_sub(before))
            }
        }
    }

    /// `if` and `with`, which differ only in what dot is inside.
    fn conditional<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        branch: &'t Branch,
        with: bool,
        out: &mut Vec<u8>,
    ) -> Result<Flow, Failure> {
        let mark = frame.mark();
        let value = self.pipeline(frame, dot, &branch.pipe)?;
        let flow = if !value.is_true() {
            self.otherwise(frame, dot, branch, out)?
        } else if with {
            self.list(frame, &Operand::plain(value), branch.list, out)?
        } else {
            drop(value);
            self.list(frame, dot, branch.list, out)?
        };
        frame.pop(mark);
        Ok(flow)
    }

    fn otherwise<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        branch: &'t Branch,
        out: &mut Vec<u8>,
    ) -> Result<Flow, Failure> {
        match branch.else_list {
            Some(list) => self.list(frame, dot, list, out),
            None => Ok(Flow::Next),
        }
    }

    fn range<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        branch: &'t Branch,
        out: &mut Vec<u8>,
    ) -> Result<Flow, Failure> {
        let before = frame.mark();
        let value = self.pipeline(frame, dot, &branch.pipe)?;
        let ran = match &value {
            Value::Nil => false,
            Value::Int(n, kind) => {
                let numbers = (0..*n).map(|i| Value::Int(i, *kind));
                self.count(frame, branch, &value, numbers, out)?
            }
            Value::Uint(n, kind) => {
                let numbers = (0..*n).map(|i| Value::Uint(i, *kind));
                self.count(frame, branch, &value, numbers, out)?
            }
            Value::Bytes(bytes) => {
                let items = bytes.as_bytes().iter().map(|b| byte(*b));
                self.each(frame, branch, numbered(items), out)?
            }
            Value::List(list) => self.range_list(frame, branch, list, out)?,
            Value::Map(map) => self.range_map(frame, branch, map, out)?,
            value => {
                let text = print::value_text(value).map_err(|e| frame.exceeded(e))?;
                return Err(frame.message(format!("range can't iterate over {text}")));
            }
        };
        let flow = if ran { Flow::Next } else { self.otherwise(frame, dot, branch, out)? };
        frame.pop(before);
        Ok(flow)
    }

    fn range_list<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        branch: &'t Branch,
        list: &List,
        out: &mut Vec<u8>,
    ) -> Result<bool, Failure> {
        let boxed = list.ty().elem == Ty::Any;
        let items = list.items().iter().map(|item| Operand { value: item.clone(), boxed });
        self.each(frame, branch, numbered(items), out)
    }

    /// Walks a snapshot: the body may change the map.
    fn range_map<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        branch: &'t Branch,
        map: &Map,
        out: &mut Vec<u8>,
    ) -> Result<bool, Failure> {
        self.environment.budget.items(map.len()).map_err(|e| frame.exceeded(e))?;
        let boxed = map.ty().elem == Ty::Any;
        let entries = map.entries().into_iter();
        let entries = entries.map(|(k, value)| (Value::Str(k), Operand { value, boxed }));
        self.each(frame, branch, entries, out)
    }

    /// `range` over an integer.
    fn count<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        branch: &'t Branch,
        limit: &Value,
        numbers: impl Iterator<Item = Value>,
        out: &mut Vec<u8>,
    ) -> Result<bool, Failure> {
        if branch.pipe.decl.len() > 1 {
            let limit = print::value_text(limit).map_err(|e| frame.exceeded(e))?;
            return Err(frame.message(format!("can't use {limit} to iterate over more than one variable")));
        }
        self.each(frame, branch, numbers.map(|n| (Value::Nil, Operand::plain(n))), out)
    }

    /// Runs the body for each index and element; says whether there were any.
    fn each<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        branch: &'t Branch,
        items: impl Iterator<Item = (Value, Operand)>,
        out: &mut Vec<u8>,
    ) -> Result<bool, Failure> {
        let mark = frame.mark();
        let mut ran = false;
        for (index, item) in items {
            ran = true;
            self.environment.budget.step().map_err(|e| frame.exceeded(e))?;
            set_range_variables(frame, &branch.pipe, index, &item)?;
            let flow = self.list(frame, &item, branch.list, out)?;
            frame.pop(mark);
            if flow == Flow::Break {
                break;
            }
        }
        Ok(ran)
    }

    /// `{{ template "name" pipeline }}`
    fn template<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Operand,
        call: &'t Call,
        out: &mut Vec<u8>,
    ) -> Result<(), Failure> {
        let name = frame.template.tree.parts.string(call.name);
        let Some(template) = self.find(name.as_bytes()) else {
            return Err(frame.message(format!("template {} not defined", print::quote(name.as_bytes()))));
        };
        let at = frame.at;
        let data = match call.pipe {
            Some(pipe) => self.pipeline(frame, dot, frame.part(pipe))?,
            None => Value::Nil,
        };
        self.run(&template, Operand::plain(data), out).unwrap_or_else(|_| {
            frame.at = at;
            Err(frame.message(format!("exceeded maximum template depth ({GO_MAX_DEPTH})")))
        })
    }
}

/// With one variable it is the element, with two the first is the index. The
/// pipeline has declared them already, unless they are assigned (`=`).
fn set_range_variables<'t>(
    frame: &mut Frame<'t>,
    pipe: &'t Pipe,
    index: Value,
    item: &Operand,
) -> Result<(), Failure> {
    match frame.parts(pipe.decl) {
        [] => {}
        [only] if pipe.is_assign => frame.assign(frame.text(only.name), item.clone())?,
        [first, second, ..] if pipe.is_assign => {
            frame.assign(frame.text(first.name), Operand::plain(index))?;
            frame.assign(frame.text(second.name), item.clone())?;
        }
        [_] => frame.set_top(1, item.clone()),
        [_, _, ..] => {
            frame.set_top(1, item.clone());
            frame.set_top(2, Operand::plain(index));
        }
    }
    Ok(())
}

fn numbered(items: impl Iterator<Item = Operand>) -> impl Iterator<Item = (Value, Operand)> {
    items.zip(0..).map(|(item, i)| (Value::int(i), item))
}

fn byte(b: u8) -> Operand {
    Operand::plain(Value::Uint(u64::from(b), UintKind::Uint8))
}
