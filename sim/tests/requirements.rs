//! A user's own file of requirements: judged in a run and over a trace, and everything that is refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

/// A folder of its own for one test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("requirements-{name}"));
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).expect("a file to write");
    path.display().to_string()
}

fn shipped() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../configs/requirements.toml");
    path.display().to_string()
}

fn weanbench(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weanbench"));
    command.args(arguments).output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

#[track_caller]
fn document(output: &Output, code: i32) -> Value {
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{told}");
    serde_json::from_slice(&output.stdout).expect("one document")
}

/// Bad input: nothing on stdout, no panic, and all these words.
#[track_caller]
fn refused(arguments: &[&str], words: &[&str]) {
    let done = weanbench(arguments);
    let told = text(&done.stderr);
    assert_eq!(done.status.code(), Some(2), "{told}");
    assert!(!told.contains("panicked") && done.stdout.is_empty());
    for word in words {
        assert!(told.contains(word), "`{word}` is missing in: {told}");
    }
}

/// The wean of `first` starts at 16.667 ug/h; its kink never makes the reservoir empty.
const MINE: &str = r#"
[parameters]
most = { value = "10 ug/h", source = "the ward" }

[[requirement]]
id = "WARD-01"
text = "The plan stays below the ward's limit."
formula = "always (therapy implies plan_ug_per_h <= most)"

[[requirement]]
id = "WARD-02"
text = "The bell of an empty reservoir is heard at once."
formula = "always (AL_15 implies eventually[0 s, told_at_once] AL_15.acknowledged)"

[[requirement]]
id = "WARD-03"
text = "Nothing is ever infused that the plan does not know."
formula = "always (therapy implies plan_ug_per_h >= 0 ug/h)"

[[requirement]]
id = "WARD-04"
text = "One day."
gap = "nobody has written it yet"
"#;

#[test]
fn a_violated_one_is_told_in_full_whatever_the_scenario_expects() {
    let folder = folder("run");
    let (mine, out) = (
        file(&folder, "mine.toml", MINE),
        folder.display().to_string(),
    );
    let run = ["run", "first", "--requirements", &mine, "--out", &out];
    let said = document(&weanbench(&[&run[..], &["--json"]].concat()), 1);
    let verdict = |id: &str| said["verdicts"][id]["verdict"].clone();
    assert_eq!(verdict("WARD-01"), "violated");
    assert_eq!(verdict("WARD-02"), "vacuous");
    assert_eq!(verdict("WARD-03"), "holds");
    assert_eq!(said["runs"], json!({ "unsafe": 1 }));
    let why = said["unacceptable"][0]["why"].as_str().expect("a reason");
    assert!(why.starts_with("violated WARD-01 by"), "{why}");
    let violation = &said["violations"][0];
    assert_eq!(violation["id"], "WARD-01");
    assert_eq!(violation["text"], "The plan stays below the ward's limit.");
    assert_eq!(
        (&violation["own"], &violation["unit"]),
        (&json!(true), &json!("ug/h"))
    );
    assert_eq!(violation["comparison"], "plan_ug_per_h <= most");
    assert!(violation["margin"].as_f64() < Some(-1.0) && violation["at_h"].is_f64());
    let signals = violation["signals"].as_array().expect("signals");
    assert!(
        signals.contains(&json!({ "name": "therapy", "value": "true" })),
        "{violation}"
    );
    // For people.
    let done = weanbench(&run);
    let told = text(&done.stdout);
    assert_eq!(done.status.code(), Some(1));
    for word in [
        "WARD-01 is violated by",
        "plan_ug_per_h <= most",
        "therapy        true",
        "vacuous",
    ] {
        assert!(told.contains(word), "{word}: {told}");
    }
    // The trace says by what it was judged, and can be run again.
    let trace = folder.join("first/wean-1.parquet").display().to_string();
    let again = weanbench(&["replay", &trace]);
    assert_eq!(again.status.code(), Some(0), "{}", text(&again.stdout));
    // The same file over that trace, and the same margin.
    let monitor = ["monitor", "--json", "--requirements", &mine, &trace];
    let traced = document(&weanbench(&monitor), 1);
    let first = &traced["requirements"][0];
    assert_eq!(first["robustness"], violation["margin"]);
    assert_eq!(
        (&first["id"], &first["satisfied"]),
        (&json!("WARD-01"), &json!(false))
    );
    assert_eq!(
        first["signals"].as_array().map(Vec::len),
        Some(signals.len())
    );
    let second = &traced["requirements"][1];
    assert_eq!(
        (&second["verdict"], &second["satisfied"], &second["armed"]),
        (&json!("vacuous"), &Value::Null, &json!(0))
    );
    assert_eq!(traced["not_judged"][0]["id"], "WARD-04");
}

#[test]
fn the_shipped_ones_are_judged_over_a_trace_of_ours() {
    let folder = folder("shipped");
    let out = folder.display().to_string();
    let run = document(&weanbench(&["run", "first", "--json", "--out", &out]), 0);
    let trace = folder.join("first/wean-1.parquet").display().to_string();
    let arguments = ["monitor", "--json", "--requirements", &shipped(), &trace];
    // Whether a sensor could have shown the kink is known of a run only.
    let traced = document(&weanbench(&arguments), 1);
    let rows = traced["requirements"].as_array().expect("rows");
    assert_eq!(
        rows.len(),
        run["verdicts"].as_object().expect("verdicts").len()
    );
    for row in rows {
        let ran = &run["verdicts"][row["id"].as_str().expect("an id")];
        assert_eq!(
            (&ran["margin"], &ran["armed"]),
            (&row["robustness"], &row["armed"]),
            "{row}"
        );
    }
    let not_judged = traced["not_judged"].as_array().expect("rows");
    assert!(!not_judged.is_empty(), "what has no formula is named");
    assert!(
        not_judged.iter().all(|row| row["why"].is_string()),
        "{traced}"
    );
    let never = traced["never_excused"].as_array().expect("ids");
    assert!(never.contains(&json!("SR-39")) && !never.contains(&json!("SR-05")));
    // Beside a formula of the command line, for people.
    let both = [
        "monitor",
        "--formula",
        "always true",
        "--requirements",
        &shipped(),
        &trace,
    ];
    let done = weanbench(&both);
    let told = text(&done.stdout);
    for word in [
        "satisfied: ",
        "SR-05",
        "holds",
        "a trace does not tell what no sensor could have shown (SR-08b, ",
        "not judged over a trace",
        "SR-66",
    ] {
        assert!(told.contains(word), "{word}: {told}");
    }
}

#[test]
fn a_trace_from_elsewhere_has_names_of_its_own() {
    let folder = folder("elsewhere");
    let trace = file(
        &folder,
        "a.csv",
        "time_s,current,on\n0,1,true\n10,4,true\n20,0,false\n",
    );
    let mine = "[parameters]\nmost = { value = \"3\", source = \"the maker\" }\n\
        [[requirement]]\nid = \"A\"\ntext = \"little\"\nformula = \"always (on implies current <= most)\"\n";
    let good = file(&folder, "a.toml", mine);
    let said = document(
        &weanbench(&["monitor", "--json", "--requirements", &good, &trace]),
        1,
    );
    let row = &said["requirements"][0];
    assert_eq!(
        (&row["robustness"], &row["worst_at_s"]),
        (&json!(-1.0), &json!(10.0))
    );
    assert_eq!(
        row["signals"],
        json!([
            { "name": "current", "value": "4" },
            { "name": "on", "value": "true" },
        ])
    );
    let bad = file(&folder, "b.toml", &mine.replace("current <=", "curent <="));
    let words = [
        "b.toml:6:31",
        "no signal is called `curent`",
        "did you mean `current`?",
    ];
    refused(&["monitor", "--requirements", &bad, &trace], &words);
    refused(&["monitor", &trace], &["--formula"]);
    // Nothing to judge is no pass.
    let never = file(
        &folder,
        "c.toml",
        &mine.replace("on implies", "current > 9 implies"),
    );
    let said = document(
        &weanbench(&["monitor", "--json", "--requirements", &never, &trace]),
        1,
    );
    assert_eq!(said["requirements"][0]["verdict"], "vacuous");
    // A sample in between.
    let late = mine.replace("current <= most", "eventually[0 s, 15 s] current <= most");
    let late = file(&folder, "d.toml", &late);
    let words = ["`A`", "15 s", "multiple of the sampling period"];
    refused(
        &[
            "monitor",
            "--requirements",
            &late,
            &trace,
            "--discrete",
            "10",
        ],
        &words,
    );
}

#[test]
fn one_without_a_result_is_violated_and_hides_no_other() {
    let folder = folder("undefined");
    let trace = file(&folder, "a.csv", "time_s,a,b\n0,1,1\n10,0,0\n20,1,1\n");
    let mine = "[[requirement]]\nid = \"A\"\nformula = \"always (a / b > 0)\"\n\
        [[requirement]]\nid = \"B\"\nformula = \"always (a > 0.5)\"\n";
    let mine = file(&folder, "a.toml", mine);
    let said = document(
        &weanbench(&["monitor", "--json", "--requirements", &mine, &trace]),
        1,
    );
    let row = |place: usize| &said["requirements"][place];
    assert_eq!(
        (&row(0)["satisfied"], &row(0)["at_s"]),
        (&json!(false), &json!(10.0))
    );
    assert_eq!(
        (&row(1)["robustness"], &row(1)["at_s"]),
        (&json!(-0.5), &json!(10.0))
    );
}

/// Name, text behind a good id, and words of the complaint.
type Bad = (&'static str, &'static str, &'static [&'static str]);

#[rustfmt::skip]
const BAD: &[Bad] = &[
    ("key", "formula = \"therapy\"\nformulla = \"x\"", &[":4:1", "did you mean `formula`?"]),
    ("signal", "formula = \"always (terapy implies holds)\"", &[":3:20", "column 9", "did you mean `therapy`?"]),
    ("clash", "formula = \"plan_ug_per_h > 3 ug\"", &["different kinds of unit"]),
    ("unit", "formula = \"plan_ug_per_h > 3 ug/hr\"", &["no unit is called `ug/hr`", "units are made of"]),
    ("twice", "formula = \"therapy\"\n[[requirement]]\nid = \"A\"\nformula = \"holds\"", &[":5:6", "required twice"]),
    ("shipped", "formula = \"therapy\"\n[[requirement]]\nid = \"SR-05\"\nformula = \"holds\"", &[":5:6", "ships with the bench"]),
    ("id", "formula = \"therapy\"\n[[requirement]]\nid = \"a b\"\nformula = \"holds\"", &[":5:6", "is no name"]),
    ("none", "", &[":1:1", "exactly one of"]),
    ("pair", "pair = \"again\"", &[":3:8", "only pairs that ship with the bench are run", "write a `formula`"]),
    ("both", "formula = \"therapy\"\ngap = \"x\"", &["exactly one of"]),
    ("nan", "gap = \"\"\n[parameters]\nx = { value = \"NaN\", source = \"\" }", &[":5:15", "out of range"]),
    ("taken", "gap = \"\"\n[parameters]\ntold_in = { value = \"1 s\", source = \"\" }", &[":5:21", "declared twice"]),
    ("syntax", "formula = ", &[":3:11"]),
];

#[test]
fn bad_files_are_refused_where_they_are_wrong() {
    let folder = folder("bad");
    let out = folder.display().to_string();
    for (name, content, words) in BAD {
        let content = format!("[[requirement]]\nid = \"A\"\n{content}\n");
        let path = file(&folder, &format!("{name}.toml"), &content);
        let run = ["run", "first", "--out", &out, "--requirements", &path];
        refused(&run, words);
        let check = weanbench(&["check", &path]);
        assert_eq!(
            check.status.code(),
            Some(2),
            "{name}: {}",
            text(&check.stdout)
        );
    }
    let missing = folder.join("no-such.toml").display().to_string();
    let run = ["run", "first", "--out", &out, "--requirements", &missing];
    refused(&run, &["no such file"]);
    let good = file(&folder, "good.toml", MINE);
    let check = weanbench(&["check", &good, &shipped()]);
    let told = text(&check.stdout);
    assert_eq!(check.status.code(), Some(0), "{}", text(&check.stderr));
    assert!(
        told.contains("requirements, 3 formulas, 1 that no run judges"),
        "{told}"
    );
}

#[test]
fn the_examples_of_the_page_run() {
    let folder = folder("page");
    let out = folder.display().to_string();
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/requirements.md"));
    let page = page.expect("the page");
    let (_, rest) = page.split_once("```toml\n").expect("an example");
    let (example, rest) = rest.split_once("```").expect("its end");
    assert!(!rest.contains("```toml"), "one example is one file");
    let example = file(&folder, "page.toml", example);
    let run = [
        "run",
        "first",
        "--json",
        "--requirements",
        &example,
        "--out",
        &out,
    ];
    let said = document(&weanbench(&run), 0);
    for (id, verdict) in [("WARD-01", "holds"), ("WARD-03", "holds")] {
        assert_eq!(said["verdicts"][id]["verdict"], verdict, "{id}");
    }
    let list = ["list", "requirements", "--json", "--requirements", &example];
    let list = document(&weanbench(&list), 0);
    let rows = list["requirements"].as_array().expect("rows");
    let own: Vec<&Value> = rows.iter().filter(|row| row["own"] == true).collect();
    assert_eq!(
        (own.len(), &own[4]["judged_by"]),
        (5, &json!("gap: nobody signs anything in this bench"))
    );
    let parameters = list["parameters"].as_array().expect("parameters");
    assert!(
        parameters
            .iter()
            .any(|it| it["name"] == "ward_most" && it["value"] == 20.0)
    );
    // Every formula that the page quotes as good or bad.
    let trace = folder.join("first/wean-1.parquet").display().to_string();
    for (formula, code) in [
        ("always (plan_ug_per_h <= 480 ug/d)", 0),
        ("always (plan_ug_per_h <= 20 ug)", 2),
    ] {
        let done = weanbench(&["monitor", "--formula", formula, &trace]);
        assert_eq!(done.status.code(), Some(code), "{formula}");
    }
}
