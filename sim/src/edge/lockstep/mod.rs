//! Controllers that live outside: a process, or somebody who listens at a socket, one line each way a cycle.
//!
//! The specification is `sim/docs/lockstep.md`. Async stays inside one method: a `channel` owns a
//! current-thread runtime and blocks on one exchange a cycle, with a limit of patience. The wall clock can end a
//! run and never move it: whoever does not answer in time, or not as it must, has stalled.
//!
//! | module | does |
//! |---|---|
//! | `lines` | what crosses, as types of its own |
//! | `words` | splits a command line |
//! | `child` | starts a process and ends it |
//! | `awake` | looks out for what is about to come, before anybody sleeps over it |
//! | `stream` | the bytes of a connection |
//! | `channel` | one line out, one line in, within the patience |
//! | `port` | stands where a controller stands |
//! | `source` | makes one for each run |
//! | `serve` | the other end: any controller behind the protocol |

mod awake;
mod channel;
mod child;
mod lines;
mod port;
pub mod serve;
mod source;
mod stream;
mod words;

pub use lines::{LINE_MOST, SAVED_MOST, SCHEMA};
pub use port::Lockstep;
pub use source::{Bad, External, Place};

/// Reads a line as any of a controller's words is read, and says what was read once more; for fuzzing.
///
/// # Errors
/// What of it is not as it must be, in words.
pub fn decode(line: &[u8]) -> Result<Vec<u8>, String> {
    lines::once_more(line, lines::FromController::again)
}
