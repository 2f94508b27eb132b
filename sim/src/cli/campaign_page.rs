//! A campaign as people read it: counts, what was violated, what was found and how to run it again.

use std::collections::BTreeMap;

use comfy_table::Cell;
use serde::Serialize;

use super::campaign::Flown;
use super::console::{faint, heading, quoted};
use super::figures::{self, NONE};
use super::table::{Judgement, drawn, judged, table, terminal_width};
use crate::NOTICE;
use crate::study::campaign::{Campaign, Find, Finds, Held, State};
use crate::verdict::RunVerdict;

/// Finds of one state that are told one by one.
const SHOWN_MOST: usize = 20;

/// Everything that is told of a campaign.
pub(super) struct Told<'a> {
    pub(super) name: String,
    pub(super) argument: &'a str,
    pub(super) campaign: &'a Campaign,
    pub(super) flown: &'a Flown,
    pub(super) finds: &'a Finds,
    /// Whether finds were set beside earlier ones.
    pub(super) is_compared: bool,
}

/// The document that `--json` prints.
#[derive(Serialize)]
pub(super) struct Printed<'a> {
    schema: u32,
    campaign: &'a str,
    title: &'a str,
    identity: &'a str,
    seed: u64,
    cases: u64,
    controllers: &'a [String],
    /// Runs that there are, and that there should be.
    runs: u64,
    planned: u64,
    skipped: u64,
    complete: bool,
    digest: String,
    verdicts: &'a BTreeMap<&'static str, u64>,
    profiles: &'a BTreeMap<String, BTreeMap<&'static str, u64>>,
    requirements: &'a [Held],
    finds: &'a [Find],
    notice: &'static str,
}

impl Told<'_> {
    pub(super) fn document(&self) -> Printed<'_> {
        let (tally, file) = (&self.flown.tally, &self.campaign.file);
        Printed {
            schema: 1,
            campaign: &self.name,
            title: &file.title,
            identity: &self.flown.folder.manifest.identity,
            seed: file.seed,
            cases: self.campaign.cases(),
            controllers: &file.controllers,
            runs: tally.runs,
            planned: self.campaign.runs(),
            skipped: self.campaign.skipped(),
            complete: self.flown.complete,
            digest: tally.digest(),
            verdicts: &tally.verdicts,
            profiles: &tally.profiles,
            requirements: &tally.requirements,
            finds: &self.finds.find,
            notice: NOTICE,
        }
    }
}

/// All of it.
pub(super) fn page(told: &Told<'_>) -> String {
    let mut parts = vec![
        head(told),
        verdicts(told),
        violated(told),
        finds(told),
        tail(told),
    ];
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

fn head(told: &Told<'_>) -> String {
    let (campaign, tally) = (told.campaign, &told.flown.tally);
    let file = &campaign.file;
    let mut facts = vec![
        figures::count(campaign.cases() as usize, "case"),
        figures::count(tally.runs as usize, "run"),
        format!("under {}", file.controllers.join(", ")),
        format!("seed {}", file.seed),
    ];
    if campaign.skipped() > 0 {
        facts.push(format!("{} skipped: no such sensor", campaign.skipped()));
    }
    if !told.flown.complete {
        facts.push(format!(
            "of {} that there should be",
            figures::grouped(campaign.runs())
        ));
    }
    let name = heading(&told.name);
    format!("{name}: {}\n{}", file.title, facts.join(" · "))
}

/// How many runs ended in which verdict, profile by profile.
fn verdicts(told: &Told<'_>) -> String {
    let tally = &told.flown.tally;
    let mut names = vec!["verdict", "runs"];
    names.extend(tally.profiles.keys().map(String::as_str));
    let right: Vec<usize> = (1..names.len()).collect();
    let mut table = table(terminal_width(), &names, &right);
    for verdict in RunVerdict::ALL {
        let runs = tally.judged(verdict);
        if runs == 0 {
            continue;
        }
        let judgement = if verdict.acceptable() {
            Judgement::Good
        } else if told.campaign.accepts(verdict) {
            Judgement::Nothing
        } else {
            Judgement::Bad
        };
        let mut cells = vec![
            judged(verdict.name(), judgement),
            Cell::new(figures::grouped(runs)),
        ];
        cells.extend(tally.profiles.values().map(|of| {
            let runs = of.get(verdict.name()).copied();
            Cell::new(runs.map_or_else(|| NONE.to_owned(), figures::grouped))
        }));
        table.add_row(cells);
    }
    drawn(&table)
}

/// Requirements that were violated, and how many were never asked anything.
fn violated(told: &Told<'_>) -> String {
    let all = &told.flown.tally.requirements;
    let silent = all.iter().filter(|held| held.armed == 0).count();
    let below = format!(
        "{} judged; {silent} of them never had anything to judge, which is no pass",
        figures::count(all.len(), "requirement")
    );
    let bad: Vec<&Held> = all.iter().filter(|held| held.violated > 0).collect();
    if bad.is_empty() {
        return faint(below);
    }
    let head = ["violated", "runs", "of", "worst margin", "case"];
    let mut table = table(terminal_width(), &head, &[1, 2, 3, 4]);
    for held in bad {
        table.add_row(vec![
            judged(&held.id, Judgement::Bad),
            Cell::new(held.violated),
            Cell::new(held.armed),
            Cell::new(margin(held.margin, &held.unit)),
            Cell::new(
                held.case
                    .map_or_else(|| NONE.to_owned(), |case| case.to_string()),
            ),
        ]);
    }
    format!("{}\n{}", drawn(&table), faint(below))
}

fn margin(margin: Option<f64>, unit: &str) -> String {
    match margin {
        None => NONE.to_owned(),
        Some(value) => format!("{} {}", figures::number(value), figures::unit(unit))
            .trim_end()
            .to_owned(),
    }
}

/// What was found, the most urgent first, each with the command that runs it again.
pub(super) fn finds(told: &Told<'_>) -> String {
    let mut parts = Vec::new();
    for state in State::ALL {
        let all: Vec<&Find> = told.finds.of_state(state).collect();
        if all.is_empty() {
            continue;
        }
        let word = if told.is_compared || !state.is_met() {
            state.name()
        } else {
            "found"
        };
        let mut lines = vec![heading(format!("{word}: {}", all.len()))];
        lines.extend(all.iter().take(SHOWN_MOST).map(|find| one(find)));
        if all.len() > SHOWN_MOST {
            let more = all.len() - SHOWN_MOST;
            lines.push(faint(format!("and {more} more in {}", Finds::FILE)));
        }
        parts.push(lines.join("\n"));
    }
    parts.join("\n\n")
}

fn one(find: &Find) -> String {
    let faults = if find.faults.is_empty() {
        "no fault".to_owned()
    } else {
        find.faults.join(" + ")
    };
    let runs = figures::count(find.runs as usize, "run");
    let worst = find
        .margin
        .map(|it| format!(", by {}", margin(Some(it), &find.unit)));
    let under = match find.controller.as_str() {
        "builtin" => String::new(),
        other => format!(" under {other}"),
    };
    let why = find.why.as_ref();
    let why = why.map_or_else(String::new, |why| {
        format!("\n    {}", faint(why.replace('\n', "\n    ")))
    });
    if find.replay.is_empty() {
        return format!("  {} with {faults}{under}{why}", find.what);
    }
    format!(
        "  {} with {faults}{under}: {runs}{}, case {}{why}\n    {}",
        find.what,
        worst.unwrap_or_default(),
        find.case,
        faint(&find.replay),
    )
}

fn tail(told: &Told<'_>) -> String {
    let folder = told.flown.folder.path().display();
    let results = if told.flown.complete {
        format!(
            "results: {folder}/{}, digest {}",
            crate::study::campaign::Folder::RUNS,
            told.flown.tally.digest()
        )
    } else {
        let argument = quoted(told.argument);
        let next = if told.flown.sharded && !told.flown.stopped {
            "`--merge DIR...` puts shards together"
        } else {
            "`--resume` goes on"
        };
        format!(
            "not complete: {folder}; weanbench campaign {argument}, with the same options: {next}"
        )
    };
    format!("{results}\n{}", faint(NOTICE))
}

/// What it cost, line by line: for people who wait, and in no result.
pub(super) fn cost(told: &Told<'_>) -> Vec<String> {
    let mut lines: Vec<String> = told.flown.cost.iter().cloned().collect();
    let slow = told
        .flown
        .slowest
        .iter()
        .map(|(seconds, case, controller)| {
            let controller = &told.campaign.file.controllers[*controller];
            format!("{seconds:.2} s case {case} ({controller})")
        });
    let slow: Vec<String> = slow.collect();
    if !slow.is_empty() {
        lines.push(format!("slowest: {}", slow.join(", ")));
    }
    lines
}
