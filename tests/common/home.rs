//! A person's home, or a pod's: a cache, files of credentials, and the binary that
//! finds only those.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// Directories of one test.
pub struct Home {
    dir: TempDir,
    pub env: BTreeMap<String, String>,
}

impl Home {
    pub fn new() -> Home {
        let dir = TempDir::new().unwrap();
        let at = |name: &str| dir.path().join(name).display().to_string();
        let env = [
            ("HOME", at("home")),
            ("TIPHYS_CACHE_DIR", at("cache")),
            ("HELM_CONFIG_HOME", at("helm")),
            ("HELM_CACHE_HOME", at("helm-cache")),
            ("HELM_DATA_HOME", at("helm-data")),
            ("DOCKER_CONFIG", at("docker")),
            ("TIPHYS_REPOSITORIES_DIR", at("argo")),
            ("ARGOCD_TLS_DATA_PATH", at("tls")),
            ("KUBECONFIG", "/nonexistent".to_owned()),
        ];
        Home { env: env.map(|(name, value)| (name.to_owned(), value)).into(), dir }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Writes a file and says where it is.
    pub fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// One of Argo CD's repository Secrets, as it is mounted.
    pub fn secret(&self, name: &str, keys: &[(&str, &str)]) {
        for (key, value) in keys {
            self.file(&format!("argo/{name}/{key}"), value);
        }
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.env.insert(name.to_owned(), value.to_owned());
    }

    /// The binary, to be run in this home.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tiphys"));
        command.args(args).current_dir(self.dir.path()).stdin(Stdio::null()).env_clear().envs(&self.env);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// What a run that has to go well prints.
    pub fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{args:?}: {error}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What a run that has to fail says, without its `Error: `.
    pub fn error(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(output.stdout.is_empty(), "{args:?}: {}", String::from_utf8_lossy(&output.stdout));
        let error = String::from_utf8(output.stderr).unwrap();
        error.strip_prefix("Error: ").unwrap_or(&error).trim_end().to_owned()
    }
}

/// Every file below a directory and what is in it.
pub fn contents(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut pending = vec![directory.to_owned()];
    while let Some(at) = pending.pop() {
        for entry in std::fs::read_dir(at).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                pending.push(path);
            } else {
                let name = path.strip_prefix(directory).unwrap().display().to_string();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}
