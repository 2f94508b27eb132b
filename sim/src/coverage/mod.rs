//! What is covered, and by what: hazard, fault, profile, requirement, alarm.
//!
//! Nothing here is typed by hand: every shipped story is run, stories with faults on every profile, the
//! pairs are compared and the canaries flown; labels follow from what came out.

mod lints;
mod runs;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::NOTICE;
use crate::canary::{self, Flight};
use crate::matrix::{Matrix, Results, Summary};
use crate::pair;
use crate::requirement::{Finding, Kind, Means, Oracle, Requirement, Requirements};
use crate::shipped;
use crate::tables::{self, Hazard};
use crate::verdict::RunVerdict;

pub use lints::lints;
pub use runs::{Story, run_stories, stories};

/// How a requirement came out over everything that was run.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Judged, and never breached.
    Holds,
    /// Breached.
    Violated,
    /// Never had anything to judge.
    Vacuous,
    /// Breached, and only where nothing that is fitted could have shown why in time.
    NotDetectable,
    /// The bench cannot judge it, or not yet.
    Gap,
}

/// How much a row rests on.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// It holds in every story that arms it, and a canary that breaks it is caught by it.
    Tested,
    /// It holds in every story that arms it; nothing has shown that it can fail.
    Held,
    /// Two runs that must agree do.
    Compared,
    /// Said, with a reason.
    Stated,
    /// Nothing.
    Gap,
}

impl Strength {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tested => "tested",
            Self::Held => "held",
            Self::Compared => "compared",
            Self::Stated => "stated",
            Self::Gap => "gap",
        }
    }
}

/// One requirement.
#[derive(Clone, Debug, Serialize)]
pub struct RequirementRow {
    /// Its name.
    pub id: String,
    /// In words.
    pub text: String,
    /// By what it is judged.
    pub oracle: Oracle,
    /// What kind of thing it is.
    pub kind: Kind,
    /// How it came out.
    pub status: Status,
    /// How much that rests on.
    pub strength: Strength,
    /// Records in which it had something to judge, over all runs.
    pub armed: u64,
    /// The worst margin of all runs, in `unit`; empty for yes (1) and no (-1).
    pub margin: Option<f64>,
    /// The unit of the margin.
    pub unit: String,
    /// The canary that it catches.
    pub canary: Option<String>,
    /// The stories that arm it.
    pub stories: Vec<String>,
    /// The runs in which it was breached before anything could have shown why.
    pub not_detectable_in: Vec<String>,
    /// The runs in which it was breached.
    pub violated_in: Vec<String>,
    /// The hazards that it is for.
    pub hazards: Vec<String>,
    /// Why it cannot be judged, where it cannot.
    pub reason: Option<String>,
}

/// One hazard, brought about by one fault in one story on one profile.
#[derive(Clone, Debug, Serialize)]
pub struct HazardRow {
    /// Its number.
    pub id: String,
    /// In words.
    pub title: String,
    /// The fault; none where the bench has none yet.
    pub fault: Option<String>,
    /// Which sensors are fitted.
    pub profile: Option<String>,
    /// The story.
    pub story: Option<String>,
    /// How the run ended; `gap` where there is none, `exception` where there can be none.
    pub verdict: String,
    /// The hazard's own alarms that were raised.
    pub alarms: Vec<String>,
    /// From the fault to the first of them, seconds.
    pub latency_s: Option<f64>,
    /// The time that the table allows, seconds.
    pub limit_s: Option<f64>,
}

/// Everything.
#[derive(Clone, Debug, Serialize)]
pub struct Coverage {
    /// Version of this document.
    pub schema: u32,
    /// Every requirement, in the order of the file.
    pub requirements: Vec<RequirementRow>,
    /// Every hazard, in the order of its number.
    pub hazards: Vec<HazardRow>,
    /// What the fault matrix came to when it was last flown.
    pub matrix: Summary,
    /// What does not fit together.
    pub complaints: Vec<String>,
    /// Never for clinical use.
    pub notice: &'static str,
}

impl Coverage {
    /// Puts together what the stories, the pairs and the canaries have shown.
    #[must_use]
    pub fn new(told: &[Story], flights: &BTreeMap<&'static str, Flight>) -> Self {
        let requirements = Requirements::shipped();
        Self {
            schema: 1,
            requirements: requirements
                .all()
                .iter()
                .map(|requirement| row(&requirements, requirement, told, flights))
                .collect(),
            hazards: tables::hazards()
                .iter()
                .flat_map(|hazard| hazard_rows(hazard, told))
                .collect(),
            matrix: Summary::of(&Results::shipped(), &Matrix::shipped()),
            complaints: lints(),
            notice: NOTICE,
        }
    }

    /// Whether nothing is violated, vacuous, without its canary, or does not fit together, and no cell of the matrix
    /// harmed undetected without a reason that is known. A gap that is shown is no failure.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let bad = |row: &RequirementRow| matches!(row.status, Status::Violated | Status::Vacuous);
        let untested = |row: &RequirementRow| row.strength == Strength::Held;
        let rows = &self.requirements;
        self.complaints.is_empty()
            && self.matrix.is_good()
            && !rows.iter().any(bad)
            && !rows.iter().any(untested)
    }

    /// Hazards that harmed while a sensor could have shown it and nothing did.
    pub fn undetected_unsafe(&self) -> impl Iterator<Item = &HazardRow> {
        let word = RunVerdict::UndetectedUnsafe.name();
        self.hazards.iter().filter(move |row| row.verdict == word)
    }
}

/// What the pairs have shown, by the requirement that wants them.
fn paired(requirement: &Requirement) -> Option<Finding> {
    let Means::Pair(kind) = requirement.means else {
        return None;
    };
    let library = crate::config::Library::shipped(PAIRED_ON, &[])?.ok()?;
    pair::judge(kind, &library).ok()
}

/// The story that pairs are run on.
const PAIRED_ON: &str = "first";

fn row(
    requirements: &Requirements,
    requirement: &Requirement,
    told: &[Story],
    flights: &BTreeMap<&'static str, Flight>,
) -> RequirementRow {
    let place = requirements.judged().position(|it| it.id == requirement.id);
    let findings = || {
        told.iter().filter_map(|story| {
            let judged = story.judged.as_ref().ok()?;
            Some((story, judged.findings.get(place?)?))
        })
    };
    let runs = |of: fn(&Finding) -> bool| -> Vec<String> {
        let found = findings().filter(|(_, finding)| of(finding));
        found.map(|(story, _)| story.name()).collect()
    };
    let mut row = RequirementRow {
        id: requirement.id.clone(),
        text: requirement.text.clone(),
        oracle: requirement.oracle,
        kind: requirement.kind(),
        status: Status::Gap,
        strength: Strength::Gap,
        armed: findings().map(|(_, finding)| finding.armed).sum(),
        margin: None,
        unit: requirement.unit().to_owned(),
        canary: None,
        stories: runs(|finding| finding.armed > 0),
        not_detectable_in: runs(|finding| finding.not_detectable),
        violated_in: runs(Finding::violated),
        hazards: requirement.hazards.clone(),
        reason: None,
    };
    match &requirement.means {
        Means::Gap(why, _) => row.reason = Some(why.clone()),
        Means::Exception(why) => {
            row.reason = Some(why.clone());
            row.strength = Strength::Stated;
        }
        Means::Pair(_) => {
            let finding = paired(requirement).unwrap_or(Finding::NONE);
            row.armed = finding.armed;
            row.margin = finding.margin;
            row.stories = vec![PAIRED_ON.to_owned()];
            row.status = status(finding.armed, finding.breached, false);
            row.strength = strength(row.status, Strength::Compared);
        }
        Means::Formula(_) => {
            let worst = findings()
                .filter(|(_, finding)| finding.margin.is_some() && !finding.not_detectable)
                .min_by(|(_, a), (_, b)| {
                    let share = |finding: &Finding| finding.normalised.unwrap_or(f64::INFINITY);
                    share(a).total_cmp(&share(b))
                });
            if let Some((_, worst)) = worst {
                row.margin = worst.margin;
                requirement.unit_of(worst).clone_into(&mut row.unit);
            }
            let excused = !row.not_detectable_in.is_empty();
            row.status = status(row.armed, !row.violated_in.is_empty(), excused);
            row.canary = caught(requirement, flights);
            let by = if row.canary.is_some() {
                Strength::Tested
            } else {
                Strength::Held
            };
            row.strength = strength(row.status, by);
        }
    }
    row
}

/// The first canary that this requirement catches.
fn caught(requirement: &Requirement, flights: &BTreeMap<&'static str, Flight>) -> Option<String> {
    let mine = canary::canaries()
        .iter()
        .filter(|canary| canary.breaks == requirement.id);
    let trips = |name: &&str| {
        flights
            .get(*name)
            .and_then(|flight| flight.finding(&requirement.id))
            .is_some_and(Finding::violated)
    };
    mine.map(|canary| canary.name)
        .find(trips)
        .map(str::to_owned)
}

/// A requirement that holds somewhere and is not detectable elsewhere holds; where it is not shows in
/// the row.
const fn status(armed: u64, violated: bool, excused: bool) -> Status {
    match (violated, armed, excused) {
        (true, ..) => Status::Violated,
        (false, 0, false) => Status::Vacuous,
        (false, 0, true) => Status::NotDetectable,
        (false, _, _) => Status::Holds,
    }
}

const fn strength(status: Status, by: Strength) -> Strength {
    match status {
        Status::Holds => by,
        Status::Violated | Status::Vacuous | Status::NotDetectable | Status::Gap => Strength::Gap,
    }
}

fn hazard_rows(hazard: &Hazard, told: &[Story]) -> Vec<HazardRow> {
    let empty = |fault: Option<&String>, verdict: &str| HazardRow {
        id: hazard.id.clone(),
        title: hazard.title.clone(),
        fault: fault.cloned(),
        profile: None,
        story: None,
        verdict: verdict.to_owned(),
        alarms: Vec::new(),
        latency_s: None,
        limit_s: hazard.within_s,
    };
    if hazard.hardware_only.is_some() {
        return vec![empty(None, "exception")];
    }
    if hazard.faults.is_empty() {
        return vec![empty(None, "gap")];
    }
    let mut rows = Vec::new();
    for fault in &hazard.faults {
        let before = rows.len();
        for story in told {
            let Some(from_h) = story.fault_from_h(hazard, fault) else {
                continue;
            };
            let mut row = empty(Some(fault), story.verdict().name());
            row.profile = Some(story.profile.clone());
            row.story = Some(story.scenario.to_owned());
            for (alarm, at_h) in story.raised() {
                if hazard.alarms.iter().any(|id| id == alarm.id()) {
                    row.alarms.push(alarm.id().to_owned());
                    let latency = (at_h - from_h) * 3_600.0;
                    row.latency_s = Some(row.latency_s.map_or(latency, |least| least.min(latency)));
                }
            }
            rows.push(row);
        }
        if rows.len() == before {
            rows.push(empty(Some(fault), "gap"));
        }
    }
    rows
}

/// The names of all shipped stories.
#[must_use]
pub fn story_names() -> Vec<&'static str> {
    shipped::names(shipped::Kind::Scenario).collect()
}
