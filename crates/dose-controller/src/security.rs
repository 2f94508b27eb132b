//! What speaks of somebody who should not be there (AL-24).
//!
//! A frame whose seal, session, number or age is wrong has no effect; one is bad luck, three in ten minutes
//! are somebody, until there have been no three for half an hour: on a link that damages a frame now and then
//! the alarm stands instead of coming and going (SR-72). An order by nobody who is known, and a command that the
//! pump took under the session's name and that was not given here, need no second.

use core::time::Duration;

use infusion_types::{Refused, Timestamp};

use crate::refusals::{Refusals, SHOWN};

/// Whoever sent three is taken to be there for so long after the third. An assumption: longer than the quarter of an
/// hour at which an alarm that comes and goes would do so four times an hour.
const THERE: Duration = Duration::from_secs(1_800);

/// What was counted, and what was seen.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Security {
    /// The pump's own count, as last read.
    pump: Option<Refused>,
    /// The count at this end since it was switched on.
    here: u32,
    frames: Refusals,
    /// When there were last three within ten minutes.
    three_at: Option<Timestamp>,
    alert: Option<Timestamp>,
}

impl Security {
    /// Takes both counts in. How many commands the pump has refused since they were last read.
    pub(crate) fn count(&mut self, now: Timestamp, pump: Option<Refused>, here: u32) -> u32 {
        let since = |new: u32, old: u32| new.saturating_sub(old);
        let mut bad = since(here, self.here);
        self.here = here;
        let mut commands = 0;
        if let (Some(new), Some(old)) = (pump, self.pump) {
            bad = bad.saturating_add(since(new.frames, old.frames));
            commands = since(new.commands, old.commands);
        }
        self.pump = pump.or(self.pump);
        self.frames.note_all(now, bad);
        if bad > 0 && self.frames.frequent(now) {
            self.three_at = Some(now);
        }
        commands
    }

    /// Somebody is there.
    pub(crate) const fn alert(&mut self, now: Timestamp) {
        self.alert = Some(now);
    }

    /// This end counts from zero again.
    pub(crate) const fn wake(&mut self) {
        self.here = 0;
    }

    /// AL-24.
    pub(crate) fn stands(&self, now: Timestamp) -> bool {
        self.three_at.is_some_and(|at| now.since(at) <= THERE)
            || self.alert.is_some_and(|at| now.since(at) <= SHOWN)
    }

    /// Whether every time in it lies before `now`.
    pub(crate) fn is_past(&self, now: Timestamp) -> bool {
        let mut times = self.three_at.iter().chain(&self.alert);
        self.frames.is_past(now) && times.all(|at| *at <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn second(count: u64) -> Timestamp {
        Timestamp::from_millis(count * 1_000)
    }

    const fn pump(frames: u32, commands: u32) -> Option<Refused> {
        Some(Refused { frames, commands })
    }

    #[test]
    fn three_bad_frames_in_ten_minutes_are_somebody_at_whichever_end() {
        let mut security = Security::default();
        security.count(second(0), pump(7, 0), 0);
        assert!(!security.stands(second(0)), "from before the first look");
        security.count(second(10), pump(8, 0), 0);
        security.count(second(20), None, 1);
        assert!(!security.stands(second(20)));
        security.count(second(610), pump(9, 0), 1);
        assert!(security.stands(second(610)));
        assert!(security.stands(second(2_410)), "half an hour");
        assert!(!security.stands(second(2_411)));
    }

    #[test]
    fn half_an_hour_counts_from_the_third_and_not_from_when_three_were_last_remembered() {
        let mut security = Security::default();
        for now in [100, 200, 300] {
            let bad = u32::try_from(now / 100).unwrap();
            security.count(second(now), None, bad);
        }
        security.count(second(600), None, 3);
        assert!(security.stands(second(2_100)));
        assert!(!security.stands(second(2_101)));
    }

    #[test]
    fn a_bad_frame_every_eight_minutes_is_bad_luck_and_every_four_is_somebody_all_the_time() {
        let mut luck = Security::default();
        let mut somebody = Security::default();
        for minute in 0..120_u32 {
            let now = second(u64::from(minute) * 60);
            luck.count(now, None, minute / 8);
            somebody.count(now, None, minute / 4);
            assert!(!luck.stands(now), "{minute}");
            assert_eq!(somebody.stands(now), minute >= 12, "{minute}");
        }
    }

    #[test]
    fn a_pump_that_counts_from_zero_again_has_refused_nothing() {
        let mut security = Security::default();
        security.count(second(0), pump(9, 9), 0);
        assert_eq!(security.count(second(1), pump(0, 0), 0), 0);
        assert_eq!(security.count(second(2), pump(0, 2), 0), 2);
        assert!(
            !security.stands(second(2)),
            "a refused command is no forgery"
        );
    }
}
