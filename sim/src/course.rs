//! The course of one run in words: what was decided each day and why, and what happened when.
//!
//! A [`Course`] is an observer. It keeps what a person at the bedside would want to be told, and
//! nothing that repeats itself: a cycle that only waits for its hour leaves no line.

pub mod words;

use infusion_types::{Alarm, AlarmSet, Mode, OrderKind, Reason, Wait};

use crate::bench::Observer;
use crate::case::Case;
use crate::clock::SimTime;
use crate::judge::ANY_WITHDRAWAL;
use crate::record::Record;

const DAY_MILLIS: u64 = 24 * 3_600_000;
/// The same words within this time are one event that goes on.
const SAME_WITHIN_MILLIS: u64 = 6 * 3_600_000;
/// What comes and goes with shorter pauses than this flickers.
const FLICKER_MILLIS: u64 = 3_600_000;
/// Changes from which on only the first and the last are told.
const FLICKERS_LEAST: usize = 5;

/// Whose event it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Whose {
    /// The controller moved, held or refused the dose, or changed its mode.
    Controller,
    /// An alarm was raised, or has gone.
    Alarm,
    /// People did something.
    People,
    /// A fault began or ended.
    Fault,
    /// What the patient really went through.
    Patient,
}

impl Whose {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Controller => "controller",
            Self::Alarm => "alarm",
            Self::People => "people",
            Self::Fault => "fault",
            Self::Patient => "patient",
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Event {
    /// When.
    pub at: SimTime,
    /// Whose.
    pub whose: Whose,
    /// What, in words.
    pub text: String,
}

/// One day, from the hour of the explant on.
#[derive(Clone, Debug, PartialEq)]
pub struct Day {
    /// The first is 1.
    pub number: u64,
    /// The plan at the end of it, µg/day; none without a controller.
    pub plan_ug_per_day: Option<f64>,
    /// What was decided, and why.
    pub decided: Vec<String>,
    /// Tone as it was rated last, Ashworth grade; none when nobody looked.
    pub tone_rated: Option<f64>,
    /// Tone as it was at the end.
    pub tone: f64,
    /// The worst withdrawal, 0 to 10.
    pub withdrawal: f64,
    /// Alarms that were raised.
    pub alarms: Vec<Alarm>,
    /// Drug that reached the CSF, µg; none without a pump.
    pub reached_ug: Option<f64>,
}

/// Follows a run.
#[derive(Clone, Debug)]
pub struct Course {
    days: Vec<Day>,
    happened: Vec<(Event, Level)>,
    faults: Vec<String>,
    rungs: Vec<u32>,
    before: Before,
}

/// What an event is a change of, if it is one of something that can come and go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Level {
    None,
    Mode,
    Alarm(Alarm),
}

/// What was so in the record before.
#[derive(Clone, Debug)]
struct Before {
    mode: Mode,
    reason: String,
    alarms: AlarmSet,
    faults: u64,
    reached_ug: f64,
    ill: bool,
    asks: u64,
}

impl Course {
    /// The course of a case, from its first record on.
    #[must_use]
    pub fn of(case: &Case<'_>) -> Self {
        let faults = &case.scenario().faults;
        let rungs = &case.protocol_file().wean.rungs;
        Self {
            days: Vec::new(),
            happened: Vec::new(),
            faults: faults.iter().map(|fault| fault.id.clone()).collect(),
            rungs: rungs.iter().map(|rung| rung.decrement_permille).collect(),
            before: Before {
                mode: Mode::Off,
                reason: String::new(),
                alarms: AlarmSet::EMPTY,
                faults: 0,
                reached_ug: 0.0,
                ill: false,
                asks: 0,
            },
        }
    }

    /// The days, in order; a day without a record is left out.
    #[must_use]
    pub fn days(&self) -> &[Day] {
        &self.days
    }

    /// The events, in order. Of what flickers, only the first and the last change are told.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        let mut events = Vec::new();
        for (index, (event, level)) in self.happened.iter().enumerate() {
            if *level == Level::None {
                events.push(event.clone());
                continue;
            }
            let before = self.burst(*level, self.happened[..index].iter().rev(), event.at);
            let after = self.burst(*level, self.happened[index + 1..].iter(), event.at);
            let changes = before + after + 1;
            if changes < FLICKERS_LEAST || before == 0 {
                events.push(event.clone());
            } else if after == 0 {
                let text = format!("{} (the last of {changes} changes)", event.text);
                events.push(Event {
                    text,
                    ..event.clone()
                });
            }
        }
        events
    }

    /// How many changes of one level follow one another, each soon after the one before.
    fn burst<'e>(
        &self,
        level: Level,
        others: impl Iterator<Item = &'e (Event, Level)>,
        from: SimTime,
    ) -> usize {
        let mut at = from;
        others
            .filter(|(_, other)| *other == level)
            .take_while(|(event, _)| {
                let apart = event.at.millis().abs_diff(at.millis());
                at = event.at;
                apart < FLICKER_MILLIS
            })
            .count()
    }

    fn say(&mut self, at: SimTime, whose: Whose, level: Level, text: String) {
        tracing::debug!(target: "weanbench::course", at = %words::stamp(at), whose = whose.name(), "{text}");
        self.happened.push((Event { at, whose, text }, level));
    }

    /// Says it, unless the same was said a short while ago.
    fn say_once(&mut self, at: SimTime, whose: Whose, text: &str) {
        let recent = self.happened.iter().rev().map(|(event, _)| event);
        let known = recent
            .take_while(|event| at.since(event.at).as_millis() < u128::from(SAME_WITHIN_MILLIS))
            .any(|event| event.text == text);
        if !known {
            self.say(at, whose, Level::None, text.to_owned());
        }
    }

    fn day(&mut self, at: SimTime) -> Option<&mut Day> {
        let number = at.millis() / DAY_MILLIS + 1;
        if self.days.last().is_none_or(|day| day.number < number) {
            self.days.push(Day {
                number,
                plan_ug_per_day: None,
                decided: Vec::new(),
                tone_rated: None,
                tone: 0.0,
                withdrawal: 0.0,
                alarms: Vec::new(),
                reached_ug: None,
            });
        }
        self.days.last_mut()
    }

    fn follow_patient(&mut self, record: &Record<'_>) {
        let rated = record.assessment.and_then(|sheet| sheet.spasticity.ok());
        let reached = record.truth.map(|truth| truth.reached_ug);
        let gained = reached.map(|reached| reached - self.before.reached_ug);
        self.before.reached_ug = reached.unwrap_or(0.0);
        let signs = record.signs;
        if let Some(day) = self.day(record.at) {
            day.tone = signs.mas;
            day.tone_rated = rated.or(day.tone_rated);
            day.withdrawal = day.withdrawal.max(signs.withdrawal);
            if let Some(gained) = gained {
                day.reached_ug = Some(day.reached_ug.unwrap_or(0.0) + gained);
            }
        }
        let ill = signs.withdrawal >= ANY_WITHDRAWAL;
        if ill != self.before.ill {
            self.before.ill = ill;
            let text = if ill {
                "withdrawal begins"
            } else {
                "withdrawal is over"
            };
            self.say(record.at, Whose::Patient, Level::None, text.to_owned());
        }
    }

    fn follow_faults(&mut self, record: &Record<'_>) {
        let changed = record.faults ^ self.before.faults;
        self.before.faults = record.faults;
        for index in (0..self.faults.len()).filter(|index| changed >> index & 1 == 1) {
            let word = if record.faults >> index & 1 == 1 {
                "begins"
            } else {
                "is over"
            };
            let text = format!("fault `{}` {word}", self.faults[index]);
            self.say(record.at, Whose::Fault, Level::None, text);
        }
    }

    fn follow_people(&mut self, record: &Record<'_>) {
        for order in record.orders {
            // Held buttons, scales and a thumb on every alarm: too many to tell.
            let told = !matches!(
                order.what,
                OrderKind::HoldToRun | OrderKind::VolumeCheck(_) | OrderKind::Acknowledge(_)
            );
            if told {
                let text = words::order(order);
                self.say_once(record.at, Whose::People, &text);
            }
        }
    }

    fn follow_alarms(&mut self, at: SimTime, active: AlarmSet) {
        let (new, gone) = (
            active.without(self.before.alarms),
            self.before.alarms.without(active),
        );
        self.before.alarms = active;
        for alarm in new.iter() {
            if let Some(day) = self.day(at).filter(|day| !day.alarms.contains(&alarm)) {
                day.alarms.push(alarm);
            }
            self.say(
                at,
                Whose::Alarm,
                Level::Alarm(alarm),
                format!("{} raised", words::alarm(alarm)),
            );
        }
        for alarm in gone.iter() {
            self.say(
                at,
                Whose::Alarm,
                Level::Alarm(alarm),
                format!("{} gone", words::alarm(alarm)),
            );
        }
    }

    fn follow_controller(&mut self, record: &Record<'_>) {
        let Some(decision) = record.decision else {
            return;
        };
        let at = record.at;
        if decision.mode != self.before.mode {
            let text = format!(
                "{} -> {}",
                words::mode(self.before.mode),
                words::mode(decision.mode)
            );
            self.before.mode = decision.mode;
            if decision.mode.is_therapy() || decision.mode == Mode::Complete {
                self.say(at, Whose::Controller, Level::Mode, text);
            }
        }
        let plan = decision
            .mode
            .is_therapy()
            .then(|| words::ug_per_day(decision.plan));
        let reason = words::reason(&decision.reason, &self.rungs);
        let brief = words::brief(&decision.reason, &self.rungs);
        let news = reason != self.before.reason && worth_telling(&decision.reason);
        if let Some(day) = self.day(at) {
            day.plan_ug_per_day = plan.or(day.plan_ug_per_day.map(|_| 0.0));
            if news && !day.decided.contains(&brief) {
                day.decided.push(brief);
            }
        }
        if news {
            self.say_once(at, Whose::Controller, &reason);
        }
        self.before.reason = reason;
        self.follow_asks(record);
        self.follow_alarms(at, decision.alarms.active);
    }

    fn follow_asks(&mut self, record: &Record<'_>) {
        let Some(decision) = record.decision else {
            return;
        };
        let asks = words::asks(&decision.asks);
        let standing = asks.iter().enumerate().fold(0, |bits, (index, text)| {
            bits | u64::from(text.is_some()) << index
        });
        let new = standing & !self.before.asks;
        self.before.asks = standing;
        for (index, text) in asks.into_iter().enumerate() {
            if let Some(text) = text.filter(|_| new >> index & 1 == 1) {
                self.say_once(record.at, Whose::Controller, &text);
            }
        }
    }
}

/// Whether a reason says more than that time passes.
const fn worth_telling(reason: &Reason) -> bool {
    match reason {
        Reason::NotStarted | Reason::Waiting(Wait::NotDue { .. }) => false,
        Reason::Priming
        | Reason::Started { .. }
        | Reason::Decremented { .. }
        | Reason::Authorised { .. }
        | Reason::Waiting(
            Wait::FreshAssessment
            | Wait::SecondAssessment
            | Wait::Response
            | Wait::Alarm(_)
            | Wait::AfterWithdrawal
            | Wait::Bridge
            | Wait::LastRung
            | Wait::Skipped
            | Wait::Slope
            | Wait::Report,
        )
        | Reason::Held(_)
        | Reason::Refused(_)
        | Reason::Stopped(_)
        | Reason::Completed => true,
    }
}

impl Observer for Course {
    fn observe(&mut self, record: &Record<'_>) {
        self.follow_faults(record);
        self.follow_patient(record);
        self.follow_people(record);
        self.follow_controller(record);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Library;
    use crate::recording::observed;

    fn course(scenario: &str, arm: usize) -> Course {
        let library = Library::shipped(scenario, &[]).expect("it ships").unwrap();
        let arm = &library.scenario.arms[arm];
        let case = Case::new(&library, arm, 4).unwrap();
        let mut course = Course::of(&case);
        observed(&case, &mut course).unwrap();
        course
    }

    #[test]
    fn a_wean_tells_its_rungs_its_alarms_and_its_end() {
        let course = course("kink-and-release", 0);
        let says = |part: &str| {
            course
                .events()
                .iter()
                .any(|event| event.text.contains(part))
        };
        for part in [
            "fault `kink` begins",
            "AL-09",
            "permits",
            "is over",
            "COMPLETE",
            "catheter",
        ] {
            assert!(says(part), "no `{part}` in {:#?}", course.events());
        }
        let days = course.days();
        assert!(days.windows(2).all(|pair| pair[0].number < pair[1].number));
        assert!(
            days.iter()
                .any(|day| day.alarms.contains(&Alarm::OcclusionDownstream))
        );
        let told = course.events().len();
        assert!(
            told < 12 * days.len(),
            "{told} events in {} days",
            days.len()
        );
        assert!(course.events().is_sorted_by_key(|event| event.at));
    }

    #[test]
    fn an_arm_without_a_pump_has_days_and_no_plan() {
        let course = course("hwang-2019", 4);
        assert!(course.days().len() >= 4);
        for day in course.days() {
            assert_eq!((day.plan_ug_per_day, day.reached_ug), (None, None));
        }
    }
}
