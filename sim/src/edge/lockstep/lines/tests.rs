//! What crosses comes out as it went in, to the last bit; what cannot be is refused; and nothing that can lie in
//! a line makes a reader fall over.

mod decided;

use infusion_types::{
    Accepted, Action, Alarm, AlarmSet, Concentration, DoseRate, Line, Memory, Mode, NoData,
    OrderKind, PeerClock, PumpState, Refused, Sample, SessionRecord, StopCause, User, Volume,
    WallTime,
};
use proptest::prelude::*;

use super::*;
use crate::config::Library;
use crate::shipped::{self, Kind};
use decided::decisions;

fn across<T: Serialize + for<'de> Deserialize<'de>>(message: &T) -> T {
    let mut line = Vec::new();
    write(message, &mut line);
    assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
    let text = String::from_utf8_lossy(&line).into_owned();
    read(&line).unwrap_or_else(|wrong| panic!("{wrong}: {text}"))
}

/// A number that compares by its bits, whatever it is.
fn bits(raw: infusion_types::Raw) -> Result<(u64, u64), NoData> {
    raw.map(|it| (it.at.millis(), it.value.to_bits()))
}

fn reasons() -> impl Strategy<Value = NoData> {
    prop_oneof![
        Just(NoData::NotFitted),
        Just(NoData::NeverSeen),
        Just(NoData::SensorFault),
        Just(NoData::LinkSilent),
        any::<u64>().prop_map(|bits| NoData::NotFinite { bits }),
        any::<u64>().prop_map(|bits| NoData::Negative { bits }),
        any::<u64>().prop_map(|bits| NoData::OutOfRange { bits }),
    ]
}

/// Any 64 bits, and numbers such as sensors say.
fn numbers() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<u64>().prop_map(f64::from_bits),
        -1e3..1e5,
        Just(-0.0),
        Just(f64::NAN),
        Just(f64::MIN_POSITIVE / 3.0),
    ]
}

fn raws() -> impl Strategy<Value = infusion_types::Raw> {
    prop_oneof![
        4 => (any::<u64>(), numbers())
            .prop_map(|(at, value)| Ok(Sample::new(Timestamp::from_millis(at), value))),
        1 => reasons().prop_map(Err),
    ]
}

fn at<T>(value: T) -> infusion_types::Reading<T> {
    Ok(Sample::new(Timestamp::from_millis(7), value))
}

fn infuse(ng_per_h: u64) -> Action {
    let rate = DoseRate::from_nanograms_per_hour(ng_per_h).positive();
    Action::Infuse {
        rate: rate.expect("above zero"),
        at: Concentration::from_micrograms_per_millilitre(500),
    }
}

fn actions() -> Vec<Action> {
    let stops = [StopCause::OverDelivery, StopCause::Air, StopCause::Primed];
    let stops = stops
        .into_iter()
        .flat_map(|cause| [true, false].map(|clamp| Action::Stop { cause, clamp }));
    let volume_left = Volume::from_nanolitres(u64::MAX);
    stops
        .chain([infuse(1), infuse(u64::MAX), Action::Prime { volume_left }])
        .collect()
}

fn hosts() -> Vec<Host> {
    let mut hosts = vec![Host::SOUND];
    for memory in [Memory::Damaged, Memory::Lost, Memory::Unwritable] {
        hosts.push(Host {
            wall: at(WallTime::from_millis(-5)),
            memory,
            record: SessionRecord::OtherDrug,
            refused_frames: u32::MAX,
            peer_clock: PeerClock::Moved,
            missed_deadlines: 3,
            log_works: false,
            self_test_passed: false,
            on_mains: false,
            sounder_works: false,
            key_stuck: true,
        });
    }
    hosts
}

fn given(
    telemetry: &Telemetry,
    assessment: Option<&Assessment>,
    orders: &[Order],
    host: &Host,
) -> Given {
    let inputs = Inputs {
        telemetry,
        assessment,
        orders,
        host,
    };
    let ask = FromBench::ask(Timestamp::from_millis(99), &inputs, &Abilities::ALL);
    let FromBench::Ask(ask) = across(&ask) else {
        panic!("another word")
    };
    ask.read().expect("it was written by us")
}

proptest! {
    /// Every number of a report and of a sheet keeps its bits and its time, NaN and minus zero too.
    #[test]
    fn no_bit_of_a_reading_is_lost(raw in prop::array::uniform8(raws()), entry in numbers(), missing in reasons()) {
        let mut telemetry = Telemetry::silent(missing);
        [
            telemetry.delivered_ug, telemetry.reservoir_ul, telemetry.flow_ul_per_h, telemetry.pressure_kpa,
            telemetry.air_ul, telemetry.drained_csf_ul, telemetry.temperature_c, telemetry.battery_min,
        ] = raw;
        let sheet = Assessment {
            at: Timestamp::from_millis(3),
            spasticity: Ok(entry), spasms: Err(missing), sedation: Ok(-0.0),
            breaths_per_min: Ok(entry), saturation_percent: Ok(f64::INFINITY),
            heart_rate_per_min: Err(NoData::NotFitted), systolic_mmhg: Ok(f64::NAN),
            temperature_c: Ok(entry), itch: Ok(0.1 + 0.2),
        };
        let again = given(&telemetry, Some(&sheet), &[], &Host::SOUND);
        let numbers = |it: &Telemetry| [
            it.delivered_ug, it.reservoir_ul, it.flow_ul_per_h, it.pressure_kpa,
            it.air_ul, it.drained_csf_ul, it.temperature_c, it.battery_min,
        ].map(bits);
        prop_assert_eq!(numbers(&again.telemetry), numbers(&telemetry));
        prop_assert_eq!(again.telemetry.state, telemetry.state);
        let entries = |it: &Assessment| [
            it.spasticity, it.spasms, it.sedation, it.breaths_per_min, it.saturation_percent,
            it.heart_rate_per_min, it.systolic_mmhg, it.temperature_c, it.itch,
        ].map(|entry| entry.map(f64::to_bits));
        let seen = again.assessment.expect("a sheet");
        prop_assert_eq!(entries(&seen), entries(&sheet));
    }

    /// Whatever lies in a line, reading it says yes or no.
    #[test]
    fn no_line_fells_a_reader(line in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read::<FromController>(&line);
        let _ = read::<FromBench>(&line);
    }

    /// Sound lines, spoilt: what is still read is read the same when it is written again.
    #[test]
    fn what_is_read_of_a_spoilt_line_is_what_it_says(
        spoilt in prop::collection::vec((0_usize..1_500, any::<u8>(), 0_u8..4), 1..6),
        which in 0_usize..40,
    ) {
        let all = decisions();
        let decision = &all[which % all.len()];
        let mut line = Vec::new();
        write(&FromController::answer(Timestamp::ZERO, Timestamp::NEVER, decision), &mut line);
        for (place, byte, how) in spoilt {
            let place = place % line.len().max(1);
            match how {
                0 if !line.is_empty() => line[place] = byte,
                1 => line.insert(place.min(line.len()), byte),
                2 if !line.is_empty() => drop(line.remove(place)),
                _ => line.truncate(place.max(1)),
            }
            if line.is_empty() { line.push(byte); }
        }
        let _ = super::super::decode(&line);
        if let Ok(FromController::Answer(answer)) = read::<FromController>(&line)
            && let Ok(decision) = answer.decision()
        {
            let (at, next) = (Timestamp::from_millis(answer.at), Timestamp::from_millis(answer.next));
            let FromController::Answer(again) = across(&FromController::answer(at, next, &decision)) else {
                panic!("another word")
            };
            prop_assert_eq!(again.decision(), Ok(decision));
        }
    }
}

/// Every key and every word of a line.
fn words(value: &serde_json::Value, found: &mut std::collections::BTreeSet<String>) {
    match value {
        serde_json::Value::String(word) => drop(found.insert(word.clone())),
        serde_json::Value::Array(all) => all.iter().for_each(|it| words(it, found)),
        serde_json::Value::Object(all) => {
            for (key, it) in all {
                found.insert(key.clone());
                words(it, found);
            }
        }
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {}
    }
}

#[test]
fn the_specification_has_every_word() {
    let text = include_str!("../../../../docs/lockstep.md");
    let text = text.split("## An exchange").next().expect("before it");
    let library = Library::shipped("first", &[])
        .expect("it ships")
        .expect("it is sound");
    let case = crate::case::Case::new(&library, &library.scenario.arms[0], 1).expect("sound");
    let protocol = case.protocol().expect("it weans");
    let mut lines = vec![
        serde_json::to_value(FromBench::hello(&protocol, Session::new(1))).unwrap(),
        serde_json::to_value(FromBench::restart(Session::new(1), Timestamp::ZERO, None)).unwrap(),
        serde_json::to_value(FromController::Ready(Ready::all("", ""))).unwrap(),
    ];
    for decision in decisions() {
        let answer = FromController::answer(Timestamp::ZERO, Timestamp::ZERO, &decision);
        lines.push(serde_json::to_value(answer).unwrap());
    }
    let telemetry = Telemetry::silent(NoData::NotFitted);
    for host in hosts() {
        let inputs = Inputs {
            telemetry: &telemetry,
            assessment: None,
            orders: &[],
            host: &host,
        };
        let ask = FromBench::ask(Timestamp::ZERO, &inputs, &Abilities::ALL);
        lines.push(serde_json::to_value(ask).unwrap());
    }
    let mut found = std::collections::BTreeSet::new();
    lines.iter().for_each(|line| words(line, &mut found));
    let apart = |word: &&String| {
        let plain = word.starts_with("AL-") || word.contains(' ') || word.is_empty();
        let digits = word.len() == 16 && word.bytes().all(|it| it.is_ascii_hexdigit());
        !plain && !digits
    };
    for word in found.iter().filter(apart) {
        let quoted = [format!("`{word}`"), format!("\"{word}\"")];
        let named = quoted.iter().any(|it| text.contains(it.as_str()));
        let listed = [
            format!("{{{word}"),
            format!(", {word}"),
            format!(".{word}`"),
        ];
        let listed = listed.iter().any(|it| text.contains(it.as_str()));
        assert!(named || listed, "the specification lacks `{word}`");
    }
}

#[test]
fn words_of_the_pump_the_host_and_the_people_cross() {
    for action in actions() {
        for state in [PumpState::Idle, PumpState::Holding, PumpState::Empty] {
            let telemetry = Telemetry {
                accepted: at(Accepted {
                    session: Session::new(4),
                    sequence: 9,
                    action,
                }),
                state: at(state),
                motion: at(true),
                refused: at(Refused {
                    frames: 1,
                    commands: 2,
                }),
                connector: at(false),
                ..Telemetry::silent(NoData::LinkSilent)
            };
            assert_eq!(
                given(&telemetry, None, &[], &Host::SOUND).telemetry,
                telemetry
            );
        }
    }
    let telemetry = Telemetry::silent(NoData::NotFitted);
    for host in hosts() {
        let again = given(&telemetry, None, &[], &host);
        assert_eq!(again.host, host);
        assert_eq!(again.at.millis(), 99);
        assert!(again.assessment.is_none());
    }
    let all = [
        OrderKind::Authorise(0.1 + 0.2),
        OrderKind::Start,
        OrderKind::Pause,
        OrderKind::Resume,
        OrderKind::Stop,
        OrderKind::HoldToRun,
        OrderKind::SetConcentration(500.0),
        OrderKind::SkipDecrement,
        OrderKind::ConfirmComplete,
        OrderKind::FlagWithdrawal,
        OrderKind::FlagOverdose,
        OrderKind::Acknowledge(Alarm::AudioFail),
        OrderKind::PauseAudio,
        OrderKind::DeclareLine(Line::Open),
        OrderKind::DeclareLine(Line::Connected),
        OrderKind::EnterUnprimed(-1.0),
        OrderKind::VolumeCheck(1e9),
        OrderKind::Refilled(20_000.0),
        OrderKind::CatheterOut,
    ];
    let orders = all.map(|what| Order {
        by: User(200),
        what,
    });
    assert_eq!(
        given(&telemetry, None, &orders, &Host::SOUND).orders,
        orders
    );
    let nan = [Order {
        by: User(0),
        what: OrderKind::Authorise(f64::from_bits(0x7ff8_0000_0000_00ab)),
    }];
    let again = given(&telemetry, None, &nan, &Host::SOUND).orders;
    let OrderKind::Authorise(dose) = again[0].what else {
        panic!("another order")
    };
    assert_eq!(dose.to_bits(), 0x7ff8_0000_0000_00ab);
}

#[test]
fn everything_that_can_be_decided_crosses() {
    let (at, next) = (Timestamp::from_millis(5), Timestamp::NEVER);
    for decision in decisions() {
        let FromController::Answer(answer) = across(&FromController::answer(at, next, &decision))
        else {
            panic!("another word")
        };
        assert_eq!(answer.decision(), Ok(decision));
        assert_eq!((answer.at, answer.next), (5, u64::MAX));
    }
}

#[test]
fn every_shipped_prescription_crosses() {
    for story in shipped::names(Kind::Scenario) {
        let library = Library::shipped(story, &[])
            .expect("it ships")
            .expect("it is sound");
        for arm in &library.scenario.arms {
            let case = crate::case::Case::new(&library, arm, 1).expect("it is sound");
            let Some(protocol) = case.protocol() else {
                continue;
            };
            let session = Session::new(8);
            let FromBench::Hello(hello) = across(&FromBench::hello(&protocol, session)) else {
                panic!("another word")
            };
            assert_eq!(hello.schema, SCHEMA);
            assert_eq!(hello.read().expect("sound"), (protocol, session), "{story}");
        }
    }
}

#[test]
fn what_a_controller_is_silent_of_it_has() {
    let greeting = |text: &str| {
        let line = format!(r#"{{"ready":{{"schema":"{SCHEMA}"{text}}}}}"#);
        match read(line.as_bytes()) {
            Ok(FromController::Ready(ready)) => ready.abilities(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(greeting(""), Abilities::ALL);
    let few =
        greeting(r#","orders":["start","stop"],"modes":["IDLE","ACTIVE"],"alarms":["AL-05"]"#);
    assert!(few.order(OrderKind::Start) && !few.order(OrderKind::Authorise(1.0)));
    assert!(few.mode(Mode::Active) && !few.mode(Mode::Prime));
    assert!(few.alarm(Alarm::WithdrawalSigns) && !few.alarm(Alarm::FreeFlow));
    // Every order has its word.
    let words = "authorise start pause resume stop hold_to_run set_concentration skip_decrement \
        confirm_complete flag_withdrawal flag_overdose acknowledge pause_audio declare_line \
        enter_unprimed volume_check refilled catheter_out";
    let quoted: Vec<String> = words.split(' ').map(|it| format!("\"{it}\"")).collect();
    let all = greeting(&format!(r#","orders":[{}]"#, quoted.join(",")));
    assert_eq!(all, Abilities::ALL);
}

#[test]
fn a_panel_may_say_little() {
    let line = r#"{"answer":{"at":1,"next":2,"send":"ping","mode":"HOLD","plan_ng_per_h":0,
        "reason":{"held":{"alarm":"AL-05"}},"alarms":{"active":["AL-05","AL-22"],"acknowledged":["AL-22"]},
        "planned_24h_ng":0,"given_24h_ng":[0,0],"deficit_permille":0}}"#
        .replace('\n', "");
    let Ok(FromController::Answer(answer)) = read(line.as_bytes()) else {
        panic!("no answer")
    };
    let panel = answer.decision().expect("a decision").alarms;
    assert_eq!(panel.condition, panel.active);
    let one = AlarmSet::EMPTY.with(Alarm::WithdrawalSigns, true);
    assert_eq!(panel.sounding, one, "what nobody has acknowledged");
    assert!(panel.latched.is_empty() && !panel.audio_paused);
}
