//! What each fault does: numbers of a world while it acts, an event when it begins, or both.
//!
//! Faults are known by name here and beside here alone: when they change ([`super::timing`]), what they are
//! built into ([`super::built_in`]), what they edit ([`super::edit`]) and what they must show ([`super::look`],
//! [`super::effect`]). Nothing below has a branch for any.

mod clock;
mod defect;
mod line;
mod people;
mod platform;
mod pump;
mod sensor;
mod wire;

use infusion_device::Condition;
use infusion_types::SessionRecord;

use super::{Event, World};
use crate::scenario::{BuiltInFault, FaultKind};

/// What a fault that began `since_ms` ago makes of a world, and what happens once, when it begins.
pub(super) fn act(what: &FaultKind, since_ms: u64, world: &mut World) -> Option<Event> {
    match what {
        FaultKind::Pump(what) => return pump::act(what, since_ms, &mut world.device),
        FaultKind::Line(what) => return line::act(what, since_ms, &mut world.device),
        FaultKind::Sensor(what) => sensor::act(what, since_ms, &mut world.device),
        FaultKind::Wire(what) => wire::act(what, world),
        FaultKind::Clock(what) => clock::act(what, world),
        FaultKind::Platform(what) => return platform::act(what, &mut world.platform),
        FaultKind::People(what) => return people::act(what, &mut world.ward),
        FaultKind::Defect(what) => defect::act(what, &mut world.defect),
        FaultKind::BuiltIn(what) => built_in(what, world),
    }
    None
}

/// What happens when a fault begins.
pub(super) fn at_onset(what: &FaultKind) -> Option<Event> {
    let mut any = World::healthy(Condition::healthy(22.0, 10.0));
    act(what, 0, &mut any)
}

/// What is built in is in the device, the protocol and the patient as they were made; only a label that does
/// not agree is said again and again.
fn built_in(what: &BuiltInFault, world: &mut World) {
    match *what {
        BuiltInFault::WrongDrug { label_known, .. } => {
            if label_known {
                world.platform.record = SessionRecord::OtherDrug;
            }
        }
        BuiltInFault::UnprimedDrain { .. }
        | BuiltInFault::LeastFlow { .. }
        | BuiltInFault::SteepRungs { .. }
        | BuiltInFault::SlowPatient { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::faults;

    fn healthy() -> World {
        World::healthy(Condition::healthy(22.0, 10.0))
    }

    #[test]
    fn every_kind_does_something_to_a_world_or_once() {
        for entry in faults() {
            let mut world = healthy();
            let event = act(&entry.example, 3_600_000, &mut world);
            let edits = ["garble_reading", "mistype"].contains(&entry.name());
            // The height has run off by then.
            let over = entry.name() == "siphon";
            let does = event.is_some() || world != healthy();
            let elsewhere = edits || over || entry.example.is_built_in();
            assert!(does != elsewhere, "{}", entry.name());
        }
    }

    #[test]
    fn two_faults_make_the_same_world_in_either_order() {
        // Where both set the same number, the later of the list wins, and a scenario says so by its order.
        let sets = |name: &str| {
            [
                "room_temperature",
                "ambient_pressure",
                "runaway",
                "disconnect",
                "sensor_stuck",
                "log",
                "log_slow",
                "key_bounces",
                "key_dead",
                "other_version",
                "other_drug",
                "wrong_dose",
                "forge",
                "replay",
                "reset_at",
                "power_cut",
            ]
            .contains(&name)
        };
        let near = |one: f64, other: f64| (one - other).abs() <= 1e-9 * one.abs().max(1.0);
        for one in faults().iter().filter(|it| !sets(it.name())) {
            for other in faults().iter().filter(|it| !sets(it.name())) {
                let both = |first: &FaultKind, second: &FaultKind| {
                    let mut world = healthy();
                    act(first, 1_000, &mut world);
                    act(second, 1_000, &mut world);
                    world
                };
                let (there, back) = (
                    both(&one.example, &other.example),
                    both(&other.example, &one.example),
                );
                let names = (one.name(), other.name());
                assert!(near(there.device.gain, back.device.gain), "{names:?}");
                let flows = (
                    there.device.added_flow_ul_per_h,
                    back.device.added_flow_ul_per_h,
                );
                assert!(near(flows.0, flows.1), "{names:?}");
                let level = |world: World| World {
                    device: healthy().device,
                    ..world
                };
                assert_eq!(level(there), level(back), "{names:?}");
            }
        }
    }
}
