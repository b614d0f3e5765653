//! What [`super::lanes`] is where there are no such processors: all is left to the others.

use crypto_bigint::{Odd, Uint};

pub const LANES: usize = 1;

pub fn together() -> usize {
    1
}

pub fn fermat<const LIMBS: usize>(_: &[Odd<Uint<LIMBS>>]) -> Option<[bool; LANES]> {
    None
}

pub fn miller_rabin<const LIMBS: usize>(_: &[(Odd<Uint<LIMBS>>, Uint<LIMBS>)]) -> Option<[bool; LANES]> {
    None
}
