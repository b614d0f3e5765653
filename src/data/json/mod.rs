//! JSON as Go's encoding/json reads and writes it.

mod read;
mod write;

pub use read::{JsonError, bad_escape, parse, parse_exact, valid_utf8};
pub(in crate::data) use write::{Nesting, object_fields};
pub use write::{WriteError, write, write_pretty};
