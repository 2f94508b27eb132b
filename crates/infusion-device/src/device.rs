//! The assembly: a pump with its own mind, the way of the fluid, and what is said of both.
//!
//! Here is what people and events do to it. How time passes is in `device/passing.rs`, what is said of it in
//! `device/telling.rs`.

mod passing;
mod telling;

use infusion_types::{Command, Concentration, DailyDose, Session, Telemetry, Timestamp};

use crate::{
    Acceptance, Condition, DeviceSpec, Refusal,
    packet::Packets,
    path::{Path, ug_per_ml},
    pump::Pump,
    reservoir::Reservoir,
    sum::Sum,
};

/// One pump with its line and its catheter. Cloning it forks the physics.
#[derive(Clone, Debug)]
pub struct Device {
    spec: DeviceSpec,
    pump: Pump,
    packets: Packets,
    path: Path,
    condition: Condition,
    /// What it says again and again.
    frozen: Option<Box<Telemetry>>,
    battery_min: Sum,
    /// Mean flows over the last advance, µL/h.
    tip_flow_ul_per_h: f64,
    outlet_flow_ul_per_h: f64,
}

impl Device {
    /// A device as `spec` says: line open, pump idle, nobody paired, no dose authorised.
    #[must_use]
    pub fn new(spec: DeviceSpec, condition: Condition) -> Self {
        let mut device = Self {
            pump: Pump::new(spec.pump.clone()),
            packets: Packets::default(),
            path: Path::new(&spec),
            condition,
            frozen: None,
            battery_min: Sum::from(spec.pump.battery_min),
            tip_flow_ul_per_h: 0.0,
            outlet_flow_ul_per_h: 0.0,
            spec,
        };
        device.set_condition(condition);
        device
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
    /// [`Refusal::WrongSession`], or [`Refusal::NoPower`].
    pub fn ping(&mut self, session: Session) -> Result<(), Refusal> {
        self.pump.ping(session)
    }

    /// Counts a frame that did not pass the pump's end of the link; its reports tell of it.
    pub const fn refuse_frame(&mut self) {
        self.pump.refuse_frame();
    }

    /// Sets the numbers that events may change.
    pub fn set_condition(&mut self, condition: Condition) {
        let before = core::mem::replace(&mut self.condition, condition.within_range());
        self.frozen = self.condition.report_frozen.then(|| {
            let kept = self.frozen.take();
            kept.unwrap_or_else(|| Box::new(self.last_report(&before)))
        });
        self.set_power();
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
    /// The pump is told the volume, unless it is dead, and not the drug: that is
    /// [`authorise_concentration`](Self::authorise_concentration).
    pub fn refill(&mut self, volume_ul: f64, drug: Concentration) {
        let pump = &self.spec.pump;
        let volume_ul = volume_ul.max(0.0).min(pump.reservoir_capacity_ul);
        let filled = Reservoir::new(volume_ul, ug_per_ml(drug), pump.reservoir_residual_ul);
        self.path.refill(filled);
        self.pump.refilled(volume_ul);
    }

    /// Puts a fresh battery in. A pump that still runs has enough of its own to go on meanwhile; one
    /// that has died goes on with what it remembers, as after a [`restart`](Self::restart).
    pub fn change_battery(&mut self) {
        self.battery_min = Sum::from(self.spec.pump.battery_min);
        self.set_power();
    }

    /// The pump falls back into priming, whatever it is connected to, until it has turned `volume_ul`
    /// or until a stop or an infusion with a new sequence number.
    ///
    /// It says that it primes; the command that it reads back stays what it was. Nobody leases it, so
    /// silence does not end it. The clamp opens. At most the reservoir's capacity; a dead pump does
    /// nothing.
    pub fn prime_by_itself(&mut self, volume_ul: f64) {
        self.pump.prime_by_itself(volume_ul);
    }

    /// The pump goes over to a program that nobody gave it, at `flow_ul_per_h`, in whole quanta, at
    /// most its greatest flow; the clamp opens.
    ///
    /// It reads back what is in force: an infusion at that rate of the programmed drug, under the
    /// last sequence number that it took. [`Truth::accepted`](crate::Truth::accepted) stays the last
    /// command. Less than half a quantum is no program: then it idles, and reads back nothing. Its
    /// limit does not hold it, and still refuses every command above it; a command with a new
    /// sequence number puts it right. A dead pump does nothing.
    pub fn run_own_program(&mut self, flow_ul_per_h: f64) {
        self.pump.run_own_program(flow_ul_per_h);
    }

    /// The pump starts anew.
    ///
    /// Therapy goes on at the programmed rate, on an ended lease, so that the pump holds and alarms
    /// until somebody speaks to it; a prime is over. [`Refused`](infusion_types::Refused) begins at
    /// zero. Session, last sequence number, limit, drug, clamp, and the pump's figures of what it has
    /// delivered and what is left are in memory, and stay.
    pub fn restart(&mut self) {
        self.pump.restart();
    }

    /// Drug leaves the reservoir without the pump knowing, until `left_ul` is in it, the residual
    /// included. It counts as lost. Nothing happens where there is no more than that.
    pub fn set_reservoir_ul(&mut self, left_ul: f64) {
        self.path.empty_to(left_ul);
    }

    /// There is power while nothing has cut it and the battery has something left.
    fn set_power(&mut self) {
        let battery_min = self.battery_min.get();
        self.pump
            .set_power(self.condition.powered && battery_min > 0.0);
    }
}
