//! A prescription, a perfect pump, a calm nurse, and the turns that bring them together.
//!
//! Only the public interface of the controller is used, as the bench uses it: the pump takes a command
//! at once, and the controller is stepped again at the same instant with what the pump reads back.
#![allow(
    dead_code,
    reason = "each test binary compiles this module and uses its own half of it"
)]

mod link;
mod prescription;
mod pump;

use core::time::Duration;

use dose_controller::{Controller, Protocol, Saved};
use infusion_types::{
    Assessment, Concentration, DailyDose, Decision, DoseRate, Host, Inputs, Line, Order, OrderKind,
    Prescription, Reading, Sample, Send, Session, Telemetry, Timestamp, User,
};

pub(crate) use link::{Link, dated_ahead};
pub(crate) use prescription::{prescription, rungs};
pub(crate) use pump::Pump;

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(3_600);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 3_600);

pub(crate) const ANNA: User = User(1);
pub(crate) const BEN: User = User(2);

pub(crate) const fn rate(nanograms_per_hour: u64) -> DoseRate {
    DoseRate::from_nanograms_per_hour(nanograms_per_hour)
}

pub(crate) const fn daily_ug(count: u64) -> DailyDose {
    DailyDose::from_nanograms_per_day(count * 1_000)
}

pub(crate) const fn drug(count: u32) -> Concentration {
    Concentration::from_micrograms_per_millilitre(count)
}

pub(crate) fn protocol() -> Protocol {
    checked(prescription())
}

pub(crate) fn checked(prescription: Prescription) -> Protocol {
    Protocol::new(prescription).expect("the prescription keeps the rules")
}

/// A patient who is well.
pub(crate) const fn calm(at: Timestamp) -> Assessment {
    Assessment {
        at,
        spasticity: Ok(1.5),
        spasms: Ok(1.0),
        sedation: Ok(0.0),
        breaths_per_min: Ok(16.0),
        saturation_percent: Ok(97.0),
        heart_rate_per_min: Ok(76.0),
        systolic_mmhg: Ok(124.0),
        temperature_c: Ok(36.8),
        itch: Ok(0.0),
    }
}

/// A reading of a sensor, whatever its time.
pub(crate) const fn reads<T>(value: T) -> Reading<T> {
    Ok(Sample::new(Timestamp::ZERO, value))
}

/// One step as it was seen from outside.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) at: Timestamp,
    pub(crate) decision: Decision,
}

/// When, in the course of a command, the supply of the controller dips.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Dip {
    /// What must be durable is torn: the copy before it is what is left, and the command has not left.
    MidWrite,
    /// It is durable, and the command has not left.
    BeforeSend,
    /// The command has left, and its read-back has not come.
    BeforeReadBack,
}

/// A controller, its pump and its nurse.
#[derive(Clone, Debug)]
pub(crate) struct Rig {
    pub(crate) controller: Controller,
    pub(crate) pump: Pump,
    pub(crate) link: Link,
    pub(crate) now: Timestamp,
    /// Every decision since somebody last cleared it.
    pub(crate) log: Vec<Seen>,
    /// What was last made durable.
    pub(crate) saved: Option<Saved>,
    /// The next command meets this, and the controller is away for so long.
    pub(crate) dips: Option<(Dip, Duration)>,
    /// It has met it.
    pub(crate) dipped: Option<Dip>,
    /// What the nurse finds each time; none when she does not come.
    pub(crate) finds: Option<Assessment>,
    /// How often she comes.
    pub(crate) rounds: Duration,
    /// What the platform says of itself.
    pub(crate) host: Host,
    comes_at: Timestamp,
    session: u32,
}

impl Rig {
    pub(crate) fn new(protocol: Protocol) -> Self {
        Self {
            controller: Controller::new(protocol, Session::new(7)),
            pump: Pump::new(),
            link: Link::default(),
            now: Timestamp::ZERO,
            log: Vec::new(),
            saved: None,
            dips: None,
            dipped: None,
            finds: Some(calm(Timestamp::ZERO)),
            rounds: HOUR * 3,
            host: Host::SOUND,
            comes_at: Timestamp::ZERO,
            session: 7,
        }
    }

    /// One step now, and another for each command that leaves; the answer of the first.
    pub(crate) fn step(&mut self, assessment: Option<&Assessment>, orders: &[Order]) -> Decision {
        let telemetry = self.telemetry();
        let first = self.step_with(&telemetry, assessment, orders);
        let mut last = first;
        for _ in 0..4 {
            let Send::Command(_) = last.send else { break };
            if self.dipped.take().is_some() {
                break;
            }
            let telemetry = self.telemetry();
            last = self.step_with(&telemetry, None, &[]);
        }
        first
    }

    /// What has come from the pump by now.
    pub(crate) fn telemetry(&mut self) -> Telemetry {
        self.pump.advance(self.now);
        let report = self.pump.telemetry(self.now);
        self.link.carry(self.now, report)
    }

    /// One step now, and no other.
    pub(crate) fn step_with(
        &mut self,
        telemetry: &Telemetry,
        assessment: Option<&Assessment>,
        orders: &[Order],
    ) -> Decision {
        let inputs = Inputs {
            telemetry,
            assessment,
            orders,
            host: &self.host,
        };
        let decision = self.controller.step(self.now, &inputs);
        let command = match decision.send {
            Send::Command(command) => Some(command),
            Send::Ping | Send::Quiet(_) => None,
        };
        let dips = self.dips.filter(|_| command.is_some());
        let dip = dips.map(|(dip, _)| dip);
        if dip != Some(Dip::MidWrite) {
            self.log.push(Seen {
                at: self.now,
                decision,
            });
            if decision.store {
                self.saved = Some(self.controller.saved());
            }
        }
        if let Some(command) = command.filter(|_| dip.is_none_or(|dip| dip == Dip::BeforeReadBack))
        {
            self.pump.advance(self.now);
            self.pump.take(command);
        }
        if let Some((dip, away)) = dips {
            (self.dips, self.dipped) = (None, Some(dip));
            self.restart(away, self.saved.clone());
        }
        decision
    }

    pub(crate) fn order(&mut self, by: User, what: OrderKind) -> Decision {
        self.step(None, &[Order { by, what }])
    }

    /// Two users order the same; the answer to the second.
    pub(crate) fn both_order(&mut self, what: OrderKind) -> Decision {
        self.order(ANNA, what);
        self.order(BEN, what)
    }

    /// The nurse enters this, as seen now.
    pub(crate) fn enter(&mut self, sheet: Assessment) -> Decision {
        let sheet = Assessment {
            at: self.now,
            ..sheet
        };
        self.step(Some(&sheet), &[])
    }

    /// Lets time pass, waking the controller whenever it asks for it and at least once.
    pub(crate) fn run(&mut self, time: Duration) -> Decision {
        let end = self.now.after(time);
        loop {
            let mut wakes = self.controller.poll_timeout().min(end);
            if self.finds.is_some() {
                wakes = wakes.min(self.comes_at.max(self.now));
            }
            self.now = wakes.max(self.now);
            let due = self.comes_at <= self.now;
            let sheet = self.finds.filter(|_| due).map(|sheet| Assessment {
                at: self.now,
                ..sheet
            });
            if sheet.is_some() {
                self.comes_at = self.now.after(self.rounds);
            }
            let decision = self.step(sheet.as_ref(), &[]);
            if self.now >= end {
                return decision;
            }
        }
    }

    /// From switching on to a connected, primed line.
    pub(crate) fn prepare(&mut self) {
        self.run(SECOND * 12);
        self.order(ANNA, OrderKind::DeclareLine(Line::Open));
        for _ in 0..240 {
            self.order(ANNA, OrderKind::HoldToRun);
            self.run(SECOND * 4);
        }
        self.order(ANNA, OrderKind::DeclareLine(Line::Connected));
    }

    /// From switching on to therapy at this daily dose.
    pub(crate) fn start(&mut self, daily_ug: f64) -> Decision {
        self.prepare();
        self.both_order(OrderKind::Authorise(daily_ug));
        self.order(ANNA, OrderKind::Start)
    }

    /// The controller is switched off for a while and comes back with what was durable.
    pub(crate) fn restart(&mut self, away: Duration, saved: Option<Saved>) {
        self.now = self.now.after(away);
        let protocol = *self.controller.protocol();
        self.session += u32::from(saved.is_none());
        self.saved = saved.clone();
        self.host.refused_frames = 0;
        self.controller = Controller::resume(protocol, Session::new(self.session), saved, self.now);
    }

    /// The decisions of the log, one for each change of what `look` finds in them.
    pub(crate) fn changes<T: PartialEq>(&self, look: impl Fn(&Decision) -> T) -> Vec<T> {
        let mut found = Vec::new();
        for seen in &self.log {
            let what = look(&seen.decision);
            if found.last() != Some(&what) {
                found.push(what);
            }
        }
        found
    }
}
