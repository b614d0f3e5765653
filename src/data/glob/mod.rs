//! The two pattern languages of Helm: Go's `filepath.Match` (.helmignore,
//! `--show-only`) and gobwas/glob (`.Files.Glob`).

mod filepath;
mod gobwas;

pub use filepath::{BadPattern, Pattern, filepath_match};
pub use gobwas::Glob;
