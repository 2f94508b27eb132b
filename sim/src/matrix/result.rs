//! What was flown, as a file: read, written, put together, compared.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::arms::ArmName;
use super::file::PointName;
use super::line::{Graded, Line};
use crate::config::Refused;
use crate::input::{Document, code};
use crate::scenario::{ProfileName, SCHEMA};
use crate::shipped;
use crate::study::lines::list;

/// What was flown on one profile.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Flown {
    /// Which sensors are fitted.
    pub profile: ProfileName,
    /// Patients 1 to this one.
    pub patients: u32,
    /// Where random draws come from.
    pub seed: u64,
    /// When faults begin, minutes after the explant.
    pub onsets_min: Vec<u32>,
    /// Cells.
    pub cells: u32,
    /// Runs under the controller.
    pub runs: u32,
    /// Cells that no such device can have.
    pub skipped: u32,
    /// Patients 1 to this one were flown in the arms without a controller too.
    pub arms: u32,
    /// What whoever flew it says of it, such as the commit.
    #[serde(default)]
    pub note: Option<String>,
}

impl Flown {
    /// Whether cells of both can stand side by side: the same patients, draws, moments and arms.
    #[must_use]
    pub fn is_alike(&self, other: &Self) -> bool {
        let key = |it: &Self| (it.patients, it.seed, it.onsets_min.clone(), it.arms);
        key(self) == key(other)
    }
}

/// How bad it is without a fault, arm by arm.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// Which sensors are fitted.
    pub profile: ProfileName,
    /// Nobody flies.
    #[serde(default)]
    pub held: Option<Graded>,
    /// The schedule flies and heeds nothing.
    #[serde(default)]
    pub unheeding: Option<Graded>,
    /// The controller flies.
    #[serde(default)]
    pub controller: Option<Graded>,
}

impl Baseline {
    /// Its grades in an arm.
    #[must_use]
    pub const fn graded(&self, arm: ArmName) -> Option<Graded> {
        match arm {
            ArmName::Held => self.held,
            ArmName::Unheeding => self.unheeding,
            ArmName::Controller => self.controller,
        }
    }
}

/// All of it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Results {
    /// Version of this file kind: 1.
    pub schema: u32,
    /// The title of the matrix.
    pub title: String,
    /// What was flown, profile by profile.
    pub flown: Vec<Flown>,
    /// The same without any fault, where arms were flown.
    #[serde(default)]
    pub baseline: Vec<Baseline>,
    /// One for each cell, by name, point and profile.
    pub line: Vec<Line>,
}

impl Results {
    /// The ones that ship with the bench.
    ///
    /// # Panics
    /// Never: a test reads them.
    #[must_use]
    pub fn shipped() -> Self {
        let name = "campaigns/hazards.result.toml";
        Self::from_text(name, shipped::HAZARD_RESULTS).expect("a test reads it")
    }

    /// From their text.
    ///
    /// # Errors
    /// Every complaint that could be found.
    pub fn from_text(name: &str, text: &str) -> Result<Self, Refused> {
        Self::of(&Document::from_text(name, text))
    }

    /// From a document.
    ///
    /// # Errors
    /// Every complaint that could be found.
    pub fn of(document: &Document) -> Result<Self, Refused> {
        let results: Self = document.decode()?;
        if results.schema != SCHEMA {
            let message = format!("schema {} is not known", results.schema);
            let help = Some("this bench reads `schema = 1`".to_owned());
            return Err(vec![document.refuse(
                "schema",
                code::INVALID_VALUE,
                message,
                help,
            )]);
        }
        Ok(results)
    }

    /// The line of a cell.
    #[must_use]
    pub fn line(&self, name: &str, point: PointName, profile: ProfileName) -> Option<&Line> {
        let key = (name, point, profile);
        let mut lines = self.line.iter();
        lines.find(|it| (it.name.as_str(), it.point, it.profile) == key)
    }

    /// What was flown on a profile.
    #[must_use]
    pub fn flown(&self, profile: ProfileName) -> Option<&Flown> {
        self.flown.iter().find(|it| it.profile == profile)
    }

    /// Puts these over `older`: lines that were flown again replace what was there of them. Where a profile was
    /// flown for other patients, seeds or moments than before, nothing older is kept of it.
    #[must_use]
    pub fn over(mut self, older: Self) -> Self {
        let alike = |profile: ProfileName| match (self.flown(profile), older.flown(profile)) {
            (Some(now), Some(then)) => now.is_alike(then),
            (None, _) => true,
            (Some(_), None) => false,
        };
        let lines = older.line.iter().filter(|line| {
            let again = self.line(&line.name, line.point, line.profile);
            alike(line.profile) && again.is_none()
        });
        let lines: Vec<Line> = lines.cloned().collect();
        self.line.extend(lines);
        for then in older.flown {
            match self.flown.iter_mut().find(|it| it.profile == then.profile) {
                Some(now) => now.skipped = now.skipped.max(then.skipped),
                None => self.flown.push(then),
            }
        }
        for flown in &mut self.flown {
            let of = || {
                self.line
                    .iter()
                    .filter(|line| line.profile == flown.profile)
            };
            flown.cells = u32::try_from(of().count()).unwrap_or(u32::MAX);
            flown.runs = of().map(|line| line.runs).sum();
        }
        let again: Vec<ProfileName> = self.baseline.iter().map(|it| it.profile).collect();
        let kept = older.baseline.into_iter();
        self.baseline
            .extend(kept.filter(|it| !again.contains(&it.profile)));
        self.sorted()
    }

    /// In the order of the file.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.flown.sort_by_key(|it| it.profile);
        self.baseline.sort_by_key(|it| it.profile);
        let key = |line: &Line| (line.name.clone(), line.point, line.profile);
        self.line.sort_by_key(key);
        self
    }

    /// As a file, one line for each cell. No date: the same runs make the same bytes.
    ///
    /// # Errors
    /// A value that TOML cannot have, which there is none of.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        let mut text = String::from(HEAD);
        let title = toml::Value::from(self.title.as_str());
        // Writing to a string cannot fail.
        let _ = write!(text, "schema = {}\ntitle = {title}\n", self.schema);
        list(&mut text, "flown", &self.flown)?;
        list(&mut text, "baseline", &self.baseline)?;
        list(&mut text, "line", &self.line)?;
        Ok(text)
    }
}

const HEAD: &str = "\
# Written by `weanbench hazards --out`; not by hand. What is absent was not there to be counted: never 0.
# `detected` of `effect` runs; latencies and `limit_s` in s from the effect; `excess_ug` above the plan in an hour and
# `deficit` of a day's plan, truth; grades 1 to 5 as in sim/docs/severity.md.
#
# Engineering simulation only; never for clinical use.
";

/// Where lines are not what `results` say of the same cells, in words; only where profile, patients, seed and
/// onsets are the same. Arms are compared where both have them of the same patients.
#[must_use]
pub fn compare(results: &Results, flown: &[Flown], lines: &[Line]) -> Vec<String> {
    let mut apart = Vec::new();
    for line in lines {
        let same = |it: &&Flown| it.profile == line.profile;
        let (Some(now), Some(then)) = (flown.iter().find(same), results.flown.iter().find(same))
        else {
            continue;
        };
        let alike = |it: &Flown| (it.patients, it.seed, it.onsets_min.clone());
        if alike(now) != alike(then) {
            continue;
        }
        let cell = format!("{} {} on {:?}", line.name, line.point.name(), line.profile);
        let Some(known) = results.line(&line.name, line.point, line.profile) else {
            apart.push(format!("{cell}: no result"));
            continue;
        };
        let mut known = known.clone();
        if now.arms != then.arms {
            known.held = line.held;
            known.unheeding = line.unheeding;
            known.controller = line.controller;
        }
        if known != *line {
            apart.push(format!("{cell}: now {line:?}, and it was {known:?}"));
        }
    }
    apart
}
