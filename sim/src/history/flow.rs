//! Rotor, flow and air as they truly are, and for how long.
//!
//! What the instruments say of them is never asked here.

use infusion_types::PumpState;

use super::since_s;
use crate::clock::SimTime;
use crate::record::Record;

/// A flow that instruments can tell from none, uL/h. An assumption: ten times the least flow of the pump.
const MUCH_UL_PER_H: f64 = 20.0;

/// What flows, or does not.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flow {
    stalled_from: Option<SimTime>,
    backwards_from: Option<SimTime>,
    unasked_from: Option<SimTime>,
    /// Between pump and connector.
    pub(crate) air_ul: f64,
    /// Whether the newest report has a pressure.
    pub(crate) pressure_is_read: bool,
    /// Whether the pump has power.
    pub(crate) powered: bool,
}

impl Flow {
    pub(super) fn learn(&mut self, record: &Record<'_>) {
        self.pressure_is_read = record.telemetry.is_some_and(|it| it.pressure_kpa.is_ok());
        let Some(truth) = record.truth else { return };
        let now = record.at;
        let since = |so: bool, from: Option<SimTime>| so.then(|| from.unwrap_or(now));
        let on = truth.connected;
        let stands = truth.set_flow_ul_per_h <= 0.0 && truth.state != PumpState::Priming;
        self.stalled_from = since(truth.stalled, self.stalled_from);
        let flow = truth.outlet_flow_ul_per_h;
        self.backwards_from = since(on && flow < -MUCH_UL_PER_H, self.backwards_from);
        self.unasked_from = since(on && stands && flow > MUCH_UL_PER_H, self.unasked_from);
        self.air_ul = truth.air_ul;
        self.powered = truth.powered;
    }

    /// Whether the rotor turns and fluid runs as the pump is told to.
    pub(super) const fn is_as_told(&self) -> bool {
        self.stalled_from.is_none() && self.backwards_from.is_none() && self.unasked_from.is_none()
    }

    pub(crate) fn stalled_s(&self, now: SimTime) -> f64 {
        since_s(now, self.stalled_from)
    }

    pub(crate) fn backwards_s(&self, now: SimTime) -> f64 {
        since_s(now, self.backwards_from)
    }

    pub(crate) fn unasked_s(&self, now: SimTime) -> f64 {
        since_s(now, self.unasked_from)
    }
}
