//! The probability that a wean breaks a requirement, over whom it may be done to and with which pump.
//!
//! A point is a patient, a pump and the dice: the seventeen normals of a patient, those of what a pump was made with, and
//! one that says from which seed everything else is drawn (which catheter is needed, how late a nurse is and what
//! she writes down, how the pump wanders, which frame is lost). The faults are the scenario's. Of a cohort that takes in
//! nobody below a dose, nobody below it is a point. The level is the requirement's margin as a share of what is
//! allowed, so the requirement must have one: of a yes or no nothing tells how near it was.
//!
//! Never here: how the way down is found ([`super::rare`]).

use statrs::distribution::{ContinuousCDF, Normal};
use toml::Value;
use virtual_patient::{Draw, Parameters, UnitNormals};

use super::cohort::run_case_by;
use super::rare::Space;
use super::shrink::adjusted_parameters;
use super::variant::variant;
use crate::case::Case;
use crate::config::Library;
use crate::requirement::Alone;
use crate::scenario::{OnePatient, Scenario};

/// The normals of a pump: its bias, and what warmth does to it.
const PUMP: usize = 2;
/// The normal that says from which seed the rest is drawn.
const DICE: usize = 1;

/// Weans of one scenario, by patient and pump.
pub struct Weans<'a> {
    library: &'a Library,
    scenario: Scenario,
    /// The requirement.
    alone: Alone,
    least_dose_ug_per_day: f64,
}

impl<'a> Weans<'a> {
    /// Weans of the first arm with a controller, and a requirement by its place among those that are judged.
    #[must_use]
    pub fn new(library: &'a Library, place: usize) -> Self {
        let mut scenario = library.scenario.clone();
        scenario
            .arms
            .retain(|arm| arm.infusion == crate::scenario::Infusion::Wean);
        scenario.arms.truncate(1);
        let cohort = scenario.cohort.take();
        scenario.expect = None;
        Self {
            library,
            scenario,
            alone: Alone::new(&library.requirements, place),
            least_dose_ug_per_day: cohort.map_or(0.0, |it| it.least_dose_ug_per_day),
        }
    }

    /// The scenario of one point.
    #[must_use]
    pub fn scenario(&self, point: &[f64]) -> Scenario {
        let population = &self.library.population;
        let drawn = self.patient(point);
        let mut it = self.scenario.clone();
        let one = it.patient.unwrap_or_default();
        it.patient = Some(OnePatient {
            as_written: true,
            paradoxical: Some(drawn.paradoxical),
            ..one
        });
        let written = adjusted_parameters(&drawn, population);
        it.adjust.patients.extend(written);
        self.pump(&mut it, &point[Draw::COUNT.min(point.len())..]);
        if let Some(dice) = point.get(Draw::COUNT + PUMP) {
            // More seeds than anybody draws, and each fits into a file.
            it.seed = (Normal::standard().cdf(*dice) * 1e15) as u64;
        }
        for key in ["adjust.patients", "adjust.device"] {
            let note = "assumption: drawn".to_owned();
            it.sources.entry(key.to_owned()).or_insert(note);
        }
        it
    }

    fn patient(&self, point: &[f64]) -> Parameters {
        let mut normals = [0.0; Draw::COUNT];
        for (normal, value) in normals.iter_mut().zip(point) {
            *normal = *value;
        }
        Parameters::drawn(&self.library.population, &UnitNormals(normals))
    }

    fn pump(&self, it: &mut Scenario, normals: &[f64]) {
        let (device, spread) = (&self.library.device.pump, &self.library.device.spread);
        let [bias, warmth] = [0, 1].map(|place| normals.get(place).copied().unwrap_or(0.0));
        let share = Normal::standard().cdf(warmth);
        let (least, most) = (
            spread.bias_per_c_below_37_least,
            spread.bias_per_c_below_37_greatest,
        );
        let per_c = least + (most - least) * share;
        for (key, value) in [
            ("pump.bias", device.bias + spread.bias_sd * bias),
            ("spread.bias_sd", 0.0),
            ("spread.bias_per_c_below_37_least", per_c),
            ("spread.bias_per_c_below_37_greatest", per_c),
        ] {
            it.adjust.device.insert(key.to_owned(), Value::Float(value));
        }
    }
}

impl Space for Weans<'_> {
    fn dimensions(&self) -> usize {
        Draw::COUNT + PUMP + DICE
    }

    fn dice(&self) -> usize {
        DICE
    }

    fn admits(&self, point: &[f64]) -> bool {
        self.patient(point).start_dose_ug_per_day >= self.least_dose_ug_per_day
    }

    /// The margin; as far off as can be where there was nothing to judge, or where nobody can be like that, and on
    /// the edge where a breach is nobody's fault because nothing could have shown why.
    fn level(&self, point: &[f64]) -> f64 {
        let margin = || {
            let library = variant(self.library, &self.scenario(point)).ok()?;
            let patient = super::cohort::patients(&library)[0];
            let case = Case::new(&library, &library.scenario.arms[0], patient).ok()?;
            let finding = run_case_by(&case, &self.alone).ok()?;
            if finding.not_detectable {
                return Some(0.0);
            }
            finding.normalised
        };
        margin().unwrap_or(f64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::{Draws, Purpose};
    use crate::input::Document;
    use crate::requirement::Requirements;
    use crate::study::cohort::run_case;
    use crate::study::rare::{Effort, splitting};

    const MOST_UG_PER_DAY: f64 = 720.0;

    /// A cohort's first hour, in which the plan is the dose that the patient comes with.
    fn library(overrides: &[&str]) -> (Library, usize) {
        let hour = ["run_max_h=1", "follow_up_h=0"];
        let overrides = hour.iter().chain(overrides).map(|it| (*it).to_owned());
        let overrides: Vec<String> = overrides.collect();
        let library = Library::shipped("hwang-2019", &overrides).expect("it ships");
        let mut library = library.unwrap_or_else(|complaints| panic!("{}", complaints[0]));
        let own = Document::from_text(
            "own.toml",
            "[parameters]\n\
             dose_most = { value = \"720 ug/d\", source = \"assumption\" }\n\
             [[requirement]]\n\
             id = \"dose\"\n\
             text = \"Nobody is on more.\"\n\
             formula = \"always (therapy implies plan_ug_per_h <= dose_most)\"\n",
        );
        library.requirements = Requirements::with([&own]).expect("a requirement");
        let place = library.requirements.judged().position(|it| it.id == "dose");
        (library, place.expect("it is judged"))
    }

    fn normals(weans: &Weans<'_>, number: u64) -> Vec<f64> {
        let mut numbers = Draws::new(3, number).at(Purpose::Splitting, "test", 0);
        (0..weans.dimensions()).map(|_| numbers.normal()).collect()
    }

    /// The whole way, through files, pumps, controller and formula, against what the population itself says.
    #[test]
    fn weans_are_as_likely_to_break_it_as_the_population_says() {
        let (library, place) = library(&["cohort.least_dose_ug_per_day=100.0"]);
        let weans = Weans::new(&library, place);
        let (mut admitted, mut above) = (0_u32, 0_u32);
        for number in 0..20_000 {
            let point = normals(&weans, number);
            admitted += u32::from(weans.admits(&point));
            above += u32::from(weans.patient(&point).start_dose_ug_per_day > MOST_UG_PER_DAY);
        }
        let truth = f64::from(above) / f64::from(admitted);
        assert!((0.03..0.3).contains(&truth) && admitted < 20_000, "{truth}");
        let effort = Effort {
            points: 30,
            crowds: 4,
            moves: 2,
            replaced_most: 1_000,
            seed: 1,
        };
        let found = splitting(&weans, &effort);
        assert!(!found.is_bound);
        assert!(
            (found.low..=found.high).contains(&truth),
            "{found:?} {truth}"
        );
        assert!(found.low > truth / 3.0 && found.high < truth * 3.0);
    }

    #[test]
    fn a_level_is_the_margin_of_the_run_and_dice_make_another_one() {
        let (library, place) = library(&["run_max_h=2"]);
        let weans = Weans::new(&library, place);
        let run = |point: &[f64]| {
            let library = variant(&library, &weans.scenario(point)).expect("a scenario");
            let case = Case::new(&library, &library.scenario.arms[0], 0).expect("it fits");
            let judged = run_case(&case).expect("it answers");
            (judged.findings[place].normalised, judged.digest.hex())
        };
        let point = normals(&weans, 1);
        let (margin, digest) = run(&point);
        assert_eq!(Some(weans.level(&point)), margin);
        let mut thrown = point.clone();
        *thrown.last_mut().expect("dice") += 1e-9;
        assert_ne!(run(&thrown).1, digest);
        assert_eq!(run(&point).1, digest);
    }
}
