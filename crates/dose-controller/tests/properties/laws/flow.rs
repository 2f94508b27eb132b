//! What goes in and out: wild numbers, the windows of the ledger, modes and time.

use core::time::Duration;

use infusion_types::{Alarm, DoseRate, Mode, Reason, Timestamp, User};
use proptest::prelude::*;

use super::Session;
use super::link::Newest;
use crate::machine::{Law, Step};
use crate::turns::{Turn, any_turn, link_turn, quiet_turn, wild};

/// SR-19.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wild {
    newest: Newest,
}

impl Law for Wild {
    fn turn() -> BoxedStrategy<Turn> {
        prop_oneof![2 => any_turn(), 1 => quiet_turn(), 2 => wild().prop_map(Turn::Wild)].boxed()
    }

    fn see(&mut self, step: &Step<'_>) {
        self.newest.see(step);
        let Some(twin) = step.twin else { return };
        let decision = step.decision;
        if step.orders.iter().any(|order| order.by == User::STRANGER) {
            let told = [Alarm::LimitClamped, Alarm::SecurityEvent];
            let stands = |alarm| decision.alarms.active.contains(alarm);
            let booting = matches!(decision.mode, Mode::Off | Mode::Post);
            assert!(booting || told.into_iter().all(stands));
        } else if !matches!(decision.mode, Mode::Off | Mode::Post) && self.newest.taken {
            let told = [Alarm::LimitClamped, Alarm::SensorFault];
            assert!(
                told.into_iter()
                    .any(|alarm| decision.alarms.active.contains(alarm))
            );
        }
        if matches!(twin.reason, Reason::Decremented { .. }) && decision.plan != twin.plan {
            // The alarm that it raises may hold the wean; the last valid plan is kept.
            assert!(step.was.is_some_and(|was| was.plan == decision.plan));
        } else {
            assert_eq!((decision.send, decision.plan), (twin.send, twin.plan));
        }
    }
}

/// One rate since a moment, and what had been moved until then.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    from: Timestamp,
    until_then: u128,
    rate: u64,
}

/// A plain list of everything that ever flowed, in nanogram-milliseconds per hour.
#[derive(Clone, Debug, Default)]
struct Flowed(Vec<Stretch>);

impl Flowed {
    fn rate(&mut self, now: Timestamp, rate: DoseRate) {
        let rate = rate.nanograms_per_hour();
        if self.0.last().is_none_or(|last| last.rate != rate) {
            let until_then = self.until(now);
            self.0.push(Stretch {
                from: now,
                until_then,
                rate,
            });
        }
    }

    fn until(&self, then: Timestamp) -> u128 {
        let stretch = self.0.iter().rev().find(|stretch| stretch.from <= then);
        stretch.map_or(0, |it| {
            it.until_then + u128::from(it.rate) * u128::from(then.millis_since(it.from))
        })
    }

    /// Whole nanograms between two moments, as they add up from the beginning.
    fn between(&self, from: Timestamp, until: Timestamp) -> u128 {
        self.until(until) / 3_600_000 - self.until(from) / 3_600_000
    }
}

/// SR-27, SR-44.
#[derive(Clone, Debug, Default)]
pub(crate) struct Windows {
    session: Session,
    anchor: Timestamp,
    planned: Flowed,
    given: Flowed,
}

const BUCKET: u64 = 300_000;

impl Law for Windows {
    fn turn() -> BoxedStrategy<Turn> {
        prop_oneof![3 => any_turn(), 1 => quiet_turn(), 8 => link_turn()].boxed()
    }

    fn see(&mut self, step: &Step<'_>) {
        if step.reset == Some(false) {
            *self = Self {
                anchor: step.at,
                ..Self::default()
            };
        }
        let now = step.at;
        let whole = now.millis_since(self.anchor) / BUCKET;
        let start = whole.saturating_sub(287) * BUCKET;
        let from = self.anchor.after(Duration::from_millis(start));
        let planned = u128::from(step.decision.planned_24h.nanograms());
        assert_eq!(
            planned,
            self.planned.between(from, now),
            "planned from {from:?} to {now:?}"
        );
        let given = self.given.between(from, now);
        let low = u128::from(step.decision.estimate_24h.low.nanograms());
        let high = u128::from(step.decision.estimate_24h.high.nanograms());
        assert!(
            low <= given + 2 && given <= high + 2,
            "{low} {given} {high}"
        );
        self.session.see(step);
        self.planned.rate(now, self.session.plan);
        let infused = if self.session.runs {
            step.pump.infusing()
        } else {
            DoseRate::ZERO
        };
        self.given.rate(now, infused);
    }
}

/// The drawing, the alarm clock and the missing dice.
#[derive(Clone, Debug, Default)]
pub(crate) struct Orderly;

impl Law for Orderly {
    const TWICE: bool = true;

    fn see(&mut self, step: &Step<'_>) {
        assert!(step.wakes > step.at, "it always asks to be woken");
        assert_eq!(step.again, Some(step.decision));
        let to = step.decision.mode;
        let Some(was) = step.was.filter(|_| step.reset.is_none()) else {
            assert_eq!(to, Mode::Post);
            return;
        };
        let drawn: &[Mode] = match was.mode {
            Mode::Off => &[Mode::Post],
            Mode::Post => &[Mode::Idle, Mode::Fallback],
            Mode::Idle => &[Mode::Prime, Mode::Active, Mode::Hold, Mode::Stopped],
            Mode::Prime => &[Mode::Idle],
            Mode::Active => &[Mode::Hold, Mode::Paused, Mode::Stopped, Mode::Complete],
            Mode::Hold => &[Mode::Active, Mode::Paused, Mode::Stopped, Mode::Complete],
            Mode::Fallback => &[Mode::Hold, Mode::Paused, Mode::Stopped],
            Mode::Paused => &[Mode::Active, Mode::Hold, Mode::Stopped],
            Mode::Stopped => &[Mode::Active, Mode::Hold],
            Mode::Complete => &[],
        };
        assert!(
            to == was.mode || drawn.contains(&to),
            "{:?} -> {to:?}",
            was.mode
        );
    }
}
