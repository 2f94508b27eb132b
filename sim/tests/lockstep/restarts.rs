//! A thousand processes come and go, and a thousand runs follow each other on one: nothing is left of them.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use dose_controller::Protocol;
use infusion_types::Session;
use weanbench::case::Case;
use weanbench::config::Library;
use weanbench::edge::lockstep::{External, Place};

use crate::support::BINARY;

fn protocol() -> Protocol {
    let library = Library::shipped("first", &[]).expect("it ships");
    let library = library.expect("it is sound");
    let case = Case::new(&library, &library.scenario.arms[0], 1).expect("it is sound");
    case.protocol().expect("it weans")
}

fn shipped() -> External {
    let spec = format!("exec:'{BINARY}' controller");
    let place = Place::parse(&spec).expect("a place").expect("a process");
    External::new(&spec, place, Duration::from_secs(60))
}

/// Open files of this process.
fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd")
        .expect("a system with /proc")
        .count()
}

/// Whether the system still knows a process, if only as a zombie.
fn is_known(process: u32) -> bool {
    Path::new("/proc").join(process.to_string()).exists()
}

#[test]
fn a_thousand_processes_leave_nothing_behind() {
    let (protocol, session) = (protocol(), Session::new(1));
    let once = || {
        let controllers = shipped();
        let greeted = controllers.greet(protocol, session).expect("it greets");
        assert_eq!(greeted.name().0, "builtin");
        greeted.process().expect("it is one")
    };
    once();
    let before = open_files();
    for _ in 0..1_000 {
        let process = once();
        assert!(!is_known(process), "{process}");
    }
    // Tests beside this one open files too, a few at a time.
    assert!(open_files() < before + 50, "{} and {before}", open_files());
}

#[test]
fn a_thousand_runs_are_served_by_one_process() {
    let (protocol, session) = (protocol(), Session::new(1));
    let controllers = shipped();
    let mut processes = BTreeSet::new();
    for _ in 0..1_000 {
        let port = controllers.greet(protocol, session).expect("it greets");
        assert!(port.reusable());
        processes.insert(port.process().expect("it is one"));
    }
    assert_eq!(processes.len(), 1);
    drop(controllers);
    assert!(!processes.into_iter().any(is_known), "it has ended");
}
