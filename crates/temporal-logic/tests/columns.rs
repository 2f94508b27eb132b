//! A recorded trace refuses what a monitor refuses, and says what a monitor says.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use proptest::prelude::*;
use temporal_logic::offline::JudgeError;
use temporal_logic::{Columns, Formula, Monitor, Names, RecordError};
use temporal_logic::{Sampling, Time, Units, Value};

fn names() -> Names {
    let mut names = Names::new(Units::new());
    names.number("x", "1").unwrap();
    names.number("y", "1").unwrap();
    names.truth("flag").unwrap();
    names.word("mode", &["RUN", "REST"]).unwrap();
    names
}

const PERIOD: Sampling = Sampling::Discrete {
    period: Time::from_millis(2),
};

/// What a monitor says, or what it refuses first.
fn online(formula: &Formula, records: &[(Time, Vec<Value>)]) -> Result<Vec<u64>, JudgeError> {
    let mut monitor = Monitor::new(formula.clone(), PERIOD)?;
    let mut told = Vec::new();
    for (at, record) in records {
        monitor.observe(*at, record, |verdict| {
            told.push(verdict.robustness.to_bits())
        })?;
    }
    Ok(told)
}

fn afterwards(columns: &Columns, formula: &Formula) -> Result<Vec<u64>, JudgeError> {
    let mut told = Vec::new();
    columns.judge(formula, PERIOD, |verdict| {
        told.push(verdict.robustness.to_bits())
    })?;
    Ok(told)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Over several blocks of records, some of which cannot be judged: 0 by 0, or between samples.
    #[test]
    fn what_is_refused_online_is_refused_afterwards(
        numbers in prop::collection::vec((0_i32..40, 0_i32..40), 1..700),
        off in prop::option::weighted(0.3, 0_usize..700),
        rare in 1_i32..40,
    ) {
        let mut columns = Columns::new(&names());
        let mut records = Vec::new();
        for (i, (x, y)) in numbers.into_iter().enumerate() {
            let at = Time::from_millis(i as i64 * 2 + i64::from(off == Some(i)));
            let number = |n: i32| Value::Number(f64::from(n / rare));
            let word = Value::Word((x % 2) as u16);
            let record = vec![number(x), number(y), Value::Truth(y > 9), word];
            columns.push(at, &record).unwrap();
            records.push((at, record));
        }
        for text in [
            "x / y > 1",
            "always (x > 4 implies eventually[0, 0.02] (y / x < 1 and flag))",
            "flag since[0.002, 0.1] abs(x - y) <= 1",
            "mode == REST until[0, 1] x * x / y != y",
        ] {
            let formula = Formula::parse(text, &names()).unwrap();
            prop_assert_eq!(afterwards(&columns, &formula), online(&formula, &records), "{}", text);
        }
    }
}

#[test]
fn a_refused_record_leaves_no_trace() {
    let mut columns = Columns::new(&names());
    let record = |x, mode| [Value::Number(x), Value::Unknown, Value::Unknown, mode];
    let at = Time::from_millis;
    columns.push(at(4), &record(1.0, Value::Unknown)).unwrap();
    let mut refused = |millis, record: &[Value]| columns.push(at(millis), record).unwrap_err();
    assert!(matches!(
        refused(4, &record(2.0, Value::Word(0))),
        RecordError::NotLater { .. }
    ));
    assert!(matches!(
        refused(6, &record(f64::INFINITY, Value::Word(0))),
        RecordError::NotFinite { .. }
    ));
    assert!(matches!(
        refused(6, &record(-5.0, Value::Truth(true))),
        RecordError::Kind { .. }
    ));
    assert!(matches!(
        refused(6, &[Value::Number(-5.0)]),
        RecordError::Kind { .. }
    ));
    columns.push(at(6), &record(3.0, Value::Word(1))).unwrap();
    assert_eq!(columns.len(), 2);
    let said = |text| {
        let formula = Formula::parse(text, &names()).unwrap();
        let summary = columns.judge(&formula, PERIOD, |_| {}).unwrap();
        let robustness = |verdict: temporal_logic::Verdict| verdict.robustness;
        (summary.records, summary.worst.map(robustness))
    };
    assert_eq!(said("x > 0"), (2, Some(1.0)));
    assert_eq!(said("x > 0 and mode == REST"), (1, Some(1.0)));
    // Nobody ever said what it is.
    assert_eq!(said("y > 0"), (0, None));
}

#[test]
fn no_record_is_no_verdict() {
    let columns = Columns::new(&names());
    let formula = Formula::parse("true", &names()).unwrap();
    let summary = columns.judge(&formula, PERIOD, |_| {}).unwrap();
    assert!(columns.is_empty() && summary.first.is_none());
}
