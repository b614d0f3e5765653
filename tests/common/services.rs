//! Real servers on loopback ports of their own: Debian's registry and nginx, moto
//! from PyPI, and the real Helm as the other side. Where one is missing its tests
//! are skipped out loud; with TIPHYS_REQUIRE_SERVICES set, as CI sets it, they fail.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server of another make; it goes when the test does.
pub struct Service {
    process: Child,
    pub address: SocketAddr,
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port that is free now.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Where a program is, or `None` after saying that its test is skipped.
pub fn find(program: &str) -> Option<PathBuf> {
    let directories = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&directories).collect();
    places.push("/usr/sbin".into());
    let found = places.into_iter().map(|place| place.join(program)).find(|path| path.is_file());
    found.or_else(|| missing(program))
}

/// A Python that has this module: where its programs are put, no path may know yet.
pub fn python_with(module: &str) -> Option<PathBuf> {
    let python = find("python3")?;
    let knows =
        Command::new(&python).args(["-c", &format!("import {module}")]).stderr(Stdio::null()).status();
    if knows.is_ok_and(|status| status.success()) {
        Some(python)
    } else {
        missing(&format!("Python's {module}"))
    }
}

/// The real Helm beside this checkout.
pub fn helm() -> Option<PathBuf> {
    let path = super::project().join("../shared/tools/helm");
    if path.is_file() { Some(path) } else { missing("the real Helm") }
}

/// Says out loud that a test is skipped.
pub fn missing<T>(what: &str) -> Option<T> {
    assert!(std::env::var_os("TIPHYS_REQUIRE_SERVICES").is_none(), "{what} is not installed");
    eprintln!("SKIPPED: {what} is not installed");
    None
}

/// Starts a server and waits until it listens on its port.
pub fn start(command: &mut Command, port: u16) -> Service {
    let process = command.stdin(Stdio::null()).spawn().unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let mut service = Service { process, address };
    let patience = Instant::now() + Duration::from_secs(60);
    while TcpStream::connect(address).is_err() {
        assert!(service.process.try_wait().unwrap().is_none(), "{command:?} ended");
        assert!(Instant::now() < patience, "{command:?} does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
    service
}

/// Debian's registry; `more` goes into its configuration. Its log of requests is
/// `access.log` in the directory.
pub fn docker_registry(directory: &Path, more: &str) -> Option<Service> {
    let program = find("docker-registry")?;
    let port = free_port();
    let data = directory.join("registry-data");
    let config = directory.join("registry.yml");
    let text = format!(
        "version: 0.1\nlog: {{level: error, accesslog: {{disabled: false}}}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\n{}",
        data.display(),
        more.replace("{addr}", &format!("127.0.0.1:{port}"))
    );
    std::fs::write(&config, text).unwrap();
    let log = std::fs::File::create(directory.join("access.log")).unwrap();
    let mut command = Command::new(program);
    command.arg("serve").arg(config).stdout(log).stderr(Stdio::null());
    Some(start(&mut command, port))
}

/// How often the registry was asked for something with this verb and part.
pub fn asked(directory: &Path, verb: &str, part: &str) -> usize {
    let log = std::fs::read_to_string(directory.join("access.log")).unwrap();
    log.lines().filter(|line| line.contains(&format!("\"{verb} /")) && line.contains(part)).count()
}
