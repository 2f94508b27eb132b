//! Rules that no prescription may break, whatever else is in the file.

use core::time::Duration;

use infusion_types::{
    DailyDose, Flow, Limits, LineVolumes, Observation, Prescription, Rung, RungCount, Sensing,
    Timing, Volume, WeanSchedule,
};

/// Why a prescription is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ProtocolError {
    /// None, or more than can be told apart.
    #[error(transparent)]
    RungCount(#[from] RungCount),
    /// A decrement outside 20 to 50 %.
    #[error("a decrement of {permille} ‰ is outside 200 to 500 ‰")]
    Decrement {
        /// The decrement.
        permille: u32,
    },
    /// Decrements closer than 20 h.
    #[error("decrements {hours} h apart are closer than 20 h")]
    Spacing {
        /// Whole hours between them.
        hours: u64,
    },
    /// A window limit that lets more than half go, or wants more than there is.
    #[error("{permille} ‰ kept over 24 h is not between 500 and 1000 ‰")]
    Slope {
        /// What must be left.
        permille: u32,
    },
    /// The last rung is above the dose at which the wean may end.
    #[error("the final dose of {final_ng} ng/day is above the floor dose of {floor_ng} ng/day")]
    FinalDose {
        /// The last rung, ng/day.
        final_ng: u64,
        /// Where the wean may end, ng/day.
        floor_ng: u64,
    },
    /// Observations may be older than 4 h.
    #[error("observations may be at most 4 h old for a decrement, not {minutes} min")]
    ObservationAge {
        /// Whole minutes.
        minutes: u64,
    },
    /// The last rung ends too early.
    #[error("the last rung lasts {hours} h; it must last at least 24 h")]
    LastRung {
        /// Whole hours.
        hours: u64,
    },
    /// A number that must be above zero is zero.
    #[error("{what} must be above zero")]
    Zero {
        /// Which.
        what: &'static str,
    },
    /// A time so short that the cycle would not come to rest.
    #[error("{what} must be at least one second")]
    TooShort {
        /// Which.
        what: &'static str,
    },
    /// A number beyond what the safety requirements fix.
    #[error("{what} goes beyond its requirement: {limit}")]
    Beyond {
        /// Which.
        what: &'static str,
        /// What the requirement says.
        limit: &'static str,
    },
    /// The self-test takes longer than 70 s.
    #[error("a self-test of {seconds} s is longer than 70 s")]
    SelfTest {
        /// Whole seconds.
        seconds: u64,
    },
}

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);
/// SR-05.
const SPACING_LEAST: Duration = Duration::from_secs(20 * 3_600);
/// SR-16.
const LAST_RUNG_LEAST: Duration = Duration::from_secs(24 * 3_600);
/// SR-16.
const FLOOR_DOSE_MOST: DailyDose = DailyDose::from_nanograms_per_day(25_000);
/// SR-06.
const OBSERVATION_AGE_MOST: Duration = Duration::from_secs(4 * 3_600);
/// SR-55.
const SELF_TEST_MOST: Duration = Duration::from_secs(70);

/// The first rule that a prescription breaks.
pub(crate) fn check(prescription: &Prescription) -> Result<(), ProtocolError> {
    check_limits(&prescription.limits, &prescription.line)?;
    check_times(&prescription.timing, &prescription.observation)?;
    check_sensing(&prescription.sensing)?;
    check_wean(&prescription.wean, &prescription.limits)
}

/// Thresholds of sensors that a requirement fixes, and times that must not be nothing.
fn check_sensing(sensing: &Sensing) -> Result<(), ProtocolError> {
    let [hour, four] = sensing.csf_loss.map(Volume::nanolitres);
    let counts = [
        ("the loss of CSF in an hour", hour),
        ("the loss of CSF in four hours", four),
    ];
    if let Some((what, _)) = counts.into_iter().find(|(_, count)| *count == 0) {
        return Err(ProtocolError::Zero { what });
    }
    if sensing.stuck_for < SECOND {
        let what = "the time in which a sensor must move";
        return Err(ProtocolError::TooShort { what });
    }
    let rows = [
        (
            "the time in which a motor may stand still",
            "5 min at most (SR-53)",
            sensing.stall_for <= Duration::from_secs(300),
        ),
        (
            "the loss of CSF in an hour",
            "20 mL at most (SR-54)",
            hour <= 20_000_000,
        ),
        (
            "the loss of CSF in four hours",
            "60 mL at most (SR-54)",
            four <= 60_000_000,
        ),
    ];
    kept(rows)
}

/// The first row that is not kept.
fn kept<const N: usize>(
    rows: [(&'static str, &'static str, bool); N],
) -> Result<(), ProtocolError> {
    match rows.into_iter().find(|(_, _, kept)| !kept) {
        Some((what, limit, _)) => Err(ProtocolError::Beyond { what, limit }),
        None => Ok(()),
    }
}

fn check_limits(limits: &Limits, line: &LineVolumes) -> Result<(), ProtocolError> {
    let counts = [
        ("the ceiling", limits.ceiling.nanograms_per_day()),
        ("the excess that harms", limits.excess.nanograms()),
        ("the open part of the line", line.open.nanolitres()),
        (
            "the concentration",
            u64::from(line.drug.micrograms_per_millilitre()),
        ),
        ("the least flow", positive(limits.flow_least)),
        ("the most flow", positive(limits.flow_most)),
        ("the flow quantum", positive(limits.flow_quantum)),
        ("the prime flow", positive(limits.flow_prime)),
    ];
    if let Some((what, _)) = counts.into_iter().find(|(_, count)| *count == 0) {
        return Err(ProtocolError::Zero { what });
    }
    let permille = limits.kept_in_24h_permille;
    if (500..=1_000).contains(&permille) {
        Ok(())
    } else {
        Err(ProtocolError::Slope { permille })
    }
}

fn positive(flow: Flow) -> u64 {
    u64::try_from(flow.nanolitres_per_hour()).unwrap_or_default()
}

fn check_times(timing: &Timing, observation: &Observation) -> Result<(), ProtocolError> {
    let durations = [
        ("the cycle", timing.cycle),
        ("the lease", timing.lease),
        (
            "half the prime lease",
            timing.prime_lease.checked_div(2).unwrap_or_default(),
        ),
        ("the ping interval", timing.ping_every),
        ("the read-back wait", timing.read_back),
    ];
    if let Some((what, _)) = durations.into_iter().find(|(_, time)| *time < SECOND) {
        return Err(ProtocolError::TooShort { what });
    }
    if timing.self_test > SELF_TEST_MOST {
        return Err(ProtocolError::SelfTest {
            seconds: timing.self_test.as_secs(),
        });
    }
    if observation.age_most > OBSERVATION_AGE_MOST {
        let minutes = observation
            .age_most
            .as_secs()
            .checked_div(60)
            .unwrap_or_default();
        return Err(ProtocolError::ObservationAge { minutes });
    }
    check_link(timing)?;
    check_requirements(timing, observation)
}

/// Times of the conversation with the pump that a requirement fixes.
fn check_link(timing: &Timing) -> Result<(), ProtocolError> {
    let rows = [
        (
            "the read-back wait",
            "30 s at most (SR-21)",
            timing.read_back <= Duration::from_secs(30),
        ),
        (
            "the time that a report counts",
            "two cycles at most (SR-30)",
            (1..=2).contains(&timing.report_cycles),
        ),
        (
            "the time that a report may lie ahead",
            "5 s at most (SR-30)",
            timing.report_ahead <= Duration::from_secs(5),
        ),
        (
            "the low age of the link",
            "60 s at most (SR-26)",
            timing.link[0] <= Duration::from_secs(60),
        ),
        (
            "the medium age of the link",
            "15 min at most (SR-26)",
            timing.link[1] <= Duration::from_secs(900),
        ),
    ];
    kept(rows)
}

/// Times that a requirement fixes, one way or the other.
fn check_requirements(timing: &Timing, observation: &Observation) -> Result<(), ProtocolError> {
    let minutes = |count: u64| Duration::from_secs(count.saturating_mul(60));
    let hours = |count: u64| minutes(count.saturating_mul(60));
    let rows = [
        (
            "the longest gap",
            "12 h at most (SR-15)",
            timing.gap_most <= hours(12),
        ),
        (
            "the long gap",
            "48 h at most (SR-15)",
            timing.gap_long <= hours(48),
        ),
        (
            "the wait for a second user",
            "15 min at most (SR-03)",
            timing.second_user_within <= minutes(15),
        ),
        (
            "the wait for the start",
            "15 min at most (SR-03)",
            timing.start_within <= minutes(15),
        ),
        (
            "the low wait of an entry",
            "5 min at most (SR-76)",
            timing.idle[0] <= minutes(5),
        ),
        (
            "the medium wait of an entry",
            "10 min at most (SR-76)",
            timing.idle[1] <= minutes(10),
        ),
        (
            "the time in which the pump may read back something else",
            "60 s at most (SR-29)",
            timing.differs <= minutes(1),
        ),
        (
            "the wait for a confirmation of overdose",
            "10 min at most (AL-27)",
            observation.unconfirmed <= minutes(10),
        ),
        (
            "the wait after withdrawal",
            "12 h at least (SR-07)",
            observation.after_withdrawal >= hours(12),
        ),
        (
            "the age of a missing observation",
            "8 h at most (SR-33)",
            observation.missing <= hours(8),
        ),
    ];
    kept(rows)
}

fn check_wean(wean: &WeanSchedule, limits: &Limits) -> Result<(), ProtocolError> {
    let outside = |rung: &&Rung| !(200..=500).contains(&rung.decrement_permille);
    if let Some(rung) = wean.rungs.iter().find(outside) {
        return Err(ProtocolError::Decrement {
            permille: rung.decrement_permille,
        });
    }
    if wean.every < SPACING_LEAST {
        return Err(ProtocolError::Spacing {
            hours: hours(wean.every),
        });
    }
    if wean.last_rung_for < LAST_RUNG_LEAST {
        return Err(ProtocolError::LastRung {
            hours: hours(wean.last_rung_for),
        });
    }
    let (last, floor) = (wean.final_dose, limits.floor_dose);
    if floor > FLOOR_DOSE_MOST {
        return Err(ProtocolError::Beyond {
            what: "the floor dose",
            limit: "25 µg/day at most (SR-16)",
        });
    }
    if last > floor || last == DailyDose::ZERO {
        let (final_ng, floor_ng) = (last.nanograms_per_day(), floor.nanograms_per_day());
        return Err(ProtocolError::FinalDose { final_ng, floor_ng });
    }
    Ok(())
}

fn hours(time: Duration) -> u64 {
    time.as_secs()
        .checked_div(HOUR.as_secs())
        .unwrap_or_default()
}
