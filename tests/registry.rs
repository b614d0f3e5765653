//! The registry room against servers in this process: what it fetches, what it
//! asks, and how it fails.
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
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::certs::{certs, server};
use common::home::Home;
use common::http::{Asked, Manner, Reply, Web, reply};
use common::oci::{self, Store};
use tiphys::data::digest::Digest;
use tiphys::error::{Error, Kind};
use tiphys::registry::config::Config;
use tiphys::registry::oci::Package;
use tiphys::registry::reference::Reference;
use tiphys::registry::secret::Secret;
use tiphys::registry::{Fetched, Registry, Wanted};

/// A registry room with a cache and a home of its own.
struct Room(Home);

impl Room {
    fn new() -> Room {
        Room(Home::new())
    }

    fn set(mut self, name: &str, value: &str) -> Room {
        self.0.set(name, value);
        self
    }

    /// A Secret of Argo CD's for a place.
    fn secret(self, name: &str, keys: &[(&str, &str)]) -> Room {
        self.0.secret(name, keys);
        self
    }

    fn config(&self) -> Config {
        let env = self.0.env.clone();
        Config::new(move |name| env.get(name).cloned())
    }

    /// A new process, so to say: only the directory is the same.
    fn registry(&self) -> Registry {
        Registry::new(self.config())
    }

    fn fetch(&self, wanted: &Wanted) -> Result<Fetched, Error> {
        self.registry().fetch(wanted, soon())
    }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

fn chart(name: &str, version: &str, repository: &str) -> Wanted {
    Wanted { chart: name.into(), version: version.into(), repository: repository.into(), ..Wanted::default() }
}

/// A store that serves everybody over plain http, which the room's Secret allows.
fn open_registry(room: Room, change: impl FnOnce(&mut Store)) -> (Room, Web, String) {
    let store = oci::Shared::default();
    change(&mut store.lock().unwrap());
    serve_registry(room, move |asked| oci::answer(&store, asked))
}

fn serve_registry(
    room: Room,
    answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
) -> (Room, Web, String) {
    let web = Web::start(answer);
    let room =
        room.secret("registry", &[("url", &web.address.to_string()), ("insecureOCIForceHttp", "true")]);
    let url = format!("oci://{}/charts", web.address);
    (room, web, url)
}

/// A repository with one chart, `app`, whose archive has this digest in the index.
fn index(url: &str, digest: &str) -> String {
    format!(
        "apiVersion: v1\nentries:\n  app:\n  - {{name: app, version: 1.0.0, urls: [{url:?}], digest: {digest:?}}}\n"
    )
}

#[test]
fn charts_come_out_of_a_registry_once() {
    let (room, web, url) = open_registry(Room::new(), |store| {
        store.chart("charts/app", "1.2.0", b"old");
        store.chart("charts/app", "1.10.0_build.7", b"new");
        store.chart("charts/app", "2.0.0-rc.1", b"rc");
        store.chart("charts/app", "latest", b"latest");
    });
    let wanted = chart("app", "^1", &url);
    let fetched = room.fetch(&wanted).unwrap();
    assert_eq!((fetched.file.as_str(), fetched.archive.as_slice()), ("app-1.10.0+build.7.tgz", &b"new"[..]));
    let asked: Vec<String> = web.asked().iter().map(|a| a.path.clone()).collect();
    let blob = format!("/v2/charts/app/blobs/{}", Digest::of(b"new"));
    let asks = ["/v2/charts/app/tags/list?n=1000", "/v2/charts/app/manifests/1.10.0_build.7", &blob];
    assert_eq!(asked, asks);
    assert_eq!(room.fetch(&wanted).unwrap().archive, b"new", "another process has it from the cache");
    assert_eq!(web.asked().len(), 3);
    let (_, digest) = fetched.reference.unwrap();
    let by_digest = Wanted { chart: format!("{url}/app@{digest}"), ..Wanted::default() };
    assert_eq!(room.fetch(&by_digest).unwrap().archive, b"new");
    assert_eq!(web.asked().len(), 3, "a digest is never looked up again");
    assert_eq!(room.fetch(&chart("app", "1.2.0", &url)).unwrap().archive, b"old");
    assert_eq!(room.registry().version(&chart("app", ">=1-0", &url), soon()).unwrap(), "2.0.0-rc.1");
}

#[test]
fn a_tag_is_looked_up_again_after_its_life() {
    let store = oci::Shared::default();
    store.lock().unwrap().chart("charts/app", "1.0.0", b"first");
    let (serving, down) = (store.clone(), Arc::new(AtomicUsize::new(0)));
    let is_down = down.clone();
    let (room, web, url) = serve_registry(Room::new(), move |asked| match is_down.load(Ordering::SeqCst) {
        0 => oci::answer(&serving, asked),
        _ => reply(503, ""),
    });
    let room = room.set("TIPHYS_CACHE_TAG_SECONDS", "0");
    let wanted = chart("app", "1.0.0", &url);
    assert_eq!(room.fetch(&wanted).unwrap().archive, b"first");
    store.lock().unwrap().chart("charts/app", "1.0.0", b"second");
    assert_eq!(room.fetch(&wanted).unwrap().archive, b"second");
    assert_eq!(web.count("GET", "/manifests/"), 2);
    down.store(1, Ordering::SeqCst);
    assert_eq!(room.fetch(&wanted).unwrap().archive, b"second", "what is known is better than nothing");
}

#[test]
fn a_hundred_requests_download_once() {
    let (room, web, url) = open_registry(Room::new(), |store| {
        store.chart("charts/app", "1.0.0", b"app");
    });
    // Two rooms on one directory stand for two processes.
    let registries = [room.registry(), room.registry()];
    std::thread::scope(|scope| {
        for i in 0..100 {
            let (registry, url) = (&registries[i % 2], &url);
            scope.spawn(move || {
                let fetched = registry.fetch(&chart("app", "^1", url), soon()).unwrap();
                assert_eq!(fetched.archive, b"app");
            });
        }
    });
    let asked: Vec<String> = web.asked().iter().map(|a| a.path.clone()).collect();
    assert_eq!(asked.len(), 3, "{asked:?}");
}

#[test]
fn helm_repositories_are_asked_whether_their_index_changed() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/charts/index.yaml" if asked.header("if-none-match") == "\"1\"" => reply(304, ""),
        "/charts/index.yaml" => {
            reply(200, index("files/app-1.0.0.tgz", &Digest::of(b"app").hex())).header("etag", "\"1\"")
        }
        "/charts/files/app-1.0.0.tgz" => reply(200, "app"),
        _ => reply(404, ""),
    });
    let url = format!("{}/charts/", web.url());
    let room = Room::new().set("TIPHYS_CACHE_INDEX_SECONDS", "0");
    for _ in 0..3 {
        let fetched = room.fetch(&chart("app", ">=1 <2 || 3.x", &url)).unwrap();
        assert_eq!((fetched.file.as_str(), fetched.archive.as_slice()), ("app-1.0.0.tgz", &b"app"[..]));
    }
    assert_eq!((web.count("GET", "index.yaml"), web.count("GET", ".tgz")), (3, 1));
    let fresh = Room::new();
    for _ in 0..3 {
        fresh.fetch(&chart("app", "", &url)).unwrap();
    }
    assert_eq!((web.count("GET", "index.yaml"), web.count("GET", ".tgz")), (4, 2));
    let error = fresh.fetch(&chart("app", "~2.1", &url)).unwrap_err();
    assert_eq!(
        (error.kind, error.to_string()),
        (
            Kind::NotFound,
            format!(
                "chart \"app\" version \"~2.1\" of {url}: no chart version found for app-~2.1\nhint: the newest versions are: 1.0.0"
            )
        )
    );
}

#[test]
fn archives_and_configured_names_are_found() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/r/index.yaml" => reply(200, index("/app.tgz", "")),
        "/app.tgz" => reply(200, "app"),
        _ => reply(404, ""),
    });
    let room = Room::new();
    room.0.file("helm/repositories.yaml", format!("repositories: [{{name: mine, url: '{}/r'}}]", web.url()));
    for wanted in [
        chart("app", "1", "@mine"),
        chart("app", "1", "alias:mine"),
        chart("mine/app", "", ""),
        chart(&format!("{}/app.tgz", web.url()), "", ""),
    ] {
        assert_eq!(room.fetch(&wanted).unwrap().archive, b"app", "{wanted:?}");
    }
    let error = room.fetch(&chart("app", "1", "@other")).unwrap_err().to_string();
    assert_eq!(
        error,
        "chart \"app\" version \"1\" of @other: repo other not found\nhint: repositories.yaml has: mine"
    );
}

/// What a failing server does, and what is said of it.
#[test]
fn each_failure_names_the_chart_the_place_and_what_was_tried() {
    let cases: Vec<(&str, Reply, Kind, &str, usize)> = vec![
        ("400", reply(400, ""), Kind::Io, "GET {u}/index.yaml: 400 Bad Request", 1),
        (
            "401",
            reply(401, ""),
            Kind::Forbidden,
            "GET {u}/index.yaml: 401 Unauthorized (no source has credentials for {h})",
            1,
        ),
        (
            "403",
            reply(403, ""),
            Kind::Forbidden,
            "GET {u}/index.yaml: 403 Forbidden (no source has credentials for {h})",
            1,
        ),
        ("404", reply(404, ""), Kind::NotFound, "GET {u}/index.yaml: 404 Not Found", 1),
        ("408", reply(408, ""), Kind::Io, "GET {u}/index.yaml: 408 Request Timeout (tried 5 times)", 5),
        (
            "429",
            reply(429, "").header("retry-after", "3600"),
            Kind::Io,
            "GET {u}/index.yaml: 429 Too Many Requests (tried once; the server asks to come back in 3600 s, after the deadline)",
            1,
        ),
        ("500", reply(500, ""), Kind::Io, "GET {u}/index.yaml: 500 Internal Server Error (tried 5 times)", 5),
        (
            "503",
            reply(503, "").header("retry-after", "0"),
            Kind::Io,
            "GET {u}/index.yaml: 503 Service Unavailable (tried 5 times)",
            5,
        ),
        (
            "short",
            reply(200, "apiVersion: v1\n").manner(Manner::Broken),
            Kind::Io,
            "GET {u}/index.yaml: the answer broke off after 7 bytes: end of file before message length reached (tried 5 times)",
            5,
        ),
        (
            "endless",
            reply(200, "").manner(Manner::Endless),
            Kind::Limit,
            "GET {u}/index.yaml: the answer has more than 134217728 bytes",
            1,
        ),
        ("html", reply(200, "<html>"), Kind::Invalid, "{u}/index.yaml: the index is no map of charts", 1),
        (
            "loop",
            reply(302, "").header("location", "/loop/index.yaml"),
            Kind::Limit,
            "GET {u}/index.yaml: more than 10 redirects",
            11,
        ),
        (
            "metadata",
            reply(307, "").header("location", "http://169.254.169.254/latest"),
            Kind::Forbidden,
            "{u}/index.yaml: redirected to 169.254.169.254, an address that no registry may send to",
            1,
        ),
    ];
    let replies: BTreeMap<String, Reply> = cases.iter().map(|c| (c.0.to_owned(), c.1.clone())).collect();
    let web = Arc::new(Web::start(move |asked| {
        let name = asked.path.split('/').nth(1).unwrap_or_default();
        replies.get(name).cloned().unwrap_or_else(|| reply(404, ""))
    }));
    std::thread::scope(|scope| {
        for (name, _, kind, message, tries) in &cases {
            let web = web.clone();
            scope.spawn(move || {
                let (url, host) = (format!("{}/{name}", web.url()), web.address.to_string());
                let room = Room::new();
                let error = room.fetch(&chart("app", "^1", &url)).unwrap_err();
                let said = message.replace("{u}", &url).replace("{h}", &host);
                assert_eq!(
                    (error.kind, error.message),
                    (*kind, format!("chart \"app\" version \"^1\" of {url}: {said}"))
                );
                assert_eq!(web.count("GET", &format!("/{name}/")), *tries, "{name}");
                assert!(kept(room.0.path()).is_empty(), "{name}: nothing unverified is kept");
            });
        }
    });
}

/// The blobs in the room's cache.
fn kept(room: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(room.join("cache/blobs/sha256")).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

#[test]
fn a_slow_server_is_left_at_the_deadline() {
    let web = Web::start(|_| reply(200, "apiVersion: v1\n").manner(Manner::Stalled));
    let room = Room::new();
    let started = Instant::now();
    let deadline = started + Duration::from_millis(300);
    let error = room.registry().fetch(&chart("app", "1", &web.url()), deadline).unwrap_err();
    assert_eq!(error.kind, Kind::Deadline);
    let url = web.url();
    let said = format!(
        "chart \"app\" version \"1\" of {url}: GET {url}/index.yaml: no whole answer before the deadline (try 1 after 0 s)"
    );
    assert_eq!(error.message, said);
}

#[test]
fn nobody_waits_for_what_nobody_wants() {
    let web = Web::start(|_| reply(200, "apiVersion: v1\n").manner(Manner::Stalled));
    let (room, cancelled) = (Room::new(), Arc::new(AtomicBool::new(false)));
    let (flag, url) = (cancelled.clone(), web.url());
    let (asked, is_asked) = std::sync::mpsc::channel();
    let registry = room.registry();
    std::thread::scope(|scope| {
        let fetching = scope.spawn(|| registry.fetch_all(&[chart("app", "1", &url)], soon(), Some(&flag)));
        scope.spawn(move || {
            while web.asked().is_empty() {
                std::thread::sleep(Duration::from_millis(5));
            }
            asked.send(()).unwrap();
        });
        is_asked.recv().unwrap();
        cancelled.store(true, Ordering::SeqCst);
        assert_eq!(fetching.join().unwrap().unwrap_err().kind, Kind::Cancelled);
    });
}

#[test]
fn what_is_too_large_is_not_read_to_its_end() {
    let bomb = {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        for _ in 0..129 {
            std::io::Write::write_all(&mut gz, &[b'#'; 1 << 20]).unwrap();
        }
        gz.finish().unwrap()
    };
    let web = Web::start(move |asked| match asked.path.as_str() {
        "/bomb/index.yaml" => reply(200, bomb.clone()).header("content-encoding", "gzip"),
        "/large/index.yaml" => reply(200, index("app.tgz", "")),
        _ => reply(200, "").manner(Manner::Endless),
    });
    let room = Room::new();
    for (path, message) in [
        ("bomb", "{u}/index.yaml: the index unpacks to more than 134217728 bytes"),
        ("large", "GET {u}/app.tgz: the answer has more than 104857600 bytes"),
    ] {
        let url = format!("{}/{path}", web.url());
        let error = room.fetch(&chart("app", "1", &url)).unwrap_err();
        let said = format!("chart \"app\" version \"1\" of {url}: {}", message.replace("{u}", &url));
        assert_eq!((error.kind, error.message), (Kind::Limit, said));
    }
    let (room, _web, url) = open_registry(Room::new(), |store| {
        store.chart("charts/app", "1.0.0", b"app");
        let manifest = String::from_utf8(store.manifests["charts/app:1.0.0"].clone()).unwrap();
        store.manifest(
            "charts/app",
            "1.0.0",
            manifest.replace("\"size\":3", "\"size\":104857601").into_bytes(),
        );
    });
    let error = room.fetch(&chart("app", "1.0.0", &url)).unwrap_err();
    assert_eq!(error.kind, Kind::Limit);
    assert!(error.message.ends_with("the chart has 104857601 bytes, at most 104857600 are taken"), "{error}");
}

#[test]
fn a_failure_that_passes_is_no_failure() {
    let (asked, whole) = (AtomicUsize::new(0), index("app.tgz", &Digest::of(b"app").to_string()));
    let web =
        Web::start(move |request| match (request.path.as_str(), asked.fetch_add(1, Ordering::SeqCst)) {
            (_, 0) => reply(503, ""),
            (_, 1) => reply(200, "x").manner(Manner::Broken),
            (_, 2) => reply(429, "").header("retry-after", "0"),
            ("/index.yaml", _) => reply(200, whole.clone()),
            (_, 4) => reply(200, "app").manner(Manner::Broken),
            _ => reply(200, "app"),
        });
    assert_eq!(Room::new().fetch(&chart("app", "1", &web.url())).unwrap().archive, b"app");
    assert_eq!((web.count("GET", "index.yaml"), web.count("GET", ".tgz")), (4, 2));
}

#[test]
fn nobody_there_is_said_so() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = Room::new().fetch(&chart("app", "1", &format!("http://{free}"))).unwrap_err();
    assert_eq!(error.kind, Kind::Io);
    let said = format!(
        "chart \"app\" version \"1\" of http://{free}: GET http://{free}/index.yaml: Connection refused (os error 111) (tried 5 times)"
    );
    assert_eq!(error.message, said);
}

#[test]
fn a_wrong_digest_is_refused_and_not_kept() {
    let wrong = Digest::of(b"other");
    let web = Web::start(move |asked| match asked.path.as_str() {
        "/index.yaml" => reply(200, index("app.tgz", &wrong.hex())),
        _ => reply(200, "app"),
    });
    let room = Room::new();
    let error = room.fetch(&chart("app", "1", &web.url())).unwrap_err();
    let url = web.url();
    let said = format!(
        "chart \"app\" version \"1\" of {url}: GET {url}/app.tgz: the answer's digest is {}, it should be {wrong}",
        Digest::of(b"app")
    );
    assert_eq!((error.kind, error.message), (Kind::Corrupt, said));
    assert_eq!(kept(room.0.path()).len(), 1, "the index alone");

    let (room, _web, url) = open_registry(Room::new(), |store| {
        store.chart("charts/app", "1.0.0", b"app");
        *store.blobs.get_mut(&Digest::of(b"app").to_string()).unwrap() = b"apq".to_vec();
        let manifest = store.manifests["charts/app:1.0.0"].clone();
        store.manifests.insert(format!("charts/app@{wrong}"), manifest);
    });
    let error = room.fetch(&chart("app", "1.0.0", &url)).unwrap_err();
    assert_eq!(error.kind, Kind::Corrupt);
    assert!(
        error.message.ends_with(&format!(
            "the answer's digest is {}, it should be {}",
            Digest::of(b"apq"),
            Digest::of(b"app")
        )),
        "{error}"
    );
    let error = room.fetch(&chart(&format!("{url}/app@{wrong}"), "", "")).unwrap_err();
    assert_eq!(error.kind, Kind::Corrupt, "{error}");
}

#[test]
fn what_is_no_chart_is_refused() {
    let (room, _web, url) = open_registry(Room::new(), |store| {
        store.manifest("charts/app", "1.0.0", br#"{"config":{"mediaType":"image"},"layers":[]}"#.to_vec());
        store.manifest("charts/app", "2.0.0", br#"{"manifests":[],"layers":[]}"#.to_vec());
    });
    let host = url.trim_start_matches("oci://").to_owned();
    let error = room.fetch(&chart("app", "1.0.0", &url)).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "chart \"app\" version \"1.0.0\" of {url}: {host}/app:1.0.0: could not load config with mediatype application/vnd.cncf.helm.config.v1+json: the config is \"image\"\nhint: this is an image or another artifact, not a Helm chart"
        )
    );
    let error = room.fetch(&chart("app", "2.0.0", &url)).unwrap_err();
    assert!(error.message.ends_with("the manifest has both manifests and layers"), "{error}");
    let error = room.fetch(&chart("app", "3.0.0", &url)).unwrap_err();
    assert!(
        error.message.ends_with("/manifests/3.0.0: 404 Not Found: MANIFEST_UNKNOWN: manifest unknown"),
        "{error}"
    );
    let error = room.fetch(&chart("app", "^4", &url)).unwrap_err();
    assert_eq!(error.hint.unwrap(), "the newest versions are: 2.0.0, 1.0.0");
}

#[test]
fn credentials_stay_with_their_host() {
    let other = Arc::new(Web::start(|_| reply(200, "app")));
    let (elsewhere, redirect) = (other.url(), other.url());
    let web = Web::start(move |asked| match asked.path.as_str() {
        _ if asked.header("authorization") != "Basic dTpzZWNyZXQ=" => reply(401, ""),
        "/a/index.yaml" => reply(200, index(&format!("{elsewhere}/app.tgz"), "")),
        "/b/index.yaml" => reply(200, index("app.tgz", "")),
        _ => reply(307, "").header("location", format!("{redirect}/signed?x=1")),
    });
    let room = Room::new().secret("s", &[("url", &web.url()), ("username", "u"), ("password", "secret")]);
    for path in ["a", "b"] {
        assert_eq!(room.fetch(&chart("app", "1", &format!("{}/{path}", web.url()))).unwrap().archive, b"app");
    }
    assert_eq!(other.asked().len(), 2);
    assert!(other.asked().iter().all(|asked| asked.header("authorization").is_empty()));

    // A blob that lies elsewhere, at a signed URL, is fetched there without them.
    let (store, elsewhere) = (oci::Shared::default(), other.url());
    store.lock().unwrap().chart("charts/app", "1.0.0", b"app");
    let registry = Web::start(move |asked| match asked.header("authorization") {
        "Basic dTpzZWNyZXQ=" if asked.path.contains("/blobs/") => {
            reply(307, "").header("location", format!("{elsewhere}/blob?X-Amz-Signature=abc"))
        }
        "Basic dTpzZWNyZXQ=" => oci::answer(&store, asked),
        _ => reply(401, "").header("www-authenticate", "Basic realm=\"r\""),
    });
    let host = registry.address.to_string();
    let own = Room::new().secret(
        "s",
        &[("url", &host), ("insecureOCIForceHttp", "true"), ("username", "u"), ("password", "secret")],
    );
    assert_eq!(own.fetch(&chart("app", "1.0.0", &format!("oci://{host}/charts"))).unwrap().archive, b"app");
    assert_eq!(other.asked()[2].path, "/blob?X-Amz-Signature=abc");
    assert_eq!(other.asked()[2].header("authorization"), "");

    // The operator may allow it, for a repository of repositories.yaml.
    let entry = format!("repositories: [{{name: r, url: '{}', pass_credentials_all: true}}]", web.url());
    room.0.file("helm/repositories.yaml", entry);
    std::fs::remove_dir_all(room.0.path().join("cache")).unwrap();
    room.fetch(&chart("app", "1", &format!("{}/a", web.url()))).unwrap();
    assert_eq!(other.asked()[3].header("authorization"), "Basic dTpzZWNyZXQ=");
}

#[test]
fn errors_and_their_causes_hold_no_password() {
    let web = Web::start(|_| reply(401, ""));
    let url = format!("http://user:secret@{}", web.address);
    let room = Room::new();
    let error = room.fetch(&chart("app", "1", &url)).unwrap_err();
    assert_eq!(
        error.message,
        format!(
            "chart \"app\" version \"1\" of {0}: GET {0}/index.yaml: 401 Unauthorized (with the credentials of the URL)",
            web.url()
        )
    );
    assert!(!format!("{error:?} {:?}", room.config()).contains("secret"));
    let archive = format!("http://user:secret@{}/x.tgz", web.address);
    let error = room.fetch(&chart(&archive, "", "")).unwrap_err();
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");
}

/// A registry whose token service is the same server.
fn token_registry(room: Room, realm: &'static str) -> (Room, Arc<Web>, String) {
    let store = oci::Shared::default();
    store.lock().unwrap().chart("charts/app", "1.0.0", b"app");
    let address: Arc<std::sync::OnceLock<String>> = Arc::default();
    let own = address.clone();
    let (room, web, url) = serve_registry(room, move |asked| {
        if asked.path.starts_with("/token") {
            let let_in = asked.header("authorization") == "Basic dTpzZWNyZXQ=";
            let token = if asked.path.contains("pull%2Cpush") { "push" } else { "pull" };
            return match let_in || asked.body.windows(7).any(|w| w == b"id-toke") {
                true => reply(200, format!(r#"{{"token":"{token}","expires_in":300}}"#)),
                false => reply(401, r#"{"errors":[{"code":"UNAUTHORIZED","message":"who is there?"}]}"#),
            };
        }
        if matches!(asked.header("authorization"), "Bearer pull" | "Bearer push") {
            return oci::answer(&store, asked);
        }
        let realm = realm.replace("{}", own.get().map_or("", String::as_str));
        reply(401, "")
            .header("www-authenticate", format!("Bearer realm=\"{realm}\",service=\"s\",scope=\"x\""))
    });
    address.set(web.url()).unwrap();
    (room, Arc::new(web), url)
}

#[test]
fn tokens_are_bought_once_for_a_scope() {
    let room = Room::new();
    let (room, web, url) = token_registry(room, "{}/token");
    let room = room.secret("registry", &[("username", "u"), ("password", "secret")]);
    assert_eq!(room.fetch(&chart("app", "^1", &url)).unwrap().archive, b"app");
    let asked: Vec<String> = web.asked().iter().map(|a| a.path.clone()).collect();
    let tags = "/v2/charts/app/tags/list?n=1000";
    assert_eq!(&asked[..3], [tags, "/token?service=s&scope=repository%3Acharts%2Fapp%3Apull", tags]);
    assert_eq!(web.count("GET", "/token"), 1);

    let wrong = Room::new().secret(
        "registry",
        &[
            ("url", &web.address.to_string()),
            ("insecureOCIForceHttp", "true"),
            ("username", "u"),
            ("password", "wrong"),
        ],
    );
    let error = wrong.fetch(&chart("app", "^1", &url)).unwrap_err();
    assert_eq!(error.kind, Kind::Forbidden);
    let said = format!(
        "chart \"app\" version \"^1\" of {url}: GET {}/token: 401 Unauthorized: UNAUTHORIZED: who is there? (with the credentials of Argo CD's Secret registry)",
        web.url()
    );
    assert_eq!(error.message, said);
}

#[test]
fn an_identity_token_buys_tokens() {
    let (room, web, url) = token_registry(Room::new(), "{}/token");
    let auths = format!(r#"{{"auths": {{"{}": {{"identitytoken": "id-token & more"}}}}}}"#, web.address);
    room.0.file("docker/config.json", auths);
    assert_eq!(room.fetch(&chart("app", "1.0.0", &url)).unwrap().archive, b"app");
    let bought: Vec<_> = web.asked().into_iter().filter(|asked| asked.method == "POST").collect();
    let said = "service=s&scope=repository%3Acharts%2Fapp%3Apull&grant_type=refresh_token&client_id=tiphys&refresh_token=id-token%20%26%20more";
    assert_eq!(bought.iter().map(|asked| String::from_utf8_lossy(&asked.body)).collect::<Vec<_>>(), [said]);
}

#[test]
fn a_registry_may_not_send_for_a_token_anywhere() {
    for (realm, why) in [
        (
            "http://169.254.169.254/token",
            "the registry's token service http://169.254.169.254/token is at an address that no service may have",
        ),
        (
            "file:///etc/passwd",
            "the registry's token service: \"file:///etc/passwd\" is not a URL: its scheme is neither http nor https",
        ),
    ] {
        let (room, web, url) = token_registry(Room::new(), realm);
        let error = room.fetch(&chart("app", "1.0.0", &url)).unwrap_err();
        assert!(error.message.ends_with(&format!("{}: {why}", web.address)), "{error}");
    }
}

#[test]
fn what_is_pushed_can_be_pulled() {
    let (room, web, url) = open_registry(Room::new(), |_| {});
    let package = Package {
        config: br#"{"name":"app","version":"1.0.0+x"}"#.to_vec(),
        archive: b"app".to_vec(),
        provenance: Some(b"signed".to_vec()),
        annotations: vec![("org.opencontainers.image.title".into(), "a<b".into())],
    };
    let reference = Reference::parse(&format!("{url}/app:1.0.0+x")).unwrap();
    let registry = room.registry();
    let digest = registry.push(&reference, &package, soon()).unwrap();
    assert_eq!((web.count("POST", "/uploads/"), web.count("PUT", "/manifests/1.0.0_x")), (3, 1));
    let wanted = Wanted { provenance: true, ..chart("app", "1.0.0+x", &url) };
    let fetched = room.fetch(&wanted).unwrap();
    assert_eq!((fetched.archive, fetched.provenance.unwrap()), (b"app".to_vec(), b"signed".to_vec()));
    assert_eq!(fetched.reference.unwrap().1, digest);
    registry.push(&reference, &package, soon()).unwrap();
    assert_eq!(web.count("POST", "/uploads/"), 3, "what is there is not sent again");
}

#[test]
fn a_login_is_tried_before_it_is_remembered() {
    let (room, web, url) = serve_registry(Room::new(), |asked| match asked.header("authorization") {
        "Basic dTpzZWNyZXQ=" => reply(200, "{}"),
        _ => reply(401, "").header("www-authenticate", "Basic realm=\"x\""),
    });
    let (registry, host) = (room.registry(), web.address.to_string());
    let error = registry.login(&host, "u", &Secret::new("wrong"), soon()).unwrap_err();
    assert_eq!(
        error.message,
        format!("GET {}/v2/: 401 Unauthorized (with the credentials of the command line)", web.url())
    );
    registry.login(&host, "u", &Secret::new("secret"), soon()).unwrap();
    let text = std::fs::read_to_string(room.0.path().join("helm/registry/config.json")).unwrap();
    assert_eq!(
        text,
        format!(
            "{{\n\t\"auths\": {{\n\t\t\"{host}\": {{\n\t\t\t\"auth\": \"dTpzZWNyZXQ=\"\n\t\t}}\n\t}}\n}}"
        )
    );
    assert!(registry.logout(&host).unwrap());
    assert!(!registry.logout(&host).unwrap());
    drop(url);
}

#[test]
fn addresses_of_the_link_are_never_asked() {
    for url in ["http://169.254.169.254/latest", "oci://169.254.169.254/latest", "http://[fe80::1]/x"] {
        let error = Room::new().fetch(&chart("app", "1.0.0", url)).unwrap_err();
        assert_eq!(error.kind, Kind::Forbidden, "{error}");
    }
}

/// A repository over TLS, and a room that reaches it by one way of trust.
#[test]
fn trust_is_a_setting_of_one_repository() {
    let certs = certs();
    let answer = |asked: &Asked| match asked.path.as_str() {
        "/index.yaml" => reply(200, index("app.tgz", "")),
        _ => reply(200, "app"),
    };
    let web = Web::start_tls(server(false), answer);
    let strict = Web::start_tls(server(true), answer);
    let wanted = |web: &Web| chart("app", "1", &web.url());
    let error = Room::new().fetch(&wanted(&web)).unwrap_err();
    let url = web.url();
    assert_eq!(
        (error.kind, error.message),
        (
            Kind::Io,
            format!(
                "chart \"app\" version \"1\" of {url}: GET {url}/index.yaml: invalid peer certificate: UnknownIssuer"
            )
        )
    );

    // The operator's Secret says not to look; that holds for its place alone.
    let skips = Room::new().secret("s", &[("url", &web.url()), ("insecure", "true")]);
    assert_eq!(skips.fetch(&wanted(&web)).unwrap().archive, b"app");
    assert!(skips.fetch(&wanted(&strict)).is_err());

    // Argo CD's own list of certificates, by host.
    let trusts = Room::new();
    trusts.0.file("tls/127.0.0.1", &certs.ca);
    assert_eq!(trusts.fetch(&wanted(&web)).unwrap().archive, b"app");
    assert!(trusts.fetch(&wanted(&strict)).is_err(), "it wants to know who we are");

    // A certificate of ours: out of a Secret, and out of files that Helm knows.
    let known = trusts.secret(
        "s",
        &[
            ("url", &strict.url()),
            ("tlsClientCertData", &certs.client),
            ("tlsClientCertKey", &certs.client_key),
        ],
    );
    assert_eq!(known.fetch(&wanted(&strict)).unwrap().archive, b"app");
    let files = Room::new();
    let write = |name: &str, text: &str| files.0.file(&format!("helm/{name}"), text).display().to_string();
    let entry = format!(
        "repositories:\n- {{name: r, url: '{}', caFile: {}, certFile: {}, keyFile: {}}}\n",
        strict.url(),
        write("ca.pem", &certs.ca),
        write("cert.pem", &certs.client),
        write("key.pem", &certs.client_key)
    );
    write("repositories.yaml", &entry);
    assert_eq!(files.fetch(&wanted(&strict)).unwrap().archive, b"app");
}

#[test]
fn what_is_encrypted_is_not_sent_on_in_the_clear() {
    let plain = Web::start(|_| reply(200, "app"));
    let to = format!("{}/index.yaml", plain.url());
    let web = Web::start_tls(server(false), move |_| reply(302, "").header("location", to.clone()));
    let room = Room::new().secret("s", &[("url", &web.url()), ("insecure", "true")]);
    let error = room.fetch(&chart("app", "1", &web.url())).unwrap_err();
    assert_eq!(error.kind, Kind::Forbidden);
    assert!(
        error.message.ends_with(&format!("redirected to {}, which is not encrypted", plain.address)),
        "{error}"
    );
    assert_eq!(plain.asked().len(), 0);
}

#[test]
fn a_token_service_is_spoken_to_in_secret() {
    let web = Web::start_tls(server(false), |_| {
        reply(401, "").header("www-authenticate", "Bearer realm=\"http://127.0.0.1:1/token\"")
    });
    let host = web.address.to_string();
    let room = Room::new()
        .secret("s", &[("url", &host), ("insecure", "true"), ("username", "u"), ("password", "secret")]);
    let error = room.fetch(&chart("app", "1.0.0", &format!("oci://{host}"))).unwrap_err();
    assert!(
        error.message.ends_with("the registry's token service http://127.0.0.1:1/token is not encrypted"),
        "{error}"
    );
}

#[test]
fn a_token_that_dies_early_is_replaced() {
    let store = oci::Shared::default();
    for version in ["1.0.0", "2.0.0"] {
        store.lock().unwrap().chart("charts/app", version, version.as_bytes());
    }
    let sold = Arc::new(AtomicUsize::new(0));
    let (count, address) = (sold.clone(), Arc::new(std::sync::OnceLock::<String>::new()));
    let own = address.clone();
    let (room, web, url) = serve_registry(Room::new(), move |asked| {
        if asked.path.starts_with("/token") {
            let n = count.fetch_add(1, Ordering::SeqCst);
            return reply(200, format!(r#"{{"access_token":"t{n}"}}"#));
        }
        // Only the last token sold is good, and the first one dies with the second chart.
        let good = if asked.path.contains("2.0.0") { "Bearer t1" } else { "Bearer t0" };
        if asked.header("authorization") == good || asked.header("authorization") == "Bearer t1" {
            return oci::answer(&store, asked);
        }
        reply(401, "").header("www-authenticate", format!("Bearer realm=\"{}/token\"", own.get().unwrap()))
    });
    address.set(web.url()).unwrap();
    let registry = room.registry();
    for version in ["1.0.0", "2.0.0"] {
        assert_eq!(registry.fetch(&chart("app", version, &url), soon()).unwrap().archive, version.as_bytes());
    }
    assert_eq!(sold.load(Ordering::SeqCst), 2);
}

/// A helper program keeps credentials where no file has them.
#[test]
fn helpers_are_asked_and_their_absence_is_no_failure() {
    let answers = Web::start(|asked| match asked.header("authorization") {
        "" => reply(401, "").header("www-authenticate", "Basic realm=\"r\""),
        who => reply(404, who.to_owned()),
    });
    let host = answers.address.to_string();
    let room = Room::new().secret("plain", &[("url", &host), ("insecureOCIForceHttp", "true")]);
    let auths = format!(
        r#"{{"credHelpers": {{"{host}": "not-there"}}, "auths": {{"{host}": {{"auth": "dTpzZWNyZXQ="}}}}}}"#
    );
    let config = room.0.file("docker/config.json", auths);
    let error = room.fetch(&chart("app", "1.0.0", &format!("oci://{host}"))).unwrap_err();
    assert_eq!(error.kind, Kind::NotFound);
    assert_eq!(answers.asked().last().unwrap().header("authorization"), "Basic dTpzZWNyZXQ=");
    std::fs::write(&config, r#"{"credsStore": "../evil"}"#).unwrap();
    let error = room.fetch(&chart("app", "1.0.0", &format!("oci://{host}"))).unwrap_err();
    assert!(error.message.ends_with("the credential helper \"../evil\" is no program's name"), "{error}");
}
