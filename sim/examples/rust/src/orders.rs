//! What people want, and what of it is refused. A refusal is an answer like any other, so it is an `Err`, and `?` ends an
//! order at the first thing that speaks against it.

use infusion_types::{
    Alarm, DailyDose, DoseRate, Host, Line, Mode, Order, OrderKind, Reason, Refusal, SessionRecord,
    StopCause, Timestamp, User, door,
};

use crate::SmallWean;

/// What an order came to, where that says something of the dose.
pub(crate) type Answer = Result<Option<Reason>, Refusal>;

/// A dose that one user has entered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    by: User,
    dose: DailyDose,
    at: Timestamp,
}

impl SmallWean {
    /// Takes every order, in the order in which they were said. A stop is obeyed whatever is said beside it. The last word
    /// about the dose is the answer.
    pub(crate) fn obey_all(&mut self, orders: &[Order], host: &Host) -> Answer {
        let halt = orders.iter().filter_map(halts).min();
        let begins = |order: &&Order| matches!(order.what, OrderKind::Start | OrderKind::Resume);
        let mut answer = Ok(None);
        for order in orders
            .iter()
            .filter(|order| halt.is_none() || !begins(order))
        {
            match self.obey(order, host) {
                Ok(None) => {}
                said => answer = said,
            }
        }
        if let Some(cause) = halt {
            self.held_until = self.now;
            self.halt(cause);
        }
        answer
    }

    fn obey(&mut self, order: &Order, host: &Host) -> Answer {
        if order.by == User::STRANGER {
            return Err(Refusal::Stranger);
        }
        match order.what {
            OrderKind::Authorise(ug_per_day) => return self.authorise(order.by, ug_per_day),
            OrderKind::Start => return self.start(host),
            OrderKind::Resume => return self.resume(host),
            OrderKind::ConfirmComplete => return self.complete(),
            OrderKind::HoldToRun => self.hold_to_run()?,
            OrderKind::DeclareLine(line) => self.line = Some(line),
            OrderKind::Acknowledge(alarm) => {
                self.panel.acknowledge(alarm);
                self.sheets.withdrawal_flagged &= alarm != Alarm::WithdrawalSigns;
                self.sheets.overdose_flagged &= alarm != Alarm::OverdoseSigns;
            }
            OrderKind::FlagWithdrawal => self.sheets.withdrawal_flagged = true,
            OrderKind::FlagOverdose => self.sheets.overdose_flagged = true,
            // Obeyed after all others.
            OrderKind::Pause | OrderKind::Stop => {}
            // Not declared, and so never handed over.
            OrderKind::SetConcentration(_)
            | OrderKind::SkipDecrement
            | OrderKind::PauseAudio
            | OrderKind::EnterUnprimed(_)
            | OrderKind::VolumeCheck(_)
            | OrderKind::Refilled(_)
            | OrderKind::CatheterOut => {}
        }
        Ok(None)
    }

    fn authorise(&mut self, by: User, ug_per_day: f64) -> Answer {
        let dose = door::daily_dose_ug(ug_per_day).map_err(Refusal::BadValue)?;
        let (limits, timing) = (&self.rx.limits, &self.rx.timing);
        if dose > limits.ceiling {
            return Err(Refusal::AboveCeiling { wanted: dose });
        }
        let wanted = dose.rate().to_nearest(self.rate_of(limits.flow_quantum));
        let least = self.rate_of(limits.flow_least);
        if wanted < least {
            return Err(Refusal::BelowPumpFloor { wanted, least });
        }
        if wanted > self.rate_of(limits.flow_most) {
            return Err(Refusal::AbovePumpMost { wanted });
        }
        if self.stop.is_none() && wanted < self.least_of_today() {
            return Err(Refusal::SlopeSpent);
        }
        let (now, within) = (self.now, timing.second_user_within.min(timing.idle[1]));
        let agrees = |it: &Entry| it.by != by && it.dose == dose && now.since(it.at) <= within;
        if !self.plan.entry.as_ref().is_some_and(agrees) {
            self.plan.entry = Some(Entry { by, dose, at: now });
            return Ok(None);
        }
        self.plan.entry = None;
        self.plan.authorised = wanted;
        self.plan.authorised_at = Some(now);
        if self.stop.is_some() {
            return Ok(None);
        }
        let from = core::mem::replace(&mut self.plan.rate, wanted);
        Ok(Some(Reason::Authorised { from, to: wanted }))
    }

    /// What two users have agreed on since `since`, while a start may rest on it.
    fn authorised_since(&self, since: Timestamp) -> Option<DoseRate> {
        let since = since.max(self.now.before(self.rx.timing.start_within));
        let counts = self.plan.authorised_at.is_some_and(|at| at >= since);
        counts.then_some(self.plan.authorised)
    }

    /// Whether anything may begin to be infused.
    fn may_infuse(&self, host: &Host) -> Result<(), Refusal> {
        if host.record != SessionRecord::Agrees || !host.self_test_passed {
            Err(Refusal::NotAuthorised)
        } else if !self.pump.is_heard(self.now, &self.rx.timing) {
            Err(Refusal::PumpSilent)
        } else if self.sheets.overdosed() {
            Err(Refusal::AlarmStands(Alarm::OverdoseSigns))
        } else {
            Ok(())
        }
    }

    fn must_be_in(&self, modes: [Mode; 2]) -> Result<(), Refusal> {
        let mode = self.mode();
        if modes.contains(&mode) {
            Ok(())
        } else {
            Err(Refusal::WrongMode(mode))
        }
    }

    fn start(&mut self, host: &Host) -> Answer {
        self.must_be_in([Mode::Idle; 2])?;
        let rate = self.authorised_since(Timestamp::ZERO);
        let rate = rate.ok_or(Refusal::NotAuthorised)?;
        if self.line != Some(Line::Connected) || self.primed() < self.rx.line.open {
            return Err(Refusal::NotPrimed);
        }
        self.may_infuse(host)?;
        self.plan.began_at = Some(self.now);
        self.plan.due = self.now.after(self.rx.wean.first_after);
        Ok(self.infuse(rate))
    }

    fn resume(&mut self, host: &Host) -> Answer {
        self.must_be_in([Mode::Paused, Mode::Stopped])?;
        self.may_infuse(host)?;
        let Some(most) = self.gap_dose() else {
            return Ok(self.infuse(self.plan.rate));
        };
        let rate = self.authorised_since(self.halted_at);
        let rate = rate.ok_or(Refusal::GapNeedsAuthorisation)?;
        Ok(self.infuse(rate.min(most)))
    }

    fn infuse(&mut self, rate: DoseRate) -> Option<Reason> {
        self.plan.rate = rate;
        self.stop = None;
        Some(Reason::Started { at: rate })
    }

    fn hold_to_run(&mut self) -> Result<(), Refusal> {
        self.must_be_in([Mode::Idle, Mode::Prime])?;
        if self.line != Some(Line::Open) {
            return Err(Refusal::LineNotOpen);
        }
        self.held_until = self.now.after(self.rx.timing.prime_lease);
        Ok(())
    }

    fn complete(&mut self) -> Answer {
        if !self.may_end() {
            return Err(Refusal::NotAtFloor);
        }
        self.stop = Some(StopCause::Weaned);
        self.plan.rate = DoseRate::ZERO;
        Ok(Some(Reason::Completed))
    }
}

/// The stop that somebody wants who may want one.
fn halts(order: &Order) -> Option<StopCause> {
    let rows = [
        (OrderKind::Stop, StopCause::Ordered),
        (OrderKind::Pause, StopCause::Paused),
    ];
    let mut rows = rows.into_iter().filter(|(what, _)| *what == order.what);
    rows.next()
        .filter(|_| order.by != User::STRANGER)
        .map(|(_, cause)| cause)
}
