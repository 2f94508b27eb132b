//! The reservoir as anybody could reckon it: the flow that the pump is set to, moved by each weighing
//! that agrees. What the pump says of its reservoir may be garbled on the way.

use infusion_types::{OrderKind, door};

use super::NEVER_H;
use super::doses::Doses;
use super::limits::Limits;
use super::therapy::Therapy;
use crate::clock::SimTime;
use crate::record::Record;

/// Standard deviations of the scales that a weighing may differ by.
const SIGMAS: f64 = 4.0;
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

/// Books of the reservoir, µL.
#[derive(Clone, Debug)]
pub(crate) struct Books {
    at: SimTime,
    /// What is left by the flow that the pump is set to.
    counted_ul: f64,
    /// What weighings have added to that.
    offset_ul: f64,
    agreed_at_ul: f64,
    doubted_at: Option<SimTime>,
    /// The second weighing in a row was beyond the limit.
    pub(crate) discrepant: bool,
    set_flow: f64,
    battery_min: f64,
}

impl Books {
    pub(super) const fn new(limits: &Limits) -> Self {
        Self {
            at: SimTime::ZERO,
            counted_ul: limits.reservoir_ul,
            offset_ul: 0.0,
            agreed_at_ul: limits.reservoir_ul,
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
        let apart = (weighed - self.left_ul()).abs();
        let fifth = DAY_SHARE * day_ug / drug;
        let moved = (self.agreed_at_ul - self.counted_ul).max(0.0);
        let most = (SIGMAS * limits.weigh_sigma_ul).max(fifth) + limits.pump_tolerance * moved;
        let settle = match self.doubted_at {
            _ if apart < most => {
                self.discrepant = false;
                true
            }
            Some(first) if now.hours_since(first) >= AGAIN_H => {
                self.discrepant = apart >= SURE * most;
                true
            }
            Some(_) => false,
            None => {
                self.doubted_at = Some(now);
                false
            }
        };
        if settle {
            self.doubted_at = None;
            self.offset_ul = weighed - self.counted_ul;
            self.agreed_at_ul = self.counted_ul;
        }
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
