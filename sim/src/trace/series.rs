//! The values of one column, kept small: eight bytes or less and one bit for each record.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::table::{Cell, Kind};

/// The values of one column.
#[derive(Clone, Debug)]
pub(super) struct Series {
    values: Values,
    present: Bits,
}

#[derive(Clone, Debug)]
enum Values {
    F64(Vec<f64>),
    I64(Vec<i64>),
    U64(Vec<u64>),
    Bool(Bits),
    Text(Words),
}

impl Series {
    pub(super) fn new(kind: Kind) -> Self {
        let values = match kind {
            Kind::F64 => Values::F64(Vec::new()),
            Kind::I64 => Values::I64(Vec::new()),
            Kind::U64 => Values::U64(Vec::new()),
            Kind::Bool => Values::Bool(Bits::default()),
            Kind::Text => Values::Text(Words::default()),
        };
        Self {
            values,
            present: Bits::default(),
        }
    }

    /// Adds a value; tells whether it was of the right kind.
    #[must_use]
    pub(super) fn push(&mut self, cell: Cell<'_>) -> bool {
        match (&mut self.values, cell) {
            (Values::F64(values), Cell::F64(value)) => values.push(value),
            (Values::I64(values), Cell::I64(value)) => values.push(value),
            (Values::U64(values), Cell::U64(value)) => values.push(value),
            (Values::Bool(values), Cell::Bool(value)) => values.push(value),
            (Values::Text(words), Cell::Text(word)) => words.push(word),
            (values, Cell::Null) => values.push_filler(),
            (_, Cell::F64(_) | Cell::I64(_) | Cell::U64(_) | Cell::Bool(_) | Cell::Text(_)) => {
                return false;
            }
        }
        self.present.push(cell != Cell::Null);
        true
    }

    /// The value of a record; null where there is none.
    pub(super) fn cell(&self, record: usize) -> Cell<'_> {
        if !self.present.get(record).unwrap_or(false) {
            return Cell::Null;
        }
        let cell = match &self.values {
            Values::F64(values) => values.get(record).copied().map(Cell::F64),
            Values::I64(values) => values.get(record).copied().map(Cell::I64),
            Values::U64(values) => values.get(record).copied().map(Cell::U64),
            Values::Bool(values) => values.get(record).map(Cell::Bool),
            Values::Text(words) => words.get(record).map(Cell::Text),
        };
        cell.unwrap_or(Cell::Null)
    }
}

impl Values {
    /// Keeps a place for a null.
    fn push_filler(&mut self) {
        match self {
            Self::F64(values) => values.push(0.0),
            Self::I64(values) => values.push(0),
            Self::U64(values) => values.push(0),
            Self::Bool(values) => values.push(false),
            Self::Text(words) => words.numbers.push(0),
        }
    }
}

/// Bits in a row.
#[derive(Clone, Debug, Default)]
struct Bits {
    blocks: Vec<u64>,
    length: usize,
}

impl Bits {
    fn push(&mut self, bit: bool) {
        let shift = self.length % 64;
        if shift == 0 {
            self.blocks.push(0);
        }
        if let Some(block) = self.blocks.last_mut() {
            *block |= u64::from(bit) << shift;
        }
        self.length += 1;
    }

    fn get(&self, index: usize) -> Option<bool> {
        let block = self.blocks.get(index / 64)?;
        (index < self.length).then_some((block >> (index % 64)) & 1 == 1)
    }
}

/// Words in a row, each different one kept once: a signal has few.
#[derive(Clone, Debug, Default)]
struct Words {
    known: Vec<Arc<str>>,
    number_of: BTreeMap<Arc<str>, usize>,
    numbers: Vec<usize>,
}

impl Words {
    fn push(&mut self, word: &str) {
        let number = self.number_of.get(word).copied().unwrap_or_else(|| {
            let shared: Arc<str> = word.into();
            self.number_of.insert(Arc::clone(&shared), self.known.len());
            self.known.push(shared);
            self.known.len() - 1
        });
        self.numbers.push(number);
    }

    fn get(&self, index: usize) -> Option<&str> {
        let number = *self.numbers.get(index)?;
        self.known.get(number).map(|word| &**word)
    }
}
