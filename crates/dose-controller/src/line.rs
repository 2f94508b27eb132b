//! Which drug is at the tip: the front of a new one on its way through the line.
//!
//! The pump is told rates of the drug *at the tip*. After a change of concentration both ends go on
//! with the old one until the tracked front has arrived (AL-19, SR-50).

use core::time::Duration;

use infusion_types::{Carry, Concentration, DoseRate, Flow, Volume};

/// The drug at the tip, and what is coming.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Contents {
    /// The drug that a rate is meant of.
    at_tip: Concentration,
    /// Volume without any drug that is still in front of it.
    empty: Volume,
    /// The next drug, and the volume until it arrives.
    coming: Option<(Concentration, Volume)>,
    carry: Carry,
}

impl Contents {
    pub(crate) const fn new(drug: Concentration) -> Self {
        Self {
            at_tip: drug,
            empty: Volume::ZERO,
            coming: None,
            carry: Carry::NONE,
        }
    }

    /// The drug that a rate is meant of.
    pub(crate) const fn drug(&self) -> Concentration {
        self.at_tip
    }

    /// The drug that a rate will be meant of once the front has arrived.
    pub(crate) fn next_drug(&self) -> Concentration {
        self.coming.map_or(self.at_tip, |(drug, _)| drug)
    }

    /// Whether a front is on its way (AL-19).
    pub(crate) fn bridging(&self) -> bool {
        self.coming.is_some() || self.empty > Volume::ZERO
    }

    /// What reaches the tip when the pump moves `rate`.
    pub(crate) fn reaching(&self, rate: DoseRate) -> DoseRate {
        if self.empty > Volume::ZERO {
            DoseRate::ZERO
        } else {
            rate
        }
    }

    /// Volume between pump and tip that holds no drug.
    pub(crate) const fn enter_unprimed(&mut self, volume: Volume) {
        self.empty = volume;
    }

    /// Another drug is in the reservoir; `to_tip` lies between it and the patient.
    pub(crate) fn refill(&mut self, drug: Concentration, to_tip: Volume) {
        if drug != self.at_tip {
            self.coming = Some((drug, to_tip));
        }
    }

    /// The pump moved `flow` for `elapsed`. True when a new drug reaches the tip.
    pub(crate) fn advance(&mut self, flow: Flow, elapsed: Duration) -> bool {
        if !self.bridging() {
            return false;
        }
        let flow = u64::try_from(flow.nanolitres_per_hour()).unwrap_or_default();
        // A flow of nanolitres per hour adds up as a rate of nanograms per hour does.
        let moved = DoseRate::from_nanograms_per_hour(flow).over(elapsed, &mut self.carry);
        let moved = Volume::from_nanolitres(moved.nanograms());
        self.empty = self.empty.saturating_sub(moved);
        match self.coming {
            Some((drug, left)) if left <= moved => {
                self.at_tip = drug;
                self.coming = None;
                true
            }
            Some((drug, left)) => {
                self.coming = Some((drug, left.saturating_sub(moved)));
                false
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_front_needs_volume_over_flow() {
        let [old, new] = [2_000, 500].map(Concentration::from_micrograms_per_millilitre);
        let mut contents = Contents::new(old);
        contents.refill(new, Volume::from_nanolitres(507_000));
        let flow = Flow::from_nanolitres_per_hour(2_000);
        let mut minutes = 0_u32;
        while !contents.advance(flow, Duration::from_secs(60)) {
            minutes += 1;
            assert_eq!(contents.drug(), old);
            assert!(minutes < 100_000);
        }
        // 0.507 mL at 96 µg/day of 2,000 µg/mL: 253.5 h.
        assert_eq!(minutes + 1, 15_210);
        assert_eq!(contents.drug(), new);
        assert!(!contents.bridging());
    }

    #[test]
    fn an_empty_line_gives_nothing_until_it_is_filled() {
        let mut contents = Contents::new(Concentration::from_micrograms_per_millilitre(500));
        contents.enter_unprimed(Volume::from_nanolitres(1_000));
        let rate = DoseRate::from_nanograms_per_hour(1_000);
        assert_eq!(contents.reaching(rate), DoseRate::ZERO);
        contents.advance(
            Flow::from_nanolitres_per_hour(2_000),
            Duration::from_secs(1_800),
        );
        assert_eq!(contents.reaching(rate), rate);
    }
}
