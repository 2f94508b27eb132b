//! The point of no return: the last moment from which a violation could still be avoided.
//!
//! Two things can be done at a moment. What follows is taken away: faults and orders that begin then or later do
//! not come, and faults that act end. Or the shipped controller takes over, from what the one on the bench has
//! stored, as after a restart. Both are asked at moments a minute apart, by splitting the time before the
//! breach again and again; each question is a run of its own, so that it works for any controller.
//!
//! Never here: what else could have been done by people, or with another pump.

use std::sync::Arc;

use dose_controller::{Controller, Protocol};
use infusion_types::{Abilities, Decision, Inputs, Session, Timestamp};
use rayon::prelude::*;
use serde::Serialize;

use super::cohort::{patients, run_case};
use super::variant::variant;
use crate::bench::{AnyController, ControllerPort, Controllers, Shipped, Stalled};
use crate::case::Case;
use crate::config::Library;
use crate::judge::Judged;
use crate::kept::Kept;
use crate::requirement::Finding;
use crate::scenario::Scenario;

/// Moments that are asked at once.
const AT_ONCE: u32 = 7;

/// The last minute, after the explant, at which something still avoids the violation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// Not even at the explant.
    Never,
    /// At this one, and not a minute later.
    Minute(u32),
    /// Even after the breach is final: something else has changed it.
    Always,
}

/// What was found out about one violation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cause {
    /// The requirement.
    pub requirement: String,
    /// The patient.
    pub patient: u64,
    /// The arm.
    pub arm: String,
    /// When it is first breached, hours after the explant.
    pub breached_at_h: f64,
    /// Until when taking away what follows avoids it; none where nothing follows at all.
    pub without_what_follows: Option<Until>,
    /// Until when the shipped controller avoids it; none where it is on the bench already.
    pub with_the_shipped_controller: Option<Until>,
    /// Runs that it took.
    pub runs: u32,
}

impl Until {
    /// Hours before the breach; none where there was no such moment.
    #[must_use]
    pub fn before_h(self, breached_at_h: f64) -> Option<f64> {
        match self {
            Self::Never => None,
            Self::Minute(minute) => Some((breached_at_h - f64::from(minute) / 60.0).max(0.0)),
            Self::Always => Some(0.0),
        }
    }
}

/// Why there is no cause to find.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NoCause {
    /// Nothing is violated in the case.
    #[error("{0} is not violated")]
    NotViolated(String),
    /// There is no such requirement, or none that a run is judged by.
    #[error("no run is judged by a requirement `{0}`")]
    Unknown(String),
    /// The files do not fit together.
    #[error("{0}")]
    Unfit(String),
    /// The controller did not answer.
    #[error(transparent)]
    Stalled(#[from] Stalled),
}

/// Finds the point of no return of the first case that violates a requirement: this one, or any.
///
/// # Errors
/// [`NoCause`].
pub fn cause(
    library: &Library,
    requirement: Option<&str>,
    patient: Option<u64>,
) -> Result<Cause, NoCause> {
    let found = violation(library, requirement, patient)?;
    let place = found.place;
    let judged = library.requirements.judged().nth(place);
    let mut runs = found.runs;
    // The scenario of this arm alone: places of arms do not matter below.
    let mut scenario = library.scenario.clone();
    scenario.arms = vec![library.scenario.arms[found.arm].clone()];
    let library = &variant(library, &scenario).map_err(unfit)?;
    let asked = Asked {
        library,
        patient: found.patient,
        place,
    };
    // What is demanded may still come until its time is over.
    let horizon = judged
        .and_then(|it| it.formula())
        .map_or(0, |it| it.horizon().millis());
    let last_h = found.breached_at_h + horizon as f64 / 3.6e6;
    let last = libm::ceil(last_h * 60.0) as u32;
    let something = !scenario.faults.is_empty() || !scenario.orders.is_empty();
    let without = something
        .then(|| until(last, &mut runs, |minute| asked.avoids_without(minute)))
        .transpose()?;
    let another = library.controllers.name() != Shipped::NAME;
    let shipped = another
        .then(|| until(last, &mut runs, |minute| asked.avoids_with_shipped(minute)))
        .transpose()?;
    Ok(Cause {
        requirement: judged.map_or_else(String::new, |it| it.id.clone()),
        patient: found.patient,
        arm: scenario.arms[0].name.clone(),
        breached_at_h: found.breached_at_h,
        without_what_follows: without,
        with_the_shipped_controller: shipped,
        runs,
    })
}

fn unfit(complaints: Vec<crate::input::Diagnostic>) -> NoCause {
    NoCause::Unfit(
        complaints
            .first()
            .map_or_else(String::new, ToString::to_string),
    )
}

struct Violated {
    place: usize,
    arm: usize,
    patient: u64,
    breached_at_h: f64,
    runs: u32,
}

fn violation(
    library: &Library,
    requirement: Option<&str>,
    patient: Option<u64>,
) -> Result<Violated, NoCause> {
    let mut judged = library.requirements.judged();
    let wanted = match requirement {
        None => None,
        Some(id) => {
            let place = judged.position(|it| it.id == id);
            Some(place.ok_or_else(|| NoCause::Unknown(id.to_owned()))?)
        }
    };
    let everybody = patient.map_or_else(|| patients(library), |one| vec![one]);
    let mut runs = 0;
    for patient in everybody {
        for (arm, of) in library.scenario.arms.iter().enumerate() {
            let case = Case::new(library, of, patient);
            let case = case.map_err(|problem| NoCause::Unfit(problem.to_string()))?;
            runs += 1;
            let findings = run_case(&case)?.findings;
            let all = findings.iter().enumerate();
            let mut violated: Vec<(usize, f64)> = all
                .filter(|(place, it)| it.violated() && wanted.is_none_or(|wanted| wanted == *place))
                .filter_map(|(place, it)| Some((place, it.breached_at_h?)))
                .collect();
            // The first breach is the one to understand.
            violated.sort_by(|a, b| a.1.total_cmp(&b.1));
            if let Some((place, breached_at_h)) = violated.first().copied() {
                return Ok(Violated {
                    place,
                    arm,
                    patient,
                    breached_at_h,
                    runs,
                });
            }
        }
    }
    let wanted = requirement.unwrap_or("any requirement");
    Err(NoCause::NotViolated(wanted.to_owned()))
}

/// The last minute up to `last` at which `avoids` says yes, where it says yes up to a minute and no from there
/// on. A few moments are asked at once, always the same ones.
fn until(
    last: u32,
    runs: &mut u32,
    avoids: impl Fn(u32) -> Result<bool, NoCause> + Sync,
) -> Result<Until, NoCause> {
    let mut ask = |minutes: &[u32]| -> Result<Vec<bool>, NoCause> {
        *runs += minutes.len() as u32;
        minutes.par_iter().map(|minute| avoids(*minute)).collect()
    };
    let ends = ask(&[0, last + 1])?;
    if !ends[0] {
        return Ok(Until::Never);
    }
    if ends[1] {
        return Ok(Until::Always);
    }
    let (mut yes, mut no) = (0, last + 1);
    while no - yes > 1 {
        let parts = (no - yes).min(AT_ONCE + 1);
        let step =
            |part: u32| yes + (u64::from(no - yes) * u64::from(part) / u64::from(parts)) as u32;
        let minutes: Vec<u32> = (1..parts).map(step).collect();
        let answers = ask(&minutes)?;
        let first_no = answers.iter().position(|avoids| !avoids);
        let place = first_no.unwrap_or(minutes.len());
        no = minutes.get(place).copied().unwrap_or(no);
        yes = place.checked_sub(1).map_or(yes, |before| minutes[before]);
    }
    Ok(Until::Minute(yes))
}

struct Asked<'a> {
    library: &'a Library,
    patient: u64,
    place: usize,
}

impl Asked<'_> {
    /// Whether the requirement holds where nothing that begins at `minute` or later comes.
    fn avoids_without(&self, minute: u32) -> Result<bool, NoCause> {
        let scenario = without(&self.library.scenario, minute);
        let library = variant(self.library, &scenario).map_err(unfit)?;
        self.holds(&library)
    }

    /// Whether it holds where the shipped controller takes over at `minute`.
    fn avoids_with_shipped(&self, minute: u32) -> Result<bool, NoCause> {
        let mut library = self.library.clone();
        library.controllers = Arc::new(Relieved {
            by: Arc::clone(&self.library.controllers),
            at: Timestamp::from_millis(u64::from(minute) * 60_000),
        });
        self.holds(&library)
    }

    fn holds(&self, library: &Library) -> Result<bool, NoCause> {
        let case = Case::new(library, &library.scenario.arms[0], self.patient);
        let case = case.map_err(|problem| NoCause::Unfit(problem.to_string()))?;
        let Judged { findings, .. } = run_case(&case)?;
        Ok(!findings.get(self.place).is_some_and(Finding::violated))
    }
}

/// The scenario without what happens from a minute on. What is built in stays, unless the minute is the first.
fn without(scenario: &Scenario, minute: u32) -> Scenario {
    let mut it = scenario.clone();
    it.faults.retain(|fault| fault.from_min < minute);
    it.orders.retain(|order| order.at_min < minute);
    for fault in it
        .faults
        .iter_mut()
        .filter(|fault| !fault.what.is_built_in())
    {
        let until = fault.until_min.map_or(minute, |until| until.min(minute));
        fault.until_min = Some(until);
    }
    it
}

/// A controller that the shipped one relieves.
#[derive(Clone, Debug)]
struct Relieved {
    by: Arc<dyn Controllers>,
    at: Timestamp,
}

impl Controllers for Relieved {
    fn name(&self) -> String {
        format!("{}, relieved at {} ms", self.by.name(), self.at.millis())
    }

    fn open(&self, protocol: Protocol, session: Session) -> Result<AnyController, Stalled> {
        Ok(Box::new(Relief {
            first: self.by.open(protocol, session)?,
            second: None,
            protocol,
            session,
            at: self.at,
        }))
    }
}

struct Relief {
    first: AnyController,
    second: Option<Box<Controller>>,
    protocol: Protocol,
    session: Session,
    at: Timestamp,
}

impl ControllerPort for Relief {
    fn step(&mut self, now: Timestamp, inputs: &Inputs<'_>) -> Result<Decision, Stalled> {
        if now >= self.at && self.second.is_none() {
            let saved = self.first.saved()?.and_then(Kept::shipped);
            let second = Controller::resume(self.protocol, self.session, saved, now);
            self.second = Some(Box::new(second));
        }
        match &mut self.second {
            Some(second) => Ok(second.step(now, inputs)),
            None => self.first.step(now, inputs),
        }
    }

    fn poll_timeout(&self) -> Timestamp {
        match &self.second {
            Some(second) => second.poll_timeout(),
            None => self.first.poll_timeout(),
        }
    }

    fn saved(&mut self) -> Result<Option<Kept>, Stalled> {
        match &mut self.second {
            Some(second) => ControllerPort::saved(second.as_mut()),
            None => self.first.saved(),
        }
    }

    fn trusts(&self, saved: &Kept) -> bool {
        match &self.second {
            Some(second) => second.trusts(saved),
            None => self.first.trusts(saved),
        }
    }

    fn abilities(&self) -> Abilities {
        self.first.abilities()
    }

    fn restart(
        &mut self,
        session: Session,
        now: Timestamp,
        saved: Option<Kept>,
    ) -> Result<(), Stalled> {
        self.session = session;
        match &mut self.second {
            Some(second) => ControllerPort::restart(second.as_mut(), session, now, saved),
            None => self.first.restart(session, now, saved),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canary::Wrong;

    fn story(canary: Option<&str>, overrides: &[&str]) -> Library {
        let overrides: Vec<String> = overrides.iter().map(|it| (*it).to_owned()).collect();
        let library = Library::shipped("first", &overrides).expect("it ships");
        let mut library =
            library.unwrap_or_else(|complaints| panic!("{}", complaints[0].render(false)));
        if let Some(canary) = canary {
            library.controllers = Arc::new(Wrong::of(canary).expect("a canary"));
        }
        library
    }

    #[test]
    fn the_last_yes_is_found_wherever_it_is() {
        for last in [0, 1, 5, 59, 3_600] {
            for place in [0, last / 3, last] {
                let mut runs = 0;
                let found = until(last, &mut runs, |minute| Ok(minute <= place));
                assert_eq!(found, Ok(Until::Minute(place)), "{last}");
                assert!(runs <= 2 + 7 * 5, "{runs}");
            }
            let mut runs = 0;
            assert_eq!(until(last, &mut runs, |_| Ok(false)), Ok(Until::Never));
            assert_eq!(until(last, &mut runs, |_| Ok(true)), Ok(Until::Always));
        }
    }

    /// The pause begins at 364 min, close to the sheet of 360 min. After 10 min AL-38 is due, and this
    /// controller hides it: without the pause nothing is wrong, and whoever takes over in time tells of it.
    #[test]
    fn a_pause_that_nobody_is_told_of_has_no_return_from_where_it_begins() {
        let story = story(
            Some("pause-after-a-sheet"),
            &[
                "run_max_h=8",
                "follow_up_h=0",
                "faults=[]",
                "adjust.people.\"nurse.late_max_min\"=0",
                "orders=[{at_min=364,what=\"pause\"},{at_min=420,what=\"resume\"}]",
            ],
        );
        let found = cause(&story, Some("WB-08"), None).expect("it is violated");
        assert!(
            (found.breached_at_h - 374.0 / 60.0).abs() < 0.04,
            "{found:?}"
        );
        // The pause is only not given where it is taken away before or at its minute.
        assert_eq!(found.without_what_follows, Some(Until::Minute(364)));
        let before = Until::Minute(364)
            .before_h(found.breached_at_h)
            .expect("a moment");
        assert!((before - 10.0 / 60.0).abs() < 0.04, "{before}");
        // AL-38 has a minute from 374 min on; a controller that takes over within it still tells of it.
        let Some(Until::Minute(minute)) = found.with_the_shipped_controller else {
            panic!("{found:?}");
        };
        assert!((370..=375).contains(&minute), "{found:?}");
    }

    #[test]
    fn the_shipped_controller_cannot_relieve_itself() {
        // The defect is beside the controller: its alarm is never shown.
        let story = story(
            None,
            &[
                "run_max_h=8",
                "follow_up_h=0",
                "faults=[{id=\"hidden\",from_min=100,what={alarm_dropped={alarm=\"AL-38\"}}}]",
                "orders=[{at_min=300,what=\"pause\"},{at_min=400,what=\"resume\"}]",
            ],
        );
        let found = cause(&story, Some("WB-08"), None).expect("it is violated");
        assert_eq!(found.with_the_shipped_controller, None);
        let Some(Until::Minute(minute)) = found.without_what_follows else {
            panic!("{found:?}");
        };
        // After ten minutes of pause, at the first cycle beyond, AL-38 is due within a minute: who stops hiding
        // it by then is in time.
        assert!(
            (found.breached_at_h - 310.5 / 60.0).abs() < 1e-9,
            "{found:?}"
        );
        assert_eq!(minute, 311, "{found:?}");
        assert_eq!(Until::Minute(311).before_h(found.breached_at_h), Some(0.0));
    }

    #[test]
    fn what_is_not_violated_has_no_cause() {
        let calm = story(None, &["run_max_h=2", "faults=[]"]);
        let none = cause(&calm, None, None).expect_err("nothing is wrong");
        assert_eq!(none.to_string(), "any requirement is not violated");
        let none = cause(&calm, Some("no-such"), None).expect_err("no such");
        assert_eq!(none, NoCause::Unknown("no-such".to_owned()));
    }
}
