//! Go's regular expressions in schemas: `pattern`, `patternProperties` and the
//! format `regex`.

use crate::data::Str;
use crate::template::budget::{Budget, Limits};
use crate::template::re2::{self, Refused};

/// The work that patterns of one schema may make; apart from the render's.
pub fn budget() -> Budget {
    Budget::new(Limits::default())
}

/// Whether Go compiles the pattern, or its error text.
pub fn check(pattern: &Str) -> Result<(), String> {
    re2::check(pattern.as_bytes(), &mut budget()).map_err(words)
}

/// Whether `text` has a match of the pattern; an error where looking for one is
/// too much work.
pub fn is_match(pattern: &Str, text: &Str, budget: &mut Budget) -> Result<bool, String> {
    let compiled = re2::compile(pattern.as_bytes(), budget).map_err(words)?;
    compiled.is_match(text.as_bytes(), budget).map_err(|exceeded| words(exceeded.into()))
}

fn words(refused: Refused) -> String {
    match refused {
        Refused::Syntax(text) => text,
        Refused::Exceeded(exceeded) => exceeded.to_string(),
    }
}
