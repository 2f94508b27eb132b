//! `--pace N`: simulated time is held back to N times the time on the wall, for a controller that lives outside
//! simulated time: one with a display, a watchdog, or a human in front of it.
//!
//! Only waiting is added. What is said and decided is the same, so the records are those of an unpaced run. A moment that
//! came later than its time is an overrun; they are counted and told when the run is over.

use std::sync::Arc;
use std::time::{Duration, Instant};

use dose_controller::Protocol;
use infusion_types::{Abilities, Decision, Inputs, Session, Timestamp};

use crate::kept::Kept;
use crate::port::{AnyController, ControllerPort, Controllers, Stalled};

/// A moment that is this much behind its time is an overrun: less is how coarsely a system wakes anybody.
const TOLERANCE: Duration = Duration::from_millis(2);

/// Controllers that are asked in the time of the wall, or so many times faster.
#[derive(Debug)]
pub struct Paced {
    inner: Arc<dyn Controllers>,
    pace: f64,
    tell: fn(&str),
}

impl Paced {
    /// The same controllers at `pace` times real time; more than 0. `tell` is told of overruns, once a run.
    #[must_use]
    pub fn new(inner: Arc<dyn Controllers>, pace: f64, tell: fn(&str)) -> Self {
        Self { inner, pace, tell }
    }
}

impl Controllers for Paced {
    fn name(&self) -> String {
        self.inner.name()
    }

    fn open(&self, protocol: Protocol, session: Session) -> Result<AnyController, Stalled> {
        Ok(Box::new(OnTime {
            inner: self.inner.open(protocol, session)?,
            pace: self.pace,
            tell: self.tell,
            begun: None,
            overruns: Overruns::default(),
        }))
    }
}

/// Moments that came late.
#[derive(Clone, Copy, Debug, Default)]
struct Overruns {
    moments: u64,
    late: u64,
    worst: Duration,
    worst_at_ms: u64,
}

impl Overruns {
    fn note(&mut self, at: Timestamp, behind: Duration) {
        self.moments += 1;
        self.late += u64::from(behind > TOLERANCE);
        if behind > self.worst {
            (self.worst, self.worst_at_ms) = (behind, at.millis());
        }
    }
}

struct OnTime {
    inner: AnyController,
    pace: f64,
    tell: fn(&str),
    begun: Option<(Instant, Timestamp)>,
    overruns: Overruns,
}

impl OnTime {
    /// Waits until `at` has come on the wall.
    #[expect(
        clippy::disallowed_methods,
        reason = "to keep the time of the wall is what was asked for; it moves no record"
    )]
    fn wait_for(&mut self, at: Timestamp) {
        let (begun, first) = *self.begun.get_or_insert_with(|| (Instant::now(), at));
        let due = at.since(first).div_f64(self.pace);
        let now = begun.elapsed();
        match due.checked_sub(now) {
            Some(early) => {
                std::thread::sleep(early);
                self.overruns.note(at, Duration::ZERO);
            }
            None => self.overruns.note(at, now.saturating_sub(due)),
        }
    }
}

impl ControllerPort for OnTime {
    fn step(&mut self, now: Timestamp, inputs: &Inputs<'_>) -> Result<Decision, Stalled> {
        self.wait_for(now);
        self.inner.step(now, inputs)
    }

    fn poll_timeout(&self) -> Timestamp {
        self.inner.poll_timeout()
    }

    fn saved(&mut self) -> Result<Option<Kept>, Stalled> {
        self.inner.saved()
    }

    fn trusts(&self, saved: &Kept) -> bool {
        self.inner.trusts(saved)
    }

    fn restart(
        &mut self,
        session: Session,
        now: Timestamp,
        saved: Option<Kept>,
    ) -> Result<(), Stalled> {
        self.inner.restart(session, now, saved)
    }

    fn abilities(&self) -> Abilities {
        self.inner.abilities()
    }
}

impl Drop for OnTime {
    fn drop(&mut self) {
        let it = self.overruns;
        if it.late > 0 {
            (self.tell)(&format!(
                "{} of {} moments came late; the worst by {:?}, at {} ms",
                it.late, it.moments, it.worst, it.worst_at_ms
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Case;
    use crate::config::Library;
    use crate::port::Shipped;
    use crate::study::cohort::run_case;

    #[test]
    fn a_run_that_is_held_back_takes_its_time_and_has_the_same_records() {
        let short = ["faults=[]", "run_max_h=1"].map(str::to_owned);
        let free = Library::shipped("first", &short)
            .expect("it ships")
            .expect("it is sound");
        let mut held = free.clone();
        held.controllers = Arc::new(Paced::new(Arc::new(Shipped), 7_200.0, |_| ()));
        let run = |library: &Library| {
            let case = Case::new(library, &library.scenario.arms[0], 1).expect("it is sound");
            run_case(&case).expect("no stall").digest.hex()
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "it is about the time on the wall"
        )]
        let begun = Instant::now();
        assert_eq!(run(&held), run(&free));
        // An hour at 7200 times real time is half a second.
        assert!(
            begun.elapsed() >= Duration::from_millis(450),
            "{:?}",
            begun.elapsed()
        );
    }

    #[test]
    fn what_is_late_is_counted() {
        let mut overruns = Overruns::default();
        for (at, behind_ms) in [(1, 0), (2, 1), (3, 40), (4, 10)] {
            overruns.note(Timestamp::from_millis(at), Duration::from_millis(behind_ms));
        }
        assert_eq!((overruns.moments, overruns.late), (4, 2));
        assert_eq!(
            (overruns.worst_at_ms, overruns.worst),
            (3, Duration::from_millis(40))
        );
    }
}
