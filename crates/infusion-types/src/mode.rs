//! What a controller is doing: ten modes and their names. What moves them is each controller's own.

/// What the controller is doing.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Mode {
    /// No power yet.
    #[default]
    Off,
    /// Self-test.
    Post,
    /// Ready; no therapy.
    Idle,
    /// Filling the open line.
    Prime,
    /// Infusing; the wean goes on.
    Active,
    /// Infusing; the wean waits.
    Hold,
    /// Infusing as the pump last knew; the controller has restarted, and has not read the pump yet or is loaded
    /// with something else than was signed for.
    Fallback,
    /// A person paused it.
    Paused,
    /// A member of the STOP set, or a person, stopped it.
    Stopped,
    /// Over.
    Complete,
}

impl Mode {
    /// All ten.
    pub const ALL: [Self; 10] = [
        Self::Off,
        Self::Post,
        Self::Idle,
        Self::Prime,
        Self::Active,
        Self::Hold,
        Self::Fallback,
        Self::Paused,
        Self::Stopped,
        Self::Complete,
    ];

    /// Whether a patient depends on it.
    #[must_use]
    pub const fn is_therapy(self) -> bool {
        matches!(
            self,
            Self::Active | Self::Hold | Self::Fallback | Self::Paused | Self::Stopped
        )
    }

    /// Whether drug is meant to flow as planned.
    #[must_use]
    pub const fn infuses(self) -> bool {
        matches!(self, Self::Active | Self::Hold | Self::Fallback)
    }

    /// The name in capitals.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "OFF",
            Self::Post => "POST",
            Self::Idle => "IDLE",
            Self::Prime => "PRIME",
            Self::Active => "ACTIVE",
            Self::Hold => "HOLD",
            Self::Fallback => "FALLBACK",
            Self::Paused => "PAUSED",
            Self::Stopped => "STOPPED",
            Self::Complete => "COMPLETE",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mode_is_named_in_capitals() {
        for mode in Mode::ALL {
            assert_eq!(mode.name(), format!("{mode:?}").to_uppercase());
        }
    }
}
