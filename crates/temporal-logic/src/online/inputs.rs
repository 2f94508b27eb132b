//! From records to the margins of atoms, evaluating only what a change can reach.

use crate::atom::{Atom, Test};
use crate::error::RecordError;
use crate::formula::Formula;
use crate::margin::Margin;
use crate::names::{SignalId, Value};
use crate::time::Time;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Wanted {
    Number,
    Truth,
    Word,
}

/// One signal that the formula reads.
#[derive(Clone, Debug)]
struct Slot {
    signal: SignalId,
    wanted: Wanted,
    last: Option<Value>,
}

#[derive(Clone, Debug)]
pub(crate) struct Inputs {
    slots: Vec<Slot>,
    /// For each atom the slots it reads, as bits; slots 64 apart share a bit.
    reads: Vec<u64>,
    /// The atoms' margins in the last record; none before the first.
    pub(crate) margins: Vec<Margin>,
    /// The atoms' margins in the record that is being taken.
    pub(crate) fresh: Vec<Margin>,
}

impl Inputs {
    pub(crate) fn new(formula: &Formula) -> Self {
        let mut slots: Vec<Slot> = Vec::new();
        let mut reads = Vec::new();
        for atom in formula.atoms() {
            let mut bits = 0;
            for signal in atom.signals() {
                let known = slots.iter().position(|slot| slot.signal == signal);
                let slot = known.unwrap_or_else(|| {
                    slots.push(Slot {
                        signal,
                        wanted: wanted(atom),
                        last: None,
                    });
                    slots.len() - 1
                });
                bits |= bit(slot);
            }
            reads.push(bits);
        }
        Self {
            slots,
            reads,
            margins: Vec::new(),
            fresh: Vec::new(),
        }
    }

    /// Fills `fresh` from a record; whether anything changed. Changes nothing else.
    pub(crate) fn read(
        &mut self,
        atoms: &[Atom],
        at: Time,
        record: &[Value],
    ) -> Result<bool, RecordError> {
        let mut changed = 0;
        for (i, slot) in self.slots.iter().enumerate() {
            let value = record.get(slot.signal.index()).copied();
            if value.is_none() || value != slot.last {
                slot.check(at, value)?;
                changed |= bit(i);
            }
        }
        let is_first = self.margins.is_empty();
        if changed == 0 && !is_first {
            return Ok(false);
        }
        self.fresh.clone_from(&self.margins);
        self.fresh.resize(atoms.len(), Margin::TOP);
        for (id, (atom, reads)) in atoms.iter().zip(&self.reads).enumerate() {
            if reads & changed == 0 && !is_first {
                continue;
            }
            // The reader of formulas allows far fewer atoms than there are numbers.
            let margin = atom.margin(record, u16::try_from(id).unwrap_or(u16::MAX));
            if margin.is_nan() {
                let column = atom.column();
                return Err(RecordError::Undefined { at, column });
            }
            self.fresh[id] = margin;
        }
        Ok(true)
    }

    /// Makes what was read the last record.
    pub(crate) fn keep(&mut self, record: &[Value]) {
        for slot in &mut self.slots {
            slot.last = record.get(slot.signal.index()).copied();
        }
        core::mem::swap(&mut self.margins, &mut self.fresh);
    }
}

impl Slot {
    fn check(&self, at: Time, value: Option<Value>) -> Result<(), RecordError> {
        let signal = self.signal;
        match (self.wanted, value) {
            (Wanted::Number, Some(Value::Number(number))) if number.is_finite() => Ok(()),
            (Wanted::Number, Some(Value::Number(_))) => Err(RecordError::NotFinite { at, signal }),
            (Wanted::Truth, Some(Value::Truth(_))) | (Wanted::Word, Some(Value::Word(_))) => Ok(()),
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

fn bit(slot: usize) -> u64 {
    1 << (slot % 64)
}
