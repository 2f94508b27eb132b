//! A whole recorded trace, signal by signal, for formulas that are asked afterwards.
//!
//! Atoms are worked out for several records side by side, and what comes out flows through the same
//! machines as online, a block of records at a time. So it says what a [`crate::Monitor`] says, some
//! three to six times as fast.

mod lanes;

use core::ops::Range;

use self::lanes::{Place, WIDTH};
use crate::error::RecordError;
use crate::formula::Formula;
use crate::names::{Kind, Names, SignalId, Value};
use crate::offline::JudgeError;
use crate::online::{Clock, Judge, Stretch};
use crate::time::{Sampling, Time};
use crate::verdict::{Summary, Verdict};

/// Records that flow together; what waits between two machines then fits into the nearest cache.
const BLOCK: usize = 256;

/// A recorded trace, for formulas that are asked afterwards.
#[derive(Clone, Debug)]
pub struct Columns {
    at: Vec<Time>,
    columns: Vec<Column>,
}

/// One signal.
#[derive(Clone, Debug)]
struct Column {
    signal: SignalId,
    cells: Cells,
    /// The first record with a value; the cells before are arbitrary.
    begin: Option<usize>,
}

#[derive(Clone, Debug)]
enum Cells {
    Numbers(Vec<f64>),
    Truths(Vec<bool>),
    Words(Vec<u16>),
}

impl Columns {
    /// Gets ready for records of these signals.
    #[must_use]
    pub fn new(names: &Names) -> Self {
        let column = |(signal, _, kind): (SignalId, &str, &Kind)| Column {
            signal,
            cells: match kind {
                Kind::Number(_) => Cells::Numbers(Vec::new()),
                Kind::Truth => Cells::Truths(Vec::new()),
                Kind::Word(_) => Cells::Words(Vec::new()),
            },
            begin: None,
        };
        Self {
            at: Vec::new(),
            columns: names.signals().map(column).collect(),
        }
    }

    /// Adds a record, with one value for each signal in the order of declaration.
    ///
    /// # Errors
    ///
    /// When the record is not later than the last, or a signal has no value of its kind. All is then
    /// as it was before.
    pub fn push(&mut self, at: Time, record: &[Value]) -> Result<(), RecordError> {
        if let Some(&last) = self.at.last()
            && at <= last
        {
            return Err(RecordError::NotLater { at, last });
        }
        for i in 0..self.columns.len() {
            if let Err(error) = self.columns[i].push(at, record.get(i).copied()) {
                for column in &mut self.columns[..i] {
                    column.pop();
                }
                return Err(error);
            }
        }
        self.at.push(at);
        Ok(())
    }

    /// How many records there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.at.len()
    }

    /// Whether there is no record.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    /// Judges all records, and tells every verdict in order of time.
    ///
    /// # Errors
    ///
    /// Whatever a [`crate::Monitor`] would refuse.
    ///
    /// # Panics
    ///
    /// When the formula was read with more signals than these.
    pub fn judge(
        &self,
        formula: &Formula,
        sampling: Sampling,
        mut tell: impl FnMut(Verdict),
    ) -> Result<Summary, JudgeError> {
        let mut clock = Clock::new(sampling)?;
        let mut judge = Judge::new(formula, clock.grid)?;
        let (ticks, refused) = self.ticks(&mut clock);
        let begin = self.begin(formula).unwrap_or(ticks.len()).min(ticks.len());
        let mut waiting = &ticks[begin..];
        let mut say = |stretch: Stretch| {
            let count = waiting
                .iter()
                .take_while(|tick| **tick < stretch.until)
                .count();
            let (told, later) = waiting.split_at(count);
            for tick in told {
                tell(Verdict::new(clock.time(*tick), stretch.margin));
            }
            waiting = later;
            count as u64
        };
        if let Some(&tick) = ticks.get(begin) {
            judge.begin(tick, begin as u64);
        }
        for from in (begin..ticks.len()).step_by(BLOCK) {
            let block = from..ticks.len().min(from + BLOCK);
            self.read(formula, &ticks, block, &mut judge)?;
            judge.flow(&mut say);
        }
        if let Some(error) = refused {
            return Err(error.into());
        }
        judge.reach(clock.now, say);
        Ok(judge.summary(&clock))
    }

    /// The records' ticks, up to the first that falls between samples.
    fn ticks(&self, clock: &mut Clock) -> (Vec<i64>, Option<RecordError>) {
        let mut ticks = Vec::with_capacity(self.at.len());
        for &at in &self.at {
            match clock.tick(at) {
                Ok(tick) => {
                    clock.record(at, tick);
                    ticks.push(tick);
                }
                Err(error) => return (ticks, Some(error)),
            }
        }
        (ticks, None)
    }

    /// The first record by which each signal of the formula has had a value.
    fn begin(&self, formula: &Formula) -> Option<usize> {
        let signals = formula.signals();
        let mut begins = signals
            .iter()
            .map(|signal| self.columns[signal.index()].begin);
        begins.try_fold(0, |latest, begin| Some(latest.max(begin?)))
    }

    /// Gives the judge the margins of all atoms in a block of records.
    fn read(
        &self,
        formula: &Formula,
        ticks: &[i64],
        block: Range<usize>,
        judge: &mut Judge,
    ) -> Result<(), RecordError> {
        // The first record in which arithmetic has no result, and the column of its atom.
        let mut undefined: Option<(usize, usize)> = None;
        for (id, atom) in formula.atoms().iter().enumerate() {
            let mut leaf = judge.leaf(id);
            for from in block.clone().step_by(WIDTH) {
                let place = Place::new(&self.columns, from);
                let (distances, at_limit) = atom.distance(&place);
                let records = from..block.end.min(from + WIDTH);
                if distances.0.iter().any(|distance| distance.is_nan())
                    && let Some(record) = records.clone().find(|i| distances.0[i - from].is_nan())
                    && undefined.is_none_or(|(first, _)| record < first)
                {
                    undefined = Some((record, atom.column()));
                }
                leaf.follow(&ticks[records], distances.0, at_limit);
            }
        }
        if let Some((record, column)) = undefined {
            let (at, formula) = (self.at[record], 0);
            return Err(RecordError::Undefined {
                at,
                formula,
                column,
            });
        }
        judge.followed(ticks[block.end - 1]);
        Ok(())
    }
}

impl Column {
    fn push(&mut self, at: Time, value: Option<Value>) -> Result<(), RecordError> {
        let signal = self.signal;
        match (&mut self.cells, value) {
            (Cells::Numbers(_), Some(Value::Number(number))) if !number.is_finite() => {
                return Err(RecordError::NotFinite { at, signal });
            }
            (Cells::Numbers(cells), Some(Value::Number(number))) => cells.push(number),
            (Cells::Truths(cells), Some(Value::Truth(truth))) => cells.push(truth),
            (Cells::Words(cells), Some(Value::Word(word))) => cells.push(word),
            (cells, Some(Value::Unknown)) => {
                cells.repeat();
                return Ok(());
            }
            (Cells::Numbers(_) | Cells::Truths(_) | Cells::Words(_), _) => {
                return Err(RecordError::Kind { at, signal });
            }
        }
        if self.begin.is_none() {
            self.begin = Some(self.cells.len() - 1);
        }
        Ok(())
    }

    fn pop(&mut self) {
        self.cells.pop();
        self.begin = self.begin.filter(|&begin| begin < self.cells.len());
    }
}

impl Cells {
    /// Adds the last cell once more.
    fn repeat(&mut self) {
        match self {
            Self::Numbers(cells) => cells.push(cells.last().copied().unwrap_or_default()),
            Self::Truths(cells) => cells.push(cells.last().copied().unwrap_or_default()),
            Self::Words(cells) => cells.push(cells.last().copied().unwrap_or_default()),
        }
    }

    fn pop(&mut self) {
        match self {
            Self::Numbers(cells) => drop(cells.pop()),
            Self::Truths(cells) => drop(cells.pop()),
            Self::Words(cells) => drop(cells.pop()),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Numbers(cells) => cells.len(),
            Self::Truths(cells) => cells.len(),
            Self::Words(cells) => cells.len(),
        }
    }
}
