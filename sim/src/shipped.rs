//! The files that ship with the bench, inside the binary.

/// A kind of file that is named: by a scenario, or on the command line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// What the controller is to do.
    Protocol,
    /// Pump, line and catheters.
    Device,
    /// Nurse and clinician.
    People,
    /// A population.
    Patients,
    /// A scenario.
    Scenario,
    /// Many runs.
    Campaign,
}

impl Kind {
    /// The folder under `configs/`.
    #[must_use]
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Protocol => "protocols",
            Self::Device => "devices",
            Self::People => "people",
            Self::Patients => "patients",
            Self::Scenario => "scenarios",
            Self::Campaign => "campaigns",
        }
    }

    /// The key under which a scenario names one.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Protocol => "protocol",
            Self::Device => "device",
            Self::People => "people",
            Self::Patients => "patients",
            Self::Scenario => "scenario",
            Self::Campaign => "campaign",
        }
    }

    /// The word for one.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Protocol => "protocol",
            Self::Device => "device",
            Self::People => "ward",
            Self::Patients => "population",
            Self::Scenario => "scenario",
            Self::Campaign => "campaign",
        }
    }
}

macro_rules! shipped {
    ($($kind:ident $folder:literal: $($name:literal),* ;)*) => {
        const FILES: &[(Kind, &str, &str)] = &[
            $($((
                Kind::$kind,
                $name,
                include_str!(concat!("../../configs/", $folder, "/", $name, ".toml")),
            ),)*)*
        ];
    };
}

shipped! {
    Protocol "protocols": "by-response";
    Device "devices": "synchromed-ii";
    People "people": "ward";
    Patients "patients": "baclofen-adults";
    Scenario "scenarios":
        "acknowledged-and-left", "acknowledged-too-soon", "air-bubble", "another-program", "backflow",
        "bad-readings", "basis-initial", "below-the-floor", "bit-flipped", "cabin-pressure", "commands-lost",
        "confirmed-early", "csf-drain", "dilute-at-the-floor", "disconnected", "disturbed-pause",
        "dose-by-hand", "dry-for-half-a-day", "emptied", "entered-and-entered-again", "fever-mimic",
        "filled-and-filled-back", "first", "flooded-link", "flow-stuck-in-a-kink", "forged-commands",
        "free-flow", "gap-of-a-day", "high-floor", "hung-without-watchdog", "hwang-2019", "kink-and-release",
        "kink-four-times", "late-cycles", "late-effect", "leak", "line-opened", "link-silent", "log-full",
        "mains-off", "masked-withdrawal", "memory-full", "memory-lost", "missing-nurse", "mistyped-drug",
        "nobody-attends", "nobody-confirms", "nobody-looks", "nobody-starts", "old-battery-cold-room",
        "on-and-off", "one-user-alone", "other-drug-loaded", "over-infusion", "over-infusion-high-dose",
        "overdose-on-paper", "pause-and-resume", "pressure-lost-in-a-kink", "raised-at-the-floor",
        "read-backs-lost", "refill-unbridged", "reordered-reports", "replayed-commands", "reservoir-runs-dry",
        "reset-mid-command", "restart", "restart-after-gap", "restart-in-a-long-pause", "restart-in-a-stop",
        "runaway-driver", "self-test-fails", "sensor-comes-back", "short-fill", "silenced-again",
        "silent-prime", "silent-stall", "siphon", "skipped-rungs", "soft-line", "stalled-motor", "stolen-key",
        "stop-beside-nonsense", "stop-while-unheard", "stuck-flow-sensor", "stuck-on",
        "stuck-pressure-sensor", "tip-displaced", "torn-write", "twice-down-in-a-day", "two-bad-weighings",
        "units", "unlocked-panel", "unprimed-drain", "wall-clock-jumps", "warm-cabinet", "weak-drug",
        "wrong-drug";
    Campaign "campaigns": "hands", "single-faults", "swarm";
}

/// The requirements.
pub const REQUIREMENTS: &str = include_str!("../../configs/requirements.toml");

/// The table of alarms.
pub const ALARMS: &str = include_str!("../../configs/alarms.toml");

/// The table of hazards.
pub const HAZARDS: &str = include_str!("../../configs/hazards.toml");

/// The fault matrix.
pub const HAZARD_MATRIX: &str = include_str!("../../configs/campaigns/hazards.toml");

/// What it came to when it was last flown.
pub const HAZARD_RESULTS: &str = include_str!("../../configs/campaigns/hazards.result.toml");

/// The scale of harm.
pub const SEVERITY: &str = include_str!("../../configs/severity.toml");

/// The list of sources.
pub const SOURCES: &str = include_str!("../../configs/sources.toml");

/// The text of a shipped file.
#[must_use]
pub fn text(kind: Kind, name: &str) -> Option<&'static str> {
    let found = FILES
        .iter()
        .find(|(of, known, _)| *of == kind && *known == name);
    found.map(|(.., text)| *text)
}

/// The names of the shipped files of a kind.
pub fn names(kind: Kind) -> impl Iterator<Item = &'static str> {
    FILES
        .iter()
        .filter(move |(of, ..)| *of == kind)
        .map(|(_, name, _)| *name)
}
