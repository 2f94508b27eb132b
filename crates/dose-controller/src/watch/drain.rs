//! CSF in the drain bag: how much came in one hour and in four (AL-41).

use core::time::Duration;

use infusion_types::{Reading, Sample, Sensing, Timestamp, Volume};

const BUCKET: Duration = Duration::from_secs(120);
const HOUR: usize = 30;
const FOUR_HOURS: usize = 120;

/// What has come into the bag, in stretches of two minutes, the oldest first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Drain {
    #[cfg_attr(feature = "serde", serde(with = "crate::arrays"))]
    came: [Volume; FOUR_HOURS],
    /// What has come in the stretch that is not over, and when it will be.
    coming: Volume,
    until: Timestamp,
    /// The most that the bag has held since it was last emptied: noise about it is no CSF.
    level: Option<Volume>,
    /// The reading before: what only one of two shows is not believed.
    before: Option<Sample<Volume>>,
    /// How long there was none before that: what came meanwhile came evenly, as far as anybody knows.
    unseen: Duration,
}

impl Default for Drain {
    fn default() -> Self {
        Self {
            came: [Volume::ZERO; FOUR_HOURS],
            coming: Volume::ZERO,
            until: Timestamp::ZERO,
            level: None,
            before: None,
            unseen: Duration::ZERO,
        }
    }
}

impl Drain {
    pub(crate) fn see(&mut self, sensing: &Sensing, now: Timestamp, reading: Reading<Volume>) {
        self.turn_over(now);
        let Ok(sample) = reading else { return };
        let Some(before) = self.before.filter(|before| before.at < sample.at) else {
            self.before = self.before.or(Some(sample));
            return;
        };
        self.before = Some(sample);
        let [less, more] = [
            before.value.min(sample.value),
            before.value.max(sample.value),
        ];
        let level = self.level.unwrap_or(less);
        let noise = sensing.drain_sigma.nanolitres().saturating_mul(10);
        let emptied = more.nanolitres().saturating_add(noise) < level.nanolitres();
        self.book(less.saturating_sub(level));
        self.unseen = sample.at.since(before.at);
        self.level = Some(if emptied { more } else { level.max(less) });
    }

    /// Whether every time in it lies before `now`, and the next stretch not too far after it.
    pub(crate) fn is_past(&self, now: Timestamp) -> bool {
        let before = self.before.map(|sample| sample.at);
        // A report may lie a few seconds ahead.
        self.until <= now.after(BUCKET) && before.is_none_or(|at| at <= now.after(BUCKET))
    }

    /// Enters what has come since the reading before the last.
    fn book(&mut self, volume: Volume) {
        let stretches = self.unseen.as_millis().checked_div(BUCKET.as_millis());
        let earlier = stretches.and_then(|count| u64::try_from(count).ok());
        let earlier = earlier.unwrap_or_default();
        let share = volume.nanolitres().checked_div(earlier.saturating_add(1));
        let share = share.unwrap_or_default();
        let before = Volume::from_nanolitres(share.saturating_mul(earlier));
        let slots = usize::try_from(earlier).unwrap_or(FOUR_HOURS);
        for came in self.came.iter_mut().rev().take(slots) {
            *came = came.saturating_add(Volume::from_nanolitres(share));
        }
        self.coming = self.coming.saturating_add(volume.saturating_sub(before));
    }

    /// AL-41.
    pub(crate) fn too_much(&self, sensing: &Sensing) -> bool {
        let [hour, four] = sensing.csf_loss;
        self.loss(HOUR) >= hour || self.loss(FOUR_HOURS) >= four
    }

    /// What came in the last `count` stretches and in the one that is not over.
    fn loss(&self, count: usize) -> Volume {
        let newest = self.came.iter().rev().take(count);
        // All of it together is less than a hundred litres, far from the end of a `u64`.
        let sum = newest.fold(self.coming.nanolitres(), |sum, came| {
            sum.wrapping_add(came.nanolitres())
        });
        Volume::from_nanolitres(sum)
    }

    fn turn_over(&mut self, now: Timestamp) {
        let mut turns = 0;
        while self.until <= now && turns <= FOUR_HOURS {
            self.came.rotate_left(1);
            if let Some(newest) = self.came.last_mut() {
                *newest = self.coming;
            }
            self.coming = Volume::ZERO;
            self.until = self.until.after(BUCKET);
            turns = turns.saturating_add(1);
        }
        // After a long silence every stretch is empty, and the next one begins now.
        if self.until <= now {
            self.until = now.after(BUCKET);
        }
    }
}

#[cfg(test)]
#[path = "drain_tests.rs"]
mod tests;
