//! Everything that can be refused, with the place and what would be right.

use core::ops::Range;

use crate::names::SignalId;
use crate::time::Time;

/// A formula that cannot be read: where, and why.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("column {column}: {kind}")]
pub struct ParseError {
    /// Bytes of the text that are meant.
    pub span: Range<usize>,
    /// Column of the first of them: characters from the start of the text, from 1.
    pub column: usize,
    /// What is wrong.
    pub kind: ParseErrorKind,
}

/// What can be wrong with the text of a formula.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// A character that no formula contains.
    #[error("`{0}` means nothing here")]
    Character(char),
    /// A number that cannot be read, or is not finite.
    #[error("`{0}` is not a number")]
    BadNumber(String),
    /// Something else stands where a certain thing is needed.
    #[error("expected {wanted}, found {found}")]
    Expected {
        /// What may stand here.
        wanted: &'static str,
        /// What does.
        found: String,
    },
    /// Two operators of one rank in a row, which readers group differently.
    #[error("`{0}` in a row can be read in two ways; add parentheses")]
    Ambiguous(&'static str),
    /// `a < b < c`.
    #[error("comparisons do not chain; join two of them with `and`")]
    Chained,
    /// A formula too large to be meant.
    #[error("a formula may have at most {most} {what}")]
    TooLarge {
        /// The limit.
        most: usize,
        /// What there is too much of.
        what: &'static str,
    },
    /// Neither signal nor parameter.
    #[error("no signal is called `{name}`{}", hint(nearest.as_deref()))]
    UnknownName {
        /// As written.
        name: String,
        /// The known name that differs least, if one is near.
        nearest: Option<String>,
    },
    /// No such unit.
    #[error("no unit is called `{name}`{}", hint(nearest.as_deref()))]
    UnknownUnit {
        /// As written.
        name: String,
        /// The known unit that differs least, if one is near.
        nearest: Option<String>,
    },
    /// Not in the closed list of that signal.
    #[error("`{signal}` is never `{word}`{}", hint(nearest.as_deref()))]
    UnknownWord {
        /// The signal.
        signal: String,
        /// As written.
        word: String,
        /// The word that differs least, if one is near.
        nearest: Option<String>,
    },
    /// Two units that cannot be compared or added.
    #[error("{left} and {right} are different kinds of unit")]
    UnitClash {
        /// Unit on the left of the operator.
        left: String,
        /// Unit on the right of it.
        right: String,
    },
    /// A formula stands where a number is needed.
    #[error("{0} is true or false; a number is needed here")]
    NeedsNumber(String),
    /// A number or a word stands where a formula is needed.
    #[error("{0} is not true or false; compare it with something")]
    NeedsTruth(String),
    /// Words know only `==` and `!=`.
    #[error("words can only be compared with `==` and `!=`, one signal with one word")]
    WordOrder,
    /// A bound that is no length of time.
    #[error("a bound is a length of time, not {0}")]
    BoundNotTime(String),
    /// A bound that is no whole number of milliseconds, or negative, or too long.
    #[error("a bound is a whole number of milliseconds from 0 to 10^12")]
    BoundNotWhole,
    /// The interval ends before it begins.
    #[error("the interval ends before it begins")]
    BoundsReversed,
    /// A future without end, elsewhere than outermost.
    #[error(
        "`{0}` without bounds never becomes final here; only an outermost `always` or \
         `eventually` may go without"
    )]
    Unbounded(&'static str),
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

/// A name, unit or parameter that cannot be declared.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Declared before.
    #[error("`{0}` is declared twice")]
    Taken(String),
    /// A word of the language.
    #[error("`{0}` is a word of the language")]
    Reserved(String),
    /// Empty, or with a character that names may not have.
    #[error(
        "`{0}` is no name: letters, digits, `_` and `.`, the first a letter or `_` (a unit may have `%` and `°`)"
    )]
    Malformed(String),
    /// A unit in terms of one that does not exist.
    #[error("no unit is called `{0}`")]
    UnknownUnit(String),
    /// A scale or value that is not finite, or a scale that is not above zero.
    #[error("the number given for `{0}` is out of range")]
    OutOfRange(String),
    /// More independent units than there is room for.
    #[error("at most {0} independent units, time included")]
    TooManyUnits(usize),
    /// A closed list of no words.
    #[error("`{0}` needs at least one word")]
    NoWords(String),
}

/// Times that do not fit the sampling.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GridError {
    /// A period below one millisecond.
    #[error("the sampling period must be at least 1 ms")]
    NoPeriod,
    /// A bound that falls between samples.
    #[error("bound {bound} is no whole multiple of the sampling period, {period}")]
    Bound {
        /// The bound.
        bound: Time,
        /// The period.
        period: Time,
    },
}

/// A record that cannot be judged. The monitor is as it was before.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// Not later than the record before.
    #[error("record at {at} is not later than the one before, at {last}")]
    NotLater {
        /// Time of the refused record.
        at: Time,
        /// Time of the record before.
        last: Time,
    },
    /// Outside the range of [`Time`].
    #[error("time {at} is out of range")]
    OutOfRange {
        /// Time of the refused record.
        at: Time,
    },
    /// Between two samples.
    #[error("record at {at} falls between samples {period} apart")]
    OffGrid {
        /// Time of the refused record.
        at: Time,
        /// Time between samples.
        period: Time,
    },
    /// No value for a signal that the formula reads, or one of another kind.
    #[error("record at {at} has no value of the right kind for signal {}", signal.index())]
    Kind {
        /// Time of the refused record.
        at: Time,
        /// The signal.
        signal: SignalId,
    },
    /// A number that is infinite or not a number.
    #[error("record at {at} has no finite number for signal {}", signal.index())]
    NotFinite {
        /// Time of the refused record.
        at: Time,
        /// The signal.
        signal: SignalId,
    },
    /// A comparison without a result, as of 0 divided by 0.
    #[error("record at {at} leaves the comparison at column {column} undefined")]
    Undefined {
        /// Time of the refused record.
        at: Time,
        /// The formula's place among those that are judged together; 0 when it is alone.
        formula: usize,
        /// Column of the comparison in the formula's text.
        column: usize,
    },
    /// Nothing can be held before the first record.
    #[error("nothing to hold until {at}: no record yet")]
    NothingYet {
        /// Until when it should have been held.
        at: Time,
    },
}
