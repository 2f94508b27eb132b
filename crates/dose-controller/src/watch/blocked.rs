//! AL-09 and AL-10 by flow: less than half of what was asked for, until a dose is missing that matters.
//!
//! A reading scatters by more than the least flow of the pump, so what is judged is a running mean; and the
//! sensor may show too little, so the mean counts as the most that it can mean. While the pump stands still
//! nothing can be seen: what was seen stands for as long as a passing cause has to be gone, so that people
//! see it, and then the pump tries again.

use core::time::Duration;

use infusion_types::{Carry, Concentration, Dose, Flow, Limits, Reading, Sensing, Timestamp};

use crate::protocol::Protocol;

/// What the flow should be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected {
    pub(crate) flow: Flow,
    pub(crate) drug: Concentration,
    /// Whether everything else points to the inlet of the pump.
    pub(crate) upstream: bool,
}

/// The running mean, and what has been missing without a break.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Blocked {
    /// When the last reading was made, and the mean up to it, in thousandths of a nanolitre per hour.
    mean: Option<(Timestamp, i64)>,
    missing: Dose,
    carry: Carry,
    idle_since: Option<Timestamp>,
    /// What was missing last was missing before the pump.
    upstream: bool,
}

impl Blocked {
    /// Whether a dose is missing that would harm.
    pub(crate) fn stands(&self, limits: &Limits) -> bool {
        self.missing >= limits.excess
    }

    /// Whether it is missing before the pump.
    pub(crate) const fn is_upstream(&self) -> bool {
        self.upstream
    }

    pub(crate) fn see(
        &mut self,
        protocol: &Protocol,
        now: Timestamp,
        expected: Expected,
        reading: Reading<Flow>,
    ) {
        let sensing = protocol.sensing();
        let Some(sample) = reading.ok().filter(|_| expected.flow > Flow::ZERO) else {
            let since = *self.idle_since.get_or_insert(now);
            self.mean = None;
            if now.since(since) >= protocol.timing().settle {
                (self.missing, self.carry) = (Dose::ZERO, Carry::NONE);
            }
            return;
        };
        self.idle_since = None;
        if !self.stands(protocol.limits()) {
            self.upstream = expected.upstream;
        }
        let elapsed = self
            .mean
            .map_or(Duration::ZERO, |(at, _)| sample.at.since(at));
        if self.mean.is_some() && elapsed.is_zero() {
            return;
        }
        let mean = self.mean(sensing, elapsed, sample.value);
        self.mean = Some((sample.at, mean));
        self.count(sensing, elapsed, expected, most_meant(sensing, mean));
    }

    /// The running mean with a reading that comes `elapsed` after the one before.
    fn mean(&self, sensing: &Sensing, elapsed: Duration, flow: Flow) -> i64 {
        let new = flow.nanolitres_per_hour().saturating_mul(1_000);
        let Some((_, old)) = self.mean.filter(|_| elapsed <= sensing.dropout) else {
            return new;
        };
        let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        let over = millis(sensing.flow_mean_over).saturating_add(millis(elapsed));
        let step = i128::from(new.saturating_sub(old))
            .saturating_mul(i128::from(millis(elapsed)))
            .checked_div(i128::from(over))
            .unwrap_or_default();
        old.saturating_add(i64::try_from(step).unwrap_or_default())
    }

    fn count(&mut self, sensing: &Sensing, elapsed: Duration, expected: Expected, most: Flow) {
        let half = expected.flow.nanolitres_per_hour().checked_div(2);
        if most.nanolitres_per_hour() >= half.unwrap_or_default() {
            (self.missing, self.carry) = (Dose::ZERO, Carry::NONE);
        } else if elapsed <= sensing.dropout {
            let lacks = expected.flow.saturating_sub(most);
            let lacks = expected.drug.rate_of(lacks).over(elapsed, &mut self.carry);
            self.missing = self.missing.saturating_add(lacks);
        }
    }
}

/// The most that a mean can mean, given the sensor's stated error.
fn most_meant(sensing: &Sensing, mean: i64) -> Flow {
    let gain = i64::from(sensing.flow_gain_permille).saturating_add(1_000);
    let scaled = mean.saturating_mul(gain).checked_div(1_000_000);
    Flow::from_nanolitres_per_hour(scaled.unwrap_or(i64::MAX).max(0))
        .saturating_add(sensing.flow_offset)
}
