//! What a controller in C may leave behind, and be given.
#![no_main]

#[path = "../checks/decision.rs"]
mod decision;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| decision::check(bytes));
