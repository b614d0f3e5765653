//! Semantic versions: `semver` and `semverCompare`.

use super::args::{row, text};
use crate::data::semver::{Constraints, Version};
use crate::data::{Ty, Value};
use crate::template::function::{FuncError, Function, Host};

/// The group's functions.
pub static FUNCTIONS: &[Function] = &[
    row(
        "semver",
        &[Ty::Str],
        "a version text to a version: its Major, Minor, Patch, Prerelease, Metadata, Original and comparisons",
        &[
            (
                r#"{{ $v := semver "v1.2-rc.1+b" }}{{ $v }} {{ $v.Minor }} {{ $v.Prerelease }} {{ $v.Original }}"#,
                "1.2.0-rc.1+b 2 rc.1 v1.2-rc.1+b",
            ),
            (r#"{{ (semver "1.2.3").Compare (semver "1.10.0") }}"#, "-1"),
            (r#"{{ semver "1.2.3.4" }}"#, "!invalid semantic version"),
        ],
        |_, args| Ok(Version::parse(&text(args, 0).to_str_lossy()).map_err(|e| e.to_string())?.into_value()),
    ),
    row(
        "semverCompare",
        &[Ty::Str, Ty::Str],
        "whether a version satisfies a constraint such as `>=1.19-0 <2`, `~1.2`, `^1 || 3.x`, `1.2 - 1.4`",
        &[
            (r#"{{ semverCompare ">=1.19-0" "1.29.3-gke.1" }}"#, "true"),
            (r#"{{ semverCompare ">=1.19" "1.29.3-gke.1" }}"#, "false"),
            (r#"{{ semverCompare "<=1.2 || ^3" "1.2.9" }}"#, "true"),
            (r#"{{ semverCompare "" "1.2.3" }}"#, r#"!improper constraint: """#),
        ],
        compare,
    ),
];

fn compare(_: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let constraints = Constraints::parse(&text(args, 0).to_str_lossy()).map_err(|e| e.to_string())?;
    let version = Version::parse(&text(args, 1).to_str_lossy()).map_err(|e| e.to_string())?;
    Ok(constraints.check(&version).into())
}
