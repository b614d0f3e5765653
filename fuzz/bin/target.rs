//! One fuzz target as a program; which one, `TIPHYS_FUZZ_TARGET` says.

#![no_main]

use std::sync::LazyLock;

#[path = "../targets.rs"]
mod targets;

static TARGET: LazyLock<targets::Target> = LazyLock::new(|| {
    let name = std::env::var("TIPHYS_FUZZ_TARGET").unwrap_or_default();
    let found = targets::TARGETS.iter().find(|target| target.name == name);
    *found.unwrap_or_else(|| panic!("TIPHYS_FUZZ_TARGET={name} is no target"))
});

/// Every function's cases are seeds too; they live in the table.
fn write_cases() {
    if TARGET.name != "template" {
        return;
    }
    for function in tiphys::template::functions::GROUPS.iter().flat_map(|group| group.functions) {
        for (count, (text, _)) in function.cases.iter().enumerate() {
            let _ = std::fs::write(format!("corpus/template/case-{}-{count}", function.name), text);
        }
    }
}

libfuzzer_sys::fuzz_target!(init: write_cases(), |data: &[u8]| (TARGET.run)(data));
