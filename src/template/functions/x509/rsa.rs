//! RSA keys: made out of randomness that is handed in, and PKCS#1 signatures
//! with them. The library that does the rest draws from a generator of its own,
//! which takes longer to start than a whole render.

use aws_lc_rs::digest;
use aws_lc_rs::rsa::KeyPair;
use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, ConcatenatingMul, Odd, U1024, U2048};

use super::der::{self, INTEGER, Reader, SEQUENCE};
use super::prime::{self, EXPONENT, SEED};

/// How long a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// 2048 bits.
    Bits2048,
    /// 4096 bits.
    Bits4096,
}

/// A private key of two primes.
#[derive(Clone)]
pub struct Key {
    pkcs1: Vec<u8>,
    /// Modulus and exponents, primes, the primes' exponents, and the inverse of
    /// the second prime, each big-endian.
    numbers: [Vec<u8>; 8],
}

/// Secrets are not for logs.
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("rsa::Key")
    }
}

impl Key {
    /// A new key out of the seed; none where the seed is one in 2^100 that gives
    /// primes too close to each other.
    pub fn generate(seed: [u8; SEED], size: Size) -> Option<Key> {
        match size {
            Size::Bits2048 => primes::<{ U1024::LIMBS }>(seed),
            Size::Bits4096 => primes::<{ U2048::LIMBS }>(seed),
        }
        .and_then(|(p, q)| Key::of_primes(p, q))
    }

    fn of_primes(p: BoxedUint, q: BoxedUint) -> Option<Key> {
        let (p, q) = if p > q { (p, q) } else { (q, p) };
        // Close primes can be found from their product (FIPS 186-5, A.1.3).
        if (&p - &q).bits() + 100 < p.bits_precision() {
            return None;
        }
        let one = BoxedUint::one();
        let (less_p, less_q) = (p.wrapping_sub(&one), q.wrapping_sub(&one));
        let inverse = q.invert_odd_mod(&Odd::new(p.clone()).into_option()?).into_option()?;
        let numbers = [
            p.concatenating_mul(&q).to_be_bytes().into_vec(),
            EXPONENT.to_be_bytes().to_vec(),
            inverse_of_exponent(&less_p.concatenating_mul(&less_q).to_be_bytes()),
            p.to_be_bytes().into_vec(),
            q.to_be_bytes().into_vec(),
            inverse_of_exponent(&less_p.to_be_bytes()),
            inverse_of_exponent(&less_q.to_be_bytes()),
            inverse.to_be_bytes().into_vec(),
        ];
        let mut parts = der::integer(&[]);
        numbers.iter().for_each(|number| parts.extend(der::integer(number)));
        Some(Key { pkcs1: der::element(SEQUENCE, &[&parts]), numbers })
    }

    /// Reads a key of at least 2048 bits from its PKCS#1 form; none where its
    /// numbers do not fit together.
    pub fn read(pkcs1: &[u8]) -> Option<Key> {
        KeyPair::from_der(pkcs1).ok()?;
        let mut parts = Reader::new(Reader::new(pkcs1).read(SEQUENCE).ok()?);
        parts.read(INTEGER).ok()?;
        let mut numbers: [Vec<u8>; 8] = Default::default();
        for number in &mut numbers {
            *number = parts.read(INTEGER).ok()?.to_vec();
        }
        Some(Key { pkcs1: pkcs1.to_vec(), numbers })
    }

    /// The PKCS#1 form.
    pub fn pkcs1(&self) -> &[u8] {
        &self.pkcs1
    }

    /// The public key's PKCS#1 form.
    pub fn public(&self) -> Vec<u8> {
        let [n, e, ..] = &self.numbers;
        der::element(SEQUENCE, &[&der::integer(n), &der::integer(e)])
    }

    /// Signs the SHA-256 of `message` (RSASSA-PKCS1-v1_5); none where the
    /// signature does not verify, since the key's numbers would leak by it.
    pub fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let [n, e, _, p, q, exponent_p, exponent_q, inverse] =
            self.numbers.each_ref().map(|number| BoxedUint::from_be_slice_vartime(trimmed(number)));
        let [length, ..] = self.numbers.each_ref().map(|number| trimmed(number).len());
        let padded = BoxedUint::from_be_slice(&padded(message, length)?, n.bits_precision()).ok()?;
        let by_p = power(&padded, &exponent_p, &p)?;
        let by_q = power(&padded, &exponent_q, &q)?;
        // The one number that leaves both remainders (Garner).
        let field = BoxedMontyParams::new(Odd::new(p).into_option()?);
        let of = |number: &BoxedUint| reduced(number, &field);
        let factor = of(&by_p)?.sub(&of(&by_q)?).mul(&of(&inverse)?).retrieve();
        let signature = factor.concatenating_mul(&q).concatenating_add(&by_q);
        let bytes = signature.to_be_bytes();
        let (zeros, signature) = bytes.split_at(bytes.len().checked_sub(length)?);
        let number = BoxedUint::from_be_slice(signature, n.bits_precision()).ok()?;
        let opened = power(&number, &e, &n)?;
        (zeros.iter().all(|b| *b == 0) && opened == padded).then(|| signature.to_vec())
    }
}

fn primes<const LIMBS: usize>(seed: [u8; SEED]) -> Option<(BoxedUint, BoxedUint)> {
    let [p, q] = prime::pair::<LIMBS>(seed)?;
    Some((BoxedUint::from(p), BoxedUint::from(q)))
}

/// `number^exponent` modulo an odd number, in a time that tells neither.
fn power(number: &BoxedUint, exponent: &BoxedUint, modulus: &BoxedUint) -> Option<BoxedUint> {
    let field = BoxedMontyParams::new(Odd::new(modulus.clone()).into_option()?);
    Some(reduced(number, &field)?.pow_bounded_exp(exponent, exponent.bits()).retrieve())
}

fn reduced(number: &BoxedUint, field: &BoxedMontyParams) -> Option<BoxedMontyForm> {
    let modulus = field.modulus().as_nz_ref();
    Some(BoxedMontyForm::new(number.rem(modulus), field))
}

/// The inverse of [`EXPONENT`] modulo `number`, which it does not divide: the one
/// multiple of `number`, plus one, that the exponent divides.
fn inverse_of_exponent(number: &[u8]) -> Vec<u8> {
    let e = u64::from(EXPONENT);
    let rest = prime::by_exponent(number.iter());
    // The exponent is prime: rest^(e-2) is rest's inverse.
    let (mut inverse, mut square, mut exponent) = (1, rest, e - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            inverse = inverse * square % e;
        }
        square = square * square % e;
        exponent >>= 1;
    }
    let times = (e - inverse) % e;
    let mut carry = 1;
    let mut product: Vec<u8> = Vec::with_capacity(number.len() + 3);
    for byte in number.iter().rev().chain([&0; 3]) {
        carry += u64::from(*byte) * times;
        product.push(low_byte(carry));
        carry >>= 8;
    }
    let mut rest = 0;
    let quotient = product.iter().rev().map(|byte| {
        rest = rest << 8 | u64::from(*byte);
        let digit = rest / e;
        rest %= e;
        low_byte(digit)
    });
    quotient.collect()
}

fn low_byte(number: u64) -> u8 {
    number.to_le_bytes()[0]
}

fn trimmed(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|b| **b == 0).count();
    number.split_at(zeros).1
}

/// EMSA-PKCS1-v1_5 of SHA-256.
fn padded(message: &[u8], length: usize) -> Option<Vec<u8>> {
    const SHA_256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
    let hash = digest::digest(&digest::SHA256, message);
    let algorithm = der::element(SEQUENCE, &[&der::oid(SHA_256), &der::element(der::NULL, &[])]);
    let info = der::element(SEQUENCE, &[&algorithm, &der::element(der::OCTET_STRING, &[hash.as_ref()])]);
    let mut out = vec![0xff; length.checked_sub(info.len() + 1)?];
    out.splice(..2, [0, 1]);
    out.push(0);
    out.extend(info);
    Some(out)
}
