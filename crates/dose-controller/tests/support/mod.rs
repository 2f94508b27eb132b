//! A prescription, a perfect pump, a calm nurse, and the turns that bring them together.
//!
//! Only the public interface of the controller is used, as the bench uses it: the pump takes a command
//! at once, and the controller is stepped again at the same instant with what the pump reads back.
#![allow(
    dead_code,
    reason = "each test binary compiles this module and uses its own half of it"
)]

mod prescription;

use core::time::Duration;

use dose_controller::{Controller, Decision, Inputs, Prescription, Protocol, Saved, Send};
use infusion_types::{
    Accepted, Action, Assessment, Command, Concentration, DailyDose, DoseRate, Host, Line, NoData,
    Order, OrderKind, PumpState, Raw, Reading, Sample, Session, Telemetry, Timestamp, User,
};

pub(crate) use prescription::{prescription, rungs};

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

/// A pump that does what it is told, and says so.
#[derive(Clone, Debug)]
pub(crate) struct Pump {
    accepted: Option<Accepted>,
    state: PumpState,
    left_to_prime: u64,
    /// Nanogram-milliseconds per hour moved since it was switched on.
    moved: u128,
    advanced: Timestamp,
    /// What its sensors read; only the values are used, their time is that of the report.
    pub(crate) sensors: Telemetry,
    /// Commands do not reach it.
    pub(crate) deaf: bool,
    /// Its reservoir is empty, and it says so.
    pub(crate) empty: bool,
    /// The readings of its noisy sensors stay the same to the last digit.
    pub(crate) stuck: bool,
    /// What it reads back is not what it was told.
    pub(crate) reads_back: Option<Accepted>,
    /// Its reports do not leave it.
    pub(crate) mute: Option<Telemetry>,
}

impl Pump {
    fn new() -> Self {
        Self {
            accepted: None,
            state: PumpState::Idle,
            left_to_prime: 0,
            moved: 0,
            advanced: Timestamp::ZERO,
            sensors: Telemetry::silent(NoData::NotFitted),
            deaf: false,
            empty: false,
            stuck: false,
            reads_back: None,
            mute: None,
        }
    }

    fn take(&mut self, command: Command) {
        let new = self
            .accepted
            .is_none_or(|last| command.session != last.session || command.sequence > last.sequence);
        if self.deaf || !new {
            return;
        }
        self.accepted = Some(Accepted {
            session: command.session,
            sequence: command.sequence,
            action: command.action,
        });
        self.state = match command.action {
            Action::Infuse { .. } => PumpState::Infusing,
            Action::Prime { volume_left } => {
                self.left_to_prime = volume_left.nanolitres() * 3_600_000;
                PumpState::Priming
            }
            Action::Stop { .. } => PumpState::Stopped,
        };
    }

    fn advance(&mut self, now: Timestamp) {
        let elapsed = now.millis_since(self.advanced);
        self.moved += u128::from(self.infusing().nanograms_per_hour()) * u128::from(elapsed);
        if self.state == PumpState::Priming {
            self.left_to_prime = self.left_to_prime.saturating_sub(elapsed * 1_000_000);
            if self.left_to_prime == 0 {
                self.state = PumpState::Stopped;
            }
        }
        self.advanced = now;
    }

    /// The rate at which it infuses.
    pub(crate) fn infusing(&self) -> DoseRate {
        match self.action() {
            Some(Action::Infuse { rate, .. }) if !self.empty => rate.get(),
            Some(Action::Infuse { .. } | Action::Prime { .. } | Action::Stop { .. }) | None => {
                DoseRate::ZERO
            }
        }
    }

    /// What it is doing.
    pub(crate) fn action(&self) -> Option<Action> {
        self.accepted.map(|accepted| accepted.action)
    }

    /// Nanograms infused since it was switched on.
    pub(crate) fn infused(&self) -> u128 {
        self.moved / 3_600_000
    }

    fn telemetry(&self, now: Timestamp) -> Telemetry {
        if let Some(last) = self.mute {
            return last;
        }
        let fresh = |raw: Raw| raw.map(|sample| Sample::new(now, sample.value));
        let noisy = |raw: Raw| fresh(raw).map(|sample| self.noisy(sample));
        let known: Reading<Accepted> = self
            .reads_back
            .or(self.accepted)
            .map(|accepted| Sample::new(now, accepted))
            .ok_or(NoData::NeverSeen);
        Telemetry {
            accepted: known,
            state: Ok(Sample::new(
                now,
                if self.empty {
                    PumpState::Empty
                } else {
                    self.state
                },
            )),
            motion: self.sensors.motion.map(|it| Sample::new(now, it.value)),
            refused: self.sensors.refused.map(|it| Sample::new(now, it.value)),
            delivered_ug: fresh(self.sensors.delivered_ug),
            reservoir_ul: fresh(self.sensors.reservoir_ul),
            flow_ul_per_h: noisy(self.sensors.flow_ul_per_h),
            pressure_kpa: noisy(self.sensors.pressure_kpa),
            air_ul: fresh(self.sensors.air_ul),
            connector: self.sensors.connector.map(|it| Sample::new(now, it.value)),
            drained_csf_ul: fresh(self.sensors.drained_csf_ul),
            temperature_c: fresh(self.sensors.temperature_c),
            battery_min: fresh(self.sensors.battery_min),
        }
    }

    /// A reading with noise on its last digits: hardly ever are two in a row alike.
    fn noisy(&self, sample: Sample<f64>) -> Sample<f64> {
        let mixed = sample.at.millis().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let noise = (mixed >> 54) as f64 * 1e-5;
        let value = if self.stuck {
            sample.value
        } else {
            sample.value + noise
        };
        Sample::new(sample.at, value)
    }

    /// Its reports stop leaving it, or leave it again.
    pub(crate) fn lose_reports(&mut self, now: Timestamp, lost: bool) {
        self.mute = match (lost, self.mute) {
            (true, None) => Some(self.telemetry(now)),
            (true, kept) => kept,
            (false, _) => None,
        };
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

/// A controller, its pump and its nurse.
#[derive(Clone, Debug)]
pub(crate) struct Rig {
    pub(crate) controller: Controller,
    pub(crate) pump: Pump,
    pub(crate) now: Timestamp,
    /// Every decision since somebody last cleared it.
    pub(crate) log: Vec<Seen>,
    /// What was last made durable.
    pub(crate) saved: Option<Saved>,
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
            now: Timestamp::ZERO,
            log: Vec::new(),
            saved: None,
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
            let telemetry = self.telemetry();
            last = self.step_with(&telemetry, None, &[]);
        }
        first
    }

    /// What the pump says now.
    pub(crate) fn telemetry(&mut self) -> Telemetry {
        self.pump.advance(self.now);
        self.pump.telemetry(self.now)
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
        self.log.push(Seen {
            at: self.now,
            decision,
        });
        if decision.store {
            self.saved = Some(self.controller.saved());
        }
        if let Send::Command(command) = decision.send {
            self.pump.advance(self.now);
            self.pump.take(command);
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
