//! The names that a formula may use: signals, with their kinds, and parameters.

use std::collections::BTreeMap;

use crate::error::NameError;
use crate::unit::{Unit, Units};
use crate::words;

/// One signal: its place in every record.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SignalId(usize);

impl SignalId {
    /// Place in a record, from 0, in the order of declaration.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0
    }
}

/// What a signal can be.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A number, in this unit.
    Number(Unit),
    /// True or false.
    Truth,
    /// One word of a closed list.
    Word(Vec<String>),
}

/// What a signal is, at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A finite number, in the unit of its signal.
    Number(f64),
    /// True or false.
    Truth(bool),
    /// A word, by its place in the closed list, from 0.
    Word(u16),
    /// Nothing is said: the value before still holds. A formula waits for the first value of each of
    /// its signals.
    Unknown,
}

impl Value {
    /// Bit for bit: a zero may have another sign, and then its inverse is another one.
    #[inline]
    #[must_use]
    pub fn is_same(self, other: Self) -> bool {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.to_bits() == b.to_bits(),
            (Self::Number(_) | Self::Truth(_) | Self::Word(_) | Self::Unknown, _) => self == other,
        }
    }
}

/// What a record says: when, and each signal's value in the order of declaration.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// When these values begin to hold.
    pub at: crate::Time,
    /// One value for each signal.
    pub values: Vec<Value>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Meaning {
    Signal(SignalId),
    Parameter(f64, Unit),
}

/// Signals and parameters, by name.
///
/// Names have letters, digits, `_` and `.`, and do not begin with a digit or a dot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Names {
    units: Units,
    meanings: BTreeMap<String, Meaning>,
    signals: Vec<(String, Kind)>,
}

impl Names {
    /// No names yet; numbers will be in these units.
    #[must_use]
    pub fn new(units: Units) -> Self {
        Self {
            units,
            ..Self::default()
        }
    }

    /// Declares a number in `unit` (`"1"` for a plain number).
    ///
    /// # Errors
    ///
    /// When the name is taken or malformed, or the unit unknown.
    pub fn number(&mut self, name: &str, unit: &str) -> Result<SignalId, NameError> {
        let unit = self.unit(unit)?;
        self.signal(name, Kind::Number(unit))
    }

    /// Declares a signal that is true or false.
    ///
    /// # Errors
    ///
    /// When the name is taken or malformed.
    pub fn truth(&mut self, name: &str) -> Result<SignalId, NameError> {
        self.signal(name, Kind::Truth)
    }

    /// Declares a signal that is one of `words`.
    ///
    /// # Errors
    ///
    /// When the name is taken or malformed, or a word is malformed, reserved or given twice.
    pub fn word(&mut self, name: &str, words: &[&str]) -> Result<SignalId, NameError> {
        if words.is_empty() || words.len() > usize::from(u16::MAX) {
            return Err(NameError::NoWords(name.to_owned()));
        }
        for (i, word) in words.iter().enumerate() {
            well_formed(word)?;
            if words[..i].contains(word) {
                return Err(NameError::Taken((*word).to_owned()));
            }
        }
        let words = words.iter().map(|&word| word.to_owned()).collect();
        self.signal(name, Kind::Word(words))
    }

    /// Declares a constant for use in terms and, when its unit is one of time, in bounds.
    ///
    /// # Errors
    ///
    /// When the name is taken or malformed, the unit unknown, or the value not finite.
    pub fn parameter(&mut self, name: &str, value: f64, unit: &str) -> Result<(), NameError> {
        let unit = self.unit(unit)?;
        if !value.is_finite() {
            return Err(NameError::OutOfRange(name.to_owned()));
        }
        self.declare(name, Meaning::Parameter(value, unit))
    }

    /// Every signal with its kind, in the order of declaration.
    pub fn signals(&self) -> impl Iterator<Item = (SignalId, &str, &Kind)> {
        self.signals
            .iter()
            .enumerate()
            .map(|(i, (name, kind))| (SignalId(i), name.as_str(), kind))
    }

    /// The signal of that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<SignalId> {
        match self.meanings.get(name)? {
            Meaning::Signal(signal) => Some(*signal),
            Meaning::Parameter(..) => None,
        }
    }

    /// A word of `signal` as a value; none if the signal is of another kind or never that word.
    #[must_use]
    pub fn word_value(&self, signal: SignalId, word: &str) -> Option<Value> {
        match self.kind(signal) {
            Kind::Number(_) | Kind::Truth => None,
            Kind::Word(words) => {
                let place = words.iter().position(|known| known == word)?;
                u16::try_from(place).ok().map(Value::Word)
            }
        }
    }

    /// The units that numbers may have.
    #[must_use]
    pub const fn units(&self) -> &Units {
        &self.units
    }

    /// What a signal can be.
    ///
    /// # Panics
    ///
    /// When the signal was declared elsewhere and has no place here.
    #[must_use]
    pub fn kind(&self, signal: SignalId) -> &Kind {
        &self.signals[signal.0].1
    }

    pub(crate) fn meaning(&self, name: &str) -> Option<&Meaning> {
        self.meanings.get(name)
    }

    pub(crate) fn nearest(&self, name: &str) -> Option<String> {
        words::nearest(name, self.meanings.keys().map(String::as_str))
    }

    fn unit(&self, unit: &str) -> Result<Unit, NameError> {
        let unknown = || NameError::UnknownUnit(unit.to_owned());
        self.units.get(unit).ok_or_else(unknown)
    }

    fn signal(&mut self, name: &str, kind: Kind) -> Result<SignalId, NameError> {
        let signal = SignalId(self.signals.len());
        self.declare(name, Meaning::Signal(signal))?;
        self.signals.push((name.to_owned(), kind));
        Ok(signal)
    }

    fn declare(&mut self, name: &str, meaning: Meaning) -> Result<(), NameError> {
        well_formed(name)?;
        if self.meanings.contains_key(name) {
            return Err(NameError::Taken(name.to_owned()));
        }
        self.meanings.insert(name.to_owned(), meaning);
        Ok(())
    }
}

fn well_formed(name: &str) -> Result<(), NameError> {
    if words::is_reserved(name) {
        return Err(NameError::Reserved(name.to_owned()));
    }
    if !words::is_name(name) {
        return Err(NameError::Malformed(name.to_owned()));
    }
    Ok(())
}
