//! No time in what was stored lies after the moment of storing, but by as much as it may.

use super::{awaiting, course, moment, spoilt};
use crate::support::protocol;
use core::time::Duration;
use dose_controller::Damage;
use infusion_types::Timestamp;
use serde_json::{Value, json};

fn future(what: &'static str) -> Result<(), Damage> {
    Err(Damage::Future { what })
}

/// A moment as it stands in a state.
type Moment = fn(Timestamp) -> Value;

const PLAIN: Moment = moment;

/// Where a time stands, how, and what is told of one that lies after the moment of storing.
const TIMES: [(&str, Moment, &str); 50] = [
    ("/authorised_at", PLAIN, "an authorisation"),
    (
        "/pending",
        |at| json!({ "Dose": [300_000, 1, moment(at)] }),
        "an entry",
    ),
    (
        "/pending",
        |at| json!({ "Drug": [400, 1, moment(at)] }),
        "an entry",
    ),
    ("/discarded_at", PLAIN, "a discarded entry"),
    ("/catheter_since", PLAIN, "the catheter"),
    ("/therapy_since", PLAIN, "the start of therapy"),
    ("/idle_since", PLAIN, "a gap"),
    ("/infused_at", PLAIN, "an infusion"),
    ("/withdrawal_at", PLAIN, "a withdrawal"),
    ("/stop_gone_at", PLAIN, "the end of a stop"),
    ("/history/changes/11/0", PLAIN, "a change of plan"),
    ("/titration/latest/at", PLAIN, "an assessment"),
    ("/titration/before/at", PLAIN, "an assessment"),
    (
        "/titration/quarantined",
        |at| json!([moment(at), 30]),
        "an assessment",
    ),
    ("/titration/unresolved_since", PLAIN, "an assessment"),
    (
        "/titration/overdose",
        |at| json!({ "Suspected": moment(at) }),
        "an assessment",
    ),
    (
        "/reservoir/older/3",
        |at| json!({ "since": moment(at), "left": 1, "moved": 1, "weighed": true }),
        "a weighing",
    ),
    ("/reservoir/latest/since", PLAIN, "a weighing"),
    ("/reservoir/first_disagreement", PLAIN, "a weighing"),
    ("/refill/filled", PLAIN, "a refill"),
    (
        "/refill/refused",
        |at| json!([400, 1, moment(at)]),
        "a refill",
    ),
    (
        "/exchange/awaiting",
        |at| awaiting(7, 1, 0, at),
        "a word to or from the pump",
    ),
    (
        "/exchange/differs_since",
        PLAIN,
        "a word to or from the pump",
    ),
    ("/exchange/spoke", PLAIN, "a word to or from the pump"),
    ("/exchange/heard", PLAIN, "a word to or from the pump"),
    ("/own_count/last/began", PLAIN, "the pump's own count"),
    ("/alarms/called/0", PLAIN, "a call of an alarm"),
    ("/alarms/called/43", PLAIN, "a call of an alarm"),
    ("/timers/pressure", PLAIN, "a cause that lasts"),
    ("/timers/free_flow", PLAIN, "a cause that lasts"),
    ("/timers/stopped_flow", PLAIN, "a cause that lasts"),
    ("/timers/reverse_flow", PLAIN, "a cause that lasts"),
    ("/timers/temperature", PLAIN, "a cause that lasts"),
    ("/timers/stalled", PLAIN, "a cause that lasts"),
    ("/timers/air", PLAIN, "a cause that lasts"),
    ("/timers/much_air", PLAIN, "a cause that lasts"),
    ("/timers/silent", PLAIN, "a cause that lasts"),
    (
        "/timers/looked",
        |at| json!([moment(at), false]),
        "a cause that lasts",
    ),
    ("/refusals/0", PLAIN, "a refusal"),
    ("/refusals/2", PLAIN, "a refusal"),
    ("/security/alert", PLAIN, "a bad frame"),
    ("/security/three_at", PLAIN, "a bad frame"),
    ("/security/frames/1", PLAIN, "a bad frame"),
    ("/platform/clock_since", PLAIN, "the platform"),
    ("/platform/mains_since", PLAIN, "the platform"),
    ("/platform/log_since", PLAIN, "the platform"),
    ("/platform/wall/shows_since", PLAIN, "the platform"),
    ("/platform/wall/stepped_at", PLAIN, "the platform"),
    (
        "/platform/wall/last",
        |at| json!([moment(at), { "millis": 1_700_000_000_000_i64 }]),
        "the platform",
    ),
    (
        "/restarts/stops/1",
        |at| json!(["OcclusionDownstream", moment(at)]),
        "a stop",
    ),
];

#[test]
fn no_time_lies_after_the_moment_of_storing() {
    let saved = course().controller.saved();
    assert_eq!(saved.check(&protocol()), Ok(()));
    let now = saved.at();
    for (place, value, what) in TIMES {
        let last = spoilt(&saved, &[(place, value(now))]);
        assert!(
            !matches!(last, Err(Damage::Future { .. })),
            "{place}: {last:?}"
        );
        let later = now.after(Duration::from_millis(1));
        assert_eq!(
            spoilt(&saved, &[(place, value(later))]),
            future(what),
            "{place}"
        );
    }
}

#[test]
fn what_lies_ahead_lies_no_further_ahead_than_it_may() {
    let saved = course().controller.saved();
    let reading: Moment = |at| json!({ "at": moment(at), "value": 4_000_000 });
    let rows: [(&str, Moment, u64, &str); 4] = [
        ("/prime_until", PLAIN, 10, "the end of a prime"),
        ("/alarms/audio_until", PLAIN, 120, "a call of an alarm"),
        ("/drain/until", PLAIN, 120, "the drain"),
        ("/drain/before", reading, 120, "the drain"),
    ];
    for (place, value, seconds, what) in rows {
        let most = saved.at().after(Duration::from_secs(seconds));
        assert_eq!(spoilt(&saved, &[(place, value(most))]), Ok(()), "{place}");
        let later = most.after(Duration::from_millis(1));
        assert_eq!(
            spoilt(&saved, &[(place, value(later))]),
            future(what),
            "{place}"
        );
    }
}

#[test]
fn changes_of_plan_follow_each_other() {
    let saved = course().controller.saved();
    let same = ("/history/changes/4/0", moment(saved.at()));
    assert_eq!(spoilt(&saved, &[same]), future("a change of plan"));
}
