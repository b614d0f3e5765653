//! Helm beside ours: where Helm is, how both are run, what is made up for them.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "each test uses its part, and says what it expects"
)]

pub mod batch;
pub mod charts;
pub mod expressions;
pub mod flags;
pub mod helm;
pub mod made_up;
pub mod programs;
pub mod run;
pub mod sets;
pub mod yaml;
