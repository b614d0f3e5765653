//! Primes for RSA keys, found in a stream of randomness: the same seed gives the
//! same prime, on any machine.

use std::convert::Infallible;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_lc_rs::digest;
use crypto_bigint::rand_core::{TryCryptoRng, TryRng};
use crypto_bigint::{Odd, Uint};
use crypto_primes::hazmat::MillerRabin;

use super::fermat;

/// RSA's public exponent, as Go chooses it.
pub const EXPONENT: u32 = 65_537;

/// Odd numbers that are looked at from one random start on.
const WINDOW: usize = 8192;

/// Rounds of Miller and Rabin's test with random bases (FIPS 186-5, table B.1).
const ROUNDS: usize = 5;

/// Threads that look for one prime: more would wait for the one that finds it.
const MOST_THREADS: usize = 8;

/// Bytes of a seed.
pub const SEED: usize = 32;

/// Random bytes out of a seed: SHA-256 of the seed, the stream's number and a
/// counter.
pub struct Stream {
    seed: [u8; SEED],
    number: u8,
    counter: u64,
}

impl Stream {
    /// One of the 256 independent streams of a seed.
    pub fn new(seed: [u8; SEED], number: u8) -> Stream {
        Stream { seed, number, counter: 0 }
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(SEED) {
            let block = [&self.seed[..], &[self.number], &self.counter.to_le_bytes()].concat();
            self.counter = self.counter.wrapping_add(1);
            let hash = digest::digest(&digest::SHA256, &block);
            for (byte, random) in chunk.iter_mut().zip(hash.as_ref()) {
                *byte = *random;
            }
        }
        Ok(())
    }
}

impl TryCryptoRng for Stream {}

/// A prime of `LIMBS` words with its two highest bits set, so that the product
/// of two has twice the bits, and fit for [`EXPONENT`]. All cores look for it; which
/// one it is does not depend on how many there are. None where a thread panicked.
pub fn find<const LIMBS: usize>(stream: &mut Stream) -> Option<Uint<LIMBS>> {
    loop {
        let start = start::<LIMBS>(stream);
        let composite = sieve(start.to_le_bytes().as_ref());
        let candidates: Vec<Odd<Uint<LIMBS>>> = composite
            .iter()
            .enumerate()
            .filter(|(_, composite)| !**composite)
            .filter_map(|(i, _)| fit(start.wrapping_add(&Uint::from(2 * i as u64)), &start))
            .collect();
        let mut rest = candidates.as_slice();
        while let Some(found) = first_probable(rest)? {
            let (tested, untested) = rest.split_at_checked(found + 1)?;
            let candidate = tested.last()?;
            if is_prime(candidate, stream)? {
                return Some(*candidate.as_ref());
            }
            rest = untested;
        }
    }
}

/// A candidate that did not overflow and that [`EXPONENT`] can be inverted for.
fn fit<const LIMBS: usize>(candidate: Uint<LIMBS>, start: &Uint<LIMBS>) -> Option<Odd<Uint<LIMBS>>> {
    let fits = candidate >= *start && remainder(candidate.to_le_bytes().as_ref(), u64::from(EXPONENT)) != 1;
    Odd::new(candidate).into_option().filter(|_| fits)
}

/// The place of the first candidate that passes Fermat's test. The outer none says
/// that a thread panicked.
fn first_probable<const LIMBS: usize>(candidates: &[Odd<Uint<LIMBS>>]) -> Option<Option<usize>> {
    let (next, found) = (AtomicUsize::new(0), AtomicUsize::new(candidates.len()));
    let work = || loop {
        let at = next.fetch_add(1, Ordering::Relaxed);
        match candidates.get(at) {
            // What comes behind one that was found is not asked for.
            Some(candidate) if at < found.load(Ordering::Relaxed) => {
                if fermat::passes(candidate) {
                    found.fetch_min(at, Ordering::Relaxed);
                }
            }
            _ => return,
        }
    };
    let all_well = on_all_cores(work);
    let found = found.into_inner();
    all_well.then_some((found < candidates.len()).then_some(found))
}

/// Does `work` on all cores at the same time; says whether none of them panicked.
fn on_all_cores(work: impl Fn() + Copy + Send + Sync) -> bool {
    let others = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS) - 1;
    std::thread::scope(|scope| {
        // Where there is no thread to be had, this one does all of it.
        let spawn = |_| std::thread::Builder::new().name("prime".to_owned()).spawn_scoped(scope, work).ok();
        let threads: Vec<_> = (0..others).filter_map(spawn).collect();
        work();
        threads.into_iter().all(|thread| thread.join().is_ok())
    })
}

/// Where the search starts: an odd number with its two highest bits set.
fn start<const LIMBS: usize>(stream: &mut Stream) -> Uint<LIMBS> {
    number(stream, |bytes| {
        if let [first, .., last] = bytes {
            *first |= 1;
            *last |= 0xc0;
        }
    })
}

/// A random number, its little-endian bytes changed by `change`.
fn number<const LIMBS: usize>(stream: &mut Stream, change: impl FnOnce(&mut [u8])) -> Uint<LIMBS> {
    let mut bytes = Uint::<LIMBS>::ZERO.to_le_bytes();
    let filled: &mut [u8] = bytes.as_mut();
    let _ = stream.try_fill_bytes(filled);
    change(filled);
    Uint::from_le_slice(bytes.as_ref())
}

/// The odd primes below 2^16.
static SMALL: LazyLock<Vec<u32>> = LazyLock::new(|| {
    let mut composite = vec![false; 1 << 15];
    let mut primes = Vec::with_capacity(6541);
    for i in 1..composite.len() {
        if composite.get(i) == Some(&false) {
            let prime = 2 * i + 1;
            primes.extend(u32::try_from(prime));
            composite.iter_mut().skip(prime * prime / 2).step_by(prime).for_each(|c| *c = true);
        }
    }
    primes
});

/// Which of the odd numbers from a little-endian one on have a small factor.
fn sieve(start: &[u8]) -> Vec<bool> {
    let mut composite = vec![false; WINDOW];
    for pair in SMALL.chunks(2) {
        // One pass over the long number serves two primes.
        let product = pair.iter().map(|p| u64::from(*p)).product::<u64>();
        let remainder = remainder(start, product);
        for prime in pair.iter().map(|p| u64::from(*p)) {
            let missing = (prime - remainder % prime) % prime;
            // Half of what is missing, as the numbers are two apart.
            let first = if missing.is_multiple_of(2) { missing / 2 } else { missing.midpoint(prime) };
            let (first, step) = (first as usize, prime as usize);
            composite.iter_mut().skip(first).step_by(step).for_each(|c| *c = true);
        }
    }
    composite
}

/// The remainder of a little-endian number by one below 2^32.
fn remainder(number: &[u8], by: u64) -> u64 {
    let words = number.rchunks(4).map(|word| word.iter().rev().fold(0, |n, byte| n << 8 | u64::from(*byte)));
    words.fold(0, |rest, word| (rest << 32 | word) % by.max(1))
}

/// Miller and Rabin's test with random bases. None says that a thread panicked.
fn is_prime<const LIMBS: usize>(candidate: &Odd<Uint<LIMBS>>, stream: &mut Stream) -> Option<bool> {
    let test = MillerRabin::new(*candidate);
    let bases: [Uint<LIMBS>; ROUNDS] = std::array::from_fn(|_| base(candidate.as_ref(), stream));
    let (next, passed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        while let Some(base) = bases.get(next.fetch_add(1, Ordering::Relaxed)) {
            passed.fetch_add(usize::from(test.test(base).is_probably_prime()), Ordering::Relaxed);
        }
    };
    on_all_cores(work).then(|| passed.into_inner() == ROUNDS)
}

/// A random number from 2 to the last but one below `candidate`, whose two highest bits
/// are set: three of four numbers of its length are.
fn base<const LIMBS: usize>(candidate: &Uint<LIMBS>, stream: &mut Stream) -> Uint<LIMBS> {
    loop {
        let base = number(stream, |_| {});
        if base > Uint::ONE && base.wrapping_add(&Uint::ONE) < *candidate {
            return base;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sieve_strikes_out_exactly_what_has_a_small_factor() {
        let start = (1u64 << 40) + 1;
        let composite = sieve(&start.to_le_bytes());
        for (i, composite) in composite.iter().enumerate() {
            let n = start + 2 * i as u64;
            assert_eq!(*composite, SMALL.iter().any(|p| n.is_multiple_of(u64::from(*p))), "{n}");
        }
    }

    #[test]
    fn a_seed_gives_one_prime() {
        let find = |seed, number| {
            find::<{ crypto_bigint::U512::LIMBS }>(&mut Stream::new([seed; SEED], number)).unwrap()
        };
        assert_eq!(find(1, 0), find(1, 0));
        assert_ne!(find(1, 0), find(1, 1));
        let prime = find(2, 0);
        assert!(prime.bit_vartime(511) && prime.bit_vartime(510));
        assert!(crypto_primes::is_prime(crypto_primes::Flavor::Any, &prime));
    }
}
