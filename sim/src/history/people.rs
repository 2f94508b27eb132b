//! What people ordered, and which of it two users agreed on.

use infusion_types::{Alarm, Line, Mode, Order, OrderKind, User, door};

use super::limits::Limits;
use super::since_h;
use super::therapy::Therapy;
use crate::clock::SimTime;
use crate::record::Record;

/// A pair of users must agree within this, h (SR-76).
const PAIR_WITHIN_H: f64 = 1.0 / 6.0;
/// A decrement that is to be left out has been by then, h: one that was due at once, and the next.
const SKIPS_FOR_H: f64 = 48.0;
/// A plan this near to a dose is that dose, µg/h.
const TAKEN_UG_PER_H: f64 = 1e-3;

/// Orders so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct People {
    authorised_at: Option<SimTime>,
    /// How old the first half of the last pair was, h; a pair that is too old authorises nothing.
    pub(crate) pair_age_h: f64,
    /// The rate that may not be exceeded: authorised, then the rung in force, µg/h.
    pub(crate) limit: f64,
    /// The concentration that two users agreed on, µg/mL.
    pub(crate) drug_ug_per_ml: f64,
    /// All that have been, the filling at the explant first.
    pub(crate) agreed_drugs: Vec<f64>,
    pub(crate) line_open: bool,
    pub(crate) held_to_run_at: Option<SimTime>,
    pub(crate) connected_at: Option<SimTime>,
    pub(crate) unprimed_entered: bool,
    pub(crate) withdrawal_flag: bool,
    pub(crate) overdose_flag: bool,
    pub(crate) paused: bool,
    pub(crate) stopped: bool,
    /// When somebody asked for the next decrement to be left out, which none has been since.
    skips_from: Option<SimTime>,
    /// A rung is taken in this record, after one that was to be left out.
    pub(crate) after_skip: bool,
    /// Since when a dose has been authorised and nothing started.
    waits_from: Option<SimTime>,
    /// Orders of this record.
    pub(crate) confirms: bool,
    pub(crate) resumes: bool,
    pub(crate) stops: bool,
    /// A number that no door lets in, on any input, and whether nothing else came.
    pub(crate) bad: bool,
    pub(crate) bad_alone: bool,
    above_ceiling: bool,
    dose: Option<(f64, User, SimTime)>,
    drug: Option<(f64, User, SimTime)>,
}

impl People {
    pub(super) fn hear(&mut self, record: &Record<'_>, limits: &Limits, therapy: &Therapy) {
        (self.confirms, self.resumes, self.stops) = (false, false, false);
        self.above_ceiling = false;
        if self.drug_ug_per_ml == 0.0 {
            self.agree_on(limits.drug_ug_per_ml);
        }
        // What a stranger orders is nobody's order.
        let known = |order: &&Order| order.by != User::STRANGER;
        for order in record.orders.iter().filter(known) {
            self.obey(record.at, order, limits, therapy);
        }
        let telemetry = record
            .telemetry
            .is_some_and(|it| it.admit().refused().is_some());
        let sheet = record.assessment.map(|it| it.admit().refused().is_some());
        let order = |order: &Order| is_bad(order.what);
        self.bad = telemetry || sheet == Some(true) || record.orders.iter().any(order);
        self.bad_alone = self.bad && sheet != Some(false) && record.orders.iter().all(order);
    }

    fn obey(&mut self, now: SimTime, order: &Order, limits: &Limits, therapy: &Therapy) {
        let starts = matches!(order.what, OrderKind::Resume | OrderKind::Start);
        self.paused &= !starts;
        self.stopped &= !starts;
        match order.what {
            OrderKind::Authorise(raw) => self.authorise(now, (raw, order.by), limits, therapy),
            OrderKind::SetConcentration(raw) => {
                // The pump's least flow of a stronger drug may be more than is to be given: it is refused.
                let least = move |drug: f64| limits.flow_least_ul_per_h * drug / 1e3;
                let given = therapy.plan;
                let deliverable = move |drug| given == 0.0 || least(drug) <= given + TAKEN_UG_PER_H;
                self.set_drug(now, (raw, order.by), deliverable);
            }
            OrderKind::Pause => self.paused = true,
            OrderKind::Stop => (self.stopped, self.stops) = (true, true),
            OrderKind::Resume => self.resumes = true,
            OrderKind::HoldToRun => self.held_to_run_at = Some(now),
            OrderKind::ConfirmComplete => self.confirms = true,
            OrderKind::FlagWithdrawal => self.withdrawal_flag = true,
            OrderKind::FlagOverdose => self.overdose_flag = true,
            OrderKind::Acknowledge(alarm) => {
                self.withdrawal_flag &= alarm != Alarm::WithdrawalSigns;
                self.overdose_flag &= alarm != Alarm::OverdoseSigns;
            }
            OrderKind::DeclareLine(line) => {
                self.line_open = line == Line::Open;
                if line == Line::Connected {
                    self.connected_at = self.connected_at.or(Some(now));
                }
            }
            OrderKind::CatheterOut => self.connected_at = None,
            OrderKind::EnterUnprimed(raw) => self.unprimed_entered |= door::volume_ul(raw).is_ok(),
            OrderKind::SkipDecrement => self.skips_from = Some(now),
            OrderKind::Start
            | OrderKind::PauseAudio
            | OrderKind::VolumeCheck(_)
            | OrderKind::Refilled(_) => {}
        }
    }

    fn authorise(
        &mut self,
        now: SimTime,
        (raw, by): (f64, User),
        limits: &Limits,
        therapy: &Therapy,
    ) {
        let Ok(dose) = door::daily_dose_ug(raw) else {
            return;
        };
        let daily = dose.nanograms_per_day() as f64 / 1e3;
        if daily > limits.ceiling_ug_per_day {
            self.above_ceiling = true;
            return;
        }
        // Nor does anybody agree on what the pump cannot give: it is refused at once (SR-17).
        let least = limits.flow_least_ul_per_h * self.drug_ug_per_ml / 1e3;
        if daily / 24.0 + TAKEN_UG_PER_H < least {
            return;
        }
        let Some(age_h) = paired(&mut self.dose, (daily, by, now)) else {
            return;
        };
        self.pair_age_h = age_h;
        if age_h >= PAIR_WITHIN_H {
            return;
        }
        let rate = daily / 24.0;
        self.authorised_at = Some(now);
        self.waits_from = Some(now);
        // A lower dose may be refused for being too steep a fall; the plan shows whether it was taken.
        if rate > self.limit || therapy.plan <= rate + TAKEN_UG_PER_H {
            self.limit = rate;
        }
    }

    fn set_drug(&mut self, now: SimTime, (raw, by): (f64, User), taken: impl Fn(f64) -> bool) {
        let Ok(drug) = door::concentration_ug_per_ml(raw) else {
            return;
        };
        let drug = f64::from(drug.micrograms_per_millilitre());
        if !taken(drug) {
            return;
        }
        let age_h = paired(&mut self.drug, (drug, by, now));
        if age_h.is_some_and(|age_h| age_h < PAIR_WITHIN_H) {
            self.agree_on(drug);
        }
    }

    fn agree_on(&mut self, drug: f64) {
        self.drug_ug_per_ml = drug;
        self.agreed_drugs.push(drug);
    }

    /// The limit follows the plan down.
    pub(super) fn follow(&mut self, therapy: &Therapy) {
        let fell = therapy.plan < therapy.plan_before && therapy.plan > 0.0;
        self.after_skip = self.skips_from.is_some() && therapy.step;
        self.skips_from = self.skips_from.filter(|_| !therapy.step);
        self.waits_from = self.waits_from.filter(|_| therapy.mode == Mode::Idle);
        if fell && therapy.in_therapy() {
            self.limit = self.limit.min(therapy.plan);
        }
    }

    /// Whether a rate is the one that was authorised last, and no rung has followed.
    pub(super) fn is_authorised(&self, rate: f64) -> bool {
        (rate - self.limit).abs() <= TAKEN_UG_PER_H
    }

    /// Whoever comes back into a stop waits for a person, whatever it was stopped for.
    pub(super) fn come_back(&mut self, therapy: &Therapy) {
        self.stopped |= therapy.settled == Mode::Stopped;
    }

    /// Whether a decrement is to be left out: one, and not every one from then on.
    pub(super) fn skips(&self, now: SimTime) -> bool {
        since_h(now, self.skips_from) < SKIPS_FOR_H
    }

    /// Hours since two users last agreed on a dose.
    pub(crate) fn authorised_h(&self, now: SimTime) -> f64 {
        since_h(now, self.authorised_at)
    }

    /// Whether they have since a moment.
    pub(crate) fn authorised_since(&self, then: Option<SimTime>) -> bool {
        self.authorised_at > then
    }

    /// For how long a dose has been authorised and nothing started, h.
    pub(crate) fn waits_h(&self, now: SimTime) -> f64 {
        self.waits_from.map_or(0.0, |from| now.hours_since(from))
    }

    /// Whether somebody asks for more than the ceiling.
    pub(crate) const fn above_ceiling(&self) -> bool {
        self.above_ceiling
    }
}

/// The age of the first half, h, if this is the second of a pair; otherwise this is a first one. One that
/// comes too late is a first one as well.
fn paired(
    first: &mut Option<(f64, User, SimTime)>,
    (value, by, now): (f64, User, SimTime),
) -> Option<f64> {
    if let Some((other, user, at)) = *first
        && other.to_bits() == value.to_bits()
        && user != by
    {
        let age_h = now.hours_since(at);
        *first = (age_h >= PAIR_WITHIN_H).then_some((value, by, now));
        return Some(age_h);
    }
    *first = Some((value, by, now));
    None
}

fn is_bad(order: OrderKind) -> bool {
    match order {
        OrderKind::Authorise(raw) => door::daily_dose_ug(raw).is_err(),
        OrderKind::SetConcentration(raw) => door::concentration_ug_per_ml(raw).is_err(),
        OrderKind::EnterUnprimed(raw) | OrderKind::VolumeCheck(raw) | OrderKind::Refilled(raw) => {
            door::volume_ul(raw).is_err()
        }
        OrderKind::Start
        | OrderKind::Pause
        | OrderKind::Resume
        | OrderKind::Stop
        | OrderKind::HoldToRun
        | OrderKind::SkipDecrement
        | OrderKind::ConfirmComplete
        | OrderKind::FlagWithdrawal
        | OrderKind::FlagOverdose
        | OrderKind::Acknowledge(_)
        | OrderKind::PauseAudio
        | OrderKind::DeclareLine(_)
        | OrderKind::CatheterOut => false,
    }
}
