//! Password hashes, derived passwords and AES.

use aws_lc_rs::cipher::{
    AES_256, AES_256_KEY_LEN, AES_CBC_IV_LEN, DecryptingKey, DecryptionContext, EncryptingKey,
    EncryptionContext, UnboundCipherKey,
};
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;

use super::args::{bytes, int, row, text};
use crate::data::{Ty, Value, base64};
use crate::template::function::{FuncError, Function, Host};

/// The group's functions.
pub static FUNCTIONS: &[Function] = &[
    row(
        "bcrypt",
        &[Ty::Str],
        "the bcrypt hash of a password, at cost 10",
        &[
            (r#"{{ regexMatch "^\\$2a\\$10\\$[./0-9A-Za-z]{53}$" (bcrypt "p") }}"#, "true"),
            (
                r#"{{ bcrypt (repeat 73 "a") }}"#,
                "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes",
            ),
        ],
        |host, args| Ok(Value::from(bcrypt_hash(host, bytes(args, 0))?)),
    ),
    row(
        "htpasswd",
        &[Ty::Str, Ty::Str],
        "a line of an htpasswd file for a user name and a password, hashed with bcrypt",
        &[
            (r#"{{ htpasswd "u" "p" | trunc 9 }}"#, "u:$2a$10$"),
            (r#"{{ htpasswd "u:x" "p" }}"#, "invalid username: u:x"),
        ],
        htpasswd,
    ),
    row(
        "derivePassword",
        &[Ty::Uint32, Ty::Str, Ty::Str, Ty::Str, Ty::Str],
        "the Master Password of a counter, a type (maximum long medium short basic pin), a password, a user and a site",
        &[
            (r#"{{ derivePassword 1 "long" "password" "user" "example.com" }}"#, "ZedaFaxcZaso9*"),
            (r#"{{ derivePassword 1 "maximum" "a" "b" "c" }}"#, "qXz#NALAvUyJ#cLNQI2^"),
            (r#"{{ derivePassword 1 "foo" "a" "b" "c" }}"#, "cannot find password template foo"),
        ],
        derive_password,
    ),
    row(
        "encryptAES",
        &[Ty::Str, Ty::Str],
        "a text encrypted with AES-256-CBC by a password of up to 32 bytes; base64 of the vector and the result",
        &[
            (r#"{{ encryptAES "key" "secret" | decryptAES "key" }}"#, "secret"),
            (r#"[{{ encryptAES "key" "" }}]"#, "[]"),
        ],
        encrypt,
    ),
    row(
        "decryptAES",
        &[Ty::Str, Ty::Str],
        "the text that encryptAES encrypted",
        &[
            (r#"{{ decryptAES "secretkey" "DPucKVvnA7FluTKE5V3/P6TDjCC6O38VU55ltFM+NDQ=" }}"#, "plaintext"),
            (r#"{{ decryptAES "a" "zz" }}"#, "!illegal base64 data at input byte 0"),
            (r#"{{ decryptAES "a" "MTIzNDU2Nzg5MDEyMzQ1Njc=" }}"#, "!crypto/cipher: input not full blocks"),
        ],
        decrypt,
    ),
];

/// At Go's default cost. Errors are the result, as in Sprig.
fn bcrypt_hash(host: &mut dyn Host, password: &[u8]) -> Result<String, FuncError> {
    const COST: u32 = 10;
    const FAILED: &str = "failed to encrypt string with bcrypt: ";
    if password.len() > 72 {
        return Ok(format!("{FAILED}bcrypt: password length exceeds 72 bytes"));
    }
    host.budget().expensive()?;
    let mut salt = [0; 16];
    host.random(&mut salt);
    Ok(match bcrypt::hash_with_salt(password, COST, salt) {
        Ok(hash) => hash.format_for_version(bcrypt::Version::TwoA),
        Err(error) => format!("{FAILED}{error}"),
    })
}

fn htpasswd(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let user = bytes(args, 0);
    let mut line = user.to_vec();
    if user.contains(&b':') {
        line.splice(..0, *b"invalid username: ");
    } else {
        line.push(b':');
        line.extend(bcrypt_hash(host, bytes(args, 1))?.bytes());
    }
    Ok(Value::Str(line.into()))
}

/// What each letter of a password's template stands for (Master Password,
/// algorithm version 0).
fn characters(class: u8) -> &'static [u8] {
    match class {
        b'V' => b"AEIOU",
        b'C' => b"BCDFGHJKLMNPQRSTVWXYZ",
        b'v' => b"aeiou",
        b'c' => b"bcdfghjklmnpqrstvwxyz",
        b'a' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        b'n' => b"0123456789",
        b'o' => b"@&%?,=[]_:-+*$#!'^~;()/.",
        b'x' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
        _ => b" ",
    }
}

/// The templates of a type of password; none of an unknown type.
fn templates(kind: &[u8]) -> &'static [&'static str] {
    match kind {
        b"maximum" => &["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"],
        b"long" => &[
            "CvcvnoCvcvCvcv",
            "CvcvCvcvnoCvcv",
            "CvcvCvcvCvcvno",
            "CvccnoCvcvCvcv",
            "CvccCvcvnoCvcv",
            "CvccCvcvCvcvno",
            "CvcvnoCvccCvcv",
            "CvcvCvccnoCvcv",
            "CvcvCvccCvcvno",
            "CvcvnoCvcvCvcc",
            "CvcvCvcvnoCvcc",
            "CvcvCvcvCvccno",
            "CvccnoCvccCvcv",
            "CvccCvccnoCvcv",
            "CvccCvccCvcvno",
            "CvcvnoCvccCvcc",
            "CvcvCvccnoCvcc",
            "CvcvCvccCvccno",
            "CvccnoCvcvCvcc",
            "CvccCvcvnoCvcc",
            "CvccCvcvCvccno",
        ],
        b"medium" => &["CvcnoCvc", "CvcCvcno"],
        b"short" => &["Cvcn"],
        b"basic" => &["aaanaaan", "aannaaan", "aaannaaa"],
        b"pin" => &["nnnn"],
        _ => &[],
    }
}

fn derive_password(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let templates = templates(bytes(args, 1));
    if templates.is_empty() {
        let mut text = b"cannot find password template ".to_vec();
        text.extend(bytes(args, 1));
        return Ok(Value::Str(text.into()));
    }
    host.budget().expensive()?;
    // The number wraps as Go's conversion of it does.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let counter = int(args, 0) as u32;
    let (password, user, site) = (bytes(args, 2), bytes(args, 3), bytes(args, 4));
    let scoped = |text: &[u8]| {
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        [&b"com.lyndir.masterpassword"[..], &length.to_be_bytes(), text].concat()
    };
    let mut key = [0; 64];
    let parameters = scrypt::Params::new(15, 8, 2).map_err(|e| format!("failed to derive password: {e}"))?;
    scrypt::scrypt(password, &scoped(user), &parameters, &mut key)
        .map_err(|e| format!("failed to derive password: {e}"))?;
    let message = [scoped(site), counter.to_be_bytes().to_vec()].concat();
    let seed = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), &message);
    let mut seed = seed.as_ref().iter().map(|b| usize::from(*b));
    let mut pick = |length: usize| seed.next().unwrap_or(0) % length.max(1);
    let template = templates.get(pick(templates.len())).copied().unwrap_or_default();
    let chosen = template.bytes().filter_map(|class| {
        let characters = characters(class);
        characters.get(pick(characters.len())).copied()
    });
    Ok(Value::Str(chosen.collect::<Vec<u8>>().into()))
}

/// The password's first 32 bytes, filled up with zeros.
fn aes_key(password: &[u8]) -> Result<UnboundCipherKey, FuncError> {
    let mut key = [0; AES_256_KEY_LEN];
    for (byte, given) in key.iter_mut().zip(password) {
        *byte = *given;
    }
    UnboundCipherKey::new(&AES_256, &key).map_err(|_| "crypto/aes: invalid key size 32".into())
}

const BLOCK: usize = 16;

fn encrypt(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let plain = bytes(args, 1);
    if plain.is_empty() {
        return Ok(Value::from(""));
    }
    host.budget().string(plain.len().saturating_add(2 * BLOCK).saturating_mul(4) / 3)?;
    let failed = |_| FuncError::from("crypto/cipher: encryption failed");
    let padding = BLOCK - plain.len() % BLOCK;
    let mut sealed = plain.to_vec();
    sealed.resize(plain.len() + padding, u8::try_from(padding).unwrap_or(0));
    let mut iv = [0; AES_CBC_IV_LEN];
    host.random(&mut iv);
    let key = EncryptingKey::cbc(aes_key(bytes(args, 0))?).map_err(failed)?;
    key.less_safe_encrypt(&mut sealed, EncryptionContext::Iv128(FixedLength::from(&iv))).map_err(failed)?;
    Ok(Value::Str(base64::encode(&[&iv[..], &sealed].concat()).into()))
}

/// The error texts of malformed input are those of Go's panics, which Helm shows.
fn decrypt(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let sealed = text(args, 1);
    if sealed.is_empty() {
        return Ok(Value::from(""));
    }
    host.budget().string(sealed.len())?;
    // What Go's decoder reserves, and so what its panic names.
    let capacity = sealed.len() / 4 * 3;
    let sealed =
        base64::decode(sealed.as_bytes()).map_err(|at| format!("illegal base64 data at input byte {at}"))?;
    let Some((iv, body)) = sealed.split_first_chunk::<AES_CBC_IV_LEN>() else {
        return Err(format!("runtime error: slice bounds out of range [:16] with capacity {capacity}").into());
    };
    if body.is_empty() {
        return Err("runtime error: index out of range [-1]".into());
    }
    if !body.len().is_multiple_of(BLOCK) {
        return Err("crypto/cipher: input not full blocks".into());
    }
    let failed = |_| FuncError::from("crypto/cipher: decryption failed");
    let mut plain = body.to_vec();
    let key = DecryptingKey::cbc(aes_key(bytes(args, 0))?).map_err(failed)?;
    key.decrypt(&mut plain, DecryptionContext::Iv128(FixedLength::from(iv))).map_err(failed)?;
    let padding = usize::from(plain.last().copied().unwrap_or(0));
    match plain.len().checked_sub(padding) {
        Some(length) => {
            plain.truncate(length);
            Ok(Value::Str(plain.into()))
        }
        None => Err(format!("runtime error: slice bounds out of range [:-{}]", padding - plain.len()).into()),
    }
}
