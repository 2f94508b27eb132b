//! What a type cannot say about a matrix: names, numbers, and every cell against the check of a scenario.

use std::collections::BTreeSet;
use std::path::Path;

use super::cell::{Cell, Wanted};
use super::file::{Matrix, MatrixFile, PointName, Row};
use crate::catalogue::fault_name;
use crate::config::{Library, Refused};
use crate::input::{Document, code, suggest};
use crate::scenario::{ProfileName, SCHEMA};
use crate::shipped::{self, Kind};
use crate::study::complaints::{Complaints, of_faults, read_scenario};
use crate::tables::{self, Hazard};

/// Patients that a matrix may ask for.
const PATIENTS_MOST: u32 = 10_000;

/// Everything but the cells.
pub(super) fn frame(document: &Document, file: &MatrixFile) -> Result<(), Refused> {
    let mut checker = Complaints::new(document);
    if file.schema != SCHEMA {
        let help = Some("this bench reads `schema = 1`".to_owned());
        let message = format!("schema {} is not known", file.schema);
        checker.refuse("schema", code::INVALID_VALUE, message, help);
    }
    if !(1..=PATIENTS_MOST).contains(&file.patients) {
        let message = format!(
            "{} patients; between 1 and {PATIENTS_MOST} are possible",
            file.patients
        );
        checker.refuse("patients", code::OUT_OF_RANGE, message, None);
    }
    for (key, empty) in [
        ("profiles", file.profiles.is_empty()),
        ("from_min", file.from_min.is_empty()),
    ] {
        if empty {
            let message = format!("`{key}` is empty: nothing would be flown");
            let help = Some("give at least one".to_owned());
            checker.refuse(key, code::WRONG_LENGTH, message, help);
        }
    }
    let profiles = file.profiles.iter().enumerate();
    for (index, profile) in profiles.filter(|(at, it)| file.profiles[..*at].contains(it)) {
        let message = format!("{profile:?} a second time");
        let help = Some("name each once".to_owned());
        let key = format!("profiles.{index}");
        checker.refuse(&key, code::INVALID_VALUE, message, help);
    }
    rows(&mut checker, file);
    pairs(&mut checker, file);
    checker.done()
}

fn rows(checker: &mut Complaints<'_>, file: &MatrixFile) {
    let wanted: Vec<&Hazard> = injectable().collect();
    let names: Vec<&str> = wanted.iter().map(|hazard| hazard.id.as_str()).collect();
    let mut seen = BTreeSet::new();
    for (index, row) in file.row.iter().enumerate() {
        let key = format!("row.{index}.hazard");
        let Some(hazard) = wanted.iter().find(|hazard| hazard.id == row.hazard) else {
            let message = format!("`{}` is no hazard that can be injected", row.hazard);
            let help = suggest(&row.hazard, &names);
            checker.refuse(&key, code::UNKNOWN_VARIANT, message, help);
            continue;
        };
        if !seen.insert(row.hazard.as_str()) {
            let message = format!("a second row for {}", row.hazard);
            let help = Some("one row has all three points".to_owned());
            checker.refuse(&key, code::INVALID_VALUE, message, help);
        }
        points(checker, (index, row), hazard);
        beside(checker, (index, row), file);
    }
    let missing = names.iter().filter(|name| !seen.contains(*name));
    let missing: Vec<&str> = missing.copied().collect();
    if !missing.is_empty() {
        let message = format!("no row for {}", missing.join(", "));
        let help =
            Some("add a `[[row]]` with `hazard`, `why`, `below`, `above` and `extreme`".to_owned());
        checker.refuse("title", code::MISSING_KEY, message, help);
    }
}

fn points(checker: &mut Complaints<'_>, (index, row): (usize, &Row), hazard: &Hazard) {
    for name in PointName::ALL {
        let (point, key) = (row.point(name), format!("row.{index}.{}", name.name()));
        let fault = fault_name(&point.what);
        if !hazard.faults.iter().any(|known| known == fault) {
            let message = format!("`{fault}` does not bring {} about", hazard.id);
            let help = suggest(fault, &hazard.faults);
            let key = format!("{key}.what");
            checker.refuse(&key, code::INVALID_VALUE, message, help);
        }
        if point.lasts_min == Some(0) {
            let help = Some("leave it out for a fault that stays".to_owned());
            let message = "a fault of 0 min".to_owned();
            checker.refuse(
                &format!("{key}.lasts_min"),
                code::OUT_OF_RANGE,
                message,
                help,
            );
        }
        for (field, given) in [("lasts_min", point.lasts_min), ("at_min", point.at_min)] {
            if point.what.is_built_in() && given.is_some() {
                let message = format!("`{fault}` is there from the start to the end");
                let help = Some(format!("leave `{field}` out"));
                let key = format!("{key}.{field}");
                checker.refuse(&key, code::OUT_OF_RANGE, message, help);
            }
        }
    }
}

fn beside(checker: &mut Complaints<'_>, (index, row): (usize, &Row), file: &MatrixFile) {
    let Some(beside) = &row.beside else {
        return;
    };
    let key = format!("row.{index}.beside.hazard");
    if beside.hazard == row.hazard {
        let message = format!("{} beside itself", row.hazard);
        let help = Some("name what gives it something to do".to_owned());
        checker.refuse(&key, code::INVALID_VALUE, message, help);
    } else if !file.row.iter().any(|other| other.hazard == beside.hazard) {
        let rows: Vec<&str> = file.row.iter().map(|row| row.hazard.as_str()).collect();
        let message = format!("there is no row for `{}`", beside.hazard);
        let help = suggest(&beside.hazard, &rows);
        checker.refuse(&key, code::UNKNOWN_VARIANT, message, help);
    }
}

fn pairs(checker: &mut Complaints<'_>, file: &MatrixFile) {
    let rows: Vec<&str> = file.row.iter().map(|row| row.hazard.as_str()).collect();
    for (index, pair) in file.pair.iter().enumerate() {
        let before = file.pair[..index].iter();
        let taken = rows.contains(&pair.name.as_str())
            || before.clone().any(|other| other.name == pair.name);
        if taken {
            let message = format!("a second pair called `{}`", pair.name);
            let help = Some("names are given once".to_owned());
            checker.refuse(
                &format!("pair.{index}.name"),
                code::INVALID_VALUE,
                message,
                help,
            );
        }
        for (place, hazard) in pair.hazards.iter().enumerate() {
            if !rows.contains(&hazard.as_str()) {
                let key = format!("pair.{index}.hazards.{place}");
                let message = format!("there is no row for `{hazard}`");
                checker.refuse(&key, code::UNKNOWN_VARIANT, message, suggest(hazard, &rows));
            }
        }
        if pair.hazards[0] == pair.hazards[1] {
            let message = format!("{} beside itself", pair.hazards[0]);
            let help = Some("a pair is two hazards".to_owned());
            let key = format!("pair.{index}.hazards");
            checker.refuse(&key, code::INVALID_VALUE, message, help);
        }
    }
}

/// Hazards that a simulation can have.
pub(super) fn injectable() -> impl Iterator<Item = &'static Hazard> {
    let all = tables::hazards().iter();
    all.filter(|hazard| hazard.hardware_only.is_none())
}

/// The scenario on every profile, without its faults.
pub(super) fn healthy(
    document: &Document,
    file: &MatrixFile,
) -> Result<Vec<(ProfileName, Library)>, Refused> {
    let one = |profile: ProfileName| {
        let overrides = [
            format!("profile={profile:?}"),
            format!("run_max_h={}", file.run_max_h),
            format!("follow_up_h={}", file.follow_up_h),
            "faults=[]".to_owned(),
        ];
        let place = (document, "scenario", "run_max_h");
        let (_, library) = read_scenario(place, &file.scenario, Path::new(""), &overrides)?;
        Ok((profile, library))
    };
    file.profiles.iter().map(|profile| one(*profile)).collect()
}

/// Every cell, as if somebody had written a scenario of it. What a profile cannot have is no cell.
pub(super) fn cells(document: &Document, matrix: &Matrix) -> Result<(), Refused> {
    let mut checker = Complaints::new(document);
    let text = shipped::text(Kind::Scenario, &matrix.file.scenario).unwrap_or_default();
    let base = Document::from_text("", text);
    let onsets = matrix.onsets();
    for cell in matrix.cells(&Wanted::default()).0 {
        let key = key_of(matrix, &cell);
        for (_, from_min) in cell.onsets(&onsets) {
            let library = matrix.library(&cell, *from_min);
            if one(&mut checker, &key, (&base, &library)) {
                break;
            }
        }
    }
    let mut told = BTreeSet::new();
    checker
        .found
        .retain(|it| told.insert((it.position, it.message.clone())));
    checker.done()
}

/// Where the file speaks of a cell.
fn key_of(matrix: &Matrix, cell: &Cell) -> String {
    let file = &matrix.file;
    let row = file.row.iter().position(|row| row.hazard == cell.name);
    let pair = || file.pair.iter().position(|pair| pair.name == cell.name);
    match (row, cell.point.name()) {
        (Some(row), point) => format!("row.{row}.{point}.what"),
        (None, _) => pair().map_or_else(String::new, |pair| format!("pair.{pair}.points")),
    }
}

/// Complaints about the faults of a cell; true when there are any.
fn one(checker: &mut Complaints<'_>, key: &str, (base, library): (&Document, &Library)) -> bool {
    let complaints = of_faults(base, library, 0);
    let found = !complaints.is_empty();
    for complaint in complaints {
        checker.refuse(key, complaint.code, complaint.message, complaint.help);
    }
    found
}
