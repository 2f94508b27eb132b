//! The reservoir on the scales: one weighing is doubted, two that agree are believed.

use infusion_types::{Alarm, Decision, OrderKind};

use crate::started;
use crate::support::{ANNA, HOUR, MINUTE, Rig, SECOND, protocol};

const ODD: Alarm = Alarm::ReservoirDiscrepancy;

fn after(daily_ug: f64, hours: u32) -> Rig {
    let mut rig = Rig::new(protocol());
    rig.start(daily_ug);
    rig.run(HOUR * hours);
    rig
}

/// Somebody reads off the scales what the books say, and so many microlitres more.
fn weigh(rig: &mut Rig, more_ul: f64) -> Decision {
    // 500 ng in each microlitre, and 199 µL have filled the open line.
    let infused = u32::try_from(rig.pump.infused() / 500).expect("less than a reservoir");
    let left = 20_000.0 - 199.0 - f64::from(infused) + more_ul;
    rig.order(ANNA, OrderKind::VolumeCheck(left))
}

/// Whether a weighing that is off by so much has to be repeated.
fn is_doubted(rig: &Rig, more_ul: f64) -> bool {
    let mut rig = rig.clone();
    weigh(&mut rig, more_ul);
    rig.run(MINUTE * 15).asks.weighing
}

#[test]
fn scales_and_pump_may_be_off_by_so_much() {
    // Four sigma of the scales are 200 µL, and 14.5 % of 67 µL are 10 µL.
    let early = after(400.0, 2);
    // A fifth of the plan of 23 h at 800 µg/day are 307 µL, and 14.5 % of 1,533 µL are 222 µL.
    let late = after(800.0, 23);
    for (rig, agrees, differs) in [(early, 207.0, 212.0), (late, 526.0, 532.0)] {
        for sign in [1.0, -1.0] {
            assert!(!is_doubted(&rig, agrees * sign), "{agrees}");
            assert!(is_doubted(&rig, differs * sign), "{differs}");
        }
    }
}

#[test]
fn four_sigma_of_the_scales_are_doubted_and_a_nanolitre_less_is_not() {
    // Just filled, and nothing has moved: the pump explains none of it.
    let mut rig = started();
    rig.order(ANNA, OrderKind::Refilled(20_000.0));
    for (weighed, doubted) in [
        (19_800.0, true),
        (19_800.001, false),
        (20_199.999, false),
        (20_200.0, true),
    ] {
        let mut rig = rig.clone();
        rig.order(ANNA, OrderKind::VolumeCheck(weighed));
        let asked = rig.run(MINUTE * 15).asks.weighing;
        assert_eq!(asked, doubted, "{weighed}");
    }
}

#[test]
fn a_weighing_that_does_not_agree_is_asked_for_again_and_then_believed() {
    for (more_ul, far) in [(-1_000.0, 500_000), (600.0, 300_000)] {
        let mut rig = after(800.0, 23);
        let before = rig.step(None, &[]).estimate_24h;
        assert_eq!(before.low, before.high);
        let first = weigh(&mut rig, more_ul);
        assert!(!first.asks.weighing && !first.alarms.active.contains(ODD));
        rig.run(MINUTE * 5);
        let hasty = weigh(&mut rig, more_ul);
        assert!(!hasty.alarms.active.contains(ODD), "too soon");
        assert_eq!(hasty.estimate_24h.low, hasty.estimate_24h.high);
        assert!(!rig.run(MINUTE * 10 - SECOND).asks.weighing);
        assert!(rig.run(SECOND).asks.weighing);
        let second = weigh(&mut rig, more_ul);
        assert!(second.alarms.condition.contains(ODD));
        assert!(!second.asks.weighing);
        let open = second.estimate_24h;
        let width = open.high.saturating_sub(open.low).nanograms();
        // Placed evenly since the last weighing that agreed, or the filling: also where nothing was given.
        assert!(width <= far && width > far - far / 50, "{width}");
        // What is missing was not given; what has gone beyond the books may have been.
        let given = u64::try_from(rig.pump.infused()).expect("a dose");
        let end = if more_ul > 0.0 { open.high } else { open.low };
        assert!(end.nanograms().abs_diff(given) <= 2, "{open:?} {given}");
        // From here on the books are those of the scales.
        let third = weigh(&mut rig, more_ul);
        assert!(!third.alarms.condition.contains(ODD));
    }
}

#[test]
fn a_second_weighing_that_agrees_takes_the_doubt_back() {
    let mut rig = after(400.0, 2);
    weigh(&mut rig, 900.0);
    rig.run(MINUTE * 15);
    let agrees = weigh(&mut rig, 0.0);
    assert!(agrees.alarms.active.is_empty());
    assert!(!rig.run(HOUR).asks.weighing);
    weigh(&mut rig, 900.0);
    assert!(!rig.run(MINUTE * 14).asks.weighing, "it begins anew");
}

/// Every eight hours somebody weighs a reservoir that nothing has left since `hours` after the start, and again where
/// that is wanted; hours from then until AL-17.
fn shows_a_blocked_line(daily_ug: f64, hours: u32, most: u32) -> Option<u32> {
    let mut rig = after(daily_ug, hours);
    let before = rig.pump.infused();
    for round in 1..=most / 8 {
        rig.run(HOUR * 8);
        for _ in 0..2 {
            let came = rig.pump.infused() - before;
            let kept = u32::try_from(came / 500).expect("less than a reservoir");
            let said = weigh(&mut rig, f64::from(kept));
            if said.alarms.condition.contains(ODD) {
                return Some(round * 8);
            }
            rig.run(MINUTE * 15);
        }
    }
    None
}

#[test]
fn what_the_scales_cannot_tell_from_one_weighing_to_the_next_adds_up_over_days() {
    // In eight hours at 200 µg/day come 133 µL, of the 200 µL and more that scales may be off by, and less from rung to
    // rung. The fill is nobody's weighing, so the first of them is the one to go by: 250 µL from there, and 14.5 % of
    // what was to come.
    let shown = shows_a_blocked_line(200.0, 16, 72);
    assert_eq!(shown, Some(40));
    // What comes more slowly takes longer. Half a day lies between those that it is held against, or they would not reach
    // back far enough.
    assert_eq!(shows_a_blocked_line(150.0, 16, 120), Some(56));
}

#[test]
fn a_pump_that_is_off_as_much_as_it_may_be_is_never_doubted_over_days() {
    let mut rig = after(240.0, 1);
    for _ in 0..12 {
        rig.run(HOUR * 8);
        let moved =
            f64::from(u32::try_from(rig.pump.infused() / 500).expect("less than a reservoir"));
        let said = weigh(&mut rig, -0.1 * moved);
        assert!(!said.asks.weighing && said.alarms.active.is_empty());
        assert!(!rig.run(MINUTE * 15).asks.weighing);
    }
}

#[test]
fn what_the_weighing_before_does_not_share_was_the_error_of_the_latest() {
    // 200 µL a day: from one weighing to the next the scales count, and next to nothing that the pump may be off by.
    for sign in [1.0, -1.0] {
        let mut rig = after(100.0, 1);
        weigh(&mut rig, 0.0);
        rig.run(HOUR * 13);
        // Three sigma off, by chance.
        assert!(!is_doubted(&rig, -150.0 * sign));
        weigh(&mut rig, -150.0 * sign);
        rig.run(HOUR * 8);
        for (more_ul, doubted) in [(70.0, false), (199.0, false), (201.0, true)] {
            assert_eq!(is_doubted(&rig, more_ul * sign), doubted, "{more_ul}");
        }
        // In the other direction it shares nothing, however far that is.
        assert!(!is_doubted(&rig, 0.0));
    }
    // With one weighing alone there is nobody to ask.
    let mut rig = after(100.0, 1);
    weigh(&mut rig, -150.0);
    rig.run(HOUR * 8);
    assert!(is_doubted(&rig, 70.0));
}
