//! The leaves of a formula: what turns one record into margins.

use core::ops::{Add, Div, Mul, Neg, Range, Sub};

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

    /// What it compares with, in the unit of its margin, where that is a constant; none for anything else.
    #[must_use]
    pub fn limit(&self) -> Option<f64> {
        match &self.test {
            Test::Number {
                left: Term::Constant(limit),
                ..
            }
            | Test::Number {
                right: Term::Constant(limit),
                ..
            } => Some(*limit),
            Test::Number { .. } | Test::Constant(_) | Test::Truth(_) | Test::Word { .. } => None,
        }
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

    /// Its margin where the signals are what `source` says; none when arithmetic has no result.
    pub(crate) fn margin(
        &self,
        source: &(impl Source<Lane = f64> + ?Sized),
        id: u16,
    ) -> Option<Margin> {
        let (distance, at_limit) = self.distance(source);
        (!distance.is_nan()).then(|| Margin::new(distance, at_limit, id))
    }

    /// How far it is from the limit, in its scale, and whether the limit itself still holds; NaN when
    /// arithmetic has no result.
    pub(crate) fn distance<S: Source + ?Sized>(&self, source: &S) -> (S::Lane, bool) {
        let (distance, at_limit) = match &self.test {
            Test::Constant(holds) => (S::Lane::from(signed(*holds)), true),
            Test::Truth(signal) => (source.truth(*signal), true),
            Test::Word {
                signal,
                word,
                equal,
            } => {
                let is_word = source.word(*signal, *word);
                (if *equal { is_word } else { -is_word }, true)
            }
            Test::Number {
                comparison,
                left,
                right,
            } => comparison.distance(left.value(source), right.value(source)),
        };
        if self.scale == 1.0 {
            return (distance, at_limit);
        }
        (distance / S::Lane::from(self.scale), at_limit)
    }
}

/// A number, or several side by side.
pub(crate) trait Lane:
    Copy
    + From<f64>
    + Neg<Output = Self>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
{
    fn abs(self) -> Self;
}

impl Lane for f64 {
    fn abs(self) -> Self {
        self.abs()
    }
}

/// What the signals are: at one moment, or at several side by side.
pub(crate) trait Source {
    type Lane: Lane;

    /// The number itself.
    fn number(&self, signal: SignalId) -> Self::Lane;
    /// 1 where it is true, -1 where not.
    fn truth(&self, signal: SignalId) -> Self::Lane;
    /// 1 where it is this word, -1 where not.
    fn word(&self, signal: SignalId, word: u16) -> Self::Lane;
}

/// One record, whose kinds have been checked.
impl Source for [Value] {
    type Lane = f64;

    fn number(&self, signal: SignalId) -> f64 {
        match self[signal.index()] {
            Value::Number(value) => value,
            Value::Truth(_) | Value::Word(_) | Value::Unknown => f64::NAN,
        }
    }

    fn truth(&self, signal: SignalId) -> f64 {
        signed(self[signal.index()] == Value::Truth(true))
    }

    fn word(&self, signal: SignalId, word: u16) -> f64 {
        signed(self[signal.index()] == Value::Word(word))
    }
}

pub(crate) fn signed(holds: bool) -> f64 {
    if holds { 1.0 } else { -1.0 }
}

impl Comparison {
    /// How far two numbers are from the limit, and whether the limit itself holds.
    fn distance<L: Lane>(self, left: L, right: L) -> (L, bool) {
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
    #[inline]
    pub(crate) fn value<S: Source + ?Sized>(&self, source: &S) -> S::Lane {
        match self {
            Self::Constant(value) => S::Lane::from(*value),
            Self::Signal(signal) => source.number(*signal),
            Self::Scaled(..)
            | Self::Minus(_)
            | Self::Abs(_)
            | Self::Sum(_)
            | Self::Difference(_)
            | Self::Product(_)
            | Self::Quotient(_) => self.worked_out(source),
        }
    }

    fn worked_out<S: Source + ?Sized>(&self, source: &S) -> S::Lane {
        match self {
            Self::Constant(_) | Self::Signal(_) => self.value(source),
            Self::Scaled(factor, of) => S::Lane::from(*factor) * of.value(source),
            Self::Minus(of) => -of.value(source),
            Self::Abs(of) => of.value(source).abs(),
            Self::Sum(pair) => pair[0].value(source) + pair[1].value(source),
            Self::Difference(pair) => pair[0].value(source) - pair[1].value(source),
            Self::Product(pair) => pair[0].value(source) * pair[1].value(source),
            Self::Quotient(pair) => pair[0].value(source) / pair[1].value(source),
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
