//! What can be made simpler of a scenario: one list for each kind of step, the simplest candidate first.
//!
//! Each candidate is simpler than what it is made of by an order that has an end: fewer faults, orders and
//! adjustments; an earlier beginning; a shorter time; a rounder number; fewer values that were drawn.

use toml::Value;

use super::drawn::{DRAWN, MADE};
use super::probe::{Simpler, Tried};
use crate::scenario::{Fault, OnePatient, ProfileName, Scenario};
use crate::study::variant::source;

/// What a list is made of.
pub(super) struct Now<'a> {
    /// The scenario as it stands.
    pub(super) scenario: &'a Scenario,
    /// What it has come to.
    pub(super) tried: &'a Tried,
    /// From a breach until it is final, hours.
    pub(super) horizon_h: f64,
    /// Adjustments of the scenario itself; all others came with shrinking.
    pub(super) own: &'a [String],
}

/// One kind of step.
pub(super) type Step = fn(&Now<'_>) -> Vec<Simpler>;

/// The order in which they are tried. Each is repeated until nothing of its list fails any more.
pub(super) const STEPS: [Step; 12] = [
    cut,
    fewer,
    without_treatment,
    without_adjustments,
    all_earlier,
    cut,
    typical,
    certain,
    shorter,
    earlier,
    rounder,
    dose,
];

/// Minutes that something can last, or begin at, when it is short.
const SHORT_MIN: [u32; 6] = [1, 5, 10, 15, 30, 60];
/// So much of a longer time, eighths.
const EIGHTHS: [u32; 5] = [1, 2, 4, 6, 7];

/// The run ends soon after the breach, and nobody looks on afterwards.
pub(super) fn cut(now: &Now<'_>) -> Vec<Simpler> {
    let scenario = now.scenario;
    let at_h = now.tried.breached_at_h.or(now.tried.worst_at_h);
    let Some(at_h) = at_h else {
        return Vec::new();
    };
    let least = libm::ceil((at_h + now.horizon_h).max(1.0)) as u32;
    let half = scenario.run_max_h.midpoint(least);
    let mut ends = vec![least, least + 1, least + 3, least + 12, half];
    ends.retain(|end| *end < scenario.run_max_h);
    if scenario.follow_up_h > 0 || scenario.follow_up_stop_h > 1 {
        ends.push(scenario.run_max_h);
    }
    let made = ends.into_iter().map(|end_h| {
        let mut it = scenario.clone();
        it.run_max_h = end_h;
        it.follow_up_h = 0;
        it.follow_up_stop_h = 1;
        let begins = |at_min: u32| at_min < end_h.saturating_mul(60);
        it.faults.retain(|fault| begins(fault.from_min));
        it.orders.retain(|order| begins(order.at_min));
        for fault in &mut it.faults {
            fault.until_min = fault.until_min.filter(|until| begins(*until));
        }
        Simpler::new("the end of the run", format!("at hour {end_h}"), it)
    });
    made.collect()
}

/// Without all faults and orders, without a part of them, without each.
fn fewer(now: &Now<'_>) -> Vec<Simpler> {
    let (faults, orders) = (now.scenario.faults.len(), now.scenario.orders.len());
    let count = faults + orders;
    let mut made = Vec::new();
    let mut size = count;
    while size > 0 {
        for from in (0..count).step_by(size) {
            let left_out = from..(from + size).min(count);
            let mut it = now.scenario.clone();
            let keeps = |place: usize| !left_out.contains(&place);
            let mut place = 0;
            it.faults.retain(|_| (keeps(place), place += 1).0);
            it.orders.retain(|_| (keeps(place), place += 1).0);
            let part = match (left_out.len(), left_out.start) {
                (1, place) if place < faults => named(&now.scenario.faults[place]),
                (1, place) => format!(
                    "the order at {} min",
                    now.scenario.orders[place - faults].at_min
                ),
                (several, _) => format!("{several} faults and orders"),
            };
            made.push(Simpler::new(part, "left out", it));
        }
        size /= 2;
    }
    made
}

fn named(fault: &Fault) -> String {
    format!("`{}`", fault.id)
}

/// Without tablets, without an adjunct.
fn without_treatment(now: &Now<'_>) -> Vec<Simpler> {
    let mut made = Vec::new();
    let arm = &now.scenario.arms[0];
    if arm.oral.is_some() {
        let mut it = now.scenario.clone();
        it.arms[0].oral = None;
        made.push(Simpler::new("the tablets", "left out", it));
    }
    if arm.adjunct.is_some() {
        let mut it = now.scenario.clone();
        it.arms[0].adjunct = None;
        made.push(Simpler::new("the adjunct", "left out", it));
    }
    made
}

/// Without what the file itself adjusts, one by one.
fn without_adjustments(now: &Now<'_>) -> Vec<Simpler> {
    let adjust = &now.scenario.adjust;
    let tables = [
        &adjust.protocol,
        &adjust.device,
        &adjust.patients,
        &adjust.people,
    ];
    let mut made = Vec::new();
    for (place, table) in tables.into_iter().enumerate() {
        for key in table.keys().filter(|key| now.own.contains(key)) {
            let mut it = now.scenario.clone();
            let adjust = &mut it.adjust;
            let table = match place {
                0 => &mut adjust.protocol,
                1 => &mut adjust.device,
                2 => &mut adjust.patients,
                _ => &mut adjust.people,
            };
            table.remove(key);
            made.push(Simpler::new(format!("`{key}`"), "as usual", it));
        }
    }
    made
}

/// Minutes before `from`, the fewest first: short ones, then parts of it in whole hours.
fn before(from: u32) -> Vec<u32> {
    let parts = EIGHTHS.map(|eighths| from / 8 * eighths / 60 * 60);
    let last = [from.saturating_sub(60), from.saturating_sub(10)];
    let round = |last: u32| last / 10 * 10;
    let mut all: Vec<u32> = parts
        .into_iter()
        .chain(SHORT_MIN)
        .chain(last.map(round))
        .chain([0])
        .filter(|at| *at < from)
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn moved(fault: &mut Fault, by: u32) {
    if !fault.what.only_at_start() {
        fault.from_min -= by;
        fault.until_min = fault.until_min.map(|until| until - by);
    }
}

/// Everything that happens begins earlier, in the same order.
fn all_earlier(now: &Now<'_>) -> Vec<Simpler> {
    let free = |fault: &&Fault| !fault.what.only_at_start();
    let faults = now.scenario.faults.iter().filter(free);
    let times = faults.map(|fault| fault.from_min);
    let times = times.chain(now.scenario.orders.iter().map(|order| order.at_min));
    let Some(first) = times.min() else {
        return Vec::new();
    };
    let made = before(first).into_iter().map(|at| {
        let mut it = now.scenario.clone();
        for fault in &mut it.faults {
            moved(fault, first - at);
        }
        for order in &mut it.orders {
            order.at_min -= first - at;
        }
        Simpler::new("the first event", format!("at {at} min"), it)
    });
    made.collect()
}

/// Each fault and order begins earlier by itself.
fn earlier(now: &Now<'_>) -> Vec<Simpler> {
    let mut made = Vec::new();
    for (place, fault) in now.scenario.faults.iter().enumerate() {
        if fault.what.only_at_start() {
            continue;
        }
        for at in before(fault.from_min) {
            let mut it = now.scenario.clone();
            moved(&mut it.faults[place], fault.from_min - at);
            let part = format!("the beginning of {}", named(fault));
            made.push(Simpler::new(part, format!("at {at} min"), it));
        }
    }
    for (place, order) in now.scenario.orders.iter().enumerate() {
        for at in before(order.at_min) {
            let mut it = now.scenario.clone();
            it.orders[place].at_min = at;
            let part = format!("the order at {} min", order.at_min);
            made.push(Simpler::new(part, format!("at {at} min"), it));
        }
    }
    made
}

/// Each fault lasts less long.
fn shorter(now: &Now<'_>) -> Vec<Simpler> {
    let mut made = Vec::new();
    for (place, fault) in now.scenario.faults.iter().enumerate() {
        let Some(until) = fault.until_min else {
            continue;
        };
        let lasts = until - fault.from_min;
        for minutes in before(lasts).into_iter().filter(|minutes| *minutes > 0) {
            let mut it = now.scenario.clone();
            it.faults[place].until_min = Some(fault.from_min + minutes);
            let part = format!("the length of {}", named(fault));
            made.push(Simpler::new(part, format!("{minutes} min"), it));
        }
    }
    made
}

/// The typical patient, with the usual dose or this one; then typical values, together and one by one.
fn typical(now: &Now<'_>) -> Vec<Simpler> {
    let scenario = now.scenario;
    let one = scenario.patient.unwrap_or_default();
    let mut made = Vec::new();
    let ours = |key: &&String| !now.own.contains(*key);
    let keys: Vec<&String> = scenario.adjust.patients.keys().filter(ours).collect();
    let without = |prefix: &str, one: OnePatient| {
        let mut it = scenario.clone();
        let gone = |key: &String| !now.own.contains(key) && key.starts_with(prefix);
        it.adjust.patients.retain(|key, _| !gone(key));
        it.patient = Some(one);
        it
    };
    if one.number.is_some() || one.as_written {
        let nobody = OnePatient::default();
        let dosed = OnePatient {
            start_dose_ug_per_day: one.start_dose_ug_per_day,
            ..nobody
        };
        made.push(Simpler::new(
            "the patient",
            "typical, as titrated",
            without("", nobody),
        ));
        if dosed != nobody {
            made.push(Simpler::new(
                "the patient",
                "typical, on this dose",
                without("", dosed),
            ));
        }
    }
    if one.paradoxical == Some(true) {
        let calm = OnePatient {
            paradoxical: Some(false),
            ..one
        };
        let it = without("nothing is called so", calm);
        made.push(Simpler::new("the patient", "never paradoxical", it));
    }
    if keys.len() > 1 {
        for group in ["", "kinetics.", "response."] {
            let count = keys.iter().filter(|key| key.starts_with(group)).count();
            if count > 1 {
                let part = format!("the patient's {group}*");
                made.push(Simpler::new(part, "typical", without(group, one)));
            }
        }
    }
    for key in keys {
        made.push(Simpler::new(
            format!("the patient's {key}"),
            "typical",
            without(key, one),
        ));
    }
    made
}

/// What the ward and the pump leave to chance, taken away.
fn certain(now: &Now<'_>) -> Vec<Simpler> {
    let chance: [(&str, Chance); 4] = [
        ("the pump's errors", sound_pump),
        ("the pump's wander", no_wander),
        ("the nurse's scatter", no_scatter),
        ("the nurse's lateness", no_lateness),
    ];
    let mut made = Vec::new();
    let mut all = now.scenario.clone();
    for (part, take) in chance {
        let mut it = now.scenario.clone();
        take(&mut it);
        take(&mut all);
        if it != *now.scenario {
            made.push(Simpler::new(part, "taken away", it));
        }
    }
    if made.len() > 1 {
        made.insert(
            0,
            Simpler::new("whatever is left to chance", "taken away", all),
        );
    }
    let one = now.scenario.patient.unwrap_or_default();
    if one.number.is_some() && one.as_written {
        let mut it = now.scenario.clone();
        it.patient = Some(OnePatient {
            number: None,
            ..one
        });
        made.push(Simpler::new(
            "the draws of this patient's ward",
            "those of any",
            it,
        ));
    }
    if now.scenario.seed != 1 {
        let mut it = now.scenario.clone();
        it.seed = 1;
        made.push(Simpler::new("the seed", "1", it));
    }
    made
}

type Chance = fn(&mut Scenario);

const NO_CHANCE: &str = "assumption: nothing is left to chance";

fn sound_pump(it: &mut Scenario) {
    let instruments = it.profile == ProfileName::P2;
    for key in MADE {
        let device = &mut it.adjust.device;
        let _ = match key {
            "spread.bias_sd" => device.insert(key.to_owned(), Value::Float(0.0)),
            "spread.flow_gain_error_most" | "spread.flow_offset_most_ul_per_h" if instruments => {
                device.insert(key.to_owned(), Value::Float(0.0))
            }
            _ => device.remove(key),
        };
    }
    let warmth = [
        ("spread.bias_per_c_below_37_least", -0.001_67),
        ("spread.bias_per_c_below_37_greatest", -0.001_67),
    ];
    for (key, value) in warmth {
        it.adjust.device.insert(key.to_owned(), Value::Float(value));
    }
    // Nothing that was drawn is left of it.
    let said = it.sources.get("adjust.device");
    if said.is_some_and(|said| said.starts_with(DRAWN)) {
        it.sources.remove("adjust.device");
    }
    source(it, "adjust.device", NO_CHANCE);
}

fn no_wander(it: &mut Scenario) {
    let key = "spread.drift_sd".to_owned();
    it.adjust.device.insert(key, Value::Float(0.0));
    source(it, "adjust.device", NO_CHANCE);
}

fn no_scatter(it: &mut Scenario) {
    for entry in [
        "spasticity",
        "spasms",
        "sedation",
        "breaths_per_min",
        "saturation_percent",
        "heart_rate_per_min",
        "systolic_mmhg",
        "temperature_c",
        "itch",
    ] {
        let key = format!("nurse.noise.{entry}");
        it.adjust.people.insert(key, Value::Float(0.0));
    }
    source(it, "adjust.people", NO_CHANCE);
}

fn no_lateness(it: &mut Scenario) {
    let key = "nurse.late_max_min".to_owned();
    it.adjust.people.insert(key, Value::Integer(0));
    source(it, "adjust.people", NO_CHANCE);
}

/// How round a time is.
fn roundness(minutes: u32) -> usize {
    let grids = [60, 30, 10, 5];
    let grid = grids.iter().position(|grid| minutes.is_multiple_of(*grid));
    grids.len() - grid.unwrap_or(grids.len())
}

/// Times that are rounder, the roundest first: just earlier and just later ones.
fn rounded(minutes: u32) -> Vec<u32> {
    let grids = [60, 30, 10, 5].into_iter();
    let both = grids.flat_map(|grid| [minutes / grid * grid, minutes.div_ceil(grid) * grid]);
    let mut all: Vec<u32> = both
        .filter(|it| roundness(*it) > roundness(minutes))
        .collect();
    all.dedup();
    all
}

/// Times that are rounder.
fn rounder(now: &Now<'_>) -> Vec<Simpler> {
    let mut made = Vec::new();
    for (place, fault) in now.scenario.faults.iter().enumerate() {
        for at in rounded(fault.from_min) {
            if fault.until_min.is_some_and(|until| until <= at) {
                continue;
            }
            let mut it = now.scenario.clone();
            it.faults[place].from_min = at;
            let part = format!("the beginning of {}", named(fault));
            made.push(Simpler::new(part, format!("at {at} min"), it));
        }
        let lasts = fault.until_min.map(|until| until - fault.from_min);
        for minutes in lasts.map_or_else(Vec::new, rounded) {
            let mut it = now.scenario.clone();
            it.faults[place].until_min = Some(fault.from_min + minutes);
            if minutes > 0 {
                let part = format!("the length of {}", named(fault));
                made.push(Simpler::new(part, format!("{minutes} min"), it));
            }
        }
    }
    for (place, order) in now.scenario.orders.iter().enumerate() {
        for at in rounded(order.at_min) {
            let mut it = now.scenario.clone();
            it.orders[place].at_min = at;
            let part = format!("the order at {} min", order.at_min);
            made.push(Simpler::new(part, format!("at {at} min"), it));
        }
    }
    made
}

/// A rounder dose; none at all, where the patient is typical.
fn dose(now: &Now<'_>) -> Vec<Simpler> {
    let one = now.scenario.patient.unwrap_or_default();
    let Some(dose) = one.start_dose_ug_per_day else {
        return Vec::new();
    };
    let roundness = |dose: f64| {
        let fits = |grid: &f64| libm::fmod(dose, *grid) == 0.0;
        [100.0, 50.0, 10.0, 1.0].iter().position(fits).unwrap_or(4)
    };
    let with = |dose: Option<f64>| {
        let mut it = now.scenario.clone();
        it.patient = Some(OnePatient {
            start_dose_ug_per_day: dose,
            ..one
        });
        it
    };
    let mut made = vec![Simpler::new("the dose", "as titrated", with(None))];
    for grid in [100.0, 50.0, 10.0, 1.0] {
        for near in [libm::floor(dose / grid), libm::ceil(dose / grid)] {
            let near = near * grid;
            if near > 0.0 && roundness(near) < roundness(dose) {
                let change = format!("{near} ug/day");
                made.push(Simpler::new("the dose", change, with(Some(near))));
            }
        }
    }
    made
}
