//! What is learned of the peer's clock, how slowly it follows, and when somebody is told.

use control_link::{Body, Direction, Receiver, Refusal, Sender};
use infusion_types::{PeerClock, Telemetry, Timestamp};
use proptest::prelude::*;

use crate::support::{at, config, exactly, full_report, receiver, sender};

/// A pump's clock, and the way to a controller.
struct Way {
    pump: Sender,
    controller: Receiver,
}

impl Way {
    fn new() -> Self {
        Self {
            pump: sender(),
            controller: receiver(Direction::Up),
        }
    }

    /// A report that leaves at `sent` on the pump's clock and comes at `now` on the controller's.
    fn report(&mut self, sent: u64, now: u64) -> Result<Telemetry, Refusal> {
        let frame = self.pump.seal_report(at(sent), &full_report(at(sent)));
        let frame = frame.expect("numbers are left");
        let message = self.controller.open(at(now), frame.bytes())?;
        match message.body {
            Body::Report(report) => Ok(report),
            Body::Command(_) | Body::Ping => panic!("a report is a report"),
        }
    }

    fn offset(&self) -> i64 {
        self.controller.offset_ms().expect("a frame was let in")
    }

    fn state(&self) -> PeerClock {
        self.controller.peer_clock()
    }
}

#[test]
fn times_arrive_on_the_receivers_clock() {
    for (sent, now) in [(500, 90_000), (90_000, 500), (u64::MAX, 7), (7, u64::MAX)] {
        let mut way = Way::new();
        assert_eq!(way.state(), PeerClock::Agrees, "nothing is known");
        let arrived = way.report(sent, now).expect("a sound frame");
        assert_eq!(exactly(&arrived), exactly(&full_report(at(now))));
    }
}

#[test]
fn times_that_ones_own_clock_cannot_show_come_to_its_ends() {
    let mut way = Way::new();
    way.report(90_000, 500).expect("a sound frame");
    let mut report = full_report(at(90_100));
    for (sample, local) in [
        (0, 0),
        (89_500, 0),
        (89_501, 1),
        (u64::MAX, u64::MAX - 89_500),
    ] {
        report.motion = Ok(infusion_types::Sample::new(at(sample), true));
        let frame = way.pump.seal_report(at(90_100), &report);
        let frame = frame.expect("numbers are left");
        let message = way.controller.open(at(600), frame.bytes());
        let Ok(Body::Report(arrived)) = message.map(|message| message.body) else {
            panic!("a sound frame");
        };
        assert_eq!(arrived.motion.map(|motion| motion.at), Ok(at(local)));
    }
    assert_eq!(at(u64::MAX), Timestamp::NEVER);
}

#[test]
fn a_clock_that_drifts_is_followed_and_told_of_beyond_a_minute() {
    let mut way = Way::new();
    // 900 parts in a million too slow: 0.9 ms a second, for 19 hours.
    for second in 0..19 * 3_600 {
        let now = second * 1_000;
        let sent = now - second * 900 / 1_000;
        way.report(sent, now).expect("it is followed");
        let behind = second * 900 / 1_000;
        assert!(way.offset().abs_diff(0) <= behind);
        assert!(behind - way.offset().abs_diff(0) <= 1, "it keeps up");
        let moved = way.offset() > 60_000;
        let told = way.state() == PeerClock::Moved;
        assert_eq!(told, moved, "{second} s: {}", way.offset());
    }
    assert!(way.offset() > 61_000);
}

#[test]
fn a_step_is_told_of_at_once_and_no_longer_when_it_has_been_followed() {
    let mut way = Way::new();
    way.report(0, 0).expect("the first");
    // The pump's clock goes back by 6 s: what it sends seems 6 s old.
    for second in 10..=1_010 {
        let now = second * 1_000;
        let known = way.offset();
        way.report(now - 6_000, now).expect("in time");
        let told = way.state() == PeerClock::Moved;
        assert_eq!(told, known < 1_000, "{second} s: {known}");
    }
    assert_eq!(way.state(), PeerClock::Agrees);
}

#[test]
fn five_seconds_are_no_step() {
    for (sent, now, state) in [
        (95_000, 100_000, PeerClock::Agrees),
        (94_999, 100_000, PeerClock::Moved),
        (105_000, 100_000, PeerClock::Agrees),
        (105_001, 100_000, PeerClock::Moved),
        (0, 100_000, PeerClock::Moved),
        (9_000_000, 100_000, PeerClock::Moved),
    ] {
        let mut way = Way::new();
        way.report(100_000, 100_000).expect("the first");
        let _ = way.report(sent, now);
        assert_eq!(way.state(), state, "{sent}");
        assert_eq!(way.offset(), 0, "no time has passed");
    }
}

#[test]
fn a_clock_that_stands_still_is_told_of() {
    let mut way = Way::new();
    for second in 0..60 {
        let outcome = way.report(1_000, 1_000 + second * 1_000);
        assert_eq!(outcome.is_ok(), second <= 30, "{second} s");
        let told = way.state() == PeerClock::Moved;
        assert_eq!(told, second > 5, "{second} s");
    }
}

/// The first frame was held up for 20 s: those that come in time are refused until it is made good, and then
/// no more.
#[test]
fn a_first_frame_that_was_held_up_shuts_nobody_out_for_ever() {
    let mut way = Way::new();
    way.report(0, 20_000).expect("the first");
    let mut refused = 0;
    for second in 21..20_000 {
        let now = second * 1_000;
        match way.report(now, now) {
            Ok(_) => break,
            Err(refusal) => assert_eq!(refusal, Refusal::FromTheFuture),
        }
        assert_eq!(way.state(), PeerClock::Moved);
        refused += 1;
    }
    assert!((14_000..=15_000).contains(&refused), "{refused}");
    assert_eq!(way.state(), PeerClock::Agrees);
}

/// Somebody holds back every frame for as long as may be, and longer every time that he can.
#[test]
fn nobody_who_holds_frames_back_drags_the_clock_fast_or_far_unseen() {
    let mut way = Way::new();
    way.report(0, 0).expect("the first");
    let mut told_at = None;
    for second in 1..40 * 3_600_u64 {
        let now = second * 1_000;
        // Just below what would be told as a step.
        let held = way.offset().unsigned_abs() + 5_000;
        way.report(now.saturating_sub(held), now).expect("in time");
        assert!(way.offset() <= i64::try_from(second).expect("small"));
        if way.state() == PeerClock::Moved && told_at.is_none() {
            told_at = Some((second, way.offset()));
        }
    }
    let (second, offset) = told_at.expect("it is told");
    assert_eq!(offset, 60_001);
    assert!(second > 60_000, "16 h 40 min: {second}");
}

/// What comes too late moves nothing.
#[test]
fn frames_that_are_too_old_drag_nothing() {
    let mut way = Way::new();
    way.report(0, 0).expect("the first");
    for hour in 1..100 {
        let now = hour * 3_600_000;
        assert_eq!(way.report(now - 31_000, now), Err(Refusal::TooOld));
        assert_eq!((way.offset(), way.state()), (0, PeerClock::Moved));
    }
    way.report(360_000_000, 360_000_000).expect("in time");
    assert_eq!((way.offset(), way.state()), (0, PeerClock::Agrees));
}

/// Waits, ms, and how much later or earlier than at the beginning each frame comes, ms.
fn any_course() -> impl Strategy<Value = Vec<(u64, i64)>> {
    let shift = prop_oneof![-40_000_i64..40_000, -6_000_i64..6_000, -50_i64..50];
    prop::collection::vec((0_u64..5_000, shift), 1..200)
}

proptest! {
    #![proptest_config(config(500))]

    /// Whatever comes whenever: at most a millisecond a second, and no frame that was refused drags it up.
    #[test]
    fn the_offset_follows_slowly_whatever_comes(first in 0_i64..60_000, course in any_course()) {
        let mut way = Way::new();
        let start = 1_000_000_u64;
        let shifted = |now: u64, by: i64| now.saturating_add_signed(-by);
        way.report(shifted(start, first), start).expect("the first");
        let (mut now, learned) = (start, way.offset());
        prop_assert_eq!(learned, first);
        let mut went = 0;
        for (wait, by) in course {
            now += wait;
            let before = way.offset();
            let refused = way.report(shifted(now, first + by), now).is_err();
            let after = way.offset();
            // All its ways together, there and back.
            went += after.abs_diff(before);
            prop_assert!(went <= (now - start) / 1_000);
            // Never away from where the frame stood, and never past it.
            let (left, was) = (first + by - after, first + by - before);
            prop_assert!(left.abs() <= was.abs() && left * was >= 0);
            prop_assert!(!refused || after <= before);
        }
    }
}
