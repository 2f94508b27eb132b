//! A run that is simulated once as far as it is the same under many faults, and then branched.
//!
//! ```text
//!   Flying ── until the first fault ──┬── fork ── under(a) ── finish
//!                                     ├── fork ── under(b) ── finish
//!                                     └── ...
//! ```
//!
//! A branch gives the bytes, findings and verdict of a run that was flown under its faults from the start.
//! That holds because nothing looks at a fault before it begins, but for two things, which [`Flying::under`]
//! refuses where they differ: what is built into device, prescription and patient, and whether somebody may
//! fall silent, so that messages are sealed frames and the pump is watched.
//!
//! Never here: what to branch into, and why.

use std::fmt::{self, Debug, Formatter};

use infusion_types::{Abilities, Decision, Inputs, Session, Timestamp};

use crate::bench::{Bench, Look, PAIRING};
use crate::case::Case;
use crate::clock::SimTime;
use crate::judge::{Judge, Judged};
use crate::kept::Kept;
use crate::port::{AnyController, ControllerPort, Stalled};

/// Why a run cannot go on under the faults of another case.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotABranch {
    /// Something beside the faults is another.
    #[error("the cases differ in more than their faults")]
    AnotherCase,
    /// A fault of either case has begun by then, or is built in.
    #[error("a fault has begun before the cases part")]
    Begun,
    /// Under the faults of one somebody may fall silent, and under those of the other nobody.
    #[error("the faults of one case act on what is said, and those of the other do not")]
    AnotherLink,
}

/// One run in mid-flight, with its judge.
#[derive(Debug)]
pub struct Flying<'a> {
    case: &'a Case<'a>,
    look: Look,
    bench: Bench<'a, Forked>,
    judge: Judge,
}

impl<'a> Flying<'a> {
    /// A run at the explant, looked at as its own faults ask for.
    ///
    /// # Errors
    /// [`Stalled`], where there is no controller to be had.
    pub fn new(case: &'a Case<'a>) -> Result<Self, Stalled> {
        Self::looked_at(case, Look::of(case))
    }

    /// A run at the explant that can go on under faults that [may silence somebody](crate::case::may_silence),
    /// or under those that cannot.
    ///
    /// # Errors
    /// [`Stalled`], where there is no controller to be had.
    pub fn towards(case: &'a Case<'a>, silence: bool) -> Result<Self, Stalled> {
        Self::looked_at(case, Look::at(silence))
    }

    fn looked_at(case: &'a Case<'a>, look: Look) -> Result<Self, Stalled> {
        let open = |protocol| case.library().controllers.open(protocol, PAIRING);
        let opened = Forked(case.protocol().map(open).transpose()?);
        let bench = Bench::looked_at(case, look, move |_, _| opened);
        let judge = Judge::new(case).of_one_with(bench.abilities());
        Ok(Self {
            case,
            look,
            bench,
            judge,
        })
    }

    /// The moment up to which everything has happened.
    #[must_use]
    pub const fn now(&self) -> SimTime {
        self.bench.now()
    }

    /// Goes on while something happens before `at`; false when the run is over. What happens at `at` itself is
    /// left to come, so that a fault that begins there can still be chosen.
    ///
    /// # Errors
    /// [`Stalled`], from the controller.
    pub fn until(&mut self, at: SimTime) -> Result<bool, Stalled> {
        self.bench.until(at, &mut self.judge)
    }

    /// One more that goes on from here by itself; none where the controller cannot be copied.
    #[must_use]
    pub fn fork(&self) -> Option<Self> {
        let bench = self.bench.clone();
        // Without anybody who controls there is nothing that could not be copied.
        let copied = bench.controller().is_none_or(|it| it.0.is_some());
        copied.then(|| Self {
            case: self.case,
            look: self.look,
            bench,
            judge: self.judge.clone(),
        })
    }

    /// Goes on under the faults of another case, as if it had been flown under them from the start.
    ///
    /// # Errors
    /// [`NotABranch`], when that would not be the same.
    pub fn under<'b>(self, case: &'b Case<'b>) -> Result<Flying<'b>, NotABranch>
    where
        'a: 'b,
    {
        if !self.case.is_but_for_faults(case) {
            return Err(NotABranch::AnotherCase);
        }
        let now = self.now();
        let begun = |it: &Case<'_>| it.first_fault().is_some_and(|first| first <= now);
        if begun(self.case) || begun(case) {
            return Err(NotABranch::Begun);
        }
        if self.look != Look::of(case) {
            return Err(NotABranch::AnotherLink);
        }
        Ok(Flying {
            case,
            look: self.look,
            bench: self.bench.branch(case),
            judge: self.judge,
        })
    }

    /// Flies to the end.
    ///
    /// # Errors
    /// [`Stalled`], from the controller.
    pub fn finish(mut self) -> Result<Judged, Stalled> {
        let ended = self.bench.run(&mut self.judge)?;
        Ok(self.judge.finish(self.case, &ended))
    }
}

/// A controller of any kind, or what is left where one could not be copied.
struct Forked(Option<AnyController>);

impl Debug for Forked {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let which = if self.0.is_some() { "one" } else { "none" };
        f.debug_tuple("Forked").field(&which).finish()
    }
}

impl Clone for Forked {
    fn clone(&self) -> Self {
        Self(self.0.as_ref().and_then(ControllerPort::fork))
    }
}

impl Forked {
    fn mine(&mut self) -> Result<&mut AnyController, Stalled> {
        self.0.as_mut().ok_or_else(|| Stalled {
            why: "it could not be copied".to_owned(),
        })
    }
}

impl ControllerPort for Forked {
    fn step(&mut self, now: Timestamp, inputs: &Inputs<'_>) -> Result<Decision, Stalled> {
        self.mine()?.step(now, inputs)
    }

    fn poll_timeout(&self) -> Timestamp {
        let own = self.0.as_ref().map(ControllerPort::poll_timeout);
        own.unwrap_or(Timestamp::ZERO)
    }

    fn saved(&mut self) -> Result<Option<Kept>, Stalled> {
        self.mine()?.saved()
    }

    fn save_over(&mut self, kept: &mut Option<Kept>) -> Result<(), Stalled> {
        self.mine()?.save_over(kept)
    }

    fn trusts(&self, saved: &Kept) -> bool {
        self.0.as_ref().is_some_and(|mine| mine.trusts(saved))
    }

    fn abilities(&self) -> Abilities {
        let mine = self.0.as_ref().map(ControllerPort::abilities);
        mine.unwrap_or(Abilities::ALL)
    }

    fn restart(
        &mut self,
        session: Session,
        now: Timestamp,
        saved: Option<Kept>,
    ) -> Result<(), Stalled> {
        self.mine()?.restart(session, now, saved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::faults;
    use crate::config::Library;
    use crate::scenario::ProfileName;
    use crate::study::cohort::run_case;

    const FROM: SimTime = SimTime::from_minutes(600);

    fn library(profile: ProfileName, list: &str) -> Library {
        let hours = if profile == ProfileName::P2 { 11 } else { 20 };
        let overrides = [
            format!("profile={profile:?}"),
            format!("run_max_h={hours}"),
            format!("faults=[{list}]"),
        ];
        let library = Library::shipped("first", &overrides).expect("it ships");
        library.unwrap_or_else(|complaints| panic!("{list}: {}", complaints[0]))
    }

    fn case(library: &Library) -> Case<'_> {
        Case::new(library, &library.scenario.arms[0], 1).expect("checked")
    }

    fn one(from_min: u32, what: &str) -> String {
        format!("{{ id = \"it\", from_min = {from_min}, what = {what} }}")
    }

    /// Every kind that a profile can have, on two prefixes: of those that can silence somebody, and of the rest.
    fn branch_into_all(profile: ProfileName) -> usize {
        let healthy = library(profile, "");
        let healthy = case(&healthy);
        let mut prefixes: Vec<Flying<'_>> = Vec::new();
        let mut branched = 0;
        for entry in faults() {
            let fits_first = entry.example.fits(ProfileName::P1);
            let wanted = profile == ProfileName::P1 || !fits_first;
            // The reader of files lets it act at the explant alone, as what is built in.
            let from_the_start = entry.example.is_built_in() || entry.name() == "reuse_controller";
            if from_the_start || !entry.example.fits(profile) || !wanted {
                continue;
            }
            let library = library(profile, &one(600, entry.written));
            let case = case(&library);
            let look = Look::of(&case);
            if prefixes.iter().all(|it| it.look != look) {
                let mut prefix = Flying::towards(&healthy, case.may_fall_silent()).unwrap();
                assert_eq!(prefix.until(FROM), Ok(true));
                assert!(prefix.now() < FROM);
                prefixes.push(prefix);
            }
            let prefix = prefixes.iter().find(|it| it.look == look);
            let branch = prefix.and_then(Flying::fork).expect("it can be copied");
            let branch = branch.under(&case).unwrap().finish().unwrap();
            let whole = run_case(&case).unwrap();
            assert_eq!(
                format!("{branch:?}"),
                format!("{whole:?}"),
                "{}",
                entry.written
            );
            branched += 1;
        }
        branched
    }

    #[test]
    fn a_branch_is_what_a_whole_run_is_under_every_kind_of_fault() {
        let branched = branch_into_all(ProfileName::P1);
        assert!(branched > 50, "{branched}");
        assert!(branch_into_all(ProfileName::P2) > 3);
    }

    #[test]
    fn without_faults_it_is_the_healthy_run() {
        let (late, none) = (one(700, "\"stall\""), "");
        let [late, none] = [&late, none].map(|list| library(ProfileName::P0, list));
        let (late, none) = (case(&late), case(&none));
        let mut flying = Flying::new(&late).unwrap();
        flying.until(FROM).unwrap();
        let branch = flying.under(&none).unwrap().finish().unwrap();
        let whole = run_case(&none).unwrap();
        assert_eq!(format!("{branch:?}"), format!("{whole:?}"));
    }

    #[test]
    fn what_would_not_be_the_same_is_refused() {
        let healthy = library(ProfileName::P1, "");
        let healthy = case(&healthy);
        let under = |list: &str, profile| {
            let library = library(profile, list);
            let case = case(&library);
            let mut flying = Flying::new(&healthy).unwrap();
            flying.until(FROM).unwrap();
            flying.under(&case).map(|_| ()).unwrap_err()
        };
        let built_in = one(0, "{ slow_patient = { later_h = 24.0 } }");
        assert_eq!(under(&built_in, ProfileName::P1), NotABranch::Begun);
        let begun = one(599, "\"stall\"");
        assert_eq!(under(&begun, ProfileName::P1), NotABranch::Begun);
        let silent = one(700, "{ hang = { watchdog_dead = true } }");
        assert_eq!(under(&silent, ProfileName::P1), NotABranch::AnotherLink);
        let another = one(700, "\"stall\"");
        assert_eq!(under(&another, ProfileName::P0), NotABranch::AnotherCase);
    }

    #[test]
    fn a_run_that_is_over_says_so() {
        let library = library(ProfileName::P1, "");
        let case = case(&library);
        let mut flying = Flying::new(&case).unwrap();
        assert_eq!(flying.until(SimTime::from_hours(30)), Ok(false));
        assert_eq!(flying.now(), SimTime::from_hours(20));
    }
}
