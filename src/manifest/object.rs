//! A document's object, and its JSON: read and printed only where it is not known what
//! comes out.

use std::cell::OnceCell;
use std::sync::Arc;

use super::Manifest;
use super::documents::{Documents, Printed};
use crate::data::digest::Digest;
use crate::data::json::{self, WriteError};
use crate::data::yaml::{self, Numbers};
use crate::data::{Map, Str, Value};

/// A document's object.
#[derive(Debug, Clone)]
pub(super) struct Object {
    /// The object, once it was asked for.
    value: OnceCell<Value>,
    /// Annotations that it has beside those of its text.
    added: Added,
    /// What the text is called, and where it is looked for, if that is worth its while.
    named: Option<(Digest, Arc<Documents>)>,
    /// What is known of the text, whose value was not read then.
    known: Option<Arc<Printed>>,
}

/// Annotations by their names.
pub(super) type Added = Vec<(&'static str, String)>;

impl Object {
    /// The object of a document that was read.
    pub fn new(value: Value, named: Option<(Digest, Arc<Documents>)>) -> Object {
        let named = named.filter(|_| !value.is_nil());
        Object { value: OnceCell::from(value), added: Added::new(), named, known: None }
    }

    /// That of a document that is known.
    pub fn known(printed: Arc<Printed>, named: (Digest, Arc<Documents>)) -> Object {
        Object { value: OnceCell::new(), added: Added::new(), named: Some(named), known: Some(printed) }
    }

    fn value(&self, text: &Str) -> &Value {
        // A text was read before anything of it was known, so that it can be read again.
        self.value.get_or_init(|| {
            let value = yaml::parse(text.as_bytes(), Numbers::Exact).unwrap_or_default();
            annotate(&value, &self.added);
            value
        })
    }

    /// What is known of the text with what was added.
    fn printed(&self) -> Option<Arc<Printed>> {
        match &self.named {
            Some((name, documents)) if !self.added.is_empty() => documents.with(name, &self.added),
            _ => self.known.clone(),
        }
    }
}

impl Manifest {
    /// Whether there is no object: a comment, or only the head was kept.
    pub fn is_bare(&self) -> bool {
        self.object.known.is_none() && self.object().is_nil()
    }

    /// The whole document, integers exact; nil for a comment, and where only heads are
    /// kept. It must not be changed.
    pub fn object(&self) -> &Value {
        self.object.value(&self.text)
    }

    /// Adds annotations to the object, and the tables for them where there are none. The
    /// head stays what the text says.
    pub fn annotate(&mut self, added: Vec<(&'static str, String)>) {
        if let Some(value) = self.object.value.get() {
            annotate(value, &added);
        }
        self.object.added.extend(added);
    }

    /// The object as JSON, of at most `limit` bytes.
    ///
    /// # Errors
    /// An object that JSON cannot say.
    pub fn json(&self, limit: usize) -> Result<String, WriteError> {
        let Object { added, named, known, .. } = &self.object;
        let printed = self.object.printed();
        if let Some(json) = printed.as_ref().and_then(|printed| printed.json.as_ref())
            && json.len() <= limit
        {
            return Ok(json.clone());
        }
        let json = json::write(self.object(), false, limit)?;
        let json = String::from_utf8(json)
            .unwrap_or_else(|broken| String::from_utf8_lossy(broken.as_bytes()).into_owned());
        if let Some((name, documents)) = named {
            // That the text need not be read is known by its own name.
            if !added.is_empty() && known.is_none() {
                documents.keep(*name, &self.head, None);
            }
            documents.keep(Documents::name_with(name, added), &self.head, Some(&json));
        }
        Ok(json)
    }
}

fn annotate(value: &Value, added: &Added) {
    let Value::Map(object) = value else { return };
    if added.is_empty() {
        return;
    }
    let annotations = table(&table(object, "metadata"), "annotations");
    for (name, value) in added {
        annotations.insert(*name, value.as_str().into());
    }
}

/// The table under `key`, made if it is not there.
fn table(parent: &Map, key: &str) -> Map {
    if let Some(Value::Map(map)) = parent.get(key) {
        return map;
    }
    let map = Map::new();
    parent.insert(key, map.clone().into());
    map
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
    fn annotations_are_known_apart_and_change_nothing_else_that_is_known() {
        let documents = documents();
        let text = large("a");
        let annotated = |value: &str, documents: &Arc<Documents>| {
            let mut manifest = manifests(&text, documents).remove(0);
            // Some look at the object first.
            if value.len() > 1 {
                manifest.object();
            }
            manifest.annotate(vec![("size", value.to_owned())]);
            manifest.annotate(vec![("other", "b".to_owned())]);
            let json = manifest.json(1 << 20).unwrap();
            let table = manifest.object().as_map().unwrap().get("metadata").unwrap();
            assert!(format!("{table:?}").contains("other"), "{table:?}");
            json
        };
        let new = || super::tests::documents();
        for round in 0..3 {
            for value in ["1", "2", "long"] {
                let json = annotated(value, &documents);
                assert_eq!(json, annotated(value, &new()));
                assert!(
                    json.contains(&format!(r#""annotations":{{"other":"b","size":"{value}"}}"#)),
                    "{json}"
                );
            }
            assert_eq!(documents.hits(), round * 3 + 2);
        }
        let plain = || json(&text, &documents).remove(0);
        assert!(plain().contains(r#""annotations":{"size":1}"#));
        assert_eq!(plain(), json(&text, &new()).remove(0));
        assert_eq!(annotated("1", &documents), annotated("1", &new()));
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
