//! The commands that the documentation shows do what they say they do.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says what it expects")]

mod common;

use common::{project, stderr, tiphys};

/// The lines of the `sh` blocks of a page.
fn shell_lines(page: &str) -> impl Iterator<Item = &str> {
    let mut shell = false;
    page.lines().filter(move |line| {
        if line.trim_start().starts_with("```") {
            shell = line.trim() == "```sh";
            return false;
        }
        shell
    })
}

#[test]
fn every_command_of_the_documentation_works() {
    let mut pages = vec![project().join("README.md")];
    pages.extend(std::fs::read_dir(project().join("docs")).unwrap().map(|entry| entry.unwrap().path()));
    let mut ran = 0;
    for path in pages.iter().filter(|path| path.extension().is_some_and(|end| end == "md")) {
        let page = std::fs::read_to_string(path).unwrap();
        for line in shell_lines(&page).map(str::trim) {
            let command =
                line.strip_prefix("tiphys ").or_else(|| line.strip_prefix("cargo run --release -- "));
            let Some(args) = command.map(|args| args.split_whitespace().collect::<Vec<_>>()) else {
                continue;
            };
            if args.first() == Some(&"serve") {
                continue;
            }
            let output = tiphys(&args);
            let what = format!("{}: {line}", path.display());
            assert!(output.status.success(), "{what}\n{}", stderr(&output));
            assert!(!output.stdout.is_empty(), "{what} prints nothing");
            ran += 1;
        }
    }
    assert!(ran >= 4, "the documentation shows {ran} commands");
}
