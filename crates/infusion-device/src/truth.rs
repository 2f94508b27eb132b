//! What is, as opposed to what the pump says.

use infusion_types::{Accepted, Concentration, DoseRate, PumpState, Refused, Sample};

/// How far the drug balance may be off at any time, µg: rounding, and nothing else.
pub const BALANCE_TOLERANCE_UG: f64 = 1e-6;

/// Everything that really happened and stands. Totals count from the start and never fall, save
/// `moved_ul` and `moved_ug` while flow goes backwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Truth {
    /// What the pump does: `Empty` when nothing can be moved, whatever the pump believes. Of a dead
    /// pump, what it will do when it has power.
    pub state: PumpState,
    /// The last command taken, and when on the pump's clock. What the pump reads back can differ,
    /// where it runs a program of its own.
    pub accepted: Option<Sample<Accepted>>,
    /// Whether it runs a program of its own instead.
    pub own_program: bool,
    /// Whether the last command's lease has ended.
    pub lease_ended: bool,
    /// The pump's own alarm, raised when the lease has ended (AL-34 at the pump, SR-26): nobody
    /// speaks to it. A dead pump raises none.
    pub alarming: bool,
    /// What the pump has not taken since it was switched on.
    pub refused: Refused,
    /// Whether the pump has power.
    pub powered: bool,
    /// Whether a pump with power should turn its rotor and does not.
    pub stalled: bool,
    /// Whether the rotor turns, told to or not.
    pub motion: bool,
    /// Flow that the pump is set to, µL/h; of a dead pump, what it will be set to.
    pub set_flow_ul_per_h: f64,
    /// Drug that the pump calculates with.
    pub programmed: Concentration,
    /// The pump's own dose limit, while there is one.
    pub limit: Option<DoseRate>,
    /// Mean flow out of the tip over the last advance, µL/h; negative is CSF coming in.
    pub tip_flow_ul_per_h: f64,
    /// Mean flow out of the tubing over the last advance, µL/h.
    pub outlet_flow_ul_per_h: f64,
    /// Fluid that left the pump, µL, without the air.
    pub moved_ul: f64,
    /// Drug that left the pump, µg.
    pub moved_ug: f64,
    /// Drug that reached the CSF, µg.
    pub reached_ug: f64,
    /// Drug spilled, leaked, gone from the reservoir, or thrown away with a catheter, µg.
    pub lost_ug: f64,
    /// Drug that left the open line while priming, µg.
    pub primed_ug: f64,
    /// Drug drawn out at refills, µg.
    pub withdrawn_ug: f64,
    /// Drug that decayed in the reservoir, µg.
    pub decayed_ug: f64,
    /// Drug put in, at the start and at refills, µg.
    pub filled_ug: f64,
    /// Fluid that left the open line while priming, µL.
    pub primed_ul: f64,
    /// Fluid in the reservoir, µL.
    pub reservoir_ul: f64,
    /// Drug in the reservoir, µg.
    pub reservoir_ug: f64,
    /// Drug in tubing and catheter, µg.
    pub line_ug: f64,
    /// Air between pump and connector, µL.
    pub air_ul: f64,
    /// Turned by the rotor and not yet let go, µL; nothing of it has left the reservoir.
    pub withheld_ul: f64,
    /// Drug in the volume at the tip, µg/mL; at the end of the tubing while there is no catheter.
    pub tip_ug_per_ml: f64,
    /// Volume between pump and the first change of concentration, µL, while there is one.
    pub front_ul: Option<f64>,
    /// Line pressure, mmHg against the atmosphere.
    pub pressure_mmhg: f64,
    /// CSF that was lost, µL: backed out, or drained.
    pub csf_lost_ul: f64,
    /// The part of it that ran out through an open drain, µL.
    pub csf_drained_ul: f64,
    /// Volume in which the rotor lets go of what it turns, µL; 0 is evenly.
    pub packet_ul: f64,
    /// Resistance behind the connector in multiples of the healthy one.
    pub resistance_times: f64,
    /// Share of the flow that passes the connector.
    pub connector_share: f64,
    /// Whether the line is on the patient.
    pub connected: bool,
    /// Whether the clamp is closed.
    pub clamped: bool,
    /// Battery left, minutes.
    pub battery_min: f64,
}

impl Truth {
    /// Drug put in less all drug that can be found, µg: within [`BALANCE_TOLERANCE_UG`] of zero.
    #[must_use]
    pub fn balance_error_ug(&self) -> f64 {
        let found_ug = self.reservoir_ug
            + self.line_ug
            + self.reached_ug
            + self.lost_ug
            + self.primed_ug
            + self.withdrawn_ug
            + self.decayed_ug;
        self.filled_ug - found_ug
    }
}
