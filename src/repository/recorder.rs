//! What a render asked its repository, so that the same answers in another
//! snapshot are known to lead to the same result.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::snapshot::Snapshot;
use super::{Child, Entry, Stop, Tree};
use crate::data::Str;
use crate::data::digest::Digest;
use crate::error::Result;

/// A question to a tree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Question {
    Entry(String),
    Children(String),
    Read(String),
    Resolved(String),
}

impl Question {
    fn path(&self) -> &str {
        match self {
            Question::Entry(path)
            | Question::Children(path)
            | Question::Read(path)
            | Question::Resolved(path) => path,
        }
    }

    /// What `snapshot` answers, failures included.
    fn answer(&self, snapshot: &Snapshot) -> Digest {
        let text = match self {
            Question::Entry(path) => format!("{:?}", snapshot.entry(path)),
            Question::Children(path) => format!("{:?}", snapshot.children(path)),
            Question::Resolved(path) => format!("{:?}", snapshot.resolved(path)),
            Question::Read(path) => match snapshot.digest(path) {
                Ok(digest) => return digest,
                Err(error) => format!("{error:?}"),
            },
        };
        Digest::of(text.as_bytes())
    }
}

/// A snapshot that takes down what it is asked.
pub struct Recorder<'a> {
    snapshot: &'a Snapshot,
    stop: Stop<'a>,
    asked: Mutex<BTreeSet<Question>>,
}

/// What a render asked, and was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record(Vec<(Question, Digest)>);

impl<'a> Recorder<'a> {
    /// A recorder of what `snapshot` is asked; nothing is read once it has to `stop`.
    pub fn new(snapshot: &'a Snapshot, stop: Stop<'a>) -> Recorder<'a> {
        Recorder { snapshot, stop, asked: Mutex::default() }
    }

    /// What was asked.
    pub fn into_record(self) -> Record {
        let asked = self.asked.into_inner().unwrap_or_else(PoisonError::into_inner);
        let answered = asked.into_iter().map(|question| {
            let answer = question.answer(self.snapshot);
            (question, answer)
        });
        Record(answered.collect())
    }

    fn ask(&self, question: Question) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(question);
    }
}

impl Record {
    /// Whether `snapshot` would give all the same answers.
    pub fn holds(&self, snapshot: &Snapshot) -> bool {
        self.0.iter().all(|(question, answer)| question.answer(snapshot) == *answer)
    }

    /// About how much memory it takes.
    pub fn bytes(&self) -> u64 {
        self.0.iter().map(|(question, _)| question.path().len() as u64 + 96).sum()
    }
}

impl Tree for Recorder<'_> {
    fn entry(&self, path: &str) -> Result<Option<Entry>> {
        self.ask(Question::Entry(path.to_owned()));
        self.snapshot.entry(path)
    }

    fn list(&self, path: &str) -> Result<Vec<String>> {
        self.ask(Question::Children(path.to_owned()));
        self.snapshot.list(path)
    }

    fn children(&self, path: &str) -> Result<Vec<Child>> {
        self.ask(Question::Children(path.to_owned()));
        self.snapshot.children(path)
    }

    fn read(&self, path: &str, limit: u64) -> Result<Str> {
        (self.stop)()?;
        self.ask(Question::Read(path.to_owned()));
        self.snapshot.read(path, limit)
    }

    fn resolved(&self, path: &str) -> Result<String> {
        self.ask(Question::Resolved(path.to_owned()));
        self.snapshot.resolved(path)
    }

    fn shown(&self, path: &str) -> String {
        self.snapshot.shown(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::snapshot::Node;

    fn snapshot(files: &[(&str, &str)]) -> Snapshot {
        Snapshot::new(
            files.iter().map(|(path, text)| ((*path).to_owned(), Node::File((*text).into()))).collect(),
        )
    }

    #[test]
    fn a_record_holds_where_every_answer_is_the_same() {
        let before = snapshot(&[("app/a", "1"), ("app/b", "2"), ("other/c", "3")]);
        let recorder = Recorder::new(&before, &|| Ok(()));
        recorder.read("app/a", 10).unwrap();
        recorder.list("app").unwrap();
        assert!(recorder.read("app/missing", 10).is_err());
        let record = recorder.into_record();
        assert!(record.holds(&before));
        for (files, holds) in [
            (&[("app/a", "1"), ("app/b", "changed"), ("other/d", "new")][..], true),
            (&[("app/a", "changed"), ("app/b", "2")][..], false),
            (&[("app/a", "1")][..], false),
            (&[("app/a", "1"), ("app/b", "2"), ("app/missing", "")][..], false),
        ] {
            assert_eq!(record.holds(&snapshot(files)), holds, "{files:?}");
        }
    }
}
