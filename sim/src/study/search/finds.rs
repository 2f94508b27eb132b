//! Finds as they are kept: each the smallest scenario of its kind, known again when it comes again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Find;
use crate::config::Library;
use crate::scenario::{Scenario, description};
use crate::study::orders;
use crate::study::shrink::{self, Shrunk, Wish, shrink};
use crate::study::variant::variant;

/// What has become of a find since it was last looked for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Since {
    /// Nobody knew it.
    New,
    /// It was known, and still breaks its requirement.
    Known,
    /// It was known, and breaks nothing any more.
    Fixed,
    /// It was fixed, and breaks its requirement again.
    Returned,
}

impl Since {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Known => "known",
            Self::Fixed => "fixed",
            Self::Returned => "returned",
        }
    }

    /// What comes after this, where the find breaks its requirement now or does not.
    #[must_use]
    pub const fn then(before: Option<Self>, breaks: bool) -> Self {
        match (before, breaks) {
            (None, _) => Self::New,
            (Some(Self::Fixed), true) => Self::Returned,
            (Some(_), true) => Self::Known,
            (Some(_), false) => Self::Fixed,
        }
    }
}

/// What makes two finds the same: the requirement, and what is left of the scenario but for its numbers.
#[must_use]
pub fn group(requirement: &str, scenario: &Scenario) -> String {
    let faults = scenario.faults.iter();
    let mut kinds: Vec<String> = faults
        .map(|fault| description(&fault.what).0.name.replace('_', "-"))
        .collect();
    kinds.extend(
        scenario
            .orders
            .iter()
            .map(|order| orders::name(&order.what).to_owned()),
    );
    kinds.sort_unstable();
    if kinds.is_empty() {
        kinds.push("calm".to_owned());
    }
    format!("{requirement}-{}", kinds.join("-"))
}

/// Shrinks finds, and keeps one of each group. Of finds that are alike before they are shrunk only the first is.
///
/// `most` are shrunk at most, each in `budget` runs.
#[must_use]
pub fn smallest(
    library: &Library,
    finds: &[Find],
    most: usize,
    budget: usize,
) -> BTreeMap<String, Shrunk> {
    let ids: Vec<&str> = library
        .requirements
        .judged()
        .map(|it| it.id.as_str())
        .collect();
    let mut alike = BTreeMap::new();
    for find in finds {
        alike
            .entry(group(ids[find.place], &find.scenario))
            .or_insert(find);
    }
    let mut first: Vec<&Find> = alike.into_values().collect();
    first.sort_by_key(|find| find.run);
    let mut kept = BTreeMap::new();
    for find in first.into_iter().take(most) {
        let wish = Wish {
            requirement: Some(ids[find.place]),
            patient: None,
            budget,
        };
        let shrunk = variant(library, &find.scenario)
            .ok()
            .and_then(|library| shrink(&library, &wish).ok());
        if let Some(shrunk) = shrunk {
            let group = group(&shrunk.requirement, &shrunk.scenario);
            kept.entry(group).or_insert(shrunk);
        }
    }
    kept
}

/// Whether a find that was kept breaks its requirement now; no where it cannot be flown any more.
#[must_use]
pub fn still_breaks(library: &Library, scenario: &Scenario, requirement: &str) -> bool {
    variant(library, scenario).is_ok()
        && shrink::again(library, scenario, requirement).is_ok_and(|tried| tried.fails())
}
