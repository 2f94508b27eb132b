//! Campaigns and sweeps as their users meet them: the same bytes whatever becomes of the process that flies them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, RecordBatch};
use quick_junit::{Report, TestCaseStatus};
use weanbench::case::Case;
use weanbench::config::Library;
use weanbench::study::cohort::run_case;
use weanbench::study::rows;

/// Short runs: the first hours of a wean.
const SHORT: [&str; 8] = [
    "--set",
    "run_max_h=6",
    "--set",
    "follow_up_h=0",
    "--set",
    "draws.from_min=[45, 300]",
    "--set",
    "profiles=[\"P1\"]",
];

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weanbench"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    command.args(arguments).current_dir(root);
    command
}

fn weanbench(arguments: &[&str]) -> Output {
    command(arguments).output().expect("the binary runs")
}

/// A fresh folder.
fn fresh(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("campaign")
        .join(name);
    let _ = fs::remove_dir_all(&path);
    path
}

/// The arguments of a short campaign of so many cases whose results go to `out`.
fn short<'a>(cases: &'a str, out: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["campaign", "swarm", "--quiet", "--set", cases];
    arguments.extend(SHORT);
    arguments.extend(["--out", out.to_str().expect("text")]);
    arguments.extend(more);
    arguments
}

fn bytes(out: &Path) -> Vec<u8> {
    let path = out.join("swarm/runs.parquet");
    fs::read(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

fn parts(out: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(out.join("swarm/parts")).into_iter().flatten();
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut paths: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|it| it == "parquet"))
        .collect();
    paths.sort();
    paths
}

/// A run that says what it found, or nothing: both are no trouble of the bench.
fn flown(output: &Output) {
    let code = output.status.code();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(code == Some(0) || code == Some(1), "{code:?}: {told}");
}

#[test]
fn killed_and_resumed_sharded_and_merged_with_one_worker_and_two_the_same_bytes() {
    let cases = "draws.cases=96";
    let whole = fresh("whole");
    flown(&weanbench(&short(cases, &whole, &["--jobs", "2"])));
    let wanted = bytes(&whole);
    assert_eq!(parts(&whole).len(), 12);

    let one = fresh("one");
    flown(&weanbench(&short(cases, &one, &["--jobs", "1"])));
    assert_eq!(bytes(&one), wanted, "one worker");

    let killed = fresh("killed");
    let mut child = command(&short(cases, &killed, &["--jobs", "2"]))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    while parts(&killed).len() < 2 {
        assert!(
            child.try_wait().expect("a child").is_none(),
            "it ended by itself"
        );
        std::thread::yield_now();
    }
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    let left = parts(&killed).len();
    assert!((2..12).contains(&left), "{left} blocks were left");
    assert!(!killed.join("swarm/runs.parquet").exists());
    // What a crash of the machine may leave: a block that is none.
    fs::write(&parts(&killed)[0], "PAR1 and nothing else").expect("writable");
    flown(&weanbench(&short(cases, &killed, &["--resume"])));
    assert_eq!(bytes(&killed), wanted, "killed and resumed");

    let mut folders = Vec::new();
    for shard in ["1/3", "2/3", "3/3"] {
        let out = fresh(&format!("shard-{}", &shard[..1]));
        // Where there is nothing to go on with, it begins.
        flown(&weanbench(&short(
            cases,
            &out,
            &["--resume", "--shard", shard],
        )));
        assert!(!out.join("swarm/runs.parquet").exists());
        assert_eq!(parts(&out).len(), 4);
        folders.push(out.join("swarm").display().to_string());
    }
    let merged = fresh("merged");
    let mut more = vec!["--merge", &folders[2], &folders[0]];
    let incomplete = weanbench(&short(cases, &merged, &more));
    assert_eq!(incomplete.status.code(), Some(2));
    let told = String::from_utf8_lossy(&incomplete.stderr).into_owned();
    assert!(told.contains("4 of 12 blocks are missing"), "{told}");
    more.push(&folders[1]);
    flown(&weanbench(&short(cases, &merged, &more)));
    assert_eq!(bytes(&merged), wanted, "shards merged");

    // Nobody goes on with something else.
    let other = weanbench(&short("draws.cases=97", &killed, &["--resume"]));
    assert_eq!(other.status.code(), Some(2));
    assert_eq!(bytes(&killed), wanted);
}

fn table(out: &Path) -> Vec<RecordBatch> {
    rows::read(&out.join("swarm/runs.parquet"))
        .expect("readable")
        .1
}

fn texts(rows: &[RecordBatch], column: &str) -> Vec<Option<String>> {
    let batches = rows.iter().map(|batch| {
        let values = batch.column_by_name(column).expect("a column");
        let values = values.as_string::<i32>().iter();
        values.map(|it| it.map(str::to_owned)).collect::<Vec<_>>()
    });
    batches.flatten().collect()
}

#[test]
fn a_case_that_is_written_out_runs_as_it_did_in_the_campaign() {
    let out = fresh("written");
    let cases = "draws.cases=24";
    flown(&weanbench(&short(cases, &out, &[])));
    let rows = table(&out);
    let digests = texts(&rows, "digest");
    assert_eq!(digests.len(), 24);
    for number in ["5", "17"] {
        let written = weanbench(&short(cases, &out, &["--write", number]));
        assert_eq!(written.status.code(), Some(0));
        let text = String::from_utf8(written.stdout).expect("text");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../configs/scenarios");
        let library = Library::from_text("case.toml", &text, &folder, &[]).expect("a scenario");
        let patient = library
            .scenario
            .patient
            .and_then(|it| it.number)
            .expect("one");
        let case = Case::new(&library, &library.scenario.arms[0], patient).expect("it fits");
        let judged = run_case(&case).expect("no stall");
        let place: usize = number.parse().expect("a number");
        let digest = judged.digest.hex();
        assert_eq!(digests[place].as_deref(), Some(digest.as_str()), "{text}");
        let requirements = library.requirements.judged().zip(&judged.findings);
        for (requirement, finding) in requirements {
            let name = requirement.id.replace('-', "_");
            let margins = rows[0].column_by_name(&name).expect("a column");
            let margins = margins.as_primitive::<Float64Type>();
            let margin = margins.is_valid(place).then(|| margins.value(place));
            assert_eq!(
                margin,
                finding.margin.filter(|_| finding.armed > 0),
                "{name}"
            );
        }
    }
    let silent = rows[0].columns().iter();
    let silent = silent.filter(|column| column.null_count() == column.len());
    assert!(
        silent.count() > 20,
        "what never had anything to judge has no margin, and not 0"
    );
    let none = weanbench(&short(cases, &out, &["--write", "24"]));
    assert_eq!(none.status.code(), Some(2));
}

#[test]
fn what_one_controller_breaks_is_found_under_it_alone_and_known_the_next_time() {
    let out = fresh("found");
    let junit = fresh("found.xml");
    let junit = junit.to_str().expect("text");
    let cases = "draws.cases=8";
    let both = [
        "--controller",
        "builtin",
        "--controller",
        "canary:SR-11",
        "--junit",
        junit,
    ];
    let first = weanbench(&short(cases, &out, &both));
    assert_eq!(first.status.code(), Some(1));
    let told = String::from_utf8(first.stdout).expect("text");
    assert!(
        told.contains("SR-11 with") && told.contains("under canary:SR-11"),
        "{told}"
    );
    let replay = told
        .lines()
        .find(|it| it.contains("--controller canary:SR-11"));
    assert!(
        replay.is_some_and(|it| it.contains("weanbench run first")),
        "{told}"
    );

    let report = fs::read_to_string(junit).expect("a report");
    let report = Report::deserialize_from_str(&report).expect("JUnit");
    let failed: BTreeMap<String, Vec<String>> = report
        .test_suites
        .iter()
        .map(|suite| {
            let bad = suite.test_cases.iter();
            let bad = bad.filter(|it| matches!(it.status, TestCaseStatus::NonSuccess { .. }));
            let names = bad.map(|it| it.name.as_str().to_owned()).collect();
            (suite.name.as_str().to_owned(), names)
        })
        .collect();
    assert!(
        failed["canary:SR-11"].contains(&"SR-11".to_owned()),
        "{failed:?}"
    );
    assert!(
        !failed["builtin"].contains(&"SR-11".to_owned()),
        "{failed:?}"
    );
    let skipped = report.test_suites[0].test_cases.iter();
    let skipped = skipped.filter(|it| matches!(it.status, TestCaseStatus::Skipped { .. }));
    assert!(skipped.count() > 0, "what was never armed has not passed");

    let again = fresh("again");
    let before = out.join("swarm").display().to_string();
    let mut more = both.to_vec();
    more.extend(["--against", &before, "--json"]);
    let second = weanbench(&short(cases, &again, &more));
    assert_eq!(second.status.code(), Some(0), "what is known fails nothing");
    let document: serde_json::Value = serde_json::from_slice(&second.stdout).expect("JSON");
    let finds = document["finds"].as_array().expect("finds");
    assert!(
        !finds.is_empty() && finds.iter().all(|it| it["state"] == "known"),
        "{finds:?}"
    );
    assert!(document["notice"].is_string() && document["complete"] == true);
}

#[test]
fn a_sweep_is_a_file_that_tells_what_has_moved() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/sweep-kink.toml");
    let golden = golden.to_str().expect("text");
    let sweep = |more: &[&str]| {
        let mut arguments = vec![
            "sweep",
            "first",
            "--fault",
            "kink.resistance_times",
            "--from",
            "1e3",
            "--to",
            "1e9",
            "--steps",
            "4",
            "--profile",
            "P0,P1",
            "--set",
            "run_max_h=80",
            "--set",
            "follow_up_h=0",
        ];
        arguments.extend(more);
        weanbench(&arguments)
    };
    if std::env::var_os("WEANBENCH_BLESS").is_some() {
        sweep(&["--out", golden]);
    }
    let same = sweep(&["--check", golden, "--quiet"]);
    let told = String::from_utf8_lossy(&same.stdout);
    assert_eq!(
        same.status.code(),
        Some(0),
        "{told}{}",
        String::from_utf8_lossy(&same.stderr)
    );
    // The same under a controller that is wrong on purpose is not the same.
    let other = sweep(&["--check", golden, "--quiet", "--controller", "canary:SR-04"]);
    assert_eq!(other.status.code(), Some(1));
    let told = String::from_utf8(other.stdout).expect("text");
    assert!(
        told.contains("SR-04") && told.contains("- ") && told.contains("+ "),
        "{told}"
    );
    for wrong in [
        ["--fault", "kinc"],
        ["--fault", "kink.resistence_times"],
        ["--fault", "mistype"],
        ["--from", "1e13"],
    ] {
        let mut arguments = vec!["sweep", "first"];
        if wrong[0] == "--from" {
            arguments.extend(["--fault", "kink.resistance_times"]);
        }
        arguments.extend(wrong);
        let refused = weanbench(&arguments);
        assert_eq!(refused.status.code(), Some(2), "{wrong:?}");
    }
}
