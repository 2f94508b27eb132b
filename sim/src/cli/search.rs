//! `weanbench search`: lower a margin, tell each time that it falls, keep what was found.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use comfy_table::Cell;
use serde::{Deserialize, Serialize};

use super::console::{Trouble, heading, note, out, out_json, stem};
use super::controller::{Patience, controllers};
use super::run::{load, requirements};
use super::shrink::save;
use super::table::{drawn, table, terminal_width};
use super::workers::workers;
use crate::NOTICE;
use crate::bench::Shipped;
use crate::config::Library;
use crate::input::suggest;
use crate::study::search::finds::{Since, group, smallest, still_breaks};
use crate::study::search::{Method, Quest, Searched, search};
use crate::study::shrink::Shrunk;
use crate::verdict::Exit;

/// Runs in which each find is shrunk.
const SHRINK_BUDGET: usize = 200;

/// How candidates are made.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum How {
    /// Each by itself, within the ranges.
    Random,
    /// Of those that reached a mode, an alarm or a reason that was new, or came nearer to a breach.
    Corpus,
    /// The numbers of such scenarios, turned by CMA-ES so that the margin falls.
    Cmaes,
}

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A scenario file, or the name of one that ships with the bench.
    #[arg(value_name = "SCENARIO")]
    scenario: String,
    /// The requirement, such as SR-15, or `any`.
    #[arg(long, value_name = "ID", default_value = "any")]
    requirement: String,
    /// Runs.
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    budget: usize,
    /// How candidates are made.
    #[arg(long, value_enum, default_value_t = How::Corpus)]
    method: How,
    /// Where its numbers come from.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Stop at the first find.
    #[arg(long)]
    first: bool,
    /// Finds that are shrunk and saved at most.
    #[arg(long, value_name = "N", default_value_t = 20)]
    shrink: usize,
    /// Leave out what the shipped controller breaks as well.
    #[arg(long)]
    beyond_builtin: bool,
    /// Put a value over what the scenario says, such as `run_max_h=24`; may be repeated.
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
    /// The folder of finds; left out, `results/NAME/finds`. What it holds is known.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// A find in the list of a folder, and in the document.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    requirement: String,
    since: Since,
}

/// The list of a folder.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
struct List {
    finds: BTreeMap<String, Kept>,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    requirement: &'a str,
    runs: usize,
    violated_runs: usize,
    first_find: Option<usize>,
    lowest: Option<f64>,
    reached: usize,
    folder: String,
    finds: &'a BTreeMap<String, Kept>,
    notice: &'static str,
}

/// The place of a requirement among those that a run is judged by.
pub(super) fn place(library: &Library, id: &str) -> Result<usize, Trouble> {
    let ids: Vec<&str> = library
        .requirements
        .judged()
        .map(|it| it.id.as_str())
        .collect();
    ids.iter().position(|it| *it == id).ok_or_else(|| {
        let help = suggest(id, &ids).map_or_else(String::new, |help| format!(": {help}"));
        Trouble::input(format!("no run is judged by a requirement `{id}`{help}"))
    })
}

/// Searches, shrinks, keeps and tells.
pub(crate) fn search_it(arguments: &Arguments) -> Result<Exit, Trouble> {
    let mut library = load(&arguments.scenario, &arguments.set)?;
    library.requirements = requirements(&arguments.requirements)?;
    let sound = arguments.beyond_builtin.then(|| library.clone());
    library.controllers = controllers(&arguments.controller, &arguments.patience)?;
    let wanted: Vec<usize> = if arguments.requirement == "any" {
        (0..library.requirements.judged().count()).collect()
    } else {
        vec![place(&library, &arguments.requirement)?]
    };
    let usual = || {
        Path::new("results")
            .join(stem(&arguments.scenario))
            .join("finds")
    };
    let folder = arguments.out.clone().unwrap_or_else(usual);
    let mut list = read(&folder)?;
    let (pool, _) = workers(arguments.jobs)?;
    let quest = Quest {
        wanted: &wanted,
        method: match arguments.method {
            How::Random => Method::Random,
            How::Corpus => Method::Corpus,
            How::Cmaes => Method::Cmaes,
        },
        budget: arguments.budget,
        seed: arguments.seed,
        first_only: arguments.first,
        beyond: sound.as_ref(),
    };
    let done = pool.install(|| {
        let mut fell =
            |run: usize, margin: f64| note(&format!("run {run}: lowest margin {margin:.4}"));
        search(&library, &quest, &mut fell)
    });
    let kept = pool.install(|| smallest(&library, &done.finds, arguments.shrink, SHRINK_BUDGET));
    for (name, shrunk) in &kept {
        save(shrunk, &folder.join(format!("{name}.toml")))?;
    }
    age(&library, &folder, &kept, &mut list)?;
    write(&folder, &list)?;
    tell(arguments, (&done, &list), &folder)?;
    let breaks = |it: &Kept| it.since != Since::Fixed;
    let any = list.finds.values().any(breaks);
    Ok(if any { Exit::Bad } else { Exit::Good })
}

/// What has become of each find: those of the folder are flown again, those of the regressions are known.
fn age(
    library: &Library,
    folder: &Path,
    kept: &BTreeMap<String, Shrunk>,
    list: &mut List,
) -> Result<(), Trouble> {
    let regressions = regressions(Path::new("configs/regressions"));
    let before = list.finds.clone();
    for (name, known) in &before {
        let breaks = kept.contains_key(name) || {
            let file = folder.join(format!("{name}.toml"));
            let again = Library::read(&file, &[]);
            again.is_ok_and(|it| still_breaks(library, &it.scenario, &known.requirement))
        };
        let now = Kept {
            since: Since::then(Some(known.since), breaks),
            requirement: known.requirement.clone(),
        };
        list.finds.insert(name.clone(), now);
    }
    for (name, shrunk) in kept {
        if before.contains_key(name) {
            continue;
        }
        let since = if regressions.contains(name) {
            // It was mended once, or it would be no regression.
            Since::Returned
        } else {
            Since::New
        };
        let requirement = shrunk.requirement.clone();
        list.finds.insert(name.clone(), Kept { requirement, since });
    }
    Ok(())
}

/// The groups of the scenarios in a folder, by what they say must hold.
fn regressions(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let read = entries.filter_map(|entry| Library::read(&entry.path(), &[]).ok());
    let groups = read.flat_map(|library| {
        let holds = library
            .scenario
            .expect
            .iter()
            .flat_map(|it| it.holds.clone());
        let holds: Vec<String> = holds.collect();
        holds
            .into_iter()
            .map(move |id| group(&id, &library.scenario))
            .collect::<Vec<_>>()
    });
    groups.collect()
}

const LIST: &str = "finds.json";

fn read(folder: &Path) -> Result<List, Trouble> {
    let file = folder.join(LIST);
    if !file.exists() {
        return Ok(List::default());
    }
    let told =
        |error: &dyn std::fmt::Display| Trouble::input(format!("{}: {error}", file.display()));
    let text = fs::read_to_string(&file).map_err(|error| told(&error))?;
    serde_json::from_str(&text).map_err(|error| told(&error))
}

fn write(folder: &Path, list: &List) -> Result<(), Trouble> {
    let file = folder.join(LIST);
    let told = |error: std::io::Error| Trouble::bench(format!("{}: {error}", file.display()));
    fs::create_dir_all(folder).map_err(told)?;
    let text = serde_json::to_string_pretty(list).map_err(Trouble::bench)?;
    fs::write(&file, text + "\n").map_err(told)
}

fn tell(
    arguments: &Arguments,
    (done, list): (&Searched, &List),
    folder: &Path,
) -> Result<(), Trouble> {
    let lowest = done.fell.last().map(|(_, margin)| *margin);
    if arguments.json {
        return out_json(&Document {
            schema: 1,
            requirement: &arguments.requirement,
            runs: done.runs,
            violated_runs: done.finds.len(),
            first_find: done.finds.first().map(|find| find.run),
            lowest,
            reached: done.reached,
            folder: folder.display().to_string(),
            finds: &list.finds,
            notice: NOTICE,
        });
    }
    let mut lines = vec![
        heading(format!(
            "{} runs, {} of them break it",
            done.runs,
            done.finds.len()
        )),
        format!(
            "lowest margin {}; {} modes, alarms, reasons and pairs reached",
            lowest.map_or_else(|| "none".to_owned(), |it| format!("{it:.4}")),
            done.reached
        ),
    ];
    if !list.finds.is_empty() {
        let mut table = table(terminal_width(), &["find", "requirement", "since"], &[]);
        for (name, kept) in &list.finds {
            table.add_row(vec![
                Cell::new(name),
                Cell::new(&kept.requirement),
                Cell::new(kept.since.name()),
            ]);
        }
        lines.push(drawn(&table));
        lines.push(format!("saved in {}", folder.display()));
    }
    out(&lines.join("\n"))
}
