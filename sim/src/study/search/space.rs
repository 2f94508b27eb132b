//! What a search may change of a scenario, and how: events, their numbers and times, the patient, the ward.
//!
//! Ranges are those that `list faults` tells. Defects of the controller's own are left out: whoever is looked for
//! is on the bench already. Whatever is made is a scenario or is refused by its check; nothing is repaired.

use std::ops::Range as Places;

use serde_json::{Map, Value, json};

use crate::catalogue::{FaultEntry, faults, wide};
use crate::draw::{Draws, Numbers, Purpose};
use crate::scenario::{
    Acts, Doing, Fault, FaultKind, OnePatient, Range, Scenario, Scripted, description,
};
use crate::study::orders;

/// Numbers of one candidate.
pub(super) struct Dice(Numbers);

impl Dice {
    /// Those of candidate number `run` under a seed.
    pub(super) fn new(seed: u64, run: u64) -> Self {
        Self(Draws::new(seed, run).at(Purpose::Search, "candidate", 0))
    }

    pub(super) fn uniform(&mut self) -> f64 {
        self.0.uniform()
    }

    /// One of so many.
    pub(super) fn below(&mut self, count: usize) -> usize {
        let last = u64::try_from(count.max(1) - 1).unwrap_or(0);
        usize::try_from(self.0.within(0, last)).unwrap_or(0)
    }

    pub(super) fn happens(&mut self, permille: u32) -> bool {
        self.0.happens(permille)
    }

    /// From one to the other, every order of magnitude as likely.
    fn wide(&mut self, least: f64, most: f64) -> f64 {
        wide((least, most), self.uniform())
    }
}

/// Kinds of events: first those of faults, then those of orders.
pub(super) struct Space {
    kinds: Vec<&'static FaultEntry>,
    /// Minutes that a run lasts.
    lasts_min: u32,
}

/// Doses that are asked for, µg/day.
pub(super) const DOSE: (f64, f64) = (100.0, 1_600.0);
/// How often a nurse looks, min.
pub(super) const ROUNDS_MIN: (f64, f64) = (30.0, 720.0);

/// Kinds of orders.
const ORDERS: usize = orders::DONE.len();
/// Faults and orders that a candidate has at most.
pub(super) const EVENTS_MOST: usize = 6;

impl Space {
    pub(super) fn new(base: &Scenario) -> Self {
        let fits = |entry: &&FaultEntry| {
            entry.example.acts() != Acts::Defect && entry.example.fits(base.profile)
        };
        Self {
            kinds: faults().iter().filter(fits).collect(),
            lasts_min: base.run_max_h.saturating_mul(60).max(2),
        }
    }

    /// How many kinds of events there are.
    pub(super) fn kinds(&self) -> usize {
        self.kinds.len() + ORDERS
    }

    /// A kind, each as likely.
    pub(super) fn any_kind(&self, dice: &mut Dice) -> usize {
        dice.below(self.kinds())
    }

    /// The kinds of faults, or those of orders. People act more often than things break, and ten times as many kinds
    /// of things can.
    pub(super) fn faults_or_orders(&self, dice: &mut Dice) -> Places<usize> {
        if dice.happens(300) {
            self.kinds.len()..self.kinds()
        } else {
            0..self.kinds.len()
        }
    }

    /// Minutes that a run lasts.
    pub(super) const fn lasts_min(&self) -> u32 {
        self.lasts_min
    }

    /// The kinds of a scenario's events, by their places, each as often as it comes.
    pub(super) fn kinds_of(&self, it: &Scenario) -> Vec<usize> {
        let place = |fault: &Fault| {
            let name = &description(&fault.what).0.name;
            self.kinds.iter().position(|entry| entry.name() == name)
        };
        let orders = it.orders.iter();
        let orders = orders.filter_map(|order| Some(self.kinds.len() + order_kind(&order.what)?));
        it.faults.iter().filter_map(place).chain(orders).collect()
    }

    pub(super) fn any_minute(&self, dice: &mut Dice) -> u32 {
        (dice.uniform() * f64::from(self.lasts_min)) as u32
    }

    /// The minute of one of the events, or any where there is none.
    pub(super) fn minute_of_one(&self, it: &Scenario, dice: &mut Dice) -> u32 {
        let faults = it.faults.iter().map(|fault| fault.from_min);
        let orders = it.orders.iter().map(|order| order.at_min);
        let minutes: Vec<u32> = faults.chain(orders).collect();
        match minutes.get(dice.below(minutes.len())) {
            Some(minute) => *minute,
            None => self.any_minute(dice),
        }
    }

    fn any_length(&self, dice: &mut Dice) -> Option<u32> {
        let stays = dice.happens(300);
        let lasts = dice.wide(1.0, f64::from(self.lasts_min)) as u32;
        (!stays).then_some(lasts.max(1))
    }

    /// Adds an event of a kind at a minute.
    pub(super) fn add(&self, it: &mut Scenario, (kind, minute): (usize, u32), dice: &mut Dice) {
        let Some(entry) = self.kinds.get(kind) else {
            let dose = it.patient.and_then(|one| one.start_dose_ug_per_day);
            let what = orders::done(kind - self.kinds.len(), dose, || dice.uniform());
            it.orders.push(Scripted {
                at_min: minute,
                what,
            });
            return;
        };
        let what = entry.drawn(|| dice.uniform());
        let start = what.only_at_start();
        let from_min = if start { 0 } else { minute };
        let lasts = self.any_length(dice).filter(|_| !what.is_built_in());
        it.faults.push(Fault {
            id: free_id(it),
            from_min,
            until_min: lasts.map(|lasts| from_min + lasts),
            what,
        });
    }

    /// Adds an event of a kind at about a minute; a fault mostly covers it.
    pub(super) fn beside(&self, it: &mut Scenario, (kind, about): (usize, u32), dice: &mut Dice) {
        let off = dice.wide(1.0, 240.0) as u32;
        let is_fault = kind < self.kinds.len();
        let before = dice.happens(if is_fault { 750 } else { 500 });
        let minute = if before {
            about.saturating_sub(off)
        } else {
            about + off
        };
        self.add(it, (kind, minute), dice);
        if let Some(fault) = it.faults.last_mut().filter(|_| is_fault && before)
            && let Some(until) = &mut fault.until_min
        {
            *until = (*until).max(about + 1 + dice.wide(1.0, 60.0) as u32);
        }
    }

    /// A scenario that knows nothing of any other: one to three events, sometimes another patient or ward.
    pub(super) fn fresh(&self, base: &Scenario, dice: &mut Dice) -> Scenario {
        let mut it = base.clone();
        for _ in 0..=dice.below(3) {
            let kind = self.any_kind(dice);
            let minute = self.any_minute(dice);
            self.add(&mut it, (kind, minute), dice);
        }
        if dice.happens(300) {
            patient(&mut it, dice);
        }
        if dice.happens(100) {
            ward(&mut it, dice);
        }
        it
    }
}

/// None for what is no search's own idea.
fn order_kind(what: &Doing) -> Option<usize> {
    let name = orders::name(what);
    orders::DONE.iter().position(|known| *known == name)
}

fn free_id(it: &Scenario) -> String {
    let taken = |id: &String| it.faults.iter().any(|fault| fault.id == *id);
    let names = (1..).map(|number| format!("f{number}"));
    let free = names.into_iter().find(|id| !taken(id));
    free.unwrap_or_else(|| "f".to_owned())
}

/// Another patient of the population, or another dose.
pub(super) fn patient(it: &mut Scenario, dice: &mut Dice) {
    let one = it.patient.unwrap_or_default();
    it.patient = Some(if dice.happens(500) {
        OnePatient {
            number: Some(1 + dice.below(1_000) as u64),
            ..one
        }
    } else {
        OnePatient {
            start_dose_ug_per_day: Some(libm::round(dice.wide(DOSE.0, DOSE.1))),
            ..one
        }
    });
}

/// Another rhythm of rounds.
pub(super) fn ward(it: &mut Scenario, dice: &mut Dice) {
    let people = &mut it.adjust.people;
    let every = toml::Value::Integer(30 + dice.below(690) as i64);
    people.insert("nurse.assess_every_min".to_owned(), every);
    let note = "assumption: as a search chose it".to_owned();
    it.sources.entry("adjust.people".to_owned()).or_insert(note);
}

/// The same events at other times, and about half of the numbers of faults drawn anew.
pub(super) fn scatter(
    it: &mut Scenario,
    mut minute: impl FnMut(&mut Dice) -> u32,
    dice: &mut Dice,
) {
    for place in 0..it.faults.len() + it.orders.len() {
        if dice.happens(600) {
            let minute = minute(dice);
            to_minute(it, place, minute, false);
        }
    }
    for fault in &mut it.faults {
        if dice.happens(500) {
            fault.what = tweaked(&fault.what, dice).unwrap_or(fault.what);
        }
    }
}

/// Moves a number of a fault or an order: a little, or anywhere in its range.
pub(super) fn tweak(it: &mut Scenario, dice: &mut Dice) {
    let events = it.faults.len() + it.orders.len();
    if events == 0 {
        return patient(it, dice);
    }
    let place = dice.below(events);
    if let Some(fault) = it.faults.get_mut(place) {
        fault.what = tweaked(&fault.what, dice).unwrap_or(fault.what);
    } else if let Some(order) = it.orders.get_mut(place - it.faults.len()) {
        if let Doing::Authorise { ug_per_day } = &mut order.what {
            ug_per_day.0 *= dice.wide(0.8, 1.25);
        } else {
            let lasts = dice.uniform() * 60.0 - 30.0;
            order.at_min = (f64::from(order.at_min) + lasts).max(0.0) as u32;
        }
    }
}

fn tweaked(what: &FaultKind, dice: &mut Dice) -> Option<FaultKind> {
    let (known, mut given) = description(what);
    if known.parameters.is_empty() {
        return None;
    }
    let parameter = &known.parameters[dice.below(known.parameters.len())];
    let value = given.get(&parameter.name).and_then(Value::as_f64);
    let new = match (&parameter.range, value) {
        (Range::Number { least, most, whole }, Some(value)) if dice.happens(600) => {
            // A little, by the measure of its range.
            let by = (dice.uniform() - 0.5) * 0.3;
            let moved = if *least > 0.0 && most / least > 100.0 {
                value * libm::pow(most / least, by)
            } else {
                value + (most - least) * by
            };
            number(moved.clamp(*least, *most), *whole)
        }
        _ => {
            let entry = faults().iter().find(|entry| entry.name() == known.name)?;
            let drawn = entry.drawn(|| dice.uniform());
            description(&drawn).1.get(&parameter.name)?.clone()
        }
    };
    given.insert(parameter.name.clone(), new);
    read(&known.name, given)
}

fn number(value: f64, whole: bool) -> Value {
    if whole {
        json!(libm::round(value) as i64)
    } else {
        json!(value)
    }
}

pub(super) fn read(kind: &str, given: Map<String, Value>) -> Option<FaultKind> {
    serde_json::from_value(json!({ kind: given })).ok()
}

/// Moves an event to a minute, or lets it last until then.
pub(super) fn to_minute(it: &mut Scenario, place: usize, minute: u32, ends: bool) {
    if let Some(fault) = it.faults.get_mut(place) {
        if fault.what.only_at_start() {
            return;
        }
        if ends && minute > fault.from_min {
            fault.until_min = Some(minute);
        } else {
            let lasts = fault.until_min.map(|until| until - fault.from_min);
            fault.from_min = minute;
            fault.until_min = lasts.map(|lasts| minute + lasts);
        }
    } else if let Some(order) = it.orders.get_mut(place - it.faults.len()) {
        order.at_min = minute;
    }
}

/// Takes an event away.
pub(super) fn remove(it: &mut Scenario, place: usize) {
    if place < it.faults.len() {
        it.faults.remove(place);
    } else if place - it.faults.len() < it.orders.len() {
        it.orders.remove(place - it.faults.len());
    }
}

/// Adds an event of another scenario, or one of its own once more, at a minute.
pub(super) fn graft(it: &mut Scenario, other: &Scenario, place: usize, minute: Option<u32>) {
    if let Some(fault) = other.faults.get(place) {
        let id = free_id(it);
        it.faults.push(Fault {
            id,
            ..fault.clone()
        });
        let last = it.faults.len() - 1;
        if let Some(minute) = minute {
            to_minute(it, last, minute, false);
        }
    } else if let Some(order) = other.orders.get(place - other.faults.len()) {
        let mut order = order.clone();
        order.at_min = minute.unwrap_or(order.at_min);
        it.orders.push(order);
    }
}
