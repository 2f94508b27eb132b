//! The shipped controller behind every door gives the records that it gives in-process, to the last bit.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::support::{BINARY, folder, run};

/// Stories that are short, and between them restart, store, lose and spoil everything that crosses.
pub(crate) const STORIES: [(&str, &[&str]); 9] = [
    ("first", &[]),
    ("bad-readings", &["--set", "run_max_h=60"]),
    ("reset-mid-command", &[]),
    ("bit-flipped", &[]),
    (
        "first",
        &[
            "--profile",
            "P2",
            "--set",
            "faults=[]",
            "--set",
            "run_max_h=3",
        ],
    ),
    ("reset-mid-command", &["--profile", "P0"]),
    ("memory-lost", &[]),
    ("torn-write", &[]),
    (
        "hwang-2019",
        &["--set", "cohort.size=3", "--set", "run_max_h=60"],
    ),
];

/// A listener that ends with the test.
struct Listening {
    process: Child,
    at: String,
}

impl Listening {
    fn tcp() -> Self {
        let mut process = Command::new(BINARY)
            .args(["controller", "--listen", "127.0.0.1:0"])
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut said = String::new();
        let mut errors = BufReader::new(process.stderr.take().expect("piped"));
        errors.read_line(&mut said).expect("it says where");
        let at = said.trim().trim_start_matches("listening at ").to_owned();
        Self { process, at }
    }

    fn unix() -> Self {
        let path = std::env::temp_dir().join(format!("weanbench-{}.sock", std::process::id()));
        let process = Command::new(BINARY)
            .args(["controller", "--unix"])
            .arg(&path)
            .spawn()
            .expect("the binary runs");
        for _ in 0..1_000 {
            if path.exists() {
                break;
            }
            std::thread::yield_now();
            let _ = Command::new("sleep").arg("0.01").status();
        }
        let at = path.display().to_string();
        Self { process, at }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_file(&self.at);
    }
}

/// What a story comes to with a controller.
pub(crate) fn digest(story: &str, controller: &str, more: &[&str]) -> String {
    let (document, _) = run(story, controller, more);
    let digest = document["digest"].as_str().expect("a digest");
    digest.to_owned()
}

#[test]
fn the_shipped_controller_is_the_same_behind_every_door() {
    let (tcp, unix) = (Listening::tcp(), Listening::unix());
    let doors = [
        format!("exec:'{BINARY}' controller"),
        format!("tcp:{}", tcp.at),
        format!("unix:{}", unix.at),
    ];
    for (story, more) in STORIES {
        let inside = digest(story, "builtin", more);
        for door in &doors {
            assert_eq!(digest(story, door, more), inside, "{story} {more:?} {door}");
        }
    }
}

/// What is read of a foreign controller's run is enough to run it again.
#[test]
fn a_trace_of_a_controller_from_outside_replays() {
    let out = folder("replays").display().to_string();
    let door = format!("exec:'{BINARY}' controller");
    let arguments = [
        "run",
        "first",
        "--set",
        "faults=[]",
        "--set",
        "run_max_h=30",
        "--trace",
        "--quiet",
    ];
    let run = Command::new(BINARY)
        .args(arguments)
        .args(["--patient", "1", "--out", &out, "--controller", &door])
        .output()
        .expect("the binary runs");
    assert!(run.status.code().is_some_and(|code| code < 3), "{run:?}");
    let traces = std::fs::read_dir(format!("{out}/first")).expect("results");
    let trace = traces
        .filter_map(|it| Some(it.ok()?.path()))
        // Beside it lies the table of the runs.
        .find(|it| {
            let name = it.file_name().and_then(|it| it.to_str());
            name.is_some_and(|it| it.ends_with(".parquet") && it != "runs.parquet")
        })
        .expect("a trace");
    let replay = Command::new(BINARY)
        .arg("replay")
        .arg(&trace)
        .output()
        .expect("the binary runs");
    assert_eq!(replay.status.code(), Some(0), "{replay:?}");
}
