//! Everything that a bench may say, said to a controller by itself: no pump answers, and no patient is there.

use std::time::{Duration, Instant};

use dose_controller::Protocol;
use infusion_types::{
    Abilities, Action, Alarm, Assessment, Decision, Host, Inputs, Line, NoData, Order, OrderKind,
    PumpState, Sample, Send, Session, Telemetry, Timestamp, User,
};

use super::{Check, Group, Outcome, case, shown};
use crate::config::Library;
use crate::port::{AnyController, ControllerPort, Controllers, Stalled};

const SESSION: Session = Session::new(7);

/// Makes the checks; what the controller has, if it could be greeted.
pub(super) fn check(
    controllers: &dyn Controllers,
    library: &Library,
    note: &mut dyn FnMut(Check),
) -> Option<Abilities> {
    let protocol = case(library).protocol().expect("an arm that weans");
    let open = || controllers.open(protocol, SESSION);
    let of = |name: &str, found| Check::of(Group::Protocol, name, found);
    let mut controller = match open() {
        Ok(controller) => controller,
        Err(stalled) => {
            note(of("is greeted", Err(stalled)));
            return None;
        }
    };
    let has = controller.abilities();
    note(of("is greeted", Ok(None)).saying(has.to_string()));
    let mut first = Vec::new();
    let played = play(&mut controller, &protocol, &mut first);
    note(of(
        "stands numbers that are none, every order, and reports of every kind",
        played,
    ));
    note(of(
        "infuses nothing that nobody has ordered",
        Ok(unasked(&first)),
    ));
    note(of(
        "stores, and comes back with it",
        back(&mut controller, true),
    ));
    note(of("comes back with nothing", back(&mut controller, false)));
    drop(controller);
    let again = open().and_then(|mut controller| {
        let mut second = Vec::new();
        play(&mut controller, &protocol, &mut second)?;
        let differs = first.iter().zip(&second).position(|(a, b)| a.1 != b.1);
        Ok(differs.map(|place| format!("the {place}th answer is another")))
    });
    note(Check::of(
        Group::Determinism,
        "decides the same again, when it is greeted again",
        again,
    ));
    note(timing(&first));
    Some(has)
}

/// Each answer, and how long it took.
type Answers = Vec<(Duration, Decision)>;

fn play(
    controller: &mut AnyController,
    protocol: &Protocol,
    answers: &mut Answers,
) -> Result<Option<String>, Stalled> {
    for (at_ms, inputs) in script(protocol) {
        let at = Timestamp::from_millis(at_ms);
        let begun = now();
        let decision = controller.step(at, &inputs.borrowed())?;
        answers.push((begun.elapsed(), decision));
        let next = controller.poll_timeout();
        if next <= at {
            let why = format!("at {at_ms} ms it wants to be asked at {} ms", next.millis());
            return Ok(Some(why));
        }
    }
    Ok(None)
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long an answer takes is measured here, and moves nothing"
)]
fn now() -> Instant {
    Instant::now()
}

/// A command to infuse, although nobody has authorised, primed and started anything that is sound.
fn unasked(answers: &Answers) -> Option<String> {
    let infuses = |decision: &Decision| match decision.send {
        Send::Command(command) => matches!(command.action, Action::Infuse { .. }),
        Send::Ping | Send::Quiet(_) => false,
    };
    let place = answers.iter().position(|(_, it)| infuses(it))?;
    Some(format!("the {place}th answer commands an infusion"))
}

fn back(controller: &mut AnyController, with: bool) -> Result<Option<String>, Stalled> {
    let at = Timestamp::from_millis(90_000_000);
    let saved = if with { controller.saved()? } else { None };
    if with && saved.is_none() {
        return Ok(Some("it stores nothing: a restart begins anew".to_owned()));
    }
    controller.restart(SESSION, at, saved)?;
    let given = Given::silent();
    controller.step(at, &given.borrowed())?;
    Ok(None)
}

fn timing(answers: &Answers) -> Check {
    let mut times: Vec<Duration> = answers.iter().map(|(time, _)| *time).collect();
    times.sort_unstable();
    let said = match (times.get(times.len() / 2), times.last()) {
        (Some(median), Some(slowest)) => format!(
            "median {}, slowest {} of {}",
            shown(*median),
            shown(*slowest),
            times.len()
        ),
        (None, _) | (_, None) => "no answer".to_owned(),
    };
    Check::new(Group::Timing, "one answer", Outcome::Told).saying(said)
}

/// What one cycle is given, owned.
struct Given {
    telemetry: Telemetry,
    assessment: Option<Assessment>,
    orders: Vec<Order>,
    host: Host,
}

impl Given {
    const fn silent() -> Self {
        Self {
            telemetry: Telemetry::silent(NoData::NeverSeen),
            assessment: None,
            orders: Vec::new(),
            host: Host::SOUND,
        }
    }

    fn borrowed(&self) -> Inputs<'_> {
        Inputs {
            telemetry: &self.telemetry,
            assessment: self.assessment.as_ref(),
            orders: &self.orders,
            host: &self.host,
        }
    }

    fn ordering(by: u8, what: OrderKind) -> Self {
        let order = Order { by: User(by), what };
        Self {
            orders: vec![order],
            ..Self::silent()
        }
    }
}

/// Numbers as they come from a broken sensor or keypad.
const NONSENSE: [f64; 8] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    -1.0,
    -0.0,
    1e308,
    f64::MIN_POSITIVE,
    4.2,
];

fn report(at_ms: u64, number: f64) -> Telemetry {
    let at = Timestamp::from_millis(at_ms);
    let raw = Ok(Sample::new(at, number));
    Telemetry {
        state: Ok(Sample::new(at, PumpState::Idle)),
        motion: Ok(Sample::new(at, true)),
        delivered_ug: raw,
        reservoir_ul: raw,
        flow_ul_per_h: raw,
        pressure_kpa: raw,
        air_ul: raw,
        drained_csf_ul: raw,
        temperature_c: raw,
        battery_min: raw,
        ..Telemetry::silent(NoData::NotFitted)
    }
}

fn sheet(at_ms: u64, entry: f64) -> Assessment {
    Assessment {
        at: Timestamp::from_millis(at_ms),
        spasticity: Ok(entry),
        spasms: Ok(entry),
        sedation: Ok(entry),
        breaths_per_min: Ok(entry),
        saturation_percent: Err(NoData::NotFitted),
        heart_rate_per_min: Ok(entry),
        systolic_mmhg: Err(NoData::SensorFault),
        temperature_c: Ok(entry),
        itch: Ok(entry),
    }
}

/// Every order with a number in it, with this one.
fn numbers(number: f64) -> [OrderKind; 5] {
    [
        OrderKind::Authorise(number),
        OrderKind::SetConcentration(number),
        OrderKind::EnterUnprimed(number),
        OrderKind::VolumeCheck(number),
        OrderKind::Refilled(number),
    ]
}

/// Every order without a number in it.
const PLAIN: [OrderKind; 15] = [
    OrderKind::Start,
    OrderKind::Resume,
    OrderKind::HoldToRun,
    OrderKind::SkipDecrement,
    OrderKind::ConfirmComplete,
    OrderKind::FlagWithdrawal,
    OrderKind::FlagOverdose,
    OrderKind::Acknowledge(Alarm::AudioFail),
    OrderKind::Acknowledge(Alarm::OverdoseSigns),
    OrderKind::Acknowledge(Alarm::WithdrawalSigns),
    OrderKind::PauseAudio,
    OrderKind::DeclareLine(Line::Connected),
    OrderKind::CatheterOut,
    OrderKind::Pause,
    OrderKind::Stop,
];

/// What is said, and when: silence, nonsense, strangers, everything at once, the same moment twice, a long gap.
fn script(protocol: &Protocol) -> Vec<(u64, Given)> {
    let mut all = vec![
        (0, Given::silent()),
        (1, Given::silent()),
        (1, Given::silent()),
    ];
    let mut at = 20_000;
    let mut say = |given: Given, wait_ms: u64| {
        all.push((at, given));
        at += wait_ms;
    };
    for number in NONSENSE {
        let telemetry = report(20_000, number);
        let assessment = Some(sheet(20_000, number));
        say(
            Given {
                telemetry,
                assessment,
                ..Given::silent()
            },
            1_000,
        );
        for what in numbers(number) {
            say(Given::ordering(0, what), 1);
        }
    }
    for reason in [
        NoData::LinkSilent,
        NoData::SensorFault,
        NoData::OutOfRange { bits: u64::MAX },
    ] {
        let telemetry = Telemetry::silent(reason);
        say(
            Given {
                telemetry,
                ..Given::silent()
            },
            1_000,
        );
    }
    for what in PLAIN {
        say(Given::ordering(0, what), 500);
        say(Given::ordering(255, what), 500);
    }
    let orders = PLAIN.map(|what| Order { by: User(1), what }).to_vec();
    let flood = std::iter::repeat_n(orders, 20).flatten().collect();
    say(
        Given {
            orders: flood,
            ..Given::silent()
        },
        1_000,
    );
    let late = u64::try_from(protocol.timing().gap_most.as_millis()).unwrap_or(u64::MAX);
    say(Given::silent(), late);
    say(Given::silent(), 1_000);
    all
}
