//! A sieve that strikes numbers with a small factor out, before anything dearer
//! looks at them.

use std::sync::LazyLock;

use super::montgomery::negated_inverse;

/// Odd numbers that are looked at from a start on.
const WINDOW: usize = 8192;

/// Where the primes end: one more would cost as much as the tests that it saves.
const BOUND: usize = 1 << 18;

/// Groups of primes that are looked at together, as a processor can do that.
const TOGETHER: usize = 4;

/// The places of the odd numbers from an odd one on that have no small factor. The
/// words, a power of two of them, begin with the lowest.
pub fn survivors(start: &[u64]) -> Vec<usize> {
    let mut composite = vec![false; WINDOW];
    for groups in GROUPS.iter() {
        for (group, remainder) in groups.iter().zip(remainders(groups, start)) {
            for prime in group.primes {
                strike(&mut composite, u64::from(prime), remainder);
            }
        }
    }
    composite.iter().enumerate().filter(|(_, composite)| !**composite).map(|(place, _)| place).collect()
}

/// Strikes the multiples of a prime out, given the start's remainder by a multiple of it.
fn strike(composite: &mut [bool], prime: u64, remainder: u64) {
    let missing = prime - remainder % prime;
    // Half of what is missing, as the numbers are two apart.
    let first = if missing.is_multiple_of(2) { missing / 2 } else { missing.midpoint(prime) % prime };
    // Most primes are longer than the window.
    if first < WINDOW as u64 {
        composite.iter_mut().skip(first as usize).step_by(prime as usize).for_each(|c| *c = true);
    }
}

/// Three primes, which one pass over a long number serves.
struct Group {
    primes: [u32; 3],
    product: u64,
    /// The inverse of -product modulo 2^64.
    inverse: u64,
    /// 2^128 modulo the product.
    square: u64,
}

impl Group {
    fn new(primes: [u32; 3]) -> Group {
        let product = primes.iter().map(|prime| u64::from(*prime)).product::<u64>();
        let once = u128::from(u64::MAX % product + 1);
        let square = (once * once % u128::from(product)) as u64;
        Group { primes, product, inverse: negated_inverse(product), square }
    }

    /// A number divided by 2^64, modulo the product (Montgomery): below twice of it
    /// where the number is below 2^64 times that.
    fn reduced(&self, number: u128) -> u64 {
        let times = (number as u64).wrapping_mul(self.inverse);
        ((number + u128::from(times) * u128::from(self.product)) >> 64) as u64
    }
}

/// The remainders of a number by the groups' products, or the product more.
fn remainders(groups: &[Group; TOGETHER], number: &[u64]) -> [u64; TOGETHER] {
    let mut rests = [0; TOGETHER];
    for word in number {
        for (rest, group) in rests.iter_mut().zip(groups) {
            *rest = group.reduced(u128::from(*rest) + u128::from(*word));
        }
    }
    // That divided by 2^64 as often as there are words. A power of it makes up for them,
    // and for the division in the product with it.
    let mut powers = groups.each_ref().map(|group| group.square);
    for _ in 0..number.len().trailing_zeros() {
        for (power, group) in powers.iter_mut().zip(groups) {
            *power = group.reduced(u128::from(*power) * u128::from(*power));
        }
    }
    for ((rest, power), group) in rests.iter_mut().zip(powers).zip(groups) {
        *rest = group.reduced(u128::from(*rest) * u128::from(power));
    }
    rests
}

/// The odd primes below [`BOUND`]. The few at the end that fill no group are left out.
static GROUPS: LazyLock<Vec<[Group; TOGETHER]>> = LazyLock::new(|| {
    let mut composite = vec![false; BOUND / 2];
    let mut primes = Vec::with_capacity(BOUND / 8);
    for i in 1..composite.len() {
        if composite.get(i) == Some(&false) {
            let prime = 2 * i + 1;
            primes.extend(u32::try_from(prime));
            composite.iter_mut().skip(prime * prime / 2).step_by(prime).for_each(|c| *c = true);
        }
    }
    let (triples, _) = primes.as_chunks::<3>();
    let (together, _) = triples.as_chunks::<TOGETHER>();
    together.iter().map(|triples| triples.map(Group::new)).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_has_no_small_factor_and_all_else_has_one() {
        let start = (1u64 << 40) + 1;
        let left = survivors(&[start]);
        for place in 0..WINDOW {
            let number = start + 2 * place as u64;
            let mut primes = GROUPS.iter().flatten().flat_map(|group| group.primes);
            let composite = primes.any(|prime| number.is_multiple_of(u64::from(prime)));
            assert_eq!(left.contains(&place), !composite, "{number}");
        }
    }

    #[test]
    fn the_primes_are_those_below_the_bound() {
        let mut primes = GROUPS.iter().flatten().flat_map(|group| group.primes);
        assert_eq!(primes.by_ref().take(5).collect::<Vec<_>>(), [3, 5, 7, 11, 13]);
        // There are 22999 odd ones.
        assert_eq!(primes.count() + 5, 22_999 / 12 * 12);
    }

    #[test]
    fn remainders_of_long_numbers_are_right() {
        for words in [[u64::MAX; 16], [1; 16], std::array::from_fn(|i| 0x9e37_79b9_7f4a_7c15 << i)] {
            for groups in GROUPS.iter() {
                for (group, remainder) in groups.iter().zip(remainders(groups, &words)) {
                    let product = u128::from(group.product);
                    let right = words.iter().rev().fold(0, |n, w| (n << 64 | u128::from(*w)) % product);
                    assert_eq!(u128::from(remainder) % product, right, "{:?}", group.primes);
                }
            }
        }
    }
}
