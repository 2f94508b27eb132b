//! The exact integral of a piecewise constant signal over a window that ends now.

use std::collections::VecDeque;

use crate::clock::SimTime;

/// What flowed at which rate until when, as far back as the window reaches.
#[derive(Clone, Debug)]
pub(crate) struct Rolling {
    window_ms: u64,
    /// (end, rate per hour), oldest first; neighbours differ in rate.
    pieces: VecDeque<(u64, f64)>,
    /// Where the oldest piece begins.
    from: u64,
    until: u64,
}

impl Rolling {
    pub(crate) fn hours(hours: u64) -> Self {
        let pieces = VecDeque::with_capacity(64);
        Self {
            window_ms: hours * 3_600_000,
            pieces,
            from: 0,
            until: 0,
        }
    }

    /// The rate held from the last call until `now`.
    pub(crate) fn hold(&mut self, now: SimTime, per_hour: f64) {
        let now = now.millis();
        if now > self.until {
            match self.pieces.back_mut() {
                Some((end, rate)) if rate.to_bits() == per_hour.to_bits() => *end = now,
                Some(_) | None => self.pieces.push_back((now, per_hour)),
            }
            self.until = now;
        }
        let begin = now.saturating_sub(self.window_ms);
        while let Some((end, _)) = self.pieces.front().copied() {
            if end > begin {
                break;
            }
            self.from = end;
            self.pieces.pop_front();
        }
        self.from = self.from.max(begin);
    }

    /// The integral over the window, or over what there has been of it.
    pub(crate) fn integral(&self) -> f64 {
        let mut begin = self.from;
        let mut sum = 0.0;
        for (end, rate) in &self.pieces {
            sum += rate * (end - begin) as f64 / 3.6e6;
            begin = *end;
        }
        sum
    }

    /// The rate that held at the beginning of the window; none while it reaches before the first.
    pub(crate) fn oldest(&self) -> Option<f64> {
        let full = self.until.saturating_sub(self.from) >= self.window_ms;
        self.pieces.front().filter(|_| full).map(|(_, rate)| *rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_leave_the_window_to_the_millisecond() {
        let mut rolling = Rolling::hours(1);
        rolling.hold(SimTime::from_minutes(30), 10.0);
        assert!((rolling.integral() - 5.0).abs() < 1e-12);
        assert_eq!(rolling.oldest(), None);
        rolling.hold(SimTime::from_minutes(75), 20.0);
        // 15 min at 10 and 45 min at 20.
        assert!((rolling.integral() - 17.5).abs() < 1e-12);
        assert_eq!(rolling.oldest(), Some(10.0));
        rolling.hold(SimTime::from_minutes(90), 20.0);
        assert!((rolling.integral() - 20.0).abs() < 1e-12);
        assert_eq!(rolling.oldest(), Some(20.0));
    }
}
