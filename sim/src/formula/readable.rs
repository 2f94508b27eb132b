//! The columns of a trace as signals.

use std::collections::BTreeSet;

use temporal_logic::{
    Formula, GridError, Monitor, Names, RecordError, Sampling, SignalId, Time, Units, Value,
    Verdict,
};

use super::vocabulary::{closed, plain, units};
use crate::history::{DERIVED, Read};
use crate::record::Kind;
use crate::signals::SIGNALS;
use crate::trace::{self, Cell, Column, Trace};

/// A time further than this from a whole millisecond is refused.
const TIME_SLACK_S: f64 = 1e-6;
/// Times beyond this are no times; `temporal_logic` has the same limit.
const TIME_MOST_S: f64 = 1e12;
/// More different words make no closed list.
const WORDS_MOST: usize = 1_000;
/// A word that no formula can name; no closed list is so long.
const UNSAYABLE: Value = Value::Word(u16::MAX);
/// The place of a signal that no formula asks for.
const NOTHING: Value = Value::Truth(false);

/// Reads how many seconds samples are apart.
///
/// # Errors
/// In words, when it is no period.
pub fn sampling(period_s: &str) -> Result<Sampling, &'static str> {
    let millis = period_s.parse().unwrap_or(f64::NAN) * 1e3;
    let whole = libm::round(millis);
    if !(1.0..=1e15).contains(&whole) || (millis - whole).abs() > TIME_SLACK_S * 1e3 {
        return Err("a period is a whole number of milliseconds, in seconds");
    }
    let period = Time::from_millis(whole as i64);
    Ok(Sampling::Discrete { period })
}

/// Why a trace, or a formula over it, cannot be judged.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Unjudged {
    /// There is nothing to judge.
    #[error("the trace has no records")]
    Empty,
    /// A time that is none.
    #[error("time {time_s} s is no whole number of milliseconds")]
    Time {
        /// Place of the record, from 0.
        record: usize,
        /// What it says.
        time_s: f64,
    },
    /// A time before the one before.
    #[error("time {time_s} s is before that of the record before, {before_s} s")]
    Earlier {
        /// Place of the record, from 0.
        record: usize,
        /// What it says.
        time_s: f64,
        /// What the record before says.
        before_s: f64,
    },
    /// A signal that the formula reads has no value yet when judging begins.
    #[error("signal `{signal}` has no value at the first record; {}", since(*from))]
    NoValue {
        /// The signal.
        signal: String,
        /// When it has its first value, if ever.
        from: Option<Time>,
    },
    /// A number that is none.
    #[error("signal `{signal}` is {value}, which is no finite number")]
    NotFinite {
        /// Place of the record, from 0.
        record: usize,
        /// The signal.
        signal: String,
        /// What it says.
        value: f64,
    },
    /// The formula does not fit the sampling.
    #[error(transparent)]
    Grid(#[from] GridError),
    /// The formula has no result at a record, or the record falls between samples.
    #[error("{source}")]
    Record {
        /// Place of the record, from 0.
        record: usize,
        /// Why.
        source: RecordError,
    },
}

fn since(from: Option<Time>) -> String {
    from.map_or_else(
        || "it never has one".to_owned(),
        |from| format!("its first is at {from}"),
    )
}

impl Unjudged {
    /// The place of the record that it is about, from 0.
    #[must_use]
    pub const fn record(&self) -> Option<usize> {
        match self {
            Self::Empty | Self::Grid(_) => None,
            Self::NoValue { .. } => Some(0),
            Self::Time { record, .. }
            | Self::Earlier { record, .. }
            | Self::NotFinite { record, .. }
            | Self::Record { record, .. } => Some(*record),
        }
    }

    /// The signal whose value it is about.
    #[must_use]
    pub fn signal(&self) -> Option<&str> {
        match self {
            Self::NoValue { signal, .. } | Self::NotFinite { signal, .. } => Some(signal),
            Self::Empty
            | Self::Grid(_)
            | Self::Time { .. }
            | Self::Earlier { .. }
            | Self::Record { .. } => None,
        }
    }
}

/// A trace whose columns formulas can name.
///
/// A number has the unit of its column, and an unknown unit counts as one of its own kind. A text
/// column is one of the words that occur in it, and, if it is one of our signals, of all it can be.
/// Where a column has no value, the last one holds. Records of one moment count as one, the last
/// values of which hold from then on.
#[derive(Clone, Debug)]
pub struct Readable<'t> {
    trace: &'t Trace,
    times: Vec<Time>,
    names: Names,
    /// For each name the column it stands for.
    columns: Vec<usize>,
    unnamed: Vec<(String, String)>,
}

impl<'t> Readable<'t> {
    /// Names the columns of a trace.
    ///
    /// # Errors
    /// [`Unjudged`] when the trace is empty or its times do not increase in whole milliseconds.
    pub fn of(trace: &'t Trace) -> Result<Self, Unjudged> {
        let times = times(trace.time_s())?;
        let mut names = Names::new(units_of(trace.columns()));
        let (mut columns, mut unnamed) = (Vec::new(), Vec::new());
        for (place, column) in trace.columns().iter().enumerate() {
            match declare(&mut names, trace, place) {
                Ok(()) => columns.push(place),
                Err(why) => unnamed.push((column.name.clone(), why)),
            }
        }
        Ok(Self {
            trace,
            times,
            names,
            columns,
            unnamed,
        })
    }

    /// The names of its columns.
    #[must_use]
    pub const fn names(&self) -> &Names {
        &self.names
    }

    /// Why there is a column of that name, and no signal; none if there is no such column.
    #[must_use]
    pub fn why_unnamed(&self, name: &str) -> Option<&str> {
        let found = self.unnamed.iter().find(|(column, _)| column == name);
        found.map(|(_, why)| why.as_str())
    }

    /// The moments of which there are records, each once.
    pub fn moments(&self) -> impl Iterator<Item = Time> {
        let next = self.times.iter().skip(1).map(Some).chain([None]);
        let pairs = self.times.iter().zip(next);
        pairs
            .filter(|(at, next)| Some(*at) != *next)
            .map(|(at, _)| *at)
    }

    /// Judges a formula that was read with [`Readable::names`], and tells each record's verdict.
    ///
    /// # Errors
    /// [`Unjudged`].
    pub fn judge(
        &self,
        formula: Formula,
        sampling: Sampling,
        mut tell: impl FnMut(Verdict),
    ) -> Result<Monitor, Unjudged> {
        let signals = formula.signals();
        let mut monitor = Monitor::new(formula, sampling)?;
        let mut values = vec![NOTHING; self.columns.len()];
        let mut unknown = signals.clone();
        for (record, at) in self.times.iter().enumerate() {
            for signal in &signals {
                if let Some(value) = self.value(record, *signal)? {
                    values[signal.index()] = value;
                    if !unknown.is_empty() {
                        unknown.retain(|it| it != signal);
                    }
                }
            }
            if self.times.get(record + 1) == Some(at) {
                continue;
            }
            if let Some(signal) = unknown.first() {
                return Err(self.no_value(*signal));
            }
            let seen = monitor.observe(*at, &values, &mut tell);
            seen.map_err(|source| Unjudged::Record { record, source })?;
        }
        Ok(monitor)
    }

    /// What a signal is at a record; none if nothing is said there.
    fn value(&self, record: usize, signal: SignalId) -> Result<Option<Value>, Unjudged> {
        let number = match self.trace.cell(record, self.columns[signal.index()]) {
            Cell::Null => return Ok(None),
            Cell::Bool(value) => return Ok(Some(Value::Truth(value))),
            Cell::Text(word) => {
                let known = self.names.word_value(signal, word);
                return Ok(Some(known.unwrap_or(UNSAYABLE)));
            }
            Cell::F64(value) => value,
            Cell::I64(value) => value as f64,
            Cell::U64(value) => value as f64,
        };
        if !number.is_finite() {
            return Err(Unjudged::NotFinite {
                record,
                signal: self.name(signal),
                value: number,
            });
        }
        Ok(Some(Value::Number(number)))
    }

    fn no_value(&self, signal: SignalId) -> Unjudged {
        let column = self.columns[signal.index()];
        let there = |record: &usize| self.trace.cell(*record, column) != Cell::Null;
        let first = (0..self.trace.len()).find(there);
        Unjudged::NoValue {
            signal: self.name(signal),
            from: first.map(|record| self.times[record]),
        }
    }

    fn name(&self, signal: SignalId) -> String {
        let column = &self.trace.columns()[self.columns[signal.index()]];
        column.name.clone()
    }
}

fn times(time_s: &[f64]) -> Result<Vec<Time>, Unjudged> {
    let mut times: Vec<Time> = Vec::with_capacity(time_s.len());
    for (record, &time) in time_s.iter().enumerate() {
        let millis = libm::round(time * 1e3);
        let is_time = time.abs() <= TIME_MOST_S && (millis / 1e3 - time).abs() <= TIME_SLACK_S;
        if !is_time {
            return Err(Unjudged::Time {
                record,
                time_s: time,
            });
        }
        let at = Time::from_millis(millis as i64);
        if times.last().is_some_and(|last| *last > at) {
            return Err(Unjudged::Earlier {
                record,
                time_s: time,
                before_s: time_s[record - 1],
            });
        }
        times.push(at);
    }
    if times.is_empty() {
        return Err(Unjudged::Empty);
    }
    Ok(times)
}

/// Ours, and those that only this trace knows.
fn units_of(columns: &[Column]) -> Units {
    let mut units = units();
    for column in columns {
        if units.get(plain(&column.unit)).is_none() {
            // One that cannot be had is complained about with its column.
            let _ = units.base(&column.unit);
        }
    }
    units
}

fn declare(names: &mut Names, trace: &Trace, place: usize) -> Result<(), String> {
    let column = &trace.columns()[place];
    let declared = match column.kind {
        trace::Kind::F64 | trace::Kind::I64 | trace::Kind::U64 => {
            names.number(&column.name, plain(&column.unit))
        }
        trace::Kind::Bool => names.truth(&column.name),
        trace::Kind::Text => names.word(&column.name, &words(trace, place)?),
    };
    declared.map(|_| ()).map_err(|why| why.to_string())
}

/// The words of one of our own signals; none for any other.
fn ours(name: &str) -> Vec<&'static str> {
    let signals = SIGNALS.iter().filter(|signal| signal.name == name);
    let derived = DERIVED.iter().filter(|derived| derived.name == name);
    let word = signals
        .filter_map(|signal| match signal.kind {
            Kind::Word(word) => Some(word),
            Kind::Number | Kind::Count => None,
        })
        .chain(derived.filter_map(|derived| match derived.read {
            Read::Word(_, word) => Some(word),
            Read::Number(_) | Read::Truth(_) => None,
        }))
        .next();
    word.map(closed).unwrap_or_default()
}

/// The words that a text column can be, as far as a formula can say them.
fn words(trace: &Trace, place: usize) -> Result<Vec<&str>, String> {
    let name = trace.columns()[place].name.as_str();
    let mut words = ours(name);
    let mut seen: BTreeSet<&str> = words.iter().copied().collect();
    for record in 0..trace.len() {
        if let Cell::Text(word) = trace.cell(record, place)
            && seen.insert(word)
        {
            if seen.len() > WORDS_MOST {
                return Err(format!("it has more than {WORDS_MOST} different words"));
            }
            if Names::default().word("it", &[word]).is_ok() {
                words.push(word);
            }
        }
    }
    if words.is_empty() {
        return Err("it has no word that a formula can name".to_owned());
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::trace::Oracle;

    fn trace(columns: Vec<Column>) -> Trace {
        Trace::new(columns, BTreeMap::new()).unwrap()
    }

    #[test]
    fn a_trace_from_elsewhere_brings_its_own_units_and_words() {
        let said = |name: &str, unit: &str, kind| Column::new(name, unit, Oracle::Said, kind);
        let mut trace = trace(vec![
            said("current", "mA", trace::Kind::F64),
            said("flow (new)", "", trace::Kind::F64),
            said("state", "", trace::Kind::Text),
        ]);
        trace.push(0.0, &[Cell::F64(1.0), Cell::Null, Cell::Text("on")]);
        trace.push(1.0, &[Cell::Null, Cell::Null, Cell::Text("2 much")]);
        let readable = Readable::of(&trace).unwrap();
        assert!(readable.why_unnamed("flow (new)").is_some());
        assert_eq!(readable.why_unnamed("current"), None);
        let text = "always[0 s, 1 s] current > 0.5 mA and eventually[0 s, 1 s] state != on";
        let formula = Formula::parse(text, readable.names()).unwrap();
        let monitor = readable.judge(formula, Sampling::Dense, |_| ()).unwrap();
        assert_eq!(monitor.conclusion().unwrap().robustness, 0.5);
    }

    #[test]
    fn records_of_one_moment_are_one() {
        let said = |name: &str| Column::new(name, "", Oracle::Said, trace::Kind::F64);
        let mut trace = trace(vec![said("a"), said("b")]);
        for (at, a, b) in [(0.0, 9.0, None), (0.0, 1.0, Some(2.0)), (5.0, 3.0, None)] {
            trace.push(at, &[Cell::F64(a), b.map_or(Cell::Null, Cell::F64)]);
        }
        let readable = Readable::of(&trace).unwrap();
        assert_eq!(readable.moments().count(), 2);
        let formula = Formula::parse("a < b", readable.names()).unwrap();
        let mut said = Vec::new();
        let tell = |verdict: Verdict| said.push((verdict.at.millis(), verdict.robustness));
        readable.judge(formula, Sampling::Dense, tell).unwrap();
        assert_eq!(said, [(0, 1.0), (5_000, -1.0)]);
    }

    #[test]
    fn times_are_whole_milliseconds_in_order() {
        let ok = times(&[-1.0, 0.1 + 0.2, 687_259.73]).unwrap();
        assert_eq!(ok[1], Time::from_millis(300));
        for (bad, record) in [
            (&[1.0, 0.5][..], 1),
            (&[f64::NAN], 0),
            (&[0.0, f64::INFINITY], 1),
            (&[0.000_1], 0),
        ] {
            assert_eq!(times(bad).unwrap_err().record(), Some(record), "{bad:?}");
        }
        assert_eq!(times(&[]), Err(Unjudged::Empty));
    }
}
