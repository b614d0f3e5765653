//! mattn/go-zglob, the patterns of argocd-cmp-server's `find.glob`: `*` stops at `/`,
//! `**/` is any number of directories (none among them), `{a,b}` is either, `[a-z]`
//! a class. A `?` is only a question mark.

use std::iter::Peekable;
use std::str::Chars;

use regex::Regex;

/// A pattern with a `*` or a `{` in it; any other is a plain path to this library.
#[derive(Debug, Clone)]
pub struct Zglob(Regex);

impl Zglob {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What the regular expression that the pattern stands for is refused with.
    pub fn new(pattern: &str) -> Result<Zglob, String> {
        let mut reader = Reader { rest: pattern.chars().peekable(), out: String::from("^") };
        reader.all();
        reader.out.push('$');
        Regex::new(&reader.out).map(Zglob).map_err(|e| e.to_string())
    }

    /// Whether the library takes the pattern for one, instead of for a path.
    pub fn is_pattern(text: &str) -> bool {
        text.contains(['*', '{'])
    }

    /// Whether the pattern matches the whole path.
    pub fn matches(&self, path: &str) -> bool {
        self.0.is_match(path)
    }
}

struct Reader<'p> {
    rest: Peekable<Chars<'p>>,
    out: String,
}

impl Reader<'_> {
    fn all(&mut self) {
        while let Some(c) = self.rest.next() {
            match c {
                // Two characters before the end an escape is none any more.
                '\\' if self.rest.clone().nth(1).is_some() => {
                    let escaped = self.rest.next().unwrap_or(c);
                    self.literal(escaped);
                }
                '*' => self.star(),
                '[' => self.class(),
                '{' => self.either(),
                '!' if self.rest.peek() == Some(&'(') => self.negated(),
                c => self.literal(c),
            }
        }
    }

    fn literal(&mut self, c: char) {
        self.out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
    }

    fn star(&mut self) {
        let mut ahead = self.rest.clone();
        if ahead.next() == Some('*') && ahead.next() == Some('/') {
            self.rest = ahead;
            self.out.push_str("(.*/)?");
        } else {
            self.out.push_str("[^/]*");
        }
    }

    /// What comes before `end`; without one, all there is, which is then read once more.
    fn until(&mut self, end: char) -> String {
        let mut ahead = self.rest.clone();
        let mut inside = String::new();
        while let Some(c) = ahead.next() {
            if c == end {
                self.rest = ahead;
                break;
            }
            inside.push(c);
        }
        inside
    }

    /// A class is the regular expression's own; what only Rust's expressions give a
    /// meaning there is escaped.
    fn class(&mut self) {
        let inside = self.until(']');
        if inside.is_empty() {
            return;
        }
        self.out.push('[');
        let mut before = None;
        for c in inside.chars() {
            if matches!(c, '[' | '&' | '~') && before != Some('\\') || (c == '-' && before == Some('-')) {
                self.out.push('\\');
            }
            self.out.push(c);
            before = Some(c);
        }
        self.out.push(']');
    }

    fn either(&mut self) {
        let inside = self.until('}');
        if inside.is_empty() {
            // The library goes on with the brace that closes nothing.
            return self.literal('}');
        }
        self.out.push('(');
        for c in inside.chars() {
            match c {
                ',' => self.out.push('|'),
                c => self.literal(c),
            }
        }
        self.out.push(')');
    }

    /// `!(abc)`: for each character, any number of others.
    fn negated(&mut self) {
        self.rest.next();
        let inside = self.until(')');
        if inside.is_empty() {
            return self.literal(')');
        }
        for c in inside.chars() {
            let escaped = regex::escape(c.encode_utf8(&mut [0; 4]));
            self.out.push_str(&format!("[^{escaped}/]*"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_the_library_means() {
        for (pattern, path, wanted) in [
            ("**/Chart.yaml", "Chart.yaml", true),
            ("**/Chart.yaml", "a/b/Chart.yaml", true),
            ("**/Chart.yaml", "a/b/xChart.yaml", false),
            ("a/**/b", "a/b", true),
            ("a/**/b", "a/x/y/b", true),
            // Behind the last slash two stars are one.
            ("a/**", "a/b", true),
            ("a/**", "a/b/c", false),
            ("*.yaml", "a.yaml", true),
            ("*.yaml", "a/b.yaml", false),
            ("*.yaml", "axyaml", false),
            ("{Chart,tiphys}.yaml", "tiphys.yaml", true),
            ("{Chart,tiphys}.yaml", "Chart,tiphys.yaml", false),
            ("{a*,b}c*", "a*cd", true),
            ("{a*,b}c*", "aacd", false),
            ("{}*", "}x", true),
            ("*[0-9]", "a7", true),
            ("*[^0-9]", "a7", false),
            ("*[a&&b]", "a&", true),
            ("*.y?ml", "a.yaml", false),
            ("*.y?ml", "a.y?ml", true),
            ("\\*a*", "*ab", true),
            ("\\*a*", "xab", false),
            ("*!(b)c", "aac", true),
        ] {
            assert_eq!(Zglob::new(pattern).unwrap().matches(path), wanted, "{pattern} {path}");
        }
        assert!(!Zglob::is_pattern("Chart.y[a]ml?"));
        assert!(Zglob::new("*[z-a]").is_err());
    }
}
