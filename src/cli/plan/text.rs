//! Texts of a repository, fit to be shown: what steers a terminal is dropped, what is
//! too long is shortened, what is wide counts as wide.

use crate::hooks::Step;
use crate::pipeline::plan::Planned;

/// A text on one line, without what would steer a terminal or reorder it.
pub fn clean(text: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
    };
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

/// How many columns a text takes.
pub fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

/// East Asian and pictures take two columns, combining marks none.
fn columns(c: char) -> usize {
    match u32::from(c) {
        0x0300..=0x036f | 0x20d0..=0x20ff | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f => 2,
        0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1faff | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// The text in at most `most` columns, its middle left out: beginnings and ends of
/// names are what tells them apart.
pub fn shortened(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let room = most.saturating_sub(1);
    let take = |chars: &mut dyn Iterator<Item = char>, room: usize| {
        let mut used = 0;
        let fits = |c: &char| {
            used += columns(*c);
            used <= room
        };
        chars.take_while(fits).collect::<Vec<char>>()
    };
    let end = take(&mut text.chars().rev(), room / 2);
    let start = take(&mut text.chars(), room - room / 2);
    start.into_iter().chain(['…']).chain(end.into_iter().rev()).collect()
}

/// The end of the text, in at most `most` columns.
pub fn tail(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let mut used = 1;
    let fits = |c: &char| {
        used += columns(*c);
        used <= most
    };
    let end: Vec<char> = text.chars().rev().take_while(fits).collect();
    std::iter::once('…').chain(end.into_iter().rev()).collect()
}

/// The text in lines of at most `most` columns, broken at spaces; a longer word has
/// a line of its own.
pub fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(word) <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A step's name; of a generated one what is known of it.
pub fn name(step: &Step) -> String {
    clean(&step.name) + if step.generated { "…" } else { "" }
}

/// How many of something: `1 object`, `2 objects`.
pub fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// The application in a line: the release, and what it is made of.
pub fn subject(planned: &Planned) -> (String, String) {
    let charts = planned.charts.iter().map(|(name, version)| format!("{} {}", clean(name), clean(version)));
    let charts = charts.collect::<Vec<_>>().join(", ");
    let many = if planned.charts.len() > 1 { "s" } else { "" };
    (clean(&planned.release), format!("chart{many} {charts} in namespace {}", clean(&planned.namespace)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_lose_their_middle() {
        assert_eq!(shortened("abcdefgh", 8), "abcdefgh");
        assert_eq!(shortened("abcdefghi", 8), "abcd…ghi");
        assert_eq!(shortened("名前名前名前", 6), "名…前");
        assert_eq!(shortened("abc", 1), "…");
        assert_eq!(tail("abc", 3), "abc");
        assert_eq!(tail("chart/templates/a.yaml", 8), "…/a.yaml");
    }

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(wrapped("a bc def ghijklmno p", 6), ["a bc", "def", "ghijklmno", "p"]);
    }

    #[test]
    fn nothing_steers_a_terminal() {
        assert_eq!(clean("a\u{1b}[31mb\nc\u{202e}d"), "a\u{fffd}[31mb\u{fffd}c\u{fffd}d");
    }
}
