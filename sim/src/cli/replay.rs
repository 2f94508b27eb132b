//! `weanbench replay` and `weanbench diff`: the same again, or the first difference.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use clap::Args;
use serde_json::{Value, json};

use super::console::{Trouble, note, out, out_json, stem};
use super::controller::{Patience, controllers};
use super::figures;
use super::run::load;
use crate::NOTICE;
use crate::clock::SimTime;
use crate::course::words;
use crate::recording::{NotRecorded, Recorded};
use crate::study::cohort;
use crate::study::summary::Summary;
use crate::trace::{DIGEST_ALGORITHM, Difference, Trace, first_difference, read_parquet};
use crate::verdict::Exit;

/// What every Parquet file begins with.
const MAGIC: &[u8; 4] = b"PAR1";

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A trace that `run` wrote, or a scenario, which is then run twice.
    #[arg(value_name = "FILE")]
    file: String,
    /// For a scenario: put a value over what it says.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    patience: Patience,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArguments {
    /// A trace.
    a: PathBuf,
    /// Another one.
    b: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Runs again what a file holds.
pub(crate) fn replay(arguments: &Arguments) -> Result<Exit, Trouble> {
    if !is_trace(Path::new(&arguments.file)) {
        return twice(arguments);
    }
    if !arguments.set.is_empty() {
        return Err(Trouble::input(
            "--set goes with a scenario; a trace is run again as it was",
        ));
    }
    let stored = read(Path::new(&arguments.file))?;
    let mut recorded = Recorded::of(&stored).map_err(|problem| match problem {
        NotRecorded::Files(refused) => {
            note(&format!(
                "{}: the files in the trace are refused",
                arguments.file
            ));
            Trouble::Input(refused)
        }
        NotRecorded::Trace(_) | NotRecorded::Silent { .. } => {
            Trouble::input(format!("{}: {problem}", arguments.file))
        }
    })?;
    recorded.library.controllers = controllers(&recorded.controller, &arguments.patience)?;
    let (judged, again) = recorded
        .again()
        .map_err(|stalled| Trouble::Said(Exit::Stalled, stalled.to_string()))?;
    let difference = first_difference(&stored, &again);
    let digest = judged.digest.hex();
    let same_digest = digest == recorded.digest;
    if recorded.version != env!("CARGO_PKG_VERSION") {
        note(&format!(
            "the trace was made by version {}",
            recorded.version
        ));
    }
    if difference.is_none() && !same_digest {
        let said = format!(
            "records are the same, but the file says digest {}",
            recorded.digest
        );
        note(&said);
    }
    let same = difference.is_none() && same_digest;
    let document = document(same, stored.len(), Some(&digest), difference.as_ref());
    let text = match &difference {
        None => said_same(stored.len(), &digest),
        Some(difference) => said_different(difference, "a is the file, b the run of now"),
    };
    tell(arguments.json, &document, &text)?;
    Ok(if same { Exit::Good } else { Exit::Bad })
}

/// A scenario twice: the digests must agree.
fn twice(arguments: &Arguments) -> Result<Exit, Trouble> {
    let library = load(&arguments.file, &arguments.set)?;
    let name = stem(&arguments.file);
    let [(a, runs), (b, _)] = [0, 1].map(|_| {
        let runs = cohort::run(&library, &AtomicBool::new(false), &|| ());
        (Summary::new(&name, &library, &runs).digest, runs.len())
    });
    let same = a == b;
    let text = if same {
        format!(
            "same: {} twice, digest {a} ({DIGEST_ALGORITHM})",
            figures::count(runs, "run")
        )
    } else {
        format!("different: digest {a}, and then {b} ({DIGEST_ALGORITHM})")
    };
    let document = json!({ "same": same, "runs": runs, "digests": [a, b], "notice": NOTICE });
    tell(arguments.json, &document, &text)?;
    Ok(if same { Exit::Good } else { Exit::Bad })
}

/// Compares two traces.
pub(crate) fn diff(arguments: &DiffArguments) -> Result<Exit, Trouble> {
    let (a, b) = (read(&arguments.a)?, read(&arguments.b)?);
    let difference = first_difference(&a, &b);
    let document = document(difference.is_none(), a.len(), None, difference.as_ref());
    let text = match &difference {
        None => format!("same: {}", figures::count(a.len(), "record")),
        Some(difference) => {
            let sides = format!(
                "a is {}, b is {}",
                arguments.a.display(),
                arguments.b.display()
            );
            said_different(difference, &sides)
        }
    };
    tell(arguments.json, &document, &text)?;
    Ok(if difference.is_none() {
        Exit::Good
    } else {
        Exit::Bad
    })
}

fn tell(as_json: bool, document: &Value, text: &str) -> Result<(), Trouble> {
    if as_json {
        out_json(document)
    } else {
        out(text)
    }
}

fn said_same(records: usize, digest: &str) -> String {
    format!(
        "same: {}, digest {digest} ({DIGEST_ALGORITHM})",
        figures::count(records, "record")
    )
}

fn said_different(difference: &Difference, sides: &str) -> String {
    let at = difference
        .record
        .as_ref()
        .map_or_else(String::new, |record| {
            let at = SimTime::from_millis(libm::round(record.time_s.max(0.0) * 1e3) as u64);
            format!(", first at {}", words::stamp(at))
        });
    format!("different{at}; {sides}\n{difference}")
}

fn document(
    same: bool,
    records: usize,
    digest: Option<&str>,
    difference: Option<&Difference>,
) -> Value {
    let difference = difference.map(|difference| {
        let columns: Vec<&str> = difference
            .columns
            .iter()
            .map(|it| it.name.as_str())
            .collect();
        let record = difference.record.as_ref().map(|record| {
            let fields: Vec<Value> = record
                .fields
                .iter()
                .map(|it| json!({ "name": it.name, "unit": it.unit, "a": it.a, "b": it.b }))
                .collect();
            json!({ "record": record.record, "time_s": record.time_s, "fields": fields })
        });
        json!({ "columns": columns, "record": record, "lengths": difference.lengths })
    });
    json!({
        "same": same,
        "records": records,
        "digest": digest,
        "difference": difference,
        "notice": NOTICE,
    })
}

fn read(path: &Path) -> Result<Trace, Trouble> {
    read_parquet(path).map_err(|error| Trouble::input(error.to_string()))
}

/// Whether to read the file as a trace.
fn is_trace(path: &Path) -> bool {
    let mut magic = [0; 4];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut magic));
    let named = path.extension().is_some_and(|ending| ending == "parquet");
    named || read.is_ok() && magic == *MAGIC
}
