//! What formulas may speak of: the signals of a run, or the columns of a trace.
//!
//! [`Vocabulary`] is for text that is read before there is a trace, such as a file of requirements, and
//! reads the values off a run; [`Readable`] makes names and records of a trace, also of one that was
//! recorded elsewhere.
//!
//! Never here: files, printing, and what a formula demands.

mod naming;
mod readable;
mod vocabulary;

use temporal_logic::Time;

pub use readable::{Judging, Readable, Undefined, Unjudged, sampling};
pub use vocabulary::{Facet, Meaning, Term, Vocabulary, plain, units};

/// When a record is judged: records of one moment follow each other by a millisecond, so that nothing
/// that happens in one of them is lost.
#[must_use]
pub fn moment(at: Time, last: Option<Time>) -> Time {
    match last {
        Some(last) if last >= at => Time::from_millis(last.millis() + 1),
        Some(_) | None => at,
    }
}
