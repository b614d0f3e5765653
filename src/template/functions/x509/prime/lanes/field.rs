//! The arithmetic itself: eight fields side by side, with a digit of each in a register.

use archmage::prelude::*;
use crypto_bigint::{Odd, Uint};

use super::super::montgomery::negated_inverse;
use super::LANES;

/// Bits of a digit, as the processor takes them.
pub const BITS: u32 = 52;

const MASK: u64 = (1 << BITS) - 1;

/// Odd moduli n of `N` digits, an even number. R is two to the bits of so many digits.
///
/// What is multiplied is below 4n. A product is below n + n/4 then, and twice it below 4n,
/// as R is more than 64n.
pub struct Fields<const N: usize> {
    digits: [__m512i; N],
    /// The inverses of -n modulo two to the bits of a digit.
    inverses: __m512i,
}

#[rite(v4x)]
pub fn fields<const N: usize, const LIMBS: usize>(moduli: &[Odd<Uint<LIMBS>>; LANES]) -> Fields<N> {
    let lowest = moduli.map(|n| negated_inverse(low_word(n.as_ref())));
    Fields { digits: digits(&moduli.map(|n| *n.as_ref())), inverses: _mm512_loadu_si512(&lowest) }
}

#[rite(v4x)]
pub fn digits<const N: usize, const LIMBS: usize>(numbers: &[Uint<LIMBS>; LANES]) -> [__m512i; N] {
    let mut digits = [_mm512_setzero_si512(); N];
    for (place, digit) in (0u32..).zip(&mut digits) {
        let words = numbers.map(|number| match BITS * place {
            bit if bit < Uint::<LIMBS>::BITS => low_word(&number.wrapping_shr_vartime(bit)) & MASK,
            _ => 0,
        });
        *digit = _mm512_loadu_si512(&words);
    }
    digits
}

pub fn low_word<const LIMBS: usize>(number: &Uint<LIMBS>) -> u64 {
    number.as_words().first().copied().unwrap_or(0)
}

/// The squares divided by R, times two to the power of `doublings`, each 0 or 1.
#[rite(v4x)]
#[inline(never)]
pub fn square<const N: usize, const SUMS: usize>(
    fields: &Fields<N>,
    numbers: &[__m512i; N],
    doublings: __m512i,
) -> [__m512i; N] {
    let mut sums = [_mm512_setzero_si512(); SUMS];
    let mut pairs: &[__m512i] = numbers;
    let mut column = 1;
    while let [x, y, others @ ..] = pairs {
        if let Some([low, rest @ ..]) = sums.get_mut(column..) {
            *low = _mm512_madd52lo_epu64(*low, *x, *y);
            if let Some(high) = rest.first_mut() {
                *high = _mm512_madd52hi_epu64(*high, *x, *y);
            }
            add_product(rest, [*x, *y], others);
        }
        (pairs, column) = (others, column + 4);
    }
    let (columns, _) = sums.as_chunks_mut::<2>();
    for ([low, high], x) in columns.iter_mut().zip(numbers) {
        *low = _mm512_madd52lo_epu64(_mm512_add_epi64(*low, *low), *x, *x);
        *high = _mm512_madd52hi_epu64(_mm512_add_epi64(*high, *high), *x, *x);
    }
    reduce(fields, &mut sums, doublings)
}

/// Multiplies the numbers of some lanes by the factors, and divides them by R.
#[rite(v4x)]
#[inline(never)]
pub fn multiply_some<const N: usize, const SUMS: usize>(
    fields: &Fields<N>,
    numbers: &mut [__m512i; N],
    factors: &[__m512i; N],
    lanes: u8,
) {
    let mut sums = [_mm512_setzero_si512(); SUMS];
    let (pairs, _) = numbers.as_chunks::<2>();
    for (column, pair) in (0..).step_by(2).zip(pairs) {
        add_product(sums.get_mut(column..).unwrap_or_default(), *pair, factors);
    }
    choose(numbers, &reduce(fields, &mut sums, _mm512_setzero_si512()), lanes);
}

#[rite(v4x)]
pub fn choose<const N: usize>(numbers: &mut [__m512i; N], others: &[__m512i; N], lanes: u8) {
    for (digit, other) in numbers.iter_mut().zip(others) {
        *digit = _mm512_mask_mov_epi64(*digit, lanes, *other);
    }
}

/// Columns of products, below 2^61 with 40 digits as nothing was carried yet, divided by R,
/// times two to the power of `doublings`, each 0 or 1.
#[rite(v4x)]
#[inline(always)]
fn reduce<const N: usize, const SUMS: usize>(
    fields: &Fields<N>,
    sums: &mut [__m512i; SUMS],
    doublings: __m512i,
) -> [__m512i; N] {
    let zero = _mm512_setzero_si512();
    let mut rest: &mut [__m512i] = sums;
    let [n, m, ..] = fields.digits.as_slice() else { return fields.digits };
    for _ in 0..N / 2 {
        let [first, second, ..] = &*rest else { break };
        // How many times n is added at these two places, so that both become zero.
        let one = _mm512_madd52lo_epu64(zero, *first, fields.inverses);
        let carry = _mm512_srli_epi64::<BITS>(_mm512_madd52lo_epu64(*first, one, *n));
        let second = _mm512_madd52hi_epu64(_mm512_add_epi64(*second, carry), one, *n);
        let second = _mm512_madd52lo_epu64(second, one, *m);
        let other = _mm512_madd52lo_epu64(zero, second, fields.inverses);
        let carry = _mm512_srli_epi64::<BITS>(_mm512_madd52lo_epu64(second, other, *n));
        add_product(rest, [one, other], &fields.digits);
        rest = rest.get_mut(2..).unwrap_or_default();
        if let Some(third) = rest.first_mut() {
            *third = _mm512_add_epi64(*third, carry);
        }
    }
    let mask = _mm512_set1_epi64(MASK.cast_signed());
    let mut result = [zero; N];
    let mut carry = zero;
    for (digit, sum) in result.iter_mut().zip(rest) {
        let sum = _mm512_add_epi64(_mm512_sllv_epi64(*sum, doublings), carry);
        *digit = _mm512_and_si512(sum, mask);
        carry = _mm512_srli_epi64::<BITS>(sum);
    }
    result
}

/// Adds the products of two digits with all `digits` to the columns that begin with the
/// lowest of them. Two at once, as reading and writing a column takes as long as two
/// multiplications.
#[rite(v4x)]
#[inline(always)]
fn add_product(sums: &mut [__m512i], [x, y]: [__m512i; 2], digits: &[__m512i]) {
    let (mut last, mut last_but_one) = (_mm512_setzero_si512(), _mm512_setzero_si512());
    let Some((columns, above)) = sums.split_at_mut_checked(digits.len()) else { return };
    for (sum, digit) in columns.iter_mut().zip(digits) {
        let by_x = _mm512_madd52hi_epu64(_mm512_madd52lo_epu64(*sum, x, *digit), x, last);
        *sum = _mm512_madd52hi_epu64(_mm512_madd52lo_epu64(by_x, y, last), y, last_but_one);
        (last, last_but_one) = (*digit, last);
    }
    if let [sum, highest, ..] = above {
        let by_x = _mm512_madd52hi_epu64(*sum, x, last);
        *sum = _mm512_madd52hi_epu64(_mm512_madd52lo_epu64(by_x, y, last), y, last_but_one);
        *highest = _mm512_madd52hi_epu64(*highest, y, last);
    }
}

/// The numbers, below 4n, out of Montgomery's form: at most n.
#[rite(v4x)]
pub fn plain<const N: usize, const SUMS: usize>(fields: &Fields<N>, numbers: &[__m512i; N]) -> [__m512i; N] {
    let mut sums = [_mm512_setzero_si512(); SUMS];
    for (sum, digit) in sums.iter_mut().zip(numbers) {
        *sum = *digit;
    }
    reduce(fields, &mut sums, _mm512_setzero_si512())
}

/// The lanes whose plain number is 1.
#[rite(v4x)]
pub fn are_one<const N: usize>(plain: &[__m512i; N]) -> u8 {
    (0..).zip(plain).fold(u8::MAX, |lanes, (place, digit)| {
        lanes & _mm512_cmpeq_epi64_mask(*digit, _mm512_set1_epi64(i64::from(place == 0)))
    })
}

/// The lanes whose plain number is n - 1.
#[rite(v4x)]
pub fn are_minus_one<const N: usize>(fields: &Fields<N>, plain: &[__m512i; N]) -> u8 {
    // n is odd: nothing is borrowed.
    (0..).zip(plain).zip(&fields.digits).fold(u8::MAX, |lanes, ((place, digit), n)| {
        let one = _mm512_set1_epi64(i64::from(place == 0));
        lanes & _mm512_cmpeq_epi64_mask(_mm512_add_epi64(*digit, one), *n)
    })
}

#[cfg(test)]
mod tests {
    use std::array;

    use crypto_bigint::{NonZero, U1024, U2048};

    use super::super::super::fermat::tests::numbers;
    use super::super::tests::token;
    use super::*;

    /// More words than a product of two numbers with R.
    type Wide = Uint<100>;

    #[arcane]
    fn squares<const N: usize, const SUMS: usize, const LIMBS: usize>(
        _: X64V4xToken,
        moduli: &[Odd<Uint<LIMBS>>; LANES],
        squared: &[Wide; LANES],
        doublings: u64,
    ) -> [Wide; LANES] {
        let fields = fields::<N, LIMBS>(moduli);
        let doublings = _mm512_loadu_si512(&[doublings; LANES]);
        let result = square::<N, SUMS>(&fields, &digits(squared), doublings);
        let mut numbers = [Wide::ZERO; LANES];
        for digit in result.iter().rev() {
            let mut words = [0; LANES];
            _mm512_storeu_si512(&mut words, *digit);
            for (number, word) in numbers.iter_mut().zip(words) {
                assert!(word <= MASK);
                *number = number.shl(BITS).wrapping_add(&Wide::from(word));
            }
        }
        numbers
    }

    fn check<const N: usize, const SUMS: usize, const LIMBS: usize>(token: X64V4xToken) {
        let moduli = numbers::<LIMBS>(2);
        let moduli = array::from_fn(|lane| moduli[lane]);
        let wide = moduli.map(|n| n.as_ref().resize::<{ Wide::LIMBS }>());
        let most = wide.map(|n| n.shl(2).wrapping_sub(&Wide::ONE));
        let less = wide.map(|n| n.wrapping_sub(&Wide::ONE));
        let shorter = most.map(|n| n.shr(70));
        for numbers in [[Wide::ZERO; LANES], [Wide::ONE; LANES], wide, less, most, shorter] {
            let once = squares::<N, SUMS, LIMBS>(token, &moduli, &numbers, 0);
            let twice = squares::<N, SUMS, LIMBS>(token, &moduli, &numbers, 1);
            for lane in 0..LANES {
                let (x, n) = (numbers[lane], wide[lane]);
                let modulus = NonZero::new(n).unwrap();
                let again = once[lane].shl(BITS * N as u32);
                assert_eq!(again.rem(&modulus), x.wrapping_mul(&x).rem(&modulus), "{x} modulo {n}");
                assert_eq!(twice[lane], once[lane].shl(1), "{x} modulo {n}");
                assert!(once[lane] <= n.wrapping_add(&n.shr(2)), "{x} modulo {n}");
            }
        }
    }

    #[test]
    fn squares_are_right_up_to_the_largest_number() {
        let Some(token) = token() else { return };
        check::<20, 42, { U1024::LIMBS }>(token);
        check::<40, 82, { U2048::LIMBS }>(token);
    }
}
