//! The commands that the documentation shows do what they say they do.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says what it expects")]

mod common;

use std::process::Command;

use common::{project, stderr, stdout, tiphys};
use tiphys::data::yaml::{self, Numbers};
use tiphys::data::{Map, Value, json};
use tiphys::parameters::{Parameter, TABLE, Type};

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

/// The row of a parameter, as the page of parameters has it.
fn row(parameter: &Parameter) -> String {
    let Parameter { name, ty, flag, short, default, help, .. } = parameter;
    let holds = match ty {
        Type::Text => "string",
        Type::Switch => "\"true\" or \"false\"",
        Type::Array => "array",
        Type::Map => "map",
    };
    let short = short.map(|letter| format!("`-{letter}`, ")).unwrap_or_default();
    let default = if default.is_empty() { " ".to_owned() } else { format!(" `{default}` ") };
    format!("| `{name}` | {holds} | {short}`--{flag}` |{default}| {help} |")
}

#[test]
fn the_page_of_parameters_has_their_table() {
    let page = std::fs::read_to_string(project().join("docs/parameters.md")).unwrap();
    let rows: Vec<&str> = page
        .lines()
        .skip_while(|line| !line.starts_with("| parameter |"))
        .skip(2)
        .take(TABLE.len())
        .collect();
    assert_eq!(rows, TABLE.iter().map(row).collect::<Vec<_>>());
}

#[test]
fn the_page_shows_the_examples_as_they_are() {
    let page = std::fs::read_to_string(project().join("docs/parameters.md")).unwrap();
    let example = std::fs::read_to_string(project().join("examples/checkout/tiphys.yaml")).unwrap();
    let shown = page.split("```yaml\n").nth(2).unwrap().split("```").next().unwrap();
    let bare = |text: &str| -> Vec<String> {
        let lines = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with("# The ") && !line.starts_with("# Single "));
        lines.filter(|line| !line.starts_with("# What ")).map(str::to_owned).collect()
    };
    assert_eq!(bare(shown), bare(&example));

    let output = tiphys(&["values", "examples/checkout", "--environment", "production", "--explain"]);
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let printed: Vec<Vec<String>> = stdout(&output).lines().map(words).collect();
    let shown = page.split("```\nVALUE").nth(1).unwrap().split("\n```").next().unwrap();
    let shown: Vec<Vec<String>> = shown.lines().skip(1).filter(|line| *line != "…").map(words).collect();
    assert_eq!(shown.len(), 4);
    for line in shown {
        assert!(printed.contains(&line), "{line:?}");
    }
}

/// The entry of a map under a path of keys.
fn under(value: &Value, path: &[&str]) -> Value {
    path.iter().fold(value.clone(), |value, key| value.as_map().and_then(|map: &Map| map.get(key)).unwrap())
}

#[test]
fn the_example_applications_can_be_generated() {
    for (file, kinds) in [("examples/application.yaml", 6), ("examples/checkout/application.yaml", 6)] {
        let text = std::fs::read(project().join(file)).unwrap();
        let source = under(&yaml::parse(&text, Numbers::Exact).unwrap(), &["spec", "source"]);
        let parameters = json::write(&under(&source, &["plugin", "parameters"]), false, 1 << 20).unwrap();
        let path = under(&source, &["path"]);
        let output = Command::new(env!("CARGO_BIN_EXE_tiphys"))
            .args(["generate", "-o", "json", path.as_str().unwrap()])
            .env_clear()
            .env("ARGOCD_APP_PARAMETERS", String::from_utf8(parameters).unwrap())
            .current_dir(project())
            .output()
            .unwrap();
        assert!(output.status.success(), "{file}: {}", stderr(&output));
        assert_eq!(stdout(&output).lines().count(), kinds, "{file}");
    }
}
