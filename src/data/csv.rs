//! One record of CSV as Go's encoding/csv reads it.

/// Go's words for a quote inside a field that does not start with one.
const BARE: &str = "bare \" in non-quoted-field";
/// Go's words for a quoted field that goes on behind its end, or has none.
const QUOTE: &str = "extraneous or missing \" in quoted-field";

/// A line without its end, and whether it had one.
#[derive(Clone, Copy, Default)]
struct Line<'a> {
    text: &'a str,
    ended: bool,
}

/// The first record of `text`: empty lines before it are skipped, what follows it is
/// not looked at.
///
/// # Errors
/// Go's text: `EOF` where there is no record, else what is wrong and where.
pub fn first_record(text: &str) -> Result<Vec<String>, String> {
    let mut lines = text.split_inclusive('\n').map(|line| match line.strip_suffix('\n') {
        Some(text) => Line { text: text.strip_suffix('\r').unwrap_or(text), ended: true },
        None => Line { text: line.strip_suffix('\r').unwrap_or(line), ended: false },
    });
    let mut number = 1;
    let line = loop {
        match lines.next() {
            None => return Err("EOF".to_owned()),
            Some(line) if line.text.is_empty() => number += 1,
            Some(line) => break line,
        }
    };
    Record { lines, line, start: number, number, column: 1 }.fields()
}

/// Where the reading of a record is.
struct Record<'a, Lines> {
    lines: Lines,
    /// What is left of the line.
    line: Line<'a>,
    /// The record's first line, and the one that is read; from 1.
    start: usize,
    number: usize,
    /// In bytes, from 1.
    column: usize,
}

impl<'a, Lines: Iterator<Item = Line<'a>>> Record<'a, Lines> {
    fn fields(mut self) -> Result<Vec<String>, String> {
        let mut fields = Vec::new();
        loop {
            let more = match self.line.text.strip_prefix('"') {
                Some(rest) => {
                    self.line.text = rest;
                    self.column += 1;
                    self.quoted(&mut fields)?
                }
                None => self.plain(&mut fields)?,
            };
            if !more {
                return Ok(fields);
            }
        }
    }

    /// Reads a field without quotes; whether another follows.
    fn plain(&mut self, fields: &mut Vec<String>) -> Result<bool, String> {
        let (field, rest) = match self.line.text.split_once(',') {
            Some((field, rest)) => (field, Some(rest)),
            None => (self.line.text, None),
        };
        if let Some(at) = field.find('"') {
            return Err(self.wrong(self.column + at, BARE));
        }
        fields.push(field.to_owned());
        self.column += field.len() + 1;
        self.line.text = rest.unwrap_or_default();
        Ok(rest.is_some())
    }

    /// Reads a field behind its opening quote, over lines; whether another follows.
    fn quoted(&mut self, fields: &mut Vec<String>) -> Result<bool, String> {
        let mut field = String::new();
        loop {
            let Some((inside, rest)) = self.line.text.split_once('"') else {
                if self.line.text.is_empty() && !self.line.ended {
                    return Err(self.wrong(self.column, QUOTE));
                }
                self.next_line(&mut field);
                continue;
            };
            field.push_str(inside);
            self.column += inside.len() + 1;
            self.line.text = rest;
            match rest.as_bytes().first() {
                Some(b'"') => field.push('"'),
                Some(b',') | None => fields.push(std::mem::take(&mut field)),
                Some(_) => return Err(self.wrong(self.column - 1, QUOTE)),
            }
            match rest.strip_prefix(',') {
                Some(next) => {
                    self.line.text = next;
                    self.column += 1;
                    return Ok(true);
                }
                None if rest.is_empty() => return Ok(false),
                None => {
                    self.line.text = rest.strip_prefix('"').unwrap_or(rest);
                    self.column += 1;
                }
            }
        }
    }

    /// Takes the rest of the line into the field.
    fn next_line(&mut self, field: &mut String) {
        field.push_str(self.line.text);
        self.column += self.line.text.len();
        if self.line.ended {
            field.push('\n');
            self.column += 1;
        }
        self.line = self.lines.next().unwrap_or_default();
        if !self.line.text.is_empty() || self.line.ended {
            self.number += 1;
            self.column = 1;
        }
    }

    fn wrong(&self, column: usize, what: &str) -> String {
        let place = format!("parse error on line {}, column {column}: {what}", self.number);
        match self.start == self.number {
            true => place,
            false => format!("record on line {}; {place}", self.start),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asked of Helm 4.3.1: `helm template . -f TEXT`.
    #[test]
    fn records_are_read_as_go_reads_them() {
        for (text, fields) in [
            ("a", &["a"][..]),
            ("a,b", &["a", "b"]),
            (",", &["", ""]),
            ("a,", &["a", ""]),
            ("\"a,b\",c", &["a,b", "c"]),
            ("\"a\"\"b\"", &["a\"b"]),
            ("\"\"", &[""]),
            ("\"\",", &["", ""]),
            ("a\nb", &["a"]),
            ("\n\r\na", &["a"]),
            ("a\r\n", &["a"]),
            ("a\r", &["a"]),
            ("a\rb", &["a\rb"]),
            ("\"a\nb\",c", &["a\nb", "c"]),
            ("\"a\r\nb\"\r\n", &["a\nb"]),
            (" a, \u{e9}", &[" a", " \u{e9}"]),
        ] {
            assert_eq!(first_record(text).unwrap(), fields, "{text:?}");
        }
    }

    #[test]
    fn mistakes_are_named_as_go_names_them() {
        for (text, wrong) in [
            ("", "EOF"),
            ("\n\r\n\r", "EOF"),
            ("a\"b", "parse error on line 1, column 2: bare \" in non-quoted-field"),
            ("\u{e9}\"", "parse error on line 1, column 3: bare \" in non-quoted-field"),
            ("a,b\"", "parse error on line 1, column 4: bare \" in non-quoted-field"),
            ("\n\na\"", "parse error on line 3, column 2: bare \" in non-quoted-field"),
            ("\"a", "parse error on line 1, column 3: extraneous or missing \" in quoted-field"),
            ("\"", "parse error on line 1, column 2: extraneous or missing \" in quoted-field"),
            ("\"a\"b", "parse error on line 1, column 3: extraneous or missing \" in quoted-field"),
            ("\"a\n", "parse error on line 1, column 4: extraneous or missing \" in quoted-field"),
            ("\"a\n\r", "parse error on line 1, column 4: extraneous or missing \" in quoted-field"),
            (
                "\"a\nb\"c",
                "record on line 1; parse error on line 2, column 2: extraneous or missing \" in quoted-field",
            ),
            (
                "\"a\nb",
                "record on line 1; parse error on line 2, column 2: extraneous or missing \" in quoted-field",
            ),
            (
                "\"a\n\n\nb\",c\"",
                "record on line 1; parse error on line 4, column 5: bare \" in non-quoted-field",
            ),
        ] {
            assert_eq!(first_record(text), Err(wrong.to_owned()), "{text:?}");
        }
    }
}
