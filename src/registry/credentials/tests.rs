//! Which source answers, on files that the tests write.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::*;

struct Home(tempfile::TempDir, BTreeMap<String, String>);

impl Home {
    fn new(files: &[(&str, &str)], env: &[(&str, &str)]) -> Home {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let mut variables: BTreeMap<String, String> =
            env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let at = |name: &str| dir.path().join(name).display().to_string();
        for (name, path) in [
            ("HELM_CONFIG_HOME", "helm"),
            ("DOCKER_CONFIG", "docker"),
            ("TIPHYS_REPOSITORIES_DIR", "argo"),
            ("ARGOCD_TLS_DATA_PATH", "tls"),
        ] {
            variables.insert(name.to_owned(), at(path));
        }
        Home(dir, variables)
    }

    fn config(&self) -> Config {
        let variables = self.1.clone();
        Config::new(move |name| variables.get(name).cloned())
    }

    async fn access(&self, config: Config, place: &Place<'_>) -> Result<Access> {
        Credentials::new(config).access(place, Instant::now() + Duration::from_secs(30)).await
    }

    async fn who(&self, url: &str) -> String {
        let place = Place { url, user: None, named: true };
        let access = self.access(self.config(), &place).await.unwrap();
        assert!(!format!("{access:?}").contains("secret"), "nothing is printed");
        match access.authorization {
            Some(Authorization::Basic(user, password)) => {
                format!("{}: {user} {}", access.source, password.expose())
            }
            Some(Authorization::Identity(token) | Authorization::Bearer(token)) => {
                format!("{}: {}", access.source, token.expose())
            }
            None => "nobody".to_owned(),
        }
    }
}

const AUTHS: &str = r#"{"auths": {"r.io": {"auth": "aGVsbTpzZWNyZXQ="}, "https://index.docker.io/v1/": {"auth": "aHViOnNlY3JldA=="}, "id.io": {"identitytoken": "secret-id"}}}"#;
const REPOSITORIES: &str = "repositories:\n- {name: my-repo, url: 'https://charts.io/stable', username: yaml, password: secret}\n- {name: other-repo, url: 'https://other.io', insecure_skip_tls_verify: true}\n";

#[tokio::test]
async fn the_first_source_that_covers_a_place_wins() {
    let home = Home::new(
        &[
            ("argo/a/url", "https://charts.io\n"),
            ("argo/a/username", "argo\n"),
            ("argo/a/password", "secret-a\n"),
            ("argo/b/url", "argo.io/charts"),
            ("argo/b/username", "prefix"),
            ("argo/b/password", "secret-b"),
            ("argo/c/url", "argo.io/charts/app"),
            ("argo/c/bearerToken", "secret-c"),
            ("argo/..data/url", "https://other.io"),
            ("helm/registry/config.json", AUTHS),
            (
                "docker/config.json",
                r#"{"auths": {"r.io": {"auth": "ZG9ja2VyOnNlY3JldA=="}, "d.io": {"username": "docker", "password": "secret"}}}"#,
            ),
            ("helm/repositories.yaml", REPOSITORIES),
        ],
        &[("OTHER_REPO_USERNAME", "env"), ("OTHER_REPO_PASSWORD", "secret-e")],
    );
    for (url, who) in [
        ("https://charts.io/stable", "Argo CD's Secret a: argo secret-a"),
        ("https://charts.io.evil.com/stable", "nobody"),
        ("http://charts.io/stable", "nobody"),
        ("oci://argo.io/charts/x", "Argo CD's Secret b: prefix secret-b"),
        ("oci://argo.io/charts/app", "Argo CD's Secret c: secret-c"),
        ("oci://argo.io/charts-other/app", "nobody"),
        ("oci://r.io/x", "HELM_REGISTRY_CONFIG: helm secret"),
        ("oci://registry-1.docker.io/x/y", "HELM_REGISTRY_CONFIG: hub secret"),
        ("oci://id.io/x", "HELM_REGISTRY_CONFIG: secret-id"),
        ("oci://d.io/x", "DOCKER_CONFIG: docker secret"),
        ("https://r.io/x", "nobody"),
        ("https://other.io/x", "OTHER_REPO_USERNAME: env secret-e"),
    ] {
        assert_eq!(home.who(url).await, who, "{url}");
    }
    std::fs::remove_dir_all(home.0.path().join("argo")).unwrap();
    assert_eq!(home.who("https://charts.io/stable").await, "repositories.yaml: yaml secret");
}

#[tokio::test]
async fn flags_hold_for_what_the_command_line_names_alone() {
    let home = Home::new(&[("ca.pem", "CA"), ("tls/other.io", "HOST-CA")], &[]);
    let mut config = home.config();
    config.flags.username = "me".to_owned();
    config.flags.password = Secret::new("secret");
    config.flags.plain_http = true;
    config.flags.ca_file = Some(home.0.path().join("ca.pem"));
    let named = Place { url: "oci://r.io/x", user: None, named: true };
    let access = home.access(config.clone(), &named).await.unwrap();
    assert_eq!(access.source, "--username and --password");
    assert!(access.plain_http);
    assert_eq!(access.tls.authorities.as_deref(), Some("CA"));
    let by_a_chart = Place { url: "oci://other.io:8443/x", user: None, named: false };
    let access = home.access(config.clone(), &by_a_chart).await.unwrap();
    assert!(access.authorization.is_none() && !access.plain_http);
    assert_eq!(access.tls.authorities.as_deref(), Some("HOST-CA"));
    config.flags.ca_file = Some(PathBuf::from("/nonexistent/ca.pem"));
    let error = home.access(config, &named).await.unwrap_err().to_string();
    assert_eq!(error, "open /nonexistent/ca.pem: no such file or directory");
}

#[tokio::test]
async fn broken_files_are_named_and_not_quoted() {
    let home = Home::new(&[("helm/registry/config.json", "{\"auths\": secret")], &[]);
    let place = Place { url: "oci://r.io/x", user: None, named: true };
    let error = home.access(home.config(), &place).await.unwrap_err().to_string();
    assert!(
        error.ends_with("registry/config.json is not valid JSON") && !error.contains("secret"),
        "{error}"
    );
}

#[test]
fn logging_in_and_out_changes_one_entry() {
    let home = Home::new(&[("helm/registry/config.json", AUTHS)], &[]);
    let file = home.0.path().join("helm/registry/config.json");
    remember(&file, "new.io:5000", "me", &Secret::new("pass")).unwrap();
    let found = docker::find(&file, "new.io:5000").unwrap();
    assert_eq!(found, Some(Authorization::Basic("me".to_owned(), Secret::new("pass"))));
    assert!(docker::find(&file, "r.io").unwrap().is_some());
    assert!(forget(&file, "new.io:5000").unwrap());
    assert!(!forget(&file, "new.io:5000").unwrap());
    assert_eq!(docker::find(&file, "new.io:5000").unwrap(), None);
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}
