//! The reservoir by the books, against the reservoir on the scales.
//!
//! The books run on the flow that was asked for. A weighing that disagrees by more than the scales
//! and the pump's stated accuracy can explain is repeated; when the second one disagrees too, the
//! dose interval moves by the difference (AL-17, SR-47).

use core::time::Duration;

use infusion_types::{Carry, Concentration, Dose, DoseRate, Flow, Sensing, Timestamp, Volume};

use crate::protocol::Protocol;

/// The books of one reservoir.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Reservoir {
    left: Volume,
    carry: Carry,
    /// Moved since the last weighing that agreed, and when that was.
    moved: Volume,
    agreed: Timestamp,
    first_disagreement: Option<Timestamp>,
    discrepancy: bool,
}

/// What a weighing found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Finding {
    /// It agrees with the books.
    Agrees,
    /// It does not; weigh again.
    Doubtful,
    /// It does not, twice: this much less, or more, has left than the books say.
    Discrepant {
        since: Timestamp,
        missing: Volume,
        extra: Volume,
    },
}

impl Reservoir {
    pub(crate) const fn new(filled: Volume, now: Timestamp) -> Self {
        Self {
            left: filled,
            carry: Carry::NONE,
            moved: Volume::ZERO,
            agreed: now,
            first_disagreement: None,
            discrepancy: false,
        }
    }

    /// The pump was asked for `flow` during `elapsed`.
    pub(crate) fn advance(&mut self, flow: Flow, elapsed: Duration) {
        let flow = u64::try_from(flow.nanolitres_per_hour()).unwrap_or_default();
        let moved = DoseRate::from_nanograms_per_hour(flow).over(elapsed, &mut self.carry);
        let moved = Volume::from_nanolitres(moved.nanograms());
        self.left = self.left.saturating_sub(moved);
        self.moved = self.moved.saturating_add(moved);
    }

    /// A prime took `volume`. It is no therapy: it does not count towards what the pump may be off by.
    pub(crate) const fn draw(&mut self, volume: Volume) {
        self.left = self.left.saturating_sub(volume);
    }

    /// Left that the pump can deliver.
    pub(crate) const fn usable(&self, sensing: &Sensing) -> Volume {
        self.left.saturating_sub(sensing.unusable)
    }

    /// Whether the pump may have moved all that it can, given its stated accuracy.
    pub(crate) fn may_be_empty(&self, protocol: &Protocol) -> bool {
        self.usable(protocol.sensing()) <= self.pump_error(protocol)
    }

    /// What the pump may be off by since the last weighing that agreed, given its stated accuracy.
    fn pump_error(&self, protocol: &Protocol) -> Volume {
        let permille = u64::from(protocol.limits().pump_tolerance_permille);
        let error = self.moved.nanolitres().saturating_mul(permille);
        Volume::from_nanolitres(error.checked_div(1_000).unwrap_or(u64::MAX))
    }

    /// Whether it holds what people can have entered.
    pub(crate) fn is_sound(&self) -> bool {
        self.left <= Volume::MOST
    }

    /// Whether every time in it lies before `now`.
    pub(crate) fn is_past(&self, now: Timestamp) -> bool {
        self.agreed <= now && self.first_disagreement.is_none_or(|at| at <= now)
    }

    /// AL-17.
    pub(crate) const fn discrepancy(&self) -> bool {
        self.discrepancy
    }

    /// Whether a second weighing is wanted by now.
    pub(crate) fn wants_weighing(&self, sensing: &Sensing, now: Timestamp) -> bool {
        self.first_disagreement
            .is_some_and(|first| now.since(first) >= sensing.weigh_again)
    }

    /// Somebody weighed.
    pub(crate) fn weigh(
        &mut self,
        protocol: &Protocol,
        (planned_24h, drug): (Dose, Concentration),
        now: Timestamp,
        weighed: Volume,
    ) -> Finding {
        let missing = weighed.saturating_sub(self.left);
        let extra = self.left.saturating_sub(weighed);
        if missing.max(extra) < self.threshold(protocol, planned_24h, drug) {
            self.discrepancy = false;
            self.settle(now, weighed);
            return Finding::Agrees;
        }
        match self.first_disagreement {
            Some(first) if now.since(first) >= protocol.sensing().weigh_again => {
                let since = self.agreed;
                self.discrepancy = true;
                self.settle(now, weighed);
                Finding::Discrepant {
                    since,
                    missing,
                    extra,
                }
            }
            Some(_) => Finding::Doubtful,
            None => {
                self.first_disagreement = Some(now);
                Finding::Doubtful
            }
        }
    }

    /// What scales and pump may explain between them.
    fn threshold(&self, protocol: &Protocol, planned_24h: Dose, drug: Concentration) -> Volume {
        let scales = protocol
            .sensing()
            .weighing_sigma
            .nanolitres()
            .saturating_mul(4);
        let per_microlitre = u64::from(drug.micrograms_per_millilitre().max(1));
        // A fifth of a day's plan: ng divided by ng/µL, times 1000 nL/µL, divided by 5.
        let fifth = planned_24h
            .nanograms()
            .saturating_mul(200)
            .checked_div(per_microlitre);
        let apart = Volume::from_nanolitres(scales.max(fifth.unwrap_or(u64::MAX)));
        apart.saturating_add(self.pump_error(protocol))
    }

    fn settle(&mut self, now: Timestamp, weighed: Volume) {
        self.left = weighed;
        self.moved = Volume::ZERO;
        self.agreed = now;
        self.first_disagreement = None;
    }

    /// How long the rest lasts at `flow`; for ever when nothing flows.
    pub(crate) fn time_left(&self, sensing: &Sensing, flow: Flow) -> Duration {
        let flow = u64::try_from(flow.nanolitres_per_hour()).unwrap_or_default();
        let millis = u128::from(self.usable(sensing).nanolitres())
            .saturating_mul(3_600_000)
            .checked_div(u128::from(flow));
        millis.map_or(Duration::MAX, |millis| {
            Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
        })
    }
}
