//! Which values of a values file look like secrets: by their keys, and by what they
//! look like themselves. What is found is named by its path and line, never shown.

use std::sync::LazyLock;

use regex::Regex;

use super::leaf;
use super::places::FilePlaces;
use crate::chart::load;
use crate::data::yaml::Step;
use crate::data::{Map, Value};

/// A value that looks like a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Its path in the grammar of `--set`.
    pub path: String,
    /// The line of the file that sets it, from 1.
    pub line: u32,
}

/// How the names of secrets end, in lower case and without separators.
const ENDINGS: [&str; 15] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "token",
    "secret",
    "apikey",
    "secretkey",
    "privatekey",
    "accesskey",
    "encryptionkey",
    "signingkey",
    "masterkey",
    "connectionstring",
    "credentials",
];

/// Words of names that only lead to a secret: `existingSecret`, `imagePullSecrets`.
const LEADING: [&str; 6] = ["existing", "pull", "tls", "external", "create", "use"];

/// What secrets look like wherever they are: private keys, the tokens of well-known
/// services, signed tokens, passwords in URLs.
const SHAPES: &str = r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\b(?:gh[opsur]_[0-9A-Za-z]{20}|github_pat_[0-9A-Za-z_]{20}|glpat-[0-9A-Za-z_-]{20}|xox[abprs]-[0-9A-Za-z-]{10}|sk_live_[0-9A-Za-z]{10}|AIza[0-9A-Za-z_-]{35})|\beyJ[0-9A-Za-z_-]{8,}\.eyJ[0-9A-Za-z_-]{8,}\.|://[^/\s:@]*:[^/\s@${}<>]+@";

/// What looks like a secret in the text of a values file, line by line; nothing in
/// one that cannot be read.
pub fn secrets(text: &[u8]) -> Vec<Secret> {
    let Ok(values) = load::values(text) else { return Vec::new() };
    let leaves = leaf::leaves(&values).unwrap_or_default();
    let places = FilePlaces::of(text);
    let mut found: Vec<Secret> = leaves
        .iter()
        .filter(|(path, value)| is_secret(&values, path, value))
        .map(|(path, _)| Secret { path: leaf::show(path), line: places.line(path).unwrap_or(1) })
        .collect();
    found.sort_by_key(|secret| secret.line);
    found
}

fn is_secret(values: &Map, path: &[Step], value: &Value) -> bool {
    static SHAPE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(SHAPES).ok());
    let text = match value {
        Value::Str(text) => text.to_string(),
        Value::Int(..) | Value::Uint(..) | Value::Float(_) => "0".to_owned(),
        _ => return false,
    };
    if text.is_empty() || is_reference(&text) {
        return false;
    }
    let keys = path.iter().rev().filter_map(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        Step::Index(_) => None,
    });
    let named = |name: &str| is_secret_name(name) && !(names_objects(name) && is_object_name(&text));
    SHAPE.as_ref().is_some_and(|shape| shape.is_match(&text))
        || keys.take(1).any(named)
        || name_beside(values, path).as_deref().is_some_and(named)
}

/// The name in a pair such as `{name: DB_PASSWORD, value: …}`.
fn name_beside(values: &Map, path: &[Step]) -> Option<String> {
    let (last, before) = path.split_last()?;
    let is_pair = matches!(last, Step::Key(key) if key == "value");
    let beside: Vec<Step> = before.iter().cloned().chain([Step::Key("name".to_owned())]).collect();
    is_pair.then(|| leaf::at(values, &beside))?.and_then(|name| name.as_str().map(str::to_owned))
}

/// Whether the name is one of a secret, and not of where one is found.
fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let joined = words.concat();
    let singular = joined.strip_suffix('s').filter(|_| !joined.ends_with("ss")).unwrap_or(&joined);
    let ends = ENDINGS.iter().any(|ending| joined.ends_with(ending) || singular.ends_with(ending));
    ends && !words.iter().any(|word| LEADING.contains(&word.as_str()))
}

/// A key such as `secret` may hold the name of a Secret as well.
fn names_objects(name: &str) -> bool {
    let joined = words(name).concat();
    joined.ends_with("secret") || joined.ends_with("secrets") || joined.ends_with("credentials")
}

/// Whether a text reads like the name of an object: words in lower case.
fn is_object_name(text: &str) -> bool {
    let is_word = |word: &str| {
        let (letters, digits) = (
            word.bytes().filter(u8::is_ascii_lowercase).count(),
            word.bytes().filter(u8::is_ascii_digit).count(),
        );
        letters + digits == word.len() && !word.is_empty() && digits <= 2
    };
    text.split(['-', '.']).all(is_word)
}

/// What is filled in elsewhere: a template, a variable, a reference to a vault, a
/// text encrypted by sops, a placeholder.
fn is_reference(text: &str) -> bool {
    let text = text.trim();
    let prefixes = ["$", "ENC[", "vault:", "ref+", "op://", "arn:", "projects/"];
    text.contains("{{")
        || prefixes.iter().any(|prefix| text.starts_with(prefix))
        || (text.starts_with('<') && text.ends_with('>'))
}

/// `adminPassword`, `ADMIN_PASSWORD` and `admin-password` as words in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut previous = ' ';
    for c in name.chars() {
        let begins = c.is_uppercase() && previous.is_lowercase();
        if begins || !c.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        previous = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        secrets(text.as_bytes())
            .into_iter()
            .map(|secret| format!("{}:{}", secret.path, secret.line))
            .collect()
    }

    #[test]
    fn names_of_secrets_are_found_with_their_lines() {
        let text = "# a\ndb:\n  adminPassword: hunter2\n  PASSWD: 12345\napi_key: abc\nauth:\n  tokens:\n  - t0k3n\n  \
                    client-secret: Ab12cd34\n---\nawsSecretAccessKey: x\nenv:\n- {name: DB_PASSWORD,\n   value: yy}\n";
        assert_eq!(
            paths(text),
            [
                "db.adminPassword:3",
                "db.PASSWD:4",
                "api_key:5",
                "auth.tokens[0]:8",
                "auth.client-secret:9",
                "awsSecretAccessKey:11",
                "env[0].value:14",
            ]
        );
    }

    #[test]
    fn what_only_leads_to_a_secret_is_none() {
        let text = "password: ''\ntoken: ~\nexistingSecret: Ab12cd34\nsecretName: s\npasswordKey: db-password\n\
                    automountServiceAccountToken: true\nimagePullSecrets: [{name: regcred}]\npullSecrets: [Regcred1]\n\
                    secret: my-api-database-2\ntokenTTL: 3600\nuserPassword: '{{ .Values.x }}'\nadminPassword: $PASSWORD\n\
                    rootPassword: ENC[AES256_GCM,data:x]\ndbPassword: <path:kv/data/db#password>\nmaxTokensPerDay: 5\n\
                    env:\n- {name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}\n";
        assert_eq!(paths(text), Vec::<String>::new());
    }

    #[test]
    fn secrets_are_known_by_their_looks() {
        for value in [
            "'-----BEGIN RSA PRIVATE KEY-----'",
            "AKIAIOSFODNN7EXAMPLE",
            "https://user:pass@example.com/x",
            "postgres://app:s3cr3t@db/app",
            &format!("ghp_{}", "a1".repeat(18)),
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.x",
        ] {
            assert_eq!(paths(&format!("a: {{b: {value}}}")), ["a.b:1"], "{value}");
        }
        for value in [
            "https://example.com:8080/x",
            "http://user@example.com",
            "postgres://app:$PASSWORD@db",
            "sk_live",
        ] {
            assert_eq!(paths(&format!("a: '{value}'")), Vec::<String>::new(), "{value}");
        }
        assert_eq!(paths("a: [b"), Vec::<String>::new());
    }
}
