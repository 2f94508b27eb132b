//! `weanbench campaign`: reads everything first, flies what is missing, puts it together, and tells of it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;

use super::campaign_page::{self as page, Told};
use super::console::{Trouble, note, out, out_json, stem};
use super::controller::{self, Patience, controllers};
use super::run::{is_file, requirements};
use super::workers::workers;
use super::{junit, progress};
use crate::bench::Controllers;
use crate::edge::usage::{self, Stopwatch};
use crate::input::{Document, suggest};
use crate::shipped::{self, Kind};
use crate::study::campaign::{
    Campaign, Finds, Flight, Folder, FolderError, Manifest, Shard, State, Tally,
};
use crate::verdict::{Exit, RunVerdict};

/// Runs that are named as the slowest.
const SLOWEST: usize = 5;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A campaign file, or the name of a campaign that ships with the bench (`weanbench list campaigns`).
    #[arg(value_name = "FILE")]
    file: String,
    /// Put a value over what the file says, such as `draws.cases=50`; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Controllers in the place of those that the file names; may be repeated.
    #[arg(long, value_name = "SPEC", help = format!("Controllers in the place of those that the file names: {}; may be repeated", controller::HELP))]
    controller: Vec<String>,
    #[command(flatten)]
    patience: Patience,
    /// A file of requirements of your own, judged beside those that ship with the bench; may be repeated.
    #[arg(long, value_name = "FILE")]
    requirements: Vec<PathBuf>,
    /// How many runs at a time; all cores when left out. Results do not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Go on with what lies in the folder of results, after Ctrl-C or a crash.
    #[arg(long)]
    resume: bool,
    /// Only every N-th block of runs, from the K-th on; another machine flies the others.
    #[arg(long, value_name = "K/N", value_parser = shard)]
    shard: Option<Shard>,
    /// Fly nothing: put together what these folders of shards hold; the same bytes as one run of all.
    #[arg(long, value_name = "DIR", num_args = 1.., conflicts_with_all = ["resume", "shard"])]
    merge: Vec<PathBuf>,
    /// Fly nothing: write one case as a scenario to stdout.
    #[arg(long, value_name = "CASE", conflicts_with_all = ["merge", "resume", "shard"])]
    write: Option<u64>,
    /// Tell new finds from known, fixed and returned ones: an earlier folder of results, or its `finds.toml`. Then only
    /// new and returned ones are a failure.
    #[arg(long, value_name = "PATH")]
    against: Option<PathBuf>,
    /// Write a report that CI systems read: one test for each requirement and controller.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Where results go.
    #[arg(long, value_name = "DIR", default_value = "results")]
    out: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
    /// Print only what was found.
    #[arg(long)]
    quiet: bool,
}

fn shard(text: &str) -> Result<Shard, String> {
    let parts = text.split_once('/');
    let numbers = parts.and_then(|(which, of)| Some((which.parse().ok()?, of.parse().ok()?)));
    match numbers {
        Some((which, of)) if (1..=of).contains(&which) && of <= 10_000 => Ok(Shard { which, of }),
        Some(_) | None => Err("K/N, such as 1/3, with K from 1 to N".to_owned()),
    }
}

impl From<FolderError> for Trouble {
    fn from(error: FolderError) -> Self {
        match error {
            FolderError::Another { .. }
            | FolderError::InUse { .. }
            | FolderError::Incomplete { .. } => Self::input(error.to_string()),
            FolderError::Io { .. } => Self::bench(error),
        }
    }
}

/// Runs a campaign.
pub(crate) fn campaign(arguments: &Arguments) -> Result<Exit, Trouble> {
    let campaign = load(arguments)?;
    if let Some(number) = arguments.write {
        return write(&campaign, number);
    }
    let specs = campaign.file.controllers.iter();
    let from: Result<Vec<Arc<dyn Controllers>>, Trouble> = specs
        .map(|spec| controllers(spec, &arguments.patience))
        .collect();
    let from = from?;
    // What cannot be read is said before anything is flown.
    let earlier = arguments.against.as_deref().map(earlier).transpose()?;
    let known = Finds::known(&campaign);
    let earlier = [earlier, known].into_iter().flatten().reduce(Finds::and);
    let code = format!(
        "{} ({})",
        env!("CARGO_PKG_VERSION"),
        env!("WEANBENCH_COMMIT")
    );
    let manifest = Manifest::of(&campaign, &code);
    let path = arguments.out.join(stem(&arguments.file));
    let flown = if arguments.merge.is_empty() {
        fly(arguments, (&campaign, &from), (&path, manifest))?
    } else {
        merge(arguments, &campaign, (&path, manifest))?
    };
    let mut finds = Finds::of(&campaign, &flown.tally);
    if let Some(earlier) = &earlier {
        finds = finds.against(earlier, flown.complete);
    }
    let told = Told {
        name: stem(&arguments.file),
        argument: &arguments.file,
        campaign: &campaign,
        flown: &flown,
        finds: &finds,
        is_compared: earlier.is_some(),
    };
    keep(arguments, &told)?;
    tell(arguments, &told)?;
    Ok(exit_of(&told))
}

fn load(arguments: &Arguments) -> Result<Campaign, Trouble> {
    let campaign = found(&arguments.file, &arguments.set)?;
    let campaign = campaign.judged_by(&requirements(&arguments.requirements)?);
    if arguments.controller.is_empty() {
        return Ok(campaign);
    }
    Ok(campaign.under(arguments.controller.clone()))
}

/// Reads one from a file, or from those that ship with the bench.
fn found(name: &str, overrides: &[String]) -> Result<Campaign, Trouble> {
    if !is_file(name)
        && let Some(shipped) = Campaign::shipped(name, overrides)
    {
        return Ok(shipped?);
    }
    Campaign::read(Path::new(name), overrides).map_err(|mut complaints| {
        let names: Vec<&str> = shipped::names(Kind::Campaign).collect();
        if let [missing] = complaints.as_mut_slice()
            && missing.help.is_none()
            && !name.contains(['/', '\\', '.'])
        {
            missing.help = suggest(name, &names);
        }
        Trouble::Input(complaints)
    })
}

/// One case as a scenario.
fn write(campaign: &Campaign, number: u64) -> Result<Exit, Trouble> {
    let cases = campaign.cases();
    if number >= cases {
        let said = format!(
            "there is no case {number}: they are numbered from 0 to {}",
            cases - 1
        );
        return Err(Trouble::input(said));
    }
    let scenario = campaign.case(number).scenario(campaign);
    let text = toml::to_string(&scenario).map_err(Trouble::bench)?;
    out(text.trim_end())?;
    Ok(Exit::Good)
}

fn earlier(path: &Path) -> Result<Finds, Trouble> {
    let file = if path.is_dir() {
        path.join(Finds::FILE)
    } else {
        path.to_owned()
    };
    Ok(Finds::read(&Document::read(file)?)?)
}

/// What was flown, now or before.
pub(super) struct Flown {
    pub(super) folder: Folder,
    pub(super) tally: Tally,
    /// Whether every block is there.
    pub(super) complete: bool,
    /// Whether somebody stopped it.
    pub(super) stopped: bool,
    /// Whether only a shard of it was wanted.
    pub(super) sharded: bool,
    /// The slowest runs of this time, the slowest first: seconds, case, controller.
    pub(super) slowest: Vec<(f64, u64, usize)>,
    /// What this time cost, in words; nothing where nothing was flown.
    pub(super) cost: Option<String>,
}

fn fly(
    arguments: &Arguments,
    (campaign, from): (&Campaign, &[Arc<dyn Controllers>]),
    (path, manifest): (&Path, Manifest),
) -> Result<Flown, Trouble> {
    let folder = Folder::open(path, manifest, arguments.resume)?;
    let (pool, stop) = workers(arguments.jobs)?;
    let watch = Stopwatch::start();
    let slowest: Mutex<Vec<(f64, u64, usize)>> = Mutex::default();
    let ended = AtomicU64::new(0);
    let bar = Mutex::new(progress::bar(0, "", false));
    let bar_of = |bar: &Mutex<indicatif::ProgressBar>| {
        bar.lock().unwrap_or_else(PoisonError::into_inner).clone()
    };
    let done = |case: u64, controller: usize, seconds: f64| {
        bar_of(&bar).inc(1);
        ended.fetch_add(1, Ordering::Relaxed);
        let mut slowest = slowest.lock().unwrap_or_else(PoisonError::into_inner);
        slowest.push((seconds, case, controller));
        slowest.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        slowest.truncate(SLOWEST);
    };
    let flight = Flight {
        campaign,
        folder: &folder,
        controllers: from,
        stop: &stop,
        clock: &|| watch.seconds(),
        done: &done,
    };
    let missing = flight.missing(arguments.shard.unwrap_or(Shard::WHOLE));
    let runs: u64 = missing
        .iter()
        .map(|block| folder.manifest.runs_of(*block))
        .map(|runs| runs.end - runs.start)
        .sum();
    let shown = progress::bar(runs as usize, &stem(&arguments.file), !arguments.quiet);
    *bar.lock().unwrap_or_else(PoisonError::into_inner) = shown;
    let before_s = usage::cpu_s();
    let flown = pool.install(|| flight.fly(&missing));
    bar_of(&bar).finish_and_clear();
    flown?;
    let ended = ended.into_inner();
    let cost = cost(ended, watch.seconds(), before_s).filter(|_| ended > 0);
    let (tally, complete) = gather(campaign, &folder)?;
    Ok(Flown {
        tally,
        complete,
        stopped: stop.load(Ordering::Relaxed),
        sharded: arguments.shard.is_some(),
        slowest: slowest.into_inner().unwrap_or_else(PoisonError::into_inner),
        cost,
        folder,
    })
}

/// All blocks put together, if they are all there; and what those come to that are.
fn gather(campaign: &Campaign, folder: &Folder) -> Result<(Tally, bool), Trouble> {
    match folder.merge(campaign, &[folder]) {
        Ok(tally) => Ok((tally, true)),
        Err(FolderError::Incomplete { .. }) => Ok((Folder::tally(campaign, &[folder])?, false)),
        Err(other) => Err(other.into()),
    }
}

fn merge(
    arguments: &Arguments,
    campaign: &Campaign,
    (path, manifest): (&Path, Manifest),
) -> Result<Flown, Trouble> {
    let shards = arguments.merge.iter();
    let shards: Result<Vec<Folder>, FolderError> = shards
        .map(|path| Folder::of_shard(path, manifest.clone()))
        .collect();
    let shards = shards?;
    let shards: Vec<&Folder> = shards.iter().collect();
    // What lies in the place of the result may be one of the shards: nothing is cleared.
    let same = arguments.merge.iter().any(|shard| shard == path);
    let folder = Folder::open(path, manifest, same)?;
    let tally = folder.merge(campaign, &shards)?;
    Ok(Flown {
        folder,
        tally,
        complete: true,
        stopped: false,
        sharded: false,
        slowest: Vec::new(),
        cost: None,
    })
}

/// What this time cost, in words.
fn cost(runs: u64, wall_s: f64, before_s: Option<f64>) -> Option<String> {
    let cpu_s = usage::cpu_s()? - before_s?;
    let peak = usage::peak_mib().map_or_else(String::new, |mib| format!(", at most {mib:.0} MiB"));
    let each = |seconds: f64| seconds * 1e3 / runs.max(1) as f64;
    Some(format!(
        "{runs} runs in {wall_s:.1} s ({:.1} ms of CPU each, {:.1} runs/s){peak}",
        each(cpu_s),
        runs as f64 / wall_s.max(1e-9),
    ))
}

/// Writes what there is beside the runs.
fn keep(arguments: &Arguments, told: &Told<'_>) -> Result<(), Trouble> {
    let folder = &told.flown.folder;
    let finds = told.finds.to_toml().map_err(Trouble::bench)?;
    folder.write(Finds::FILE, finds.as_bytes())?;
    let document = serde_json::to_string_pretty(&told.document()).map_err(Trouble::bench)?;
    folder.write("summary.json", format!("{document}\n").as_bytes())?;
    if let Some(path) = &arguments.junit {
        let report = junit::report(told).map_err(Trouble::bench)?;
        std::fs::write(path, report)
            .map_err(|why| Trouble::bench(format!("{}: writing failed: {why}", path.display())))?;
    }
    Ok(())
}

fn tell(arguments: &Arguments, told: &Told<'_>) -> Result<(), Trouble> {
    if arguments.json {
        out_json(&told.document())?;
    } else if arguments.quiet {
        let finds = page::finds(told);
        if !finds.is_empty() {
            out(&finds)?;
        }
    } else {
        out(&page::page(told))?;
    }
    if !arguments.quiet {
        page::cost(told).iter().for_each(|line| note(line));
    }
    Ok(())
}

/// A find is bad, unless it is known from what it was compared with. Half a campaign that somebody stopped is no pass.
fn exit_of(told: &Told<'_>) -> Exit {
    let is_bad = |state: State| match state {
        State::New | State::Returned => true,
        State::Known => !told.is_compared,
        State::Fixed | State::Unmet => false,
    };
    let stalled = RunVerdict::Stalled.name();
    let mut bad = told.finds.find.iter().filter(|find| is_bad(find.state));
    let any_stall = bad.clone().any(|find| find.what == stalled);
    if told.flown.stopped || bad.any(|find| find.what != stalled) {
        Exit::Bad
    } else if any_stall {
        Exit::Stalled
    } else {
        Exit::Good
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_one_of_so_many() {
        let good = shard("2/3").unwrap();
        assert_eq!((good.which, good.of), (2, 3));
        for bad in ["0/3", "4/3", "1", "a/b", "1/0", "-1/2"] {
            assert!(shard(bad).is_err(), "{bad}");
        }
    }
}
