//! What a run allocates once it has begun: the two copies of its state that the controller stores, and next to nothing.
//!
//! It counts every allocation of its process, so it is a test binary of its own.

use allocation_counter::{AllocationInfo, measure};
use dose_controller::Controller;
use weanbench::bench::{Bench, Observer};
use weanbench::case::Case;
use weanbench::clock::SimTime;
use weanbench::config::Library;
use weanbench::judge::Judge;
use weanbench::record::Record;

/// A judge, and how many records it has seen.
struct Counted(Judge, u64);

impl Observer for Counted {
    fn observe(&mut self, record: &Record<'_>) {
        self.1 += 1;
        self.0.observe(record);
    }

    fn patient(&mut self, at: SimTime, signs: &virtual_patient::Signs) {
        self.0.patient(at, signs);
    }
}

/// Flies a wean of so many hours with every requirement and the digest, and counts from behind its first record.
fn flown(profile: &str, hours: u32, sealed: bool) -> AllocationInfo {
    let overrides = [
        format!("profile={profile}"),
        format!("run_max_h={hours}"),
        "cohort.size=1".to_owned(),
    ];
    let library = Library::shipped("hwang-2019", &overrides).expect("it ships");
    let library = library.unwrap_or_else(|complaints| panic!("{}", complaints[0]));
    let case = Case::new(&library, &library.scenario.arms[0], 1).expect("checked");
    let mut bench = if sealed {
        Bench::sealed(&case, Controller::new)
    } else {
        Bench::new(&case, Controller::new)
    };
    let mut judge = Counted(Judge::new(&case), 0);
    while judge.1 == 0 {
        assert!(bench.turn(&mut judge).expect("no stall"), "no record");
    }
    let info = measure(|| while bench.turn(&mut judge).expect("no stall") {});
    assert!(judge.1 > 1_000, "{} records", judge.1);
    info
}

/// Two states, and queues inside formulas that wait for longer than ever: each doubles until it has been at its
/// longest.
const FEW: u64 = 16;

#[test]
fn next_to_nothing_is_allocated_after_the_first_record() {
    let mut many = Vec::new();
    for (profile, hours) in [("P0", 60), ("P1", 60), ("P2", 12)] {
        for sealed in [false, true] {
            let info = flown(profile, hours, sealed);
            let (count, bytes) = (info.count_total, info.bytes_total);
            println!("{profile}, sealed: {sealed}: {count} allocations, {bytes} bytes");
            if count > FEW {
                many.push(format!("{profile}, sealed: {sealed}: {count}"));
            }
        }
    }
    assert!(many.is_empty(), "more than {FEW}: {many:#?}");
}
