//! The same scenario and seed give the same bytes: twice, with one worker or many, in every build.
//!
//! `golden/digests.txt` is read in debug and in release, so that both must agree with it and with each
//! other. To bless a change: `WEANBENCH_BLESS=1 cargo test -p bench-tests golden`, and say why in the
//! commit.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::support::{read, root, run, stem, summarise, toml_files};

fn digest(path: &std::path::Path, overrides: &[&str]) -> String {
    let library = read(path, overrides);
    summarise("", &library, &run(&library)).digest
}

#[test]
fn golden_digests_of_every_story() {
    let mut found = BTreeMap::new();
    for path in toml_files("configs/scenarios") {
        let name = stem(&path);
        let small: &[&str] = if name == "hwang-2019" {
            &["cohort.size=5"]
        } else {
            &[]
        };
        found.insert(name, digest(&path, small));
    }
    let text = found
        .iter()
        .fold(String::new(), |mut text, (name, digest)| {
            let _ = writeln!(text, "{digest}  {name}");
            text
        });
    let golden = root().join("tests/golden/digests.txt");
    if std::env::var_os("WEANBENCH_BLESS").is_some() {
        std::fs::write(&golden, &text).expect("a writable tree");
    }
    let kept = std::fs::read_to_string(&golden).unwrap_or_default();
    assert_eq!(text, kept, "digests have moved; see the head of this file");
}

#[test]
fn twice_is_the_same_and_workers_do_not_matter() {
    let path = root().join("configs/scenarios/hwang-2019.toml");
    let with = |workers: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(workers)
            .build()
            .expect("a pool");
        pool.install(|| digest(&path, &["cohort.size=4"]))
    };
    let one = with(1);
    assert_eq!(one, with(1));
    assert_eq!(one, with(2));
    assert_eq!(one, with(5));
}

#[test]
fn another_seed_is_another_run() {
    let path = root().join("configs/scenarios/first.toml");
    assert_ne!(digest(&path, &[]), digest(&path, &["seed=2"]));
}

#[test]
fn a_fault_moves_no_draw_of_anything_else() {
    use weanbench::draw::{Draws, Purpose};
    // The patient and the nurse of a scenario with a fault are those of the one without.
    let path = root().join("configs/scenarios/first.toml");
    let (with, without) = (read(&path, &[]), read(&path, &["faults=[]"]));
    let draws = |seed| {
        Draws::new(seed, 1)
            .at(Purpose::Rating, "scores", 10_800_000)
            .normal()
    };
    assert_eq!(
        draws(with.scenario.seed).to_bits(),
        draws(without.scenario.seed).to_bits()
    );
    let outcome = |library| {
        run(library)[0]
            .judged
            .as_ref()
            .expect("no stall")
            .outcome
            .start_dose_ug_per_day
    };
    assert_eq!(outcome(&with).to_bits(), outcome(&without).to_bits());
}

/// Every message as a value, and every message as a sealed frame of bytes.
#[test]
fn frames_give_the_same_bytes_as_values() {
    use dose_controller::Controller;
    use weanbench::bench::{Bench, Observer};
    use weanbench::case::Case;
    use weanbench::record::{self, Record};
    use weanbench::trace::Digest;

    struct Whole(Digest);

    impl Observer for Whole {
        fn observe(&mut self, record: &Record<'_>) {
            record::digest(&mut self.0, record);
        }
    }

    let stories = [
        ("first", &[][..]),
        ("bad-readings", &[]),
        ("first", &["profile=P0"]),
        (
            "first",
            &["profile=P2", "faults=[]", "run_max_h=30", "follow_up_h=1"],
        ),
    ];
    for (story, overrides) in stories {
        let path = root().join(format!("configs/scenarios/{story}.toml"));
        let library = read(&path, overrides);
        let case = Case::new(&library, &library.scenario.arms[0], 0).expect("a shipped story");
        let digest = |bench: Bench<'_, Controller>| {
            let mut whole = Whole(Digest::new());
            bench.run(&mut whole).expect("no stall");
            whole.0.hex()
        };
        let values = digest(Bench::new(&case, Controller::new));
        let frames = digest(Bench::sealed(&case, Controller::new));
        assert_eq!(values, frames, "{story} {overrides:?}");
    }
}
