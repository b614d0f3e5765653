//! Fermat's test to base 2, which sorts nearly all composites out at the least cost.

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, Uint};

use super::lanes;
use super::montgomery::{Field, Square};

/// Bits of the exponent that the first power stands for.
pub const FIRST: u32 = 10;

/// Whether each of the numbers passes, of which there are at most [`lanes::together`].
pub fn passing<const LIMBS: usize>(numbers: &[Odd<Uint<LIMBS>>]) -> Vec<bool> {
    let each = || numbers.iter().map(passes).collect();
    match numbers {
        [] | [_] => each(),
        _ => lanes::fermat(numbers)
            .map_or_else(each, |passing| passing.into_iter().take(numbers.len()).collect()),
    }
}

/// Whether 2^(n-1) is 1 modulo n, in a time that depends on n.
pub fn passes<const LIMBS: usize>(n: &Odd<Uint<LIMBS>>) -> bool {
    // Dependencies are optimized in all builds: in those for tests the library is faster.
    match n.bits_vartime() {
        1024 if !cfg!(debug_assertions) => passes_as::<17, LIMBS>(n),
        2048 if !cfg!(debug_assertions) => passes_as::<35, LIMBS>(n),
        _ => passes_by_library(n),
    }
}

/// The test for a number that fills `N` digits but for some bits of the last.
///
/// It looks at 2^-(n-1), which is 1 in the same cases. That exponent is l - h·2^s with a
/// small h, and Montgomery's form of 2^-h is a plain power of two, where that of 2^h would
/// take a division.
fn passes_as<const N: usize, const LIMBS: usize>(n: &Odd<Uint<LIMBS>>) -> bool
where
    Field<N>: Square<N>,
{
    let field = Field::<N>::new(n.to_le_bytes().as_ref());
    // -(n-1) in two's complement. Its highest bits stand for 2^FIRST - h.
    let exponent = n.wrapping_neg().wrapping_add(&Uint::ONE);
    let rest = n.bits_vartime() - FIRST;
    let first = (0..FIRST).fold(0, |bits, i| bits | u32::from(exponent.bit_vartime(rest + i)) << i);
    let mut power = Field::power_of_two(Field::<N>::ALL_BITS - (1 << FIRST) + first);
    for bit in (0..rest).rev() {
        power = field.square(&power, u32::from(exponent.bit_vartime(bit)));
    }
    field.is_one(&power)
}

fn passes_by_library<const LIMBS: usize>(n: &Odd<Uint<LIMBS>>) -> bool {
    let parameters = FixedMontyParams::new_vartime(*n);
    let one = FixedMontyForm::one(&parameters);
    let mut power = one;
    for bit in (1..Uint::<LIMBS>::BITS).rev() {
        power = power.square();
        if n.bit_vartime(bit) {
            power = power.double();
        }
    }
    // The lowest bit of n - 1 is not set.
    power.square() == one
}

#[cfg(test)]
pub mod tests {
    use crypto_bigint::{U1024, U2048};

    use super::super::Stream;
    use super::*;

    /// Of Diffie and Hellman's second group (RFC 2409).
    pub const PRIME_1024: &str = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08\
         798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637\
         ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF";

    /// Of the fourteenth (RFC 3526).
    pub const PRIME_2048: &str = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08\
         798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637\
         ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598\
         DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E\
         4ABC9804F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52\
         C9DE2BCBF6955817183995497CEA956AE515D2261898FA051015728E5A8AACAA68FFFFFFFFFFFFFFFF";

    /// (6k+1)·(12k+1)·(18k+1), all prime: it passes with any base that has none of them.
    pub const CARMICHAEL: &str = "E385234C9279208A3D204C27D0023E8960148E5210278DDB68F25CBCDA46517BD197B2C09F635F23C480D0\
         6372405CEFDD5283B0B75EF89C72F97E6E88DC07B5E999F6C239A2974EEF8A953702FDB4746CB9C7741AC9\
         7B83FE00FCAF7B21C6ED0BD8F53B2E08D93A0A867553399D0721D895E909286EFFFA19D208FC66312351";

    pub fn of_hex<const LIMBS: usize>(digits: &str) -> Odd<Uint<LIMBS>> {
        Odd::new(Uint::from_be_hex(digits)).unwrap()
    }

    /// Odd numbers with their highest bit set: extreme ones, then random ones.
    pub fn numbers<const LIMBS: usize>(random: usize) -> Vec<Odd<Uint<LIMBS>>> {
        let highest = Uint::<LIMBS>::ONE.shl(Uint::<LIMBS>::BITS - 1);
        let extreme = [
            Uint::MAX,
            Uint::MAX.wrapping_sub(&Uint::from(2u32)),
            highest.wrapping_add(&Uint::ONE),
            highest.wrapping_add(&highest.shr(1)).wrapping_add(&Uint::ONE),
            // Halves of ones and of zeros.
            Uint::MAX.shr(Uint::<LIMBS>::BITS / 2).wrapping_add(&highest),
            Uint::MAX.shl(Uint::<LIMBS>::BITS / 2).wrapping_add(&Uint::ONE),
        ];
        let mut stream = Stream::new([7; 32], 7);
        let random = (0..random).map(|_| {
            let number: Uint<LIMBS> = crypto_bigint::Random::random_from_rng(&mut stream);
            number.bitor(&highest).bitor(&Uint::ONE)
        });
        extreme.into_iter().chain(random.collect::<Vec<_>>()).map(|n| Odd::new(n).unwrap()).collect()
    }

    #[test]
    fn it_says_what_the_librarys_power_says() {
        for n in numbers::<{ U1024::LIMBS }>(6) {
            assert_eq!(passes_as::<17, _>(&n), passes_by_library(&n), "{n}");
        }
        for n in numbers::<{ U2048::LIMBS }>(1) {
            assert_eq!(passes_as::<35, _>(&n), passes_by_library(&n), "{n}");
        }
    }

    #[test]
    fn primes_pass_and_their_neighbours_do_not() {
        let prime = of_hex::<{ U1024::LIMBS }>(PRIME_1024);
        assert!(passes_as::<17, _>(&prime) && passes(&prime) && passes_by_library(&prime));
        let composite = Odd::new(prime.wrapping_sub(&Uint::from(2u32))).unwrap();
        assert!(!passes_as::<17, _>(&composite) && !passes(&composite) && !passes_by_library(&composite));
        let prime = of_hex::<{ U2048::LIMBS }>(PRIME_2048);
        assert!(passes_as::<35, _>(&prime) && passes(&prime));
        let composite = Odd::new(prime.wrapping_sub(&Uint::from(2u32))).unwrap();
        assert!(!passes_as::<35, _>(&composite) && !passes(&composite));
    }

    #[test]
    fn the_product_of_two_primes_does_not_pass() {
        let factor = of_hex::<{ U1024::LIMBS }>(PRIME_1024);
        let product: U2048 = factor.concatenating_mul(factor.as_ref());
        assert!(!passes_as::<35, _>(&Odd::new(product).unwrap()));
    }

    #[test]
    fn a_carmichael_number_passes() {
        let number = of_hex::<{ U1024::LIMBS }>(CARMICHAEL);
        assert!(passes_as::<17, _>(&number) && passes_by_library(&number));
    }

    #[test]
    fn numbers_of_other_sizes_are_left_to_the_library() {
        let prime = Odd::new(U1024::from(65_537u32)).unwrap();
        assert!(passes(&prime));
        assert!(!passes(&Odd::new(U1024::from(65_535u32)).unwrap()));
    }
}
