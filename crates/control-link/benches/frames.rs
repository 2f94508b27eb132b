//! What a frame costs: sealed, opened, and both.
//!
//! `cargo bench -p control-link`. Times on a shared machine are magnitudes.

use std::hint::black_box;
use std::time::Duration;

use control_link::{Direction, Frame, Receiver, Sender, SessionKey};
use criterion::{Criterion, criterion_group, criterion_main};
use infusion_types::{
    Accepted, Action, Command, Concentration, DoseRate, PumpState, Raw, Refused, Sample, Session,
    Telemetry, Timestamp,
};

const SESSION: Session = Session::new(1);

fn infuse() -> Action {
    let rate = DoseRate::from_nanograms_per_hour(16_665).positive();
    Action::Infuse {
        rate: rate.expect("above zero"),
        at: Concentration::from_micrograms_per_millilitre(500),
    }
}

fn command() -> Command {
    Command {
        session: SESSION,
        sequence: 1,
        action: infuse(),
        lease: Duration::from_secs(90),
    }
}

/// Every reading there, as on P2.
fn report(sent: Timestamp) -> Telemetry {
    let raw = |value: f64| -> Raw { Ok(Sample::new(sent, value)) };
    let accepted = Accepted {
        session: SESSION,
        sequence: 1,
        action: infuse(),
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

/// Seals and opens one kind of frame; each is a second later than the one before it.
fn measure(
    criterion: &mut Criterion,
    name: &str,
    hears: Direction,
    seal: impl Fn(&mut Sender, Timestamp) -> Frame,
) {
    let key = SessionKey::from_bytes([7; 32]);
    let mut group = criterion.benchmark_group(name);
    group
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3));
    let later = |now: &mut u64| {
        *now += 1_000;
        Timestamp::from_millis(*now)
    };
    group.bench_function("seal", |bencher| {
        let (mut sender, mut now) = (Sender::new(SESSION, &key, 0), 0);
        bencher.iter(|| seal(&mut sender, later(&mut now)));
    });
    group.bench_function("seal and open", |bencher| {
        let (mut sender, mut now) = (Sender::new(SESSION, &key, 0), 0);
        let mut receiver = Receiver::new(hears, SESSION, &key);
        bencher.iter(|| {
            let now = later(&mut now);
            let frame = seal(&mut sender, now);
            receiver
                .open(now, black_box(frame.bytes()))
                .expect("a sound frame")
        });
    });
    let frame = seal(&mut Sender::new(SESSION, &key, 0), Timestamp::ZERO);
    let mut rubbish = frame.bytes().to_vec();
    rubbish[30] ^= 1;
    group.bench_function("refuse", |bencher| {
        let mut receiver = Receiver::new(hears, SESSION, &key);
        bencher.iter(|| receiver.open(Timestamp::ZERO, black_box(&rubbish)).is_err());
    });
    group.finish();
}

fn frames(criterion: &mut Criterion) {
    measure(criterion, "command", Direction::Down, |sender, now| {
        let frame = sender.seal_command(now, black_box(&command()));
        frame.expect("numbers are left")
    });
    measure(criterion, "report of P2", Direction::Up, |sender, now| {
        let frame = sender.seal_report(now, black_box(&report(now)));
        frame.expect("numbers are left")
    });
}

criterion_group!(benches, frames);
criterion_main!(benches);
