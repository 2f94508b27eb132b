//! One fault over its range, profile by profile: where it begins to matter, and who notices.
//!
//! The result is a file with stable bytes, for a reviewer who wants to see what a change of the controller moved.

use std::fmt::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::campaign::rounded;
use super::complaints::of_faults;
use super::lines::list;
use super::reaction::first_alarm;
use crate::case::Case;
use crate::catalogue::{FaultEntry, between, fault_name, faults};
use crate::config::Library;
use crate::input::{Document, suggest};
use crate::judge::Judged;
use crate::scenario::{Fault, ProfileName, Range, description};
use crate::study::cohort::run_case;
use crate::tables;

/// What is to be swept.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The name of a fault of the scenario, or a kind of fault; and, behind a dot, which of its numbers.
    pub fault: String,
    /// The least, where it is not the declared one.
    pub from: Option<f64>,
    /// The most.
    pub to: Option<f64>,
    /// How many values, both ends among them; at least 2.
    pub steps: u32,
    /// Where a kind of fault that is not in the scenario begins, minutes after the explant.
    pub at_min: u32,
    /// How long it lasts, minutes; it stays where nobody says.
    pub lasts_min: Option<u32>,
}

/// What of a fault is swept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Swept {
    /// One of its numbers, by its place.
    Number(usize),
    /// When it begins.
    From,
    /// How long it lasts.
    Lasts,
}

/// A sweep that can be flown.
#[derive(Clone, Debug)]
pub struct Sweep {
    library: Library,
    /// The fault's place in the scenario.
    place: usize,
    swept: Swept,
    /// What is swept, such as `kink.resistance_times`.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// Its values.
    pub values: Vec<f64>,
}

/// One value on one profile. What was not there is absent, and never 0.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Which sensors are fitted.
    pub profile: ProfileName,
    /// The value.
    pub value: f64,
    /// How the run was judged, or `refused` where there is no such scenario.
    pub verdict: String,
    /// The first alarm of the fault's hazards that was raised once it had shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarm: Option<String>,
    /// How long that took, s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_s: Option<f64>,
    /// The most above the plan of an hour, µg.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excess_ug: Option<f64>,
    /// The most that was missing of a day's plan, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deficit: Option<f64>,
    /// The requirement that went furthest beyond its limit; of those that the fault's hazards are about the one that
    /// came nearest to it, where none was violated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirement: Option<String>,
    /// Its margin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
    /// The unit of the margin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

impl Sweep {
    /// A sweep over a scenario.
    ///
    /// # Errors
    /// In words, what there is instead.
    pub fn of(mut library: Library, asked: &Asked) -> Result<Self, String> {
        library.scenario.expect = None;
        let (place, parameter) = find(&mut library, asked)?;
        let fault = &library.scenario.faults[place];
        let (known, _) = description(&fault.what);
        let entry = faults().iter().find(|it| it.name() == known.name);
        let entry = entry.ok_or_else(|| format!("no fault `{}` is known", known.name))?;
        let swept = swept(entry, parameter.as_deref())?;
        let (least, most, whole) = range_of(entry, swept);
        let (from, to) = (asked.from.unwrap_or(least), asked.to.unwrap_or(most));
        if !(least <= from && from < to && to <= most) {
            return Err(format!(
                "{from} to {to} is no part of the declared range, {least} to {most}"
            ));
        }
        let within = Range::Number {
            least: from,
            most: to,
            whole,
        };
        let last = f64::from(asked.steps.max(2) - 1);
        let values = (0..asked.steps.max(2)).filter_map(|step| {
            let value = between(from, to, f64::from(step) / last);
            rounded(&within, json!(value)).as_f64()
        });
        let mut values: Vec<f64> = values.collect();
        values.dedup();
        let (word, unit) = match swept {
            Swept::Number(number) => {
                let parameter = &entry.known.parameters[number];
                (parameter.name.as_str(), parameter.unit)
            }
            Swept::From => ("from_min", "min"),
            Swept::Lasts => ("lasts_min", "min"),
        };
        Ok(Self {
            name: format!("{}.{word}", fault.id),
            unit: unit.to_owned(),
            values,
            library,
            place,
            swept,
        })
    }

    /// The scenario at a value on a profile.
    fn at(&self, profile: ProfileName, value: f64) -> Library {
        let mut library = self.library.clone();
        library.scenario.profile = profile;
        let fault = &mut library.scenario.faults[self.place];
        let minutes = libm::round(value) as u32;
        match self.swept {
            Swept::Number(number) => {
                let (known, given) = description(&fault.what);
                let entry = faults().iter().find(|it| it.name() == known.name);
                let name = &known.parameters[number].name;
                let whole = matches!(
                    known.parameters[number].range,
                    Range::Number { whole: true, .. }
                );
                let made = entry.map(|entry| {
                    entry.with(|parameter| match given.get(&parameter.name) {
                        _ if parameter.name == *name && whole => json!(value as i64),
                        _ if parameter.name == *name => json!(value),
                        Some(value) => value.clone(),
                        None => parameter.default.clone().unwrap_or(Value::Null),
                    })
                });
                if let Some(Ok(what)) = made {
                    fault.what = what;
                }
            }
            Swept::From => {
                let lasts = fault.until_min.map(|until| until - fault.from_min);
                fault.from_min = minutes;
                fault.until_min = lasts.map(|lasts| minutes.saturating_add(lasts));
            }
            Swept::Lasts => fault.until_min = Some(fault.from_min.saturating_add(minutes)),
        }
        library
    }

    /// Flies every value on every profile for a patient, profile by profile. `done` is told of each run as it
    /// ends; none once `stop` is set before all are done.
    #[must_use]
    pub fn fly(
        &self,
        (profiles, patient): (&[ProfileName], u64),
        stop: &AtomicBool,
        done: &(dyn Fn() + Sync),
    ) -> Option<Vec<Row>> {
        let points: Vec<(ProfileName, f64)> = profiles
            .iter()
            .flat_map(|profile| self.values.iter().map(move |value| (*profile, *value)))
            .collect();
        let rows = points.par_iter().map(|(profile, value)| {
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            let row = self.one((*profile, *value), patient);
            done();
            Some(row)
        });
        rows.collect()
    }

    fn one(&self, (profile, value): (ProfileName, f64), patient: u64) -> Row {
        let library = self.at(profile, value);
        let refused = |verdict: &str| Row {
            profile,
            value,
            verdict: verdict.to_owned(),
            alarm: None,
            latency_s: None,
            excess_ug: None,
            deficit: None,
            requirement: None,
            margin: None,
            unit: None,
        };
        let empty = Document::from_text("", "");
        if !of_faults(&empty, &library, patient).is_empty() {
            return refused("refused");
        }
        let arm = &library.scenario.arms[0];
        let Ok(case) = Case::new(&library, arm, patient) else {
            return refused("refused");
        };
        match run_case(&case) {
            Ok(judged) => self.row((profile, value), &case, &judged),
            Err(_) => refused(crate::verdict::RunVerdict::Stalled.name()),
        }
    }

    fn row(&self, (profile, value): (ProfileName, f64), case: &Case<'_>, judged: &Judged) -> Row {
        let kind = fault_name(&case.scenario().faults[self.place].what);
        let brings = |hazard: &&tables::Hazard| hazard.faults.iter().any(|it| it == kind);
        let hazards: Vec<&tables::Hazard> = tables::hazards().iter().filter(brings).collect();
        let alarms = hazards.iter().flat_map(|hazard| &hazard.alarms);
        let asked: Vec<&str> = alarms.map(String::as_str).collect();
        let told = first_alarm(judged, self.place, &asked);
        let is_for = |id: &str| {
            let known = hazards.iter().flat_map(|hazard| &hazard.requirements);
            let mut known = known.filter_map(|known| id.strip_prefix(known.as_str()));
            known.any(|rest| rest.bytes().all(|letter| letter.is_ascii_lowercase()))
        };
        // What nothing that is fitted could have shown is no requirement on the controller.
        let found = case.requirements().judged().zip(&judged.findings);
        let found = found.filter(|(_, finding)| !finding.not_detectable);
        let found = found.filter_map(|(it, finding)| Some((it, finding, finding.normalised?)));
        let meant = found.filter(|(it, finding, _)| {
            let has_a_number = !it.unit_of(finding).is_empty();
            finding.violated() || (has_a_number && is_for(&it.id))
        });
        let worst = meant.min_by(|a, b| a.2.total_cmp(&b.2));
        let (excess, deficit) = (
            judged.worst.map(|it| it.excess_ug),
            judged.worst.map(|it| it.deficit),
        );
        Row {
            profile,
            value,
            verdict: judged.verdict.name().to_owned(),
            alarm: told.map(|(alarm, _)| alarm.id().to_owned()),
            latency_s: told.map(|(_, after_s)| to(after_s, 1.0)),
            excess_ug: excess.map(|it| to(it, 10.0)),
            deficit: deficit.map(|it| to(it, 1_000.0)),
            requirement: worst.map(|(it, ..)| it.id.clone()),
            margin: worst.and_then(|(_, finding, _)| finding.margin.map(|it| to(it, 1_000.0))),
            unit: worst
                .map(|(it, finding, _)| it.unit_of(finding).to_owned())
                .filter(|unit| !unit.is_empty()),
        }
    }

    /// The rows as a file.
    ///
    /// # Errors
    /// A value that TOML cannot have, which there is none of.
    pub fn to_toml(
        &self,
        (scenario, patient): (&str, u64),
        rows: &[Row],
    ) -> Result<String, toml::ser::Error> {
        let mut text = String::from(HEAD);
        let said = [
            ("scenario", toml::Value::from(scenario)),
            ("sweep", self.name.as_str().into()),
            ("unit", self.unit.as_str().into()),
            ("controller", self.library.controllers.name().into()),
        ];
        // Writing to a string cannot fail.
        let _ = writeln!(text, "schema = 1");
        for (key, value) in said {
            let _ = writeln!(text, "{key} = {value}");
        }
        let seed = self.library.scenario.seed;
        let _ = writeln!(text, "seed = {seed}\npatient = {patient}");
        list(&mut text, "row", rows)?;
        Ok(text)
    }
}

const HEAD: &str = "\
# Written by `weanbench sweep --out`; not by hand. `weanbench sweep --check` flies it again and tells what has moved.
# `latency_s` from the moment the fault showed; `excess_ug` above the plan in an hour and `deficit` of a day's plan,
# truth; `requirement` is the one that went furthest beyond its limit or, of those that the fault's hazards are about,
# came nearest to it. What is absent was not there: never 0.
# Engineering simulation only; never for clinical use.
";

/// A number in so many parts of one.
fn to(value: f64, parts: f64) -> f64 {
    libm::round(value * parts) / parts
}

/// The place of the fault that is meant, and which of its numbers. A kind that the scenario does not have takes the
/// place of all its faults, as its example.
fn find(library: &mut Library, asked: &Asked) -> Result<(usize, Option<String>), String> {
    let own = |name: &str| library.scenario.faults.iter().position(|it| it.id == name);
    let kind = |name: &str| faults().iter().find(|it| it.name() == name);
    let (name, parameter) = match asked.fault.rsplit_once('.') {
        Some((name, parameter)) if own(&asked.fault).is_none() => {
            (name, Some(parameter.to_owned()))
        }
        Some(_) | None => (asked.fault.as_str(), None),
    };
    if let Some(place) = own(name) {
        return Ok((place, parameter));
    }
    let Some(entry) = kind(name) else {
        let ids = library.scenario.faults.iter().map(|it| it.id.as_str());
        let known: Vec<&str> = ids.chain(faults().iter().map(|it| it.name())).collect();
        let help = suggest(name, &known).unwrap_or_default();
        return Err(format!(
            "neither a fault of the scenario nor a kind of fault is called `{name}`; {help}"
        ));
    };
    let from_min = if entry.example.only_at_start() {
        0
    } else {
        asked.at_min
    };
    let lasts_min = asked.lasts_min.filter(|_| !entry.example.is_built_in());
    library.scenario.faults = vec![Fault {
        id: name.to_owned(),
        from_min,
        until_min: lasts_min.map(|lasts| from_min.saturating_add(lasts)),
        what: entry.example,
    }];
    Ok((0, parameter))
}

fn swept(entry: &FaultEntry, parameter: Option<&str>) -> Result<Swept, String> {
    let parameters = &entry.known.parameters;
    let numbers = parameters.iter().enumerate();
    let numbers: Vec<(usize, &str)> = numbers
        .filter(|(_, it)| matches!(it.range, Range::Number { .. }))
        .map(|(place, it)| (place, it.name.as_str()))
        .collect();
    let mut names: Vec<&str> = numbers.iter().map(|(_, name)| *name).collect();
    if !entry.example.is_built_in() {
        names.push("lasts_min");
        if !entry.example.only_at_start() {
            names.push("from_min");
        }
    }
    match (parameter, numbers.as_slice()) {
        (None, [(only, _)]) => Ok(Swept::Number(*only)),
        (None, _) => Err(format!(
            "say what of `{0}` is to be swept: {0}.{1}",
            entry.name(),
            names.join(&format!(", {}.", entry.name()))
        )),
        (Some(name), _) if !names.contains(&name) => {
            let help = suggest(name, &names).unwrap_or_else(|| names.join(", "));
            Err(format!("`{}` has no number `{name}`; {help}", entry.name()))
        }
        (Some("lasts_min"), _) => Ok(Swept::Lasts),
        (Some("from_min"), _) => Ok(Swept::From),
        (Some(name), numbers) => {
            let found = numbers.iter().find(|(_, known)| *known == name);
            let place = found.map(|(place, _)| Swept::Number(*place));
            place.ok_or_else(|| format!("`{name}` is no number"))
        }
    }
}

/// The declared least and most, and whether it is a whole number.
fn range_of(entry: &FaultEntry, swept: Swept) -> (f64, f64, bool) {
    match swept {
        Swept::Number(place) => match entry.known.parameters[place].range {
            Range::Number { least, most, whole } => (least, most, whole),
            Range::Raw | Range::Words(_) | Range::YesNo => (0.0, 0.0, false),
        },
        Swept::From => (0.0, 14_400.0, true),
        Swept::Lasts => (1.0, 14_400.0, true),
    }
}
