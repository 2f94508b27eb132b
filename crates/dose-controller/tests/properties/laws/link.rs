//! What is known of a pump that is not heard, and what it is told: reports, numbers of commands, the plan.

use infusion_types::{
    Action, Alarm, AlarmSet, Command, DoseRate, Mode, NoData, Reason, Send, Timestamp,
};
use proptest::prelude::*;

use super::Session;
use crate::machine::{DAY, Law, Step};
use crate::support::SECOND;
use crate::turns::{Turn, any_turn, link_turn, quiet_turn};

/// The newest report that counts, by the reference's own reckoning.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Newest {
    at: Option<Timestamp>,
    /// The last reset: what was made before it does not count.
    since: Timestamp,
    /// It is the one of this step.
    pub(super) taken: bool,
    /// There was a reset, and no read-back has come since.
    unread: bool,
}

impl Newest {
    /// Whether anything is known of the pump at this step.
    pub(super) fn see(&mut self, step: &Step<'_>) -> bool {
        if let Some(memory) = step.reset {
            *self = Self {
                at: None,
                since: step.at,
                taken: false,
                unread: memory,
            };
        }
        let longest = step.protocol.timing().cycle * 2;
        let fresh = |at: Timestamp| step.at.since(at) <= longest && at.since(step.at) <= SECOND * 5;
        let made = step.telemetry.spoken_at().filter(|at| fresh(*at));
        let made = made.map(|at| at.min(step.at));
        let oldest = self.at.map_or(self.since, |newest| newest.max(self.since));
        let made = made.filter(|at| *at >= oldest);
        self.taken = made.is_some();
        if let Some(at) = made {
            self.at = Some(at);
            let accepted = step.telemetry.accepted;
            self.unread &= !matches!(accepted, Ok(_) | Err(NoData::NeverSeen));
        }
        self.at.is_some_and(fresh)
    }
}

/// SR-30: without a report that counts no alarm that needs one comes or goes, and no rung is taken; the step
/// in which the last report has grown too old is the first of the silence.
#[derive(Clone, Debug, Default)]
pub(crate) struct Silence {
    newest: Newest,
}

const REPORTED: [Alarm; 12] = [
    Alarm::FreeFlow,
    Alarm::ReverseFlow,
    Alarm::OcclusionDownstream,
    Alarm::OcclusionUpstream,
    Alarm::AirInLine,
    Alarm::LineDisconnect,
    Alarm::MotorStall,
    Alarm::SensorFault,
    Alarm::BatteryLow,
    Alarm::BatteryCritical,
    Alarm::CsfOverdrainage,
    Alarm::TemperatureOutOfRange,
];

impl Law for Silence {
    fn turn() -> BoxedStrategy<Turn> {
        prop_oneof![2 => any_turn(), 1 => quiet_turn(), 3 => link_turn()].boxed()
    }

    fn see(&mut self, step: &Step<'_>) {
        if self.newest.see(step) {
            return;
        }
        let rung = matches!(step.decision.reason, Reason::Decremented { .. });
        assert!(!rung, "a rung in a silence");
        let reported: AlarmSet = REPORTED.into_iter().collect();
        if let Some(was) = step.was.filter(|_| step.reset.is_none()) {
            let of = |set: AlarmSet| set.intersection(reported);
            let (then, now) = (was.alarms.condition, step.decision.alarms.condition);
            assert_eq!(of(then), of(now), "an alarm comes or goes by a silence");
        }
    }
}

/// SR-21, SR-22, SR-28: each number is given once and tried three times; to a pump that is not heard, or has
/// not been read since a reset, nothing new leaves but a stop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbers {
    newest: Newest,
    last: Option<Command>,
    times: u32,
}

impl Law for Numbers {
    fn turn() -> BoxedStrategy<Turn> {
        prop_oneof![2 => any_turn(), 3 => link_turn()].boxed()
    }

    fn see(&mut self, step: &Step<'_>) {
        if step.reset == Some(false) {
            *self = Self::default();
        }
        let hears = self.newest.see(step);
        let Send::Command(command) = step.decision.send else {
            return;
        };
        if let Some(last) = self.last
            && last.sequence == command.sequence
        {
            assert_eq!(last, command, "one number, one command");
            self.times += 1;
            assert!(self.times <= 3, "at most two retries");
            return;
        }
        let before = self.last.map_or(0, |last| last.sequence);
        assert!(command.sequence > before, "numbers rise");
        (self.last, self.times) = (Some(command), 1);
        if !matches!(command.action, Action::Stop { .. }) {
            assert!(hears, "{command:?} to a pump that nobody hears");
            assert!(
                !self.newest.unread,
                "{command:?} to a pump that nobody has read"
            );
        }
    }
}

/// SR-03, SR-56: the plan moves by a person or by a rung, and by no reset, silence or fault of a platform.
#[derive(Clone, Debug, Default)]
pub(crate) struct Steady {
    session: Session,
    rung: Option<Timestamp>,
    infusing: Option<DoseRate>,
}

impl Law for Steady {
    fn turn() -> BoxedStrategy<Turn> {
        prop_oneof![2 => any_turn(), 2 => quiet_turn(), 2 => link_turn()].boxed()
    }

    fn see(&mut self, step: &Step<'_>) {
        let before = self.session;
        self.session.see(step);
        let (reason, plan) = (step.decision.reason, self.session.plan);
        let by_people = matches!(reason, Reason::Started { .. } | Reason::Authorised { .. });
        let by_rung = matches!(reason, Reason::Decremented { .. });
        let runs = self.session.runs && before.runs;
        assert!(
            !runs || plan == before.plan || by_people || by_rung,
            "{:?} became {plan:?}: {reason:?}",
            before.plan
        );
        if by_rung {
            let every = step.protocol.wean().every;
            let last = self.rung.replace(step.at);
            let apart = last.map_or(DAY * 9, |last| step.at.since(last));
            assert!(apart >= every, "a rung taken twice");
        }
        // The pump changes its rate when it is told to, or when it runs dry.
        let infusing = step.pump.infusing();
        let was = self.infusing.replace(infusing);
        if let Some(was) = was.filter(|was| *was != infusing && !step.pump.empty) {
            let told = match step.pump.action() {
                Some(Action::Infuse { .. }) => {
                    step.decision.mode != Mode::Complete || was > infusing
                }
                Some(Action::Stop { .. } | Action::Prime { .. }) | None => {
                    infusing == DoseRate::ZERO
                }
            };
            assert!(told, "{was:?} became {infusing:?}");
        }
    }
}
