//! The key, and what only its holders can make.

use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Bytes of a seal: the first half of an HMAC-SHA256, as RFC 2104 permits and many protocols do.
pub(crate) const SEAL: usize = 16;

/// The secret that both ends of a session hold.
#[derive(Clone, Copy)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
    /// The key of these bytes. Who made them, and how, is nothing that this crate knows.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(..)")
    }
}

/// The key with its two blocks already hashed: what is left for a seal is the frame, and one block more.
#[derive(Clone)]
pub(crate) struct Sealer(Hmac<Sha256>);

impl Sealer {
    pub(crate) fn new(key: &SessionKey) -> Self {
        // A key that is shorter than a block counts as filled up with zeros.
        let mut block = [0; 64];
        for (to, from) in block.iter_mut().zip(key.0) {
            *to = from;
        }
        Self(Hmac::new(&block.into()))
    }

    pub(crate) fn seal(&self, bytes: &[u8]) -> [u8; SEAL] {
        let mut hmac = self.0.clone();
        hmac.update(bytes);
        let whole = hmac.finalize().into_bytes();
        let mut seal = [0; SEAL];
        for (to, from) in seal.iter_mut().zip(whole) {
            *to = from;
        }
        seal
    }

    /// Whether `seal` is that of `bytes`; takes the same time wherever they differ.
    pub(crate) fn holds(&self, bytes: &[u8], seal: &[u8; SEAL]) -> bool {
        let mut hmac = self.0.clone();
        hmac.update(bytes);
        hmac.verify_truncated_left(seal).is_ok()
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Key, data and the first half of the HMAC-SHA256 of RFC 4231, section 4.
    const VECTORS: [(&[u8], &[u8], &str); 5] = [
        (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b"),
        (
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c7",
        ),
        (&[0xaa; 20], &[0xdd; 50], "773ea91e36800e46854db8ebd09181a7"),
        (
            &[
                1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
                24, 25,
            ],
            &[0xcd; 50],
            "82558a389a443c0ea4cc819899f2083a",
        ),
        // The RFC's own case of a seal cut to 128 bits.
        (
            &[0x0c; 20],
            b"Test With Truncation",
            "a3b6167473100ee06e0c796c2955552b",
        ),
    ];

    #[test]
    fn seals_are_those_of_rfc_4231() {
        for (key, data, hex) in VECTORS {
            let mut filled = [0; 32];
            filled[..key.len()].copy_from_slice(key);
            let sealer = Sealer::new(&SessionKey::from_bytes(filled));
            let seal = sealer.seal(data);
            let written: String = seal.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(written, hex);
            assert!(sealer.holds(data, &seal));
        }
    }

    #[test]
    fn a_seal_holds_for_nothing_else() {
        let sealer = Sealer::new(&SessionKey::from_bytes([7; 32]));
        let seal = sealer.seal(b"stop");
        assert!(!sealer.holds(b"stops", &seal));
        for bit in 0..SEAL * 8 {
            let mut other = seal;
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(!sealer.holds(b"stop", &other));
        }
        let other = Sealer::new(&SessionKey::from_bytes([8; 32]));
        assert!(!other.holds(b"stop", &seal));
    }
}
