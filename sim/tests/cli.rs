//! The binary as its users meet it: exit codes, one JSON document, the same bytes from anywhere.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn configs(file: &str) -> String {
    let path = root()
        .join("configs")
        .join(file)
        .canonicalize()
        .expect("a shipped file");
    path.display().to_string()
}

/// A folder of its own for the results of one test.
fn results(name: &str) -> String {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(name)
        .display()
        .to_string()
}

fn weanbench(arguments: &[&str]) -> Output {
    weanbench_in(&root(), arguments)
}

fn weanbench_in(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weanbench"));
    command
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the binary runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", stdout(output)))
}

#[test]
fn json_is_one_document_with_every_promised_key() {
    let out = results("json");
    let scenario = configs("scenarios/hwang-2019.toml");
    let run = weanbench(&[
        "run",
        &scenario,
        "--json",
        "--set",
        "cohort.size=3",
        "--out",
        &out,
    ]);
    assert_eq!(run.status.code(), Some(0), "{}", stderr(&run));
    let document = json(&run);
    assert_eq!(document["schema"], 1);
    assert_eq!(document["scenario"], "hwang-2019");
    assert_eq!(document["seed"], 2019);
    assert_eq!(document["digest"].as_str().map(str::len), Some(32));
    assert!(
        document["notice"]
            .as_str()
            .is_some_and(|it| it.contains("never for clinical use"))
    );
    let arms = document["arms"].as_array().expect("arms");
    let names: Vec<_> = arms.iter().filter_map(|arm| arm["name"].as_str()).collect();
    assert_eq!(
        names,
        [
            "externalised-wean",
            "externalised-wean-no-adjunct",
            "wean-without-oral",
            "oral-only",
            "abrupt-stop"
        ]
    );
    for arm in arms {
        assert_eq!(arm["patients"], 3);
        for key in [
            "start_dose_ug_per_day",
            "wean_days",
            "completed_fraction",
            "any_withdrawal_fraction",
            "severe_withdrawal_fraction",
            "withdrawal_onset_h",
            "peak_mas_rise",
            "five_of_five_clean_probability",
            "spearman_severity_dose",
            "false_alarms_per_day",
        ] {
            assert!(arm.get(key).is_some(), "{} lacks {key}", arm["name"]);
        }
    }
    // What does not exist is null, never zero.
    assert!(arms[4]["wean_days"].is_null() && arms[4]["completed_fraction"].is_null());
    let slope = &document["verdicts"]["SR-04"];
    assert_eq!(
        (slope["verdict"].as_str(), slope["violated"].as_u64()),
        (Some("holds"), Some(0))
    );
    assert!(slope["armed"].as_u64() > Some(0) && slope["runs"].as_u64() == Some(9));
}

#[test]
fn the_same_bytes_from_another_folder_and_with_other_workers() {
    let scenario = configs("scenarios/hwang-2019.toml");
    let digest = |folder: &Path, jobs: &str, name: &str| {
        let out = results(name);
        let size = ["--set", "cohort.size=4"];
        let run = weanbench_in(
            folder,
            &[
                "run", &scenario, "--json", "--jobs", jobs, "--out", &out, size[0], size[1],
            ],
        );
        json(&run)["digest"].as_str().expect("a digest").to_owned()
    };
    let here = digest(&root(), "1", "jobs-1");
    assert_eq!(here, digest(&root(), "2", "jobs-2"));
    assert_eq!(here, digest(&std::env::temp_dir(), "2", "elsewhere"));
    // By its shipped name, from a folder in which there is nothing.
    let out = results("by-name");
    let run = weanbench_in(
        &std::env::temp_dir(),
        &[
            "run",
            "hwang-2019",
            "--json",
            "--set",
            "cohort.size=4",
            "--out",
            &out,
        ],
    );
    assert_eq!(json(&run)["digest"].as_str(), Some(here.as_str()));
}

#[test]
fn a_run_is_written_replayed_and_compared() {
    let out = results("replay");
    let run = weanbench(&["run", "first", "--out", &out, "--csv"]);
    assert_eq!(run.status.code(), Some(0), "{}", stderr(&run));
    let trace = format!("{out}/first/wean-1.parquet");
    assert!(Path::new(&trace).is_file() && Path::new(&trace).with_extension("csv").is_file());
    let again = weanbench(&["replay", &trace]);
    assert_eq!(
        again.status.code(),
        Some(0),
        "{}{}",
        stdout(&again),
        stderr(&again)
    );
    assert!(stdout(&again).contains("same"));
    assert_eq!(weanbench(&["diff", &trace, &trace]).status.code(), Some(0));
    let other = results("replay-other");
    weanbench(&["run", "first", "--out", &other, "--set", "seed=2"]);
    let different = weanbench(&["diff", &trace, &format!("{other}/first/wean-1.parquet")]);
    assert_eq!(different.status.code(), Some(1), "{}", stdout(&different));
}

#[test]
fn exit_codes_say_what_happened() {
    let out = results("codes");
    let code = |arguments: &[&str]| weanbench(arguments).status.code();
    assert_eq!(code(&["check", &configs("scenarios/first.toml")]), Some(0));
    // Unexpected: the story says undetected_safe.
    assert_eq!(
        code(&[
            "run",
            "first",
            "--out",
            &out,
            "--set",
            "expect.verdict=\"safe\""
        ]),
        Some(1)
    );
    assert_eq!(code(&["run", "no-such-scenario", "--out", &out]), Some(2));
    assert_eq!(
        code(&["run", "first", "--out", &out, "--set", "sede=1"]),
        Some(2)
    );
    assert_eq!(code(&["run", "--no-such-flag"]), Some(2));
    assert_eq!(code(&["replay", &configs("sources.toml")]), Some(2));
    assert_eq!(
        code(&["run", "first", "--out", &configs("sources.toml")]),
        Some(4)
    );
}

#[test]
fn a_broken_file_is_drawn_with_line_and_column() {
    let broken = root()
        .join("tests/broken/unknown-key.toml")
        .display()
        .to_string();
    let check = weanbench(&["check", &broken]);
    assert_eq!(check.status.code(), Some(2));
    let told = stderr(&check);
    assert!(
        told.contains(":4:1") && told.contains("did you mean `seed`?"),
        "{told}"
    );
    let document = json(&weanbench(&["check", "--json", &broken]));
    assert_eq!(document["complaints"][0]["line"], 4);
    assert!(document["notice"].is_string());
}

#[test]
fn lists_and_schemas_are_there() {
    for kind in [
        "faults",
        "requirements",
        "hazards",
        "alarms",
        "signals",
        "scenarios",
        "verdicts",
        "campaigns",
    ] {
        let list = weanbench(&["list", kind]);
        assert_eq!(list.status.code(), Some(0), "{kind}: {}", stderr(&list));
        assert!(stdout(&list).lines().count() >= 3, "{kind}");
        assert!(
            json(&weanbench(&["list", kind, "--json"]))["notice"].is_string(),
            "{kind}"
        );
    }
    for kind in [
        "scenario",
        "protocol",
        "device",
        "people",
        "patients",
        "requirements",
        "campaign",
    ] {
        assert!(json(&weanbench(&["schema", kind])).is_object(), "{kind}");
    }
    for flag in ["--help", "--version"] {
        assert!(
            stdout(&weanbench(&[flag])).contains("never for clinical use"),
            "{flag}"
        );
    }
}

#[test]
fn another_name_is_proposed_for_a_campaign_that_there_is_not_and_for_no_other() {
    let missing = stderr(&weanbench(&["campaign", "hnads"]));
    assert!(missing.contains("did you mean `hands`?"), "{missing}");
    let empty = ["campaign", "hands", "--set", "draws.cases=0"];
    let empty = stderr(&weanbench(&empty));
    assert!(empty.contains("must be between 1 and"), "{empty}");
    assert!(!empty.contains("did you mean"), "{empty}");
}

#[test]
fn a_folder_that_is_called_like_what_ships_does_not_stand_in_its_way() {
    let folder = PathBuf::from(results("beside"));
    for name in ["nobody-starts", "single-faults"] {
        std::fs::create_dir_all(folder.join(name)).expect("a folder");
    }
    let run = weanbench_in(&folder, &["run", "nobody-starts", "--out", "results"]);
    assert_eq!(run.status.code(), Some(0), "{}", stderr(&run));
    let flags = ["--set", "draws.cases=1", "--write", "0"];
    let campaign = weanbench_in(
        &folder,
        &[&["campaign", "single-faults"][..], &flags].concat(),
    );
    assert_eq!(campaign.status.code(), Some(0), "{}", stderr(&campaign));
}

#[test]
fn an_alarm_that_nothing_founded_is_named_with_the_run_that_shows_it() {
    let out = results("false-alarms");
    let run = ["run", "first", "--set", "faults=[]", "--out", &out];
    let quiet = json(&weanbench(&[&run[..], &["--json"]].concat()));
    assert_eq!(quiet["false_alarms"], serde_json::json!([]));
    let wolf = [&run[..], &["--controller", "canary:SR-72a"]].concat();
    let said = json(&weanbench(&[&wolf[..], &["--json"]].concat()));
    let first = &said["false_alarms"][0];
    assert_eq!(
        (&first["arm"], &first["patient"]),
        (&"wean".into(), &1.into())
    );
    assert!(
        first["alarm"]
            .as_str()
            .is_some_and(|id| id.starts_with("AL-"))
    );
    assert!(first["count"].as_u64() > Some(0) && first["at_h"].as_f64() > Some(0.0));
    let told = stdout(&weanbench(&wolf));
    let id = first["alarm"].as_str().expect("an id");
    assert!(told.contains(&format!("{id} in wean: ")), "{told}");
    assert!(
        told.contains("--controller canary:SR-72a --patient 1 --arm wean"),
        "{told}"
    );
}
