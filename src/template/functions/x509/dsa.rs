//! DSA keys, which only `genPrivateKey "dsa"` makes. Nothing can be signed with
//! them, as in Go.

use dsa::signature::rand_core::{TryCryptoRng, TryRng};
use dsa::{Components, KeySize, SigningKey};

use super::der::{self, DerError, INTEGER, Reader, SEQUENCE};
use crate::template::budget::Exceeded;
use crate::template::function::Host;

/// Makes a key of 2048 and 256 bits in the traditional form: version, p, q, g,
/// y, x. Looks at the budget's deadline whenever it needs randomness, since
/// finding the primes can take seconds.
pub fn generate(host: &mut dyn Host) -> Result<Vec<u8>, Exceeded> {
    let mut source = Source(host);
    let components = Components::try_generate_from_rng_with_key_size(&mut source, KeySize::DSA_2048_256)?;
    let key = SigningKey::try_generate_from_rng_with_components(&mut source, components)?;
    let public = key.verifying_key();
    let number = |n: &dsa::BoxedUint| der::integer(&n.to_be_bytes());
    let parts = [
        der::integer(&[]),
        number(public.components().p()),
        number(public.components().q()),
        number(public.components().g()),
        number(public.y()),
        number(key.x()),
    ];
    Ok(der::element(SEQUENCE, &[&parts.concat()]))
}

/// Checks the form of a key.
pub fn check(bytes: &[u8]) -> Result<(), DerError> {
    let mut numbers = Reader::new(Reader::new(bytes).read(SEQUENCE)?);
    for _ in 0..6 {
        numbers.read(INTEGER)?;
    }
    Ok(())
}

/// The host's randomness, for as long as the budget lasts.
struct Source<'a>(&'a mut dyn Host);

impl TryRng for Source<'_> {
    type Error = Exceeded;

    fn try_next_u32(&mut self) -> Result<u32, Exceeded> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Exceeded> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Exceeded> {
        self.0.budget().check()?;
        self.0.random(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Source<'_> {}
