//! X.509 certificates as Sprig makes them with Go's `x509.CreateCertificate`.

use aws_lc_rs::digest;

use super::der::{self, DerError, OCTET_STRING, Reader, SEQUENCE};
use super::key::{PrivateKey, bits_of};
use super::pem;
use crate::data::time::Time;
use crate::data::url::address::{self, Address};

/// What a new certificate says.
#[derive(Debug)]
pub struct Template {
    /// Big-endian.
    pub serial: [u8; 16],
    /// The subject's only attribute; none where it is empty.
    pub common_name: Vec<u8>,
    /// Names in the order given.
    pub names: Vec<Vec<u8>>,
    /// Addresses in the order given.
    pub addresses: Vec<Address>,
    /// From.
    pub not_before: Time,
    /// To.
    pub not_after: Time,
    /// Whether it may sign others.
    pub is_ca: bool,
}

/// The signer's certificate, as far as it goes into those it signs.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// Its subject, encoded.
    subject: Vec<u8>,
    /// Its key's bits.
    bits: Vec<u8>,
    /// Its subject key identifier, perhaps empty.
    key_id: Vec<u8>,
}

const COMMON_NAME: &[u8] = &[0x55, 4, 3];
const KEY_USAGE: &[u8] = &[0x55, 29, 15];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 29, 37];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 29, 19];
const SUBJECT_KEY_ID: &[u8] = &[0x55, 29, 14];
const AUTHORITY_KEY_ID: &[u8] = &[0x55, 29, 35];
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 29, 17];
const SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
const CLIENT_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];

impl Template {
    /// The certificate of `key`, signed by `signer` (by `key` itself without an
    /// issuer), in PEM. The error is Go's text.
    pub fn sign(
        &self,
        key: &PrivateKey,
        issuer: Option<&Issuer>,
        signer: &PrivateKey,
    ) -> Result<String, String> {
        let signer_bits =
            signer.public_bits().ok_or("x509: certificate private key does not implement crypto.Signer")?;
        let bits = key.public_bits().ok_or("x509: unsupported public key type: *dsa.PublicKey")?;
        let subject = subject(&self.common_name)?;
        let issuer_subject = issuer.map_or(&subject, |i| &i.subject);
        if issuer.is_some_and(|i| i.bits != signer_bits) {
            return Err("x509: provided PrivateKey doesn't match parent's PublicKey".to_owned());
        }
        let authority = issuer.filter(|_| *issuer_subject != subject).map(|i| i.key_id.as_slice());
        let extensions = self.extensions(&bits, authority.unwrap_or_default(), &subject)?;
        let algorithm = signer.signature_algorithm();
        let body = der::element(
            SEQUENCE,
            &[
                &der::element(der::explicit(0), &[&der::integer(&[2])]),
                &der::integer(&self.serial),
                &algorithm,
                issuer_subject,
                &der::element(SEQUENCE, &[&moment(&self.not_before)?, &moment(&self.not_after)?]),
                &subject,
                &der::element(SEQUENCE, &[&key.public_algorithm(), &der::bit_string(&bits)]),
                &der::element(der::explicit(3), &[&der::element(SEQUENCE, &[&extensions])]),
            ],
        );
        let signature = der::bit_string(&signer.sign(&body)?);
        Ok(pem::encode("CERTIFICATE", &der::element(SEQUENCE, &[&body, &algorithm, &signature])))
    }

    /// In the order in which Go writes them.
    fn extensions(&self, bits: &[u8], authority: &[u8], subject: &[u8]) -> Result<Vec<u8>, String> {
        // Digital signature and key encipherment; of a CA certificate signing, too.
        let usage: [u8; 2] = if self.is_ca { [2, 0xa4] } else { [5, 0xa0] };
        let mut out = extension(KEY_USAGE, true, &der::element(der::BIT_STRING, &[&usage]));
        let purposes = der::element(SEQUENCE, &[&der::oid(SERVER_AUTH), &der::oid(CLIENT_AUTH)]);
        out.extend(extension(EXTENDED_KEY_USAGE, false, &purposes));
        let ca = if self.is_ca { der::element(der::BOOLEAN, &[&[0xff]]) } else { Vec::new() };
        out.extend(extension(BASIC_CONSTRAINTS, true, &der::element(SEQUENCE, &[&ca])));
        if self.is_ca {
            // Go takes the first 160 bits of SHA-256 (RFC 7093).
            let hash = digest::digest(&digest::SHA256, bits);
            let id = hash.as_ref().get(..20).unwrap_or_default();
            out.extend(extension(SUBJECT_KEY_ID, false, &der::element(OCTET_STRING, &[id])));
        }
        if !authority.is_empty() {
            let id = der::element(SEQUENCE, &[&der::element(0x80, &[authority])]);
            out.extend(extension(AUTHORITY_KEY_ID, false, &id));
        }
        if !(self.names.is_empty() && self.addresses.is_empty()) {
            let names = der::element(SEQUENCE, &[&self.alternative_names()?]);
            // Without a subject, these are all that names the holder.
            out.extend(extension(ALTERNATIVE_NAMES, subject == der::element(SEQUENCE, &[]), &names));
        }
        Ok(out)
    }

    fn alternative_names(&self) -> Result<Vec<u8>, String> {
        let mut out = Vec::new();
        for name in &self.names {
            if !name.is_ascii() {
                let name = crate::template::print::quote(name);
                return Err(format!("x509: {name} cannot be encoded as an IA5String"));
            }
            out.extend(der::element(0x82, &[name]));
        }
        for address in &self.addresses {
            out.extend(match address {
                Address::V4(bytes) => der::element(0x87, &[bytes]),
                Address::V6(bytes, _) => {
                    match bytes.strip_prefix(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]) {
                        Some(v4) => der::element(0x87, &[v4]),
                        None => der::element(0x87, &[bytes]),
                    }
                }
            });
        }
        Ok(out)
    }
}

fn extension(id: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { der::element(der::BOOLEAN, &[&[0xff]]) } else { Vec::new() };
    der::element(SEQUENCE, &[&der::oid(id), &critical, &der::element(OCTET_STRING, &[value])])
}

fn subject(common_name: &[u8]) -> Result<Vec<u8>, String> {
    if common_name.is_empty() {
        return Ok(der::element(SEQUENCE, &[]));
    }
    if std::str::from_utf8(common_name).is_err() {
        return Err("asn1: string not valid UTF-8".to_owned());
    }
    let printable = |b: &u8| b.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(b);
    let tag = if common_name.iter().all(printable) { der::PRINTABLE_STRING } else { der::UTF8_STRING };
    let attribute = der::element(SEQUENCE, &[&der::oid(COMMON_NAME), &der::element(tag, &[common_name])]);
    Ok(der::element(SEQUENCE, &[&der::element(der::SET, &[&attribute])]))
}

/// UTCTime where its two digits of the year suffice, GeneralizedTime elsewhere.
fn moment(time: &Time) -> Result<Vec<u8>, String> {
    match time.civil().year {
        1950..2050 => Ok(der::element(der::UTC_TIME, &[&time.format(b"060102150405Z")])),
        0..=9999 => Ok(der::element(der::GENERALIZED_TIME, &[&time.format(b"20060102150405Z")])),
        _ => Err("asn1: structure error: cannot represent time as GeneralizedTime".to_owned()),
    }
}

impl Issuer {
    /// Reads a certificate's DER; the error is Go's text.
    pub fn parse(bytes: &[u8]) -> Result<Issuer, String> {
        let malformed = |what: &'static str| move |_: DerError| format!("x509: malformed {what}");
        let mut outer = Reader::new(bytes);
        let mut parts = Reader::new(outer.read(SEQUENCE).map_err(malformed("certificate"))?);
        if !outer.is_empty() {
            return Err("x509: trailing data".to_owned());
        }
        let mut body = Reader::new(parts.read(SEQUENCE).map_err(malformed("tbs certificate"))?);
        body.optional(der::explicit(0)).map_err(malformed("version"))?;
        body.read(der::INTEGER).map_err(malformed("serial number"))?;
        body.read(SEQUENCE).map_err(malformed("signature algorithm identifier"))?;
        parts.read(SEQUENCE).map_err(malformed("algorithm identifier"))?;
        body.read(SEQUENCE).map_err(malformed("issuer"))?;
        body.read(SEQUENCE).map_err(malformed("validity"))?;
        let subject = body.whole(SEQUENCE).map_err(malformed("issuer"))?;
        let public = body.whole(SEQUENCE).map_err(malformed("spki"))?;
        let bits = bits_of(public).ok_or("x509: malformed public key")?;
        let key_id = key_id(body).map_err(malformed("extensions"))?;
        parts.read(der::BIT_STRING).map_err(malformed("signature"))?;
        Ok(Issuer { subject: subject.to_vec(), bits: bits.to_vec(), key_id })
    }
}

/// The subject key identifier among what follows the public key; empty where
/// there is none.
fn key_id(mut body: Reader<'_>) -> Result<Vec<u8>, DerError> {
    while !body.is_empty() {
        let (tag, content, _) = body.any()?;
        if tag != der::explicit(3) {
            continue;
        }
        let mut extensions = Reader::new(Reader::new(content).read(SEQUENCE)?);
        while !extensions.is_empty() {
            let mut extension = Reader::new(extensions.read(SEQUENCE)?);
            let id = extension.read(der::OID)?;
            extension.optional(der::BOOLEAN)?;
            let value = extension.read(OCTET_STRING)?;
            if id == SUBJECT_KEY_ID {
                return Ok(Reader::new(value).read(OCTET_STRING)?.to_vec());
            }
        }
    }
    Ok(Vec::new())
}

/// Go's `net.ParseIP`: no zones.
pub fn parse_ip(text: &[u8]) -> Option<Address> {
    address::parse(text).ok().filter(|a| !matches!(a, Address::V6(_, true)))
}
