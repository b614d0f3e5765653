//! Montgomery's arithmetic on eight numbers at a time, for processors that multiply eight
//! pairs of 52 bits in one instruction (AVX-512 IFMA): each number costs a third of what it
//! does in [`super::montgomery`]. Its time depends on the numbers.

mod field;

use std::array;

use archmage::prelude::*;
use crypto_bigint::{Odd, Uint};

use super::fermat::FIRST;
use super::miller_rabin::POWERS;
use field::{
    BITS, Fields, are_minus_one, are_one, choose, digits, fields, low_word, multiply_some, plain, square,
};

/// How many numbers there are at a time.
pub const LANES: usize = 8;

/// How often n - 1 may be halved: one of 2^60 random primes is beyond that.
const MOST_HALVINGS: u32 = 60;

/// How many numbers this processor tests in the time of one.
pub fn together() -> usize {
    // Code of ours is slow where it is not optimized.
    if cfg!(debug_assertions) || X64V4xToken::summon().is_none() { 1 } else { LANES }
}

/// Which of up to eight odd numbers n, all of 1024 or all of 2048 bits, divide 2^(n-1) - 1
/// (Fermat's test). None where the processor cannot tell, or for numbers of another length.
pub fn fermat<const LIMBS: usize>(numbers: &[Odd<Uint<LIMBS>>]) -> Option<[bool; LANES]> {
    let (token, numbers) = (X64V4xToken::summon()?, filled(numbers)?);
    match common_length(&numbers)? {
        1024 => Some(fermat_as::<20, 42, LIMBS>(token, &numbers)),
        2048 => Some(fermat_as::<40, 82, LIMBS>(token, &numbers)),
        _ => None,
    }
}

/// Which of up to eight odd numbers, all of 1024 or all of 2048 bits, pass Miller and
/// Rabin's test with the base that stands beside each. A base stands for itself, or for
/// Montgomery's form of another one, which is as random. None where the processor cannot
/// tell, or for numbers of another length.
pub fn miller_rabin<const LIMBS: usize>(
    numbers: &[(Odd<Uint<LIMBS>>, Uint<LIMBS>)],
) -> Option<[bool; LANES]> {
    let (token, numbers) = (X64V4xToken::summon()?, filled(numbers)?);
    let (numbers, bases) = (numbers.map(|(number, _)| number), numbers.map(|(_, base)| base));
    match common_length(&numbers)? {
        1024 => miller_rabin_as::<20, 42, LIMBS>(token, &numbers, &bases),
        2048 => miller_rabin_as::<40, 82, LIMBS>(token, &numbers, &bases),
        _ => None,
    }
}

/// Eight of what may be fewer, but not none.
fn filled<T: Copy>(some: &[T]) -> Option<[T; LANES]> {
    let first = some.first()?;
    Some(array::from_fn(|lane| *some.get(lane).unwrap_or(first)))
}

fn common_length<const LIMBS: usize>(numbers: &[Odd<Uint<LIMBS>>; LANES]) -> Option<u32> {
    let [length, others @ ..] = numbers.map(|number| number.bits_vartime());
    others.iter().all(|other| *other == length).then_some(length)
}

/// The test for numbers that fill `N` digits but for some bits of the last.
///
/// It looks at 2^-(n-1), which is 1 in the same cases. That exponent is l - h·2^s with a
/// small h, and Montgomery's form of 2^-h is a plain power of two, where that of 2^h would
/// take a division.
#[arcane]
fn fermat_as<const N: usize, const SUMS: usize, const LIMBS: usize>(
    _: X64V4xToken,
    numbers: &[Odd<Uint<LIMBS>>; LANES],
) -> [bool; LANES] {
    let fields = fields::<N, LIMBS>(numbers);
    // -(n-1) in two's complement. Its highest bits stand for 2^FIRST - h.
    let exponents = numbers.map(|number| number.wrapping_neg().wrapping_add(&Uint::ONE));
    let rest = Uint::<LIMBS>::BITS - FIRST;
    let first = exponents.map(|exponent| low_word(&exponent.wrapping_shr_vartime(rest)));
    let mut powers = [_mm512_setzero_si512(); N];
    for (place, digit) in powers.iter_mut().enumerate() {
        // The digits below this one and the power's exponent, in bits.
        let below = u64::from(BITS) * place as u64;
        let exponent = first.map(|first| u64::from(BITS) * N as u64 - (1 << FIRST) + first);
        let bits = exponent.map(|exponent| match exponent.checked_sub(below) {
            Some(shift) if shift < u64::from(BITS) => 1u64 << shift,
            _ => 0,
        });
        *digit = _mm512_loadu_si512(&bits);
    }
    for bit in (0..rest).rev() {
        powers = square::<N, SUMS>(&fields, &powers, exponent_bits(&exponents, bit, 1));
    }
    let ones = are_one(&plain::<N, SUMS>(&fields, &powers));
    array::from_fn(|lane| ones >> lane & 1 == 1)
}

/// The test for numbers that fill `N` digits but for some bits of the last, with bases in
/// Montgomery's form.
#[arcane]
fn miller_rabin_as<const N: usize, const SUMS: usize, const LIMBS: usize>(
    _: X64V4xToken,
    numbers: &[Odd<Uint<LIMBS>>; LANES],
    bases: &[Uint<LIMBS>; LANES],
) -> Option<[bool; LANES]> {
    let fields = fields::<N, LIMBS>(numbers);
    let less = numbers.map(|number| number.wrapping_sub(&Uint::ONE));
    let halvings = less.map(|less| u64::from(less.trailing_zeros_vartime()));
    let most = *halvings.iter().max()?;
    // Four bits at a time, down to some that may decide.
    let mut bit = u32::try_from(most).ok().filter(|most| *most <= MOST_HALVINGS)?.next_multiple_of(4);
    let base = digits::<N, LIMBS>(bases);
    let mut power = power::<N, SUMS, LIMBS>(&fields, &base, &less, bit);
    let halvings = _mm512_loadu_si512(&halvings);
    let mut passing = 0;
    loop {
        let plain = plain::<N, SUMS>(&fields, &power);
        let at = _mm512_set1_epi64(i64::from(bit));
        passing |= are_one(&plain) & _mm512_cmpeq_epi64_mask(at, halvings);
        passing |= are_minus_one(&fields, &plain) & _mm512_cmple_epi64_mask(at, halvings);
        if bit == 1 {
            return Some(array::from_fn(|lane| passing >> lane & 1 == 1));
        }
        bit -= 1;
        power = square::<N, SUMS>(&fields, &power, _mm512_setzero_si512());
        let bits = exponent_bits(&less, bit, 1);
        multiply_some::<N, SUMS>(&fields, &mut power, &base, _mm512_test_epi64_mask(bits, bits));
    }
}

/// The bases to the power of what the exponents are without their lowest bits, of which
/// there are `end`. In the highest four bits of each exponent one is set.
#[rite(v4x)]
fn power<const N: usize, const SUMS: usize, const LIMBS: usize>(
    fields: &Fields<N>,
    base: &[__m512i; N],
    exponents: &[Uint<LIMBS>; LANES],
    end: u32,
) -> [__m512i; N] {
    let mut powers = [*base; POWERS];
    let mut last = *base;
    for power in powers.iter_mut().skip(1) {
        multiply_some::<N, SUMS>(fields, &mut last, base, u8::MAX);
        *power = last;
    }
    let mut result = None;
    for bit in (end..Uint::<LIMBS>::BITS).rev().filter(|bit| bit.is_multiple_of(4)) {
        let four = exponent_bits(exponents, bit, 4);
        let mut factor = *base;
        for (number, power) in (1..).zip(&powers) {
            let taken = _mm512_cmpeq_epi64_mask(four, _mm512_set1_epi64(number));
            choose(&mut factor, power, taken);
        }
        result = Some(match result {
            None => factor,
            Some(mut result) => {
                for _ in 0..4 {
                    result = square::<N, SUMS>(fields, &result, _mm512_setzero_si512());
                }
                multiply_some::<N, SUMS>(fields, &mut result, &factor, _mm512_test_epi64_mask(four, four));
                result
            }
        });
    }
    result.unwrap_or(*base)
}

/// Some bits of each number, of one word, from a bit on.
#[rite(v4x)]
fn exponent_bits<const LIMBS: usize>(exponents: &[Uint<LIMBS>; LANES], bit: u32, bits: u32) -> __m512i {
    let (word, shift) = ((bit / u64::BITS) as usize, bit % u64::BITS);
    let words = exponents.each_ref().map(|number| number.as_words().get(word).copied().unwrap_or(0));
    let words = _mm512_srl_epi64(_mm512_loadu_si512(&words), _mm_set_epi64x(0, i64::from(shift)));
    _mm512_and_si512(words, _mm512_set1_epi64((1 << bits) - 1))
}

#[cfg(test)]
pub mod tests {
    use crypto_bigint::{U1024, U2048};
    use crypto_primes::hazmat::MillerRabin;

    use super::super::fermat;
    use super::super::fermat::tests::{CARMICHAEL, PRIME_1024, PRIME_2048, numbers, of_hex};
    use super::super::miller_rabin::tests::form;
    use super::*;

    /// The token; without one the tests say that they did not run.
    pub fn token() -> Option<X64V4xToken> {
        let token = X64V4xToken::summon();
        if token.is_none() {
            eprintln!("SKIPPED: this processor does not multiply eight numbers at once (AVX-512 IFMA)");
        }
        token
    }

    #[test]
    fn it_says_what_the_test_of_one_number_says() {
        let Some(_) = token() else { return };
        let mut candidates = numbers::<{ U1024::LIMBS }>(16);
        candidates.extend([of_hex(PRIME_1024), of_hex(CARMICHAEL)]);
        for some in candidates.chunks(7) {
            let passing = super::fermat(some).unwrap();
            for (n, passes) in some.iter().zip(passing) {
                assert_eq!(passes, fermat::passes(n), "{n}");
            }
        }
        assert_eq!(super::fermat(&candidates[22..]), Some([true; LANES]));
    }

    #[test]
    fn primes_pass_in_any_lane_and_length() {
        let Some(_) = token() else { return };
        let long = of_hex::<{ U2048::LIMBS }>(PRIME_2048);
        let others = numbers::<{ U2048::LIMBS }>(1);
        for lane in [0, 3, 7] {
            let some: Vec<_> = (0..LANES).map(|at| if at == lane { long } else { others[at % 4] }).collect();
            assert_eq!(super::fermat(&some), Some(array::from_fn(|at| at == lane)));
        }
    }

    #[test]
    fn numbers_of_other_lengths_are_not_tested() {
        let short = Odd::new(U1024::from(65_537u32)).unwrap();
        let long = of_hex::<{ U1024::LIMBS }>(PRIME_1024);
        assert_eq!(super::fermat(&[short]), None);
        assert_eq!(super::fermat(&[long, short]), None);
        assert_eq!(super::fermat::<{ U1024::LIMBS }>(&[]), None);
    }

    #[test]
    fn it_says_what_the_library_says_of_the_same_bases() {
        let Some(_) = token() else { return };
        let (prime, carmichael) = (of_hex::<{ U1024::LIMBS }>(PRIME_1024), of_hex(CARMICHAEL));
        let (halved, others): (Vec<_>, Vec<_>) = numbers(2)
            .into_iter()
            .partition(|n| n.wrapping_sub(&Uint::ONE).trailing_zeros_vartime() > MOST_HALVINGS);
        for n in halved {
            assert_eq!(super::miller_rabin(&[(n, form(1040, 3, &n))]), None, "{n}");
        }
        let mut tests: Vec<_> = others.into_iter().map(|n| (n, 3)).collect();
        tests.extend((2..14).flat_map(|base| [(prime, base), (carmichael, base)]));
        let mut passed = 0;
        for some in tests.chunks(7) {
            let forms: Vec<_> = some.iter().map(|(n, base)| (*n, form(1040, *base, n))).collect();
            for ((n, base), passes) in some.iter().zip(super::miller_rabin(&forms).unwrap()) {
                let by_library = MillerRabin::new(*n).test(&Uint::from(*base)).is_probably_prime();
                assert_eq!(passes, by_library, "{n} with {base}");
                passed += usize::from(passes);
            }
        }
        // The prime always, the other number sometimes.
        assert!((12..24).contains(&passed), "{passed}");
    }

    #[test]
    fn long_primes_pass_with_any_base() {
        let Some(_) = token() else { return };
        let (prime, random) = (of_hex::<{ U2048::LIMBS }>(PRIME_2048), numbers::<{ U2048::LIMBS }>(8));
        let tests: Vec<_> = random.iter().map(|base| (prime, base.wrapping_rem_vartime(&prime))).collect();
        assert_eq!(super::miller_rabin(&tests[6..]), Some([true; LANES]));
        let composite = |lane: usize| if lane == 2 { random[7] } else { prime };
        let tests: Vec<_> = (0..LANES).map(|lane| (composite(lane), Uint::from(12_345u32))).collect();
        assert_eq!(super::miller_rabin(&tests), Some(array::from_fn(|lane| lane != 2)));
    }
}
