//! Schemas that were compiled before, found again by their text: the renders of a chart
//! hold other values to the same one.

use std::sync::Arc;

use super::compile::Compiler;
use super::keywords::Compiled;
use super::{Means, URL};
use crate::chart::values::json;
use crate::data::Str;
use crate::data::digest::Digest;
use crate::data::kept::Kept;

/// A schema ready to use.
#[derive(Debug)]
pub struct Ready {
    /// The compiled schema.
    pub schemas: Compiled,
    /// `urn:` references that were let pass.
    pub unresolved: Vec<String>,
}

/// Compiled schemas, by the digest of their text.
pub type KnownSchemas = Kept<Digest, Arc<Ready>>;

/// The compiled schema of that text. What was compiled before is looked for among what
/// `means` knows, and what is new is kept there; a schema that is refused is not.
///
/// # Errors
/// Those of the JSON and of the schema, in Helm's words.
pub fn compiled(text: &Str, means: Means<'_>) -> Result<Arc<Ready>, String> {
    let Some(kept) = means.known.map(|known| &known.schemas) else {
        return compile(text, means).map(Arc::new);
    };
    let digest = Digest::of(text.as_bytes());
    if let Some(ready) = kept.get(&digest) {
        return Ok(ready);
    }
    let ready = Arc::new(compile(text, means)?);
    kept.keep(digest, ready.clone(), ready.schemas.bytes() + text.len() as u64);
    Ok(ready)
}

fn compile(text: &Str, means: Means<'_>) -> Result<Ready, String> {
    let document = json::parse(text.as_bytes())?;
    let mut compiler = Compiler::new(means.remote);
    compiler.add(URL, document);
    compiler.compile_all(URL)?;
    let unresolved = std::mem::take(&mut compiler.unresolved);
    Ok(Ready { schemas: compiler.finish(), unresolved })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::KnownFiles;

    #[test]
    fn a_known_schema_is_the_one_that_was_compiled() {
        let known = KnownFiles::new(1 << 20);
        let means = Means { known: Some(&known), ..Means::default() };
        let [first, second] = [r#"{"type": "object"}"#, r#"{"type": "string"}"#].map(Str::from);
        let ready = compiled(&first, means).unwrap();
        assert!(Arc::ptr_eq(&ready, &compiled(&first, means).unwrap()));
        assert!(!Arc::ptr_eq(&ready, &compiled(&second, means).unwrap()));
        assert_eq!(known.schemas.hits(), 1);
        let expected = "invalid character ']' looking for beginning of value";
        for _ in 0..2 {
            assert!(compiled(&"[]]".into(), means).is_err());
            assert_eq!(compiled(&"]".into(), means).unwrap_err(), expected);
        }
        assert_eq!(known.schemas.hits(), 1);
    }

    #[test]
    fn what_a_schema_takes_is_counted_and_one_that_takes_too_much_is_not_kept() {
        // Three bytes of text each, and hundreds of bytes once they are compiled.
        let many = |count: usize| Str::from(format!(r#"{{"allOf": [{}]}}"#, vec!["{}"; count].join(",")));
        let known = KnownFiles::new(1 << 20);
        let means = Means { known: Some(&known), ..Means::default() };
        compiled(&many(100), means).unwrap();
        let bytes = known.schemas.bytes();
        assert!((50_000..200_000).contains(&bytes), "{bytes}");
        for _ in 0..2 {
            compiled(&many(10_000), means).unwrap();
        }
        assert_eq!((known.schemas.bytes(), known.schemas.hits()), (bytes, 0));
    }
}
