//! A tube in which fluid moves as a plug.
//!
//! A queue of segments from the pump end to the tip end. What is pushed in at one end and pulled
//! out at the other need not be equal: the rest is what the wall stores under pressure. So drug is
//! conserved without asking for the pressure.
//!
//! ```text
//!   push ->  [ 12 µL, 500 ] [ 3 µL, air ] [ 184 µL, 2000 ]  -> pull
//!   pull_back <-                                             <- push_back
//! ```
//!
//! Air is a share of a segment: it takes room, moves with it, and holds no drug.

use std::collections::VecDeque;

use crate::mass_ug;

/// Room for the fronts of a whole wean: a steady infusion has one segment, a refill makes two.
const SEGMENTS: usize = 8;

/// Fluid of one concentration, with bubbles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Segment {
    /// Volume, µL, the air included.
    pub(crate) volume_ul: f64,
    /// Concentration of what is no air, µg/mL.
    pub(crate) ug_per_ml: f64,
    /// Share of the volume that is air, 0 to 1.
    pub(crate) air_share: f64,
}

impl Segment {
    /// CSF, which counts as free of drug.
    pub(crate) const fn csf(volume_ul: f64) -> Self {
        Self {
            volume_ul,
            ug_per_ml: 0.0,
            air_share: 0.0,
        }
    }

    /// Air and nothing else.
    pub(crate) const fn air(volume_ul: f64) -> Self {
        Self {
            volume_ul,
            ug_per_ml: 0.0,
            air_share: 1.0,
        }
    }

    /// What is no air, µL.
    pub(crate) fn fluid_ul(self) -> f64 {
        self.volume_ul * (1.0 - self.air_share)
    }

    /// Drug in the segment, µg.
    pub(crate) fn drug_ug(self) -> f64 {
        mass_ug(self.fluid_ul(), self.ug_per_ml)
    }

    /// The same stuff in another volume.
    pub(crate) const fn of(self, volume_ul: f64) -> Self {
        Self { volume_ul, ..self }
    }

    fn mixes_with(self, other: Self) -> bool {
        self.ug_per_ml == other.ug_per_ml && self.air_share == other.air_share
    }
}

/// Fluid between two ends; the front of the queue is the pump end.
#[derive(Clone, Debug)]
pub(crate) struct Tube {
    segments: VecDeque<Segment>,
    /// Whether air has ever come in; without it there is none to count.
    airy: bool,
}

impl Tube {
    /// A tube full of one concentration.
    pub(crate) fn new(volume_ul: f64, ug_per_ml: f64) -> Self {
        let mut segments = VecDeque::with_capacity(SEGMENTS);
        segments.push_back(Segment {
            volume_ul,
            ug_per_ml,
            air_share: 0.0,
        });
        Self {
            segments,
            airy: false,
        }
    }

    /// Fluid in at the pump end.
    pub(crate) fn push(&mut self, fluid: Segment) {
        if fluid.volume_ul <= 0.0 {
            return;
        }
        match self.segments.front_mut() {
            Some(first) if first.mixes_with(fluid) => first.volume_ul += fluid.volume_ul,
            Some(_) | None => {
                self.airy |= fluid.air_share > 0.0;
                self.segments.push_front(fluid);
            }
        }
    }

    /// Fluid in at the tip end.
    pub(crate) fn push_back(&mut self, fluid: Segment) {
        if fluid.volume_ul <= 0.0 {
            return;
        }
        match self.segments.back_mut() {
            Some(last) if last.mixes_with(fluid) => last.volume_ul += fluid.volume_ul,
            Some(_) | None => {
                self.airy |= fluid.air_share > 0.0;
                self.segments.push_back(fluid);
            }
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
                piece(last.of(left_ul));
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
                piece(first.of(left_ul));
                return;
            }
            left_ul -= first.volume_ul;
            piece(*first);
            self.segments.pop_front();
        }
    }

    /// Drug in the tube, µg.
    pub(crate) fn drug_ug(&self) -> f64 {
        let mut drug_ug = 0.0;
        self.each(|segment| drug_ug += segment.drug_ug());
        drug_ug
    }

    /// Air in the tube, µL.
    pub(crate) fn air_ul(&self) -> f64 {
        if !self.airy {
            return 0.0;
        }
        let air_ul = |segment: &Segment| segment.volume_ul * segment.air_share;
        self.segments.iter().map(air_ul).sum()
    }

    /// Drug in the volume at the tip end, µg/mL, bubbles included; 0 in an empty tube.
    pub(crate) fn tip_ug_per_ml(&self) -> f64 {
        let ug_per_ml = |segment: &Segment| segment.ug_per_ml * (1.0 - segment.air_share);
        self.segments.back().map_or(0.0, ug_per_ml)
    }

    /// Looks at every segment, from the pump end to the tip end.
    #[inline]
    pub(crate) fn each(&self, mut look: impl FnMut(&Segment)) {
        let (first, rest) = self.segments.as_slices();
        for segment in first {
            look(segment);
        }
        for segment in rest {
            look(segment);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn volume_ul(tube: &Tube) -> f64 {
        tube.segments.iter().map(|s| s.volume_ul).sum()
    }

    fn drug(volume_ul: f64, ug_per_ml: f64) -> Segment {
        Segment {
            ug_per_ml,
            ..Segment::csf(volume_ul)
        }
    }

    #[test]
    fn what_is_pushed_in_comes_out_after_the_volume() {
        let mut tube = Tube::new(200.0, 2_000.0);
        tube.push(drug(50.0, 500.0));
        let mut out_ug = 0.0;
        tube.pull(50.0, |piece| out_ug += piece.drug_ug());
        assert_eq!((out_ug, tube.drug_ug()), (100.0, 325.0));
        tube.push(drug(160.0, 500.0));
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
        tube.push_back(Segment::csf(30.0));
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
            tube.push(drug(0.277, 500.0));
            tube.pull(0.277, |_| ());
        }
        assert_eq!((tube.segments.len(), tube.segments.capacity()), (1, room));
        assert!((volume_ul(&tube) - 251.0).abs() < 1e-9);
    }

    /// 40 µL, a quarter of them air, are 30 µL of drug at 500 µg/mL; then 10 µL of nothing but air.
    #[test]
    fn air_takes_room_and_holds_no_drug() {
        let mut tube = Tube::new(100.0, 2_000.0);
        tube.push(Segment {
            air_share: 0.25,
            ..drug(40.0, 500.0)
        });
        tube.push(Segment::air(10.0));
        assert_eq!((tube.air_ul(), tube.drug_ug()), (20.0, 215.0));
        tube.pull(100.0, |_| ());
        assert_eq!((volume_ul(&tube), tube.tip_ug_per_ml()), (50.0, 375.0));
        let mut out_ug = 0.0;
        tube.pull(20.0, |piece| out_ug += piece.drug_ug());
        assert_eq!((out_ug, tube.air_ul()), (7.5, 15.0));
        tube.pull(20.0, |_| ());
        assert_eq!((tube.tip_ug_per_ml(), tube.air_ul()), (0.0, 10.0));
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
