//! What is known of the past, by name: the second list of signals, after [`crate::signals::SIGNALS`].
//!
//! None of these is in a digest, because all follow from records; a trace has a column for each.

use infusion_types::{Action, Basis, Memory, Mode};
use temporal_logic::Value;

use super::books::weighable_ug;
use super::{History, NEVER_H, drug_ug_per_ul, infused};
use crate::clock::SimTime;
use crate::trace::Oracle;

/// One named thing that is known.
#[derive(Clone, Copy, Debug)]
pub struct Derived {
    /// Its name, unit last where it has one.
    pub name: &'static str,
    /// Its unit; empty for none.
    pub unit: &'static str,
    /// Whose word it rests on.
    pub oracle: Oracle,
    /// What it means, in one line.
    pub meaning: &'static str,
    /// Its value.
    pub read: Read,
}

/// How a value is read.
#[derive(Clone, Copy, Debug)]
pub enum Read {
    /// A finite number.
    Number(fn(&History) -> f64),
    /// True or false.
    Truth(fn(&History) -> bool),
    /// A word of a closed list, by its place.
    Word(fn(&History) -> u64, fn(u64) -> &'static str),
}

impl Derived {
    /// What it is worth now; unknown when it is no finite number.
    pub(super) fn value(&self, history: &History) -> Value {
        match self.read {
            Read::Number(read) => match read(history) {
                number if number.is_finite() => Value::Number(number),
                _ => Value::Unknown,
            },
            Read::Truth(read) => Value::Truth(read(history)),
            Read::Word(read, _) => Value::Word(u16::try_from(read(history)).unwrap_or(u16::MAX)),
        }
    }
}

macro_rules! derived {
    ($($oracle:ident $kind:ident $name:literal $unit:literal $read:tt $meaning:literal;)*) => {
        /// Everything that is known, in the order of a trace's columns.
        pub const DERIVED: &[Derived] = &[$(Derived {
            name: $name,
            unit: $unit,
            oracle: Oracle::$oracle,
            meaning: $meaning,
            read: Read::$kind $read,
        }),*];
    };
}

derived! {
    // The case.
    Said Word "profile" "" (|h| h.limits.profile as u64, profile_name) "which sensors are fitted";
    Said Number "quantum_ug_per_h" "ug/h" (quantum) "one quantum of the pump's flow, of the drug in force";
    Said Number "flow_least_ul_per_h" "uL/h" (|h| h.limits.flow_least_ul_per_h) "least flow that the pump can deliver";
    Said Number "ceiling_ug_per_h" "ug/h" (|h| h.limits.ceiling_ug_per_day / 24.0) "the most that may be authorised at all";
    Said Number "open_line_ul" "uL" (|h| h.limits.open_line_ul) "the line outside the patient, which is primed";
    Said Number "stored_most_ug" "ug" (stored_most) "drug that the line stores before the pump gives way or is stopped";

    // What the controller does.
    Decided Truth "therapy" "" (|h| h.therapy.in_therapy()) "a mode in which a patient depends on the controller";
    Decided Truth "mode_infuses" "" (|h| matches!(h.therapy.mode, Mode::Active | Mode::Hold)) "a mode in which drug is meant to flow";
    Decided Truth "holds" "" (|h| h.therapy.holds()) "HOLD, or a mode that stands still as well: PAUSED, STOPPED, FALLBACK";
    Decided Truth "starts" "" (starts) "therapy begins in this record";
    Decided Truth "completes" "" (|h| h.therapy.mode == Mode::Complete && h.therapy.mode_before != Mode::Complete) "the wean ends in this record";
    Decided Truth "step" "" (|h| h.therapy.step) "the plan goes down a rung in this record, by itself";
    Decided Number "step_ug_per_h" "ug/h" (|h| if h.therapy.step { h.therapy.plan_before - h.therapy.plan } else { 0.0 }) "how far the rung of this record goes";
    Decided Number "response_allows_ug_per_h" "ug/h" (response_allows) "how far the worse of the two latest valid sheets lets a rung of this record go";
    Decided Truth "after_skip" "" (|h| h.people.after_skip) "a rung is taken in this record, and the one before it was to be left out";
    Decided Truth "plan_rises" "" (|h| h.therapy.plan > h.therapy.plan_before + quantum(h) && !h.exchange.restarted) "the plan rises by more than a quantum; to come back after a restart is no rise";
    Decided Truth "plan_moves" "" (|h| h.therapy.plan_moves() && !h.exchange.restarted) "the plan is another one than in the record before; to go down, and to come back after a restart, is no move";
    Decided Truth "sends_infusion" "" (|h| infused(h.therapy.command).is_some()) "a command to infuse leaves in this record";
    Decided Truth "sends_stop" "" (|h| matches!(h.therapy.command, Some(Action::Stop { .. }))) "a command to stop leaves in this record";
    Decided Truth "told_to_infuse" "" (|h| infused(h.therapy.sent).is_some()) "the last command was to infuse";
    Decided Truth "resumes" "" (|h| h.therapy.resumes) "infusion is commanded after nothing was infused";
    Decided Truth "rate_moves" "" (rate_moves) "an infusion is commanded at a rate more than a quantum from the last, or none in its place";
    Decided Number "commanded_ug_per_h" "ug/h" (|h| h.therapy.commanded()) "rate of the last command; 0 for a stop";
    Decided Number "commanded_ul_per_h" "uL/h" (commanded_flow) "the same as a flow of the drug it names";
    Decided Number "commanded_ug_per_ml" "ug/mL" (|h| drug_ug_per_ul(h.therapy.sent) * 1e3) "the drug that it names";
    Decided Number "off_plan_ug_per_h" "ug/h" (off_plan) "how far the commanded rate is from the plan and from the last rate, whichever is nearer";
    Decided Number "plan_high_24h_ug_per_h" "ug/h" (|h| h.therapy.plan_high()) "highest plan of the last 24 h";
    Decided Number "rounding_24h_ug" "ug" (|h| h.doses.rounding_24h.integral().abs()) "commanded less planned over the last 24 h of infusing, without its sign";
    Decided Number "infusing_24h_ug" "ug" (|h| h.doses.infusing_24h.integral()) "planned over the last 24 h of infusing";
    Decided Number "stroke_ug" "ug" (|h| h.limits.stroke_ul * drug_in_force(h)) "drug in one stroke of the pump";
    Decided Number "stroke_gap_min" "min" (stroke_gap_min) "time between two strokes at the commanded rate; 0 while nothing is commanded";
    Decided Number "session_h" "h" (|h| past(h, h.therapy.therapy_from)) "since therapy began";
    Decided Number "post_min" "min" (|h| 60.0 * past(h, h.therapy.post_from)) "for how long the self-test has run";
    Decided Number "idle_min" "min" (|h| 60.0 * past(h, h.therapy.idle_from)) "for how long the controller has been idle";
    Decided Number "since_step_h" "h" (since_step) "since the rung before; at a rung, since the one before that";
    Decided Number "since_interruption_h" "h" (|h| super::since_h(h.now, h.therapy.interrupted_at)) "since nothing was infused in a therapy";
    Decided Number "since_restart_h" "h" (|h| super::since_h(h.now, h.therapy.restarted_at)) "since a start that people authorised after a gap";
    Decided Number "gap_h" "h" (|h| past(h, h.therapy.gap_before)) "for how long nothing has been infused, until this record";
    Decided Number "gap_dose_ug_per_h" "ug/h" (gap_dose) "the most that may be given after this gap";
    Decided Number "asked_dose_ug_per_h" "ug/h" (|h| h.therapy.asked) "the dose that people are asked to authorise, as a rate; 0 for none";
    Decided Truth "refuses_rung" "" (|h| h.therapy.refuses_rung) "a rung is refused as less than the pump can deliver";
    Decided Number "clear_for_h" "h" (|h| past(h, h.therapy.clear_from)) "for how long nothing has spoken against a rung";
    Decided Number "starts_10min" "" (|h| f64::from(h.therapy.starts_10min(h.now))) "how often infusion has come back within 10 min";

    // What was ordered.
    Said Number "since_authorised_min" "min" (|h| 60.0 * h.people.authorised_h(h.now)) "since two users agreed on a dose";
    Said Number "pair_age_min" "min" (|h| 60.0 * h.people.pair_age_h) "how old the first word was when the second user agreed";
    Said Truth "authorised_in_gap" "" (|h| h.people.authorised_since(h.therapy.gap_before)) "two users have agreed on a dose since nothing is infused";
    Said Truth "authorised_now" "" (|h| h.people.authorised_h(h.now) <= 0.0) "two users agree on a dose at this moment";
    Said Number "dose_limit_ug_per_h" "ug/h" (|h| h.people.limit) "the rate that may not be exceeded: authorised, then the rung in force";
    Said Number "agreed_ug_per_ml" "ug/mL" (|h| h.people.drug_ug_per_ml) "the drug in the reservoir, as two users agreed";
    Said Number "one_drug_h" "h" (|h| super::since_h(h.now, h.front.mixed_at)) "since there were two drugs in the line, by the volume commanded";
    Said Number "front_left_ul" "uL" (|h| h.front.left_ul()) "volume still to be commanded until the last drug of the line is at the tip; 0 with one drug";
    Said Truth "confirms" "" (|h| h.people.confirms) "somebody confirms that the wean is over";
    Said Truth "orders_resume" "" (|h| h.people.resumes) "somebody orders to go on";
    Said Truth "orders_stop" "" (|h| h.people.stops) "somebody orders to stop";
    Said Truth "stop_ordered" "" (|h| h.people.stopped || h.people.paused) "somebody has stopped or paused, or the controller has restarted in a stop, and nobody has gone on since";
    Said Truth "asks_above_ceiling" "" (|h| h.people.above_ceiling()) "somebody asks for more than the ceiling";
    Said Truth "stop_is_founded" "" (stop_founded) "the cause that the stop names stands: an alarm, or somebody's order";
    Said Truth "line_open" "" (|h| h.people.line_open) "the far end of the line is declared open";
    Said Truth "unprimed_entered" "" (|h| h.people.unprimed_entered) "the volume without drug has been entered";
    Said Number "held_to_run_s" "s" (|h| 3_600.0 * super::since_h(h.now, h.people.held_to_run_at)) "since somebody held the prime button";
    Said Truth "drug_is_agreed" "" (drug_is_agreed) "the drug that the last command names is one that two users agreed on";
    Said Truth "drug_is_at_tip" "" (|h| h.front.allows(h.therapy.command)) "the drug that a command names leaves the tip, by the volume commanded since it was filled";
    Said Number "waits_for_start_min" "min" (|h| 60.0 * h.people.waits_h(h.now)) "for how long a dose has been authorised and nothing started";
    Said Number "dwell_h" "h" (|h| past(h, h.people.connected_at)) "for how long the catheter has been in use outside";
    Said Truth "bad_value" "" (|h| h.people.bad) "a number came in that is not finite, negative or out of range";
    Said Truth "bad_value_alone" "" (|h| h.people.bad_alone) "and nothing else came that could move the dose";

    // What was seen.
    Said Number "assessment_age_h" "h" (|h| h.sheets.valid_h(h.now)) "since the latest valid assessment";
    Said Number "unseen_h" "h" (unseen) "since the latest valid assessment, or since therapy began without any; 0 outside therapy";
    Said Number "withdrawal_signs" "" (|h| f64::from(h.sheets.withdrawal_signs)) "signs of withdrawal on the latest valid assessment, of five";
    Said Truth "withdrawal_stands" "" (|h| h.sheets.withdrawal) "two of them, or a person's word";
    Said Number "withdrawal_quiet_h" "h" (|h| h.sheets.quiet_h(h.now)) "since that last stood";
    Said Truth "overdose_first" "" (|h| h.sheets.overdose_first) "one assessment shows overdose, the one before did not";
    Said Truth "overdose_sure" "" (|h| h.sheets.overdose_sure || h.people.overdose_flag) "two in a row do, or a person's word";
    Said Truth "contradiction" "" (|h| h.sheets.contradicts) "tone is up and sedation deeper, against the medians before the wean";
    Said Truth "implausible" "" (|h| h.sheets.implausible) "something on the latest assessment cannot be read, or jumps";
    Said Truth "discrepancy" "" (|h| h.books.discrepant) "two weighings disagree with the books by more than scales and pump explain";
    Said Number "time_left_h" "h" (|h| h.books.time_left_h(&h.limits)) "until the reservoir is empty, at the flow in force, by the books";
    Said Number "outside_band_min" "min" (|h| 60.0 * h.doses.outside_h(h.now)) "for how long the pump has been too cold or too warm";
    Said Number "deficit_own_permille" "permille" (deficit_own_permille) "dose missing from the rolling plan, by commands and by what the pump says that it does";
    Said Number "planned_1h_ug" "ug" (|h| h.doses.planned_1h.integral()) "planned over the last hour";
    Decided Number "commanded_1h_ug" "ug" (|h| h.doses.commanded_1h.integral()) "commanded over the last hour";
    Said Number "asked_24h_ug" "ug" (|h| h.doses.asked_24h.integral()) "commanded over the last 24 h, while the pump says that it infuses";
    Decided Number "ledger_apart_ug" "ug" (|h| (h.doses.ledger.planned - h.doses.planned_24h.integral()).abs()) "how far the controller's planned dose of 24 h is from that of its decisions";
    Said Number "off_band_ug" "ug" (|h| h.doses.off_band.integral()) "what the declared error of a pump that is too cold or too warm comes to over the last 24 h less 20 min";
    Decided Number "ledger_lacks_ug" "ug" (|h| h.doses.least_24h.integral() - h.doses.ledger.given_high) "how much less the controller believes to have given at most over 24 h than was commanded, or than the pump was set to if that is less";
    Decided Number "ledger_adds_ug" "ug" (|h| h.doses.ledger.given_low - h.doses.most_24h.integral()) "how much more the controller believes to have given at least over 24 h than was commanded, or than the pump was set to if that is more";
    Decided Number "deficit_hidden_permille" "permille" (|h| deficit_own_permille(h) - h.doses.ledger.deficit_permille) "how much more of the day's plan is missing than the controller says";
    Said Number "books_24h_ug" "ug" (|h| h.doses.planned_24h.integral()) "planned over the last 24 h of therapy, reckoned from the decisions";

    Said Truth "pressure_is_read" "" (|h| h.flow.pressure_is_read) "the pump says how great the pressure is";
    Said Truth "says_empty" "" (|h| h.therapy.dry) "the pump says that it has nothing to move";
    Said Number "says_battery_min" "min" (|h| h.books.battery_min()) "battery left, as the pump says";

    // What is.
    Truth Truth "pump_limited" "" (|h| h.doses.pump.limit > 0.0) "the pump has a dose limit of its own";
    Truth Number "pump_limit_ug_per_h" "ug/h" (|h| h.doses.pump.limit) "that limit";
    Truth Number "set_ug_per_h" "ug/h" (|h| h.doses.pump.set) "what the pump is set to, of the drug that it was told of";
    Truth Number "tip_ug_per_h" "ug/h" (|h| h.doses.pump.tip) "drug out of the tip";
    Truth Number "drug_astray_ug" "ug" (|h| h.doses.astray_ug) "the most drug so far that has appeared or vanished in the device";
    Truth Number "primed_ul" "uL" (|h| h.doses.pump.primed_ul) "fluid that has left the open line in primes";
    Truth Truth "clamped" "" (|h| h.doses.pump.clamped) "the clamp is closed";
    Said Number "weighable_ug" "ug" (weighable) "excess that a weighing is bound to show: four sigma of the scales or a fifth of the day's plan, and what the pump may err by in a day";
    Truth Number "excess_8h_ug" "ug" (|h| h.doses.reached_8h.integral() - h.doses.planned_8h.integral()) "delivered more than planned over the last 8 h, from one weighing to the next";
    Truth Number "excess_1h_ug" "ug" (|h| h.doses.reached_1h.integral() - h.doses.planned_1h.integral()) "delivered more than planned over the last hour";
    Truth Number "reached_24h_ug" "ug" (|h| h.doses.reached_24h.integral()) "delivered over the last 24 h";
    Truth Number "deficit_true_permille" "permille" (|h| 1e3 * h.doses.deficit(&h.doses.reached_24h, h.now, &h.therapy)) "dose missing from the rolling plan, in truth";
    Truth Number "fault_free_h" "h" (|h| h.doses.fault_free_h(h.now)) "since a fault last acted; 0 while one does";
    Truth Truth "no_fault_yet" "" (|h| h.doses.no_fault_yet() && !h.limits.unprimed) "no fault has acted so far";
    Truth Truth "line_blocked" "" (|h| h.doses.blocked) "the line on the patient lets nothing through";
    Truth Number "blocked_h" "h" (|h| h.doses.blocked_h(h.now)) "for how long";
    Truth Number "since_release_min" "min" (|h| 60.0 * h.doses.released_h(h.now)) "since it let through again";
    Truth Number "release_ug" "ug" (|h| h.doses.since_release_ug()) "delivered since then";
    Truth Truth "line_apart" "" (|h| h.doses.apart) "the line on the patient leaks or is apart";
    Truth Number "stalled_s" "s" (|h| h.flow.stalled_s(h.now)) "for how long a rotor that should turn has stood still";
    Truth Number "backwards_s" "s" (|h| h.flow.backwards_s(h.now)) "for how long fluid has run backwards out of the line, faster than 20 uL/h";
    Truth Number "unasked_s" "s" (|h| h.flow.unasked_s(h.now)) "for how long fluid has run out of a pump that should stand still, faster than 20 uL/h";
    Truth Number "air_ul" "uL" (|h| h.flow.air_ul) "air in the line";
    Truth Number "air_for_ug" "ug" (|h| h.flow.air_ul * drug_in_force(h)) "drug that it stands in the place of";
    Truth Number "csf_lost_1h_ml" "mL" (|h| h.doses.csf_1h.integral()) "CSF lost over the last hour";
    Truth Number "csf_lost_4h_ml" "mL" (|h| h.doses.csf_4h.integral()) "CSF lost over the last 4 h";

    // The panel.
    Decided Truth "urgent_alarm" "" (|h| h.panel.blocks()) "an alarm of medium or high priority stands, AL-15 and AL-40 apart";
    Decided Truth "stop_alarm" "" (stop_alarm) "an alarm of the STOP set stands in a therapy";
    Decided Truth "new_alarm" "" (|h| !h.panel.new.is_empty()) "an alarm begins to stand";
    Decided Truth "audio_paused" "" (|h| h.panel.now.audio_paused) "the sound is off";
    Decided Number "audio_paused_s" "s" (|h| 3_600.0 * h.panel.paused_h(h.now)) "for how long";
    Decided Number "active_alarms" "" (|h| h.panel.now.active.iter().count() as f64) "alarms that are signalled";
    Decided Number "unsignalled_alarms" "" (|h| f64::from(h.panel.unsignalled())) "alarms whose cause is there and that are not signalled";
    Decided Number "lost_alarms" "" (|h| f64::from(h.panel.lost)) "alarms that went although their cause stands";
    Decided Number "unlatched_alarms" "" (|h| f64::from(h.panel.unlatched)) "latching alarms that went before they were both seen and gone";
    Decided Number "unasked_acknowledgements" "" (|h| f64::from(h.panel.acknowledged_unasked)) "alarms that count as seen and that nobody acknowledged";
    Decided Number "stale_acknowledgements" "" (|h| f64::from(h.panel.acknowledged_before)) "alarms that have become more urgent in this record, and still count as seen";
    Decided Number "unseen_medium_min" "min" (|h| 60.0 * h.panel.unseen_h(h.now)) "for how long a medium alarm has stood unseen without having been raised";
    Decided Number "unheard_min" "min" (|h| 60.0 * h.panel.unheard_h(h.now)) "for how long an alarm that nobody has seen has not been heard";
    Said Number "presses_1h" "" (|h| h.panel.presses() as f64) "orders to pause, to stop, to go on or to give a dose within an hour, at a change of the panel";
    Decided Number "alarm_toggles_1h" "" (|h| f64::from(h.panel.toggles)) "most changes of one alarm within an hour, at a change; what latches and goes because somebody has seen it is none";
    Decided Number "false_alarms_24h" "" (|h| f64::from(h.panel.false_24h(h.now))) "urgent alarms with nothing behind them over the last 24 h, in a run without faults";

    // Link and computer.
    Decided Truth "runs" "" (|h| h.exchange.runs) "somebody calls the controller";
    Decided Number "unanswered_s" "s" (|h| h.exchange.unanswered_s(h.now)) "for how long the newest command has not been read back";
    Decided Number "repeats" "" (|h| f64::from(h.exchange.repeats)) "how often it was sent again";
    Decided Truth "sends_new_infusion" "" (|h| h.exchange.sends_new_infusion) "a command to infuse leaves under a number of its own";
    Said Number "link_silent_s" "s" (|h| h.exchange.silent_s(h.now)) "age of the newest report that the controller has";
    Said Number "report_ahead_s" "s" (|h| h.exchange.ahead_s) "how far that report lies in the future";
    Said Number "other_program_s" "s" (|h| h.exchange.other_program_s(h.now)) "for how long the pump has read back what nobody told it";
    Said Number "refused_frames_10min" "" (|h| h.exchange.refused_10min()) "frames that either end has refused over the last 10 min, as far as the controller was told";
    Said Truth "refuses_frame" "" (|h| h.exchange.refuses) "such a frame in this record";
    Decided Number "reconciling_s" "s" (|h| h.exchange.reconciling_s(h.now)) "for how long a controller in FALLBACK has heard the pump";
    Said Number "computer_silent_s" "s" (|h| h.exchange.computer_silent_s(h.now)) "for how long nobody has called the controller";
    Said Truth "restarted" "" (|h| h.exchange.restarted) "the controller is back after a restart, its self-test over, in this record";
    Decided Truth "comes_back" "" (|h| h.exchange.comes_back) "the plan after that is the last one before it, or the one before that, or one rung below, or what was authorised just then";
    Said Truth "clock_off" "" (|h| h.exchange.clock_off) "a clock stands off, the wall's or the pump's: by a step of 5 s, or by 60 s since the beginning";
    Said Truth "memory_damaged" "" (|h| h.exchange.platform.is_some_and(|it| it.host.memory != Memory::Sound)) "the computer says that what is stored is damaged, lost or cannot be written";
    Said Truth "log_works" "" (|h| h.exchange.platform.is_none_or(|it| it.host.log_works)) "the log can be written and read back";
    Truth Number "log_lag_s" "s" (|h| h.exchange.platform.map_or(0.0, |it| it.log_lag_s)) "for how long the oldest thing has waited for the log";
    Said Truth "record_agrees" "" (|h| h.exchange.record_agrees()) "what is loaded is what the sealed record of the session says";
    Said Number "missed_deadlines" "" (|h| h.exchange.platform.map_or(0.0, |it| f64::from(it.host.missed_deadlines))) "how often in a row the controller was called too late";
    Truth Number "overdue_s" "s" (|h| h.exchange.platform.map_or(0.0, |it| it.overdue_s)) "for how long the controller should have been called";
    Said Truth "self_test_passed" "" (|h| h.exchange.platform.is_none_or(|it| it.host.self_test_passed)) "the platform has passed its self-test";
    Truth Number "applied_commands" "" (|h| h.exchange.platform.map_or(0.0, |it| f64::from(it.applied))) "commands that the pump has applied";
    Truth Number "applied_twice" "" (|h| h.exchange.platform.map_or(0.0, |it| f64::from(it.applied_twice))) "of those, the ones that it had applied before";
    Truth Number "sequences_back" "" (|h| f64::from(h.exchange.sequences_back)) "how often the pump has taken a command that is older than its last";
    Truth Truth "own_program" "" (|h| h.doses.pump.own_program) "the pump runs a program that nobody told it";
    Truth Truth "key_stolen" "" (|h| h.exchange.key_stolen) "somebody else has had the key of this session";
    Truth Truth "foreign_command" "" (|h| h.exchange.foreign) "the pump's last command is none that the controller sent";
    Truth Truth "pump_powered" "" (|h| h.flow.powered) "the pump has power";
    Truth Truth "pump_alarms" "" (|h| h.exchange.pump_alarms) "the pump's own alarm sounds: nobody speaks to it (AL-34)";
    Truth Truth "flooded" "" (|h| h.exchange.platform.is_some_and(|it| it.rubbish_per_s > 0)) "frames come that neither of the two has sent";
    Truth Number "logged" "" (|h| h.exchange.platform.map_or(0.0, |it| f64::from(it.logged))) "entries in the log";
    Said Truth "on_mains" "" (|h| h.exchange.on_mains) "the computer runs on mains";
    Truth Truth "lease_ended" "" (|h| h.exchange.lease_ended) "nobody has spoken to the pump for as long as its lease";
    Truth Number "holds_apart_ug_per_h" "ug/h" (|h| h.exchange.holds_apart) "on an ended lease, how far the pump's rate is from the one it was told";
    Truth Number "set_24h_ug" "ug" (|h| h.exchange.set_24h.integral()) "what the pump was set to over the last 24 h of therapy";
    Truth Number "supply_moved_ug_per_h" "ug/h" (|h| h.exchange.supply_moved(h.now)) "how far the set rate has moved within a minute of a change of supply";
}

const PROFILES: [&str; 3] = ["P0", "P1", "P2"];

fn profile_name(code: u64) -> &'static str {
    let place = usize::try_from(code).unwrap_or(usize::MAX);
    PROFILES.get(place).copied().unwrap_or("?")
}

/// Since a moment; 0 when it has not come.
fn past(h: &History, since: Option<SimTime>) -> f64 {
    since.map_or(0.0, |since| h.now.hours_since(since))
}

fn drug_in_force(h: &History) -> f64 {
    h.therapy.drug_ug_per_ul(&h.limits)
}

fn quantum(h: &History) -> f64 {
    h.limits.flow_quantum_ul_per_h * drug_in_force(h)
}

fn stored_most(h: &History) -> f64 {
    let volume_ul = h.limits.compliance_ul_per_mmhg * h.limits.pressure_most_mmhg;
    volume_ul * h.people.drug_ug_per_ml / 1e3
}

fn starts(h: &History) -> bool {
    h.therapy.in_therapy() && !h.therapy.mode_before.is_therapy()
}

fn rate_moves(h: &History) -> bool {
    let moved = match (infused(h.therapy.sent), infused(h.therapy.sent_before)) {
        // Of another drug the same rate is rounded to another grid.
        (Some(rate), Some(before)) => (rate - before).abs() > quantum(h),
        (rate, before) => rate.is_some() != before.is_some(),
    };
    h.therapy.command.is_some() && moved
}

fn commanded_flow(h: &History) -> f64 {
    let drug = drug_ug_per_ul(h.therapy.sent);
    if drug > 0.0 {
        h.therapy.commanded() / drug
    } else {
        0.0
    }
}

fn off_plan(h: &History) -> f64 {
    let Some(rate) = infused(h.therapy.command) else {
        return 0.0;
    };
    let from_last = (rate - h.therapy.last_rate).abs();
    (rate - h.therapy.plan).abs().min(from_last)
}

fn stroke_gap_min(h: &History) -> f64 {
    let flow = commanded_flow(h);
    if flow > 0.0 {
        60.0 * h.limits.stroke_ul / flow
    } else {
        0.0
    }
}

fn since_step(h: &History) -> f64 {
    let last = if h.therapy.step {
        h.therapy.step_before
    } else {
        h.therapy.stepped_at
    };
    super::since_h(h.now, last)
}

/// Half the plan before the gap, a quarter after a long one, and never below the pump's floor.
fn gap_dose(h: &History) -> f64 {
    const LONG_H: f64 = 48.0;
    let share = if past(h, h.therapy.gap_before) > LONG_H {
        0.25
    } else {
        0.5
    };
    let floor = h.limits.flow_least_ul_per_h * drug_in_force(h);
    (share * h.therapy.plan_before_gap).max(floor)
}

/// As a share of the rung in force, or of the highest plan there has been.
fn response_allows(h: &History) -> f64 {
    h.limits.schedule.map_or(0.0, |schedule| {
        let basis = match schedule.basis {
            Basis::Current => h.therapy.plan_before,
            Basis::Initial => h.therapy.plan_most,
        };
        basis * f64::from(h.sheets.allows_permille(&schedule)) / 1e3
    })
}

fn deficit_own_permille(h: &History) -> f64 {
    1e3 * h.doses.deficit(&h.doses.asked_24h, h.now, &h.therapy)
}

fn weighable(h: &History) -> f64 {
    let day_ug = 24.0 * h.therapy.plan_high();
    weighable_ug(&h.limits, day_ug, h.therapy.drug_ug_per_ul(&h.limits))
}

fn unseen(h: &History) -> f64 {
    if h.therapy.in_therapy() {
        h.sheets.age_h(h.now, &h.therapy).min(NEVER_H)
    } else {
        0.0
    }
}

fn drug_is_agreed(h: &History) -> bool {
    let named = drug_ug_per_ul(h.therapy.sent) * 1e3;
    h.people
        .agreed_drugs
        .iter()
        .any(|drug| (drug - named).abs() < 1e-6)
}

fn stop_alarm(h: &History) -> bool {
    let stopping = h
        .panel
        .now
        .active
        .intersection(infusion_types::AlarmSet::STOPPING);
    h.therapy.in_therapy() && !stopping.is_empty()
}

/// After so long without infusion people decide, h (SR-15).
const GAP_MOST_H: f64 = 12.0;

/// Whether what a stop names as its cause is there (SR-12).
fn stop_founded(h: &History) -> bool {
    use infusion_types::{Alarm, StopCause};
    let Some(Action::Stop { cause, .. }) = h.therapy.command else {
        return true;
    };
    match cause {
        // A pump that stands still after a restart does not say by which of the two orders.
        // Nor does one that ran dry for long go on before somebody has decided.
        StopCause::Ordered => {
            let gap = h.therapy.gap_before;
            let waits = past(h, gap) > GAP_MOST_H && !h.people.authorised_since(gap);
            h.people.stopped || h.people.paused || waits
        }
        StopCause::Paused => h.people.paused,
        StopCause::Weaned => h.therapy.mode == Mode::Complete,
        StopCause::Primed => !h.therapy.in_therapy(),
        StopCause::Air => h.panel.now.active.contains(Alarm::AirInLine),
        StopCause::OverDelivery
        | StopCause::FreeFlow
        | StopCause::ReverseFlow
        | StopCause::OverdoseSigns
        | StopCause::OcclusionDownstream
        | StopCause::OcclusionUpstream
        | StopCause::Disconnected
        | StopCause::ConcentrationMismatch
        | StopCause::CsfOverdrainage => {
            let mut active = h.panel.now.active.iter();
            active.any(|alarm| alarm.stops() == Some(cause))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::ProfileName;

    #[test]
    fn the_words_for_profiles_follow_their_enum() {
        for (code, profile) in [ProfileName::P0, ProfileName::P1, ProfileName::P2]
            .into_iter()
            .enumerate()
        {
            assert_eq!(profile as u64, code as u64);
            assert_eq!(profile_name(code as u64), format!("{profile:?}"));
        }
    }
}
