//! `weanbench rare`: how likely a wean is to break a requirement.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::console::{Trouble, heading, out, out_json};
use super::controller::{Patience, controllers};
use super::run::{load, requirements};
use super::workers::workers;
use crate::NOTICE;
use crate::bench::Shipped;
use crate::study::rare::{Effort, Estimate, plain, plain_runs, splitting};
use crate::study::rarely::Weans;
use crate::verdict::Exit;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A scenario file, or the name of one that ships with the bench.
    #[arg(value_name = "SCENARIO")]
    scenario: String,
    /// The requirement, such as SR-15; it needs a margin in numbers.
    #[arg(long, value_name = "ID")]
    requirement: String,
    /// Points of one crowd.
    #[arg(long, value_name = "N", default_value_t = 50)]
    points: usize,
    /// Crowds that go down beside each other.
    #[arg(long, value_name = "N", default_value_t = 4)]
    crowds: usize,
    /// Moves of each point that is replaced.
    #[arg(long, value_name = "N", default_value_t = 8)]
    moves: usize,
    /// Times that a crowd replaces a point at most.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    replaced: usize,
    /// So many runs of plain sampling in place of it.
    #[arg(long, value_name = "N")]
    plain: Option<u64>,
    /// Where its numbers come from.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
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
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    requirement: &'a str,
    #[serde(flatten)]
    estimate: Estimate,
    /// Runs that plain sampling would need for the same.
    plain_runs: f64,
    notice: &'static str,
}

/// Estimates and tells.
pub(crate) fn rare(arguments: &Arguments) -> Result<Exit, Trouble> {
    let mut library = load(&arguments.scenario, &arguments.set)?;
    library.requirements = requirements(&arguments.requirements)?;
    library.controllers = controllers(&arguments.controller, &arguments.patience)?;
    let place = super::search::place(&library, &arguments.requirement)?;
    let (pool, _) = workers(arguments.jobs)?;
    let effort = Effort {
        points: arguments.points,
        crowds: arguments.crowds,
        moves: arguments.moves,
        replaced_most: arguments.replaced,
        seed: arguments.seed,
    };
    let weans = Weans::new(&library, place);
    let found = pool.install(|| match arguments.plain {
        Some(runs) => plain(&weans, runs, arguments.seed),
        None => splitting(&weans, &effort),
    });
    if arguments.json {
        out_json(&Document {
            schema: 1,
            requirement: &arguments.requirement,
            estimate: found,
            plain_runs: plain_runs(&found),
            notice: NOTICE,
        })?;
    } else {
        out(&told(arguments, &found))?;
    }
    Ok(Exit::Good)
}

fn told(arguments: &Arguments, found: &Estimate) -> String {
    let id = &arguments.requirement;
    let mut lines = vec![heading(format!("{id} is broken"))];
    if found.is_bound {
        lines.push(format!(
            "at most {:.2e}: the margin does not tell the way down far enough",
            found.high
        ));
    } else {
        lines.push(format!(
            "probability {:.2e}, from {:.2e} to {:.2e} with 95 % confidence",
            found.probability, found.low, found.high
        ));
    }
    lines.push(format!("{} runs", found.runs));
    if found.overdispersion > 1.0 {
        lines.push(format!(
            "what the crowds counted is {:.1} times as uncertain as it should be; the interval is wider by the root of it",
            found.overdispersion
        ));
    }
    if arguments.plain.is_none() && !found.is_bound {
        lines.push(format!(
            "plain sampling would need {:.1e} runs to know it as well",
            plain_runs(found)
        ));
    }
    lines.push(
        "over patients, pumps and whatever is left to chance; the faults are the scenario's"
            .to_owned(),
    );
    lines.join("\n")
}
