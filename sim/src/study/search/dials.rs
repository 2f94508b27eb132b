//! The numbers of one scenario that can be turned without another event: each between 0 and 1 of its range.
//!
//! When an event begins and how long it lasts, the numbers of a fault and of an order in the ranges that are
//! declared, the dose at the start, and the rhythm of the ward where a search has given it another. Words, yes and
//! no, and which events there are stay as they are.

use serde_json::{Value, json};

use super::space::{DOSE, ROUNDS_MIN, read};
use crate::scenario::{Doing, Range, RawNumber, Scenario, description};
use crate::study::orders::{DRUG, VOLUME_ML};

/// One number.
#[derive(Clone, Debug, PartialEq)]
enum What {
    /// The minute in which a fault begins; it lasts as long as before.
    Begins(usize),
    /// How many minutes a fault lasts.
    Lasts(usize),
    /// A number of a fault.
    Number(usize, String, bool),
    /// The minute of an order.
    Ordered(usize),
    /// The dose that an order authorises.
    Authorised(usize),
    /// The drug that is refilled.
    Drug(usize),
    /// How much is refilled.
    Volume(usize),
    /// The dose at the start.
    StartDose,
    /// How often the nurse looks.
    Rounds,
}

/// One number and its range.
#[derive(Clone, Debug, PartialEq)]
struct Dial {
    what: What,
    least: f64,
    most: f64,
    wide: bool,
}

impl Dial {
    fn share(&self, value: f64) -> f64 {
        let value = value.clamp(self.least, self.most);
        if self.wide {
            libm::log(value / self.least) / libm::log(self.most / self.least)
        } else {
            (value - self.least) / (self.most - self.least)
        }
    }

    fn value(&self, share: f64) -> f64 {
        let value = if self.wide {
            self.least * libm::pow(self.most / self.least, share)
        } else {
            self.least + (self.most - self.least) * share
        };
        value.clamp(self.least, self.most)
    }
}

/// All that can be turned of one scenario.
#[derive(Clone, Debug)]
pub(super) struct Dials {
    all: Vec<Dial>,
}

impl Dials {
    /// Those of a scenario that lasts so many minutes.
    pub(super) fn of(it: &Scenario, lasts_min: u32) -> Self {
        let lasts = f64::from(lasts_min);
        let mut all = Vec::new();
        let mut add = |what, (least, most), wide| {
            if most > least {
                all.push(Dial {
                    what,
                    least,
                    most,
                    wide,
                });
            }
        };
        for (place, fault) in it.faults.iter().enumerate() {
            if !fault.what.only_at_start() {
                add(What::Begins(place), (0.0, lasts), false);
            }
            if fault.until_min.is_some() {
                add(What::Lasts(place), (1.0, lasts), true);
            }
            let (known, given) = description(&fault.what);
            for parameter in &known.parameters {
                let is_number = given.get(&parameter.name).is_some_and(Value::is_number);
                if let Range::Number { least, most, whole } = parameter.range
                    && is_number
                {
                    // As wide as where they are drawn.
                    let wide = least > 0.0 && most / least > 100.0;
                    let what = What::Number(place, parameter.name.clone(), whole);
                    add(what, (least, most), wide);
                }
            }
        }
        for (place, order) in it.orders.iter().enumerate() {
            add(What::Ordered(place), (0.0, lasts), false);
            match order.what {
                Doing::Authorise { .. } => add(What::Authorised(place), DOSE, true),
                Doing::Refill { .. } => {
                    add(What::Drug(place), DRUG, true);
                    add(What::Volume(place), VOLUME_ML, false);
                }
                Doing::Pause
                | Doing::Resume
                | Doing::Stop
                | Doing::SkipDecrement
                | Doing::FlagWithdrawal
                | Doing::FlagOverdose
                | Doing::PauseAudio
                | Doing::ChangeBattery
                // What is entered beside everybody is a part of the structure.
                | Doing::Enter { .. } => {}
            }
        }
        if it
            .patient
            .is_some_and(|one| one.start_dose_ug_per_day.is_some())
        {
            add(What::StartDose, DOSE, true);
        }
        if rounds(it).is_some() {
            add(What::Rounds, ROUNDS_MIN, false);
        }
        Self { all }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// How they stand in a scenario.
    pub(super) fn read(&self, it: &Scenario) -> Vec<f64> {
        let shares = self
            .all
            .iter()
            .map(|dial| dial.share(value(&dial.what, it)));
        shares.collect()
    }

    /// The scenario with them turned. What lies outside of 0 to 1 is folded back.
    pub(super) fn turned(&self, it: &Scenario, point: &[f64]) -> Scenario {
        let mut it = it.clone();
        for (dial, share) in self.all.iter().zip(point) {
            turn(&dial.what, dial.value(folded(*share)), &mut it);
        }
        it
    }
}

/// A number outside of 0 to 1, as if there were mirrors at both ends.
fn folded(share: f64) -> f64 {
    let twice = libm::fmod(libm::fabs(share), 2.0);
    if twice > 1.0 { 2.0 - twice } else { twice }
}

const ROUNDS: &str = "nurse.assess_every_min";

fn rounds(it: &Scenario) -> Option<f64> {
    let given = it.adjust.people.get(ROUNDS)?;
    given.as_integer().map(|every| every as f64)
}

fn value(what: &What, it: &Scenario) -> f64 {
    match what {
        What::Begins(place) => f64::from(it.faults[*place].from_min),
        What::Lasts(place) => {
            let fault = &it.faults[*place];
            let until = fault.until_min.unwrap_or(fault.from_min);
            f64::from(until.saturating_sub(fault.from_min))
        }
        What::Number(place, name, _) => {
            let (_, given) = description(&it.faults[*place].what);
            given.get(name).and_then(Value::as_f64).unwrap_or(0.0)
        }
        What::Ordered(place) => f64::from(it.orders[*place].at_min),
        What::Authorised(place) => {
            if let Doing::Authorise { ug_per_day } = it.orders[*place].what {
                ug_per_day.0
            } else {
                0.0
            }
        }
        What::Drug(place) => {
            if let Doing::Refill { drug_ug_per_ml, .. } = it.orders[*place].what {
                f64::from(drug_ug_per_ml)
            } else {
                0.0
            }
        }
        What::Volume(place) => {
            if let Doing::Refill { volume_ml, .. } = it.orders[*place].what {
                volume_ml
            } else {
                0.0
            }
        }
        What::StartDose => {
            let one = it.patient.unwrap_or_default();
            one.start_dose_ug_per_day.unwrap_or(0.0)
        }
        What::Rounds => rounds(it).unwrap_or(0.0),
    }
}

fn turn(what: &What, value: f64, it: &mut Scenario) {
    let minutes = libm::round(value) as u32;
    match what {
        What::Begins(place) => {
            let fault = &mut it.faults[*place];
            let lasts = fault
                .until_min
                .map(|until| until.saturating_sub(fault.from_min));
            fault.from_min = minutes;
            fault.until_min = lasts.map(|lasts| minutes + lasts.max(1));
        }
        What::Lasts(place) => {
            let fault = &mut it.faults[*place];
            fault.until_min = Some(fault.from_min + minutes.max(1));
        }
        What::Number(place, name, whole) => {
            let fault = &mut it.faults[*place];
            let (known, mut given) = description(&fault.what);
            let new = if *whole {
                json!(libm::round(value) as i64)
            } else {
                json!(value)
            };
            given.insert(name.clone(), new);
            fault.what = read(&known.name, given).unwrap_or(fault.what);
        }
        What::Ordered(place) => it.orders[*place].at_min = minutes,
        What::Authorised(place) => {
            if let Doing::Authorise { ug_per_day } = &mut it.orders[*place].what {
                *ug_per_day = RawNumber(value);
            }
        }
        What::Drug(place) => {
            if let Doing::Refill { drug_ug_per_ml, .. } = &mut it.orders[*place].what {
                *drug_ug_per_ml = minutes;
            }
        }
        What::Volume(place) => {
            if let Doing::Refill { volume_ml, .. } = &mut it.orders[*place].what {
                *volume_ml = value;
            }
        }
        What::StartDose => {
            if let Some(one) = &mut it.patient {
                one.start_dose_ug_per_day = Some(libm::round(value));
            }
        }
        What::Rounds => {
            let every = toml::Value::Integer(i64::from(minutes));
            it.adjust.people.insert(ROUNDS.to_owned(), every);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Library;

    fn scenario() -> Scenario {
        let overrides = [
            "faults=[{id=\"kink\",from_min=60,until_min=120,what={occlude={resistance_times=1e5}}},\
             {id=\"cold\",from_min=30,what={room_temperature={temperature_c=10.0}}}]",
            "orders=[{at_min=90,what={authorise={ug_per_day=400.0}}},{at_min=100,what=\"pause\"}]",
            "run_max_h=8",
        ];
        let library = Library::shipped("first", &overrides.map(str::to_owned));
        library.expect("it ships").expect("good").scenario
    }

    #[test]
    fn what_was_read_is_turned_to_itself() {
        let it = scenario();
        let dials = Dials::of(&it, 480);
        // Two beginnings, one length, three numbers; two minutes and a dose; the dose at the start.
        assert_eq!(dials.len(), 10);
        let again = dials.turned(&it, &dials.read(&it));
        assert_eq!(dials.read(&again).len(), 10);
        for (one, other) in dials.read(&it).iter().zip(dials.read(&again)) {
            assert!((one - other).abs() < 1e-9, "{one} {other}");
        }
        assert_eq!(again.orders, it.orders);
    }

    #[test]
    fn whatever_the_point_every_number_is_in_its_range_and_nothing_else_moves() {
        let it = scenario();
        let dials = Dials::of(&it, 480);
        for share in [-3.7, -1.0, 0.0, 0.3, 1.0, 1.2, 2.9] {
            let turned = dials.turned(&it, &vec![share; dials.len()]);
            let new = dials.read(&turned);
            // Minutes are whole, and a short length is a coarse share of its range.
            let near = |new: &f64| (new - folded(share)).abs() < 0.12;
            assert!(new.iter().all(near), "{share}: {new:?}");
            let names = |it: &Scenario| -> Vec<String> {
                let faults = it.faults.iter();
                faults
                    .map(|it| description(&it.what).0.name.clone())
                    .collect()
            };
            assert_eq!(names(&turned), names(&it));
            assert_eq!(turned.faults[1].until_min, None);
        }
        assert_eq!(
            [folded(-0.25), folded(1.25), folded(2.5)],
            [0.25, 0.75, 0.5]
        );
    }
}
