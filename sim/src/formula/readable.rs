//! The columns of a trace as signals.

use infusion_types::{Alarm, AlarmSet};
use temporal_logic::{
    Formula, GridError, Monitor, Monitors, Names, RecordError, Sampling, SignalId, Time, Value,
    Verdict,
};

use super::moment;
use super::naming::{TIME_SLACK_S, bits, declare, times, units_of};
use super::vocabulary::Facet;
use crate::recording::is_ours;
use crate::trace::{Cell, Trace};

/// A word that no formula can name; no closed list is so long.
const UNSAYABLE: Value = Value::Word(u16::MAX);
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

impl Unjudged {
    /// The place of the record that it is about, from 0.
    #[must_use]
    pub const fn record(&self) -> Option<usize> {
        match self {
            Self::Empty | Self::Grid(_) => None,
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
            Self::NotFinite { signal, .. } => Some(signal),
            Self::Empty
            | Self::Grid(_)
            | Self::Time { .. }
            | Self::Earlier { .. }
            | Self::Record { .. } => None,
        }
    }
}

/// Where the values of a name stand.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// In this column.
    Column(usize),
    /// In this column, as the bit of an alarm.
    Bit(usize, Alarm),
}

/// A formula had no result at a moment, such as 0 by 0, and is judged no further.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Undefined {
    /// Its place among the formulas.
    pub formula: usize,
    /// The place of the record, from 0.
    pub record: usize,
    /// When.
    pub at: Time,
    /// Why.
    pub source: RecordError,
}

/// Formulas that have been judged over a whole trace.
#[derive(Clone, Debug)]
pub struct Judging {
    /// What each has said.
    pub monitors: Monitors,
    /// Those of which the end is not known.
    pub undefined: Vec<Undefined>,
}

/// A trace whose columns formulas can name.
///
/// A number has the unit of its column, and an unknown unit counts as one of its own kind. A text
/// column is one of the words that occur in it, and, if it is one of our signals, of all it can be.
/// The sides of alarms, such as `AL_05.condition`, are read off the columns that have them for all
/// alarms. Where a column has no value, the last one holds.
///
/// In dense time the records of one moment follow each other by a millisecond, as in a run. Where
/// samples are looked at they count as one, and the last value of each signal is that of the moment.
#[derive(Clone, Debug)]
pub struct Readable<'t> {
    trace: &'t Trace,
    times: Vec<Time>,
    names: Names,
    /// For each name what it stands for.
    places: Vec<Place>,
    unnamed: Vec<(String, String)>,
    /// Whether what is no finite number is no value, as in a run; an error in a trace from elsewhere.
    is_ours: bool,
}

impl<'t> Readable<'t> {
    /// Names the columns of a trace.
    ///
    /// # Errors
    /// [`Unjudged`] when the trace is empty or its times do not increase in whole milliseconds.
    pub fn of(trace: &'t Trace) -> Result<Self, Unjudged> {
        let times = times(trace.time_s())?;
        let mut names = Names::new(units_of(trace.columns()));
        let (mut places, mut unnamed) = (Vec::new(), Vec::new());
        for (place, column) in trace.columns().iter().enumerate() {
            match declare(&mut names, trace, place) {
                Ok(()) => places.push(Place::Column(place)),
                Err(why) => unnamed.push((column.name.clone(), why)),
            }
        }
        for facet in Facet::ALL {
            let Some(column) = bits(trace, facet) else {
                continue;
            };
            for alarm in Alarm::ALL {
                // A column of that name says it itself.
                if names.truth(&facet.name(alarm)).is_ok() {
                    places.push(Place::Bit(column, alarm));
                }
            }
        }
        Ok(Self {
            trace,
            times,
            names,
            places,
            unnamed,
            is_ours: is_ours(trace),
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

    /// The columns that cannot be named, each with the reason.
    pub fn unnamed(&self) -> impl Iterator<Item = (&str, &str)> {
        let unnamed = self.unnamed.iter();
        unnamed.map(|(name, why)| (name.as_str(), why.as_str()))
    }

    /// The moments that are judged, with the place of the record of each.
    pub fn moments(&self, sampling: Sampling) -> impl Iterator<Item = (usize, Time)> {
        let merged = sampling != Sampling::Dense;
        let last = move |(record, at): &(usize, Time)| {
            !merged || self.times.get(record + 1).is_none_or(|next| next != at)
        };
        let each = self.times.iter().copied().enumerate();
        each.filter(last).scan(None, |before, (record, at)| {
            let at = moment(at, *before);
            *before = Some(at);
            Some((record, at))
        })
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
        self.walk(&signals, sampling, |record, at, values| {
            let seen = monitor.observe(at, values, &mut tell);
            seen.map_err(|source| Unjudged::Record { record, source })
        })?;
        Ok(monitor)
    }

    /// Judges many formulas that were read with [`Readable::names`].
    ///
    /// # Errors
    /// [`Unjudged`], but not because of a formula without a result: that one alone is given up.
    pub fn judge_all(
        &self,
        formulas: Vec<Formula>,
        sampling: Sampling,
    ) -> Result<Judging, Unjudged> {
        let mut signals: Vec<SignalId> = formulas.iter().flat_map(Formula::signals).collect();
        signals.sort_unstable();
        signals.dedup();
        let mut monitors = Monitors::new(formulas, sampling)?;
        let mut undefined = Vec::new();
        self.walk(&signals, sampling, |record, at, values| {
            loop {
                match monitors.observe(at, values) {
                    Ok(()) => return Ok(()),
                    Err(source @ RecordError::Undefined { formula, .. }) => {
                        monitors.give_up(formula);
                        undefined.push(Undefined {
                            formula,
                            record,
                            at,
                            source,
                        });
                    }
                    Err(source) => return Err(Unjudged::Record { record, source }),
                }
            }
        })?;
        monitors.catch_up();
        Ok(Judging {
            monitors,
            undefined,
        })
    }

    /// Shows the values of the signals at each moment; unknown where there is none yet.
    fn walk(
        &self,
        signals: &[SignalId],
        sampling: Sampling,
        mut show: impl FnMut(usize, Time, &[Value]) -> Result<(), Unjudged>,
    ) -> Result<(), Unjudged> {
        let mut values = vec![Value::Unknown; self.places.len()];
        let mut read = 0;
        for (record, at) in self.moments(sampling) {
            for place in read..=record {
                for signal in signals {
                    if let Some(value) = self.value(place, *signal)? {
                        values[signal.index()] = value;
                    }
                }
            }
            read = record + 1;
            show(record, at, &values)?;
        }
        Ok(())
    }

    /// What the signals are at a moment: name and value, with its unit.
    #[must_use]
    pub fn at(&self, signals: &[SignalId], sampling: Sampling, at: Time) -> Vec<(String, String)> {
        let mut records = self.moments(sampling).take_while(|(_, now)| *now <= at);
        let Some((last, _)) = records.by_ref().last() else {
            return Vec::new();
        };
        let told = signals.iter().filter_map(|signal| {
            let said = |record| self.shown(record, *signal);
            Some((self.name(*signal), (0..=last).rev().find_map(said)?))
        });
        told.collect()
    }

    /// The signals of a formula, in the order of declaration, that never have a value.
    pub fn silent(&self, formula: &Formula) -> impl Iterator<Item = String> {
        let signals = formula.signals().into_iter();
        signals
            .filter(|signal| (0..self.times.len()).all(|it| self.shown(it, *signal).is_none()))
            .map(|signal| self.name(signal))
    }

    fn shown(&self, record: usize, signal: SignalId) -> Option<String> {
        match (self.places[signal.index()], self.value(record, signal)) {
            (Place::Column(column), Ok(Some(_))) => {
                let cell = self.trace.cell(record, column);
                let unit = &self.trace.columns()[column].unit;
                let shown = if let Cell::F64(number) = cell {
                    number.to_string()
                } else {
                    cell.to_string()
                };
                Some(format!("{shown} {unit}").trim_end().to_owned())
            }
            (Place::Bit(..), Ok(Some(Value::Truth(truth)))) => Some(truth.to_string()),
            (Place::Column(_) | Place::Bit(..), _) => None,
        }
    }

    /// What a signal is at a record; none if nothing is said there.
    fn value(&self, record: usize, signal: SignalId) -> Result<Option<Value>, Unjudged> {
        let (column, alarm) = match self.places[signal.index()] {
            Place::Column(column) => (column, None),
            Place::Bit(column, alarm) => (column, Some(alarm)),
        };
        let number = match self.trace.cell(record, column) {
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
            let refused = Unjudged::NotFinite {
                record,
                signal: self.name(signal),
                value: number,
            };
            return if self.is_ours { Ok(None) } else { Err(refused) };
        }
        Ok(Some(match alarm {
            Some(alarm) => Value::Truth(AlarmSet::from_bits(number as u64).contains(alarm)),
            None => Value::Number(number),
        }))
    }

    fn name(&self, signal: SignalId) -> String {
        let mut names = self.names.signals();
        let found = names.find(|(id, ..)| *id == signal);
        found.map_or_else(String::new, |(_, name, _)| name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::trace::{self, Column, Oracle};

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
    fn records_of_one_moment_follow_each_other_but_make_one_sample() {
        let said = |name: &str| Column::new(name, "", Oracle::Said, trace::Kind::F64);
        let mut trace = trace(vec![said("a"), said("b")]);
        for (at, a, b) in [(0.0, 9.0, None), (0.0, 1.0, Some(2.0)), (5.0, 3.0, None)] {
            trace.push(at, &[Cell::F64(a), b.map_or(Cell::Null, Cell::F64)]);
        }
        let readable = Readable::of(&trace).unwrap();
        let said = |sampling| {
            let formula = Formula::parse("a < b", readable.names()).unwrap();
            let mut said = Vec::new();
            let tell = |verdict: Verdict| said.push((verdict.at.millis(), verdict.robustness));
            readable.judge(formula, sampling, tell).unwrap();
            said
        };
        // The first record has no b yet.
        assert_eq!(readable.moments(Sampling::Dense).count(), 3);
        assert_eq!(said(Sampling::Dense), [(1, 1.0), (5_000, -1.0)]);
        let period = Time::from_millis(5_000);
        let samples = Sampling::Discrete { period };
        assert_eq!(said(samples), [(0, 1.0), (5_000, -1.0)]);
    }

    #[test]
    fn one_without_a_result_does_not_stop_the_others() {
        let said = |name: &str| Column::new(name, "", Oracle::Said, trace::Kind::F64);
        let mut trace = trace(vec![said("a"), said("b")]);
        for (at, a, b) in [(0.0, 1.0, 1.0), (1.0, 0.0, 0.0), (2.0, -3.0, 0.0)] {
            trace.push(at, &[Cell::F64(a), Cell::F64(b)]);
        }
        let readable = Readable::of(&trace).unwrap();
        let formulas = ["always (a / b > 0)", "always (a >= -2)"];
        let formulas = formulas.map(|text| Formula::parse(text, readable.names()).unwrap());
        let judging = readable.judge_all(formulas.to_vec(), Sampling::Dense);
        let judging = judging.unwrap();
        assert_eq!(judging.undefined.len(), 1);
        assert_eq!(
            (judging.undefined[0].formula, judging.undefined[0].record),
            (0, 1)
        );
        assert_eq!(judging.monitors.conclusion(1).unwrap().robustness, -1.0);
        let signals = judging.monitors.formula(1).signals();
        let shown = readable.at(&signals, Sampling::Dense, Time::from_millis(1_500));
        assert_eq!(shown, [("a".to_owned(), "0".to_owned())]);
    }

    #[test]
    fn sides_of_alarms_are_read_off_the_bits_of_all() {
        let column = |name: &str, kind| Column::new(name, "", Oracle::Decided, kind);
        let mut trace = trace(vec![
            column("alarms_condition", trace::Kind::U64),
            column("AL_02", trace::Kind::Bool),
            column("alarms_active", trace::Kind::F64),
        ]);
        trace.push(0.0, &[Cell::U64(0b10), Cell::Bool(true), Cell::F64(1.0)]);
        let readable = Readable::of(&trace).unwrap();
        let text = "AL_02.condition and not AL_01.condition and AL_01 and AL_02";
        let formula = Formula::parse(text, readable.names()).unwrap();
        let monitor = readable.judge(formula, Sampling::Dense, |_| ()).unwrap();
        assert!(monitor.conclusion().unwrap().holds);
        assert!(Formula::parse("AL_02.latched", readable.names()).is_err());
    }
}
