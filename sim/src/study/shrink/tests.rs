//! Placeholder until the laws are written.
