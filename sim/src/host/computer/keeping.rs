//! What must be durable before a command leaves, and a supply that dips meanwhile.

use infusion_types::{Action, Decision, Memory as MemoryState, Send};

use super::Computer;
use crate::clock::SimTime;
use crate::fault::Effect;
use crate::host::{Cut, ResetPhase};
use crate::port::{ControllerPort, Stalled};

/// How much of a torn write arrives, thousandths. An assumption: past the header, short of the checksum.
const TORN_PERMILLE: u32 = 600;

impl<C: ControllerPort> Computer<C> {
    /// Makes durable what must be, and says how long what leaves has to wait for that.
    ///
    /// A write that fails does not keep a command: to withhold drug or a stop would be worse than a restart
    /// that has to read the pump. The controller hears of it and holds.
    ///
    /// # Errors
    /// [`Stalled`], from a controller that does not say what to store.
    pub(super) fn keep(
        &mut self,
        now: SimTime,
        decision: &Decision,
    ) -> Result<Option<u64>, Stalled> {
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
        let tears = self.platform.memory_tears || dips(ResetPhase::MidWrite);
        let whole = if tears { TORN_PERMILLE } else { 1_000 };
        let written_permille = cut.map_or(whole, |cut| cut.written_permille.min(whole));
        let wait_ms = self.store(decision.store, written_permille)?;
        let reset = dips(ResetPhase::MidWrite) || dips(ResetPhase::BeforeSend);
        self.reset_done |= reset;
        if reset || cut.is_some() {
            self.reset(now);
            return Ok(None);
        }
        if dips(ResetPhase::BeforeReadBack) {
            self.reset_done = true;
            self.reset(now);
        }
        self.resets_on_read_back |= dips(ResetPhase::AfterReadBack);
        // A stop waits for nothing: whoever comes back without its state finds the pump stopped.
        let stops = matches!(
            decision.send,
            Send::Command(command) if matches!(command.action, Action::Stop { .. })
        );
        Ok(Some(if stops { 0 } else { wait_ms }))
    }

    /// Whether the supply dips while the next state is stored.
    fn next_cut(&mut self) -> Option<Cut> {
        let cut = self.platform.cut?;
        self.stored += 1;
        (self.stored == cut.write).then_some(cut)
    }

    /// Stores what the controller wants kept, so much of it as arrives; how long that takes, ms.
    fn store(&mut self, wanted: bool, written_permille: u32) -> Result<u64, Stalled> {
        // What was damaged is written anew, whether or not anything else is to be.
        let damaged = self.memory_state == MemoryState::Damaged;
        if !wanted && !damaged {
            return Ok(0);
        }
        let lost = self.memory.is_lost();
        let spares = written_permille >= 1_000 && !self.platform.memory_full && !lost;
        let mut saved = if spares {
            self.memory.take_older()
        } else {
            None
        };
        self.controller.save_over(&mut saved)?;
        let Some(saved) = saved else {
            return Ok(0);
        };
        if self.platform.memory_full {
            self.memory_state = MemoryState::Unwritable;
        } else {
            if lost {
                // There is nothing that the first of two writes could spare.
                self.memory.write(saved.clone(), written_permille);
            }
            self.memory.write(saved, written_permille);
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
        Ok(wait_ms)
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
