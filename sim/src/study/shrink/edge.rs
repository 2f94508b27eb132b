//! A fault's number on its way to the edge of what still fails.
//!
//! Numbers live on a grid of one or two digits, so that a way along it ends and what is left reads well. The
//! mild end is the one where the requirement holds; where both fail, the number does not matter.

use serde_json::{Map, Value, json};

use super::probe::{Came, Found, Probe, Refused, Simpler, Tried};
use crate::scenario::{FaultKind, Range, Scenario, description};

/// Points between two that are flown at once.
const BETWEEN: usize = 3;

/// One number of one fault.
pub(super) struct Number {
    fault: usize,
    id: String,
    kind: &'static str,
    name: &'static str,
    whole: bool,
    /// What it may be, in order.
    grid: Vec<f64>,
    value: f64,
}

/// Every number of every fault.
pub(super) fn numbers(scenario: &Scenario) -> Vec<Number> {
    let mut all = Vec::new();
    for (fault, it) in scenario.faults.iter().enumerate() {
        let (known, given) = description(&it.what);
        for parameter in &known.parameters {
            let Range::Number { least, most, whole } = parameter.range else {
                continue;
            };
            let value = given.get(&parameter.name).and_then(Value::as_f64);
            let Some(value) = value else { continue };
            all.push(Number {
                fault,
                id: it.id.clone(),
                kind: &known.name,
                name: &parameter.name,
                whole,
                grid: grid(least, most, whole),
                value,
            });
        }
    }
    all
}

/// Numbers of one digit over many orders of magnitude, of two over few, with both ends.
fn grid(least: f64, most: f64, whole: bool) -> Vec<f64> {
    let wide = |from: f64, to: f64| from > 0.0 && to / from > 1e3;
    let digits = if wide(least, most) { 9 } else { 90 };
    let mut all = vec![least, most];
    let mut positive = |from: f64, to: f64, sign: f64| {
        for exponent in -6..=12 {
            for step in 0..digits {
                let lead = f64::from(step + digits / 9) * 9.0 / f64::from(digits);
                // Through decimal digits, so that 3 tenths are 0.3.
                let text = format!("{lead:.1}e{exponent}");
                let Ok(value) = text.parse::<f64>() else {
                    continue;
                };
                if (from..=to).contains(&value) && (!whole || value.fract() == 0.0) {
                    all.push(sign * value);
                }
            }
        }
    };
    positive(least.max(0.0), most.max(0.0), 1.0);
    positive((-most).max(0.0), (-least).max(0.0), -1.0);
    if least <= 0.0 && 0.0 <= most {
        all.push(0.0);
    }
    all.sort_by(f64::total_cmp);
    all.dedup();
    all
}

impl Number {
    /// Which number of which fault it is.
    pub(super) fn part(&self) -> String {
        format!("`{}` of `{}`", self.name, self.id)
    }

    fn with(&self, scenario: &Scenario, value: f64) -> Option<Simpler> {
        let mut it = scenario.clone();
        let (_, mut given) = description(&it.faults.get(self.fault)?.what);
        let number = if self.whole {
            json!(value as i64)
        } else {
            json!(value)
        };
        given.insert(self.name.to_owned(), number);
        it.faults[self.fault].what = read(self.kind, given)?;
        Some(Simpler::new(self.part(), value.to_string(), it))
    }

    fn simpler(&self, scenario: &Scenario, places: &[usize]) -> Vec<Simpler> {
        let made = places
            .iter()
            .map(|place| self.with(scenario, self.grid[*place]));
        made.flatten().collect()
    }

    /// Where the value is, or would be, on the grid: the nearest place.
    fn place(&self) -> usize {
        let far = |place: &usize| (self.grid[*place] - self.value).abs();
        let places = 0..self.grid.len();
        places.min_by(|a, b| far(a).total_cmp(&far(b))).unwrap_or(0)
    }

    /// The number at the edge; none where it is there already.
    pub(super) fn settle(
        &self,
        probe: &mut Probe<'_>,
        scenario: &Scenario,
    ) -> (Option<(String, Found)>, Vec<Refused>) {
        let mut way = Way {
            number: self,
            probe,
            scenario,
            best: None,
            refused: Vec::new(),
        };
        way.go();
        (way.best, way.refused)
    }
}

/// A fault from its name and numbers.
fn read(kind: &str, given: Map<String, Value>) -> Option<FaultKind> {
    serde_json::from_value(json!({ kind: given })).ok()
}

struct Way<'w, 'p> {
    number: &'w Number,
    probe: &'w mut Probe<'p>,
    scenario: &'w Scenario,
    /// What was done to it, and what came of that.
    best: Option<(String, Found)>,
    refused: Vec<Refused>,
}

impl Way<'_, '_> {
    fn go(&mut self) {
        let last = self.number.grid.len() - 1;
        let mut at = self.number.place();
        if self.number.grid[at].to_bits() != self.number.value.to_bits() {
            // On to the grid first: the nearest, or one of its neighbours.
            let near = [at, at.saturating_sub(1), (at + 1).min(last)];
            match self.first(&near) {
                Some(place) => at = place,
                None => return,
            }
        }
        let ends = self.try_all(&[0, last]);
        let fails = |end: usize| {
            ends.get(end)
                .is_some_and(|it| it.as_ref().is_some_and(Tried::fails))
        };
        let mild = match (fails(0), fails(1)) {
            (false, true) => 0,
            (true, false) => last,
            (true, true) => {
                if at != 0 && at != last {
                    self.any_end(&ends);
                }
                return;
            }
            (false, false) => match self.milder_side(at) {
                Some(end) => end,
                None => return,
            },
        };
        if at != mild {
            self.towards(at, mild);
        }
    }

    /// Both ends fail: the one where it fails by less.
    fn any_end(&mut self, ends: &[Option<Tried>]) {
        let margin = |end: usize| {
            let tried = ends.get(end).and_then(Option::as_ref);
            tried.and_then(|it| it.normalised).unwrap_or(f64::MIN)
        };
        let last = self.number.grid.len() - 1;
        let end = if margin(1) > margin(0) { last } else { 0 };
        let _ = self.first(&[end]);
    }

    /// Both ends hold: to the side of the neighbour that fails by less, by the margin.
    fn milder_side(&mut self, at: usize) -> Option<usize> {
        let last = self.number.grid.len() - 1;
        let sides = [at.checked_sub(1)?, (at < last).then_some(at + 1)?];
        let tried = self.try_all(&sides);
        let margin = |side: usize| tried.get(side).and_then(|it| it.as_ref()?.normalised);
        match (margin(0), margin(1)) {
            (Some(below), Some(above)) if below > above => Some(0),
            (Some(_), Some(_)) => Some(last),
            _ => None,
        }
    }

    /// From a place that fails to the last on the way to `mild` that does.
    fn towards(&mut self, mut at: usize, mut mild: usize) {
        // The neighbour holds where it was settled before.
        let neighbour = if mild < at { at - 1 } else { at + 1 };
        match self.first(&[neighbour]) {
            Some(place) => at = place,
            None => return,
        }
        while at.abs_diff(mild) > 1 && !self.probe.is_spent() {
            let mut between: Vec<usize> = (1..=BETWEEN)
                .map(|part| part * at.abs_diff(mild) / (BETWEEN + 1))
                .filter(|step| *step > 0)
                .map(|step| if mild < at { mild + step } else { mild - step })
                .collect();
            between.dedup();
            if between.is_empty() {
                between.push(if mild < at { mild + 1 } else { mild - 1 });
            }
            match self.first(&between) {
                Some(place) => {
                    let milder = between.iter().take_while(|it| **it != place).last();
                    mild = milder.copied().unwrap_or(mild);
                    at = place;
                }
                None => mild = between.last().copied().unwrap_or(mild),
            }
        }
    }

    fn try_all(&mut self, places: &[usize]) -> Vec<Option<Tried>> {
        let made = self.number.simpler(self.scenario, places);
        let scenarios: Vec<Scenario> = made.into_iter().map(|it| it.scenario).collect();
        self.probe.all(&scenarios)
    }

    /// The first of these places that fails; it is the best so far.
    fn first(&mut self, places: &[usize]) -> Option<usize> {
        let made = self.number.simpler(self.scenario, places);
        let (found, refused) = self.probe.first(&made);
        let told = refused
            .into_iter()
            .filter(|it| it.tried.came != Came::Refused);
        self.refused.extend(told);
        let found = found?;
        let place = found.place;
        self.best = Some((made[place].change.clone(), found));
        Some(places[place])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::faults;

    #[test]
    fn a_grid_has_both_ends_and_reads_well() {
        let gains = grid(0.1, 10.0, false);
        assert_eq!((gains.first(), gains.last()), (Some(&0.1), Some(&10.0)));
        assert!(gains.contains(&1.3) && gains.contains(&0.31), "{gains:?}");
        let wide = grid(2.0, 1e12, false);
        assert!(wide.contains(&1e7) && wide.len() < 120, "{}", wide.len());
        let signed = grid(-86_400.0, 86_400.0, true);
        assert!(signed.contains(&0.0) && signed.contains(&-3_600.0));
        assert!(signed.iter().all(|value| value.fract() == 0.0));
        assert!(signed.is_sorted());
    }

    #[test]
    fn every_number_of_every_fault_can_be_put_on_its_grid() {
        let library = crate::config::Library::shipped("first", &[]).expect("it ships");
        let mut scenario = library.expect("it is good").scenario;
        for entry in faults() {
            scenario.faults[0].what = entry.example;
            for number in numbers(&scenario) {
                for value in [number.grid[0], number.grid[number.grid.len() / 2]] {
                    let made = number.with(&scenario, value).expect("a fault");
                    let again = &numbers(&made.scenario);
                    let same = again.iter().find(|it| it.name == number.name);
                    assert_eq!(same.map(|it| it.value), Some(value), "{}", entry.name());
                }
            }
        }
    }
}
