//! The table itself: columns, rows, and what was said about the whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::error::TraceError;
use super::series::Series;

/// The name of the column that holds the time; no signal may be called so.
pub const TIME_COLUMN: &str = "time_s";

/// Whose word a signal is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Oracle {
    /// What really happened, which only a simulation knows.
    Truth,
    /// What a device or a person said.
    Said,
    /// What a controller decided.
    Decided,
}

impl Oracle {
    /// The word for it in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Truth => "truth",
            Self::Said => "said",
            Self::Decided => "decided",
        }
    }

    /// The oracle of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Truth, Self::Said, Self::Decided]
            .into_iter()
            .find(|oracle| oracle.name() == name)
    }
}

impl fmt::Display for Oracle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The type of all values of a column.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// A float.
    F64,
    /// A signed whole number.
    I64,
    /// An unsigned whole number.
    U64,
    /// Yes or no.
    Bool,
    /// A word.
    Text,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::F64 => "f64",
            Self::I64 => "i64",
            Self::U64 => "u64",
            Self::Bool => "bool",
            Self::Text => "text",
        })
    }
}

/// A signal: its name, its unit, whose word it is, and its type.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Column {
    /// The name, unique in its trace.
    pub name: String,
    /// The unit, such as `ug/h`; empty for none.
    pub unit: String,
    /// Whose word it is.
    pub oracle: Oracle,
    /// The type of its values.
    pub kind: Kind,
}

impl Column {
    /// A column.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        unit: impl Into<String>,
        oracle: Oracle,
        kind: Kind,
    ) -> Self {
        Self {
            name: name.into(),
            unit: unit.into(),
            oracle,
            kind,
        }
    }
}

/// One value, or none.
#[derive(Clone, Copy, Debug)]
pub enum Cell<'a> {
    /// What does not exist.
    Null,
    /// A float.
    F64(f64),
    /// A signed whole number.
    I64(i64),
    /// An unsigned whole number.
    U64(u64),
    /// Yes or no.
    Bool(bool),
    /// A word.
    Text(&'a str),
}

/// Floats are equal when their bits are, so that NaN equals itself and `0.0` is not `-0.0`.
impl PartialEq for Cell<'_> {
    fn eq(&self, other: &Self) -> bool {
        match *self {
            Self::Null => matches!(other, Self::Null),
            Self::F64(a) => matches!(*other, Self::F64(b) if a.to_bits() == b.to_bits()),
            Self::I64(a) => matches!(*other, Self::I64(b) if a == b),
            Self::U64(a) => matches!(*other, Self::U64(b) if a == b),
            Self::Bool(a) => matches!(*other, Self::Bool(b) if a == b),
            Self::Text(a) => matches!(*other, Self::Text(b) if a == b),
        }
    }
}

impl Eq for Cell<'_> {}

/// The shortest text from which the value can be read again; nothing for null.
impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::F64(value) => write!(f, "{value:?}"),
            Self::I64(value) => write!(f, "{value}"),
            Self::U64(value) => write!(f, "{value}"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Text(value) => f.write_str(value),
        }
    }
}

/// Signals over time: a time for each record, and in each column a value or null.
#[derive(Clone, Debug)]
pub struct Trace {
    columns: Vec<Column>,
    time_s: Vec<f64>,
    series: Vec<Series>,
    /// What is said about the whole: scenario, seed, digest.
    pub meta: BTreeMap<String, String>,
}

impl Trace {
    /// A trace without records.
    ///
    /// # Errors
    ///
    /// If two columns have the same name, or one is called [`TIME_COLUMN`].
    pub fn new(columns: Vec<Column>, meta: BTreeMap<String, String>) -> Result<Self, TraceError> {
        let mut names = BTreeSet::from([TIME_COLUMN]);
        for Column { name, .. } in &columns {
            if !names.insert(name) {
                return Err(TraceError::DuplicateColumn { name: name.clone() });
            }
        }
        let series = columns
            .iter()
            .map(|column| Series::new(column.kind))
            .collect();
        Ok(Self {
            columns,
            time_s: Vec::new(),
            series,
            meta,
        })
    }

    /// Adds a record: its time in seconds, and a value or null for each column.
    ///
    /// # Panics
    ///
    /// If there are more or fewer cells than columns, or a cell is not of its column's kind.
    pub fn push(&mut self, time_s: f64, cells: &[Cell<'_>]) {
        assert_eq!(cells.len(), self.columns.len(), "one cell for each column");
        self.time_s.push(time_s);
        for ((series, column), cell) in self.series.iter_mut().zip(&self.columns).zip(cells) {
            assert!(
                series.push(*cell),
                "{cell:?} in column `{}` of {}",
                column.name,
                column.kind
            );
        }
    }

    /// The number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.time_s.len()
    }

    /// Whether there is no record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.time_s.is_empty()
    }

    /// The columns without the time, in their order.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The place of the column `name`.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The times of all records, in seconds.
    #[must_use]
    pub fn time_s(&self) -> &[f64] {
        &self.time_s
    }

    /// One value; null also where there is no such record or column.
    #[must_use]
    pub fn cell(&self, record: usize, column: usize) -> Cell<'_> {
        self.series
            .get(column)
            .map_or(Cell::Null, |series| series.cell(record))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> Vec<Column> {
        vec![
            Column::new("rate", "ug/h", Oracle::Truth, Kind::F64),
            Column::new("mode", "", Oracle::Said, Kind::Text),
        ]
    }

    #[test]
    fn gives_back_what_was_pushed() {
        let mut trace = Trace::new(two(), BTreeMap::new()).unwrap();
        assert!(trace.is_empty());
        trace.push(0.5, &[Cell::F64(-0.0), Cell::Null]);
        trace.push(1.0, &[Cell::Null, Cell::Text("hold")]);
        assert_eq!((trace.len(), trace.time_s()), (2, &[0.5, 1.0][..]));
        assert_eq!(trace.cell(0, 0), Cell::F64(-0.0));
        assert_ne!(trace.cell(0, 0), Cell::F64(0.0));
        assert_eq!(trace.cell(1, 0), Cell::Null);
        let mode = trace.column("mode").unwrap();
        assert_eq!(trace.cell(1, mode), Cell::Text("hold"));
        assert_eq!(trace.cell(2, 0), Cell::Null);
        assert_eq!(trace.cell(0, 9), Cell::Null);
        assert_eq!(Cell::F64(f64::NAN), Cell::F64(f64::NAN));
    }

    #[test]
    fn names_are_unique() {
        let twice = [two(), two()].concat();
        assert!(Trace::new(twice, BTreeMap::new()).is_err());
        let time = vec![Column::new(TIME_COLUMN, "s", Oracle::Truth, Kind::F64)];
        assert!(Trace::new(time, BTreeMap::new()).is_err());
    }

    #[test]
    #[should_panic(expected = "Bool(true) in column `rate` of f64")]
    fn kinds_do_not_mix() {
        let mut trace = Trace::new(two(), BTreeMap::new()).unwrap();
        trace.push(0.0, &[Cell::Bool(true), Cell::Null]);
    }

    #[test]
    fn oracles_have_names() {
        assert_eq!(Oracle::from_name("decided"), Some(Oracle::Decided));
        assert_eq!(Oracle::from_name("Truth"), None);
    }
}
