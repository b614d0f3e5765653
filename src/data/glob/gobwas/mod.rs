//! gobwas/glob v0.2.3 with the separator `/`: `*` stays within a level, `**`
//! crosses them, `{a,b}` alternates, `[a-z]`, `[abc]` and `[!a]` are classes.
//!
//! What a pattern matches there depends on how the library rearranges it:
//! `a/**/b` matches `a/b`, as its two ends may share the slash, and `a{*.x,yz}`
//! matches three characters only. Charts are written against what it does, so the
//! same rearrangements are made here: [`compile`] makes them, [`matcher`] runs.

mod compile;
mod matcher;

use std::cell::Cell;

use matcher::Matcher;

/// Braces inside each other that a pattern may have.
const MAX_NESTING: usize = 100;

/// Parts that a pattern may have: rearranging them takes the third power of it.
const MAX_NODES: usize = 100;

/// Steps that all matches of one pattern may take.
const MAX_STEPS: u64 = 5_000_000;

/// A compiled pattern.
#[derive(Debug)]
pub struct Glob {
    matcher: Matcher,
    steps: Cell<u64>,
}

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq)]
enum Node {
    /// Literal characters.
    Text(String),
    /// The empty pattern.
    Nothing,
    /// Parts in a row.
    Pattern(Vec<Node>),
    /// `*`
    Any,
    /// `**`
    Super,
    /// `?`
    Single,
    /// `[abc]`, `[!abc]`; the separator counts as any other character.
    List { chars: String, not: bool },
    /// `[a-z]`, `[!a-z]`
    Range { low: char, high: char, not: bool },
    /// `{…,…}`
    AnyOf(Vec<Node>),
}

impl Glob {
    /// Compiles a pattern; `None` where gobwas refuses it, and where it has more
    /// parts than any real one.
    pub fn new(pattern: &str) -> Option<Glob> {
        // A NUL is the end for gobwas' lexer, and U+FFFD an unreadable rune.
        let pattern = pattern.split('\0').next().unwrap_or_default();
        if pattern.contains('\u{fffd}') {
            return None;
        }
        let mut parser = Parser::default();
        let mut chars = pattern.chars();
        while let Some(c) = chars.next() {
            parser.take(c, &mut chars)?;
            if parser.nodes > MAX_NODES {
                return None;
            }
        }
        while !parser.open.is_empty() {
            parser.close();
        }
        let matcher = compile::compile(&Node::Pattern(parser.sequence));
        Some(Glob { matcher, steps: Cell::new(MAX_STEPS) })
    }

    /// Whether the whole of `path` matches. A pattern that has used up its steps
    /// matches nothing any more.
    pub fn matches(&self, path: &str) -> bool {
        self.matcher.matches(path.as_bytes(), &self.steps)
    }
}

#[derive(Default)]
struct Parser {
    /// The alternatives that are open: what stands before them, and those that
    /// are finished.
    open: Vec<(Vec<Node>, Vec<Node>)>,
    sequence: Vec<Node>,
    nodes: usize,
    /// Whether the next character continues a text.
    in_text: bool,
}

impl Parser {
    fn take(&mut self, c: char, rest: &mut std::str::Chars<'_>) -> Option<()> {
        match c {
            '{' if self.open.len() >= MAX_NESTING => return None,
            '{' => {
                self.nodes += 1;
                self.open.push((std::mem::take(&mut self.sequence), Vec::new()));
            }
            ',' if !self.open.is_empty() => {
                let done = Node::Pattern(std::mem::take(&mut self.sequence));
                self.open.last_mut()?.1.push(done);
            }
            '}' if !self.open.is_empty() => self.close(),
            '[' => self.push(class(rest)?),
            '?' => self.push(Node::Single),
            '*' if rest.as_str().starts_with('*') => {
                rest.next();
                self.push(Node::Super);
            }
            '*' => self.push(Node::Any),
            '\\' => {
                if let Some(c) = rest.next() {
                    self.text(c);
                }
                return Some(());
            }
            c => {
                self.text(c);
                return Some(());
            }
        }
        self.in_text = false;
        Some(())
    }

    fn push(&mut self, node: Node) {
        self.nodes += 1;
        self.sequence.push(node);
    }

    fn text(&mut self, c: char) {
        match self.sequence.last_mut() {
            Some(Node::Text(text)) if self.in_text => text.push(c),
            _ => self.push(Node::Text(c.to_string())),
        }
        self.in_text = true;
    }

    /// Ends the innermost alternatives.
    fn close(&mut self) {
        let Some((around, mut done)) = self.open.pop() else { return };
        done.push(Node::Pattern(std::mem::replace(&mut self.sequence, around)));
        self.sequence.push(Node::AnyOf(done));
    }
}

/// The rest of a class, after `[`.
fn class(chars: &mut std::str::Chars<'_>) -> Option<Node> {
    let not = chars.as_str().starts_with('!');
    if not {
        chars.next();
    }
    let mut ahead = chars.clone();
    let first = ahead.next()?;
    if ahead.next() == Some('-') {
        let high = ahead.next()?;
        if high < first || ahead.next() != Some(']') {
            return None;
        }
        *chars = ahead;
        return Some(Node::Range { low: first, high, not });
    }
    let mut list = String::new();
    loop {
        match chars.next()? {
            ']' => break,
            '\\' => list.push(chars.next()?),
            c => list.push(c),
        }
    }
    (!list.is_empty()).then_some(Node::List { chars: list, not })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_as_in_gobwas() {
        for (pattern, path, matches) in [
            ("*", "a", true),
            ("*", "a/b", false),
            ("**", "a/b", true),
            ("a/**", "a/b/c", true),
            ("**/*.yaml", "a/b/c.yaml", true),
            ("**/*.yaml", "c.yaml", false),
            ("**.yaml", "c.yaml", true),
            ("a/?", "a/b", true),
            ("a?b", "a/b", false),
            ("{a,b}/*.txt", "b/x.txt", true),
            ("{a,b}/*.txt", "c/x.txt", false),
            ("{a*,{b,c}d}", "cd", true),
            ("{a,}b", "b", true),
            ("{a,b", "b", true),
            ("[!a]b", "cb", true),
            ("[!a]b", "ab", false),
            ("[^a]b", "ab", true),
            ("[^a]b", "cb", false),
            ("[a-c]b", "bb", true),
            ("a\\*", "a*", true),
            ("a,b}", "a,b}", true),
            ("", "", true),
            ("", "a", false),
            ("é*", "éa", true),
        ] {
            assert_eq!(Glob::new(pattern).map(|g| g.matches(path)), Some(matches), "{pattern} {path}");
        }
        for pattern in ["[", "[]", "[!]", "[a", "[c-a]", "[a-", "[a-c", "[a-cd]"] {
            assert!(Glob::new(pattern).is_none(), "{pattern}");
        }
        assert!(Glob::new(&"{".repeat(1_000_000)).is_none());
        assert!(Glob::new(&"?a".repeat(1000)).is_none());
    }

    #[test]
    fn rearranged_patterns_match_what_they_match_in_gobwas() {
        for (pattern, path, matches) in [
            ("f/**/c", "f/c", true),
            ("f/**/c", "f/ab/c", true),
            ("f/**/*.yaml", "f/a.yaml", false),
            ("f/{a*,b}", "f/aa", false),
            ("f/{a*,b}", "f/b", true),
            ("f/{b,a*}", "f/aa", true),
            ("f/{*.yaml,*.md}", "f/a.md", true),
            ("f/?é", "f/aé", false),
            ("f/*é", "f/aé", true),
        ] {
            assert_eq!(Glob::new(pattern).map(|g| g.matches(path)), Some(matches), "{pattern} {path}");
        }
    }

    #[test]
    fn a_costly_pattern_ends() {
        let glob = Glob::new(&"**a".repeat(40)).unwrap();
        assert!(!glob.matches(&format!("{}b", "a".repeat(4000))));
    }
}
