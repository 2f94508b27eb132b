//! What breaks the requirements on the platform.

use infusion_types::{Alarm, Mode};

use super::Canary;
use super::bend::Bend;

const BATTERY: &[&str] = &[
    "faults=[]",
    "run_max_h=2",
    "follow_up_h=1",
    "adjust.device.\"pump.battery_min\"=100.0",
];

pub(super) const ALL: &[Canary] = &[
    Canary::new(
        "a self-test without an end",
        "SR-55a",
        "POST for nearly two minutes",
    )
    .with(&["faults=[]", "run_max_h=2", "follow_up_h=1"])
    .bent(|| {
        Bend::says(|cycle| {
            if cycle.hours < 0.03 && cycle.decision.mode != Mode::Off {
                cycle.decision.mode = Mode::Post;
            }
        })
    }),
    Canary::new("half an hour of battery", "SR-58a", "AL-30 is never raised")
        .with(BATTERY)
        .bent(|| Bend::hiding(&[Alarm::BatteryLow])),
    Canary::new("five minutes of battery", "SR-58b", "AL-31 is never raised")
        .with(BATTERY)
        .bent(|| Bend::hiding(&[Alarm::BatteryCritical])),
];
