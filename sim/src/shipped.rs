//! The files that ship with the bench, inside the binary.

/// A kind of file that a scenario names.
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
        "hwang-2019", "first", "kink-and-release", "disconnected", "over-infusion",
        "restart-after-gap", "bad-readings", "pause-and-resume", "below-the-floor",
        "dilute-at-the-floor", "unprimed-drain", "basis-initial", "nobody-looks", "overdose-on-paper",
        "stop-beside-nonsense", "reservoir-runs-dry", "old-battery-cold-room", "over-infusion-high-dose",
        "free-flow", "kink-four-times",
        "link-silent", "read-backs-lost", "replayed-commands", "forged-commands",
        "another-program", "flooded-link", "restart", "torn-write",
        "memory-lost", "bit-flipped", "hung-without-watchdog", "late-cycles",
        "wall-clock-jumps", "log-full", "mains-off", "self-test-fails",
        "other-drug-loaded", "stalled-motor", "stuck-on", "air-bubble",
        "backflow", "csf-drain", "reset-mid-command";
}

/// The requirements.
pub const REQUIREMENTS: &str = include_str!("../../configs/requirements.toml");

/// The table of alarms.
pub const ALARMS: &str = include_str!("../../configs/alarms.toml");

/// The table of hazards.
pub const HAZARDS: &str = include_str!("../../configs/hazards.toml");

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
