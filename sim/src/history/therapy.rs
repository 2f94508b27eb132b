//! Modes, plan and commands: what the controller did, read off its decisions.

use infusion_types::{Action, Decision, Mode, PumpState, Reason, Refusal, Send};

use super::limits::Limits;
use super::people::People;
use super::{drug_ug_per_ul, infused, ug_per_h};
use crate::clock::SimTime;
use crate::record::Record;

/// A plan that differs by less is the same one, µg/h: rates are whole nanograms an hour.
const SAME_UG_PER_H: f64 = 1e-6;
/// An authorised restart after a gap is known by an authorisation at most this old, h.
const RESTART_WITHIN_H: f64 = 0.25;
/// How far back the highest plan is looked for, ms.
const DAY_MS: u64 = 24 * 3_600_000;
/// Stops and starts are counted over this long, ms.
const CYCLES_WITHIN_MS: u64 = 600_000;

/// Where the therapy stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Therapy {
    pub(crate) mode: Mode,
    pub(crate) mode_before: Mode,
    /// The last mode that was none of a restart.
    pub(crate) settled: Mode,
    pub(crate) plan: f64,
    pub(crate) plan_before: f64,
    /// The highest plan so far.
    pub(crate) plan_most: f64,
    /// The dose that people are asked to authorise, as a rate; 0 for none.
    pub(crate) asked: f64,
    /// The action that leaves in this record.
    pub(crate) command: Option<Action>,
    /// The last action that was sent, this record's included, and without it.
    pub(crate) sent: Option<Action>,
    pub(crate) sent_before: Option<Action>,
    /// The drug of the last infusion that was sent, µg/µL; a stop names none, and changes none.
    drug: Option<f64>,
    /// Whether the pump says that it has nothing to move.
    pub(crate) dry: bool,
    pub(crate) therapy_from: Option<SimTime>,
    pub(crate) post_from: Option<SimTime>,
    pub(crate) idle_from: Option<SimTime>,
    /// Since when nothing is infused, and since when until this record.
    pub(crate) gap_from: Option<SimTime>,
    pub(crate) gap_before: Option<SimTime>,
    pub(crate) interrupted_at: Option<SimTime>,
    pub(crate) restarted_at: Option<SimTime>,
    /// A rung is what the controller takes by itself.
    pub(crate) step: bool,
    pub(crate) stepped_at: Option<SimTime>,
    pub(crate) step_before: Option<SimTime>,
    /// Infusion comes back after nothing.
    pub(crate) resumes: bool,
    pub(crate) plan_before_gap: f64,
    /// The last rate that was sent and differs from this record's.
    pub(crate) last_rate: f64,
    /// The controller says that it refuses a rung below what the pump can deliver.
    pub(crate) refuses_rung: bool,
    /// Since when nothing has spoken against a rung.
    pub(crate) clear_from: Option<SimTime>,
    /// Times of the latest stops within the last ten minutes that were followed by a start.
    starts: [Option<SimTime>; 4],
    /// When the record before was.
    noted_at: SimTime,
    /// Plans of the last 24 h, with the end of each; oldest first.
    plans: std::collections::VecDeque<(SimTime, f64)>,
}

impl Therapy {
    pub(super) fn new() -> Self {
        Self {
            plans: std::collections::VecDeque::with_capacity(16),
            ..Self::default()
        }
    }

    pub(super) fn learn(&mut self, record: &Record<'_>, decision: &Decision, people: &People) {
        let now = record.at;
        self.mode_before = std::mem::replace(&mut self.mode, decision.mode);
        if !matches!(self.mode_before, Mode::Off | Mode::Post | Mode::Fallback) {
            self.settled = self.mode_before;
        }
        self.plan_before = std::mem::replace(&mut self.plan, ug_per_h(decision.plan));
        self.plan_most = self.plan_most.max(self.plan);
        let asked = decision.asks.authorisation;
        self.asked = asked.map_or(0.0, |dose| ug_per_h(dose.rate()));
        self.sent_before = self.sent;
        self.command = command(decision);
        if let Some(rate) = infused(self.sent) {
            self.last_rate = rate;
        }
        self.sent = self.command.or(self.sent);
        let named = infused(self.command).map(|_| drug_ug_per_ul(self.command));
        self.drug = named.or(self.drug);
        self.gap_before = self.gap_from;
        self.dry = record
            .telemetry
            .and_then(|telemetry| telemetry.state.ok())
            .is_some_and(|state| state.value == PumpState::Empty);
        if self.in_therapy() {
            self.therapy_from = self.therapy_from.or(Some(now));
        }
        let since = |stands: bool, from: Option<SimTime>| stands.then(|| from.unwrap_or(now));
        self.post_from = since(self.mode == Mode::Post, self.post_from);
        self.idle_from = since(self.mode == Mode::Idle, self.idle_from);
        self.resumes = infused(self.command).is_some() && self.gap_before.is_some();
        let refusal = matches!(
            decision.reason,
            Reason::Refused(Refusal::BelowPumpFloor { .. })
        );
        self.refuses_rung = refusal && record.orders.is_empty();
        self.note_plan(now, people);
        if self.in_therapy() && self.stands_still() {
            self.interrupted_at = Some(now);
        }
        // A restart ends no gap: whoever comes back has infused nothing in the meantime.
        if self.mode != Mode::Post {
            self.gap_from = since(self.in_therapy() && self.stands_still(), self.gap_from);
            if self.gap_from.is_none() && self.gap_before.is_none() {
                self.plan_before_gap = self.plan;
            }
        }
        if self.resumes {
            self.starts.rotate_right(1);
            self.starts[0] = Some(now);
        }
    }

    fn note_plan(&mut self, now: SimTime, people: &People) {
        let (before, after) = (self.mode_before.is_therapy(), self.in_therapy());
        let fell = self.plan < self.plan_before - SAME_UG_PER_H && self.plan > 0.0;
        let recent = people.authorised_h(now) <= RESTART_WITHIN_H;
        if self.resumes && recent {
            self.restarted_at = Some(now);
        }
        let by_people = people.authorised_h(now) <= 0.0 || (self.resumes && recent);
        self.step = fell && before && after && !by_people;
        if self.step {
            self.step_before = self.stepped_at.replace(now);
        }
        if self.plan.to_bits() != self.plan_before.to_bits() {
            // Whoever goes down may have decided on a rung that nobody saw, since the record before.
            let end = if self.mode == Mode::Post {
                self.noted_at
            } else {
                now
            };
            self.plans.push_back((end, self.plan_before));
        }
        self.noted_at = now;
        while self
            .plans
            .front()
            .is_some_and(|(end, _)| end.millis() + DAY_MS <= now.millis())
        {
            self.plans.pop_front();
        }
    }

    /// Nothing outside speaks against a rung, or something does.
    pub(super) fn note_clear(&mut self, now: SimTime, outside: bool) {
        let moved = self.plan.to_bits() != self.plan_before.to_bits();
        let infuses = matches!(self.mode, Mode::Active | Mode::Hold);
        let clear = outside && infuses && !moved && self.gap_from.is_none();
        self.clear_from = clear.then(|| self.clear_from.unwrap_or(now));
    }

    /// Whether the plan is another one than in the record before, and the controller up.
    pub(crate) fn plan_moves(&self) -> bool {
        self.mode != Mode::Post && self.plan.to_bits() != self.plan_before.to_bits()
    }

    /// Whether mode, plan or command are others than in the record before.
    pub(crate) fn moved(&self) -> bool {
        self.mode != self.mode_before
            || self.plan.to_bits() != self.plan_before.to_bits()
            || self.command.is_some()
            || self.refuses_rung
    }

    pub(crate) const fn in_therapy(&self) -> bool {
        self.mode.is_therapy()
    }

    /// Whether the wean stands still, by the mode: not stepping down, whatever else.
    pub(crate) const fn holds(&self) -> bool {
        self.mode.is_therapy() && !matches!(self.mode, Mode::Active)
    }

    /// Whether nothing is infused: the pump was told to stop, or says that it is empty.
    pub(crate) fn stands_still(&self) -> bool {
        matches!(self.sent, Some(Action::Stop { .. })) || self.dry
    }

    /// The drug in force, µg/µL: that of the last infusion, before the first one that of the explant.
    pub(crate) fn drug_ug_per_ul(&self, limits: &Limits) -> f64 {
        self.drug.unwrap_or(limits.drug_ug_per_ml / 1e3)
    }

    /// The rate in force as it was commanded, µg/h.
    pub(crate) fn commanded(&self) -> f64 {
        infused(self.sent).unwrap_or(0.0)
    }

    /// The highest plan of the last 24 h, this record's included, µg/h.
    pub(crate) fn plan_high(&self) -> f64 {
        self.plans
            .iter()
            .map(|(_, plan)| *plan)
            .fold(self.plan, f64::max)
    }

    /// How often infusion has come back within the last ten minutes.
    pub(crate) fn starts_10min(&self, now: SimTime) -> u32 {
        let recent = |at: &SimTime| at.millis() + CYCLES_WITHIN_MS >= now.millis();
        self.starts.iter().flatten().filter(|at| recent(at)).count() as u32
    }
}

const fn command(decision: &Decision) -> Option<Action> {
    match decision.send {
        Send::Command(command) => Some(command.action),
        Send::Ping | Send::Quiet(_) => None,
    }
}
