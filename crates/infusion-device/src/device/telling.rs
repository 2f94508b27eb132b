//! What is said of the device, and what is.

use infusion_types::{Accepted, NoData, Sample, Telemetry, Timestamp};

use super::Device;
use crate::{
    Condition, Noise, Profile, Truth,
    sensor::{self, Instruments, Seen},
};

impl Device {
    /// What the pump says at `now` on its own clock, with `noise` from outside.
    ///
    /// Nothing from a dead pump ([`NoData::LinkSilent`]). A frozen one says what it would have said,
    /// without noise, when the freeze began, and gives it out as new.
    #[must_use]
    pub fn telemetry(&self, now: Timestamp, noise: &Noise) -> Telemetry {
        if !self.pump.powered() {
            return Telemetry::silent(NoData::LinkSilent);
        }
        match &self.frozen {
            Some(report) => sensor::again(report, now),
            None => self.report(now, &self.condition, noise),
        }
    }

    /// What it said last before its condition changed, free of noise.
    pub(super) fn last_report(&self, before: &Condition) -> Telemetry {
        self.report(Timestamp::ZERO, before, &Noise::default())
    }

    fn report(&self, now: Timestamp, condition: &Condition, noise: &Noise) -> Telemetry {
        let battery_min = self.battery_min.get();
        let own = || sensor::self_report(now, &self.pump, condition, battery_min);
        match self.spec.profile {
            Profile::P0 | Profile::P1 => own(),
            Profile::P2 => {
                let connected = f64::from(u8::from(self.path.on_patient()));
                let seen = Seen {
                    flow_ul_per_h: self.outlet_flow_ul_per_h,
                    pressure_mmhg: self.path.pressure_mmhg(),
                    air_ul: self.path.air_ul(),
                    connector_share: condition.connector_share * connected,
                    drained_csf_ul: self.csf_lost_ul(),
                };
                let by = Instruments {
                    spec: &self.spec.sensors,
                    condition,
                    noise,
                };
                let mut report = own();
                sensor::instruments(&mut report, now, &seen, &by);
                report
            }
        }
    }

    /// The reservoir as people weigh it, µL, with a unit normal for their noise.
    ///
    /// # Errors
    /// [`NoData::NotFitted`] on P0.
    pub fn weigh(&self, noise: f64) -> Result<f64, NoData> {
        match self.spec.profile {
            Profile::P0 => Err(NoData::NotFitted),
            Profile::P1 | Profile::P2 => {
                let sigma_ul = self.spec.sensors.weigh_sigma_ul;
                Ok((self.path.reservoir.volume_ul() + sigma_ul * noise).max(0.0))
            }
        }
    }

    /// Drug that has reached the CSF so far, µg: [`Truth::reached_ug`] alone.
    #[must_use]
    pub fn reached_ug(&self) -> f64 {
        self.path.booked.reached_ug.get()
    }

    /// CSF that has been lost so far, µL: [`Truth::csf_lost_ul`] alone.
    #[must_use]
    pub fn csf_lost_ul(&self) -> f64 {
        self.path.booked.csf_lost_ul()
    }

    /// Whether the pump has power: [`Truth::powered`] alone.
    #[must_use]
    pub const fn powered(&self) -> bool {
        self.pump.powered()
    }

    /// Whether the lease has ended: [`Truth::lease_ended`] alone.
    #[must_use]
    pub const fn lease_ended(&self) -> bool {
        self.pump.lease_ended()
    }

    /// The command that was last taken: [`Truth::accepted`] alone.
    #[must_use]
    pub const fn accepted(&self) -> Option<Sample<Accepted>> {
        self.pump.accepted()
    }

    /// Whether the line is on the patient: [`Truth::connected`] alone.
    #[must_use]
    pub fn connected(&self) -> bool {
        self.path.on_patient()
    }

    /// What is.
    #[must_use]
    pub fn truth(&self) -> Truth {
        let (path, booked) = (&self.path, &self.path.booked);
        Truth {
            state: self.pump.state(path.reservoir.usable_ul() > 0.0),
            accepted: self.pump.accepted(),
            own_program: self.pump.own_program(),
            lease_ended: self.pump.lease_ended(),
            alarming: self.pump.powered() && self.pump.lease_ended(),
            refused: self.pump.refused(),
            powered: self.pump.powered(),
            stalled: self.pump.stalled(&self.condition),
            motion: self.pump.turning_ul_per_h(&self.condition) > 0.0,
            set_flow_ul_per_h: self.pump.set_flow_ul_per_h(),
            programmed: self.pump.programmed(),
            limit: self.pump.limit(),
            tip_flow_ul_per_h: self.tip_flow_ul_per_h,
            outlet_flow_ul_per_h: self.outlet_flow_ul_per_h,
            moved_ul: booked.moved_ul.get(),
            moved_ug: booked.moved_ug.get(),
            reached_ug: self.reached_ug(),
            lost_ug: booked.lost_ug.get(),
            primed_ug: booked.primed_ug.get(),
            withdrawn_ug: booked.withdrawn_ug.get(),
            decayed_ug: booked.decayed_ug.get(),
            filled_ug: booked.filled_ug.get(),
            primed_ul: booked.primed_ul.get(),
            reservoir_ul: path.reservoir.volume_ul(),
            reservoir_ug: path.reservoir.drug_ug(),
            line_ug: path.line_ug(),
            tip_ug_per_ml: path.tip_ug_per_ml(),
            front_ul: path.front_ul(),
            air_ul: path.air_ul(),
            withheld_ul: self.packets.withheld_ul(),
            pressure_mmhg: path.pressure_mmhg(),
            csf_lost_ul: self.csf_lost_ul(),
            csf_drained_ul: booked.csf_drained_ul.get(),
            packet_ul: self.condition.packet_ul,
            resistance_times: self.condition.resistance_times,
            connector_share: self.condition.connector_share,
            connected: path.on_patient(),
            clamped: self.pump.clamped(),
            battery_min: self.battery_min.get(),
        }
    }
}
