//! Samples a second of one formula online, and what it says: our half of `tests/rtamt/speed.py`.
//!
//! ```sh
//! cargo run --release -p temporal-logic --example speed -- 2000
//! ```
//!
//! Lines `formula;samples a second;answer`. The answer is what the formula has said after its window
//! and so many samples more: of an outermost `always` the worst, else the last verdict.

use std::hint::black_box;
use std::time::Instant;

use temporal_logic::{Formula, Monitor, Names, Sampling, Scope, Time, Units, Value};

const SAMPLES: usize = 2_000_000;
const ROUNDS: usize = 5;
const PERIOD: Time = Time::from_millis(1_000);
const SHAPES: [&str; 3] = [
    "always (a > 1)",
    "eventually[0, T] (a > 1)",
    "always ((a > 1) implies eventually[0, T] (b > 1))",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let more: usize = std::env::args().nth(1).map_or(Ok(2_000), |it| it.parse())?;
    let mut names = Names::new(Units::new());
    names.number("a", "1")?;
    names.number("b", "1")?;
    let samples = samples();
    for shape in SHAPES {
        for seconds in [60, 3_600] {
            let text = shape.replace('T', &seconds.to_string());
            let sampling = Sampling::Discrete { period: PERIOD };
            let monitor = Monitor::new(Formula::parse(&text, &names)?, sampling)?;
            let speed = speed(&monitor, &samples)?;
            let answer = answer(monitor, &samples[..seconds + 1 + more])?;
            println!("{text};{speed:.0};{answer}");
        }
    }
    Ok(())
}

/// Two signals of whole multiples of 1/500 from -2 to 2.998; `speed.py` makes the same ones.
fn samples() -> Vec<[Value; 2]> {
    let mut state = 1_u64;
    let mut number = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        Value::Number(((state >> 33) % 2_500) as f64 / 500.0 - 2.0)
    };
    (0..SAMPLES).map(|_| [number(), number()]).collect()
}

/// Of a few rounds the best.
#[expect(
    clippy::disallowed_methods,
    reason = "the only use of a clock is to measure the monitor"
)]
fn speed(ready: &Monitor, samples: &[[Value; 2]]) -> Result<f64, temporal_logic::RecordError> {
    let mut best: f64 = 0.0;
    for _ in 0..ROUNDS {
        let (monitor, start) = (ready.clone(), Instant::now());
        black_box(answer(monitor, samples)?);
        best = best.max(samples.len() as f64 / start.elapsed().as_secs_f64());
    }
    Ok(best)
}

fn answer(
    mut monitor: Monitor,
    samples: &[[Value; 2]],
) -> Result<f64, temporal_logic::RecordError> {
    let mut last = f64::NAN;
    for (second, sample) in (0..).zip(samples) {
        let at = Time::from_millis(second * PERIOD.millis());
        monitor.observe(at, sample, |verdict| last = verdict.robustness)?;
    }
    Ok(match (monitor.formula().scope(), monitor.conclusion()) {
        (Scope::Every, Some(worst)) => worst.robustness,
        _ => last,
    })
}
