//! Units: a vector of dimensions and a scale.
//!
//! Time is known (`ms`, `s`, `min`, `h`, `d`), and so is "no unit", written `1`. Everything else is the
//! caller's: [`Units::base`] makes a unit that nothing else can be compared with, [`Units::scaled`]
//! makes a multiple. Products and quotients such as `x/h` need no declaration.

use std::collections::BTreeMap;

use crate::error::NameError;
use crate::words;

/// Independent units, time included.
const DIMENSIONS: usize = 8;
const TIME: usize = 0;

/// What a number counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    symbol: String,
    dimensions: [i8; DIMENSIONS],
    scale: f64,
}

impl Unit {
    /// The unit of a plain number.
    #[must_use]
    pub fn none() -> Self {
        Self {
            symbol: String::new(),
            dimensions: [0; DIMENSIONS],
            scale: 1.0,
        }
    }

    /// As written; empty for a plain number.
    #[must_use]
    pub fn symbol(&self) -> &str {
        &self.symbol
    }

    /// Whether both count the same kind of thing, so that they can be compared.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        self.dimensions == other.dimensions
    }

    /// How many of `other` make one of this.
    pub(crate) fn in_terms_of(&self, other: &Self) -> f64 {
        self.scale / other.scale
    }

    pub(crate) fn is_time(&self) -> bool {
        let mut time = [0; DIMENSIONS];
        time[TIME] = 1;
        self.dimensions == time
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.scale
    }

    pub(crate) fn times(&self, other: &Self) -> Self {
        self.combined(other, '*', i8::saturating_add, self.scale * other.scale)
    }

    pub(crate) fn over(&self, other: &Self) -> Self {
        self.combined(other, '/', i8::saturating_sub, self.scale / other.scale)
    }

    fn combined(&self, other: &Self, sign: char, add: fn(i8, i8) -> i8, scale: f64) -> Self {
        let mut dimensions = self.dimensions;
        for (mine, theirs) in dimensions.iter_mut().zip(other.dimensions) {
            *mine = add(*mine, theirs);
        }
        let symbol = match (self.symbol.as_str(), other.symbol.as_str()) {
            (mine, "") => mine.to_owned(),
            ("", theirs) if sign == '*' => theirs.to_owned(),
            ("", theirs) => format!("1/{theirs}"),
            (mine, theirs) => format!("{mine}{sign}{theirs}"),
        };
        Self {
            symbol,
            dimensions,
            scale,
        }
    }

    /// For people: the symbol in quotes, or "a plain number".
    pub(crate) fn described(&self) -> String {
        if self.symbol.is_empty() {
            "a plain number".to_owned()
        } else {
            format!("`{}`", self.symbol)
        }
    }
}

/// The units that a formula may use.
#[derive(Clone, Debug, PartialEq)]
pub struct Units {
    known: BTreeMap<String, Unit>,
    dimensions: usize,
}

impl Default for Units {
    fn default() -> Self {
        Self::new()
    }
}

impl Units {
    /// Time, and plain numbers.
    #[must_use]
    pub fn new() -> Self {
        let mut units = Self {
            known: BTreeMap::from([("1".to_owned(), Unit::none())]),
            dimensions: 1,
        };
        let times = [
            ("ms", 0.001),
            ("s", 1.0),
            ("min", 60.0),
            ("h", 3_600.0),
            ("d", 86_400.0),
        ];
        for (symbol, scale) in times {
            let mut unit = Unit::none();
            (unit.symbol, unit.scale, unit.dimensions[TIME]) = (symbol.to_owned(), scale, 1);
            units.known.insert(symbol.to_owned(), unit);
        }
        units
    }

    /// Adds a unit of its own kind; at most 7.
    ///
    /// # Errors
    ///
    /// When the symbol is taken or malformed, or there are too many.
    pub fn base(&mut self, symbol: &str) -> Result<(), NameError> {
        if self.dimensions == DIMENSIONS {
            return Err(NameError::TooManyUnits(DIMENSIONS));
        }
        let mut unit = Unit::none();
        unit.dimensions[self.dimensions] = 1;
        self.insert(symbol, unit)?;
        self.dimensions += 1;
        Ok(())
    }

    /// Adds a unit that is `factor` times `of`, as `%` is 0.01 times `1`. `factor` is above zero.
    ///
    /// # Errors
    ///
    /// When the symbol is taken or malformed, `of` is unknown, or the factor is out of range.
    pub fn scaled(&mut self, symbol: &str, factor: f64, of: &str) -> Result<(), NameError> {
        let mut unit = self
            .get(of)
            .ok_or_else(|| NameError::UnknownUnit(of.to_owned()))?;
        unit.scale *= factor;
        if !(unit.scale.is_finite() && unit.scale > 0.0) {
            return Err(NameError::OutOfRange(symbol.to_owned()));
        }
        self.insert(symbol, unit)
    }

    fn insert(&mut self, symbol: &str, mut unit: Unit) -> Result<(), NameError> {
        if symbol.is_empty() || !symbol.split('/').all(is_symbol) {
            return Err(NameError::Malformed(symbol.to_owned()));
        }
        if words::is_reserved(symbol) {
            return Err(NameError::Reserved(symbol.to_owned()));
        }
        if self.known.contains_key(symbol) {
            return Err(NameError::Taken(symbol.to_owned()));
        }
        unit.symbol = symbol.to_owned();
        self.known.insert(symbol.to_owned(), unit);
        Ok(())
    }

    /// The unit that `text` names: one of the table, or a product or quotient of those, left to right.
    #[must_use]
    pub fn get(&self, text: &str) -> Option<Unit> {
        if let Some(unit) = self.known.get(text) {
            return Some(unit.clone());
        }
        let cut = text.rfind(['*', '/'])?;
        let left = self.get(&text[..cut])?;
        let right = self.known.get(&text[cut + 1..])?;
        let mut unit = if text[cut..].starts_with('*') {
            left.times(right)
        } else {
            left.over(right)
        };
        unit.symbol = text.to_owned();
        Some(unit)
    }

    pub(crate) fn nearest(&self, text: &str) -> Option<String> {
        words::nearest(text, self.known.keys().map(String::as_str))
    }
}

fn is_symbol(text: &str) -> bool {
    text.starts_with(words::starts_unit) && text.chars().all(words::continues_unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units() -> Units {
        let mut units = Units::new();
        units.base("g").unwrap();
        units.scaled("kg", 1_000.0, "g").unwrap();
        units.scaled("%", 0.01, "1").unwrap();
        units
    }

    #[test]
    fn a_quotient_needs_no_declaration() {
        let units = units();
        let (fast, slow) = (units.get("kg/h").unwrap(), units.get("g/h").unwrap());
        assert!(fast.is_like(&slow));
        assert_eq!(fast.in_terms_of(&slow), 1_000.0);
        assert!(
            fast.times(&units.get("h").unwrap())
                .is_like(&units.get("g").unwrap())
        );
        assert!(units.get("kg/x").is_none());
    }

    #[test]
    fn a_bad_symbol_is_refused() {
        let mut units = units();
        assert_eq!(units.base("kg"), Err(NameError::Taken("kg".to_owned())));
        assert_eq!(units.base("1x"), Err(NameError::Malformed("1x".to_owned())));
        assert_eq!(
            units.base("until"),
            Err(NameError::Reserved("until".to_owned()))
        );
        assert_eq!(
            units.scaled("t", f64::NAN, "g"),
            Err(NameError::OutOfRange("t".to_owned()))
        );
    }
}
