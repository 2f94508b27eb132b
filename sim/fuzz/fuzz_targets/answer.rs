//! Any bytes as a line of a controller: the reader says yes or no.
#![no_main]

libfuzzer_sys::fuzz_target!(|line: &[u8]| {
    let _ = weanbench::edge::lockstep::decode(line);
});
