//! The file of the fault matrix as it is written, and read.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check;
use super::line::Line;
use crate::bench::Controllers;
use crate::config::{Library, Refused};
use crate::input::Document;
use crate::scenario::{FaultKind, ProfileName};
use crate::shipped;
use crate::verdict::RunVerdict;

/// Every injectable hazard with the numbers that it is tried at.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct MatrixFile {
    /// Version of this file kind: 1.
    pub schema: u32,
    /// One line.
    pub title: String,
    /// A scenario that ships with the bench; its faults are left out.
    pub scenario: String,
    /// How many patients of that scenario each cell is flown for, unless somebody asks for another number.
    pub patients: u32,
    /// Which sensors are fitted, one after the other.
    pub profiles: Vec<ProfileName>,
    /// A wean that is not complete by then ends, hours after the explant.
    pub run_max_h: u32,
    /// Observation after the last drug has left the pump, hours.
    pub follow_up_h: u32,
    /// When faults begin, minutes after the explant, each with a name.
    pub from_min: BTreeMap<String, u32>,
    /// One for each hazard that can be injected.
    pub row: Vec<Row>,
    /// Two hazards at once.
    #[serde(default)]
    pub pair: Vec<Pair>,
}

/// One hazard.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its number, such as `HZ-08`.
    pub hazard: String,
    /// Where its boundary lies.
    pub why: String,
    /// Why a point is known to harm undetected for now on a profile; left out where that must not be.
    #[serde(default)]
    pub open: BTreeMap<PointName, BTreeMap<ProfileName, String>>,
    /// What else goes wrong at the same moment, at each point alike, so that there is anything to do wrong:
    /// who leaves alarms unanswered must have one.
    #[serde(default)]
    pub beside: Option<Beside>,
    /// Below the boundary.
    pub below: Point,
    /// Above it.
    pub above: Point,
    /// As far as it goes.
    pub extreme: Point,
}

/// A point of another row.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Beside {
    /// The other row.
    pub hazard: String,
    /// Which of its points.
    pub point: PointName,
}

/// A fault without its moment.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// When it begins, whatever the moments of the file are, minutes after the explant.
    #[serde(default)]
    pub at_min: Option<u32>,
    /// How long it lasts, minutes; left out, it stays.
    #[serde(default)]
    pub lasts_min: Option<u32>,
    /// What.
    pub what: FaultKind,
}

/// Two hazards at once: the first must still be answered while the second stands in its way.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// Its name, once in a file.
    pub name: String,
    /// Why these two.
    pub why: String,
    /// The one whose alarms are asked for, and the one that is in their way.
    pub hazards: [String; 2],
    /// Which point of each row.
    pub points: [PointName; 2],
    /// Why it is known to harm undetected for now on a profile.
    #[serde(default)]
    pub open: BTreeMap<ProfileName, String>,
}

/// How far from the boundary.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum PointName {
    /// Below.
    Below,
    /// Above.
    Above,
    /// As far as it goes.
    Extreme,
}

impl PointName {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Below, Self::Above, Self::Extreme];

    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Below => "below",
            Self::Above => "above",
            Self::Extreme => "extreme",
        }
    }
}

impl Row {
    /// One of its points.
    #[must_use]
    pub const fn point(&self, name: PointName) -> Point {
        match name {
            PointName::Below => self.below,
            PointName::Above => self.above,
            PointName::Extreme => self.extreme,
        }
    }
}

/// A matrix whose every cell has been checked.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// As it was written.
    pub file: MatrixFile,
    /// The scenario without faults, for each profile of the file.
    pub(super) healthy: Vec<(ProfileName, Library)>,
}

impl Matrix {
    /// The one that ships with the bench.
    ///
    /// # Panics
    /// Never: a test reads it.
    #[must_use]
    pub fn shipped() -> Self {
        let document = Document::from_text("campaigns/hazards.toml", shipped::HAZARD_MATRIX);
        Self::of(&document).expect("a test reads it")
    }

    /// Reads one.
    ///
    /// # Errors
    /// Every complaint that could be found.
    pub fn read(path: &Path) -> Result<Self, Refused> {
        Self::of(&Document::read(path)?)
    }

    /// From its text.
    ///
    /// # Errors
    /// Every complaint that could be found.
    pub fn from_text(name: &str, text: &str) -> Result<Self, Refused> {
        Self::of(&Document::from_text(name, text))
    }

    fn of(document: &Document) -> Result<Self, Refused> {
        let file: MatrixFile = document.decode()?;
        check::frame(document, &file)?;
        let healthy = check::healthy(document, &file)?;
        let matrix = Self { file, healthy };
        check::cells(document, &matrix)?;
        Ok(matrix)
    }

    /// The scenario without faults, on a profile of the file.
    pub(super) fn healthy(&self, profile: ProfileName) -> Option<&Library> {
        let found = self.healthy.iter().find(|(it, _)| *it == profile);
        found.map(|(_, library)| library)
    }

    /// The same matrix for controllers of somebody else's.
    #[must_use]
    pub fn under(mut self, controllers: &Arc<dyn Controllers>) -> Self {
        for (_, library) in &mut self.healthy {
            library.controllers = Arc::clone(controllers);
        }
        self
    }

    /// The row of a hazard.
    pub(super) fn row(&self, hazard: &str) -> Option<&Row> {
        self.file.row.iter().find(|row| row.hazard == hazard)
    }

    /// Why a cell is known to harm undetected for now.
    #[must_use]
    pub fn open(&self, cell: &Line) -> Option<&str> {
        let row = self.row(&cell.name);
        let pair = || self.file.pair.iter().find(|pair| pair.name == cell.name);
        let open = match row {
            Some(row) => row.open.get(&cell.point)?,
            None => &pair()?.open,
        };
        open.get(&cell.profile).map(String::as_str)
    }

    /// Whether a cell harmed while a sensor could have shown it and nothing did, and nobody knew that it would.
    #[must_use]
    pub fn is_bad(&self, cell: &Line) -> bool {
        cell.judged(RunVerdict::UndetectedUnsafe) > 0 && self.open(cell).is_none()
    }

    /// Whether a cell bends what the controller says.
    pub(super) fn bends(&self, cell: &Line) -> bool {
        let pair = self.file.pair.iter().find(|pair| pair.name == cell.name);
        let points = match pair {
            Some(pair) => pair.hazards.iter().zip(pair.points).collect(),
            None => vec![(&cell.name, cell.point)],
        };
        let defect = |(name, at): &(&String, PointName)| {
            let point = self.row(name).map(|row| row.point(*at));
            point.is_some_and(|point| matches!(point.what, FaultKind::Defect(_)))
        };
        points.iter().any(defect)
    }

    /// When faults begin, the earliest first.
    #[must_use]
    pub fn onsets(&self) -> Vec<(&str, u32)> {
        let all = self.file.from_min.iter();
        let mut all: Vec<(&str, u32)> = all.map(|(name, at)| (name.as_str(), *at)).collect();
        all.sort_by_key(|(_, at)| *at);
        all
    }

    /// Where the random draws of its runs come from.
    #[must_use]
    pub fn seed(&self) -> u64 {
        let first = self.healthy.first();
        first.map_or(0, |(_, library)| library.scenario.seed)
    }
}
