//! The fuzz targets: what reads bytes that a stranger wrote, under small limits.
//! `fuzz/run` drives them with libFuzzer, `cargo test` replays the seeds.
//! A panic, a hang, a stack that overflows, memory that grows, or an answer that
//! calls itself a bug of ours (`Kind::Internal`) is a finding.

use std::io::Write;
use std::time::{Duration, Instant};

use tiphys::chart::lock::{self, Lock};
use tiphys::chart::values::{options::Options, set};
use tiphys::chart::{Chart, File, load};
use tiphys::data::{Frozen, Map, Str, Value, json, toml, yaml};
use tiphys::error::{Error, Kind, Result};
use tiphys::notice::Notices;
use tiphys::parameters::Parameters;
use tiphys::pipeline::{self, Render, Request, on_render_stack};
use tiphys::plugin::request;
use tiphys::registry::address::Address;
use tiphys::registry::index::Index;
use tiphys::registry::oci::manifest::Manifest;
use tiphys::registry::reference::Reference;
use tiphys::repository::snapshot::{Node, Snapshot};
use tiphys::repository::snapshots::Snapshots;
use tiphys::repository::unpack::{self, unpack};
use tiphys::source::archive;
use tiphys::template::budget::Limits;
use tiphys::{hooks, manifest};

/// One target.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name, and that of its folder in `seeds/`.
    pub name: &'static str,
    /// What it does with its bytes.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "template", run: template },
    Target { name: "values", run: values },
    Target { name: "chart_yaml", run: chart_yaml },
    Target { name: "schema", run: schema },
    Target { name: "archive", run: chart_archive },
    Target { name: "unpack", run: repository },
    Target { name: "parameters", run: parameters },
    Target { name: "set", run: set_texts },
    Target { name: "documents", run: documents },
    Target { name: "registry", run: registry },
];

const CHART: &str = "apiVersion: v2\nname: c\nversion: 1.2.3\nappVersion: \"4.5\"\n";
/// Bytes that a writer may make of a document.
const WRITTEN: usize = 4 << 20;

/// Bytes as the text of a template.
fn template(data: &[u8]) {
    const VALUES: &str = "n: 3\nf: 1.5\ns: text\nb: true\nz: null\nl: [1, two, {three: 3}, [4]]\nd: {a: 1, b: {c: d}}\n\
        image: {repository: r, tag: \"1.0\"}\nempty: {}\nnone: []\n";
    const HELPERS: &str = "{{ define \"c.name\" }}{{ .Chart.Name }}-{{ .Release.Name }}{{ end }}\
        {{ define \"c.labels\" }}app: {{ include \"c.name\" . }}{{ end }}";
    checked(|| {
        let files = [
            ("Chart.yaml", CHART.as_bytes()),
            ("values.yaml", VALUES.as_bytes()),
            ("templates/_helpers.tpl", HELPERS.as_bytes()),
            ("files/a.txt", b"one\ntwo\n"),
            ("templates/a.yaml", data),
        ];
        render(load_files(&files)?, &Map::new())
    });
}

/// Bytes as a values file of the user's, and as the chart's own.
fn values(data: &[u8]) {
    const SHOWN: &str = "kind: X\na: {{ toJson .Values | quote }}\nb: {{ print .Values | quote }}\nc: {{ toToml .Values | quote }}\n\
        d: {{ eq (toYaml .Values) (toYaml (fromYaml (toYaml .Values))) }}\ne: {{ deepEqual .Values (deepCopy .Values) }}\n\
        f:\n{{ toYaml .Values | indent 2 }}\ng: {{ merge (dict \"a\" 1) .Values | keys | sortAlpha | join \",\" | quote }}\n";
    let sub = [("a", "kind: Y\nv: {{ .Values | toJson }}\n")];
    checked(|| {
        let mut options = Options::default();
        options.files.push(("v.yaml".to_owned(), data.into()));
        let user = options.merge(&mut |_| Err(Error::usage("no files here")))?;
        let chart_yaml = format!(
            "{CHART}dependencies:\n- name: a\n  condition: a.enabled,global.a\n  tags: [t]\n  import-values: [x, {{child: y, parent: z}}]\n"
        );
        let mut files = vec![
            ("Chart.yaml", chart_yaml.as_bytes()),
            ("templates/a.yaml", SHOWN.as_bytes()),
            ("values.yaml", b"a: {b: 1}\nglobal: {g: 1}\nl: [1]\n"),
            ("charts/a/Chart.yaml", b"apiVersion: v2\nname: a\nversion: 0.1.0\n"),
            ("charts/a/values.yaml", b"b: {c: 2}\nx: {q: 1}\nexports: {x: {p: 1}}\ny: {r: 1}\n"),
        ];
        files.extend(sub.iter().map(|(_, text)| ("charts/a/templates/a.yaml", text.as_bytes())));
        render(load_files(&files)?, &user)
    });
    checked(|| {
        let files =
            [("Chart.yaml", CHART.as_bytes()), ("templates/a.yaml", SHOWN.as_bytes()), ("values.yaml", data)];
        let user: Map = [("a", Value::Bool(true)), ("l", Value::Nil)].into_iter().collect();
        render(load_files(&files)?, &user)
    });
}

/// Bytes as Chart.yaml, beside two subcharts; and as requirements.yaml.
fn chart_yaml(data: &[u8]) {
    const SHOWN: &str = "kind: X\na: {{ .Chart | toJson | quote }}\nb: {{ print .Chart | quote }}\nc: {{ .Chart.Name | quote }}\n\
        v: {{ toJson .Values | quote }}\ns: {{ range $k, $v := .Subcharts }}{{ $k }} {{ end }}\n";
    let others: [(&str, &[u8]); 6] = [
        ("templates/a.yaml", SHOWN.as_bytes()),
        ("values.yaml", b"tags: {t: false}\na: {enabled: true}\n"),
        ("charts/a/Chart.yaml", b"apiVersion: v2\nname: a\nversion: 0.1.0\n"),
        ("charts/a/values.yaml", b"exports: {x: {p: 1}}\ny: {r: 1}\n"),
        ("charts/b/Chart.yaml", b"apiVersion: v1\nname: b\nversion: 2.0.0-rc.1\n"),
        ("charts/b/templates/b.yaml", b"kind: B\nv: {{ .Chart.Name }}\n"),
    ];
    checked(|| {
        let mut files = vec![("Chart.yaml", data)];
        files.extend(others);
        render(load_files(&files)?, &Map::new())
    });
    checked(|| {
        let mut files: Vec<(&str, &[u8])> =
            vec![("Chart.yaml", b"apiVersion: v1\nname: c\nversion: 1.2.3\n"), ("requirements.yaml", data)];
        files.push(("requirements.lock", data));
        files.extend(others);
        render(load_files(&files)?, &Map::new())
    });
}

/// A schema, a line of `=====`, and the values that it judges.
fn schema(data: &[u8]) {
    const LINE: &[u8] = b"\n=====\n";
    let at = data.windows(LINE.len()).position(|window| window == LINE);
    let (schema, values) = match at {
        Some(at) => (data.get(..at).unwrap_or_default(), data.get(at + LINE.len()..).unwrap_or_default()),
        None => (data, &b"a: 1\nb: [x]\nc: {d: text}\n"[..]),
    };
    checked(|| {
        let files =
            [("Chart.yaml", CHART.as_bytes()), ("values.schema.json", schema), ("values.yaml", values)];
        render(load_files(&files)?, &Map::new())
    });
}

/// A chart's .tgz; a tar stream without gzip is packed first, see [`packed`].
fn chart_archive(data: &[u8]) {
    let tgz = packed(data);
    checked(|| {
        let chart = archive::from_bytes(&tgz, None, &mut Notices::default())?;
        render(chart, &Map::new())
    });
}

/// A repository's .tar.gz, and the application in it.
fn repository(data: &[u8]) {
    let tgz = packed(data);
    let limits = unpack::Limits { packed: 1 << 20, unpacked: 16 << 20, entries: 1000 };
    let Ok(snapshot) = unpack(&tgz, limits, &Snapshots::new(64 << 20), &|| Ok(())).inspect_err(judge) else {
        return;
    };
    for (app_path, environment) in [(".", None), ("app", Some("production"))] {
        let request = Request {
            app_path: app_path.to_owned(),
            parameters: Parameters { environment: environment.map(str::to_owned), ..Parameters::default() },
            limits: small_limits(),
            ..Request::default()
        };
        pipeline::environments(&snapshot, app_path);
        if let Err(error) = pipeline::generate(&snapshot, &request, pipeline::json_objects) {
            judge(&error);
        }
    }
}

/// A tiphys.yaml, an Application's parameters, and a text for every parameter's
/// variable and pattern; each after a line `=====`.
fn parameters(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut parts = text.splitn(3, "\n=====\n");
    let mut next = || parts.next().unwrap_or_default();
    let (config, given, any) = (next(), next(), next());
    let files = [
        ("app/Chart.yaml", CHART),
        ("app/templates/a.yaml", "kind: X\nv: {{ toJson .Values }}\n"),
        ("app/values.yaml", "a: 1\nl: [1, {b: c}]\n"),
        ("app/values/prod.yaml", "a: 2\n---\nb: &x [1]\nc: *x\n"),
        ("app/values/eu/b.yaml", "a: null\n"),
        ("v.yaml", "a: {b: 1}\n"),
        ("app/tiphys.yaml", config),
    ];
    let nodes = files.map(|(path, text)| (path.to_owned(), Node::File(text.into())));
    let tree = Snapshot::new(
        nodes.into_iter().chain([("app/up".to_owned(), Node::Link("..".to_owned()))]).collect(),
    );
    let variable = |name: &str| (format!("ARGOCD_ENV_{name}"), any.to_owned());
    let names = ["VALUES_FILES", "HELM_PARAMETERS", "FILE_PARAMETERS", "VALUES", "ENVIRONMENT", "CHART"];
    let application = ("ARGOCD_APP_PARAMETERS".to_owned(), given.to_owned());
    for env in [
        vec![application.clone()],
        names.map(variable).into(),
        [&[application][..], &names.map(variable)].concat(),
    ] {
        let run = || {
            let mut request = request::from_environment("app", &env.iter().cloned().collect())?;
            request.limits = small_limits();
            pipeline::explain(&tree, &request)?;
            pipeline::generate(&tree, &request, pipeline::json_objects).map(|_| ())
        };
        if let Err(error) = run() {
            judge(&error);
        }
    }
    pipeline::environments(&tree, "app");
}

/// One text for every flag of the `--set` family.
fn set_texts(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    checked(|| {
        let base =
            || -> Map { [("a", Value::Map(Map::new())), ("b", Value::Bool(true))].into_iter().collect() };
        let mut merged = Vec::new();
        let mut keep = |values: Map, result: Result<()>| match result {
            Ok(()) => merged.push(values),
            Err(error) => judge(&error),
        };
        for set_one in [set::set, set::set_string, set::set_json, set::set_literal] {
            let values = base();
            let result = set_one(&text, &values);
            keep(values, result);
        }
        let values = base();
        let result = set::set_file(&text, &values, &mut |path| Ok(Str::from(path)));
        keep(values, result);
        for values in merged {
            let text = yaml::write(&Value::Map(values.clone()), WRITTEN);
            let _ = Frozen::freeze(&Value::Map(values)).thaw();
            let _ = text.map(|text| yaml::parse(&text, yaml::Numbers::Float64));
        }
        Ok(())
    });
}

/// YAML, JSON and TOML read, written by every writer, and read again.
fn documents(data: &[u8]) {
    checked(|| {
        let mut read = vec![json::parse(data).ok(), json::parse_exact(data).ok()];
        read.push(toml::from_toml(data).ok());
        for numbers in [yaml::Numbers::Float64, yaml::Numbers::Exact] {
            read.push(yaml::parse(data, numbers).ok());
            read.extend(yaml::parse_documents(data, numbers).unwrap_or_default().into_iter().map(Some));
        }
        for value in read.into_iter().flatten() {
            if let Ok(text) = yaml::write(&value, WRITTEN) {
                let again = yaml::parse(&text, yaml::Numbers::Float64);
                assert!(
                    again.is_ok() || contains_odd_text(data),
                    "what is written must be readable: {again:?}"
                );
            }
            if let Ok(text) = json::write(&value, true, WRITTEN) {
                let again = json::parse_exact(&text);
                assert!(again.is_ok(), "what is written must be readable: {again:?}");
            }
            let _ = yaml::write_pretty(&value, WRITTEN);
            let _ = toml::write(&value, WRITTEN).map(|text| toml::from_toml(&text));
        }
        let mut notices = Notices::default();
        let files = vec![("c/templates/a.yaml".to_owned(), Str::from(data))];
        let manifests = manifest::sort(files, manifest::Keep::Objects, &mut notices)?;
        placed_objects(manifests)
    });
}

/// Whether a round trip may fail because Go's does.
fn contains_odd_text(data: &[u8]) -> bool {
    data.iter().any(|byte| *byte >= 0x80 || (*byte < 0x20 && !matches!(byte, b'\n' | b'\r' | b'\t')))
}

/// Runs on the render's own stack; errors are fine, bugs are not.
fn checked(run: impl FnOnce() -> Result<()> + Send) {
    if let Err(error) = on_render_stack(run) {
        judge(&error);
    }
}

fn judge(error: &Error) {
    assert_ne!(error.kind, Kind::Internal, "{error}");
    assert!(!error.message.is_empty(), "an error says what is wrong");
}

fn load_files(files: &[(&str, &[u8])]) -> Result<Chart> {
    let file = |(path, data): &(&str, &[u8])| File::new(*path, (*data).into());
    load::from_files(files.iter().map(file).collect(), &mut Notices::default())
}

/// Everything from a chart to placed manifests as JSON.
fn render(chart: Chart, user: &Map) -> Result<()> {
    let with = Render {
        name: "release".to_owned(),
        namespace: "namespace".to_owned(),
        limits: small_limits(),
        ..Render::default()
    };
    let mut notices = Notices::default();
    let manifests = pipeline::render(chart, user, &with, &mut notices)?;
    placed_objects(manifests)
}

/// From sorted documents to the answer.
fn placed_objects(manifests: manifest::Manifests) -> Result<()> {
    let release = hooks::place(manifests, hooks::Events::Both);
    release.tell(&mut Notices::default());
    let plan = hooks::Plan::of(&release, "namespace");
    let found = hooks::blocking::findings(&release, &plan);
    assert!(
        found.iter().all(|finding| finding.placed < release.placed.len()),
        "a finding is of something placed"
    );
    pipeline::json_objects(&release.placed).map(|_| ())
}

fn small_limits() -> Limits {
    Limits {
        steps: 200_000,
        string: 1 << 20,
        template: 2 << 20,
        output: 4 << 20,
        items: 50_000,
        expensive: 2,
        deadline: Instant::now().checked_add(Duration::from_secs(2)),
        ..Limits::default()
    }
}

/// Gzip as it is; anything else as a tar stream whose headers get the checksum
/// that belongs to them, so that a changed byte is not the end of the way.
fn packed(data: &[u8]) -> Vec<u8> {
    if data.starts_with(&[0x1f, 0x8b]) {
        return data.to_vec();
    }
    let mut tar = data.to_vec();
    let mut at = 0;
    while let Some(header) = tar.get_mut(at..at + 512) {
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        let digits = header[124..135].iter().take_while(|byte| matches!(byte, b'0'..=b'7'));
        let size = digits.fold(0_usize, |size, digit| size * 8 + usize::from(digit - b'0'));
        at += 512 + size.next_multiple_of(512);
    }
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    let _ = gz.write_all(&tar);
    gz.finish().unwrap_or_default()
}

/// Bytes as what a registry, a repository or a lock file says.
fn registry(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    checked(|| Manifest::parse(data).map(drop).or_else(|e| Index::parse(data).map(drop).map_err(|_| e)));
    checked(|| Reference::parse(&text).map(|reference| drop(reference.to_string())));
    checked(|| {
        let address = Address::parse(&text)?;
        address.join(&text).and_then(|joined| joined.redirect(&text)).map(|address| drop(address.to_string()))
    });
    checked(|| {
        let lock = Lock::read(data).map_err(Error::invalid)?;
        lock::digest(&lock.dependencies, &lock.dependencies);
        let written = lock.write()?;
        Lock::read(&written).map(drop).map_err(|e| Error::new(Kind::Internal, e))
    });
}
