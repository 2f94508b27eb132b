//! `weanbench conform`: does a controller speak, repeat itself, keep time and behave?

use clap::Args;

use super::console::{Trouble, out, out_json};
use super::controller::{HELP, Terms, controllers_on};
use crate::edge::conform::{Check, Outcome, Report, conform};
use crate::verdict::Exit;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[arg(long, value_name = "SPEC", help = HELP)]
    controller: String,
    #[command(flatten)]
    terms: Terms,
    /// Tell it every story that ships with the bench, and not only a few short ones.
    #[arg(long)]
    every_story: bool,
    /// Print what was found as one JSON document.
    #[arg(long)]
    json: bool,
    /// Print only what is not as it must be.
    #[arg(long)]
    quiet: bool,
}

/// Makes every check.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Trouble> {
    let controllers = controllers_on(&arguments.controller, &arguments.terms)?;
    let mut told = Ok(());
    let report = conform(&controllers, arguments.every_story, &mut |check| {
        let bad = matches!(check.outcome, Outcome::Failed | Outcome::Stalled);
        if !arguments.json && (bad || !arguments.quiet) && told.is_ok() {
            told = out(&line(check));
        }
    });
    told?;
    if arguments.json {
        out_json(&report)?;
    } else if !arguments.quiet {
        out(&summary(&report))?;
    }
    Ok(report.exit())
}

fn line(check: &Check) -> String {
    let word = match check.outcome {
        Outcome::Passed => "passed ",
        Outcome::Failed => "FAILED ",
        Outcome::Stalled => "STALLED",
        Outcome::Told => "       ",
    };
    let group = format!("{:?}", check.group).to_lowercase();
    let said = if check.said.is_empty() {
        String::new()
    } else {
        format!(": {}", check.said)
    };
    format!("{word} {group:11} {}{said}", check.name)
}

fn summary(report: &Report) -> String {
    let count = |outcome| {
        let of = report.checks.iter().filter(|it| it.outcome == outcome);
        of.count()
    };
    let list = |what: &[String]| match what {
        [] => "nothing".to_owned(),
        all => all.join(", "),
    };
    let lacks = match &report.lacks {
        Some(lacks) => format!(
            "it has {}\nit lacks: {}\nnot applicable to it: {}",
            lacks.has,
            list(&lacks.lacking),
            list(&lacks.not_applicable)
        ),
        None => "what it has is not known, and nothing else was looked at".to_owned(),
    };
    format!(
        "\n{}: {} passed, {} failed, {} stalled\n{lacks}\n{}",
        report.controller,
        count(Outcome::Passed),
        count(Outcome::Failed),
        count(Outcome::Stalled),
        report.notice
    )
}
