//! What is made of a content is made once, whoever brings it.

use std::path::Path;

use tempfile::TempDir;

use super::common::watch::{Watched, serve_watched};
use super::common::{self, client, directory, messages, pack, serve};
use super::{TEMPLATE, add_chart, ask, env};

/// A definition of about 6 KB.
fn definition(name: &str, text: &str) -> String {
    format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: {name}}}\n\
         spec: {{text: {text:?}, number: 9007199254740993, long: {}}}\n",
        "x".repeat(6000)
    )
}

/// An application with its own template, and definitions and values that others have too.
fn add_operator(root: &Path, app: &str, definitions: &[String]) {
    add_chart(root, app, TEMPLATE);
    std::fs::create_dir_all(root.join(app).join("crds")).unwrap();
    std::fs::write(root.join(app).join("crds/all.yaml"), definitions.join("---\n")).unwrap();
    std::fs::write(root.join(app).join("values.yaml"), "k: default\n").unwrap();
}

/// Values files and documents that were known.
fn known(server: &Watched) -> [u64; 2] {
    ["values", "document"].map(|name| server.metric(&format!("tiphys_{name}_hits_total")))
}

#[tokio::test]
async fn what_applications_have_in_common_is_read_once() {
    let dir = directory(&[("shared.yaml", "k: shared\n"), ("same.yaml", "k: shared\n")]);
    let definitions = ["a", "b"].map(|name| definition(name, "<first>"));
    for app in ["app-0", "app-1"] {
        add_operator(dir.path(), app, &definitions);
    }
    let server = serve_watched(None, &[]);
    let mut client = client(&server.serving).await;
    let files = |names: &str| format!(r#"[{{"name":"values-files","array":[{names}]}}]"#);
    let mut manifests = async |app: &str, parameters: &str| {
        let stream = messages(&pack(dir.path()), app, &env(app, "1", parameters));
        let answer = ask(&mut client, stream.clone()).await.unwrap();
        // A server that knows nothing says the same.
        let new = serve(None);
        let expected = ask(&mut common::client(&new).await, stream).await.unwrap();
        assert_eq!(answer, expected, "{app}");
        answer
    };
    let first = manifests("app-0", "null").await;
    assert_eq!((first.len(), known(&server)), (3, [0, 0]));
    assert!(first[0].contains("<first>") && first[0].contains("9007199254740993"), "{}", first[0]);
    assert!(manifests("app-1", "null").await[2].contains("default"));
    assert_eq!(known(&server), [1, 2]);
    // Equal content counts, whatever it is called: the chart's own file, and one of two.
    assert!(manifests("app-0", &files(r#""../shared.yaml""#)).await[2].contains("shared"));
    assert_eq!(known(&server), [2, 4]);
    assert!(manifests("app-1", &files(r#""../same.yaml""#)).await[2].contains("shared"));
    assert_eq!(known(&server), [4, 6]);

    // The same names with another content.
    std::fs::write(dir.path().join("same.yaml"), "k: changed\n").unwrap();
    add_operator(dir.path(), "app-1", &[definition("a", "second"), definitions[1].clone()]);
    let changed = manifests("app-1", &files(r#""../same.yaml""#)).await;
    assert_eq!(known(&server), [5, 7]);
    assert!(changed[0].contains("second") && changed[2].contains("changed"), "{changed:?}");
    assert_eq!(changed[1], first[1]);
    assert!(server.metric("tiphys_values_bytes") > 0 && server.metric("tiphys_document_bytes") > 12_000);

    // What is refused is refused again, in the same words.
    std::fs::write(dir.path().join("same.yaml"), "k: [\n").unwrap();
    let stream = messages(&pack(dir.path()), "app-1", &env("app-1", "1", &files(r#""../same.yaml""#)));
    let mut refusals = Vec::new();
    for _ in 0..2 {
        let status = ask(&mut common::client(&server.serving).await, stream.clone()).await.unwrap_err();
        refusals.push((status.code(), status.message().to_owned()));
    }
    assert!(refusals[0].1.contains("failed to parse same.yaml"), "{refusals:?}");
    assert_eq!(refusals[0], refusals[1]);
}

#[tokio::test]
async fn values_and_documents_stay_within_their_budgets() {
    const COUNT: usize = 12;
    // A twentieth of 1 MiB each.
    const SHARE: u64 = (1 << 20) / 20;
    let server = serve_watched(None, &["--memory-mb", "1"]);
    let mut client = client(&server.serving).await;
    let mut documents = Vec::new();
    for round in 0..2 {
        for number in 0..COUNT {
            let dir = directory(&[]);
            add_operator(dir.path(), "app", &[definition(&format!("d{number}"), "text")]);
            let values = format!("k: v{number}\nlong: {}\n", "y".repeat(6000));
            std::fs::write(dir.path().join("app/values.yaml"), values).unwrap();
            let parameters =
                format!(r#"[{{"name":"helm-parameters","map":{{"k":"round-{round}-{number}"}}}}]"#);
            let stream = messages(&pack(dir.path()), "app", &env("app", "1", &parameters));
            let answer = ask(&mut client, stream).await.unwrap();
            assert!(answer[0].contains(&format!("\"d{number}\"")), "{answer:?}");
            assert!(answer[1].contains(&format!("round-{round}-{number}")), "{answer:?}");
            for name in ["values", "document"] {
                let bytes = server.metric(&format!("tiphys_{name}_bytes"));
                assert!(0 < bytes && bytes <= SHARE, "{name}: {bytes}");
            }
            documents.push(known(&server));
        }
    }
    // Each one was gone before it came again: there is room for eight.
    assert_eq!(documents.last(), Some(&[0, 0]));
}

/// A chart that carries another one, packed.
fn add_umbrella(root: &Path, app: &str, inside: &TempDir) {
    add_chart(root, app, TEMPLATE);
    std::fs::create_dir_all(root.join(app).join("charts")).unwrap();
    std::fs::write(root.join(app).join("charts/inside-1.0.0.tgz"), pack(inside.path())).unwrap();
}

#[tokio::test]
async fn a_packed_chart_is_unpacked_and_its_schema_compiled_once_whoever_carries_it() {
    let inside = |text: &str| {
        let dir = directory(&[]);
        add_chart(
            dir.path(),
            "inside",
            &format!("kind: ConfigMap\nmetadata: {{name: inside}}\ndata: {{k: {text}}}\n"),
        );
        std::fs::write(dir.path().join("inside/values.schema.json"), r#"{"type": "object"}"#).unwrap();
        dir
    };
    let dir = directory(&[]);
    let (first, second) = (inside("first"), inside("second"));
    for app in ["app-0", "app-1"] {
        add_umbrella(dir.path(), app, &first);
    }
    let server = serve_watched(None, &[]);
    let mut client = client(&server.serving).await;
    let mut manifests = async |app: &str, archive: &[u8]| {
        let answer = ask(&mut client, messages(archive, app, &env(app, "1", "null"))).await.unwrap();
        let hits = ["archive", "schema"].map(|name| server.metric(&format!("tiphys_{name}_hits_total")));
        (answer.concat(), hits)
    };
    let archive = pack(dir.path());
    for (app, hits) in [("app-0", [0, 0]), ("app-1", [1, 1])] {
        let (answer, known) = manifests(app, &archive).await;
        assert!(answer.contains(r#"{"k":"first"}"#) && answer.contains(app), "{answer}");
        assert_eq!(known, hits);
    }
    // A commit that changes what one of them carries.
    add_umbrella(dir.path(), "app-1", &second);
    let archive = pack(dir.path());
    for (app, text, hits) in [("app-0", "first", [1, 1]), ("app-1", "second", [1, 2])] {
        let (answer, known) = manifests(app, &archive).await;
        assert!(answer.contains(&format!(r#"{{"k":"{text}"}}"#)), "{answer}");
        // The answer for app-0 is known as a whole where nothing that it read has changed.
        assert_eq!(known, hits, "{app}");
    }
    assert!(server.metric("tiphys_archive_bytes") > 300 && server.metric("tiphys_schema_bytes") > 300);
}
