//! What somebody may have meant: the nearest of the names that there are.

/// Characters of a name that are looked at; nobody mistypes longer ones.
const LONGEST: usize = 64;

/// The known name that is nearest to `word`: fewest letters put in, left out,
/// changed or swapped. Case and `-`, `_` and spaces do not count. Of several the
/// first; none where nothing is known.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = plain(word);
    known.into_iter().min_by_key(|name| distance(&word, &plain(name)))
}

/// The same, where it is so near that nothing else can be meant.
pub fn mistyped<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let found = nearest(word, known)?;
    (distance(&plain(word), &plain(found)) <= 2).then_some(found)
}

/// A hint that names the nearest of the known names, and all of them.
pub fn hint<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(word, known.iter().copied()) {
        Some(name) => format!("did you mean {name:?}? There are: {}", known.join(", ")),
        None => "there are none".to_owned(),
    }
}

fn plain(name: &str) -> Vec<char> {
    let letters = name.chars().filter(|c| !matches!(c, '-' | '_' | ' '));
    letters.flat_map(char::to_lowercase).take(LONGEST).collect()
}

/// The optimal string alignment distance.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    let mut previous = None;
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        let mut left = None;
        for (j, b) in other.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX - 1);
            let mut best =
                (at(&last, j) + usize::from(a != b)).min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            if previous == Some(b) && left == Some(a) && a != b {
                best = best.min(at(&before, j.saturating_sub(1)) + 1);
            }
            row.push(best);
            left = Some(b);
        }
        before = std::mem::replace(&mut last, row);
        previous = Some(a);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(word: &str) -> usize {
        distance(&plain(word), &plain("values-files"))
    }

    #[test]
    fn letters_are_counted() {
        assert_eq!(of("valuesFiles"), 0);
        assert_eq!(of("value-files"), 1);
        assert_eq!(of("vlauesfiles"), 1);
        assert_eq!(of("values"), 5);
        assert_eq!(of(""), 11);
        assert_eq!(distance(&plain("abcd"), &plain("dcba")), 3);
        assert_eq!(of(&"x".repeat(1 << 20)), LONGEST);
    }

    #[test]
    fn the_nearest_is_named() {
        let known = ["environment", "values", "values-files"];
        assert_eq!(nearest("enviroment", known), Some("environment"));
        assert_eq!(nearest("value_file", known), Some("values-files"));
        assert_eq!(nearest("x", []), None);
        assert_eq!(
            hint("valeus", known),
            "did you mean \"values\"? There are: environment, values, values-files"
        );
    }
}
