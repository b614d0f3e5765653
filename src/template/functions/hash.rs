//! Checksums of strings.

use aws_lc_rs::digest;

use super::args::{bytes, row};
use crate::data::{Ty, Value};
use crate::template::function::Function;

/// The group's functions.
pub static FUNCTIONS: &[Function] = &[
    row(
        "sha1sum",
        &[Ty::Str],
        "SHA-1 of a string, in hexadecimal",
        &[(r#"{{ sha1sum "a" }}"#, "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8")],
        |host, args| {
            host.budget().steps(bytes(args, 0).len() / 64)?;
            Ok(hex(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bytes(args, 0)).as_ref()))
        },
    ),
    row(
        "sha256sum",
        &[Ty::Str],
        "SHA-256 of a string, in hexadecimal",
        &[(r#"{{ sha256sum "a" }}"#, "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb")],
        |host, args| {
            host.budget().steps(bytes(args, 0).len() / 64)?;
            Ok(hex(digest::digest(&digest::SHA256, bytes(args, 0)).as_ref()))
        },
    ),
    row(
        "sha512sum",
        &[Ty::Str],
        "SHA-512 of a string, in hexadecimal",
        &[(r#"{{ sha512sum "a" | trunc 32 }}"#, "1f40fc92da241694750979ee6cf582f2")],
        |host, args| {
            host.budget().steps(bytes(args, 0).len() / 64)?;
            Ok(hex(digest::digest(&digest::SHA512, bytes(args, 0)).as_ref()))
        },
    ),
    row(
        "adler32sum",
        &[Ty::Str],
        "Adler-32 of a string, as a decimal number",
        &[(r#"{{ adler32sum "hello" }}"#, "103547413")],
        |host, args| {
            host.budget().steps(bytes(args, 0).len() / 64)?;
            Ok(Value::from(adler32(bytes(args, 0)).to_string()))
        },
    ),
];

fn hex(digest: &[u8]) -> Value {
    Value::from(crate::data::digest::hex(digest))
}

/// The checksum of zlib (RFC 1950).
fn adler32(bytes: &[u8]) -> u32 {
    const PRIME: u32 = 65_521;
    let (mut a, mut b) = (1u32, 0u32);
    // As many bytes as cannot overflow 32 bits between two divisions.
    for chunk in bytes.chunks(5552) {
        for byte in chunk {
            a += u32::from(*byte);
            b += a;
        }
        (a, b) = (a % PRIME, b % PRIME);
    }
    b << 16 | a
}
