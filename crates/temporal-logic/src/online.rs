//! Judging a trace record by record.
//!
//! Each record costs amortised constant time, whatever the length of the windows; memory is bounded by
//! the records in the windows, and once they have filled nothing is allocated. A record in which no
//! signal of the formula changed, at a time when everything inside has settled, costs a comparison of
//! values.

mod chain;
mod inputs;
mod machine;
mod program;
mod runs;
mod window;

use std::collections::VecDeque;

use self::inputs::Inputs;
use self::program::{Program, Root};
use crate::error::{GridError, RecordError};
use crate::formula::{Connective, Formula, Scope};
use crate::margin::Margin;
use crate::names::Value;
use crate::time::{Grid, Sampling, Time};
use crate::verdict::{Summary, Verdict};

/// One formula on its way along one trace.
///
/// A clone goes on from the same point on its own.
#[derive(Clone, Debug)]
pub struct Monitor {
    formula: Formula,
    grid: Grid,
    inputs: Inputs,
    program: Program,
    progress: Progress,
    tally: Tally,
}

/// How far the monitor has come, in ticks from the first record.
#[derive(Clone, Debug)]
struct Progress {
    /// Time of the first record.
    origin: Option<Time>,
    /// The last tick whose values are known; -1 before the first record.
    now: i64,
    /// The last tick that flowed through the program.
    flowed: i64,
    /// The last tick at which a signal of the formula changed.
    changed: i64,
    /// Everything before this tick has been judged.
    judged: i64,
    /// Ticks from a moment until its verdict is final.
    horizon: i64,
    /// Records without a verdict.
    pending: VecDeque<i64>,
}

/// What has been said so far.
#[derive(Clone, Debug, Default)]
struct Tally {
    records: u64,
    judged: u64,
    armed: u64,
    first: Option<Margin>,
    worst: Option<(i64, Margin)>,
    best: Option<(i64, Margin)>,
    /// The verdict of the last judged moment, and whether there was something to judge.
    last: Option<(Margin, bool)>,
}

impl Monitor {
    /// Gets ready for the first record.
    ///
    /// # Errors
    ///
    /// When the sampling has no period, or a bound is no whole multiple of it.
    pub fn new(formula: Formula, sampling: Sampling) -> Result<Self, GridError> {
        let grid = Grid::new(sampling)?;
        let horizon = grid.ticks(formula.horizon())?;
        Ok(Self {
            inputs: Inputs::new(&formula),
            program: Program::new(&formula, grid)?,
            progress: Progress {
                origin: None,
                now: -1,
                flowed: -1,
                changed: -1,
                judged: 0,
                horizon,
                pending: VecDeque::new(),
            },
            tally: Tally::default(),
            formula,
            grid,
        })
    }

    /// Takes the next record and tells every verdict that becomes final by it, in order of time.
    ///
    /// `record` has one value for each signal, in the order of declaration; those that the formula
    /// does not read are not looked at.
    ///
    /// # Errors
    ///
    /// When the record is not later than the last, falls between samples, or lacks a value that
    /// can be judged. The monitor is then as it was before.
    pub fn observe(
        &mut self,
        at: Time,
        record: &[Value],
        tell: impl FnMut(Verdict),
    ) -> Result<(), RecordError> {
        let tick = self.tick(at)?;
        let is_change = self.inputs.read(self.formula.atoms(), at, record)?;
        if is_change {
            // Until just before this record the old values held. A run is never empty.
            if self.progress.flowed + 1 < tick {
                for (stream, margin) in self.program.streams.iter_mut().zip(&self.inputs.margins) {
                    stream.push(tick, *margin);
                }
            }
            self.inputs.keep(record);
            self.progress.changed = tick;
        }
        self.progress.origin.get_or_insert(at);
        self.progress.pending.push_back(tick);
        self.tally.records += 1;
        self.reach(tick, tell);
        Ok(())
    }

    /// Lets the last record's values hold up to and including `at`, and tells what becomes final.
    ///
    /// # Errors
    ///
    /// When there is no record yet, or `at` is not later than the last, or falls between samples.
    pub fn hold_until(&mut self, at: Time, tell: impl FnMut(Verdict)) -> Result<(), RecordError> {
        if self.progress.origin.is_none() {
            return Err(RecordError::NothingYet { at });
        }
        let tick = self.tick(at)?;
        self.reach(tick, tell);
        Ok(())
    }

    /// Everything that has been said so far.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let Some(origin) = self.progress.origin else {
            return Summary::default();
        };
        let verdict = |(tick, margin)| Verdict::new(self.grid.time(origin, tick), margin);
        let open_from = (self.progress.now + 1 - self.progress.horizon).max(0);
        Summary {
            records: self.tally.records,
            judged: self.tally.judged,
            armed: self.tally.armed,
            first: self.tally.first.map(|margin| verdict((0, margin))),
            worst: self.tally.worst.map(verdict),
            best: self.tally.best.map(verdict),
            open_from: (open_from <= self.progress.now).then(|| self.grid.time(origin, open_from)),
        }
    }

    /// What the whole formula says of the trace so far; none while even its first moment is open.
    ///
    /// For [`Scope::First`] it is final. An outermost `always` can still get worse and an outermost
    /// `eventually` better, as long as records come; both speak of the moments that have been judged.
    #[must_use]
    pub fn conclusion(&self) -> Option<Verdict> {
        let summary = self.summary();
        match self.formula.scope() {
            Scope::First => summary.first,
            Scope::Every => summary.worst,
            Scope::Some => summary.best,
        }
    }

    /// The formula that is judged.
    #[must_use]
    pub const fn formula(&self) -> &Formula {
        &self.formula
    }

    /// How many values it remembers: at most a few for each record and operator in the windows.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.program.len() + self.progress.pending.len()
    }

    fn tick(&self, at: Time) -> Result<i64, RecordError> {
        if at > Time::MOST || at < Time::from_millis(-Time::MOST.millis()) {
            return Err(RecordError::OutOfRange { at });
        }
        let Some(origin) = self.progress.origin else {
            return Ok(0);
        };
        let tick = self.grid.tick(origin, at)?;
        if tick <= self.progress.now {
            let last = self.grid.time(origin, self.progress.now);
            return Err(RecordError::NotLater { at, last });
        }
        Ok(tick)
    }

    /// Goes on to `tick` with the values as they are.
    fn reach(&mut self, tick: i64, mut tell: impl FnMut(Verdict)) {
        let progress = &mut self.progress;
        progress.now = tick;
        if progress.flowed - progress.changed >= self.program.settling
            && let Some((margin, armed)) = self.tally.last
        {
            // What has settled stays so: the program catches up at the next change.
            let final_until = tick + 1 - progress.horizon;
            self.tell(final_until, margin, armed, &mut tell);
            return;
        }
        for (stream, margin) in self.program.streams.iter_mut().zip(&self.inputs.margins) {
            stream.push(tick + 1, *margin);
        }
        self.program.flow();
        progress.flowed = tick;
        while let Some((until, margin, armed)) = self.next_run() {
            let from = self.progress.judged;
            self.tally.weigh(from, margin);
            self.tally.last = Some((margin, armed));
            self.progress.judged = until;
            self.tell(until, margin, armed, &mut tell);
        }
    }

    /// The next stretch at the root: until when, its margin, and whether it was armed.
    ///
    /// What is known sooner than the horizon says, of windows that begin before the trace or lie
    /// wholly in the past, waits for its time, so that the rule is one and simple.
    fn next_run(&mut self) -> Option<(i64, Margin, bool)> {
        let end = self.progress.now + 1 - self.progress.horizon;
        if self.progress.judged >= end {
            return None;
        }
        match self.program.root {
            Root::One(stream) => {
                let run = self.program.streams[stream].front()?;
                let until = run.until.min(end);
                self.program.streams[stream].drop_until(until);
                Some((until, run.margin, true))
            }
            Root::Implies(left, right) => {
                let (a, b) = (
                    self.program.streams[left].front()?,
                    self.program.streams[right].front()?,
                );
                let until = a.until.min(b.until).min(end);
                self.program.streams[left].drop_until(until);
                self.program.streams[right].drop_until(until);
                let margin = Connective::Implies.join(a.margin, b.margin);
                Some((until, margin, a.margin.holds()))
            }
        }
    }

    /// Tells the verdicts of all pending records before the tick `until`.
    fn tell(&mut self, until: i64, margin: Margin, armed: bool, tell: &mut impl FnMut(Verdict)) {
        let Some(origin) = self.progress.origin else {
            return;
        };
        while let Some(&tick) = self.progress.pending.front()
            && tick < until
        {
            self.progress.pending.pop_front();
            self.tally.judged += 1;
            self.tally.armed += u64::from(armed);
            tell(Verdict::new(self.grid.time(origin, tick), margin));
        }
    }
}

impl Tally {
    #[inline]
    fn weigh(&mut self, tick: i64, margin: Margin) {
        self.first.get_or_insert(margin);
        if self
            .worst
            .is_none_or(|(_, worst)| margin.order(worst).is_lt())
        {
            self.worst = Some((tick, margin));
        }
        if self.best.is_none_or(|(_, best)| margin.order(best).is_gt()) {
            self.best = Some((tick, margin));
        }
    }
}
