//! One number that changes when any byte of a trace changes.

use std::fmt;

use twox_hash::xxhash3_128::{DEFAULT_SECRET_LENGTH, RawHasher, SecretBuffer};

/// The algorithm, as reports name it.
pub const DIGEST_ALGORITHM: &str = "xxh3-128";

/// Writes are gathered here first: the hasher is fast with blocks and slow with words.
const GATHERED_BYTES: usize = 1024;

/// A running digest (XXH3-128, seed 0). Not for secrets: it guards against accidents only.
///
/// Feeding bytes in pieces is the same as feeding them at once. Numbers are little-endian, floats
/// are their bits, and a text comes after its length, so that `"ab", "c"` differs from `"a", "bc"`.
#[derive(Clone)]
pub struct Digest {
    hasher: RawHasher<&'static [u8; DEFAULT_SECRET_LENGTH]>,
    gathered: [u8; GATHERED_BYTES],
    length: usize,
}

impl Digest {
    /// The digest of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self {
            hasher: RawHasher::new(SecretBuffer::default()),
            gathered: [0; GATHERED_BYTES],
            length: 0,
        }
    }

    /// Feeds bytes as they are.
    #[inline]
    pub fn bytes(&mut self, bytes: &[u8]) {
        match self.gathered[self.length..].get_mut(..bytes.len()) {
            Some(place) => {
                place.copy_from_slice(bytes);
                self.length += bytes.len();
            }
            None => self.overflow(bytes),
        }
    }

    /// Feeds an unsigned number.
    #[inline]
    pub fn u64(&mut self, value: u64) {
        self.bytes(&value.to_le_bytes());
    }

    /// Feeds unsigned numbers, one after the other.
    pub fn words(&mut self, words: &[u64]) {
        let room = self.gathered[self.length..].get_mut(..words.len() * 8);
        let Some(room) = room else {
            return words.iter().for_each(|word| self.u64(*word));
        };
        for (place, word) in room.chunks_exact_mut(8).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        self.length += words.len() * 8;
    }

    /// Feeds a signed number.
    #[inline]
    pub fn i64(&mut self, value: i64) {
        self.bytes(&value.to_le_bytes());
    }

    /// Feeds the bits of a float: `0.0` and `-0.0` differ, and so do two kinds of NaN.
    #[inline]
    pub fn f64(&mut self, value: f64) {
        self.u64(value.to_bits());
    }

    /// Feeds one byte, 0 or 1.
    #[inline]
    pub fn bool(&mut self, value: bool) {
        self.bytes(&[u8::from(value)]);
    }

    /// Feeds the length of a text in bytes, and the text.
    #[inline]
    pub fn str(&mut self, value: &str) {
        self.u64(value.len() as u64);
        self.bytes(value.as_bytes());
    }

    /// The digest of everything fed so far, in 32 lower-case characters.
    #[must_use]
    pub fn hex(&self) -> String {
        let mut hasher = self.hasher.clone();
        hasher.write(&self.gathered[..self.length]);
        format!("{:032x}", hasher.finish_128())
    }

    #[cold]
    fn overflow(&mut self, bytes: &[u8]) {
        self.hasher.write(&self.gathered[..self.length]);
        if bytes.len() < GATHERED_BYTES {
            self.gathered[..bytes.len()].copy_from_slice(bytes);
            self.length = bytes.len();
        } else {
            self.hasher.write(bytes);
            self.length = 0;
        }
    }
}

impl Default for Digest {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({})", self.hex())
    }
}

#[cfg(test)]
mod tests {
    use twox_hash::XxHash3_128;

    use super::*;

    fn at_once(bytes: &[u8]) -> String {
        format!("{:032x}", XxHash3_128::oneshot(bytes))
    }

    #[test]
    fn nothing_has_the_published_digest() {
        assert_eq!(Digest::new().hex(), "99aa06d3014798d86001c324468d497f");
    }

    #[test]
    fn pieces_are_as_good_as_the_whole() {
        let whole: Vec<u8> = (0..10_000_u32)
            .map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0])
            .collect();
        for piece in [1, 7, 8, 100, 1_000, 1_023, 1_024, 1_025, 3_000, 10_000] {
            let mut digest = Digest::new();
            for (count, bytes) in whole.chunks(piece).enumerate() {
                digest.bytes(bytes);
                let so_far = ((count + 1) * piece).min(whole.len());
                if count % 97 == 0 {
                    assert_eq!(digest.hex(), at_once(&whole[..so_far]), "{piece} {so_far}");
                }
            }
            assert_eq!(digest.hex(), at_once(&whole), "{piece}");
        }
    }

    #[test]
    fn many_words_are_as_good_as_one_by_one() {
        let words: Vec<u64> = (0..61_u64)
            .map(|n| n.wrapping_mul(0x9e37_79b9_97f4))
            .collect();
        let (mut one_by_one, mut at_once) = (Digest::new(), Digest::new());
        for count in 0..61 {
            words[..count].iter().for_each(|word| one_by_one.u64(*word));
            at_once.words(&words[..count]);
            assert_eq!(one_by_one.hex(), at_once.hex(), "{count}");
        }
    }

    #[test]
    fn every_kind_of_value_counts() {
        let hex = |feed: &dyn Fn(&mut Digest)| {
            let mut digest = Digest::new();
            feed(&mut digest);
            digest.hex()
        };
        assert_eq!(hex(&|d| d.u64(1)), at_once(&[1, 0, 0, 0, 0, 0, 0, 0]));
        assert_eq!(hex(&|d| d.i64(-1)), at_once(&[255; 8]));
        assert_eq!(hex(&|d| d.bool(true)), at_once(&[1]));
        assert_ne!(hex(&|d| d.f64(0.0)), hex(&|d| d.f64(-0.0)));
        let split = |a: &'static str, b: &'static str| {
            hex(&|d| {
                d.str(a);
                d.str(b);
            })
        };
        assert_ne!(split("ab", "c"), split("a", "bc"));
        let mut digest = Digest::new();
        digest.u64(7);
        assert_eq!(digest.hex(), digest.hex(), "looking changes nothing");
        assert_eq!(format!("{digest:?}").len(), 40);
    }
}
