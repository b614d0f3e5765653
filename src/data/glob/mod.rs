//! The pattern languages of Go's world: `filepath.Match` (.helmignore, `--show-only`,
//! discovery by `fileName`), gobwas/glob (`.Files.Glob`) and zglob (discovery by
//! `find.glob`).

mod filepath;
mod gobwas;
mod zglob;

pub use filepath::{BadPattern, Pattern, filepath_match};
pub use gobwas::Glob;
pub use zglob::Zglob;
