//! The computer that the controller runs on: it calls it in time, or late, or not at all; it keeps what must
//! outlive a loss of power, writes the log, and says how it is.
//!
//! ```text
//!            hangs                  watchdog, 10 s
//!   RUNS ------------> HANGS ------------------------+
//!    ^  |                                            |
//!    |  | supply dips, restart                       v
//!    |  +-------------------------------------->   BOOTS, 5 s
//!    |            what was stored, or nothing        |
//!    +-----------------------------------------------+
//! ```

mod keeping;

use infusion_types::{
    Abilities, Assessment, Decision, Host, Inputs, Memory as MemoryState, NoData, Order, OrderKind,
    PeerClock, Quiet, Send, Session, Telemetry, User,
};

use super::log::{Log, Subject};
use super::memory::{Found, Memory};
use super::wall::Wall;
use super::{LogState, Platform};
use crate::clock::{Clock, SimTime};
use crate::defect::{Defect, Mouth};
use crate::fault::Effect;
use crate::kept::Kept;
use crate::port::{ControllerPort, Stalled};

/// From power to the first call, ms. An assumption: a small controller without an operating system.
const BOOT_MS: u64 = 5_000;
/// A watchdog waits so long, ms. An assumption: well inside the pump's lease of 90 s.
const WATCHDOG_MS: u64 = 10_000;
/// Copies and chain are checked this often, ms (SR-61 asks for 60 s).
const CHECK_MS: u64 = 30_000;
/// A key that is down for longer is stuck, ms (GIP 2.3.1).
const KEY_MS: u64 = 60_000;

/// Whether it runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Power {
    Runs,
    /// Until the watchdog bites, if it works.
    Hangs {
        since: SimTime,
    },
    Boots {
        until: SimTime,
    },
}

/// What a cycle brings to the controller.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Brought<'a> {
    pub(crate) sheet: Option<&'a Assessment>,
    pub(crate) orders: &'a [Order],
    pub(crate) refused_frames: u32,
    pub(crate) peer_clock: PeerClock,
}

/// What a cycle came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Called {
    pub(crate) decision: Decision,
    /// What leaves for the pump leaves this much later, ms; none if it never does.
    pub(crate) leaves_after_ms: Option<u64>,
}

/// A controller and what it runs on.
#[derive(Clone, Debug)]
pub(crate) struct Computer<C> {
    controller: C,
    session: Session,
    clock: Clock,
    power: Power,
    platform: Platform,
    memory: Memory<Kept>,
    memory_state: MemoryState,
    pub(crate) log: Log,
    wall: Wall,
    mouth: Mouth,
    due: SimTime,
    called_at: SimTime,
    checked_at: SimTime,
    key_since: Option<SimTime>,
    missed: u32,
    /// The reset that is asked for has been; a new one is another fault's.
    reset_done: bool,
    /// States that were stored since the supply was to dip at one of them.
    stored: u32,
    resets_on_read_back: bool,
    restarts: u32,
    unseen: u32,
    /// What the pump last said, as it arrived.
    pub(crate) heard: Telemetry,
    last: Option<Decision>,
    said: Host,
    effects: Vec<Effect>,
}

impl<C: ControllerPort> Computer<C> {
    pub(crate) fn new(controller: C, session: Session) -> Self {
        Self {
            controller,
            session,
            clock: Clock::started(SimTime::ZERO),
            power: Power::Runs,
            platform: Platform::SOUND,
            memory: Memory::blank(),
            memory_state: MemoryState::Sound,
            log: Log::new(),
            wall: Wall::at_explant(),
            mouth: Mouth::new(),
            due: SimTime::ZERO,
            called_at: SimTime::ZERO,
            checked_at: SimTime::ZERO,
            key_since: None,
            missed: 0,
            reset_done: false,
            stored: 0,
            resets_on_read_back: false,
            restarts: 0,
            unseen: 0,
            heard: Telemetry::silent(NoData::NeverSeen),
            last: None,
            said: Host::SOUND,
            effects: Vec::new(),
        }
    }

    pub(crate) const fn controller(&self) -> &C {
        &self.controller
    }

    pub(crate) const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// What its controller has.
    pub(crate) fn abilities(&self) -> Abilities {
        self.controller.abilities()
    }

    /// The pairing that it believes in.
    pub(crate) const fn session(&self) -> Session {
        self.session
    }

    /// How often it has been restarted.
    pub(crate) const fn restarts(&self) -> u32 {
        self.restarts
    }

    /// What it last said of itself.
    pub(crate) const fn said(&self) -> &Host {
        &self.said
    }

    /// Whether the controller can be called.
    pub(crate) const fn runs(&self) -> bool {
        matches!(self.power, Power::Runs)
    }

    /// Decisions that nobody saw.
    pub(crate) const fn unseen(&self) -> u32 {
        self.unseen
    }

    /// What people see of a controller that is down: the last that it showed, with nothing to send.
    pub(crate) fn frozen(&self) -> Option<Decision> {
        self.last.map(|last| Decision {
            send: Send::Quiet(Quiet::NothingNew),
            store: false,
            ..last
        })
    }

    /// When it does something by itself.
    pub(crate) fn due(&self) -> SimTime {
        let own = match self.power {
            Power::Runs => self.due.after_millis(self.platform.late_ms),
            Power::Boots { until } => until,
            Power::Hangs { since } if self.platform.watchdog => since.after_millis(WATCHDOG_MS),
            Power::Hangs { .. } => SimTime::NEVER,
        };
        // What finds no room waits for room.
        let writes = if self.platform.log == LogState::Full {
            SimTime::NEVER
        } else {
            self.log.due()
        };
        own.min(writes)
    }

    /// Somebody has something for the controller: it is due now.
    pub(crate) fn wake(&mut self, now: SimTime) {
        self.due = self.due.min(now);
    }

    /// Whether the controller is called at `now`.
    pub(crate) fn calls(&self, now: SimTime) -> bool {
        self.runs() && self.due.after_millis(self.platform.late_ms) <= now
    }

    /// For how long the controller should have been called, s.
    pub(crate) fn overdue_s(&self, now: SimTime) -> f64 {
        if self.runs() {
            now.since(self.due).as_secs_f64()
        } else {
            0.0
        }
    }

    /// What the platform has become by `now`.
    ///
    /// # Errors
    /// [`Stalled`], from a controller that cannot be restarted.
    pub(crate) fn live(&mut self, now: SimTime, platform: &Platform) -> Result<(), Stalled> {
        let hung_before = self.platform.hung;
        if matches!(self.power, Power::Hangs { .. }) && self.due <= now {
            self.note_effect(Effect::NotCalled);
        }
        self.platform = *platform;
        self.reset_done &= platform.reset_in.is_some();
        if platform.cut.is_none() {
            self.stored = 0;
        }
        self.key_since = platform.key_down.then(|| self.key_since.unwrap_or(now));
        self.write_log(now);
        match self.power {
            Power::Runs if platform.hung && !hung_before => {
                self.power = Power::Hangs { since: now };
            }
            Power::Hangs { .. } if !platform.hung => {
                self.power = Power::Runs;
                self.wake(now);
            }
            Power::Hangs { since }
                if platform.watchdog && now >= since.after_millis(WATCHDOG_MS) =>
            {
                // Nobody has called the watchdog either.
                self.note_effect(Effect::NotCalled);
                self.reset(now);
            }
            Power::Boots { until } if until <= now => self.boot(now)?,
            Power::Runs | Power::Hangs { .. } | Power::Boots { .. } => {}
        }
        Ok(())
    }

    /// What was otherwise than on a sound computer since it was last asked.
    pub(crate) fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    fn note_effect(&mut self, effect: Effect) {
        if !self.effects.contains(&effect) {
            self.effects.push(effect);
        }
    }

    /// The supply dips. True, because nothing withstands it.
    pub(crate) fn reset(&mut self, now: SimTime) -> bool {
        self.power = Power::Boots {
            until: now.after_millis(BOOT_MS),
        };
        self.resets_on_read_back = false;
        true
    }

    /// The controller has served somebody else before its first cycle, and was switched off in between.
    ///
    /// # Errors
    /// [`Stalled`].
    pub(crate) fn reuse(&mut self, now: SimTime) -> Result<bool, Stalled> {
        let local = self.clock.local(now);
        let another = Order {
            by: User(1),
            what: OrderKind::Authorise(99.0),
        };
        let telemetry = Telemetry::silent(NoData::NeverSeen);
        let inputs = Inputs {
            telemetry: &telemetry,
            assessment: None,
            orders: &[another],
            host: &Host::SOUND,
        };
        self.controller.step(local, &inputs)?;
        self.controller.restart(self.session, local, None)?;
        Ok(true)
    }

    /// All that was stored is gone. True when there was something.
    pub(crate) fn lose_memory(&mut self) -> bool {
        self.memory.lose()
    }

    /// A bit of what is stored turns over. True when there was one.
    pub(crate) fn flip(&mut self, copy: u8, bit: u32) -> bool {
        self.memory.flip(copy, bit)
    }

    /// An entry of the log is changed. True when there was one.
    pub(crate) fn alter_log(&mut self) -> bool {
        self.log.alter()
    }

    fn boot(&mut self, now: SimTime) -> Result<(), Stalled> {
        let found = self.memory.find();
        self.memory_state = match &found {
            Found::State(_) if !self.memory.is_sound() => MemoryState::Damaged,
            Found::State(_) | Found::Nothing => MemoryState::Sound,
            Found::Lost => MemoryState::Lost,
        };
        let local = self.clock.local(now);
        let saved = match found {
            Found::State(saved) => Some(saved),
            Found::Nothing | Found::Lost => None,
        };
        let sound = saved.filter(|saved| self.controller.trusts(saved));
        if sound.is_none() && self.memory_state != MemoryState::Sound {
            self.memory_state = MemoryState::Lost;
        }
        self.controller.restart(self.session, local, sound)?;
        self.heard = Telemetry::silent(NoData::NeverSeen);
        self.power = Power::Runs;
        self.restarts += 1;
        self.note_effect(Effect::Restarted);
        self.missed = 0;
        self.mouth = Mouth::new();
        self.due = now;
        self.called_at = now;
        Ok(())
    }

    /// What it says of itself at `now`.
    fn say(&mut self, now: SimTime, brought: &Brought<'_>) -> Host {
        let local = self.clock.local(now);
        let wall = self.wall.look(now, local, &self.platform.wall);
        if wall.value != Wall::right(now) {
            self.note_effect(Effect::WallClock);
        }
        let platform = &self.platform;
        let stuck = |since: SimTime| now.since(since).as_millis() >= u128::from(KEY_MS);
        Host {
            wall: Ok(wall),
            memory: self.memory_state,
            record: platform.record,
            refused_frames: brought.refused_frames,
            peer_clock: brought.peer_clock,
            missed_deadlines: self.missed,
            log_works: self.log.works(),
            self_test_passed: platform.self_test_passes,
            on_mains: platform.on_mains,
            sounder_works: platform.sounder_works,
            key_stuck: self.key_since.is_some_and(stuck),
        }
    }

    /// Looks through copies and chain, every so often.
    fn check(&mut self, now: SimTime) {
        if now.since(self.checked_at).as_millis() < u128::from(CHECK_MS) {
            return;
        }
        self.checked_at = now;
        self.log.check();
        if !self.memory.is_sound() {
            self.memory_state = MemoryState::Damaged;
        }
    }

    /// Calls the controller.
    ///
    /// # Errors
    /// [`Stalled`].
    pub(crate) fn call(
        &mut self,
        now: SimTime,
        defect: &Defect,
        brought: &Brought<'_>,
    ) -> Result<Called, Stalled> {
        self.count_deadline(now);
        self.check(now);
        let host = self.say(now, brought);
        let mut heard = self.heard;
        self.mouth.hear(&mut heard);
        let inputs = Inputs {
            telemetry: &heard,
            assessment: brought.sheet,
            orders: brought.orders,
            host: &host,
        };
        let mut decision = self.controller.step(self.clock.local(now), &inputs)?;
        self.said = host;
        let leaves_after_ms = self.keep(now, &decision)?;
        if leaves_after_ms.is_none() {
            // It went down before anybody could see what it had decided.
            self.unseen += 1;
            let decision = self.frozen().unwrap_or(decision);
            return Ok(Called {
                decision,
                leaves_after_ms,
            });
        }
        for bent in self.mouth.say(now, defect, &mut decision) {
            self.note_effect(Effect::Bent(bent));
        }
        self.note(now, brought, &decision);
        self.last = Some(decision);
        Ok(Called {
            decision,
            leaves_after_ms,
        })
    }

    /// More than a tenth later than it asked for is missed (SR-64). Whoever is called again at the same moment,
    /// for an answer, has kept or missed the same deadline.
    fn count_deadline(&mut self, now: SimTime) {
        if now == self.called_at {
            return;
        }
        let asked = self.due.since(self.called_at).as_millis();
        let late = now.since(self.due).as_millis();
        if late > 0 {
            self.note_effect(Effect::CalledLate);
        }
        self.missed = if late * 10 > asked {
            self.missed.saturating_add(1)
        } else {
            0
        };
        self.called_at = now;
    }

    fn note(&mut self, now: SimTime, brought: &Brought<'_>, decision: &Decision) {
        let state = self.platform.log;
        if brought.sheet.is_some() {
            self.log.note(now, state, Subject::Sheet, 1);
        }
        for order in brought.orders {
            let who = u64::from(order.by.0);
            self.log.note(now, state, Subject::Order, who);
        }
        if let Send::Command(command) = decision.send {
            let sequence = u64::from(command.sequence);
            self.log.note(now, state, Subject::Command, sequence);
        }
        let before = self.last.map(|last| last.alarms.active);
        let active = decision.alarms.active;
        if before != Some(active) && !(before.is_none() && active.is_empty()) {
            self.log.note(now, state, Subject::Alarms, active.bits());
        }
        self.write_log(now);
    }

    fn write_log(&mut self, now: SimTime) {
        if !self.log.write(now, self.platform.log) {
            self.note_effect(Effect::Log);
        }
    }

    /// When the controller wants to be called again.
    ///
    /// # Errors
    /// [`Stalled`], when that has passed.
    pub(crate) fn set_next(&mut self, now: SimTime) -> Result<(), Stalled> {
        if !self.runs() {
            return Ok(());
        }
        let due = self.clock.truly(self.controller.poll_timeout());
        if due <= now {
            let why = format!(
                "it asked to be woken at {} ms, and it is {} ms",
                due.millis(),
                now.millis()
            );
            return Err(Stalled { why });
        }
        self.due = due;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
