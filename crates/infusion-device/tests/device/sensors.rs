//! What each profile says.

use infusion_device::{Condition, Noise, Profile, SensorNumbers, Sensors, Truth};
use infusion_types::{NoData, PumpState, Telemetry, Timestamp};

use crate::support::{Rig, assert_near, healthy, spec, stop};

const NOW: Timestamp = Timestamp::from_millis(5_000);

fn rig(profile: Profile) -> Rig {
    let mut spec = spec(500);
    spec.profile = profile;
    let mut rig = Rig::new(spec);
    rig.infuse(16_650, 500);
    rig.hours(1.0);
    rig
}

fn quiet(rig: &Rig) -> Telemetry {
    rig.device.telemetry(NOW, &Noise::default())
}

#[test]
fn a_profile_says_only_what_it_has() {
    for profile in [Profile::P0, Profile::P1] {
        let said = quiet(&rig(profile));
        assert_eq!(said.flow_ul_per_h, Err(NoData::NotFitted));
        assert_eq!(said.connector, Err(NoData::NotFitted));
        assert_eq!(said.state.map(|s| s.value), Ok(PumpState::Holding));
        assert_eq!(
            said.accepted.map(|s| (s.at, s.value.sequence)),
            Ok((NOW, 1))
        );
        assert_near(said.battery_min.unwrap().value, 9_940.0, 1e-9);
        assert_near(said.reservoir_ul.unwrap().value, 20_000.0 - 33.3, 0.1);
    }
    assert_eq!(quiet(&rig(Profile::P2)).admit().refused(), None);
}

#[test]
fn people_weigh_what_is_there() {
    assert_eq!(rig(Profile::P0).device.weigh(0.0), Err(NoData::NotFitted));
    let weighed = rig(Profile::P1).device.weigh(-2.0).unwrap();
    assert_near(weighed, 20_000.0 - 33.3 - 100.0, 1e-6);
}

/// 33.3 µL/h: 10 % is 3.33. With the pump stopped the other sigma holds, 1 µL/h.
#[test]
fn flow_noise_is_the_greater_of_two() {
    let mut rig = rig(Profile::P2);
    let loud = Noise {
        flow: 1.0,
        ..Noise::default()
    };
    let flow = |rig: &Rig| {
        rig.device
            .telemetry(NOW, &loud)
            .flow_ul_per_h
            .unwrap()
            .value
    };
    assert_near(flow(&rig), 36.63, 1e-6);
    rig.send(stop(false));
    rig.hours(0.1);
    assert_near(flow(&rig), 1.0, 1e-3);
}

#[test]
fn sensor_numbers_reach_the_reading_and_nothing_else() {
    let mut rig = rig(Profile::P2);
    let before = rig.device.truth();
    rig.device.set_condition(Condition {
        connector_share: 0.9,
        sensors: Sensors {
            flow: SensorNumbers {
                gain: 2.0,
                offset: 0.5,
                stuck: None,
            },
            pressure: SensorNumbers {
                stuck: Some(f64::NAN),
                ..SensorNumbers::HEALTHY
            },
            ..Sensors::HEALTHY
        },
        ..healthy()
    });
    let said = quiet(&rig);
    assert_near(said.flow_ul_per_h.unwrap().value, 67.1, 1e-6);
    assert!(said.pressure_kpa.unwrap().value.is_nan());
    assert_eq!(said.connector.map(|s| s.value), Ok(false));
    let leaky = Truth {
        connector_share: 0.9,
        ..before
    };
    assert_eq!(rig.device.truth(), leaky);
}

#[test]
fn a_fresh_battery_changes_nothing_else() {
    let mut rig = rig(Profile::P0);
    let fresh = Truth {
        battery_min: 10_000.0,
        ..rig.device.truth()
    };
    rig.device.change_battery();
    assert_eq!(rig.device.truth(), fresh);
    assert_near(quiet(&rig).battery_min.unwrap().value, 10_000.0, 1e-9);
}

#[test]
fn a_pump_never_spoken_to_has_no_read_back() {
    let fresh = Rig::new(spec(500));
    assert_eq!(quiet(&fresh).accepted, Err(NoData::NeverSeen));
    assert_eq!(quiet(&fresh).state.map(|s| s.value), Ok(PumpState::Idle));
}
