//! Many formulas along one trace, each evaluated only when it has something to say.
//!
//! ```text
//!  record --> Inputs --> signals that changed --> formulas that read one of them --> their judges
//! ```
//!
//! A formula that is not woken costs a bit of a word, also while its windows move: what it says is worked
//! out in one go when enough changes of its own wait, or when somebody asks. Until then one list for all
//! formulas keeps the ticks of the records; once that is full, all catch up and it is cut.

use super::clock::Clock;
use super::inputs::Inputs;
use super::judge::Judge;
use super::moments::Moments;
use super::set::Set;
use crate::error::{GridError, RecordError};
use crate::formula::Formula;
use crate::names::{SignalId, Value};
use crate::time::{Sampling, Time};
use crate::verdict::{Summary, Verdict};

/// So many changes of one formula are worked out in one go.
pub(crate) const BATCH: usize = 64;

/// Several formulas over the same names, on their way along one trace.
///
/// Of each formula it says exactly what a [`crate::Monitor`] of its own would say after the same
/// records; it only says nothing record by record. A clone goes on from the same point on its own.
#[derive(Clone, Debug)]
pub struct Monitors {
    formulas: Vec<Formula>,
    judges: Vec<Judge>,
    clock: Clock,
    inputs: Inputs,
    /// For each slot of the inputs the formulas that read it.
    readers: Vec<Set>,
    /// The formulas that the record being taken concerns.
    woken: Set,
    /// For each formula whether records still concern it.
    listens: Vec<bool>,
    moments: Moments,
}

impl Monitors {
    /// Gets ready for the first record.
    ///
    /// # Errors
    ///
    /// When the sampling has no period, or a bound is no whole multiple of it.
    pub fn new(formulas: Vec<Formula>, sampling: Sampling) -> Result<Self, GridError> {
        let clock = Clock::new(sampling)?;
        let judge = |formula| Judge::new(formula, clock.grid);
        let judges: Vec<_> = formulas.iter().map(judge).collect::<Result<_, _>>()?;
        let inputs = Inputs::new(formulas.iter().flat_map(Formula::atoms));
        let mut readers = Vec::new();
        for signal in inputs.signals() {
            let mut set = Set::none_of(formulas.len());
            for (i, formula) in formulas.iter().enumerate() {
                if formula.signals().contains(&signal) {
                    set.insert(i);
                }
            }
            readers.push(set);
        }
        Ok(Self {
            judges,
            clock,
            inputs,
            readers,
            woken: Set::none_of(formulas.len()),
            listens: vec![true; formulas.len()],
            moments: Moments::new(),
            formulas,
        })
    }

    /// Takes the next record.
    ///
    /// `record` has one value for each signal, in the order of declaration; those that no formula
    /// reads are not looked at. Each formula begins with the first record by which each of its own
    /// signals has had a value.
    ///
    /// # Errors
    ///
    /// When the record is not later than the last, falls between samples, or has a value that
    /// one of the formulas cannot judge. All are then as they were before.
    pub fn observe(&mut self, at: Time, record: &[Value]) -> Result<(), RecordError> {
        let tick = self.clock.tick(at)?;
        self.inputs.take(at, record)?;
        self.concern(at, tick)
    }

    /// Takes the next record, of which its author knows that every signal outside `these` says what it said
    /// in the one before. The same as [`Monitors::observe`] where that is so, at the cost of what changed.
    ///
    /// # Errors
    ///
    /// As [`Monitors::observe`].
    pub fn observe_these(
        &mut self,
        at: Time,
        record: &[Value],
        these: &[SignalId],
    ) -> Result<(), RecordError> {
        if self.clock.records == 0 {
            return self.observe(at, record);
        }
        let tick = self.clock.tick(at)?;
        self.inputs.take_these(at, record, these)?;
        self.concern(at, tick)
    }

    /// Wakes the formulas that the record just taken concerns.
    fn concern(&mut self, at: Time, tick: i64) -> Result<(), RecordError> {
        if let Err((formula, column)) = self.wake() {
            self.inputs.take_back();
            return Err(RecordError::Undefined {
                at,
                formula,
                column,
            });
        }
        let before = self.clock.records;
        self.note(at, tick);
        for i in self.woken.iter() {
            let judge = &mut self.judges[i];
            judge.keep(tick, before);
            if judge.waiting >= BATCH {
                self.moments.reach(judge, tick);
            }
        }
        Ok(())
    }

    /// Remembers when a record was, for formulas that have not caught up with it.
    fn note(&mut self, at: Time, tick: i64) {
        if self.moments.is_full() {
            self.catch_up();
            let begun = self.judges.iter().filter(|judge| judge.has_begun());
            self.moments.forget(begun.map(Judge::cursor).min());
        }
        self.clock.record(at, tick);
        self.moments.push(tick);
    }

    /// Finds the formulas to which the record taken says something new.
    ///
    /// The error is a formula, and the column of its atom whose arithmetic has no result.
    fn wake(&mut self) -> Result<(), (usize, usize)> {
        self.woken.clear();
        if self.clock.records == 0 {
            // Some may read no signal at all.
            (0..self.formulas.len()).for_each(|i| self.woken.insert(i));
        }
        for slot in self.inputs.changed_slots() {
            self.woken.insert_all(&self.readers[slot]);
        }
        let (formulas, judges, listens) = (&self.formulas, &mut self.judges, &self.listens);
        self.woken.retain(|i| {
            if !listens[i] {
                return Ok(false);
            }
            let read = judges[i].read(formulas[i].atoms(), &self.inputs);
            read.map_err(|column| (i, column))
        })
    }

    /// Lets no later record concern one of the formulas: to it all goes on as it is.
    ///
    /// This is for a formula that cannot judge a record ([`RecordError::Undefined`]), so that the others
    /// can take that record; what is said of it from here on means nothing.
    ///
    /// # Panics
    ///
    /// When there is none at that place.
    pub fn give_up(&mut self, i: usize) {
        self.listens[i] = false;
    }

    /// Lets the last record's values hold up to and including `at`.
    ///
    /// # Errors
    ///
    /// When there is no record yet, or `at` is not later than the last, or falls between samples.
    pub fn hold_until(&mut self, at: Time) -> Result<(), RecordError> {
        self.clock.hold_until(at)
    }

    /// Works out what every formula says up to now, so that asking is cheap until the next record.
    pub fn catch_up(&mut self) {
        for judge in &mut self.judges {
            self.moments.reach(judge, self.clock.now);
        }
    }

    /// How many formulas there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.formulas.len()
    }

    /// Whether there is no formula at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.formulas.is_empty()
    }

    /// One of the formulas, by its place in those that were given.
    ///
    /// # Panics
    ///
    /// When there is none at that place.
    #[must_use]
    pub fn formula(&self, i: usize) -> &Formula {
        &self.formulas[i]
    }

    /// Everything that one formula has said so far.
    ///
    /// Works on a copy if the formula has not caught up; who asks often calls
    /// [`Monitors::catch_up`] first.
    ///
    /// # Panics
    ///
    /// When there is none at that place.
    #[must_use]
    pub fn summary(&self, i: usize) -> Summary {
        let (judge, now) = (&self.judges[i], self.clock.now);
        if judge.has_reached(now) {
            return judge.summary(&self.clock);
        }
        let mut judge = judge.clone();
        self.moments.reach(&mut judge, now);
        judge.summary(&self.clock)
    }

    /// What one formula as a whole says of the trace so far; see [`crate::Monitor::conclusion`].
    ///
    /// # Panics
    ///
    /// When there is none at that place.
    #[must_use]
    pub fn conclusion(&self, i: usize) -> Option<Verdict> {
        self.summary(i).conclusion(self.formulas[i].scope())
    }
}
