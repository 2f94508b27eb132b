//! How many runs at a time, and how somebody ends them.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rayon::ThreadPool;

use super::console::{Trouble, note};
use crate::edge::interrupt;

/// Workers, all cores where no number is given, and a flag that Ctrl-C sets.
///
/// # Errors
/// [`Trouble`], when the machine gives no threads.
pub(super) fn workers(jobs: Option<u16>) -> Result<(ThreadPool, Arc<AtomicBool>), Trouble> {
    let mut pool = rayon::ThreadPoolBuilder::new();
    if let Some(jobs) = jobs {
        pool = pool.num_threads(usize::from(jobs));
    }
    let pool = pool.build().map_err(Trouble::bench)?;
    let stop = interrupt::watch(|| {
        note("\nstopping when the runs that are under way are done; Ctrl-C again ends at once");
    });
    let stop = stop.unwrap_or_else(|error| {
        note(&format!("Ctrl-C will end the bench at once: {error}"));
        Arc::new(AtomicBool::new(false))
    });
    Ok((pool, stop))
}
