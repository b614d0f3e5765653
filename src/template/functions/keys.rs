//! Private keys in PEM.

use super::args::{bytes, row};
use super::x509::key::PrivateKey;
use super::x509::rsa::Size;
use super::x509::{dsa, pem};
use crate::data::{Ty, Value};
use crate::template::function::{FuncError, Function, Host};

/// The group's functions.
pub static FUNCTIONS: &[Function] = &[row(
    "genPrivateKey",
    &[Ty::Str],
    "a new private key in PEM: rsa (4096 bits, also for an empty type), ecdsa (P-256), ed25519 or dsa",
    &[
        (r#"{{ genPrivateKey "ecdsa" | trunc 30 }}"#, "-----BEGIN EC PRIVATE KEY-----"),
        (r#"{{ genPrivateKey "ed25519" | trunc 27 }}"#, "-----BEGIN PRIVATE KEY-----"),
        (r#"{{ genPrivateKey "foo" }}"#, "Unknown type foo"),
    ],
    generate,
)];

fn generate(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let kind = bytes(args, 0);
    if !matches!(kind, b"" | b"rsa" | b"dsa" | b"ecdsa" | b"ed25519") {
        return Ok(Value::Str([b"Unknown type ", kind].concat().into()));
    }
    host.budget().expensive()?;
    let key = match kind {
        b"dsa" => return Ok(Value::from(pem::encode("DSA PRIVATE KEY", &dsa::generate(host)?))),
        b"ecdsa" => PrivateKey::ecdsa(host),
        b"ed25519" => PrivateKey::ed25519(host),
        _ => PrivateKey::rsa(host, Size::Bits4096),
    };
    Ok(Value::from(match key.and_then(|key| key.to_pem()) {
        Ok(text) => text,
        Err(error) => format!("failed to generate private key: {error}"),
    }))
}
