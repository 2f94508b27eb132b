//! How bad harm is: grades 1 to 5, for too little and for too much, from what is true of a patient.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::config::{Refused, source_list};
use crate::harm::Worst;
use crate::input::{Document, code};
use crate::scenario::SCHEMA;
use crate::shipped;

/// The best grade: nothing that counts.
const LEAST: u8 = 1;
/// The worst.
const MOST: u8 = 5;
/// From this grade on harm counts as severe in a table of risks.
pub(super) const SEVERE: u8 = 3;
/// What a source that is none is called.
const ASSUMPTION: &str = "assumption";

/// Too little, or too much.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Direction {
    /// Too little.
    Withdrawal,
    /// Too much.
    Overdose,
}

/// What is measured, on truth.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The worst withdrawal.
    Withdrawal,
    /// The most that was missing of a day's plan.
    Deficit,
    /// The worst overdose index.
    OverdoseIndex,
    /// The most above the plan of an hour.
    Excess,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Withdrawal,
        Self::Deficit,
        Self::OverdoseIndex,
        Self::Excess,
    ];

    /// Which way it harms.
    #[must_use]
    pub const fn direction(self) -> Direction {
        match self {
            Self::Withdrawal | Self::Deficit => Direction::Withdrawal,
            Self::OverdoseIndex | Self::Excess => Direction::Overdose,
        }
    }

    /// Its unit, as the file has it.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Withdrawal => "of 10",
            Self::Deficit => "of a day's plan",
            Self::OverdoseIndex => "of 1",
            Self::Excess => "ug in an hour",
        }
    }
}

/// From where on a measure is of a grade.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What is measured.
    pub measure: Measure,
    /// 2 to 5.
    pub grade: u8,
    /// From here on.
    pub at_least: f64,
    /// In this unit.
    pub unit: String,
    /// A slug of `sources.toml`, or `assumption`, and words.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: u32,
    step: Vec<Step>,
}

/// The scale.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// Its steps, measure by measure, upwards.
    pub steps: Vec<Step>,
}

/// How bad it was.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Grades {
    /// Too little, 1 to 5.
    pub withdrawal: u8,
    /// Too much, 1 to 5.
    pub overdose: u8,
}

impl Grades {
    /// The worse of both.
    #[must_use]
    pub fn worst(self) -> u8 {
        self.withdrawal.max(self.overdose)
    }
}

impl Scale {
    /// The one that ships with the bench.
    ///
    /// # Panics
    /// Never: a test reads it.
    #[must_use]
    pub fn shipped() -> &'static Self {
        static SCALE: LazyLock<Scale> = LazyLock::new(|| {
            Scale::from_text("severity.toml", shipped::SEVERITY).expect("a test reads it")
        });
        &SCALE
    }

    /// From its text.
    ///
    /// # Errors
    /// Every complaint that could be found.
    pub fn from_text(name: &str, text: &str) -> Result<Self, Refused> {
        let document = Document::from_text(name, text);
        let file: File = document.decode()?;
        let known: BTreeSet<String> = source_list().into_keys().collect();
        let mut complaints = Vec::new();
        if file.schema != SCHEMA {
            let message = format!("schema {} is not known", file.schema);
            complaints.push(document.refuse("schema", code::INVALID_VALUE, message, None));
        }
        for (index, step) in file.step.iter().enumerate() {
            let mut refuse = |field: &str, code, message: String, help: &str| {
                let key = format!("step.{index}.{field}");
                let help = (!help.is_empty()).then(|| help.to_owned());
                complaints.push(document.refuse(&key, code, message, help));
            };
            if !(LEAST + 1..=MOST).contains(&step.grade) {
                let message = format!("grade {}: they run from 2 to 5", step.grade);
                refuse(
                    "grade",
                    code::OUT_OF_RANGE,
                    message,
                    "1 is whatever is below 2",
                );
            }
            if step.unit != step.measure.unit() {
                let message = format!("`{}` is not its unit", step.unit);
                let help = format!("write `unit = \"{}\"`", step.measure.unit());
                refuse("unit", code::INVALID_VALUE, message, &help);
            }
            let slug = step.source.split(':').next().unwrap_or_default();
            if slug != ASSUMPTION && !known.contains(slug) {
                let message = format!("`{slug}` is no source");
                let help = "a slug of sources.toml, or `assumption: ` and why";
                refuse("source", code::UNKNOWN_SOURCE, message, help);
            }
            let mut before = file.step[..index].iter();
            let before = before.rfind(|other| other.measure == step.measure);
            let up = |last: &Step| step.grade > last.grade && step.at_least > last.at_least;
            if !step.at_least.is_finite() || step.at_least <= 0.0 || !before.is_none_or(up) {
                let message = format!("{} is not above the step before", step.at_least);
                refuse("at_least", code::OUT_OF_RANGE, message, "steps go upwards");
            }
        }
        if complaints.is_empty() {
            Ok(Self { steps: file.step })
        } else {
            Err(complaints)
        }
    }

    /// The grade of one measure: the highest whose step is reached.
    #[must_use]
    pub fn grade(&self, measure: Measure, value: f64) -> u8 {
        let steps = self.steps.iter().filter(|step| step.measure == measure);
        steps
            .filter(|step| value >= step.at_least)
            .map(|step| step.grade)
            .fold(LEAST, u8::max)
    }

    /// The grades of a run: its worst withdrawal and overdose, and what was given too much and too little.
    #[must_use]
    pub fn grades(&self, (withdrawal, overdose): (f64, f64), worst: Option<Worst>) -> Grades {
        let worst = worst.unwrap_or_default();
        let either = |one: (Measure, f64), other: (Measure, f64)| {
            self.grade(one.0, one.1).max(self.grade(other.0, other.1))
        };
        Grades {
            withdrawal: either(
                (Measure::Withdrawal, withdrawal),
                (Measure::Deficit, worst.deficit),
            ),
            overdose: either(
                (Measure::OverdoseIndex, overdose),
                (Measure::Excess, worst.excess_ug),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grades_by_hand() {
        let scale = Scale::shipped();
        let grade = |withdrawal, overdose, deficit, excess_ug| {
            let worst = Worst { excess_ug, deficit };
            let grades = scale.grades((withdrawal, overdose), Some(worst));
            (grades.withdrawal, grades.overdose)
        };
        // Nothing at all; and just below every second step.
        assert_eq!(grade(0.0, 0.0, 0.0, 0.0), (1, 1));
        assert_eq!(grade(0.99, 0.149, 0.199, 9.9), (1, 1));
        // Each measure alone, at its own step.
        assert_eq!(grade(1.0, 0.0, 0.0, 0.0), (2, 1));
        assert_eq!(grade(3.6, 0.0, 0.0, 0.0), (3, 1));
        assert_eq!(grade(5.0, 0.0, 0.0, 0.0), (4, 1));
        assert_eq!(grade(7.0, 0.0, 0.0, 0.0), (5, 1));
        assert_eq!(grade(0.0, 0.0, 0.5, 0.0), (3, 1));
        assert_eq!(grade(0.0, 0.19, 0.0, 0.0), (1, 3));
        assert_eq!(grade(0.0, 0.0, 0.0, 25.0), (1, 3));
        assert_eq!(grade(0.0, 0.0, 0.0, 400.0), (1, 5));
        // The worse of the two measures, and both directions at once.
        assert_eq!(grade(5.0, 0.3, 0.2, 10.0), (4, 4));
        let both = scale.grades((3.6, 0.4), None);
        assert_eq!((both.withdrawal, both.overdose, both.worst()), (3, 5, 5));
    }

    #[test]
    fn a_day_without_drug_is_severe_and_never_the_worst_by_itself() {
        let worst = Worst {
            excess_ug: 0.0,
            deficit: 1.0,
        };
        let grades = Scale::shipped().grades((0.0, 0.0), Some(worst));
        assert_eq!(grades.withdrawal, 4);
    }

    #[test]
    fn harm_as_it_is_judged_is_severe() {
        let steps = &Scale::shipped().steps;
        let severe = |measure| {
            let mut of = steps.iter().filter(|step| step.measure == measure);
            of.find(|step| step.grade == SEVERE)
                .map(|step| step.at_least)
        };
        assert_eq!(severe(Measure::Deficit), Some(crate::harm::HARM_DEFICIT));
        assert_eq!(severe(Measure::Excess), Some(crate::harm::HARM_EXCESS_UG));
        assert!(Measure::ALL.into_iter().all(|it| severe(it).is_some()));
    }

    #[test]
    fn a_broken_scale_is_refused_in_its_line() {
        let good = shipped::SEVERITY;
        for (from, to, code) in [
            ("grade = 5", "grade = 6", code::OUT_OF_RANGE),
            ("at_least = 3.6", "at_least = 0.5", code::OUT_OF_RANGE),
            ("unit = \"of 1\"", "unit = \"of 100\"", code::INVALID_VALUE),
            (
                "source = \"hwang-2019",
                "source = \"nobody",
                code::UNKNOWN_SOURCE,
            ),
            ("at_least = 25.0", "least = 25.0", code::UNKNOWN_KEY),
        ] {
            let text = good.replacen(from, to, 1);
            assert_ne!(text, good, "{from}");
            let found = Scale::from_text("severity.toml", &text).unwrap_err();
            assert_eq!(found[0].code, code, "{from}");
            let line = text[..text.find(to).expect("it was put in")]
                .matches('\n')
                .count()
                + 1;
            assert_eq!(found[0].position.expect("a place").line, line, "{from}");
        }
    }
}
