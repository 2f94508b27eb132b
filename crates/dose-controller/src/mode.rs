//! The one match that moves the ten modes.
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

use infusion_types::{Mode, StopCause};

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

/// The mode after this cycle.
pub(crate) fn next(mode: Mode, now: &Situation) -> Mode {
    match mode {
        Mode::Off => Mode::Post,
        Mode::Post if !now.tested => Mode::Post,
        Mode::Post if now.restored => Mode::Fallback,
        Mode::Post => Mode::Idle,
        Mode::Idle if now.start => infusing(now),
        Mode::Idle | Mode::Prime if now.priming => Mode::Prime,
        Mode::Idle | Mode::Prime => Mode::Idle,
        Mode::Active | Mode::Hold | Mode::Fallback | Mode::Paused if now.stop.is_some() => {
            Mode::Stopped
        }
        Mode::Active | Mode::Hold if now.complete => Mode::Complete,
        Mode::Active | Mode::Hold | Mode::Fallback if now.pause => Mode::Paused,
        Mode::Active | Mode::Hold => infusing(now),
        Mode::Fallback if now.reconciled => Mode::Hold,
        Mode::Fallback => Mode::Fallback,
        Mode::Paused | Mode::Stopped if now.resume && now.stop.is_none() => infusing(now),
        Mode::Paused => Mode::Paused,
        Mode::Stopped => Mode::Stopped,
        Mode::Complete => Mode::Complete,
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
                let moved = next(mode, &situation);
                assert!(
                    moved == mode || moves.contains(&moved),
                    "{mode:?} -> {moved:?}"
                );
                let index = Mode::ALL.iter().position(|other| *other == moved);
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
                    next(mode, &situation),
                    Mode::Stopped,
                    "{mode:?} {situation:?}"
                );
            }
        }
    }

    #[test]
    fn nothing_leaves_complete() {
        for situation in situations() {
            assert_eq!(next(Mode::Complete, &situation), Mode::Complete);
        }
    }
}
