//! Private keys: made, read from PEM, written to PEM, and signed with.
//!
//! All randomness is the host's, but for that of a signature on NIST's curves:
//! the library takes none for it but its own.

use aws_lc_rs::encoding::AsBigEndian;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair,
};

use super::der::{self, BIT_STRING, INTEGER, NULL, OCTET_STRING, OID, Reader, SEQUENCE};
use super::rsa::{self, Size};
use super::{dsa, pem};
use crate::template::function::Host;

/// A private key.
#[derive(Debug)]
pub enum PrivateKey {
    /// RSA.
    Rsa(rsa::Key),
    /// RSA too short for the library to sign with: its PKCS#1 form and its bits.
    ShortRsa(Vec<u8>, usize),
    /// On a curve of NIST.
    Ec(EcdsaKeyPair, &'static Curve),
    /// Ed25519.
    Ed25519(Ed25519KeyPair),
    /// DSA in its traditional form: cannot sign.
    Dsa(Vec<u8>),
}

/// What differs from curve to curve.
#[derive(Debug)]
pub struct Curve {
    oid: &'static [u8],
    algorithm: &'static EcdsaSigningAlgorithm,
    /// ecdsa-with-SHA256, -SHA384 or -SHA512.
    signature: &'static [u8],
}

static CURVES: [Curve; 3] = [
    Curve {
        oid: &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7],
        algorithm: &ECDSA_P256_SHA256_ASN1_SIGNING,
        signature: &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2],
    },
    Curve {
        oid: &[0x2b, 0x81, 4, 0, 34],
        algorithm: &ECDSA_P384_SHA384_ASN1_SIGNING,
        signature: &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3],
    },
    Curve {
        oid: &[0x2b, 0x81, 4, 0, 35],
        algorithm: &ECDSA_P521_SHA512_ASN1_SIGNING,
        signature: &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4],
    },
];

const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const SHA256_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];

impl PrivateKey {
    /// A new RSA key.
    pub fn rsa(host: &mut dyn Host, size: Size) -> Result<PrivateKey, String> {
        let key = rsa::Key::generate(secret(host), size);
        key.map(PrivateKey::Rsa).ok_or_else(|| "crypto/rsa: key generation failed".to_owned())
    }

    /// A new key on P-256.
    pub fn ecdsa(host: &mut dyn Host) -> Result<PrivateKey, String> {
        let [curve, ..] = &CURVES;
        // One secret in 2^32 is not below the curve's order.
        let mut pairs = (0..4).map(|_| ec_pair(curve, &secret(host)));
        let pair = pairs.find_map(Result::ok).ok_or("ecdsa: key generation failed")?;
        Ok(PrivateKey::Ec(pair, curve))
    }

    /// A new Ed25519 key.
    pub fn ed25519(host: &mut dyn Host) -> Result<PrivateKey, String> {
        Ed25519KeyPair::from_seed_unchecked(&secret(host))
            .map(PrivateKey::Ed25519)
            .map_err(|_| "ed25519: key generation failed".to_owned())
    }

    /// Reads the first PEM block; the error is Sprig's text.
    pub fn from_pem(text: &[u8]) -> Result<PrivateKey, String> {
        let block = pem::decode(text).ok_or("no PEM data in input")?;
        let label = String::from_utf8_lossy(&block.label).into_owned();
        let bytes = &block.bytes;
        match label.strip_suffix("PRIVATE KEY") {
            Some("") => PrivateKey::from_pkcs8(bytes).map_err(|e| format!("decoding PEM as PKCS#8: {e}")),
            Some("RSA ") => {
                PrivateKey::from_pkcs1(bytes).map_err(|e| format!("parsing RSA private key from PEM: {e}"))
            }
            Some("EC ") => PrivateKey::from_sec1(bytes, None)
                .map_err(|e| format!("parsing EC private key from PEM: {e}")),
            Some("DSA ") => match dsa::check(bytes) {
                Ok(()) => Ok(PrivateKey::Dsa(block.bytes)),
                Err(e) => Err(format!("parsing DSA private key from PEM: {e}")),
            },
            Some(kind) if kind.ends_with(' ') => Err(format!("invalid private key type {label}")),
            _ => Err(format!("no private key data in PEM block of type {label}")),
        }
    }

    fn from_pkcs1(bytes: &[u8]) -> Result<PrivateKey, String> {
        let mut outer = Reader::new(bytes);
        let mut numbers = Reader::new(outer.read(SEQUENCE).map_err(|e| e.to_string())?);
        let mut bits = 0;
        for i in 0..6 {
            let number = numbers.read(INTEGER).map_err(|e| e.to_string())?;
            if i == 1 {
                bits = bit_length(number);
            }
        }
        if bits < 2048 {
            return Ok(PrivateKey::ShortRsa(bytes.to_vec(), bits));
        }
        let key = rsa::Key::read(bytes).ok_or("crypto/rsa: invalid private key")?;
        Ok(PrivateKey::Rsa(key))
    }

    fn from_pkcs8(bytes: &[u8]) -> Result<PrivateKey, String> {
        let text = |e: der::DerError| e.to_string();
        let mut info = Reader::new(Reader::new(bytes).read(SEQUENCE).map_err(text)?);
        info.read(INTEGER).map_err(text)?;
        let mut algorithm = Reader::new(info.read(SEQUENCE).map_err(text)?);
        let key = info.read(OCTET_STRING).map_err(text)?;
        match algorithm.read(OID).map_err(text)? {
            RSA_ENCRYPTION => PrivateKey::from_pkcs1(key)
                .map_err(|e| format!("x509: failed to parse RSA private key embedded in PKCS#8: {e}")),
            EC_PUBLIC_KEY => PrivateKey::from_sec1(key, algorithm.read(OID).ok())
                .map_err(|e| format!("x509: failed to parse EC private key embedded in PKCS#8: {e}")),
            ED25519 => Ed25519KeyPair::from_pkcs8_maybe_unchecked(bytes)
                .map(PrivateKey::Ed25519)
                .map_err(|_| "x509: invalid Ed25519 private key".to_owned()),
            _ => Err("x509: PKCS#8 wrapping contained private key with unknown algorithm".to_owned()),
        }
    }

    /// SEC 1's form; the curve is said by PKCS#8 around it or by itself.
    fn from_sec1(bytes: &[u8], curve: Option<&[u8]>) -> Result<PrivateKey, String> {
        let text = |e: der::DerError| format!("x509: failed to parse EC private key: {e}");
        let mut parts = Reader::new(Reader::new(bytes).read(SEQUENCE).map_err(text)?);
        parts.read(INTEGER).map_err(text)?;
        let secret = parts.read(OCTET_STRING).map_err(text)?;
        let named = parts.optional(der::explicit(0)).map_err(text)?;
        let named = named.and_then(|content| Reader::new(content).read(OID).ok());
        let oid = curve.or(named).unwrap_or_default();
        let curve = CURVES.iter().find(|c| c.oid == oid).ok_or("x509: unknown elliptic curve")?;
        ec_pair(curve, secret).map(|pair| PrivateKey::Ec(pair, curve))
    }

    /// The PEM text, in the form Sprig gives each kind of key.
    pub fn to_pem(&self) -> Result<String, String> {
        let unreadable = |_| "x509: private key cannot be written".to_owned();
        Ok(match self {
            PrivateKey::Rsa(key) => pem::encode("RSA PRIVATE KEY", key.pkcs1()),
            PrivateKey::ShortRsa(pkcs1, _) => pem::encode("RSA PRIVATE KEY", pkcs1),
            PrivateKey::Dsa(bytes) => pem::encode("DSA PRIVATE KEY", bytes),
            PrivateKey::Ec(pair, curve) => {
                let secret = pair.private_key().as_be_bytes().map_err(unreadable)?;
                let parts = [
                    der::integer(&[1]),
                    der::element(OCTET_STRING, &[secret.as_ref()]),
                    der::element(der::explicit(0), &[&der::oid(curve.oid)]),
                    der::element(der::explicit(1), &[&der::bit_string(pair.public_key().as_ref())]),
                ];
                pem::encode("EC PRIVATE KEY", &der::element(SEQUENCE, &[&parts.concat()]))
            }
            PrivateKey::Ed25519(pair) => {
                let seed = pair.seed().map_err(unreadable)?;
                let seed = seed.as_be_bytes().map_err(unreadable)?;
                let parts = [
                    der::integer(&[]),
                    der::element(SEQUENCE, &[&der::oid(ED25519)]),
                    der::element(OCTET_STRING, &[&der::element(OCTET_STRING, &[seed.as_ref()])]),
                ];
                pem::encode("PRIVATE KEY", &der::element(SEQUENCE, &[&parts.concat()]))
            }
        })
    }

    /// The public key's bits; none of a key that cannot sign.
    pub fn public_bits(&self) -> Option<Vec<u8>> {
        match self {
            PrivateKey::Rsa(key) => Some(key.public()),
            PrivateKey::Ec(pair, _) => Some(pair.public_key().as_ref().to_vec()),
            PrivateKey::Ed25519(pair) => Some(pair.public_key().as_ref().to_vec()),
            // A sequence of the modulus and the public exponent.
            PrivateKey::ShortRsa(pkcs1, _) => {
                let mut numbers = Reader::new(Reader::new(pkcs1).read(SEQUENCE).ok()?);
                numbers.read(INTEGER).ok()?;
                Some(der::element(SEQUENCE, &[numbers.whole(INTEGER).ok()?, numbers.whole(INTEGER).ok()?]))
            }
            PrivateKey::Dsa(_) => None,
        }
    }

    /// The algorithm of the public key, as a certificate names it.
    pub fn public_algorithm(&self) -> Vec<u8> {
        let parts = match self {
            PrivateKey::Rsa(..) | PrivateKey::ShortRsa(..) => {
                [der::oid(RSA_ENCRYPTION), der::element(NULL, &[])]
            }
            PrivateKey::Ec(_, curve) => [der::oid(EC_PUBLIC_KEY), der::oid(curve.oid)],
            PrivateKey::Ed25519(_) => [der::oid(ED25519), Vec::new()],
            PrivateKey::Dsa(_) => [Vec::new(), Vec::new()],
        };
        der::element(SEQUENCE, &[&parts.concat()])
    }

    /// The algorithm of its signatures, as a certificate names it.
    pub fn signature_algorithm(&self) -> Vec<u8> {
        let parts = match self {
            PrivateKey::Rsa(..) | PrivateKey::ShortRsa(..) => {
                [der::oid(SHA256_WITH_RSA), der::element(NULL, &[])]
            }
            PrivateKey::Ec(_, curve) => [der::oid(curve.signature), Vec::new()],
            PrivateKey::Ed25519(_) => [der::oid(ED25519), Vec::new()],
            PrivateKey::Dsa(_) => [Vec::new(), Vec::new()],
        };
        der::element(SEQUENCE, &[&parts.concat()])
    }

    /// Signs `message`.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        const FAILED: &str = "x509: signing failed";
        match self {
            PrivateKey::Rsa(key) => key.sign(message).ok_or_else(|| FAILED.to_owned()),
            PrivateKey::Ec(pair, _) => {
                let signature = pair.sign(&SystemRandom::new(), message);
                signature.map(|s| s.as_ref().to_vec()).map_err(|_| FAILED.to_owned())
            }
            PrivateKey::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            PrivateKey::ShortRsa(_, bits @ 0..1024) => Err(format!(
                "crypto/rsa: {bits}-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)"
            )),
            // Go still signs with these.
            PrivateKey::ShortRsa(_, bits) => Err(format!("crypto/rsa: {bits}-bit keys are not supported")),
            PrivateKey::Dsa(_) => Err(FAILED.to_owned()),
        }
    }
}

/// A secret of the host's randomness.
fn secret(host: &mut dyn Host) -> [u8; 32] {
    let mut bytes = [0; 32];
    host.random(&mut bytes);
    bytes
}

fn ec_pair(curve: &Curve, secret: &[u8]) -> Result<EcdsaKeyPair, String> {
    let oid = der::oid(curve.oid);
    let plain = der::element(
        SEQUENCE,
        &[
            &der::integer(&[1]),
            &der::element(OCTET_STRING, &[secret]),
            &der::element(der::explicit(0), &[&oid]),
        ],
    );
    EcdsaKeyPair::from_private_key_der(curve.algorithm, &plain)
        .map_err(|_| "x509: invalid elliptic curve private key value".to_owned())
}

fn bit_length(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|b| **b == 0).count();
    let (_, bytes) = number.split_at(zeros);
    bytes.first().map_or(0, |first| bytes.len() * 8 - first.leading_zeros() as usize)
}

/// The bits of the key in a SubjectPublicKeyInfo.
pub fn bits_of(public: &[u8]) -> Option<&[u8]> {
    let mut info = Reader::new(Reader::new(public).read(SEQUENCE).ok()?);
    info.read(SEQUENCE).ok()?;
    info.read(BIT_STRING).ok()?.get(1..)
}
