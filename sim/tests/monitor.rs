//! `weanbench monitor` as its users meet it: margins worked out by hand, and everything it refuses.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

/// A folder of its own for one test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("monitor-{name}"));
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn file(folder: &Path, name: &str, text: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    fs::write(&path, text).expect("a file to write");
    path.display().to_string()
}

fn weanbench(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weanbench"));
    command.args(arguments).output().expect("the binary runs")
}

fn monitor(formula: &str, trace: &str, more: &[&str]) -> Output {
    weanbench(&[&["monitor", "--formula", formula, trace], more].concat())
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

#[track_caller]
fn judged(formula: &str, trace: &str, more: &[&str], code: i32) -> Value {
    let done = monitor(formula, trace, &[&["--json"], more].concat());
    assert_eq!(done.status.code(), Some(code), "{}", stderr(&done));
    serde_json::from_slice(&done.stdout).expect("one document")
}

/// Bad input: nothing on stdout, no panic, and all these words.
#[track_caller]
fn refused(formula: &str, trace: &str, more: &[&str], words: &[&str]) {
    let done = monitor(formula, trace, more);
    let told = stderr(&done);
    assert_eq!(done.status.code(), Some(2), "{told}{}", stdout(&done));
    assert!(!told.contains("panicked") && stdout(&done).is_empty());
    for word in words {
        assert!(told.contains(word), "`{word}` is missing in: {told}");
    }
}

/// Records of a trace.
fn held_records(trace: &str) -> u64 {
    let said = judged("always true", trace, &[], 0);
    said["formulas"][0]["records"].as_u64().expect("a count")
}

/// From 0 s to 120 s; the lowest of the first 60 s is 1.75 at 20 s, of all 1.25 at 90 s.
const A: &str = "time_s,a,bell,state\n0,3.5,false,on\n20,1.75,true,on\n60,4,,\n90.0,1.25,false,\"off\"\n120,2,false,off\n";
const MINUTE: &str = "always[0 s, 60 s] (a >= 1.5)";

#[test]
fn margins_are_those_worked_out_by_hand() {
    let folder = folder("hand");
    let trace = file(&folder, "a.csv", A);
    let said = judged(MINUTE, &trace, &[], 0);
    assert_eq!(
        (&said["robustness"], &said["satisfied"], &said["at_s"]),
        (&json!(0.25), &json!(true), &json!(0.0))
    );
    assert!(
        said["notice"]
            .as_str()
            .unwrap()
            .contains("never for clinical use")
    );
    let formula = &said["formulas"][0];
    // The window from 30 s on is the first to reach 90 s; after 60 s the verdicts are open.
    assert_eq!(
        (&formula["worst"], &formula["worst_at_s"]),
        (&json!(-0.25), &json!(30.0))
    );
    for (key, value) in [
        ("formula", json!(MINUTE)),
        ("robustness", json!(0.25)),
        ("satisfied", json!(true)),
        ("at_s", json!(0.0)),
        ("armed", json!(3)),
        ("open", json!(false)),
        ("atom", json!("a >= 1.5")),
    ] {
        assert_eq!(formula[key], value, "{key}");
    }
    for (formula, robustness, at_s) in [
        ("always (a >= 1)", 0.25, 90.0),
        ("eventually (a > 3)", 1.0, 60.0),
        ("eventually[60 s, 60 s] bell", 1.0, 0.0),
        ("always (state == on or bell or a < 3)", 1.0, 0.0),
        ("always (state == off implies a <= 2.5)", 0.5, 120.0),
    ] {
        let said = judged(formula, &trace, &[], 0);
        assert_eq!(said["robustness"], json!(robustness), "{formula}");
        assert_eq!(said["at_s"], json!(at_s), "{formula}");
    }
    let text = stdout(&monitor(MINUTE, &trace, &[]));
    for word in [
        "satisfied",
        "0.250",
        "(a >= 1.5)",
        "-0.250",
        "30 s",
        "in 3 of 3",
    ] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn a_violation_is_one_and_so_is_what_stays_open() {
    let folder = folder("violated");
    let trace = file(&folder, "a.csv", A);
    let said = judged("always (a >= 1.5)", &trace, &[], 1);
    assert_eq!(
        (&said["robustness"], &said["satisfied"], &said["at_s"]),
        (&json!(-0.25), &json!(false), &json!(90.0))
    );
    let text = stdout(&monitor("always (a >= 1.5)", &trace, &[]));
    assert!(text.contains("violated") && text.contains("90 s"), "{text}");
    // Two formulas: one is enough, and nothing of either stands on top.
    let both = weanbench(&[
        "monitor",
        "--json",
        "--formula",
        MINUTE,
        "--formula",
        "a < 0",
        &trace,
    ]);
    let said: Value = serde_json::from_slice(&both.stdout).unwrap();
    assert_eq!(
        (
            both.status.code(),
            said["formulas"].as_array().unwrap().len()
        ),
        (Some(1), 2)
    );
    assert!(said.get("robustness").is_none());
    // The trace is too short to know.
    let said = judged("eventually[0 s, 200 s] (a > 3)", &trace, &[], 1);
    assert_eq!(
        (&said["satisfied"], &said["formulas"][0]["open"]),
        (&Value::Null, &json!(true))
    );
    // What is known holds; the end is open.
    let said = judged("always eventually[0 s, 60 s] (a > 1.5)", &trace, &[], 0);
    let formula = &said["formulas"][0];
    assert_eq!(
        (&formula["open"], &formula["open_from_s"]),
        (&json!(true), &json!(60.001))
    );
    // An implication that was never tried says so.
    let text = stdout(&monitor("always (a > 9 implies bell)", &trace, &[]));
    assert!(
        text.contains("in 0 of 5") && text.contains("nothing was tried"),
        "{text}"
    );
}

#[test]
fn online_lists_every_record() {
    let folder = folder("online");
    let trace = file(&folder, "a.csv", A);
    let said = judged("always (a >= 1.5)", &trace, &["--online"], 1);
    let values = [
        (0.0, 2.0),
        (20.0, 0.25),
        (60.0, 2.5),
        (90.0, -0.25),
        (120.0, 0.5),
    ];
    let wanted: Vec<Value> = values
        .map(|(at, value)| json!({ "at_s": at, "robustness": value }))
        .into();
    assert_eq!(said["formulas"][0]["online"], Value::from(wanted));
    let said = judged(MINUTE, &trace, &["--online"], 0);
    let online = said["formulas"][0]["online"].as_array().unwrap();
    let values: Vec<Option<f64>> = online
        .iter()
        .map(|row| row["robustness"].as_f64())
        .collect();
    assert_eq!(values, [Some(0.25), Some(0.25), Some(-0.25), None, None]);
    let text = stdout(&monitor(MINUTE, &trace, &["--online"]));
    assert!(
        text.contains("        time_s  robustness\n             0  0.25\n"),
        "{text}"
    );
    assert!(text.trim_end().ends_with("120  -"), "{text}");
}

#[test]
fn samples_see_nothing_in_between() {
    let folder = folder("discrete");
    let trace = file(&folder, "a.csv", A);
    let rise = "eventually[25 s, 30 s] once[0 s, 10 s] rise(bell)";
    assert_eq!(judged(rise, &trace, &[], 0)["robustness"], json!(1.0));
    let grid = "always (rise(bell) implies a < 2)";
    assert_eq!(
        judged(grid, &trace, &["--discrete", "10"], 0)["robustness"],
        json!(0.25)
    );
    refused(
        rise,
        &trace,
        &["--discrete", "10"],
        &["25 s", "multiple of the sampling period, 10 s"],
    );
    refused(
        grid,
        &trace,
        &["--discrete", "20"],
        &["a.csv:5:1", "falls between samples 20 s apart"],
    );
    refused(
        grid,
        &trace,
        &["--discrete", "0"],
        &["whole number of milliseconds"],
    );
    refused(
        grid,
        &trace,
        &["--discrete", "0.0005"],
        &["whole number of milliseconds"],
    );
    refused(
        grid,
        &trace,
        &["--discrete", "x"],
        &["whole number of milliseconds"],
    );
}

#[test]
fn a_formula_is_refused_with_its_column_and_the_nearest_name() {
    let folder = folder("formula");
    let trace = file(&folder, "a.csv", A);
    refused(
        "always (bel implies a > 1)",
        &trace,
        &[],
        &["--formula:1:9", "did you mean `bell`?"],
    );
    refused(
        "always (state == of)",
        &trace,
        &[],
        &["--formula:1:18", "did you mean `off`?"],
    );
    refused(
        "a > 1 kg",
        &trace,
        &[],
        &["--formula:1:7", "no unit is called `kg`"],
    );
    refused("a > 1 ug", &trace, &[], &["a plain number and `ug`"]);
    refused("", &trace, &[], &["--formula:1:1", "expected"]);
    refused("a >", &trace, &[], &["--formula:1:4", "expected"]);
    let odd = file(&folder, "odd.csv", "time_s,until\n0,1\n");
    refused("until > 1", &odd, &[], &["--formula:1:1"]);
}

#[test]
fn a_value_that_does_not_exist_yet_is_waited_for_and_one_that_stays_away_is_held() {
    let folder = folder("missing");
    let trace = file(&folder, "a.csv", "time_s,a,b,c\n0,,1,\n1.5,2,,\n3,3,,\n");
    let said = judged("always (a > 1)", &trace, &["--online"], 0);
    let formula = &said["formulas"][0];
    assert_eq!(
        (&formula["records"], &formula["at_s"]),
        (&json!(2), &json!(1.5))
    );
    assert_eq!(
        formula["online"][0],
        json!({ "at_s": 0.0, "robustness": null })
    );
    assert_eq!(
        formula["online"][1],
        json!({ "at_s": 1.5, "robustness": 1.0 })
    );
    let said = judged("always (c > 1)", &trace, &[], 1);
    assert_eq!(
        (&said["satisfied"], &said["formulas"][0]["records"]),
        (&Value::Null, &json!(0))
    );
    let text = stdout(&monitor("always (c > 1 and a > 1)", &trace, &[]));
    assert!(
        text.contains("open") && text.contains("`c` never has a value"),
        "{text}"
    );
    assert_eq!(
        judged("always[0 s, 3 s] (b > 0)", &trace, &[], 0)["robustness"],
        json!(1.0)
    );
}

/// Name, text, and words of the complaint.
type Bad = (&'static str, &'static str, &'static [&'static str]);

#[rustfmt::skip]
const BAD: &[Bad] = &[
    ("nan.csv", "time_s,a\n0,1\n1,NaN\n", &["nan.csv:3:3", "`a` is NaN"]),
    ("infinite.csv", "time_s,a\n0,inf\n", &["infinite.csv:2:3", "no finite number"]),
    ("unsorted.csv", "time_s,a\n0,1\n2,1\n1,1\n", &["unsorted.csv:4:1", "earlier than", "2 s"]),
    ("fine.csv", "time_s,a\n0,1\n0.0005,1\n", &["fine.csv:3:1", "whole number of milliseconds"]),
    ("when.csv", "time_s,a\n0,1\nnan,1\n", &["when.csv:3:1", "whole number of milliseconds"]),
    ("late.csv", "time_s,a\n0,1\nlater,1\n", &["late.csv:3:1", "`later`"]),
    ("never.csv", "time_s,a\n,1\n", &["never.csv:2:1", "nothing"]),
    ("untimed.csv", "times,a\n0,1\n", &["untimed.csv:1:1", "`time_s`", "did you mean `times`?"]),
    ("without.csv", "time_s,b\n0,1\n", &["--formula:1:9", "no signal is called `a`"]),
    ("columns.csv", "time_s,a,a\n0,1,1\n", &["columns.csv:1:1", "two columns are called `a`"]),
    ("short.csv", "time_s,a\n0,1\n1\n", &["short.csv:3:1", "1 field in this line, and 2"]),
    ("empty.csv", "", &["empty.csv", "the file is empty"]),
    ("blank.csv", "\n\n", &["blank.csv", "the file is empty"]),
    ("head.csv", "time_s,a\n", &["head.csv", "no records"]),
    ("open.csv", "time_s,a\n0,\"1\n", &["open.csv:2:3", "never closed"]),
    ("behind.csv", "time_s,a\n0,\"1\"2\n", &["behind.csv:2:3", "ends with its quote"]),
    ("inside.csv", "time_s,a\n0,1\"2\n", &["inside.csv:2:3", "does not begin"]),
    ("trace.txt", "time_s,a\n0,1\n", &["trace.txt", ".parquet or .csv"]),
    ("trace", "time_s,a\n0,1\n", &[".parquet or .csv"]),
];

#[test]
fn a_csv_that_is_none_is_refused_with_its_line() {
    let folder = folder("csv");
    for (name, text, words) in BAD {
        let trace = file(&folder, name, text);
        refused("always (a > 1)", &trace, &[], words);
    }
    let bytes = file(&folder, "bytes.csv", b"time_s,a\n0,\xff\n");
    refused("a > 1", &bytes, &[], &["bytes.csv:2", "not UTF-8"]);
    let none = format!("{bytes}.csv");
    refused("a > 1", &none, &[], &["opening failed"]);
}

#[test]
fn a_csv_of_another_writer_is_read() {
    let folder = folder("other");
    let text = "\u{feff}\"time_s\", a ,\"b\"\"c\",flag,note\r\n0,\"1.5\",1,True,\"x, \"\"y\"\"\nz\"\r\n\r\n1e1,2,1,FALSE,fine\r\n";
    let trace = file(&folder, "a.CSV", text);
    let formula = "always (a >= 1.5 and (flag or note == fine))";
    assert_eq!(judged(formula, &trace, &[], 0)["robustness"], json!(0.0));
}

#[test]
fn a_run_of_ours_is_judged_with_its_units() {
    let folder = folder("run");
    let out = folder.display().to_string();
    let run = weanbench(&["run", "first", "--out", &out, "--csv"]);
    assert!(
        run.status.code().is_some_and(|code| code < 2),
        "{}",
        stderr(&run)
    );
    let trace = folder.join("first/wean-1.parquet");
    let path = trace.display().to_string();
    let held = "always (mode == ACTIVE and not AL_07 implies plan_ug_per_h > 0 ug/h)";
    let said = judged(held, &path, &[], 0);
    assert!(said["formulas"][0]["armed"].as_u64() > Some(100), "{said}");
    // No alarm at all before the catheter comes out; and the same in other units.
    assert_eq!(
        judged(
            "always (AL_07 implies plan_ug_per_h > 0 ug/h)",
            &path,
            &[],
            0
        )["satisfied"],
        true
    );
    let said = judged("always (plan_ug_per_h <= 1000 ug/d)", &path, &[], 0);
    assert_eq!(said["formulas"][0]["unit"], "ug/h");
    refused(
        "always (pressure_mmhg > 3 ug/h)",
        &path,
        &[],
        &["--formula:1:25", "`mmHg` and `ug/h`"],
    );
    refused(
        "always (plan_ug_per_hour > 3 ug/h)",
        &path,
        &[],
        &["did you mean `plan_ug_per_h`?"],
    );
    // Before the first sheet there is nothing to judge.
    let said = judged("always (sheet_itch < 9.5)", &path, &[], 0);
    let (records, all) = (&said["formulas"][0]["records"], held_records(&path));
    assert!(records.as_u64() < Some(all), "{records} of {all}");
    // As text it has no units; records of one moment follow each other there too.
    let csv = trace.with_extension("csv").display().to_string();
    let margin = judged("always (plan_ug_per_h <= 20)", &csv, &[], 0);
    let same = judged("always (plan_ug_per_h <= 20ug/h)", &path, &[], 0);
    assert_eq!(margin["worst"], same["worst"]);
    // Damage.
    let bytes = fs::read(&trace).unwrap();
    let half = file(&folder, "half.parquet", &bytes[..bytes.len() / 2]);
    refused(
        "AL_07",
        &half,
        &[],
        &["half.parquet", "not a readable Parquet file"],
    );
    let none = file(&folder, "none.parquet", "");
    refused(
        "AL_07",
        &none,
        &[],
        &["none.parquet", "not a readable Parquet file"],
    );
}
