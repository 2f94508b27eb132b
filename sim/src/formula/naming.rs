//! What the columns of a trace are called in formulas, and when its records are.

use std::collections::BTreeSet;

use temporal_logic::{Names, Time, Units};

use super::readable::Unjudged;
use super::vocabulary::{Facet, closed, plain, units};
use crate::history::{DERIVED, Read};
use crate::record::Kind;
use crate::signals::SIGNALS;
use crate::trace::{self, Cell, Column, Trace};

/// A time further than this from a whole millisecond is refused.
pub(super) const TIME_SLACK_S: f64 = 1e-6;
/// Times beyond this are no times; `temporal_logic` has the same limit.
const TIME_MOST_S: f64 = 1e12;
/// More different words make no closed list.
const WORDS_MOST: usize = 1_000;

/// The column that has one side of all alarms; a CSV has it as numbers.
pub(super) fn bits(trace: &Trace, facet: Facet) -> Option<usize> {
    let place = trace.column(&facet.column())?;
    let column = &trace.columns()[place];
    let is_bits = matches!(column.kind, trace::Kind::U64 | trace::Kind::F64);
    is_bits.then_some(place)
}

pub(super) fn times(time_s: &[f64]) -> Result<Vec<Time>, Unjudged> {
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
pub(super) fn units_of(columns: &[Column]) -> Units {
    let mut units = units();
    for column in columns {
        if units.get(plain(&column.unit)).is_none() {
            // One that cannot be had is complained about with its column.
            let _ = units.base(&column.unit);
        }
    }
    units
}

pub(super) fn declare(names: &mut Names, trace: &Trace, place: usize) -> Result<(), String> {
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
    use super::*;

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
