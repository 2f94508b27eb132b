//! The one list of signals: names, units, oracles, meanings, and where each is read.

use infusion_types::{
    Action, Asks, Decision, DoseRate, Mode, NoData, PumpState, Raw, Reason, Send,
};

use crate::record::{Kind, Record, Signal};
use crate::trace::Oracle;

/// One row of the list. The word before the name says which circle of a record it is read from.
macro_rules! row {
    (truth $name:literal $unit:literal ($field:ident) $meaning:literal) => {
        row!(plain $name $unit (Oracle::Truth, Kind::Number, |r| {
            r.truth.map(|truth| truth.$field.to_bits())
        }) $meaning)
    };
    (sign $name:literal $unit:literal ($field:ident) $meaning:literal) => {
        row!(plain $name $unit (Oracle::Truth, Kind::Number, |r| {
            Some(r.signs.$field.to_bits())
        }) $meaning)
    };
    (said $name:literal $unit:literal ($field:ident) $meaning:literal) => {
        row!(plain $name $unit (Oracle::Said, Kind::Number, |r| {
            r.telemetry.and_then(|telemetry| raw(telemetry.$field))
        }) $meaning)
    };
    (sheet $name:literal $unit:literal ($field:ident) $meaning:literal) => {
        row!(plain $name $unit (Oracle::Said, Kind::Number, |r| {
            r.assessment.and_then(|assessment| entry(assessment.$field))
        }) $meaning)
    };
    (decided $name:literal $unit:literal ($kind:expr, $read:expr) $meaning:literal) => {
        row!(plain $name $unit (Oracle::Decided, $kind, |r| {
            let read: fn(&Decision) -> Option<u64> = $read;
            r.decision.and_then(read)
        }) $meaning)
    };
    (plain $name:literal $unit:literal ($oracle:expr, $kind:expr, $read:expr) $meaning:literal) => {
        Signal {
            name: $name,
            unit: $unit,
            oracle: $oracle,
            kind: $kind,
            meaning: $meaning,
            read: {
                let read: fn(&Record<'_>) -> Option<u64> = $read;
                read
            },
        }
    };
}

macro_rules! signals {
    ($($circle:ident $name:literal $unit:literal $read:tt $meaning:literal;)*) => {
        /// Every signal of a record, in the order of the digest.
        pub const SIGNALS: &[Signal] = &[$(row!($circle $name $unit $read $meaning)),*];

        /// Hands over the bits of every signal in a record, in the same order: one stretch of code without a
        /// call, because it is run for every record.
        pub(crate) fn read_each(record: &Record<'_>, mut take: impl FnMut(Option<u64>)) {
            $(take((const { row!($circle $name $unit $read $meaning) }.read)(record));)*
        }
    };
}

signals! {
    decided "mode" "" (Kind::Word(mode_name), |d| Some(d.mode as u64)) "mode after this cycle";
    decided "plan_ug_per_h" "ug/h" (Kind::Number, |d| { Some(rate(d.plan)) }) "planned rate";
    decided "send" "" (Kind::Word(send_name), |d| Some(send_code(&d.send))) "what leaves for the pump";
    decided "command_ug_per_h" "ug/h" (Kind::Number, |d| command_rate(&d.send)) "rate of a command that leaves";
    decided "reason" "" (Kind::Word(reason_name), |d| Some(reason_code(&d.reason))) "which rule moved, held or refused the dose";
    decided "alarms_condition" "" (Kind::Count, |d| Some(d.alarms.condition.bits())) "alarms whose cause is there; bit n-1 is AL-n";
    decided "alarms_active" "" (Kind::Count, |d| Some(d.alarms.active.bits())) "alarms that are signalled";
    decided "alarms_latched" "" (Kind::Count, |d| Some(d.alarms.latched.bits())) "alarms that stand though their cause has gone";
    decided "alarms_acknowledged" "" (Kind::Count, |d| Some(d.alarms.acknowledged.bits())) "alarms that somebody has seen";
    decided "alarms_escalated" "" (Kind::Count, |d| Some(d.alarms.escalated.bits())) "alarms that stand above their priority in the table";
    decided "alarms_high" "" (Kind::Count, |d| Some(d.alarms.raised_to_high.bits())) "of those, alarms that stand at high priority";
    decided "alarms_sounding" "" (Kind::Count, |d| Some(d.alarms.sounding.bits())) "alarms that are heard now";
    decided "planned_24h_ug" "ug" (Kind::Number, |d| Some((d.planned_24h.nanograms() as f64 / 1e3).to_bits())) "planned over the last 24 h, by the controller's ledger";
    decided "given_low_24h_ug" "ug" (Kind::Number, |d| Some((d.estimate_24h.low.nanograms() as f64 / 1e3).to_bits())) "given over the last 24 h, at least";
    decided "given_high_24h_ug" "ug" (Kind::Number, |d| Some((d.estimate_24h.high.nanograms() as f64 / 1e3).to_bits())) "given over the last 24 h, at most";
    decided "deficit_permille" "permille" (Kind::Count, |d| Some(u64::from(d.deficit_permille))) "dose missing from the rolling plan";
    decided "asks" "" (Kind::Count, |d| Some(asks_bits(&d.asks))) "what is asked of people: 1 assessment, 2 weighing, 4 authorisation, 8 concentration, 16 completion, 32 resumption, 64 refill";
    plain "orders" "" (Oracle::Said, Kind::Count, |r| Some(r.orders.len() as u64)) "orders given at this moment";
    said "said_delivered_ug" "ug" (delivered_ug) "drug that the pump believes it has moved";
    said "said_reservoir_ul" "uL" (reservoir_ul) "reservoir as the pump calculates it";
    said "said_flow_ul_per_h" "uL/h" (flow_ul_per_h) "measured flow (P2)";
    said "said_pressure_kpa" "kPa" (pressure_kpa) "measured line pressure (P2)";
    said "said_temperature_c" "degC" (temperature_c) "pump temperature";
    sheet "sheet_spasticity" "" (spasticity) "Ashworth grade as rated";
    sheet "sheet_sedation" "" (sedation) "RASS as rated";
    sheet "sheet_itch" "" (itch) "itch as asked, 0 to 10";
    sheet "sheet_breaths_per_min" "1/min" (breaths_per_min) "breaths as counted";
    sheet "sheet_heart_rate_per_min" "1/min" (heart_rate_per_min) "heart rate as read";
    sheet "sheet_temperature_c" "degC" (temperature_c) "temperature as read";
    sheet "sheet_saturation_percent" "%" (saturation_percent) "saturation as read";
    plain "pump_state" "" (Oracle::Truth, Kind::Word(pump_state_name), |r| r.truth.map(|t| pump_state_code(t.state))) "what the pump does";
    plain "faults" "" (Oracle::Truth, Kind::Count, |r| Some(r.faults)) "faults that act; bit n is the n-th of the scenario, from 0";
    truth "set_flow_ul_per_h" "uL/h" (set_flow_ul_per_h) "flow that the pump is set to";
    truth "tip_flow_ul_per_h" "uL/h" (tip_flow_ul_per_h) "flow out of the tip";
    truth "moved_ug" "ug" (moved_ug) "drug that left the pump";
    truth "reached_ug" "ug" (reached_ug) "drug that reached the CSF";
    truth "lost_ug" "ug" (lost_ug) "drug spilled or leaked";
    truth "reservoir_ul" "uL" (reservoir_ul) "fluid in the reservoir";
    truth "line_ug" "ug" (line_ug) "drug in line and catheter";
    truth "tip_ug_per_ml" "ug/mL" (tip_ug_per_ml) "concentration at the tip";
    truth "pressure_mmhg" "mmHg" (pressure_mmhg) "line pressure";
    truth "csf_lost_ul" "uL" (csf_lost_ul) "CSF that backed out";
    plain "balance_error_ug" "ug" (Oracle::Truth, Kind::Number, |r| r.truth.map(|t| t.balance_error_ug().to_bits())) "drug put in less drug found";
    sign "mas" "" (mas) "tone, modified Ashworth, free of noise";
    sign "withdrawal" "" (withdrawal) "withdrawal severity, 0 to 10";
    sign "overdose" "" (overdose) "overdose index";
    sign "itch" "" (itch) "itch, 0 to 10";
    sign "sedation" "" (sedation) "RASS before rounding";
    sign "heart_rate_per_min" "1/min" (heart_rate_per_min) "heart rate";
    sign "temperature_c" "degC" (temperature_c) "body temperature";
    sign "breaths_per_min" "1/min" (breaths_per_min) "breaths";
    sign "saturation_percent" "%" (saturation_percent) "oxygen saturation";
    sign "csf_lumbar_ng_per_ml" "ng/mL" (csf_lumbar_ng_per_ml) "drug in lumbar CSF";
    sign "plasma_ng_per_ml" "ng/mL" (plasma_ng_per_ml) "drug in plasma";
}

fn rate(rate: DoseRate) -> u64 {
    (rate.nanograms_per_hour() as f64 / 1e3).to_bits()
}

fn raw(raw: Raw) -> Option<u64> {
    raw.ok().map(|sample| sample.value.to_bits())
}

fn entry(entry: Result<f64, NoData>) -> Option<u64> {
    entry.ok().map(f64::to_bits)
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
