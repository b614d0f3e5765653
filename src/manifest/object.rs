//! A document's object, and its JSON: read and printed only where it is not known what
//! comes out.

use std::cell::OnceCell;
use std::sync::Arc;

use super::Manifest;
use super::documents::{Documents, Printed};
use crate::data::digest::Digest;
use crate::data::json::{self, WriteError};
use crate::data::yaml::{self, Numbers};
use crate::data::{Str, Value};

/// A document's object.
#[derive(Debug, Clone)]
pub(super) struct Object {
    /// The object, once it was asked for.
    value: OnceCell<Value>,
    json: Json,
}

/// Where its JSON comes from.
#[derive(Debug, Clone)]
enum Json {
    /// The value is written.
    Written,
    /// So it is, and kept under the text's name.
    Kept(Digest, Arc<Documents>),
    /// It is known; the value was not read.
    Known(Arc<Printed>),
}

impl Object {
    /// The object of a document that was read.
    pub fn new(value: Value, keep: Option<(Digest, Arc<Documents>)>) -> Object {
        let json = match keep {
            Some((name, documents)) if !value.is_nil() => Json::Kept(name, documents),
            _ => Json::Written,
        };
        Object { value: OnceCell::from(value), json }
    }

    /// That of a document whose JSON is known.
    pub fn known(printed: Arc<Printed>) -> Object {
        Object { value: OnceCell::new(), json: Json::Known(printed) }
    }

    fn value(&self, text: &Str) -> &Value {
        // A text was read before its JSON was known, so that it can be read again.
        self.value.get_or_init(|| yaml::parse(text.as_bytes(), Numbers::Exact).unwrap_or_default())
    }
}

impl Manifest {
    /// Whether there is no object: a comment, or only the head was kept.
    pub fn is_bare(&self) -> bool {
        !matches!(self.object.json, Json::Known(_)) && self.object().is_nil()
    }

    /// The whole document, integers exact; nil for a comment, and where only heads are
    /// kept. It must not be changed.
    pub fn object(&self) -> &Value {
        self.object.value(&self.text)
    }

    /// The whole document, to be changed: it is no longer what its text says.
    pub fn change(&mut self) -> &Value {
        self.object();
        self.object.json = Json::Written;
        self.object()
    }

    /// The object as JSON, of at most `limit` bytes.
    ///
    /// # Errors
    /// An object that JSON cannot say.
    pub fn json(&self, limit: usize) -> Result<String, WriteError> {
        if let Json::Known(printed) = &self.object.json
            && printed.json.len() <= limit
        {
            return Ok(printed.json.clone());
        }
        let json = json::write(self.object(), false, limit)?;
        let json = String::from_utf8(json)
            .unwrap_or_else(|broken| String::from_utf8_lossy(broken.as_bytes()).into_owned());
        if let Json::Kept(name, documents) = &self.object.json {
            documents.keep(*name, &self.head, &json);
        }
        Ok(json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Keep, sort};
    use crate::notice::Notices;

    fn manifests(text: &str, documents: &Arc<Documents>) -> Vec<Manifest> {
        let files = vec![("c/templates/a.yaml".to_owned(), text.into())];
        sort(files, Keep::Known(documents.clone()), &mut Notices::default()).unwrap().objects
    }

    fn json(text: &str, documents: &Arc<Documents>) -> Vec<String> {
        manifests(text, documents).iter().map(|manifest| manifest.json(1 << 20).unwrap()).collect()
    }

    fn large(name: &str) -> String {
        format!(
            "kind: A\nmetadata: {{name: {name}, annotations: {{size: 1}}}}\nnumber: 9007199254740993\nt: \"{}<\\xff\"\n",
            "x".repeat(5000)
        )
    }

    fn documents() -> Arc<Documents> {
        Arc::new(Documents::new(1 << 20))
    }

    #[test]
    fn a_known_document_is_what_a_new_one_is() {
        let documents = documents();
        let text = format!("{}---\n{}---\nkind: Small\n", large("a"), large("b"));
        let files = vec![("c/templates/a.yaml".to_owned(), text.as_str().into())];
        let expected = sort(files, Keep::Objects, &mut Notices::default()).unwrap().objects;
        for hits in [0, 2, 4] {
            let got = manifests(&text, &documents);
            assert_eq!(documents.hits(), hits);
            for (got, expected) in got.iter().zip(&expected) {
                assert_eq!((&got.head, &got.text), (&expected.head, &expected.text));
                assert_eq!(got.json(1 << 20).unwrap(), expected.json(1 << 20).unwrap());
                assert_eq!(
                    (got.is_bare(), format!("{:?}", got.object())),
                    (false, format!("{:?}", expected.object()))
                );
            }
            assert_eq!(got.len(), expected.len());
        }
    }

    #[test]
    fn what_is_changed_is_written_anew_and_changes_nothing_that_is_known() {
        let documents = documents();
        let text = large("a");
        // Before it is known, and while it is.
        for known in [false, true] {
            let mut changed = manifests(&text, &documents);
            let Value::Map(object) = changed[0].change() else { panic!("no map") };
            object.insert("changed", Value::Bool(true));
            assert!(changed[0].json(1 << 20).unwrap().starts_with(r#"{"changed":true,"#));
            assert_eq!(documents.bytes() > 0, known);
            assert!(json(&text, &documents)[0].starts_with(r#"{"kind":"A""#));
        }
    }

    #[test]
    fn a_known_document_is_held_to_the_limit_too() {
        let documents = documents();
        let text = large("a");
        json(&text, &documents);
        let manifest = manifests(&text, &documents).remove(0);
        assert_eq!((manifest.json(100), documents.hits()), (Err(WriteError::TooLarge), 1));
    }

    #[test]
    fn what_says_nothing_or_is_refused_is_not_kept() {
        let documents = documents();
        let (comment, broken) =
            (format!("# {}\n", "x".repeat(5000)), format!("k: {} : x\n", "x".repeat(5000)));
        for _ in 0..2 {
            let manifests = manifests(&comment, &documents);
            assert!(manifests[0].is_bare());
            manifests[0].json(1 << 20).unwrap();
            let refused = |keep| {
                let files = vec![("c/templates/a.yaml".to_owned(), broken.as_str().into())];
                sort(files, keep, &mut Notices::default()).unwrap_err().to_string()
            };
            assert_eq!(refused(Keep::Known(documents.clone())), refused(Keep::Objects));
        }
        assert_eq!((documents.bytes(), documents.hits()), (0, 0));
    }

    #[test]
    fn the_budget_holds_and_the_least_used_goes_first() {
        let documents = Arc::new(Documents::new(17_000));
        for name in ["a", "b", "c", "a", "d"] {
            json(&large(name), &documents);
            assert!(documents.bytes() <= 17_000);
        }
        let hits = documents.hits();
        let known = ["a", "b", "c", "d"].map(|name| {
            let before = documents.hits();
            manifests(&large(name), &documents);
            documents.hits() > before
        });
        assert_eq!((hits, known), (1, [true, false, true, true]));
    }
}
