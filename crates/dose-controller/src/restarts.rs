//! How often the pump has stopped and begun again by itself (SR-73).
//!
//! A stop that ends by itself is right once. The third stop of the same kind within ten minutes is a line
//! that somebody has to look at: the pump stays stopped, and the alarm stands at high priority, also when
//! its cause has gone again. One person's Resume opens the lock, at the planned rate. It is a start too: what
//! was counted stays, so that the next stop within the ten minutes waits for a person again.
//!
//! A pressure that nobody can read any more, or believe (AL-28), has not been seen to go. Its alarm stands at
//! its own priority, and the pump stays stopped, until the sensor shows that it has gone or a person goes on
//! without it: a pump that pressed on blindly would store in the line what a release then gives at once
//! (SR-40).

use core::time::Duration;

use infusion_types::{Alarm, AlarmSet, StopCause, Timestamp};

/// Three within this lock.
const WITHIN: Duration = Duration::from_secs(600);

/// The last three stops that could end by themselves, newest first, and the lock.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Restarts {
    stops: [Option<(StopCause, Timestamp)>; 3],
    locked: Option<Alarm>,
    /// A pressure stopped it, and has not been seen to go.
    pressed: bool,
    /// Alarms whose cause a sensor shows now, lock or no lock.
    shown: AlarmSet,
}

impl Restarts {
    /// The infusion was stopped for `cause`, which `alarm` shows.
    pub(crate) fn note(&mut self, now: Timestamp, cause: StopCause, alarm: Alarm) {
        let [newest, second, _] = self.stops;
        self.stops = [Some((cause, now)), newest, second];
        let same = |stop: &Option<(StopCause, Timestamp)>| {
            stop.is_some_and(|(other, at)| other == cause && now.since(at) <= WITHIN)
        };
        if self.stops.iter().all(same) {
            self.locked = Some(alarm);
        }
    }

    /// What the sensors last showed.
    pub(crate) const fn shown(&self) -> AlarmSet {
        self.shown
    }

    /// Whether every time in it lies before `now`.
    pub(crate) fn is_past(&self, now: Timestamp) -> bool {
        self.stops.iter().flatten().all(|(_, at)| *at <= now)
    }

    /// Takes in what the sensors show, and gives it back with what is kept standing.
    pub(crate) fn hold(&mut self, shown: AlarmSet) -> AlarmSet {
        self.shown = shown;
        shown.union(self.kept())
    }

    /// A pressure `stops` the pump, or is seen to be `gone`. Of a sensor that is not read it is neither.
    pub(crate) const fn see_pressure(&mut self, stops: bool, gone: bool) {
        self.pressed = (self.pressed || stops) && !gone;
    }

    /// A person goes on. The stops stay counted.
    pub(crate) const fn attended(&mut self) {
        (self.locked, self.pressed) = (None, false);
    }

    /// The alarm that the lock keeps standing, at high priority.
    pub(crate) fn locked(&self) -> AlarmSet {
        self.locked.into_iter().collect()
    }

    /// What stands until a person goes on, and keeps the pump from going on by itself.
    pub(crate) fn kept(&self) -> AlarmSet {
        let pressed = self.pressed.then_some(Alarm::OcclusionDownstream);
        self.locked.into_iter().chain(pressed).collect()
    }

    /// What of that no sensor shows.
    pub(crate) fn only_kept(&self) -> AlarmSet {
        self.kept().without(self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(stops: &[(StopCause, u64)]) -> Restarts {
        let mut restarts = Restarts::default();
        for (cause, second) in stops {
            let now = Timestamp::from_millis(second * 1_000);
            restarts.note(now, *cause, Alarm::OcclusionDownstream);
        }
        restarts
    }

    #[test]
    fn three_of_a_kind_in_ten_minutes_lock() {
        use StopCause::{OcclusionDownstream as Down, OcclusionUpstream as Up};
        assert!(
            after(&[(Down, 0), (Down, 300), (Down, 600)])
                .locked
                .is_some()
        );
        assert!(
            after(&[(Down, 0), (Down, 300), (Down, 601)])
                .locked
                .is_none()
        );
        assert!(after(&[(Down, 0), (Up, 10), (Down, 20)]).locked.is_none());
        assert!(after(&[(Down, 0), (Down, 10)]).locked.is_none());
    }

    #[test]
    fn a_person_opens_the_lock_and_the_next_stop_closes_it_again() {
        let mut restarts = after(&[(StopCause::OcclusionDownstream, 0); 3]);
        assert_eq!(restarts.only_kept(), restarts.locked());
        let shown = restarts.locked();
        assert_eq!(restarts.hold(shown), shown);
        assert!(restarts.only_kept().is_empty());
        restarts.attended();
        assert!(restarts.locked().is_empty());
        let stop = |restarts: &mut Restarts, second: u64| {
            let now = Timestamp::from_millis(second * 1_000);
            let cause = StopCause::OcclusionDownstream;
            restarts.note(now, cause, Alarm::OcclusionDownstream);
        };
        let mut soon = restarts;
        stop(&mut soon, 600);
        assert_eq!(soon.locked(), shown);
        stop(&mut restarts, 601);
        assert!(restarts.locked().is_empty());
    }
}
