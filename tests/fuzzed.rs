//! What the fuzzers throw at every reader of foreign bytes, without a fuzzer: their corpus as it is kept, the corpus
//! spoilt, and rubbish. Each check is the one that a fuzz target calls (`sim/fuzz`).

#[path = "../sim/fuzz/checks/answer.rs"]
mod answer;
#[path = "../sim/fuzz/checks/ask.rs"]
mod ask;
#[path = "../sim/fuzz/checks/decision.rs"]
mod decision;
#[path = "../sim/fuzz/checks/frame.rs"]
mod frame;

use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseResult, TestRunner};

/// A target by its name, and what it calls.
type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 4] = [
    ("answer", answer::check),
    ("ask", ask::check),
    ("decision", decision::check),
    ("frame", frame::check),
];

/// The corpus of a target, in the order of its names.
fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let fuzz = concat!(env!("CARGO_MANIFEST_DIR"), "/../sim/fuzz/corpus");
    let files = std::fs::read_dir(Path::new(fuzz).join(target)).expect("a corpus is kept");
    let file = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.expect("a folder can be listed").path();
        let bytes = std::fs::read(&path).expect("a file can be read");
        (path.display().to_string(), bytes)
    };
    let mut all: Vec<_> = files.map(file).collect();
    all.sort();
    all
}

#[test]
fn every_input_that_a_fuzzer_kept_is_stood() {
    for (target, check) in TARGETS {
        let all = corpus(target);
        let bytes: usize = all.iter().map(|(_, bytes)| bytes.len()).sum();
        assert!(all.len() >= 10, "{target} has {} inputs", all.len());
        assert!(all.len() < 300 && bytes < 1_000_000, "{target} has grown");
        for (name, bytes) in all {
            let stood = std::panic::catch_unwind(|| check(&bytes));
            assert!(stood.is_ok(), "{name}");
        }
    }
}

#[test]
fn every_target_is_checked_here() {
    let manifest = include_str!("../sim/fuzz/Cargo.toml");
    let named = |target: &str| manifest.contains(&format!("name = \"{target}\""));
    assert!(TARGETS.iter().all(|(target, _)| named(target)));
    assert_eq!(manifest.matches("[[bin]]").count(), TARGETS.len());
}

/// So many cases of each kind a target; the seed is drawn anew each time.
fn runner() -> TestRunner {
    TestRunner::new(Config {
        cases: 1_000,
        failure_persistence: None,
        ..Config::default()
    })
}

#[test]
fn rubbish_is_stood() {
    for (target, check) in TARGETS {
        let rubbish = prop::collection::vec(any::<u8>(), 0..600);
        let stood = runner().run(&rubbish, |bytes| {
            check(&bytes);
            TestCaseResult::Ok(())
        });
        assert!(stood.is_ok(), "{target}: {stood:?}");
    }
}

/// One thing done to bytes: where, with what, and how.
fn spoil(bytes: &mut Vec<u8>, (place, with, how): (prop::sample::Index, u8, u8)) {
    let at = place.index(bytes.len() + 1);
    match how {
        0 => bytes.insert(at, with),
        1 => bytes.truncate(at),
        2 => {
            let again = bytes[at..].to_vec();
            bytes.extend(again);
        }
        _ if at == bytes.len() => {}
        3 => drop(bytes.remove(at)),
        4 => bytes[at] ^= 1 << (with % 8),
        _ => bytes[at] = with,
    }
}

#[test]
fn what_was_sound_and_is_spoilt_is_stood() {
    for (target, check) in TARGETS {
        let all = corpus(target);
        let spoilt =
            prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..6), 1..6);
        let stood = runner().run(
            &(any::<prop::sample::Index>(), spoilt),
            |(which, spoilt)| {
                let (_, mut bytes) = which.get(&all).clone();
                spoilt.into_iter().for_each(|one| spoil(&mut bytes, one));
                check(&bytes);
                TestCaseResult::Ok(())
            },
        );
        assert!(stood.is_ok(), "{target}: {stood:?}");
    }
}
