//! The judgement of a run, and the exit code that it means.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a run is judged, on truth.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum RunVerdict {
    /// Nothing to say against it.
    Safe,
    /// Only a time limit was missed.
    SafeLate,
    /// A fault without harm and without an alarm.
    UndetectedSafe,
    /// Harm although an alarm stood before it was done, or another requirement violated.
    Unsafe,
    /// Harm, a fitted sensor could have shown its cause before, and no alarm stood in time.
    UndetectedUnsafe,
    /// Urgent alarms without a fault, beyond one in 24 h.
    FalseAlarm,
    /// A declared fault had no effect: the run proves nothing.
    Vacuous,
    /// Harm whose cause no fitted sensor could have shown before it was done.
    NotDetectable,
    /// No controller to judge.
    NotApplicable,
    /// The controller did not answer.
    Stalled,
}

impl RunVerdict {
    /// All of them, best first.
    pub const ALL: [Self; 10] = [
        Self::Safe,
        Self::SafeLate,
        Self::UndetectedSafe,
        Self::Unsafe,
        Self::UndetectedUnsafe,
        Self::FalseAlarm,
        Self::Vacuous,
        Self::NotDetectable,
        Self::NotApplicable,
        Self::Stalled,
    ];

    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::SafeLate => "safe_late",
            Self::UndetectedSafe => "undetected_safe",
            Self::Unsafe => "unsafe",
            Self::UndetectedUnsafe => "undetected_unsafe",
            Self::FalseAlarm => "false_alarm",
            Self::Vacuous => "vacuous",
            Self::NotDetectable => "not_detectable",
            Self::NotApplicable => "not_applicable",
            Self::Stalled => "stalled",
        }
    }

    /// Whether a run that ends so is acceptable without an `[expect]`.
    #[must_use]
    pub const fn acceptable(self) -> bool {
        matches!(
            self,
            Self::Safe | Self::UndetectedSafe | Self::NotApplicable
        )
    }
}

impl fmt::Display for RunVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a requirement came out over all runs.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RequirementVerdict {
    /// Judged and never breached.
    Holds,
    /// Breached.
    Violated,
    /// Breached only where nothing that is fitted could have shown it in time: no pass.
    NotDetectable,
    /// Never had anything to judge: no pass.
    Vacuous,
    /// No controller, or one that has not what it speaks of.
    NotApplicable,
}

impl RequirementVerdict {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Violated => "violated",
            Self::NotDetectable => "not_detectable",
            Self::Vacuous => "vacuous",
            Self::NotApplicable => "not_applicable",
        }
    }
}

/// What the process says when it ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Exit {
    /// Everything acceptable, or as expected.
    Good = 0,
    /// Another verdict, or a difference.
    Bad = 1,
    /// Bad input.
    Input = 2,
    /// The controller under test stalled.
    Stalled = 3,
    /// The bench itself failed.
    Bench = 4,
}
