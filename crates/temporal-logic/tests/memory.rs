//! Once the windows have filled, nothing is allocated.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use allocation_counter::measure;
use temporal_logic::{Formula, Monitor, Monitors, Names, Sampling, Time, Units, Value};

/// The longest window is 60 s, and a record comes each second.
const TEXTS: [&str; 8] = [
    "always still",
    "always (a > 1)",
    "eventually[0, 60] a > 1",
    "always (a > 1 implies eventually[0, 60] b > 0)",
    "always (rise(flag) implies not (a < 0) until[0, 60] b > 0)",
    "historically[10, 60] (a + b > 0 since[5, 20] flag)",
    "once (a > 3) iff always[5, 50] mode == RUN",
    "eventually (flag and once[0, 60] (abs(a - b) < 1 xor mode != REST))",
];
/// By then each window has been as full as it gets: the signals repeat every 120 s, and all formulas catch up every few
/// thousand records, each time at another second of these.
const FILLED: i64 = 50_000;
const RECORDS: i64 = 200_000;
const SAMPLINGS: [Sampling; 2] = [
    Sampling::Dense,
    Sampling::Discrete {
        period: Time::from_millis(1_000),
    },
];

fn formulas() -> Vec<Formula> {
    let mut names = Names::new(Units::new());
    names.number("a", "1").unwrap();
    names.number("b", "1").unwrap();
    names.truth("flag").unwrap();
    names.word("mode", &["RUN", "REST"]).unwrap();
    names.truth("still").unwrap();
    let parsed = |text: &&str| Formula::parse(text, &names).unwrap();
    TEXTS.iter().map(parsed).collect()
}

/// Numbers that change each second, rising and falling; two signals that change now and then; and one
/// that never does.
fn record(second: i64) -> (Time, [Value; 5]) {
    let zigzag = |period: i64| ((second % period) - period / 2).abs() as f64;
    let values = [
        Value::Number(zigzag(30) - zigzag(12)),
        Value::Number(zigzag(20) - 4.0 + zigzag(8)),
        Value::Truth(second % 60 < 20),
        Value::Word(u16::from(second % 120 < 40)),
        Value::Truth(true),
    ];
    (Time::from_millis(second * 1_000), values)
}

/// Allocations from the time when the windows have filled.
fn allocations(mut observe: impl FnMut(Time, &[Value])) -> u64 {
    let mut all = |seconds: std::ops::Range<i64>| {
        for (at, values) in seconds.map(record) {
            observe(at, &values);
        }
    };
    all(0..FILLED);
    measure(|| all(FILLED..RECORDS)).count_total
}

#[test]
fn one_formula_allocates_nothing_once_its_windows_have_filled() {
    for sampling in SAMPLINGS {
        for formula in formulas() {
            let text = formula.text().to_owned();
            let mut monitor = Monitor::new(formula, sampling).unwrap();
            let mut told = 0_u64;
            let count = allocations(|at, record| {
                monitor.observe(at, record, |_| told += 1).unwrap();
            });
            assert_eq!(count, 0, "{text}");
            assert!(told > 199_000 && monitor.conclusion().is_some(), "{text}");
        }
    }
}

#[test]
fn many_formulas_allocate_nothing_once_their_windows_have_filled() {
    for sampling in SAMPLINGS {
        let mut monitors = Monitors::new(formulas(), sampling).unwrap();
        let count = allocations(|at, record| monitors.observe(at, record).unwrap());
        assert_eq!(count, 0);
        let asking = measure(|| {
            monitors.catch_up();
            for i in 0..monitors.len() {
                assert!(monitors.conclusion(i).is_some());
            }
        });
        assert_eq!(asking.count_total, 0, "asking");
    }
}

#[test]
fn the_count_counts() {
    let counted = measure(|| drop(std::hint::black_box(Box::new(1))));
    assert_eq!(counted.count_total, 1);
}
