//! `weanbench coverage`.

use std::collections::BTreeMap;

use clap::Args;
use comfy_table::Cell;
use rayon::prelude::*;

use super::console::{Trouble, heading, out, out_json};
use super::figures;
use super::table::{Judgement, drawn, judged, table, terminal_width};
use super::{matrix, progress};
use crate::canary;
use crate::coverage::{
    Coverage, HazardRow, RequirementRow, Status, Strength, run_stories, stories,
};
use crate::verdict::Exit;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
    /// Only what is not in order: gaps, what is vacuous, violated or not detectable.
    #[arg(long)]
    gaps: bool,
}

/// Runs every story, pair and canary, and tells what they cover.
pub(crate) fn coverage(arguments: &Arguments) -> Result<Exit, Trouble> {
    let mut told = stories();
    let canaries = canary::canaries();
    let bar = progress::bar(told.len() + canaries.len(), "coverage", true);
    run_stories(&mut told, &|| bar.inc(1));
    let flights: BTreeMap<_, _> = canaries
        .par_iter()
        .filter_map(|canary| {
            let flight = canary::fly(canary);
            bar.inc(1);
            Some((canary.name, flight.ok()?))
        })
        .collect();
    bar.finish_and_clear();
    let coverage = Coverage::new(&told, &flights);
    if arguments.json {
        out_json(&coverage)?;
    } else {
        out(&text(&coverage, arguments.gaps))?;
    }
    Ok(if coverage.is_good() {
        Exit::Good
    } else {
        Exit::Bad
    })
}

fn text(coverage: &Coverage, gaps: bool) -> String {
    let mut pages = vec![first_page(coverage)];
    let wanted = |row: &&RequirementRow| {
        !gaps || row.strength > Strength::Compared || !row.not_detectable_in.is_empty()
    };
    let rows: Vec<&RequirementRow> = coverage.requirements.iter().filter(wanted).collect();
    pages.extend(matrix::pages(&coverage.matrix));
    pages.push(heading("Requirements"));
    pages.push(requirements(&rows));
    let poor = |row: &&HazardRow| {
        !gaps
            || !matches!(
                row.verdict.as_str(),
                "safe" | "undetected_safe" | "exception"
            )
    };
    let rows: Vec<&HazardRow> = coverage.hazards.iter().filter(poor).collect();
    pages.push(heading("Hazards"));
    pages.push(hazards(&rows));
    pages.push(coverage.notice.to_owned());
    pages.join("\n\n")
}

fn first_page(coverage: &Coverage) -> String {
    let rows = &coverage.requirements;
    let count = |of: Strength| {
        rows.iter()
            .filter(|row| row.strength == of && of_status(row))
            .count()
    };
    fn of_status(row: &RequirementRow) -> bool {
        matches!(row.status, Status::Holds | Status::Gap)
    }
    let broken = |status: Status| {
        let found = rows.iter().filter(|row| row.status == status);
        found.map(|row| row.id.as_str()).collect::<Vec<_>>()
    };
    let mut lines = vec![format!(
        "{} rows for requirements: {} tested, {} held, {} compared, {} stated, {} gaps",
        rows.len(),
        count(Strength::Tested),
        count(Strength::Held),
        count(Strength::Compared),
        count(Strength::Stated),
        count(Strength::Gap),
    )];
    for (word, status) in [("violated", Status::Violated), ("vacuous", Status::Vacuous)] {
        let ids = broken(status);
        if !ids.is_empty() {
            lines.push(format!("{word}: {}", ids.join(", ")));
        }
    }
    let mut brought: Vec<&str> = Vec::new();
    let mut all: Vec<&str> = Vec::new();
    for row in &coverage.hazards {
        if row.verdict != "gap" {
            brought.push(&row.id);
        }
        all.push(&row.id);
    }
    brought.dedup();
    all.dedup();
    lines.push(format!(
        "{} of {} hazards can be brought about, or cannot be simulated at all",
        brought.len(),
        all.len()
    ));
    let unsafe_rows: Vec<String> = coverage
        .undetected_unsafe()
        .map(|row| {
            format!(
                "{} ({}) on {}",
                row.id,
                row.title,
                row.profile.as_deref().unwrap_or("-")
            )
        })
        .collect();
    lines.push(if unsafe_rows.is_empty() {
        "undetected and unsafe: none of those that can be brought about".to_owned()
    } else {
        format!("undetected and unsafe: {}", unsafe_rows.join("; "))
    });
    lines.extend(matrix::first_lines(&coverage.matrix));
    lines.extend(
        coverage
            .complaints
            .iter()
            .map(|complaint| format!("does not fit: {complaint}")),
    );
    lines.join("\n")
}

fn requirements(rows: &[&RequirementRow]) -> String {
    let head = [
        "id",
        "kind",
        "status",
        "strength",
        "armed",
        "worst margin",
        "canary",
        "stories, or why not",
    ];
    let mut table = table(terminal_width(), &head, &[4]);
    for row in rows {
        let judgement = match row.status {
            Status::Holds => Judgement::Good,
            Status::Violated => Judgement::Bad,
            Status::Vacuous | Status::NotDetectable | Status::Gap => Judgement::Nothing,
        };
        let mut why = row.reason.clone().unwrap_or_else(|| stories_of(row));
        if !row.not_detectable_in.is_empty() {
            why = format!(
                "{why}; not detectable: {}",
                row.not_detectable_in.join(", ")
            );
        }
        table.add_row(vec![
            Cell::new(&row.id),
            Cell::new(word(&row.kind)),
            judged(&word(&row.status), judgement),
            Cell::new(row.strength.name()),
            Cell::new(figures::grouped(row.armed)),
            Cell::new(margin(row)),
            Cell::new(row.canary.as_deref().unwrap_or(figures::NONE)),
            Cell::new(why),
        ]);
    }
    drawn(&table)
}

/// The first stories, and how many more there are.
fn stories_of(row: &RequirementRow) -> String {
    let shown = if row.violated_in.is_empty() {
        &row.stories
    } else {
        &row.violated_in
    };
    match shown.as_slice() {
        [] => figures::NONE.to_owned(),
        [one] => one.clone(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
    }
}

fn margin(row: &RequirementRow) -> String {
    match (row.margin, row.unit.as_str()) {
        (None, _) => figures::NONE.to_owned(),
        (Some(margin), "") if margin.abs() == 1.0 => {
            if margin < 0.0 { "no" } else { "yes" }.to_owned()
        }
        (Some(margin), unit) => format!("{} {}", figures::number(margin), figures::unit(unit)),
    }
}

fn hazards(rows: &[&HazardRow]) -> String {
    let head = [
        "id", "hazard", "fault", "on", "story", "verdict", "alarms", "after", "limit",
    ];
    let mut table = table(terminal_width(), &head, &[7, 8]);
    let seconds =
        |time: Option<f64>| time.map_or_else(|| figures::NONE.to_owned(), |s| format!("{s:.0} s"));
    let text = |text: Option<&String>| text.map_or_else(|| figures::NONE.to_owned(), Clone::clone);
    for row in rows {
        table.add_row(vec![
            Cell::new(&row.id),
            Cell::new(&row.title),
            Cell::new(text(row.fault.as_ref())),
            Cell::new(text(row.profile.as_ref())),
            Cell::new(text(row.story.as_ref())),
            Cell::new(&row.verdict),
            Cell::new(row.alarms.join(" ")),
            Cell::new(seconds(row.latency_s)),
            Cell::new(seconds(row.limit_s)),
        ]);
    }
    drawn(&table)
}

/// The word that a value is written as in the document.
fn word(value: &impl serde::Serialize) -> String {
    let json = serde_json::to_value(value).unwrap_or_default();
    json.as_str().unwrap_or_default().to_owned()
}
