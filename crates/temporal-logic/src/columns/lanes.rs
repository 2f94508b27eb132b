//! Numbers of several records side by side, so that one walk through a term serves them all and the
//! compiler can use wide registers.

use core::array;
use core::ops::{Add, Div, Mul, Neg, Sub};

use super::{Cells, Column};
use crate::atom::{Lane, Source, signed};
use crate::names::SignalId;

/// Records side by side.
pub(super) const WIDTH: usize = 8;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Lanes(pub(super) [f64; WIDTH]);

impl Lanes {
    #[inline]
    fn with(self, other: Self, join: impl Fn(f64, f64) -> f64) -> Self {
        Self(array::from_fn(|i| join(self.0[i], other.0[i])))
    }
}

impl From<f64> for Lanes {
    fn from(number: f64) -> Self {
        Self([number; WIDTH])
    }
}

impl Neg for Lanes {
    type Output = Self;

    fn neg(self) -> Self {
        Self(self.0.map(f64::neg))
    }
}

impl Add for Lanes {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.with(other, f64::add)
    }
}

impl Sub for Lanes {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self.with(other, f64::sub)
    }
}

impl Mul for Lanes {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        self.with(other, f64::mul)
    }
}

impl Div for Lanes {
    type Output = Self;

    fn div(self, other: Self) -> Self {
        self.with(other, f64::div)
    }
}

impl Lane for Lanes {
    fn abs(self) -> Self {
        Self(self.0.map(f64::abs))
    }
}

/// Where to read: so many records from one on. Beyond the last record anything may be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    columns: &'a [Column],
    from: usize,
}

impl<'a> Place<'a> {
    pub(super) fn new(columns: &'a [Column], from: usize) -> Self {
        Self { columns, from }
    }

    #[inline]
    fn read<T: Copy>(self, cells: &[T], number: impl Fn(T) -> f64) -> Lanes {
        let cells = &cells[self.from..];
        if let Some(cells) = cells.first_chunk::<WIDTH>() {
            return Lanes(cells.map(number));
        }
        Lanes(array::from_fn(|i| {
            cells.get(i).copied().map_or(1.0, &number)
        }))
    }

    fn cells(self, signal: SignalId) -> &'a Cells {
        &self.columns[signal.index()].cells
    }
}

impl Source for Place<'_> {
    type Lane = Lanes;

    fn number(&self, signal: SignalId) -> Lanes {
        match self.cells(signal) {
            Cells::Numbers(cells) => self.read(cells, |number| number),
            Cells::Truths(_) | Cells::Words(_) => Lanes::from(f64::NAN),
        }
    }

    fn truth(&self, signal: SignalId) -> Lanes {
        match self.cells(signal) {
            Cells::Truths(cells) => self.read(cells, signed),
            Cells::Numbers(_) | Cells::Words(_) => Lanes::from(f64::NAN),
        }
    }

    fn word(&self, signal: SignalId, word: u16) -> Lanes {
        match self.cells(signal) {
            Cells::Words(cells) => self.read(cells, |cell| signed(cell == word)),
            Cells::Numbers(_) | Cells::Truths(_) => Lanes::from(f64::NAN),
        }
    }
}
