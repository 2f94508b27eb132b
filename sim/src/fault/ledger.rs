//! The ledger: when each fault was first seen to do something.

use std::time::Duration;

use infusion_device::{Device, Noise};
use infusion_types::{Assessment, Host, Telemetry, Timestamp};

use super::{Effect, Faults, acting, edit, effect, look};
use crate::clock::SimTime;
use crate::record::Record;
use crate::scenario::{Fault, FaultKind};
use crate::ward::{Departure, Departures};

/// Notes that a fault was seen, unless it has been.
pub(super) fn note(seen: &mut [Option<SimTime>], index: usize, at: SimTime) {
    if let Some(slot) = seen.get_mut(index) {
        *slot = slot.or(Some(at));
    }
}

impl<'a> Faults<'a> {
    /// Somebody has seen the fault at this place do something.
    pub fn saw(&mut self, index: usize, at: SimTime) {
        note(&mut self.seen, index, at);
    }

    /// Something happened that a fault can bring about: it is seen of all those in `active` that must show it.
    pub fn show(&mut self, active: u64, what: Effect, at: SimTime) {
        for (index, fault) in acting(self.faults, active) {
            if effect::shows(&fault.what, what) {
                note(&mut self.seen, index, at);
            }
        }
    }

    /// What people did otherwise than by their rules.
    pub fn departed(&mut self, active: u64, departures: Departures, at: SimTime) {
        if departures.is_empty() {
            return;
        }
        for departure in Departure::ALL {
            if departures.has(departure) {
                self.show(active, Effect::People(departure), at);
            }
        }
    }

    /// What the platform says of itself.
    pub fn host(&mut self, active: u64, host: &Host, at: SimTime) {
        for what in effect::said(host) {
            self.show(active, what, at);
        }
    }

    /// Lets the device's time pass, and compares with what would have been without each fault that acts and
    /// has shown nothing yet.
    pub fn advance(&mut self, device: &mut Device, by: Duration) {
        let (now, _) = self.set;
        let mut twins: Vec<(usize, Device)> = self
            .unseen(|what| matches!(what, FaultKind::Pump(_) | FaultKind::Line(_)))
            .map(|index| (index, self.without(index, device)))
            .collect();
        device.advance(by);
        if twins.is_empty() {
            return;
        }
        let truth = device.truth();
        let at = now.after_millis(u64::try_from(by.as_millis()).unwrap_or(u64::MAX));
        for (index, twin) in &mut twins {
            twin.advance(by);
            if look::is_otherwise(&self.faults[*index].what, &truth, &twin.truth()) {
                note(&mut self.seen, *index, at);
            }
        }
    }

    /// What the pump says as it leaves, edited by whoever garbles it.
    pub fn telemetry(&mut self, device: &Device, local: Timestamp, noise: &Noise) -> Telemetry {
        let (now, _) = self.set;
        let mut said = device.telemetry(local, noise);
        let measured: Vec<usize> = self
            .unseen(|what| matches!(what, FaultKind::Pump(_) | FaultKind::Sensor(_)))
            .collect();
        for index in measured {
            let would_say = self.without(index, device).telemetry(local, noise);
            if look::says_otherwise(&self.faults[index].what, &said, &would_say) {
                note(&mut self.seen, index, now);
            }
        }
        if self.connected {
            for (index, fault) in acting(self.faults, self.active(now)) {
                if edit::garble(&fault.what, &mut said) {
                    note(&mut self.seen, index, now);
                }
            }
        }
        said
    }

    /// Edits what a nurse writes, if anything.
    pub fn edit_sheet(&mut self, now: SimTime, sheet: Option<&mut Assessment>) {
        if let Some(sheet) = sheet
            && self.connected
        {
            for (index, fault) in acting(self.faults, self.active(now)) {
                if edit::mistype(&fault.what, sheet) {
                    note(&mut self.seen, index, now);
                }
            }
        }
    }

    /// Watches a record for what is built in.
    pub fn watch(&mut self, record: &Record<'_>) {
        for (index, fault) in acting(self.faults, record.faults) {
            if let FaultKind::BuiltIn(what) = &fault.what {
                let made = self.made >> index & 1 == 1;
                if self.seen[index].is_none() && look::is_built_in(what, made, record) {
                    note(&mut self.seen, index, record.at);
                }
            }
        }
    }

    /// Whether every fault has shown its effect.
    #[must_use]
    pub fn all_effective(&self) -> bool {
        self.seen.iter().all(Option::is_some)
    }

    /// Faults that have shown none.
    pub fn idle(&self) -> impl Iterator<Item = &'a Fault> {
        let each = self.faults.iter().zip(&self.seen);
        each.filter(|(_, seen)| seen.is_none()).map(|(it, _)| it)
    }

    /// Every fault with the first time at which it was seen to do something.
    pub fn seen(&self) -> impl Iterator<Item = (&'a Fault, Option<SimTime>)> {
        self.faults.iter().zip(self.seen.iter().copied())
    }

    /// The places of those that act, have shown nothing, and are of a kind.
    fn unseen(&self, of: impl Fn(&FaultKind) -> bool) -> impl Iterator<Item = usize> {
        let active = self.active(self.set.0);
        let acting = acting(self.faults, active);
        acting
            .filter(move |(index, fault)| self.seen[*index].is_none() && of(&fault.what))
            .map(|(index, _)| index)
    }

    /// The device as it is, but for this one fault.
    fn without(&self, index: usize, device: &Device) -> Device {
        let (now, healthy) = self.set;
        let active = self.active(now) & !(1 << index);
        let mut twin = device.clone();
        twin.set_condition(self.world(active, now, healthy).device);
        twin
    }
}
