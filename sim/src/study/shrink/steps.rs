//! What can be made simpler of a scenario: one list for each kind of step, the simplest candidate first.
//!
//! Each candidate is simpler than what it is made of by an order that has an end: fewer faults, orders and
//! adjustments; an earlier beginning; a shorter time; a rounder number; fewer values that were drawn.

use toml::Value;

use super::drawn::{DRAWN, MADE};
use super::probe::{Simpler, Tried};
use super::times::{all_earlier, cut, earlier, last_ones, rounder, shorter};
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

/// The order in which they are tried, what makes all others cheap first. Each is repeated until nothing of its
/// list fails any more.
pub(super) const STEPS: [Step; 14] = [
    cut,
    without_events,
    without_treatment,
    last_ones,
    fewer,
    all_earlier,
    without_adjustments,
    typical,
    certain,
    shorter,
    earlier,
    rounder,
    dose,
    cut,
];

/// Without any fault or order, where there are several.
fn without_events(now: &Now<'_>) -> Vec<Simpler> {
    let mut it = now.scenario.clone();
    let count = it.faults.len() + it.orders.len();
    it.faults.clear();
    it.orders.clear();
    let part = format!("{count} faults and orders");
    let one = (count > 1).then(|| Simpler::new(part, "left out", it));
    one.into_iter().collect()
}

/// Without a part of the faults and orders, without each.
fn fewer(now: &Now<'_>) -> Vec<Simpler> {
    let (faults, orders) = (now.scenario.faults.len(), now.scenario.orders.len());
    let count = faults + orders;
    let mut made = Vec::new();
    let mut size = if count > 1 { count / 2 } else { count };
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

pub(super) fn named(fault: &Fault) -> String {
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

/// The typical patient, with the usual dose or this one.
fn typical(now: &Now<'_>) -> Vec<Simpler> {
    let scenario = now.scenario;
    let one = scenario.patient.unwrap_or_default();
    let mut made = Vec::new();
    let without = |one: OnePatient| {
        let mut it = scenario.clone();
        it.adjust.patients.retain(|key, _| now.own.contains(key));
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
            without(nobody),
        ));
        if dosed != nobody {
            made.push(Simpler::new(
                "the patient",
                "typical, on this dose",
                without(dosed),
            ));
        }
    }
    if one.paradoxical == Some(true) {
        let mut it = scenario.clone();
        it.patient = Some(OnePatient {
            paradoxical: Some(false),
            ..one
        });
        made.push(Simpler::new("the patient", "never paradoxical", it));
    }
    made
}

/// Of the patient's own numbers halves and quarters are typical. Where they matter nothing makes these many candidates
/// cheap, so they come when all else is settled.
pub(super) fn typical_groups(now: &Now<'_>) -> Vec<Simpler> {
    let count = own_numbers(now).len();
    let sizes = [count / 2, count / 4].into_iter().filter(|size| *size > 1);
    sizes.flat_map(|size| typical_by(now, size)).collect()
}

/// Each of the patient's own numbers is typical.
pub(super) fn typical_each(now: &Now<'_>) -> Vec<Simpler> {
    typical_by(now, 1)
}

fn own_numbers<'s>(now: &Now<'s>) -> Vec<&'s String> {
    let ours = |key: &&String| !now.own.contains(*key);
    now.scenario.adjust.patients.keys().filter(ours).collect()
}

fn typical_by(now: &Now<'_>, size: usize) -> Vec<Simpler> {
    let keys = own_numbers(now);
    let made = keys.chunks(size).map(|some| {
        let part = match some {
            [one] => format!("the patient's {one}"),
            several => format!("{} of the patient's numbers", several.len()),
        };
        let mut it = now.scenario.clone();
        it.adjust.patients.retain(|key, _| !some.contains(&key));
        Simpler::new(part, "typical", it)
    });
    made.collect()
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

/// A rounder dose; none at all, where the patient is typical.
fn dose(now: &Now<'_>) -> Vec<Simpler> {
    let one = now.scenario.patient.unwrap_or_default();
    let Some(dose) = one.start_dose_ug_per_day else {
        return Vec::new();
    };
    let roundness = |dose: f64| {
        let fits = |grid: &f64| libm::fmod(dose, *grid) == 0.0;
        [100.0, 10.0, 1.0].iter().position(fits).unwrap_or(3)
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
    for grid in [100.0, 10.0, 1.0] {
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
