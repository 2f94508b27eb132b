//! Many formulas along one trace say exactly what each says alone.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]
#![expect(dead_code, reason = "of the support only some is needed here")]

mod support;

use proptest::prelude::*;
use support::{formula, records, regular, silent, text, values};
use temporal_logic::{Formula, GridError, Monitor, Monitors, Record, RecordError};
use temporal_logic::{Sampling, SignalId, Time, Value};

/// Some formulas together, and the same ones each alone.
#[derive(Clone)]
struct Both {
    together: Monitors,
    /// These are told only what changed.
    told: Monitors,
    last: Vec<Value>,
    alone: Vec<Monitor>,
}

impl Both {
    fn new(texts: &[String], sampling: Sampling) -> Result<Self, GridError> {
        let formulas: Vec<Formula> = texts.iter().map(|text| formula(text)).collect();
        let alone = formulas.iter().cloned();
        Ok(Self {
            alone: alone
                .map(|formula| Monitor::new(formula, sampling))
                .collect::<Result<_, _>>()?,
            together: Monitors::new(formulas.clone(), sampling)?,
            told: Monitors::new(formulas, sampling)?,
            last: Vec::new(),
        })
    }

    fn observe(&mut self, record: &Record) {
        self.together.observe(record.at, &record.values).unwrap();
        let read = (0..self.told.len()).flat_map(|i| self.told.formula(i).signals());
        let new = |signal: &SignalId| match (
            record.values.get(signal.index()),
            self.last.get(signal.index()),
        ) {
            (Some(value), Some(last)) => !value.is_same(*last),
            _ => true,
        };
        let changed: Vec<SignalId> = read.filter(new).collect();
        self.told
            .observe_these(record.at, &record.values, &changed)
            .unwrap();
        self.last.clone_from(&record.values);
        for monitor in &mut self.alone {
            monitor.observe(record.at, &record.values, |_| {}).unwrap();
        }
    }

    fn hold_until(&mut self, at: Time) {
        self.together.hold_until(at).unwrap();
        self.told.hold_until(at).unwrap();
        for monitor in &mut self.alone {
            monitor.hold_until(at, |_| {}).unwrap();
        }
    }

    fn agree(&self) -> Result<(), TestCaseError> {
        for (i, monitor) in self.alone.iter().enumerate() {
            let text = monitor.formula().text();
            prop_assert_eq!(self.together.summary(i), monitor.summary(), "{}", text);
            prop_assert_eq!(self.told.summary(i), monitor.summary(), "{}", text);
            prop_assert_eq!(
                self.together.conclusion(i),
                monitor.conclusion(),
                "{}",
                text
            );
        }
        Ok(())
    }
}

/// Goes along the trace; where `asked` says so, looks at every summary, holds, or goes on with a clone.
fn same(
    texts: &[String],
    sampling: Sampling,
    records: &[Record],
    asked: u64,
) -> Result<(), TestCaseError> {
    let mut both = Both::new(texts, sampling).unwrap();
    for (i, record) in records.iter().enumerate() {
        both.observe(record);
        match (asked >> (2 * (i % 32))) & 3 {
            1 => both.agree()?,
            2 => {
                both.together.catch_up();
                both.agree()?;
                both = both.clone();
            }
            3 if i + 1 < records.len() => {
                let next = records[i + 1].at.millis();
                let at = Time::from_millis(record.at.millis() + 3);
                if at.millis() < next {
                    both.hold_until(at);
                }
            }
            _ => {}
        }
    }
    both.agree()
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    let scoped = (text(3), 0..3).prop_map(|(text, scope)| match scope {
        0 => text,
        1 => format!("always ({text})"),
        _ => format!("eventually ({text})"),
    });
    prop::collection::vec(scoped, 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn together_is_alone_in_dense_time(
        texts in texts(), records in records(), bits in any::<u64>(), asked in any::<u64>(),
    ) {
        same(&texts, Sampling::Dense, &records, asked)?;
        same(&texts, Sampling::Dense, &silent(&records, bits), asked)?;
    }

    #[test]
    fn together_is_alone_in_samples(
        texts in texts(), records in regular(3), bits in any::<u64>(), asked in any::<u64>(),
    ) {
        let texts: Vec<String> = texts.iter().map(|text| text.replace(" ms", " tick")).collect();
        let sampling = Sampling::Discrete { period: Time::from_millis(3) };
        same(&texts, sampling, &silent(&records, bits), asked)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 40,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Long enough for the list of records to be cut, and for signals to rest while others change.
    #[test]
    fn together_is_alone_on_long_traces(
        texts in texts(), seed in any::<u64>(), rest in 1_i64..4_000,
    ) {
        let mut both = Both::new(&texts, Sampling::Dense).unwrap();
        let mut bits = seed;
        for i in 0..6_000 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let mut values = values(bits >> 33);
            for (signal, value) in (0_i64..).zip(&mut values) {
                if (i / rest + signal) % 3 > 0 {
                    *value = Value::Unknown;
                }
            }
            both.observe(&Record { at: Time::from_millis(i * 2), values });
        }
        both.agree()?;
    }
}

#[test]
fn each_formula_begins_with_its_own_signals() {
    let texts = ["x > 0", "always (flag implies x > 0)", "true"].map(str::to_owned);
    let mut monitors = Both::new(&texts, Sampling::Dense).unwrap().together;
    let silence = [Value::Unknown; 4];
    let mut observe = |millis: i64, values: &[(usize, Value)]| {
        let mut record = silence;
        for &(signal, value) in values {
            record[signal] = value;
        }
        monitors
            .observe(Time::from_millis(millis), &record)
            .unwrap();
    };
    observe(0, &[]);
    observe(1, &[(0, Value::Number(3.0))]);
    observe(2, &[(2, Value::Truth(true))]);
    observe(3, &[(0, Value::Number(-0.5))]);
    let begins = |i| {
        let summary = monitors.summary(i);
        let first = summary.first.unwrap();
        (
            first.at.millis(),
            first.robustness,
            summary.records,
            summary.armed,
        )
    };
    assert_eq!(begins(0), (1, 3.0, 3, 3));
    assert_eq!(begins(1), (2, 3.0, 2, 2));
    assert_eq!(begins(2), (0, 1.0, 4, 4));
    let worst = monitors.conclusion(1).unwrap();
    assert_eq!((worst.at.millis(), worst.robustness), (3, -0.5));
    let atom = worst.atom.unwrap();
    assert_eq!(monitors.formula(1).atom_text(atom), "x > 0");
}

#[test]
fn a_refused_record_changes_none_of_them() {
    let texts = ["x > 0", "x / y > 0", "mode == HOLD"].map(str::to_owned);
    let mut both = Both::new(&texts, Sampling::Dense).unwrap();
    let record = |x, y, mode| {
        let flag = Value::Truth(false);
        [Value::Number(x), Value::Number(y), flag, mode]
    };
    let at = Time::from_millis;
    let mode = Value::Word(0);
    assert_eq!(
        both.together.hold_until(at(0)),
        Err(RecordError::NothingYet { at: at(0) })
    );
    both.observe(&Record {
        at: at(0),
        values: record(4.0, 2.0, mode).to_vec(),
    });
    let mut refused = |millis, record: &[Value]| {
        let error = both.together.observe(at(millis), record).unwrap_err();
        both.agree().unwrap();
        error
    };
    assert!(matches!(
        refused(1, &record(0.0, 0.0, Value::Word(2))),
        RecordError::Undefined {
            formula: 1,
            column: 1,
            ..
        }
    ));
    assert!(matches!(
        refused(1, &record(0.0, f64::NAN, mode)),
        RecordError::NotFinite { .. }
    ));
    assert!(matches!(
        refused(1, &record(0.0, 1.0, Value::Truth(true))),
        RecordError::Kind { .. }
    ));
    assert!(matches!(
        refused(1, &[Value::Number(7.0)]),
        RecordError::Kind { .. }
    ));
    assert!(matches!(
        refused(0, &record(0.0, 1.0, mode)),
        RecordError::NotLater { .. }
    ));
    // What was refused has not become the last value.
    both.observe(&Record {
        at: at(2),
        values: record(0.0, 1.0, Value::Word(2)).to_vec(),
    });
    both.agree().unwrap();
}

#[test]
fn one_that_is_given_up_keeps_nothing_from_the_others() {
    let texts = ["x / y > 0", "x > 0"].map(formula).to_vec();
    let mut monitors = Monitors::new(texts, Sampling::Dense).unwrap();
    let at = Time::from_millis;
    let both = |x, y| [Value::Number(x), Value::Number(y)];
    monitors.observe(at(0), &both(1.0, 1.0)).unwrap();
    let refused = monitors.observe(at(1), &both(0.0, 0.0)).unwrap_err();
    assert!(matches!(refused, RecordError::Undefined { formula: 0, .. }));
    monitors.give_up(0);
    monitors.observe(at(1), &both(0.0, 0.0)).unwrap();
    monitors.observe(at(2), &both(5.0, 0.0)).unwrap();
    let worst = monitors.summary(1).worst.unwrap();
    assert_eq!((worst.at, worst.robustness), (at(1), 0.0));
    assert_eq!(monitors.summary(1).records, 3);
}

#[test]
fn no_formula_at_all_is_fine() {
    let mut both = Both::new(&[], Sampling::Dense).unwrap();
    both.observe(&Record {
        at: Time::ZERO,
        values: Vec::new(),
    });
    assert!(both.together.is_empty());
}
