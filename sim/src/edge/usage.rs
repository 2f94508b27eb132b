//! What a process costs: time on a wall and on a processor, and memory. For people; no result depends on it.

use std::fs;
use std::time::Instant;

/// Counts seconds from when it was made.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// From now on.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the edge may look at a clock, and this one moves nothing"
    )]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Seconds since then.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}

/// Ticks in a second, as Linux tells them to everybody.
const TICKS: f64 = 100.0;

/// Seconds that this process has spent on a processor, its own and the system's; none where the system does not say.
#[must_use]
pub fn cpu_s() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is a name in parentheses, which may hold blanks.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / TICKS)
}

/// The most memory that this process has had, MiB; none where the system does not say.
#[must_use]
pub fn peak_mib() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1_024.0)
}
