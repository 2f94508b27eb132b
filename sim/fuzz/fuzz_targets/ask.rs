//! What the bench may say.
#![no_main]

#[path = "../checks/ask.rs"]
mod ask;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ask::check(bytes));
