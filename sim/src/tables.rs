//! The tables of hazards and alarms that requirements and coverage refer to.

use std::sync::LazyLock;

use infusion_types::Priority;
use serde::{Deserialize, Serialize};

use crate::input::Document;
use crate::shipped;

/// Something that can go wrong, and what has to follow.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Hazard {
    /// Its number, such as `HZ-08`.
    pub id: String,
    /// In a few words.
    pub title: String,
    /// What brings it about.
    pub causes: String,
    /// What it does to the patient.
    pub harm: Vec<String>,
    /// Its rows in the hazard analysis of the Generic Infusion Pump.
    pub gip: Vec<String>,
    /// Faults of the bench that bring it about; none yet where it is empty.
    pub faults: Vec<String>,
    /// Which fault it takes.
    pub wanted: String,
    /// What has to follow.
    pub reaction: String,
    /// In what time, seconds, where the reaction has one.
    pub within_s: Option<f64>,
    /// The alarms that say so.
    pub alarms: Vec<String>,
    /// The requirements that it is for.
    pub requirements: Vec<String>,
    /// Why no simulation can have it.
    pub hardware_only: Option<String>,
}

/// What follows if nobody acts.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Consequence {
    /// Death.
    Death,
    /// Injury that stays.
    Irreversible,
    /// Injury that passes.
    Reversible,
    /// Discomfort.
    Minor,
}

/// How soon.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Onset {
    /// Within seconds to minutes.
    Immediate,
    /// In time for somebody to act.
    Prompt,
    /// After many minutes to hours.
    Delayed,
}

/// A priority as the table writes it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Immediate response.
    High,
    /// Prompt response.
    Medium,
    /// Awareness.
    Low,
}

/// One row of the table of alarms.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AlarmRow {
    /// Its number, such as `AL-05`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What raises it.
    pub condition: String,
    /// What follows if nobody acts.
    pub result: Consequence,
    /// How soon.
    pub onset: Onset,
    /// Its priority.
    pub priority: Urgency,
    /// Whether it stands until somebody has seen it.
    pub latching: bool,
    /// What becomes of the infusion.
    pub delivery: String,
    /// From the condition to the signal, seconds.
    pub within_s: f64,
    /// What it becomes.
    pub escalates: String,
    /// Where it comes from.
    pub source: String,
    /// Why its priority is not that of result and onset.
    pub deviates: Option<String>,
}

impl AlarmRow {
    /// The priority that result and onset ask for.
    #[must_use]
    pub const fn due(&self) -> Urgency {
        match (self.result, self.onset) {
            (Consequence::Death | Consequence::Irreversible, Onset::Immediate | Onset::Prompt)
            | (Consequence::Reversible, Onset::Immediate) => Urgency::High,
            (Consequence::Death | Consequence::Irreversible, Onset::Delayed)
            | (Consequence::Reversible, Onset::Prompt)
            | (Consequence::Minor, Onset::Immediate) => Urgency::Medium,
            (Consequence::Reversible, Onset::Delayed)
            | (Consequence::Minor, Onset::Prompt | Onset::Delayed) => Urgency::Low,
        }
    }
}

impl From<Priority> for Urgency {
    fn from(priority: Priority) -> Self {
        match priority {
            Priority::High => Self::High,
            Priority::Medium => Self::Medium,
            Priority::Low => Self::Low,
        }
    }
}

/// Every hazard, in the order of its number.
///
/// # Panics
/// Never: a test reads the table.
#[must_use]
pub fn hazards() -> &'static [Hazard] {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        hazard: Vec<Hazard>,
    }
    static HAZARDS: LazyLock<Vec<Hazard>> = LazyLock::new(|| {
        let document = Document::from_text("hazards.toml", shipped::HAZARDS);
        let file: File = document.decode().expect("a test reads the table");
        file.hazard
    });
    &HAZARDS
}

/// Every alarm, in the order of its number.
///
/// # Panics
/// Never: a test reads the table.
#[must_use]
pub fn alarms() -> &'static [AlarmRow] {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        alarm: Vec<AlarmRow>,
    }
    static ALARMS: LazyLock<Vec<AlarmRow>> = LazyLock::new(|| {
        let document = Document::from_text("alarms.toml", shipped::ALARMS);
        let file: File = document.decode().expect("a test reads the table");
        file.alarm
    });
    &ALARMS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_whole() {
        assert_eq!((hazards().len(), alarms().len()), (72, 44));
    }
}
