//! What can be asked for on the command line, and which exit code the answer is.
//!
//! Results go to stdout, everything else to stderr; with `--json` stdout is exactly one document.

mod campaign;
mod campaign_page;
mod cause;
mod check;
mod compare;
mod conform;
mod console;
mod controller;
mod course;
mod coverage;
mod demanded;
mod figures;
mod hazards;
mod junit;
mod list;
mod listed;
mod matrix;
mod monitor;
mod progress;
mod rare;
mod replay;
mod results;
mod run;
mod schema;
mod search;
mod serve;
mod show;
mod shrink;
mod source;
mod sweep;
mod table;
mod violations;
mod workers;

use std::process::ExitCode;
use std::sync::Arc;

use clap::{ArgAction, Parser, Subcommand};

use crate::bench::Controllers;
use crate::verdict::Exit;

/// What `--version` says.
const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    " (",
    env!("WEANBENCH_COMMIT"),
    "), never for clinical use"
);
const AFTER_HELP: &str = "Exit codes: 0 good, 1 another verdict or a difference, 2 bad input, \
    3 the controller stalled, 4 the bench failed.\n\
    Never for clinical use: an engineering simulation, not a medical device.";

/// Finds out, before any hardware exists, whether a wean controller for an externalised
/// intrathecal-baclofen pump stays safe when pump, catheter, link, clock, power and people go wrong.
///
/// For engineers only; never for clinical use.
#[derive(Debug, Parser)]
#[command(name = "weanbench", version = VERSION, after_help = AFTER_HELP, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Say on stderr what is going on, with simulated times; twice for more.
    #[arg(short, long, action = ArgAction::Count, global = true)]
    verbose: u8,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run scenarios; print verdicts, tables and, for one patient, the course of the wean.
    #[command(after_help = AFTER_HELP)]
    Run(run::Arguments),
    /// Many runs on all cores: drawn faults or sets of them, resumable, in shards; and what was found.
    #[command(after_help = AFTER_HELP)]
    Campaign(campaign::Arguments),
    /// Are these files good? Scenario, protocol, device, people, patients, sources, requirements, campaign.
    #[command(after_help = AFTER_HELP)]
    Check(check::Arguments),
    /// Run a trace or a scenario again and stop at the first difference.
    #[command(after_help = AFTER_HELP)]
    Replay(replay::Arguments),
    /// The first record in which two traces differ, field by field.
    #[command(after_help = AFTER_HELP)]
    Diff(replay::DiffArguments),
    /// Two controllers over the same cases, on the same draws: what differs, and where they part.
    #[command(after_help = AFTER_HELP)]
    Compare(compare::Arguments),
    /// Does a controller speak, repeat itself, keep time and behave? For whoever brings one.
    #[command(after_help = AFTER_HELP)]
    Conform(conform::Arguments),
    /// The other end of the lockstep protocol: serves a controller of the bench to whoever asks.
    #[command(after_help = AFTER_HELP)]
    Controller(serve::Arguments),
    /// Judge formulas, or a file of requirements, over a trace, ours or one recorded elsewhere.
    #[command(after_help = AFTER_HELP)]
    Monitor(monitor::Arguments),
    /// What is covered and by what: runs every story, pair and canary, and shows the gaps.
    #[command(after_help = AFTER_HELP)]
    Coverage(coverage::Arguments),
    /// Fly the fault matrix: every hazard at its boundary and beyond, on every profile.
    #[command(after_help = AFTER_HELP)]
    Hazards(hazards::Arguments),
    /// The smallest scenario that still breaks the same requirement, and why nothing more can go.
    #[command(after_help = AFTER_HELP)]
    Shrink(shrink::Arguments),
    /// The point of no return before a violation.
    #[command(after_help = AFTER_HELP)]
    Cause(cause::Arguments),
    /// Lower the margin of a requirement; every find is shrunk and saved as a scenario that fails alone.
    #[command(after_help = AFTER_HELP)]
    Search(search::Arguments),
    /// How likely it is that a wean breaks a requirement, where plain sampling would never see it.
    #[command(after_help = AFTER_HELP)]
    Rare(rare::Arguments),
    /// One fault over its range, on each profile: a table, and a file that can be compared.
    #[command(after_help = AFTER_HELP)]
    Sweep(sweep::Arguments),
    /// What there is: faults, requirements, hazards, alarms, signals, scenarios, campaigns, verdicts.
    #[command(after_help = AFTER_HELP)]
    List(list::Arguments),
    /// The JSON Schema of a kind of file, for editors.
    #[command(after_help = AFTER_HELP)]
    Schema(schema::Arguments),
}

/// The command line with controllers of the caller's beside those that ship: `--controller NAME` takes one of them, whatever
/// the command. This is how a controller in Rust gets a bench of its own.
pub fn main_with(own: impl IntoIterator<Item = Arc<dyn Controllers>>) -> ExitCode {
    controller::offer(own.into_iter().collect());
    main()
}

/// Reads the arguments, does what they ask for, and says how it went.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    console::listen(arguments.verbose);
    let done = match &arguments.command {
        Command::Run(arguments) => run::run(arguments),
        Command::Campaign(arguments) => campaign::campaign(arguments),
        Command::Check(arguments) => check::check(arguments),
        Command::Replay(arguments) => replay::replay(arguments),
        Command::Diff(arguments) => replay::diff(arguments),
        Command::Compare(arguments) => compare::run(arguments),
        Command::Conform(arguments) => conform::run(arguments),
        Command::Controller(arguments) => serve::serve(arguments),
        Command::Monitor(arguments) => monitor::monitor(arguments),
        Command::Coverage(arguments) => coverage::coverage(arguments),
        Command::Hazards(arguments) => hazards::hazards(arguments),
        Command::Shrink(arguments) => shrink::shrink_it(arguments),
        Command::Cause(arguments) => cause::cause_of(arguments),
        Command::Search(arguments) => search::search_it(arguments),
        Command::Rare(arguments) => rare::rare(arguments),
        Command::Sweep(arguments) => sweep::sweep(arguments),
        Command::List(arguments) => list::list(arguments),
        Command::Schema(arguments) => schema::schema(arguments),
    };
    let exit = done.unwrap_or_else(|trouble| trouble.tell());
    ExitCode::from(exit as u8)
}

/// The worse of two; a stall is less bad than a verdict against a run that did answer.
fn worse(a: Exit, b: Exit) -> Exit {
    let rank = |exit: Exit| match exit {
        Exit::Good => 0,
        Exit::Stalled => 1,
        Exit::Bad => 2,
        Exit::Input => 3,
        Exit::Bench => 4,
    };
    if rank(b) > rank(a) { b } else { a }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_fit_together_and_say_what_this_is_never_for() {
        let mut command = Arguments::command();
        command.clone().debug_assert();
        assert!(
            command
                .render_long_help()
                .to_string()
                .contains("ever for clinical use")
        );
        assert!(command.render_version().contains("never for clinical use"));
        for sub in Arguments::command().get_subcommands_mut() {
            assert!(
                sub.render_long_help()
                    .to_string()
                    .contains("ever for clinical use")
            );
        }
    }

    #[test]
    fn a_stall_is_said_only_when_nothing_is_worse() {
        assert_eq!(worse(Exit::Good, Exit::Stalled), Exit::Stalled);
        assert_eq!(worse(Exit::Bad, Exit::Stalled), Exit::Bad);
        assert_eq!(worse(Exit::Stalled, Exit::Bad), Exit::Bad);
        assert_eq!(worse(Exit::Bench, Exit::Input), Exit::Bench);
    }
}
