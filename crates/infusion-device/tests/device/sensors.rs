//! What each profile says.

use infusion_device::{Condition, Noise, Profile, SensorNumbers, Sensors, Truth};
use infusion_types::{NoData, PumpState, Telemetry, Timestamp};

use crate::support::{NOW, Rig, assert_near, healthy, spec, stop, value};

fn rig(profile: Profile) -> Rig {
    let mut spec = spec(500);
    spec.profile = profile;
    let mut rig = Rig::new(spec);
    rig.infuse(16_650, 500);
    rig.hours(1.0);
    rig
}

#[test]
fn a_profile_says_only_what_it_has() {
    for profile in [Profile::P0, Profile::P1] {
        let said = rig(profile).quiet();
        assert_eq!(said.flow_ul_per_h, Err(NoData::NotFitted));
        assert_eq!(said.connector, Err(NoData::NotFitted));
        assert_eq!(said.state.map(|s| s.value), Ok(PumpState::Holding));
        assert_eq!(
            said.accepted.map(|s| (s.at, s.value.sequence)),
            Ok((NOW, 1))
        );
        assert_near(said.battery_min.unwrap().value, 99_940.0, 1e-9);
        assert_near(said.reservoir_ul.unwrap().value, 20_000.0 - 33.3, 0.1);
    }
    assert_eq!(rig(Profile::P2).quiet().admit().refused(), None);
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
                ..SensorNumbers::HEALTHY
            },
            pressure: SensorNumbers {
                stuck: Some(f64::NAN),
                ..SensorNumbers::HEALTHY
            },
            ..Sensors::HEALTHY
        },
        ..healthy()
    });
    let said = rig.quiet();
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
        battery_min: 100_000.0,
        ..rig.device.truth()
    };
    rig.device.change_battery();
    assert_eq!(rig.device.truth(), fresh);
    assert_near(rig.quiet().battery_min.unwrap().value, 100_000.0, 1e-9);
}

#[test]
fn a_pump_never_spoken_to_has_no_read_back() {
    let fresh = Rig::new(spec(500));
    assert_eq!(fresh.quiet().accepted, Err(NoData::NeverSeen));
    assert_eq!(fresh.quiet().state.map(|s| s.value), Ok(PumpState::Idle));
}

/// All of one kind of sensor, with the numbers set to `numbers`.
fn every(numbers: SensorNumbers) -> Sensors {
    Sensors {
        motion: numbers,
        delivered: numbers,
        reservoir: numbers,
        flow: numbers,
        pressure: numbers,
        air: numbers,
        connector: numbers,
        drained_csf: numbers,
        temperature: numbers,
        battery: numbers,
    }
}

#[test]
fn a_silent_sensor_says_that_it_is_broken_even_when_stuck() {
    let mut rig = rig(Profile::P2);
    rig.set(|condition| {
        condition.sensors = every(SensorNumbers {
            silent: true,
            stuck: Some(7.0),
            ..SensorNumbers::HEALTHY
        });
    });
    let said = rig.quiet();
    let broken = NoData::SensorFault;
    assert_eq!(said.motion, Err(broken));
    assert_eq!(said.connector, Err(broken));
    for raw in [
        said.delivered_ug,
        said.reservoir_ul,
        said.flow_ul_per_h,
        said.pressure_kpa,
        said.air_ul,
        said.drained_csf_ul,
        said.temperature_c,
        said.battery_min,
    ] {
        assert_eq!(raw, Err(broken));
    }
    assert!(said.state.is_ok() && said.accepted.is_ok() && said.refused.is_ok());
}

/// 33.3 µL/h with four times its noise of 3.33; the sensors without noise of their own stay.
#[test]
fn noise_grows_where_there_is_some() {
    let mut rig = rig(Profile::P2);
    let loud = Noise {
        flow: 1.0,
        pressure: 1.0,
        air: 1.0,
        drained_csf: 1.0,
    };
    let calm = rig.device.telemetry(NOW, &loud);
    rig.set(|condition| {
        condition.sensors = every(SensorNumbers {
            noise_times: 4.0,
            ..SensorNumbers::HEALTHY
        });
    });
    let said = rig.device.telemetry(NOW, &loud);
    assert_near(value(said.flow_ul_per_h), 33.3 + 13.32, 1e-6);
    assert_near(value(said.pressure_kpa), 0.4, 1e-6);
    assert_near(value(said.air_ul), 4.0, 1e-9);
    assert_near(value(said.drained_csf_ul), 400.0, 1e-9);
    for (grown, before) in [
        (said.delivered_ug, calm.delivered_ug),
        (said.temperature_c, calm.temperature_c),
        (said.battery_min, calm.battery_min),
    ] {
        assert_eq!(grown, before);
    }
}

/// The pump counts 33.3 µL, 16.65 µg; it says half of the one, and 250 µL too much of the other.
#[test]
fn a_pump_can_lie_of_its_own_figures_and_of_its_motion() {
    let mut rig = rig(Profile::P0);
    let before = rig.device.truth();
    rig.set(|condition| {
        condition.sensors.delivered.gain = 0.5;
        condition.sensors.reservoir.offset = 250.0;
        condition.sensors.motion.stuck = Some(0.0);
    });
    let said = rig.quiet();
    assert_near(value(said.delivered_ug), 16.65 * 0.5, 0.03);
    assert_near(value(said.reservoir_ul), 20_000.0 - 33.3 + 250.0, 0.1);
    assert_eq!(said.motion.map(|s| s.value), Ok(false));
    assert_eq!(rig.device.truth(), before);
    rig.set(|condition| {
        condition.turns = false;
        condition.sensors.motion.offset = 1.0;
        condition.sensors.reservoir.offset = -1e6;
    });
    assert_eq!(rig.quiet().motion.map(|s| s.value), Ok(true));
    assert_eq!(value(rig.quiet().reservoir_ul), 0.0);
}

/// Every value of a report, without its time.
fn values(said: &Telemetry) -> impl PartialEq + std::fmt::Debug + use<> {
    let raw = [
        said.delivered_ug,
        said.reservoir_ul,
        said.flow_ul_per_h,
        said.pressure_kpa,
        said.air_ul,
        said.drained_csf_ul,
        said.temperature_c,
        said.battery_min,
    ];
    (
        raw.map(|raw| raw.map(|s| s.value)),
        said.accepted.map(|s| s.value),
        said.state.map(|s| s.value),
        said.motion.map(|s| s.value),
        said.refused.map(|s| s.value),
        said.connector.map(|s| s.value),
    )
}

#[test]
fn a_frozen_pump_repeats_itself_with_fresh_times() {
    for profile in [Profile::P0, Profile::P2] {
        let mut rig = rig(profile);
        let last = rig.quiet();
        rig.set(|condition| {
            condition.report_frozen = true;
            condition.turns = false;
            condition.sensors.flow.stuck = Some(3.0);
        });
        rig.hours(5.0);
        rig.send(stop(true));
        rig.set(|condition| condition.report_frozen = true);
        let later = Timestamp::from_millis(77_000);
        let loud = Noise {
            flow: 3.0,
            ..Noise::default()
        };
        let said = rig.device.telemetry(later, &loud);
        assert_eq!(values(&said), values(&last));
        assert_eq!(said.spoken_at(), Some(later));
        assert_eq!(said.battery_min.map(|s| s.at), Ok(later));
        rig.set(|_| ());
        let awake = rig.quiet();
        assert_eq!(awake.state.map(|s| s.value), Ok(PumpState::Stopped));
        assert_eq!(awake.accepted.map(|s| s.value.sequence), Ok(2));
        rig.set(|condition| condition.report_frozen = true);
        assert_eq!(values(&rig.quiet()), values(&awake), "a new freeze");
        rig.set(|condition| {
            condition.report_frozen = true;
            condition.powered = false;
        });
        assert_eq!(rig.quiet(), Telemetry::silent(NoData::LinkSilent));
    }
}
