//! Go's values and the text forms they are read from and written to. Knows
//! nothing of templates, charts or Argo CD.

pub mod base32;
pub mod base64;
pub mod csv;
pub mod digest;
pub mod fields;
pub mod frozen;
pub mod glob;
pub mod hash;
pub mod json;
pub mod kept;
pub mod list;
pub mod map;
pub mod nearest;
pub mod number;
pub mod object;
pub mod quote;
pub mod semver;
pub mod str;
pub mod time;
pub mod toml;
pub mod unicode;
pub mod url;
pub mod value;
pub mod yaml;

pub use frozen::Frozen;
pub use list::{List, ListType};
pub use map::{Map, MapType};
pub use object::{Method, Object, Signature, Ty};
pub use str::Str;
pub use value::{IntKind, Kind, UintKind, Value};
