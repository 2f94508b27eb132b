//! One record: what is, what was said, what was decided; and the signals in it.
//!
//! [`SIGNALS`] is the one list of names, units and meanings. The digest of a run is taken over it in
//! its order, a trace has a column for each, and formulas will name them.

use dose_controller::{Asks, Decision, Mode, Reason, Send};
use infusion_device::Truth;
use infusion_types::{Action, Alarm, Assessment, DoseRate, Order, PumpState, Raw, Telemetry};
use virtual_patient::Signs;

use crate::clock::SimTime;
use crate::trace::{Digest, Oracle};

/// Everything about one moment of a run. Only the bench ever holds all three circles together.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// True time.
    pub at: SimTime,
    /// What the device really does; none in an arm without one.
    pub truth: Option<&'a Truth>,
    /// What the patient really shows.
    pub signs: &'a Signs,
    /// Which faults act, by their place in the scenario.
    pub faults: u64,
    /// What the pump said.
    pub telemetry: Option<&'a Telemetry>,
    /// What a nurse wrote.
    pub assessment: Option<&'a Assessment>,
    /// What people ordered.
    pub orders: &'a [Order],
    /// What the controller decided.
    pub decision: Option<&'a Decision>,
}

/// How the 64 bits of a value are meant.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// An `f64`.
    Number,
    /// A whole number.
    Count,
    /// A word of a closed list.
    Word(fn(u64) -> &'static str),
}

/// One named signal.
#[derive(Clone, Copy, Debug)]
pub struct Signal {
    /// Its name, unit last where it has one.
    pub name: &'static str,
    /// Its unit; empty for none.
    pub unit: &'static str,
    /// Whose word it is.
    pub oracle: Oracle,
    /// How its bits are meant.
    pub kind: Kind,
    /// What it means, in one line.
    pub meaning: &'static str,
    /// Its bits in a record, if it exists there.
    pub read: fn(&Record<'_>) -> Option<u64>,
}

const fn signal(
    (name, unit): (&'static str, &'static str),
    oracle: Oracle,
    kind: Kind,
    meaning: &'static str,
    read: fn(&Record<'_>) -> Option<u64>,
) -> Signal {
    Signal {
        name,
        unit,
        oracle,
        kind,
        meaning,
        read,
    }
}

fn rate(rate: DoseRate) -> u64 {
    (rate.nanograms_per_hour() as f64 / 1e3).to_bits()
}

fn raw(raw: Raw) -> Option<u64> {
    raw.ok().map(|sample| sample.value.to_bits())
}

fn entry(entry: Result<f64, infusion_types::NoData>) -> Option<u64> {
    entry.ok().map(f64::to_bits)
}

macro_rules! truth {
    ($name:literal, $unit:literal, $meaning:literal, $field:ident) => {
        signal(($name, $unit), Oracle::Truth, Kind::Number, $meaning, |r| {
            r.truth.map(|truth| truth.$field.to_bits())
        })
    };
}
macro_rules! sign {
    ($name:literal, $unit:literal, $meaning:literal, $field:ident) => {
        signal(($name, $unit), Oracle::Truth, Kind::Number, $meaning, |r| {
            Some(r.signs.$field.to_bits())
        })
    };
}
macro_rules! said {
    ($name:literal, $unit:literal, $meaning:literal, $field:ident) => {
        signal(($name, $unit), Oracle::Said, Kind::Number, $meaning, |r| {
            r.telemetry.and_then(|telemetry| raw(telemetry.$field))
        })
    };
}
macro_rules! sheet {
    ($name:literal, $unit:literal, $meaning:literal, $field:ident) => {
        signal(($name, $unit), Oracle::Said, Kind::Number, $meaning, |r| {
            r.assessment.and_then(|assessment| entry(assessment.$field))
        })
    };
}
macro_rules! decided {
    ($name:literal, $unit:literal, $kind:expr, $meaning:literal, $read:expr) => {
        signal(($name, $unit), Oracle::Decided, $kind, $meaning, |r| {
            let read: fn(&Decision) -> Option<u64> = $read;
            r.decision.and_then(read)
        })
    };
}

/// Every signal of a record, in the order of the digest.
pub const SIGNALS: &[Signal] = &[
    decided!(
        "mode",
        "",
        Kind::Word(mode_name),
        "mode after this cycle",
        |d| Some(d.mode as u64)
    ),
    decided!("plan_ug_per_h", "ug/h", Kind::Number, "planned rate", |d| {
        Some(rate(d.plan))
    }),
    decided!(
        "send",
        "",
        Kind::Word(send_name),
        "what leaves for the pump",
        |d| Some(send_code(&d.send))
    ),
    decided!(
        "command_ug_per_h",
        "ug/h",
        Kind::Number,
        "rate of a command that leaves",
        |d| command_rate(&d.send)
    ),
    decided!(
        "reason",
        "",
        Kind::Word(reason_name),
        "which rule moved, held or refused the dose",
        |d| Some(reason_code(&d.reason))
    ),
    decided!(
        "alarms_condition",
        "",
        Kind::Count,
        "alarms whose cause is there; bit n-1 is AL-n",
        |d| Some(d.alarms.condition.bits())
    ),
    decided!(
        "alarms_active",
        "",
        Kind::Count,
        "alarms that are signalled",
        |d| Some(d.alarms.active.bits())
    ),
    decided!(
        "alarms_latched",
        "",
        Kind::Count,
        "alarms that stand though their cause has gone",
        |d| Some(d.alarms.latched.bits())
    ),
    decided!(
        "alarms_acknowledged",
        "",
        Kind::Count,
        "alarms that somebody has seen",
        |d| Some(d.alarms.acknowledged.bits())
    ),
    decided!(
        "alarms_escalated",
        "",
        Kind::Count,
        "alarms raised by one priority",
        |d| Some(d.alarms.escalated.bits())
    ),
    decided!(
        "planned_24h_ug",
        "ug",
        Kind::Number,
        "planned over the last 24 h, by the controller's ledger",
        |d| Some((d.planned_24h.nanograms() as f64 / 1e3).to_bits())
    ),
    decided!(
        "given_low_24h_ug",
        "ug",
        Kind::Number,
        "given over the last 24 h, at least",
        |d| Some((d.estimate_24h.low.nanograms() as f64 / 1e3).to_bits())
    ),
    decided!(
        "given_high_24h_ug",
        "ug",
        Kind::Number,
        "given over the last 24 h, at most",
        |d| Some((d.estimate_24h.high.nanograms() as f64 / 1e3).to_bits())
    ),
    decided!(
        "deficit_permille",
        "permille",
        Kind::Count,
        "dose missing from the rolling plan",
        |d| Some(u64::from(d.deficit_permille))
    ),
    decided!(
        "asks",
        "",
        Kind::Count,
        "what is asked of people: 1 assessment, 2 weighing, 4 authorisation, 8 concentration, 16 completion, 32 resumption, 64 refill",
        |d| Some(asks_bits(&d.asks))
    ),
    signal(
        ("orders", ""),
        Oracle::Said,
        Kind::Count,
        "orders given at this moment",
        |r| Some(r.orders.len() as u64),
    ),
    said!(
        "said_delivered_ug",
        "ug",
        "drug that the pump believes it has moved",
        delivered_ug
    ),
    said!(
        "said_reservoir_ul",
        "uL",
        "reservoir as the pump calculates it",
        reservoir_ul
    ),
    said!(
        "said_flow_ul_per_h",
        "uL/h",
        "measured flow (P2)",
        flow_ul_per_h
    ),
    said!(
        "said_pressure_kpa",
        "kPa",
        "measured line pressure (P2)",
        pressure_kpa
    ),
    said!(
        "said_temperature_c",
        "degC",
        "pump temperature",
        temperature_c
    ),
    sheet!(
        "sheet_spasticity",
        "",
        "Ashworth grade as rated",
        spasticity
    ),
    sheet!("sheet_sedation", "", "RASS as rated", sedation),
    sheet!("sheet_itch", "", "itch as asked, 0 to 10", itch),
    sheet!(
        "sheet_breaths_per_min",
        "1/min",
        "breaths as counted",
        breaths_per_min
    ),
    sheet!(
        "sheet_heart_rate_per_min",
        "1/min",
        "heart rate as read",
        heart_rate_per_min
    ),
    sheet!(
        "sheet_temperature_c",
        "degC",
        "temperature as read",
        temperature_c
    ),
    sheet!(
        "sheet_saturation_percent",
        "%",
        "saturation as read",
        saturation_percent
    ),
    signal(
        ("pump_state", ""),
        Oracle::Truth,
        Kind::Word(pump_state_name),
        "what the pump does",
        |r| r.truth.map(|t| pump_state_code(t.state)),
    ),
    signal(
        ("faults", ""),
        Oracle::Truth,
        Kind::Count,
        "faults that act; bit n is the n-th of the scenario, from 0",
        |r| Some(r.faults),
    ),
    truth!(
        "set_flow_ul_per_h",
        "uL/h",
        "flow that the pump is set to",
        set_flow_ul_per_h
    ),
    truth!(
        "tip_flow_ul_per_h",
        "uL/h",
        "flow out of the tip",
        tip_flow_ul_per_h
    ),
    truth!("moved_ug", "ug", "drug that left the pump", moved_ug),
    truth!("reached_ug", "ug", "drug that reached the CSF", reached_ug),
    truth!("lost_ug", "ug", "drug spilled or leaked", lost_ug),
    truth!("reservoir_ul", "uL", "fluid in the reservoir", reservoir_ul),
    truth!("line_ug", "ug", "drug in line and catheter", line_ug),
    truth!(
        "tip_ug_per_ml",
        "ug/mL",
        "concentration at the tip",
        tip_ug_per_ml
    ),
    truth!("pressure_mmhg", "mmHg", "line pressure", pressure_mmhg),
    truth!("csf_lost_ul", "uL", "CSF that backed out", csf_lost_ul),
    signal(
        ("balance_error_ug", "ug"),
        Oracle::Truth,
        Kind::Number,
        "drug put in less drug found",
        |r| r.truth.map(|t| t.balance_error_ug().to_bits()),
    ),
    sign!("mas", "", "tone, modified Ashworth, free of noise", mas),
    sign!("withdrawal", "", "withdrawal severity, 0 to 10", withdrawal),
    sign!("overdose", "", "overdose index", overdose),
    sign!("itch", "", "itch, 0 to 10", itch),
    sign!("sedation", "", "RASS before rounding", sedation),
    sign!(
        "heart_rate_per_min",
        "1/min",
        "heart rate",
        heart_rate_per_min
    ),
    sign!("temperature_c", "degC", "body temperature", temperature_c),
    sign!("breaths_per_min", "1/min", "breaths", breaths_per_min),
    sign!(
        "saturation_percent",
        "%",
        "oxygen saturation",
        saturation_percent
    ),
    sign!(
        "csf_lumbar_ng_per_ml",
        "ng/mL",
        "drug in lumbar CSF",
        csf_lumbar_ng_per_ml
    ),
    sign!(
        "plasma_ng_per_ml",
        "ng/mL",
        "drug in plasma",
        plasma_ng_per_ml
    ),
];

/// Enters a record into a digest: its time, which signals exist, and their bits.
pub fn digest(digest: &mut Digest, record: &Record<'_>) {
    let mut present = 0_u64;
    digest.u64(record.at.millis());
    for (index, signal) in SIGNALS.iter().enumerate() {
        if let Some(bits) = (signal.read)(record) {
            present |= 1 << index;
            digest.u64(bits);
        }
    }
    digest.u64(present);
}

fn command_rate(send: &Send) -> Option<u64> {
    match send {
        Send::Command(command) => match command.action {
            Action::Infuse { rate: positive, .. } => Some(rate(positive.get())),
            Action::Stop { .. } => Some(0.0_f64.to_bits()),
            Action::Prime { .. } => None,
        },
        Send::Ping | Send::Quiet(_) => None,
    }
}

const SENDS: [&str; 5] = ["infuse", "prime", "stop", "ping", "quiet"];

const fn send_code(send: &Send) -> u64 {
    match send {
        Send::Command(command) => match command.action {
            Action::Infuse { .. } => 0,
            Action::Prime { .. } => 1,
            Action::Stop { .. } => 2,
        },
        Send::Ping => 3,
        Send::Quiet(_) => 4,
    }
}

fn send_name(code: u64) -> &'static str {
    word(&SENDS, code)
}

const REASONS: [&str; 10] = [
    "not_started",
    "priming",
    "started",
    "decremented",
    "authorised",
    "waiting",
    "held",
    "refused",
    "stopped",
    "completed",
];

const fn reason_code(reason: &Reason) -> u64 {
    match reason {
        Reason::NotStarted => 0,
        Reason::Priming => 1,
        Reason::Started { .. } => 2,
        Reason::Decremented { .. } => 3,
        Reason::Authorised { .. } => 4,
        Reason::Waiting(_) => 5,
        Reason::Held(_) => 6,
        Reason::Refused(_) => 7,
        Reason::Stopped(_) => 8,
        Reason::Completed => 9,
    }
}

fn reason_name(code: u64) -> &'static str {
    word(&REASONS, code)
}

const PUMP_STATES: [&str; 6] = ["idle", "priming", "infusing", "holding", "stopped", "empty"];

const fn pump_state_code(state: PumpState) -> u64 {
    match state {
        PumpState::Idle => 0,
        PumpState::Priming => 1,
        PumpState::Infusing => 2,
        PumpState::Holding => 3,
        PumpState::Stopped => 4,
        PumpState::Empty => 5,
    }
}

fn pump_state_name(code: u64) -> &'static str {
    word(&PUMP_STATES, code)
}

fn mode_name(code: u64) -> &'static str {
    let index = usize::try_from(code).unwrap_or(usize::MAX);
    Mode::ALL.get(index).map_or("?", |mode| mode.name())
}

fn word(words: &'static [&'static str], code: u64) -> &'static str {
    words
        .get(usize::try_from(code).unwrap_or(usize::MAX))
        .copied()
        .unwrap_or("?")
}

fn asks_bits(asks: &Asks) -> u64 {
    [
        asks.assessment,
        asks.weighing,
        asks.authorisation.is_some(),
        asks.concentration,
        asks.completion,
        asks.resumption,
        asks.refill.is_some(),
    ]
    .into_iter()
    .enumerate()
    .fold(0, |bits, (index, set)| bits | u64::from(set) << index)
}

/// The name under which alarm columns and formulas know an alarm, such as `AL_05`.
#[must_use]
pub fn alarm_column(alarm: Alarm) -> String {
    alarm.id().replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_there_are_few_enough_for_the_mask() {
        let mut names: Vec<&str> = SIGNALS.iter().map(|signal| signal.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), SIGNALS.len());
        assert!(SIGNALS.len() <= 64);
    }

    #[test]
    fn words_follow_their_enums() {
        for (code, mode) in Mode::ALL.into_iter().enumerate() {
            assert_eq!(mode as u64, code as u64);
            assert_eq!(mode_name(code as u64), mode.name());
        }
    }
}
