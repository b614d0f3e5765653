//! The names a release may have.

use crate::data::quote::quote;
use crate::error::{Error, Result};
use crate::notice::Notices;

/// The longest name (it becomes part of labels).
const LONGEST: usize = 53;

/// Checks a release's name as Helm does before a render.
///
/// # Errors
/// Helm's text for a name that is none; the same goes to `notices` first.
pub fn check_name(name: &str, notices: &mut Notices) -> Result<()> {
    const FAILED: &str = "release name check failed";
    check(name).map_err(|wrong| {
        notices.error(FAILED, &wrong);
        Error::usage(format!("{FAILED}: {wrong}"))
    })
}

fn check(name: &str) -> std::result::Result<(), String> {
    let label = |part: &str| {
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        !part.is_empty() && part.chars().all(inner) && !part.starts_with('-') && !part.ends_with('-')
    };
    if name.len() <= LONGEST && name.split('.').all(label) {
        return Ok(());
    }
    if name.is_empty() {
        return Err("release name \"\": no name provided".to_owned());
    }
    let name = quote(name.as_bytes());
    Err(format!(
        "release name {name}: invalid release name, must match regex \
         ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ and the length must not be longer than \
         {LONGEST}"
    ))
}
