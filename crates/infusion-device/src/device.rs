//! The assembly: a pump with its own mind, the way of the fluid, and what is said of both.

use core::time::Duration;

use infusion_types::{Command, Concentration, DailyDose, NoData, Session, Telemetry, Timestamp};

use crate::{
    Acceptance, Condition, DeviceSpec, Noise, Profile, Refusal, Truth,
    path::{Drive, Flowed, Path, ug_per_ml},
    pump::{Pump, hours},
    reservoir::Reservoir,
    sensor::{self, Instruments, Seen},
    sum::Sum,
};

/// One pump with its line and its catheter. Cloning it forks the physics.
#[derive(Clone, Debug)]
pub struct Device {
    spec: DeviceSpec,
    pump: Pump,
    path: Path,
    condition: Condition,
    battery_min: Sum,
    /// Mean flows over the last advance, µL/h.
    tip_flow_ul_per_h: f64,
    outlet_flow_ul_per_h: f64,
}

impl Device {
    /// A device as `spec` says: line open, pump idle, nobody paired, no dose authorised.
    #[must_use]
    pub fn new(spec: DeviceSpec, condition: Condition) -> Self {
        Self {
            pump: Pump::new(spec.pump.clone()),
            path: Path::new(&spec),
            condition: condition.within_range(),
            battery_min: Sum::from(spec.pump.battery_min),
            tip_flow_ul_per_h: 0.0,
            outlet_flow_ul_per_h: 0.0,
            spec,
        }
    }

    /// The numbers that the device was made of.
    #[must_use]
    pub const fn spec(&self) -> &DeviceSpec {
        &self.spec
    }

    /// Binds the pump to a session; sequence numbers start anew, what is in force stays.
    pub const fn pair(&mut self, session: Session) {
        self.pump.pair(session);
    }

    /// The clinician's own path to the pump's dose limit: nothing else raises it (SR-02).
    pub fn authorise(&mut self, dose: DailyDose) {
        self.pump.authorise(dose);
    }

    /// The clinician's own path to tell the pump of a drug. The pump goes on calculating with the
    /// old one until a command names the new one.
    pub fn authorise_concentration(&mut self, drug: Concentration) {
        self.pump.authorise_concentration(drug);
    }

    /// Gives the pump a command at `now` on its own clock.
    pub fn accept(&mut self, now: Timestamp, command: Command) -> Acceptance {
        self.pump.accept(now, command)
    }

    /// Gives the pump a sign of life, which renews the lease of anything but a prime.
    ///
    /// # Errors
    /// [`Refusal::WrongSession`].
    pub fn ping(&mut self, session: Session) -> Result<(), Refusal> {
        self.pump.ping(session)
    }

    /// Counts a frame that did not pass the pump's end of the link; its reports tell of it.
    pub const fn refuse_frame(&mut self) {
        self.pump.refuse_frame();
    }

    /// Sets the numbers that events may change.
    pub fn set_condition(&mut self, condition: Condition) {
        self.condition = condition.within_range();
    }

    /// The numbers in force, each within its range.
    #[must_use]
    pub const fn condition(&self) -> &Condition {
        &self.condition
    }

    /// Puts the line on the patient's catheter.
    pub const fn connect_patient(&mut self) {
        self.path.set_connected(true);
    }

    /// Takes the line off; the catheter is closed and keeps what it holds.
    pub const fn disconnect_patient(&mut self) {
        self.path.set_connected(false);
    }

    /// Takes the catheter out, with the drug in it. The line stays open from then on.
    pub fn remove_catheter(&mut self) {
        self.path.remove_catheter();
    }

    /// Draws the reservoir out, rinses it and fills in `volume_ul` of `drug`, at most its capacity.
    ///
    /// The pump is told the volume, and not the drug: that is
    /// [`authorise_concentration`](Self::authorise_concentration).
    pub fn refill(&mut self, volume_ul: f64, drug: Concentration) {
        let pump = &self.spec.pump;
        let volume_ul = volume_ul.max(0.0).min(pump.reservoir_capacity_ul);
        let filled = Reservoir::new(volume_ul, ug_per_ml(drug), pump.reservoir_residual_ul);
        self.path.refill(filled);
        self.pump.refilled(volume_ul);
    }

    /// Puts a fresh battery in. The pump has enough of its own to go on meanwhile.
    pub fn change_battery(&mut self) {
        self.battery_min = Sum::from(self.spec.pump.battery_min);
    }

    /// Until the lease ends: the pump's state changes then, and a prime stops.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.pump.poll_timeout()
    }

    /// Lets time pass. Any step gives the same totals; a prime ends at its exact time within it.
    pub fn advance(&mut self, by: Duration) {
        let all_h = hours(by);
        if all_h <= 0.0 {
            return;
        }
        let prime_h = self.pump.prime_ends_h();
        let flowed = if prime_h <= all_h {
            let primed = self.run(prime_h);
            self.pump.end_prime();
            primed.and(self.run(all_h - prime_h))
        } else {
            self.run(all_h)
        };
        self.pump.age(by);
        let drained_min = all_h * 60.0 * self.condition.battery_drain;
        self.battery_min
            .add(-drained_min.min(self.battery_min.get()));
        self.tip_flow_ul_per_h = flowed.tip_ul / all_h;
        self.outlet_flow_ul_per_h = flowed.outlet_ul / all_h;
    }

    /// One setting of the motor. A closed clamp keeps everything where it is, pressure included.
    fn run(&mut self, hours: f64) -> Flowed {
        let drive = Drive {
            flow_ul_per_h: self.pump.flow_ul_per_h(&self.condition),
            hours,
            priming: self.pump.priming(),
        };
        self.pump.turn(hours);
        if self.pump.clamped() {
            return Flowed::default();
        }
        self.path.advance(drive, &self.condition)
    }

    /// What the pump says at `now` on its own clock, with `noise` from outside.
    #[must_use]
    pub fn telemetry(&self, now: Timestamp, noise: &Noise) -> Telemetry {
        let battery_min = self.battery_min.get();
        let report = sensor::self_report(now, &self.pump, &self.condition, battery_min);
        match self.spec.profile {
            Profile::P0 | Profile::P1 => report,
            Profile::P2 => {
                let connected = f64::from(u8::from(self.path.on_patient()));
                let seen = Seen {
                    flow_ul_per_h: self.outlet_flow_ul_per_h,
                    pressure_mmhg: self.path.pressure_mmhg(),
                    connector_share: self.condition.connector_share * connected,
                    drained_csf_ul: self.path.booked.csf_lost_ul.get(),
                };
                let by = Instruments {
                    spec: &self.spec.sensors,
                    condition: &self.condition,
                    noise,
                };
                sensor::instruments(report, now, &seen, &by)
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

    /// What is.
    #[must_use]
    pub fn truth(&self) -> Truth {
        let (path, booked) = (&self.path, &self.path.booked);
        Truth {
            state: self.pump.state(path.reservoir.usable_ul() > 0.0),
            accepted: self.pump.accepted(),
            lease_ended: self.pump.lease_ended(),
            set_flow_ul_per_h: self.pump.set_flow_ul_per_h(),
            programmed: self.pump.programmed(),
            limit: self.pump.limit(),
            tip_flow_ul_per_h: self.tip_flow_ul_per_h,
            outlet_flow_ul_per_h: self.outlet_flow_ul_per_h,
            moved_ul: booked.moved_ul.get(),
            moved_ug: booked.moved_ug.get(),
            reached_ug: booked.reached_ug.get(),
            lost_ug: booked.lost_ug.get(),
            primed_ug: booked.primed_ug.get(),
            withdrawn_ug: booked.withdrawn_ug.get(),
            filled_ug: booked.filled_ug.get(),
            primed_ul: booked.primed_ul.get(),
            reservoir_ul: path.reservoir.volume_ul(),
            reservoir_ug: path.reservoir.drug_ug(),
            line_ug: path.line_ug(),
            tip_ug_per_ml: path.tip_ug_per_ml(),
            front_ul: path.front_ul(),
            pressure_mmhg: path.pressure_mmhg(),
            csf_lost_ul: booked.csf_lost_ul.get(),
            resistance_times: self.condition.resistance_times,
            connector_share: self.condition.connector_share,
            connected: path.on_patient(),
            clamped: self.pump.clamped(),
            battery_min: self.battery_min.get(),
        }
    }
}
