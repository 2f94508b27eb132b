//! The windows against sums calculated by hand, and against a plain list.

use super::*;
use proptest::prelude::*;

const RATE: DoseRate = DoseRate::from_nanograms_per_hour(12_000);

fn at(minutes: u64) -> Timestamp {
    Timestamp::from_millis(minutes * 60_000)
}

fn given(rate: DoseRate) -> Rates {
    Rates {
        planned: RATE,
        low: rate,
        high: rate,
        measured: rate,
        in_session: true,
    }
}

#[test]
fn a_day_at_a_constant_rate_is_a_days_dose() {
    let mut ledger = Ledger::new(at(0));
    ledger.enter(at(24 * 60 * 3), &given(RATE));
    // The bucket that fills now is empty at the boundary: 287 full ones.
    let day = ledger.window(Window::Day).planned.nanograms();
    assert_eq!(day, 287 * 1_000);
    assert_eq!(
        ledger.window(Window::Hour).given.low.nanograms(),
        11 * 1_000
    );
}

/// A cycle has its deadline, whatever the clock says: a fuzzer found a step that did not end.
#[test]
fn a_gap_of_any_length_is_entered_as_a_day_after_the_other_would_be() {
    // In each bucket these leave something over.
    let rates = Rates {
        low: DoseRate::from_nanograms_per_hour(1_111),
        ..given(DoseRate::from_nanograms_per_hour(7_777))
    };
    let mut before = Ledger::new(at(0));
    before.enter(at(1_003), &given(RATE));
    for days in [1, 2, 3, 30] {
        let (mut at_once, mut daily) = (before.clone(), before.clone());
        for day in 0..days {
            daily.enter(at(1_003 + day * 24 * 60), &rates);
        }
        daily.enter(at(1_003 + days * 24 * 60 + 2), &rates);
        at_once.enter(at(1_003 + days * 24 * 60 + 2), &rates);
        for window in Window::ALL {
            assert_eq!(at_once.window(window), daily.window(window), "{days} days");
        }
        assert_eq!(at_once.carries, daily.carries, "{days} days");
        assert_eq!(at_once.fills_until, daily.fills_until, "{days} days");
        assert!(at_once.is_sound(daily.entered_until), "{days} days");
        at_once.enter(Timestamp::NEVER, &rates);
        assert_eq!(at_once.entered_until, Timestamp::NEVER);
    }
}

#[test]
fn deficits_of_zero_flow_come_at_the_hours_calculated_by_hand() {
    let mut ledger = Ledger::new(at(0));
    ledger.enter(at(26 * 60), &given(RATE));
    for (minutes, permille) in [(144, 100), (288, 200), (720, 500)] {
        let mut stopped = ledger.clone();
        stopped.enter(at(26 * 60 + minutes), &given(DoseRate::ZERO));
        let deficit = stopped.deficit_permille(Dose::from_nanograms(u64::MAX));
        assert!(deficit.abs_diff(permille) <= 4, "{minutes} min: {deficit}");
    }
}

#[test]
fn hours_before_the_session_count_as_delivered() {
    let mut ledger = Ledger::new(at(0));
    ledger.enter(at(60), &given(RATE));
    ledger.enter(at(120), &given(DoseRate::ZERO));
    // One hour of 24 is missing: 42 thousandths, not half of what was planned so far.
    assert_eq!(ledger.deficit_permille(Dose::from_nanograms(u64::MAX)), 41);
}

#[test]
fn a_discrepancy_moves_the_interval_and_nothing_else() {
    let mut ledger = Ledger::new(at(0));
    ledger.enter(at(600), &given(RATE));
    let before = ledger.window(Window::Day);
    ledger.misplace(at(120), Dose::from_nanograms(9_700), Dose::ZERO);
    let after = ledger.window(Window::Day);
    assert_eq!(before.planned, after.planned);
    assert_eq!(before.given.high, after.given.high);
    let moved = before.given.low.saturating_sub(after.given.low).nanograms();
    assert!((9_500..=9_700).contains(&moved), "{moved}");
}

#[test]
fn of_a_doubt_longer_than_a_day_the_count_closes_what_a_day_still_holds() {
    let mut ledger = Ledger::new(at(0));
    let perhaps = Rates {
        low: DoseRate::ZERO,
        ..given(RATE)
    };
    ledger.enter(at(25 * 60), &perhaps);
    let dose = |low, high| DoseEstimate {
        low: Dose::from_nanograms(low),
        high: Dose::from_nanograms(high),
    };
    // 13 h of 25 were given: the first 13, of which 65 min have left the day, or the last 13.
    let booked = Booked {
        since: at(0),
        given: dose(0, 300_000),
        apart: Dose::ZERO,
    };
    ledger.settle(&booked, dose(156_000, 156_000));
    let day = ledger.window(Window::Day).given;
    assert_eq!(day, dose(143_000, 156_000));
}

#[test]
fn a_weighing_in_a_doubt_longer_than_a_day_hides_nothing_of_what_is_forgotten() {
    let half = DoseRate::from_nanograms_per_hour(6_000);
    let dose = Dose::from_nanograms;
    // 30 h in doubt, in the middle of which a weighing moves one end in four hours. What was counted may
    // all have been given first, or as little of it as can be: in the six hours that no window holds.
    for (low, counted, missing, extra, day) in [
        (DoseRate::ZERO, 180_000, 0, 48_000, [107_000, 180_000]),
        (half, 200_000, 60_000, 0, [127_000, 163_000]),
    ] {
        let mut ledger = Ledger::new(at(0));
        let doubtful = Rates { low, ..given(RATE) };
        ledger.enter(at(20 * 60), &doubtful);
        let apart = ledger.misplace(at(16 * 60), dose(missing), dose(extra));
        ledger.enter(at(30 * 60), &doubtful);
        let booked = Booked {
            since: at(0),
            given: DoseEstimate {
                low: dose(low.nanograms_per_hour() * 30),
                high: dose(360_000),
            },
            apart,
        };
        let counted = DoseEstimate {
            low: dose(counted),
            high: dose(counted),
        };
        ledger.settle(&booked, counted);
        let held = ledger.window(Window::Day).given;
        let [least, most] = day;
        assert!(held.low.nanograms() <= least, "{held:?} {day:?}");
        assert!(held.high.nanograms() >= most, "{held:?} {day:?}");
    }
}

/// Books of which all is in doubt from `since` on, in minutes, and half of it counted.
fn half_counted(since: u64, until: u64) -> DoseEstimate {
    let mut ledger = Ledger::new(at(0));
    ledger.enter(at(since), &given(DoseRate::ZERO));
    let low = DoseRate::ZERO;
    ledger.enter(at(until), &Rates { low, ..given(RATE) });
    let most = (until - since) * 200;
    let dose = Dose::from_nanograms;
    let booked = Booked {
        since: at(since),
        given: DoseEstimate {
            low: dose(0),
            high: dose(most),
        },
        apart: Dose::ZERO,
    };
    let counted = DoseEstimate {
        low: dose(most / 2),
        high: dose(most / 2),
    };
    ledger.settle(&booked, counted);
    ledger.window(Window::Day).given
}

#[test]
fn what_has_left_the_day_a_minute_ago_may_have_held_its_part_of_a_count() {
    // From minute 4 until minute 1442 the day that ends now holds all but one minute, of 200 ng.
    let day = half_counted(4, 1_442);
    assert_eq!(day.low, Dose::from_nanograms(143_800 - 200));
    assert_eq!(day.high, Dose::from_nanograms(143_800));
    // A bucket less, and all of it is held.
    let day = half_counted(6, 1_442);
    assert_eq!(day.low, day.high);
}

#[test]
fn a_weighing_from_before_the_doubt_keeps_no_part_of_a_count() {
    let dose = Dose::from_nanograms;
    let mut ledger = Ledger::new(at(0));
    ledger.enter(at(600), &given(RATE));
    ledger.enter(
        at(660),
        &Rates {
            low: DoseRate::ZERO,
            ..given(RATE)
        },
    );
    let apart = ledger.misplace(at(500), dose(0), dose(33_000));
    assert_eq!(apart, dose(33_000));
    let booked = Booked {
        since: at(600),
        given: DoseEstimate {
            low: dose(0),
            high: dose(12_000),
        },
        apart,
    };
    let before = ledger.window(Window::Day).given;
    let counted = DoseEstimate {
        low: dose(6_000),
        high: dose(6_000),
    };
    ledger.settle(&booked, counted);
    let after = ledger.window(Window::Day).given;
    assert_eq!(after.low, before.low.saturating_add(dose(6_000)));
    assert_eq!(after.high, before.high.saturating_sub(dose(6_000)));
}

#[test]
fn a_count_outside_the_interval_is_believed() {
    let dose = Dose::from_nanograms;
    let day = |counted| {
        let mut ledger = Ledger::new(at(0));
        ledger.enter(at(59), &given(RATE));
        let booked = Booked {
            since: at(0),
            given: ledger.window(Window::Day).given,
            apart: Dose::ZERO,
        };
        assert_eq!(booked.given.low, dose(11_800));
        ledger.settle(&booked, counted);
        ledger.window(Window::Day).given
    };
    let counted = |low, high| DoseEstimate {
        low: dose(low),
        high: dose(high),
    };
    // Twelve buckets, and the difference is whole in each of them.
    assert_eq!(day(counted(12_400, 13_000)), counted(11_800, 13_000));
    assert_eq!(day(counted(10_600, 11_200)), counted(10_600, 11_800));
    assert_eq!(day(counted(11_000, 12_000)), counted(11_800, 11_800));
}

proptest! {
    /// However the calls are cut, and whatever the rates, the sums are those of the buckets and
    /// agree with a plain list of everything that was ever entered.
    #[test]
    fn windows_agree_with_a_plain_list(steps in prop::collection::vec((1_u64..2_000_000, 0_u64..90_000), 1..200)) {
        let mut ledger = Ledger::new(Timestamp::ZERO);
        let (mut now, mut entries) = (0_u64, Vec::new());
        for (millis, rate) in steps {
            let rates = given(DoseRate::from_nanograms_per_hour(rate));
            ledger.enter(Timestamp::from_millis(now + millis), &rates);
            entries.push((now, now + millis, rate));
            now += millis;
        }
        for (window, buckets) in [(Window::Hour, 11), (Window::SixHours, 71), (Window::Day, 287)] {
            let from = (now / BUCKET_MILLIS).saturating_sub(buckets) * BUCKET_MILLIS;
            let plain: f64 = entries.iter()
                .map(|(start, end, rate)| end.saturating_sub(from.max(*start)) as f64 * *rate as f64 / 3.6e6)
                .sum();
            let summed = ledger.window(window).given.low.nanograms() as f64;
            prop_assert!((plain - summed).abs() < 2.0, "{window:?}: {plain} {summed}");
        }
        let mut again = ledger.clone();
        again.sum_again();
        prop_assert_eq!(again, ledger);
    }
}
