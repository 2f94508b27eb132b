//! The frames as two parties use them, and as somebody between them would like to.

mod channel;
mod clock;
mod damage;
mod refusals;
mod roundtrip;
mod support;
