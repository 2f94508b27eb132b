//! Judging a trace record by record.
//!
//! Each record costs amortised constant time, whatever the length of the windows; memory is bounded by
//! the records in the windows, and once they have filled nothing is allocated. A record in which no
//! signal of the formula changed, at a time when everything inside has settled, costs a comparison of
//! values.

mod chain;
mod clock;
mod inputs;
mod judge;
mod late;
mod leaves;
mod machine;
mod many;
mod moments;
mod program;
mod queue;
mod roomy;
mod runs;
mod set;
mod window;

use std::collections::VecDeque;

pub(crate) use self::clock::Clock;
use self::inputs::Inputs;
pub(crate) use self::judge::Judge;
pub use self::many::Monitors;
pub(crate) use self::program::Stretch;
use crate::error::{GridError, RecordError};
use crate::formula::Formula;
use crate::names::Value;
use crate::time::{Sampling, Time};
use crate::verdict::{Summary, Verdict};

/// One formula on its way along one trace.
///
/// A clone goes on from the same point on its own.
#[derive(Clone, Debug)]
pub struct Monitor {
    formula: Formula,
    clock: Clock,
    inputs: Inputs,
    judge: Judge,
    /// The ticks of the records without a verdict.
    pending: VecDeque<i64>,
}

impl Monitor {
    /// Gets ready for the first record.
    ///
    /// # Errors
    ///
    /// When the sampling has no period, or a bound is no whole multiple of it.
    pub fn new(formula: Formula, sampling: Sampling) -> Result<Self, GridError> {
        let clock = Clock::new(sampling)?;
        Ok(Self {
            judge: Judge::new(&formula, clock.grid)?,
            inputs: Inputs::new(formula.atoms().iter()),
            formula,
            clock,
            pending: VecDeque::new(),
        })
    }

    /// Takes the next record and tells every verdict that becomes final by it, in order of time.
    ///
    /// `record` has one value for each signal, in the order of declaration; those that the formula
    /// does not read are not looked at. The first record with a verdict is the one by which each
    /// signal has had a value.
    ///
    /// # Errors
    ///
    /// When the record is not later than the last, falls between samples, or has a value that
    /// cannot be judged. The monitor is then as it was before.
    pub fn observe(
        &mut self,
        at: Time,
        record: &[Value],
        tell: impl FnMut(Verdict),
    ) -> Result<(), RecordError> {
        let tick = self.clock.tick(at)?;
        self.inputs.take(at, record)?;
        match self.judge.read(self.formula.atoms(), &self.inputs) {
            Ok(true) => self.judge.keep(tick, self.clock.records),
            Ok(false) => {}
            Err(column) => {
                self.inputs.take_back();
                let formula = 0;
                return Err(RecordError::Undefined {
                    at,
                    formula,
                    column,
                });
            }
        }
        self.clock.record(at, tick);
        if self.judge.has_begun() {
            self.pending.push_back(tick);
        }
        self.reach(tell);
        Ok(())
    }

    /// Lets the last record's values hold up to and including `at`, and tells what becomes final.
    ///
    /// # Errors
    ///
    /// When there is no record yet, or `at` is not later than the last, or falls between samples.
    pub fn hold_until(&mut self, at: Time, tell: impl FnMut(Verdict)) -> Result<(), RecordError> {
        self.clock.hold_until(at)?;
        self.reach(tell);
        Ok(())
    }

    fn reach(&mut self, mut tell: impl FnMut(Verdict)) {
        let (clock, pending) = (&self.clock, &mut self.pending);
        self.judge.reach(clock.now, |stretch| {
            let mut count = 0;
            while let Some(tick) = pending.pop_front_if(|tick| *tick < stretch.until) {
                tell(Verdict::new(clock.time(tick), stretch.margin));
                count += 1;
            }
            count
        });
    }

    /// Everything that has been said so far.
    #[must_use]
    pub fn summary(&self) -> Summary {
        self.judge.summary(&self.clock)
    }

    /// What the whole formula says of the trace so far; none while even its first moment is open.
    ///
    /// For [`crate::Scope::First`] it is final. An outermost `always` can still get worse and an
    /// outermost `eventually` better, as long as records come; both speak of the moments that have
    /// been judged.
    #[must_use]
    pub fn conclusion(&self) -> Option<Verdict> {
        self.summary().conclusion(self.formula.scope())
    }

    /// The formula that is judged.
    #[must_use]
    pub const fn formula(&self) -> &Formula {
        &self.formula
    }

    /// How many values it remembers: at most a few for each record and operator in the windows.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.judge.len() + self.pending.len()
    }
}
