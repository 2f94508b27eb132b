//! What must be durable before a command leaves, and a supply that dips meanwhile.

use dose_controller::{Decision, Send};
use infusion_types::{Action, Memory as MemoryState};

use super::Computer;
use crate::clock::SimTime;
use crate::fault::Effect;
use crate::host::{Cut, ResetPhase};
use crate::port::ControllerPort;

/// How much of a torn write arrives, thousandths. An assumption: past the header, short of the checksum.
const TORN_PERMILLE: u32 = 600;

impl<C: ControllerPort> Computer<C> {
    /// Makes durable what must be, and says how long what leaves has to wait for that.
    ///
    /// A write that fails does not keep a command: to withhold drug or a stop would be worse than a restart
    /// that has to read the pump. The controller hears of it and holds.
    pub(super) fn keep(&mut self, now: SimTime, decision: &Decision) -> Option<u64> {
        let infuses = matches!(
            decision.send,
            Send::Command(command) if matches!(command.action, Action::Infuse { .. })
        );
        let phase = self.platform.reset_in.filter(|_| !self.reset_done);
        let dips = |at: ResetPhase| infuses && phase == Some(at);
        let cut = if decision.store {
            self.next_cut()
        } else {
            None
        };
        let share = |tears: bool| if tears { TORN_PERMILLE } else { 1_000 };
        let each = share(self.platform.memory_tears);
        let last = cut.map_or(1_000, |cut| cut.written_permille);
        let last = last.min(share(dips(ResetPhase::MidWrite))).min(each);
        let wait_ms = self.store(decision.store, (each, last));
        let reset = dips(ResetPhase::MidWrite) || dips(ResetPhase::BeforeSend);
        self.reset_done |= reset;
        if reset || cut.is_some() {
            self.reset(now);
            return None;
        }
        if dips(ResetPhase::BeforeReadBack) {
            self.reset_done = true;
            self.reset(now);
        }
        self.resets_on_read_back |= dips(ResetPhase::AfterReadBack);
        Some(wait_ms)
    }

    /// Whether the supply dips while the next state is stored.
    fn next_cut(&mut self) -> Option<Cut> {
        let cut = self.platform.cut?;
        self.stored += 1;
        (self.stored == cut.write).then_some(cut)
    }

    /// Stores what the controller wants kept; how long that takes, ms. So much of it arrives, thousandths, in the
    /// last write, and before it in the one that mends a damaged copy: a supply that dips spares that one.
    fn store(&mut self, wanted: bool, (before, last): (u32, u32)) -> u64 {
        // What was damaged is written anew in both copies.
        let damaged = self.memory_state == MemoryState::Damaged;
        let saved = (wanted || damaged).then(|| self.controller.saved());
        let Some(saved) = saved.flatten() else {
            return 0;
        };
        if self.platform.memory_full {
            self.memory_state = MemoryState::Unwritable;
        } else {
            if damaged {
                self.memory.write(saved.clone(), before);
            }
            self.memory.write(saved, last);
            self.memory_state = if self.memory.is_sound() {
                MemoryState::Sound
            } else {
                MemoryState::Unwritable
            };
        }
        if self.memory_state == MemoryState::Unwritable {
            self.note_effect(Effect::NotStored);
        }
        let wait_ms = self.platform.memory_slow_ms;
        if wait_ms > 0 {
            self.note_effect(Effect::StoredLate);
        }
        wait_ms
    }

    /// The pump's answer has arrived. False when the supply dips at this very moment.
    pub(crate) fn takes_read_back(&mut self, now: SimTime) -> bool {
        if std::mem::take(&mut self.resets_on_read_back) {
            self.reset_done = true;
            self.reset(now);
            return false;
        }
        true
    }
}
