//! What formulas may speak of: the signals of a run, or the columns of a trace.
//!
//! [`Vocabulary`] is for text that is read before there is a trace, such as a file of requirements, and
//! reads the values off a run; [`Readable`] makes names and records of a trace, also of one that was
//! recorded elsewhere.
//!
//! Never here: files, printing, and what a formula demands.

mod readable;
mod vocabulary;

pub use readable::{Readable, Unjudged, sampling};
pub use vocabulary::{Facet, Meaning, Term, Vocabulary, plain, units};
