//! Everything that the controller remembers, and what the other modules read of it.

use core::time::Duration;

use infusion_types::{
    Action, Alarm, AlarmSet, DailyDose, DoseRate, Flow, Line, Mode, NoData, Observation, Readings,
    Refusal, Session, StopCause, Telemetry, Timestamp, Timing, Volume,
};

use crate::alarms::Alarms;
use crate::exchange::{Exchange, infused};
use crate::guard::{self, PlanHistory};
use crate::ledger::Ledger;
use crate::line::Contents;
use crate::orders::Pending;
use crate::protocol::Protocol;
use crate::reconcile::OwnCount;
use crate::refill::Refill;
use crate::refusals::Refusals;
use crate::reservoir::Reservoir;
use crate::restarts::Restarts;
use crate::security::Security;
use crate::titrate::Titration;
use crate::watch::{self, Drain, Platform, Timers, Trust};
use crate::wean::Wean;

/// That an entry was discarded is shown so long.
const DISCARD_SHOWN: Duration = Duration::from_secs(60);

/// Everything that the controller remembers.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct State {
    pub(crate) mode: Mode,
    pub(crate) stepped: Timestamp,
    pub(crate) plan: DoseRate,
    pub(crate) limit: DoseRate,
    pub(crate) history: PlanHistory,
    pub(crate) authorised: DoseRate,
    pub(crate) authorised_at: Option<Timestamp>,
    pub(crate) pending: Option<Pending>,
    /// When an entry was last discarded because nobody went on with it.
    pub(crate) discarded_at: Option<Timestamp>,
    pub(crate) wean: Option<Wean>,
    pub(crate) titration: Titration,
    pub(crate) ledger: Ledger,
    pub(crate) contents: Contents,
    pub(crate) reservoir: Reservoir,
    pub(crate) refill: Refill,
    pub(crate) exchange: Exchange,
    pub(crate) alarms: Alarms,
    /// What the pump last said, refused numbers stood in for.
    pub(crate) said: Readings,
    /// When that was made, on the controller's clock, at the latest when it was read.
    pub(crate) spoken: Option<Timestamp>,
    /// It says what the pump has taken.
    pub(crate) readable: bool,
    /// What the flow may be wrong by because of the pump's temperature, in thousandths.
    pub(crate) off_band: u32,
    /// What the books have entered since the pump's own count was read.
    pub(crate) own_count: OwnCount,
    /// Whether it says a number now that no door lets in.
    pub(crate) says_nonsense: bool,
    pub(crate) timers: Timers,
    pub(crate) drain: Drain,
    pub(crate) trust: Trusted,
    pub(crate) refusals: Refusals,
    pub(crate) security: Security,
    pub(crate) platform: Platform,
    pub(crate) restarts: Restarts,
    pub(crate) rung_refused: Option<Refusal>,
    pub(crate) line: Option<Line>,
    pub(crate) primed: Volume,
    pub(crate) prime_until: Timestamp,
    pub(crate) catheter_since: Option<Timestamp>,
    pub(crate) therapy_since: Option<Timestamp>,
    /// Since when nothing is infused in a session: stopped, paused, or run dry.
    pub(crate) idle_since: Option<Timestamp>,
    /// The plan when that began: a dose that a dry pump was told to give has not been given, and ends no gap.
    pub(crate) gap_plan: DoseRate,
    /// The pump says that its reservoir is empty.
    pub(crate) dry: bool,
    pub(crate) withdrawal_flag: bool,
    pub(crate) withdrawal_at: Option<Timestamp>,
    pub(crate) overdose_flag: bool,
    pub(crate) ordered_stop: bool,
    /// Somebody wants a pause, and nobody has resumed since.
    pub(crate) ordered_pause: bool,
    /// Somebody has ordered one of the two since the controller was switched on, before it had read the pump.
    pub(crate) ordered_unread: bool,
    /// When the pump was last heard infusing.
    pub(crate) infused_at: Option<Timestamp>,
    pub(crate) stop_gone_at: Option<Timestamp>,
    pub(crate) stopped_by: Option<StopCause>,
    pub(crate) restored: bool,
    pub(crate) powered_at: Timestamp,
}

impl State {
    pub(crate) fn new(protocol: &Protocol, session: Session, now: Timestamp) -> Self {
        let line = protocol.line();
        Self {
            mode: Mode::Off,
            stepped: now,
            plan: DoseRate::ZERO,
            limit: DoseRate::ZERO,
            history: PlanHistory::default(),
            authorised: DoseRate::ZERO,
            authorised_at: None,
            pending: None,
            discarded_at: None,
            wean: None,
            titration: Titration::default(),
            ledger: Ledger::new(now),
            contents: Contents::new(line.drug),
            reservoir: Reservoir::new(line.reservoir, now),
            refill: Refill::default(),
            exchange: Exchange::new(session, now),
            alarms: Alarms::default(),
            said: Telemetry::silent(NoData::NeverSeen).admit(),
            spoken: None,
            readable: false,
            off_band: 0,
            own_count: OwnCount::default(),
            says_nonsense: false,
            timers: Timers::default(),
            drain: Drain::default(),
            trust: Trusted::default(),
            refusals: Refusals::default(),
            security: Security::default(),
            platform: Platform::default(),
            restarts: Restarts::default(),
            rung_refused: None,
            line: None,
            primed: Volume::ZERO,
            prime_until: now,
            catheter_since: None,
            therapy_since: None,
            idle_since: None,
            gap_plan: DoseRate::ZERO,
            dry: false,
            withdrawal_flag: false,
            withdrawal_at: None,
            overdose_flag: false,
            ordered_stop: false,
            ordered_pause: false,
            ordered_unread: false,
            infused_at: None,
            stop_gone_at: None,
            stopped_by: None,
            restored: false,
            powered_at: now,
        }
    }
}

/// What the readings of the noisy sensors are worth.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Trusted {
    pub(crate) flow: Trust,
    pub(crate) pressure: Trust,
    /// What the pump was doing when the flow was last read.
    pub(crate) flow_under: Option<Action>,
}

/// What the other modules read of the state.
impl State {
    /// Whether a patient depends on it, the self-test after a restart included.
    pub(crate) const fn in_session(&self) -> bool {
        self.mode.is_therapy() || (self.restored && matches!(self.mode, Mode::Off | Mode::Post))
    }

    /// The rate that the pump has confirmed.
    pub(crate) fn asked_rate(&self) -> DoseRate {
        self.exchange.in_force().map_or(DoseRate::ZERO, infused)
    }

    /// The same as a flow of the drug at the tip.
    pub(crate) fn asked_flow(&self) -> Flow {
        self.asked_rate().flow(self.contents.drug())
    }

    /// Dose missing from the plan, on the best available estimate.
    pub(crate) fn deficit_permille(&self, protocol: &Protocol) -> u32 {
        self.ledger
            .deficit_permille(self.measured_at_most(protocol))
    }

    /// Age of the latest believable assessment; of therapy when there has been none.
    pub(crate) fn observation_age(&self, now: Timestamp) -> Duration {
        let since = self.titration.latest_at().or(self.therapy_since);
        since.map_or(Duration::ZERO, |since| now.since(since))
    }

    /// A person flagged withdrawal, or enough signs stand.
    pub(crate) fn withdrawal_stands(&self, rules: &Observation) -> bool {
        self.withdrawal_flag || self.titration.signs() >= rules.withdrawal_signs
    }

    /// How long the catheter has been in place.
    pub(crate) fn dwell(&self, now: Timestamp) -> Duration {
        self.catheter_since
            .map_or(Duration::ZERO, |since| now.since(since))
    }

    /// Whether the line is on the patient, who may not be treated yet: what runs in it harms at once.
    pub(crate) fn on_line(&self) -> bool {
        self.line == Some(Line::Connected) && self.catheter_since.is_some()
    }

    /// The same in a session, from the start until the catheter is out.
    pub(crate) fn on_patient(&self) -> bool {
        self.on_line() && self.in_session()
    }

    pub(crate) fn declare(&mut self, line: Line, now: Timestamp) {
        self.line = Some(line);
        if line == Line::Connected {
            self.prime_until = now;
            self.catheter_since = self.catheter_since.or(Some(now));
        }
    }

    /// How long nothing has been infused in a session.
    pub(crate) fn gap(&self, now: Timestamp) -> Duration {
        self.idle_since
            .map_or(Duration::ZERO, |since| now.since(since))
    }

    /// SR-15: too long, or too much missing, to go on at the old plan.
    ///
    /// While AL-06 has its cause, too much is missing: the step of a window alone does not begin a therapy
    /// again that a person had to authorise a cycle ago.
    pub(crate) fn gap_over(&self, protocol: &Protocol, now: Timestamp) -> bool {
        let half = self.alarms.panel().condition.contains(Alarm::DoseDeficit50);
        self.idle_since.is_some()
            && (self.gap(now) > protocol.timing().gap_most
                || half
                || self.deficit_permille(protocol) >= 500)
    }

    /// The same, and nobody has authorised a dose for it yet.
    pub(crate) fn gap_needs_authorisation(&self, protocol: &Protocol, now: Timestamp) -> bool {
        if !self.gap_over(protocol, now) {
            return false;
        }
        // The rate was rounded to what the pump can give, which SR-15 allows one quantum for.
        let quantum = guard::quantum(protocol.limits(), self.contents.drug());
        let most = self.gap_dose(protocol, now).rate().saturating_add(quantum);
        let recent = self.authorised_at.is_some_and(|at| {
            now.since(at) <= protocol.timing().second_user_within
                && self.idle_since.is_some_and(|since| at > since)
                && self.authorised <= most
        });
        !recent
    }

    /// The most that may be given after a gap.
    pub(crate) fn gap_dose(&self, protocol: &Protocol, now: Timestamp) -> DailyDose {
        let permille = if self.gap(now) > protocol.timing().gap_long {
            250
        } else {
            500
        };
        let least = guard::least(protocol.limits(), self.contents.drug());
        let before = if self.idle_since.is_some() {
            self.gap_plan
        } else {
            self.plan
        };
        before.permille(permille).max(least).daily()
    }

    /// A stop alarm that still stands.
    pub(crate) fn blocking_stop(&self) -> Option<Alarm> {
        watch::stop_alarm(self).map(|(alarm, _)| alarm)
    }

    /// An alarm, standing or just named, that keeps a therapy from starting: of the platform, or of the drug.
    pub(crate) fn hinders_start(&self) -> Option<Alarm> {
        let unknown = self.refill.is_unknown();
        let drug = AlarmSet::EMPTY.with(Alarm::ConcentrationMismatch, unknown);
        let named = self.platform.shown().union(drug);
        let active = self.alarms.panel().active.union(named);
        active.intersection(Platform::HINDERING).iter().next()
    }

    /// Whether a sensor counts as broken by what it says.
    pub(crate) const fn distrusts_a_sensor(&self) -> bool {
        self.trust.flow.is_lost() || self.trust.pressure.is_lost()
    }

    /// Since when programming has been left alone: a value without its second user, or a dose that
    /// nobody has started.
    fn idle_entry(&self) -> Option<Timestamp> {
        let unstarted = self
            .authorised_at
            .filter(|_| matches!(self.mode, Mode::Idle));
        let entries = [self.pending.map(|pending| pending.at()), unstarted];
        entries.into_iter().flatten().min()
    }

    /// For how long; an entry that was discarded a moment ago still counts (SR-76).
    pub(crate) fn left_idle(&self, now: Timestamp) -> Duration {
        let discarded = self
            .discarded_at
            .is_some_and(|at| now.since(at) <= DISCARD_SHOWN);
        if discarded {
            return Duration::MAX;
        }
        self.idle_entry()
            .map_or(Duration::ZERO, |since| now.since(since))
    }

    /// Forgets a value that has waited for its second user for too long. Nothing else changes.
    pub(crate) fn discard_idle_entry(&mut self, protocol: &Protocol, now: Timestamp) {
        let most = protocol.timing().idle[1];
        let late = |pending: &Pending| now.since(pending.at()) >= most;
        if self.pending.as_ref().is_some_and(late) {
            self.pending = None;
            self.discarded_at = Some(now);
        }
    }

    /// AL-24.
    pub(crate) fn security_event(&self, now: Timestamp) -> bool {
        self.security.stands(now) || self.exchange.is_strange()
    }

    /// Somebody else has changed the rate.
    pub(crate) fn runs_a_strange_rate(&self) -> bool {
        self.exchange.is_strange() && self.asked_rate() != self.plan
    }

    /// Whether the rotor has been told to turn and has something to move.
    pub(crate) fn should_turn(&self) -> bool {
        match self.exchange.in_force() {
            Some(Action::Infuse { .. } | Action::Prime { .. }) => !self.dry,
            Some(Action::Stop { .. }) | None => false,
        }
    }

    /// Where the therapy can be taken up again after a reset: the pump has been read, and what is loaded is
    /// what was signed for.
    pub(crate) fn reconciled(&self) -> bool {
        self.exchange.is_read() && self.platform.record_agrees()
    }

    /// The newest word from the pump, or since when somebody has been there to listen.
    pub(crate) fn unheard_since(&self) -> Timestamp {
        self.exchange.heard().max(self.powered_at)
    }

    /// When a silent link is to be told. A pump that answers in time makes no deadline.
    fn link_due(&self, timing: &Timing, now: Timestamp) -> [Option<Timestamp>; 2] {
        let since = self.unheard_since();
        let silent = self.in_session() && now.since(since) > timing.ping_every;
        let past = |age: Duration| since.after(age).after(Duration::from_millis(1));
        timing.link.map(|age| silent.then(|| past(age)))
    }

    /// When time alone changes what people or the pump are told; the pump's own reports come by themselves.
    pub(crate) fn tells_by(&self, protocol: &Protocol, now: Timestamp) -> Timestamp {
        let timing = protocol.timing();
        let entry = self.idle_entry();
        let entry = timing.idle.map(|wait| entry.map(|since| since.after(wait)));
        let second_look = self.titration.second_look_by(protocol.observation());
        let once = [second_look, self.exchange.due(timing), self.platform.due()];
        let link = self.link_due(timing, now);
        let others = entry.into_iter().chain(link).chain(once).flatten();
        let others = others.filter(|due| *due > now).min();
        let alarms = self.alarms.due(now);
        others.map_or(alarms, |due| due.min(alarms))
    }

    /// SR-16, but for the confirmation.
    pub(crate) fn may_complete(&self, protocol: &Protocol, now: Timestamp) -> bool {
        let over = self
            .wean
            .is_some_and(|wean| wean.over(protocol.wean(), now));
        over && self.mode.infuses() && !self.withdrawal_stands(protocol.observation())
    }
}
