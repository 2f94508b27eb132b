//! What a scenario expects hides no requirement that is violated beside it.

use std::process::{Command, Output};

use serde_json::Value;

/// A story that harms before any sensor can show why, with a controller that goes down a rung on no grounds.
fn wean(expect: &str) -> Output {
    // Both tests at once may write here: the last results stand, and no run fails for it.
    let out = concat!(env!("CARGO_TARGET_TMPDIR"), "/expect");
    let mut command = Command::new(env!("CARGO_BIN_EXE_weanbench"));
    command.args(["run", "over-infusion-high-dose", "--json", "--out", out]);
    command.args(["--controller", "canary:SR-06", "--set", expect]);
    command.output().expect("the binary runs")
}

fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("one document")
}

/// Why the one run is otherwise than expected.
#[track_caller]
fn complaint(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1));
    let said = document(output);
    let why = said["unacceptable"][0]["why"].as_str().expect("a reason");
    why.to_owned()
}

#[test]
fn the_expected_verdict_hides_no_violated_requirement() {
    let unnamed = complaint(&wean(r#"expect.verdict="not_detectable""#));
    assert!(unnamed.starts_with("violated SR-44a by "), "{unnamed}");
    assert!(unnamed.contains("WB-15"), "{unnamed}");
    let half = complaint(&wean(r#"expect.violates=["SR-44a"]"#));
    assert!(half.starts_with("violated WB-15 "), "{half}");

    let named = wean(r#"expect.violates=["SR-44a", "WB-15"]"#);
    assert_eq!(named.status.code(), Some(0));
    let said = document(&named);
    assert_eq!(said["runs"]["not_detectable"], 1);
    assert_eq!(said["verdicts"]["SR-44a"]["verdict"], "violated");
}

#[test]
fn what_was_expected_to_be_violated_must_be() {
    let kept = complaint(&wean(r#"expect.violates=["SR-15", "SR-44a", "WB-15"]"#));
    assert_eq!(kept, "SR-15 was expected to be violated and is not");
    let unknown = complaint(&wean(r#"expect.violates=["WARD-1"]"#));
    assert_eq!(unknown, "there is no requirement WARD-1");
}
