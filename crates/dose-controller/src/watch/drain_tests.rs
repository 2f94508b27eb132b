//! CSF in the bag, by hand.

use infusion_types::{Flow, Pressure, Sensing, Temperature};

use super::*;

const fn ml(tenths: u64) -> Volume {
    Volume::from_nanolitres(tenths * 100_000)
}

fn sensing() -> Sensing {
    let time = Duration::from_secs(60);
    Sensing {
        weighing_sigma: ml(1),
        weigh_again: time,
        unusable: ml(14),
        pressure_most: Pressure::ZERO,
        pressure_gone: Pressure::ZERO,
        pressure_for: time,
        flow_sigma: Flow::ZERO,
        flow_sigma_permille: 100,
        flow_gain_permille: 30,
        flow_offset: Flow::ZERO,
        flow_mean_over: time,
        free_flow_for: time,
        wrong_flow_for: time,
        air: [ml(1); 2],
        air_for: time,
        dropout: time,
        stuck_for: time,
        drain_sigma: ml(1),
        csf_loss: [ml(200), ml(600)],
        temperature: [Temperature::ZERO; 2],
        temperature_for: time,
        temperature_error_permille_per_c: 4,
        stall_for: time,
        battery: [time; 2],
    }
}

/// Minutes until it is too much, when the bag holds `held` tenths of a millilitre at each minute.
fn alarms_at(held: impl IntoIterator<Item = u64>) -> Option<u64> {
    let mut drain = Drain::default();
    (0..).zip(held).find_map(|(minute, held)| {
        let now = Timestamp::from_millis(minute * 60_000);
        drain.see(&sensing(), now, Ok(Sample::new(now, ml(held))));
        drain.too_much(&sensing()).then_some(minute)
    })
}

#[test]
fn twenty_millilitres_in_an_hour_are_too_much() {
    // 20.4 mL/h; one reading behind, because two have to show it.
    let quick = alarms_at((0..600).map(|minute| minute * 34 / 10));
    assert!(
        quick.is_some_and(|minute| (59..=62).contains(&minute)),
        "{quick:?}"
    );
    // 15.6 mL/h: in an hour not too much, in four hours it is.
    let slow = alarms_at((0..600).map(|minute| minute * 26 / 10));
    assert!(
        slow.is_some_and(|minute| (230..=236).contains(&minute)),
        "{slow:?}"
    );
    // 14.4 mL/h is what a drain is set to.
    assert_eq!(
        alarms_at((0..6_000).map(|minute| minute * 24 / 10 % 900)),
        None
    );
}

#[test]
fn noise_a_spike_and_an_emptied_bag_are_no_loss() {
    let noise = (0..20_000_u64).map(|minute| 50 + minute * 7 % 9);
    assert_eq!(alarms_at(noise), None);
    let spike = (0..600).map(|minute| if minute == 300 { 900 } else { 10 });
    assert_eq!(alarms_at(spike), None);
    let full_from_the_start = [900; 600];
    assert_eq!(alarms_at(full_from_the_start), None);
    let emptied_and_filled = (0..240).map(|minute| if minute < 120 { 900 } else { minute - 120 });
    assert_eq!(alarms_at(emptied_and_filled), None);
}

#[test]
fn an_emptied_bag_that_fills_too_fast_again_is_a_loss() {
    let emptied = |minute: u64| {
        if minute < 10 {
            900
        } else {
            (minute - 10) * 34 / 10
        }
    };
    let told = alarms_at((0..200).map(emptied));
    assert!(
        told.is_some_and(|minute| (69..=72).contains(&minute)),
        "{told:?}"
    );
}

#[test]
fn a_level_that_swings_by_ten_sigma_is_noise_and_by_more_is_emptied_each_time() {
    let swings = |tenths: u64| (0..600).map(move |minute| 250 - minute / 2 % 2 * tenths);
    assert_eq!(alarms_at(swings(10)), None);
    assert!(alarms_at(swings(11)).is_some());
}

#[test]
fn a_spike_that_is_reported_twice_is_one_reading() {
    let mut drain = Drain::default();
    let mut see = |minute: u64, held: u64| {
        let now = Timestamp::from_millis(minute * 60_000);
        drain.see(&sensing(), now, Ok(Sample::new(now, ml(held))));
        drain.too_much(&sensing())
    };
    assert!(!see(0, 0) && !see(1, 900) && !see(1, 900) && !see(2, 0));
}

#[test]
fn what_came_before_a_silence_is_forgotten_in_time() {
    let mut drain = Drain::default();
    let mut see = |minute: u64, held: u64| {
        let now = Timestamp::from_millis(minute * 60_000);
        drain.see(&sensing(), now, Ok(Sample::new(now, ml(held))));
        drain.too_much(&sensing())
    };
    assert!(!see(0, 0) && !see(1, 250) && see(2, 250));
    assert!(see(60, 250), "within the hour");
    assert!(!see(64, 250), "an hour later");
    assert!(!see(5_000, 250) && !see(5_001, 260));
}

#[test]
fn what_came_in_a_silence_came_evenly() {
    // 14.4 mL/h, and nobody hears of it for so long.
    for silence in [10, 59, 200, 239, 300, 1_000] {
        let mut drain = Drain::default();
        let mut see = |minute: u64| {
            let now = Timestamp::from_millis(minute * 60_000);
            let sample = Sample::new(now, ml(minute * 24 / 10));
            drain.see(&sensing(), now, Ok(sample));
            drain.too_much(&sensing())
        };
        let before = (0..300).any(&mut see);
        let after = (300 + silence..900 + silence).any(&mut see);
        assert!(!before && !after, "{silence} min");
    }
    // And what comes too fast in one is too much all the same.
    let mut drain = Drain::default();
    let mut see = |minute: u64, held: u64| {
        let now = Timestamp::from_millis(minute * 60_000);
        drain.see(&sensing(), now, Ok(Sample::new(now, ml(held))));
        drain.too_much(&sensing())
    };
    assert!(!see(0, 0) && !see(1, 0) && !see(61, 450) && see(62, 450));
}
