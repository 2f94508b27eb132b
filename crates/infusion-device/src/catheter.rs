//! A tube in which fluid moves as a plug.
//!
//! A queue of segments from the pump end to the tip end. What is pushed in at one end and pulled
//! out at the other need not be equal: the rest is what the wall stores under pressure. So drug is
//! conserved without asking for the pressure.
//!
//! ```text
//!   push ->  [ 12 µL, 500 ] [ 187 µL, 2000 ]  -> pull
//!   pull_back <-                               <- push_back
//! ```

use std::collections::VecDeque;

use crate::mass_ug;

/// Room for the fronts of a whole wean: a steady infusion has one segment, a refill makes two.
const SEGMENTS: usize = 8;

/// Fluid of one concentration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Segment {
    /// Volume, µL.
    pub(crate) volume_ul: f64,
    /// Concentration, µg/mL.
    pub(crate) ug_per_ml: f64,
}

impl Segment {
    /// Drug in the segment, µg.
    pub(crate) fn drug_ug(self) -> f64 {
        mass_ug(self.volume_ul, self.ug_per_ml)
    }
}

/// Fluid between two ends; the front of the queue is the pump end.
#[derive(Clone, Debug)]
pub(crate) struct Tube {
    segments: VecDeque<Segment>,
}

impl Tube {
    /// A tube full of one concentration.
    pub(crate) fn new(volume_ul: f64, ug_per_ml: f64) -> Self {
        let mut segments = VecDeque::with_capacity(SEGMENTS);
        segments.push_back(Segment {
            volume_ul,
            ug_per_ml,
        });
        Self { segments }
    }

    /// Fluid in at the pump end.
    pub(crate) fn push(&mut self, volume_ul: f64, ug_per_ml: f64) {
        if volume_ul <= 0.0 {
            return;
        }
        match self.segments.front_mut() {
            Some(first) if first.ug_per_ml == ug_per_ml => first.volume_ul += volume_ul,
            Some(_) | None => self.segments.push_front(Segment {
                volume_ul,
                ug_per_ml,
            }),
        }
    }

    /// Fluid in at the tip end.
    pub(crate) fn push_back(&mut self, volume_ul: f64, ug_per_ml: f64) {
        if volume_ul <= 0.0 {
            return;
        }
        match self.segments.back_mut() {
            Some(last) if last.ug_per_ml == ug_per_ml => last.volume_ul += volume_ul,
            Some(_) | None => self.segments.push_back(Segment {
                volume_ul,
                ug_per_ml,
            }),
        }
    }

    /// Fluid out at the tip end, piece by piece; no more than there is.
    pub(crate) fn pull(&mut self, volume_ul: f64, mut piece: impl FnMut(Segment)) {
        let mut left_ul = volume_ul;
        while left_ul > 0.0 {
            let Some(last) = self.segments.back_mut() else {
                return;
            };
            if last.volume_ul > left_ul {
                last.volume_ul -= left_ul;
                piece(Segment {
                    volume_ul: left_ul,
                    ..*last
                });
                return;
            }
            left_ul -= last.volume_ul;
            piece(*last);
            self.segments.pop_back();
        }
    }

    /// Fluid out at the pump end, piece by piece; no more than there is.
    pub(crate) fn pull_back(&mut self, volume_ul: f64, mut piece: impl FnMut(Segment)) {
        let mut left_ul = volume_ul;
        while left_ul > 0.0 {
            let Some(first) = self.segments.front_mut() else {
                return;
            };
            if first.volume_ul > left_ul {
                first.volume_ul -= left_ul;
                piece(Segment {
                    volume_ul: left_ul,
                    ..*first
                });
                return;
            }
            left_ul -= first.volume_ul;
            piece(*first);
            self.segments.pop_front();
        }
    }

    /// Drug in the tube, µg.
    pub(crate) fn drug_ug(&self) -> f64 {
        self.segments.iter().map(|s| s.drug_ug()).sum()
    }

    /// Concentration at the tip end, µg/mL; 0 in an empty tube.
    pub(crate) fn tip_ug_per_ml(&self) -> f64 {
        self.segments.back().map_or(0.0, |s| s.ug_per_ml)
    }

    /// Segments from the pump end to the tip end.
    pub(crate) fn segments(&self) -> impl Iterator<Item = &Segment> {
        self.segments.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn volume_ul(tube: &Tube) -> f64 {
        tube.segments().map(|s| s.volume_ul).sum()
    }

    #[test]
    fn what_is_pushed_in_comes_out_after_the_volume() {
        let mut tube = Tube::new(200.0, 2_000.0);
        tube.push(50.0, 500.0);
        let mut out_ug = 0.0;
        tube.pull(50.0, |piece| out_ug += piece.drug_ug());
        assert_eq!((out_ug, tube.drug_ug()), (100.0, 325.0));
        tube.push(160.0, 500.0);
        let mut pieces = Vec::new();
        tube.pull(160.0, |piece| {
            pieces.push((piece.volume_ul, piece.ug_per_ml))
        });
        assert_eq!(pieces, [(150.0, 2_000.0), (10.0, 500.0)]);
        assert_eq!((volume_ul(&tube), tube.tip_ug_per_ml()), (200.0, 500.0));
    }

    #[test]
    fn backwards_is_the_mirror_image() {
        let mut tube = Tube::new(100.0, 500.0);
        tube.push_back(30.0, 0.0);
        let mut out_ug = 0.0;
        tube.pull_back(30.0, |piece| out_ug += piece.drug_ug());
        assert_eq!(
            (out_ug, tube.drug_ug(), tube.tip_ug_per_ml()),
            (15.0, 35.0, 0.0)
        );
    }

    #[test]
    fn steady_infusion_holds_one_segment_and_allocates_nothing() {
        let mut tube = Tube::new(251.0, 500.0);
        let room = tube.segments.capacity();
        for _ in 0..10_000 {
            tube.push(0.277, 500.0);
            tube.pull(0.277, |_| ());
        }
        assert_eq!((tube.segments.len(), tube.segments.capacity()), (1, room));
        assert!((volume_ul(&tube) - 251.0).abs() < 1e-9);
    }

    #[test]
    fn an_empty_tube_gives_nothing() {
        let mut tube = Tube::new(1.0, 500.0);
        let mut out_ul = 0.0;
        tube.pull(5.0, |piece| out_ul += piece.volume_ul);
        tube.pull_back(5.0, |piece| out_ul += piece.volume_ul);
        assert_eq!((out_ul, tube.tip_ug_per_ml()), (1.0, 0.0));
    }
}
