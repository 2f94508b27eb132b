//! One example of each kind of fault, as a file has it under `what`.
//!
//! They are flown by a test, which sees that each shows its effect; `sim/docs/faults.md` prints them.

use serde::Deserialize;

use crate::input::{Diagnostic, Document};
use crate::scenario::FaultKind;

/// Name and text.
pub(super) const EXAMPLES: &[(&str, &str)] = &[
    ("pump_gain", "{ pump_gain = { gain = 1.5 } }"),
    ("runaway", "{ runaway = { flow_ul_per_h = 300.0 } }"),
    ("stuck_on", "{ stuck_on = { least_ul_per_h = 40.0 } }"),
    ("stall", "\"stall\""),
    ("degrade", "{ degrade = { lost_permille_per_h = 50 } }"),
    ("packets", "{ packets = { packet_ul = 5.0 } }"),
    (
        "prime_by_itself",
        "{ prime_by_itself = { volume_ul = 100.0 } }",
    ),
    (
        "pump_program",
        "{ pump_program = { flow_ul_per_h = 20.0 } }",
    ),
    ("pump_restart", "\"pump_restart\""),
    (
        "room_temperature",
        "{ room_temperature = { temperature_c = 15.0 } }",
    ),
    (
        "ambient_pressure",
        "{ ambient_pressure = { pressure_kpa = 70.0 } }",
    ),
    (
        "battery_drain",
        "{ battery_drain = { drain_times = 1000.0 } }",
    ),
    ("battery_dead", "\"battery_dead\""),
    (
        "occlude",
        "{ occlude = { resistance_times = 1e7, onset_s = 600 } }",
    ),
    ("block_inlet", "{ block_inlet = { onset_s = 600 } }"),
    (
        "disconnect",
        "{ disconnect = { csf_backflow_ml_per_h = 5.0 } }",
    ),
    ("leak", "{ leak = { lost_permille = 300 } }"),
    ("soft_line", "{ soft_line = { compliance_times = 20.0 } }"),
    ("free_flow", "{ free_flow = { flow_ul_per_h = 200.0 } }"),
    (
        "siphon",
        "{ siphon = { height_cm = 100.0, volume_ul = 300.0 } }",
    ),
    ("backflow", "{ backflow = { flow_ul_per_h = 50.0 } }"),
    ("air", "{ air = { drawn_permille = 500 } }"),
    (
        "tip_displaced",
        "{ tip_displaced = { acts_permille = 200 } }",
    ),
    ("csf_drain", "{ csf_drain = { drained_ml_per_h = 30.0 } }"),
    ("short_fill", "{ short_fill = { filled_permille = 500 } }"),
    ("reservoir_empty", "\"reservoir_empty\""),
    (
        "drug_decay",
        "{ drug_decay = { lost_permille_per_day = 100 } }",
    ),
    (
        "sensor_stuck",
        "{ sensor_stuck = { sensor = \"flow\", value = 30.0 } }",
    ),
    (
        "sensor_bias",
        "{ sensor_bias = { sensor = \"reservoir\", offset = 5000.0 } }",
    ),
    (
        "sensor_noise",
        "{ sensor_noise = { sensor = \"flow\", noise_times = 10.0 } }",
    ),
    (
        "sensor_silent",
        "{ sensor_silent = { sensor = \"pressure\" } }",
    ),
    ("loose_contact", "{ loose_contact = { period_s = 60 } }"),
    (
        "garble_reading",
        "{ garble_reading = { reading = \"delivered\", value = -1.0 } }",
    ),
    ("report_frozen", "\"report_frozen\""),
    ("link_loss", "{ link_loss = {} }"),
    (
        "delay",
        "{ delay = { direction = \"up\", delay_ms = 20000 } }",
    ),
    ("double", "{ double = { doubled_permille = 500 } }"),
    (
        "swap",
        "{ swap = { direction = \"up\", swapped_permille = 500 } }",
    ),
    ("flip", "{ flip = { flipped_permille = 300 } }"),
    ("cut", "{ cut = { cut_permille = 300 } }"),
    ("freeze", "{ freeze = {} }"),
    ("read_back_loss", "\"read_back_loss\""),
    ("replay", "{ replay = { age_s = 3600 } }"),
    (
        "forge",
        "{ forge = { seal = \"bad_seal\", rate_times = 5.0 } }",
    ),
    (
        "flood",
        "{ flood = { direction = \"up\", frames_per_s = 5000 } }",
    ),
    (
        "pump_clock_drift",
        "{ pump_clock_drift = { drift_ppm = 20000 } }",
    ),
    ("pump_clock_jump", "{ pump_clock_jump = { ahead_s = 600 } }"),
    (
        "wall_clock_jump",
        "{ wall_clock_jump = { ahead_s = 3600 } }",
    ),
    (
        "wall_clock_drift",
        "{ wall_clock_drift = { drift_ppm = 50000 } }",
    ),
    ("wall_clock_stops", "\"wall_clock_stops\""),
    ("wall_clock_epoch", "\"wall_clock_epoch\""),
    ("hang", "{ hang = { watchdog_dead = true } }"),
    ("late", "{ late = { late_ms = 30000 } }"),
    (
        "power_cut",
        "{ power_cut = { write = 1, written_permille = 600 } }",
    ),
    (
        "reset_at",
        "{ reset_at = { phase = \"before_read_back\" } }",
    ),
    ("restart", "\"restart\""),
    ("reuse_controller", "\"reuse_controller\""),
    ("memory_full", "\"memory_full\""),
    ("memory_slow", "{ memory_slow = { takes_ms = 5000 } }"),
    ("torn_write", "\"torn_write\""),
    ("bit_flip", "{ bit_flip = { copy = 0, bit = 1000 } }"),
    ("memory_lost", "\"memory_lost\""),
    ("log", "{ log = { state = \"full\" } }"),
    ("log_slow", "{ log_slow = { takes_s = 60 } }"),
    ("log_altered", "\"log_altered\""),
    ("self_test_fails", "\"self_test_fails\""),
    ("mains_off", "\"mains_off\""),
    ("sounder_dead", "\"sounder_dead\""),
    ("key_stuck", "\"key_stuck\""),
    ("other_version", "\"other_version\""),
    ("other_drug", "\"other_drug\""),
    ("nurse_away", "\"nurse_away\""),
    ("unattended", "\"unattended\""),
    ("acknowledges_only", "\"acknowledges_only\""),
    ("acknowledges_another", "\"acknowledges_another\""),
    ("nobody_starts", "\"nobody_starts\""),
    ("nobody_confirms", "\"nobody_confirms\""),
    ("confirms_early", "\"confirms_early\""),
    ("pause", "\"pause\""),
    ("mode_flap", "{ mode_flap = { period_min = 20 } }"),
    (
        "mistype",
        "{ mistype = { entry = \"spasticity\", value = 4.0 } }",
    ),
    ("swapped_scales", "\"swapped_scales\""),
    ("old_sheet", "\"old_sheet\""),
    ("masked", "{ masked = { hidden_permille = 800 } }"),
    ("fever", "{ fever = { above_c = 1.5 } }"),
    ("tamper", "{ tamper = { order = \"authorise\" } }"),
    ("wrong_dose", "{ wrong_dose = { ug_per_day = 5000.0 } }"),
    ("unit_slip", "{ unit_slip = { dose_times = 24.0 } }"),
    (
        "refill_unbridged",
        "{ refill_unbridged = { drug_ug_per_ml = 2000, volume_ml = 20.0 } }",
    ),
    ("line_opened", "\"line_opened\""),
    ("key_bounces", "\"key_bounces\""),
    ("key_dead", "\"key_dead\""),
    ("wrong_rate", "{ wrong_rate = { rate_times = 2.0 } }"),
    ("sign_flip", "\"sign_flip\""),
    ("stop_lost", "\"stop_lost\""),
    ("alarm_dropped", "{ alarm_dropped = { alarm = \"AL-09\" } }"),
    ("alarms_dead", "\"alarms_dead\""),
    ("alarms_late", "{ alarms_late = { late_s = 600 } }"),
    ("priorities_swapped", "\"priorities_swapped\""),
    (
        "wrong_drug",
        "{ wrong_drug = { true_ug_per_ml = 2000, label_known = false } }",
    ),
    ("unprimed_drain", "{ unprimed_drain = {} }"),
    ("least_flow", "{ least_flow = { least_ul_per_h = 20.0 } }"),
    (
        "steep_rungs",
        "{ steep_rungs = { decrement_permille = 400 } }",
    ),
    ("slow_patient", "{ slow_patient = { later_h = 24.0 } }"),
];

#[derive(Deserialize)]
struct File {
    what: FaultKind,
}

/// Reads what stands behind `what =`.
pub(super) fn read(written: &str) -> Result<FaultKind, Vec<Diagnostic>> {
    let document = Document::from_text("example", format!("what = {written}"));
    document.decode::<File>().map(|file| file.what)
}
