//! When a fault acts, when what it does changes, and when it does something once.

use super::{Event, deed};
use crate::clock::SimTime;
use crate::scenario::{Doing, Fault, FaultKind, LineFault, PeopleFault, PumpFault, SensorFault};

/// A fault that grows has a new value so often at least, ms.
const GROWS_EVERY_MS: u64 = 600_000;
/// And so many values on its way.
const STEPS: u64 = 40;
/// Flow that a centimetre of height drives through a rotor that does not seal, µL/h. An assumption: 120 cm
/// gave up to 0.5 mL (Rooke 1994), here in ten minutes.
pub(super) const SIPHON_UL_PER_H_PER_CM: f64 = 25.0;

/// Moments between beginning and end at which something changes: every so often, for so long.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Beats {
    every_ms: u64,
    for_ms: u64,
}

impl Beats {
    const NONE: Self = Self {
        every_ms: 0,
        for_ms: 0,
    };

    const fn for_ever(every_ms: u64) -> Self {
        Self {
            every_ms,
            for_ms: u64::MAX,
        }
    }

    fn of(what: &FaultKind) -> Self {
        match *what {
            FaultKind::Line(
                LineFault::Occlude { onset_s, .. } | LineFault::BlockInlet { onset_s, .. },
            ) => {
                let for_ms = u64::from(onset_s) * 1_000;
                let every_ms = for_ms.div_ceil(STEPS).min(GROWS_EVERY_MS);
                Self { every_ms, for_ms }
            }
            FaultKind::Pump(PumpFault::Degrade { .. }) => Self::for_ever(GROWS_EVERY_MS),
            FaultKind::Line(LineFault::Siphon {
                height_cm,
                volume_ul,
            }) => {
                let every_ms = siphon_ms(height_cm, volume_ul);
                Self {
                    every_ms,
                    for_ms: every_ms,
                }
            }
            FaultKind::Sensor(SensorFault::LooseContact { period_s }) => {
                Self::for_ever(u64::from(period_s) * 500)
            }
            FaultKind::People(PeopleFault::ModeFlap { period_min }) => {
                Self::for_ever(u64::from(period_min) * 30_000)
            }
            FaultKind::Pump(_)
            | FaultKind::Line(_)
            | FaultKind::Sensor(_)
            | FaultKind::Wire(_)
            | FaultKind::Clock(_)
            | FaultKind::Platform(_)
            | FaultKind::People(_)
            | FaultKind::Defect(_)
            | FaultKind::BuiltIn(_) => Self::NONE,
        }
    }

    /// The first beat later than `after_ms` into the fault; the last one is where all is over.
    fn next(self, after_ms: u64) -> Option<u64> {
        if after_ms >= self.for_ms {
            return None;
        }
        let place = after_ms.checked_div(self.every_ms)?.checked_add(1)?;
        Some(place.checked_mul(self.every_ms)?.min(self.for_ms))
    }

    /// The last beat that is not later than `into_ms`. What grows has one value from beat to beat.
    fn last(self, into_ms: u64) -> u64 {
        if into_ms >= self.for_ms {
            return into_ms;
        }
        into_ms - into_ms.checked_rem(self.every_ms).unwrap_or_default()
    }
}

/// How long it takes until the volume is in, ms.
pub(super) fn siphon_ms(height_cm: f64, volume_ul: f64) -> u64 {
    let hours = volume_ul / (height_cm * SIPHON_UL_PER_H_PER_CM);
    (libm::ceil(hours * 3.6e6) as u64).max(1)
}

/// When a fault begins.
fn from(fault: &Fault) -> SimTime {
    SimTime::from_minutes(u64::from(fault.from_min))
}

/// When it ends.
fn until(fault: &Fault) -> SimTime {
    fault.until_min.map_or(SimTime::NEVER, |minutes| {
        SimTime::from_minutes(u64::from(minutes))
    })
}

/// How long it has acted at `now`, as of its last beat, ms.
pub(super) fn since_ms(fault: &Fault, now: SimTime) -> u64 {
    let into_ms = now.millis().saturating_sub(from(fault).millis());
    Beats::of(&fault.what).last(into_ms)
}

/// Whether it acts at `now`.
pub(super) fn acts(fault: &Fault, now: SimTime) -> bool {
    from(fault) <= now && now < until(fault)
}

/// The next moment after `now` at which it begins, changes or ends.
pub(super) fn next_edge(fault: &Fault, now: SimTime) -> SimTime {
    let (from, until) = (from(fault), until(fault));
    if now < from {
        return from;
    }
    if now >= until {
        return SimTime::NEVER;
    }
    let beat = Beats::of(&fault.what).next(now.millis() - from.millis());
    until.min(beat.map_or(SimTime::NEVER, |ms| from.after_millis(ms)))
}

/// What it does once, at moments later than `after` and not later than `now`.
pub(super) fn events(fault: &Fault, after: Option<SimTime>, now: SimTime) -> Vec<Event> {
    let (from, until) = (from(fault), until(fault));
    let new = |at: SimTime| at <= now && after.is_none_or(|after| after < at);
    let mut found = Vec::new();
    if new(from) {
        found.extend(deed::at_onset(&fault.what));
    }
    let beats = Beats::of(&fault.what);
    let into_ms = after.map_or(0, |after| after.millis().saturating_sub(from.millis()));
    let mut beat = beats.next(into_ms);
    while let Some(at_ms) = beat {
        let at = from.after_millis(at_ms);
        if at > now || at >= until {
            break;
        }
        found.extend(at_beat(&fault.what, at_ms / beats.every_ms));
        beat = beats.next(at_ms);
    }
    if until != SimTime::NEVER && new(until) {
        let lasted_ms = until.millis() - from.millis();
        let beats_ended = (lasted_ms - 1).checked_div(beats.every_ms);
        found.extend(at_end(&fault.what, beats_ended.unwrap_or_default()));
    }
    found
}

/// The n-th beat, from 1: whoever paused resumes, and pauses again.
fn at_beat(what: &FaultKind, place: u64) -> Option<Event> {
    let FaultKind::People(PeopleFault::ModeFlap { .. }) = what else {
        return None;
    };
    let resumes = place % 2 == 1;
    let doing = if resumes { Doing::Resume } else { Doing::Pause };
    Some(Event::Does(doing))
}

/// The end, after so many beats: whoever has paused resumes, and the line is put on again.
fn at_end(what: &FaultKind, beats: u64) -> Option<Event> {
    let FaultKind::People(what) = what else {
        return None;
    };
    if matches!(what, PeopleFault::LineOpened) {
        return Some(Event::LineClosed);
    }
    let flaps = matches!(what, PeopleFault::ModeFlap { .. });
    let paused = matches!(what, PeopleFault::Pause) || (flaps && beats.is_multiple_of(2));
    paused.then_some(Event::Does(Doing::Resume))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::RawNumber;

    fn fault(what: FaultKind, from_min: u32, until_min: Option<u32>) -> Fault {
        Fault {
            id: "it".to_owned(),
            from_min,
            until_min,
            what,
        }
    }

    fn minutes(at: SimTime) -> f64 {
        at.millis() as f64 / 60_000.0
    }

    fn edges(fault: &Fault) -> Vec<f64> {
        let mut found = vec![SimTime::ZERO];
        while let Some(next) = found.last().map(|last| next_edge(fault, *last))
            && next != SimTime::NEVER
            && found.len() < 50
        {
            found.push(next);
        }
        found.into_iter().skip(1).map(minutes).collect()
    }

    #[test]
    fn a_fault_begins_changes_and_ends() {
        let kink = |onset_s| {
            FaultKind::Line(LineFault::Occlude {
                resistance_times: 1e6,
                onset_s,
            })
        };
        assert_eq!(edges(&fault(kink(0), 5, Some(9))), [5.0, 9.0]);
        assert_eq!(edges(&fault(kink(0), 5, None)), [5.0]);
        let slow = edges(&fault(kink(2_400), 5, None));
        assert_eq!(slow.len(), 41);
        assert_eq!((slow[1], slow.last()), (6.0, Some(&45.0)));
        let odd = fault(kink(2_001), 5, None);
        assert_eq!(edges(&odd).last(), Some(&(5.0 + 2_001.0 / 60.0)));
        let whole = SimTime::from_minutes(5).after_millis(2_001_000);
        assert_eq!(since_ms(&odd, whole), 2_001_000);
        assert_eq!(since_ms(&odd, SimTime::from_minutes(6)), 50_025);
        let cut = edges(&fault(kink(2_400), 5, Some(7)));
        assert_eq!(cut, [5.0, 6.0, 7.0]);
        let siphon = FaultKind::Line(LineFault::Siphon {
            height_cm: 120.0,
            volume_ul: 500.0,
        });
        assert_eq!(edges(&fault(siphon, 5, None)), [5.0, 15.0]);
    }

    #[test]
    fn each_event_comes_once_whenever_it_is_asked_for() {
        let flap = FaultKind::People(PeopleFault::ModeFlap { period_min: 4 });
        let fault = fault(flap, 10, Some(17));
        let at = SimTime::from_minutes;
        let all = events(&fault, None, at(60));
        let [pause, resume] = [Doing::Pause, Doing::Resume].map(Event::Does);
        assert_eq!(all, [pause, resume, pause, resume]);
        // It ends in a pause that nobody else would end.
        let odd = self::fault(flap, 10, Some(16));
        assert_eq!(events(&odd, None, at(60)), [pause, resume, pause, resume]);
        let mut one_by_one = Vec::new();
        let mut after = None;
        for minute in 0..60 {
            one_by_one.extend(events(&fault, after, at(minute)));
            assert!(events(&fault, Some(at(minute)), at(minute)).is_empty());
            after = Some(at(minute));
        }
        assert_eq!(one_by_one, all);
    }

    #[test]
    fn what_begins_at_the_explant_is_not_missed() {
        let dose = FaultKind::People(PeopleFault::WrongDose {
            ug_per_day: RawNumber(1.0),
        });
        let fault = fault(dose, 0, None);
        assert_eq!(events(&fault, None, SimTime::ZERO).len(), 1);
        assert!(acts(&fault, SimTime::ZERO));
    }
}
