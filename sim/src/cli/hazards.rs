//! `weanbench hazards`: flies the fault matrix, tells of it, and writes what it came to.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use clap::Args;
use serde::Serialize;

use super::console::{Trouble, note, out, out_json};
use super::controller::{self, Patience, controllers};
use super::run::Profile;
use super::workers::workers;
use super::{matrix as page, progress};
use crate::NOTICE;
use crate::bench::Shipped;
use crate::input::{Document, suggest};
use crate::matrix::{
    Asked, Baseline, Flown, Line, Matrix, Results, Skipped, Wanted, baseline, fly, runs, sample,
};
use crate::scenario::ProfileName;
use crate::verdict::{Exit, RunVerdict};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A fault matrix; the one that ships with the bench when left out.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Patients 1 to N for each cell, instead of as many as the file says.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    patients: Option<u32>,
    /// Only these profiles.
    #[arg(
        long,
        value_enum,
        ignore_case = true,
        value_delimiter = ',',
        value_name = "P,…"
    )]
    profile: Vec<Profile>,
    /// Only these hazards and pairs, by their names.
    #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
    only: Vec<String>,
    /// Only these moments, by the names that the file gives them.
    #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
    onset: Vec<String>,
    /// So many of the cells, evenly spread, always the same.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    sample: Option<u32>,
    /// The same cells without a controller, and with one that heeds nothing, too; of patients 1 to N, or of all.
    #[arg(
        long,
        value_name = "N",
        num_args = 0..=1,
        require_equals = true,
        value_parser = clap::value_parser!(u32).range(1..=10_000)
    )]
    arms: Option<Option<u32>>,
    #[arg(long, value_name = "SPEC", default_value = Shipped::NAME, help = controller::HELP)]
    controller: String,
    #[command(flatten)]
    patience: Patience,
    /// How many runs at a time; all cores when left out. Results do not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
    /// Write what it came to into a file.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Keep what that file says of cells that are not flown now, where patients and moments are the same, and of
    /// other profiles.
    #[arg(long, requires = "out")]
    merge: bool,
    /// What the file should say of these runs, such as a commit and a date.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Print only what went wrong.
    #[arg(long)]
    quiet: bool,
}

/// The document that `--json` prints.
#[derive(Serialize)]
struct Printed<'a> {
    #[serde(flatten)]
    results: &'a Results,
    skipped: &'a [Skipped],
    notice: &'static str,
}

/// Flies, tells, writes.
pub(crate) fn hazards(arguments: &Arguments) -> Result<Exit, Trouble> {
    let matrix = match &arguments.file {
        Some(file) => Matrix::read(file)?,
        None => Matrix::shipped(),
    };
    let by = controllers(&arguments.controller, &arguments.patience)?;
    if arguments.merge && by.name() != Shipped::NAME {
        return Err(Trouble::input(format!(
            "--merge: the file is of the shipped controller, and `{}` is another; write it with --out alone",
            by.name()
        )));
    }
    let matrix = matrix.under(&by);
    let (cells, skipped) = matrix.cells(&wanted(arguments, &matrix)?);
    let cells = match arguments.sample {
        Some(count) => sample(cells, count as usize),
        None => cells,
    };
    let asked = asked(arguments, &matrix)?;
    // A file that cannot be kept is said before anything is flown.
    let older = match (&arguments.out, arguments.merge) {
        (Some(path), true) if path.exists() => Some(Results::of(&Document::read(path)?)?),
        _ => None,
    };
    let (pool, stop) = workers(arguments.jobs)?;
    let bar = progress::bar(runs(&cells, &asked), "hazards", !arguments.quiet);
    let lines = pool.install(|| fly((&matrix, &cells), &asked, &stop, &|| bar.inc(1)));
    bar.finish_and_clear();
    let flown = flown((arguments, &matrix), &lines, &asked, &skipped);
    let one = |it: &Flown| baseline(&matrix, it.profile, asked.arms);
    let arms = flown
        .iter()
        .filter(|_| asked.arms > 0 && !stop.load(Ordering::Relaxed));
    let baseline: Vec<Baseline> = pool.install(|| arms.filter_map(one).collect());
    let results = Results {
        schema: 1,
        title: matrix.file.title.clone(),
        flown,
        baseline,
        line: lines,
    }
    .sorted();
    let stopped = stop.load(Ordering::Relaxed);
    // A part of a result must not stand where a whole one was.
    if let (true, Some(path), None) = (stopped, &arguments.out, &older) {
        note(&format!("stopped: {} is left as it was", path.display()));
    } else if let Some(path) = &arguments.out {
        let written = match older {
            Some(older) => results.clone().over(older),
            None => results.clone(),
        };
        let text = written.to_toml().map_err(Trouble::bench)?;
        std::fs::write(path, text)
            .map_err(|why| Trouble::bench(format!("{}: writing failed: {why}", path.display())))?;
    }
    tell((arguments, &matrix), &results, &skipped)?;
    Ok(exit_of(&matrix, &results.line, stopped))
}

/// What the arguments ask for, by names that exist.
fn wanted(arguments: &Arguments, matrix: &Matrix) -> Result<Wanted, Trouble> {
    let rows = matrix.file.row.iter().map(|row| row.hazard.as_str());
    let pairs = matrix.file.pair.iter().map(|pair| pair.name.as_str());
    let known: Vec<&str> = rows.chain(pairs).collect();
    named("row or pair", &arguments.only, &known)?;
    let profiles = arguments.profile.iter().map(|it| it.name());
    let profiles: Vec<ProfileName> = profiles.collect();
    let absent = profiles
        .iter()
        .find(|it| !matrix.file.profiles.contains(it));
    if let Some(absent) = absent {
        return Err(Trouble::input(format!(
            "the matrix has no profile {absent:?}"
        )));
    }
    Ok(Wanted {
        profiles,
        names: arguments.only.clone(),
    })
}

fn asked(arguments: &Arguments, matrix: &Matrix) -> Result<Asked, Trouble> {
    let all = matrix.onsets();
    let known: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
    named("moment", &arguments.onset, &known)?;
    let chosen = |name: &str| {
        arguments.onset.is_empty() || arguments.onset.iter().any(|wanted| wanted == name)
    };
    let patients = arguments.patients.unwrap_or(matrix.file.patients);
    let arms = arguments.arms.map(|some| some.unwrap_or(patients));
    if let Some(more) = arms.filter(|it| *it > patients) {
        return Err(Trouble::input(format!(
            "--arms={more}: only {patients} patients are flown; say --patients {more}, or --arms for all of them"
        )));
    }
    Ok(Asked {
        patients,
        onsets: all
            .iter()
            .filter(|(name, _)| chosen(name))
            .map(|(name, at)| ((*name).to_owned(), *at))
            .collect(),
        arms: arms.unwrap_or(0),
    })
}

fn named(word: &str, wanted: &[String], known: &[&str]) -> Result<(), Trouble> {
    match wanted.iter().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => {
            let help = suggest(name, known).unwrap_or_default();
            let said = format!("the matrix has no {word} `{name}`: {help}");
            Err(Trouble::input(said))
        }
    }
}

/// What was flown, profile by profile.
fn flown(
    (arguments, matrix): (&Arguments, &Matrix),
    lines: &[Line],
    asked: &Asked,
    skipped: &[Skipped],
) -> Vec<Flown> {
    let one = |profile: ProfileName| {
        let of = || lines.iter().filter(|line| line.profile == profile);
        let cells = of().count();
        (cells > 0).then(|| Flown {
            profile,
            patients: asked.patients,
            seed: matrix.seed(),
            onsets_min: asked.onsets.iter().map(|(_, at)| *at).collect(),
            cells: count(cells),
            runs: of().map(|line| line.runs).sum(),
            skipped: count(skipped.iter().filter(|it| it.profile == profile).count()),
            arms: asked.arms,
            note: arguments.note.clone(),
        })
    };
    matrix
        .file
        .profiles
        .iter()
        .filter_map(|it| one(*it))
        .collect()
}

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

fn tell(
    (arguments, matrix): (&Arguments, &Matrix),
    results: &Results,
    skipped: &[Skipped],
) -> Result<(), Trouble> {
    if arguments.json {
        return out_json(&Printed {
            results,
            skipped,
            notice: NOTICE,
        });
    }
    let mut pages = Vec::new();
    if !arguments.quiet {
        pages.push(page::cells(results, matrix));
        pages.extend(page::risks(results, matrix));
        pages.push(page::skipped(skipped));
    }
    pages.push(page::wrong(results, matrix));
    pages.push(NOTICE.to_owned());
    pages.retain(|page| !page.is_empty());
    out(&pages.join("\n\n"))
}

/// Harm that a sensor could have shown and nothing did is bad, unless the matrix says that it is known.
fn exit_of(matrix: &Matrix, lines: &[Line], stopped: bool) -> Exit {
    let bad = |line: &Line| matrix.is_bad(line);
    let stalled = |line: &Line| line.judged(RunVerdict::Stalled) > 0;
    if stopped || lines.iter().any(bad) {
        Exit::Bad
    } else if lines.iter().any(stalled) {
        Exit::Stalled
    } else {
        Exit::Good
    }
}
