//! The ten modes, and the one match that moves them.
//!
//! Never here: limits (`guard`), schedules (`wean`), clocks (nowhere).
//!
//! ```text
//!  OFF --> POST --> IDLE <--> PRIME
//!            |        |
//!            |        | start                 alarm whose row says HOLD
//!            |        +---------> ACTIVE <----------------------------> HOLD
//!            | restored             ^  ^                                 |
//!            v                      |  +--- resume --- PAUSED <-- pause -+
//!         FALLBACK --- read --> HOLD|
//!                                   +--- cause gone, or resume --- STOPPED <-- STOP set
//!  ACTIVE, HOLD -- last rung, 24 h, confirmed --> COMPLETE
//! ```

use infusion_types::StopCause;

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

/// What bears on the mode in one cycle. Orders in it have already been found permissible.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Situation {
    /// The self-test is over.
    pub(crate) tested: bool,
    /// A session was running before a restart.
    pub(crate) restored: bool,
    /// The pump has been read since the restart, and what is loaded is what was signed for.
    pub(crate) reconciled: bool,
    /// Somebody holds the prime button.
    pub(crate) priming: bool,
    /// A permissible start.
    pub(crate) start: bool,
    /// A pause.
    pub(crate) pause: bool,
    /// A permissible resumption, ordered or by itself.
    pub(crate) resume: bool,
    /// A cause to stop.
    pub(crate) stop: Option<StopCause>,
    /// A cause to hold.
    pub(crate) hold: bool,
    /// A permissible, confirmed end.
    pub(crate) complete: bool,
}

impl Mode {
    /// The mode after this cycle.
    pub(crate) fn next(self, now: &Situation) -> Self {
        match self {
            Self::Off => Self::Post,
            Self::Post if !now.tested => Self::Post,
            Self::Post if now.restored => Self::Fallback,
            Self::Post => Self::Idle,
            Self::Idle if now.start => infusing(now),
            Self::Idle | Self::Prime if now.priming => Self::Prime,
            Self::Idle | Self::Prime => Self::Idle,
            Self::Active | Self::Hold | Self::Fallback | Self::Paused if now.stop.is_some() => {
                Self::Stopped
            }
            Self::Active | Self::Hold if now.complete => Self::Complete,
            Self::Active | Self::Hold | Self::Fallback if now.pause => Self::Paused,
            Self::Active | Self::Hold => infusing(now),
            Self::Fallback if now.reconciled => Self::Hold,
            Self::Fallback => Self::Fallback,
            Self::Paused | Self::Stopped if now.resume && now.stop.is_none() => infusing(now),
            Self::Paused => Self::Paused,
            Self::Stopped => Self::Stopped,
            Self::Complete => Self::Complete,
        }
    }
}

const fn infusing(now: &Situation) -> Mode {
    if now.stop.is_some() {
        Mode::Stopped
    } else if now.hold {
        Mode::Hold
    } else {
        Mode::Active
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The moves of the diagram, and staying. Everything else is impossible.
    const MOVES: [(Mode, &[Mode]); 10] = [
        (Mode::Off, &[Mode::Post]),
        (Mode::Post, &[Mode::Idle, Mode::Fallback]),
        (
            Mode::Idle,
            &[Mode::Prime, Mode::Active, Mode::Hold, Mode::Stopped],
        ),
        (Mode::Prime, &[Mode::Idle]),
        (
            Mode::Active,
            &[Mode::Hold, Mode::Paused, Mode::Stopped, Mode::Complete],
        ),
        (
            Mode::Hold,
            &[Mode::Active, Mode::Paused, Mode::Stopped, Mode::Complete],
        ),
        (Mode::Fallback, &[Mode::Hold, Mode::Paused, Mode::Stopped]),
        (Mode::Paused, &[Mode::Active, Mode::Hold, Mode::Stopped]),
        (Mode::Stopped, &[Mode::Active, Mode::Hold]),
        (Mode::Complete, &[]),
    ];

    fn situations() -> impl Iterator<Item = Situation> {
        (0..1_u32 << 10).map(|bits| {
            let bit = |index: u32| bits >> index & 1 == 1;
            Situation {
                tested: bit(0),
                restored: bit(1),
                reconciled: bit(2),
                priming: bit(3),
                start: bit(4),
                pause: bit(5),
                resume: bit(6),
                stop: bit(7).then_some(StopCause::FreeFlow),
                hold: bit(8),
                complete: bit(9),
            }
        })
    }

    #[test]
    fn every_mode_moves_only_as_drawn_and_every_arrow_is_taken() {
        for (mode, moves) in MOVES {
            let mut taken = [false; 10];
            for situation in situations() {
                let next = mode.next(&situation);
                assert!(
                    next == mode || moves.contains(&next),
                    "{mode:?} -> {next:?}"
                );
                let index = Mode::ALL.iter().position(|other| *other == next);
                taken[index.expect("one of ten")] = true;
            }
            for (other, taken) in Mode::ALL.into_iter().zip(taken) {
                assert!(
                    !moves.contains(&other) || taken,
                    "{mode:?} never reaches {other:?}"
                );
            }
        }
    }

    #[test]
    fn a_stop_beats_everything_in_therapy() {
        for mode in Mode::ALL.into_iter().filter(|mode| mode.is_therapy()) {
            for situation in situations().filter(|situation| situation.stop.is_some()) {
                assert_eq!(
                    mode.next(&situation),
                    Mode::Stopped,
                    "{mode:?} {situation:?}"
                );
            }
        }
    }

    #[test]
    fn each_mode_is_named_in_capitals() {
        for mode in Mode::ALL {
            assert_eq!(mode.name(), format!("{mode:?}").to_uppercase());
        }
    }

    #[test]
    fn nothing_leaves_complete() {
        for situation in situations() {
            assert_eq!(Mode::Complete.next(&situation), Mode::Complete);
        }
    }
}
