//! What is stored, as bytes: read back as it was, gone on with as if nothing had been, refused when it is
//! another.
//!
//! A host keeps a checksum beside the bytes (SR-61), which finds every single flip. What is looked at here is
//! what would be left of the defence without one.

use core::time::Duration;

use dose_controller::{Controller, Saved, guard};
use infusion_types::{
    Action, Assessment, Decision, DoseRate, Inputs, OrderKind, Reason, Send, Session, Timestamp,
};
use proptest::prelude::*;

use super::support::{HOUR, MINUTE, Pump, Rig, calm, drug, protocol, reads};

/// As a host writes it down.
pub(crate) fn bytes(saved: &Saved) -> Vec<u8> {
    let bytes = postcard::to_allocvec(saved).expect("a state can be written down");
    assert!(bytes.len() <= Saved::BYTES_MOST);
    bytes
}

/// As a host reads it back.
pub(crate) fn read(bytes: &[u8]) -> Option<Saved> {
    postcard::from_bytes(bytes).ok()
}

/// Milliseconds without a controller.
fn away() -> impl Strategy<Value = u64> {
    prop_oneof![1 => 1_u64..150_000, 2 => 150_000_u64..40_000_000]
}

/// Nanograms that a report can be worth while it counts, for two cycles of a minute: the strongest flow of these
/// courses is 60 µL/h of 500 µg/mL.
fn reported_at_most(millis: u64) -> u64 {
    if millis <= 120_000 {
        millis * 30_000 / 3_600_000 + 1
    } else {
        0
    }
}

/// What happens in a course before the reset.
#[derive(Clone, Debug)]
enum Event {
    Calm(u64),
    Wait(u64),
    Order(OrderKind),
    Unwell,
    Reads(f64, f64),
    Unread(bool),
}

fn event() -> impl Strategy<Value = Event> {
    let orders = prop_oneof![
        Just(OrderKind::Pause),
        Just(OrderKind::Resume),
        Just(OrderKind::SkipDecrement),
        Just(OrderKind::FlagWithdrawal),
        Just(OrderKind::Authorise(300.0)),
        Just(OrderKind::SetConcentration(400.0)),
        (5_000.0..19_000.0).prop_map(OrderKind::VolumeCheck),
    ];
    prop_oneof![
        4 => (1_u64..20).prop_map(Event::Calm),
        3 => (1_u64..5_000_000).prop_map(Event::Wait),
        3 => orders.prop_map(Event::Order),
        1 => Just(Event::Unwell),
        2 => (10.0..50.0, 1.0..60.0).prop_map(|(flow, pressure)| Event::Reads(flow, pressure)),
        1 => any::<bool>().prop_map(Event::Unread),
    ]
}

fn sheet(now: Timestamp) -> Assessment {
    Assessment {
        itch: Ok(6.0),
        heart_rate_per_min: Ok(124.0),
        ..calm(now)
    }
}

/// A therapy in which this has happened.
fn course(events: &[Event]) -> Rig {
    let mut rig = Rig::new(protocol());
    rig.start(400.0);
    for event in events {
        match event {
            Event::Calm(hours) => {
                rig.run(HOUR * u32::try_from(*hours).expect("hours"));
            }
            Event::Wait(millis) => {
                rig.run(Duration::from_millis(*millis));
            }
            Event::Order(what) => {
                rig.both_order(*what);
            }
            Event::Unwell => {
                rig.enter(sheet(rig.now));
            }
            Event::Reads(flow, pressure) => {
                rig.pump.sensors.flow_ul_per_h = reads(*flow);
                rig.pump.sensors.pressure_kpa = reads(*pressure);
            }
            Event::Unread(unread) => rig.pump.unread = *unread,
        }
    }
    rig
}

/// The next decisions of a controller while the pump goes on as it is.
fn decisions(rig: &Rig, controller: Controller, count: u32) -> Vec<Decision> {
    let mut rig = rig.clone();
    rig.controller = controller;
    let step = |rig: &mut Rig| {
        let telemetry = rig.telemetry();
        let decision = rig.step_with(&telemetry, None, &[]);
        rig.now = rig.controller.poll_timeout();
        decision
    };
    (0..count).map(|_| step(&mut rig)).collect()
}

proptest! {
    #![proptest_config(super::config(200))]

    /// SR-56: bit by bit the same.
    #[test]
    fn what_is_written_is_what_is_read(events in prop::collection::vec(event(), 0..12), away in 0_u64..40_000_000) {
        let mut rig = course(&events);
        let saved = rig.controller.saved();
        let again = read(&bytes(&saved)).expect("it was written a moment ago");
        prop_assert_eq!(&again, &saved);
        prop_assert_eq!(bytes(&again), bytes(&saved));
        prop_assert_eq!(again.check(rig.controller.protocol()), Ok(()));
        rig.now = rig.now.after(Duration::from_millis(away));
        let back = |saved: Saved| Controller::resume(protocol(), Session::new(7), Some(saved), rig.now);
        // A second reset before the first cycle is none.
        let twice = back(again.clone()).saved();
        prop_assert_eq!(twice.check(rig.controller.protocol()), Ok(()));
        prop_assert_eq!(back(twice).saved(), back(again).saved());
    }

    /// SR-56: windows, plan and deficit of one that was away are those of one that slept for as long.
    ///
    /// What is restored is what was stored. What flows while nobody is there is another matter: for one that slept
    /// the last report counts for two cycles (SR-30), its flow and state among it, and for one that was away no
    /// report from before does. After two cycles neither knows more than the other.
    #[test]
    fn away_is_as_good_as_asleep(events in prop::collection::vec(event(), 0..12), away in away()) {
        let mut rig = course(&events);
        let asleep = rig.controller.clone();
        let saved = read(&bytes(&rig.controller.saved()));
        rig.now = rig.now.after(Duration::from_millis(away));
        let back = Controller::resume(protocol(), Session::new(7), saved, rig.now);
        let awake = decisions(&rig, back, 30);
        let (one, other) = (awake[0], decisions(&rig, asleep, 1)[0]);
        prop_assert_eq!(one.planned_24h, other.planned_24h);
        let (one_given, other_given) = (one.estimate_24h, other.estimate_24h);
        for (one, other) in [(one_given.low, other_given.low), (one_given.high, other_given.high)] {
            let apart = one.nanograms().abs_diff(other.nanograms());
            prop_assert!(apart <= reported_at_most(away), "{one_given:?} {other_given:?}");
        }
        if one_given == other_given {
            prop_assert_eq!(one.deficit_permille, other.deficit_permille);
        }
        let rung = awake.iter().chain([&other]).any(|it| matches!(it.reason, Reason::Decremented { .. }));
        prop_assert!(rung || awake[29].plan == other.plan);
    }

    /// Any bytes at all, and another rate wherever the plan stood: no state, one that is refused and infuses
    /// nothing, or one that keeps to the ceiling. The pump was exchanged, so it has to be told.
    #[test]
    fn spoilt_bytes_infuse_nothing_above_the_ceiling(
        rate in prop::option::weighted(0.8, 16_384_u64..200_000),
        spoils in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let mut rig = course(&[Event::Calm(5)]);
        let planned = number(rig.step(None, &[]).plan.nanograms_per_hour());
        rig.pump = Pump::new();
        let mut spoilt = bytes(&rig.controller.saved());
        if let Some(rate) = rate {
            replace(&mut spoilt, &planned, &number(rate));
        }
        for (index, byte) in spoils {
            let at = index.index(spoilt.len());
            spoilt[at] = byte;
        }
        if let Some(saved) = read(&spoilt) {
            let refused = saved.check(&protocol()).is_err();
            let back = Controller::resume(protocol(), Session::new(7), Some(saved), rig.now);
            let after = decisions(&rig, back, 30);
            for rate in after.iter().filter_map(infuses) {
                prop_assert!(!refused && rate <= highest(), "refused: {refused}, {rate:?}");
            }
            prop_assert!(!refused || after.iter().all(|it| !it.mode.infuses()));
        }
    }
}

/// As a number is written down.
fn number(count: u64) -> Vec<u8> {
    postcard::to_allocvec(&count).expect("a number can be written down")
}

/// Puts other bytes in the place of these, wherever they stand.
fn replace(bytes: &mut [u8], these: &[u8], others: &[u8]) {
    assert_eq!(these.len(), others.len(), "every rate takes three bytes");
    let end = bytes.len() - these.len();
    let found: Vec<usize> = (0..=end)
        .filter(|at| bytes[*at..].starts_with(these))
        .collect();
    assert!(found.len() >= 3, "plan, limit and history: {found:?}");
    for at in found {
        bytes[at..at + others.len()].copy_from_slice(others);
    }
}

/// The rate at which the pump is told to infuse.
fn infuses(decision: &Decision) -> Option<DoseRate> {
    let Send::Command(command) = decision.send else {
        return None;
    };
    match command.action {
        Action::Infuse { rate, .. } => Some(rate.get()),
        Action::Prime { .. } | Action::Stop { .. } => None,
    }
}

/// The ceiling as an authorised dose can be rounded to it: to the grid of the strongest drug at most.
fn highest() -> DoseRate {
    let protocol = protocol();
    let quantum = guard::quantum(protocol.limits(), drug(10_000));
    let ceiling = protocol.limits().ceiling.rate();
    ceiling.saturating_add(quantum)
}

/// How a single flip ended.
#[derive(Clone, Copy, Debug, Default)]
struct Flips {
    no_state: u32,
    no_such_state: u32,
    same_commands: u32,
    other_commands: u32,
}

#[test]
fn every_single_flip_is_refused_or_leaves_the_plan_as_it_is() {
    let mut rig = course(&[
        Event::Calm(20),
        Event::Unwell,
        Event::Calm(9),
        Event::Reads(33.0, 2.0),
        Event::Wait(100_000),
    ]);
    let whole = bytes(&rig.controller.saved());
    rig.now = rig.now.after(MINUTE);
    let resumed = |saved| Controller::resume(protocol(), Session::new(7), Some(saved), rig.now);
    let usual = decisions(&rig, resumed(read(&whole).expect("whole")), 30);
    let ceiling = protocol().limits().ceiling.rate();
    let sends = |all: &[Decision]| all.iter().map(|it| it.send).collect::<Vec<_>>();
    let mut flips = Flips::default();
    for bit in 0..whole.len() * 8 {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let Some(saved) = read(&flipped) else {
            flips.no_state += 1;
            continue;
        };
        if saved.check(&protocol()).is_err() {
            flips.no_such_state += 1;
            // Whoever goes on with it all the same has nothing.
            let first = decisions(&rig, resumed(saved), 1)[0];
            assert!(
                first
                    .alarms
                    .active
                    .contains(infusion_types::Alarm::PlanCorrupt)
            );
            assert!(!matches!(first.send, Send::Command(_)));
            continue;
        }
        let after = decisions(&rig, resumed(saved), 30);
        for (seen, usual) in after.iter().zip(&usual) {
            let stopped = !seen.mode.infuses();
            assert!(seen.plan == usual.plan || stopped, "bit {bit}: {seen:?}");
            if let Some(rate) = infuses(seen) {
                // Of another drug than before, the plan is rounded to another grid; a pump takes no such
                // command (SR-74).
                let apart = rate.nanograms_per_hour();
                let apart = apart.abs_diff(usual.plan.nanograms_per_hour());
                assert!(rate <= ceiling && apart <= 100, "bit {bit}: {seen:?}");
            }
        }
        if sends(&after) == sends(&usual) {
            flips.same_commands += 1;
        } else {
            flips.other_commands += 1;
        }
    }
    println!("{} bytes: {flips:?}", whole.len());
    let all = flips.no_state + flips.no_such_state + flips.same_commands + flips.other_commands;
    assert!(flips.no_state + flips.no_such_state > all / 2, "{flips:?}");
}

#[test]
fn no_state_takes_more_bytes_than_is_said() {
    // A number of n bytes takes at most n + 1 for each seven bits, so at most a quarter more, and a count
    // of two bytes three; tags and flags take one each, where memory may hide them.
    let tags = 1_024;
    assert!(size_of::<Saved>() * 5 / 4 + tags <= Saved::BYTES_MOST);
    let rig = course(&[Event::Calm(19), Event::Calm(19), Event::Calm(19)]);
    let inputs = Inputs {
        telemetry: &rig.pump.telemetry(rig.now),
        assessment: None,
        orders: &[],
        host: &rig.host,
    };
    let mut controller = rig.controller.clone();
    controller.step(rig.now, &inputs);
    let size = bytes(&controller.saved()).len();
    println!("{size} bytes after 57 h, {} at most", Saved::BYTES_MOST);
    assert!(size > 3_000);
}
