//! A small wean controller in Rust, and a template for yours. It depends on `infusion-types` and on nothing else: no bench,
//! no `std`, no heap, no clock.
//!
//! It primes, starts when two people have authorised a dose, goes down by a quarter once a day when the last two sheets
//! permit it, holds for signs of withdrawal and for sheets that do not come, stops for signs of overdose and for people,
//! and ends at the floor when somebody confirms. What it has not (sensors in the line, weighings, clocks, another drug)
//! it does not declare, and no requirement that speaks of it applies.
//!
//! | file | topic |
//! |---|---|
//! | `lib.rs` | one cycle, from inputs to a decision |
//! | `orders.rs` | what people want, and what of it is refused |
//! | `plan.rs` | the dose: when a rung is taken, and when the end may come |
//! | `sheets.rs` | what nurses saw |
//! | `pump.rs` | what the pump was told, and whether it has read it |
//! | `panel.rs` | the alarms |
//! | `books.rs` | what was planned and given in 24 h |
//! | `memory.rs` | what outlives a loss of power |
//!
//! Engineering simulation only; never for clinical use.
#![cfg_attr(not(test), no_std)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic
    )
)]

mod books;
mod memory;
mod orders;
mod panel;
mod plan;
mod pump;
mod sheets;

use core::time::Duration;

use infusion_types::{
    Abilities, Action, Alarm, Asks, Assessment, Decision, DoseControl, DoseRate, HoldCause, Inputs,
    Line, Mode, NoRestart, OrderKind, Prescription, Quiet, Reason, Send, Session, StopCause,
    Timestamp, Volume,
};

use books::{Books, Rates};
use memory::KEPT;
use panel::Panel;
use plan::{KEPT_PERMILLE, Plan};
use pump::Pump;
use sheets::Sheets;

/// For so long a refusal is shown (AL-20).
const REFUSED_FOR: Duration = Duration::from_secs(60);
/// While it tests itself or primes it wants to be asked so often.
const OFTEN: Duration = Duration::from_secs(1);

/// The orders that it takes: each is an arm of `orders.rs`. What they carry does not matter here.
const ORDERS: [OrderKind; 11] = [
    OrderKind::Authorise(0.0),
    OrderKind::Start,
    OrderKind::Pause,
    OrderKind::Resume,
    OrderKind::Stop,
    OrderKind::HoldToRun,
    OrderKind::DeclareLine(Line::Open),
    OrderKind::ConfirmComplete,
    OrderKind::FlagWithdrawal,
    OrderKind::FlagOverdose,
    OrderKind::Acknowledge(Alarm::OverdoseSigns),
];

/// The controller. A clone goes on by itself.
#[derive(Clone, Debug)]
pub struct SmallWean {
    rx: Prescription,
    now: Timestamp,
    /// When it wants to be asked again.
    next: Timestamp,
    on_since: Timestamp,
    /// The mode of the last decision.
    shown: Mode,
    /// Why nothing is infused; none while the therapy runs. Nothing else says how far it has come.
    stop: Option<StopCause>,
    /// Since when nothing is infused, once the therapy has begun.
    halted_at: Timestamp,
    line: Option<Line>,
    /// A prime goes on until then, and has gone on for so many milliseconds.
    held_until: Timestamp,
    primed_ms: u64,
    refused_at: Option<Timestamp>,
    plan: Plan,
    sheets: Sheets,
    pump: Pump,
    panel: Panel,
    books: Books,
    kept: [u8; KEPT],
}

impl SmallWean {
    /// What it is called on the command line.
    pub const NAME: &str = "small-wean";

    /// A controller that has just been switched on; none for a prescription that forbids a rung of a quarter.
    #[must_use]
    pub fn new(prescription: &Prescription, session: Session) -> Option<Self> {
        let permitted = prescription.limits.kept_in_24h_permille <= KEPT_PERMILLE;
        permitted.then(|| Self::at(Timestamp::ZERO, prescription, session))
    }

    fn at(now: Timestamp, prescription: &Prescription, session: Session) -> Self {
        Self {
            rx: *prescription,
            now,
            next: now,
            on_since: now,
            shown: Mode::Off,
            stop: Some(StopCause::Primed),
            halted_at: now,
            line: None,
            held_until: now,
            primed_ms: 0,
            refused_at: None,
            plan: Plan::default(),
            sheets: Sheets::default(),
            pump: Pump::new(session, now),
            panel: Panel::default(),
            books: Books::default(),
            kept: [0; KEPT],
        }
    }

    /// Whether a patient depends on it.
    fn in_therapy(&self) -> bool {
        !matches!(self.stop, Some(StopCause::Primed | StopCause::Weaned))
    }

    /// What is shown: how far the therapy has come, and what stands at the moment.
    fn mode(&self) -> Mode {
        if self.now.since(self.on_since) < self.rx.timing.self_test {
            return Mode::Post;
        }
        let holds = self.sheets.overdose_suspected() || self.panel.holds().is_some();
        match self.stop {
            None if !self.pump.has_spoken() => Mode::Fallback,
            None if holds => Mode::Hold,
            None => Mode::Active,
            Some(StopCause::Primed) if self.primes() => Mode::Prime,
            Some(StopCause::Primed) => Mode::Idle,
            Some(StopCause::Weaned) => Mode::Complete,
            Some(StopCause::Paused) => Mode::Paused,
            Some(_) => Mode::Stopped,
        }
    }

    /// Whether somebody holds the button, at an open line that is not full yet.
    fn primes(&self) -> bool {
        let open = self.line == Some(Line::Open);
        open && self.now < self.held_until && self.primed() < self.rx.line.open
    }

    fn primed(&self) -> Volume {
        let flow = u64::try_from(self.rx.limits.flow_prime.nanolitres_per_hour());
        let moved = flow.unwrap_or_default().saturating_mul(self.primed_ms);
        Volume::from_nanolitres(moved.checked_div(3_600_000).unwrap_or_default())
    }

    /// The alarms that it raises, and whether their causes are there.
    fn causes(&self) -> [(Alarm, bool); 9] {
        let (now, timing, rules) = (self.now, &self.rx.timing, &self.rx.observation);
        let therapy = self.in_therapy();
        let withdraws = self.sheets.withdraws(rules);
        let silent = self.pump.silent_for(now);
        let seen = self.sheets.last_at().max(self.plan.began_at);
        let unseen = now.since(seen.filter(|_| therapy).unwrap_or(now));
        let refused = |at| now.since(at) < REFUSED_FOR;
        let unsigned = self.plan.authorised_at < Some(self.halted_at);
        let awaits_signing = unsigned && self.gap_dose().is_some();
        [
            (Alarm::OverdoseSigns, self.sheets.overdosed()),
            (Alarm::WithdrawalSigns, therapy && withdraws),
            (Alarm::LimitClamped, self.refused_at.is_some_and(refused)),
            (Alarm::CommandUncertain, self.pump.is_uncertain(now, timing)),
            (Alarm::LinkLost, silent > timing.link[0]),
            (Alarm::LinkLostLong, silent > timing.link[1]),
            (Alarm::ObservationOverdue, unseen > rules.age_most),
            (Alarm::ObservationMissing, unseen > rules.missing),
            (Alarm::RestartNeedsAuthorisation, awaits_signing),
        ]
    }

    /// Why the dose is what it is, where nobody has ordered anything; takes a rung where one is due.
    fn reason(&mut self, mode: Mode) -> Reason {
        match (mode, self.stop) {
            (Mode::Off | Mode::Post | Mode::Idle, _) => Reason::NotStarted,
            (Mode::Prime, _) => Reason::Priming,
            (Mode::Complete, _) => Reason::Completed,
            (Mode::Fallback, _) => Reason::Held(HoldCause::Unreconciled),
            (Mode::Hold, _) => {
                let alarm = self.panel.holds().map(HoldCause::Alarm);
                Reason::Held(alarm.unwrap_or(HoldCause::OverdoseUnconfirmed))
            }
            (_, Some(cause)) => Reason::Stopped(cause),
            (_, None) => self.follow_schedule(),
        }
    }

    /// What leaves for the pump.
    fn say(&mut self, mode: Mode) -> Send {
        let (now, timing, line) = (self.now, self.rx.timing, self.rx.line);
        let want = match (mode, self.stop) {
            (Mode::Off | Mode::Post, _) => return Send::Quiet(Quiet::SelfTest),
            (Mode::Fallback, _) => return self.pump.ping(now, &timing, Quiet::Unreconciled),
            (Mode::Idle, _) if !self.pump.has_been_told() => None,
            (Mode::Prime, _) => Some(Action::Prime {
                volume_left: line.open.saturating_sub(self.primed()),
            }),
            (_, Some(cause)) => Some(Action::Stop {
                cause,
                clamp: false,
            }),
            (_, None) => self.plan.rate.positive().map(|rate| Action::Infuse {
                rate,
                at: line.drug,
            }),
        };
        match want {
            Some(want) => self.pump.tell(now, &timing, want),
            None => Send::Quiet(Quiet::NothingStarted),
        }
    }

    /// What is wanted of people.
    fn asks(&self, mode: Mode) -> Asks {
        let waits = matches!(mode, Mode::Paused | Mode::Stopped) && !self.sheets.overdosed();
        let gap_dose = self.gap_dose().filter(|_| waits);
        Asks {
            assessment: self.in_therapy() && self.sheets.overdose_suspected(),
            authorisation: gap_dose.map(DoseRate::daily),
            completion: self.may_end(),
            resumption: waits && gap_dose.is_none(),
            ..Asks::default()
        }
    }
}

impl DoseControl for SmallWean {
    fn step(&mut self, now: Timestamp, inputs: &Inputs<'_>) -> Decision {
        if self.shown == Mode::Prime {
            self.primed_ms = self.primed_ms.saturating_add(now.millis_since(self.now));
        }
        self.now = now;

        // What comes in: the pump's word, orders, a sheet. Numbers pass their doors here.
        let readings = inputs.telemetry.admit();
        let timing = self.rx.timing;
        self.pump
            .hear(now, &self.rx, inputs.telemetry.spoken_at(), &readings);
        let answer = self.obey_all(inputs.orders, inputs.host);
        let sheet = inputs.assessment.map(Assessment::admit);
        if let Some(sheet) = &sheet {
            self.sheets
                .take(now, &self.rx.observation, sheet, self.plan.stepped);
        }
        let bad = sheet.and_then(|it| it.refused()).or(readings.refused());
        if answer.is_err() || bad.is_some() {
            self.refused_at = Some(now);
        }

        // What stands.
        if self.sheets.overdosed() {
            self.halt(StopCause::OverdoseSigns);
        }
        self.sheets.note_withdrawal(now, &self.rx.observation);
        let there = self.causes().into_iter().filter(|(_, there)| *there);
        self.panel
            .update(now, there.map(|(alarm, _)| alarm).collect());
        let mode = self.mode();

        // What follows.
        let reason = match answer {
            Ok(None) => self.reason(mode),
            Ok(Some(reason)) => reason,
            Err(refusal) => Reason::Refused(refusal),
        };
        self.look_for_the_floor();
        let send = self.say(mode);
        let planned = if self.in_therapy() {
            self.plan.rate
        } else {
            DoseRate::ZERO
        };
        if let Some((low, high)) = self.pump.rates() {
            self.books.note(now, Rates { planned, low, high });
        }
        let day = self.books.day(now);
        let usual = timing.cycle.min(timing.ping_every);
        let often = matches!(mode, Mode::Post | Mode::Prime);
        self.next = now.after(if often { OFTEN } else { usual });
        self.shown = mode;
        Decision {
            send,
            plan: if mode.is_therapy() {
                planned
            } else {
                DoseRate::ZERO
            },
            reason,
            mode,
            alarms: self.panel.shown(),
            planned_24h: day.planned,
            estimate_24h: day.given,
            deficit_permille: day.deficit_permille(),
            asks: self.asks(mode),
            store: self.write_down(),
        }
    }

    fn poll_timeout(&self) -> Timestamp {
        self.next
    }

    fn abilities(&self) -> Abilities {
        let modes = Mode::ALL.into_iter().filter(|mode| *mode != Mode::Off);
        let alarms = self.causes().into_iter().map(|(alarm, _)| alarm);
        let has = Abilities::ALL.with_orders(ORDERS).with_modes(modes);
        has.with_alarms(alarms)
    }

    fn saved(&self) -> Option<&[u8]> {
        Some(&self.kept)
    }

    fn restart(
        &mut self,
        session: Session,
        now: Timestamp,
        saved: Option<&[u8]>,
    ) -> Result<(), NoRestart> {
        let mut anew = Self::at(now, &self.rx, session);
        if let Some(saved) = saved {
            anew.read_back(saved).ok_or(NoRestart)?;
        }
        *self = anew;
        Ok(())
    }
}
