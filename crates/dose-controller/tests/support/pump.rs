//! A pump that does what it is told, and says so.

use infusion_types::{
    Accepted, Action, Command, DoseRate, NoData, PumpState, Raw, Reading, Refused, Sample,
    Telemetry, Timestamp,
};

/// The last word of a report does not come.
const UNREAD: NoData = NoData::LinkSilent;

/// A pump with its own limit, its own count, and what can go wrong between it and a controller.
#[derive(Clone, Debug)]
pub(crate) struct Pump {
    accepted: Option<Accepted>,
    state: PumpState,
    left_to_prime: u64,
    /// Nanogram-milliseconds per hour moved since it was switched on.
    moved: u128,
    advanced: Timestamp,
    refused: Refused,
    /// What its sensors read; only the values are used, their time is that of the report.
    pub(crate) sensors: Telemetry,
    /// It infuses no more than this.
    pub(crate) limit: Option<DoseRate>,
    /// Commands do not reach it.
    pub(crate) deaf: bool,
    /// So many more do not reach it.
    pub(crate) misses: u32,
    /// Its reports lack the read-back.
    pub(crate) unread: bool,
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
    pub(crate) fn new() -> Self {
        Self {
            accepted: None,
            state: PumpState::Idle,
            left_to_prime: 0,
            moved: 0,
            advanced: Timestamp::ZERO,
            refused: Refused::default(),
            sensors: Telemetry::silent(NoData::NotFitted),
            limit: None,
            deaf: false,
            misses: 0,
            unread: false,
            empty: false,
            stuck: false,
            reads_back: None,
            mute: None,
        }
    }

    /// A command comes by.
    pub(crate) fn take(&mut self, command: Command) {
        let missed = self.misses > 0;
        self.misses = self.misses.saturating_sub(1);
        let new = self
            .accepted
            .is_none_or(|last| command.session != last.session || command.sequence > last.sequence);
        if self.deaf || missed || !new {
            return;
        }
        let rate = match command.action {
            Action::Infuse { rate, .. } => rate.get(),
            Action::Prime { .. } | Action::Stop { .. } => DoseRate::ZERO,
        };
        if self.limit.is_some_and(|limit| rate > limit) {
            self.refused.commands += 1;
            return;
        }
        self.obey(Accepted {
            session: command.session,
            sequence: command.sequence,
            action: command.action,
        });
    }

    /// Does this, whoever wants it.
    pub(crate) fn obey(&mut self, accepted: Accepted) {
        self.accepted = Some(accepted);
        self.state = match accepted.action {
            Action::Infuse { .. } => PumpState::Infusing,
            Action::Prime { volume_left } => {
                self.left_to_prime = volume_left.nanolitres() * 3_600_000;
                PumpState::Priming
            }
            Action::Stop { .. } => PumpState::Stopped,
        };
    }

    /// Somebody who has the key tells it this, under the next number.
    pub(crate) fn is_taken_over(&mut self, action: Action) {
        let last = self.accepted.expect("it was told something");
        self.obey(Accepted {
            sequence: last.sequence + 1,
            action,
            ..last
        });
    }

    /// Begins to prime by itself.
    pub(crate) fn primes_by_itself(&mut self) {
        self.state = PumpState::Priming;
        self.left_to_prime = u64::MAX;
    }

    /// Refuses so many frames.
    pub(crate) fn refuses_frames(&mut self, count: u32) {
        self.refused.frames += count;
    }

    /// Lets time pass until `now`.
    pub(crate) fn advance(&mut self, now: Timestamp) {
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

    /// The number of the last command that it took.
    pub(crate) fn sequence(&self) -> u32 {
        self.accepted.map_or(0, |accepted| accepted.sequence)
    }

    /// Nanograms infused since it was switched on.
    pub(crate) fn infused(&self) -> u128 {
        self.moved / 3_600_000
    }

    /// What it counts: whole strokes of 50 ng, as micrograms.
    fn counted(&self) -> f64 {
        let strokes = u32::try_from(self.infused() / 50).expect("a wean is over before that");
        f64::from(strokes) * 0.05
    }

    /// What it says at `now`.
    pub(crate) fn telemetry(&self, now: Timestamp) -> Telemetry {
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
        let state = if self.empty {
            PumpState::Empty
        } else {
            self.state
        };
        Telemetry {
            accepted: if self.unread { Err(UNREAD) } else { known },
            state: Ok(Sample::new(now, state)),
            motion: self.sensors.motion.map(|it| Sample::new(now, it.value)),
            refused: Ok(Sample::new(now, self.refused)),
            delivered_ug: match self.sensors.delivered_ug {
                Err(NoData::NotFitted) => Ok(Sample::new(now, self.counted())),
                said => fresh(said),
            },
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
