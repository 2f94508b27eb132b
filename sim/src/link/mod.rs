//! The way between controller and pump.

mod wire;

pub use wire::{Forgery, Wire};
