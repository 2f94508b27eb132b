//! The fault matrix on a screen: cells, hazards, risks, and what is wrong by name.

use comfy_table::Cell;

use super::console::heading;
use super::figures;
use super::table::{Judgement, drawn, judged, table, terminal_width};
use crate::matrix::{ArmName, Covered, Graded, Line, Matrix, Results, Skipped, Summary};
use crate::verdict::RunVerdict;

fn seconds(time: Option<f64>) -> String {
    time.map_or_else(|| figures::NONE.to_owned(), |s| format!("{s:.0} s"))
}

fn percent(share: Option<f64>) -> String {
    let shown = |share: f64| format!("{:.0} %", share * 100.0);
    share.map_or_else(|| figures::NONE.to_owned(), shown)
}

fn micrograms(mass: Option<f64>) -> String {
    mass.map_or_else(|| figures::NONE.to_owned(), |ug| format!("{ug:.1} µg"))
}

fn counts<'a>(of: impl IntoIterator<Item = (&'a String, &'a u32)>) -> String {
    let each: Vec<String> = of
        .into_iter()
        .map(|(word, count)| format!("{word} {count}"))
        .collect();
    if each.is_empty() {
        figures::NONE.to_owned()
    } else {
        each.join(", ")
    }
}

/// Every cell that was flown.
pub(super) fn cells(results: &Results, matrix: &Matrix) -> String {
    let head = [
        "hazard", "point", "on", "runs", "effect", "detected", "median", "worst", "limit",
        "excess", "deficit", "verdicts", "breached",
    ];
    let mut table = table(terminal_width(), &head, &[3, 4, 5, 6, 7, 8, 9, 10]);
    for line in &results.line {
        let judgement = if matrix.is_bad(line) {
            Judgement::Bad
        } else {
            Judgement::Good
        };
        table.add_row(vec![
            Cell::new(&line.name),
            Cell::new(line.point.name()),
            Cell::new(format!("{:?}", line.profile)),
            Cell::new(line.runs),
            Cell::new(line.effect),
            Cell::new(percent(line.detection())),
            Cell::new(seconds(line.latency_median_s)),
            Cell::new(seconds(line.latency_worst_s)),
            Cell::new(seconds(line.limit_s)),
            Cell::new(micrograms(line.excess_ug)),
            Cell::new(percent(line.deficit)),
            judged(&counts(&line.verdicts), judgement),
            Cell::new(counts(&line.violated)),
        ]);
    }
    drawn(&table)
}

/// The table of risks, where arms were flown.
pub(super) fn risks(results: &Results, matrix: &Matrix) -> Option<String> {
    let summary = Summary::of(results, matrix);
    risk_table(&summary)
}

fn risk_table(summary: &Summary) -> Option<String> {
    let flown = |risk: &&crate::matrix::Risk| risk.arms.iter().any(Option::is_some);
    if !summary.risks.iter().any(|risk| flown(&risk)) {
        return None;
    }
    let head = [
        "hazard",
        "no controller",
        "3 or worse",
        "heeds nothing",
        "3 or worse",
        "controller",
        "3 or worse",
    ];
    let mut table = table(terminal_width(), &head, &[1, 2, 3, 4, 5, 6]);
    for baseline in &summary.baseline {
        let name = format!("no fault, {:?}", baseline.profile);
        let arms = ArmName::ALL.map(|arm| baseline.graded(arm));
        table.add_row(risk_row(&name, &arms));
    }
    for risk in summary.risks.iter().filter(flown) {
        table.add_row(risk_row(&risk.name, &risk.arms));
    }
    let head = heading("Risks: worst grade of withdrawal / overdose, and runs of grade 3 or worse");
    Some(format!("{head}\n\n{}", drawn(&table)))
}

fn risk_row(name: &str, arms: &[Option<Graded>]) -> Vec<Cell> {
    let none = || Cell::new(figures::NONE);
    let mut row = vec![Cell::new(name)];
    for graded in arms {
        match graded {
            None => row.extend([none(), none()]),
            Some(graded) => row.extend([
                Cell::new(format!("{} / {}", graded.withdrawal, graded.overdose)),
                Cell::new(format!("{} of {}", graded.severe, graded.runs)),
            ]),
        }
    }
    row
}

/// What no such device can have.
pub(super) fn skipped(skipped: &[Skipped]) -> String {
    if skipped.is_empty() {
        return String::new();
    }
    let mut reasons: Vec<&str> = skipped.iter().map(|it| it.why.as_str()).collect();
    reasons.sort_unstable();
    reasons.dedup();
    format!("{} cells skipped: {}", skipped.len(), reasons.join("; "))
}

/// What harmed undetected or breached a requirement, by name, with the command that shows it.
pub(super) fn wrong(results: &Results, matrix: &Matrix) -> String {
    let told = |line: &Line| {
        let bad = line.judged(RunVerdict::UndetectedUnsafe);
        let replay = line.replay.as_ref()?;
        let mut said = format!("{} {} on {:?}:", line.name, line.point.name(), line.profile);
        if bad > 0 {
            said.push_str(&format!(
                " undetected and unsafe in {bad} of {} runs;",
                line.runs
            ));
        }
        if !line.violated.is_empty() {
            said.push_str(&format!(" breached {};", counts(&line.violated)));
        }
        if let Some(open) = matrix.open(line) {
            said.push_str(&format!(" open: {open};"));
        }
        Some(format!("{said}\n    {replay}"))
    };
    let lines: Vec<String> = results.line.iter().filter_map(told).collect();
    lines.join("\n")
}

/// What a summary says in a few lines.
pub(super) fn first_lines(summary: &Summary) -> Vec<String> {
    if summary.cells == 0 {
        return vec!["fault matrix: no result".to_owned()];
    }
    let mut lines = vec![format!("fault matrix: {} cells flown", summary.cells)];
    for flown in &summary.flown {
        let note = flown.note.as_deref().unwrap_or("no note");
        lines.push(format!(
            "  {:?}: {} cells, {} runs, patients: {}, seed {}, faults from {:?} min, {} cells skipped ({note})",
            flown.profile,
            flown.cells,
            flown.runs,
            flown.patients,
            flown.seed,
            flown.onsets_min,
            flown.skipped,
        ));
    }
    let bad = summary.undetected_unsafe();
    lines.push(if bad.is_empty() {
        "undetected and unsafe in the matrix: none of what was flown".to_owned()
    } else {
        format!("undetected and unsafe in the matrix: {}", bad.join("; "))
    });
    let unheard = summary.unheard();
    if !unheard.is_empty() {
        let unheard = unheard.join("; ");
        lines.push(format!(
            "harm, and none of the hazard's own alarms, in the matrix: {unheard}"
        ));
    }
    if !summary.breached.is_empty() {
        let each = summary.breached.iter();
        let each = each.map(|(id, of)| {
            let of: Vec<&str> = of.iter().map(String::as_str).collect();
            format!("{id} in {}", of.join(", "))
        });
        let each: Vec<String> = each.collect();
        lines.push(format!("breached in the matrix: {}", each.join("; ")));
    }
    let idle = summary.idle();
    if !idle.is_empty() {
        lines.push(format!(
            "no effect in the matrix, so that nothing is shown: {}",
            idle.join("; ")
        ));
    }
    if !summary.missing.is_empty() {
        let missing = summary.missing.join(", ");
        lines.push(format!("no result in the matrix for {missing}"));
    }
    lines
}

/// Hazards of the matrix, and the table of risks.
pub(super) fn pages(summary: &Summary) -> Vec<String> {
    let mut pages = vec![
        heading("Fault matrix: detection is the worst of the cells above the boundary"),
        covered(&summary.covered),
    ];
    pages.extend(risk_table(summary));
    pages
}

fn covered(rows: &[Covered]) -> String {
    let head = [
        "hazard",
        "on",
        "cells",
        "detected",
        "worst",
        "limit",
        "excess",
        "deficit",
        "undetected and unsafe",
    ];
    let mut table = table(terminal_width(), &head, &[2, 3, 4, 5, 6, 7]);
    for row in rows {
        let points: Vec<&str> = row.undetected_unsafe.iter().map(|it| it.name()).collect();
        let shown = match (row.profile, points.as_slice()) {
            (None, _) => judged("no result", Judgement::Nothing),
            (Some(_), []) if row.idle.len() == row.cells as usize => {
                judged("no effect", Judgement::Nothing)
            }
            (Some(_), []) => judged("none", Judgement::Good),
            (Some(_), points) => {
                let open = row.open.iter();
                let open: String = open
                    .map(|(at, why)| format!(", {} open: {why}", at.name()))
                    .collect();
                let said = points.join(", ") + &open;
                judged(&said, Judgement::Bad)
            }
        };
        let profile = row
            .profile
            .map_or_else(|| figures::NONE.to_owned(), |it| format!("{it:?}"));
        table.add_row(vec![
            Cell::new(&row.name),
            Cell::new(profile),
            Cell::new(row.cells),
            Cell::new(percent(row.detection)),
            Cell::new(seconds(row.latency_worst_s)),
            Cell::new(seconds(row.limit_s)),
            Cell::new(micrograms(row.excess_ug)),
            Cell::new(percent(row.deficit)),
            shown,
        ]);
    }
    drawn(&table)
}
