//! Names of hosts, which a render may not look up.

use super::args::row;
use crate::data::{Ty, Value};
use crate::template::function::Function;

/// The group's functions.
pub static FUNCTIONS: &[Function] = &[row(
    "getHostByName",
    &[Ty::Str],
    "always empty: as Helm without --enable-dns, a render asks no name server",
    &[(r#"[{{ getHostByName "localhost" }}]"#, "[]")],
    |_, _| Ok(Value::from("")),
)];
