//! A scenario's faults: what they make of the world, what they do once, and whether any of it showed.
//!
//! ```text
//!   scenario ── deed ──> World, Event ──> device, link, clocks, platform, people, controller's mouth
//!                                                          |
//!   Judge <── seen <── ledger <── look, effect <───────────+   truth, readings, frames, sheets, orders
//! ```
//!
//! Never here: physics, frames, decisions. The ledger never looks at a fault's own numbers: an effect is a
//! difference that somebody else has seen, so that an injection which is cut anywhere shows nothing.

mod deed;
mod edit;
mod effect;
mod event;
mod ledger;
mod look;
mod timing;
mod world;

pub(crate) mod built_in;

#[cfg(test)]
mod flights;

use crate::case::Case;
use crate::clock::SimTime;
use crate::scenario::{Explant, Fault, FaultKind, PeopleFault, SensorFault};

pub use effect::{Effect, FrameEffect, Side};
pub use event::Event;
use infusion_device::{Condition, Device};
pub use world::World;

/// By then whatever grows has grown, ms: the longest onset is a day.
const GROWN_MS: u64 = 86_400_000;

/// The faults of a run, what is in force of them, and which of them have shown an effect.
#[derive(Clone, Debug)]
pub struct Faults<'a> {
    faults: &'a [Fault],
    /// When each was first seen to do something.
    seen: Vec<Option<SimTime>>,
    /// Bit n: the n-th fault, which is built in, has made something another.
    made: u64,
    /// Events up to here have happened.
    struck: Option<SimTime>,
    /// What was last set: when, and the world without any fault.
    set: (SimTime, World),
    /// Whether faults reach the world at all. Tests take them off to see that the ledger tells.
    connected: bool,
}

impl<'a> Faults<'a> {
    /// The faults of a case; at most 64, which the check of the file makes sure of.
    #[must_use]
    pub fn of(case: &Case<'a>) -> Self {
        Self::over(case, &case.scenario().faults)
    }

    /// These faults, over a case that was made with them or without.
    pub(crate) fn over(case: &Case<'_>, faults: &'a [Fault]) -> Self {
        let explant = &case.scenario().explant;
        Self {
            faults,
            seen: vec![None; faults.len()],
            made: built_in::made(case, faults),
            struck: None,
            set: (SimTime::ZERO, healthy(explant)),
            connected: true,
        }
    }

    /// Those of another case, none of which has begun, where these have not either.
    pub(crate) fn branch<'b>(&self, case: &Case<'b>) -> Faults<'b> {
        Faults {
            struck: self.struck,
            set: self.set,
            connected: self.connected,
            ..Faults::of(case)
        }
    }

    /// Which act at `now`; bit n is the n-th.
    #[must_use]
    pub fn active(&self, now: SimTime) -> u64 {
        self.faults
            .iter()
            .enumerate()
            .fold(0, |bits, (index, fault)| {
                bits | u64::from(timing::acts(fault, now)) << index
            })
    }

    /// The next moment after `now` at which a fault begins, changes or ends.
    #[must_use]
    pub fn next_edge(&self, now: SimTime) -> SimTime {
        let edges = self.faults.iter().map(|it| timing::next_edge(it, now));
        edges.min().unwrap_or(SimTime::NEVER)
    }

    /// What is in force at `now`, while the faults in `active` act on a healthy world.
    #[must_use]
    pub fn world(&self, active: u64, now: SimTime, healthy: World) -> World {
        let mut world = healthy;
        if self.connected {
            for (_, fault) in acting(self.faults, active) {
                deed::act(&fault.what, timing::since_ms(fault, now), &mut world);
            }
        }
        world
    }

    /// What is in force at `now`, for whoever obeys it. The ledger remembers it, to compare with what would
    /// have been.
    pub fn set(&mut self, now: SimTime, healthy: World) -> World {
        self.set = (now, healthy);
        self.world(self.active(now), now, healthy)
    }

    /// At `now` all is in force that was, and no fault acts.
    pub(crate) const fn leave(&mut self, now: SimTime) {
        self.set.0 = now;
    }

    /// What has happened since it was last asked, up to `now`. The device's part is done to it; the rest is
    /// handed on, each with the fault's place, for whoever does it to say so with [`saw`](Self::saw).
    pub fn strike(&mut self, now: SimTime, device: &mut Device) -> Vec<(usize, Event)> {
        let after = self.struck.replace(now);
        let mut others = Vec::new();
        if after == Some(now) || !self.connected {
            return others;
        }
        for (index, fault) in self.faults.iter().enumerate() {
            for event in timing::events(fault, after, now) {
                let before = device.truth();
                match event.strike(device) {
                    Some(event) => others.push((index, event)),
                    None if look::is_otherwise(&fault.what, &device.truth(), &before) => {
                        ledger::note(&mut self.seen, index, now);
                    }
                    None => {}
                }
            }
        }
        others
    }

    /// The faults, for tests that cut their way into the world.
    #[cfg(test)]
    pub(crate) const fn disconnected(mut self) -> Self {
        self.connected = false;
        self
    }
}

/// Whether a fault with these numbers changes nothing of the world that it finds, and does nothing.
#[must_use]
pub fn changes_nothing(what: &FaultKind, explant: &Explant) -> bool {
    let edits = matches!(
        what,
        FaultKind::Sensor(SensorFault::GarbleReading { .. })
            | FaultKind::People(PeopleFault::Mistype { .. })
    );
    if what.is_built_in() || edits {
        return false;
    }
    if let FaultKind::Sensor(SensorFault::SensorNoise { sensor, .. }) = what
        && !sensor.scatters()
    {
        return true;
    }
    // At its beginning, and once whatever grows has grown.
    [0, GROWN_MS].into_iter().all(|since_ms| {
        let mut world = healthy(explant);
        let event = deed::act(what, since_ms, &mut world);
        event.is_none() && world == healthy(explant)
    })
}

fn healthy(explant: &Explant) -> World {
    let (room_c, csf_mmhg) = (explant.room_temperature_c, explant.csf_pressure_mmhg);
    World::healthy(Condition::healthy(room_c, csf_mmhg))
}

fn acting(faults: &[Fault], active: u64) -> impl Iterator<Item = (usize, &Fault)> {
    faults
        .iter()
        .enumerate()
        .filter(move |(index, _)| active >> index & 1 == 1)
}
