//! Where a values file sets what: lines by path, through all of its documents.

use crate::chart::documents::documents;
use crate::data::yaml::{Places, Step};

/// The lines of a values file.
#[derive(Debug, Default)]
pub struct FilePlaces {
    /// The documents, and how many lines of the file are before each.
    documents: Vec<(u32, Places)>,
}

impl FilePlaces {
    /// The places in a values file; in one that cannot be read there are none.
    pub fn of(text: &[u8]) -> FilePlaces {
        let documents = documents(text).into_iter().flatten();
        let places = documents.filter_map(|(line, text)| Some((line, Places::of(&text).ok()?)));
        FilePlaces { documents: places.collect() }
    }

    /// The line, from 1, that sets the value at `path`: of several documents the
    /// last one's, as it wins.
    pub fn line(&self, path: &[Step]) -> Option<u32> {
        let found = |(before, places): &(u32, Places)| Some(before + places.line(path)?);
        self.documents.iter().rev().find_map(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_count_through_all_documents() {
        let key = |name: &str| vec![Step::Key(name.to_owned())];
        let places = FilePlaces::of(b"---\na: 1\nb: 1\n---\n# c\nb: 2\r\n---\nc: 3\n");
        assert_eq!(
            ["a", "b", "c", "d"].map(|name| places.line(&key(name))),
            [Some(2), Some(6), Some(8), None]
        );
    }
}
