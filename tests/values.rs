//! `tiphys values`: the values that templates see, and who set them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it expects"
)]

mod common;

use common::web::{by_command, env, facts, repository};
use common::{stderr, stdout, tiphys};
use tiphys::data::json;
use tiphys::data::yaml::{self, Numbers};

#[test]
fn they_are_what_templates_see() {
    let repository = repository();
    let app = repository.path().join("apps/web");
    let root = repository.path().to_str().unwrap();
    let flags = ["-e", "prod", "--set", "z=1", "-f", "/charts/web/more/*.yaml"];
    let args = [&["values", app.to_str().unwrap(), "--repository", root], &flags[..]].concat();
    let output = tiphys(&args);
    assert_eq!((stderr(&output).as_str(), output.status.code()), ("", Some(0)));
    assert_eq!(stdout(&output), "a: 1\nb: 1\nbase: 1\nk: api\nlist:\n- a: 1\nprod: 1\nregion: 1\nz: 1\n");
    let seen = facts(&by_command(repository.path(), "apps/web", &env(&[]), &flags).unwrap());
    let printed = yaml::parse(&output.stdout, Numbers::Exact).unwrap();
    let printed = json::write(&printed, false, 1 << 20).unwrap();
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&printed).unwrap(), seen["values"]);
}

#[test]
fn each_is_explained_by_layer_file_and_line() {
    let repository = repository();
    let app = repository.path().join("apps/web");
    let root = repository.path().to_str().unwrap();
    let args = ["values", app.to_str().unwrap(), "--repository", root, "-e", "prod", "--explain"];
    let output = tiphys(&[&args[..], &["--set", "list[0].b=2", "--values-yaml", "x: {z: long}"]].concat());
    assert_eq!((stderr(&output).as_str(), output.status.code()), ("", Some(0)));
    assert_eq!(
        stdout(&output),
        "VALUE      IS      SET BY           IN\n\
         base       1       layer            apps/web/base.yaml:2\n\
         k          \"set\"   set              apps/web/tiphys.yaml:12\n\
         list[0].a  1       set              apps/web/tiphys.yaml:13\n\
         list[0].b  2       helm-parameters\n\
         prod       1       layer            apps/web/prod.yaml:2\n\
         region     1       layer            regions/eu-west-1.yaml:2\n\
         x.z        \"long\"  values           line 1\n"
    );
}

#[test]
fn values_that_break_their_schema_can_be_looked_at() {
    let repository = repository();
    let app = repository.path().join("charts/web");
    let output = tiphys(&["values", app.to_str().unwrap(), "--set", "k=1", "--explain"]);
    assert_eq!(stdout(&output), "VALUE  IS  SET BY           IN\nk      1   helm-parameters\n");
    let output = tiphys(&["values", app.to_str().unwrap(), "-f", "../../secret.yaml"]);
    assert_eq!(stdout(&output), "");
    assert_eq!(
        stderr(&output),
        "Error: parameter \"values-files\": ../../secret.yaml: lies outside the repository\n"
    );
}
