//! A hash for names that are known beforehand.

/// FNV-1a: a few instructions for a short name, where the standard library's hash
/// takes a hundred. Not for names that a stranger chooses: it can be made to collide.
#[allow(clippy::indexing_slicing, reason = "the compiler evaluates it, and the index is below the length")]
pub const fn fnv(name: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut at = 0;
    while at < name.len() {
        hash = (hash ^ name[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_values_come_out() {
        for (text, hash) in
            [("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8)]
        {
            assert_eq!(fnv(text.as_bytes()), hash);
        }
    }
}
