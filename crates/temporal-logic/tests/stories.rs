//! Short traces, worked out by hand.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use temporal_logic::{
    Formula, Monitor, Names, RecordError, Sampling, Summary, Time, Units, Value, Verdict,
};

fn seconds(seconds: i64) -> Time {
    Time::from_millis(seconds * 1_000)
}

fn names() -> Names {
    let mut units = Units::new();
    units.base("kPa").unwrap();
    units.scaled("Pa", 0.001, "kPa").unwrap();
    units.scaled("%", 0.01, "1").unwrap();
    let mut names = Names::new(units);
    names.number("pressure", "kPa").unwrap();
    names.number("share", "1").unwrap();
    names.truth("bell").unwrap();
    names.word("mode", &["IDLE", "RUN"]).unwrap();
    names.parameter("patience", 1.0, "min").unwrap();
    names
}

fn record(pressure: f64, bell: bool) -> [Value; 4] {
    [
        Value::Number(pressure),
        Value::Number(0.25),
        Value::Truth(bell),
        Value::Word(0),
    ]
}

/// Verdicts as (second, robustness), with the monitor.
fn run(text: &str, trace: &[(i64, f64, bool)]) -> (Vec<(i64, f64)>, Monitor) {
    let formula = Formula::parse(text, &names()).unwrap_or_else(|error| panic!("{error}"));
    let mut monitor = Monitor::new(formula, Sampling::Dense).unwrap();
    let mut told = Vec::new();
    for &(second, pressure, bell) in trace {
        let tell = |verdict: Verdict| told.push((verdict.at.millis() / 1_000, verdict.robustness));
        monitor
            .observe(seconds(second), &record(pressure, bell), tell)
            .unwrap();
    }
    (told, monitor)
}

#[test]
fn a_window_covers_the_value_held_at_its_left_end() {
    let trace = [
        (0, 5.0, false),
        (10, 2.0, false),
        (30, 7.0, false),
        (60, 9.0, false),
    ];
    let (told, _) = run("always[5 s, 15 s] pressure > 0 kPa", &trace);
    // At 0 s: 5..=15 s holds 5 and 2. At 10 s: 15..=25 s only the 2 that is held. At 30 s: the 7.
    assert_eq!(told, [(0, 2.0), (10, 2.0), (30, 7.0)]);
}

#[test]
fn a_bell_in_time_keeps_the_promise_and_a_late_one_breaks_it() {
    let text = "always (pressure >= 80 kPa implies eventually[0, patience] bell)";
    let trace = [
        (0, 30.0, false),
        (100, 90.0, false),
        (160, 90.0, true),
        (200, 85.0, false),
        (210, 70.0, false),
        (300, 70.0, true),
    ];
    let (told, monitor) = run(text, &trace);
    assert_eq!(
        told,
        [(0, 50.0), (100, 1.0), (160, 1.0), (200, -1.0), (210, 10.0)]
    );
    let summary: Summary = monitor.summary();
    assert_eq!((summary.records, summary.judged, summary.armed), (6, 5, 3));
    assert_eq!(summary.open_from, Some(Time::from_millis(240_001)));
    // From the end of the bell at 200 s on nothing rings within the minute.
    let worst = monitor.conclusion().unwrap();
    assert_eq!(
        (worst.at, worst.robustness, worst.holds),
        (seconds(200), -1.0, false)
    );
    assert_eq!(monitor.formula().atom_text(worst.atom.unwrap()), "bell");
}

#[test]
fn a_late_bell_is_late_and_a_question_that_lapses_has_no_answer() {
    let asks = "pressure >= 80 kPa implies eventually[0 s, 10 s]";
    let only_late = |what: &str, events: &[(i64, f64, bool)]| {
        let (calm, end) = ((0, 30.0, false), (200, 30.0, false));
        let trace = [&[calm][..], events, &[end]].concat();
        let (_, monitor) = run(&format!("always ({asks} {what})"), &trace);
        let summary = monitor.summary();
        (summary.first_breach.is_some(), summary.only_late)
    };
    let lapses = "(bell or pressure < 80 kPa)";
    let high = (100, 90.0, false);
    // In time, late, late and then not at all, never.
    assert_eq!(
        only_late(lapses, &[high, (105, 90.0, true), (130, 30.0, false)]),
        (false, false)
    );
    let late = [high, (120, 90.0, true), (130, 30.0, false)];
    assert_eq!(only_late(lapses, &late), (true, true));
    let again = [
        late[0],
        late[1],
        late[2],
        (140, 90.0, false),
        (160, 30.0, false),
    ];
    assert_eq!(only_late(lapses, &again), (true, false));
    assert_eq!(only_late(lapses, &[high]), (true, false));
    // The condition ends at 120 s, and that is what ends the waiting; without that way out it goes on.
    let lapsed = [high, (120, 30.0, false), (150, 30.0, true)];
    assert_eq!(only_late(lapses, &lapsed), (true, false));
    assert_eq!(only_late("bell", &lapsed), (true, true));
    // Too near to the end of the trace to know whether the condition ended there.
    assert_eq!(only_late(lapses, &[high, (195, 90.0, true)]), (true, false));
    // Another shape.
    assert_eq!(only_late("bell and pressure > 0 kPa", &late), (true, false));
}

#[test]
fn a_breach_between_records_counts() {
    let trace = [
        (0, 9.0, false),
        (50, -1.0, false),
        (58, 9.0, false),
        (90, 9.0, false),
    ];
    let text = "eventually[5 s, 10 s] pressure > 0 kPa";
    let (told, monitor) = run(text, &trace);
    assert!(
        told.iter().all(|&(_, robustness)| robustness == 9.0),
        "{told:?}"
    );
    // From 45 s the window begins in the dip, and until 48 s it ends before the dip does.
    let worst = monitor.summary().worst.unwrap();
    assert_eq!((worst.at, worst.robustness), (seconds(45), -1.0));
}

#[test]
fn until_needs_its_way_only_before_its_goal() {
    let trace = [
        (0, 5.0, false),
        (10, 3.0, false),
        (20, -4.0, true),
        (60, 1.0, false),
    ];
    let (told, _) = run("pressure > 0 kPa until[0 s, 30 s] bell", &trace);
    // The bell at 20 s, and 3 kPa the least on the way: 1, the bell's own margin, is less.
    assert_eq!(told[..2], [(0, 1.0), (10, 1.0)]);
    // At 20 s the goal is there at once; its way is not asked for.
    assert_eq!(told[2], (20, 1.0));
    let (late, _) = run("pressure > 0 kPa until[25 s, 30 s] bell", &trace);
    assert_eq!(late[0], (0, -4.0));
}

#[test]
fn since_remembers_a_goal_as_long_as_its_way_holds() {
    let trace = [
        (0, 5.0, true),
        (10, 3.0, false),
        (40, 0.5, false),
        (50, -2.0, false),
    ];
    let (told, _) = run("pressure > 0 kPa since bell", &trace);
    assert_eq!(told, [(0, 1.0), (10, 1.0), (40, 0.5), (50, -1.0)]);
    let (told, _) = run("pressure > 0 kPa since[0 s, 20 s] bell", &trace);
    // The bell ends just before 10 s: at 10 s it lies 1 ms back, at 40 s 30 s back.
    assert_eq!(told, [(0, 1.0), (10, 1.0), (40, -1.0), (50, -1.0)]);
}

#[test]
fn an_edge_lasts_one_tick() {
    let trace = [
        (0, 0.0, false),
        (10, 0.0, true),
        (20, 0.0, true),
        (30, 0.0, false),
    ];
    let (rises, _) = run("rise(bell)", &trace);
    assert_eq!(rises, [(0, -1.0), (10, 1.0), (20, -1.0), (30, -1.0)]);
    // The first record counts as an edge of whatever it shows.
    let (falls, _) = run("fall(bell)", &trace);
    assert_eq!(falls, [(0, 1.0), (10, -1.0), (20, -1.0), (30, 1.0)]);
}

#[test]
fn at_the_limit_only_the_sign_of_zero_tells() {
    for (text, holds) in [
        ("pressure >= 5 kPa", true),
        ("pressure > 5 kPa", false),
        ("not (pressure > 5 kPa)", true),
        ("pressure == 5 kPa", true),
        ("pressure != 5 kPa", false),
        ("pressure > 5 kPa or pressure <= 5 kPa", true),
        ("always[0 s, 0 s] pressure < 5 kPa", false),
    ] {
        let (_, monitor) = run(text, &[(0, 5.0, false)]);
        let verdict = monitor.conclusion().unwrap();
        assert_eq!(
            (verdict.robustness.to_bits(), verdict.holds),
            (0, holds),
            "{text}"
        );
    }
}

#[test]
fn a_margin_is_in_the_unit_of_the_signals_side() {
    let trace = [(0, 2.0, false)];
    assert_eq!(run("pressure >= 500 Pa", &trace).0, [(0, 1.5)]);
    assert_eq!(run("500 Pa <= pressure", &trace).0, [(0, 1.5)]);
    assert_eq!(run("share >= 10 %", &trace).0, [(0, 0.15)]);
    assert_eq!(run("2 * pressure - 1 kPa > 1000 Pa", &trace).0, [(0, 2.0)]);
    // In kPa*s/min, as written on the left.
    let (told, monitor) = run("pressure * 2 s / 1 min == 0 kPa", &trace);
    assert_eq!(told, [(0, -4.0)]);
    let unit = monitor.formula().atoms()[0].unit().unwrap();
    assert_eq!(unit.symbol(), "kPa*s/min");
}

#[test]
fn scales_make_margins_in_different_units_comparable() {
    let names = names();
    let text = "pressure >= 5 kPa and share >= 0.2";
    let plain = Formula::parse(text, &names).unwrap();
    let scaled = plain
        .clone()
        .with_scales(|atom| match atom.unit()?.symbol() {
            "kPa" => Some(100.0),
            _ => Some(0.5),
        });
    for (formula, robustness, atom) in [(plain, 0.05, 1), (scaled, 0.03, 0)] {
        let mut monitor = Monitor::new(formula, Sampling::Dense).unwrap();
        monitor
            .observe(Time::ZERO, &record(8.0, false), |_| {})
            .unwrap();
        let verdict = monitor.conclusion().unwrap();
        assert!((verdict.robustness - robustness).abs() < 1e-12);
        assert_eq!(verdict.atom, Some(atom));
    }
}

#[test]
fn words_and_truths_are_one_away() {
    let trace = [(0, 2.0, true)];
    assert_eq!(run("mode == IDLE", &trace).0, [(0, 1.0)]);
    assert_eq!(run("RUN == mode", &trace).0, [(0, -1.0)]);
    assert_eq!(run("mode != RUN and bell", &trace).0, [(0, 1.0)]);
    assert_eq!(run("bell iff mode == IDLE", &trace).0, [(0, 1.0)]);
    assert_eq!(run("bell xor mode == IDLE", &trace).0, [(0, -1.0)]);
}

#[test]
fn short_operators_are_names_where_no_operand_follows() {
    let mut names = Names::new(Units::new());
    names.number("G", "1").unwrap();
    let formula = Formula::parse("G[0,5](G > 1 U[0:2] F(0 < G)) ", &names);
    assert!(formula.is_err(), "an unbounded eventually inside");
    let formula =
        Formula::parse("G[0,5](G > 1 U[0:2] F[1,1](0 < G - 1)) & !O(G < 0)", &names).unwrap();
    assert_eq!(formula.horizon(), seconds(8));
    assert_eq!(formula.history(), None);
}

#[test]
fn silence_can_be_final() {
    let (told, mut monitor) = run("eventually[0 s, 60 s] bell", &[(0, 1.0, false)]);
    assert!(told.is_empty() && monitor.conclusion().is_none());
    let mut told = Vec::new();
    monitor
        .hold_until(seconds(59), |verdict| told.push(verdict))
        .unwrap();
    assert!(told.is_empty());
    monitor
        .hold_until(seconds(60), |verdict| told.push(verdict))
        .unwrap();
    assert_eq!((told[0].at, told[0].robustness), (Time::ZERO, -1.0));
}

#[test]
fn a_refused_record_changes_nothing() {
    let formula = Formula::parse("pressure / share > 1 kPa", &names()).unwrap();
    let mut monitor = Monitor::new(formula, Sampling::Dense).unwrap();
    let mut refuse =
        |at, values: &[Value]| monitor.observe(seconds(at), values, |_| {}).unwrap_err();
    let (pressure, share) = (Value::Number(0.0), Value::Number(0.0));
    assert!(matches!(refuse(0, &[pressure]), RecordError::Kind { .. }));
    assert!(matches!(
        refuse(0, &[Value::Truth(true), share]),
        RecordError::Kind { .. }
    ));
    assert!(matches!(
        refuse(0, &[Value::Number(f64::NAN), share]),
        RecordError::NotFinite { .. }
    ));
    assert!(matches!(
        refuse(0, &[pressure, share]),
        RecordError::Undefined { column: 1, .. }
    ));
    monitor
        .observe(seconds(3), &record(1.0, false), |_| {})
        .unwrap();
    assert_eq!(
        monitor.observe(seconds(3), &record(2.0, false), |_| {}),
        Err(RecordError::NotLater {
            at: seconds(3),
            last: seconds(3)
        })
    );
    assert_eq!(
        (
            monitor.summary().records,
            monitor.conclusion().unwrap().robustness
        ),
        (1, 3.0)
    );
}

#[test]
fn samples_lie_on_whole_periods() {
    let period = seconds(5);
    let sampling = Sampling::Discrete { period };
    let formula = |text| Formula::parse(text, &names()).unwrap();
    assert!(Monitor::new(formula("once[0, 7 s] bell"), sampling).is_err());
    assert!(Monitor::new(formula("bell"), Sampling::Discrete { period: Time::ZERO }).is_err());
    let mut monitor = Monitor::new(formula("once[0, 10 s] rise(bell)"), sampling).unwrap();
    monitor
        .observe(seconds(2), &record(0.0, true), |_| {})
        .unwrap();
    let at = seconds(8);
    assert_eq!(
        monitor.observe(at, &record(0.0, true), |_| {}),
        Err(RecordError::OffGrid { at, period })
    );
    monitor
        .observe(seconds(12), &record(0.0, true), |_| {})
        .unwrap();
}
