//! What is wrong between what the controller decided and what it says: a defect of its own, as numbers.
//!
//! It stands for the hazards in which the software itself is at fault. The bench applies it to the decision,
//! after the controller and before anything leaves; the pump's own limits and the requirements are what is
//! left against it.

use infusion_types::AlarmSet;

/// How what is said departs from what was decided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Defect {
    /// The rate of each command to infuse, in multiples of the one decided.
    pub rate_times: f64,
    /// Decrements come out as increments of the same size.
    pub sign_flipped: bool,
    /// So many commands to stop do not leave.
    pub stops_lost: bool,
    /// Alarms that are never shown.
    pub dropped: AlarmSet,
    /// Alarms that are shown so late, s.
    pub alarms_late_s: u32,
    /// High alarms are shown as low, and low ones as high.
    pub priorities_swapped: bool,
}

impl Defect {
    /// What is said is what was decided.
    pub const NONE: Self = Self {
        rate_times: 1.0,
        sign_flipped: false,
        stops_lost: false,
        dropped: AlarmSet::EMPTY,
        alarms_late_s: 0,
        priorities_swapped: false,
    };
}
