//! One candidate, judged by one requirement, and flown no further than the answer needs.
//!
//! Once the requirement is breached for good at a whole hour, the scenario that ends there is a simpler one that
//! fails as well, so the run is over: what it has come to by then is what that shorter scenario comes to, to the
//! last bit. A candidate in which nothing is breached is flown to its end.
//!
//! Never here: what is tried, and in which order.

use crate::bench::{Bench, Look, Stalled};
use crate::case::Case;
use crate::clock::SimTime;
use crate::config::Library;
use crate::detect;
use crate::judge::{is_excused, may_be_excused};
use crate::port::AnyController;
use crate::requirement::{Alone, Finding, OfOne, Requirement};
use crate::scenario::Scenario;
use crate::study::cohort::patients;
use crate::study::variant::variant;

use super::probe::{Came, Tried};

/// What a candidate has come to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Flown {
    /// What it comes to, and so does the scenario that [ends](ended) at this hour.
    pub(super) tried: Tried,
    /// When nothing more had to be flown; none where all was.
    pub(super) ends_h: Option<u32>,
}

impl Flown {
    const fn nothing(came: Came) -> Self {
        let tried = Tried::nothing(came);
        Self {
            tried,
            ends_h: None,
        }
    }
}

/// The scenario, ended at an hour, and without what would happen afterwards.
pub(super) fn ended(scenario: &Scenario, end_h: u32) -> Scenario {
    let mut it = scenario.clone();
    it.run_max_h = end_h;
    it.follow_up_h = 0;
    it.follow_up_stop_h = 1;
    let begins = |at_min: u32| at_min < end_h.saturating_mul(60);
    it.faults.retain(|fault| begins(fault.from_min));
    it.orders.retain(|order| begins(order.at_min));
    for fault in &mut it.faults {
        fault.until_min = fault.until_min.filter(|until| begins(*until));
    }
    it
}

/// Flies a candidate; none where it was given up on its way.
pub(super) fn flown(
    base: &Library,
    scenario: &Scenario,
    alone: &Alone,
    given_up: &dyn Fn() -> bool,
) -> Option<Flown> {
    let Ok(library) = variant(base, scenario) else {
        return Some(Flown::nothing(Came::Refused));
    };
    let patient = patients(&library)[0];
    let Ok(case) = Case::new(&library, &library.scenario.arms[0], patient) else {
        return Some(Flown::nothing(Came::Refused));
    };
    let Some(requirement) = alone.requirement(&case) else {
        return Some(Flown::nothing(Came::Vacuous));
    };
    let flight = Flight {
        base,
        case: &case,
        requirement,
        alone,
        seen: None,
    };
    match flight.fly(given_up) {
        Ok(flown) => flown,
        Err(_) => Some(Flown::nothing(Came::Stalled)),
    }
}

struct Flight<'a> {
    base: &'a Library,
    case: &'a Case<'a>,
    requirement: &'a Requirement,
    alone: &'a Alone,
    /// When the faults could first be seen, if ever; worked out once it is asked for.
    seen: Option<Option<SimTime>>,
}

impl Flight<'_> {
    fn fly(mut self, given_up: &dyn Fn() -> bool) -> Result<Option<Flown>, Stalled> {
        let mut bench = Bench::of(self.case)?;
        let mut judge = self.alone.judge(self.case);
        let has = bench.abilities();
        let requirements = self.case.requirements();
        let applies = requirements.apply(self.requirement, &has);
        for hour in 1..self.case.scenario().run_max_h {
            // What happens at the hour itself belongs to a run that ends there.
            let after = SimTime::from_hours(u64::from(hour)).after_millis(1);
            if !bench.until(after, &mut judge)? {
                break;
            }
            if given_up() {
                return Ok(None);
            }
            if applies && self.may_end(hour, &bench) {
                let finding = self.finding(&mut judge, SimTime::from_hours(u64::from(hour)));
                let is_one = |hour| variant(self.base, &ended(self.case.scenario(), hour)).is_ok();
                if finding.violated() && is_one(hour) {
                    return Ok(Some(self.flown(&finding, Some(hour))));
                }
            }
        }
        bench.run(&mut judge)?;
        let finding = if applies {
            self.finding(&mut judge, SimTime::NEVER)
        } else {
            Finding::NOT_APPLICABLE
        };
        Ok(Some(self.flown(&finding, None)))
    }

    fn flown(&self, finding: &Finding, ends_h: Option<u32>) -> Flown {
        Flown {
            tried: Tried::of(self.requirement, finding),
            ends_h,
        }
    }

    /// Whether a breach by this hour says what the scenario that ends there would come to.
    fn may_end(&self, hour: u32, bench: &Bench<'_, AnyController>) -> bool {
        let scenario = self.case.scenario();
        if !self.alone.stays_breached() || (bench.is_complete() && scenario.follow_up_h > 0) {
            return false;
        }
        // What begins or ends at that very moment would be left out.
        let there = |minute: u32| minute == hour * 60;
        let edge =
            |it: &crate::scenario::Fault| there(it.from_min) || it.until_min.is_some_and(there);
        if scenario.faults.iter().any(edge) || scenario.orders.iter().any(|it| there(it.at_min)) {
            return false;
        }
        // Nor is it the same run where only a fault that is left out acts on what is said.
        let begins = |it: &&crate::scenario::Fault| it.from_min < hour * 60;
        let silences = |it: &crate::scenario::Fault| it.what.may_silence();
        let left = scenario.faults.iter().filter(begins).any(silences);
        Look::of(self.case) == Look::at(left)
    }

    /// What would be found if the run ended at `end`, with the excuse that nothing could have shown it by then.
    fn finding(&mut self, judge: &mut OfOne, end: SimTime) -> Finding {
        let mut finding = judge.so_far().unwrap_or(Finding::NONE);
        if may_be_excused(self.case, self.requirement, &finding) {
            let case = self.case;
            // A twin that stalls has shown nothing.
            let seen = *self
                .seen
                .get_or_insert_with(|| detect::visible_from(case).ok().flatten());
            let by_then = seen.filter(|seen| *seen <= end);
            finding.not_detectable = is_excused(self.requirement, &finding, by_then);
        }
        finding
    }
}
