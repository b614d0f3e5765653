//! Go's `filepath.Match`: `*` and `?` stop at `/`, `[^a-z]` is a class, `\`
//! takes the next character literally.

use std::fmt;

/// The pattern is malformed (`filepath.ErrBadPattern`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadPattern;

impl fmt::Display for BadPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("syntax error in pattern")
    }
}

impl std::error::Error for BadPattern {}

/// What one character of a name is held against.
#[derive(Debug, Clone)]
enum Item {
    /// This character.
    Char(char),
    /// `?`: any but the separator.
    Any,
    /// `[…]`: a character within (or outside) the ranges, the separator included.
    Class { negated: bool, ranges: Vec<(char, char)> },
}

impl Item {
    fn matches(&self, c: char) -> bool {
        match self {
            Item::Char(own) => *own == c,
            Item::Any => c != '/',
            Item::Class { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated
            }
        }
    }
}

/// What stands between stars.
#[derive(Debug, Clone)]
enum Body {
    /// These characters, as most patterns have them.
    Literal(String),
    Items(Vec<Item>),
}

#[derive(Debug, Clone)]
struct Chunk {
    /// Whether a `*` stands before it.
    star: bool,
    body: Body,
}

impl Chunk {
    fn new(star: bool) -> Chunk {
        Chunk { star, body: Body::Literal(String::new()) }
    }

    fn push(&mut self, item: Item) {
        match (&mut self.body, item) {
            (Body::Literal(text), Item::Char(c)) => text.push(c),
            (Body::Literal(text), item) => {
                self.body = Body::Items(text.chars().map(Item::Char).chain([item]).collect());
            }
            (Body::Items(items), item) => items.push(item),
        }
    }

    fn is_empty(&self) -> bool {
        matches!(&self.body, Body::Literal(text) if text.is_empty())
    }

    /// What is left of `name` behind the chunk.
    fn strip<'a>(&self, name: &'a str) -> Option<&'a str> {
        match &self.body {
            Body::Literal(text) => name.strip_prefix(text.as_str()),
            Body::Items(items) => {
                let mut rest = name.chars();
                let all = items.iter().all(|item| rest.next().is_some_and(|c| item.matches(c)));
                all.then_some(rest.as_str())
            }
        }
    }

    /// The same for a chunk that has to reach the end of `name`.
    fn ends(&self, name: &str) -> bool {
        match &self.body {
            Body::Literal(text) if self.star => {
                name.strip_suffix(text.as_str()).is_some_and(|before| !before.contains('/'))
            }
            _ if self.star => {
                std::iter::once(name).chain(after_star(name)).any(|from| self.strip(from) == Some(""))
            }
            _ => self.strip(name) == Some(""),
        }
    }
}

/// A parsed pattern.
#[derive(Debug, Clone)]
pub struct Pattern {
    chunks: Vec<Chunk>,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// [`BadPattern`] where Go refuses it.
    pub fn new(pattern: &str) -> Result<Pattern, BadPattern> {
        let mut chunks = vec![Chunk::new(false)];
        let mut rest = pattern.chars();
        while let Some(c) = rest.next() {
            let item = match c {
                '*' => {
                    let open = chunks.last().is_some_and(|chunk| chunk.star && chunk.is_empty());
                    if !open {
                        chunks.push(Chunk::new(true));
                    }
                    continue;
                }
                '?' => Item::Any,
                '[' => class(&mut rest)?,
                '\\' => Item::Char(rest.next().ok_or(BadPattern)?),
                c => Item::Char(c),
            };
            if let Some(chunk) = chunks.last_mut() {
                chunk.push(item);
            }
        }
        Ok(Pattern { chunks })
    }

    /// Whether the whole of `name` matches.
    pub fn matches(&self, name: &str) -> bool {
        let Some((last, chunks)) = self.chunks.split_last() else { return name.is_empty() };
        let mut name = name;
        for chunk in chunks {
            // As in Go, a star takes as little as possible and is never
            // revisited; only the last chunk has to reach the end.
            let found = match chunk.strip(name) {
                None if chunk.star => after_star(name).find_map(|from| chunk.strip(from)),
                found => found,
            };
            match found {
                Some(rest) => name = rest,
                None => return false,
            }
        }
        last.ends(name)
    }
}

/// What a star leaves of `name`, shortest star first; it never takes a separator.
fn after_star(name: &str) -> impl Iterator<Item = &str> {
    name.char_indices().take_while(|(_, c)| *c != '/').filter_map(|(i, c)| name.get(i + c.len_utf8()..))
}

/// The rest of a class, after `[`.
fn class(rest: &mut std::str::Chars<'_>) -> Result<Item, BadPattern> {
    let negated = rest.as_str().starts_with('^');
    if negated {
        rest.next();
    }
    let mut ranges = Vec::new();
    loop {
        if !ranges.is_empty() && rest.as_str().starts_with(']') {
            rest.next();
            return Ok(Item::Class { negated, ranges });
        }
        let low = class_char(rest)?;
        let mut high = low;
        if rest.as_str().starts_with('-') {
            rest.next();
            high = class_char(rest)?;
        }
        ranges.push((low, high));
    }
}

/// One character of a class; something has to follow it.
fn class_char(rest: &mut std::str::Chars<'_>) -> Result<char, BadPattern> {
    let c = match rest.next().ok_or(BadPattern)? {
        '-' | ']' => return Err(BadPattern),
        '\\' => rest.next().ok_or(BadPattern)?,
        c => c,
    };
    if rest.as_str().is_empty() { Err(BadPattern) } else { Ok(c) }
}

/// Go's `filepath.Match` on Unix.
///
/// # Errors
/// [`BadPattern`] where the pattern is malformed, whether it would match or not.
pub fn filepath_match(pattern: &str, name: &str) -> Result<bool, BadPattern> {
    Ok(Pattern::new(pattern)?.matches(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_go() {
        // Go's own table (path/filepath/match_test.go) says the same.
        for (pattern, name, matches) in [
            ("abc", "abc", true),
            ("*", "abc", true),
            ("*c", "abc", true),
            ("a*", "a", true),
            ("a*", "ab/c", false),
            ("a*/b", "abc/b", true),
            ("a*/b", "a/c/b", false),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", true),
            ("a*b*c*d*e*/f", "axbxcxdxe/xxx/f", false),
            ("a*b?c*x", "abxbbxdbxebxczzx", true),
            ("a*b?c*x", "abxbbxdbxebxczzy", false),
            ("ab[c]", "abc", true),
            ("ab[e-g]", "abc", false),
            ("ab[^b-d]", "abc", false),
            ("a\\*b", "a*b", true),
            ("a?b", "a☺b", true),
            ("a[^a]b", "a☺b", true),
            ("a???b", "a☺b", false),
            ("[a-ζ]*", "α", true),
            ("a?b", "a/b", false),
            ("a*b", "a/b", false),
            ("[\\]a]", "]", true),
            ("[\\-x]", "-", true),
            ("*x", "xxx", true),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(filepath_match(pattern, name), Ok(matches), "{pattern} {name}");
        }
        for pattern in ["[]a]", "[-]", "[x-]", "[-x]", "[a-b-c]", "[", "[^", "[^bc", "a[", "\\", "a\\", "*["]
        {
            assert_eq!(filepath_match(pattern, "a"), Err(BadPattern), "{pattern}");
        }
    }
}
