//! .helmignore: which files of a chart directory are left out (Helm's
//! pkg/ignore).

use crate::data::glob::Pattern;
use crate::error::{Error, Result};

/// The name of the file with the rules.
pub const FILE: &str = ".helmignore";

/// Go's bufio.Scanner refuses a longer line.
const MAX_LINE: usize = 64 * 1024;

/// The rules of one chart, in order.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
struct Rule {
    /// `None` where stripping `/` from the rule broke it: it never matches.
    pattern: Option<Pattern>,
    /// `!x` ignores everything that does not match x.
    negated: bool,
    /// `x/` is for directories.
    directories: bool,
    /// A rule with no `/` looks at the last component.
    base_name: bool,
}

impl Rules {
    /// Reads the rules of a .helmignore file, or the built-in ones alone.
    ///
    /// # Errors
    /// Helm's for `**`, for a malformed pattern and for a line without end.
    pub fn parse(text: Option<&[u8]>) -> Result<Rules> {
        let mut rules = Rules::default();
        let text = text.unwrap_or_default();
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        for line in text.split(|b| *b == b'\n') {
            if line.len() >= MAX_LINE {
                return Err(Error::invalid("bufio.Scanner: token too long"));
            }
            rules.add(String::from_utf8_lossy(line).trim())?;
        }
        rules.add("templates/.?*")?;
        Ok(rules)
    }

    fn add(&mut self, rule: &str) -> Result<()> {
        if rule.is_empty() || rule.starts_with('#') {
            return Ok(());
        }
        if rule.contains("**") {
            return Err(Error::invalid("double-star (**) syntax is not supported"));
        }
        Pattern::new(rule).map_err(|e| Error::invalid(e.to_string()))?;
        let (rule, negated) = rule.strip_prefix('!').map_or((rule, false), |rest| (rest, true));
        let (rule, directories) = rule.strip_suffix('/').map_or((rule, false), |rest| (rest, true));
        let base_name = !rule.contains('/');
        let pattern = Pattern::new(rule.strip_prefix('/').unwrap_or(rule)).ok();
        self.rules.push(Rule { pattern, negated, directories, base_name });
        Ok(())
    }

    /// Whether the file or directory at `path` is left out; the first rule that
    /// has something to say decides.
    pub fn ignores(&self, path: &str, directory: bool) -> bool {
        if path.is_empty() || path == "." || path == "./" {
            return false;
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        self.rules.iter().any(|rule| rule.ignores(path, name, directory))
    }
}

impl Rule {
    /// `name` is the last component of `path`.
    fn ignores(&self, path: &str, name: &str, directory: bool) -> bool {
        if self.directories && !directory {
            return self.negated;
        }
        let name = if self.base_name { name } else { path };
        self.pattern.as_ref().is_some_and(|pattern| pattern.matches(name)) != self.negated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignores(rules: &str, path: &str, directory: bool) -> bool {
        Rules::parse(Some(rules.as_bytes())).unwrap().ignores(path, directory)
    }

    #[test]
    fn rules_leave_out_what_helm_leaves_out() {
        for (rules, path, directory, ignored) in [
            ("*.txt", "a/b.txt", false, true),
            ("a/*.txt", "a/b.txt", false, true),
            ("a/*.txt", "x/a/b.txt", false, false),
            ("/b.txt", "b.txt", false, true),
            ("/b.txt", "a/b.txt", false, false),
            ("b/", "a/b", true, true),
            ("b/", "a/b", false, false),
            ("!*.yaml", "a.yaml", false, false),
            ("!*.yaml", "a.txt", false, true),
            ("!d/", "a.txt", false, true),
            ("# a\n\n \r\n b \r\n", "b", false, true),
            ("", "templates/.x", false, true),
            ("", "templates/.", false, false),
            ("", "templates/a/.x", false, false),
            ("\u{feff}b", "b", false, true),
            ("*", ".", true, false),
        ] {
            assert_eq!(ignores(rules, path, directory), ignored, "{rules:?} {path}");
        }
    }

    #[test]
    fn bad_rules_are_refused_in_helms_words() {
        let error = |text: &str| Rules::parse(Some(text.as_bytes())).unwrap_err().to_string();
        assert_eq!(error("a/**"), "double-star (**) syntax is not supported");
        assert_eq!(error("[a"), "syntax error in pattern");
    }
}
