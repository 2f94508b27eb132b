//! The rotor's count of whole strokes, and what the pump concludes from it.
//!
//! The count takes every stroke to have moved its nominal volume of the programmed drug. So an
//! over-infusing pump empties in silence, and one that turns for nothing reports delivery.

use crate::{mass_ug, sum::Sum};

/// Strokes counted, and the two conclusions.
#[derive(Clone, Debug)]
pub(crate) struct Rotor {
    stroke_ul: f64,
    /// Turned since the last whole stroke, µL.
    turned_ul: f64,
    left_ul: Sum,
    delivered_ug: Sum,
}

impl Rotor {
    /// A rotor at the start of a stroke, before a reservoir of `fill_ul`.
    pub(crate) fn new(stroke_ul: f64, fill_ul: f64) -> Self {
        Self {
            stroke_ul,
            turned_ul: 0.0,
            left_ul: Sum::from(fill_ul),
            delivered_ug: Sum::default(),
        }
    }

    /// A new filling, as people tell the pump.
    pub(crate) fn refilled(&mut self, volume_ul: f64) {
        self.left_ul = Sum::from(volume_ul);
    }

    /// Turns by a nominal volume; the whole strokes that this completes, µL.
    pub(crate) fn turn(&mut self, volume_ul: f64) -> f64 {
        self.turned_ul += volume_ul;
        let counted_ul = libm::floor(self.turned_ul / self.stroke_ul) * self.stroke_ul;
        self.turned_ul -= counted_ul;
        self.left_ul.add(-counted_ul);
        counted_ul
    }

    /// Turns by a nominal volume of therapy at `ug_per_ml`.
    pub(crate) fn deliver(&mut self, volume_ul: f64, ug_per_ml: f64) {
        let counted_ul = self.turn(volume_ul);
        self.delivered_ug.add(mass_ug(counted_ul, ug_per_ml));
    }

    /// What the pump believes to be left, µL.
    pub(crate) fn believed_ul(&self) -> f64 {
        self.left_ul.get().max(0.0)
    }

    /// Drug that the pump believes to have delivered, µg.
    pub(crate) fn delivered_ug(&self) -> f64 {
        self.delivered_ug.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_strokes_count() {
        let mut rotor = Rotor::new(0.1, 1_000.0);
        rotor.deliver(0.25, 500.0);
        assert!((rotor.delivered_ug() - 0.1).abs() < 1e-12);
        rotor.deliver(0.06, 500.0);
        assert!((rotor.delivered_ug() - 0.15).abs() < 1e-12);
        assert!((rotor.believed_ul() - 999.7).abs() < 1e-9);
    }
}
