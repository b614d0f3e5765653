//! The command line: parse flags, call one command, one exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    tiphys::cli::main()
}
