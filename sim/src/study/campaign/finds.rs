//! What a campaign found, grouped by what was breached and by the fewest kinds of fault that did it; and what of it
//! is new since another campaign.
//!
//! A find is a controller, a requirement (or a verdict that no requirement explains) and the smallest sets of kinds:
//! what fails under a kink alone is not told once more for a kink beside a dead battery.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::file::Campaign;
use super::tally::Tally;
use crate::config::Refused;
use crate::input::Document;
use crate::study::lines::list;

/// Sets of kinds that are kept apart for one requirement; beyond them only the smallest are.
const SETS_MOST: usize = 2_000;

/// Runs that found the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Seen {
    runs: u64,
    margin: Option<f64>,
    case: u64,
}

impl Seen {
    pub(super) const fn once(case: u64, margin: Option<f64>) -> Self {
        Self {
            runs: 1,
            margin,
            case,
        }
    }

    /// Both together; the case stays that of the first.
    fn and(self, other: Self) -> Self {
        let margins = [self.margin, other.margin].into_iter().flatten();
        Self {
            runs: self.runs + other.runs,
            margin: margins.reduce(f64::min),
            case: self.case,
        }
    }
}

/// Everything that was seen: by controller and what was breached, and then by kinds of fault.
#[derive(Clone, Debug, Default)]
pub(super) struct SeenAll {
    all: BTreeMap<(String, String), BTreeMap<Vec<String>, Seen>>,
}

impl SeenAll {
    pub(super) fn add(&mut self, (controller, what): (&str, &str), kinds: &[String], seen: Seen) {
        let sets = self.all.entry((controller.to_owned(), what.to_owned()));
        let sets = sets.or_default();
        match sets.get_mut(kinds) {
            Some(known) => *known = known.and(seen),
            None => {
                sets.insert(kinds.to_vec(), seen);
                if sets.len() > SETS_MOST {
                    *sets = smallest(sets);
                }
            }
        }
    }
}

/// Whether all of these kinds are among those; both are sorted.
fn is_among(few: &[String], many: &[String]) -> bool {
    few.iter().all(|kind| many.binary_search(kind).is_ok())
}

/// Only sets without a smaller one among them, each with the runs of those that have it within.
fn smallest(sets: &BTreeMap<Vec<String>, Seen>) -> BTreeMap<Vec<String>, Seen> {
    let mut by_size: Vec<(&Vec<String>, &Seen)> = sets.iter().collect();
    by_size.sort_by_key(|(kinds, _)| kinds.len());
    let mut kept: Vec<(Vec<String>, Seen)> = Vec::new();
    for (kinds, seen) in by_size {
        match kept.iter_mut().find(|(few, _)| is_among(few, kinds)) {
            Some((_, known)) => *known = known.and(*seen),
            None => kept.push((kinds.clone(), *seen)),
        }
    }
    kept.into_iter().collect()
}

/// What is to be said of a find, set beside an earlier campaign.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not found before.
    New,
    /// Found again after it had been fixed.
    Returned,
    /// Found before.
    Known,
    /// Found before, and not by the same campaign now.
    Fixed,
    /// Found before by another campaign; this one did not meet it, which says nothing.
    Unmet,
}

impl State {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 5] = [
        Self::New,
        Self::Returned,
        Self::Known,
        Self::Fixed,
        Self::Unmet,
    ];

    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Returned => "returned",
            Self::Known => "known",
            Self::Fixed => "fixed",
            Self::Unmet => "unmet",
        }
    }

    /// Whether this campaign met it.
    #[must_use]
    pub const fn is_met(self) -> bool {
        matches!(self, Self::New | Self::Returned | Self::Known)
    }
}

/// Something that went wrong, once for all runs in which it did.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Find {
    /// New, known, fixed, returned.
    pub state: State,
    /// The requirement that was violated, or the verdict that none explains.
    pub what: String,
    /// The fewest kinds of fault that it takes.
    pub faults: Vec<String>,
    /// Under which controller.
    pub controller: String,
    /// In how many runs.
    pub runs: u64,
    /// The worst margin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
    /// The unit of the margin.
    pub unit: String,
    /// The first such case.
    pub case: u64,
    /// The command that runs it again; empty where this campaign did not meet it.
    pub replay: String,
    /// Why it is left open, where somebody has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl Find {
    /// Whether both are the same thing: a larger set of kinds has the smaller one within.
    fn is_same(&self, other: &Self) -> bool {
        let key = |it: &Self| (it.what.clone(), it.controller.clone());
        let among = is_among(&self.faults, &other.faults) || is_among(&other.faults, &self.faults);
        key(self) == key(other) && among
    }
}

/// All finds of a campaign, as they are kept.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Finds {
    /// Version of this file kind: 1.
    pub schema: u32,
    /// The campaign's number: [`Campaign::identity`].
    pub campaign: String,
    /// What was found.
    pub find: Vec<Find>,
}

impl Finds {
    /// The name of their file in a campaign's folder.
    pub const FILE: &'static str = "finds.toml";

    /// What a tally found.
    #[must_use]
    pub fn of(campaign: &Campaign, tally: &Tally) -> Self {
        let mut find = Vec::new();
        for ((controller, what), sets) in &tally.seen.all {
            let held = tally.requirements.iter().find(|it| it.id == *what);
            for (faults, seen) in smallest(sets) {
                find.push(Find {
                    state: State::New,
                    what: what.clone(),
                    faults,
                    controller: controller.clone(),
                    runs: seen.runs,
                    margin: seen.margin,
                    unit: held.map_or_else(String::new, |it| it.unit.clone()),
                    case: seen.case,
                    replay: campaign.case(seen.case).replay(controller),
                    why: None,
                });
            }
        }
        Self {
            schema: 1,
            campaign: campaign.identity(),
            find,
        }
    }

    /// The same beside what was found earlier: what is new, known, fixed, returned. What was open then and is not
    /// met now is fixed if the campaign is the same and complete.
    #[must_use]
    pub fn against(mut self, earlier: &Self, complete: bool) -> Self {
        for find in &mut self.find {
            let before = earlier.find.iter().filter(|it| it.is_same(find));
            let before: Vec<&Find> = before.collect();
            let states: Vec<State> = before.iter().map(|it| it.state).collect();
            find.why = before.iter().find_map(|it| it.why.clone());
            find.state = if states.is_empty() {
                State::New
            } else if states.iter().all(|it| *it == State::Fixed) {
                State::Returned
            } else {
                State::Known
            };
        }
        let same = complete && earlier.campaign == self.campaign;
        let gone = earlier.find.iter().filter(|before| {
            let met = self.find.iter().any(|it| it.is_same(before));
            !met
        });
        let gone: Vec<Find> = gone
            .map(|before| Find {
                state: match before.state {
                    State::Fixed => State::Fixed,
                    State::Unmet => State::Unmet,
                    State::New | State::Returned | State::Known if same => State::Fixed,
                    State::New | State::Returned | State::Known => State::Unmet,
                },
                ..before.clone()
            })
            .collect();
        self.find.extend(gone);
        self
    }

    /// The finds of both; as old as `self`.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.find.extend(other.find);
        self
    }

    /// Those of a state.
    pub fn of_state(&self, state: State) -> impl Iterator<Item = &Find> {
        self.find.iter().filter(move |find| find.state == state)
    }

    /// From a document.
    ///
    /// # Errors
    /// Every complaint that could be found.
    pub fn read(document: &Document) -> Result<Self, Refused> {
        document.decode()
    }

    /// As a file, one line for each find.
    ///
    /// # Errors
    /// A value that TOML cannot have, which there is none of.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        let mut text = String::from(HEAD);
        // Writing to a string cannot fail.
        let campaign = toml::Value::from(self.campaign.as_str());
        let _ = writeln!(text, "schema = {}\ncampaign = {campaign}", self.schema);
        list(&mut text, "find", &self.find)?;
        Ok(text)
    }
}

const HEAD: &str = "\
# Written by `weanbench campaign`; `--against` reads it to tell new, known, fixed and returned finds apart.
# Engineering simulation only; never for clinical use.
";

#[cfg(test)]
mod tests {
    use super::*;

    fn find(what: &str, faults: &[&str], state: State) -> Find {
        Find {
            state,
            what: what.to_owned(),
            faults: faults.iter().map(|it| (*it).to_owned()).collect(),
            controller: "builtin".to_owned(),
            runs: 1,
            margin: Some(-1.5),
            unit: "min".to_owned(),
            case: 3,
            replay: "weanbench run 'x'".to_owned(),
            why: None,
        }
    }

    fn finds(campaign: &str, find: &[Find]) -> Finds {
        Finds {
            schema: 1,
            campaign: campaign.to_owned(),
            find: find.to_vec(),
        }
    }

    fn states(finds: &Finds) -> Vec<(&str, State)> {
        let each = finds.find.iter();
        each.map(|find| (find.what.as_str(), find.state)).collect()
    }

    #[test]
    fn new_known_fixed_and_returned_are_told_apart() {
        let new = State::New;
        let then = finds("c", &[find("A", &["air"], new), find("B", &["leak"], new)]);
        let now = finds("c", &[find("A", &["air"], new), find("C", &[], new)]);
        let second = now.against(&then, true);
        assert_eq!(
            states(&second),
            [("A", State::Known), ("C", State::New), ("B", State::Fixed)]
        );
        // What has been fixed is remembered, so that its return is told.
        let third = finds("c", &[find("B", &["air", "leak"], new)]).against(&second, true);
        assert_eq!(
            states(&third),
            [
                ("B", State::Returned),
                ("A", State::Fixed),
                ("C", State::Fixed)
            ]
        );
        // Another campaign, or half of one, fixes nothing.
        for unmet in [
            finds("d", &[]).against(&then, true),
            finds("c", &[]).against(&then, false),
        ] {
            assert_eq!(states(&unmet), [("A", State::Unmet), ("B", State::Unmet)]);
        }
        let text = third.to_toml().unwrap();
        let back = Finds::read(&Document::from_text("finds.toml", text)).unwrap();
        assert_eq!(back, third);
    }

    #[test]
    fn what_fails_under_few_faults_is_not_told_again_under_more() {
        let mut seen = SeenAll::default();
        let kinds =
            |names: &[&str]| -> Vec<String> { names.iter().map(|it| (*it).to_owned()).collect() };
        let of = ("builtin", "SR-1");
        seen.add(of, &kinds(&["air", "leak"]), Seen::once(1, Some(-5.0)));
        seen.add(of, &kinds(&["leak"]), Seen::once(2, Some(-1.0)));
        seen.add(of, &kinds(&["leak"]), Seen::once(3, Some(-2.0)));
        seen.add(of, &kinds(&["air", "stall"]), Seen::once(4, None));
        let few = smallest(seen.all.values().next().expect("one"));
        let leak = Seen {
            runs: 3,
            margin: Some(-5.0),
            case: 2,
        };
        assert_eq!(few.len(), 2);
        assert_eq!(few[&kinds(&["leak"])], leak);
        assert_eq!(few[&kinds(&["air", "stall"])], Seen::once(4, None));
    }
}
