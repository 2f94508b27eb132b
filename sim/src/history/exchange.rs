//! Link and computer from outside: what was sent, what was read back, who was silent, and what came back
//! after a loss of power.
//!
//! The controller's own books are not asked. What the pump truly took is compared with what truly left.

use std::collections::VecDeque;

use infusion_types::{Accepted, Action, Decision, Memory, Mode, PeerClock, Send, SessionRecord};

use super::people::People;
use super::since_s;
use super::therapy::Therapy;
use crate::clock::SimTime;
use crate::record::{PlatformTruth, Record};
use crate::rolling::Rolling;

/// A rung leaves at least so much of a plan: a prescription may take 500 permille at most. An assumption where it
/// takes them of the first dose: late rungs leave less there, and one that nobody saw is told as a breach.
const RUNG_LEFT: f64 = 0.5;
/// Security events are counted over this long, ms.
const EVENTS_WITHIN_MS: u64 = 600_000;
/// So many of the latest commands are remembered. An assumption: the pump has long taken one of them.
const SENT_MOST: usize = 16;

/// The conversation and the platform, as far as they can be seen.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    /// The latest commands, newest last.
    sent: VecDeque<Accepted>,
    /// How often the newest was sent again.
    pub(crate) repeats: u32,
    pub(crate) sends_new_infusion: bool,
    unanswered_from: Option<SimTime>,
    /// What the pump was last heard to have taken of what was sent.
    agreed: Option<Accepted>,
    other_from: Option<SimTime>,
    heard_at: Option<SimTime>,
    /// How far the last report lies in the future, s.
    pub(crate) ahead_s: f64,
    reconciling_from: Option<SimTime>,
    /// Of the pump, in truth.
    taken: Option<Accepted>,
    pub(crate) sequences_back: u32,
    pub(crate) foreign: bool,
    pub(crate) key_stolen: bool,
    pub(crate) lease_ended: bool,
    pub(crate) pump_alarms: bool,
    pub(crate) holds_apart: f64,
    refused: u32,
    pub(crate) refuses: bool,
    events: VecDeque<(u64, u32)>,
    pub(crate) set_24h: Rolling,
    set: f64,
    /// Of the computer.
    pub(crate) runs: bool,
    silent_from: Option<SimTime>,
    pub(crate) platform: Option<PlatformTruth>,
    /// The controller is back after a restart, in this record.
    pub(crate) restarted: bool,
    /// It has been restarted, and still tests itself.
    returning: bool,
    restarts: u32,
    plans: [f64; 2],
    pub(crate) comes_back: bool,
    unseen: u32,
    /// It went down before a decision could be passed on, and has not come back.
    cut_off: bool,
    mains_set: Option<(SimTime, f64)>,
    pub(crate) on_mains: bool,
    pub(crate) clock_off: bool,
    /// What the wall clock was ahead by at first, and when it was last looked at; and when that was, ms.
    wall: Option<[i64; 3]>,
}

impl Default for Exchange {
    fn default() -> Self {
        Self {
            sent: VecDeque::with_capacity(SENT_MOST),
            repeats: 0,
            sends_new_infusion: false,
            unanswered_from: None,
            agreed: None,
            other_from: None,
            heard_at: None,
            ahead_s: 0.0,
            reconciling_from: None,
            taken: None,
            sequences_back: 0,
            foreign: false,
            key_stolen: false,
            lease_ended: false,
            pump_alarms: false,
            holds_apart: 0.0,
            refused: 0,
            refuses: false,
            events: VecDeque::new(),
            set_24h: Rolling::hours(24),
            set: 0.0,
            runs: true,
            silent_from: None,
            platform: None,
            restarted: false,
            returning: false,
            restarts: 0,
            plans: [0.0; 2],
            comes_back: true,
            unseen: 0,
            cut_off: false,
            mains_set: None,
            on_mains: true,
            clock_off: false,
            wall: None,
        }
    }
}

impl Exchange {
    pub(super) fn learn(
        &mut self,
        record: &Record<'_>,
        decision: &Decision,
        (therapy, people): (&Therapy, &People),
    ) {
        let now = record.at;
        self.set_24h.hold(now, self.set);
        self.note_platform(record, therapy, people);
        self.note_heard(record);
        self.note_sent(now, decision);
        self.note_taken(record, therapy);
        let waits = self.runs && therapy.mode == Mode::Fallback && self.silent_s(now) <= 60.0;
        self.reconciling_from = waits.then(|| self.reconciling_from.unwrap_or(now));
    }

    /// What the controller has heard.
    fn note_heard(&mut self, record: &Record<'_>) {
        let now = record.at;
        let Some(telemetry) = record.telemetry else {
            return;
        };
        if let Some(at) = telemetry.spoken_at() {
            let at = SimTime::from_millis(at.millis());
            self.ahead_s = at.since(now).as_secs_f64();
            self.heard_at = Some(at.min(now));
        }
        let Ok(read) = telemetry.accepted else {
            return;
        };
        let read = read.value;
        if self.sent.back() == Some(&read) {
            self.agreed = Some(read);
            self.unanswered_from = None;
        }
        let other = self.unanswered_from.is_none() && self.agreed.is_some_and(|it| it != read);
        self.other_from = other.then(|| self.other_from.unwrap_or(now));
    }

    fn note_sent(&mut self, now: SimTime, decision: &Decision) {
        self.sends_new_infusion = false;
        let Send::Command(command) = decision.send else {
            return;
        };
        let sent = Accepted {
            session: command.session,
            sequence: command.sequence,
            action: command.action,
        };
        if self.sent.back() == Some(&sent) {
            self.repeats += 1;
            return;
        }
        self.repeats = 0;
        self.sends_new_infusion = matches!(command.action, Action::Infuse { .. });
        self.unanswered_from = Some(now);
        if self.sent.len() >= SENT_MOST {
            self.sent.pop_front();
        }
        self.sent.push_back(sent);
    }

    /// What the pump has truly taken.
    fn note_taken(&mut self, record: &Record<'_>, therapy: &Therapy) {
        let Some(truth) = record.truth else { return };
        let drug = f64::from(truth.programmed.micrograms_per_millilitre()) / 1e3;
        let runs = therapy.in_therapy() && truth.connected;
        self.set = if runs {
            truth.set_flow_ul_per_h * drug
        } else {
            0.0
        };
        let taken = truth.accepted.map(|it| it.value);
        if taken != self.taken {
            let same = |before: &Accepted, it: &Accepted| before.session == it.session;
            if let (Some(before), Some(it)) = (self.taken, taken)
                && same(&before, &it)
                && it.sequence < before.sequence
            {
                self.sequences_back += 1;
            }
            self.foreign = taken.is_some_and(|it| !self.sent.contains(&it));
            self.taken = taken;
        }
        let told = taken.map_or(0.0, |it| super::infused(Some(it.action)).unwrap_or(0.0));
        self.lease_ended = truth.lease_ended;
        self.pump_alarms = truth.alarming;
        self.holds_apart = if truth.lease_ended {
            (truth.set_flow_ul_per_h * drug - told).abs()
        } else {
            0.0
        };
        self.note_refused(record);
    }

    /// Frames that either end has refused.
    fn note_refused(&mut self, record: &Record<'_>) {
        let now_ms = record.at.millis();
        let by_controller = record.platform.map_or(0, |it| it.refused_by_controller);
        let by_pump = record.telemetry.and_then(|it| it.refused.ok());
        let by_pump = by_pump.map_or(0, |it| it.value.frames);
        let refused = by_controller.saturating_add(by_pump);
        let new = refused.saturating_sub(self.refused);
        self.refuses = new > 0;
        self.refused = self.refused.max(refused);
        if new > 0 {
            self.events.push_back((now_ms, new));
        }
        while self
            .events
            .front()
            .is_some_and(|(at, _)| at + EVENTS_WITHIN_MS < now_ms)
        {
            self.events.pop_front();
        }
    }

    fn note_platform(&mut self, record: &Record<'_>, therapy: &Therapy, people: &People) {
        let now = record.at;
        let Some(platform) = record.platform else {
            return;
        };
        let fell = platform.restarts != self.restarts;
        self.restarts = platform.restarts;
        self.cut_off |= platform.unseen != self.unseen;
        self.unseen = platform.unseen;
        if fell {
            // Whoever was away has to read the pump first; what was on its way is another's.
            self.unanswered_from = None;
            self.agreed = None;
            self.other_from = None;
        }
        let plan = therapy.plan_before;
        if plan.to_bits() != self.plans[0].to_bits() && !self.returning {
            self.plans = [plan, self.plans[0]];
        }
        self.returning |= fell;
        // A controller that tests itself shows no plan yet.
        self.restarted =
            self.returning && platform.runs && !matches!(therapy.mode, Mode::Off | Mode::Post);
        if self.restarted {
            self.returning = false;
            let none = platform.host.memory == Memory::Lost && therapy.plan <= 0.0;
            // A rung, or a dose that two users had just authorised, was seen by nobody where it was stored when the
            // supply dipped. Whether a rung was due, the distance from the last says.
            let rung = (RUNG_LEFT * self.plans[0]..self.plans[0]).contains(&therapy.plan);
            let authorised = people.is_authorised(therapy.plan);
            let unseen = self.cut_off && (rung || authorised);
            self.cut_off = false;
            self.comes_back = none || unseen || self.plans.contains(&therapy.plan);
        }
        self.runs = platform.runs;
        self.key_stolen |= platform.key_stolen;
        self.silent_from = (!platform.runs).then(|| self.silent_from.unwrap_or(now));
        if platform.host.on_mains != self.on_mains {
            self.on_mains = platform.host.on_mains;
            self.mains_set = Some((now, self.set));
        }
        self.note_wall(platform);
        self.platform = Some(*platform);
    }

    /// The wall clock against the controller's own: off by as much as counts, or standing still.
    fn note_wall(&mut self, platform: &PlatformTruth) {
        const APART_MS: i64 = 60_000;
        const STEP_MS: i64 = 5_000;
        let Ok(wall) = platform.host.wall else { return };
        let local = wall.at.millis() as i64;
        let offset = wall.value.millis() - local;
        let [first, last, _] = *self.wall.get_or_insert([offset, offset, local]);
        let off = (offset - last).abs() > STEP_MS || (offset - first).abs() > APART_MS;
        self.wall = Some([first, offset, local]);
        self.clock_off = off || platform.host.peer_clock == PeerClock::Moved;
    }

    /// For how long a command has not been read back, s.
    pub(crate) fn unanswered_s(&self, now: SimTime) -> f64 {
        since_s(now, self.unanswered_from)
    }

    /// For how long the pump has read back what nobody told it, s.
    pub(crate) fn other_program_s(&self, now: SimTime) -> f64 {
        since_s(now, self.other_from)
    }

    /// Age of the newest report that the controller has, s; zero before there is one.
    pub(crate) fn silent_s(&self, now: SimTime) -> f64 {
        since_s(now, self.heard_at)
    }

    /// For how long a controller that hears the pump has not made up its mind about it, s.
    pub(crate) fn reconciling_s(&self, now: SimTime) -> f64 {
        since_s(now, self.reconciling_from)
    }

    /// For how long nobody has called the controller, s.
    pub(crate) fn computer_silent_s(&self, now: SimTime) -> f64 {
        since_s(now, self.silent_from)
    }

    /// Frames refused over the last ten minutes.
    pub(crate) fn refused_10min(&self) -> f64 {
        self.events.iter().map(|(_, count)| f64::from(*count)).sum()
    }

    /// How far the set dose rate has moved since the supply changed, within its first minute, ug/h.
    pub(crate) fn supply_moved(&self, now: SimTime) -> f64 {
        match self.mains_set {
            Some((at, set)) if now.since(at).as_secs() <= 60 => (self.set - set).abs(),
            Some(_) | None => 0.0,
        }
    }

    /// Whether what is loaded is what the session's record says.
    pub(crate) fn record_agrees(&self) -> bool {
        self.platform
            .is_none_or(|it| it.host.record == SessionRecord::Agrees)
    }

    /// Whether anything that was refused, lost or restarted was seen in the last record.
    pub(super) fn moved(&self) -> bool {
        self.refuses || self.restarted || !self.runs || self.foreign
    }

    /// Whether everybody is heard and nothing waits.
    pub(super) fn is_calm(&self, now: SimTime) -> bool {
        self.unanswered_from.is_none()
            && self.other_from.is_none()
            && !self.clock_off
            && self.silent_s(now) <= 60.0
    }
}
