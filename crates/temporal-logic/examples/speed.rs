//! Records a second of one formula online, at two window lengths.
//!
//! ```sh
//! cargo run --release -p temporal-logic --example speed
//! ```
//!
//! One record a second, both signals random walks. The last line is a trace in which nothing changes.

use std::hint::black_box;
use std::time::Instant;

use temporal_logic::{Formula, Monitor, Names, Sampling, Time, Units, Value};

const RECORDS: i64 = 2_000_000;
const ROUNDS: usize = 3;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut names = Names::new(Units::new());
    names.number("a", "1")?;
    names.number("b", "1")?;
    let moving = records(1.0);
    let still = records(0.0);
    println!(
        "{:<48} {:>7} {:>15} {:>15}",
        "formula", "seconds", "dense", "discrete"
    );
    for shape in [
        "always[0, T] (a >= 1.5)",
        "eventually[0, T] (a >= 1.5)",
        "historically[0, T] (a >= 1.5)",
        "always (a >= 1.5 implies eventually[0, T] (b >= 0))",
        "(a >= -3) until[0, T] (b >= 1.5)",
        "(a >= -3) since[5, T] (b >= 1.5)",
    ] {
        for seconds in [60, 3_600] {
            report(shape, seconds, &names, &moving)?;
        }
    }
    println!("nothing changes:");
    report("always[0, T] (a >= 1.5)", 60, &names, &still)
}

fn report(
    shape: &str,
    seconds: u32,
    names: &Names,
    records: &[[Value; 2]],
) -> Result<(), Box<dyn std::error::Error>> {
    let formula = Formula::parse(&shape.replace('T', &seconds.to_string()), names)?;
    let period = Time::from_millis(1_000);
    let dense = speed(&formula, Sampling::Dense, records)?;
    let discrete = speed(&formula, Sampling::Discrete { period }, records)?;
    println!("{shape:<48} {seconds:>7} {dense:>13.1} M {discrete:>13.1} M");
    Ok(())
}

/// Millions of records a second, the best of a few rounds.
#[expect(
    clippy::disallowed_methods,
    reason = "the only use of a clock is to measure the monitor"
)]
fn speed(
    formula: &Formula,
    sampling: Sampling,
    records: &[[Value; 2]],
) -> Result<f64, Box<dyn std::error::Error>> {
    let mut best: f64 = 0.0;
    for _ in 0..ROUNDS {
        let mut monitor = Monitor::new(formula.clone(), sampling)?;
        let mut sum = 0.0;
        let start = Instant::now();
        for (second, record) in (0..).zip(records) {
            let at = Time::from_millis(second * 1_000);
            monitor.observe(at, record, |verdict| sum += verdict.robustness)?;
        }
        let took = start.elapsed().as_secs_f64();
        black_box((sum, monitor.conclusion()));
        best = best.max(records.len() as f64 / took / 1e6);
    }
    Ok(best)
}

/// Two bounded walks, from a small linear congruential generator.
fn records(step: f64) -> Vec<[Value; 2]> {
    let mut state = 1_u64;
    let mut random = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    };
    let (mut a, mut b) = (2.0, 0.0);
    (0..RECORDS)
        .map(|_| {
            a = 0.99 * a + step * random();
            b = 0.99 * b + step * random();
            [Value::Number(a * step), Value::Number(b * step)]
        })
        .collect()
}
