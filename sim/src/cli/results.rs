//! Results on disk: one folder for each scenario, each file there as a whole or not at all.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::console::Trouble;
use super::run::Outcome;
use crate::NOTICE;
use crate::case::Case;
use crate::config::Library;
use crate::judge::{Judged, Outcome as Patient};
use crate::study::cohort::Run;
use crate::study::rows::{self, Column, Values};
use crate::study::summary::Summary;
use crate::study::violations::Violation;
use crate::trace::{Trace, TraceError, can_write, write_atomically, write_csv, write_parquet};

/// The newest results.
const LATEST: &str = "latest";

/// The summary, and how much of it there is when somebody stopped the runs.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Printed {
    #[serde(flatten)]
    summary: Summary,
    violations: Vec<Violation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    partial: Option<Partial>,
}

/// Somebody stopped the runs.
#[derive(Clone, Copy, Debug, Serialize)]
struct Partial {
    finished: usize,
    planned: usize,
}

impl Printed {
    pub(super) fn new(outcome: &Outcome<'_>) -> Self {
        let (finished, planned) = (outcome.runs.len(), outcome.planned);
        Self {
            summary: outcome.summary.clone(),
            violations: outcome.violations.clone(),
            partial: (finished < planned).then_some(Partial { finished, planned }),
        }
    }
}

/// The folder of one scenario's results.
pub(super) struct Folder {
    base: PathBuf,
    path: PathBuf,
    name: String,
    csv: bool,
}

impl Folder {
    /// Makes the folder, and makes sure that files can be put into it before anything is run.
    pub(super) fn open(base: &Path, name: &str, csv: bool) -> Result<Self, Trouble> {
        let path = base.join(name);
        let refused = |error: &dyn std::fmt::Display| {
            let shown = path.display();
            Trouble::bench(format!(
                "results cannot be written to {shown}: {error}; choose --out"
            ))
        };
        fs::create_dir_all(&path).map_err(|error| refused(&error))?;
        can_write(&path).map_err(|error| refused(&error))?;
        Ok(Self {
            base: base.to_owned(),
            path,
            name: name.to_owned(),
            csv,
        })
    }

    /// Where it is.
    pub(super) fn shown(&self) -> String {
        self.path.display().to_string()
    }

    /// Removes what an earlier run left: its traces would pass for ours.
    pub(super) fn clear(&self, library: &Library) -> Result<(), Trouble> {
        let arms: Vec<String> = library
            .scenario
            .arms
            .iter()
            .map(|arm| format!("{}-", file_name(&arm.name)))
            .collect();
        for entry in fs::read_dir(&self.path).map_err(Trouble::bench)? {
            let path = entry.map_err(Trouble::bench)?.path();
            let ending = path
                .extension()
                .is_some_and(|it| it == "parquet" || it == "csv");
            let stem = path
                .file_stem()
                .and_then(|stem| stem.to_str())
                .unwrap_or_default();
            let numbered =
                |rest: &str| !rest.is_empty() && rest.bytes().all(|it| it.is_ascii_digit());
            let is_trace = arms
                .iter()
                .any(|arm| stem.strip_prefix(arm).is_some_and(numbered));
            if ending && (is_trace || stem == "runs") {
                remove(&path).map_err(|error| {
                    Trouble::bench(format!("{} cannot be removed: {error}", path.display()))
                })?;
            }
        }
        Ok(())
    }

    /// Writes the trace of a case.
    pub(super) fn trace(&self, case: &Case<'_>, trace: &Trace) -> Result<(), Trouble> {
        let stem = format!("{}-{}", file_name(&case.arm().name), case.patient());
        let path = self.path.join(format!("{stem}.parquet"));
        write_parquet(&path, trace).map_err(Trouble::bench)?;
        if self.csv {
            let path = self.path.join(format!("{stem}.csv"));
            write_csv(&path, trace).map_err(Trouble::bench)?;
        }
        Ok(())
    }

    /// Writes all but the traces, and makes these the newest results.
    pub(super) fn write(
        &self,
        outcome: &Outcome<'_>,
        printed: &Printed,
        report: &str,
    ) -> Result<(), Trouble> {
        let json = serde_json::to_string_pretty(printed).map_err(Trouble::bench)?;
        self.text("summary.json", &format!("{json}\n"))?;
        let plain = anstream::adapter::strip_str(report).to_string();
        self.text("summary.txt", &format!("{plain}\n"))?;
        let table = runs(outcome);
        let path = self.path.join("runs.parquet");
        write_atomically(&path, |file| {
            let said = [
                ("scenario", outcome.name),
                ("digest", outcome.summary.digest.as_str()),
                ("notice", NOTICE),
            ];
            rows::write(file, &table, &said)
                .map_err(|error| Failed(format!("{}: {error}", path.display())))
        })?;
        if self.csv {
            self.text("runs.csv", &csv(&table))?;
        }
        self.latest()
    }

    fn text(&self, name: &str, text: &str) -> Result<(), Trouble> {
        let path = self.path.join(name);
        let written = write_atomically(&path, |file| {
            file.write_all(text.as_bytes())
                .map_err(|error| Failed(format!("{}: {error}", path.display())))
        });
        Ok(written?)
    }

    fn latest(&self) -> Result<(), Trouble> {
        if self.name == LATEST {
            return Ok(());
        }
        let failed = |error: std::io::Error| {
            let link = self.base.join(LATEST);
            Trouble::bench(format!("{} cannot be made: {error}", link.display()))
        };
        point(&self.base, &self.name).map_err(failed)
    }
}

/// Removes a file that another run into the same folder may have removed already.
fn remove(path: &Path) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

#[cfg(unix)]
fn point(base: &Path, name: &str) -> std::io::Result<()> {
    let beside = base.join(format!(".{LATEST}-{}", std::process::id()));
    let _ = fs::remove_file(&beside);
    std::os::unix::fs::symlink(name, &beside)?;
    fs::rename(&beside, base.join(LATEST)).inspect_err(|_| {
        let _ = fs::remove_file(&beside);
    })
}

#[cfg(not(unix))]
fn point(base: &Path, name: &str) -> std::io::Result<()> {
    fs::write(base.join(LATEST), format!("{name}\n"))
}

/// Writing failed, in words.
struct Failed(String);

impl From<TraceError> for Failed {
    fn from(error: TraceError) -> Self {
        Self(error.to_string())
    }
}

impl From<Failed> for Trouble {
    fn from(failed: Failed) -> Self {
        Self::bench(failed.0)
    }
}

/// A name without anything that a file system might take for something else.
fn file_name(name: &str) -> String {
    let kept = |letter: char| {
        if letter.is_alphanumeric() || "-_.".contains(letter) {
            letter
        } else {
            '_'
        }
    };
    name.chars().map(kept).collect()
}

/// One row for each run.
fn runs<'a>(outcome: &'a Outcome<'_>) -> Vec<Column<'a>> {
    let (runs, library) = (&outcome.runs, outcome.library);
    let text = |name: &str, of: &dyn Fn(&Run) -> Option<String>| Column {
        name: name.to_owned(),
        unit: "",
        values: Values::Text(runs.iter().map(of).collect()),
    };
    let count = |name: &str, of: &dyn Fn(&Run) -> u64| Column {
        name: name.to_owned(),
        unit: "",
        values: Values::Count(runs.iter().map(|run| Some(of(run))).collect()),
    };
    let judged = |run: &Run, of: &dyn Fn(&Judged) -> Option<f64>| {
        run.judged
            .as_ref()
            .ok()
            .and_then(of)
            .filter(|value| !value.is_nan())
    };
    let number = |name: &str, unit: &'a str, of: &dyn Fn(&Judged) -> Option<f64>| Column {
        name: name.to_owned(),
        unit,
        values: Values::Number(runs.iter().map(|run| judged(run, of)).collect()),
    };
    let patient = |name: &str, unit: &'static str, of: fn(&Patient) -> Option<f64>| {
        number(name, unit, &|judged| {
            of(&judged.outcome).filter(|value| value.is_finite())
        })
    };
    let mut columns = vec![
        text("arm", &|run| {
            Some(library.scenario.arms[run.arm].name.clone())
        }),
        count("patient", &|run| run.patient),
        count("seed", &|_| library.scenario.seed),
        text("verdict", &|run| Some(run.verdict().name().to_owned())),
        patient("start_dose_ug_per_day", "ug/day", |it| {
            Some(it.start_dose_ug_per_day)
        }),
        patient("wean_days", "day", Patient::wean_days),
        patient("completed_h", "h", |it| it.completed_h),
        patient("first_decrement_h", "h", |it| it.first_decrement_h),
        patient("peak_withdrawal", "", |it| Some(it.peak_withdrawal)),
        patient("withdrawal_from_h", "h", |it| it.withdrawal_from_h),
        patient("peak_mas_rise", "", |it| Some(it.peak_mas_rise)),
        patient("peak_overdose", "", |it| Some(it.peak_overdose)),
        text("digest", &|run| {
            run.judged.as_ref().ok().map(|judged| judged.digest.hex())
        }),
        text("alarms", &|run| {
            let judged = run.judged.as_ref().ok()?;
            Some(
                judged
                    .alarms
                    .iter()
                    .map(|alarm| alarm.id())
                    .collect::<Vec<_>>()
                    .join(" "),
            )
        }),
        text("stalled", &|run| {
            run.judged.as_ref().err().map(|stalled| stalled.why.clone())
        }),
    ];
    for mut margin in margins(outcome) {
        while columns.iter().any(|other| other.name == margin.name) {
            margin.name.insert_str(0, "requirement_");
        }
        columns.push(margin);
    }
    columns
}

/// The worst margin of each requirement in each run.
fn margins<'a>(outcome: &'a Outcome<'_>) -> impl Iterator<Item = Column<'a>> {
    let judged = outcome.library.requirements.judged().enumerate();
    judged.map(|(index, requirement)| {
        let margin = |run: &Run| run.judged.as_ref().ok()?.findings.get(index)?.margin;
        Column {
            name: requirement.id.replace('-', "_"),
            unit: requirement.unit(),
            values: Values::Number(outcome.runs.iter().map(margin).collect()),
        }
    })
}

/// The same as comma-separated values; what does not exist is nothing between two commas.
fn csv(table: &[Column<'_>]) -> String {
    let names: Vec<&str> = table.iter().map(|column| column.name.as_str()).collect();
    let mut text = names.join(",");
    text.push('\n');
    let length = table.first().map_or(0, |column| column.values.len());
    for row in 0..length {
        let cells: Vec<String> = table
            .iter()
            .map(|column| shown(&column.values, row))
            .collect();
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    text
}

/// A cell as text.
fn shown(values: &Values, row: usize) -> String {
    match values {
        Values::Text(values) => values[row].as_deref().map_or_else(String::new, quoted),
        Values::Count(values) => values[row].map_or_else(String::new, |value| value.to_string()),
        Values::Number(values) => {
            values[row].map_or_else(String::new, |value| format!("{value:?}"))
        }
    }
}

fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_arms_cannot_leave_the_folder() {
        assert_eq!(file_name("../a b/c:d"), ".._a_b_c_d");
        assert_eq!(file_name("externalised-wean"), "externalised-wean");
    }

    #[test]
    fn csv_has_a_line_for_each_run_and_nothing_for_nothing() {
        let table = [
            Column {
                name: "arm".to_owned(),
                unit: "",
                values: Values::Text(vec![Some("a,b".to_owned()), None]),
            },
            Column {
                name: "n".to_owned(),
                unit: "",
                values: Values::Number(vec![None, Some(0.5)]),
            },
        ];
        assert_eq!(csv(&table), "arm,n\n\"a,b\",\n,0.5\n");
    }

    #[test]
    fn runs_into_the_same_folder_do_not_stop_each_other() {
        let base = std::env::temp_dir().join(format!("weanbench-shared-{}", std::process::id()));
        let library = Library::shipped("first", &[]).expect("it ships").unwrap();
        let trace = format!("{}-1.parquet", file_name(&library.scenario.arms[0].name));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let folder = Folder::open(&base, "one", false).expect("it can be written");
                        fs::write(base.join("one").join(&trace), "").unwrap();
                        folder.clear(&library).expect("what is gone is gone");
                    }
                });
            }
        });
        assert_eq!(fs::read_dir(base.join("one")).unwrap().count(), 0);
        fs::remove_dir_all(&base).unwrap();
    }

    #[test]
    fn the_newest_results_have_a_second_name_and_old_traces_go() {
        let base = std::env::temp_dir().join(format!("weanbench-results-{}", std::process::id()));
        let folder = Folder::open(&base, "one", false).unwrap();
        folder.latest().unwrap();
        Folder::open(&base, "two", false).unwrap().latest().unwrap();
        assert!(base.join(LATEST).exists());
        let library = Library::shipped("first", &[]).expect("it ships").unwrap();
        let arm = file_name(&library.scenario.arms[0].name);
        for name in [
            format!("{arm}-7.parquet"),
            format!("{arm}-x.parquet"),
            "notes.csv".to_owned(),
        ] {
            fs::write(base.join("one").join(name), "").unwrap();
        }
        folder.clear(&library).unwrap();
        let left = fs::read_dir(base.join("one")).unwrap().count();
        assert_eq!(left, 2, "only the trace is removed");
        fs::remove_dir_all(&base).unwrap();
        fs::write(&base, "").unwrap();
        assert!(Folder::open(&base, "one", false).is_err());
        fs::remove_file(&base).unwrap();
    }
}
