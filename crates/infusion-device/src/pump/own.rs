//! What the pump does without being told: it loses its power, restarts, primes, or runs a program
//! that nobody gave it. Afterwards it takes and refuses commands as always.

use core::time::Duration;

use infusion_types::{Accepted, Action, DoseRate, Refused};

use super::{Motion, Pump};

impl Pump {
    /// Gives or takes the power; as often as one likes.
    ///
    /// What is lost with it is what a restart loses. What comes back is what was in memory.
    pub(crate) fn set_power(&mut self, powered: bool) {
        if !powered {
            self.restart();
        }
        self.powered = powered;
    }

    /// Starts anew. Therapy goes on at the programmed rate, on an ended lease: nobody has spoken to
    /// it yet. A prime is over, the counts of what was refused begin at zero. Memory keeps the rest:
    /// session, last sequence number, limit, drug, clamp, and its figures of what it has moved.
    pub(crate) fn restart(&mut self) {
        self.lease_left = Duration::ZERO;
        self.refused = Refused::default();
        if self.priming() {
            self.end_prime();
        }
    }

    /// Begins to prime by itself, as for a command: the clamp opens. What it reads back stays.
    ///
    /// Nobody leases it, so that it goes on until its volume has been turned or a command ends it.
    pub(crate) fn prime_by_itself(&mut self, volume_ul: f64) {
        if !self.powered {
            return;
        }
        let leased = false;
        let left_ul = volume_ul.max(0.0).min(self.spec.reservoir_capacity_ul);
        self.motion = Motion::Priming { left_ul, leased };
        self.clamped = false;
    }

    /// Whether what is in force is not what it was last told.
    pub(crate) fn own_program(&self) -> bool {
        self.in_force != self.accepted.map(|accepted| accepted.value)
    }

    /// Runs at a flow that nobody asked for, in whole quanta up to the greatest, and reads it back
    /// under the last sequence number. The clamp opens; limit and lease are what they were.
    ///
    /// Less than half a quantum is no program: the pump idles, and reads back nothing.
    pub(crate) fn run_own_program(&mut self, flow_ul_per_h: f64) {
        if !self.powered {
            return;
        }
        let quantum = self.spec.flow_quantum_ul_per_h;
        let flow_ul_per_h = flow_ul_per_h.max(0.0).min(self.spec.flow_greatest_ul_per_h);
        let flow_ul_per_h = libm::round(flow_ul_per_h / quantum) * quantum;
        // µL/h by µg/mL is ng/h.
        let drug = f64::from(self.programmed.micrograms_per_millilitre());
        let rate = DoseRate::from_nanograms_per_hour(whole(flow_ul_per_h * drug));
        self.clamped = false;
        self.in_force = rate.positive().map(|rate| Accepted {
            session: self.session.unwrap_or_default(),
            sequence: self.last_sequence().unwrap_or_default(),
            action: Action::Infuse {
                rate,
                at: self.programmed,
            },
        });
        self.motion = match self.in_force {
            Some(_) => Motion::Infusing { flow_ul_per_h },
            None => Motion::Idle,
        };
    }
}

/// A float as a whole number: far below 2^53 for any dose rate here.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounded, not negative, and saturating"
)]
fn whole(value: f64) -> u64 {
    libm::round(value) as u64
}
