//! Values files that were read before, found again by their content: the renders of a
//! chart, and its commits, differ in few of them.

use crate::chart::{KnownFiles, load};
use crate::data::digest::Digest;
use crate::data::kept::Kept;
use crate::data::{Frozen, Map, Value};

/// What nests deeper is read anew each time: nobody writes it, and whoever frees what is
/// kept may have a small stack.
const DEEPEST: u32 = 100;

/// About what the smallest file takes.
const LEAST: u64 = 256;

/// Read files, by the digest of their text, which is not kept.
pub type KnownValues = Kept<Digest, Frozen>;

/// What [`load::values`] makes of a file: a map of its own. What was read before is looked
/// for among `known`, and what is new is kept there; a file that is refused is not.
///
/// # Errors
/// Its own.
pub fn read(text: &[u8], known: Option<&KnownFiles>) -> Result<Map, String> {
    let Some(kept) = known.map(|known| &known.values) else { return load::values(text) };
    let digest = Digest::of(text);
    if let Some(Frozen::Map(entries)) = kept.get(&digest) {
        return Ok(Map::thawing(entries));
    }
    let values = load::values(text)?;
    let frozen = Frozen::freeze(&Value::Map(values.clone()));
    if let Some(bytes) = frozen.bytes(DEEPEST) {
        kept.keep(digest, frozen, LEAST + bytes);
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: [&str; 6] = [
        "a: 1\nl: [{b: 2}]\nm: {key: null}\n",
        "a: 1\n---\na: {b: 1.5}\n",
        "",
        "- a\n",
        "a: [\n",
        "a: 1\n--- b\n",
    ];

    fn shown(read: Result<Map, String>) -> String {
        format!("{read:?}")
    }

    #[test]
    fn a_known_file_reads_as_a_new_one_and_a_refused_one_is_refused_again() {
        let known = KnownFiles::new(1 << 20);
        for round in 1..=3 {
            for text in FILES {
                let expected = shown(load::values(text.as_bytes()));
                assert_eq!(shown(read(text.as_bytes(), Some(&known))), expected, "{text:?}, round {round}");
                assert_eq!(shown(read(text.as_bytes(), None)), expected, "{text:?}");
            }
        }
        assert_eq!(known.values.hits(), 2 * 3);
    }

    #[test]
    fn what_a_reader_changes_is_its_own() {
        let known = KnownFiles::new(1 << 20);
        let table = |read: &Map| read.get("m").unwrap().as_map().unwrap().clone();
        for _ in 0..3 {
            let own = read(FILES[0].as_bytes(), Some(&known)).unwrap();
            assert!(table(&own).contains("key"));
            table(&own).remove("key");
            own.insert("new", Value::Nil);
        }
        let expected = shown(load::values(FILES[0].as_bytes()));
        assert_eq!(shown(read(FILES[0].as_bytes(), Some(&known))), expected);
    }

    #[test]
    fn the_budget_holds_and_what_nests_too_deeply_is_not_kept() {
        let known = KnownFiles::new(2000);
        for number in 0..20 {
            read(format!("k{number}: v").as_bytes(), Some(&known)).unwrap();
            assert!(known.values.bytes() <= 2000);
        }
        let (full, hits) = (known.values.bytes(), known.values.hits());
        assert!(full > 1000);
        let deep = format!("a: {}{}", "[".repeat(200), "]".repeat(200));
        for text in [deep, format!("x: {}", "y".repeat(2000))] {
            read(text.as_bytes(), Some(&known)).unwrap();
            read(text.as_bytes(), Some(&known)).unwrap();
        }
        assert_eq!((known.values.bytes(), known.values.hits()), (full, hits));
    }
}
