//! The structures as they lie in memory. Zeros are a value of each, so that a caller can begin with them.

use core::ffi::{c_char, c_void};

/// One reading: a value with its time, or the reason for none.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct WbReading {
    /// When it was taken, ms on the controller's clock.
    pub at_ms: u64,
    /// The number as it came: it may be NaN. Where it was refused on the way, the bits that were.
    pub value: f64,
    /// A `WbStatus`.
    pub status: u32,
    /// The word, where it is one and no number: a `WbPumpState`, or 0 and 1.
    pub word: u32,
}

/// What a pump does, or is told to do; what does not go with the kind is 0.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct WbAction {
    /// Drug mass per time, above zero, for `Infuse`.
    pub rate_ng_per_h: u64,
    /// Volume that may still be moved, for `Prime`.
    pub volume_left_nl: u64,
    /// The drug that the rate is meant of, 1 to 10000, for `Infuse`.
    pub drug_ug_per_ml: u32,
    /// A `WbActionKind`.
    pub kind: u32,
    /// A `WbCause`, for `Stop`.
    pub cause: u32,
    /// Whether the clamp is closed as well, 0 or 1, for `Stop`.
    pub clamp: u32,
}

/// One report of the pump. It may be old, the same as before, or from the future.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct WbTelemetry {
    /// Whether there is a last command that the pump took, and when it said so.
    pub accepted: WbReading,
    /// Its session.
    pub accepted_session: u32,
    /// Its number.
    pub accepted_sequence: u32,
    /// What it was.
    pub accepted_action: WbAction,
    /// What the pump does.
    pub state: WbReading,
    /// Whether the rotor turns when it should.
    pub motion: WbReading,
    /// Whether the pump says what it has not taken.
    pub refused: WbReading,
    /// Frames that it has not taken.
    pub refused_frames: u32,
    /// Commands that it has not taken.
    pub refused_commands: u32,
    /// Drug that it believes it has moved, ug.
    pub delivered_ug: WbReading,
    /// Drug left as it calculates it, uL.
    pub reservoir_ul: WbReading,
    /// Measured flow, uL/h.
    pub flow_ul_per_h: WbReading,
    /// Line pressure, kPa.
    pub pressure_kpa: WbReading,
    /// Air in the line, uL.
    pub air_ul: WbReading,
    /// Whether the connector is closed.
    pub connector: WbReading,
    /// CSF in the drain bag, uL.
    pub drained_csf_ul: WbReading,
    /// Pump temperature, degrees Celsius.
    pub temperature_c: WbReading,
    /// Battery left, min.
    pub battery_min: WbReading,
}

/// One look at the patient. The times of the entries are 0: `at_ms` is that of all.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct WbAssessment {
    /// When the patient was seen.
    pub at_ms: u64,
    /// Modified Ashworth score: 0, 1, 1.5, 2, 3 or 4.
    pub spasticity_ashworth: WbReading,
    /// Penn spasm frequency, 0 to 4.
    pub spasms_penn: WbReading,
    /// RASS, -5 to 4.
    pub sedation_rass: WbReading,
    /// Breaths per minute.
    pub breaths_per_min: WbReading,
    /// Oxygen saturation, %.
    pub saturation_percent: WbReading,
    /// Heart beats per minute.
    pub heart_rate_per_min: WbReading,
    /// Systolic pressure, mmHg.
    pub systolic_mmhg: WbReading,
    /// Body temperature, degrees Celsius.
    pub temperature_c: WbReading,
    /// Itch, 0 to 10.
    pub itch: WbReading,
}

/// What a person wants.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct WbOrder {
    /// The number that goes with it, raw.
    pub number: f64,
    /// A `WbOrderKind`.
    pub kind: u32,
    /// Who: 0 to 255; 0 is a stranger.
    pub by: u32,
    /// The alarm that goes with it, 1 to 44.
    pub alarm: u32,
    /// The `WbLine` that goes with it.
    pub line: u32,
}

/// What the platform says of itself. Yes is 1.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct WbHost {
    /// Whether there is a time on the wall, and when it was read.
    pub wall: WbReading,
    /// That time, ms since 1970 UTC; for logs and alarms, never for a dose.
    pub wall_utc_ms: i64,
    /// A `WbMemory`.
    pub memory: u32,
    /// A `WbRecord`.
    pub record: u32,
    /// Frames from the pump that were refused.
    pub refused_frames: u32,
    /// A `WbPeerClock`.
    pub peer_clock: u32,
    /// Deadlines missed in a row.
    pub missed_deadlines: u32,
    /// The log can be written.
    pub log_works: u32,
    /// The platform has passed its self-test.
    pub self_test_passed: u32,
    /// It runs on mains.
    pub on_mains: u32,
    /// Sounder and display work.
    pub sounder_works: u32,
    /// A key has been down for too long.
    pub key_stuck: u32,
}

/// What one cycle is given.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct WbInputs {
    /// Now, on the controller's own clock.
    pub at_ms: u64,
    /// The pump's last report that arrived.
    pub telemetry: WbTelemetry,
    /// What a nurse saw, or null.
    pub assessment: *const WbAssessment,
    /// What people want, in the order in which they said it.
    pub orders: *const WbOrder,
    /// How many.
    pub order_count: usize,
    /// What the platform says.
    pub host: WbHost,
}

/// What leaves for the pump, if it is a command.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct WbCommand {
    /// What to do.
    pub action: WbAction,
    /// How long it stays good.
    pub lease_ms: u64,
    /// The pairing.
    pub session: u32,
    /// Strictly increasing in a session; a retry repeats it.
    pub sequence: u32,
}

/// Which rule moved, held or refused the dose; see `WbReasonKind` for what goes with it.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct WbReason {
    /// Rate before, or what was wanted.
    pub from: u64,
    /// Rate after, or what is possible.
    pub to: u64,
    /// When it is due.
    pub at_ms: u64,
    /// The bits that were refused.
    pub bits: u64,
    /// A `WbReasonKind`.
    pub kind: u32,
    /// The word that goes with the kind.
    pub detail: u32,
    /// Thousandths of the basis.
    pub permille: u32,
    /// Whether the guard let less through, 0 or 1.
    pub cut: u32,
    /// An alarm, 1 to 44.
    pub alarm: u32,
    /// A `WbMode`.
    pub mode: u32,
    /// A `WbStatus`.
    pub status: u32,
    /// Always 0.
    pub reserved: u32,
}

/// What stands: bit n - 1 of each set is alarm number n.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct WbAlarms {
    /// The cause is there.
    pub condition: u64,
    /// Signalled.
    pub active: u64,
    /// Signalled although the cause has gone.
    pub latched: u64,
    /// Somebody has seen it.
    pub acknowledged: u64,
    /// Above its priority in the table.
    pub escalated: u64,
    /// Of those, at high priority.
    pub raised_to_high: u64,
    /// Heard now.
    pub sounding: u64,
    /// The sound is off for a moment, 0 or 1.
    pub audio_paused: u64,
}

/// What one cycle decided. It is all zeros when it is handed over: say what is otherwise.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct WbDecision {
    /// When to be asked again; later than now.
    pub next_ms: u64,
    /// The command, if `send` says so.
    pub command: WbCommand,
    /// The planned rate; 0 before therapy and after it.
    pub plan_ng_per_h: u64,
    /// Why.
    pub reason: WbReason,
    /// What stands.
    pub alarms: WbAlarms,
    /// Planned over the last 24 h.
    pub planned_24h_ng: u64,
    /// Given over the last 24 h, at least.
    pub given_low_24h_ng: u64,
    /// Given over the last 24 h, at most.
    pub given_high_24h_ng: u64,
    /// The dose that is to be authorised, if `asks` says so.
    pub authorisation_ng_per_day: u64,
    /// What is left to refill, if `asks` says so.
    pub refill_nl: u64,
    /// A `WbSend`.
    pub send: u32,
    /// A `WbQuiet`.
    pub quiet: u32,
    /// A `WbMode`.
    pub mode: u32,
    /// Missing of the rolling 24 h plan, thousandths.
    pub deficit_permille: u32,
    /// `WbAsk` bits.
    pub asks: u32,
    /// Whether what must outlive a reset has changed, 0 or 1.
    pub store: u32,
}

/// One answer to a response.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct WbRung {
    /// The decrement, thousandths of the basis.
    pub decrement_permille: u32,
    /// Rise of tone, tenths of a grade.
    pub tone_rise_most_tenths: u32,
    /// Withdrawal signs.
    pub signs_most: u32,
}

/// The prescription. Pairs are low and high, or as their names say.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    missing_docs,
    reason = "each field is one of infusion_types::Prescription, with its unit"
)]
pub struct WbPrescription {
    pub ceiling_ng_per_day: u64,
    pub floor_dose_ng_per_day: u64,
    pub flow_least_nl_per_h: i64,
    pub flow_most_nl_per_h: i64,
    pub flow_quantum_nl_per_h: i64,
    pub flow_prime_nl_per_h: i64,
    pub excess_ng: u64,
    pub cycle_ms: u64,
    pub self_test_ms: u64,
    pub lease_ms: u64,
    pub prime_lease_ms: u64,
    pub ping_every_ms: u64,
    pub read_back_ms: u64,
    pub start_within_ms: u64,
    pub second_user_within_ms: u64,
    pub idle_ms: [u64; 2],
    pub differs_ms: u64,
    pub gap_most_ms: u64,
    pub gap_long_ms: u64,
    pub settle_ms: u64,
    pub pause_most_ms: u64,
    pub dwell_ms: [u64; 2],
    pub empty_ms: [u64; 2],
    pub link_ms: [u64; 2],
    pub report_ahead_ms: u64,
    pub age_most_ms: u64,
    pub missing_ms: u64,
    pub unresolved_ms: u64,
    pub unconfirmed_ms: u64,
    pub after_withdrawal_ms: u64,
    pub fever_mdeg_c: i64,
    pub weighing_sigma_nl: u64,
    pub weigh_again_ms: u64,
    pub unusable_nl: u64,
    pub pressure_most_pa: i64,
    pub pressure_gone_pa: i64,
    pub pressure_for_ms: u64,
    pub flow_sigma_nl_per_h: i64,
    pub flow_offset_nl_per_h: i64,
    pub flow_mean_over_ms: u64,
    pub free_flow_for_ms: u64,
    pub wrong_flow_for_ms: u64,
    pub air_nl: [u64; 2],
    pub air_for_ms: u64,
    pub dropout_ms: u64,
    pub stuck_for_ms: u64,
    pub drain_sigma_nl: u64,
    pub csf_loss_nl: [u64; 2],
    pub band_mdeg_c: [i64; 2],
    pub temperature_for_ms: u64,
    pub stall_for_ms: u64,
    pub battery_ms: [u64; 2],
    pub wean_every_ms: u64,
    pub wean_first_after_ms: u64,
    pub final_dose_ng_per_day: u64,
    pub last_rung_for_ms: u64,
    pub open_nl: u64,
    pub to_tip_nl: u64,
    pub reservoir_nl: u64,
    pub drug_ug_per_ml: u32,
    pub kept_in_24h_permille: u32,
    pub pump_tolerance_permille: u32,
    pub report_cycles: u32,
    pub withdrawal_signs: u32,
    pub itch: u32,
    pub tone_rise_tenths: u32,
    pub heart_rate_per_min: u32,
    pub agitation_rass: i32,
    pub breaths_least_per_min: u32,
    pub saturation_least_percent: u32,
    pub sedation_deep_rass: i32,
    pub jump_tenths: u32,
    pub flow_sigma_permille: u32,
    pub flow_gain_permille: u32,
    pub temperature_error_permille_per_c: u32,
    /// A `WbBasis`.
    pub basis: u32,
    pub rung_count: u32,
    pub rungs: [WbRung; 6],
}

/// What a controller has, as bits: order n at bit n, mode n at bit n, alarm n at bit n - 1. All bits set: everything.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct WbAbilities {
    /// By `WbOrderKind`.
    pub orders: u64,
    /// By `WbMode`.
    pub modes: u64,
    /// By the numbers of the table.
    pub alarms: u64,
}

/// The table of functions. They are called from one thread at a time for each instance, and from any thread.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct WbController {
    /// 1: the version of everything here.
    pub abi: u32,
    /// `sizeof(WbController)`.
    pub size: u32,
    /// `sizeof(WbInputs)`.
    pub inputs_size: u32,
    /// `sizeof(WbDecision)`.
    pub decision_size: u32,
    /// Its name; never null.
    pub name: *const c_char,
    /// What it has.
    pub has: WbAbilities,
    /// A controller that has just been switched on, at time 0 of its clock; null if there is none to be had.
    pub open: Option<
        unsafe extern "C" fn(prescription: *const WbPrescription, session: u32) -> *mut c_void,
    >,
    /// One cycle; 0 when all is well, and anything else gives up.
    pub step: Option<
        unsafe extern "C" fn(
            controller: *mut c_void,
            inputs: *const WbInputs,
            decision: *mut WbDecision,
        ) -> i32,
    >,
    /// Writes what must outlive a reset into `buffer`, if it has room for it, and says how long that is; 0 stores
    /// nothing. May be null.
    pub save: Option<
        unsafe extern "C" fn(controller: *mut c_void, buffer: *mut u8, room: usize) -> usize,
    >,
    /// Power is back at `at_ms`, with what was stored, or with null; 0 when all is well. May be null: then it cannot be
    /// restarted.
    pub restart: Option<
        unsafe extern "C" fn(
            controller: *mut c_void,
            session: u32,
            at_ms: u64,
            saved: *const u8,
            length: usize,
        ) -> i32,
    >,
    /// One more that goes on from here by itself. May be null.
    pub fork: Option<unsafe extern "C" fn(controller: *const c_void) -> *mut c_void>,
    /// It is not needed any more.
    pub close: Option<unsafe extern "C" fn(controller: *mut c_void)>,
}
