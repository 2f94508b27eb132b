//! What the signals are, and which of them a record changed.

use super::roomy::Roomy;
use crate::atom::{Atom, Test};
use crate::error::RecordError;
use crate::names::{SignalId, Value};
use crate::time::Time;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Wanted {
    Number,
    Truth,
    Word,
}

/// One signal that is read.
#[derive(Clone, Copy, Debug)]
struct Slot {
    signal: SignalId,
    wanted: Wanted,
}

/// The signals that some atoms read, each once.
#[derive(Clone, Debug)]
pub(crate) struct Inputs {
    slots: Vec<Slot>,
    /// For each place in a record the slot that reads it.
    slot_at: Vec<Option<usize>>,
    /// Each signal's latest value, by its place in a record; unknown before the first.
    held: Vec<Value>,
    /// The slots that the last record changed, and what they were before.
    changes: Roomy<(usize, Value)>,
    /// The same as bits of [`bit`].
    pub(crate) changed: u64,
}

impl Inputs {
    pub(crate) fn new<'a>(atoms: impl Iterator<Item = &'a Atom>) -> Self {
        let mut slots: Vec<Slot> = Vec::new();
        for atom in atoms {
            let wanted = wanted(atom);
            slots.extend(
                atom.signals()
                    .into_iter()
                    .map(|signal| Slot { signal, wanted }),
            );
        }
        slots.sort_by_key(|slot| slot.signal);
        slots.dedup_by_key(|slot| slot.signal);
        let places = slots.last().map_or(0, |slot| slot.signal.index() + 1);
        let mut slot_at = vec![None; places];
        for (i, slot) in slots.iter().enumerate() {
            slot_at[slot.signal.index()] = Some(i);
        }
        Self {
            slot_at,
            held: vec![Value::Unknown; places],
            changes: Roomy::with_room(slots.len()),
            changed: 0,
            slots,
        }
    }

    /// Takes a record. On an error everything is as before.
    pub(crate) fn take(&mut self, at: Time, record: &[Value]) -> Result<(), RecordError> {
        self.begin();
        (0..self.slots.len()).try_for_each(|i| self.take_slot(i, at, record))
    }

    /// Takes a record that can say something new of `these` alone. On an error everything is as before.
    pub(crate) fn take_these(
        &mut self,
        at: Time,
        record: &[Value],
        these: &[SignalId],
    ) -> Result<(), RecordError> {
        self.begin();
        for signal in these {
            if let Some(&Some(i)) = self.slot_at.get(signal.index()) {
                self.take_slot(i, at, record)?;
            }
        }
        Ok(())
    }

    fn begin(&mut self) {
        self.changes.clear();
        self.changed = 0;
    }

    fn take_slot(&mut self, i: usize, at: Time, record: &[Value]) -> Result<(), RecordError> {
        let slot = self.slots[i];
        let place = slot.signal.index();
        let held = &mut self.held[place];
        match record.get(place) {
            Some(value) if value.is_same(*held) => {}
            Some(Value::Unknown) => {}
            value => match slot.checked(at, value.copied()) {
                Ok(value) => {
                    self.changes.push((i, core::mem::replace(held, value)));
                    self.changed |= bit(slot.signal);
                }
                Err(error) => {
                    self.take_back();
                    return Err(error);
                }
            },
        }
        Ok(())
    }

    /// Undoes the last [`Inputs::take`].
    pub(crate) fn take_back(&mut self) {
        for (slot, before) in self.changes.drain(..) {
            self.held[self.slots[slot].signal.index()] = before;
        }
    }

    /// The signals in the order of their slots.
    pub(crate) fn signals(&self) -> impl Iterator<Item = SignalId> {
        self.slots.iter().map(|slot| slot.signal)
    }

    /// Each signal's latest value, by its place in a record.
    pub(crate) fn held(&self) -> &[Value] {
        &self.held
    }

    /// The slots that the last record changed.
    pub(crate) fn changed_slots(&self) -> impl Iterator<Item = usize> {
        self.changes.iter().map(|&(slot, _)| slot)
    }
}

impl Slot {
    fn checked(self, at: Time, value: Option<Value>) -> Result<Value, RecordError> {
        let signal = self.signal;
        match (self.wanted, value) {
            (Wanted::Number, Some(Value::Number(number))) if !number.is_finite() => {
                Err(RecordError::NotFinite { at, signal })
            }
            (Wanted::Number, Some(value @ Value::Number(_)))
            | (Wanted::Truth, Some(value @ Value::Truth(_)))
            | (Wanted::Word, Some(value @ Value::Word(_))) => Ok(value),
            (Wanted::Number | Wanted::Truth | Wanted::Word, _) => {
                Err(RecordError::Kind { at, signal })
            }
        }
    }
}

fn wanted(atom: &Atom) -> Wanted {
    match &atom.test {
        Test::Number { .. } => Wanted::Number,
        Test::Truth(_) | Test::Constant(_) => Wanted::Truth,
        Test::Word { .. } => Wanted::Word,
    }
}

/// A signal as one of 64 bits; signals 64 apart share one.
pub(crate) fn bit(signal: SignalId) -> u64 {
    1 << (signal.index() % 64)
}
