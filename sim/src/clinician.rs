//! Who authorises, starts, confirms, refills and answers alarms, each after a delay.
//!
//! An authorisation goes to the controller and, by hand, to the pump: two separate paths.

mod erring;

use infusion_device::Device;
use infusion_types::{
    Alarm, AlarmPanel, AlarmSet, Concentration, DailyDose, Decision, Line, Mode, Order, OrderKind,
    User, door,
};

use crate::clock::SimTime;
use crate::draw::{Draws, Purpose};
use crate::scenario::{Clinician as Rules, Doing, Entered, Explant, Scripted, UserName};
use crate::ward::{Departure, Departures, Ward};

/// Whoever begins, and whoever confirms.
const FIRST: User = User(1);
const SECOND: User = User(2);

/// One thing to do.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Task {
    OpenLine,
    HoldToRun,
    Connect,
    Order(User, OrderKind),
    /// The second user's part of an authorisation, and the way to the pump.
    Confirm(f64),
    Refill {
        drug: u32,
        volume_ml: f64,
    },
    ChangeBattery,
    Disconnect,
    CatheterOut,
    Scripted(Doing),
}

/// How far the way from the table to the first drop is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Setup {
    /// The button is held; whether the pump has been seen to prime.
    Priming {
        seen: bool,
    },
    Done,
}

/// Questions of the controller that people answer, in a fixed order.
const QUESTIONS: usize = 5;
const COMPLETION: usize = 0;
const AUTHORISATION: usize = 1;
const RESUMPTION: usize = 2;

/// A clinician with an agenda.
#[derive(Clone, Debug)]
pub struct Clinician {
    rules: Rules,
    ward: Ward,
    departed: Departures,
    /// All was ready, and nobody has pressed start.
    start_left: bool,
    start_dose_ug_per_day: f64,
    drug: u32,
    agenda: Vec<(SimTime, u32, Task)>,
    added: u32,
    setup: Setup,
    alarms: AlarmSet,
    /// When each question may be taken up again.
    free_at: [SimTime; QUESTIONS],
    /// The pause is wanted; nobody resumes by themselves.
    wants_pause: bool,
    complete: bool,
}

/// What somebody enters at the panel.
fn entered(by: UserName, what: Entered) -> Order {
    const UL: f64 = 1e3;
    let by = match by {
        UserName::First => FIRST,
        UserName::Second => SECOND,
        UserName::Stranger => User::STRANGER,
    };
    let what = match what {
        Entered::Dose { ug_per_day } => OrderKind::Authorise(ug_per_day.0),
        Entered::Drug { ug_per_ml } => OrderKind::SetConcentration(ug_per_ml.0),
        Entered::Refilled { ml } => OrderKind::Refilled(ml.0 * UL),
        Entered::Weighed { ml } => OrderKind::VolumeCheck(ml.0 * UL),
        Entered::Acknowledges { alarm } => OrderKind::Acknowledge(alarm.0),
        Entered::PausesAudio => OrderKind::PauseAudio,
        Entered::ConfirmsEnd => OrderKind::ConfirmComplete,
    };
    Order { by, what }
}

impl Clinician {
    /// A clinician who has just taken the pump out of a patient.
    #[must_use]
    pub fn new(
        rules: Rules,
        explant: &Explant,
        start_dose_ug_per_day: f64,
        scripted: &[Scripted],
    ) -> Self {
        let mut clinician = Self {
            rules,
            ward: Ward::ATTENTIVE,
            departed: Departures::default(),
            start_left: false,
            start_dose_ug_per_day,
            drug: explant.drug_ug_per_ml,
            agenda: Vec::with_capacity(16),
            added: 0,
            setup: Setup::Priming { seen: false },
            alarms: AlarmSet::EMPTY,
            free_at: [SimTime::ZERO; QUESTIONS],
            wants_pause: false,
            complete: false,
        };
        let clean = SimTime::from_minutes(u64::from(explant.cleaning_min));
        clinician.plan(clean, Task::OpenLine);
        clinician.plan(clean.after_millis(1_000), Task::HoldToRun);
        for item in scripted {
            let at = SimTime::from_minutes(u64::from(item.at_min));
            clinician.plan(at, Task::Scripted(item.what));
        }
        clinician
    }

    /// When there is something to do next.
    #[must_use]
    pub fn due(&self) -> SimTime {
        self.agenda.first().map_or(SimTime::NEVER, |(at, ..)| *at)
    }

    /// Keeps the agenda in order of time, and of planning at equal times.
    fn plan(&mut self, at: SimTime, task: Task) {
        self.added += 1;
        let entry = (at, self.added, task);
        let place = self.agenda.partition_point(|(other, ..)| *other <= at);
        self.agenda.insert(place, entry);
    }

    /// Does what is due at `now`: orders go to the controller, hands to the device.
    pub fn act(
        &mut self,
        now: SimTime,
        draws: &Draws,
        device: &mut Device,
        orders: &mut Vec<Order>,
    ) {
        while self.due() <= now {
            let (.., task) = self.agenda.remove(0);
            self.perform(now, draws, task, device, orders);
        }
    }

    fn perform(
        &mut self,
        now: SimTime,
        draws: &Draws,
        task: Task,
        device: &mut Device,
        orders: &mut Vec<Order>,
    ) {
        let mut order = |by, what| orders.push(Order { by, what });
        match task {
            Task::OpenLine => order(FIRST, OrderKind::DeclareLine(Line::Open)),
            Task::HoldToRun => {
                order(FIRST, OrderKind::HoldToRun);
                let every = u64::from(self.rules.hold_to_run_every_s) * 1_000;
                self.plan(now.after_millis(every), Task::HoldToRun);
            }
            Task::Connect => {
                device.connect_patient();
                order(FIRST, OrderKind::DeclareLine(Line::Connected));
            }
            Task::Disconnect => {
                device.disconnect_patient();
                order(FIRST, OrderKind::DeclareLine(Line::Open));
            }
            Task::Order(by, what) => self.order(by, what, orders),
            Task::Confirm(dose) => {
                order(SECOND, OrderKind::Authorise(dose));
                if let Ok(dose) = door::daily_dose_ug(dose) {
                    device.authorise(dose);
                }
            }
            Task::Refill { drug, volume_ml } => {
                let filled = Concentration::from_micrograms_per_millilitre(drug);
                device.refill(volume_ml * 1e3, filled);
                device.authorise_concentration(filled);
                order(FIRST, OrderKind::Refilled(volume_ml * 1e3));
                order(FIRST, OrderKind::SetConcentration(f64::from(drug)));
                order(SECOND, OrderKind::SetConcentration(f64::from(drug)));
                self.drug = drug;
            }
            Task::ChangeBattery => device.change_battery(),
            Task::CatheterOut => {
                device.remove_catheter();
                order(FIRST, OrderKind::CatheterOut);
            }
            Task::Scripted(doing) => self.follow_script(now, draws, doing, orders),
        }
    }

    fn follow_script(
        &mut self,
        now: SimTime,
        draws: &Draws,
        doing: Doing,
        orders: &mut Vec<Order>,
    ) {
        let what = match doing {
            Doing::Pause => OrderKind::Pause,
            Doing::Resume => OrderKind::Resume,
            Doing::Stop => OrderKind::Stop,
            Doing::SkipDecrement => OrderKind::SkipDecrement,
            Doing::FlagWithdrawal => OrderKind::FlagWithdrawal,
            Doing::FlagOverdose => OrderKind::FlagOverdose,
            Doing::PauseAudio => OrderKind::PauseAudio,
            Doing::ChangeBattery => return self.plan(now, Task::ChangeBattery),
            Doing::Authorise { ug_per_day } => return self.authorise(now, draws, ug_per_day.0),
            Doing::Enter { by, what } => return orders.push(entered(by, what)),
            Doing::Refill {
                drug_ug_per_ml,
                volume_ml,
            } => {
                return self.plan(
                    now,
                    Task::Refill {
                        drug: drug_ug_per_ml,
                        volume_ml,
                    },
                );
            }
        };
        self.wants_pause = match doing {
            Doing::Pause | Doing::Stop => true,
            Doing::Resume => false,
            Doing::SkipDecrement
            | Doing::FlagWithdrawal
            | Doing::FlagOverdose
            | Doing::PauseAudio
            | Doing::ChangeBattery
            | Doing::Authorise { .. }
            | Doing::Enter { .. }
            | Doing::Refill { .. } => self.wants_pause,
        };
        orders.push(Order { by: FIRST, what });
    }

    /// Two users, one after the other. Returns when the second one is done.
    fn authorise(&mut self, now: SimTime, draws: &Draws, meant_ug_per_day: f64) {
        let ug_per_day = self.ward.entered(meant_ug_per_day);
        self.note_entry(meant_ug_per_day, ug_per_day);
        self.plan(now, Task::Order(FIRST, OrderKind::Authorise(ug_per_day)));
        let second = now.after_millis(self.delay(
            draws,
            now,
            "second user",
            self.rules.second_user_s,
            1_000,
        ));
        self.plan(second, Task::Confirm(ug_per_day));
    }

    fn delay(&self, draws: &Draws, now: SimTime, what: &str, range: [u32; 2], unit_ms: u64) -> u64 {
        let [least, most] = range.map(|count| u64::from(count) * unit_ms);
        draws
            .at(Purpose::People, what, now.millis())
            .within(least, most)
    }

    /// Looks at the controller: new alarms, new questions, the end.
    pub fn watch(&mut self, now: SimTime, draws: &Draws, decision: &Decision) {
        self.watch_setup(now, draws, decision.mode);
        self.watch_alarms(now, draws, &decision.alarms);
        self.take_up_questions(now, draws, decision);
        self.make_good(now, draws, decision.mode);
        if decision.mode == Mode::Complete && !self.complete {
            self.complete = true;
            let wait = self.delay(
                draws,
                now,
                "catheter out",
                self.rules.catheter_out_min,
                60_000,
            );
            self.plan(now.after_millis(wait), Task::CatheterOut);
        }
    }

    /// Sees to what is new, and again to what stands as if nobody had seen it: an acknowledgement may have been
    /// lost, or have lapsed because the alarm became more urgent.
    fn watch_alarms(&mut self, now: SimTime, draws: &Draws, panel: &AlarmPanel) {
        let new = panel.active.without(self.alarms);
        let again = panel.active.without(new).without(panel.acknowledged);
        let again = again.without(self.about_to_acknowledge());
        if self.ward.nobody_answers {
            // What nobody has looked at is still new to whoever comes.
            self.alarms = panel.active.without(new);
            let left = !new.union(again).is_empty();
            return self.departed.note_if(left, Departure::Left);
        }
        self.alarms = panel.active;
        for alarm in again.iter() {
            self.acknowledge_soon(now, draws, alarm);
        }
        for alarm in new.iter() {
            self.answer(now, draws, alarm);
        }
    }

    /// The alarms that somebody is on the way to.
    fn about_to_acknowledge(&self) -> AlarmSet {
        let tasks = self.agenda.iter().map(|(.., task)| task);
        tasks
            .filter_map(|task| {
                if let Task::Order(_, OrderKind::Acknowledge(alarm)) = task {
                    Some(*alarm)
                } else {
                    None
                }
            })
            .collect()
    }

    /// Returns when it is done.
    fn acknowledge_soon(&mut self, now: SimTime, draws: &Draws, alarm: Alarm) -> SimTime {
        let wait = self.delay(draws, now, alarm.id(), self.rules.answers_alarm_min, 60_000);
        let at = now.after_millis(wait);
        self.plan(at, Task::Order(FIRST, OrderKind::Acknowledge(alarm)));
        at
    }

    fn answer(&mut self, now: SimTime, draws: &Draws, alarm: Alarm) {
        let at = self.acknowledge_soon(now, draws, alarm);
        if alarm == Alarm::StartRequired {
            let left = if self.ward.acknowledges_only {
                Some(Departure::OnlyAcknowledged)
            } else {
                self.ward.nobody_starts.then_some(Departure::StartLeft)
            };
            match left {
                Some(left) => {
                    self.start_left = true;
                    self.departed.note(left);
                }
                None => self.authorise_and_start(at, draws),
            }
        }
    }

    /// From the last of the prime to the start.
    fn watch_setup(&mut self, now: SimTime, draws: &Draws, mode: Mode) {
        match self.setup {
            Setup::Priming { seen: false } if mode == Mode::Prime => {
                self.setup = Setup::Priming { seen: true };
            }
            Setup::Priming { seen: true } if mode != Mode::Prime => {
                self.setup = Setup::Done;
                self.agenda.retain(|(.., task)| *task != Task::HoldToRun);
                self.plan(now, Task::Connect);
                self.authorise_and_start(now, draws);
            }
            Setup::Priming { .. } | Setup::Done => {}
        }
    }

    fn authorise_and_start(&mut self, now: SimTime, draws: &Draws) {
        self.authorise(now, draws, self.start_dose_ug_per_day);
        let longest = u64::from(self.rules.second_user_s[1]) * 1_000;
        let start = self.delay(draws, now, "start", self.rules.starts_s, 1_000);
        let at = now.after_millis(longest + start);
        self.plan(at, Task::Order(FIRST, OrderKind::Start));
    }

    /// Takes up what the controller asks for, unless it is being dealt with already.
    fn take_up_questions(&mut self, now: SimTime, draws: &Draws, decision: &Decision) {
        let asks = &decision.asks;
        let waits = matches!(decision.mode, Mode::Paused | Mode::Stopped);
        let authorises = if waits {
            !self.wants_pause
        } else {
            // The plan once more, because the pump has lost it, is no rung back.
            let no_more = asks.authorisation <= Some(decision.plan.daily());
            self.rules.grants_rung_back || no_more
        };
        let dilutes = self.rules.dilutes_to_ug_per_ml;
        let standing = [
            asks.completion,
            asks.authorisation.is_some() && authorises,
            asks.resumption && asks.authorisation.is_none() && !self.wants_pause,
            asks.concentration && dilutes > 0 && dilutes != self.drug,
            asks.refill.is_some(),
        ];
        for (question, stands) in standing.into_iter().enumerate() {
            if !stands || now < self.free_at[question] {
                continue;
            }
            if self.leaves(question) {
                continue;
            }
            let wait = self.delay(
                draws,
                now,
                "question",
                self.rules.answers_question_min,
                60_000,
            );
            let at = now.after_millis(wait);
            self.free_at[question] = at.after_millis(30 * 60_000);
            if question == AUTHORISATION && waits {
                // Whoever authorises after a gap resumes as well.
                self.free_at[RESUMPTION] = self.free_at[question];
            }
            self.take_up(
                at,
                draws,
                question,
                asks.authorisation.filter(|_| authorises),
                waits,
            );
        }
    }

    fn take_up(
        &mut self,
        at: SimTime,
        draws: &Draws,
        question: usize,
        dose: Option<DailyDose>,
        waits: bool,
    ) {
        let volume_ml = self.rules.refill_ml;
        match (question, dose) {
            (COMPLETION, _) => self.plan(at, Task::Order(FIRST, OrderKind::ConfirmComplete)),
            (AUTHORISATION, Some(dose)) => {
                self.authorise(at, draws, dose.nanograms_per_day() as f64 / 1e3);
                if waits {
                    let longest = u64::from(self.rules.second_user_s[1]) * 1_000 + 1_000;
                    let resume = Task::Order(FIRST, OrderKind::Resume);
                    self.plan(at.after_millis(longest), resume);
                }
            }
            (RESUMPTION, _) => self.plan(at, Task::Order(FIRST, OrderKind::Resume)),
            (3, _) => {
                let drug = self.rules.dilutes_to_ug_per_ml;
                self.plan(at, Task::Refill { drug, volume_ml });
            }
            (_, _) => self.plan(
                at,
                Task::Refill {
                    drug: self.drug,
                    volume_ml,
                },
            ),
        }
    }
}
