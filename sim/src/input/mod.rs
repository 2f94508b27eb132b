//! Files that people write: read, override, decode, and point at what is wrong.
//!
//! A [`Document`] keeps the text it was read from, so that every complaint, whether about syntax,
//! a type, a limit or a missing source, names a line and a column. It knows no file format: any
//! type that serde can decode may be asked for.
//!
//! Never here: what a scenario or a protocol means (their own modules check that and come back to
//! [`Document::refuse`]), printing, and exit codes.
//!
//! ```text
//!  file ----> text ----> tree of values with spans ----> decode::<T>()
//!                              ^                    |--> check_sources()
//!  --set key=value ------------+                    +--> at(), refuse()
//! ```

mod decode;
mod depth;
mod diagnostic;
mod document;
mod key_path;
mod near;
mod sources;
mod tree;

pub use diagnostic::{Diagnostic, Excerpt, Place, Position, code};
pub use document::{Document, SIZE_MAX_BYTES};
pub use near::{nearest, suggest};
pub use sources::NumberLeaf;

#[cfg(test)]
mod tests;
