//! `weanbench cause`: the point of no return before a violation.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::console::{Trouble, heading, out, out_json};
use super::controller::{Patience, controllers};
use super::run::{load, patient_number, requirements};
use super::workers::workers;
use crate::NOTICE;
use crate::bench::Shipped;
use crate::study::cause::{Cause, NoCause, Until, cause};
use crate::verdict::Exit;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A scenario file, or the name of one that ships with the bench.
    #[arg(value_name = "SCENARIO")]
    scenario: String,
    /// The requirement, such as SR-15; left out, the one that is breached first.
    #[arg(long, value_name = "ID")]
    requirement: Option<String>,
    /// The patient; left out, the first who violates it. 0 or `typical` is the typical one.
    #[arg(long, value_name = "N", value_parser = patient_number)]
    patient: Option<u64>,
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
    #[serde(flatten)]
    cause: &'a Cause,
    without_what_follows_before_h: Option<f64>,
    with_the_shipped_controller_before_h: Option<f64>,
    notice: &'static str,
}

/// Finds it and tells.
pub(crate) fn cause_of(arguments: &Arguments) -> Result<Exit, Trouble> {
    let mut library = load(&arguments.scenario, &arguments.set)?;
    library.requirements = requirements(&arguments.requirements)?;
    library.controllers = controllers(&arguments.controller, &arguments.patience)?;
    let (pool, _) = workers(arguments.jobs)?;
    let requirement = arguments.requirement.as_deref();
    let found = pool.install(|| cause(&library, requirement, arguments.patient));
    let found = found.map_err(trouble)?;
    if arguments.json {
        let before = |until: Option<Until>| until?.before_h(found.breached_at_h);
        out_json(&Document {
            schema: 1,
            without_what_follows_before_h: before(found.without_what_follows),
            with_the_shipped_controller_before_h: before(found.with_the_shipped_controller),
            cause: &found,
            notice: NOTICE,
        })?;
    } else {
        out(&told(&found))?;
    }
    Ok(Exit::Good)
}

fn trouble(why: NoCause) -> Trouble {
    let exit = match why {
        NoCause::NotViolated(_) => Exit::Bad,
        NoCause::Unknown(_) | NoCause::Unfit(_) => Exit::Input,
        NoCause::Stalled(_) => Exit::Stalled,
    };
    Trouble::Said(exit, why.to_string())
}

fn told(found: &Cause) -> String {
    let head = format!(
        "{} is breached at hour {:.2} (patient {}, arm {})",
        found.requirement, found.breached_at_h, found.patient, found.arm
    );
    let mut lines = vec![heading(head)];
    lines.push(match found.without_what_follows {
        Some(until) => line("Taking away what follows", until, found.breached_at_h),
        None => "No fault and no order follows: there is nothing to take away.".to_owned(),
    });
    lines.push(match found.with_the_shipped_controller {
        Some(until) => line("The shipped controller", until, found.breached_at_h),
        None => "The shipped controller is on the bench already.".to_owned(),
    });
    lines.push(format!("{} runs", found.runs));
    lines.join("\n")
}

fn line(what: &str, until: Until, breached_at_h: f64) -> String {
    match until {
        Until::Never => format!("{what} avoids it at no time, not even from the explant on."),
        Until::Always => format!(
            "{what} avoids it even once the breach is final: something else has changed it."
        ),
        Until::Minute(minute) => format!(
            "{what} avoids it until hour {:.2}: the point of no return is {:.2} h before the breach.",
            f64::from(minute) / 60.0,
            until.before_h(breached_at_h).unwrap_or_default()
        ),
    }
}
