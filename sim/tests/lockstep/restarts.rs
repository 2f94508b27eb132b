//! A thousand processes come and go, and a thousand runs follow each other on one: nothing is left of them.

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

/// Children of this process that are controllers, zombies too.
fn children() -> usize {
    let me = std::process::id().to_string();
    let all = std::fs::read_dir("/proc").expect("a system with /proc");
    let child = |entry: std::io::Result<std::fs::DirEntry>| {
        let status = std::fs::read_to_string(entry.ok()?.path().join("stat")).ok()?;
        let (name, rest) = status.rsplit_once(')')?;
        let parent = rest.split_whitespace().nth(1)?;
        (parent == me && name.contains("weanbench")).then_some(())
    };
    all.filter_map(child).count()
}

#[test]
fn a_thousand_processes_leave_nothing_behind() {
    let (protocol, session) = (protocol(), Session::new(1));
    let once = || {
        let controllers = shipped();
        let greeted = controllers.greet(protocol, session);
        assert_eq!(greeted.expect("it greets").name().0, "builtin");
    };
    once();
    let before = open_files();
    for _ in 0..1_000 {
        once();
    }
    assert_eq!(children(), 0, "no process and no zombie");
    // Tests beside this one open files too, a few at a time.
    assert!(open_files() < before + 50, "{} and {before}", open_files());
}

#[test]
fn a_thousand_runs_are_served_by_one_process() {
    let (protocol, session) = (protocol(), Session::new(1));
    let controllers = shipped();
    for _ in 0..1_000 {
        let port = controllers.greet(protocol, session).expect("it greets");
        assert!(port.reusable());
        drop(port);
    }
    assert!(children() <= 2, "one of this test, one of the other");
}
