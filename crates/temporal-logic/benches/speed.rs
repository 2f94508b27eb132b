//! Records a second of one formula: online, among many, and over a whole recorded trace.
//!
//! `cargo bench -p temporal-logic`. A million samples a second apart, both signals changing with every
//! sample or with one in a thousand. Times on a shared machine are magnitudes.

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
};
use temporal_logic::{
    Columns, Formula, Monitor, Monitors, Names, Sampling, Time, Units, Value, Verdict,
};

const SAMPLES: i64 = 1_000_000;
const SHAPES: [&str; 3] = [
    "always (a > 1)",
    "eventually[0, T] a > 1",
    "always (a > 1 implies eventually[0, T] b > 1)",
];

/// A trace, twice.
struct Trace {
    records: Vec<(Time, [Value; 2])>,
    columns: Columns,
}

impl Trace {
    /// Whole multiples of 1/500 from -2 to 2.998.
    fn new(names: &Names, every: i64) -> Self {
        let mut state = 1_u64;
        let mut random = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            Value::Number(((state >> 33) % 2_500) as f64 / 500.0 - 2.0)
        };
        let (mut records, mut columns) = (Vec::new(), Columns::new(names));
        let mut record = [Value::Number(0.0); 2];
        for second in 0..SAMPLES {
            if second % every == 0 {
                record = [random(), random()];
            }
            let at = Time::from_millis(second * 1_000);
            records.push((at, record));
            columns.push(at, &record).expect("a record");
        }
        Self { records, columns }
    }
}

fn speed(criterion: &mut Criterion) {
    let mut names = Names::new(Units::new());
    for name in ["a", "b"] {
        names.number(name, "1").expect("a new name");
    }
    for (changes, every) in [("every sample", 1), ("one in a thousand", 1_000)] {
        let trace = Trace::new(&names, every);
        let mut group = criterion.benchmark_group(format!("changes {changes}"));
        group
            .sample_size(10)
            .warm_up_time(Duration::from_millis(500))
            .measurement_time(Duration::from_secs(2));
        group.throughput(Throughput::Elements(SAMPLES as u64));
        for shape in SHAPES {
            for seconds in ["60", "3600"] {
                let text = shape.replace('T', seconds);
                measure(
                    &mut group,
                    &trace,
                    &Formula::parse(&text, &names).expect("a formula"),
                );
                if text == shape {
                    break;
                }
            }
        }
        group.finish();
    }
}

fn measure(group: &mut BenchmarkGroup<'_, WallTime>, trace: &Trace, formula: &Formula) {
    let id = |how| BenchmarkId::new(how, formula.text());
    let ready = Monitor::new(formula.clone(), Sampling::Dense).expect("it fits");
    group.bench_function(id("online"), |bencher| {
        bencher.iter(|| {
            let (mut monitor, mut sum) = (ready.clone(), 0.0);
            for (at, record) in &trace.records {
                let observed = monitor.observe(*at, record, |verdict| sum += verdict.robustness);
                observed.expect("a record");
            }
            black_box((sum, monitor.summary()))
        });
    });
    let ready = Monitors::new(vec![formula.clone()], Sampling::Dense).expect("it fits");
    group.bench_function(id("among many"), |bencher| {
        bencher.iter(|| {
            let mut monitors = ready.clone();
            for (at, record) in &trace.records {
                monitors.observe(*at, record).expect("a record");
            }
            black_box(monitors.summary(0))
        });
    });
    group.bench_function(id("offline"), |bencher| {
        bencher.iter(|| {
            let mut sum = 0.0;
            let tell = |verdict: Verdict| sum += verdict.robustness;
            let summary = trace.columns.judge(formula, Sampling::Dense, tell);
            black_box((summary.expect("it can be judged"), sum))
        });
    });
}

criterion_group!(benches, speed);
criterion_main!(benches);
