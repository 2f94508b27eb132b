//! Any bytes as a line of a controller: the reader says no, or what it has read is what it says again.

use weanbench::edge::lockstep::decode;

pub(crate) fn check(line: &[u8]) {
    if let Ok(said) = decode(line) {
        assert_eq!(decode(&said).as_ref(), Ok(&said));
    }
}
