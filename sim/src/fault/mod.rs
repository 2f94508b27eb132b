//! A scenario's faults as numbers in the physics and edits of messages.
//!
//! The only file that knows faults by name. Device, patient and controller have no branch for any.

mod event;
mod world;

use infusion_device::{Condition, Truth};
use infusion_types::{Assessment, Sample, Telemetry};

use crate::clock::SimTime;
use crate::scenario::{EntryName, Fault, FaultKind, ReadingName};

pub use event::Event;
pub use world::World;

/// The faults of a run, and which of them have shown an effect.
#[derive(Clone, Debug)]
pub struct Faults<'a> {
    faults: &'a [Fault],
    /// Bit n: the n-th fault has changed what it must change.
    effective: u64,
}

/// A fault becomes active or stops being so.
fn edges(fault: &Fault) -> [Option<SimTime>; 2] {
    let at = |minutes: u32| SimTime::from_minutes(u64::from(minutes));
    [Some(at(fault.from_min)), fault.until_min.map(at)]
}

impl<'a> Faults<'a> {
    /// The faults of a scenario; at most 64, which the check of the file makes sure of.
    #[must_use]
    pub const fn new(faults: &'a [Fault]) -> Self {
        Self {
            faults,
            effective: 0,
        }
    }

    /// Which act at `now`.
    #[must_use]
    pub fn active(&self, now: SimTime) -> u64 {
        let acts = |fault: &Fault| {
            let [from, until] = edges(fault);
            from.is_some_and(|from| from <= now) && until.is_none_or(|until| now < until)
        };
        self.faults
            .iter()
            .enumerate()
            .fold(0, |bits, (index, fault)| {
                bits | u64::from(acts(fault)) << index
            })
    }

    /// The next moment after `now` at which a fault begins or ends.
    #[must_use]
    pub fn next_edge(&self, now: SimTime) -> SimTime {
        let later = self
            .faults
            .iter()
            .flat_map(edges)
            .flatten()
            .filter(|edge| *edge > now);
        later.min().unwrap_or(SimTime::NEVER)
    }

    /// What is in force while the faults in `active` act on a healthy world.
    #[must_use]
    pub fn world(&self, active: u64, healthy: World) -> World {
        World {
            device: self.condition(active, healthy.device),
            ..healthy
        }
    }

    /// What the faults that begin at `now` do once, each with the fault's place.
    pub fn events(&self, now: SimTime) -> impl Iterator<Item = (usize, Event)> {
        let _ = now;
        std::iter::empty()
    }

    fn condition(&self, active: u64, healthy: Condition) -> Condition {
        self.acting(active)
            .fold(healthy, |condition, (_, fault)| match fault.what {
                FaultKind::Occlude { resistance_times } => Condition {
                    resistance_times: condition.resistance_times * resistance_times,
                    ..condition
                },
                FaultKind::Disconnect {
                    csf_backflow_ml_per_h,
                } => Condition {
                    connector_share: 0.0,
                    csf_backflow_ul_per_h: csf_backflow_ml_per_h * 1e3,
                    ..condition
                },
                FaultKind::PumpGain { gain } => Condition {
                    gain: condition.gain * gain,
                    ..condition
                },
                FaultKind::UnprimedDrain
                | FaultKind::GarbleReading { .. }
                | FaultKind::Mistype { .. } => condition,
            })
    }

    /// Edits what the pump says on its way to the controller.
    pub fn garble(&mut self, active: u64, telemetry: &mut Telemetry) {
        for (index, fault) in acting(self.faults, active) {
            if let FaultKind::GarbleReading { reading, value } = fault.what {
                let raw = match reading {
                    ReadingName::Delivered => &mut telemetry.delivered_ug,
                    ReadingName::Reservoir => &mut telemetry.reservoir_ul,
                    ReadingName::Flow => &mut telemetry.flow_ul_per_h,
                    ReadingName::Pressure => &mut telemetry.pressure_kpa,
                    ReadingName::Temperature => &mut telemetry.temperature_c,
                    ReadingName::Battery => &mut telemetry.battery_min,
                };
                if let Ok(sample) = *raw {
                    *raw = Ok(Sample {
                        value: value.0,
                        ..sample
                    });
                    self.effective |= 1 << index;
                }
            }
        }
    }

    /// Edits what a nurse writes.
    pub fn mistype(&mut self, active: u64, sheet: &mut Assessment) {
        for (index, fault) in acting(self.faults, active) {
            if let FaultKind::Mistype { entry, value } = fault.what {
                let slot = match entry {
                    EntryName::Spasticity => &mut sheet.spasticity,
                    EntryName::Sedation => &mut sheet.sedation,
                    EntryName::Breaths => &mut sheet.breaths_per_min,
                    EntryName::Itch => &mut sheet.itch,
                    EntryName::HeartRate => &mut sheet.heart_rate_per_min,
                    EntryName::Temperature => &mut sheet.temperature_c,
                };
                *slot = Ok(value.0);
                self.effective |= 1 << index;
            }
        }
    }

    /// Watches truth for the effect that each acting fault must have.
    pub fn watch(&mut self, active: u64, truth: &Truth, csf_pressure_mmhg: f64) {
        for (index, fault) in acting(self.faults, active) {
            let shows = match fault.what {
                // Behind a kink the line is under pressure, or less leaves it than enters.
                FaultKind::Occlude { .. } => truth.pressure_mmhg > csf_pressure_mmhg + 20.0,
                FaultKind::Disconnect { .. } => truth.connected && truth.csf_lost_ul > 0.0,
                FaultKind::PumpGain { gain } => {
                    truth.set_flow_ul_per_h > 0.0 && (gain - 1.0).abs() > 1e-6
                }
                FaultKind::UnprimedDrain => truth.connected && truth.tip_ug_per_ml <= 0.0,
                FaultKind::GarbleReading { .. } | FaultKind::Mistype { .. } => false,
            };
            self.effective |= u64::from(shows) << index;
        }
    }

    /// Whether every fault has shown its effect.
    #[must_use]
    pub fn all_effective(&self) -> bool {
        self.effective.count_ones() as usize == self.faults.len()
    }

    /// Faults that have shown none.
    pub fn idle(&self) -> impl Iterator<Item = &Fault> {
        let effective = self.effective;
        let idle = move |index: usize| effective >> index & 1 == 0;
        self.faults
            .iter()
            .enumerate()
            .filter(move |(index, _)| idle(*index))
            .map(|(_, fault)| fault)
    }

    fn acting(&self, active: u64) -> impl Iterator<Item = (usize, &'a Fault)> {
        acting(self.faults, active)
    }
}

fn acting(faults: &[Fault], active: u64) -> impl Iterator<Item = (usize, &Fault)> {
    faults
        .iter()
        .enumerate()
        .filter(move |(index, _)| active >> index & 1 == 1)
}
