//! The conformance kit, the example in Python, and the example exchange of the specification.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::support::{BINARY, run, weanbench};

const PYTHON: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/examples/python/simple_wean.py"
);

#[test]
fn the_example_of_the_specification_is_what_is_said() {
    let text = include_str!("../../docs/lockstep.md");
    let said = |mark: &str| {
        let lines = text.lines().filter_map(|line| line.strip_prefix(mark));
        lines.fold(String::new(), |all, line| all + line + "\n")
    };
    let mut controller = Command::new(BINARY)
        .arg("controller")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut input = controller.stdin.take().expect("piped");
    input.write_all(said("> ").as_bytes()).expect("it listens");
    drop(input);
    let output = controller.wait_with_output().expect("it ends");
    let answers = said("< ");
    assert!(answers.lines().count() >= 5);
    assert_eq!(String::from_utf8_lossy(&output.stdout), answers);
}

#[test]
fn the_example_in_python_weans_without_a_violation() {
    let controller = format!("exec:python3 '{PYTHON}'");
    // To the third rung; the README says what the paper's cohort makes of it.
    let more = [
        "--arm",
        "externalised-wean",
        "--set",
        "cohort.size=1",
        "--set",
        "run_max_h=80",
    ];
    let (document, _) = run("hwang-2019", &controller, &more);
    assert_eq!(document["runs"]["safe"], 1, "{document:#}");
    let verdict = |id: &str| document["verdicts"][id]["verdict"].clone();
    assert_eq!(verdict("SR-05"), "holds");
    assert_eq!(verdict("SR-34"), "vacuous");
    assert_eq!(verdict("SR-43"), "not_applicable", "it has no AL-02");
}

#[test]
fn the_kit_passes_the_shipped_controller_and_tells_a_wrong_one() {
    let sound = weanbench(&["conform", "--controller", "builtin", "--json"]);
    let text = String::from_utf8_lossy(&sound.stdout).into_owned();
    assert_eq!(sound.status.code(), Some(0), "{text}");
    let report: serde_json::Value = serde_json::from_str(&text).expect("one document");
    assert!(report["checks"].as_array().expect("a list").len() > 15);
    assert_eq!(report["lacks"]["lacking"], serde_json::json!([]));
    let wrong = weanbench(&["conform", "--controller", "canary:WB-06", "--quiet"]);
    let said = String::from_utf8_lossy(&wrong.stdout);
    assert_eq!(wrong.status.code(), Some(1), "{said}");
    assert!(
        said.contains("FAILED  safety") && said.contains("WB-06"),
        "{said}"
    );
}

#[test]
fn the_kit_says_what_a_controller_stalls_at() {
    let abuser = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lockstep/abuser.py");
    let controller = format!("exec:python3 '{abuser}' wrong-version");
    let stalls = weanbench(&["conform", "--controller", &controller, "--patience", "5"]);
    let said = String::from_utf8_lossy(&stalls.stdout);
    assert_eq!(stalls.status.code(), Some(3), "{said}");
    assert!(
        said.contains("STALLED protocol") && said.contains("weanbench-lockstep/99"),
        "{said}"
    );
    assert!(
        said.contains("not known") && !said.contains("it lacks"),
        "{said}"
    );
}
