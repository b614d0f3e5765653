//! TOML as BurntSushi/toml reads and writes it.

mod lexer;
mod read;
mod scalar;
mod write;

pub use read::from_toml;
pub use write::write;
