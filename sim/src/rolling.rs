//! The exact integral of a piecewise constant signal over a window that ends now.

use std::collections::VecDeque;

use crate::clock::SimTime;

/// What flowed at which rate until when, as far back as the window reaches.
///
/// Each call costs amortised constant time, and so does the integral.
#[derive(Clone, Debug)]
pub(crate) struct Rolling {
    window_ms: u64,
    /// Neighbours shorter than this become one, at their mean rate.
    grain_ms: u64,
    /// Oldest first; neighbours differ in rate. Those that have left the window are dropped with the next one.
    pieces: VecDeque<Piece>,
    /// The one that still grows; none before anything was held.
    newest: Option<Piece>,
    until: u64,
    /// The integral of everything so far.
    total: f64,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    begin: u64,
    end: u64,
    rate: f64,
    /// The integral of everything up to its end.
    total: f64,
}

impl Rolling {
    pub(crate) fn hours(hours: u64) -> Self {
        Self::minutes(hours * 60)
    }

    pub(crate) fn minutes(minutes: u64) -> Self {
        Self {
            window_ms: minutes * 60_000,
            grain_ms: 0,
            pieces: VecDeque::with_capacity(64),
            newest: None,
            until: 0,
            total: 0.0,
        }
    }

    /// The same with pieces no finer than this, and room for as many as there can be.
    pub(crate) fn grained(self, grain_ms: u64) -> Self {
        let most = self.window_ms / grain_ms.max(1) + 2;
        Self {
            grain_ms,
            pieces: VecDeque::with_capacity(usize::try_from(most).unwrap_or(0)),
            ..self
        }
    }

    /// The rate held from the last call until `now`.
    #[inline]
    pub(crate) fn hold(&mut self, now: SimTime, per_hour: f64) {
        let now = now.millis();
        if now > self.until {
            self.total += per_hour * (now - self.until) as f64 / 3.6e6;
            match &mut self.newest {
                Some(last) if last.rate.to_bits() == per_hour.to_bits() => {
                    (last.end, last.total) = (now, self.total);
                }
                Some(_) | None => self.change(now, per_hour),
            }
            self.until = now;
        }
    }

    /// Another rate than before.
    fn change(&mut self, now: u64, rate: f64) {
        let begin = self.until;
        if let Some(last) = &mut self.newest
            && last.end - last.begin < self.grain_ms
        {
            let [old, new] = [last.end - last.begin, now - begin].map(|it| it as f64);
            last.rate = (last.rate * old + rate * new) / (old + new);
            (last.end, last.total) = (now, self.total);
            return;
        }
        let (end, total) = (now, self.total);
        let piece = Piece {
            begin,
            end,
            rate,
            total,
        };
        let from = now.saturating_sub(self.window_ms);
        while self.pieces.front().is_some_and(|piece| piece.end <= from) {
            self.pieces.pop_front();
        }
        self.pieces.extend(self.newest.replace(piece));
    }

    /// The integral over the window, or over what there has been of it.
    pub(crate) fn integral(&self) -> f64 {
        let from = self.until.saturating_sub(self.window_ms);
        let mut held = self.pieces.iter().chain(&self.newest);
        let Some(oldest) = held.find(|piece| piece.end > from) else {
            return 0.0;
        };
        let inside = oldest.rate * (oldest.end - oldest.begin.max(from)) as f64 / 3.6e6;
        self.total - oldest.total + inside
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
        rolling.hold(SimTime::from_minutes(75), 20.0);
        // 15 min at 10 and 45 min at 20.
        assert!((rolling.integral() - 17.5).abs() < 1e-12);
        rolling.hold(SimTime::from_minutes(90), 20.0);
        assert!((rolling.integral() - 20.0).abs() < 1e-12);
    }
}
