//! What the pump says, and what it is told.

use std::time::Duration;

use infusion_types::{
    Accepted, Action, Command, Concentration, DoseRate, Refused, Session, Telemetry, Volume,
};
use serde::{Deserialize, Serialize};

use super::number::{NoReading, Said};
use super::words::{PumpWord, StopWord};

/// One report of the pump. Units are in the keys; `at` is milliseconds on the controller's clock.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct TelemetryLine {
    accepted: Said<AcceptedLine>,
    state: Said<PumpWord>,
    motion: Said<bool>,
    refused: Said<RefusedLine>,
    delivered_ug: Said<f64>,
    reservoir_ul: Said<f64>,
    flow_ul_per_h: Said<f64>,
    pressure_kpa: Said<f64>,
    air_ul: Said<f64>,
    connector: Said<bool>,
    drained_csf_ul: Said<f64>,
    temperature_c: Said<f64>,
    battery_min: Said<f64>,
}

/// The pump's read-back.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct AcceptedLine {
    session: u32,
    sequence: u32,
    action: ActionLine,
}

/// What the pump has not taken.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct RefusedLine {
    frames: u32,
    commands: u32,
}

/// What a pump is told to do.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum ActionLine {
    Infuse {
        rate_ng_per_h: u64,
        drug_ug_per_ml: u32,
    },
    Prime {
        volume_left_nl: u64,
    },
    Stop {
        cause: StopWord,
        clamp: bool,
    },
}

/// A command to the pump.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CommandLine {
    session: u32,
    sequence: u32,
    action: ActionLine,
    lease_ms: u64,
}

/// What a command can be no command for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum NoCommand {
    /// Zero is not a rate.
    #[error("a rate of 0 ng/h: zero is not a rate, and `stop` needs its cause")]
    ZeroRate,
    /// No drug is so thin or so strong.
    #[error("a drug of {0} ug/mL: between {least} and {most} is possible",
        least = Concentration::LEAST.micrograms_per_millilitre(),
        most = Concentration::MOST.micrograms_per_millilitre())]
    Drug(u32),
}

impl From<Action> for ActionLine {
    fn from(action: Action) -> Self {
        match action {
            Action::Infuse { rate, at } => Self::Infuse {
                rate_ng_per_h: rate.get().nanograms_per_hour(),
                drug_ug_per_ml: at.micrograms_per_millilitre(),
            },
            Action::Prime { volume_left } => Self::Prime {
                volume_left_nl: volume_left.nanolitres(),
            },
            Action::Stop { cause, clamp } => Self::Stop {
                cause: cause.into(),
                clamp,
            },
        }
    }
}

impl TryFrom<ActionLine> for Action {
    type Error = NoCommand;

    fn try_from(line: ActionLine) -> Result<Self, NoCommand> {
        Ok(match line {
            ActionLine::Infuse {
                rate_ng_per_h,
                drug_ug_per_ml,
            } => {
                let rate = DoseRate::from_nanograms_per_hour(rate_ng_per_h).positive();
                let at = Concentration::from_micrograms_per_millilitre(drug_ug_per_ml);
                if !(Concentration::LEAST..=Concentration::MOST).contains(&at) {
                    return Err(NoCommand::Drug(drug_ug_per_ml));
                }
                Self::Infuse {
                    rate: rate.ok_or(NoCommand::ZeroRate)?,
                    at,
                }
            }
            ActionLine::Prime { volume_left_nl } => Self::Prime {
                volume_left: Volume::from_nanolitres(volume_left_nl),
            },
            ActionLine::Stop { cause, clamp } => Self::Stop {
                cause: cause.into(),
                clamp,
            },
        })
    }
}

impl From<Command> for CommandLine {
    fn from(command: Command) -> Self {
        Self {
            session: command.session.number(),
            sequence: command.sequence,
            action: command.action.into(),
            lease_ms: u64::try_from(command.lease.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

impl TryFrom<CommandLine> for Command {
    type Error = NoCommand;

    fn try_from(line: CommandLine) -> Result<Self, NoCommand> {
        Ok(Self {
            session: Session::new(line.session),
            sequence: line.sequence,
            action: line.action.try_into()?,
            lease: Duration::from_millis(line.lease_ms),
        })
    }
}

impl From<&Telemetry> for TelemetryLine {
    fn from(telemetry: &Telemetry) -> Self {
        Self {
            accepted: Said::of(telemetry.accepted, |it| AcceptedLine {
                session: it.session.number(),
                sequence: it.sequence,
                action: it.action.into(),
            }),
            state: Said::of(telemetry.state, PumpWord::from),
            motion: Said::of(telemetry.motion, |it| it),
            refused: Said::of(telemetry.refused, |it| RefusedLine {
                frames: it.frames,
                commands: it.commands,
            }),
            delivered_ug: Said::raw(telemetry.delivered_ug),
            reservoir_ul: Said::raw(telemetry.reservoir_ul),
            flow_ul_per_h: Said::raw(telemetry.flow_ul_per_h),
            pressure_kpa: Said::raw(telemetry.pressure_kpa),
            air_ul: Said::raw(telemetry.air_ul),
            connector: Said::of(telemetry.connector, |it| it),
            drained_csf_ul: Said::raw(telemetry.drained_csf_ul),
            temperature_c: Said::raw(telemetry.temperature_c),
            battery_min: Said::raw(telemetry.battery_min),
        }
    }
}

impl TryFrom<TelemetryLine> for Telemetry {
    type Error = NoReading;

    fn try_from(line: TelemetryLine) -> Result<Self, NoReading> {
        Ok(Self {
            accepted: line.accepted.reading(|it| {
                Ok(Accepted {
                    session: Session::new(it.session),
                    sequence: it.sequence,
                    action: it.action.try_into().map_err(|_| NoReading)?,
                })
            })?,
            state: line.state.reading(|it| Ok(it.into()))?,
            motion: line.motion.reading(Ok)?,
            refused: line.refused.reading(|it| {
                Ok(Refused {
                    frames: it.frames,
                    commands: it.commands,
                })
            })?,
            delivered_ug: line.delivered_ug.to_raw()?,
            reservoir_ul: line.reservoir_ul.to_raw()?,
            flow_ul_per_h: line.flow_ul_per_h.to_raw()?,
            pressure_kpa: line.pressure_kpa.to_raw()?,
            air_ul: line.air_ul.to_raw()?,
            connector: line.connector.reading(Ok)?,
            drained_csf_ul: line.drained_csf_ul.to_raw()?,
            temperature_c: line.temperature_c.to_raw()?,
            battery_min: line.battery_min.to_raw()?,
        })
    }
}
