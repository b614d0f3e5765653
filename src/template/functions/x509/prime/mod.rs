//! Primes for RSA keys, found in a stream of randomness: the same seed gives the
//! same primes, on any machine.

mod fermat;
#[cfg_attr(not(target_arch = "x86_64"), path = "one_lane.rs")]
mod lanes;
mod miller_rabin;
mod montgomery;
mod sieve;

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{LazyLock, OnceLock};

use aws_lc_rs::digest;
use crypto_bigint::rand_core::{TryCryptoRng, TryRng};
use crypto_bigint::{Odd, Uint};
use crypto_primes::hazmat::MillerRabin;

/// RSA's public exponent, as Go chooses it.
pub const EXPONENT: u32 = 65_537;

/// Rounds of Miller and Rabin's test with random bases (FIPS 186-5, table B.1).
const ROUNDS: usize = 5;

/// Threads that look for primes: more would wait for the one that finds it.
const MOST_THREADS: usize = 8;

/// The operating system reads files to tell how many cores there are.
static THREADS: LazyLock<usize> =
    LazyLock::new(|| std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS));

/// The remainder of a number by [`EXPONENT`], given its bytes from the highest on.
pub fn by_exponent<'a>(bytes: impl Iterator<Item = &'a u8>) -> u64 {
    bytes.fold(0, |rest, byte| (rest << 8 | u64::from(*byte)) % u64::from(EXPONENT))
}

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

/// Two primes of `LIMBS` words, each out of a stream of its own, with their two highest
/// bits set, so that their product has twice the bits, and fit for [`EXPONENT`]. All cores
/// look for them; which ones they are does not depend on how many there are. None where a
/// thread panicked.
pub fn pair<const LIMBS: usize>(seed: [u8; SEED]) -> Option<[Uint<LIMBS>; 2]> {
    pair_with(seed, *THREADS, lanes::together())
}

/// The same with that many threads, each of which tests so many candidates `together`.
fn pair_with<const LIMBS: usize>(
    seed: [u8; SEED],
    threads: usize,
    together: usize,
) -> Option<[Uint<LIMBS>; 2]> {
    let mut searches = [0, 1].map(|number| Search::new(seed, number));
    loop {
        // Each begins with another one and then helps with the rest.
        on_threads(threads, |thread| {
            let (later, sooner) = searches.split_at(thread % searches.len());
            sooner.iter().chain(later).for_each(|search| search.look(together));
        })?;
        prove(&searches, threads, together)?;
        if let [Some(p), Some(q)] = searches.each_ref().map(Search::prime) {
            return Some([p, q]);
        }
        searches.iter_mut().filter(|search| search.prime().is_none()).for_each(Search::go_on);
    }
}

/// Tests what was found in all rounds. The first round is left to the library: were all that
/// is quicker than it wrong, a random composite of this length would still pass less than
/// once in 2^40 times (Damgård, Landrock and Pomerance).
fn prove<const LIMBS: usize>(searches: &[Search<LIMBS>], threads: usize, together: usize) -> Option<()> {
    let rounds = (1..ROUNDS).flat_map(|round| searches.iter().map(move |search| (search, round)));
    let rounds: Vec<_> = rounds.collect();
    // What takes longest comes first.
    let tasks = rounds.chunks(together).map(Task::Ours);
    let tasks: Vec<_> = tasks.chain(searches.iter().map(Task::Librarys)).collect();
    let next = AtomicUsize::new(0);
    on_threads(threads.min(tasks.len()), |_| {
        while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
            task.run();
        }
    })
}

/// Some rounds of tests.
enum Task<'a, const LIMBS: usize> {
    Librarys(&'a Search<LIMBS>),
    Ours(&'a [(&'a Search<LIMBS>, usize)]),
}

impl<'a, const LIMBS: usize> Task<'a, LIMBS> {
    fn run(&self) {
        match self {
            Task::Librarys(search) => {
                let passes = |n| MillerRabin::new(n).test_random_base(&mut search.round(0));
                if !search.found().is_some_and(|n| passes(n).is_probably_prime()) {
                    search.composite.store(true, Ordering::Relaxed);
                }
            }
            Task::Ours(rounds) => {
                let of_round = |(search, round): &(&'a Search<LIMBS>, usize)| {
                    let n = search.found()?;
                    Some((*search, (n, base(&mut search.round(*round), &n))))
                };
                let (searches, tests): (Vec<_>, Vec<_>) = rounds.iter().filter_map(of_round).unzip();
                for (search, passes) in searches.into_iter().zip(miller_rabin::passing(&tests)) {
                    if !passes {
                        search.composite.store(true, Ordering::Relaxed);
                    }
                }
            }
        }
    }
}

/// Does the same on this thread and on others; none where one of them panicked.
fn on_threads(threads: usize, work: impl Fn(usize) + Sync) -> Option<()> {
    std::thread::scope(|scope| {
        let work = &work;
        // Where there is no thread to be had, this one does all of it.
        let spawn = |thread| {
            let builder = std::thread::Builder::new().name("prime".to_owned());
            builder.spawn_scoped(scope, move || work(thread)).ok()
        };
        let others: Vec<_> = (1..threads).filter_map(spawn).collect();
        work(0);
        others.into_iter().all(|thread| thread.join().is_ok()).then_some(())
    })
}

/// The search for one prime, in which any number of threads may take part.
struct Search<const LIMBS: usize> {
    stream: Stream,
    start: Uint<LIMBS>,
    /// Which of the odd numbers from the start on are left by the sieve.
    places: OnceLock<Vec<usize>>,
    /// The next of them to be tested.
    next: AtomicUsize,
    /// The first of them that is known to pass Fermat's test.
    found: AtomicUsize,
    /// Whether that one did not pass Miller and Rabin's.
    composite: AtomicBool,
}

impl<const LIMBS: usize> Search<LIMBS> {
    fn new(seed: [u8; SEED], number: u8) -> Search<LIMBS> {
        let mut stream = Stream::new(seed, number);
        let start = start(&mut stream);
        let (next, found) = (AtomicUsize::new(0), AtomicUsize::new(usize::MAX));
        let (places, composite) = (OnceLock::new(), AtomicBool::new(false));
        Search { stream, start, places, next, found, composite }
    }

    /// Tests some candidates after the others until one is found.
    fn look(&self, together: usize) {
        let places = self.places.get_or_init(|| sieve::survivors(&self.start.to_words()));
        loop {
            let at = self.next.fetch_add(together, Ordering::Relaxed);
            // What comes behind one that was found is not asked for.
            if at >= self.found.load(Ordering::Relaxed) || at >= places.len() {
                return;
            }
            let some = (at..).zip(places.iter().skip(at).take(together));
            let (places, candidates): (Vec<_>, Vec<_>) =
                some.filter_map(|(at, place)| Some((at, self.candidate(*place)?))).unzip();
            let passing = fermat::passing(&candidates);
            if let Some((first, _)) = places.iter().zip(passing).find(|(_, passes)| *passes) {
                self.found.fetch_min(*first, Ordering::Relaxed);
            }
        }
    }

    /// A candidate that did not overflow and that [`EXPONENT`] can be inverted for.
    fn candidate(&self, place: usize) -> Option<Odd<Uint<LIMBS>>> {
        let candidate = self.start.wrapping_add(&Uint::from(2 * place as u64));
        let bytes = candidate.to_le_bytes();
        let rest = by_exponent(bytes.as_ref().iter().rev());
        Odd::new(candidate).into_option().filter(|candidate| *candidate.as_ref() >= self.start && rest != 1)
    }

    fn found(&self) -> Option<Odd<Uint<LIMBS>>> {
        self.candidate(*self.places.get()?.get(self.found.load(Ordering::Relaxed))?)
    }

    /// The random numbers of a round of tests, as any thread may come to it first.
    fn round(&self, round: usize) -> Stream {
        Stream { counter: (round as u64 + 1) << 32, ..self.stream }
    }

    /// What was found, if it passed all rounds.
    fn prime(&self) -> Option<Uint<LIMBS>> {
        self.found().filter(|_| !self.composite.load(Ordering::Relaxed)).map(|prime| *prime.as_ref())
    }

    /// Goes on behind a candidate that did not pass, or from another start where none was
    /// left.
    fn go_on(&mut self) {
        match self.found() {
            Some(_) => self.next = AtomicUsize::new(self.found.load(Ordering::Relaxed) + 1),
            None => {
                self.start = start(&mut self.stream);
                (self.places, self.next) = (OnceLock::new(), AtomicUsize::new(0));
            }
        }
        (self.found, self.composite) = (AtomicUsize::new(usize::MAX), AtomicBool::new(false));
    }
}

/// A random number but for 0, 1 and -1, modulo n.
fn base<const LIMBS: usize>(stream: &mut Stream, n: &Uint<LIMBS>) -> Uint<LIMBS> {
    let most = n.wrapping_sub(&Uint::ONE);
    loop {
        let mut bytes = Uint::<LIMBS>::ZERO.to_le_bytes();
        let _ = stream.try_fill_bytes(bytes.as_mut());
        let base = Uint::from_le_slice(bytes.as_ref());
        if base > Uint::ONE && base < most {
            return base;
        }
    }
}

fn start<const LIMBS: usize>(stream: &mut Stream) -> Uint<LIMBS> {
    let mut bytes = Uint::<LIMBS>::ZERO.to_le_bytes();
    let filled: &mut [u8] = bytes.as_mut();
    let _ = stream.try_fill_bytes(filled);
    if let [first, .., last] = filled {
        *first |= 1;
        *last |= 0xc0;
    }
    Uint::from_le_slice(bytes.as_ref())
}

#[cfg(test)]
mod tests {
    use crypto_bigint::{U512, U1024};

    use super::*;

    #[test]
    fn a_seed_gives_the_same_primes_on_any_number_of_threads() {
        let pair = |seed, threads| pair_with::<{ U512::LIMBS }>([seed; SEED], threads, 1).unwrap();
        for seed in 1..5 {
            let alone = pair(seed, 1);
            for threads in 2..6 {
                assert_eq!(pair(seed, threads), alone);
            }
        }
        assert_ne!(pair(1, 1), pair(2, 1));
    }

    #[test]
    fn a_seed_gives_the_same_primes_however_many_are_tested_together() {
        for seed in 1..4 {
            let pair = |together| pair_with::<{ U1024::LIMBS }>([seed; SEED], 2, together).unwrap();
            assert_eq!(pair(8), pair(1));
        }
    }

    #[test]
    fn what_is_found_is_prime_and_long_enough() {
        for seed in 1..4 {
            let [p, q] = pair::<{ U1024::LIMBS }>([seed; SEED]).unwrap();
            assert_ne!(p, q);
            for prime in [p, q] {
                assert!(prime.bit_vartime(1023) && prime.bit_vartime(1022));
                assert!(crypto_primes::is_prime(crypto_primes::Flavor::Any, &prime));
            }
        }
    }

    #[test]
    fn a_search_goes_on_behind_what_was_no_prime_and_then_from_another_start() {
        let mut search = Search::<{ U512::LIMBS }>::new([1; SEED], 0);
        search.look(1);
        let first = search.prime().unwrap();
        search.composite = AtomicBool::new(true);
        assert_eq!(search.prime(), None);
        search.go_on();
        search.look(1);
        let second = search.prime().unwrap();
        assert!(second > first);
        // Nothing lies between them but composites.
        let mut between =
            (1u64..).map(|i| first.wrapping_add(&Uint::from(2 * i))).take_while(|n| *n < second);
        assert!(!between.any(|n| crypto_primes::is_prime(crypto_primes::Flavor::Any, &n)));
        let start = search.start;
        search.found = AtomicUsize::new(usize::MAX);
        search.go_on();
        assert_ne!(search.start, start);
        search.look(1);
        assert!(search.prime().is_some());
    }

    #[test]
    fn a_composite_is_not_proven() {
        let search = Search::<{ U512::LIMBS }>::new([1; SEED], 0);
        search.places.set(vec![0]).unwrap();
        search.found.store(0, Ordering::Relaxed);
        assert!(!crypto_primes::is_prime(crypto_primes::Flavor::Any, &search.start));
        let searches = [search];
        prove(&searches, 1, 1).unwrap();
        assert_eq!(searches[0].prime(), None);
    }
}
