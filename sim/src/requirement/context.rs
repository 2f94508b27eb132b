//! What monitors share: the past as the records tell it.
//!
//! Authorisations are read off the orders, decrements off the plan, the command in force off what was
//! sent. Of the controller's own books only its alarm panel is believed (SR-07, SR-12): whether that is
//! right is for the requirements on alarms.

use dose_controller::{Decision, Mode, Send};
use infusion_types::{Action, Observed, OrderKind, User, door};

use crate::clock::SimTime;
use crate::record::Record;

/// Limits that a requirement is judged by, from the protocol file, in µg and hours.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// The most that may be authorised, µg/day.
    pub ceiling_ug_per_day: f64,
    /// Where the wean may end, µg/day.
    pub floor_dose_ug_per_day: f64,
    /// Least flow, µL/h.
    pub flow_least_ul_per_h: f64,
    /// Quantum of flow, µL/h.
    pub flow_quantum_ul_per_h: f64,
    /// One stroke, µL.
    pub stroke_ul: f64,
}

/// Two users have agreed on a dose.
#[derive(Clone, Copy, Debug)]
pub struct Authorised {
    /// When the second one did.
    pub at: SimTime,
    /// On what, µg/h.
    pub ug_per_h: f64,
}

/// A pair of users must agree within this, h.
const PAIR_WITHIN_H: f64 = 0.25;

/// What is known before a record is judged.
#[derive(Clone, Debug)]
pub struct Context {
    /// The limits.
    pub limits: Limits,
    /// Now, and the record before.
    pub now: SimTime,
    /// When the record before was made.
    pub before: SimTime,
    /// Mode, and that of the record before.
    pub mode: Mode,
    /// Mode of the record before.
    pub mode_before: Mode,
    /// The planned rate, µg/h.
    pub plan: f64,
    /// The planned rate of the record before, µg/h.
    pub plan_before: f64,
    /// The last action that was sent, this record's included.
    pub sent: Option<Action>,
    /// The last action that was sent before this record.
    pub sent_before: Option<Action>,
    /// The action that leaves in this record.
    pub command: Option<Action>,
    /// The last dose that two users agreed on.
    pub authorised: Option<Authorised>,
    /// The rate that may not be exceeded: authorised, then the rung in force, µg/h.
    pub limit: f64,
    /// When the wean began: the first therapy.
    pub therapy_from: Option<SimTime>,
    /// Since when nothing has been infused in a therapy.
    pub gap_from: Option<SimTime>,
    /// The last valid assessment.
    pub seen_at: Option<SimTime>,
    /// Whether the plan goes down a rung in this record.
    pub step: bool,
    pending: Option<(f64, User, SimTime)>,
    tone: Option<(f64, SimTime)>,
    doubted_tone: Option<f64>,
}

impl Context {
    /// Nothing known.
    #[must_use]
    pub const fn new(limits: Limits) -> Self {
        Self {
            limits,
            now: SimTime::ZERO,
            before: SimTime::ZERO,
            mode: Mode::Off,
            mode_before: Mode::Off,
            plan: 0.0,
            plan_before: 0.0,
            sent: None,
            sent_before: None,
            command: None,
            authorised: None,
            limit: 0.0,
            therapy_from: None,
            gap_from: None,
            seen_at: None,
            step: false,
            pending: None,
            tone: None,
            doubted_tone: None,
        }
    }

    /// One quantum of the dose rate at the drug of an action, µg/h.
    #[must_use]
    pub fn quantum(&self, action: Option<Action>) -> f64 {
        self.limits.flow_quantum_ul_per_h * drug_ug_per_ul(action)
    }

    /// Whether two users agreed within the last `minutes`.
    #[must_use]
    pub fn authorised_within(&self, minutes: f64) -> bool {
        self.authorised
            .is_some_and(|it| self.now.hours_since(it.at) * 60.0 <= minutes)
    }

    /// Reads a record before it is judged.
    pub(super) fn learn(&mut self, record: &Record<'_>) {
        let Some(decision) = record.decision else {
            return;
        };
        self.now = record.at;
        self.mode = decision.mode;
        self.plan = ug_per_h(decision.plan);
        self.command = command(decision);
        self.sent = self.command.or(self.sent_before);
        for order in record.orders {
            self.hear(order.by, order.what);
        }
        if let Some(sheet) = record.assessment {
            self.see(&sheet.admit());
        }
        let in_therapy = self.mode.is_therapy();
        if in_therapy && self.therapy_from.is_none() {
            self.therapy_from = Some(self.now);
        }
        let fell = self.plan < self.plan_before - 1e-9 && self.plan > 0.0;
        // People may lower the dose too; a rung is what the controller takes by itself.
        let restarts = self.resumes() && self.authorised_within(15.0);
        let by_people = self.authorised_within(0.0) || restarts;
        self.step = fell && in_therapy && self.mode_before.is_therapy() && !by_people;
        if fell && in_therapy {
            self.limit = self.limit.min(self.plan);
        }
    }

    /// Whether infusion comes back after nothing in this record.
    #[must_use]
    pub fn resumes(&self) -> bool {
        matches!(self.command, Some(Action::Infuse { .. })) && self.gap_from.is_some()
    }

    /// Keeps what the next record needs.
    pub(super) fn close(&mut self, record: &Record<'_>) {
        let idle = matches!(self.sent, Some(Action::Stop { .. })) && self.mode.is_therapy();
        self.gap_from = if idle {
            self.gap_from.or(Some(record.at))
        } else {
            None
        };
        self.before = record.at;
        self.mode_before = self.mode;
        self.plan_before = self.plan;
        self.sent_before = self.sent;
    }

    fn hear(&mut self, by: User, what: OrderKind) {
        let OrderKind::Authorise(raw) = what else {
            return;
        };
        let Ok(dose) = door::daily_dose_ug(raw) else {
            return;
        };
        let daily = dose.nanograms_per_day() as f64 / 1e3;
        if daily > self.limits.ceiling_ug_per_day {
            return;
        }
        let paired = self.pending.is_some_and(|(other, user, at)| {
            other.to_bits() == daily.to_bits()
                && user != by
                && self.now.hours_since(at) <= PAIR_WITHIN_H
        });
        if paired {
            self.pending = None;
            self.authorised = Some(Authorised {
                at: self.now,
                ug_per_h: daily / 24.0,
            });
            let rate = daily / 24.0;
            // A lower dose may be refused for being too steep a fall; the plan shows whether it was taken.
            if rate > self.limit || self.plan <= rate + 1e-3 {
                self.limit = rate;
            }
        } else {
            self.pending = Some((daily, by, self.now));
        }
    }

    /// A valid assessment is full, and its tone does not jump by two grades within 4 h unless the
    /// next one shows the same.
    fn see(&mut self, seen: &Observed) {
        let (true, Ok(grade)) = (seen.is_full(), seen.spasticity) else {
            return;
        };
        let tone = f64::from(grade.tenths()) / 10.0;
        let near = |other: f64| (tone - other).abs() < 2.0;
        let confirmed = self.doubted_tone.take().is_some_and(near);
        let jumps = self
            .tone
            .is_some_and(|(other, at)| self.now.hours_since(at) < 4.0 && !near(other));
        if jumps && !confirmed {
            self.doubted_tone = Some(tone);
            return;
        }
        self.tone = Some((tone, self.now));
        self.seen_at = Some(self.now);
    }
}

/// A rate in µg/h.
pub(super) fn ug_per_h(rate: infusion_types::DoseRate) -> f64 {
    rate.nanograms_per_hour() as f64 / 1e3
}

/// Drug of an infusion, µg/µL; zero for anything else.
pub(super) fn drug_ug_per_ul(action: Option<Action>) -> f64 {
    match action {
        Some(Action::Infuse { at, .. }) => f64::from(at.micrograms_per_millilitre()) / 1e3,
        Some(Action::Prime { .. } | Action::Stop { .. }) | None => 0.0,
    }
}

/// Rate of an infusion, µg/h; none for anything else.
pub(super) fn infused(action: Option<Action>) -> Option<f64> {
    match action {
        Some(Action::Infuse { rate, .. }) => Some(ug_per_h(rate.get())),
        Some(Action::Prime { .. } | Action::Stop { .. }) | None => None,
    }
}

const fn command(decision: &Decision) -> Option<Action> {
    match decision.send {
        Send::Command(command) => Some(command.action),
        Send::Ping | Send::Quiet(_) => None,
    }
}
