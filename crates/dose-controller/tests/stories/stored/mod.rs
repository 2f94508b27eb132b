//! What was stored, spoilt one thing at a time: each is refused, and named.
//!
//! The last value that can be is taken, and the first one that cannot be is not. What is written down by
//! name is the same state as what a host writes down as bytes.

mod times;

use crate::started;
use crate::support::{ANNA, DAY, HOUR, Rig, drug, protocol};
use core::time::Duration;
use dose_controller::{Damage, Saved, guard};
use infusion_types::{Alarm, AlarmSet, DoseRate, OrderKind, Timestamp, Volume};
use serde_json::{Value, json};

/// Where something stands in what was stored, and what is put there.
type Spoil = (&'static str, Value);

/// A therapy of more than a day: every bucket of the books has been filled.
fn course() -> Rig {
    let mut rig = started();
    rig.run(HOUR * 26);
    rig
}

/// A state in which these were changed.
fn with(saved: &Saved, spoils: &[Spoil]) -> Saved {
    let mut named = serde_json::to_value(saved).expect("a state can be written down");
    for (place, value) in spoils {
        let slot = named.pointer_mut(place);
        *slot.unwrap_or_else(|| panic!("{place} is no part of a state")) = value.clone();
    }
    serde_json::from_value(named).expect("it reads well")
}

/// What a controller says of a state in which these were changed.
fn spoilt(saved: &Saved, spoils: &[Spoil]) -> Result<(), Damage> {
    with(saved, spoils).check(&protocol())
}

fn contradicts(what: &'static str) -> Result<(), Damage> {
    Err(Damage::Contradiction { what })
}

fn moment(at: Timestamp) -> Value {
    json!({ "millis": at.millis() })
}

/// A command that waits for its read-back.
fn awaiting(session: u32, sequence: u32, retries: u8, sent: Timestamp) -> Value {
    let lease = json!({ "secs": 90, "nanos": 0 });
    let action = json!({ "Infuse": { "at": 500, "rate": 10_000 } });
    let command =
        json!({ "session": session, "sequence": sequence, "action": action, "lease": lease });
    json!({ "command": command, "sent": moment(sent), "retries": retries })
}

/// What is put in which place, and what is told of it; nothing where it can be.
type Row = (Vec<Spoil>, Option<&'static str>);

fn check(saved: &Saved, rows: impl IntoIterator<Item = Row>) {
    for (spoils, what) in rows {
        let told = what.map_or(Ok(()), contradicts);
        assert_eq!(spoilt(saved, &spoils), told, "{spoils:?}");
    }
}

/// The highest rate that an authorised dose can have come to.
fn highest() -> u64 {
    let limits = *protocol().limits();
    let quantum = guard::quantum(&limits, drug(10_000));
    let most = limits.ceiling.rate().saturating_add(quantum);
    most.nanograms_per_hour()
}

#[test]
fn no_dose_is_above_the_ceiling_or_beside_the_plan() {
    let saved = course().controller.saved();
    let ceiling = DoseRate::from_nanograms_per_hour(highest());
    let at = |place, rate: u64| (place, json!(rate));
    let newest = "/history/changes/11/1";
    let all = |rate| vec![at("/plan", rate), at("/limit", rate), at(newest, rate)];
    let above = |rate| Damage::Limit {
        limit: DoseRate::from_nanograms_per_hour(rate),
        ceiling,
    };
    let most = highest();
    assert_eq!(spoilt(&saved, &all(most)), Ok(()));
    assert_eq!(spoilt(&saved, &all(most + 1)), Err(above(most + 1)));
    for place in ["/authorised", "/gap_plan"] {
        assert_eq!(spoilt(&saved, &[at(place, most)]), Ok(()));
        assert_eq!(spoilt(&saved, &[at(place, most + 1)]), Err(above(most + 1)));
    }
    for place in ["/plan", "/limit"] {
        let beside = spoilt(&saved, &[at(place, 9_000)]);
        assert!(
            matches!(beside, Err(Damage::Plan { .. })),
            "{place}: {beside:?}"
        );
    }
    let session = "the plan of a session";
    check(
        &saved,
        [
            (all(0), Some(session)),
            (vec![at(newest, 9_000)], Some(session)),
        ],
    );
    // Where no session is, there is no plan, whatever limit the last one left behind.
    let idle = Rig::new(protocol()).controller.saved();
    assert_eq!(spoilt(&idle, &[at("/limit", 9_000)]), Ok(()));
    let planned = spoilt(&idle, &[at("/plan", 9_000)]);
    assert!(matches!(planned, Err(Damage::Plan { .. })), "{planned:?}");
    let ended = spoilt(&saved, &[at("/plan", 0)]);
    assert!(matches!(ended, Err(Damage::Plan { .. })), "{ended:?}");
}

#[test]
fn a_refused_state_is_told_until_somebody_has_seen_just_that() {
    let lost = Alarm::PlanCorrupt;
    let mut rig = course();
    let saved = with(&rig.controller.saved(), &[("/plan", json!(1))]);
    rig.restart(HOUR, Some(saved));
    let stands = |rig: &mut Rig| rig.run(HOUR).alarms.condition.contains(lost);
    assert!(stands(&mut rig));
    for other in Alarm::ALL.into_iter().filter(|other| *other != lost) {
        rig.order(ANNA, OrderKind::Acknowledge(other));
    }
    assert!(stands(&mut rig));
    rig.order(ANNA, OrderKind::Acknowledge(lost));
    assert!(!stands(&mut rig));
}

#[test]
fn the_windows_are_the_sums_of_their_stretches() {
    let windows = Some("the windows");
    let empty = Rig::new(protocol()).controller.saved();
    let until = |millis: u64| ("/ledger/fills_until", json!({ "millis": millis }));
    let place = |index: u64| ("/ledger/filling", json!(index));
    let session = |millis: u64| -> Vec<Spoil> {
        [
            "/ledger/buckets/0/in_session",
            "/ledger/sums/0/in_session",
            "/ledger/sums/1/in_session",
            "/ledger/sums/2/in_session",
        ]
        .map(|place| (place, json!(millis)))
        .to_vec()
    };
    check(
        &empty,
        [
            (vec![until(1)], None),
            (vec![until(0)], windows),
            (vec![until(300_000)], None),
            (vec![until(300_001)], windows),
            (vec![place(287)], None),
            (vec![place(288)], windows),
            (session(300_000), None),
            (session(300_001), windows),
            (vec![("/ledger/sums/1/planned", json!(1))], windows),
            (
                vec![("/ledger/entered_until", json!({ "millis": 1 }))],
                windows,
            ),
        ],
    );
}

#[test]
fn a_schedule_is_one_that_can_have_become_so() {
    let saved = course().controller.saved();
    let now = saved.at();
    let schedule = Some("the schedule");
    let due = |at| vec![("/wean/due", moment(at))];
    let later = |at: Timestamp| at.after(Duration::from_millis(1));
    let low = |at| vec![("/wean/low_since", moment(at))];
    check(
        &saved,
        [
            (vec![("/wean", Value::Null)], schedule),
            (due(now.after(DAY)), None),
            (due(later(now.after(DAY))), schedule),
            (low(now), None),
            (low(later(now)), schedule),
            (vec![("/wean/initial", json!(highest()))], None),
            (vec![("/wean/initial", json!(highest() + 1))], schedule),
        ],
    );
}

#[test]
fn scores_are_scores_of_their_scales() {
    let saved = course().controller.saved();
    let seen = Some("what was observed");
    let look = |tone: u8, rise: u8, signs: u8| json!({ "at": moment(Timestamp::ZERO), "tone": tone, "rise": rise, "signs": signs, "contradicts": false });
    let jumped = |tone: u8| {
        vec![(
            "/titration/quarantined",
            json!([moment(Timestamp::ZERO), tone]),
        )]
    };
    let mut rows: Vec<Row> = vec![(jumped(30), None), (jumped(31), seen)];
    for place in ["/titration/latest", "/titration/before"] {
        rows.extend([
            (vec![(place, look(40, 40, 5))], None),
            (vec![(place, look(41, 40, 5))], seen),
            (vec![(place, look(30, 31, 5))], seen),
            (vec![(place, look(40, 40, 6))], seen),
        ]);
    }
    check(&saved, rows);
}

#[test]
fn what_is_in_the_line_and_the_reservoir_can_have_been_filled_in() {
    let saved = course().controller.saved();
    let line = Some("the line");
    let tip = |drug: u32| vec![("/contents/at_tip", json!(drug))];
    let fronts = |list: Value| vec![("/contents/coming", list)];
    let most = Volume::MOST.nanolitres();
    let empty = |volume: u64| vec![("/contents/empty", json!(volume))];
    let left = |volume: u64| vec![("/reservoir/latest/left", json!(volume))];
    let older = |volume: u64| {
        let books = json!({ "since": moment(Timestamp::ZERO), "left": volume, "moved": 0, "weighed": true });
        vec![("/reservoir/older/2", books)]
    };
    let primed = |volume: u64| vec![("/primed", json!(volume))];
    check(
        &saved,
        [
            (tip(1), None),
            (tip(0), line),
            (tip(10_000), None),
            (tip(10_001), line),
            (fronts(json!([[2_000, 507_000], [400, 1], null])), None),
            (fronts(json!([[2_000, 507_001], null, null])), line),
            (fronts(json!([[0, 1], null, null])), line),
            (fronts(json!([[2_000, 1], [400, 507_001], null])), line),
            (fronts(json!([null, [2_000, 1], null])), line),
            (empty(most), None),
            (empty(most + 1), line),
            (left(most), None),
            (left(most + 1), Some("the reservoir")),
            (older(most), None),
            (older(most + 1), Some("the reservoir")),
            (primed(199_000), None),
            (primed(199_001), Some("the prime")),
        ],
    );
}

#[test]
fn numbers_of_commands_are_ones_that_can_have_been_given() {
    let rig = course();
    let saved = rig.controller.saved();
    let (now, given) = (saved.at(), rig.pump.sequence());
    let exchange = Some("the exchange");
    let waits = |session, sequence, retries| {
        let command = awaiting(session, sequence, retries, now);
        vec![("/exchange/awaiting", command)]
    };
    let read = |place, session: u32, sequence: u32| {
        let action = json!({ "Stop": { "cause": "Paused", "clamp": false } });
        let told = json!({ "session": session, "sequence": sequence, "action": action });
        vec![(place, told)]
    };
    let mut rows: Vec<Row> = vec![
        (waits(7, given, 2), None),
        (waits(7, given, 3), exchange),
        (waits(7, given - 1, 0), exchange),
        (waits(7, given + 1, 0), exchange),
        (waits(8, given, 0), exchange),
    ];
    for place in ["/exchange/accepted", "/exchange/confirmed"] {
        rows.extend([
            (read(place, 7, given), None),
            (read(place, 7, given + 1), exchange),
            (read(place, 8, given + 1), None),
        ]);
    }
    check(&saved, rows);
}

#[test]
fn the_panel_shows_what_a_panel_can_show() {
    let saved = course().controller.saved();
    let panel = Some("the panel");
    let bits = |alarms: &[Alarm]| {
        let set: AlarmSet = alarms.iter().copied().collect();
        serde_json::to_value(set).expect("a set can be written down")
    };
    // One that latches, and one that does not.
    let (latching, passing) = (Alarm::BatteryCritical, Alarm::ReservoirLow);
    let both = bits(&[latching, passing]);
    let standing = |more: &[(&'static str, Alarm)]| -> Vec<Spoil> {
        let base = ["/alarms/panel/active", "/alarms/panel/condition"];
        let base = base.map(|place| (place, both.clone()));
        let more = more.iter().map(|(place, alarm)| (*place, bits(&[*alarm])));
        base.into_iter().chain(more).collect()
    };
    let other = Alarm::LinkLost;
    let [escalated, high] = ["/alarms/panel/escalated", "/alarms/panel/raised_to_high"];
    let [acknowledged, sounding] = ["/alarms/panel/acknowledged", "/alarms/panel/sounding"];
    let [by_one, to_high] = ["/alarms/raised/by_one", "/alarms/raised/to_high"];
    let unanswered = "/alarms/unanswered";
    let latched = |condition, latched: Alarm| {
        let mut spoils = standing(&[("/alarms/panel/latched", latched)]);
        spoils[1].1 = bits(&[condition]);
        spoils
    };
    let up = (escalated, passing);
    check(
        &saved,
        [
            (standing(&[]), None),
            (vec![("/alarms/panel/condition", both.clone())], panel),
            (vec![("/alarms/panel/active", both.clone())], panel),
            (latched(passing, latching), None),
            (latched(latching, passing), panel),
            (standing(&[("/alarms/panel/latched", latching)]), panel),
            (standing(&[(acknowledged, passing)]), None),
            (standing(&[(acknowledged, other)]), panel),
            (standing(&[up, (high, passing)]), None),
            (standing(&[(high, passing)]), panel),
            (standing(&[(escalated, other)]), panel),
            (standing(&[up, (by_one, passing)]), None),
            (standing(&[(by_one, passing)]), panel),
            (standing(&[up, (by_one, passing), (to_high, passing)]), None),
            (standing(&[up, (to_high, passing)]), panel),
            (standing(&[up, (unanswered, passing)]), None),
            (standing(&[(unanswered, passing)]), panel),
            (standing(&[(sounding, passing)]), None),
            (standing(&[(sounding, other)]), panel),
            (
                standing(&[(sounding, passing), (acknowledged, passing)]),
                panel,
            ),
        ],
    );
}

#[test]
fn a_mode_fits_to_what_people_wanted_and_to_what_has_run() {
    let saved = course().controller.saved();
    let now = moment(saved.at());
    let mode = |name: &str| ("/mode", json!(name));
    let yes = |place| (place, json!(true));
    let idle = || ("/idle_since", now.clone());
    let cause = || ("/stopped_by", json!("Ordered"));
    let began_now = || ("/therapy_since", now.clone());
    let (stopped, gap) = (
        Some("a therapy that somebody stopped"),
        Some("a gap in a therapy that runs"),
    );
    let start = Some("the start of a therapy");
    let mut rows: Vec<Row> = vec![
        (vec![("/therapy_since", Value::Null)], start),
        (vec![mode("Idle")], start),
        (vec![mode("Complete")], None),
        (vec![mode("Fallback")], None),
        (vec![mode("Fallback"), idle(), yes("/ordered_stop")], None),
        (vec![mode("Paused"), idle()], None),
        (vec![mode("Paused")], Some("a pause without a beginning")),
        (vec![mode("Stopped"), idle(), cause()], None),
        (
            vec![mode("Stopped"), cause()],
            Some("a stop without a cause"),
        ),
        (
            vec![mode("Stopped"), idle()],
            Some("a stop without a cause"),
        ),
    ];
    for name in ["Active", "Hold"] {
        rows.extend([
            (vec![mode(name)], None),
            (vec![mode(name), yes("/ordered_stop")], stopped),
            (vec![mode(name), yes("/ordered_pause")], stopped),
            (vec![mode(name), yes("/ordered_pause"), began_now()], None),
            (vec![mode(name), yes("/ordered_stop"), began_now()], stopped),
            (vec![mode(name), idle()], gap),
            (vec![mode(name), idle(), yes("/dry")], None),
        ]);
    }
    check(&saved, rows);
    // A controller that has just been switched on has no therapy behind it.
    let new = Rig::new(protocol()).controller.saved();
    let zero = || ("/therapy_since", json!({ "millis": 0 }));
    check(&new, [(vec![zero()], start)]);
}
