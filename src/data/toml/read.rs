//! Reads TOML into the Go values that BurntSushi/toml makes of it, with its
//! messages and its leniencies (a key that was only implied may be set again,
//! to no effect).

use std::collections::{BTreeMap, HashSet};

use super::lexer::{Lexed, Lexer, Problem, quoted};
use super::scalar;
use crate::data::{List, ListType, Map, Str, Ty, Value};

/// What `[[name]]` makes.
static TABLES: ListType = ListType { name: "[]map[string]interface {}", elem: Ty::MapAny, methods: &[] };

/// Arrays and inline tables inside each other, and parts of a key. Go has no
/// limit but its stack and time; nobody writes half as many.
const MAX_DEPTH: usize = 200;

/// Reads a document into a map of `int64`, `float64`, `string`, `bool`,
/// `time.Time`, `[]interface {}`, `[]map[string]interface {}` and maps.
///
/// # Errors
/// Go's text, such as `toml: line 1 (last key "a"): unexpected EOF; expected value`.
pub fn from_toml(text: &[u8]) -> Result<Value, String> {
    let text = match text {
        [0xFF, 0xFE, rest @ ..] | [0xFE, 0xFF, rest @ ..] | [0xEF, 0xBB, 0xBF, rest @ ..] => rest,
        _ => text,
    };
    if text.iter().take(6).any(|b| *b == 0) {
        let why = "files cannot contain NULL bytes; probably using UTF-16; TOML files must be UTF-8";
        return Err(format!("toml: line 1: {why}"));
    }
    let (readable, broken) = match std::str::from_utf8(text) {
        Ok(text) => (text, None),
        Err(error) => {
            let (valid, rest) = text.split_at_checked(error.valid_up_to()).unwrap_or_default();
            (std::str::from_utf8(valid).unwrap_or_default(), rest.first())
        }
    };
    let mut reader = Reader {
        lexer: Lexer::new(readable),
        tables: vec![BTreeMap::new()],
        context: Vec::new(),
        root: 0,
        root_depth: 0,
        key: None,
        implied: HashSet::new(),
        depth: 0,
    };
    let problem = match (reader.document(), broken) {
        (Ok(()), None) => return Ok(reader.finish()),
        (Err(problem), None) => problem,
        (Err(problem), Some(_)) if !reader.lexer.rest().is_empty() => problem,
        (_, Some(b)) => Problem { line: reader.lexer.line(), text: format!("invalid UTF-8 byte: 0x{b:02x}") },
    };
    let last = match reader.path() {
        path if path.is_empty() => String::new(),
        path => format!(" (last key \"{}\")", path.escape_debug()),
    };
    Err(format!("toml: line {}{last}: {}", problem.line, problem.text))
}

/// What a key holds while the document is read. Tables are numbers, a table
/// within another having the larger one.
enum Item {
    Value(Value),
    List(Vec<Item>),
    Table(usize),
    Tables(Vec<usize>),
}

struct Reader<'a> {
    lexer: Lexer<'a>,
    tables: Vec<BTreeMap<Str, Item>>,
    /// The table that keys go into, by name.
    context: Vec<String>,
    /// The table that the context counts from: the document's or an inline one,
    /// and how many names of the context lead to it.
    root: usize,
    root_depth: usize,
    /// The key whose value is being read.
    key: Option<String>,
    /// Tables that exist only because a dotted key names them.
    implied: HashSet<String>,
    depth: usize,
}

fn dotted(path: &[String]) -> String {
    let bare = |part: &String| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
    };
    let parts: Vec<String> = path
        .iter()
        .map(|part| if bare(part) { part.clone() } else { format!("\"{}\"", part.escape_debug()) })
        .collect();
    parts.join(".")
}

impl Reader<'_> {
    /// Where the reader is, as errors name it.
    fn path(&self) -> String {
        let mut path = self.context.clone();
        path.extend(self.key.clone().filter(|key| !key.is_empty()));
        dotted(&path)
    }

    fn document(&mut self) -> Lexed<()> {
        loop {
            self.lexer.space()?;
            if self.lexer.peek().is_none() {
                return Ok(());
            }
            if self.lexer.eat("[") {
                self.header()?;
            } else {
                let outer = self.context.clone();
                self.pair()?;
                self.lexer.allowed()?;
                self.context = outer;
                self.key = None;
            }
            self.lexer.blanks();
            self.lexer.comment()?;
            if !self.lexer.newline() && self.lexer.peek().is_some() {
                let found = quoted(self.lexer.peek());
                return self.lexer.fail(format!(
                    "expected a top-level item to end with a newline, comment, or EOF, but got {found} instead"
                ));
            }
        }
    }

    /// `[name]` or `[[name]]`, its first bracket passed.
    fn header(&mut self) -> Lexed<()> {
        let array = self.lexer.eat("[");
        let mut key = Vec::new();
        loop {
            self.lexer.blanks();
            match self.lexer.peek() {
                None | Some(']') => {
                    return self.lexer.fail("unexpected end of table name (table names cannot be empty)");
                }
                Some('.') => {
                    return self.lexer.fail("unexpected table separator (table names cannot be empty)");
                }
                Some('"' | '\'') => key.push(self.lexer.string(false)?),
                _ => key.push(self.bare_key()),
            }
            self.lexer.blanks();
            if self.lexer.eat(".") {
                continue;
            }
            if !self.lexer.eat("]") {
                let found = quoted(self.lexer.peek());
                return self
                    .lexer
                    .fail(format!("expected '.' or ']' to end table name, but got {found} instead"));
            }
            if array && !self.lexer.eat("]") {
                let found = quoted(self.lexer.peek());
                return self.lexer.fail(format!(
                    "expected end of table array name delimiter ']', but got {found} instead"
                ));
            }
            return self.enter(&key, array);
        }
    }

    fn bare_key(&mut self) -> String {
        self.lexer.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).to_owned()
    }

    /// A dotted key up to and with its `=`.
    fn dotted_key(&mut self) -> Lexed<Vec<String>> {
        match self.lexer.peek() {
            None | Some('=') => return self.lexer.fail("unexpected '=': key name appears blank"),
            Some('.') => return self.lexer.fail("unexpected '.': keys cannot start with a '.'"),
            _ => {}
        }
        let mut key = Vec::new();
        loop {
            self.lexer.blanks();
            match self.lexer.peek() {
                None | Some('=') => return self.lexer.fail("unexpected '='"),
                Some('.') => return self.lexer.fail("unexpected '.'"),
                Some('"' | '\'') => key.push(self.lexer.string(false)?),
                _ => key.push(self.bare_key()),
            }
            self.lexer.blanks();
            if self.lexer.eat("=") {
                return Ok(key);
            }
            if !self.lexer.eat(".") {
                return match self.lexer.peek() {
                    None => self.lexer.fail("unexpected EOF; expected key separator '='"),
                    found => {
                        let found = quoted(found);
                        self.lexer.fail(format!("expected '.' or '=', but got {found} instead"))
                    }
                };
            }
        }
    }

    /// `key = value` in the current table.
    fn pair(&mut self) -> Lexed<()> {
        let mut key = self.dotted_key()?;
        let last = key.pop().unwrap_or_default();
        self.key = Some(last.clone());
        for part in key {
            let mut path = self.context.clone();
            path.push(part);
            self.implied.insert(dotted(&path));
            self.enter(&path, false)?;
        }
        self.lexer.blanks();
        let value = self.value(&last)?;
        self.set(&last, value)
    }

    /// A value of `key`.
    fn value(&mut self, key: &str) -> Lexed<Item> {
        let value = match self.lexer.peek() {
            None => return self.lexer.fail("unexpected EOF; expected value"),
            Some('"' | '\'') => Value::from(self.lexer.string(true)?),
            Some('0'..='9' | '+' | '-') => scalar::number_or_time(&mut self.lexer)?,
            Some('.') => return self.lexer.fail("floats must start with a digit, not '.'"),
            Some('[') => return self.nested(|reader| reader.array(key)),
            Some('{') => return self.nested(|reader| reader.inline_table(key)),
            Some('i' | 'n') if ["inf", "nan"].iter().any(|word| self.lexer.rest().starts_with(word)) => {
                let word = if self.lexer.eat("inf") { "inf" } else { "nan" };
                self.lexer.eat("nan");
                scalar::float(&self.lexer, word)?
            }
            Some(c) if c.is_alphabetic() => match self.lexer.take_while(char::is_alphabetic) {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                word => return self.lexer.fail(format!("expected value but found \"{word}\" instead")),
            },
            found => {
                let found = quoted(found);
                return self.lexer.fail(format!("expected value but found {found} instead"));
            }
        };
        Ok(Item::Value(value))
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Lexed<T>) -> Lexed<T> {
        if self.depth >= MAX_DEPTH {
            return self.lexer.fail(format!("more than {MAX_DEPTH} arrays and tables inside each other"));
        }
        self.depth += 1;
        self.lexer.bump();
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn array(&mut self, key: &str) -> Lexed<Item> {
        let mut items = Vec::new();
        loop {
            self.lexer.space()?;
            if self.lexer.eat("]") {
                return Ok(Item::List(items));
            }
            if self.lexer.peek() == Some(',') {
                return self.lexer.fail("unexpected comma");
            }
            items.push(self.value(key)?);
            self.lexer.space()?;
            if self.lexer.eat(",") || self.lexer.peek() == Some(']') {
                continue;
            }
            let found = match self.lexer.peek() {
                None => "end of file".to_owned(),
                found => quoted(found),
            };
            return self
                .lexer
                .fail(format!("expected a comma (',') or array terminator (']'), but got {found}"));
        }
    }

    /// An inline table, read at a root of its own. `key` is what it, or the array
    /// around it, belongs to.
    fn inline_table(&mut self, key: &str) -> Lexed<Item> {
        let table = self.new_table();
        let outer = (self.root, self.root_depth, self.context.len());
        self.context.push(key.to_owned());
        self.key = None;
        (self.root, self.root_depth) = (table, self.context.len());
        loop {
            self.lexer.space()?;
            if self.lexer.eat("}") {
                break;
            }
            match self.lexer.peek() {
                Some(',') => return self.lexer.fail("unexpected comma"),
                None => return self.unfinished_table(),
                Some(_) => self.pair()?,
            }
            self.lexer.space()?;
            if !self.lexer.eat(",") && self.lexer.peek() != Some('}') {
                return self.unfinished_table();
            }
            self.context.truncate(self.root_depth);
        }
        (self.root, self.root_depth) = (outer.0, outer.1);
        self.context.truncate(outer.2);
        self.key = Some(key.to_owned());
        Ok(Item::Table(table))
    }

    fn unfinished_table<T>(&self) -> Lexed<T> {
        let found = match self.lexer.peek() {
            None => "end of file".to_owned(),
            found => quoted(found),
        };
        self.lexer
            .fail(format!("expected a comma or an inline table terminator '}}', but got {found} instead"))
    }

    fn new_table(&mut self) -> usize {
        self.tables.push(BTreeMap::new());
        self.tables.len() - 1
    }

    fn problem<T>(&self, text: String) -> Lexed<T> {
        Err(Problem { line: self.lexer.line(), text })
    }

    /// The table that the key `name` in `table` leads to. Outer none: there is no
    /// such key; inner none: it holds no table.
    fn inside(&self, table: usize, name: &str) -> Option<Option<usize>> {
        Some(match self.tables.get(table)?.get(name.as_bytes())? {
            Item::Table(table) => Some(*table),
            Item::Tables(tables) => tables.last().copied(),
            Item::Value(_) | Item::List(_) => None,
        })
    }

    /// Puts a value under `key` of the current table.
    fn set(&mut self, key: &str, item: Item) -> Lexed<()> {
        let mut path = self.context.clone();
        let mut table = self.root;
        for depth in self.root_depth..path.len() {
            let name = path.get(depth).map_or("", String::as_str);
            match self.inside(table, name) {
                Some(Some(next)) => table = next,
                _ => {
                    let shown = dotted(path.get(..=depth).unwrap_or_default());
                    return self.problem(format!("Key '{shown}' has already been defined."));
                }
            }
        }
        path.push(key.to_owned());
        let shown = dotted(&path);
        let Some(entries) = self.tables.get_mut(table) else { return Ok(()) };
        if !entries.contains_key(key.as_bytes()) {
            entries.insert(key.into(), item);
        } else if !self.implied.remove(&shown) {
            return self.problem(format!("Key '{shown}' has already been defined."));
        }
        Ok(())
    }

    /// Makes the table at `path` the current one; `array` for one more of an
    /// array of tables.
    fn enter(&mut self, path: &[String], array: bool) -> Lexed<()> {
        let Some((last, parents)) = path.split_last() else { return Ok(()) };
        if parents.len() >= MAX_DEPTH {
            return self.problem(format!("more than {MAX_DEPTH} tables inside each other"));
        }
        let mut table = self.root;
        for depth in self.root_depth..parents.len() {
            let name = parents.get(depth).map_or("", String::as_str);
            let shown = dotted(parents.get(..=depth).unwrap_or_default());
            table = match self.inside(table, name) {
                Some(Some(next)) => next,
                Some(None) => return self.problem(format!("Key '{shown}' was already created as a hash.")),
                None => {
                    self.implied.insert(shown);
                    let new = self.new_table();
                    if let Some(entries) = self.tables.get_mut(table) {
                        entries.insert(name.into(), Item::Table(new));
                    }
                    new
                }
            };
        }
        self.context = parents.to_vec();
        let new = self.new_table();
        if array {
            let Some(entries) = self.tables.get_mut(table) else { return Ok(()) };
            match entries.entry(last.as_str().into()).or_insert_with(|| Item::Tables(Vec::new())) {
                Item::Tables(tables) => tables.push(new),
                _ => {
                    let shown = dotted(path);
                    return self.problem(format!(
                        "Key '{shown}' was already created and cannot be used as an array."
                    ));
                }
            }
        } else {
            self.set(last, Item::Table(new))?;
        }
        self.context.push(last.clone());
        Ok(())
    }

    /// The document's map. A table's content is in tables of larger numbers, so
    /// that going down by number needs no recursion.
    fn finish(self) -> Value {
        let mut built: Vec<Value> = vec![Value::Nil; self.tables.len()];
        for (number, entries) in self.tables.into_iter().enumerate().rev() {
            let map: Map = entries.into_iter().map(|(key, item)| (key, finished(item, &built))).collect();
            if let Some(place) = built.get_mut(number) {
                *place = map.into();
            }
        }
        built.into_iter().next().unwrap_or_default()
    }
}

/// Recurses into arrays only, whose nesting is bounded.
fn finished(item: Item, built: &[Value]) -> Value {
    let table = |number: usize| built.get(number).cloned().unwrap_or_default();
    match item {
        Item::Value(value) => value,
        Item::List(items) => List::new(items.into_iter().map(|item| finished(item, built)).collect()).into(),
        Item::Table(number) => table(number),
        Item::Tables(numbers) => List::typed(&TABLES, numbers.into_iter().map(table).collect()).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::json;

    /// Texts (their line breaks and controls escaped) with what `fromToml | toJson`
    /// of Helm 4.3.1 makes of them.
    const HELM: &str = include_str!("testdata/helm.txt");

    #[test]
    fn texts_read_as_helm_reads_them() {
        let mut different = Vec::new();
        for case in HELM.lines() {
            let (text, expected) = case.split_once(" => ").unwrap();
            let text = json::parse(text.as_bytes()).unwrap();
            let found = match from_toml(text.as_bytes().unwrap()) {
                Ok(value) => value,
                Err(message) => [("Error", Value::from(message))].into_iter().collect::<Map>().into(),
            };
            let found = String::from_utf8(json::write(&found, true, usize::MAX).unwrap()).unwrap();
            if found != expected {
                different.push(format!("{text:?}: {found} instead of {expected}"));
            }
        }
        assert!(different.is_empty(), "{}", different.join("\n"));
    }

    #[test]
    fn kinds_are_gos() {
        let value = from_toml(b"a=1\nb=1.5\nc=2020-01-01\nd=[{x=1}]\n[[e]]\n[f]").unwrap();
        let map = value.as_map().unwrap();
        let types: Vec<_> = map.entries().iter().map(|(_, v)| v.type_name()).collect();
        assert_eq!(
            types,
            [
                "int64",
                "float64",
                "time.Time",
                "[]interface {}",
                "[]map[string]interface {}",
                "map[string]interface {}"
            ]
        );
    }

    #[test]
    fn deep_texts_end() {
        assert!(from_toml(format!("a{}=1", ".a".repeat(100_000)).as_bytes()).is_err());
        assert!(from_toml(format!("a={}", "[".repeat(100_000)).as_bytes()).is_err());
        assert!(from_toml(format!("a={}", "{a=".repeat(100_000)).as_bytes()).is_err());
    }
}
