//! The reservoir as anybody could reckon it: the flow that the pump is set to, moved by each weighing
//! that agrees. What the pump says of its reservoir may be garbled on the way.
//!
//! What a weighing lets pass adds up: each is compared with older ones of the last days too. What the latest of them
//! does not share with the one before is that one's own error.

use std::collections::VecDeque;

use infusion_types::{OrderKind, door};

use super::NEVER_H;
use super::doses::Doses;
use super::limits::Limits;
use super::therapy::Therapy;
use crate::clock::SimTime;
use crate::record::Record;

/// Standard deviations of the scales that a weighing may differ by.
const SIGMAS: f64 = 4.0;
/// The same against older weighings, of which there are several.
const SIGMAS_OLDER: f64 = 5.0;
/// Older weighings that count, and how far apart they lie, h.
const OLDER: usize = 4;
const APART_H: f64 = 12.0;
/// Share of a day's plan that it may differ by.
const DAY_SHARE: f64 = 0.20;
/// A second weighing counts from this long after the first that disagreed, h.
const AGAIN_H: f64 = 0.25;
/// Beyond the limit for sure: what rounding and primes may hide of it.
const SURE: f64 = 1.05;

/// A pump that has said nothing of its battery, minutes.
const BATTERY_FULL_MIN: f64 = 1e9;

/// What a weighing is bound to show, µg: more is missing than AL-17 lets pass. `day_ug` is
/// a day's plan; that it was all moved since a weighing that agreed is the worst case.
pub(crate) fn weighable_ug(limits: &Limits, day_ug: f64, drug_ug_per_ul: f64) -> f64 {
    let seen_ug = (SIGMAS * limits.weigh_sigma_ul * drug_ug_per_ul).max(DAY_SHARE * day_ug);
    SURE * (seen_ug + limits.pump_tolerance * day_ug)
}

/// A weighing that agreed.
#[derive(Clone, Copy, Debug)]
struct Weighed {
    at: SimTime,
    counted_ul: f64,
    offset_ul: f64,
}

/// Books of the reservoir, µL.
#[derive(Clone, Debug)]
pub(crate) struct Books {
    at: SimTime,
    /// What is left by the flow that the pump is set to.
    counted_ul: f64,
    /// What weighings have added to that.
    offset_ul: f64,
    agreed_at_ul: f64,
    /// The last weighing that agreed, and older ones, the newest last.
    latest: Option<Weighed>,
    older: VecDeque<Weighed>,
    doubted_at: Option<SimTime>,
    /// The second weighing in a row was beyond the limit.
    pub(crate) discrepant: bool,
    set_flow: f64,
    battery_min: f64,
}

impl Books {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            at: SimTime::ZERO,
            counted_ul: limits.reservoir_ul,
            offset_ul: 0.0,
            agreed_at_ul: limits.reservoir_ul,
            latest: None,
            older: VecDeque::with_capacity(OLDER + 1),
            doubted_at: None,
            discrepant: false,
            set_flow: 0.0,
            battery_min: BATTERY_FULL_MIN,
        }
    }

    pub(super) fn learn(
        &mut self,
        record: &Record<'_>,
        limits: &Limits,
        doses: &Doses,
        therapy: &Therapy,
    ) {
        self.counted_ul -= self.set_flow * record.at.hours_since(self.at);
        self.at = record.at;
        let battery = record
            .telemetry
            .and_then(|it| door::battery_reading_min(it.battery_min).ok());
        if let Some(left) = battery {
            self.battery_min = left.value.as_secs_f64() / 60.0;
        }
        self.set_flow = record.truth.map_or(0.0, |truth| truth.set_flow_ul_per_h);
        for order in record.orders {
            if let OrderKind::VolumeCheck(raw) = order.what
                && door::volume_ul(raw).is_ok()
            {
                let drug = therapy.drug_ug_per_ul(limits);
                self.weigh(record.at, raw, limits, doses.planned_24h.integral(), drug);
            }
            if let OrderKind::Refilled(raw) = order.what
                && door::volume_ul(raw).is_ok()
            {
                self.begin_again(raw, limits);
            }
        }
    }

    /// The reservoir has been filled.
    fn begin_again(&mut self, filled_ul: f64, limits: &Limits) {
        *self = Self {
            at: self.at,
            counted_ul: filled_ul,
            agreed_at_ul: filled_ul,
            set_flow: self.set_flow,
            battery_min: self.battery_min,
            ..Self::new(limits)
        };
    }

    fn weigh(&mut self, now: SimTime, weighed: f64, limits: &Limits, day_ug: f64, drug: f64) {
        let beyond = self.beyond(weighed, limits, DAY_SHARE * day_ug / drug);
        match self.doubted_at {
            _ if beyond < 1.0 => {
                self.discrepant = false;
                self.grow_old();
                self.settle(now, weighed);
            }
            Some(first) if now.hours_since(first) >= AGAIN_H => {
                self.discrepant = beyond >= SURE;
                self.older.clear();
                self.settle(now, weighed);
            }
            Some(_) => {}
            None => self.doubted_at = Some(now),
        }
    }

    /// By how much a weighing is apart from the books since any of the weighings before, as a share of what scales
    /// and pump explain between them.
    fn beyond(&self, weighed: f64, limits: &Limits, fifth_ul: f64) -> f64 {
        let share = |sigmas: f64, apart_ul: f64, counted_ul: f64| {
            let moved = (counted_ul - self.counted_ul).max(0.0);
            let scales = (sigmas * limits.weigh_sigma_ul).max(fifth_ul);
            apart_ul.abs() / (scales + limits.pump_tolerance * moved)
        };
        let offset = weighed - self.counted_ul;
        let latest = if self.is_shared(offset, limits) {
            share(SIGMAS, offset - self.offset_ul, self.agreed_at_ul)
        } else {
            0.0
        };
        let older = self.older.iter();
        let older = older.map(|it| share(SIGMAS_OLDER, offset - it.offset_ul, it.counted_ul));
        older.fold(latest, f64::max)
    }

    /// Whether the weighing before the latest, where one is kept, is apart in the same direction, as far as scales go.
    fn is_shared(&self, offset: f64, limits: &Limits) -> bool {
        let Some(before) = self.older.back() else {
            return true;
        };
        let latest = offset - self.offset_ul;
        let least = SIGMAS * limits.weigh_sigma_ul;
        (offset - before.offset_ul) * latest.signum() >= least
    }

    /// The weighing before becomes an older one, if it lies far enough from the last of them.
    fn grow_old(&mut self) {
        let Some(before) = self.latest else { return };
        let newest = self.older.back();
        if newest.is_none_or(|newest| before.at.hours_since(newest.at) >= APART_H) {
            self.older.push_back(before);
            if self.older.len() > OLDER {
                self.older.pop_front();
            }
        }
    }

    fn settle(&mut self, now: SimTime, weighed: f64) {
        self.doubted_at = None;
        self.offset_ul = weighed - self.counted_ul;
        self.agreed_at_ul = self.counted_ul;
        self.latest = Some(Weighed {
            at: now,
            counted_ul: self.counted_ul,
            offset_ul: self.offset_ul,
        });
    }

    /// Battery left, as the pump says, minutes.
    pub(crate) const fn battery_min(&self) -> f64 {
        self.battery_min
    }

    fn left_ul(&self) -> f64 {
        self.counted_ul + self.offset_ul
    }

    /// Hours until nothing can be moved any more, at the flow in force.
    pub(crate) fn time_left_h(&self, limits: &Limits) -> f64 {
        if self.set_flow > 0.0 {
            ((self.left_ul() - limits.residual_ul).max(0.0) / self.set_flow).min(NEVER_H)
        } else {
            NEVER_H
        }
    }
}
