//! The order of keys that go-yaml writes: digits by their number, letters last.

use std::sync::LazyLock;

use regex::Regex;

use super::reads_as::Version;

/// Whether `a` stands before `b`.
///
/// This is no strict order for every set of keys (nor is it in Go, where the
/// result then depends on chance), so the standard sorts must not be given it.
pub(super) fn less(a: &str, b: &str, version: Version) -> bool {
    let differs = a.bytes().zip(b.bytes()).position(|(x, y)| x != y);
    let Some(mut at) = differs else { return a.len() < b.len() };
    while !a.is_char_boundary(at) {
        at -= 1;
    }
    let (Some((same, rest_a)), Some((_, rest_b))) = (a.split_at_checked(at), b.split_at_checked(at)) else {
        return a < b;
    };
    let (Some(first_a), Some(first_b)) = (rest_a.chars().next(), rest_b.chars().next()) else {
        return a < b;
    };
    match (is_letter(first_a), is_letter(first_b)) {
        (true, true) => return first_a < first_b,
        (false, false) => {}
        (letter_a, letter_b) => {
            let after_digit = version == Version::V3 && same.chars().next_back().is_some_and(is_digit);
            return if after_digit { letter_a } else { letter_b };
        }
    }
    // A zero inside of a number counts, a leading one does not.
    let inside = (first_a == '0' || first_b == '0')
        && same.chars().rev().take_while(|c| is_digit(*c)).any(|c| c != '0');
    let (number_a, digits_a) = number(rest_a, inside);
    let (number_b, digits_b) = number(rest_b, inside);
    if number_a != number_b {
        number_a < number_b
    } else if digits_a != digits_b {
        digits_a < digits_b
    } else {
        first_a < first_b
    }
}

/// The number at the start, in Go's wrapping int64, and how many digits it has.
fn number(text: &str, inside: bool) -> (i64, usize) {
    let digits = text.chars().take_while(|c| is_digit(*c));
    digits.fold((i64::from(inside), 0), |(n, count), c| {
        (n.wrapping_mul(10).wrapping_add(i64::from(u32::from(c)) - i64::from(b'0')), count + 1)
    })
}

/// Unicode's letters (L), which are fewer than Rust's alphabetic characters.
fn is_letter(c: char) -> bool {
    static LETTER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\p{L}").ok());
    if c.is_ascii() { c.is_ascii_alphabetic() } else { c.is_alphabetic() && matches(&LETTER, c) }
}

/// Unicode's decimal digits (Nd).
fn is_digit(c: char) -> bool {
    static DIGIT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\p{Nd}").ok());
    if c.is_ascii() { c.is_ascii_digit() } else { c.is_numeric() && matches(&DIGIT, c) }
}

fn matches(class: &Option<Regex>, c: char) -> bool {
    class.as_ref().is_some_and(|class| class.is_match(c.encode_utf8(&mut [0; 4])))
}

/// Sorts by merging, which ends well whatever `less` says.
pub(super) fn sort<T>(mut items: Vec<T>, less: &impl Fn(&T, &T) -> bool) -> Vec<T> {
    if items.len() < 2 {
        return items;
    }
    let right = sort(items.split_off(items.len() / 2), less);
    let left = sort(items, less);
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let next = if less(b, a) { right.next() } else { left.next() };
        merged.extend(next);
    }
    merged.extend(left);
    merged.extend(right);
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted<'a>(keys: &[&'a str], version: Version) -> Vec<&'a str> {
        sort(keys.to_vec(), &|a, b| less(a, b, version))
    }

    #[test]
    fn numbers_count_and_letters_come_last() {
        let keys = [
            "-", "/x", "_x", "~", "1", "2", "10", "A", "Z", "a", "a-b", "a.b", "a_b", "a1", "a01", "a2",
            "a10",
        ];
        let mut reversed = keys.to_vec();
        reversed.reverse();
        assert_eq!(sorted(&reversed, Version::V2), keys);
    }

    #[test]
    fn version_3_puts_a_letter_after_a_digit_first() {
        assert_eq!(sorted(&["a1-", "a1b"], Version::V2), ["a1-", "a1b"]);
        assert_eq!(sorted(&["a1-", "a1b"], Version::V3), ["a1b", "a1-"]);
    }
}
