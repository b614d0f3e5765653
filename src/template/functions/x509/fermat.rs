//! Fermat's test to the base 2: whether 2^(n-1) is 1 modulo n. It sorts nearly all
//! composites out, and nothing rests on it: what passes is proven by a library's test.
//! So it may take a time that tells the number, and is written for speed: a square is
//! reduced in Montgomery's way, and left unreduced as long as it fits its words.

use crypto_bigint::{Odd, Uint, WideWord, Word};

/// Whether `n`, whose highest bit has to be set, passes.
pub fn passes<const LIMBS: usize>(n: &Odd<Uint<LIMBS>>) -> bool {
    let n = n.as_ref().to_words();
    let Some(lowest) = n.first() else { return false };
    let inverse = negated_inverse(*lowest);
    // Montgomery's form of 1 is 2^BITS modulo n, which is less than 2n.
    let mut one = [0; LIMBS];
    subtract(&mut one, &n);
    let mut power = one;
    let mut wide = vec![0; 2 * LIMBS];
    for bit in (1..Uint::<LIMBS>::BITS).rev() {
        square(&mut power, &n, inverse, &mut wide);
        let word = n.get((bit / Word::BITS) as usize).copied().unwrap_or_default();
        if word >> (bit % Word::BITS) & 1 == 1 {
            double(&mut power, &n);
        }
    }
    // The lowest bit of n - 1 is not set.
    square(&mut power, &n, inverse, &mut wide);
    // Of the numbers that fit, no other one is 1 modulo n.
    power == one
}

/// -1/`n` modulo 2^`Word::BITS`, for an odd `n` (Newton: each step doubles the bits).
fn negated_inverse(n: Word) -> Word {
    let step = |inverse: Word, _| inverse.wrapping_mul((2 as Word).wrapping_sub(n.wrapping_mul(inverse)));
    (0..Word::BITS.ilog2()).fold(1, step).wrapping_neg()
}

/// `number`² / 2^BITS modulo `n`; what is in `wide` does not matter.
fn square<const LIMBS: usize>(
    number: &mut [Word; LIMBS],
    n: &[Word; LIMBS],
    inverse: Word,
    wide: &mut [Word],
) {
    square_wide(number, wide);
    let mut carried = 0;
    for at in 0..LIMBS {
        let rest = wide.get_mut(at..).and_then(|rest| rest.split_first_chunk_mut::<LIMBS>());
        let Some((low, [high, ..])) = rest else { return };
        // The multiple of n that makes the lowest word zero.
        let times = low.first().copied().unwrap_or_default().wrapping_mul(inverse);
        let carry = add_product(low, times, n);
        let sum = WideWord::from(*high) + WideWord::from(carry) + WideWord::from(carried);
        (*high, carried) = split(sum);
    }
    if let Some(high) = wide.get(LIMBS..) {
        number.copy_from_slice(high);
    }
    if carried != 0 {
        subtract(number, n);
    }
}

/// The whole square of a number: the products of different words once, twice that,
/// and the words' own squares.
fn square_wide(number: &[Word], wide: &mut [Word]) {
    wide.fill(0);
    let (mut rest, mut row) = (number, wide.get_mut(1..).unwrap_or_default());
    while let Some((word, higher)) = rest.split_first() {
        let carry = add_product(row, *word, higher);
        if let Some(above) = row.get_mut(higher.len()) {
            *above = carry;
        }
        (rest, row) = (higher, row.get_mut(2..).unwrap_or_default());
    }
    let (mut doubled, mut carried) = (0, 0);
    for ([low, high], word) in wide.as_chunks_mut::<2>().0.iter_mut().zip(number) {
        let (low_twice, high_twice) = (*low << 1 | doubled, *high << 1 | *low >> (Word::BITS - 1));
        doubled = *high >> (Word::BITS - 1);
        let square = WideWord::from(*word) * WideWord::from(*word);
        let carry;
        (*low, carry) = split(square + WideWord::from(low_twice) + WideWord::from(carried));
        (*high, carried) = split(WideWord::from(high_twice) + WideWord::from(carry));
    }
}

/// Adds `times` times `words` to the first words of `sum`, and gives the carry. Groups
/// of four are written out: the compiler makes straight code of them alone.
#[inline(always)]
fn add_product(sum: &mut [Word], times: Word, words: &[Word]) -> Word {
    let mut carry = 0;
    let mut step = |sum: &mut Word, word: &Word| {
        let product = WideWord::from(times) * WideWord::from(*word);
        (*sum, carry) = split(product + WideWord::from(*sum) + WideWord::from(carry));
    };
    let (fours, words) = words.as_chunks::<4>();
    let (sums, sum) = sum.split_at_mut(sum.len().min(fours.len() * 4));
    for ([s0, s1, s2, s3], [w0, w1, w2, w3]) in sums.as_chunks_mut::<4>().0.iter_mut().zip(fours) {
        step(s0, w0);
        step(s1, w1);
        step(s2, w2);
        step(s3, w3);
    }
    for (sum, word) in sum.iter_mut().zip(words) {
        step(sum, word);
    }
    carry
}

/// Twice the number, less as many times `n` as it takes to fit.
fn double<const LIMBS: usize>(number: &mut [Word; LIMBS], n: &[Word; LIMBS]) {
    let mut over = 0;
    for word in number.iter_mut() {
        (*word, over) = (*word << 1 | over, *word >> (Word::BITS - 1));
    }
    while over != 0 {
        over = over.wrapping_sub(Word::from(subtract(number, n)));
    }
}

/// Subtracts `n`; says whether that borrowed from the word above.
fn subtract<const LIMBS: usize>(number: &mut [Word; LIMBS], n: &[Word; LIMBS]) -> bool {
    number.iter_mut().zip(n).fold(false, |borrow, (word, other)| {
        let (difference, first) = word.overflowing_sub(*other);
        let (difference, second) = difference.overflowing_sub(Word::from(borrow));
        *word = difference;
        first | second
    })
}

/// The lower and the upper word.
#[inline(always)]
fn split(wide: WideWord) -> (Word, Word) {
    (wide as Word, (wide >> Word::BITS) as Word)
}

#[cfg(test)]
mod tests {
    use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
    use crypto_bigint::{U512, U1024, U2048};

    use super::*;

    /// What the library makes of the test's power.
    fn power<const LIMBS: usize>(n: &Odd<Uint<LIMBS>>) -> bool {
        let field = FixedMontyParams::new_vartime(*n);
        let two = FixedMontyForm::new(&Uint::from_u64(2), &field);
        two.pow(&n.as_ref().wrapping_sub(&Uint::ONE)) == FixedMontyForm::one(&field)
    }

    fn agree<const LIMBS: usize>(n: Uint<LIMBS>) -> bool {
        let n = Odd::new(n).unwrap();
        assert_eq!(passes(&n), power(&n), "{n:?}");
        passes(&n)
    }

    #[test]
    fn primes_pass_and_their_neighbours_do_not() {
        // 2^512 - 569, 2^1024 - 105 and 2^2048 - 1942289.
        assert!(agree(U512::MAX.wrapping_sub(&U512::from_u64(568))));
        assert!(agree(U1024::MAX.wrapping_sub(&U1024::from_u64(104))));
        assert!(agree(U2048::MAX.wrapping_sub(&U2048::from_u64(1_942_288))));
        for less in (0..100).step_by(2) {
            assert!(!agree(U1024::MAX.wrapping_sub(&U1024::from_u64(less))));
        }
    }

    #[test]
    fn words_of_ones_and_zeros_carry_as_the_library_does() {
        let highest = U512::ONE.shl_vartime(511);
        for bits in (1..511).step_by(7) {
            let run = U512::ONE.shl_vartime(bits).wrapping_sub(&U512::ONE);
            agree(highest.bitor(&run).bitor(&U512::ONE));
            agree(U512::MAX.bitxor(&run).bitor(&U512::ONE));
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(40))]
        #[test]
        fn a_power_is_the_librarys(words in proptest::array::uniform16(proptest::prelude::any::<u64>())) {
            let mut number = [0; 16];
            for (word, given) in number.iter_mut().zip(words) {
                *word = given;
            }
            number[0] |= 1;
            number[15] |= 1 << 63;
            let n = Odd::new(U1024::from_words(number)).unwrap();
            // A square of Montgomery's form, step by step: the end alone hardly ever tells.
            let field = FixedMontyParams::new_vartime(n);
            let mut theirs = FixedMontyForm::new(&U1024::from_words(number.map(|word| word.rotate_left(7))), &field);
            let modulus = n.as_ref().to_words();
            let (mut ours, mut wide) = (theirs.to_montgomery().to_words(), vec![0; 32]);
            for _ in 0..20 {
                square(&mut ours, &modulus, negated_inverse(modulus[0]), &mut wide);
                double(&mut ours, &modulus);
                theirs = theirs.square().double();
                let mut reduced = ours;
                if U1024::from_words(ours) >= *n.as_ref() {
                    subtract(&mut reduced, &modulus);
                }
                assert_eq!(reduced, theirs.to_montgomery().to_words());
            }
        }
    }
}
