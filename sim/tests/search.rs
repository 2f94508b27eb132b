//! `weanbench search` as its users meet it: bad input, a find that is kept and fails alone, one document, exit codes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A folder of its own for one test, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("search-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn weanbench(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weanbench"));
    // Where no regressions are, so that nothing is known.
    command.current_dir(env!("CARGO_TARGET_TMPDIR"));
    command.args(arguments).output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

/// A search over a short run with nothing wrong, and what else is asked of it.
fn search(folder: &Path, more: &[&str]) -> Output {
    let out = folder.display().to_string();
    let short = [
        "--set",
        "faults=[]",
        "--set",
        "run_max_h=8",
        "--set",
        "follow_up_h=0",
    ];
    let mut all = vec!["search", "first", "--out", &out];
    all.extend(short);
    all.extend(more);
    weanbench(&all)
}

#[track_caller]
fn document(output: &Output, code: i32) -> Value {
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{told}");
    serde_json::from_slice(&output.stdout).expect("one document")
}

/// A canary that random dice find within the first dozen runs.
const EASY: [&str; 10] = [
    "--controller",
    "canary:clock-back",
    "--requirement",
    "SR-03",
    "--first",
    "--method",
    "random",
    "--budget",
    "200",
    "--json",
];

#[test]
fn bad_input_is_refused_with_what_would_be_right() {
    let folder = folder("refused");
    for (given, words) in [
        (
            &["--requirement", "SR-2"][..],
            &["no run is judged by a requirement `SR-2`", "SR-"][..],
        ),
        // It is judged by pairs of runs, which no search flies.
        (
            &["--requirement", "SR-20"],
            &["no run is judged by a requirement `SR-20`"],
        ),
        (
            &["--method", "genetic"],
            &["genetic", "random", "corpus", "cmaes"],
        ),
        (&["--budget", "many"], &["many", "--budget"]),
        (&["--jobs", "0"], &["--jobs"]),
        (&["--controller", "canary:nobody"], &["nobody"]),
        (&["--set", "run_max_h=-1"], &["run_max_h"]),
        (
            &["--requirements", "no-such-file.toml"],
            &["no-such-file.toml"],
        ),
    ] {
        let done = search(&folder, given);
        let told = text(&done.stderr);
        assert_eq!(done.status.code(), Some(2), "{given:?}: {told}");
        assert!(
            done.stdout.is_empty() && !told.contains("panicked"),
            "{told}"
        );
        for word in words {
            assert!(told.contains(word), "`{word}` is missing in: {told}");
        }
    }
    let left: Vec<_> = fs::read_dir(&folder).expect("it is there").collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_list_that_is_none_is_refused_and_stays_as_it_is() {
    let folder = folder("list");
    let list = folder.join("finds.json");
    fs::write(&list, "{\"finds\": 3}").expect("a file to write");
    let done = search(&folder, &["--budget", "2"]);
    assert_eq!(done.status.code(), Some(2), "{}", text(&done.stderr));
    assert!(text(&done.stderr).contains("finds.json"));
    assert_eq!(fs::read_to_string(&list).expect("text"), "{\"finds\": 3}");
}

#[test]
fn a_find_is_shrunk_written_and_fails_alone() {
    let folder = folder("find");
    let found = document(&search(&folder, &EASY), 1);
    assert_eq!(found["schema"], 1);
    assert_eq!(found["requirement"], "SR-03");
    assert!(
        found["notice"]
            .as_str()
            .is_some_and(|it| it.contains("never for clinical use"))
    );
    let first = found["first_find"].as_u64().expect("a find");
    assert!(first >= 1 && first <= found["runs"].as_u64().expect("runs"));
    assert!(found["violated_runs"].as_u64() >= Some(1));
    assert!(found["lowest"].as_f64().expect("a margin") < 0.0);
    assert!(found["reached"].as_u64() > Some(10));
    let finds = found["finds"].as_object().expect("finds");
    let (name, kept) = finds.iter().next().expect("one of them");
    assert_eq!(kept["requirement"], "SR-03");
    assert_eq!(kept["since"], "new");

    // It fails by itself, and its words say why; nobody else breaks it.
    let file = folder.join(format!("{name}.toml")).display().to_string();
    let written = fs::read_to_string(&file).expect("it is saved");
    assert!(written.contains("SR-03 is breached under"), "{written}");
    assert!(written.matches("id = ").count() <= 2, "{written}");
    let out = folder.join("runs").display().to_string();
    let run =
        |controller: &str| weanbench(&["run", &file, "--controller", controller, "--out", &out]);
    let wrong = run("canary:clock-back");
    assert_eq!(wrong.status.code(), Some(1), "{}", text(&wrong.stderr));
    let shown = format!("{}{}", text(&wrong.stdout), text(&wrong.stderr));
    assert!(shown.contains("SR-03"), "{shown}");
    let sound = run("builtin");
    assert_eq!(sound.status.code(), Some(0), "{}", text(&sound.stdout));

    // Found again it is known, and with the shipped controller on the bench it is fixed.
    let again = document(&search(&folder, &EASY), 1);
    assert_eq!(again["finds"][name]["since"], "known");
    let mended = ["--requirement", "SR-03", "--budget", "1", "--json"];
    let fixed = document(&search(&folder, &mended), 0);
    assert_eq!(fixed["finds"][name]["since"], "fixed");
    assert_eq!(fixed["first_find"], Value::Null);
}

#[test]
fn the_margin_is_told_as_it_falls_and_the_same_search_says_the_same() {
    let told = |jobs: &str, method: &str| {
        let folder = folder(&format!("again-{jobs}-{method}"));
        let given = ["--requirement", "SR-44b", "--budget", "40", "--seed", "5"];
        let more = ["--method", method, "--jobs", jobs, "--shrink", "0"];
        let done = search(&folder, &[&given[..], &more].concat());
        (text(&done.stderr).to_owned(), text(&done.stdout).to_owned())
    };
    for method in ["random", "corpus", "cmaes"] {
        let (one, summary) = told("1", method);
        let (other, _) = told("2", method);
        let falls = |told: &str| -> Vec<(u32, f64)> {
            let lines = told.lines().filter_map(|it| it.strip_prefix("run "));
            let told = lines.filter_map(|it| it.split_once(": lowest margin "));
            let number = told.map(|(run, margin)| {
                (
                    run.parse().expect("a run"),
                    margin.parse().expect("a margin"),
                )
            });
            number.collect()
        };
        assert_eq!(falls(&one), falls(&other), "{method}");
        assert!(!falls(&one).is_empty(), "{one}");
        let falling = falls(&one);
        let fell = falling
            .windows(2)
            .all(|it| it[0].0 <= it[1].0 && it[1].1 <= it[0].1);
        assert!(fell, "{falling:?}");
        assert!(summary.contains("40 runs"), "{summary}");
    }
}
