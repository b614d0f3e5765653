//! What a values.yaml says of its keys in comments: the lines above a key, helm-docs'
//! `# -- …` among them, and Bitnami's `## @param name …` anywhere.

use std::collections::HashMap;

/// Lines of a comment that are looked at.
const MOST_LINES: usize = 60;
/// Characters of a title.
const LONGEST: usize = 200;

/// The comments of a values.yaml.
pub struct Comments<'t> {
    lines: Vec<&'t str>,
    parameters: HashMap<&'t str, String>,
}

impl<'t> Comments<'t> {
    /// Reads the comments of a text.
    pub fn of(text: &'t str) -> Comments<'t> {
        let lines: Vec<&str> = text.lines().collect();
        let parameters = lines.iter().filter_map(|line| parameter(line)).collect();
        Comments { lines, parameters }
    }

    /// What `@param` says of the leaf, or of the list that it is in.
    pub fn of_parameter(&self, name: &str) -> Option<String> {
        let list = name.split('[').next().unwrap_or_default();
        self.parameters.get(name).or_else(|| self.parameters.get(list)).cloned()
    }

    /// What the comment right above the line (from 1) of the leaf called `name` says.
    pub fn above(&self, line: u32, name: &str) -> Option<String> {
        let at = usize::try_from(line).ok()?.checked_sub(1)?;
        let column = indentation(self.lines.get(at)?);
        // What is indented more is the text of the scalar before.
        let is_comment = |line: &&&str| line.trim_start().starts_with('#') && indentation(line) <= column;
        let block = self.lines.get(..at)?.iter().rev().take_while(is_comment).take(MOST_LINES);
        let mut block: Vec<&str> = block.map(|line| content(line)).collect();
        block.reverse();
        documented(&block, name).or_else(|| title(paragraph(&block)))
    }
}

/// The name and the text of `## @param name [modifiers] text`.
fn parameter(line: &str) -> Option<(&str, String)> {
    let rest = line.trim_start().starts_with('#').then(|| content(line))?.strip_prefix("@param")?;
    let (name, text) = rest.trim_start().split_once(char::is_whitespace)?;
    let text = text.trim_start();
    let text = match text.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        Some((_, text)) => text,
        None => text,
    };
    Some((name, title(std::iter::once(text))?))
}

/// What helm-docs takes for the description: from `-- ` on, without the type in
/// front and the lines that are for helm-docs itself. Its older form names the key.
fn documented(block: &[&str], name: &str) -> Option<String> {
    let described = |line: &str| -> Option<String> {
        let text = line.strip_prefix("-- ").or_else(|| {
            let (key, text) = line.split_once(" -- ")?;
            (key == name).then_some(text)
        })?;
        let untyped = text.strip_prefix('(').and_then(|inner| inner.split_once(')'));
        Some(untyped.map_or(text, |(_, text)| text).trim().to_owned())
    };
    let (at, first) = block.iter().enumerate().rev().find_map(|(at, line)| Some((at, described(line)?)))?;
    let more = block.get(at + 1..).unwrap_or_default().iter().filter(|line| !line.starts_with('@'));
    title(std::iter::once(first.as_str()).chain(more.copied()))
}

/// The lines of the first paragraph, without those that are for a tool or only there
/// to be looked at: what follows is details and examples.
fn paragraph<'b>(block: &'b [&str]) -> impl Iterator<Item = &'b str> {
    let says = |line: &&&str| line.chars().any(char::is_alphanumeric) && !line.starts_with('@');
    block.iter().skip_while(move |line| !says(line)).take_while(says).copied()
}

/// One line of all, not too long.
pub fn title<'l>(lines: impl Iterator<Item = &'l str>) -> Option<String> {
    let mut words = lines.flat_map(str::split_whitespace);
    let mut text = String::new();
    for word in words.by_ref() {
        if text.len() + word.len() > LONGEST {
            text.push_str(" …");
            break;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.extend(word.chars().filter(|c| !c.is_control()));
    }
    (!text.is_empty()).then_some(text)
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn content(line: &str) -> &str {
    line.trim_start().trim_start_matches('#').trim()
}
