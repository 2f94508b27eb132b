//! The file of the matrix: what is refused, and where. Cells, samples and results as they are read and written.

use super::*;
use crate::input::code;
use crate::scenario::ProfileName;
use crate::shipped;

/// The shipped file with one thing put in place of another, refused.
fn refused(from: &str, to: &str) -> (&'static str, usize, String) {
    let good = shipped::HAZARD_MATRIX;
    let text = good.replacen(from, to, 1);
    assert_ne!(text, good, "{from}");
    let found = Matrix::from_text("hazards.toml", &text).expect_err(to);
    let first = &found[0];
    assert!(
        first.help.is_some() || first.code == code::OUT_OF_RANGE,
        "{first}"
    );
    let line = first.position.expect("a place").line;
    (first.code, line, first.message.clone())
}

/// The line in which something first stands in the shipped file.
fn line_of(what: &str) -> usize {
    let at = shipped::HAZARD_MATRIX.find(what).expect("it is there");
    shipped::HAZARD_MATRIX[..at].matches('\n').count() + 1
}

#[test]
fn the_shipped_matrix_has_every_injectable_hazard() {
    let matrix = Matrix::shipped();
    assert_eq!(matrix.file.row.len(), 71);
    assert!((8..=12).contains(&matrix.file.pair.len()));
    let (cells, skipped) = matrix.cells(&Wanted::default());
    let all = (71 * 3 + matrix.file.pair.len()) * matrix.file.profiles.len();
    assert_eq!(cells.len() + skipped.len(), all);
    // A sensor of the line is on P2 alone.
    assert!(!skipped.is_empty());
    assert!(skipped.iter().all(|it| it.profile != ProfileName::P2));
    assert!(
        skipped
            .iter()
            .any(|it| it.name == "HZ-37" && it.why.contains("no such sensor"))
    );
}

/// What is put in place of what, with which code it is refused, and where it stands if it is another line.
const BROKEN: &[(&str, &str, &str, Option<&str>)] = &[
    ("schema = 1", "schema = 2", code::INVALID_VALUE, None),
    ("patients = 20", "patients = 0", code::OUT_OF_RANGE, None),
    ("patients = 20", "patient = 20", code::UNKNOWN_KEY, None),
    (
        "profiles = [\"P0\", ",
        "profiles = [\"P1\", ",
        code::INVALID_VALUE,
        None,
    ),
    (
        "scenario = \"first\"",
        "scenario = \"frist\"",
        code::NOT_FOUND,
        None,
    ),
    (
        "hazard = \"HZ-02\"",
        "hazard = \"HZ-9x\"",
        code::UNKNOWN_VARIANT,
        None,
    ),
    (
        "hazard = \"HZ-02\"",
        "hazard = \"HZ-35\"",
        code::UNKNOWN_VARIANT,
        None,
    ),
    (
        "hazard = \"HZ-02\"",
        "hazard = \"HZ-01\"",
        code::INVALID_VALUE,
        None,
    ),
    (
        "{ gain = 1.05 }",
        "{ gian = 1.05 }",
        code::UNKNOWN_KEY,
        None,
    ),
    (
        "pump_gain = { gain = 1.05 }",
        "pump_gian = { gain = 1.05 }",
        code::UNKNOWN_VARIANT,
        None,
    ),
    // A fault of another hazard.
    (
        "what = { pump_gain = { gain = 1.5 } }",
        "what = \"stall\"",
        code::INVALID_VALUE,
        None,
    ),
    // Beyond the range of the fault, and one that changes nothing: the check of a scenario says so.
    (
        "{ gain = 3.0 }",
        "{ gain = -3.0 }",
        code::OUT_OF_RANGE,
        None,
    ),
    (
        "{ gain = 3.0 }",
        "{ gain = 1.0 }",
        code::INVALID_VALUE,
        None,
    ),
    (
        "lasts_min = 1_500, what = { wrong_rate",
        "lasts_min = 0, what = { wrong_rate",
        code::OUT_OF_RANGE,
        None,
    ),
    (
        "what = { steep_rungs",
        "lasts_min = 5, what = { steep_rungs",
        code::OUT_OF_RANGE,
        None,
    ),
    (
        "last_rung = 7_800",
        "last_rung = 78_000",
        code::OUT_OF_RANGE,
        Some("wrong_rate = { rate_times = 1.08 }"),
    ),
    (
        "hazards = [\"HZ-08\", \"HZ-37\"]",
        "hazards = [\"HZ-08\", \"HZ-35\"]",
        code::UNKNOWN_VARIANT,
        None,
    ),
    (
        "hazards = [\"HZ-08\", \"HZ-37\"]",
        "hazards = [\"HZ-08\", \"HZ-08\"]",
        code::INVALID_VALUE,
        None,
    ),
    (
        "beside = { hazard = \"HZ-04\"",
        "beside = { hazard = \"HZ-35\"",
        code::UNKNOWN_VARIANT,
        None,
    ),
    (
        "beside = { hazard = \"HZ-04\"",
        "beside = { hazard = \"HZ-68\"",
        code::INVALID_VALUE,
        None,
    ),
    (
        "name = \"occluded-and-left\"",
        "name = \"occluded-and-pressure-stuck\"",
        code::INVALID_VALUE,
        None,
    ),
];

#[test]
fn a_broken_file_is_refused_in_its_line() {
    for (from, to, code, line) in BROKEN.iter().copied() {
        let (found, at, said) = refused(from, to);
        assert_eq!(found, code, "{to}: {said}");
        assert_eq!(at, line_of(line.unwrap_or(from)), "{to}: {said}");
    }
}

#[test]
fn a_hazard_without_a_row_is_named() {
    let text = shipped::HAZARD_MATRIX;
    let row = text.find("[[row]]\nhazard = \"HZ-72\"").expect("its row");
    let pairs = text[row..].find("# Pairs").expect("the pairs") + row;
    let without = format!("{}{}", &text[..row], &text[pairs..]);
    let found = Matrix::from_text("hazards.toml", &without).unwrap_err();
    assert_eq!(
        (found[0].code, found[0].message.as_str()),
        (code::MISSING_KEY, "no row for HZ-72")
    );
}

#[test]
fn a_sample_is_spread_evenly_and_always_the_same() {
    let matrix = Matrix::shipped();
    let wanted = Wanted {
        profiles: vec![ProfileName::P0],
        names: Vec::new(),
    };
    let names = |count: usize| -> Vec<String> {
        let (cells, _) = matrix.cells(&wanted);
        let picked = sample(cells, count);
        picked
            .iter()
            .map(|cell| format!("{} {}", cell.name, cell.point.name()))
            .collect()
    };
    let ten = names(10);
    assert_eq!(ten.len(), 10);
    assert_eq!(ten, names(10));
    let (all, _) = matrix.cells(&wanted);
    assert_eq!(names(0).len(), all.len());
    assert_eq!(names(100_000).len(), all.len());
    // Not three points of one hazard.
    assert_eq!(
        ten.iter().filter(|name| name.starts_with("HZ-0")).count(),
        1,
        "{ten:?}"
    );
}

#[test]
fn faults_begin_when_the_moment_says_unless_they_have_their_own() {
    let matrix = Matrix::shipped();
    let of = |name: &str| {
        let wanted = Wanted {
            profiles: vec![ProfileName::P0],
            names: vec![name.to_owned()],
        };
        let (cells, _) = matrix.cells(&wanted);
        cells[1].clone()
    };
    let moments = matrix.onsets();
    let gain = of("HZ-02");
    assert_eq!(gain.onsets(&moments).len(), 3);
    let fault = &gain.faults(4_500)[0];
    assert_eq!((fault.from_min, fault.until_min), (4_500, Some(5_220)));
    for (name, from_min) in [("HZ-06", 0), ("HZ-51", 0)] {
        let apart = of(name);
        assert_eq!(apart.onsets(&moments).len(), 1, "{name}");
        let fault = &apart.faults(4_500)[0];
        assert_eq!(
            (fault.from_min, fault.until_min),
            (from_min, None),
            "{name}"
        );
    }
}

#[test]
fn the_shipped_results_are_of_the_shipped_matrix_and_written_as_they_are_read() {
    let matrix = Matrix::shipped();
    let results = Results::shipped();
    let (cells, skipped) = matrix.cells(&Wanted::default());
    for line in &results.line {
        let mut known = cells.iter();
        let known = known.any(|it| {
            (it.name.as_str(), it.point, it.profile)
                == (line.name.as_str(), line.point, line.profile)
        });
        assert!(
            known,
            "{} {:?} {:?} is no cell",
            line.name, line.point, line.profile
        );
    }
    for flown in &results.flown {
        let of = |it: ProfileName| it == flown.profile;
        let lines = results.line.iter().filter(|it| of(it.profile)).count();
        assert_eq!(lines, flown.cells as usize, "{flown:?}");
        let gone = skipped.iter().filter(|it| of(it.profile)).count();
        assert_eq!(gone, flown.skipped as usize, "{flown:?}");
    }
    assert_eq!(results.to_toml().unwrap(), shipped::HAZARD_RESULTS);
}

#[test]
fn a_broken_result_is_refused_in_its_line() {
    let good = "schema = 1\ntitle = \"x\"\nflown = []\nline = []\n";
    assert!(Results::from_text("r.toml", good).is_ok());
    for (from, to, code, line) in [
        ("schema = 1", "schema = 2", code::INVALID_VALUE, 1),
        ("title", "titel", code::UNKNOWN_KEY, 2),
        (
            "line = []",
            "line = [{ name = \"HZ-01\" }]",
            code::MISSING_KEY,
            4,
        ),
    ] {
        let found = Results::from_text("r.toml", &good.replace(from, to)).unwrap_err();
        let at = found[0].position.expect("a place").line;
        assert_eq!((found[0].code, at), (code, line), "{to}");
    }
}

fn flown(profile: ProfileName, patients: u32) -> Flown {
    Flown {
        profile,
        patients,
        seed: 1,
        onsets_min: vec![75],
        cells: 0,
        runs: 0,
        skipped: 0,
        arms: 0,
        note: None,
    }
}

/// Results of these profiles, with these hazards on each; the number of runs tells the lines apart.
fn results(flown: Vec<Flown>, names: &[&str], runs: u32) -> Results {
    let template = r#"{ name = "HZ-02", point = "below", profile = "P0", runs = 0, effect = 0, verdicts = {} }"#;
    let text = format!("schema = 1\ntitle = \"x\"\nflown = []\nline = [{template}]\n");
    let one = Results::from_text("r.toml", &text).expect("a result").line;
    let each = flown
        .iter()
        .flat_map(|it| names.iter().map(move |name| (it.profile, *name)));
    let line = each.map(|(profile, name)| Line {
        name: name.to_owned(),
        profile,
        runs,
        ..one[0].clone()
    });
    Results {
        schema: 1,
        title: "x".to_owned(),
        line: line.collect(),
        flown,
        baseline: Vec::new(),
    }
}

#[test]
fn what_was_flown_again_replaces_what_was_there() {
    let (p0, p1) = (ProfileName::P0, ProfileName::P1);
    let older = || results(vec![flown(p0, 1), flown(p1, 1)], &["HZ-01", "HZ-02"], 3);
    let told = |results: &Results| -> Vec<String> {
        let lines = results.line.iter();
        lines
            .map(|it| format!("{} {:?} {}", it.name, it.profile, it.runs))
            .collect()
    };
    // The same patients: one line anew, the rest stays.
    let again = results(vec![flown(p1, 1)], &["HZ-02"], 7).over(older());
    assert_eq!(
        told(&again),
        ["HZ-01 P0 3", "HZ-01 P1 3", "HZ-02 P0 3", "HZ-02 P1 7"]
    );
    let counts: Vec<_> = again.flown.iter().map(|it| (it.cells, it.runs)).collect();
    assert_eq!(counts, [(2, 6), (2, 10)]);
    // Other patients: nothing older stays of the profile.
    let other = results(vec![flown(p1, 2)], &["HZ-02"], 7).over(older());
    assert_eq!(told(&other), ["HZ-01 P0 3", "HZ-02 P0 3", "HZ-02 P1 7"]);
    let patients: Vec<_> = other
        .flown
        .iter()
        .map(|it| (it.profile, it.patients))
        .collect();
    assert_eq!(patients, [(p0, 1), (p1, 2)]);
}
