//! What people saw and what they want.

use infusion_types::{Alarm, Assessment, Order, OrderKind, Timestamp, User};
use serde::{Deserialize, Serialize};

use super::alarm::AlarmId;
use super::number::{NoReading, Said};
use super::words::LineWord;

/// One look at the patient. Entries are raw numbers, or the reason for none.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct AssessmentLine {
    at: u64,
    spasticity_ashworth: Said<f64>,
    spasms_penn: Said<f64>,
    sedation_rass: Said<f64>,
    breaths_per_min: Said<f64>,
    saturation_percent: Said<f64>,
    heart_rate_per_min: Said<f64>,
    systolic_mmhg: Said<f64>,
    temperature_c: Said<f64>,
    itch: Said<f64>,
}

/// Something that a person wants: who, and what.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct OrderLine {
    by: u8,
    what: WhatLine,
}

/// What can be ordered.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WhatLine {
    Authorise { ug_per_day: Said<f64> },
    Start,
    Pause,
    Resume,
    Stop,
    HoldToRun,
    SetConcentration { ug_per_ml: Said<f64> },
    SkipDecrement,
    ConfirmComplete,
    FlagWithdrawal,
    FlagOverdose,
    Acknowledge { alarm: AlarmId },
    PauseAudio,
    DeclareLine { line: LineWord },
    EnterUnprimed { ul: Said<f64> },
    VolumeCheck { ul: Said<f64> },
    Refilled { ul: Said<f64> },
    CatheterOut,
}

impl From<&Assessment> for AssessmentLine {
    fn from(seen: &Assessment) -> Self {
        Self {
            at: seen.at.millis(),
            spasticity_ashworth: Said::entry(seen.spasticity),
            spasms_penn: Said::entry(seen.spasms),
            sedation_rass: Said::entry(seen.sedation),
            breaths_per_min: Said::entry(seen.breaths_per_min),
            saturation_percent: Said::entry(seen.saturation_percent),
            heart_rate_per_min: Said::entry(seen.heart_rate_per_min),
            systolic_mmhg: Said::entry(seen.systolic_mmhg),
            temperature_c: Said::entry(seen.temperature_c),
            itch: Said::entry(seen.itch),
        }
    }
}

impl TryFrom<AssessmentLine> for Assessment {
    type Error = NoReading;

    fn try_from(line: AssessmentLine) -> Result<Self, NoReading> {
        Ok(Self {
            at: Timestamp::from_millis(line.at),
            spasticity: line.spasticity_ashworth.to_entry()?,
            spasms: line.spasms_penn.to_entry()?,
            sedation: line.sedation_rass.to_entry()?,
            breaths_per_min: line.breaths_per_min.to_entry()?,
            saturation_percent: line.saturation_percent.to_entry()?,
            heart_rate_per_min: line.heart_rate_per_min.to_entry()?,
            systolic_mmhg: line.systolic_mmhg.to_entry()?,
            temperature_c: line.temperature_c.to_entry()?,
            itch: line.itch.to_entry()?,
        })
    }
}

fn typed(value: f64) -> Said<f64> {
    Said::entry(Ok(value))
}

/// What was typed: a number, or the bits of one that is none.
fn number(said: Said<f64>) -> Result<f64, NoReading> {
    said.to_entry()?.map_err(|_| NoReading)
}

impl From<&Order> for OrderLine {
    fn from(order: &Order) -> Self {
        Self {
            by: order.by.0,
            what: order.what.into(),
        }
    }
}

impl From<OrderKind> for WhatLine {
    fn from(what: OrderKind) -> Self {
        match what {
            OrderKind::Authorise(dose) => Self::Authorise {
                ug_per_day: typed(dose),
            },
            OrderKind::Start => Self::Start,
            OrderKind::Pause => Self::Pause,
            OrderKind::Resume => Self::Resume,
            OrderKind::Stop => Self::Stop,
            OrderKind::HoldToRun => Self::HoldToRun,
            OrderKind::SetConcentration(drug) => Self::SetConcentration {
                ug_per_ml: typed(drug),
            },
            OrderKind::SkipDecrement => Self::SkipDecrement,
            OrderKind::ConfirmComplete => Self::ConfirmComplete,
            OrderKind::FlagWithdrawal => Self::FlagWithdrawal,
            OrderKind::FlagOverdose => Self::FlagOverdose,
            OrderKind::Acknowledge(alarm) => Self::Acknowledge {
                alarm: AlarmId(alarm),
            },
            OrderKind::PauseAudio => Self::PauseAudio,
            OrderKind::DeclareLine(line) => Self::DeclareLine { line: line.into() },
            OrderKind::EnterUnprimed(volume) => Self::EnterUnprimed { ul: typed(volume) },
            OrderKind::VolumeCheck(volume) => Self::VolumeCheck { ul: typed(volume) },
            OrderKind::Refilled(volume) => Self::Refilled { ul: typed(volume) },
            OrderKind::CatheterOut => Self::CatheterOut,
        }
    }
}

impl TryFrom<WhatLine> for OrderKind {
    type Error = NoReading;

    fn try_from(line: WhatLine) -> Result<Self, NoReading> {
        Ok(match line {
            WhatLine::Authorise { ug_per_day } => Self::Authorise(number(ug_per_day)?),
            WhatLine::Start => Self::Start,
            WhatLine::Pause => Self::Pause,
            WhatLine::Resume => Self::Resume,
            WhatLine::Stop => Self::Stop,
            WhatLine::HoldToRun => Self::HoldToRun,
            WhatLine::SetConcentration { ug_per_ml } => Self::SetConcentration(number(ug_per_ml)?),
            WhatLine::SkipDecrement => Self::SkipDecrement,
            WhatLine::ConfirmComplete => Self::ConfirmComplete,
            WhatLine::FlagWithdrawal => Self::FlagWithdrawal,
            WhatLine::FlagOverdose => Self::FlagOverdose,
            WhatLine::Acknowledge {
                alarm: AlarmId(alarm),
            } => Self::Acknowledge(alarm),
            WhatLine::PauseAudio => Self::PauseAudio,
            WhatLine::DeclareLine { line } => Self::DeclareLine(line.into()),
            WhatLine::EnterUnprimed { ul } => Self::EnterUnprimed(number(ul)?),
            WhatLine::VolumeCheck { ul } => Self::VolumeCheck(number(ul)?),
            WhatLine::Refilled { ul } => Self::Refilled(number(ul)?),
            WhatLine::CatheterOut => Self::CatheterOut,
        })
    }
}

impl TryFrom<OrderLine> for Order {
    type Error = NoReading;

    fn try_from(line: OrderLine) -> Result<Self, NoReading> {
        Ok(Self {
            by: User(line.by),
            what: line.what.try_into()?,
        })
    }
}

/// What the controller does not have a key for is not handed to it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OrderWord {
    Authorise,
    Start,
    Pause,
    Resume,
    Stop,
    HoldToRun,
    SetConcentration,
    SkipDecrement,
    ConfirmComplete,
    FlagWithdrawal,
    FlagOverdose,
    Acknowledge,
    PauseAudio,
    DeclareLine,
    EnterUnprimed,
    VolumeCheck,
    Refilled,
    CatheterOut,
}

impl OrderWord {
    /// An order of this kind; what it carries does not matter.
    pub(crate) const fn example(self) -> OrderKind {
        match self {
            Self::Authorise => OrderKind::Authorise(0.0),
            Self::Start => OrderKind::Start,
            Self::Pause => OrderKind::Pause,
            Self::Resume => OrderKind::Resume,
            Self::Stop => OrderKind::Stop,
            Self::HoldToRun => OrderKind::HoldToRun,
            Self::SetConcentration => OrderKind::SetConcentration(0.0),
            Self::SkipDecrement => OrderKind::SkipDecrement,
            Self::ConfirmComplete => OrderKind::ConfirmComplete,
            Self::FlagWithdrawal => OrderKind::FlagWithdrawal,
            Self::FlagOverdose => OrderKind::FlagOverdose,
            Self::Acknowledge => OrderKind::Acknowledge(Alarm::OverDelivery),
            Self::PauseAudio => OrderKind::PauseAudio,
            Self::DeclareLine => OrderKind::DeclareLine(infusion_types::Line::Open),
            Self::EnterUnprimed => OrderKind::EnterUnprimed(0.0),
            Self::VolumeCheck => OrderKind::VolumeCheck(0.0),
            Self::Refilled => OrderKind::Refilled(0.0),
            Self::CatheterOut => OrderKind::CatheterOut,
        }
    }
}
