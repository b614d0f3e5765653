//! Finished answers, found again by everything that can change them: the
//! application's parameters, what the render asked of its repository, and the
//! variables it read. A commit that touches none of these costs no render.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::data::digest::Digest;
use crate::data::kept::Kept;
use crate::parameters::{Build, Parameters};
use crate::repository::recorder::Record;
use crate::repository::snapshot::Snapshot;

/// Answers of one application with one set of parameters that are kept: one for
/// each of the revisions and clusters it goes to.
const MOST_A_KEY: usize = 8;

/// Which application, with which parameters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// The application's directory in the repository.
    pub app_path: String,
    /// What the Application sets.
    pub parameters: Parameters,
}

/// What an answer came from.
#[derive(Debug)]
pub struct Origin {
    /// What the render asked of the repository.
    pub record: Record,
    /// The variables it read.
    pub variables: BTreeMap<String, Option<String>>,
}

/// Answers within a budget of bytes, those that were not used for the longest time
/// out first.
#[derive(Debug)]
pub struct Answers(Kept<Key, Vec<Arc<Answer>>>);

#[derive(Debug)]
struct Answer {
    origin: Origin,
    /// The archive that it was found to be good for last.
    checksum: Mutex<Digest>,
    manifests: Arc<Vec<String>>,
    bytes: u64,
}

impl Answers {
    /// None yet; at most `budget` bytes are kept.
    pub fn new(budget: u64) -> Answers {
        Answers(Kept::new(budget))
    }

    /// The answer that a render of the archive would give, if it is known. Without its
    /// snapshot only answers that came from this very archive are.
    pub fn get(
        &self,
        key: &Key,
        checksum: &Digest,
        snapshot: Option<&Snapshot>,
        build: &Build,
    ) -> Option<Arc<Vec<String>>> {
        let answers = self.0.get(key)?;
        let same = |answer: &&Arc<Answer>| {
            let Origin { record, variables } = &answer.origin;
            build.agrees(variables)
                && (answer.checksum() == *checksum || snapshot.is_some_and(|snapshot| record.holds(snapshot)))
        };
        let answer = answers.iter().find(same)?;
        *answer.checksum.lock().unwrap_or_else(PoisonError::into_inner) = *checksum;
        Some(answer.manifests.clone())
    }

    /// Keeps an answer for the archive it was made from. It must not depend on
    /// anything else than its origin.
    pub fn keep(&self, key: Key, checksum: Digest, origin: Origin, manifests: Arc<Vec<String>>) {
        let text: usize = manifests.iter().map(|manifest| manifest.len() + size_of::<String>()).sum();
        let bytes = text as u64 + origin.record.bytes() + key.bytes() + origin.bytes() + 512;
        if !self.0.takes(bytes) {
            return;
        }
        let answer = Arc::new(Answer { origin, checksum: Mutex::new(checksum), manifests, bytes });
        self.0.change(key, |answers| {
            let mut answers = answers.unwrap_or_default();
            answers.insert(0, answer);
            answers.truncate(MOST_A_KEY);
            let bytes = answers.iter().map(|answer| answer.bytes).sum();
            (answers, bytes)
        });
    }

    /// The bytes of all that is kept.
    pub fn bytes(&self) -> u64 {
        self.0.bytes()
    }
}

impl Answer {
    fn checksum(&self) -> Digest {
        *self.checksum.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Key {
    /// About how much memory it takes: parameters carry whole values files.
    fn bytes(&self) -> u64 {
        format!("{self:?}").len() as u64
    }
}

impl Origin {
    fn bytes(&self) -> u64 {
        let text = |(name, value): (&String, &Option<String>)| {
            name.len() + value.as_ref().map_or(0, String::len) + 2 * size_of::<String>()
        };
        self.variables.iter().map(text).sum::<usize>() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::Tree;
    use crate::repository::recorder::Recorder;
    use crate::repository::snapshot::Node;

    fn snapshot(text: &str) -> Snapshot {
        Snapshot::new([("app/f".to_owned(), Node::File(text.into()))].into())
    }

    fn build(revision: &str, namespace: &str) -> Build {
        let variables = [("ARGOCD_APP_REVISION", revision), ("ARGOCD_APP_NAMESPACE", namespace)];
        Build::of(&variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
    }

    fn key(app_path: &str) -> Key {
        Key { app_path: app_path.to_owned(), parameters: Parameters::default() }
    }

    fn keep(answers: &Answers, app: &str, text: &str, answer: &str) {
        let (snapshot, build) = (snapshot(text), build("1", "prod"));
        let recorder = Recorder::new(&snapshot, &|| Ok(()));
        recorder.read("app/f", 10).unwrap();
        build.namespace();
        let origin = Origin { record: recorder.into_record(), variables: build.answers() };
        answers.keep(key(app), [0; 32].into(), origin, Arc::new(vec![answer.to_owned()]));
    }

    #[test]
    fn an_answer_is_found_again_until_something_it_came_from_changes() {
        let answers = Answers::new(1 << 20);
        keep(&answers, "app", "a", "answer");
        let found = |app: &str, checksum: u8, text: &str, build: &Build| {
            answers
                .get(&key(app), &[checksum; 32].into(), Some(&snapshot(text)), build)
                .map(|found| found.concat())
        };
        let answer = Some("answer".to_owned());
        assert_eq!(found("app", 0, "a", &build("1", "prod")), answer);
        assert_eq!(found("app", 1, "a", &build("another revision", "prod")), answer);
        assert_eq!(found("app", 2, "changed", &build("1", "prod")), None);
        assert_eq!(found("app", 1, "a", &build("1", "staging")), None);
        assert_eq!(found("other", 1, "a", &build("1", "prod")), None);
    }

    #[test]
    fn the_budget_holds() {
        let answers = Answers::new(5000);
        for app in ["a", "b", "c", "d", "e", "f"] {
            keep(&answers, app, "a", "answer");
            assert!(answers.bytes() <= 5000);
        }
        let there = |app: &str| {
            answers.get(&key(app), &[0; 32].into(), Some(&snapshot("a")), &build("1", "prod")).is_some()
        };
        assert_eq!(["a", "b", "c", "d", "e", "f"].map(there), [false, false, true, true, true, true]);
        for text in 0..20 {
            keep(&answers, "f", &text.to_string(), "answer");
        }
        assert!(answers.bytes() <= 5000);
    }
}
