//! Two ends that share a key, whatever they can say, and a seal that is worked out by another way.

use core::time::Duration;

use control_link::{Direction, Frame, Receiver, Sender, SessionKey};
use infusion_types::{
    Accepted, Action, Command, Concentration, DoseRate, NoData, PumpState, Raw, Reading, Refused,
    Sample, Session, StopCause, Telemetry, Timestamp, Volume,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence};
use sha2::{Digest, Sha256};

pub(crate) const SESSION: Session = Session::new(7);
pub(crate) const KEY: [u8; 32] = *b"thirty-two bytes of no secret...";

pub(crate) const CAUSES: [StopCause; 14] = [
    StopCause::OverDelivery,
    StopCause::FreeFlow,
    StopCause::ReverseFlow,
    StopCause::OverdoseSigns,
    StopCause::OcclusionDownstream,
    StopCause::OcclusionUpstream,
    StopCause::Disconnected,
    StopCause::ConcentrationMismatch,
    StopCause::CsfOverdrainage,
    StopCause::Air,
    StopCause::Ordered,
    StopCause::Paused,
    StopCause::Weaned,
    StopCause::Primed,
];

pub(crate) const STATES: [PumpState; 6] = [
    PumpState::Idle,
    PumpState::Priming,
    PumpState::Infusing,
    PumpState::Holding,
    PumpState::Stopped,
    PumpState::Empty,
];

pub(crate) const fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(crate) const fn key() -> SessionKey {
    SessionKey::from_bytes(KEY)
}

pub(crate) fn sender() -> Sender {
    Sender::new(SESSION, &key(), 0)
}

pub(crate) fn receiver(hears: Direction) -> Receiver {
    Receiver::new(hears, SESSION, &key())
}

pub(crate) fn infuse(nanograms_per_hour: u64) -> Action {
    let rate = DoseRate::from_nanograms_per_hour(nanograms_per_hour);
    Action::Infuse {
        rate: rate.positive().expect("above zero"),
        at: Concentration::from_micrograms_per_millilitre(500),
    }
}

pub(crate) fn command(sequence: u32, action: Action) -> Command {
    Command {
        session: SESSION,
        sequence,
        action,
        lease: Duration::from_secs(90),
    }
}

/// A report of a pump with every instrument, all of them read when it leaves.
pub(crate) fn full_report(sent: Timestamp) -> Telemetry {
    let raw = |value: f64| -> Raw { Ok(Sample::new(sent, value)) };
    let accepted = Accepted {
        session: SESSION,
        sequence: 3,
        action: infuse(16_665),
    };
    Telemetry {
        accepted: Ok(Sample::new(sent, accepted)),
        state: Ok(Sample::new(sent, PumpState::Infusing)),
        motion: Ok(Sample::new(sent, true)),
        refused: Ok(Sample::new(sent, Refused::default())),
        delivered_ug: raw(123.4),
        reservoir_ul: raw(18_765.4),
        flow_ul_per_h: raw(33.31),
        pressure_kpa: raw(1.2),
        air_ul: raw(0.0),
        connector: Ok(Sample::new(sent, true)),
        drained_csf_ul: raw(0.0),
        temperature_c: raw(36.9),
        battery_min: raw(9_999.5),
    }
}

/// The same with every sample taken a moment before: the longest frame there is.
pub(crate) fn longest_report(sent: Timestamp) -> Telemetry {
    full_report(at(sent.millis() - 1))
}

/// One frame of every kind and every shape, each from a sender of its own, sent at ten seconds.
pub(crate) fn samples() -> Vec<(Direction, Frame)> {
    let now = at(10_000);
    let stop = Action::Stop {
        cause: StopCause::Ordered,
        clamp: true,
    };
    let prime = Action::Prime {
        volume_left: Volume::from_nanolitres(199_000),
    };
    let mut frames = vec![(Direction::Down, sender().seal_ping(now))];
    for action in [infuse(16_665), prime, stop] {
        let frame = sender().seal_command(now, &command(5, action));
        frames.push((Direction::Down, frame));
    }
    let silent = [
        NoData::NotFitted,
        NoData::NeverSeen,
        NoData::SensorFault,
        NoData::LinkSilent,
        NoData::NotFinite { bits: 1 },
        NoData::Negative { bits: 2 },
        NoData::OutOfRange { bits: 3 },
    ];
    let mut reports: Vec<Telemetry> = silent.map(Telemetry::silent).to_vec();
    reports.extend([full_report(now), longest_report(now)]);
    for report in reports {
        frames.push((Direction::Up, sender().seal_report(now, &report)));
    }
    let sealed = |(direction, frame): (Direction, Result<Frame, _>)| {
        (direction, frame.expect("numbers are left"))
    };
    frames.into_iter().map(sealed).collect()
}

/// HMAC-SHA256 as RFC 2104 writes it, of a key that is no longer than a block, without the crate that is
/// used; its first half.
pub(crate) fn plain_seal(key: &[u8], bytes: &[u8]) -> [u8; 16] {
    let pad = |with: u8| {
        let mut block = [with; 64];
        for (to, from) in block.iter_mut().zip(key) {
            *to ^= from;
        }
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(bytes);
    let outer = Sha256::new()
        .chain_update(pad(0x5c))
        .chain_update(inner.finalize());
    let whole = outer.finalize();
    *whole.first_chunk().expect("32 bytes")
}

/// What a holder of the key can make of any bytes.
pub(crate) fn forge(head: &[u8], body: &[u8]) -> Vec<u8> {
    let mut bytes = [head, body].concat();
    bytes.extend(plain_seal(&KEY, &bytes));
    bytes
}

/// All of a report with its numbers as bits, because a NaN is not equal to itself.
pub(crate) fn exactly(report: &Telemetry) -> (Telemetry, [Reading<u64>; 8]) {
    let numbers = [
        report.delivered_ug,
        report.reservoir_ul,
        report.flow_ul_per_h,
        report.pressure_kpa,
        report.air_ul,
        report.drained_csf_ul,
        report.temperature_c,
        report.battery_min,
    ];
    let bits = |raw: Raw| raw.map(|sample| Sample::new(sample.at, sample.value.to_bits()));
    let rest = Telemetry {
        accepted: report.accepted,
        state: report.state,
        motion: report.motion,
        refused: report.refused,
        connector: report.connector,
        ..Telemetry::silent(NoData::NeverSeen)
    };
    (rest, numbers.map(bits))
}

pub(crate) fn config(cases: u32) -> Config {
    Config {
        cases,
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..Config::default()
    }
}

pub(crate) fn any_action() -> impl Strategy<Value = Action> {
    let rate = |count| DoseRate::from_nanograms_per_hour(count).positive();
    prop_oneof![
        (1_u64.., any::<u32>()).prop_map(move |(count, drug)| Action::Infuse {
            rate: rate(count).expect("above zero"),
            at: Concentration::from_micrograms_per_millilitre(drug),
        }),
        any::<u64>().prop_map(|left| Action::Prime {
            volume_left: Volume::from_nanolitres(left),
        }),
        (prop::sample::select(&CAUSES[..]), any::<bool>())
            .prop_map(|(cause, clamp)| Action::Stop { cause, clamp }),
    ]
}

pub(crate) fn any_command() -> impl Strategy<Value = Command> {
    let lease =
        (any::<u64>(), 0_u32..1_000_000_000).prop_map(|(whole, nanos)| Duration::new(whole, nanos));
    (any::<u32>(), any_action(), lease).prop_map(|(sequence, action, lease)| Command {
        session: SESSION,
        sequence,
        action,
        lease,
    })
}

fn any_reading<T: Clone + core::fmt::Debug + 'static>(
    sent: Timestamp,
    value: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Reading<T>> {
    let near = sent.millis().saturating_sub(2)..=sent.millis().saturating_add(2);
    let when = prop_oneof![Just(sent.millis()), near, any::<u64>()].prop_map(at);
    let bits = any::<u64>();
    prop_oneof![
        6 => (when, value).prop_map(|(at, value)| Ok(Sample::new(at, value))),
        1 => Just(Err(NoData::NotFitted)),
        1 => Just(Err(NoData::NeverSeen)),
        1 => Just(Err(NoData::SensorFault)),
        1 => bits.prop_map(|bits| Err(NoData::NotFinite { bits })),
        1 => bits.prop_map(|bits| Err(NoData::Negative { bits })),
        1 => bits.prop_map(|bits| Err(NoData::OutOfRange { bits })),
    ]
}

/// Any report, and the time at which it leaves.
pub(crate) fn any_report() -> impl Strategy<Value = (Timestamp, Telemetry)> {
    any::<u64>().prop_map(at).prop_flat_map(|sent| {
        let accepted =
            (any::<u32>(), any::<u32>(), any_action()).prop_map(|(session, sequence, action)| {
                Accepted {
                    session: Session::new(session),
                    sequence,
                    action,
                }
            });
        let counts = (any::<u32>(), any::<u32>());
        let refused = counts.prop_map(|(frames, commands)| Refused { frames, commands });
        // Every bit pattern is a number that a pump can say: NaNs, infinities and both zeros among them.
        let number = any::<u64>().prop_map(f64::from_bits);
        let raws = prop::collection::vec(any_reading(sent, number), 8);
        (
            any_reading(sent, accepted),
            any_reading(sent, prop::sample::select(&STATES[..])),
            any_reading(sent, any::<bool>()),
            any_reading(sent, refused),
            any_reading(sent, any::<bool>()),
            raws,
        )
            .prop_map(move |(accepted, state, motion, refused, connector, raws)| {
                let report = Telemetry {
                    accepted,
                    state,
                    motion,
                    refused,
                    connector,
                    delivered_ug: raws[0],
                    reservoir_ul: raws[1],
                    flow_ul_per_h: raws[2],
                    pressure_kpa: raws[3],
                    air_ul: raws[4],
                    drained_csf_ul: raws[5],
                    temperature_c: raws[6],
                    battery_min: raws[7],
                };
                (sent, report)
            })
    })
}
