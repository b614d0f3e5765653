//! Go's text/template: text to a tree, a tree and data to text. Knows nothing of
//! charts; what Helm adds reaches it as functions of the one table.

pub mod ast;
pub mod budget;
pub mod compare;
pub mod exec;
pub mod function;
pub mod functions;
pub mod item;
pub mod lexer;
mod node_text;
pub mod parser;
pub mod print;
pub mod re2;
pub mod set;
pub mod tree;

pub use crate::data::unicode;
pub use budget::{Budget, Exceeded};
pub use function::{FuncError, Function, Host};
