//! Laws, over random formulas and random signals with irregular times.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use proptest::prelude::*;
use support::{formula, names, online, online_parsed, records, regular, repeated, silent, text};
use temporal_logic::{Columns, Record, Sampling, Time, Verdict, offline};

/// Everything but the atom, of which there may be several with one margin.
fn plain(verdict: Option<Verdict>) -> Option<(Time, u64, bool)> {
    verdict.map(|verdict| (verdict.at, verdict.robustness.to_bits(), verdict.holds))
}

fn agree(text: &str, sampling: Sampling, records: &[Record]) -> Result<(), TestCaseError> {
    let formula = formula(text);
    let expected = offline::judge(&formula, sampling, records).expect("the trace can be judged");
    let mut columns = Columns::new(&names());
    for record in records {
        columns.push(record.at, &record.values).expect("a record");
    }
    let mut afterwards = Vec::new();
    let summary = columns
        .judge(&formula, sampling, |verdict| afterwards.push(verdict))
        .expect("the trace can be judged");
    let (verdicts, monitor) = online_parsed(formula, sampling, records);
    prop_assert_eq!(&afterwards, &verdicts, "{}", text);
    prop_assert_eq!(summary, monitor.summary(), "{}", text);
    let known: Vec<_> = expected
        .verdicts
        .iter()
        .copied()
        .flatten()
        .map(Some)
        .map(plain)
        .collect();
    let told: Vec<_> = verdicts.iter().copied().map(Some).map(plain).collect();
    prop_assert_eq!(told, known, "{}", text);
    let (ours, theirs) = (monitor.summary(), expected.summary);
    let counts = |s: temporal_logic::Summary| (s.records, s.judged, s.armed, s.open_from);
    prop_assert_eq!(counts(ours), counts(theirs), "{}", text);
    prop_assert_eq!(plain(ours.first), plain(theirs.first), "{}", text);
    prop_assert_eq!(plain(ours.worst), plain(theirs.worst), "{}", text);
    prop_assert_eq!(plain(ours.best), plain(theirs.best), "{}", text);
    let armed = |s: temporal_logic::Summary| plain(s.worst_armed);
    prop_assert_eq!(armed(ours), armed(theirs), "{}", text);
    prop_assert_eq!(ours.first_breach, theirs.first_breach, "{}", text);
    prop_assert_eq!(ours.only_late, theirs.only_late, "{}", text);
    prop_assert_eq!(
        plain(monitor.conclusion()),
        plain(expected.conclusion),
        "{}",
        text
    );
    Ok(())
}

/// Verdicts of both formulas agree wherever both are known.
fn same(left: &str, right: &str, records: &[Record]) -> Result<(), TestCaseError> {
    let (left_told, right_told) = (
        online(left, Sampling::Dense, records),
        online(right, Sampling::Dense, records),
    );
    for (a, b) in left_told.iter().zip(&right_told) {
        prop_assert_eq!(plain(Some(*a)), plain(Some(*b)), "{} | {}", left, right);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_500,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn online_is_offline_in_dense_time(text in text(4), records in records()) {
        agree(&text, Sampling::Dense, &records)?;
        agree(&format!("always ({text})"), Sampling::Dense, &records)?;
    }

    /// Deadlines are rare among random formulas.
    #[test]
    fn lateness_is_that_of_the_definition(
        when in text(1), what in text(2), within in 0_i64..9, records in records(),
    ) {
        agree(&format!("({when}) implies eventually[0 ms, {within} ms] ({what})"), Sampling::Dense, &records)?;
    }

    #[test]
    fn online_is_offline_in_samples(text in text(4), records in regular(3)) {
        // Bounds in the texts are multiples of one millisecond; three times that is the period.
        let text = text.replace(" ms", " tick");
        agree(&text, Sampling::Discrete { period: Time::from_millis(3) }, &records)?;
    }

    #[test]
    fn online_is_offline_where_values_are_not_known(
        text in text(3), records in regular(3), bits in any::<u64>(),
    ) {
        let records = silent(&records, bits);
        agree(&text, Sampling::Dense, &records)?;
        let text = text.replace(" ms", " tick");
        agree(&text, Sampling::Discrete { period: Time::from_millis(3) }, &records)?;
    }

    #[test]
    fn a_repeated_value_changes_no_verdict(text in text(4), records in records(), every in 1_i64..4) {
        let more = repeated(&records, every);
        let few = online(&text, Sampling::Dense, &records);
        let many = online(&text, Sampling::Dense, &more);
        for verdict in few {
            let twin = many.iter().find(|twin| twin.at == verdict.at);
            prop_assert_eq!(plain(Some(verdict)), plain(twin.copied()), "{}", text);
        }
    }

    #[test]
    fn a_shift_of_the_clock_shifts_the_verdicts(text in text(3), records in records(), by in -1_000_000_i64..1_000_000) {
        let later = |at: Time| Time::from_millis(at.millis() + by);
        let shifted: Vec<Record> = records
            .iter()
            .map(|record| Record { at: later(record.at), values: record.values.clone() })
            .collect();
        let here = online(&text, Sampling::Dense, &records);
        let there = online(&text, Sampling::Dense, &shifted);
        prop_assert_eq!(here.len(), there.len());
        for (a, b) in here.iter().zip(&there) {
            let a = Verdict { at: later(a.at), ..*a };
            prop_assert_eq!(plain(Some(a)), plain(Some(*b)), "{}", text);
        }
    }

    #[test]
    fn negation_turns_each_operator_into_its_dual(
        a in text(2), b in text(2), records in records(), from in 0_i64..6, length in 0_i64..8,
    ) {
        let window = format!("[{from} ms, {} ms]", from + length);
        let pairs = [
            (format!("not always{window} ({a})"), format!("eventually{window} (not ({a}))")),
            (format!("not historically{window} ({a})"), format!("once{window} (not ({a}))")),
            (format!("not historically ({a})"), format!("once (not ({a}))")),
            (format!("not (({a}) and ({b}))"), format!("(not ({a})) or (not ({b}))")),
            (format!("({a}) implies ({b})"), format!("(not ({a})) or ({b})")),
            (format!("not (({a}) xor ({b}))"), format!("({a}) iff ({b})")),
            (format!("fall({a})"), format!("rise(not ({a}))")),
        ];
        for (left, right) in &pairs {
            same(left, right, &records)?;
        }
    }

    #[test]
    fn until_lies_between_its_goal_and_its_window(
        a in text(2), b in text(2), records in records(), from in 0_i64..6, length in 0_i64..8,
    ) {
        let window = format!("[{from} ms, {} ms]", from + length);
        for (timed, plain) in [("until", "eventually"), ("since", "once")] {
            let timed = online(&format!("({a}) {timed}{window} ({b})"), Sampling::Dense, &records);
            let plain = online(&format!("{plain}{window} ({b})"), Sampling::Dense, &records);
            for (strong, weak) in timed.iter().zip(&plain) {
                prop_assert!(strong.robustness <= weak.robustness);
            }
        }
    }

    #[test]
    fn a_longer_window_asks_more_of_always_and_less_of_eventually(
        a in text(3), records in records(), to in 0_i64..8, more in 0_i64..8,
    ) {
        let told = |operator: &str, to: i64| {
            online(&format!("{operator}[0 ms, {to} ms] ({a})"), Sampling::Dense, &records)
        };
        for (less, greater) in [("always", "eventually"), ("historically", "once")] {
            for (short, long) in told(less, to).iter().zip(&told(less, to + more)) {
                prop_assert!(long.robustness <= short.robustness);
            }
            for (short, long) in told(greater, to).iter().zip(&told(greater, to + more)) {
                prop_assert!(long.robustness >= short.robustness);
            }
        }
    }

    #[test]
    fn raising_a_signal_raises_what_only_wants_it_high(records in records(), by in 0.0_f64..3.0) {
        let raised: Vec<Record> = support::raised(&records, by);
        for text in [
            "always[0 ms, 7 ms] (x > 1 until[1 ms, 5 ms] x >= 2)",
            "once[2 ms, 9 ms] historically[0 ms, 3 ms] x > -1",
            "(x > 0 since x > 2) or eventually[0 ms, 4 ms] (x > 3 and x + x > 2)",
        ] {
            let (low, high) = (
                online(text, Sampling::Dense, &records),
                online(text, Sampling::Dense, &raised),
            );
            for (low, high) in low.iter().zip(&high) {
                prop_assert!(low.robustness <= high.robustness);
                prop_assert!(high.robustness <= low.robustness + 2.0 * by + 1e-12 || low.robustness.is_infinite());
            }
        }
    }

    #[test]
    fn memory_is_bounded_by_the_window(text in text(3)) {
        let formula = formula(&text);
        let window = formula.horizon().millis() + 60;
        let mut monitor = temporal_logic::Monitor::new(formula, Sampling::Dense).expect("dense");
        for i in 0..2_000_i64 {
            let at = Time::from_millis(i);
            monitor.observe(at, &support::values(i as u64 * 7_919), |_| {}).expect("a record");
            prop_assert!((monitor.remembered() as i64) < 64 * window, "{}", text);
        }
    }
}

#[test]
fn names_are_what_the_generator_expects() {
    assert_eq!(names().signals().count(), 4);
}
