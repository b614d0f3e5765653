//! Keys and certificates in the forms that Go's crypto/x509 writes and reads:
//! DER, PEM, PKCS#1, PKCS#8, SEC 1. Written here instead of with a certificate
//! library because the bytes have to be laid out as Go lays them out.

pub(super) mod certificate;
pub(super) mod der;
pub(super) mod dsa;
pub(super) mod key;
pub(super) mod pem;
mod prime;
pub(super) mod rsa;
