//! Everything that a controller can do wrong with the protocol ends in exit 3, in time, and with words that tell
//! what was expected and what came; and nothing of it is left behind.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::{BINARY, folder};

/// Each abuse, and what the message must say of it.
const ABUSES: [(&str, &[&str]); 39] = [
    (
        "silence",
        &["to `ask` at", "say `answer`", "nothing came within 1s"],
    ),
    (
        "crash",
        &[
            "closed the connection",
            "exit code 7",
            "table of rungs is empty",
        ],
    ),
    ("killed", &["closed the connection", "signal 9"]),
    ("closes", &["closed the connection"]),
    ("garbage", &["not json", "line 1 column 1"]),
    ("empty-line", &["EOF while parsing"]),
    ("wrong-word", &["say `answer`", "it said `ready`"]),
    ("unknown-word", &["unknown variant `reply`", "`answer`"]),
    ("wrong-at", &["its answer is to"]),
    ("twice", &["more than one line"]),
    ("half-and-go", &["in the middle of a line", "exit code 0"]),
    ("half-and-stay", &["half a line came within 1s"]),
    // All its pipes are closed a while before it is over.
    (
        "half-and-linger",
        &["in the middle of a line", "exit code 5"],
    ),
    ("flood", &["a line of more than 1048576 bytes"]),
    ("flood-of-lines", &["more than one line"]),
    (
        "stderr-flood",
        &["its `next` is", "numbers that I do not like"],
    ),
    ("nested", &["unknown field `answer`"]),
    ("nan-rate", &["NaN", "expected"]),
    ("fraction", &["floating point `0.5`", "u64"]),
    ("negative-rate", &["`-1`", "u64"]),
    ("zero-rate", &["zero is not a rate"]),
    ("no-drug", &["a drug of 0 ug/mL"]),
    ("huge-rate", &["1000000000000000000"]),
    (
        "unknown-alarm",
        // In two parts, so that nobody takes it for an alarm of ours.
        &[concat!("AL-", "99"), "`AL-01` to `AL-44`"],
    ),
    ("undeclared-alarm", &["AL-07", "has not declared"]),
    ("undeclared-mode", &["PRIME", "has not declared"]),
    ("unknown-mode", &["unknown variant `WEANING`", "ACTIVE"]),
    (
        "misspelt",
        &["unknown field `deficit_percent`", "deficit_permille"],
    ),
    ("no-reason", &["answer"]),
    ("turned-interval", &["[5, 4]", "the least comes first"]),
    ("past-next", &["its `next` is 0 ms"]),
    ("next-is-now", &["its `next` is"]),
    ("gives-up", &["it gave up", "the watchdog has bitten"]),
    ("grandchild", &["nothing came within 1s"]),
    ("another-group", &["nothing came within 1s"]),
    (
        "wrong-version",
        &[
            "to `hello`",
            "weanbench-lockstep/99",
            "weanbench-lockstep/1",
        ],
    ),
    ("silent-greeting", &["to `hello`", "nothing came within 1s"]),
    ("early-answer", &["to `hello`", "it said `answer`"]),
    (
        "misspelt-greeting",
        &["to `hello`", "unknown field `alrams`"],
    ),
];

/// The command line of an abuser, which is also how its processes are known.
fn abuser(abuse: &str) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lockstep/abuser.py");
    format!("exec:python3 '{script}' {abuse}")
}

/// Processes on this machine whose command line ends with these words, zombies too.
fn left_behind(abuse: &str) -> usize {
    let ends = format!("abuser.py {abuse}");
    let all = std::fs::read_dir("/proc").expect("a system with /proc");
    let line = |entry: std::io::Result<std::fs::DirEntry>| {
        let bytes = std::fs::read(entry.ok()?.path().join("cmdline")).ok()?;
        let text = String::from_utf8_lossy(&bytes).replace('\0', " ");
        Some(text.trim_end().to_owned())
    };
    all.filter_map(line)
        .filter(|it| it.ends_with(&ends))
        .count()
}

#[expect(
    clippy::disallowed_methods,
    reason = "that a stall comes in time can be seen on a clock alone"
)]
#[test]
fn every_abuse_is_a_stall_that_says_what_was_expected_and_what_came() {
    let out = folder("abuses").display().to_string();
    for (abuse, words) in ABUSES {
        let begun = Instant::now();
        let run = Command::new(BINARY)
            .args(["run", "first", "--patience", "1", "--out", &out, "--quiet"])
            .args([
                "--set",
                "faults=[]",
                "--set",
                "run_max_h=2",
                "--controller",
                &abuser(abuse),
            ])
            .output()
            .expect("the binary runs");
        let took = begun.elapsed();
        let said = String::from_utf8_lossy(&run.stdout).into_owned();
        assert_eq!(run.status.code(), Some(3), "{abuse}: {said}");
        assert!(said.contains("stalled"), "{abuse}: {said}");
        for word in words {
            assert!(said.contains(word), "{abuse} lacks `{word}`: {said}");
        }
        // The patience, the grace to go, and the start of an interpreter on a machine that is busy.
        assert!(took < Duration::from_secs(12), "{abuse} took {took:?}");
        assert_eq!(left_behind(abuse), 0, "{abuse}");
    }
}

/// The same abuser without an abuse: what the others are held against.
#[test]
fn whoever_keeps_to_the_protocol_does_not_stall() {
    let out = folder("sound").display().to_string();
    let run = Command::new(BINARY)
        .args(["run", "first", "--patience", "10", "--out", &out, "--json"])
        .args([
            "--set",
            "faults=[]",
            "--set",
            "run_max_h=2",
            "--controller",
            &abuser("none"),
        ])
        .output()
        .expect("the binary runs");
    let text = String::from_utf8_lossy(&run.stdout);
    assert!(!text.contains("stalled"), "{text}");
    assert_eq!(run.status.code(), Some(1), "nobody ever starts a therapy");
}

/// One run of many stalls: the others are judged, and the exit code is the stall's.
#[test]
fn other_runs_go_on() {
    let binary = env!("CARGO_BIN_EXE_weanbench");
    // The first process that starts dies, and no other: a folder can be made once.
    let taken = folder("taken");
    let _ = std::fs::create_dir_all(taken.parent().expect("a folder"));
    let _ = std::fs::remove_dir(&taken);
    let taken = taken.display();
    let script = format!("mkdir '{taken}' 2>/dev/null && exit 9; exec '{binary}' controller");
    let controller = format!("exec:sh -c \"{script}\"");
    let out = folder("others").display().to_string();
    let run = Command::new(binary)
        .args([
            "run",
            "hwang-2019",
            "--arm",
            "externalised-wean",
            "--out",
            &out,
            "--json",
        ])
        .args(["--set", "cohort.size=4", "--jobs", "4"])
        .args(["--set", "run_max_h=12", "--controller", &controller])
        .output()
        .expect("the binary runs");
    let text = String::from_utf8_lossy(&run.stdout);
    let errors = String::from_utf8_lossy(&run.stderr);
    let document: serde_json::Value = serde_json::from_str(&text).expect(&errors);
    let stalled = document["runs"]["stalled"].as_u64();
    assert_eq!(stalled, Some(1), "{document:#}");
}
