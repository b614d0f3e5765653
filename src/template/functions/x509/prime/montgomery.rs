//! Montgomery's arithmetic on numbers of a fixed size, as fast as the plain
//! instruction set allows, for numbers whose primality is in question. Its time
//! depends on the numbers.
//!
//! A digit has a few bits less than a word, so that a column of products fits into
//! 128 bits: LLVM then adds them up without keeping a third word of carries. The room
//! above the modulus also spares the subtraction at the end of a reduction. Columns are
//! unrolled, which a loop over them would take 1.8 times as long as.

/// An odd modulus n of `N` digits. R is two to the bits of `N` digits.
///
/// What is multiplied is below 4n. A product is below n + n/4 then, and twice it
/// below 4n, as R is more than 64n.
pub struct Field<const N: usize> {
    digits: [u64; N],
    /// The inverse of -n modulo two to the bits of a digit.
    inverse: u64,
    /// For each column of products but the lowest two, [`Field::pairs`] of it: the
    /// difference of n's digits at the higher and the lower place. A column and the one
    /// `N` above it share a row, as their pairs do not meet.
    differences: [[i64; N]; N],
}

/// The inverse of the negative of an odd number, modulo 2^64 and any lower power of two.
pub fn negated_inverse(odd: u64) -> u64 {
    // Newton's method: each step doubles the bits that are right, three at first.
    (0..5).fold(odd, |x, _| x.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(x)))).wrapping_neg()
}

/// What differs from size to size only in how far it is unrolled.
pub trait Square<const N: usize> {
    /// The square, and twice of it where `doublings` is 1.
    fn square(&self, number: &[u64; N], doublings: u32) -> [u64; N];
}

impl<const N: usize> Field<N> {
    /// Bits of a digit: the most that let 2N products of a column fit into 128 bits.
    const BITS: u32 = if N <= 17 { 61 } else { 60 };

    /// The bits of R.
    pub const ALL_BITS: u32 = Self::BITS * N as u32;

    const MASK: u64 = (1 << Self::BITS) - 1;

    /// The arithmetic modulo an odd little-endian number.
    pub fn new(modulus: &[u8]) -> Field<N> {
        let digits = Field::digits(modulus);
        let inverse = negated_inverse(at(&digits, 0));
        let mut differences = [[0; N]; N];
        for column in 0..2 * N - 1 {
            let (low, high) = Field::<N>::ends(column);
            let row = differences.get_mut(column % N).into_iter().flatten();
            for (place, difference) in row.enumerate().skip(low).take(Field::<N>::pairs(column)) {
                *difference = at(&digits, low + high - place).wrapping_sub(at(&digits, place)).cast_signed();
            }
        }
        Field { digits, inverse, differences }
    }

    /// The digits of a little-endian number.
    pub fn digits(number: &[u8]) -> [u64; N] {
        let mut digits = [0; N];
        let (mut pending, mut bits) = (0u128, 0);
        let mut bytes = number.iter();
        for digit in &mut digits {
            while bits < Self::BITS
                && let Some(byte) = bytes.next()
            {
                pending |= u128::from(*byte) << bits;
                bits += 8;
            }
            *digit = low(pending) & Self::MASK;
            pending >>= Self::BITS;
            bits = bits.saturating_sub(Self::BITS);
        }
        digits
    }

    /// Two to the power of `exponent`, below R.
    pub fn power_of_two(exponent: u32) -> [u64; N] {
        std::array::from_fn(|place| match exponent.checked_sub(Self::BITS * place as u32) {
            Some(shift @ ..64) => 1 << shift & Self::MASK,
            _ => 0,
        })
    }

    /// The product divided by R, where both are below 4n, or one of them is 1.
    pub fn multiply(&self, x: &[u64; N], y: &[u64; N]) -> [u64; N] {
        let mut sums = [0; N];
        for x in x {
            let lowest = sums.first().copied().unwrap_or(0) + product(*x, at(y, 0));
            let quotient = low(lowest).wrapping_mul(self.inverse) & Self::MASK;
            let carry = (lowest + product(quotient, at(&self.digits, 0))) >> Self::BITS;
            // The lowest digit is zero now, and makes room at the other end.
            sums.rotate_left(1);
            if let Some(last) = sums.last_mut() {
                *last = 0;
            }
            for ((sum, y), n) in sums.iter_mut().zip(y.iter().skip(1)).zip(self.digits.iter().skip(1)) {
                *sum += product(*x, *y) + product(quotient, *n);
            }
            if let Some(first) = sums.first_mut() {
                *first += carry;
            }
        }
        let mut carry = 0;
        sums.map(|sum| {
            carry += sum;
            let digit = low(carry) & Self::MASK;
            carry >>= Self::BITS;
            digit
        })
    }

    /// Whether a number, below 4n, is 1 in Montgomery's form.
    pub fn is_one(&self, number: &[u64; N]) -> bool {
        let one = Field::power_of_two(0);
        // A product with 1 is at most n.
        self.multiply(number, &one) == one
    }

    /// Whether a number, below 4n, is -1 in Montgomery's form.
    pub fn is_minus_one(&self, number: &[u64; N]) -> bool {
        let mut plain = self.multiply(number, &Field::power_of_two(0));
        // n is odd: nothing is carried.
        if let Some(lowest) = plain.first_mut() {
            *lowest += 1;
        }
        plain == self.digits
    }

    /// The lowest and the highest place that have a product in a column.
    const fn ends(column: usize) -> (usize, usize) {
        // The lowest places are left out below: two of n's digits have to be
        // multiplied there before all of the quotient's are known.
        if column < N { (1, column.saturating_sub(1)) } else { (column + 1 - N, N - 1) }
    }

    /// The pairs of places of a column, without the one in the middle.
    const fn pairs(column: usize) -> usize {
        let (low, high) = Field::<N>::ends(column);
        (high + 1).saturating_sub(low) / 2
    }
}

/// A square that is being taken and reduced, from the lowest column on.
struct Squaring<'a, const N: usize> {
    field: &'a Field<N>,
    number: &'a [u64; N],
    twice: [u64; N],
    /// How many times n is added at each place.
    quotient: [u64; N],
    /// The sum of quotient times n, digit by digit, up to each place from 1 on.
    sums: [u128; N],
    sum: u128,
    carry: u128,
    result: [u64; N],
    result_carry: u64,
    doublings: u32,
}

impl<'a, const N: usize> Squaring<'a, N> {
    #[inline(always)]
    fn new(field: &'a Field<N>, number: &'a [u64; N], doublings: u32) -> Squaring<'a, N> {
        let mut twice = *number;
        twice.iter_mut().for_each(|digit| *digit <<= 1);
        let (quotient, sums, result) = ([0; N], [0; N], [0; N]);
        Squaring {
            field,
            number,
            twice,
            quotient,
            sums,
            sum: 0,
            carry: 0,
            result,
            result_carry: 0,
            doublings,
        }
    }

    /// A column below R, where n is added until the digit is zero.
    #[inline(always)]
    fn low<const COLUMN: usize>(&mut self) {
        let n = &self.field.digits;
        let mut sum = self.squares::<COLUMN>();
        if COLUMN > 0 {
            let lowest = product(at(&self.quotient, 0), at(n, COLUMN));
            let others = self.sums_to::<COLUMN>();
            sum = sum.wrapping_add(lowest).wrapping_add(others).wrapping_add(self.pairs::<COLUMN>());
        }
        sum = sum.wrapping_add(self.carry);
        let quotient = low(sum).wrapping_mul(self.field.inverse) & Field::<N>::MASK;
        if let Some(digit) = self.quotient.get_mut(COLUMN) {
            *digit = quotient;
        }
        self.carry = sum.wrapping_add(product(quotient, at(n, 0))) >> Field::<N>::BITS;
    }

    /// The sum of the products at places from 1 to the one below `COLUMN`.
    #[inline(always)]
    fn sums_to<const COLUMN: usize>(&mut self) -> u128 {
        if let place @ 1.. = COLUMN - 1 {
            let next = product(at(&self.quotient, place), at(&self.field.digits, place));
            self.sum = self.sum.wrapping_add(next);
            if let Some(slot) = self.sums.get_mut(place) {
                *slot = self.sum;
            }
        }
        self.sum
    }

    /// A column from R on: a digit of the result.
    #[inline(always)]
    fn high<const COLUMN: usize>(&mut self) {
        if COLUMN == N {
            self.sums_to::<N>();
        }
        let below = self.sums.get(COLUMN - N).copied().unwrap_or(0);
        let sum = self.squares::<COLUMN>().wrapping_add(self.sum).wrapping_sub(below);
        let sum = sum.wrapping_add(self.pairs::<COLUMN>()).wrapping_add(self.carry);
        self.carry = sum >> Field::<N>::BITS;
        self.put(COLUMN - N, low(sum) & Field::<N>::MASK);
    }

    #[inline(always)]
    fn put(&mut self, place: usize, digit: u64) {
        let digit = (digit << self.doublings) + self.result_carry;
        self.result_carry = digit >> Field::<N>::BITS;
        if let Some(slot) = self.result.get_mut(place) {
            *slot = digit & Field::<N>::MASK;
        }
    }

    #[inline(always)]
    fn end(mut self) -> [u64; N] {
        self.put(N - 1, low(self.carry));
        self.result
    }

    /// The column of the number's square.
    #[inline(always)]
    fn squares<const COLUMN: usize>(&self) -> u128 {
        let low = (COLUMN + 1).saturating_sub(N);
        let high = COLUMN - low;
        let others = self.number.iter().rev().skip(N - 1 - high);
        let pairs = self.twice.iter().skip(low).zip(others).take((high - low).div_ceil(2));
        let mut sum = 0u128;
        for (x, y) in pairs {
            sum = sum.wrapping_add(product(*x, *y));
        }
        if COLUMN.is_multiple_of(2) {
            let middle = at(self.number, COLUMN / 2);
            return sum.wrapping_add(product(middle, middle));
        }
        sum
    }

    /// What a column of quotient times n has beyond the products at equal places:
    /// q_i·n_j + q_j·n_i is q_i·n_i + q_j·n_j + (q_i - q_j)·(n_j - n_i) (Karatsuba), and
    /// one multiplication takes the place of two. Modulo 2^128, as the sums are.
    #[inline(always)]
    fn pairs<const COLUMN: usize>(&self) -> u128 {
        let (low, high) = Field::<N>::ends(COLUMN);
        let others = self.quotient.iter().rev().skip(N - 1 - high);
        let Some(row) = self.field.differences.get(COLUMN % N) else { return 0 };
        let pairs = self.quotient.iter().skip(low).zip(others).zip(row.iter().skip(low));
        let mut sum = 0u128;
        for ((x, y), difference) in pairs.take(Field::<N>::pairs(COLUMN)) {
            let quotients = i128::from(x.wrapping_sub(*y).cast_signed());
            sum = sum.wrapping_add((quotients * i128::from(*difference)).cast_unsigned());
        }
        sum
    }
}

macro_rules! unrolled {
    ($digits:literal, $($low:literal)*, $($high:literal)*) => {
        impl Square<$digits> for Field<$digits> {
            #[inline(never)]
            fn square(&self, number: &[u64; $digits], doublings: u32) -> [u64; $digits] {
                let mut squaring = Squaring::new(self, number, doublings);
                $(squaring.low::<$low>();)*
                $(squaring.high::<$high>();)*
                squaring.end()
            }
        }
    };
}

unrolled!(17, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16, 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32);
unrolled!(
    35,
    0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34,
    35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66 67 68
);

#[inline(always)]
fn product(x: u64, y: u64) -> u128 {
    u128::from(x) * u128::from(y)
}

#[inline(always)]
fn low(number: u128) -> u64 {
    number as u64
}

#[inline(always)]
fn at<const N: usize>(digits: &[u64; N], place: usize) -> u64 {
    digits.get(place).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use crypto_bigint::{NonZero, U1024, U2048, Uint};

    use super::super::fermat::tests::numbers;
    use super::*;

    /// More words than a product of two numbers with R.
    type Wide = Uint<100>;

    fn number<const N: usize>(digits: &[u64; N]) -> Wide {
        digits.iter().rev().fold(Wide::ZERO, |sum, digit| {
            assert!(*digit <= Field::<N>::MASK);
            sum.shl(Field::<N>::BITS).wrapping_add(&Wide::from(*digit))
        })
    }

    fn check<const N: usize, const LIMBS: usize>()
    where
        Field<N>: Square<N>,
    {
        for modulus in numbers::<LIMBS>(4) {
            let field = Field::<N>::new(modulus.to_le_bytes().as_ref());
            let n: Wide = modulus.as_ref().resize();
            assert_eq!(number(&field.digits), n);
            let most = n.shl(2).wrapping_sub(&Wide::ONE);
            let numbers =
                [Wide::ZERO, Wide::ONE, n, n.wrapping_sub(&Wide::ONE), most, most.shr(1), most.shr(70)];
            for x in numbers {
                let digits = Field::<N>::digits(x.to_le_bytes().as_ref());
                let (once, twice) = (number(&field.square(&digits, 0)), number(&field.square(&digits, 1)));
                let modulus = NonZero::new(n).unwrap();
                let again = once.shl(Field::<N>::ALL_BITS);
                assert_eq!(again.rem(&modulus), x.wrapping_mul(&x).rem(&modulus), "{x} modulo {n}");
                assert_eq!(twice, once.shl(1), "{x} modulo {n}");
                assert!(once <= n.wrapping_add(&n.shr(2)), "{x} modulo {n}");
                assert_eq!(number(&field.multiply(&digits, &digits)).rem(&modulus), once.rem(&modulus));
            }
        }
    }

    #[test]
    fn squares_and_products_are_right_up_to_the_largest_number() {
        check::<17, { U1024::LIMBS }>();
        check::<35, { U2048::LIMBS }>();
    }

    #[test]
    fn one_and_minus_one_are_known() {
        for modulus in numbers::<{ U1024::LIMBS }>(2) {
            let field = Field::<17>::new(modulus.to_le_bytes().as_ref());
            let n: Wide = modulus.as_ref().resize();
            let one = Wide::ONE.shl(Field::<17>::ALL_BITS).rem(&NonZero::new(n).unwrap());
            let form = |number: Wide| Field::<17>::digits(number.to_le_bytes().as_ref());
            for one in [one, one.wrapping_add(&n)] {
                assert!(field.is_one(&form(one)) && !field.is_minus_one(&form(one)));
                let minus_one = n.shl(1).wrapping_sub(&one);
                assert!(field.is_minus_one(&form(minus_one)) && !field.is_one(&form(minus_one)));
            }
        }
    }

    #[test]
    fn powers_of_two_have_one_bit() {
        for exponent in [0, 1, 60, 61, 62, 500, 1036] {
            assert_eq!(number(&Field::<17>::power_of_two(exponent)), Wide::ONE.shl(exponent), "{exponent}");
        }
    }
}
