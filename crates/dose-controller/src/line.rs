//! Which drug is at the tip: the front of a new one on its way through the line.
//!
//! The pump is told rates of the drug *at the tip*. After a change of concentration both ends go on
//! with the old one until the tracked front has arrived (AL-19, SR-50).

use core::time::Duration;

use infusion_types::{Carry, Concentration, DoseRate, Flow, Volume};

/// The drug at the tip, and what is coming.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Contents {
    /// The drug that a rate is meant of.
    at_tip: Concentration,
    /// Volume without any drug that is still in front of it.
    empty: Volume,
    /// The drugs on their way, the nearest first, and the volume until each arrives.
    coming: [Option<(Concentration, Volume)>; Self::FRONTS],
    carry: Carry,
}

impl Contents {
    /// Fronts that can be followed at once; a further change of drug has to wait for one to arrive.
    const FRONTS: usize = 3;

    pub(crate) const fn new(drug: Concentration) -> Self {
        Self {
            at_tip: drug,
            empty: Volume::ZERO,
            coming: [None; Self::FRONTS],
            carry: Carry::NONE,
        }
    }

    /// Whether its drugs and volumes are ones that people can have entered.
    pub(crate) fn is_sound(&self, to_tip: Volume) -> bool {
        let known = |drug| (Concentration::LEAST..=Concentration::MOST).contains(&drug);
        let near = |(_, left): &(Concentration, Volume)| *left <= to_tip;
        self.drugs().all(known)
            && self.coming.iter().flatten().all(near)
            && self.coming.is_sorted_by_key(Option::is_none)
            && self.empty <= Volume::MOST
    }

    /// The drug that a rate is meant of.
    pub(crate) const fn drug(&self) -> Concentration {
        self.at_tip
    }

    /// The drug at the pump's end, which a rate will be meant of once every front has arrived.
    pub(crate) fn next_drug(&self) -> Concentration {
        let last = self.coming.iter().flatten().last();
        last.map_or(self.at_tip, |(drug, _)| *drug)
    }

    /// The drug at the tip and every one that is on its way.
    pub(crate) fn drugs(&self) -> impl Iterator<Item = Concentration> {
        let coming = self.coming.into_iter().flatten().map(|(drug, _)| drug);
        core::iter::once(self.at_tip).chain(coming)
    }

    /// Whether a front is on its way (AL-19).
    pub(crate) fn bridging(&self) -> bool {
        self.coming.iter().any(Option::is_some) || self.empty > Volume::ZERO
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

    /// Another drug is in the reservoir; `to_tip` lies between it and the patient. The same drug again
    /// makes no front, and moves none. False when no further front can be followed.
    pub(crate) fn refill(&mut self, drug: Concentration, to_tip: Volume) -> bool {
        if drug == self.next_drug() {
            return true;
        }
        let free = self.coming.iter_mut().find(|front| front.is_none());
        let found = free.is_some();
        if let Some(front) = free {
            *front = Some((drug, to_tip));
        }
        found
    }

    /// The pump was found with `drug` at the tip: what was in front of it has passed.
    pub(crate) fn arrive(&mut self, drug: Concentration) {
        let named = |front: &Option<(Concentration, Volume)>| {
            front.is_some_and(|(coming, _)| coming == drug)
        };
        let Some(place) = self.coming.iter().position(named) else {
            return;
        };
        if self.at_tip == drug {
            return;
        }
        self.at_tip = drug;
        let rest = self.coming;
        self.coming = [None; Self::FRONTS];
        for (slot, front) in self
            .coming
            .iter_mut()
            .zip(rest.into_iter().skip(place.saturating_add(1)))
        {
            *slot = front;
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
        let mut arrived = false;
        for (drug, left) in self.coming.iter_mut().flatten() {
            arrived |= *left <= moved;
            if *left <= moved {
                self.at_tip = *drug;
            }
            *left = left.saturating_sub(moved);
        }
        while matches!(self.coming, [Some((_, Volume::ZERO)), ..]) {
            self.coming = [self.coming[1], self.coming[2], None];
        }
        arrived
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_front_needs_volume_over_flow() {
        let [old, new] = [2_000, 500].map(Concentration::from_micrograms_per_millilitre);
        let mut contents = Contents::new(old);
        assert!(contents.refill(new, Volume::from_nanolitres(507_000)));
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
    fn a_second_change_follows_the_first_and_the_same_drug_moves_no_front() {
        let [old, new] = [2_000, 500].map(Concentration::from_micrograms_per_millilitre);
        let to_tip = Volume::from_nanolitres(10_000);
        let flow = Flow::from_nanolitres_per_hour(2_000);
        let mut contents = Contents::new(old);
        assert!(contents.refill(new, to_tip));
        contents.advance(flow, Duration::from_secs(3_600));
        // Topped up with the same, and an hour later somebody takes the old drug after all.
        assert!(contents.refill(new, to_tip));
        contents.advance(flow, Duration::from_secs(3_600));
        assert!(contents.refill(old, to_tip));
        let drugs: [Concentration; 8] = core::array::from_fn(|_| {
            contents.advance(flow, Duration::from_secs(3_600));
            contents.drug()
        });
        assert_eq!(drugs, [old, old, new, new, old, old, old, old]);
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
