//! Dependencies end to end: the binary, the socket, and registries in this process.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it expects"
)]

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use common::certs::{ECR, PUBLIC, certs, server};
use common::home::{Home, contents};
use common::http::{Manner, Web, reply};
use common::oci;
use common::proxy::proxy;
use common::{client, directory, serve_as};
use serde_json::json;
use tiphys::chart::File;
use tiphys::chart::package::{Changes, pack};
use tiphys::data::digest::Digest;

/// A packed library chart that renders one object.
fn lib(version: &str) -> Vec<u8> {
    let file = |path: &str, text: String| File::new(path, text.into());
    let files = vec![
        file("Chart.yaml", format!("apiVersion: v2\nname: lib\nversion: {version}\n")),
        file("values.yaml", "size: 1\n".into()),
        file(
            "templates/a.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: lib}\ndata: {v: '{{ .Chart.Version }}', size: '{{ .Values.size }}'}\n"
                .into(),
        ),
    ];
    pack(files, &Changes::default()).unwrap().1
}

/// A registry over plain http that the home's Secret allows.
fn registry(home: &Home, versions: &[&str]) -> (Web, String, oci::Shared) {
    let store = oci::Shared::default();
    for version in versions {
        store.lock().unwrap().chart("charts/lib", &version.replace('+', "_"), &lib(version));
    }
    let serving = store.clone();
    let web = Web::start(move |asked| oci::answer(&serving, asked));
    home.secret("plain", &[("url", &web.address.to_string()), ("insecureOCIForceHttp", "true")]);
    let url = format!("oci://{}/charts", web.address);
    (web, url, store)
}

/// An HTTP repository with the library's versions.
fn repository(versions: &[&str]) -> Web {
    let archives: BTreeMap<String, Vec<u8>> =
        versions.iter().map(|version| (format!("/lib-{version}.tgz"), lib(version))).collect();
    let entries: Vec<String> = versions
        .iter()
        .map(|v| {
            let digest = Digest::of(&archives[&format!("/lib-{v}.tgz")]).hex();
            format!("  - {{name: lib, version: {v:?}, urls: [lib-{v}.tgz], digest: {digest}}}\n")
        })
        .collect();
    let index = format!("apiVersion: v1\nentries:\n  lib:\n{}", entries.concat());
    Web::start(move |asked| match archives.get(&asked.path) {
        Some(archive) => reply(200, archive.clone()),
        None if asked.path == "/index.yaml" => reply(200, index.clone()),
        None => reply(404, ""),
    })
}

fn app(dependencies: &str) -> String {
    format!("apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies: {dependencies}\n")
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_chart_renders_with_fetched_dependencies_as_with_vendored_ones() {
    let home = Home::new();
    let (_web, oci, _) = registry(&home, &["1.0.0", "1.4.0", "2.0.0"]);
    let repository = repository(&["1.2.0", "1.3.0"]);
    let chart = directory(&[
        (
            "app/Chart.yaml",
            &app(&format!(
                "[{{name: lib, version: ^1.4, repository: '{oci}', alias: one}}, {{name: lib, version: ~1.2, repository: '{}', alias: two}}, {{name: own, version: '*', repository: 'file://../own'}}]",
                repository.url()
            )),
        ),
        ("app/values.yaml", "two: {size: 7}\n"),
        ("own/Chart.yaml", "apiVersion: v2\nname: own\nversion: 0.1.0\n"),
        ("own/templates/b.yaml", "kind: B\n"),
    ]);
    let path = chart.path().join("app");
    let before = contents(chart.path());
    let fetched = home.ok(&["template", text(&path)]);
    let named = |alias: &str, version: &str, size: u8| {
        format!(
            "---\n# Source: app/charts/{alias}/templates/a.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: lib}}\ndata: {{v: '{version}', size: '{size}'}}\n\n"
        )
    };
    let expected = [
        named("one", "1.4.0", 1),
        named("two", "1.2.0", 7),
        "---\n# Source: app/charts/own/templates/b.yaml\nkind: B\n".to_owned(),
    ];
    assert_eq!(fetched, expected.concat());
    let generated = home.ok(&["generate", text(&path), "--repository", text(chart.path())]);
    assert_eq!(generated.matches("kind: ConfigMap").count(), 2);
    assert_eq!(contents(chart.path()), before, "the tree is never written to");
    home.ok(&["dependency", "update", text(&path)]);
    assert_eq!(home.ok(&["template", text(&path)]), fetched, "vendored now");
}

#[test]
fn a_chart_is_fetched_by_its_reference() {
    let home = Home::new();
    let (_web, oci, _) = registry(&home, &["1.0.0", "1.4.0", "2.0.0-rc.1"]);
    let repository = repository(&["1.2.0"]);
    let reference = format!("{oci}/lib");
    let archive = format!("{}/lib-1.2.0.tgz", repository.url());
    for (args, version) in [
        (vec![reference.as_str()], "1.4.0"),
        (vec![&reference, "--version", "1.0.x"], "1.0.0"),
        (vec![&reference, "--devel"], "2.0.0-rc.1"),
        (vec![&archive], "1.2.0"),
        (vec!["lib", "--repo", &repository.url()], "1.2.0"),
    ] {
        let printed = home.ok(&[&["template"], args.as_slice()].concat());
        assert!(printed.contains(&format!("v: '{version}'")), "{args:?}: {printed}");
    }
    let error = home.error(&["template", &reference, "--version", "^7"]);
    assert_eq!(
        error,
        format!(
            "chart {reference:?} version \"^7\": could not locate a version matching provided version string ^7\nhint: the newest versions are: 2.0.0-rc.1, 1.4.0, 1.0.0"
        )
    );
}

#[test]
fn dependencies_are_kept_as_helm_keeps_them() {
    let home = Home::new();
    let (_web, oci, store) = registry(&home, &["1.0.0", "1.4.0+b.1"]);
    let chart = directory(&[
        (
            "Chart.yaml",
            &app(&format!(
                "[{{name: lib, version: ^1, repository: '{oci}'}}, {{name: near, version: '>=0.1.0'}}]"
            )),
        ),
        ("charts/near/Chart.yaml", "apiVersion: v2\nname: near\nversion: 0.2.0\n"),
        ("charts/other/Chart.yaml", "apiVersion: v2\nname: other\nversion: 0.2.0\n"),
    ]);
    let path = text(chart.path());
    std::fs::write(chart.path().join("charts/lib-0.9.0.tgz"), lib("0.9.0")).unwrap();
    let host = oci.trim_start_matches("oci://");
    let row = |status: &str| {
        let width = oci.len();
        format!(
            "NAME\tVERSION\t{:width$}\tSTATUS       \nlib \t^1     \t{oci}\t{status:13}\nnear\t>=0.1.0\t{:width$}\tunpacked     \n\nWARNING: {:?} is not in Chart.yaml.\n",
            "REPOSITORY",
            "",
            format!("{path}/charts/other")
        )
    };
    assert_eq!(home.ok(&["dependency", "list", path]), row("wrong version"));
    let printed = home.ok(&["dependency", "update", path]);
    let digest = Digest::of(&store.lock().unwrap().manifests["charts/lib:1.4.0_b.1"]);
    let said = format!(
        "Saving 2 charts\nDownloading lib from repo {oci}\nPulled: {host}/lib:1.4.0_b.1\nDigest: {digest}\n{host}/lib:1.4.0_b.1 contains an underscore.\n\nOCI artifact"
    );
    assert!(printed.starts_with(&said), "{printed}");
    assert!(printed.ends_with("Dependency near did not declare a repository. Assuming it exists in the charts directory\nDeleting outdated charts\n"), "{printed}");
    let kept = contents(&chart.path().join("charts"));
    assert_eq!(kept.keys().collect::<Vec<_>>(), ["lib-1.4.0+b.1.tgz", "near/Chart.yaml", "other/Chart.yaml"]);
    let lock = std::fs::read_to_string(chart.path().join("Chart.lock")).unwrap();
    let start = format!(
        "dependencies:\n- name: lib\n  repository: {oci}\n  version: 1.4.0+b.1\n- name: near\n  repository: \"\"\n  version: '>=0.1.0'\ndigest: sha256:"
    );
    assert!(lock.starts_with(&start), "{lock}");
    home.ok(&["dependency", "up", path]);
    assert_eq!(std::fs::read_to_string(chart.path().join("Chart.lock")).unwrap(), lock, "nothing changed");
    assert!(home.ok(&["dep", "ls", path]).contains("\tok      "));

    // A newer version is there, but the lock holds.
    store.lock().unwrap().chart("charts/lib", "1.5.0", &lib("1.5.0"));
    std::fs::remove_file(chart.path().join("charts/lib-1.4.0+b.1.tgz")).unwrap();
    std::fs::remove_dir_all(chart.path().join("charts/other")).unwrap();
    assert!(home.ok(&["template", path]).contains("v: '1.4.0+b.1'"));
    home.ok(&["dependency", "build", path]);
    assert!(chart.path().join("charts/lib-1.4.0+b.1.tgz").exists());

    let changed = std::fs::read_to_string(chart.path().join("Chart.yaml")).unwrap().replace("^1", "^1.5");
    std::fs::write(chart.path().join("Chart.yaml"), changed).unwrap();
    std::fs::remove_file(chart.path().join("charts/lib-1.4.0+b.1.tgz")).unwrap();
    for args in [["dependency", "build", path].as_slice(), &["template", path]] {
        assert!(home.error(args).starts_with(
            "the lock file (Chart.lock) is out of sync with the dependencies file (Chart.yaml)"
        ));
    }
    assert_eq!(
        home.error(&["dependency", "update", "/nonexistent"]),
        "could not find /nonexistent: stat /nonexistent: no such file or directory"
    );
}

#[test]
fn a_lock_that_is_a_link_is_not_written_through() {
    let home = Home::new();
    let (_web, oci, _) = registry(&home, &["1.0.0"]);
    let chart = directory(&[
        ("app/Chart.yaml", &app(&format!("[{{name: lib, version: ^1, repository: '{oci}'}}]"))),
        ("victim", ""),
    ]);
    let path = chart.path().join("app");
    std::os::unix::fs::symlink("../victim", path.join("Chart.lock")).unwrap();
    let output = home.run(&["dependency", "update", text(&path)]);
    assert!(!output.status.success());
    assert_eq!(std::fs::read(chart.path().join("victim")).unwrap(), b"");
}

#[test]
fn a_chart_is_packed_pushed_and_pulled() {
    let home = Home::new();
    let (_web, oci, store) = registry(&home, &[]);
    let example = common::project().join("examples/my-api");
    let printed =
        home.ok(&["package", text(&example), "--version", "1.4.0", "--app-version", "7", "-d", "out"]);
    assert_eq!(printed, "Successfully packaged chart and saved it to: out/my-api-1.4.0.tgz\n");
    let host = oci.trim_start_matches("oci://");
    home.file("out/my-api-1.4.0.tgz.prov", "signed");
    let printed = home.ok(&["push", "out/my-api-1.4.0.tgz", &oci]);
    let digest = Digest::of(&store.lock().unwrap().manifests["charts/my-api:1.4.0"]);
    assert_eq!(printed, format!("Pushed: {host}/my-api:1.4.0\nDigest: {digest}\n"));
    let reference = format!("{oci}/my-api");
    let pulled = format!("Pulled: {host}/my-api:1.4.0\nDigest: {digest}\n");
    assert_eq!(home.ok(&["pull", &reference, "--version", "^1", "--prov"]), pulled);
    let packed = home.path().join("out/my-api-1.4.0.tgz");
    assert_eq!(std::fs::read(home.path().join("my-api-1.4.0.tgz")).unwrap(), std::fs::read(&packed).unwrap());
    assert_eq!(std::fs::read(home.path().join("my-api-1.4.0.tgz.prov")).unwrap(), b"signed");
    assert_eq!(home.ok(&["pull", &reference, "--untar", "--untardir", "u"]), pulled);
    let values = |at: &Path| std::fs::read(at.join("values.yaml")).unwrap();
    assert_eq!(values(&home.path().join("u/my-api")), values(&example));
    let again = home.run(&["pull", &reference, "--untar", "--untardir", "u"]);
    assert_eq!(
        String::from_utf8(again.stderr).unwrap(),
        "Error: failed to untar: a file or directory with the name u/my-api already exists\n"
    );
    let rendered = home.ok(&["template", "my-api", &reference]);
    assert_eq!(rendered, home.ok(&["template", "my-api", text(&packed)]));
    for (args, message) in [
        (["push", "nope.tgz", &oci].as_slice(), "nope.tgz: no such file"),
        (&["push", text(&example), &oci], "cannot push directory, must provide chart archive (.tgz)"),
        (&["push", text(&packed), "https://x"], "scheme \"https\" not supported"),
        (
            &["push", "a"],
            "\"tiphys push\" requires at least 2 arguments\n\nUsage:  tiphys push [chart] [remote] [flags]",
        ),
        (&["package", "/nonexistent"], "stat /nonexistent: no such file or directory"),
        (&["pull", "repo/x"], "repo repo not found"),
    ] {
        assert_eq!(home.error(args), message);
    }
}

#[test]
fn a_password_is_read_from_standard_input() {
    let home = Home::new();
    let web = Web::start(|asked| match asked.header("authorization") {
        "Basic dTpzZWNyZXQ=" => reply(200, "{}"),
        _ => reply(401, "").header("www-authenticate", "Basic realm=\"x\""),
    });
    let host = web.address.to_string();
    let input = home.file("password", "secret\n");
    let mut login =
        home.command(&["registry", "login", &host, "-u", "u", "--password-stdin", "--plain-http"]);
    let output = login.stdin(std::fs::File::open(input).unwrap()).output().unwrap();
    assert_eq!(common::stderr(&output), "");
    assert_eq!(common::stdout(&output), "Login Succeeded\n");
    let error = home.error(&["registry", "login", &host, "-u", "u", "-p", "wrong", "--plain-http"]);
    assert_eq!(
        error,
        format!(
            "level=WARN msg=\"using --password via the CLI is insecure. Use --password-stdin\"\nError: authenticating to {host:?}: GET http://{host}/v2/: 401 Unauthorized (with the credentials of the command line)"
        )
    );
    assert!(home.path().join("helm/registry/config.json").exists());
    let printed = home.ok(&["registry", "logout", &host]);
    assert_eq!(printed, format!("Removing login credentials for {host}\n"));
    assert_eq!(
        std::fs::read_to_string(home.path().join("helm/registry/config.json")).unwrap(),
        "{\n\t\"auths\": {}\n}"
    );
}

#[tokio::test]
async fn a_hundred_requests_over_the_socket_download_once() {
    let home = Home::new();
    let (web, oci, _) = registry(&home, &["1.0.0", "1.4.0"]);
    let repository = directory(&[
        ("apps/app/Chart.yaml", &app(&format!("[{{name: lib, version: ^1, repository: '{oci}'}}]"))),
        ("apps/app/values/dev.yaml", "lib: {size: 1}\n"),
        ("apps/app/values/prod.yaml", "lib: {size: 9}\n"),
    ]);
    let server = serve_as(None, &[], &home.env);
    let mut tasks = tokio::task::JoinSet::new();
    for i in 0..100 {
        let mut client = client(&server).await;
        let path = repository.path().to_owned();
        tasks.spawn(async move {
            let (environment, size) = if i % 2 == 0 { ("dev", "1") } else { ("prod", "9") };
            let parameters = format!(r#"[{{"name":"environment","string":"{environment}"}}]"#);
            let answer = common::generate(&mut client, &path, "apps/app", &parameters).await.unwrap();
            assert_eq!(answer.len(), 1);
            assert_eq!(
                (&answer[0]["data"]["v"], &answer[0]["data"]["size"]),
                (&"1.4.0".into(), &size.into())
            );
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let asked: Vec<String> = web.asked().iter().map(|a| a.path.clone()).collect();
    assert_eq!(asked.len(), 3, "{asked:?}");
}

#[tokio::test]
async fn an_application_may_name_a_chart_of_a_registry() {
    let home = Home::new();
    let (_web, oci, _) = registry(&home, &["1.0.0", "1.4.0", "2.0.0"]);
    let tiphys_yaml = format!("chart: {oci}/lib\nversion: ^1\nvalues: ['{{{{environment}}}}.yaml?']\n");
    let repository = directory(&[
        ("apps/none/dev.yaml", "size: 3\n"),
        ("apps/lib/tiphys.yaml", &tiphys_yaml),
        ("apps/lib/dev.yaml", "size: 4\n"),
    ]);
    let server = serve_as(None, &[], &home.env);
    let mut client = client(&server).await;
    let reference = format!("{oci}/lib");
    for (app, parameters, version, size) in [
        ("apps/none", json!([{"name": "chart", "string": reference}]), "2.0.0", "1"),
        (
            "apps/none",
            json!([{"name": "chart", "string": "lib"}, {"name": "repo", "string": oci},
                   {"name": "version", "string": "~1.0"}, {"name": "values-files", "array": ["dev.yaml"]}]),
            "1.0.0",
            "3",
        ),
        ("apps/lib", json!([{"name": "environment", "string": "dev"}]), "1.4.0", "4"),
    ] {
        let answer =
            common::generate(&mut client, repository.path(), app, &parameters.to_string()).await.unwrap();
        assert_eq!((&answer[0]["data"]["v"], &answer[0]["data"]["size"]), (&version.into(), &size.into()));
    }
}

#[tokio::test]
async fn a_failed_download_is_an_error_over_the_socket() {
    let home = Home::new();
    let web = Web::start(|_| reply(403, r#"{"errors":[{"code":"DENIED","message":"not you"}]}"#));
    home.secret(
        "plain",
        &[
            ("url", &web.address.to_string()),
            ("insecureOCIForceHttp", "true"),
            ("username", "u"),
            ("password", "secret"),
        ],
    );
    let repository = directory(&[(
        "Chart.yaml",
        &app(&format!("[{{name: lib, version: ^1, repository: 'oci://{}/charts'}}]", web.address)),
    )]);
    let server = serve_as(None, &[], &home.env);
    let mut client = client(&server).await;
    let status = common::generate(&mut client, repository.path(), ".", "null").await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::PermissionDenied);
    assert_eq!(
        status.message(),
        format!(
            "chart \"lib\" version \"^1\" of oci://{0}/charts: GET http://{0}/v2/charts/lib/tags/list: 403 Forbidden: DENIED: not you (with the credentials of Argo CD's Secret plain)",
            web.address
        )
    );
}

/// Killed at any point of a download, the process leaves a cache that the next start reads.
#[test]
fn a_killed_download_leaves_a_good_cache() {
    for point in ["/tags/", "/manifests/", "/blobs/"] {
        let home = Home::new();
        let stalls = Arc::new(AtomicBool::new(true));
        let (stalled, store) = (stalls.clone(), oci::Shared::default());
        store.lock().unwrap().chart("charts/lib", "1.0.0", &lib("1.0.0"));
        let web = Web::start(move |asked| {
            let answer = oci::answer(&store, asked);
            let stall = asked.path.contains(point) && stalled.load(Ordering::SeqCst);
            if stall { answer.manner(Manner::Stalled) } else { answer }
        });
        home.secret("plain", &[("url", &web.address.to_string()), ("insecureOCIForceHttp", "true")]);
        let reference = format!("oci://{}/charts/lib", web.address);
        let mut killed = home.command(&["template", &reference]).spawn().unwrap();
        let patience = Instant::now() + Duration::from_secs(30);
        while web.count("GET", point) == 0 {
            assert!(Instant::now() < patience, "{point} was never asked for");
            std::thread::sleep(Duration::from_millis(5));
        }
        killed.kill().unwrap();
        killed.wait().unwrap();
        stalls.store(false, Ordering::SeqCst);
        let output = home.run(&["template", &reference]);
        assert_eq!(common::stderr(&output), "", "{point}");
        assert!(common::stdout(&output).contains("v: '1.0.0'"), "{point}");
        for (name, bytes) in contents(&home.path().join("cache/blobs/sha256")) {
            assert_eq!(name, Digest::of(&bytes).hex(), "{point}");
        }
    }
}

/// The ECR of these tests: a token service that speaks AWS's protocol, and a registry
/// that only its token opens.
fn ecr(home: &mut Home, expires: &'static str) -> (Web, Web) {
    let service = Web::start(move |asked| match asked.header("x-amz-target") {
        "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken" => {
            assert!(asked.header("authorization").starts_with("AWS4-HMAC-SHA256 Credential=AKID/"));
            let token = "QVdTOnNlY3JldA==";
            reply(
                200,
                format!(
                    r#"{{"authorizationData":[{{"authorizationToken":"{token}","expiresAt":{expires}}}]}}"#
                ),
            )
            .header("content-type", "application/x-amz-json-1.1")
        }
        other => panic!("{other}"),
    });
    let store = oci::Shared::default();
    store.lock().unwrap().chart("charts/lib", "1.0.0", &lib("1.0.0"));
    let registry = Web::start_tls(server(false), move |asked| match asked.header("authorization") {
        "Basic QVdTOnNlY3JldA==" => oci::answer(&store, asked),
        _ => reply(401, "").header("www-authenticate", format!("Basic realm=\"https://{ECR}/\"")),
    });
    home.file(&format!("tls/{ECR}"), &certs().ca);
    let variables = [
        ("HTTPS_PROXY", format!("http://{}", proxy(registry.address))),
        ("AWS_ENDPOINT_URL_ECR", service.url()),
        ("AWS_ACCESS_KEY_ID", "AKID".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "secret".to_owned()),
        ("TIPHYS_CACHE_TAG_SECONDS", "0".to_owned()),
    ];
    for (name, value) in &variables {
        home.set(name, value);
    }
    (service, registry)
}

#[tokio::test]
async fn ecrs_tokens_are_kept_while_they_live() {
    for (expires, asked) in [("4102444800", 1), ("1", 3)] {
        let mut home = Home::new();
        let (service, _registry) = ecr(&mut home, expires);
        let repository = directory(&[(
            "Chart.yaml",
            &app(&format!("[{{name: lib, version: 1.0.0, repository: 'oci://{ECR}/charts'}}]")),
        )]);
        let serving = serve_as(None, &[], &home.env);
        let mut client = client(&serving).await;
        for _ in 0..3 {
            let answer = common::generate(&mut client, repository.path(), ".", "null").await.unwrap();
            assert_eq!(answer.len(), 1);
        }
        assert_eq!(service.count("POST", "/"), asked, "a token that lives until {expires}");
    }
}

#[test]
fn without_an_identity_ecr_says_what_it_looked_for() {
    let mut home = Home::new();
    let (_service, _registry) = ecr(&mut home, "1");
    home.env.remove("AWS_ACCESS_KEY_ID");
    home.set("AWS_EC2_METADATA_DISABLED", "true");
    let error = home.error(&["template", &format!("oci://{ECR}/charts/lib"), "--version", "1.0.0"]);
    let start = format!("chart \"oci://{ECR}/charts/lib\" version \"1.0.0\": {ECR}: ECR gave no token: ");
    assert!(error.starts_with(&start), "{error}");
    assert!(error.ends_with("hint: the AWS SDK looks for a role of the service account or the pod, the environment, a profile, and the instance"), "{error}");
    assert!(!error.contains("secret"), "{error}");
}

#[tokio::test]
async fn a_slow_registry_keeps_no_other_application_waiting() {
    let home = Home::new();
    let (open, store) = (Arc::new(AtomicBool::new(false)), oci::Shared::default());
    store.lock().unwrap().chart("charts/lib", "1.0.0", &lib("1.0.0"));
    let is_open = open.clone();
    let web = Web::start(move |asked| {
        while !is_open.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(5));
        }
        oci::answer(&store, asked)
    });
    home.secret("plain", &[("url", &web.address.to_string()), ("insecureOCIForceHttp", "true")]);
    let repository = directory(&[
        (
            "slow/Chart.yaml",
            &app(&format!("[{{name: lib, version: ^1, repository: 'oci://{}/charts'}}]", web.address)),
        ),
        ("quick/Chart.yaml", "apiVersion: v2\nname: quick\nversion: 0.1.0\n"),
        ("quick/templates/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: quick}\n"),
    ]);
    let server = serve_as(None, &[], &home.env);
    let mut slow = tokio::task::JoinSet::new();
    // More than any machine of the tests has cores for, fewer than may wait.
    for _ in 0..12 {
        let mut client = client(&server).await;
        let path = repository.path().to_owned();
        slow.spawn(async move { common::generate(&mut client, &path, "slow", "null").await });
    }
    while web.asked().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut client = client(&server).await;
    for _ in 0..3 {
        let answer = common::generate(&mut client, repository.path(), "quick", "null").await.unwrap();
        assert_eq!(answer.len(), 1);
    }
    assert!(slow.try_join_next().is_none(), "they still wait");
    open.store(true, Ordering::SeqCst);
    while let Some(done) = slow.join_next().await {
        assert_eq!(done.unwrap().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn no_log_level_shows_a_secret() {
    let mut home = Home::new();
    let (_service, _registry) = ecr(&mut home, "1");
    home.set("AWS_SECRET_ACCESS_KEY", "top-secret");
    home.set("AWS_SESSION_TOKEN", "session-secret");
    let repository = directory(&[(
        "Chart.yaml",
        &app(&format!("[{{name: lib, version: 1.0.0, repository: 'oci://{ECR}/charts'}}]")),
    )]);
    let log = home.path().join("log");
    home.file("config/plugin.yaml", std::fs::read(common::project().join("plugin.yaml")).unwrap());
    let mut serving = home
        .command(&["serve", "--loglevel", "trace", "--config-dir-path", "config"])
        .env("ARGOCD_PLUGINSOCKFILEPATH", home.path())
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let socket = home.path().join("tiphys.sock");
    while std::os::unix::net::UnixStream::connect(&socket).is_err() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let mut client = common::Client::new(common::channel(&socket).await);
    let answer = common::generate(&mut client, repository.path(), ".", "null").await;
    serving.kill().unwrap();
    serving.wait().unwrap();
    assert_eq!(answer.unwrap().len(), 1);
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.contains("\"source\":\"ECR\""), "the source is named: {log}");
    for secret in ["top-secret", "session-secret", "QVdTOnNlY3JldA", "AWS:secret"] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

/// A pod's identity: AWS's credentials come from an address on the node.
#[test]
fn a_pods_identity_opens_ecr() {
    let mut home = Home::new();
    let (_service, _registry) = ecr(&mut home, "4102444800");
    let agent = Web::start(|asked| {
        match asked.header("authorization") {
        "a pod's token" => reply(
            200,
            r#"{"AccessKeyId":"AKID","SecretAccessKey":"secret","Token":"t","Expiration":"2099-01-01T00:00:00Z"}"#,
        )
        .header("content-type", "application/json"),
        _ => reply(401, ""),
    }
    });
    home.env.remove("AWS_ACCESS_KEY_ID");
    home.env.remove("AWS_SECRET_ACCESS_KEY");
    let token = home.file("pod-token", "a pod's token");
    home.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", &format!("{}/v1/credentials", agent.url()));
    home.set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", text(&token));
    let printed = home.ok(&["template", &format!("oci://{ECR}/charts/lib"), "--version", "1.0.0"]);
    assert!(printed.contains("v: '1.0.0'"), "{printed}");
    assert_eq!(agent.count("GET", "/v1/credentials"), 1);
}

#[test]
fn a_credential_helper_is_asked() {
    let mut home = Home::new();
    let store = oci::Shared::default();
    store.lock().unwrap().chart("charts/lib", "1.0.0", &lib("1.0.0"));
    let web = Web::start(move |asked| match asked.header("authorization") {
        "Basic aGVscGVkOnNlY3JldA==" => oci::answer(&store, asked),
        _ => reply(401, "").header("www-authenticate", "Basic realm=\"r\""),
    });
    let host = web.address.to_string();
    let helper = home.file(
        "bin/docker-credential-mine",
        "#!/bin/sh\nread -r host\nprintf '%s %s' \"$1\" \"$host\" > asked\nprintf '{\"ServerURL\":\"x\",\"Username\":\"helped\",\"Secret\":\"secret\"}'\n",
    );
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(&helper, std::fs::Permissions::from_mode(0o755)).unwrap();
    home.file("docker/config.json", format!(r#"{{"credHelpers": {{"{host}": "mine"}}}}"#));
    let path = format!("{}:{}", home.path().join("bin").display(), std::env::var("PATH").unwrap());
    home.set("TIPHYS_REPOSITORIES_DIR", "none");
    let reference = format!("oci://{host}/charts/lib");
    let mut command = home.command(&["template", &reference, "--version", "1.0.0", "--plain-http"]);
    let output = command.env("PATH", path).output().unwrap();
    assert_eq!(common::stderr(&output), "");
    assert!(common::stdout(&output).contains("v: '1.0.0'"));
    assert_eq!(std::fs::read_to_string(home.path().join("asked")).unwrap(), format!("get {host}"));
}

/// A file system that takes no more bytes is an error that says so, and nothing of it
/// is left for the next run.
#[test]
fn a_full_disk_is_an_error_and_the_next_run_works() {
    let home = Home::new();
    let (_web, oci, _) = registry(&home, &["1.0.0"]);
    let reference = format!("{oci}/lib");
    let run = home.command(&["template", &reference, "--version", "1.0.0"]);
    let full = "trap '' XFSZ; ulimit -f 0; exec \"$@\"";
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", full, "sh"]).arg(run.get_program()).args(run.get_args());
    shell.current_dir(home.path()).env_clear().envs(&home.env).env("PATH", std::env::var_os("PATH").unwrap());
    let output = shell.output().unwrap();
    let error = common::stderr(&output);
    let place = home.path().join("cache").display().to_string();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains(&format!("the cache in {place} cannot be written: File too large")), "{error}");
    let left = contents(&home.path().join("cache"));
    assert!(left.values().all(Vec::is_empty), "{left:?}");
    assert!(home.ok(&["template", &reference, "--version", "1.0.0"]).contains("v: '1.0.0'"));
}

#[test]
fn public_charts_are_fetched_with_an_identity_and_without() {
    let service = Web::start(|asked| {
        assert_eq!(asked.header("x-amz-target"), "SpencerFrontendService.GetAuthorizationToken");
        let data =
            r#"{"authorizationData":{"authorizationToken":"QVdTOnNlY3JldA==","expiresAt":4102444800}}"#;
        reply(200, data).header("content-type", "application/x-amz-json-1.1")
    });
    let store = oci::Shared::default();
    store.lock().unwrap().chart("team/lib", "1.0.0", &lib("1.0.0"));
    // As the real one does: a token for everybody, another one for those it knows.
    let registry = Web::start_tls(server(false), move |asked| {
        let who = asked.header("authorization");
        if asked.path.starts_with("/token") {
            let known = who == "Basic QVdTOnNlY3JldA==";
            return reply(200, if known { r#"{"token":"known"}"# } else { r#"{"token":"anybody"}"# });
        }
        if matches!(who, "Bearer anybody" | "Bearer known") {
            return oci::answer(&store, asked);
        }
        let realm = format!("Bearer realm=\"https://{PUBLIC}/token\",service=\"{PUBLIC}\"");
        reply(401, "").header("www-authenticate", realm)
    });
    for identity in [true, false] {
        let mut home = Home::new();
        home.file(&format!("tls/{PUBLIC}"), &certs().ca);
        home.set("HTTPS_PROXY", &format!("http://{}", proxy(registry.address)));
        home.set("AWS_ENDPOINT_URL_ECR_PUBLIC", &service.url());
        home.set("AWS_EC2_METADATA_DISABLED", "true");
        if identity {
            home.set("AWS_ACCESS_KEY_ID", "AKID");
            home.set("AWS_SECRET_ACCESS_KEY", "secret");
        }
        let before = registry.asked().len();
        let printed = home.ok(&["template", &format!("oci://{PUBLIC}/team/lib"), "--version", "1.0.0"]);
        assert!(printed.contains("v: '1.0.0'"), "{printed}");
        let used = if identity { "Bearer known" } else { "Bearer anybody" };
        assert!(
            registry.asked()[before..].iter().any(|asked| asked.header("authorization") == used),
            "{used}"
        );
    }
}
