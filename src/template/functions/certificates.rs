//! Certificates: authorities, and certificates signed by them or by themselves.

use std::any::Any;
use std::rc::Rc;

use super::args::{any, bytes, elements, int, row};
use super::x509::certificate::{Issuer, Template, parse_ip};
use super::x509::key::PrivateKey;
use super::x509::pem;
use super::x509::rsa::Size;
use crate::data::time::Time;
use crate::data::url::address::Address;
use crate::data::{Kind, Object, Str, Ty, Value, base64};
use crate::template::function::{FuncError, Function, Host};
use crate::template::print;

const CERTIFICATE: &str = "sprig.certificate";

/// The group's functions.
pub static FUNCTIONS: &[Function] = &[
    row(
        "genCA",
        &[Ty::Str, Ty::Int],
        "a new certificate authority of a common name and days of validity: its Cert and Key",
        &[
            (
                r#"{{ $ca := genCA "a" 1 }}{{ $ca.Cert | trunc 27 }} {{ $ca.Key | trunc 31 }}"#,
                "-----BEGIN CERTIFICATE----- -----BEGIN RSA PRIVATE KEY-----",
            ),
            (r#"{{ genCA "a" 1 | typeOf }}"#, "sprig.certificate"),
        ],
        |host, args| make(host, args, &Request { ca: true, days: 1, ..Request::default() }),
    ),
    row(
        "genCAWithKey",
        &[Ty::Str, Ty::Int, Ty::Str],
        "a new certificate authority of a common name, days of validity and a private key in PEM",
        &[
            (
                r#"{{ (genCAWithKey "a" 1 (genPrivateKey "ecdsa")).Key | trunc 30 }}"#,
                "-----BEGIN EC PRIVATE KEY-----",
            ),
            (r#"{{ genCAWithKey "a" 1 "x" }}"#, "!parsing private key: no PEM data in input"),
        ],
        |host, args| make(host, args, &Request { ca: true, days: 1, key: Some(2), ..Request::default() }),
    ),
    row(
        "genSelfSignedCert",
        &[Ty::Str, Ty::ListAny, Ty::ListAny, Ty::Int],
        "a new self-signed certificate of a common name, addresses, DNS names and days of validity",
        &[
            (
                r#"{{ (genSelfSignedCert "a" (list "10.0.0.1") (list "b.c") 9).Cert | trunc 27 }}"#,
                "-----BEGIN CERTIFICATE-----",
            ),
            (r#"{{ genSelfSignedCert "a" (list "x") nil 1 }}"#, "!error parsing ip: x"),
        ],
        |host, args| make(host, args, &Request { names: true, days: 3, ..Request::default() }),
    ),
    row(
        "genSelfSignedCertWithKey",
        &[Ty::Str, Ty::ListAny, Ty::ListAny, Ty::Int, Ty::Str],
        "a new self-signed certificate, as genSelfSignedCert, of a private key in PEM",
        &[(
            r#"{{ (genSelfSignedCertWithKey "a" nil nil 9 (genPrivateKey "ed25519")).Key | trunc 27 }}"#,
            "-----BEGIN PRIVATE KEY-----",
        )],
        |host, args| make(host, args, &Request { names: true, days: 3, key: Some(4), ..Request::default() }),
    ),
    row(
        "genSignedCert",
        &[Ty::Str, Ty::ListAny, Ty::ListAny, Ty::Int, Ty::Object(CERTIFICATE)],
        "a new certificate of a common name, addresses, DNS names and days of validity, signed by an authority",
        &[(
            r#"{{ (genSignedCert "a" nil (list "b.c") 9 (genCA "ca" 9)).Cert | trunc 27 }}"#,
            "-----BEGIN CERTIFICATE-----",
        )],
        |host, args| {
            make(host, args, &Request { names: true, days: 3, issuer: Some(4), ..Request::default() })
        },
    ),
    row(
        "genSignedCertWithKey",
        &[Ty::Str, Ty::ListAny, Ty::ListAny, Ty::Int, Ty::Object(CERTIFICATE), Ty::Str],
        "a new certificate signed by an authority, as genSignedCert, of a private key in PEM",
        &[(
            r#"{{ (genSignedCertWithKey "a" nil nil 9 (genCA "ca" 9) (genPrivateKey "ecdsa")).Key | trunc 30 }}"#,
            "-----BEGIN EC PRIVATE KEY-----",
        )],
        |host, args| {
            make(
                host,
                args,
                &Request { names: true, days: 3, issuer: Some(4), key: Some(5), ..Request::default() },
            )
        },
    ),
    row(
        "buildCustomCert",
        &[Ty::Str, Ty::Str],
        "a certificate of base64 texts of its PEM and of its key's PEM, for genSignedCert",
        &[
            (
                r#"{{ $ca := genCA "a" 1 }}{{ (buildCustomCert (b64enc $ca.Cert) (b64enc $ca.Key)).Cert | eq $ca.Cert }}"#,
                "true",
            ),
            (r#"{{ buildCustomCert "a" "b" }}"#, "!unable to decode base64 certificate"),
        ],
        build_custom,
    ),
];

/// Which arguments a function has, and where.
#[derive(Default)]
struct Request {
    ca: bool,
    /// Addresses and DNS names are arguments 1 and 2.
    names: bool,
    days: usize,
    issuer: Option<usize>,
    key: Option<usize>,
}

fn make(host: &mut dyn Host, args: &[Value], request: &Request) -> Result<Value, FuncError> {
    host.budget().expensive()?;
    let key = match request.key {
        Some(at) => PrivateKey::from_pem(bytes(args, at)).map_err(|e| format!("parsing private key: {e}"))?,
        None => {
            PrivateKey::rsa(host, Size::Bits2048).map_err(|e| format!("error generating rsa key: {e}"))?
        }
    };
    let issuer = request.issuer.map(|at| issuer(any(args, at))).transpose()?;
    let template = template(host, args, request)?;
    let (signer_certificate, signer) = match &issuer {
        Some((certificate, key)) => (Some(certificate), key),
        None => (None, &key),
    };
    let certificate = template
        .sign(&key, signer_certificate, signer)
        .map_err(|e| format!("error creating certificate: {e}"))?;
    Ok(Certificate { cert: certificate.into(), key: key.to_pem()?.into() }.into_value())
}

fn template(host: &mut dyn Host, args: &[Value], request: &Request) -> Result<Template, FuncError> {
    let (mut addresses, mut names) = (Vec::new(), Vec::new());
    if request.names {
        addresses = items(any(args, 1), ip)?;
        names = items(any(args, 2), |item| match item {
            Value::Str(name) => Ok(name.as_bytes().to_vec()),
            other => Err(format!("error processing alternate dns name: {} is not a string", shown(other))),
        })?;
        host.budget().items(addresses.len() + names.len())?;
    }
    let mut serial = [0; 16];
    host.random(&mut serial);
    let now = Time::now(host.now());
    // Go's multiplication wraps, too.
    const DAY: i64 = 24 * 3600 * 1_000_000_000;
    let not_after = now.add(int(args, request.days).wrapping_mul(DAY));
    let common_name = bytes(args, 0).to_vec();
    Ok(Template { serial, common_name, names, addresses, not_before: now, not_after, is_ca: request.ca })
}

fn items<T>(list: &Value, read: impl Fn(&Value) -> Result<T, String>) -> Result<Vec<T>, String> {
    elements(list).map_or_else(|| Ok(Vec::new()), |items| items.iter().map(read).collect())
}

fn ip(item: &Value) -> Result<Address, String> {
    match item {
        Value::Str(text) => parse_ip(text.as_bytes()).ok_or_else(|| format!("error parsing ip: {text}")),
        other => Err(format!("error parsing ip: {} is not a string", shown(other))),
    }
}

/// Go's `%v`.
fn shown(value: &Value) -> Str {
    print::value_text(value).unwrap_or_default()
}

fn issuer(value: &Value) -> Result<(Issuer, PrivateKey), String> {
    let empty = Certificate::default();
    let ca = Certificate::from_value(value).unwrap_or(&empty);
    let block = pem::decode(ca.cert.as_bytes()).ok_or("unable to decode certificate")?;
    let issuer = Issuer::parse(&block.bytes)
        .map_err(|e| format!("error parsing certificate: decodedSignerCert.Bytes: {e}"))?;
    let key =
        PrivateKey::from_pem(ca.key.as_bytes()).map_err(|e| format!("error parsing private key: {e}"))?;
    Ok((issuer, key))
}

fn build_custom(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    // Checking an RSA key costs about a millisecond.
    host.budget().expensive()?;
    let cert =
        base64::decode(bytes(args, 0)).map_err(|_| "unable to decode base64 certificate".to_owned())?;
    let key = base64::decode(bytes(args, 1)).map_err(|_| "unable to decode base64 private key".to_owned())?;
    let block = pem::decode(&cert).ok_or("unable to decode certificate")?;
    Issuer::parse(&block.bytes).map_err(|e| format!("error parsing certificate: decodedCert.Bytes: {e}"))?;
    PrivateKey::from_pem(&key).map_err(|e| format!("error parsing private key: {e}"))?;
    Ok(Certificate { cert: cert.into(), key: key.into() }.into_value())
}

/// Sprig's struct of a certificate and its key, both in PEM.
#[derive(Debug, Default)]
struct Certificate {
    cert: Str,
    key: Str,
}

impl Certificate {
    fn into_value(self) -> Value {
        Value::Object(Rc::new(self))
    }

    fn from_value(value: &Value) -> Option<&Certificate> {
        let Value::Object(object) = value else { return None };
        object.as_any().downcast_ref()
    }
}

impl Object for Certificate {
    fn type_name(&self) -> &'static str {
        CERTIFICATE
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![("Cert", Value::Str(self.cert.clone())), ("Key", Value::Str(self.key.clone()))]
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
