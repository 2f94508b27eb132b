//! How time passes: every change on the way falls on its exact moment, so no length of step matters.
//!
//! ```text
//!   advance ---- until the battery is empty, and after it
//!     program -- until a prime ends, and after it
//!       run ---- from packet to packet, and from one concentration to the next
//!         path   until the reservoir is empty; until the flow turns round
//! ```

use core::time::Duration;

use super::Device;
use crate::{
    packet::Stretch,
    path::{Drive, Flowed},
    pump::hours,
    sum::Sum,
};

impl Device {
    /// Until the pump next changes by itself: its lease ends, a prime is done, or the battery is
    /// empty. Never zero, so that it can be a deadline; the last two are rounded up to whole
    /// milliseconds. It moves with every command, ping and condition.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        let prime = ceiling(self.pump.prime_ends_h(&self.condition));
        let battery = ceiling(self.battery_lasts_h());
        [self.pump.lease_left(), prime, battery]
            .into_iter()
            .flatten()
            .min()
    }

    /// Lets time pass. Any step gives the same totals; a prime, a lease and a battery end at their
    /// exact time within it.
    pub fn advance(&mut self, by: Duration) {
        let all_h = hours(by);
        if all_h <= 0.0 {
            return;
        }
        let drained_min = all_h * 60.0 * self.drained();
        let flowed = if drained_min < self.battery_min.get() {
            self.battery_min.add(-drained_min);
            self.program(all_h)
        } else {
            let battery_h = self.battery_lasts_h().min(all_h);
            let powered = self.program(battery_h);
            self.battery_min = Sum::default();
            self.set_power();
            powered.and(self.program(all_h - battery_h))
        };
        self.pump.age(by);
        self.tip_flow_ul_per_h = flowed.tip_ul / all_h;
        self.outlet_flow_ul_per_h = flowed.outlet_ul / all_h;
    }

    /// Minutes of battery that a minute takes; a dead pump takes none.
    fn drained(&self) -> f64 {
        if self.pump.powered() {
            self.condition.battery_drain
        } else {
            0.0
        }
    }

    /// How long the battery lasts at this, hours; a dead pump's for ever.
    fn battery_lasts_h(&self) -> f64 {
        let drained = self.drained();
        if drained > 0.0 {
            self.battery_min.get() / (60.0 * drained)
        } else {
            f64::INFINITY
        }
    }

    /// One setting of the power.
    fn program(&mut self, hours: f64) -> Flowed {
        let prime_h = self.pump.prime_ends_h(&self.condition);
        if prime_h > hours {
            return self.run(hours);
        }
        let primed = self.run(prime_h);
        self.pump.end_prime();
        primed.and(self.run(hours - prime_h))
    }

    /// One setting of the motor. A closed clamp keeps everything where it is, pressure included.
    fn run(&mut self, hours: f64) -> Flowed {
        let condition = &self.condition;
        let turning_ul_per_h = self.pump.turning_ul_per_h(condition);
        let rotor_ul_per_h = self.pump.flow_ul_per_h(turning_ul_per_h, condition);
        let (priming, clamped) = (self.pump.priming(), self.pump.clamped());
        self.pump.turn(turning_ul_per_h * hours);
        let mut flowed = Flowed::default();
        let mut left_h = hours;
        loop {
            let fresh_h = self.path.reservoir.keeps_h(condition.drug_decay_per_h);
            let most_h = fresh_h.min(left_h);
            let passed_h = if clamped {
                most_h
            } else {
                let Stretch {
                    flow_ul_per_h,
                    hours,
                } = self
                    .packets
                    .pass(rotor_ul_per_h, condition.packet_ul, most_h);
                let drive = Drive {
                    flow_ul_per_h: (flow_ul_per_h + condition.added_flow_ul_per_h)
                        * condition.inlet_share,
                    hours,
                    priming,
                };
                flowed = flowed.and(self.path.advance(drive, condition));
                hours
            };
            self.path.age(passed_h, condition.drug_decay_per_h);
            left_h -= passed_h;
            if left_h <= 0.0 {
                return flowed;
            }
        }
    }
}

/// Hours as whole milliseconds, at least one of them; none when it is never.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounded, not negative, and saturating"
)]
fn ceiling(hours: f64) -> Option<Duration> {
    let millis = libm::ceil(hours * 3.6e6).max(1.0);
    hours
        .is_finite()
        .then(|| Duration::from_millis(millis as u64))
}
