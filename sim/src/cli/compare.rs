//! `weanbench compare`: two controllers over the same cases, and where they part.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use clap::Args;
use serde_json::json;

use super::console::{Trouble, out, out_json};
use super::controller::{HELP, Terms, controllers_on};
use super::run::load;
use super::table::{drawn, table, terminal_width};
use super::workers::workers;
use crate::bench::Controllers;
use crate::clock::SimTime;
use crate::config::Library;
use crate::course::words;
use crate::study::cohort::{self, Run};
use crate::study::compare::{Comparison, Row, compare, parting};
use crate::verdict::Exit;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[arg(value_name = "A", help = HELP)]
    a: String,
    /// The other one.
    #[arg(value_name = "B")]
    b: String,
    /// A scenario file, or the name of one that ships with the bench.
    #[arg(long, value_name = "SCENARIO", default_value = "hwang-2019")]
    scenario: String,
    /// Put a value over what the scenario says, such as `cohort.size=50`; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// One arm instead of all.
    #[arg(long, value_name = "NAME")]
    arm: Option<String>,
    /// Every requirement, not only those that tell the two apart.
    #[arg(long)]
    all: bool,
    /// How many runs at a time; all cores when left out.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    #[command(flatten)]
    terms: Terms,
    /// Print what was found as one JSON document.
    #[arg(long)]
    json: bool,
}

/// Runs both over the same cases.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Trouble> {
    let (pool, stop) = workers(arguments.jobs)?;
    let mut library = load(&arguments.scenario, &arguments.set)?;
    if let Some(name) = &arguments.arm {
        library.scenario.arms.retain(|arm| arm.name == *name);
        if library.scenario.arms.is_empty() {
            let scenario = &arguments.scenario;
            return Err(Trouble::input(format!("{scenario} has no arm `{name}`")));
        }
    }
    let with = |spec: &str| -> Result<Library, Trouble> {
        let controllers: Arc<dyn Controllers> = controllers_on(spec, &arguments.terms)?;
        Ok(Library {
            controllers,
            ..library.clone()
        })
    };
    let (a, b) = (with(&arguments.a)?, with(&arguments.b)?);
    let runs = |library: &Library| pool.install(|| cohort::run(library, &stop, &|| ()));
    let (of_a, of_b) = (runs(&a), runs(&b));
    if stop.load(Ordering::Relaxed) {
        return Ok(Exit::Bad);
    }
    let found = compare((&a, &of_a), (&b, &of_b));
    let exit = if found.stalled != [0, 0] {
        Exit::Stalled
    } else if found.same == found.pairs {
        Exit::Good
    } else {
        Exit::Bad
    };
    tell(arguments, &found, [(&a, &of_a), (&b, &of_b)])?;
    Ok(exit)
}

fn tell(
    arguments: &Arguments,
    found: &Comparison,
    [a, b]: [(&Library, &Vec<Run>); 2],
) -> Result<(), Trouble> {
    let parted = parting((a.0, a.1), (b.0, b.1))
        .map_err(|stalled| Trouble::Said(Exit::Stalled, stalled.to_string()))?;
    let parted = parted.map(|(arm, patient, difference)| {
        let at_s = difference
            .record
            .as_ref()
            .map_or(0.0, |record| record.time_s);
        let at = SimTime::from_millis(libm::round(at_s.max(0.0) * 1e3) as u64);
        let arm = a.0.scenario.arms[arm].name.clone();
        (arm, patient, at, difference.to_string())
    });
    if arguments.json {
        let parted = parted.map(|(arm, patient, at, fields)| {
            json!({ "arm": arm, "patient": patient, "at_h": at.hours(), "fields": fields })
        });
        return out_json(&json!({ "compared": found, "parted": parted, "notice": crate::NOTICE }));
    }
    out(&shown(arguments, found))?;
    match parted {
        None => out("they never part"),
        Some((arm, patient, at, fields)) => {
            let at = words::stamp(at);
            out(&format!(
                "they part first in {arm}, patient {patient}, at {at}:\n{fields}"
            ))
        }
    }?;
    out(crate::NOTICE)
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |it| format!("{it:.3}"))
}

fn shown(arguments: &Arguments, found: &Comparison) -> String {
    let [a, b] = &found.controllers;
    let width = terminal_width();
    let head = ["outcome", "unit", "pairs", "a", "b", "b - a", "95 %"];
    let mut outcomes = table(width, &head, &[2, 3, 4, 5, 6]);
    for Row {
        name,
        unit,
        pairs,
        a,
        b,
        difference,
        half_interval,
    } in &found.outcomes
    {
        outcomes.add_row([
            (*name).to_owned(),
            (*unit).to_owned(),
            pairs.to_string(),
            number(*a),
            number(*b),
            number(*difference),
            half_interval.map_or_else(|| "-".to_owned(), |half| format!("± {half:.3}")),
        ]);
    }
    let head = [
        "id",
        "violated by a",
        "by b",
        "worst margin of a",
        "of b",
        "in",
    ];
    let mut demands = table(width, &head, &[1, 2, 3, 4]);
    let told = found.requirements.iter();
    for demand in told.filter(|it| arguments.all || it.differs()) {
        let violated = |side: usize| {
            if demand.applies[side] {
                demand.violated[side].to_string()
            } else {
                "n/a".to_owned()
            }
        };
        demands.add_row([
            demand.id.clone(),
            violated(0),
            violated(1),
            number(demand.margin[0]),
            number(demand.margin[1]),
            demand.unit.clone(),
        ]);
    }
    format!(
        "a: {a}\nb: {b}\n{} pairs of runs on the same draws, {} the same to the last bit; stalled: {} and {}\n\n{}\n\n{}\n",
        found.pairs,
        found.same,
        found.stalled[0],
        found.stalled[1],
        drawn(&outcomes),
        drawn(&demands)
    )
}
