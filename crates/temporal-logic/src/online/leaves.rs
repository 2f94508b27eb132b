//! From values to the margins of one formula's atoms, evaluating only what a change can reach.

use super::inputs::{Inputs, bit};
use super::roomy::Roomy;
use crate::atom::Atom;
use crate::formula::Formula;
use crate::margin::Margin;
use crate::names::{SignalId, Value};

#[derive(Clone, Debug)]
pub(crate) struct Leaves {
    signals: Vec<SignalId>,
    /// For each atom the signals it reads, as bits.
    reads: Vec<u64>,
    /// The atoms' margins; none before each signal has a value.
    pub(crate) margins: Roomy<Margin>,
    /// Those that are others in the record that is being taken, each with its atom.
    fresh: Roomy<(usize, Margin)>,
}

impl Leaves {
    pub(crate) fn new(formula: &Formula) -> Self {
        let bits = |atom: &Atom| atom.signals().into_iter().map(bit).fold(0, |a, b| a | b);
        Self {
            signals: formula.signals(),
            reads: formula.atoms().iter().map(bits).collect(),
            margins: Roomy::with_room(formula.atoms().len()),
            fresh: Roomy::with_room(formula.atoms().len()),
        }
    }

    /// Works out the margins in the record that `inputs` took; whether any of them is new.
    ///
    /// Nothing has changed until [`Leaves::keep`] is called. The error is the column of an atom whose
    /// arithmetic has no result.
    pub(crate) fn read(&mut self, atoms: &[Atom], inputs: &Inputs) -> Result<bool, usize> {
        let is_first = self.margins.is_empty();
        if inputs.changed == 0 && !is_first {
            return Ok(false);
        }
        let held = inputs.held();
        let is_unknown = |signal: &SignalId| held[signal.index()] == Value::Unknown;
        if is_first && self.signals.iter().any(is_unknown) {
            return Ok(false);
        }
        self.fresh.clear();
        for (id, (atom, reads)) in atoms.iter().zip(&self.reads).enumerate() {
            if reads & inputs.changed == 0 && !is_first {
                continue;
            }
            let margin = atom.margin(held, number(id)).ok_or(atom.column())?;
            if is_first || !margin.is_same(self.margins[id]) {
                self.fresh.push((id, margin));
            }
        }
        Ok(is_first || !self.fresh.is_empty())
    }

    /// One atom's margin, for somebody else to keep.
    pub(crate) fn margin(&mut self, atom: usize) -> &mut Margin {
        while self.margins.len() <= atom {
            self.margins.push(Margin::TOP);
        }
        &mut self.margins[atom]
    }

    /// Makes what was read the margins from now on.
    pub(crate) fn keep(&mut self) {
        self.margins.resize(self.reads.len(), Margin::TOP);
        for (id, margin) in self.fresh.drain(..) {
            self.margins[id] = margin;
        }
    }
}

/// The reader of formulas allows far fewer atoms than there are numbers.
pub(crate) fn number(atom: usize) -> u16 {
    u16::try_from(atom).unwrap_or(u16::MAX)
}
