//! The report of a scenario: what became of the patients, what held, what did not, and where it lies.

use clap::builder::styling::AnsiColor;
use comfy_table::{Cell, Row};

use super::console::{faint, heading, paint, quoted};
use super::course;
use super::figures::{NONE, count, digits, grouped, moments, share};
use super::results::Folder;
use super::run::Outcome;
use super::table::{Judgement, drawn, judged, table};
use super::violations;
use crate::NOTICE;
use crate::clock::SimTime;
use crate::course::words;
use crate::scenario::Expect;
use crate::study::cohort::Run;
use crate::study::summary::{ArmSummary, RequirementSummary, unacceptable};
use crate::verdict::{RequirementVerdict, RunVerdict};

/// The longest line of an arm's name at the head of a column.
const NAME_MOST: usize = 14;
/// Room for the names of the figures, and for one arm.
const LABEL_WIDTH: usize = 16;
const ARM_WIDTH: usize = 15;
/// Unacceptable runs that are told one by one.
const TOLD_MOST: usize = 10;

/// Everything, for a terminal of this width; whoever prints it takes the colours out if need be.
pub(super) fn report(outcome: &Outcome<'_>, width: u16, folder: &Folder) -> String {
    let mut parts = vec![headline(outcome)];
    if outcome.courses.is_empty() {
        parts.push(patients(outcome, width));
    } else {
        parts.push(runs(outcome, width));
    }
    parts.push(requirements(outcome, width));
    parts.extend(violations::listed(
        &outcome.violations,
        outcome.courses.is_empty(),
    ));
    parts.extend(
        outcome
            .courses
            .iter()
            .map(|(arm, it)| course::drawn(&outcome.library.scenario.arms[*arm].name, it, width)),
    );
    let told = [false_alarms(outcome), unacceptable_runs(outcome)];
    parts.extend(told.into_iter().filter(|it| !it.is_empty()));
    parts.push(format!("results: {}\n{}", folder.shown(), faint(NOTICE)));
    parts.join("\n\n")
}

fn headline(outcome: &Outcome<'_>) -> String {
    let summary = &outcome.summary;
    let title = heading(format!(
        "{}: {}",
        outcome.name, outcome.library.scenario.title
    ));
    let verdicts: Vec<String> = RunVerdict::ALL
        .iter()
        .filter_map(|verdict| {
            let runs = summary.runs.get(verdict.name())?;
            Some(format!(
                "{} {}",
                grouped(*runs),
                painted(*verdict, verdict.acceptable())
            ))
        })
        .collect();
    let profile = outcome.library.scenario.profile;
    let line = format!(
        "seed {}, profile {profile:?}, controller {}, digest {}",
        summary.seed, summary.controller, summary.digest
    );
    let runs = count(outcome.runs.len(), "run");
    let mut lines = vec![
        title,
        faint(line),
        format!("{runs}: {}", verdicts.join(", ")),
    ];
    lines.extend(outcome.library.scenario.expect.as_ref().map(expected));
    if outcome.runs.len() < outcome.planned {
        let said = format!(
            "partial: stopped after {} of {} runs; the figures are of those",
            grouped(outcome.runs.len() as u64),
            grouped(outcome.planned as u64)
        );
        lines.push(paint(said, AnsiColor::Yellow.on_default()));
    }
    lines.join("\n")
}

/// What the scenario says should come of it.
fn expected(expect: &Expect) -> String {
    let mut parts: Vec<String> = expect.verdict.iter().map(ToString::to_string).collect();
    parts.extend(expect.holds.iter().map(|id| format!("{id} holds")));
    parts.extend(expect.violates.iter().map(|id| format!("{id} violated")));
    if !expect.alarms.is_empty() {
        parts.push(format!("with {}", expect.alarms.join(", ")));
    }
    if !expect.no_alarms.is_empty() {
        parts.push(format!("without {}", expect.no_alarms.join(", ")));
    }
    parts.extend(expect.completes.map(|completes| {
        if completes {
            "wean complete"
        } else {
            "wean not complete"
        }
        .to_owned()
    }));
    format!("expected: {}", parts.join(", "))
}

fn painted(verdict: RunVerdict, good: bool) -> String {
    let color = match (verdict, good) {
        (RunVerdict::NotApplicable, _) => return verdict.to_string(),
        (_, true) => AnsiColor::Green,
        (_, false) => AnsiColor::Red,
    };
    paint(verdict, color.on_default())
}

/// What a figure is called, how it is read off an arm, and what the paper says.
type Figure = (&'static str, fn(&ArmSummary) -> String, &'static str);

/// The figures of an arm beside those of the paper.
const FIGURES: [Figure; 11] = [
    ("patients", |arm| grouped(arm.patients as u64), "5"),
    (
        "dose, µg/day",
        |arm| moments(arm.start_dose_ug_per_day),
        "400.5 ± 285.3",
    ),
    (
        "wean, days",
        |arm| arm.wean_days.map_or_else(none, moments),
        "6.2 ± 1.3",
    ),
    (
        "wean complete",
        |arm| share(arm.completed_fraction),
        "5 of 5",
    ),
    (
        "any withdrawal",
        |arm| share(arm.any_withdrawal_fraction),
        "0 of 5",
    ),
    (
        "severe",
        |arm| share(arm.severe_withdrawal_fraction),
        "0 of 5",
    ),
    ("onset, h", onset, NONE),
    ("tone rise", rise, "small"),
    (
        "5 of 5 without",
        |arm| share(arm.five_of_five_clean_probability),
        "seen",
    ),
    (
        "rank with dose",
        |arm| digits(arm.spearman_severity_dose, 2),
        "none",
    ),
    (
        "false alarms a day",
        |arm| digits(arm.false_alarms_per_day, 4),
        NONE,
    ),
];

/// What the short names of the figures mean.
const FIGURES_SAY: &str = "dose, wean: mean ± standard deviation. onset: from the first decrement or the stop to any\n\
    withdrawal, median (5 %, 95 %). tone rise: at most, grades, median (95 %). 5 of 5 without: chance that\n\
    five patients have no withdrawal. rank with dose: Spearman's rho of worst withdrawal and dose.\n\
    false alarms: medium and high ones that nothing founded, of a patient in a day without faults.\n\
    Hwang 2019: Neuromodulation 22:834.";

fn none() -> String {
    NONE.to_owned()
}

fn onset(arm: &ArmSummary) -> String {
    arm.withdrawal_onset_h.map_or_else(none, |onset| {
        let [p5, p50, p95] = [onset.p5, onset.p50, onset.p95].map(|it| digits(it, 0));
        format!("{p50} ({p5}, {p95})")
    })
}

fn rise(arm: &ArmSummary) -> String {
    arm.peak_mas_rise.map_or_else(none, |rise| {
        format!("{} ({})", digits(rise.p50, 1), digits(rise.p95, 1))
    })
}

/// Arms side by side, beside the paper; in several tables where the terminal is narrow.
fn patients(outcome: &Outcome<'_>, width: u16) -> String {
    let room = usize::from(width).saturating_sub(LABEL_WIDTH) / ARM_WIDTH;
    let tables = outcome.summary.arms.chunks(room.saturating_sub(1).max(1));
    let mut parts: Vec<String> = tables.map(|arms| side_by_side(arms, width)).collect();
    parts.push(faint(FIGURES_SAY));
    parts.join("\n\n")
}

fn side_by_side(arms: &[ArmSummary], width: u16) -> String {
    let names: Vec<String> = arms.iter().map(|arm| broken(&arm.name)).collect();
    let mut head: Vec<&str> = vec![""];
    head.extend(names.iter().map(String::as_str));
    head.push("Hwang 2019");
    let right: Vec<usize> = (1..head.len()).collect();
    let mut table = table(width, &head, &right);
    for (name, of, paper) in FIGURES {
        let mut row = vec![name.to_owned()];
        row.extend(arms.iter().map(of));
        row.push(paper.to_owned());
        table.add_row(row);
    }
    drawn(&table)
}

/// A long name in lines that end with a hyphen.
fn broken(name: &str) -> String {
    let mut lines = vec![String::new()];
    for part in name.split_inclusive('-') {
        let line = lines.last().map_or(0, String::len);
        if line > 0 && line + part.len() > NAME_MOST {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(part);
        }
    }
    lines.join("\n")
}

/// One line for each arm of one patient.
fn runs(outcome: &Outcome<'_>, width: u16) -> String {
    let head = [
        "arm",
        "patient",
        "verdict",
        "dose\nµg/day",
        "wean\ndays",
        "worst with-\ndrawal",
        "rise of\ntone",
        "worst\noverdose",
        "alarms",
    ];
    let mut table = table(width, &head, &[1, 3, 4, 5, 6, 7]);
    let bad: Vec<String> = unacceptable(outcome.library, &outcome.runs)
        .map(|run| run.arm)
        .collect();
    for run in &outcome.runs {
        let name = &outcome.library.scenario.arms[run.arm].name;
        table.add_row(row(run, name, !bad.contains(name)));
    }
    drawn(&table)
}

fn row(run: &Run, arm: &str, good: bool) -> Vec<Cell> {
    let who = if run.patient == 0 {
        "typical".to_owned()
    } else {
        run.patient.to_string()
    };
    let judgement = if good {
        Judgement::Good
    } else {
        Judgement::Bad
    };
    let mut cells = vec![
        Cell::new(arm),
        Cell::new(who),
        judged(run.verdict().name(), judgement),
    ];
    let Ok(done) = &run.judged else { return cells };
    let outcome = &done.outcome;
    let alarms: Vec<&str> = done.alarms.iter().map(|alarm| alarm.id()).collect();
    let alarms = if alarms.is_empty() {
        none()
    } else {
        alarms.join(" ")
    };
    cells.extend([
        Cell::new(format!("{:.1}", outcome.start_dose_ug_per_day)),
        Cell::new(digits(outcome.wean_days(), 1)),
        Cell::new(format!("{:.1}", outcome.peak_withdrawal)),
        Cell::new(format!("{:.1}", outcome.peak_mas_rise)),
        Cell::new(format!("{:.2}", outcome.peak_overdose)),
        Cell::new(alarms),
    ]);
    cells
}

fn requirements(outcome: &Outcome<'_>, width: u16) -> String {
    let head = [
        "id",
        "verdict",
        "runs",
        "violated",
        "armed",
        "worst margin",
        "in",
        "text",
    ];
    let mut table = table(width, &head, &[2, 3, 4, 5]);
    for requirement in outcome.library.requirements.judged() {
        let id = requirement.id.as_str();
        let Some(found) = outcome.summary.verdicts.get(id) else {
            continue;
        };
        let judgement = match found.verdict {
            RequirementVerdict::Holds => Judgement::Good,
            RequirementVerdict::Violated => Judgement::Bad,
            RequirementVerdict::NotDetectable
            | RequirementVerdict::Vacuous
            | RequirementVerdict::NotApplicable => Judgement::Nothing,
        };
        let mut row = Row::from(vec![
            Cell::new(id),
            judged(found.verdict.name(), judgement),
            Cell::new(grouped(found.runs)),
            Cell::new(grouped(found.violated)),
            Cell::new(grouped(found.armed)),
            Cell::new(violations::margin(found.margin, &found.unit)),
            Cell::new(place(outcome, found)),
            Cell::new(&requirement.text),
        ]);
        if found.verdict != RequirementVerdict::Violated {
            row.max_height(1);
        }
        table.add_row(row);
    }
    drawn(&table)
}

/// Where the margin was worst: the patient if there are many, and when.
fn place(outcome: &Outcome<'_>, found: &RequirementSummary) -> String {
    found.worst.map_or_else(none, |(_, patient, hours)| {
        let at = words::stamp(SimTime::from_millis(libm::round(hours * 3.6e6) as u64));
        if outcome.courses.is_empty() {
            format!("{patient}, {at}")
        } else {
            at
        }
    })
}

/// Urgent alarms that nothing founded, each with the command that shows the first.
fn false_alarms(outcome: &Outcome<'_>) -> String {
    let found = &outcome.summary.false_alarms;
    if found.is_empty() {
        return String::new();
    }
    let mut lines = vec![heading("alarms that nothing founded")];
    for it in found {
        let at = words::stamp(SimTime::from_millis(libm::round(it.at_h * 3.6e6) as u64));
        lines.push(format!(
            "{} in {}: {}, first in patient {} at {at}",
            it.alarm,
            it.arm,
            count(it.count as usize, "time"),
            it.patient
        ));
        lines.push(format!(
            "    {}",
            faint(replay(outcome, it.patient, &it.arm))
        ));
    }
    lines.join("\n")
}

/// The command that runs one patient of one arm again.
fn replay(outcome: &Outcome<'_>, patient: u64, arm: &str) -> String {
    format!(
        "{} --patient {patient} --arm {}",
        outcome.command,
        quoted(arm)
    )
}

/// Runs that ended otherwise than they should, each with the command that replays just it.
pub(super) fn unacceptable_runs(outcome: &Outcome<'_>) -> String {
    let bad: Vec<_> = unacceptable(outcome.library, &outcome.runs).collect();
    if bad.is_empty() {
        return String::new();
    }
    let said = format!("{} not as it should be", count(bad.len(), "run"));
    let mut lines = vec![heading(said)];
    for run in bad.iter().take(TOLD_MOST) {
        let verdict = painted(run.verdict, false);
        lines.push(format!(
            "{verdict}  {}, patient {}: {}",
            run.arm, run.patient, run.why
        ));
        lines.push(format!(
            "    {}",
            faint(replay(outcome, run.patient, &run.arm))
        ));
    }
    if bad.len() > TOLD_MOST {
        lines.push(format!(
            "and {} more, in runs.parquet",
            grouped((bad.len() - TOLD_MOST) as u64)
        ));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_broken_at_hyphens() {
        assert_eq!(
            broken("externalised-wean-no-adjunct"),
            "externalised-\nwean-no-\nadjunct"
        );
        assert_eq!(broken("abrupt-stop"), "abrupt-stop");
        assert_eq!(broken(""), "");
    }
}
