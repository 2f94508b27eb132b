//! What controller and pump say to each other.
//!
//! [`Telemetry`] is what the pump *says*, raw. [`Readings`] is the same behind the door.

use core::time::Duration;

use crate::{
    Concentration, Dose, Flow, NoData, PositiveRate, Pressure, Raw, Reading, Temperature,
    Timestamp, Volume, door, taken_at,
};

/// Names one pairing of controller and pump.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Session(u32);

impl Session {
    /// The session with this number.
    #[must_use]
    #[inline]
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    #[inline]
    pub const fn number(self) -> u32 {
        self.0
    }
}

/// An order to the pump, good until its lease ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Command {
    /// The pairing it belongs to.
    pub session: Session,
    /// Strictly increasing within a session; a retry repeats it.
    pub sequence: u32,
    /// What to do.
    pub action: Action,
    /// How long it stays good. The pump keeps infusing beyond it and alarms; priming stops.
    pub lease: Duration,
}

/// What a pump can be told. Zero is not a rate: to stop needs a cause.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Action {
    /// Infuse at a dose rate; the pump turns it into a flow of the drug that leaves the tip.
    Infuse {
        /// Drug mass per time.
        rate: PositiveRate,
        /// The drug that the rate is meant of.
        at: Concentration,
    },
    /// Fill the open line.
    Prime {
        /// Volume that may still be moved.
        volume_left: Volume,
    },
    /// Move nothing.
    Stop {
        /// Why.
        cause: StopCause,
        /// Whether to close the clamp as well.
        clamp: bool,
    },
}

/// The only reasons for zero flow (SR-12).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum StopCause {
    /// AL-01.
    OverDelivery,
    /// AL-02.
    FreeFlow,
    /// AL-03.
    ReverseFlow,
    /// AL-04.
    OverdoseSigns,
    /// AL-09.
    OcclusionDownstream,
    /// AL-10.
    OcclusionUpstream,
    /// AL-12.
    Disconnected,
    /// AL-18.
    ConcentrationMismatch,
    /// AL-41.
    CsfOverdrainage,
    /// More than 200 µL of air.
    Air,
    /// A person stopped it.
    Ordered,
    /// A person paused it.
    Paused,
    /// The wean is complete.
    Weaned,
    /// Priming has ended; nothing has been started yet.
    Primed,
}

impl StopCause {
    /// Whether the line is closed as well as the motor stopped: where a motor that stands still does not end it, or may
    /// not be the one that gives. An overdose is drug from somewhere, whatever the pump says that it does.
    #[must_use]
    #[inline]
    pub const fn clamps(self) -> bool {
        match self {
            Self::OverDelivery
            | Self::FreeFlow
            | Self::ReverseFlow
            | Self::OverdoseSigns
            | Self::Disconnected
            | Self::CsfOverdrainage => true,
            Self::OcclusionDownstream
            | Self::OcclusionUpstream
            | Self::ConcentrationMismatch
            | Self::Air
            | Self::Ordered
            | Self::Paused
            | Self::Weaned
            | Self::Primed => false,
        }
    }

    /// Whether therapy may come back by itself once the cause has gone.
    #[must_use]
    #[inline]
    pub const fn clears_by_itself(self) -> bool {
        matches!(self, Self::OcclusionDownstream | Self::OcclusionUpstream)
    }
}

/// The pump's read-back: the last command it took.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Accepted {
    /// The session it was taken in.
    pub session: Session,
    /// Its sequence number.
    pub sequence: u32,
    /// The action in force.
    pub action: Action,
}

/// What the pump reports of itself.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum PumpState {
    /// Powered, moving nothing.
    Idle,
    /// Filling the open line.
    Priming,
    /// Infusing.
    Infusing,
    /// Infusing on an ended lease: nobody has spoken to it for too long.
    Holding,
    /// Told to stop.
    Stopped,
    /// The reservoir holds nothing that can be moved.
    Empty,
}

/// What the pump has not taken, counted since it was switched on.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Refused {
    /// Frames whose seal, session, number or age was wrong.
    pub frames: u32,
    /// Sound commands beyond what it may or can do.
    pub commands: u32,
}

/// One report of the pump, raw. A sensor that the profile lacks says [`NoData::NotFitted`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Telemetry {
    /// The last command taken.
    pub accepted: Reading<Accepted>,
    /// What the pump is doing.
    pub state: Reading<PumpState>,
    /// Whether the rotor turns when it should.
    pub motion: Reading<bool>,
    /// What it has not taken.
    pub refused: Reading<Refused>,
    /// Drug that the pump believes it has moved since it was switched on, µg.
    pub delivered_ug: Raw,
    /// Drug left as the pump calculates it from its own strokes, µL.
    pub reservoir_ul: Raw,
    /// Measured flow at the outlet, µL/h.
    pub flow_ul_per_h: Raw,
    /// Line pressure, kPa.
    pub pressure_kpa: Raw,
    /// Air seen in the line, µL.
    pub air_ul: Raw,
    /// Whether the connector is closed.
    pub connector: Reading<bool>,
    /// CSF in the drain bag, µL.
    pub drained_csf_ul: Raw,
    /// Pump temperature, °C.
    pub temperature_c: Raw,
    /// Battery left, minutes.
    pub battery_min: Raw,
}

impl Telemetry {
    /// A report of a pump that says nothing, for `reason`.
    #[must_use]
    #[inline]
    pub const fn silent(reason: NoData) -> Self {
        Self {
            accepted: Err(reason),
            state: Err(reason),
            motion: Err(reason),
            refused: Err(reason),
            delivered_ug: Err(reason),
            reservoir_ul: Err(reason),
            flow_ul_per_h: Err(reason),
            pressure_kpa: Err(reason),
            air_ul: Err(reason),
            connector: Err(reason),
            drained_csf_ul: Err(reason),
            temperature_c: Err(reason),
            battery_min: Err(reason),
        }
    }

    /// When the report was made: the newest moment in it. None when there is nothing in it.
    #[must_use]
    #[inline]
    pub fn spoken_at(&self) -> Option<Timestamp> {
        let number = |raw: &Raw| raw.as_ref().ok().map(|sample| sample.at);
        taken_at(self.state)
            .max(taken_at(self.accepted))
            .max(taken_at(self.refused))
            .max(taken_at(self.motion))
            .max(taken_at(self.connector))
            .max(number(&self.delivered_ug))
            .max(number(&self.reservoir_ul))
            .max(number(&self.flow_ul_per_h))
            .max(number(&self.pressure_kpa))
            .max(number(&self.air_ul))
            .max(number(&self.drained_csf_ul))
            .max(number(&self.temperature_c))
            .max(number(&self.battery_min))
    }

    /// Every raw number through its door.
    #[must_use]
    #[inline]
    pub fn admit(&self) -> Readings {
        Readings {
            accepted: self.accepted,
            state: self.state,
            motion: self.motion,
            refused: self.refused,
            delivered: door::dose_reading_ug(self.delivered_ug),
            reservoir: door::volume_reading_ul(self.reservoir_ul),
            flow: door::flow_reading_ul_per_h(self.flow_ul_per_h),
            pressure: door::pressure_reading_kpa(self.pressure_kpa),
            air: door::volume_reading_ul(self.air_ul),
            connector: self.connector,
            drained_csf: door::volume_reading_ul(self.drained_csf_ul),
            temperature: door::temperature_reading_c(self.temperature_c),
            battery: door::battery_reading_min(self.battery_min),
        }
    }
}

/// One report of the pump behind the door: whole numbers, or the reason for none.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Readings {
    /// The last command taken.
    pub accepted: Reading<Accepted>,
    /// What the pump is doing.
    pub state: Reading<PumpState>,
    /// Whether the rotor turns when it should.
    pub motion: Reading<bool>,
    /// What it has not taken.
    pub refused: Reading<Refused>,
    /// Drug that the pump believes it has moved.
    pub delivered: Reading<Dose>,
    /// Drug left as the pump calculates it.
    pub reservoir: Reading<Volume>,
    /// Measured flow.
    pub flow: Reading<Flow>,
    /// Line pressure.
    pub pressure: Reading<Pressure>,
    /// Air in the line.
    pub air: Reading<Volume>,
    /// Whether the connector is closed.
    pub connector: Reading<bool>,
    /// CSF in the drain bag.
    pub drained_csf: Reading<Volume>,
    /// Pump temperature.
    pub temperature: Reading<Temperature>,
    /// Battery left.
    pub battery: Reading<Duration>,
}

impl Readings {
    /// The first number that was refused at the door, if any was.
    #[must_use]
    #[inline]
    pub fn refused(&self) -> Option<NoData> {
        let reasons = [
            self.delivered.err(),
            self.reservoir.err(),
            self.flow.err(),
            self.pressure.err(),
            self.air.err(),
            self.drained_csf.err(),
            self.temperature.err(),
            self.battery.err(),
        ];
        reasons
            .into_iter()
            .flatten()
            .find(|reason| reason.is_refusal())
    }
}
