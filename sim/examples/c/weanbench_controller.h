/* How a controller in C is called by weanbench, in-process. Made by cbindgen from crates/controller-abi; do not edit.
 *
 * A shared library exports one function, `weanbench_controller`, which gives a table of functions. Every structure has
 * whole numbers with units in their names, except what the pump and people say: that is raw, and may be NaN.
 * Engineering simulation only; never for clinical use. */

#ifndef WEANBENCH_CONTROLLER_H
#define WEANBENCH_CONTROLLER_H

#include <stddef.h>
#include <stdint.h>

// Whether there is a value; if not, why. For the last three `value` has the bits that were refused.
enum WbStatus
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // There is one.
  WB_STATUS_VALUE,
  // The device has no such sensor, or the person did not look.
  WB_STATUS_NOT_FITTED,
  // A sensor exists and has not spoken yet.
  WB_STATUS_NEVER_SEEN,
  // The sensor itself reports that it is broken.
  WB_STATUS_SENSOR_FAULT,
  // Nothing comes from the other end.
  WB_STATUS_LINK_SILENT,
  // A number that is not finite was refused on the way.
  WB_STATUS_NOT_FINITE,
  // A number below zero was refused on the way.
  WB_STATUS_NEGATIVE,
  // A number out of range was refused on the way.
  WB_STATUS_OUT_OF_RANGE,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum WbStatus WbStatus;
#else
typedef uint32_t WbStatus;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// What a pump is told to do.
enum WbActionKind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // Infuse at a rate above zero.
  WB_ACTION_KIND_INFUSE,
  // Fill the open line.
  WB_ACTION_KIND_PRIME,
  // Move nothing.
  WB_ACTION_KIND_STOP,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum WbActionKind WbActionKind;
#else
typedef uint32_t WbActionKind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Why nothing flows.
enum WbCause
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  WB_CAUSE_OVER_DELIVERY,
  WB_CAUSE_FREE_FLOW,
  WB_CAUSE_REVERSE_FLOW,
  WB_CAUSE_OVERDOSE_SIGNS,
  WB_CAUSE_OCCLUSION_DOWNSTREAM,
  WB_CAUSE_OCCLUSION_UPSTREAM,
  WB_CAUSE_DISCONNECTED,
  WB_CAUSE_CONCENTRATION_MISMATCH,
  WB_CAUSE_CSF_OVERDRAINAGE,
  WB_CAUSE_AIR,
  WB_CAUSE_ORDERED,
  WB_CAUSE_PAUSED,
  WB_CAUSE_WEANED,
  WB_CAUSE_PRIMED,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum WbCause WbCause;
#else
typedef uint32_t WbCause;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// What the pump does.
enum WbPumpState
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  WB_PUMP_STATE_IDLE,
  WB_PUMP_STATE_PRIMING,
  WB_PUMP_STATE_INFUSING,
  WB_PUMP_STATE_HOLDING,
  WB_PUMP_STATE_STOPPED,
  WB_PUMP_STATE_EMPTY,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum WbPumpState WbPumpState;
#else
typedef uint32_t WbPumpState;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// What can be ordered; the number, the alarm or the line that goes with it is beside it.
enum WbOrderKind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // A daily dose, `number` in ug/day.
  WB_ORDER_KIND_AUTHORISE,
  // Begin therapy.
  WB_ORDER_KIND_START,
  // Stop for a moment.
  WB_ORDER_KIND_PAUSE,
  // Go on.
  WB_ORDER_KIND_RESUME,
  // Stop until somebody resumes.
  WB_ORDER_KIND_STOP,
  // Keep priming.
  WB_ORDER_KIND_HOLD_TO_RUN,
  // The drug, `number` in ug/mL.
  WB_ORDER_KIND_SET_CONCENTRATION,
  // Leave the next decrement out.
  WB_ORDER_KIND_SKIP_DECREMENT,
  // The wean is over.
  WB_ORDER_KIND_CONFIRM_COMPLETE,
  // A person sees withdrawal.
  WB_ORDER_KIND_FLAG_WITHDRAWAL,
  // A person sees overdose.
  WB_ORDER_KIND_FLAG_OVERDOSE,
  // An alarm was seen: `alarm`.
  WB_ORDER_KIND_ACKNOWLEDGE,
  // Silence for a moment.
  WB_ORDER_KIND_PAUSE_AUDIO,
  // Whether the patient side is open: `line`.
  WB_ORDER_KIND_DECLARE_LINE,
  // Volume that holds no drug, `number` in uL.
  WB_ORDER_KIND_ENTER_UNPRIMED,
  // The reservoir as weighed, `number` in uL.
  WB_ORDER_KIND_VOLUME_CHECK,
  // The reservoir as filled, `number` in uL.
  WB_ORDER_KIND_REFILLED,
  // The catheter is out.
  WB_ORDER_KIND_CATHETER_OUT,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum WbOrderKind WbOrderKind;
#else
typedef uint32_t WbOrderKind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// The patient side of the line.
enum WbLine
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  WB_LINE_OPEN,
  WB_LINE_CONNECTED,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum WbLine WbLine;
#else
typedef uint32_t WbLine;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// What has become of what must outlive a reset.
enum WbMemory
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  WB_MEMORY_SOUND,
  WB_MEMORY_DAMAGED,
  WB_MEMORY_LOST,
  WB_MEMORY_UNWRITABLE,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum WbMemory WbMemory;
#else
typedef uint32_t WbMemory;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// What is loaded against the sealed record.
enum WbRecord
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  WB_RECORD_AGREES,
  WB_RECORD_OTHER_DRUG,
  WB_RECORD_OTHER_VERSION,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum WbRecord WbRecord;
#else
typedef uint32_t WbRecord;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// The pump's clock.
enum WbPeerClock
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  WB_PEER_CLOCK_AGREES,
  WB_PEER_CLOCK_MOVED,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum WbPeerClock WbPeerClock;
#else
typedef uint32_t WbPeerClock;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// What leaves for the pump.
enum WbSend
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // Nothing, for the reason in `quiet`.
  WB_SEND_QUIET,
  // A sign of life.
  WB_SEND_PING,
  // The command.
  WB_SEND_COMMAND,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum WbSend WbSend;
#else
typedef uint32_t WbSend;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Why nothing leaves.
enum WbQuiet
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  WB_QUIET_NOTHING_STARTED,
  WB_QUIET_SELF_TEST,
  WB_QUIET_UNRECONCILED,
  WB_QUIET_AWAITING_READ_BACK,
  WB_QUIET_NOTHING_NEW,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum WbQuiet WbQuiet;
#else
typedef uint32_t WbQuiet;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// What the controller does.
enum WbMode
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  WB_MODE_OFF,
  WB_MODE_POST,
  WB_MODE_IDLE,
  WB_MODE_PRIME,
  WB_MODE_ACTIVE,
  WB_MODE_HOLD,
  WB_MODE_FALLBACK,
  WB_MODE_PAUSED,
  WB_MODE_STOPPED,
  WB_MODE_COMPLETE,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum WbMode WbMode;
#else
typedef uint32_t WbMode;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Which rule moved, held or refused the dose; which fields go with it is said beside each.
enum WbReasonKind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // No therapy runs.
  WB_REASON_KIND_NOT_STARTED,
  // The open line is being filled.
  WB_REASON_KIND_PRIMING,
  // Therapy began: `to`.
  WB_REASON_KIND_STARTED,
  // One rung down: `from`, `to`, `permille`, `cut`.
  WB_REASON_KIND_DECREMENTED,
  // Two users changed the dose: `from`, `to`.
  WB_REASON_KIND_AUTHORISED,
  // `detail` is a `WbWait`, with `at_ms` or `alarm`.
  WB_REASON_KIND_WAITING,
  // `detail` is a `WbHold`, with `alarm`.
  WB_REASON_KIND_HELD,
  // `detail` is a `WbRefusal`, with `from` (wanted), `to` (least or most), `status`, `bits`, `mode`, `alarm`.
  WB_REASON_KIND_REFUSED,
  // `detail` is a `WbCause`.
  WB_REASON_KIND_STOPPED,
  // The wean is over.
  WB_REASON_KIND_COMPLETED,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum WbReasonKind WbReasonKind;
#else
typedef uint32_t WbReasonKind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// What the next decrement waits for.
enum WbWait
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  WB_WAIT_NOT_DUE,
  WB_WAIT_FRESH_ASSESSMENT,
  WB_WAIT_SECOND_ASSESSMENT,
  WB_WAIT_RESPONSE,
  WB_WAIT_ALARM,
  WB_WAIT_AFTER_WITHDRAWAL,
  WB_WAIT_BRIDGE,
  WB_WAIT_LAST_RUNG,
  WB_WAIT_SKIPPED,
  WB_WAIT_SLOPE,
  WB_WAIT_REPORT,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum WbWait WbWait;
#else
typedef uint32_t WbWait;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Why the wean holds.
enum WbHold
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  WB_HOLD_ALARM,
  WB_HOLD_OVERDOSE_UNCONFIRMED,
  WB_HOLD_UNRECONCILED,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum WbHold WbHold;
#else
typedef uint32_t WbHold;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// What was refused. Rates are ng/h and daily doses ng/day, in `from` and `to`.
enum WbRefusal
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  WB_REFUSAL_BAD_VALUE,
  WB_REFUSAL_BELOW_PUMP_FLOOR,
  WB_REFUSAL_ABOVE_PUMP_MOST,
  WB_REFUSAL_ABOVE_CEILING,
  WB_REFUSAL_ABOVE_GAP_DOSE,
  WB_REFUSAL_SLOPE_SPENT,
  WB_REFUSAL_NOT_AUTHORISED,
  WB_REFUSAL_GAP_NEEDS_AUTHORISATION,
  WB_REFUSAL_NOT_PRIMED,
  WB_REFUSAL_LINE_NOT_OPEN,
  WB_REFUSAL_WRONG_MODE,
  WB_REFUSAL_ALARM_STANDS,
  WB_REFUSAL_NOT_AT_FLOOR,
  WB_REFUSAL_TOO_MANY_FRONTS,
  WB_REFUSAL_PUMP_SILENT,
  WB_REFUSAL_STRANGER,
  WB_REFUSAL_BY_PUMP,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum WbRefusal WbRefusal;
#else
typedef uint32_t WbRefusal;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// What is wanted of people, as bits.
enum WbAsk
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // Look at the patient again.
  WB_ASK_ASSESSMENT = 1,
  // Weigh the reservoir again.
  WB_ASK_WEIGHING = 2,
  // Authorise `authorisation_ng_per_day`.
  WB_ASK_AUTHORISATION = 4,
  // Another concentration.
  WB_ASK_CONCENTRATION = 8,
  // Confirm that the wean is over.
  WB_ASK_COMPLETION = 16,
  // Go on.
  WB_ASK_RESUMPTION = 32,
  // Refill: `refill_nl` are left.
  WB_ASK_REFILL = 64,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum WbAsk WbAsk;
#else
typedef uint32_t WbAsk;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// What a decrement is a share of.
enum WbBasis
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // The rung in force.
  WB_BASIS_CURRENT,
  // The dose that the wean began with.
  WB_BASIS_INITIAL,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum WbBasis WbBasis;
#else
typedef uint32_t WbBasis;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// What a controller has, as bits: order n at bit n, mode n at bit n, alarm n at bit n - 1. All bits set: everything.
typedef struct {
  // By `WbOrderKind`.
  uint64_t orders;
  // By `WbMode`.
  uint64_t modes;
  // By the numbers of the table.
  uint64_t alarms;
} WbAbilities;

// One answer to a response.
typedef struct {
  // The decrement, thousandths of the basis.
  uint32_t decrement_permille;
  // Rise of tone, tenths of a grade.
  uint32_t tone_rise_most_tenths;
  // Withdrawal signs.
  uint32_t signs_most;
} WbRung;

// The prescription. Pairs are low and high, or as their names say.
typedef struct {
  uint64_t ceiling_ng_per_day;
  uint64_t floor_dose_ng_per_day;
  int64_t flow_least_nl_per_h;
  int64_t flow_most_nl_per_h;
  int64_t flow_quantum_nl_per_h;
  int64_t flow_prime_nl_per_h;
  uint64_t excess_ng;
  uint64_t cycle_ms;
  uint64_t self_test_ms;
  uint64_t lease_ms;
  uint64_t prime_lease_ms;
  uint64_t ping_every_ms;
  uint64_t read_back_ms;
  uint64_t start_within_ms;
  uint64_t second_user_within_ms;
  uint64_t idle_ms[2];
  uint64_t differs_ms;
  uint64_t gap_most_ms;
  uint64_t gap_long_ms;
  uint64_t settle_ms;
  uint64_t pause_most_ms;
  uint64_t dwell_ms[2];
  uint64_t empty_ms[2];
  uint64_t link_ms[2];
  uint64_t report_ahead_ms;
  uint64_t age_most_ms;
  uint64_t missing_ms;
  uint64_t unresolved_ms;
  uint64_t unconfirmed_ms;
  uint64_t after_withdrawal_ms;
  int64_t fever_mdeg_c;
  uint64_t weighing_sigma_nl;
  uint64_t weigh_again_ms;
  uint64_t unusable_nl;
  int64_t pressure_most_pa;
  int64_t pressure_gone_pa;
  uint64_t pressure_for_ms;
  int64_t flow_sigma_nl_per_h;
  int64_t flow_offset_nl_per_h;
  uint64_t flow_mean_over_ms;
  uint64_t free_flow_for_ms;
  uint64_t wrong_flow_for_ms;
  uint64_t air_nl[2];
  uint64_t air_for_ms;
  uint64_t dropout_ms;
  uint64_t stuck_for_ms;
  uint64_t drain_sigma_nl;
  uint64_t csf_loss_nl[2];
  int64_t band_mdeg_c[2];
  uint64_t temperature_for_ms;
  uint64_t stall_for_ms;
  uint64_t battery_ms[2];
  uint64_t wean_every_ms;
  uint64_t wean_first_after_ms;
  uint64_t final_dose_ng_per_day;
  uint64_t last_rung_for_ms;
  uint64_t open_nl;
  uint64_t to_tip_nl;
  uint64_t reservoir_nl;
  uint32_t drug_ug_per_ml;
  uint32_t kept_in_24h_permille;
  uint32_t pump_tolerance_permille;
  uint32_t report_cycles;
  uint32_t withdrawal_signs;
  uint32_t itch;
  uint32_t tone_rise_tenths;
  uint32_t heart_rate_per_min;
  int32_t agitation_rass;
  uint32_t breaths_least_per_min;
  uint32_t saturation_least_percent;
  int32_t sedation_deep_rass;
  uint32_t jump_tenths;
  uint32_t flow_sigma_permille;
  uint32_t flow_gain_permille;
  uint32_t temperature_error_permille_per_c;
  // A `WbBasis`.
  uint32_t basis;
  uint32_t rung_count;
  WbRung rungs[6];
} WbPrescription;

// One reading: a value with its time, or the reason for none.
typedef struct {
  // When it was taken, ms on the controller's clock.
  uint64_t at_ms;
  // The number as it came: it may be NaN. Where it was refused on the way, the bits that were.
  double value;
  // A `WbStatus`.
  uint32_t status;
  // The word, where it is one and no number: a `WbPumpState`, or 0 and 1.
  uint32_t word;
} WbReading;

// What a pump does, or is told to do; what does not go with the kind is 0.
typedef struct {
  // Drug mass per time, above zero, for `Infuse`.
  uint64_t rate_ng_per_h;
  // Volume that may still be moved, for `Prime`.
  uint64_t volume_left_nl;
  // The drug that the rate is meant of, 1 to 10000, for `Infuse`.
  uint32_t drug_ug_per_ml;
  // A `WbActionKind`.
  uint32_t kind;
  // A `WbCause`, for `Stop`.
  uint32_t cause;
  // Whether the clamp is closed as well, 0 or 1, for `Stop`.
  uint32_t clamp;
} WbAction;

// One report of the pump. It may be old, the same as before, or from the future.
typedef struct {
  // Whether there is a last command that the pump took, and when it said so.
  WbReading accepted;
  // Its session.
  uint32_t accepted_session;
  // Its number.
  uint32_t accepted_sequence;
  // What it was.
  WbAction accepted_action;
  // What the pump does.
  WbReading state;
  // Whether the rotor turns when it should.
  WbReading motion;
  // Whether the pump says what it has not taken.
  WbReading refused;
  // Frames that it has not taken.
  uint32_t refused_frames;
  // Commands that it has not taken.
  uint32_t refused_commands;
  // Drug that it believes it has moved, ug.
  WbReading delivered_ug;
  // Drug left as it calculates it, uL.
  WbReading reservoir_ul;
  // Measured flow, uL/h.
  WbReading flow_ul_per_h;
  // Line pressure, kPa.
  WbReading pressure_kpa;
  // Air in the line, uL.
  WbReading air_ul;
  // Whether the connector is closed.
  WbReading connector;
  // CSF in the drain bag, uL.
  WbReading drained_csf_ul;
  // Pump temperature, degrees Celsius.
  WbReading temperature_c;
  // Battery left, min.
  WbReading battery_min;
} WbTelemetry;

// One look at the patient. The times of the entries are 0: `at_ms` is that of all.
typedef struct {
  // When the patient was seen.
  uint64_t at_ms;
  // Modified Ashworth score: 0, 1, 1.5, 2, 3 or 4.
  WbReading spasticity_ashworth;
  // Penn spasm frequency, 0 to 4.
  WbReading spasms_penn;
  // RASS, -5 to 4.
  WbReading sedation_rass;
  // Breaths per minute.
  WbReading breaths_per_min;
  // Oxygen saturation, %.
  WbReading saturation_percent;
  // Heart beats per minute.
  WbReading heart_rate_per_min;
  // Systolic pressure, mmHg.
  WbReading systolic_mmhg;
  // Body temperature, degrees Celsius.
  WbReading temperature_c;
  // Itch, 0 to 10.
  WbReading itch;
} WbAssessment;

// What a person wants.
typedef struct {
  // The number that goes with it, raw.
  double number;
  // A `WbOrderKind`.
  uint32_t kind;
  // Who: 0 to 255; 0 is a stranger.
  uint32_t by;
  // The alarm that goes with it, 1 to 44.
  uint32_t alarm;
  // The `WbLine` that goes with it.
  uint32_t line;
} WbOrder;

// What the platform says of itself. Yes is 1.
typedef struct {
  // Whether there is a time on the wall, and when it was read.
  WbReading wall;
  // That time, ms since 1970 UTC; for logs and alarms, never for a dose.
  int64_t wall_utc_ms;
  // A `WbMemory`.
  uint32_t memory;
  // A `WbRecord`.
  uint32_t record;
  // Frames from the pump that were refused.
  uint32_t refused_frames;
  // A `WbPeerClock`.
  uint32_t peer_clock;
  // Deadlines missed in a row.
  uint32_t missed_deadlines;
  // The log can be written.
  uint32_t log_works;
  // The platform has passed its self-test.
  uint32_t self_test_passed;
  // It runs on mains.
  uint32_t on_mains;
  // Sounder and display work.
  uint32_t sounder_works;
  // A key has been down for too long.
  uint32_t key_stuck;
} WbHost;

// What one cycle is given.
typedef struct {
  // Now, on the controller's own clock.
  uint64_t at_ms;
  // The pump's last report that arrived.
  WbTelemetry telemetry;
  // What a nurse saw, or null.
  const WbAssessment *assessment;
  // What people want, in the order in which they said it.
  const WbOrder *orders;
  // How many.
  size_t order_count;
  // What the platform says.
  WbHost host;
} WbInputs;

// What leaves for the pump, if it is a command.
typedef struct {
  // What to do.
  WbAction action;
  // How long it stays good.
  uint64_t lease_ms;
  // The pairing.
  uint32_t session;
  // Strictly increasing in a session; a retry repeats it.
  uint32_t sequence;
} WbCommand;

// Which rule moved, held or refused the dose; see `WbReasonKind` for what goes with it.
typedef struct {
  // Rate before, or what was wanted.
  uint64_t from;
  // Rate after, or what is possible.
  uint64_t to;
  // When it is due.
  uint64_t at_ms;
  // The bits that were refused.
  uint64_t bits;
  // A `WbReasonKind`.
  uint32_t kind;
  // The word that goes with the kind.
  uint32_t detail;
  // Thousandths of the basis.
  uint32_t permille;
  // Whether the guard let less through, 0 or 1.
  uint32_t cut;
  // An alarm, 1 to 44.
  uint32_t alarm;
  // A `WbMode`.
  uint32_t mode;
  // A `WbStatus`.
  uint32_t status;
  // Always 0.
  uint32_t reserved;
} WbReason;

// What stands: bit n - 1 of each set is alarm number n.
typedef struct {
  // The cause is there.
  uint64_t condition;
  // Signalled.
  uint64_t active;
  // Signalled although the cause has gone.
  uint64_t latched;
  // Somebody has seen it.
  uint64_t acknowledged;
  // Above its priority in the table.
  uint64_t escalated;
  // Of those, at high priority.
  uint64_t raised_to_high;
  // Heard now.
  uint64_t sounding;
  // The sound is off for a moment, 0 or 1.
  uint64_t audio_paused;
} WbAlarms;

// What one cycle decided. It is all zeros when it is handed over: say what is otherwise.
typedef struct {
  // When to be asked again; later than now.
  uint64_t next_ms;
  // The command, if `send` says so.
  WbCommand command;
  // The planned rate; 0 before therapy and after it.
  uint64_t plan_ng_per_h;
  // Why.
  WbReason reason;
  // What stands.
  WbAlarms alarms;
  // Planned over the last 24 h.
  uint64_t planned_24h_ng;
  // Given over the last 24 h, at least.
  uint64_t given_low_24h_ng;
  // Given over the last 24 h, at most.
  uint64_t given_high_24h_ng;
  // The dose that is to be authorised, if `asks` says so.
  uint64_t authorisation_ng_per_day;
  // What is left to refill, if `asks` says so.
  uint64_t refill_nl;
  // A `WbSend`.
  uint32_t send;
  // A `WbQuiet`.
  uint32_t quiet;
  // A `WbMode`.
  uint32_t mode;
  // Missing of the rolling 24 h plan, thousandths.
  uint32_t deficit_permille;
  // `WbAsk` bits.
  uint32_t asks;
  // Whether what must outlive a reset has changed, 0 or 1.
  uint32_t store;
} WbDecision;

// The table of functions. They are called from one thread at a time for each instance, and from any thread.
typedef struct {
  // 1: the version of everything here.
  uint32_t abi;
  // `sizeof(WbController)`.
  uint32_t size;
  // `sizeof(WbInputs)`.
  uint32_t inputs_size;
  // `sizeof(WbDecision)`.
  uint32_t decision_size;
  // Its name; never null.
  const char *name;
  // What it has.
  WbAbilities has;
  // A controller that has just been switched on, at time 0 of its clock; null if there is none to be had.
  void *(*open)(const WbPrescription *prescription, uint32_t session);
  // One cycle; 0 when all is well, and anything else gives up.
  int32_t (*step)(void *controller, const WbInputs *inputs, WbDecision *decision);
  // Writes what must outlive a reset into `buffer`, if it has room for it, and says how long that is; 0 stores
  // nothing. May be null.
  size_t (*save)(void *controller, uint8_t *buffer, size_t room);
  // Power is back at `at_ms`, with what was stored, or with null; 0 when all is well. May be null: then it cannot be
  // restarted.
  int32_t (*restart)(void *controller,
                     uint32_t session,
                     uint64_t at_ms,
                     const uint8_t *saved,
                     size_t length);
  // One more that goes on from here by itself. May be null.
  void *(*fork)(const void *controller);
  // It is not needed any more.
  void (*close)(void *controller);
} WbController;

#endif  /* WEANBENCH_CONTROLLER_H */

#ifdef __cplusplus
extern "C" {
#endif
/* What the library exports: the table, or NULL for another version than it knows. */
const WbController *weanbench_controller(uint32_t abi);
#ifdef __cplusplus
}
#endif
