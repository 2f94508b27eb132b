//! The fault matrix in short: a sample of its cells, the same bytes from one worker and from many, and the
//! result that ships against what comes out now.

use std::sync::atomic::AtomicBool;

use weanbench::matrix::{
    Asked, Cell, Flown, Line, Matrix, Results, Wanted, baseline, compare, fly, sample,
};
use weanbench::scenario::ProfileName;
use weanbench::verdict::RunVerdict;

/// Cells of P0 and P1 that are looked through for harm that nothing told of.
const SAMPLED: usize = 60;
/// Cells that are compared with the result that ships.
const COMPARED: usize = 5;

fn cells(matrix: &Matrix, profiles: &[ProfileName], count: usize) -> Vec<Cell> {
    let wanted = Wanted {
        profiles: profiles.to_vec(),
        names: Vec::new(),
    };
    sample(matrix.cells(&wanted).0, count)
}

fn asked(matrix: &Matrix, patients: u32, arms: u32) -> Asked {
    let onsets = matrix.onsets().into_iter();
    Asked {
        patients,
        onsets: onsets.map(|(name, at)| (name.to_owned(), at)).collect(),
        arms,
    }
}

fn flown(matrix: &Matrix, cells: &[Cell], asked: &Asked, workers: usize) -> Vec<Line> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(workers).build();
    let never = AtomicBool::new(false);
    pool.expect("threads")
        .install(|| fly((matrix, cells), asked, &never, &|| {}))
}

#[test]
fn one_worker_and_many_write_the_same_bytes() {
    let matrix = Matrix::shipped();
    let cells = cells(&matrix, &[ProfileName::P0], 3);
    let mut asked = asked(&matrix, 2, 1);
    asked.onsets.truncate(1);
    let bytes = |workers: usize| {
        let results = Results {
            schema: 1,
            title: matrix.file.title.clone(),
            flown: Vec::new(),
            baseline: Vec::from_iter(baseline(&matrix, ProfileName::P0, 1)),
            line: flown(&matrix, &cells, &asked, workers),
        };
        assert_eq!(results.line.len(), 3);
        let graded = |line: &Line| (line.runs, line.controller.map(|it| it.runs));
        assert_eq!(
            graded(&results.line[0]),
            (2, Some(1)),
            "arms are of the first"
        );
        results.to_toml().expect("a file")
    };
    assert_eq!(bytes(1), bytes(3));
}

/// The bench, with these arguments.
fn weanbench(arguments: &[&str]) -> std::process::Output {
    std::process::Command::new(env!("CARGO_BIN_EXE_weanbench"))
        .args(arguments)
        .output()
        .expect("the binary runs")
}

#[test]
fn what_was_not_there_is_a_dash_and_null() {
    // The shipped matrix with a fault that comes and goes while no nurse is due.
    let shipped = weanbench::shipped::HAZARD_MATRIX;
    let away = "what = \"nurse_away\"";
    let idle = shipped.replace(
        &format!("lasts_min = 600, {away}"),
        &format!("lasts_min = 1, {away}"),
    );
    assert_ne!(idle, shipped);
    let file = format!("{}/idle.toml", env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(&file, idle).expect("a writable folder");
    let flown = |more: &[&str]| {
        let which = ["--only", "HZ-64", "--profile", "P0", "--sample", "1"];
        let how = ["--patients", "1", "--onset", "mid_wean"];
        let all = [&["hazards", &file], &which[..], &how[..], more].concat();
        let output = weanbench(&all);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    let json: serde_json::Value = serde_json::from_str(&flown(&["--json"])).expect("one document");
    let line = &json["line"][0];
    assert_eq!(
        (&line["runs"], &line["effect"]),
        (&1.into(), &0.into()),
        "{json}"
    );
    for key in [
        "detected",
        "latency_median_s",
        "latency_worst_s",
        "excess_ug",
        "deficit",
    ] {
        assert!(
            line.get(key).is_some_and(serde_json::Value::is_null),
            "{key}: {line}"
        );
    }
    assert!(
        json["notice"]
            .as_str()
            .is_some_and(|it| it.contains("never for clinical use"))
    );
    let text = flown(&[]);
    let row = text
        .lines()
        .find(|line| line.contains("HZ-64"))
        .expect("its row");
    // Detected, median and worst; excess and deficit.
    assert_eq!(
        row.split_whitespace().filter(|word| *word == "-").count(),
        6,
        "{row}"
    );
}

#[test]
fn what_cannot_be_flown_is_helped() {
    for (more, said) in [
        (["--only", "HZ-35"], "the matrix has no row or pair `HZ-35`"),
        (["--onset", "mid-wean"], "did you mean `mid_wean`?"),
        (["--patients=2", "--arms=3"], "say --patients 3, or --arms"),
        (["--patients=2", "--arms=0"], "0 is not in"),
    ] {
        let output = weanbench(&[&["hazards"], &more[..]].concat());
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(said), "{told}");
    }
}

#[test]
fn another_controller_flies_the_same_cells_and_never_over_the_shipped_result() {
    let of = |controller: &str| {
        let which = ["--only", "HZ-57", "--profile", "P0", "--sample", "1"];
        let how = ["--patients", "1", "--onset", "mid_wean", "--json"];
        let by = ["--controller", controller];
        let output = weanbench(&[&["hazards"], &which[..], &how[..], &by[..]].concat());
        let json = serde_json::from_slice(&output.stdout).expect("one document");
        let json: serde_json::Value = json;
        json["line"][0]["violated"].to_string()
    };
    // It says nothing to the pump when its plan moves, whatever the fault.
    let (shipped, wrong) = (of("builtin"), of("canary:WB-07"));
    assert!(!shipped.contains("WB-07"), "{shipped}");
    assert!(wrong.contains("WB-07"), "{wrong}");
    let over = ["--merge", "--out", "never.toml"];
    let by = ["--controller", "canary:WB-07"];
    let output = weanbench(&[&["hazards"], &over[..], &by[..]].concat());
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn once_stopped_no_cell_is_told_of_in_part() {
    let matrix = Matrix::shipped();
    let cells = cells(&matrix, &[ProfileName::P0], 3);
    let stopped = AtomicBool::new(true);
    let lines = fly((&matrix, &cells), &asked(&matrix, 1, 0), &stopped, &|| {});
    assert!(lines.is_empty());
}

#[test]
fn no_sampled_cell_harms_undetected_unless_the_matrix_says_why() {
    let matrix = Matrix::shipped();
    let cells = cells(&matrix, &[ProfileName::P0, ProfileName::P1], SAMPLED);
    let mut asked = asked(&matrix, 1, 0);
    // The middle of a wean alone: all three moments are in the result that ships.
    asked.onsets.retain(|(name, _)| name == "mid_wean");
    let lines = flown(&matrix, &cells, &asked, 0);
    assert_eq!(lines.len(), SAMPLED);
    let bad: Vec<&Line> = lines.iter().filter(|line| matrix.is_bad(line)).collect();
    assert!(bad.is_empty(), "{bad:#?}");
    let acted = lines.iter().filter(|line| line.effect > 0).count();
    assert!(
        acted * 10 > SAMPLED * 8,
        "only {acted} of {SAMPLED} had an effect"
    );
}

#[test]
fn the_result_that_ships_has_no_harm_undetected_unless_the_matrix_says_why() {
    let matrix = Matrix::shipped();
    let results = Results::shipped();
    let bad: Vec<String> = results
        .line
        .iter()
        .filter(|line| matrix.is_bad(line))
        .map(|line| format!("{} {:?} {:?}", line.name, line.point, line.profile))
        .collect();
    assert!(bad.is_empty(), "{bad:?}");
    // What is no harm any more must not stay excused.
    let harms = |line: &&Line| line.judged(RunVerdict::UndetectedUnsafe) > 0;
    let open = results
        .line
        .iter()
        .filter(harms)
        .filter(|line| matrix.open(line).is_some());
    let rows = matrix.file.row.iter().flat_map(|row| row.open.values());
    let excuses = rows.chain(matrix.file.pair.iter().map(|pair| &pair.open));
    assert_eq!(open.count(), excuses.map(|it| it.len()).sum::<usize>());
}

#[test]
fn sampled_cells_come_out_as_in_the_result_that_ships() {
    let matrix = Matrix::shipped();
    let results = Results::shipped();
    let known = results.flown(ProfileName::P0).expect("P0 was flown");
    let cells = cells(&matrix, &[ProfileName::P0], COMPARED);
    let asked = asked(&matrix, known.patients, 0);
    let lines = flown(&matrix, &cells, &asked, 0);
    let now = Flown {
        arms: 0,
        ..known.clone()
    };
    assert_eq!(now.seed, matrix.seed());
    let apart = compare(&results, &[now], &lines);
    assert!(
        apart.is_empty(),
        "fly it again, as sim/docs/hazards.md says:\n{}",
        apart.join("\n")
    );
    // And a difference is told.
    let mut other = lines;
    other[0].runs += 1;
    let now = [known.clone()];
    assert_eq!(compare(&results, &now, &other[..1]).len(), 1);
}
