//! What a result says of each hazard: for whoever looks at the whole.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::check::injectable;
use super::file::{Matrix, PointName};
use super::line::Line;
use super::result::{Baseline, Flown, Results};
use super::risk::{Risk, risks};
use crate::harm::{HARM_DEFICIT, HARM_EXCESS_UG};
use crate::scenario::ProfileName;
use crate::tables;
use crate::verdict::RunVerdict;

/// One hazard, or pair, on one profile.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Covered {
    /// The hazard's number, or the pair's name.
    pub name: String,
    /// In words; empty for a pair.
    pub title: String,
    /// Which sensors are fitted; none where the hazard was not flown at all.
    pub profile: Option<ProfileName>,
    /// Cells that were flown.
    pub cells: u32,
    /// The worst share of runs that were detected, over the cells above the boundary, 0 to 1; none where no
    /// fault had an effect or the hazard asks for no alarm.
    pub detection: Option<f64>,
    /// The worst time from effect to alarm of any cell, s.
    pub latency_worst_s: Option<f64>,
    /// The time that the table of hazards allows, s.
    pub limit_s: Option<f64>,
    /// The most above the plan of an hour, µg.
    pub excess_ug: Option<f64>,
    /// The most that was missing of a day's plan, 0 to 1.
    pub deficit: Option<f64>,
    /// Points with runs that harmed while a sensor could have shown it and nothing did.
    pub undetected_unsafe: Vec<PointName>,
    /// Points with harm in at least one run, and none of the hazard's own alarms in any: an alarm for something
    /// else may have stood, so that the verdict is another.
    pub unheard: Vec<PointName>,
    /// Points at which no fault had an effect in any run: they show nothing.
    pub idle: Vec<PointName>,
    /// Why a point is known to, where it is.
    pub open: BTreeMap<PointName, String>,
}

/// All of it.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// What was flown.
    pub flown: Vec<Flown>,
    /// The same without any fault.
    pub baseline: Vec<Baseline>,
    /// Cells.
    pub cells: usize,
    /// Hazards and pairs, profile by profile, hazards first.
    pub covered: Vec<Covered>,
    /// Requirements that were breached in a cell, each with the names of its hazards and pairs; without those in
    /// which the controller's own word is bent, because such a defect has to breach something.
    pub breached: BTreeMap<String, BTreeSet<String>>,
    /// Hazards that can be injected and have no result.
    pub missing: Vec<String>,
    /// How bad each is before and after.
    pub risks: Vec<Risk>,
}

impl Summary {
    /// Of a result, and of the matrix that it is of.
    #[must_use]
    pub fn of(results: &Results, matrix: &Matrix) -> Self {
        let named = |name: &str| results.line.iter().any(|line| line.name == name);
        let missing: Vec<String> = injectable()
            .filter(|hazard| !named(&hazard.id))
            .map(|hazard| hazard.id.clone())
            .collect();
        let mut covered: Vec<Covered> = Vec::new();
        for line in &results.line {
            let known = covered
                .iter_mut()
                .find(|it| it.name == line.name && it.profile == Some(line.profile));
            match known {
                Some(known) => known.add(line, matrix),
                None => {
                    let mut fresh = Covered::empty(&line.name, Some(line.profile));
                    fresh.add(line, matrix);
                    covered.push(fresh);
                }
            }
        }
        covered.extend(missing.iter().map(|name| Covered::empty(name, None)));
        covered.sort_by_key(|it| (it.name.clone(), it.profile));
        Self {
            flown: results.flown.clone(),
            baseline: results.baseline.clone(),
            cells: results.line.len(),
            covered,
            breached: breached(results, matrix),
            missing,
            risks: risks(&results.line),
        }
    }

    /// Cells that harmed while a sensor could have shown it and nothing did, by name, and whether that is known.
    #[must_use]
    pub fn undetected_unsafe(&self) -> Vec<String> {
        self.named(|it| &it.undetected_unsafe, true)
    }

    /// Cells that harmed and raised none of the hazard's own alarms, by name.
    #[must_use]
    pub fn unheard(&self) -> Vec<String> {
        self.named(|it| &it.unheard, false)
    }

    /// Cells in which nothing happened, by name.
    #[must_use]
    pub fn idle(&self) -> Vec<String> {
        self.named(|it| &it.idle, false)
    }

    /// Whether all harm that nothing told of is known.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.covered.iter().all(Covered::is_known)
    }

    fn named(&self, points: fn(&Covered) -> &Vec<PointName>, titled: bool) -> Vec<String> {
        let of = |it: &Covered| {
            let point = |at: &PointName| {
                let open = titled && it.open.contains_key(at);
                format!("{}{}", at.name(), if open { " (open)" } else { "" })
            };
            let points: Vec<String> = points(it).iter().map(point).collect();
            let profile = it.profile.map(|it| format!("{it:?}")).unwrap_or_default();
            let title = if it.title.is_empty() || !titled {
                String::new()
            } else {
                format!(" ({})", it.title)
            };
            format!("{}{title} {} on {profile}", it.name, points.join(", "))
        };
        let bad = self.covered.iter();
        bad.filter(|it| !points(it).is_empty()).map(of).collect()
    }
}

/// Requirements that were breached, and in what.
fn breached(results: &Results, matrix: &Matrix) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in results.line.iter().filter(|line| !matrix.bends(line)) {
        for id in line.violated.keys() {
            found
                .entry(id.clone())
                .or_default()
                .insert(line.name.clone());
        }
    }
    found
}

impl Covered {
    /// Whether it is known of every point that harms undetected.
    fn is_known(&self) -> bool {
        let mut points = self.undetected_unsafe.iter();
        points.all(|point| self.open.contains_key(point))
    }

    fn empty(name: &str, profile: Option<ProfileName>) -> Self {
        let hazard = tables::hazards().iter().find(|it| it.id == name);
        Self {
            name: name.to_owned(),
            title: hazard.map(|it| it.title.clone()).unwrap_or_default(),
            profile,
            cells: 0,
            detection: None,
            latency_worst_s: None,
            limit_s: hazard.and_then(|it| it.within_s),
            excess_ug: None,
            deficit: None,
            undetected_unsafe: Vec::new(),
            unheard: Vec::new(),
            idle: Vec::new(),
            open: BTreeMap::new(),
        }
    }

    fn add(&mut self, line: &Line, matrix: &Matrix) {
        let most = |one: Option<f64>, other: Option<f64>| match (one, other) {
            (Some(one), Some(other)) => Some(one.max(other)),
            (one, other) => one.or(other),
        };
        self.cells += 1;
        if line.effect == 0 {
            self.idle.push(line.point);
        }
        if line.point != PointName::Below {
            self.detection = match (self.detection, line.detection()) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
        self.latency_worst_s = most(self.latency_worst_s, line.latency_worst_s);
        self.limit_s = self.limit_s.or(line.limit_s);
        self.excess_ug = most(self.excess_ug, line.excess_ug);
        self.deficit = most(self.deficit, line.deficit);
        if line.judged(RunVerdict::UndetectedUnsafe) > 0 {
            self.undetected_unsafe.push(line.point);
            let why = matrix.open(line).map(|why| (line.point, why.to_owned()));
            self.open.extend(why);
        }
        let excess = line.excess_ug.is_some_and(|it| it > HARM_EXCESS_UG);
        let deficit = line.deficit.is_some_and(|it| it >= HARM_DEFICIT);
        if line.detected == Some(0) && (excess || deficit) {
            self.unheard.push(line.point);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = r#"schema = 1
title = "x"
flown = []
line = [
    { name = "HZ-02", point = "below", profile = "P0", runs = 2, effect = 2, detected = 0, verdicts = { safe = 2 }, violated = { "SR-02" = 1 } },
    { name = "HZ-01", point = "above", profile = "P0", runs = 2, effect = 2, verdicts = { unsafe = 2 }, violated = { "SR-01" = 2 } },
    { name = "HZ-02", point = "above", profile = "P0", runs = 2, effect = 0, verdicts = { vacuous = 2 } },
    { name = "HZ-09", point = "above", profile = "P1", runs = 2, effect = 2, detected = 0, deficit = 0.6, verdicts = { undetected_unsafe = 1, unsafe = 1 } },
    { name = "HZ-09", point = "extreme", profile = "P1", runs = 4, effect = 4, detected = 3, latency_worst_s = 90.0, deficit = 0.9, verdicts = { unsafe = 4 } },
    { name = "HZ-15", point = "above", profile = "P2", runs = 1, effect = 1, detected = 0, deficit = 0.6, verdicts = { undetected_unsafe = 1 } },
    { name = "HZ-03", point = "above", profile = "P1", runs = 1, effect = 1, detected = 0, excess_ug = 26.0, verdicts = { undetected_unsafe = 1 } },
]
"#;

    #[test]
    fn what_is_said_is_the_worst_and_what_was_not_flown_is_missing() {
        let matrix = Matrix::shipped();
        let summary = Summary::of(&Results::from_text("r.toml", LINES).unwrap(), &matrix);
        let of = |name: &str| {
            let mut all = summary.covered.iter();
            all.find(|it| it.name == name).expect("a row").clone()
        };
        // Below a boundary nobody has to hear of it; above it nothing had an effect.
        let gain = of("HZ-02");
        assert_eq!((gain.cells, gain.detection), (2, None));
        let inlet = of("HZ-09");
        assert_eq!((inlet.detection, inlet.deficit), (Some(0.0), Some(0.9)));
        assert_eq!(inlet.unheard, [PointName::Above]);
        assert_eq!(inlet.undetected_unsafe, [PointName::Above]);
        assert_eq!(gain.idle, [PointName::Above]);
        assert_eq!(summary.idle(), ["HZ-02 above on P0"]);
        // A defect of the controller has to breach something.
        let breached: Vec<&String> = summary.breached.keys().collect();
        assert_eq!(breached, ["SR-02"]);
        assert!(summary.breached["SR-02"].contains("HZ-02"));
        let missing = of("HZ-04");
        assert_eq!(
            (missing.profile, missing.cells, missing.detection),
            (None, 0, None)
        );
        assert_eq!(summary.missing.len(), 66);
        let said = summary.undetected_unsafe();
        assert_eq!(said.len(), 3);
        assert!(
            said[1].starts_with("HZ-09 (") && said[1].ends_with("above (open) on P1"),
            "{said:?}"
        );
        // HZ-09 is known to; HZ-03 is not, and HZ-15 is on P1 and not on P2.
        assert!(!of("HZ-15").is_known());
        assert!(inlet.is_known() && !of("HZ-03").is_known() && !summary.is_good());
    }
}
