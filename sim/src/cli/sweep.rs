//! `weanbench sweep`: one fault over its range, as a table and as a file that can be compared.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use comfy_table::Cell;
use serde::Serialize;

use super::console::{Trouble, faint, heading, out, out_json, stem};
use super::controller::{self, Patience, controllers};
use super::figures::{self, NONE, digits};
use super::progress;
use super::run::{Profile, load, requirements};
use super::table::{Judgement, drawn, judged, table, terminal_width};
use super::workers::workers;
use crate::NOTICE;
use crate::scenario::ProfileName;
use crate::study::cohort;
use crate::study::sweep::{Asked, Row, Sweep};
use crate::verdict::{Exit, RunVerdict};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A scenario file, or the name of one that ships with the bench.
    #[arg(value_name = "SCENARIO")]
    scenario: String,
    /// A fault of the scenario by its id, or a kind of fault; and what of it: a number, `from_min` or `lasts_min`.
    #[arg(long, value_name = "ID[.NUMBER]")]
    fault: String,
    /// The least value; the declared one when left out.
    #[arg(long, value_name = "A", allow_negative_numbers = true)]
    from: Option<f64>,
    /// The greatest value.
    #[arg(long, value_name = "B", allow_negative_numbers = true)]
    to: Option<f64>,
    /// How many values, both ends among them; by their orders of magnitude where there are more than two.
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u32).range(2..=1000))]
    steps: u32,
    /// Which sensors are fitted, one after the other; all three when left out.
    #[arg(
        long,
        value_enum,
        ignore_case = true,
        value_delimiter = ',',
        value_name = "P,…"
    )]
    profile: Vec<Profile>,
    /// When a kind of fault that is not in the scenario begins, minutes after the explant.
    #[arg(long, value_name = "MIN", default_value_t = 3_600)]
    at_min: u32,
    /// How long such a fault lasts; it stays when left out.
    #[arg(long, value_name = "MIN")]
    lasts_min: Option<u32>,
    /// One patient by number; the scenario's own, or the first of its cohort, when left out.
    #[arg(long, value_name = "N")]
    patient: Option<u64>,
    /// Put a value over what the scenario says; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// A file of requirements of your own, judged beside those that ship with the bench; may be repeated.
    #[arg(long, value_name = "FILE")]
    requirements: Vec<PathBuf>,
    /// Who is on the bench.
    #[arg(long, value_name = "SPEC", help = controller::HELP)]
    controller: Option<String>,
    #[command(flatten)]
    patience: Patience,
    /// How many runs at a time; all cores when left out. Results do not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Write the rows into a file.
    #[arg(long, value_name = "FILE", conflicts_with = "check")]
    out: Option<PathBuf>,
    /// Compare with such a file; where it differs the exit code is 1.
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
    /// Print only differences.
    #[arg(long)]
    quiet: bool,
}

/// The document that `--json` prints.
#[derive(Serialize)]
struct Printed<'a> {
    schema: u32,
    scenario: &'a str,
    sweep: &'a str,
    unit: &'a str,
    patient: u64,
    rows: &'a [Row],
    /// Lines that are otherwise in the file of `--check`; null where nothing was compared.
    differences: Option<&'a [String]>,
    notice: &'static str,
}

/// Flies, tells, writes or compares.
pub(crate) fn sweep(arguments: &Arguments) -> Result<Exit, Trouble> {
    let mut library = load(&arguments.scenario, &arguments.set)?;
    library.requirements = requirements(&arguments.requirements)?;
    if let Some(spec) = &arguments.controller {
        library.controllers = Arc::clone(&controllers(spec, &arguments.patience)?);
    }
    let patient = arguments
        .patient
        .or_else(|| cohort::patients(&library).first().copied());
    let patient = patient.unwrap_or(0);
    let asked = Asked {
        fault: arguments.fault.clone(),
        from: arguments.from,
        to: arguments.to,
        steps: arguments.steps,
        at_min: arguments.at_min,
        lasts_min: arguments.lasts_min,
    };
    let sweep = Sweep::of(library, &asked).map_err(Trouble::input)?;
    let kept = arguments.check.as_ref().map(|path| {
        std::fs::read_to_string(path)
            .map_err(|why| Trouble::input(format!("{}: {why}", path.display())))
    });
    let kept = kept.transpose()?;
    let profiles: Vec<ProfileName> = if arguments.profile.is_empty() {
        crate::catalogue::PROFILES.to_vec()
    } else {
        arguments.profile.iter().map(|it| it.name()).collect()
    };
    let (pool, stop) = workers(arguments.jobs)?;
    let runs = profiles.len() * sweep.values.len();
    let bar = progress::bar(runs, &sweep.name, !arguments.quiet);
    let flown = pool.install(|| sweep.fly((&profiles, patient), &stop, &|| bar.inc(1)));
    bar.finish_and_clear();
    let Some(rows) = flown else {
        return Err(Trouble::Said(
            Exit::Bad,
            "stopped before the sweep was done".to_owned(),
        ));
    };
    let scenario = stem(&arguments.scenario);
    let text = sweep
        .to_toml((&scenario, patient), &rows)
        .map_err(Trouble::bench)?;
    if let Some(path) = &arguments.out {
        std::fs::write(path, &text)
            .map_err(|why| Trouble::bench(format!("{}: writing failed: {why}", path.display())))?;
    }
    let differences = kept.map(|kept| differences(&kept, &text));
    tell(
        (arguments, &scenario, patient),
        (&sweep, &rows),
        differences.as_deref(),
    )?;
    let stalled = rows
        .iter()
        .any(|row| row.verdict == RunVerdict::Stalled.name());
    Ok(match differences {
        Some(lines) if !lines.is_empty() => Exit::Bad,
        Some(_) | None if stalled => Exit::Stalled,
        Some(_) | None => Exit::Good,
    })
}

/// Lines of the one that the other does not have: `-` of what was kept, `+` of what is now.
fn differences(kept: &str, now: &str) -> Vec<String> {
    let only = |sign: char, of: &str, other: &str| -> Vec<String> {
        let others: Vec<&str> = other.lines().collect();
        let lines = of.lines().filter(|line| !others.contains(line));
        lines
            .map(|line| format!("{sign} {}", line.trim()))
            .collect()
    };
    let mut lines = only('-', kept, now);
    lines.extend(only('+', now, kept));
    if lines.is_empty() && kept != now {
        lines.push("the same lines in another order".to_owned());
    }
    lines
}

fn tell(
    (arguments, scenario, patient): (&Arguments, &str, u64),
    (sweep, rows): (&Sweep, &[Row]),
    differences: Option<&[String]>,
) -> Result<(), Trouble> {
    if arguments.json {
        return out_json(&Printed {
            schema: 1,
            scenario,
            sweep: &sweep.name,
            unit: &sweep.unit,
            patient,
            rows,
            differences,
            notice: NOTICE,
        });
    }
    let mut parts = Vec::new();
    if !arguments.quiet {
        let name = heading(&sweep.name);
        parts.push(format!("{name} in {scenario}, patient {patient}"));
        parts.push(page(sweep, rows));
    }
    match differences {
        Some([]) if !arguments.quiet => parts.push("the same as in the file".to_owned()),
        Some([]) | None => {}
        Some(lines) => parts.push(lines.join("\n")),
    }
    if !arguments.quiet {
        parts.push(faint(NOTICE));
    }
    if parts.is_empty() {
        return Ok(());
    }
    out(&parts.join("\n\n"))
}

fn page(sweep: &Sweep, rows: &[Row]) -> String {
    let value = format!("value {}", figures::unit(&sweep.unit));
    let head = [
        "profile",
        value.trim_end(),
        "verdict",
        "alarm",
        "after s",
        "excess µg",
        "deficit",
        "nearest",
        "margin",
    ];
    let mut table = table(terminal_width(), &head, &[1, 4, 5, 6, 8]);
    for row in rows {
        let verdicts = RunVerdict::ALL.into_iter();
        let verdict = verdicts.clone().find(|it| it.name() == row.verdict);
        let judgement = match verdict {
            Some(verdict) if verdict.acceptable() => Judgement::Good,
            Some(RunVerdict::NotDetectable | RunVerdict::Vacuous) | None => Judgement::Nothing,
            Some(_) => Judgement::Bad,
        };
        let margin = row.margin.map_or_else(
            || NONE.to_owned(),
            |margin| {
                let unit = row.unit.as_deref().unwrap_or_default();
                format!("{} {}", figures::number(margin), figures::unit(unit))
            },
        );
        let word = |word: &Option<String>| word.clone().unwrap_or_else(|| NONE.to_owned());
        table.add_row(vec![
            Cell::new(format!("{:?}", row.profile)),
            Cell::new(figures::number(row.value)),
            judged(&row.verdict, judgement),
            Cell::new(word(&row.alarm)),
            Cell::new(digits(row.latency_s, 0)),
            Cell::new(digits(row.excess_ug, 1)),
            Cell::new(digits(row.deficit, 3)),
            Cell::new(word(&row.requirement)),
            Cell::new(margin.trim_end()),
        ]);
    }
    drawn(&table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_told_from_both_sides() {
        assert!(differences("a\nb\n", "a\nb\n").is_empty());
        assert_eq!(differences("a\nb\n", "a\nc\n"), ["- b", "+ c"]);
        assert_eq!(differences("a\nb\n", "b\na\n").len(), 1);
    }
}
