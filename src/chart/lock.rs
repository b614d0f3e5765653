//! Chart.lock and requirements.lock: which version of each dependency was taken,
//! and the digest that ties that to what the chart asks for. Nothing of them
//! reaches a template, but a broken one stops Helm from loading the chart.

use crate::data::Value;
use crate::data::digest::Digest;
use crate::data::time::Time;
use crate::error::Result;

use super::decode::{self, Decoded, is, json_error, string};
use super::written::dependency_json;
use super::{Dependency, metadata};

/// Go's zero time.
const NEVER: &str = "0001-01-01T00:00:00Z";
const RFC3339: &[u8] = b"2006-01-02T15:04:05Z07:00";

/// A lock file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lock {
    /// When it was made, as it is written.
    pub generated: String,
    /// What [`digest`] said then.
    pub digest: String,
    /// The versions that were taken.
    pub dependencies: Vec<Dependency>,
}

impl Lock {
    /// Reads a lock file.
    ///
    /// # Errors
    /// The text of `yaml.Unmarshal`.
    pub fn read(text: &[u8]) -> std::result::Result<Lock, String> {
        let mut generated = None;
        let mut digest = String::new();
        let mut dependencies = None;
        decode::unmarshal(text, "v2.Lock", |name, value| match name {
            _ if is(name, "generated") => time(value, &mut generated),
            _ if is(name, "digest") => string(value, &mut digest),
            _ if is(name, "dependencies") => metadata::dependencies(value, &mut dependencies),
            _ => Ok(()),
        })?;
        if let Some(text) = &generated {
            let parsed = Time::parse(RFC3339, text.as_bytes());
            parsed.map_err(|error| json_error(&error.to_string()))?;
        }
        let dependencies = dependencies.unwrap_or_default().into_iter().flatten().collect();
        Ok(Lock { generated: generated.unwrap_or_default(), digest, dependencies })
    }

    /// The file's text, as Helm writes it.
    ///
    /// # Errors
    /// One that is too large.
    pub fn write(&self) -> Result<Vec<u8>> {
        let text = super::written::text_json;
        let generated = if self.generated.is_empty() { NEVER } else { &self.generated };
        let lock = format!(
            "{{\"dependencies\":{},\"digest\":{},\"generated\":{}}}",
            list(&self.dependencies),
            text(&self.digest),
            text(generated)
        );
        super::written::yaml(&lock)
    }
}

/// `time.Time`: a string.
fn time(value: &Value, into: &mut Option<String>) -> Decoded {
    match value {
        Value::Nil => Ok(()),
        Value::Str(text) => {
            *into = Some(text.to_str_lossy().into_owned());
            Ok(())
        }
        other => Err(decode::Mismatch::new(other, "time.Time")),
    }
}

/// What a lock file's digest has to be for these dependencies of the chart and
/// these of the lock (Helm's HashReq).
pub fn digest(wanted: &[Dependency], locked: &[Dependency]) -> String {
    sha256(&format!("[{},{}]", list(wanted), list(locked)))
}

/// The same as Helm 2 made it, which is still good for charts of API version v1.
pub fn digest_v2(wanted: &[Dependency]) -> String {
    sha256(&format!("{{\"dependencies\":{}}}", list(wanted)))
}

fn sha256(text: &str) -> String {
    Digest::of(text.as_bytes()).to_string()
}

fn list(dependencies: &[Dependency]) -> String {
    let each: Vec<String> = dependencies.iter().map(dependency_json).collect();
    format!("[{}]", each.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dependency(name: &str, version: &str, repository: &str) -> Dependency {
        Dependency {
            name: name.into(),
            version: version.into(),
            repository: repository.into(),
            ..Dependency::default()
        }
    }

    #[test]
    fn digests_are_helms() {
        let text = b"apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies:\n- {name: lib, version: '>=1 <2', repository: 'file://../lib', condition: lib.enabled, tags: [a, b], import-values: [{parent: p, child: c}, data], alias: l2}\n";
        let mut draft = metadata::Draft::default();
        draft.read(text).unwrap();
        let wanted = draft.finish().unwrap().dependencies.unwrap();
        let locked = [dependency("lib", "1.2.3", "file://../lib")];
        // What helm dependency update wrote for this chart.
        let helms = "sha256:d616b892454cd28454e015b902bc2496df2d7339895cb5f8a31b0652155e9ea1";
        assert_eq!(digest(&wanted, &locked), helms);
        assert_ne!(digest_v2(&wanted), helms);
    }

    #[test]
    fn a_lock_is_written_as_helm_writes_it_and_read_again() {
        let lock = Lock {
            generated: "2026-01-02T03:04:05.6Z".into(),
            digest: "sha256:00".into(),
            dependencies: vec![dependency("a", "1.0.0", "oci://r/c"), dependency("b", "", "")],
        };
        let text = "dependencies:\n- name: a\n  repository: oci://r/c\n  version: 1.0.0\n- name: b\n  repository: \"\"\n\
                    digest: sha256:00\ngenerated: \"2026-01-02T03:04:05.6Z\"\n";
        assert_eq!(String::from_utf8(lock.write().unwrap()).unwrap(), text);
        assert_eq!(Lock::read(text.as_bytes()).unwrap(), lock);
    }
}
