//! The dose. The law: a quarter of the rate in force, once a day, when the last two sheets show at most one sign of
//! withdrawal.

use infusion_types::{DoseRate, Flow, Reason, StopCause, Timestamp, Wait};

use crate::SmallWean;
use crate::orders::Entry;

/// What a rung leaves of the rate in force.
pub(crate) const KEPT_PERMILLE: u32 = 750;
const TAKEN_PERMILLE: u32 = 250;
/// A gap in which so much of a day's plan was missed is a long one.
const MISSED_PERMILLE: u32 = 500;

/// What was agreed on, and how far it has gone down.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// The rung in force; zero without therapy.
    pub(crate) rate: DoseRate,
    /// What two users agreed on last, and when.
    pub(crate) authorised: DoseRate,
    pub(crate) authorised_at: Option<Timestamp>,
    /// What one user has entered, and nobody else yet.
    pub(crate) entry: Option<Entry>,
    pub(crate) began_at: Option<Timestamp>,
    /// The next rung may be taken then.
    pub(crate) due: Timestamp,
    /// A rung has been taken.
    pub(crate) stepped: bool,
    /// Since when the plan is at the floor.
    pub(crate) low_since: Option<Timestamp>,
}

impl SmallWean {
    /// Takes a rung, or says what it waits for.
    pub(crate) fn follow_schedule(&mut self) -> Reason {
        if let Some(wait) = self.waits() {
            return Reason::Waiting(wait);
        }
        let from = self.plan.rate;
        self.plan.rate = self.next_rung();
        self.plan.due = self.now.after(self.rx.wean.every);
        self.plan.stepped = true;
        Reason::Decremented {
            from,
            to: self.plan.rate,
            permille: TAKEN_PERMILLE,
            cut: false,
        }
    }

    fn waits(&self) -> Option<Wait> {
        let (next, now) = (self.next_rung(), self.now);
        if next >= self.plan.rate || next < self.rate_of(self.rx.limits.flow_least) {
            Some(Wait::LastRung)
        } else if now < self.plan.due {
            Some(Wait::NotDue { at: self.plan.due })
        } else if let Some(alarm) = self.panel.blocks() {
            Some(Wait::Alarm(alarm))
        } else if !self.pump.is_heard(now, &self.rx.timing) || !self.pump.has_read() {
            Some(Wait::Report)
        } else if next < self.least_of_today() {
            Some(Wait::Slope)
        } else {
            self.sheets.waits(now, &self.rx.observation)
        }
    }

    /// A quarter less, in what the pump can do, and not below the final dose.
    fn next_rung(&self) -> DoseRate {
        let quantum = self.rate_of(self.rx.limits.flow_quantum);
        let wanted = self.plan.rate.permille(KEPT_PERMILLE).to_nearest(quantum);
        wanted.max(self.rounded_down(self.rx.wean.final_dose.rate()))
    }

    fn rounded_down(&self, rate: DoseRate) -> DoseRate {
        let quantum = self.rate_of(self.rx.limits.flow_quantum);
        let nearest = rate.to_nearest(quantum);
        let above = nearest > rate;
        nearest.saturating_sub(if above { quantum } else { DoseRate::ZERO })
    }

    /// The rate that a flow of the drug carries.
    pub(crate) fn rate_of(&self, flow: Flow) -> DoseRate {
        self.rx.line.drug.rate_of(flow)
    }

    /// The least that the plan may fall to today.
    pub(crate) fn least_of_today(&self) -> DoseRate {
        let kept = self.rx.limits.kept_in_24h_permille;
        self.books.highest(self.now).permille_up(kept)
    }

    /// The most to go on with after a long gap, which needs a new authorisation; none where nobody has to ask.
    pub(crate) fn gap_dose(&self) -> Option<DoseRate> {
        let timing = &self.rx.timing;
        let gap = self.now.since(self.halted_at);
        if self.stop.is_none() || !self.in_therapy() {
            return None;
        }
        let missed = || self.books.day(self.now).deficit_permille() >= MISSED_PERMILLE;
        let is_long = gap > timing.gap_most || missed();
        let permille = if gap > timing.gap_long { 250 } else { 500 };
        let most = self.rounded_down(self.plan.rate.permille(permille));
        is_long.then(|| most.max(self.rate_of(self.rx.limits.flow_least)))
    }

    /// Notes since when the plan is at or below the floor.
    pub(crate) fn look_for_the_floor(&mut self) {
        let low = self.in_therapy() && self.plan.rate.daily() <= self.rx.limits.floor_dose;
        self.plan.low_since = self.plan.low_since.or(Some(self.now)).filter(|_| low);
    }

    /// Whether somebody may confirm the end.
    pub(crate) fn may_end(&self) -> bool {
        let long = |since| self.now.since(since) >= self.rx.wean.last_rung_for;
        self.stop.is_none() && self.plan.low_since.is_some_and(long)
    }

    /// Infuses nothing from now on. Of two causes the graver stands: they are in that order.
    pub(crate) fn halt(&mut self, cause: StopCause) {
        if self.stop.is_none() {
            self.halted_at = self.now;
        }
        if self.in_therapy() {
            self.stop = self.stop.map(|other| other.min(cause)).or(Some(cause));
        }
    }
}
