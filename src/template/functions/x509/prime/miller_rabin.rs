//! Miller and Rabin's test, in half the time that the library takes for it.

use crypto_bigint::{Odd, Uint};
use crypto_primes::hazmat::MillerRabin;

use super::lanes;
use super::montgomery::{Field, Square};

/// Powers of the base that are at hand, for four bits of the exponent at a time.
pub const POWERS: usize = 15;

/// Whether each of the numbers passes with the base beside it. There are at most
/// [`lanes::together`] of them.
pub fn passing<const LIMBS: usize>(numbers: &[(Odd<Uint<LIMBS>>, Uint<LIMBS>)]) -> Vec<bool> {
    let each = || numbers.iter().map(|(n, base)| passes(n, base)).collect();
    match numbers {
        [] | [_] => each(),
        _ => lanes::miller_rabin(numbers)
            .map_or_else(each, |passing| passing.into_iter().take(numbers.len()).collect()),
    }
}

/// Whether n passes with a random base, in a time that depends on both. The base stands
/// for itself, or for Montgomery's form of another one, which is as random.
pub fn passes<const LIMBS: usize>(n: &Odd<Uint<LIMBS>>, base: &Uint<LIMBS>) -> bool {
    // Dependencies are optimized in all builds: in those for tests the library is faster.
    match n.bits_vartime() {
        1024 if !cfg!(debug_assertions) => passes_as::<17, LIMBS>(n, base),
        2048 if !cfg!(debug_assertions) => passes_as::<35, LIMBS>(n, base),
        _ => MillerRabin::new(*n).test(base).is_probably_prime(),
    }
}

/// The test for a number that fills `N` digits but for some bits of the last, with a base
/// in Montgomery's form.
fn passes_as<const N: usize, const LIMBS: usize>(n: &Odd<Uint<LIMBS>>, base: &Uint<LIMBS>) -> bool
where
    Field<N>: Square<N>,
{
    let field = Field::<N>::new(n.to_le_bytes().as_ref());
    let less = n.wrapping_sub(&Uint::ONE);
    let halvings = less.trailing_zeros_vartime();
    let exponent = less.wrapping_shr_vartime(halvings);
    let base = Field::digits(base.to_le_bytes().as_ref());
    let mut power = power(&field, &base, exponent.to_le_bytes().as_ref());
    if field.is_one(&power) {
        return true;
    }
    for _ in 1..halvings {
        if field.is_minus_one(&power) {
            return true;
        }
        power = field.square(&power, 0);
    }
    field.is_minus_one(&power)
}

/// A power of a number, both in Montgomery's form; the exponent is little-endian and not 0.
fn power<const N: usize>(field: &Field<N>, base: &[u64; N], exponent: &[u8]) -> [u64; N]
where
    Field<N>: Square<N>,
{
    let mut powers = [*base; POWERS];
    let mut last = *base;
    for power in powers.iter_mut().skip(1) {
        last = field.multiply(&last, base);
        *power = last;
    }
    let mut result: Option<[u64; N]> = None;
    for four in exponent.iter().rev().flat_map(|byte| [byte >> 4, byte & 15]) {
        let factor = usize::from(four).checked_sub(1).and_then(|place| powers.get(place));
        let raised = result.map(|result| (0..4).fold(result, |power, _| field.square(&power, 0)));
        result = match (raised, factor) {
            (Some(raised), Some(factor)) => Some(field.multiply(&raised, factor)),
            // No bit is set yet, or none of these four.
            (raised, factor) => raised.or(factor.copied()),
        };
    }
    result.unwrap_or(*base)
}

#[cfg(test)]
pub mod tests {
    use crypto_bigint::{NonZero, U1024};

    use super::super::fermat::tests::{CARMICHAEL, PRIME_1024, PRIME_2048, numbers, of_hex};
    use super::*;

    #[test]
    fn primes_pass_with_any_base() {
        let prime = of_hex::<{ U1024::LIMBS }>(PRIME_1024);
        for base in numbers(2) {
            assert!(passes_as::<17, _>(&prime, base.as_ref()) && passes(&prime, base.as_ref()), "{base}");
        }
        let prime = of_hex(PRIME_2048);
        assert!(passes_as::<35, { 2 * U1024::LIMBS }>(&prime, &Uint::from(12_345u32)));
    }

    #[test]
    fn composites_do_not_pass() {
        for n in numbers::<{ U1024::LIMBS }>(4) {
            assert!(!passes_as::<17, _>(&n, &Uint::from(12_345u32)), "{n}");
        }
    }

    /// Montgomery's form, with an R of 2^`bits`.
    pub fn form(bits: u32, base: u32, n: &Odd<U1024>) -> U1024 {
        let (wide, n) = (Uint::<40>::from(base).shl(bits), n.as_ref().resize::<40>());
        wide.rem(&NonZero::new(n).unwrap()).resize()
    }

    #[test]
    fn it_finds_out_what_fermats_test_does_not() {
        let n = of_hex::<{ U1024::LIMBS }>(CARMICHAEL);
        let passed = (2..12).filter(|base| {
            let passes = passes_as::<17, _>(&n, &form(1037, *base, &n));
            assert_eq!(passes, MillerRabin::new(n).test(&Uint::from(*base)).is_probably_prime(), "{base}");
            passes
        });
        // At most a quarter of all bases do not tell.
        assert!(passed.count() < 10);
    }

    #[test]
    fn it_says_what_the_library_says_of_the_same_base() {
        // 2047 is a strong pseudoprime to base 2.
        let n = Odd::new(U1024::from(2047u32)).unwrap();
        assert!(passes_as::<17, _>(&n, &form(1037, 2, &n)));
        for base in 2..300u32 {
            let by_library = MillerRabin::new(n).test(&Uint::from(base)).is_probably_prime();
            assert_eq!(passes_as::<17, _>(&n, &form(1037, base, &n)), by_library, "{base}");
        }
    }
}
