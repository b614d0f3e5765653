//! 20,000 calls with faults among them against the released program; ends with 1
//! where an answer is wrong or something is left behind.
//!
//! `cargo bench --bench soak -- [CALLS]`
#![allow(clippy::print_stdout, missing_docs, reason = "a measurement says what it found")]

#[path = "../tests/common/mod.rs"]
mod common;

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let calls = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(20_000);
    match common::soak::soak(calls).await {
        Ok(done) => {
            println!("{done}");
            ExitCode::SUCCESS
        }
        Err(wrong) => {
            println!("{wrong}");
            ExitCode::FAILURE
        }
    }
}
