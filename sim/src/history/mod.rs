//! The past as the records tell it: what a requirement needs to know beside the record at hand.
//!
//! Decrements are read off the plan, authorisations off the orders, the command in force off what was
//! sent, withdrawal and overdose off the sheets, by rules of their own: none of the controller's books
//! is believed here. [`DERIVED`] gives what is known a name, so that formulas can speak of it.

mod books;
mod derived;
mod doses;
mod exchange;
mod flow;
mod front;
mod limits;
mod panel;
mod people;
mod sheets;
mod therapy;

use std::sync::{Arc, LazyLock};

use infusion_types::{Action, DoseRate, Mode, PumpState};
use temporal_logic::Value;

use crate::clock::SimTime;
use crate::record::Record;

pub use derived::{DERIVED, Derived, Read};
pub use limits::Limits;
pub(crate) use panel::unfounded;

/// Stands for "has never happened" where a time since something is asked for, hours. Finite, so that
/// formulas can compare it.
pub const NEVER_H: f64 = 1e6;

/// In calm, what is known is worked out anew this often, ms.
const CALM_MS: u64 = 600_000;
/// While it is quiet, ms: as often as a pump without instruments is heard.
const QUIET_MS: u64 = 30_000;
/// It is quiet so long after the last event, ms: by then whatever an event asks for at once has come, or has not.
const QUIET_AFTER_MS: u64 = 180_000;
/// It is no calm when nobody has looked at the patient for so long, h: deadlines come near.
const WATCHFUL_H: f64 = 3.5;
/// Nor with so little left in the battery, min.
const BATTERY_MIN: f64 = 60.0;
/// Nor for so long after a fault, h.
const AFTER_FAULT_H: f64 = 1.0;

/// What is known after a record has been read.
///
/// What it is worth is worked out at every record in which something happens, and at least every ten
/// minutes in calm: while a therapy infuses as planned, without faults, unseen alarms or deadlines that come
/// near. While it is merely quiet, because nothing has happened for some minutes and nothing is under way
/// that seconds are counted of, it is worked out every half minute. Between these it stands still, for
/// formulas and traces alike; what is to be compared with a figure of the controller that moves in calm is
/// compared here, at one moment.
#[derive(Clone, Debug)]
pub struct History {
    pub(crate) limits: Limits,
    pub(crate) now: SimTime,
    pub(crate) therapy: therapy::Therapy,
    pub(crate) people: people::People,
    pub(crate) sheets: sheets::Sheets,
    pub(crate) doses: doses::Doses,
    pub(crate) books: books::Books,
    pub(crate) panel: panel::Panel,
    pub(crate) front: front::Front,
    pub(crate) exchange: exchange::Exchange,
    pub(crate) flow: flow::Flow,
    /// Those of [`DERIVED`] that are worked out.
    wanted: Arc<[usize]>,
    /// The value of each of them, when that was worked out, and whether it was in this record.
    known: Vec<Value>,
    known_at: Option<SimTime>,
    is_new: bool,
    /// Whether something happened in the record that was read last: it is over in the next.
    eventful: bool,
    /// When something last happened.
    event_at: SimTime,
    happened: Happened,
}

/// What the record before said, as far as a change of it is an event.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Happened {
    faults: u64,
    pump: Option<(PumpState, u64, bool, bool)>,
}

/// All places in [`DERIVED`].
static ALL: LazyLock<Arc<[usize]>> = LazyLock::new(|| (0..DERIVED.len()).collect());

impl History {
    /// Nothing known.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self::of_these(limits, Arc::clone(&ALL))
    }

    /// The same for whoever asks for these of [`DERIVED`] alone: the others stay unknown.
    pub(crate) fn of_these(limits: Limits, wanted: Arc<[usize]>) -> Self {
        Self {
            wanted,
            now: SimTime::ZERO,
            therapy: therapy::Therapy::new(),
            people: people::People::default(),
            sheets: sheets::Sheets::new(),
            doses: doses::Doses::default(),
            books: books::Books::new(&limits),
            panel: panel::Panel::default(),
            front: front::Front::new(&limits),
            exchange: exchange::Exchange::default(),
            flow: flow::Flow::default(),
            known: vec![Value::Unknown; DERIVED.len()],
            known_at: None,
            is_new: false,
            eventful: false,
            event_at: SimTime::ZERO,
            happened: Happened::default(),
            limits,
        }
    }

    /// Reads a record, later than or at the moment of the one before. One without a decision says nothing.
    pub fn learn(&mut self, record: &Record<'_>) {
        let Some(decision) = record.decision else {
            return;
        };
        let (now, limits) = (record.at, self.limits);
        self.now = now;
        // What held until now, before anything of this record counts.
        self.doses.advance(record, &self.therapy);
        self.people.hear(record, &limits, &self.therapy);
        self.therapy.learn(record, decision, &self.people);
        self.people.follow(&self.therapy);
        if let Some(sheet) = record.assessment {
            self.sheets.see(now, &sheet.admit(), &self.therapy);
        }
        self.sheets
            .note_withdrawal(now, self.people.withdrawal_flag);
        self.doses.learn(record, &limits);
        self.books
            .learn(record, &limits, &self.doses, &self.therapy);
        self.panel.learn(record, decision, &self.therapy);
        self.exchange
            .learn(record, decision, (&self.therapy, &self.people));
        if self.exchange.restarted {
            self.people.come_back(&self.therapy);
        }
        self.flow.learn(record);
        self.front
            .learn(record, &limits, (&self.therapy, &self.people));
        let outside = self.permits_a_rung();
        self.therapy.note_clear(now, outside);
        self.renew(record);
    }
}

impl History {
    /// What one of [`DERIVED`] is worth, by its place.
    #[must_use]
    pub fn value(&self, place: usize) -> Value {
        self.known[place]
    }

    /// Whether that was worked out in the record that was read last.
    #[must_use]
    pub const fn is_new(&self) -> bool {
        self.is_new
    }

    fn renew(&mut self, record: &Record<'_>) {
        let happened = Happened {
            faults: record.faults,
            pump: record.truth.map(|truth| {
                let set = truth.set_flow_ul_per_h.to_bits();
                (truth.state, set, truth.clamped, truth.connected)
            }),
        };
        let event = happened != self.happened
            || self.therapy.moved()
            || self.panel.moved
            || self.exchange.moved()
            || record.assessment.is_some()
            || !record.orders.is_empty();
        self.happened = happened;
        if event {
            self.event_at = record.at;
        }
        let over = std::mem::replace(&mut self.eventful, event);
        let old = |at: SimTime| record.at.since(at).as_millis() >= u128::from(self.stands_ms());
        self.is_new = event || over || self.known_at.is_none_or(old);
        if self.is_new {
            self.known_at = Some(record.at);
            let mut known = std::mem::take(&mut self.known);
            for place in &*self.wanted {
                known[*place] = DERIVED[*place].value(self);
            }
            self.known = known;
        }
    }

    /// How long what is known may stand still, while nothing happens, ms.
    fn stands_ms(&self) -> u64 {
        if self.is_calm() {
            CALM_MS
        } else if self.is_quiet() {
            QUIET_MS
        } else {
            0
        }
    }

    /// Whether nothing can become due before the next look.
    fn is_calm(&self) -> bool {
        let panel = &self.panel.now;
        let unseen = panel.active.without(panel.acknowledged);
        matches!(self.therapy.mode, Mode::Active | Mode::Hold)
            && self.doses.fault_free_h(self.now) >= AFTER_FAULT_H
            && unseen.is_empty()
            && !panel.audio_paused
            && !self.sheets.is_doubtful()
            && self.sheets.age_h(self.now, &self.therapy) < WATCHFUL_H
            && self.books.battery_min() > BATTERY_MIN
            && self.doses.outside_h(self.now) <= 0.0
            && self.exchange.is_calm(self.now)
    }

    /// Whether nothing has happened for a while, and nothing is under way that seconds are counted of.
    fn is_quiet(&self) -> bool {
        let settled = !matches!(self.therapy.mode, Mode::Post | Mode::Prime | Mode::Fallback);
        let since_event = self.now.since(self.event_at).as_millis();
        settled
            && since_event >= u128::from(QUIET_AFTER_MS)
            && !self.panel.now.audio_paused
            && self.flow.is_as_told()
            && self.exchange.is_calm(self.now)
    }

    /// Whether nothing that can be seen from outside speaks against a rung, with room below it.
    fn permits_a_rung(&self) -> bool {
        const QUIET_H: f64 = 12.0;
        const FRESH_H: f64 = 4.0;
        const BRIDGED_H: f64 = 1.0;
        /// No decrement takes more than half.
        const LEFT: f64 = 0.5;
        let (sheets, limits) = (&self.sheets, &self.limits);
        let doubt = sheets.contradicts || sheets.implausible;
        let overdose = sheets.overdose_first || sheets.overdose_sure || self.people.overdose_flag;
        let least = limits.flow_least_ul_per_h * drug_ug_per_ul(self.therapy.sent);
        let room = LEFT * self.therapy.plan >= least.max(limits.final_dose_ug_per_day / 24.0);
        let seen = sheets.quiet_h(self.now) > QUIET_H && sheets.valid_h(self.now) <= FRESH_H;
        // The wean waits for a new drug to reach the tip (AL-19).
        let bridged = since_h(self.now, self.front.mixed_at) > BRIDGED_H;
        seen && room
            && bridged
            && !doubt
            && !overdose
            && !self.panel.blocks()
            && !self.people.skips(self.now)
    }
}

/// Hours from `since` to `now`; [`NEVER_H`] when it has not happened.
fn since_h(now: SimTime, since: Option<SimTime>) -> f64 {
    since.map_or(NEVER_H, |since| now.hours_since(since))
}

/// Seconds from `since` to `now`; 0 when it has not happened.
fn since_s(now: SimTime, since: Option<SimTime>) -> f64 {
    since.map_or(0.0, |since| now.since(since).as_secs_f64())
}

/// A rate in µg/h.
fn ug_per_h(rate: DoseRate) -> f64 {
    rate.nanograms_per_hour() as f64 / 1e3
}

/// Drug of an infusion, µg/µL; zero for anything else.
fn drug_ug_per_ul(action: Option<Action>) -> f64 {
    match action {
        Some(Action::Infuse { at, .. }) => f64::from(at.micrograms_per_millilitre()) / 1e3,
        Some(Action::Prime { .. } | Action::Stop { .. }) | None => 0.0,
    }
}

/// Rate of an infusion, µg/h; none for anything else.
fn infused(action: Option<Action>) -> Option<f64> {
    match action {
        Some(Action::Infuse { rate, .. }) => Some(ug_per_h(rate.get())),
        Some(Action::Prime { .. } | Action::Stop { .. }) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use dose_controller::Controller;

    use super::*;
    use crate::bench::{Bench, Observer};
    use crate::case::Case;
    use crate::config::Library;

    /// Counts rungs by the plan itself, and records in which a rung is known.
    struct Rungs {
        history: History,
        plan: u64,
        taken: u32,
        known: u32,
    }

    impl Observer for Rungs {
        fn observe(&mut self, record: &Record<'_>) {
            self.history.learn(record);
            let Some(decision) = record.decision else {
                return;
            };
            let plan = decision.plan.nanograms_per_hour();
            let infuses = matches!(decision.mode, Mode::Active | Mode::Hold);
            self.taken += u32::from(infuses && plan < self.plan);
            self.plan = plan;
            let step = DERIVED.iter().position(|it| it.name == "step");
            let step = self.history.value(step.expect("a signal"));
            self.known += u32::from(step == Value::Truth(true));
        }
    }

    #[test]
    fn what_happens_in_one_record_is_over_in_the_next() {
        let overrides = ["faults=[]", "follow_up_h=1"].map(str::to_owned);
        let library = Library::shipped("first", &overrides)
            .expect("it ships")
            .unwrap();
        let case = Case::new(&library, &library.scenario.arms[0], 0).unwrap();
        let mut rungs = Rungs {
            history: History::new(case.limits()),
            plan: 0,
            taken: 0,
            known: 0,
        };
        Bench::new(&case, Controller::new).run(&mut rungs).unwrap();
        assert!(rungs.taken > 3, "{} rungs", rungs.taken);
        assert_eq!(rungs.known, rungs.taken);
    }

    /// Whether what is known was worked out, by the minute since the pump was stopped.
    struct Looks {
        history: History,
        stopped_at: SimTime,
        each: Vec<(u64, bool)>,
    }

    impl Observer for Looks {
        fn observe(&mut self, record: &Record<'_>) {
            self.history.learn(record);
            if let Some(seconds) = record.at.millis().checked_sub(self.stopped_at.millis()) {
                self.each.push((seconds / 1_000, self.history.is_new()));
            }
        }
    }

    #[test]
    fn what_is_known_is_worked_out_each_second_after_an_event_and_each_half_minute_when_it_is_quiet()
     {
        let overrides = [
            "profile=P2",
            "faults=[]",
            "orders=[{ at_min = 300, what = \"stop\" }]",
            "run_max_h=6",
            "follow_up_h=1",
        ];
        let library = Library::shipped("first", &overrides.map(str::to_owned));
        let library = library.expect("it ships").unwrap();
        let case = Case::new(&library, &library.scenario.arms[0], 0).unwrap();
        let mut looks = Looks {
            history: History::new(case.limits()),
            stopped_at: SimTime::from_minutes(300),
            each: Vec::new(),
        };
        Bench::new(&case, Controller::new).run(&mut looks).unwrap();
        let within = |from: u64, to: u64| {
            let all = looks
                .each
                .iter()
                .filter(move |(at, _)| (from..to).contains(at));
            (
                all.clone().count(),
                all.filter(|(_, is_new)| *is_new).count(),
            )
        };
        let (all, new) = within(0, QUIET_AFTER_MS / 1_000);
        assert!(all >= 180 && new == all, "{new} of {all}");
        // Nothing happens from minute four to nine: the long pause is told after ten.
        let (all, new) = within(240, 540);
        assert!(all >= 300 && (9..=11).contains(&new), "{new} of {all}");
    }
}
