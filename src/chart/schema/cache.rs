//! Compiled schemas, kept for the next render of the same chart.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use super::compile::Compiler;
use super::keywords::Compiled;
use super::{URL, Unreachable};
use crate::chart::values::json;
use crate::data::Str;

/// How much schema text is kept; when more comes, the cache starts anew.
const MAX_BYTES: usize = 4 << 20;

/// A schema ready to use.
#[derive(Debug)]
pub struct Ready {
    /// The compiled schema.
    pub schemas: Compiled,
    /// `urn:` references that were let pass.
    pub unresolved: Vec<String>,
}

type Kept = HashMap<Str, Arc<Ready>>;

static CACHE: LazyLock<Mutex<(usize, Kept)>> = LazyLock::new(Mutex::default);

/// The compiled schema of that text; `remote` words what cannot be had.
pub fn compiled(text: &Str, remote: Unreachable) -> Result<Arc<Ready>, String> {
    let lock = || CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(ready) = lock().1.get(text) {
        return Ok(ready.clone());
    }
    let document = json::parse(text.as_bytes())?;
    let mut compiler = Compiler::new(remote);
    compiler.add(URL, document);
    compiler.compile_all(URL)?;
    let unresolved = std::mem::take(&mut compiler.unresolved);
    let ready = Arc::new(Ready { schemas: compiler.finish(), unresolved });
    let mut cache = lock();
    if cache.0 + text.len() > MAX_BYTES {
        *cache = Default::default();
    }
    if text.len() <= MAX_BYTES && cache.1.insert(text.clone(), ready.clone()).is_none() {
        cache.0 += text.len();
    }
    Ok(ready)
}
