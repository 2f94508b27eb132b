//! Where schedule, response, alarms and guard meet: whether the plan goes down one rung now.

use infusion_types::{
    Alarm, AlarmSet, DoseRate, HoldCause, Mode, Reason, Refusal, StopCause, Timestamp, Wait,
};

use crate::guard;
use crate::protocol::Protocol;
use crate::state::State;
use crate::titrate::TwoFresh;

impl State {
    /// Moves the plan one rung when everything agrees, and says what it waits for otherwise.
    pub(crate) fn follow_schedule(&mut self, protocol: &Protocol, now: Timestamp) -> Reason {
        let withdrawing = self.withdrawal_stands(protocol.observation());
        if withdrawing {
            self.withdrawal_at = Some(now);
        }
        let at_floor = self.mode.is_therapy() && self.plan.daily() <= protocol.limits().floor_dose;
        if let Some(wean) = &mut self.wean {
            wean.watch_floor(now, at_floor);
        }
        match self.mode {
            Mode::Off | Mode::Post | Mode::Idle => Reason::NotStarted,
            Mode::Prime => Reason::Priming,
            Mode::Complete => Reason::Completed,
            Mode::Paused => Reason::Stopped(StopCause::Paused),
            Mode::Stopped => Reason::Stopped(self.stopped_by.unwrap_or(StopCause::Ordered)),
            Mode::Fallback => Reason::Held(HoldCause::Unreconciled),
            Mode::Hold => Reason::Held(self.hold_cause()),
            Mode::Active => match self.next_rung(protocol, now) {
                Ok((rate, permille, cut)) => self.step_down(protocol, now, (rate, permille, cut)),
                Err(reason) => reason,
            },
        }
    }

    fn hold_cause(&self) -> HoldCause {
        if self.titration.overdose_suspected() {
            return HoldCause::OverdoseUnconfirmed;
        }
        let holding = self.alarms.panel().active.intersection(AlarmSet::HOLDING);
        let alarm = holding.iter().next();
        alarm.map_or(HoldCause::OverdoseUnconfirmed, HoldCause::Alarm)
    }

    /// The next rung as the guard lets it through, or what it waits for.
    fn next_rung(
        &mut self,
        protocol: &Protocol,
        now: Timestamp,
    ) -> Result<(DoseRate, u32, bool), Reason> {
        let permille = self.permitted(protocol, now).map_err(Reason::Waiting)?;
        let (limits, drug) = (protocol.limits(), self.contents.drug());
        let (quantum, last_rung) = (guard::quantum(limits, drug), self.last_rung(protocol));
        let wean = self.wean.as_mut().ok_or(Reason::NotStarted)?;
        if wean.take_skip(protocol.wean(), now) {
            return Err(Reason::Waiting(Wait::Skipped));
        }
        let wanted = wean.propose(protocol.wean(), self.plan, permille);
        let wanted = wanted.to_nearest(quantum).max(last_rung);
        let bounds = guard::Bounds {
            plan: self.plan,
            recent_peak: self.history.peak(now),
            limit: self.limit,
        };
        let passed = guard::constrain(limits, &bounds, wanted);
        // A cut that leaves less than the pump can make would use up the decrement for nothing.
        let gone = self.plan.saturating_sub(passed);
        if gone == DoseRate::ZERO || (passed != wanted && gone < quantum) {
            return Err(Reason::Waiting(Wait::Slope));
        }
        if !guard::deliverable(limits, drug, passed) {
            let least = guard::least(limits, drug);
            let refusal = Refusal::BelowPumpFloor {
                wanted: passed,
                least,
            };
            return Err(self.refuse_rung(now, refusal));
        }
        Ok((passed, permille, passed != wanted))
    }

    /// The final dose as the pump can give it, never above what was prescribed.
    fn last_rung(&self, protocol: &Protocol) -> DoseRate {
        let quantum = guard::quantum(protocol.limits(), self.contents.drug());
        guard::down_to(protocol.wean().final_dose.rate(), quantum)
    }

    /// A rung that the pump cannot deliver: it is noted once, and told as long as it lasts.
    fn refuse_rung(&mut self, now: Timestamp, refusal: Refusal) -> Reason {
        if self.rung_refused != Some(refusal) {
            self.refusals.note(now);
            self.rung_refused = Some(refusal);
        }
        Reason::Refused(refusal)
    }

    /// The decrement that schedule, assessments and alarms agree on, in thousandths of the basis.
    fn permitted(&self, protocol: &Protocol, now: Timestamp) -> Result<u32, Wait> {
        let rules = protocol.observation();
        let Some(wean) = &self.wean else {
            return Err(Wait::LastRung);
        };
        if self.plan <= self.last_rung(protocol) {
            return Err(Wait::LastRung);
        }
        if self.contents.bridging() {
            return Err(Wait::Bridge);
        }
        if now < wean.due() {
            return Err(Wait::NotDue { at: wean.due() });
        }
        if !self.may_command(protocol, now) || self.exchange.waits() {
            return Err(Wait::Report);
        }
        let harmless = [Alarm::ReservoirVeryLow, Alarm::DwellTime];
        let blocking = self
            .alarms
            .panel()
            .urgent()
            .without(harmless.into_iter().collect());
        if let Some(alarm) = blocking.iter().next() {
            return Err(Wait::Alarm(alarm));
        }
        if self
            .withdrawal_at
            .is_some_and(|at| now.since(at) <= rules.after_withdrawal)
        {
            return Err(Wait::AfterWithdrawal);
        }
        match self.titration.two_fresh(rules, now) {
            TwoFresh::None => Err(Wait::FreshAssessment),
            TwoFresh::One => Err(Wait::SecondAssessment),
            TwoFresh::Yes => self
                .titration
                .permitted(protocol.wean())
                .ok_or(Wait::Response),
        }
    }

    fn step_down(
        &mut self,
        protocol: &Protocol,
        now: Timestamp,
        (to, permille, cut): (DoseRate, u32, bool),
    ) -> Reason {
        let from = self.plan;
        self.plan = to;
        self.limit = to;
        self.rung_refused = None;
        self.history.change(now, to);
        self.titration.begin_wean();
        if let Some(wean) = &mut self.wean {
            wean.stepped(protocol.wean(), now);
        }
        Reason::Decremented {
            from,
            to,
            permille,
            cut,
        }
    }
}
