//! The real parts: Debian's registry and nginx, moto as AWS, and the real Helm as the
//! other side. `.ci/run` installs them and insists; elsewhere what is missing is
//! skipped out loud, and tests/registry.rs covers the same code.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it expects"
)]

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use common::certs::{ECR, certs, htpasswd};
use common::home::{Home, contents};
use common::proxy::proxy;
use common::services::{asked, docker_registry, find, free_port, helm, python_with, start};
use common::{client, directory, project, serve_as};
use tiphys::chart::archive::{self, Limits};

/// The real Helm in this home.
fn run_helm(helm: &Path, home: &Home, args: &[&str]) -> (bool, String, String) {
    let config = home.path().join("helm/registry/config.json");
    let output = Command::new(helm)
        .args(args)
        .args(["--registry-config", config.to_str().unwrap()])
        .current_dir(home.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    (output.status.success(), common::stdout(&output), common::stderr(&output))
}

fn unpacked(path: &Path) -> BTreeMap<String, String> {
    let files = archive::read(&std::fs::read(path).unwrap(), &mut Limits::default()).unwrap();
    files.into_iter().map(|file| (file.path.clone(), file.data().unwrap().to_string())).collect()
}

fn log_in(home: &Home, host: &str, more: &[&str]) {
    let password = home.file("password", "secret\n");
    let args = [&["registry", "login", host, "-u", "u", "--password-stdin"], more].concat();
    let output = home.command(&args).stdin(std::fs::File::open(password).unwrap()).output().unwrap();
    assert_eq!(
        (common::stdout(&output), common::stderr(&output)),
        ("Login Succeeded\n".into(), String::new())
    );
}

const PLAIN: &str = "--plain-http";

#[test]
fn helm_pulls_what_we_push_and_the_other_way_round() {
    let (Some(helm), home) = (helm(), Home::new()) else { return };
    let users = home.file("users", htpasswd("u", "secret"));
    let auth =
        format!("http: {{addr: '{{addr}}'}}\nauth: {{htpasswd: {{realm: r, path: {}}}}}\n", users.display());
    let Some(registry) = docker_registry(home.path(), &auth) else { return };
    let host = registry.address.to_string();
    let (ours, theirs) = (format!("oci://{host}/ours"), format!("oci://{host}/theirs"));
    let error = home.error(&["pull", &format!("{ours}/my-api"), "--version", "1.0.0", PLAIN]);
    assert!(
        error.contains(
            "401 Unauthorized: UNAUTHORIZED: authentication required (no source has credentials for"
        ),
        "{error}"
    );
    log_in(&home, &host, &[PLAIN]);

    // The same chart packed by both has the same files, and pushed by both the same digest.
    let example = project().join("examples/my-api").display().to_string();
    home.ok(&["package", &example, "--version", "1.4.0+b.1", "-d", "ours"]);
    let (done, _, error) =
        run_helm(&helm, &home, &["package", &example, "--version", "1.4.0+b.1", "-d", "theirs"]);
    assert!(done, "{error}");
    let archive = "my-api-1.4.0+b.1.tgz";
    let [own, helms] = ["ours", "theirs"].map(|at| home.path().join(at).join(archive));
    assert_eq!(unpacked(&own), unpacked(&helms));
    let pushed = home.ok(&["push", own.to_str().unwrap(), &ours, PLAIN]);
    let (done, said, error) = run_helm(&helm, &home, &["push", own.to_str().unwrap(), &theirs, PLAIN]);
    assert!(done, "{error}");
    assert_eq!(pushed, said.replace("/theirs/", "/ours/"), "Helm's words, and the same digest");

    let reference = format!("{ours}/my-api");
    let (done, said, error) =
        run_helm(&helm, &home, &["pull", &reference, "--version", "^1", PLAIN, "-d", "theirs"]);
    assert!(done, "{error}");
    assert_eq!(
        std::fs::read(home.path().join("theirs").join(archive)).unwrap(),
        std::fs::read(&own).unwrap()
    );
    let pulled = home.ok(&["pull", &format!("{theirs}/my-api"), "--version", "^1", PLAIN, "-d", "pulled"]);
    assert_eq!(pulled, said.replace("/ours/", "/theirs/"));
    assert_eq!(
        std::fs::read(home.path().join("pulled").join(archive)).unwrap(),
        std::fs::read(&own).unwrap()
    );

    // What Helm refuses we refuse.
    let (done, _, _) = run_helm(&helm, &home, &["pull", &reference, "--version", "^9", PLAIN]);
    assert!(!done);
    let error = home.error(&["pull", &reference, "--version", "^9", PLAIN]);
    assert!(error.contains("could not locate a version matching provided version string ^9"), "{error}");
}

#[test]
fn helm_builds_from_our_lock_and_we_from_helms() {
    let (Some(helm), home) = (helm(), Home::new()) else { return };
    let Some(registry) = docker_registry(home.path(), "http: {addr: '{addr}'}\n") else { return };
    let oci = format!("oci://{}/charts", registry.address);
    home.file("lib/Chart.yaml", "apiVersion: v2\nname: lib\nversion: 1.2.3\n");
    home.file("lib/templates/a.yaml", "kind: A\n");
    home.ok(&["package", "lib"]);
    home.ok(&["push", "lib-1.2.3.tgz", &oci, PLAIN]);
    home.file("near/Chart.yaml", "apiVersion: v2\nname: near\nversion: 0.1.0\n");
    let chart = format!(
        "apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies:\n- {{name: lib, version: '>=1 <2', repository: '{oci}', condition: lib.on, tags: [x], import-values: [a, {{child: b, parent: c}}], alias: two}}\n- {{name: near, version: '*', repository: 'file://../near'}}\n"
    );
    for at in ["a", "b"] {
        home.file(&format!("{at}/Chart.yaml"), &chart);
    }
    home.ok(&["dependency", "update", "a", PLAIN]);
    let (done, _, error) = run_helm(&helm, &home, &["dependency", "update", "b", PLAIN]);
    assert!(done, "{error}");
    let lock = |at: &str| {
        let text = std::fs::read_to_string(home.path().join(at).join("Chart.lock")).unwrap();
        text.split("generated:").next().unwrap().to_owned()
    };
    assert_eq!(lock("a"), lock("b"));
    for at in ["a", "b"] {
        std::fs::remove_dir_all(home.path().join(at).join("charts")).unwrap();
    }
    let (done, _, error) = run_helm(&helm, &home, &["dependency", "build", "a", PLAIN]);
    assert!(done, "{error}");
    home.ok(&["dependency", "build", "b", PLAIN]);
    let names = |at: &str| contents(&home.path().join(at).join("charts")).into_keys().collect::<Vec<_>>();
    assert_eq!(names("a"), ["lib-1.2.3.tgz", "near-0.1.0.tgz"]);
    assert_eq!(names("b"), names("a"));
    for args in [["dependency", "list", "a"].as_slice(), &["template", "x", "a"]] {
        let (done, printed, error) = run_helm(&helm, &home, args);
        assert!(done, "{error}");
        assert_eq!(home.ok(args), printed, "{args:?}");
    }
}

#[test]
fn a_registry_with_a_token_service_lets_us_in() {
    let home = Home::new();
    let Some(python) = python_with("cryptography") else { return };
    let (port, bundle) = (free_port(), home.path().join("tokens.pem"));
    let script = project().join("tests/services/token_server.py");
    let tokens = start(
        Command::new(&python).arg(script).arg(port.to_string()).arg(&bundle).stdout(Stdio::null()),
        port,
    );
    let auth = format!(
        "http: {{addr: '{{addr}}'}}\nauth: {{token: {{realm: 'http://{}/token', service: s, issuer: tokens, rootcertbundle: {}}}}}\n",
        tokens.address,
        bundle.display()
    );
    let Some(registry) = docker_registry(home.path(), &auth) else { return };
    let (host, example) =
        (registry.address.to_string(), project().join("examples/my-api").display().to_string());
    let oci = format!("oci://{host}/team/charts");
    home.ok(&["package", &example, "--version", "0.1.0"]);
    let error = home.error(&["push", "my-api-0.1.0.tgz", &oci, PLAIN]);
    assert!(error.contains("/token: 401 Unauthorized"), "{error}");
    log_in(&home, &host, &[PLAIN]);
    home.ok(&["push", "my-api-0.1.0.tgz", &oci, PLAIN]);
    home.ok(&["pull", &format!("{oci}/my-api"), "--version", "~0.1", PLAIN, "-d", "pulled"]);
    assert!(home.path().join("pulled/my-api-0.1.0.tgz").exists());
}

#[test]
fn nginx_serves_a_repository() {
    let home = Home::new();
    let Some(nginx) = find("nginx") else { return };
    let example = project().join("examples/my-api").display().to_string();
    home.ok(&["package", &example, "--version", "0.1.0", "-d", "www/files"]);
    let padding = "# padding, so that it is worth packing\n".repeat(100);
    home.file("www/index.yaml", format!("apiVersion: v1\nentries:\n  my-api:\n  - {{name: my-api, version: 0.1.0, urls: [moved/my-api-0.1.0.tgz]}}\n{padding}"));
    home.file("users", htpasswd("u", "secret"));
    let port = free_port();
    let config = home.file(
        "nginx.conf",
        format!(
            "daemon off; master_process off; pid nginx.pid; error_log error.log; events {{}}\nhttp {{\n access_log requests.log; gzip on; gzip_types *; gzip_proxied any;\n client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;\n server {{\n listen 127.0.0.1:{port}; root www; auth_basic charts; auth_basic_user_file users;\n location /moved/ {{ rewrite ^/moved/(.*)$ /files/$1 redirect; }}\n }}\n}}\n"
        ),
    );
    let mut command = Command::new(nginx);
    command.arg("-p").arg(home.path()).arg("-c").arg(config);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    // The workers are not root, where the test is.
    open_to_all(home.path());
    let server = start(&mut command, port);
    let url = format!("http://{}", server.address);
    let mut home = home;
    home.set("TIPHYS_CACHE_INDEX_SECONDS", "0");
    let error = home.error(&["template", "my-api", "--repo", &url]);
    assert!(
        error.ends_with(&format!(
            "GET {url}/index.yaml: 401 Unauthorized (no source has credentials for 127.0.0.1:{port})"
        )),
        "{error}"
    );
    home.secret("nginx", &[("url", &url), ("username", "u"), ("password", "secret")]);
    let expected = home.ok(&["template", "my-api", "www/files/my-api-0.1.0.tgz"]);
    for _ in 0..2 {
        assert_eq!(home.ok(&["template", "my-api", "my-api", "--repo", &url]), expected);
    }
    let log = std::fs::read_to_string(home.path().join("requests.log")).unwrap();
    let of = |part: &str| log.lines().filter(|line| line.contains(part)).count();
    let (fresh, same) = (of("/index.yaml HTTP/1.1\" 200"), of("/index.yaml HTTP/1.1\" 304"));
    assert_eq!((fresh, same, of("/moved/"), of("/files/")), (1, 1, 1, 1), "{log}");
    let size: usize = log
        .lines()
        .find(|l| l.contains("index.yaml HTTP/1.1\" 200"))
        .unwrap()
        .split(' ')
        .nth(9)
        .unwrap()
        .parse()
        .unwrap();
    assert!(size < padding.len() / 2, "the index came packed: {size} bytes");
}

fn open_to_all(directory: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let open =
        |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    open(directory, 0o777);
    for entry in std::fs::read_dir(directory).unwrap().flatten() {
        if entry.path().is_dir() { open_to_all(&entry.path()) } else { open(&entry.path(), 0o644) }
    }
}

/// A team's whole story: a chart is packaged, pushed to a registry that wants ECR's
/// kind of token, named by a range in an application with a Chart.lock, rendered for
/// two environments over the socket; a hundred times at once; with the registry gone.
#[tokio::test]
async fn a_teams_story() {
    let mut home = Home::new();
    let Some(python) = python_with("moto.server") else { return };
    let port = free_port();
    let mut command = Command::new(python);
    command
        .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let aws = start(&mut command, port);
    home.file("users", htpasswd("AWS", "123456789012-auth-token"));
    let certs = certs();
    home.file("server.pem", &certs.server);
    home.file("server.key", &certs.server_key);
    home.file(&format!("tls/{ECR}"), &certs.ca);
    home.file("identity", "a service account's token");
    let at = |name: &str| home.path().join(name).display().to_string();
    let auth = format!(
        "http: {{addr: '{{addr}}', tls: {{certificate: {}, key: {}}}}}\nauth: {{htpasswd: {{realm: r, path: {}}}}}\n",
        at("server.pem"),
        at("server.key"),
        at("users")
    );
    let Some(registry) = docker_registry(home.path(), &auth) else { return };
    let variables = [
        ("HTTPS_PROXY", format!("http://{}", proxy(registry.address))),
        ("AWS_ENDPOINT_URL", format!("http://{}", aws.address)),
        ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/charts".to_owned()),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", at("identity")),
        ("AWS_REGION", "us-east-1".to_owned()),
    ];
    for (name, value) in &variables {
        home.set(name, value);
    }

    let oci = format!("oci://{ECR}/charts");
    let example = project().join("examples/my-api").display().to_string();
    home.ok(&["package", &example, "--version", "1.4.0"]);
    home.ok(&["push", "my-api-1.4.0.tgz", &oci]);
    let repository = directory(&[
        (
            "app/Chart.yaml",
            &format!(
                "apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies: [{{name: my-api, version: ^1, repository: '{oci}', alias: api}}]\n"
            ),
        ),
        ("app/values/staging.yaml", "api: {replicaCount: 2}\n"),
        ("app/values/production.yaml", "api: {replicaCount: 5}\n"),
    ]);
    let app = repository.path().join("app");
    home.ok(&["dependency", "update", app.to_str().unwrap()]);
    std::fs::remove_dir_all(app.join("charts")).unwrap();
    assert!(app.join("Chart.lock").exists());
    std::fs::remove_dir_all(home.path().join("cache")).unwrap();
    let before = contents(repository.path());

    let server = serve_as(None, &[], &home.env);
    let render = async |environment: &str| {
        let mut client = client(&server).await;
        let parameters = format!(r#"[{{"name":"environment","string":"{environment}"}}]"#);
        let objects = common::generate(&mut client, repository.path(), "app", &parameters).await.unwrap();
        let deployment = objects.iter().find(|object| object["kind"] == "Deployment").unwrap();
        deployment["spec"]["replicas"].as_u64()
    };
    let blobs = || asked(home.path(), "GET", "/blobs/");
    let already = blobs();
    let mut renders = tokio::task::JoinSet::new();
    let packed = common::pack(repository.path());
    for i in 0..100 {
        let (mut client, packed) = (client(&server).await, packed.clone());
        renders.spawn(async move {
            let environment = if i % 2 == 0 { "staging" } else { "production" };
            let parameters = format!(r#"[{{"name":"environment","string":"{environment}"}}]"#);
            let stream = tokio_stream::iter(common::messages(&packed, "app", &common::env(&parameters)));
            client.generate_manifest(stream).await.unwrap().into_inner().manifests.len()
        });
    }
    while let Some(count) = renders.join_next().await {
        assert!(count.unwrap() > 3);
    }
    assert_eq!(blobs() - already, 1, "one blob, one download");
    assert_eq!((render("staging").await, render("production").await), (Some(2), Some(5)));

    drop(registry);
    assert_eq!((render("staging").await, render("production").await), (Some(2), Some(5)));
    let again = home.ok(&[
        "generate",
        app.to_str().unwrap(),
        "--repository",
        repository.path().to_str().unwrap(),
        "-e",
        "staging",
    ]);
    assert!(again.contains("replicas: 2"), "another process reads the same cache");
    assert_eq!(contents(repository.path()), before, "nothing is written to the repository");
}
