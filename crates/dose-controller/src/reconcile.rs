//! What a silence or a restart has left open, closed by what the pump says of itself (SR-27, SR-28).
//!
//! While nobody hears the pump, the books keep an interval: what it last confirmed, and whatever else it may
//! have been told since. That it has stopped by itself they do not assume, unless it may have run dry: an end
//! of nothing in every silence would be a deficit that is mostly none, and would stop the wean and ask for a
//! restart where the pump went on. What this leaves out is put right when the pump is heard. Its own count of
//! what it has moved, read before the silence and after it, tells what it has done. What the count does not
//! say, such as when within the silence, stays open. Nothing is made up for: the books learn, the plan does
//! not.
//!
//! The count is held against the books while nothing is in doubt, too: a pump that counts more than it was told
//! to give has given it, on any profile, and the books say so (AL-01). Where it counts less its motor stands still,
//! which it says by itself (AL-13).

use core::time::Duration;

use infusion_types::{Action, Carry, Dose, DoseEstimate, DoseRate, Timestamp};

use crate::account::around;
use crate::ledger::Booked;
use crate::protocol::Protocol;
use crate::report::Heard;
use crate::state::State;

/// So long the count is held against the books before both begin anew: no longer than the window in which an excess
/// harms.
const HOUR: Duration = Duration::from_secs(3_600);

/// What the books have entered since the pump's own count was read: last, and some time within the hour.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct OwnCount {
    last: Stretch,
    hour: Stretch,
    /// The report before said, too, that there was more than the books explain: one alone may be garbled.
    exceeds: bool,
}

impl OwnCount {
    fn each(&mut self, change: impl Fn(&mut Stretch)) {
        change(&mut self.last);
        change(&mut self.hour);
    }

    /// What the books enter for `elapsed`.
    pub(crate) fn enter(&mut self, elapsed: Duration, rates: (DoseRate, DoseRate)) {
        self.each(|stretch| stretch.enter(elapsed, rates));
    }

    /// A weighing has moved the ends of the interval apart (SR-47).
    pub(crate) fn widen(&mut self, apart: Dose) {
        self.each(|stretch| stretch.apart = stretch.apart.saturating_add(apart));
    }

    /// The books may be wrong.
    pub(crate) fn doubt(&mut self) {
        self.each(|stretch| stretch.doubtful = true);
    }

    /// The pump's count and the books do not mean the same.
    pub(crate) fn is_uneven(&mut self) {
        self.each(|stretch| stretch.uneven = true);
    }

    /// The pump's count carries an error of its temperature: so many thousandths (SR-79).
    pub(crate) fn off_band(&mut self, permille: u32) {
        self.each(|stretch| stretch.off_band = stretch.off_band.max(permille));
    }

    /// The cycle in which the pump's count was last read.
    pub(crate) const fn began(&self) -> Timestamp {
        self.last.began
    }

    /// Whether every time in it lies before `now`.
    pub(crate) fn is_past(&self, now: Timestamp) -> bool {
        self.last.began <= now && self.hour.began <= now
    }
}

/// What the books have entered since one reading of the count.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Stretch {
    /// The count, and when it was made.
    count: Option<(Dose, Timestamp)>,
    /// The cycle in which it was read.
    began: Timestamp,
    booked: DoseEstimate,
    /// By so much have weighings moved the ends apart since, here or before.
    apart: Dose,
    carries: [Carry; 2],
    /// Something in it is not known for sure.
    doubtful: bool,
    /// Something in it is not counted as the books count it: a line that is not full of one drug.
    uneven: bool,
    /// The most that the pump's temperature made of its flow something else than what it counts, in thousandths.
    off_band: u32,
}

impl Stretch {
    fn enter(&mut self, elapsed: Duration, (low, high): (DoseRate, DoseRate)) {
        let [of_low, of_high] = &mut self.carries;
        let low = low.over(elapsed, of_low);
        let high = high.over(elapsed, of_high);
        self.booked.low = self.booked.low.saturating_add(low);
        self.booked.high = self.booked.high.saturating_add(high);
        self.doubtful |= low != high;
    }

    const fn booked(&self) -> Booked {
        Booked {
            since: self.began,
            given: self.booked,
            apart: self.apart,
        }
    }
}

impl State {
    /// Holds the books of a doubtful stretch against the pump's own count, and begins the next one.
    pub(crate) fn settle_books(&mut self, now: Timestamp, heard: &Heard) {
        let Ok(sample) = heard.readings.delivered else {
            return;
        };
        let (count, at) = (sample.value, sample.at.min(now));
        let next = Stretch {
            count: Some((count, at)),
            began: now,
            ..Stretch::default()
        };
        let before = core::mem::replace(&mut self.own_count.last, next);
        if before.doubtful
            && let Some(counted) = self.counted(&before, now, (count, at))
        {
            self.ledger.settle(&before.booked(), counted);
        }
        let hour = self.own_count.hour;
        let counted = self.counted(&hour, now, (count, at));
        let counted = counted.filter(|_| !hour.doubtful);
        let exceeds = counted.is_some_and(|counted| counted.low > hour.booked.high);
        let exceeded = core::mem::replace(&mut self.own_count.exceeds, exceeds);
        if exceeds
            && exceeded
            && let Some(counted) = counted
        {
            self.ledger.settle(&hour.booked(), counted);
            self.own_count.exceeds = false;
        } else if exceeds || (counted.is_some() && now.since(hour.began) < HOUR) {
            return;
        }
        self.own_count.hour = next;
    }

    /// What the pump counts over a stretch, at least and at most; none where its count cannot be held against the
    /// books.
    fn counted(
        &self,
        stretch: &Stretch,
        now: Timestamp,
        (count, at): (Dose, Timestamp),
    ) -> Option<DoseEstimate> {
        let (then, made) = stretch.count.filter(|(then, _)| count >= *then)?;
        if stretch.uneven || !self.in_session() {
            return None;
        }
        // A stroke carries at most a hundredth of a day's plan (SR-51), and neither count was made just
        // when its cycle began.
        let fastest = self.limit.max(self.asked_rate());
        let apart = stretch.began.since(made).saturating_add(now.since(at));
        let day = self.plan.daily().nanograms_per_day();
        let stroke = Dose::from_nanograms(day.checked_div(100).unwrap_or_default());
        let slack = fastest
            .over(apart, &mut Carry::default())
            .saturating_add(stroke);
        // Strokes that are counted carry more or less than they are counted for.
        let moved = count.saturating_sub(then);
        let [less, more] = around(stretch.off_band);
        Some(DoseEstimate {
            low: moved.permille(less).saturating_sub(slack),
            high: moved.permille_up(more).saturating_add(slack),
        })
    }

    /// The pump has taken a command with a higher number than was stored: it was given from here, and what
    /// was stored is from before it. It is not undone, and never raised above what is known here.
    pub(crate) fn adopt(&mut self, protocol: &Protocol, now: Timestamp, action: Action) {
        self.own_count.doubt();
        match action {
            Action::Infuse { rate, at } => {
                // What somebody has ordered since is newer than anything that the pump has taken.
                if !self.ordered_unread {
                    (self.ordered_stop, self.ordered_pause) = (false, false);
                }
                self.contents.arrive(at);
                if rate.get() < self.plan {
                    self.plan = rate.get();
                    self.limit = rate.get();
                    self.history.change(now, rate.get());
                    if let Some(wean) = &mut self.wean {
                        wean.stepped(protocol.wean(), now);
                    }
                }
            }
            Action::Stop { .. } if self.in_session() => {
                self.ordered_stop = true;
                // No report says when it was taken: at the earliest when it was last known to be otherwise.
                let known = self.infused_at.max(self.therapy_since);
                let since = known.max(Some(self.own_count.began()));
                if self.idle_since.is_none() {
                    self.gap_plan = self.plan;
                }
                self.idle_since = self.idle_since.or(since);
            }
            // Where no session is known there is nothing that was stopped: the next one has its own start.
            Action::Stop { .. } | Action::Prime { .. } => {}
        }
    }
}
