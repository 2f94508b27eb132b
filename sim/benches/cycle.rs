//! What one control cycle costs, and a whole wean.
//!
//! `cargo bench -p weanbench`. The budget is 1,000 weans of the paper's arm in 20 s on two cores, which
//! is 40 ms of one core a wean. Times on a shared machine are magnitudes.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use dose_controller::Controller;
use weanbench::bench::{Bench, Observer};
use weanbench::case::Case;
use weanbench::config::Library;
use weanbench::record::Record;
use weanbench::study::cohort::run_case;

/// Counts records and looks at nothing.
struct Count(u64);

impl Observer for Count {
    fn observe(&mut self, _: &Record<'_>) {
        self.0 += 1;
    }
}

fn library() -> Library {
    Library::shipped("hwang-2019", &["cohort.size=20".to_owned()])
        .expect("it ships with the bench")
        .expect("it is checked by a test")
}

fn weans(criterion: &mut Criterion) {
    let library = library();
    let case = Case::new(&library, &library.scenario.arms[0], 1).expect("checked");
    let mut count = Count(0);
    Bench::new(&case, Controller::new)
        .run(&mut count)
        .expect("no stall");
    println!("one wean is {} records", count.0);
    // What is made once for all runs is no cost of a run.
    black_box(run_case(&case).expect("no stall"));
    let mut group = criterion.benchmark_group("wean");
    group.sample_size(20);
    group.throughput(criterion::Throughput::Elements(count.0));
    group.bench_function("plant, people and controller", |bencher| {
        bencher.iter(|| {
            let mut count = Count(0);
            Bench::new(&case, Controller::new)
                .run(&mut count)
                .expect("no stall");
            black_box(count.0)
        });
    });
    group.bench_function("with every requirement and the digest", |bencher| {
        bencher.iter(|| black_box(run_case(&case).expect("no stall")));
    });
    group.finish();
}

criterion_group!(benches, weans);
criterion_main!(benches);
