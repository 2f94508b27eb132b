//! `weanbench shrink`: the smallest scenario that still breaks the same requirement, as a file.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use comfy_table::Cell;
use serde::Serialize;

use super::console::{Trouble, heading, note, out, out_json, quoted, stem};
use super::controller::{Patience, controllers};
use super::run::{load, patient_number, requirements};
use super::table::{drawn, table, terminal_width};
use super::workers::workers;
use crate::NOTICE;
use crate::bench::Shipped;
use crate::config::Library;
use crate::study::again;
use crate::study::shrink::{Refused, Shrunk, Unshrinkable, Wish, shrink, why};
use crate::verdict::Exit;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A scenario file, or the name of one that ships with the bench.
    #[arg(value_name = "SCENARIO")]
    scenario: String,
    /// The requirement that must stay violated, such as SR-15; left out, the one with the worst margin.
    #[arg(long, value_name = "ID")]
    requirement: Option<String>,
    /// The patient; left out, the first who violates it. 0 or `typical` is the typical one.
    #[arg(long, value_name = "N", value_parser = patient_number)]
    patient: Option<u64>,
    /// Candidates that may be flown.
    #[arg(long, value_name = "N", default_value_t = 200)]
    budget: usize,
    /// Put a value over what the scenario says, such as `profile=P0`; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// A file of requirements of your own, judged beside those that ship with the bench; may be repeated.
    #[arg(long, value_name = "FILE")]
    requirements: Vec<PathBuf>,
    /// Who is on the bench: `builtin`, or `canary:NAME`, which is wrong on purpose.
    #[arg(long, value_name = "SPEC", default_value = Shipped::NAME)]
    controller: String,
    #[command(flatten)]
    patience: Patience,
    /// How many runs at a time; all cores when left out. Results do not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Where the scenario goes; left out, `results/NAME/shrunk-ID.toml`.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    requirement: &'a str,
    scenario: &'a crate::scenario::Scenario,
    file: String,
    margin: Option<f64>,
    unit: &'a str,
    breached_at_h: Option<f64>,
    runs: usize,
    cut_short: bool,
    stands: Vec<Stands<'a>>,
    notice: &'static str,
}

#[derive(Serialize)]
struct Stands<'a> {
    part: &'a str,
    tried: &'a str,
    margin: Option<f64>,
    why: String,
}

/// Shrinks, tells and saves.
pub(crate) fn shrink_it(arguments: &Arguments) -> Result<Exit, Trouble> {
    let mut library = load(&arguments.scenario, &arguments.set)?;
    library.requirements = requirements(&arguments.requirements)?;
    library.controllers = controllers(&arguments.controller, &arguments.patience)?;
    let (pool, _) = workers(arguments.jobs)?;
    let wish = Wish {
        requirement: arguments.requirement.as_deref(),
        patient: arguments.patient,
        budget: arguments.budget,
    };
    let shrunk = pool.install(|| shrink(&library, &wish)).map_err(trouble)?;
    let usual = || {
        let folder = Path::new("results").join(stem(&arguments.scenario));
        folder.join(format!("shrunk-{}.toml", shrunk.requirement))
    };
    let file = arguments.out.clone().unwrap_or_else(usual);
    save(&shrunk, &file)?;
    if arguments.json {
        out_json(&document(&shrunk, &file))?;
        note(&format!("saved: {}", file.display()));
    } else {
        out(&told(&library, &shrunk, &file))?;
    }
    Ok(Exit::Good)
}

/// What cannot be shrunk, as an exit code.
pub(super) fn trouble(why: Unshrinkable) -> Trouble {
    let exit = match why {
        Unshrinkable::Stalled(_) => Exit::Stalled,
        Unshrinkable::NotViolated { .. } => Exit::Bad,
        Unshrinkable::Unknown(_) => Exit::Input,
        Unshrinkable::NotWritten(_) => Exit::Bench,
    };
    Trouble::Said(exit, why.to_string())
}

pub(super) fn save(shrunk: &Shrunk, file: &Path) -> Result<(), Trouble> {
    let told = |error: std::io::Error| Trouble::bench(format!("{}: {error}", file.display()));
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(told)?;
    }
    fs::write(file, shrunk.scenario.written()).map_err(told)
}

fn document<'a>(shrunk: &'a Shrunk, file: &Path) -> Document<'a> {
    let stands = shrunk.stands.iter().map(|it| Stands {
        part: &it.part,
        tried: &it.change,
        margin: it.tried.margin.as_ref().map(|(margin, _)| *margin),
        why: why(&shrunk.requirement, &it.tried),
    });
    let margin = shrunk.after.margin.as_ref();
    Document {
        schema: 1,
        requirement: &shrunk.requirement,
        scenario: &shrunk.scenario,
        file: file.display().to_string(),
        margin: margin.map(|(margin, _)| *margin),
        unit: margin.map_or("", |(_, unit)| unit),
        breached_at_h: shrunk.after.breached_at_h,
        runs: shrunk.runs,
        cut_short: shrunk.cut_short,
        stands: stands.collect(),
        notice: NOTICE,
    }
}

fn told(library: &Library, shrunk: &Shrunk, file: &Path) -> String {
    let (before, after) = (&library.scenario, &shrunk.scenario);
    let size = |it: &crate::scenario::Scenario| {
        let events = match it.faults.len() + it.orders.len() {
            1 => "one fault or order".to_owned(),
            events => format!("{events} faults and orders"),
        };
        format!("{events} in {} h", it.run_max_h)
    };
    let mut parts = vec![
        heading(&after.title),
        format!(
            "from {} to {}, in {} runs{}",
            size(before),
            size(after),
            shrunk.runs,
            if shrunk.cut_short {
                "; the budget is spent, and something may still be simpler"
            } else {
                ""
            }
        ),
        String::new(),
        after.about.clone(),
    ];
    if !shrunk.taken.is_empty() {
        let taken = shrunk.taken.iter();
        let rows = taken.map(|it| (&*it.part, &*it.change, why(&shrunk.requirement, &it.tried)));
        parts.push(heading("What was made simpler"));
        parts.push(rows_of(rows));
        parts.push(String::new());
    }
    if !shrunk.stands.is_empty() {
        let stands = shrunk.stands.iter();
        let rows = stands.map(|it: &Refused| {
            let why = why(&shrunk.requirement, &it.tried);
            (&*it.part, &*it.change, why)
        });
        parts.push(heading("What stands, because without it"));
        parts.push(rows_of(rows));
        parts.push(String::new());
    }
    let shown = file.display().to_string();
    let by = again::by(&library.controllers.name());
    let shown = quoted(&shown);
    parts.push(format!("saved; to run it: weanbench run {shown}{by}"));
    parts.join("\n")
}

fn rows_of<'a>(rows: impl Iterator<Item = (&'a str, &'a str, String)>) -> String {
    let mut table = table(terminal_width(), &["what", "how", "then"], &[]);
    for (part, change, then) in rows {
        table.add_row(vec![Cell::new(part), Cell::new(change), Cell::new(then)]);
    }
    drawn(&table)
}
