//! Random formulas, as text, and random traces.

use proptest::prelude::*;
use temporal_logic::{Formula, Monitor, Names, Record, Sampling, Time, Units, Value, Verdict};

/// Two numbers, one Boolean, one word; `tick` is three milliseconds.
pub(crate) fn names() -> Names {
    let mut units = Units::new();
    units.scaled("tick", 0.003, "s").unwrap();
    let mut names = Names::new(units);
    names.number("x", "1").unwrap();
    names.number("y", "1").unwrap();
    names.truth("flag").unwrap();
    names.word("mode", &["IDLE", "ACTIVE", "HOLD"]).unwrap();
    names
}

pub(crate) fn formula(text: &str) -> Formula {
    Formula::parse(text, &names()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

pub(crate) fn online(text: &str, sampling: Sampling, records: &[Record]) -> Vec<Verdict> {
    online_parsed(formula(text), sampling, records).0
}

pub(crate) fn online_parsed(
    formula: Formula,
    sampling: Sampling,
    records: &[Record],
) -> (Vec<Verdict>, Monitor) {
    let mut monitor = Monitor::new(formula, sampling).unwrap();
    let mut verdicts = Vec::new();
    for record in records {
        monitor
            .observe(record.at, &record.values, |verdict| verdicts.push(verdict))
            .unwrap();
    }
    (verdicts, monitor)
}

/// A formula of at most `depth` operators above its atoms.
pub(crate) fn text(depth: u32) -> BoxedStrategy<String> {
    let number = prop_oneof![
        Just("x".to_owned()),
        Just("y".to_owned()),
        Just("x + y".to_owned()),
        Just("abs(x - 2 * y)".to_owned()),
        Just("-(x * y) / 2".to_owned()),
    ];
    let comparison = prop_oneof![
        Just("<"),
        Just("<="),
        Just(">"),
        Just(">="),
        Just("=="),
        Just("!="),
    ];
    let atom = prop_oneof![
        6 => (number, comparison, -3_i32..4).prop_map(|(x, op, limit)| format!("{x} {op} {limit}")),
        1 => Just("flag".to_owned()),
        1 => Just("mode == ACTIVE".to_owned()),
        1 => Just("mode != HOLD".to_owned()),
        1 => Just("true".to_owned()),
    ];
    atom.prop_recursive(depth, 24, 2, |inner| {
        let window = (0_i64..6, 0_i64..9)
            .prop_map(|(from, length)| format!("[{from} ms, {} ms]", from + length));
        let one = prop_oneof![
            Just("not "),
            Just("rise"),
            Just("fall"),
            Just("once "),
            Just("historically "),
        ];
        let timed = prop_oneof![
            Just("always"),
            Just("eventually"),
            Just("once"),
            Just("historically"),
        ];
        let two = prop_oneof![
            Just("and"),
            Just("or"),
            Just("implies"),
            Just("iff"),
            Just("xor"),
            Just("since"),
        ];
        let timed_two = prop_oneof![Just("until"), Just("since")];
        prop_oneof![
            (one, inner.clone()).prop_map(|(op, a)| format!("{op}({a})")),
            (timed, window.clone(), inner.clone()).prop_map(|(op, w, a)| format!("{op}{w} ({a})")),
            (inner.clone(), two, inner.clone()).prop_map(|(a, op, b)| format!("({a}) {op} ({b})")),
            (inner.clone(), timed_two, window, inner)
                .prop_map(|(a, op, w, b)| format!("({a}) {op}{w} ({b})")),
        ]
    })
    .boxed()
}

/// One record's values from random bits: small whole numbers, so that ties are common.
pub(crate) fn values(bits: u64) -> Vec<Value> {
    let number = |bits: u64| Value::Number((bits % 9) as f64 - 4.0);
    vec![
        number(bits),
        number(bits / 9),
        Value::Truth((bits / 81).is_multiple_of(2)),
        Value::Word((bits / 162 % 3) as u16),
    ]
}

fn trace(steps: &[(i64, u64)]) -> Vec<Record> {
    let mut at = 0;
    let mut records: Vec<Record> = Vec::new();
    for &(after, bits) in steps {
        at += after;
        // A third of the records repeat the last values.
        let values = match records.last() {
            Some(last) if bits % 3 == 0 => last.values.clone(),
            _ => values(bits / 3),
        };
        records.push(Record {
            at: Time::from_millis(at),
            values,
        });
    }
    records
}

/// Up to 40 records, most of them close together, some far apart.
pub(crate) fn records() -> impl Strategy<Value = Vec<Record>> {
    let after = prop_oneof![3 => 1_i64..4, 2 => 4_i64..12, 1 => 12_i64..70];
    prop::collection::vec((after, 0_u64..10_000), 1..40).prop_map(|steps| trace(&steps))
}

/// Up to 40 records at whole multiples of `period`, most of them neighbours.
pub(crate) fn regular(period: i64) -> impl Strategy<Value = Vec<Record>> {
    let after = prop_oneof![5 => Just(1_i64), 1 => 2_i64..30];
    prop::collection::vec((after, 0_u64..10_000), 1..40).prop_map(move |steps| {
        let steps: Vec<_> = steps
            .into_iter()
            .map(|(after, bits)| (after * period, bits))
            .collect();
        trace(&steps)
    })
}

/// The same signals, with unchanged values recorded `every` few milliseconds as well.
pub(crate) fn repeated(records: &[Record], every: i64) -> Vec<Record> {
    let mut more = Vec::new();
    for pair in records.windows(2) {
        let mut at = pair[0].at;
        while at < pair[1].at {
            more.push(Record {
                at,
                values: pair[0].values.clone(),
            });
            at = Time::from_millis(at.millis() + every);
        }
    }
    more.extend(records.last().cloned());
    more
}

/// The same trace with `x` higher by `by`.
pub(crate) fn raised(records: &[Record], by: f64) -> Vec<Record> {
    let mut records = records.to_vec();
    for record in &mut records {
        if let Value::Number(x) = &mut record.values[0] {
            *x += by;
        }
    }
    records
}

/// The same trace, in which some values are not known. `bits` says from which record on each signal has
/// a value at all, and where it falls silent later.
pub(crate) fn silent(records: &[Record], bits: u64) -> Vec<Record> {
    let mut records = records.to_vec();
    for (i, record) in records.iter_mut().enumerate() {
        for (signal, value) in record.values.iter_mut().enumerate() {
            let begins = (bits >> (4 * signal)) & 7;
            let falls = (i as u64 ^ bits).is_multiple_of(5 + signal as u64);
            if (i as u64) < begins || falls {
                *value = Value::Unknown;
            }
        }
    }
    records
}
