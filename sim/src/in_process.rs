//! Controllers of a crate that knows nothing of the bench: it depends on `infusion-types` and implements [`DoseControl`].

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use dose_controller::Protocol;
use infusion_types::{Abilities, Decision, DoseControl, Inputs, Prescription, Session, Timestamp};

use crate::declared;
use crate::kept::Kept;
use crate::port::{AnyController, ControllerPort, Controllers, Stalled};

/// Makes a controller that has just been switched on; none for a prescription that it cannot follow.
pub type Make<C> = fn(&Prescription, Session) -> Option<C>;

/// Where controllers of one kind come from.
pub struct InProcess<C> {
    name: String,
    make: Make<C>,
}

impl<C: DoseControl> InProcess<C> {
    /// Controllers that are called `name` on the command line.
    #[must_use]
    pub fn new(name: &str, make: Make<C>) -> Self {
        let name = name.to_owned();
        Self { name, make }
    }
}

impl<C> fmt::Debug for InProcess<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("InProcess").field(&self.name).finish()
    }
}

impl<C: DoseControl> Controllers for InProcess<C> {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn open(&self, protocol: Protocol, session: Session) -> Result<AnyController, Stalled> {
        let made = guarded("while it was made", || {
            (self.make)(protocol.prescription(), session).map(Plugged::new)
        })?;
        let plugged = made.ok_or_else(|| stalled("it does not take this prescription".to_owned()));
        Ok(Box::new(plugged?))
    }
}

/// One of them, on the bench.
struct Plugged<C> {
    controller: C,
    has: Abilities,
    next: Timestamp,
}

impl<C: DoseControl> Plugged<C> {
    fn new(controller: C) -> Self {
        let (has, next) = (controller.abilities(), controller.poll_timeout());
        Self {
            controller,
            has,
            next,
        }
    }

    /// Lets it work at `now`, and asks when it wants to work again.
    fn let_it<T>(&mut self, now: Timestamp, work: impl FnOnce(&mut C) -> T) -> Result<T, Stalled> {
        let controller = &mut self.controller;
        let when = format!("at {} ms", now.millis());
        let (done, next) = guarded(&when, || (work(controller), controller.poll_timeout()))?;
        self.next = next;
        Ok(done)
    }
}

/// A panic ends its run and no other: whoever has panicked is never asked again.
fn guarded<T>(when: &str, work: impl FnOnce() -> T) -> Result<T, Stalled> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panicked| {
        let text = panicked.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panicked.downcast_ref::<&str>().copied());
        let said = text.unwrap_or("without a word");
        stalled(format!("it panicked {when}: {said}"))
    })
}

fn stalled(why: String) -> Stalled {
    Stalled { why }
}

impl<C: DoseControl> ControllerPort for Plugged<C> {
    fn step(&mut self, now: Timestamp, inputs: &Inputs<'_>) -> Result<Decision, Stalled> {
        let has = self.has;
        let taken = declared::taken(&has, inputs.orders);
        let inputs = Inputs {
            orders: &taken,
            ..*inputs
        };
        let decision = self.let_it(now, |controller| controller.step(now, &inputs))?;
        match declared::beyond(&has, now, &decision, self.next) {
            Some(why) => Err(stalled(why)),
            None => Ok(decision),
        }
    }

    fn poll_timeout(&self) -> Timestamp {
        self.next
    }

    fn saved(&mut self) -> Result<Option<Kept>, Stalled> {
        let controller = &self.controller;
        let saved = guarded("while it was stored", || {
            controller.saved().map(<[u8]>::to_vec)
        })?;
        Ok(saved.map(Kept::Bytes))
    }

    fn abilities(&self) -> Abilities {
        self.has
    }

    fn restart(
        &mut self,
        session: Session,
        now: Timestamp,
        saved: Option<Kept>,
    ) -> Result<(), Stalled> {
        let saved = saved.and_then(Kept::bytes);
        self.let_it(now, |controller| {
            controller.restart(session, now, saved.as_deref())
        })?
        .map_err(|why| stalled(format!("{why}, and was to be at {} ms", now.millis())))
    }

    fn fork(&self) -> Option<AnyController> {
        Some(Box::new(Self::new(self.controller.clone())))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
    use std::time::Duration;

    use infusion_types::{
        AlarmPanel, Asks, Dose, DoseEstimate, DoseRate, Mode, Quiet, Reason, Send,
    };

    use super::*;
    use crate::config::Library;
    use crate::study::cohort;

    /// Does nothing for an hour, and then this.
    #[derive(Clone, Copy, PartialEq)]
    enum Then {
        GoesOn,
        Panics,
        PanicsWithoutAWord,
        ComesBackAtOnce,
        ChangesItsMode,
    }

    #[derive(Clone)]
    struct Odd {
        then: Then,
        next: Timestamp,
    }

    impl Odd {
        fn made(then: Then) -> Option<Self> {
            let next = Timestamp::ZERO;
            Some(Self { then, next })
        }
    }

    impl DoseControl for Odd {
        fn step(&mut self, now: Timestamp, _: &Inputs<'_>) -> Decision {
            let hour = now >= Timestamp::from_millis(3_600_000);
            let then = if hour { self.then } else { Then::GoesOn };
            assert!(then != Then::Panics, "no rule for {} h", 1);
            if then == Then::PanicsWithoutAWord {
                std::panic::panic_any(1);
            }
            let minute = Duration::from_secs(60);
            self.next = if then == Then::ComesBackAtOnce {
                now
            } else {
                now.after(minute)
            };
            Decision {
                send: Send::Quiet(Quiet::NothingStarted),
                plan: DoseRate::ZERO,
                reason: Reason::NotStarted,
                mode: if then == Then::ChangesItsMode {
                    Mode::Hold
                } else {
                    Mode::Idle
                },
                alarms: AlarmPanel::default(),
                planned_24h: Dose::ZERO,
                estimate_24h: DoseEstimate::default(),
                deficit_permille: 0,
                asks: Asks::default(),
                store: false,
            }
        }

        fn poll_timeout(&self) -> Timestamp {
            self.next
        }

        fn abilities(&self) -> Abilities {
            Abilities::ALL.with_modes([Mode::Idle])
        }
    }

    /// Why each patient's run of a story stalls; none of one that goes on to its end.
    fn stalls(story: &str, overrides: &[&str], make: Make<Odd>) -> Vec<Option<String>> {
        let overrides: Vec<String> = overrides.iter().map(|it| (*it).to_owned()).collect();
        let mut library = Library::shipped(story, &overrides).unwrap().unwrap();
        library.scenario.arms.truncate(1);
        library.controllers = Arc::new(InProcess::new("odd", make));
        let runs = cohort::run(&library, &AtomicBool::new(false), &|| ());
        let runs = runs.into_iter();
        runs.map(|run| run.judged.err().map(|it| it.why)).collect()
    }

    fn stall(story: &str, make: Make<Odd>) -> String {
        let short = ["run_max_h=6", "follow_up_h=0"];
        let why = stalls(story, &short, make).pop().flatten();
        why.expect("it stalls")
    }

    #[test]
    fn a_panic_ends_its_own_run_with_its_words_and_the_others_go_on() {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let one_panics: Make<Odd> = |_, _| {
            let first = MADE.fetch_add(1, Ordering::Relaxed) == 0;
            Odd::made(if first { Then::Panics } else { Then::GoesOn })
        };
        let cohort = ["cohort.size=4", "run_max_h=3", "follow_up_h=0"];
        let whys = stalls("hwang-2019", &cohort, one_panics);
        assert_eq!(whys.len(), 4);
        let whys: Vec<String> = whys.into_iter().flatten().collect();
        let [why] = whys.as_slice() else {
            panic!("{whys:?}")
        };
        assert!(why.starts_with("it panicked at 36"), "{why}");
        assert!(why.ends_with(" ms: no rule for 1 h"), "{why}");
        let silent = stall("restart", |_, _| Odd::made(Then::PanicsWithoutAWord));
        assert!(silent.ends_with(" ms: without a word"), "{silent}");
        let unmade = stall("restart", |_, _| panic!("not this one"));
        assert_eq!(unmade, "it panicked while it was made: not this one");
    }

    #[test]
    fn it_is_held_to_what_it_has_declared_and_to_a_later_next() {
        let wanders = stall("restart", |_, _| Odd::made(Then::ChangesItsMode));
        assert_eq!(wanders, "it is in HOLD, which it has not declared");
        let hurries = stall("restart", |_, _| Odd::made(Then::ComesBackAtOnce));
        assert!(hurries.starts_with("its `next` is 36"), "{hurries}");
    }

    #[test]
    fn a_prescription_may_be_refused() {
        let why = stall("restart", |_, _| None);
        assert_eq!(why, "it does not take this prescription");
    }

    #[test]
    fn whoever_cannot_be_restarted_stalls_at_the_restart() {
        let why = stall("restart", |_, _| Odd::made(Then::GoesOn));
        let said = "it cannot be restarted, or not with what was stored, and was to be at ";
        assert!(why.starts_with(said), "{why}");
    }
}
