//! Agreement with RTAMT on random formulas and traces; `tests/rtamt/` of the workspace tells how the
//! cases were made.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::collections::BTreeMap;
use std::path::Path;

use temporal_logic::{Formula, Monitor, Names, Sampling, Time, Units, Value, offline};
use temporal_logic::{Record, Verdict};

const TOLERANCE: f64 = 1e-9;
const PERIOD: Time = Time::from_millis(1_000);

struct Cases {
    /// For each trace its records.
    traces: Vec<Vec<Record>>,
    /// For each formula its text and RTAMT's answer on every trace.
    formulas: Vec<(String, Vec<f64>)>,
}

fn numbers(text: &str) -> Vec<f64> {
    text.split(' ')
        .map(|number| number.parse().unwrap())
        .collect()
}

fn read() -> Cases {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/rtamt/cases.csv");
    let text = std::fs::read_to_string(path).unwrap();
    let mut signals: BTreeMap<usize, Vec<Vec<f64>>> = BTreeMap::new();
    let mut formulas = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let parts: Vec<&str> = line.split(';').collect();
        match parts[..] {
            ["trace", trace, _, values] => {
                let trace = trace.parse().unwrap();
                signals.entry(trace).or_default().push(numbers(values));
            }
            ["formula", text, answers] => formulas.push((text.to_owned(), numbers(answers))),
            _ => panic!("a line that is neither trace nor formula: {line}"),
        }
    }
    let traces = signals
        .into_values()
        .map(|columns| records(&columns))
        .collect();
    Cases { traces, formulas }
}

fn records(columns: &[Vec<f64>]) -> Vec<Record> {
    let record = |i: usize| Record {
        at: Time::from_millis(PERIOD.millis() * i as i64),
        values: columns
            .iter()
            .map(|column| Value::Number(column[i]))
            .collect(),
    };
    (0..columns[0].len()).map(record).collect()
}

fn names() -> Names {
    let mut names = Names::new(Units::new());
    for name in ["a", "b", "c"] {
        names.number(name, "1").unwrap();
    }
    names
}

fn first(formula: &Formula, sampling: Sampling, records: &[Record]) -> Verdict {
    let mut monitor = Monitor::new(formula.clone(), sampling).unwrap();
    for record in records {
        monitor.observe(record.at, &record.values, |_| {}).unwrap();
    }
    monitor
        .summary()
        .first
        .expect("every horizon lies inside the trace")
}

/// Zero for equal infinities.
fn difference(ours: f64, theirs: f64) -> f64 {
    if ours == theirs {
        0.0
    } else {
        (ours - theirs).abs()
    }
}

#[test]
fn robustness_is_that_of_rtamt() {
    let (cases, names) = (read(), names());
    let (mut pairs, mut finite, mut worst) = (0, 0, 0.0_f64);
    for (text, answers) in &cases.formulas {
        let formula =
            Formula::parse(text, &names).unwrap_or_else(|error| panic!("{text}: {error}"));
        let only_windows = ["rise", "fall", "until", "since"]
            .iter()
            .all(|word| !text.contains(word));
        for (records, theirs) in cases.traces.iter().zip(answers) {
            let ours = first(&formula, Sampling::Discrete { period: PERIOD }, records);
            worst = worst.max(difference(ours.robustness, *theirs));
            assert!(
                worst <= TOLERANCE,
                "{text}: {} but {theirs}",
                ours.robustness
            );
            // Where a formula says nothing of the moments between samples, dense time agrees.
            if only_windows {
                let dense = first(&formula, Sampling::Dense, records);
                assert_eq!(
                    dense.robustness.to_bits(),
                    ours.robustness.to_bits(),
                    "{text}"
                );
            }
            pairs += 1;
            finite += usize::from(theirs.is_finite());
        }
    }
    println!("{pairs} pairs, {finite} finite, worst difference {worst:e}");
    assert!(
        pairs >= 10_000 && finite >= 10_000,
        "{pairs} pairs, {finite} finite"
    );
}

#[test]
fn the_definition_is_that_of_rtamt() {
    let (cases, names) = (read(), names());
    for (text, answers) in cases.formulas.iter().step_by(7) {
        let formula = Formula::parse(text, &names).unwrap();
        for (records, theirs) in cases.traces.iter().zip(answers).step_by(5) {
            let sampling = Sampling::Discrete { period: PERIOD };
            let ours = offline::judge(&formula, sampling, records)
                .unwrap()
                .summary
                .first
                .unwrap();
            assert!(difference(ours.robustness, *theirs) <= TOLERANCE, "{text}");
        }
    }
}
