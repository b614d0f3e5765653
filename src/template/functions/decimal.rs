//! Decimal numbers of any size, as far as Sprig's `addf` and its kin need them:
//! they compute with decimals and turn the result into the nearest float.

use std::cmp::Ordering;

use crate::data::number::shortest_digits;
use crate::template::budget::{Budget, Exceeded};

/// Digits after the point that a division has.
const PRECISION: i64 = 16;

/// A number: `digits` (least first) times a power of ten.
#[derive(Debug, Clone)]
pub struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    exponent: i64,
}

impl Decimal {
    /// The shortest decimal that reads back as `n`, if `n` is finite.
    pub fn new(n: f64) -> Option<Decimal> {
        if !n.is_finite() {
            return None;
        }
        let (text, point) = shortest_digits(n);
        let exponent = i64::from(point) - i64::try_from(text.len()).unwrap_or(0);
        let mut digits: Vec<u8> = text.bytes().rev().map(|b| b.saturating_sub(b'0')).collect();
        trim(&mut digits);
        let exponent = if digits.is_empty() { 0 } else { exponent };
        Some(Decimal { negative: n < 0.0 && !digits.is_empty(), digits, exponent })
    }

    /// The nearest float.
    pub fn to_float(&self) -> f64 {
        let digits: String = self.digits.iter().rev().map(|d| char::from(b'0' + d)).collect();
        let sign = if self.negative { "-" } else { "" };
        if digits.is_empty() {
            return 0.0;
        }
        format!("{sign}{digits}e{}", self.exponent).parse().unwrap_or(0.0)
    }

    /// The sum.
    ///
    /// # Errors
    /// The budget's limits.
    pub fn add(&self, other: &Decimal, budget: &mut Budget) -> Result<Decimal, Exceeded> {
        let exponent = self.exponent.min(other.exponent);
        let left = shift(&self.digits, self.exponent - exponent, budget)?;
        let right = shift(&other.digits, other.exponent - exponent, budget)?;
        let (negative, digits) = if self.negative == other.negative {
            (self.negative, plus(&left, &right))
        } else if compare(&left, &right) == Ordering::Less {
            (other.negative, minus(&right, &left))
        } else {
            (self.negative, minus(&left, &right))
        };
        Ok(Decimal { negative: negative && !digits.is_empty(), digits, exponent })
    }

    /// The difference.
    ///
    /// # Errors
    /// The budget's limits.
    pub fn sub(&self, other: &Decimal, budget: &mut Budget) -> Result<Decimal, Exceeded> {
        let negated = Decimal { negative: !other.negative && !other.digits.is_empty(), ..other.clone() };
        self.add(&negated, budget)
    }

    /// The product.
    ///
    /// # Errors
    /// The budget's limits.
    pub fn mul(&self, other: &Decimal, budget: &mut Budget) -> Result<Decimal, Exceeded> {
        budget.steps(self.digits.len().saturating_mul(other.digits.len()) / 16)?;
        let mut sums = vec![0_u64; self.digits.len() + other.digits.len()];
        for (i, a) in self.digits.iter().enumerate() {
            for (sum, b) in sums.iter_mut().skip(i).zip(&other.digits) {
                *sum += u64::from(*a) * u64::from(*b);
            }
        }
        let mut digits = Vec::with_capacity(sums.len() + 1);
        let mut carry = 0;
        for sum in sums {
            carry += sum;
            digits.push((carry % 10) as u8);
            carry /= 10;
        }
        trim(&mut digits);
        let negative = self.negative != other.negative && !digits.is_empty();
        Ok(Decimal { negative, digits, exponent: self.exponent + other.exponent })
    }

    /// The quotient to 16 places, halves away from zero; `None` for a division
    /// by zero.
    ///
    /// # Errors
    /// The budget's limits.
    pub fn div(&self, other: &Decimal, budget: &mut Budget) -> Result<Option<Decimal>, Exceeded> {
        if other.digits.is_empty() {
            return Ok(None);
        }
        let by = self.exponent - other.exponent + PRECISION;
        let above = shift(&self.digits, by, budget)?;
        let below = shift(&other.digits, -by, budget)?;
        budget.steps(above.len().saturating_mul(below.len()) / 16)?;
        let mut quotient = vec![0; above.len()];
        let mut rest: Vec<u8> = Vec::new();
        for (digit, place) in above.iter().zip(quotient.iter_mut()).rev() {
            rest.insert(0, *digit);
            trim(&mut rest);
            while compare(&rest, &below) != Ordering::Less {
                rest = minus(&rest, &below);
                *place += 1;
            }
        }
        if compare(&plus(&rest, &rest), &below) != Ordering::Less {
            quotient = plus(&quotient, &[1]);
        }
        trim(&mut quotient);
        let negative = self.negative != other.negative && !quotient.is_empty();
        Ok(Some(Decimal { negative, digits: quotient, exponent: -PRECISION }))
    }
}

fn trim(digits: &mut Vec<u8>) {
    while digits.last() == Some(&0) {
        digits.pop();
    }
}

/// The digits times ten to the power `by`; unchanged where that is negative.
fn shift(digits: &[u8], by: i64, budget: &mut Budget) -> Result<Vec<u8>, Exceeded> {
    let zeros = if digits.is_empty() { 0 } else { usize::try_from(by).unwrap_or(0) };
    budget.string(zeros.saturating_add(digits.len()))?;
    let mut shifted = vec![0; zeros];
    shifted.extend_from_slice(digits);
    Ok(shifted)
}

/// Which is greater; neither has leading zeros.
fn compare(left: &[u8], right: &[u8]) -> Ordering {
    left.len().cmp(&right.len()).then_with(|| left.iter().rev().cmp(right.iter().rev()))
}

fn plus(left: &[u8], right: &[u8]) -> Vec<u8> {
    let mut sum = Vec::with_capacity(left.len().max(right.len()) + 1);
    let mut carry = 0;
    for i in 0..=left.len().max(right.len()) {
        carry += left.get(i).copied().unwrap_or(0) + right.get(i).copied().unwrap_or(0);
        sum.push(carry % 10);
        carry /= 10;
    }
    trim(&mut sum);
    sum
}

/// `left` less `right`, which is not greater.
fn minus(left: &[u8], right: &[u8]) -> Vec<u8> {
    let mut rest = Vec::with_capacity(left.len());
    let mut borrow = 0;
    for (i, digit) in left.iter().enumerate() {
        let taken = right.get(i).copied().unwrap_or(0) + borrow;
        borrow = u8::from(*digit < taken);
        rest.push((digit + 10 * borrow).saturating_sub(taken));
    }
    trim(&mut rest);
    rest
}
