//! The leaves of a formula: what turns one record into margins.

use core::ops::Range;

use crate::margin::Margin;
use crate::names::{SignalId, Value};
use crate::syntax::Comparison;
use crate::unit::Unit;

/// A comparison, a Boolean signal or a constant.
#[derive(Clone, Debug)]
pub struct Atom {
    pub(crate) span: Range<usize>,
    pub(crate) column: usize,
    pub(crate) unit: Option<Unit>,
    pub(crate) scale: f64,
    pub(crate) test: Test,
}

#[derive(Clone, Debug)]
pub(crate) enum Test {
    Constant(bool),
    Truth(SignalId),
    Word {
        signal: SignalId,
        word: u16,
        equal: bool,
    },
    Number {
        comparison: Comparison,
        left: Term,
        right: Term,
    },
}

/// Arithmetic over the numbers of one record.
#[derive(Clone, Debug)]
pub(crate) enum Term {
    Constant(f64),
    Signal(SignalId),
    /// A change of unit.
    Scaled(f64, Box<Term>),
    Minus(Box<Term>),
    Abs(Box<Term>),
    Sum(Box<[Term; 2]>),
    Difference(Box<[Term; 2]>),
    Product(Box<[Term; 2]>),
    Quotient(Box<[Term; 2]>),
}

impl Atom {
    /// Bytes of the formula's text.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Column in the formula's text, from 1.
    #[must_use]
    pub const fn column(&self) -> usize {
        self.column
    }

    /// Unit of its margin; none for Booleans and words, whose margin is 1 or -1.
    #[must_use]
    pub const fn unit(&self) -> Option<&Unit> {
        self.unit.as_ref()
    }

    /// What its margin is divided by, in its unit; 1 unless [`crate::Formula::with_scales`] said otherwise.
    #[must_use]
    pub const fn scale(&self) -> f64 {
        self.scale
    }

    /// The signals it reads, in the order of the text; one that is read twice comes twice.
    #[must_use]
    pub fn signals(&self) -> Vec<SignalId> {
        let mut signals = Vec::new();
        match &self.test {
            Test::Constant(_) => {}
            Test::Truth(signal) | Test::Word { signal, .. } => signals.push(*signal),
            Test::Number { left, right, .. } => {
                left.collect(&mut signals);
                right.collect(&mut signals);
            }
        }
        signals
    }

    /// Its margin in a record whose kinds have been checked; NaN when arithmetic has no result.
    pub(crate) fn margin(&self, record: &[Value], id: u16) -> Margin {
        let (distance, at_limit) = match &self.test {
            Test::Constant(holds) => (if *holds { 1.0 } else { -1.0 }, true),
            Test::Truth(signal) => (signed(record[signal.index()] == Value::Truth(true)), true),
            Test::Word {
                signal,
                word,
                equal,
            } => {
                let is_word = record[signal.index()] == Value::Word(*word);
                (signed(is_word == *equal), true)
            }
            Test::Number {
                comparison,
                left,
                right,
            } => comparison.distance(left.value(record), right.value(record)),
        };
        Margin::new(distance / self.scale, at_limit, id)
    }
}

fn signed(holds: bool) -> f64 {
    if holds { 1.0 } else { -1.0 }
}

impl Comparison {
    /// How far two numbers are from the limit, and whether the limit itself holds.
    fn distance(self, left: f64, right: f64) -> (f64, bool) {
        match self {
            Self::Less => (right - left, false),
            Self::LessOrEqual => (right - left, true),
            Self::Greater => (left - right, false),
            Self::GreaterOrEqual => (left - right, true),
            Self::Equal => (-(left - right).abs(), true),
            Self::NotEqual => ((left - right).abs(), false),
        }
    }
}

impl Term {
    pub(crate) fn value(&self, record: &[Value]) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Signal(signal) => match record[signal.index()] {
                Value::Number(value) => value,
                Value::Truth(_) | Value::Word(_) => f64::NAN,
            },
            Self::Scaled(factor, of) => factor * of.value(record),
            Self::Minus(of) => -of.value(record),
            Self::Abs(of) => of.value(record).abs(),
            Self::Sum(pair) => pair[0].value(record) + pair[1].value(record),
            Self::Difference(pair) => pair[0].value(record) - pair[1].value(record),
            Self::Product(pair) => pair[0].value(record) * pair[1].value(record),
            Self::Quotient(pair) => pair[0].value(record) / pair[1].value(record),
        }
    }

    /// Whether it reads nothing, and its operands are values already.
    pub(crate) fn is_all_constant(&self) -> bool {
        let constant = |term: &Self| matches!(term, Self::Constant(_));
        match self {
            Self::Constant(_) => true,
            Self::Signal(_) => false,
            Self::Scaled(_, of) | Self::Minus(of) | Self::Abs(of) => constant(of),
            Self::Sum(pair)
            | Self::Difference(pair)
            | Self::Product(pair)
            | Self::Quotient(pair) => pair.iter().all(constant),
        }
    }

    fn collect(&self, signals: &mut Vec<SignalId>) {
        match self {
            Self::Constant(_) => {}
            Self::Signal(signal) => signals.push(*signal),
            Self::Scaled(_, of) | Self::Minus(of) | Self::Abs(of) => of.collect(signals),
            Self::Sum(pair)
            | Self::Difference(pair)
            | Self::Product(pair)
            | Self::Quotient(pair) => {
                pair[0].collect(signals);
                pair[1].collect(signals);
            }
        }
    }
}
