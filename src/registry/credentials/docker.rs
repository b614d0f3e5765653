//! Docker's config.json, which `helm registry login` writes too: credentials by
//! host, or the helper programs that keep them. A helper is a program that the
//! operator installed and named; a repository cannot name one.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::data::{Map, Value, base64, json};
use crate::error::{Error, Kind, Result};
use crate::registry::secret::Secret;

use super::{Authorization, read};

/// How long a helper may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// The largest answer of a helper.
const LARGEST: u64 = 1 << 20;

/// What the file has for a registry.
///
/// # Errors
/// A file that is no JSON, or a helper that fails.
pub fn find(file: &Path, registry: &str) -> Result<Option<Authorization>> {
    let Some(config) = load(file)? else { return Ok(None) };
    let address = server_address(registry);
    let table = |key: &str| config.get(key).and_then(|v| v.as_map().cloned()).unwrap_or_default();
    let own = string(&table("credHelpers"), registry);
    if let Some(helper) = own.or_else(|| string(&config, "credsStore")) {
        match ask(&helper, address)? {
            Asked::Credentials(found) => return Ok(Some(found)),
            Asked::Nothing => {}
            Asked::NotInstalled => {
                tracing::debug!(helper = helper.as_str(), "the credential helper is not installed");
            }
        }
    }
    let entries = table("auths").entries();
    let entry = entries.iter().find(|(key, _)| bare(&key.to_str_lossy()) == bare(address));
    Ok(entry.and_then(|(_, entry)| authorization(entry.as_map()?)))
}

fn load(file: &Path) -> Result<Option<Map>> {
    let Some(text) = read(file)? else { return Ok(None) };
    if text.trim().is_empty() {
        return Ok(None);
    }
    // What the parser says would quote the file.
    let broken = || Error::invalid(format!("{} is not valid JSON", file.display()));
    let document = json::parse(text.as_bytes()).map_err(|_| broken())?;
    document.as_map().cloned().map(Some).ok_or_else(broken)
}

/// Docker Hub is known by another name than it answers to.
fn server_address(registry: &str) -> &str {
    match registry {
        "docker.io" | "index.docker.io" | "registry-1.docker.io" => "https://index.docker.io/v1/",
        other => other,
    }
}

/// A key of `auths` without scheme and path: old versions wrote those.
fn bare(key: &str) -> &str {
    let rest = key.split_once("://").map_or(key, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default()
}

fn string(map: &Map, key: &str) -> Option<String> {
    match map.get(key) {
        Some(Value::Str(text)) if !text.is_empty() => Some(text.to_string()),
        _ => None,
    }
}

fn authorization(entry: &Map) -> Option<Authorization> {
    if let Some(token) = string(entry, "identitytoken") {
        return Some(Authorization::Identity(Secret::new(token)));
    }
    if let Some(token) = string(entry, "registrytoken") {
        return Some(Authorization::Bearer(Secret::new(token)));
    }
    let pair = string(entry, "auth").and_then(|text| base64::decode(text.as_bytes()).ok());
    let pair = pair.and_then(|bytes| String::from_utf8(bytes).ok());
    let (user, password) = match pair.as_deref().and_then(|pair| pair.split_once(':')) {
        Some((user, password)) => (user.to_owned(), password.trim_end_matches('\0').to_owned()),
        None => (string(entry, "username")?, string(entry, "password")?),
    };
    Some(Authorization::Basic(user, Secret::new(password)))
}

enum Asked {
    Credentials(Authorization),
    Nothing,
    NotInstalled,
}

/// Runs `docker-credential-<helper> get`.
fn ask(helper: &str, server: &str) -> Result<Asked> {
    let fine = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if !helper.bytes().all(fine) {
        return Err(Error::usage(format!("the credential helper {helper:?} is no program's name")));
    }
    let program = format!("docker-credential-{helper}");
    let failed = |what: &str| Error::new(Kind::Io, format!("the credential helper {program} {what}"));
    let child = Command::new(&program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Asked::NotInstalled),
        Err(_) => return Err(failed("cannot be started")),
    };
    if let Some(mut input) = child.stdin.take() {
        // One that does not read fails on its own.
        let _ = input.write_all(server.as_bytes());
    }
    let output = child.stdout.take();
    let reading = std::thread::spawn(move || {
        let mut text = Vec::new();
        output.map(|output| output.take(LARGEST).read_to_end(&mut text));
        text
    });
    let started = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if started.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(5)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(failed("did not end in time"));
            }
        }
    };
    let text = reading.join().unwrap_or_default();
    if !status.success() {
        // Helpers have one way to say that they know nothing: to fail.
        return Ok(Asked::Nothing);
    }
    let answer = json::parse(&text).map_err(|_| failed("did not answer with JSON"))?;
    let answer = answer.as_map().cloned().unwrap_or_default();
    let secret = Secret::new(string(&answer, "Secret").unwrap_or_default());
    Ok(match string(&answer, "Username") {
        Some(user) if user == "<token>" => Asked::Credentials(Authorization::Identity(secret)),
        Some(user) => Asked::Credentials(Authorization::Basic(user, secret)),
        None => Asked::Nothing,
    })
}

/// Writes what `registry login` was given into the file, which only the user can read.
///
/// # Errors
/// The file cannot be read or written.
pub fn remember(file: &Path, registry: &str, user: &str, password: &Secret) -> Result<()> {
    let config = load(file)?.unwrap_or_default();
    let auths = config.get("auths").and_then(|v| v.as_map().cloned()).unwrap_or_default();
    let pair = format!("{user}:{}", password.expose());
    let pair = String::from_utf8_lossy(&base64::encode(pair.as_bytes())).into_owned();
    let entry = Map::from_iter([("auth", Value::from(pair.as_str()))]);
    auths.insert(server_address(registry), entry.into());
    config.insert("auths", auths.into());
    save(file, &config)
}

/// Takes a registry out of the file; `false` where it was not in it.
///
/// # Errors
/// As [`remember`].
pub fn forget(file: &Path, registry: &str) -> Result<bool> {
    let Some(config) = load(file)? else { return Ok(false) };
    let Some(auths) = config.get("auths").and_then(|v| v.as_map().cloned()) else { return Ok(false) };
    let address = bare(server_address(registry)).to_owned();
    let known: Vec<_> = auths.keys().into_iter().filter(|key| bare(&key.to_str_lossy()) == address).collect();
    for key in &known {
        auths.remove(key.as_bytes());
    }
    save(file, &config)?;
    Ok(!known.is_empty())
}

fn save(file: &Path, config: &Map) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let text = json::write_pretty(&config.clone().into(), "\t", false, 16 << 20)
        .map_err(|e| Error::new(Kind::Internal, e.to_string()))?;
    let write = || -> std::io::Result<()> {
        let directory = file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(directory)?;
        let scratch = file.with_extension("json.part");
        let mut open = std::fs::OpenOptions::new();
        let mut part = open.write(true).create(true).truncate(true).mode(0o600).open(&scratch)?;
        part.write_all(&text)?;
        std::fs::rename(&scratch, file)
    };
    write().map_err(|e| Error::new(Kind::Io, format!("{} cannot be written: {e}", file.display())))
}
