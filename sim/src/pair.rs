//! Pairs of runs that must agree: what no single run can show.
//!
//! Where doses are compared raters are exact and people punctual in both runs: a sheet, or an answer,
//! that is asked for a second later would otherwise come with another draw.

use dose_controller::Controller;
use infusion_types::{Action, Assessment, Decision, Inputs, Send, Timestamp};

use crate::bench::{Bench, ControllerPort, Observer, Stalled};
use crate::case::Case;
use crate::clock::SimTime;
use crate::config::{Library, Refused};
use crate::record::Record;
use crate::requirement::{Finding, Pair};
use crate::study::cohort::{patients, run_case};

/// A day's dose may differ by this share between two cycles (SR-20).
const DAY_APART_MOST: f64 = 0.005;
/// How long after a slip a run is compared with the one without, hours.
const AFTER_SLIP_H: usize = 12;
/// Overrides that make people punctual.
const PUNCTUAL: [&str; 6] = [
    "adjust.people.\"nurse.late_max_min\"=0",
    "adjust.people.\"nurse.repeat_after_s\"=[75, 75]",
    "adjust.people.\"clinician.answers_alarm_min\"=[10, 10]",
    "adjust.people.\"clinician.answers_question_min\"=[10, 10]",
    "adjust.people.\"clinician.second_user_s\"=[60, 60]",
    "adjust.people.\"clinician.starts_s\"=[30, 30]",
];
/// Entries of a sheet, for overrides that make raters exact.
const EXACT_RATERS: [&str; 9] = [
    "spasticity",
    "spasms",
    "sedation",
    "breaths_per_min",
    "saturation_percent",
    "heart_rate_per_min",
    "systolic_mmhg",
    "temperature_c",
    "itch",
];

/// Why a pair could not be run.
#[derive(Debug, thiserror::Error)]
pub enum NoPair {
    /// A controller stalled.
    #[error(transparent)]
    Stalled(#[from] Stalled),
    /// The files do not fit together when they are varied.
    #[error("the case cannot be varied: {}", .0.first().map_or("", |complaint| &complaint.message))]
    Refused(Refused),
}

/// Judges a pair on the first patient of a scenario's first arm.
///
/// # Errors
/// [`NoPair`].
pub fn judge(pair: Pair, library: &Library) -> Result<Finding, NoPair> {
    match pair {
        Pair::Again => same(library, false),
        Pair::AfterAnother => same(library, true),
        Pair::OtherCycle => other_cycle(library),
        Pair::WrongEntry => wrong_entry(library),
    }
}

/// The same case twice; with `another` in between.
fn same(library: &Library, another: bool) -> Result<Finding, NoPair> {
    let first = run_case(&case(library, patients(library)[0]))?;
    if another {
        run_case(&case(library, patients(library)[0] + 1))?;
    }
    let second = run_case(&case(library, patients(library)[0]))?;
    let equal = first.digest.hex() == second.digest.hex();
    Ok(Finding::of_pair(1, if equal { 1.0 } else { -1.0 }))
}

/// Files that fit together do so for every patient.
fn case(library: &Library, patient: u64) -> Case<'_> {
    Case::new(library, &library.scenario.arms[0], patient).expect("the library has been checked")
}

fn varied(library: &Library, more: &[&str]) -> Result<Library, NoPair> {
    let mut overrides = library.overrides.clone();
    let exact = EXACT_RATERS.iter();
    overrides.extend(exact.map(|entry| format!("adjust.people.\"nurse.noise.{entry}\"=0")));
    overrides.extend(PUNCTUAL.map(str::to_owned));
    overrides.extend(more.iter().map(|it| (*it).to_owned()));
    let name = &library.scenario.title;
    Library::from_texts(name, &library.text, &library.texts, &overrides).map_err(NoPair::Refused)
}

/// What a run did, hour by hour.
#[derive(Default)]
struct Hours {
    /// Drug that had reached the patient, and the plan, at each full hour.
    reached_ug: Vec<f64>,
    plan: Vec<u64>,
    last: (f64, u64),
    /// Hours at which a stop was sent.
    stops: Vec<f64>,
}

impl Observer for Hours {
    fn observe(&mut self, record: &Record<'_>) {
        let (Some(truth), Some(decision)) = (record.truth, record.decision) else {
            return;
        };
        while (self.plan.len() as f64) <= record.at.hours() {
            self.reached_ug.push(self.last.0);
            self.plan.push(self.last.1);
        }
        self.last = (truth.reached_ug, decision.plan.nanograms_per_hour());
        if let Send::Command(command) = decision.send
            && let Action::Stop { .. } = command.action
        {
            self.stops.push(record.at.hours());
        }
    }
}

fn hours<C: ControllerPort>(
    library: &Library,
    wrap: impl FnOnce(Controller) -> C,
) -> Result<Hours, NoPair> {
    let case = case(library, patients(library)[0]);
    let mut hours = Hours::default();
    let make = |protocol, session| wrap(Controller::new(protocol, session));
    Bench::new(&case, make).run(&mut hours)?;
    Ok(hours)
}

/// Every day's dose with a cycle of 30 s and with one of 5 s.
fn other_cycle(library: &Library) -> Result<Finding, NoPair> {
    let slow = hours(&varied(library, &[])?, |it| it)?;
    let fast = hours(
        &varied(library, &["adjust.protocol.\"timing.ping_every_s\"=5"])?,
        |it| it,
    )?;
    let days = slow
        .reached_ug
        .len()
        .min(fast.reached_ug.len())
        .saturating_sub(24);
    let day = |run: &Hours, from: usize| run.reached_ug[from + 24] - run.reached_ug[from];
    // A day that begins before the therapy, or ends after it, is hardly any dose to compare.
    let whole = |from: &usize| slow.plan[*from] > 0 && slow.plan[from + 24] > 0;
    let whole: Vec<usize> = (0..days).filter(whole).collect();
    let apart = whole.iter().map(|from| {
        let (one, other) = (day(&slow, *from), day(&fast, *from));
        if one > 0.0 {
            (one - other).abs() / one
        } else {
            0.0
        }
    });
    let worst = apart.fold(0.0, f64::max);
    Ok(Finding::of_pair(whole.len() as u64, DAY_APART_MOST - worst))
}

/// One entry of one sheet is wrong.
#[derive(Clone, Copy, Debug)]
struct Slip {
    /// The first sheet after this hour.
    after_h: usize,
    edit: fn(&mut Assessment),
}

/// Better and worse than the patient is, as far as each entry goes.
const SLIPS: [fn(&mut Assessment); 8] = [
    |sheet| sheet.spasticity = Ok(0.0),
    |sheet| sheet.spasticity = Ok(4.0),
    |sheet| sheet.sedation = Ok(-4.0),
    |sheet| sheet.breaths_per_min = Ok(5.0),
    |sheet| sheet.saturation_percent = Ok(70.0),
    |sheet| sheet.itch = Ok(9.0),
    |sheet| sheet.heart_rate_per_min = Ok(150.0),
    |sheet| sheet.temperature_c = Ok(40.0),
];

/// A controller that is shown one wrong entry.
struct Slipped {
    inner: Controller,
    slip: Slip,
    shown: bool,
}

impl ControllerPort for Slipped {
    fn step(&mut self, now: Timestamp, inputs: &Inputs<'_>) -> Result<Decision, Stalled> {
        let after = SimTime::from_hours(self.slip.after_h as u64).millis();
        let mut sheet = inputs.assessment.copied();
        if let Some(sheet) = &mut sheet
            && !self.shown
            && now.millis() > after
        {
            (self.slip.edit)(sheet);
            self.shown = true;
        }
        let inputs = Inputs {
            assessment: sheet.as_ref(),
            ..*inputs
        };
        Ok(self.inner.step(now, &inputs))
    }

    fn poll_timeout(&self) -> Timestamp {
        self.inner.poll_timeout()
    }
}

/// After each slip no rung and no stop that the run without it does not have.
fn wrong_entry(library: &Library) -> Result<Finding, NoPair> {
    let exact = varied(library, &[])?;
    let base = hours(&exact, |it| it)?;
    let mut armed = 0;
    let mut agrees = true;
    for after_h in [20, 44, 46, 68] {
        for edit in SLIPS {
            let slip = Slip { after_h, edit };
            let run = hours(&exact, |inner| Slipped {
                inner,
                slip,
                shown: false,
            })?;
            let until = (after_h + AFTER_SLIP_H)
                .min(run.plan.len())
                .min(base.plan.len());
            let within = |at: &&f64| **at > after_h as f64 && **at < until as f64;
            let stops = |run: &Hours| run.stops.iter().filter(within).count();
            let lower = (after_h..until).any(|hour| run.plan[hour] < base.plan[hour]);
            agrees &= !lower && stops(&run) <= stops(&base);
            armed += 1;
        }
    }
    Ok(Finding::of_pair(armed, if agrees { 1.0 } else { -1.0 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_agrees_on_the_first_story() {
        let library = Library::shipped("first", &[]).expect("it ships").unwrap();
        for pair in Pair::ALL {
            let finding = judge(pair, &library).unwrap_or_else(|why| panic!("{pair:?}: {why}"));
            assert!(
                finding.armed > 0 && !finding.violated(),
                "{pair:?} {finding:?}"
            );
        }
    }
}
