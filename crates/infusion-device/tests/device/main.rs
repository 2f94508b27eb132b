//! The device against numbers calculated by hand, and against its own balance.

mod commands;
mod delivery;
mod events;
mod fluid;
mod motor;
mod power;
mod properties;
mod sensors;
mod support;
