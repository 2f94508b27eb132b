//! What is sent is what arrives, to the bit.

use control_link::{Body, Direction, FRAME_MOST};
use infusion_types::{Action, NoData, StopCause, Telemetry};
use proptest::prelude::*;

use crate::support::{
    CAUSES, KEY, SESSION, STATES, any_command, any_report, at, command, config, exactly, forge,
    full_report, infuse, longest_report, plain_seal, receiver, sender,
};

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn every_command_arrives_as_it_was_sent(sent in any::<u64>().prop_map(at), command in any_command()) {
        let frame = sender().seal_command(sent, &command).expect("numbers are left");
        let message = receiver(Direction::Down).open(sent, frame.bytes());
        let message = message.map(|message| (message.number, message.sent, message.body));
        prop_assert_eq!(message, Ok((1, sent, Body::Command(command))));
    }

    #[test]
    fn every_report_arrives_as_it_was_sent((sent, report) in any_report()) {
        let frame = sender().seal_report(sent, &report).expect("numbers are left");
        let message = receiver(Direction::Up).open(sent, frame.bytes()).expect("a sound frame");
        let Body::Report(arrived) = message.body else {
            return Err(TestCaseError::fail("a report is a report"));
        };
        prop_assert_eq!(exactly(&arrived), exactly(&report));
        prop_assert_eq!((message.number, message.sent), (1, sent));
    }

    /// The seal is HMAC-SHA256 over everything before it, worked out by another way.
    #[test]
    fn another_hmac_agrees_on_every_frame((sent, report) in any_report(), command in any_command()) {
        let mut sender = sender();
        let report = sender.seal_report(sent, &report).expect("numbers are left");
        let command = sender.seal_command(sent, &command).expect("numbers are left");
        for frame in [report, command] {
            let (sealed, seal) = frame.bytes().split_last_chunk::<16>().expect("a seal");
            prop_assert_eq!(&plain_seal(&KEY, sealed), seal);
        }
    }

    /// A holder of the key can seal any bytes: they are no message, or they are the frame of one. So two
    /// frames that differ never mean the same.
    #[test]
    fn every_message_has_one_spelling(head in any_head(), body in prop::collection::vec(0_u8..9, 0..64)) {
        let bytes = forge(&head, &body);
        let hears = if head[1] == 0x81 { Direction::Up } else { Direction::Down };
        let mut receiver = receiver(hears);
        if let Ok(message) = receiver.open(at(0), &bytes) {
            let again = match message.body {
                Body::Command(command) => sender().seal_command(at(0), &command),
                Body::Ping => sender().seal_ping(at(0)),
                Body::Report(report) => sender().seal_report(at(0), &report),
            };
            let again = again.expect("numbers are left");
            prop_assert_eq!(again.bytes(), bytes);
        }
    }
}

/// The head of the first frame of a sender, at time zero.
fn any_head() -> impl Strategy<Value = Vec<u8>> {
    prop::sample::select(&[0x01_u8, 0x02, 0x81][..]).prop_map(|kind| {
        let number = 1_u64.to_le_bytes();
        let worth = 30_000_u32.to_le_bytes();
        let session = SESSION.number().to_le_bytes();
        [&[1, kind], &session[..], &number, &[0; 8], &worth].concat()
    })
}

#[test]
fn every_cause_every_state_and_every_absence_arrives() {
    let now = at(5);
    let (mut sender, mut pump, mut controller) =
        (sender(), receiver(Direction::Down), receiver(Direction::Up));
    for (sequence, cause) in (1..).zip(CAUSES) {
        let clamp = cause.clamps();
        let command = command(sequence, Action::Stop { cause, clamp });
        let frame = sender
            .seal_command(now, &command)
            .expect("numbers are left");
        let message = pump.open(now, frame.bytes()).expect("a sound frame");
        assert_eq!(message.body, Body::Command(command));
    }
    let said = |state| {
        let mut report = Telemetry::silent(NoData::NotFitted);
        report.state = Ok(infusion_types::Sample::new(now, state));
        report
    };
    let reasons = [
        NoData::NotFitted,
        NoData::NeverSeen,
        NoData::SensorFault,
        NoData::LinkSilent,
        NoData::NotFinite {
            bits: f64::NAN.to_bits(),
        },
        NoData::Negative {
            bits: (-1.0_f64).to_bits(),
        },
        NoData::OutOfRange {
            bits: 1e300_f64.to_bits(),
        },
    ];
    for report in STATES
        .map(said)
        .into_iter()
        .chain(reasons.map(Telemetry::silent))
    {
        let frame = sender.seal_report(now, &report).expect("numbers are left");
        let message = controller.open(now, frame.bytes()).expect("a sound frame");
        assert_eq!(message.body, Body::Report(report));
    }
}

/// So many bytes are a promise: one inner block for the longest command, three for a report of P2.
#[test]
fn frames_are_as_long_as_they_are_said_to_be() {
    let now = at(1_000);
    let sealed =
        |frame: Result<control_link::Frame, _>| frame.expect("numbers are left").bytes().len();
    assert_eq!(sealed(sender().seal_ping(now)), 26 + 16);
    assert_eq!(
        sealed(sender().seal_command(now, &command(1, infuse(1)))),
        55 + 16
    );
    assert_eq!(
        sealed(sender().seal_report(now, &full_report(now))),
        135 + 16
    );
    assert_eq!(
        sealed(sender().seal_report(now, &longest_report(now))),
        FRAME_MOST
    );
    assert_eq!(FRAME_MOST, 255);
}

/// The layout as bytes, written out by hand: a change of it is a change of the version.
#[test]
fn the_layout_is_the_one_of_version_1() {
    let stop = Action::Stop {
        cause: StopCause::Paused,
        clamp: false,
    };
    let mut sender = control_link::Sender::new(SESSION, &crate::support::key(), 2);
    let frame = sender
        .seal_command(at(0x0102_0304), &command(0x0a0b_0c0d, stop))
        .expect("numbers are left");
    let by_hand = [
        &[1, 1][..],                // version, command
        &[7, 0, 0, 0],              // session
        &[1, 0, 0, 0, 2, 0, 0, 0],  // the first number of epoch 2
        &[4, 3, 2, 1, 0, 0, 0, 0],  // sent
        &[0x30, 0x75, 0, 0],        // worth 30 000 ms
        &[0x0d, 0x0c, 0x0b, 0x0a],  // sequence
        &[90, 0, 0, 0, 0, 0, 0, 0], // lease, s
        &[0, 0, 0, 0],              // and ns
        &[2, 11, 0],                // stop, paused, no clamp
    ]
    .concat();
    assert_eq!(frame.bytes(), forge(&by_hand, &[]));
}
