//! A pattern from RE2's syntax to that of Rust's engine, or Go's error. Flags
//! are resolved here, so that every item means the same wherever it stands.

use super::class::{NOTHING, bracketed, lone};
use super::parse::{Count, Parsed, count, escape, fail, next, skip, taken};

/// Go's limits: of a count (also the product of nested ones), of the tree's
/// height and of the program's size.
const MAX_REPEAT: u32 = 1000;
const MAX_HEIGHT: u32 = 1000;
const MAX_SIZE: u64 = (128 << 20) / 40;
/// Groups that do not capture add no height, but they nest in Rust's tree.
const MAX_GROUPS: usize = 1000;

/// A translated pattern.
pub struct Translated {
    /// In Rust's syntax.
    pub pattern: String,
    /// The groups' names, the whole match first.
    pub names: Vec<String>,
    /// About how many states the automaton has.
    pub weight: usize,
}

#[derive(Clone, Copy, Default)]
struct Flags {
    fold: bool,
    multiline: bool,
    dot_newline: bool,
    lazy: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Literal,
    Concat,
    Alternate,
    Other,
}

/// What Go would weigh of a part of its tree.
#[derive(Clone, Copy)]
struct Node {
    shape: Shape,
    size: u64,
    height: u32,
    /// The greatest product of nested counts.
    repeat: u32,
    weight: usize,
}

impl Node {
    fn leaf(shape: Shape, weight: usize) -> Node {
        Node { shape, size: 1, height: 1, repeat: 1, weight }
    }

    /// Several parts under one node; parts of the same shape are hoisted.
    fn join(parts: Option<Node>, next: Node, shape: Shape) -> Node {
        let Some(parts) = parts else { return next };
        if shape == Shape::Concat && parts.shape == Shape::Literal && next.shape == Shape::Literal {
            return Node { size: parts.size + next.size, weight: parts.weight + next.weight, ..parts };
        }
        let inner = |node: Node| if node.shape == shape { node.height } else { node.height + 1 };
        Node {
            shape,
            size: parts.size + next.size,
            height: inner(parts).max(inner(next)),
            repeat: parts.repeat.max(next.repeat),
            weight: parts.weight.saturating_add(next.weight),
        }
    }
}

/// A group that is open, or the whole pattern.
#[derive(Default)]
struct Scope {
    flags: Flags,
    captures: bool,
    branches: Option<Node>,
    sequence: Option<Node>,
    last: Option<Node>,
}

impl Scope {
    fn push(&mut self, node: Node) {
        self.settle();
        self.last = Some(node);
    }

    /// Moves the last item out of reach of repetitions.
    fn settle(&mut self) {
        if let Some(last) = self.last.take() {
            self.sequence = Some(Node::join(self.sequence, last, Shape::Concat));
        }
    }

    fn end_branch(&mut self) -> Node {
        self.settle();
        let branch = self.sequence.take().unwrap_or(Node::leaf(Shape::Other, 1));
        let all = Node::join(self.branches, branch, Shape::Alternate);
        self.branches = Some(all);
        all
    }
}

struct Translator<'p> {
    whole: &'p str,
    out: String,
    flags: Flags,
    names: Vec<String>,
    /// The innermost group.
    scope: Scope,
    outer: Vec<Scope>,
}

/// Translates `pattern`, which need not be valid UTF-8.
///
/// # Errors
/// Go's text, from `error parsing regexp: ` on.
pub fn translate(pattern: &[u8]) -> Result<Translated, String> {
    let error = match std::str::from_utf8(pattern) {
        Ok(text) => return Translator::new(text).run(),
        Err(error) => error,
    };
    // Go stumbles over the invalid byte unless something before it is wrong.
    let (valid, rest) = pattern.split_at(error.valid_up_to());
    let valid = String::from_utf8_lossy(valid);
    match Translator::new(&valid).run() {
        Err(text) if !text.ends_with(&format!("{}`", tail(&valid))) => Err(text),
        _ => Err(fail("invalid UTF-8", &String::from_utf8_lossy(rest))),
    }
}

/// The last characters of `text`, to see whether an error quotes its end.
fn tail(text: &str) -> &str {
    text.char_indices().rev().take(1).last().map_or("", |(at, _)| skip(text, at))
}

impl<'p> Translator<'p> {
    fn new(whole: &'p str) -> Self {
        Translator {
            whole,
            out: String::with_capacity(whole.len() + 16),
            flags: Flags::default(),
            names: vec![String::new()],
            scope: Scope::default(),
            outer: Vec::new(),
        }
    }

    fn run(mut self) -> Result<Translated, String> {
        let (mut rest, mut last_repeat) = (self.whole, "");
        while let Some((c, after)) = next(rest) {
            let before = rest;
            let mut repeat = "";
            rest = match c {
                '(' => self.open(rest)?,
                ')' => {
                    self.close()?;
                    after
                }
                '|' => {
                    self.scope.end_branch();
                    self.out.push('|');
                    after
                }
                '*' | '+' | '?' => {
                    repeat = before;
                    self.repeat(None, before, after, last_repeat)?
                }
                '{' => match count(rest) {
                    Some((bounds, after)) => {
                        repeat = before;
                        self.repeat(Some(bounds), before, after, last_repeat)?
                    }
                    None => {
                        self.literal('{'.into());
                        after
                    }
                },
                '[' => {
                    let (class, after) = bracketed(rest, self.flags.fold)?;
                    self.item(&class.text, Shape::Other, class.weight);
                    after
                }
                '\\' => self.backslash(rest)?,
                _ => {
                    self.plain(c);
                    after
                }
            };
            last_repeat = repeat;
        }
        self.finish()
    }

    fn finish(mut self) -> Result<Translated, String> {
        let node = self.scope.end_branch();
        if !self.outer.is_empty() {
            return Err(fail("missing closing )", self.whole));
        }
        self.check(node)?;
        Ok(Translated { pattern: self.out, names: self.names, weight: node.weight })
    }

    fn check(&self, node: Node) -> Result<(), String> {
        if node.size > MAX_SIZE {
            return Err(fail("expression too large", self.whole));
        }
        if node.height > MAX_HEIGHT {
            return Err(fail("expression nests too deeply", self.whole));
        }
        Ok(())
    }

    fn item(&mut self, text: &str, shape: Shape, weight: usize) {
        self.out.push_str(text);
        self.scope.push(Node::leaf(shape, weight));
    }

    /// A character that is no operator of its own.
    fn plain(&mut self, c: char) {
        let text = match c {
            '^' if self.flags.multiline => "(?m:^)",
            '^' => r"(?:\A)",
            '$' if self.flags.multiline => "(?m:$)",
            '$' => r"(?:\z)",
            '.' if self.flags.dot_newline => "(?s:.)",
            '.' => r"[^\n]",
            _ => return self.literal(c.into()),
        };
        self.item(text, Shape::Other, if c == '.' { 8 } else { 1 });
    }

    fn literal(&mut self, code: u32) {
        let text = match char::from_u32(code) {
            None => NOTHING.to_owned(),
            Some(c) if c.is_alphabetic() && self.flags.fold => format!("(?i:{c})"),
            Some(c) if c.is_ascii_alphanumeric() || !c.is_ascii() => c.to_string(),
            Some(_) => format!(r"\x{{{code:X}}}"),
        };
        self.item(&text, Shape::Literal, 1);
    }

    fn backslash(&mut self, text: &'p str) -> Result<&'p str, String> {
        let rest = skip(text, 2);
        match next(skip(text, 1)).map(|(c, _)| c) {
            Some('A') => self.item(r"(?:\A)", Shape::Other, 1),
            Some('z') => self.item(r"(?:\z)", Shape::Other, 1),
            Some('b') => self.item(r"(?-u:\b)", Shape::Other, 1),
            Some('B') => self.item(r"(?-u:\B)", Shape::Other, 1),
            Some('C') => return Err(fail("invalid escape sequence", taken(text, rest))),
            Some('Q') => {
                let (quoted, rest) = rest.split_once(r"\E").unwrap_or((rest, ""));
                quoted.chars().for_each(|c| self.literal(c.into()));
                return Ok(rest);
            }
            _ => {
                if let Some((class, rest)) = lone(text, self.flags.fold)? {
                    self.item(&class.text, Shape::Other, class.weight);
                    return Ok(rest);
                }
                let (code, rest) = escape(text)?;
                self.literal(code);
                return Ok(rest);
            }
        }
        Ok(rest)
    }

    /// `*`, `+`, `?` (no `bounds`) or a count, applied to the last item.
    fn repeat(
        &mut self,
        bounds: Option<Count>,
        before: &'p str,
        after: &'p str,
        last_repeat: &str,
    ) -> Result<&'p str, String> {
        if let Some(Count { min, max }) = bounds
            && (min > MAX_REPEAT || max.is_some_and(|max| max > MAX_REPEAT || min > max))
        {
            return Err(fail("invalid repeat count", taken(before, after)));
        }
        let (lazy, after) = match after.strip_prefix('?') {
            Some(after) => (!self.flags.lazy, after),
            None => (self.flags.lazy, after),
        };
        if !last_repeat.is_empty() {
            return Err(fail("invalid nested repetition operator", taken(last_repeat, after)));
        }
        let Some(node) = self.scope.last else {
            return Err(fail("missing argument to repetition operator", taken(before, after)));
        };
        let node = repeated(node, bounds, before);
        self.check(node)?;
        if node.repeat > MAX_REPEAT && bounds.is_some_and(|b| b.min >= 2 || b.max.is_some_and(|m| m >= 2)) {
            return Err(fail("invalid repeat count", taken(before, after)));
        }
        self.scope.last = Some(node);
        let operator = match bounds {
            None => before.get(..1).unwrap_or_default().to_owned(),
            Some(Count { min, max: Some(max) }) => format!("{{{min},{max}}}"),
            Some(Count { min, max: None }) => format!("{{{min},}}"),
        };
        self.out.push_str(&operator);
        if lazy {
            self.out.push('?');
        }
        Ok(after)
    }

    fn enter(&mut self, name: Option<&str>) -> Result<(), String> {
        if self.outer.len() >= MAX_GROUPS {
            return Err(fail("expression nests too deeply", self.whole));
        }
        let scope = Scope { flags: self.flags, captures: name.is_some(), ..Scope::default() };
        self.outer.push(std::mem::replace(&mut self.scope, scope));
        self.out.push_str(if name.is_some() { "(" } else { "(?:" });
        self.names.extend(name.map(str::to_owned));
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        let mut node = self.scope.end_branch();
        let Some(outer) = self.outer.pop() else { return Err(fail("unexpected )", self.whole)) };
        let scope = std::mem::replace(&mut self.scope, outer);
        self.flags = scope.flags;
        if scope.captures {
            node = Node { shape: Shape::Other, size: node.size + 2, height: node.height + 1, ..node };
        }
        self.check(node)?;
        self.scope.push(node);
        self.out.push(')');
        Ok(())
    }

    /// A group, or flags, at the start of `text`.
    fn open(&mut self, text: &'p str) -> Result<&'p str, String> {
        let Some(inner) = text.strip_prefix("(?") else {
            self.enter(Some(""))?;
            return Ok(skip(text, 1));
        };
        let named = inner.strip_prefix("P<").filter(|rest| !rest.is_empty());
        if let Some(rest) = named.or_else(|| inner.strip_prefix('<').filter(|rest| !rest.is_empty())) {
            let Some((name, after)) = rest.split_once('>') else {
                return Err(fail("invalid named capture", text));
            };
            if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                return Err(fail("invalid named capture", taken(text, after)));
            }
            self.enter(Some(name))?;
            return Ok(after);
        }
        let ((flags, group), after) = read_flags(self.flags, text, inner)?;
        if group {
            self.enter(None)?;
        }
        self.flags = flags;
        Ok(after)
    }
}

/// `i`, `-s`, `m:` and so on after `(?`; says whether a group begins.
fn read_flags<'p>(mut flags: Flags, text: &str, mut rest: &'p str) -> Parsed<'p, (Flags, bool)> {
    let (mut on, mut seen) = (true, false);
    while let Some((c, after)) = next(rest) {
        rest = after;
        match c {
            'i' => flags.fold = on,
            'm' => flags.multiline = on,
            's' => flags.dot_newline = on,
            'U' => flags.lazy = on,
            '-' if on => {
                (on, seen) = (false, false);
                continue;
            }
            ':' | ')' if on || seen => return Ok(((flags, c == ':'), rest)),
            _ => break,
        }
        seen = true;
    }
    Err(fail("invalid or unsupported Perl syntax", taken(text, rest)))
}

/// A node under a repetition: Go's size of it, and ours.
fn repeated(node: Node, bounds: Option<Count>, operator: &str) -> Node {
    let Some(Count { min, max }) = bounds else {
        let extra = if operator.starts_with('*') { 2 } else { 1 };
        return Node { shape: Shape::Other, size: node.size + extra, height: node.height + 1, ..node };
    };
    let copies = max.unwrap_or(min);
    let size = match max {
        None if min == 0 => node.size + 2,
        None => 1 + u64::from(min) * node.size,
        Some(max) => u64::from(max) * node.size + u64::from(max - min),
    };
    Node {
        shape: Shape::Other,
        size: size.max(1),
        height: node.height + 1,
        repeat: if max == Some(0) { 1 } else { node.repeat.saturating_mul(copies.max(1)) },
        weight: node.weight.saturating_mul(copies.max(1) as usize),
    }
}
