//! `weanbench monitor`: formulas over any trace.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use clap::builder::styling::AnsiColor;
use serde_json::{Value, json};
use temporal_logic::{Formula, Monitor, ParseErrorKind, Sampling, Scope, Time, Verdict};
use weanbench::NOTICE;
use weanbench::formula::{Readable, Unjudged, sampling};
use weanbench::input::{Diagnostic, Place, code};
use weanbench::trace::{TIME_COLUMN, Trace, csv_cell, read_csv, read_parquet};
use weanbench::verdict::Exit;

use super::console::{Trouble, faint, heading, out, out_json, paint};
use super::figures;

/// How formulas are called in complaints about them.
const FORMULA: &str = "--formula";
/// The code of a complaint about a formula.
const BAD_FORMULA: &str = "bad-formula";
/// The code of a complaint about a trace.
const BAD_TRACE: &str = "bad-trace";

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// What is to hold, such as 'always[0 s, 60 s] (a >= 1.5)'; can be given more than once.
    ///
    /// Judged at the first record; with an outermost `always` or `eventually` without bounds at
    /// every moment of the trace.
    #[arg(
        long = "formula",
        value_name = "TEXT",
        required = true,
        allow_hyphen_values = true
    )]
    formulas: Vec<String>,
    /// A .parquet file, or a .csv file with a column `time_s` and one column for each signal.
    trace: PathBuf,
    /// Also list what each formula says at every record.
    #[arg(long)]
    online: bool,
    /// Look at samples so many seconds apart, and at nothing in between.
    #[arg(long, value_name = "PERIOD_S", value_parser = sampling)]
    discrete: Option<Sampling>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Judges every formula over the trace.
pub(crate) fn monitor(arguments: &Arguments) -> Result<Exit, Trouble> {
    let source = Source::read(&arguments.trace)?;
    let readable = Readable::of(&source.trace).map_err(|why| vec![source.complaint(&why)])?;
    let formulas = parsed(&arguments.formulas, &readable)?;
    let mut judged = Vec::new();
    for formula in formulas {
        judged.push(Judged::of(formula, arguments, &source, &readable)?);
    }
    if arguments.json {
        out_json(&document(&judged))?;
    } else {
        let texts: Vec<String> = judged.iter().map(Judged::drawn).collect();
        out(&texts.join("\n\n"))?;
    }
    let all = judged.iter().all(|it| it.satisfied() == Some(true));
    Ok(if all { Exit::Good } else { Exit::Bad })
}

fn parsed(texts: &[String], readable: &Readable<'_>) -> Result<Vec<Formula>, Vec<Diagnostic>> {
    let (mut formulas, mut complaints) = (Vec::new(), Vec::new());
    for text in texts {
        let error = match Formula::parse(text, readable.names()) {
            Ok(formula) => {
                formulas.push(formula);
                continue;
            }
            Err(error) => error,
        };
        let mut complaint = error.kind.to_string();
        if let ParseErrorKind::UnknownName { name, .. } = &error.kind
            && let Some(why) = readable.why_unnamed(name)
        {
            complaint = format!("column `{name}` cannot be named in a formula: {why}");
        }
        let place = Place::new(FORMULA, text.as_str().into(), error.span);
        complaints.push(Diagnostic::at(place, BAD_FORMULA, complaint));
    }
    let good = complaints.is_empty().then_some(formulas);
    good.ok_or(complaints)
}

/// A formula and all that was said of it.
struct Judged {
    monitor: Monitor,
    /// Every record with its verdict, if it was asked for.
    online: Option<Vec<(Time, Option<f64>)>>,
}

impl Judged {
    fn of(
        formula: Formula,
        arguments: &Arguments,
        source: &Source,
        readable: &Readable<'_>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let help = format!("needed by `{}`", formula.text());
        let mut said = Vec::new();
        let tell = |verdict: Verdict| {
            if arguments.online {
                said.push(verdict.robustness);
            }
        };
        let monitor = readable
            .judge(formula, arguments.discrete.unwrap_or_default(), tell)
            .map_err(|why| vec![source.complaint(&why).with_help(help)])?;
        let online = arguments.online.then(|| {
            let values = said.into_iter().map(Some).chain(std::iter::repeat(None));
            readable.moments().zip(values).collect()
        });
        Ok(Self { monitor, online })
    }

    fn formula(&self) -> &Formula {
        self.monitor.formula()
    }

    fn satisfied(&self) -> Option<bool> {
        self.monitor.conclusion().map(|verdict| verdict.holds)
    }

    /// The first moment without a verdict, where the formula speaks of it.
    fn open_from(&self) -> Option<Time> {
        let speaks = self.formula().scope() != Scope::First || self.satisfied().is_none();
        self.monitor.summary().open_from.filter(|_| speaks)
    }

    /// The text of the atom that a verdict comes from, and its unit.
    fn origin(&self, verdict: &Verdict) -> Option<(&str, Option<&str>)> {
        let atom = verdict.atom?;
        let unit = self.formula().atoms()[atom].unit();
        let unit = unit.map(|unit| unit.symbol()).filter(|it| !it.is_empty());
        Some((self.formula().atom_text(atom), unit))
    }

    fn document(&self) -> Value {
        let said = self.monitor.conclusion();
        let summary = self.monitor.summary();
        let worst = summary.worst;
        let origin = said.as_ref().and_then(|said| self.origin(said));
        let mut document = json!({
            "formula": self.formula().text(),
            "robustness": said.map(|it| it.robustness),
            "unit": origin.and_then(|(_, unit)| unit),
            "atom": origin.map(|(text, _)| text),
            "satisfied": self.satisfied(),
            "at_s": said.map(|it| seconds(it.at)),
            "worst": worst.map(|it| it.robustness),
            "worst_at_s": worst.map(|it| seconds(it.at)),
            "records": summary.records,
            "judged": summary.judged,
            "armed": summary.armed,
            "open": self.open_from().is_some(),
            "open_from_s": self.open_from().map(seconds),
        });
        if let Some(online) = &self.online {
            let rows = online.iter();
            let rows = rows.map(|(at, value)| json!({ "at_s": seconds(*at), "robustness": value }));
            document["online"] = rows.collect();
        }
        document
    }

    fn drawn(&self) -> String {
        let word = match self.satisfied() {
            Some(true) => paint("satisfied", AnsiColor::Green.on_default()),
            Some(false) => paint("violated", AnsiColor::Red.on_default().bold()),
            None => paint("open", AnsiColor::Yellow.on_default()),
        };
        let mut text = format!("{word}: {}", heading(self.formula().text()));
        let mut row = |name: &str, said: String| {
            let _ = write!(text, "\n  {name:<10}  {said}");
        };
        if let Some(said) = self.monitor.conclusion() {
            row("robustness", self.margin(&said));
            row("at", said.at.to_string());
        }
        let summary = self.monitor.summary();
        if let Some(worst) = summary.worst {
            row("worst", format!("{} at {}", self.margin(&worst), worst.at));
        }
        if summary.judged > 0 {
            let said = [summary.armed, summary.judged].map(figures::grouped);
            let said = said.join(" of ");
            let never = [": nothing was tried", ""][usize::from(summary.armed > 0)];
            row("armed", format!("in {said} judged records{never}"));
        }
        if let Some(open) = self.open_from() {
            let after = self.formula().horizon();
            let said = format!("from {open}: a verdict needs {after} of trace after it");
            row("open", said);
        }
        if let Some(online) = &self.online {
            let _ = write!(text, "\n\n{:>14}  robustness", TIME_COLUMN);
            for (at, value) in online {
                let value = value.map_or_else(|| figures::NONE.to_owned(), |it| it.to_string());
                let _ = write!(text, "\n{:>14}  {value}", seconds(*at));
            }
        }
        text
    }

    fn margin(&self, verdict: &Verdict) -> String {
        let margin = figures::number(verdict.robustness);
        let Some((atom, unit)) = self.origin(verdict) else {
            return margin;
        };
        let unit = unit.map_or_else(String::new, |it| format!(" {}", figures::unit(it)));
        format!("{margin}{unit} {}", faint(format!("({atom})")))
    }
}

fn seconds(at: Time) -> f64 {
    at.millis() as f64 / 1e3
}

/// One document; what is asked for most often stands on top where there is only one formula.
fn document(judged: &[Judged]) -> Value {
    let formulas: Vec<Value> = judged.iter().map(Judged::document).collect();
    let mut document = json!({ "formulas": formulas, "notice": NOTICE });
    if let [only] = formulas.as_slice() {
        for key in ["robustness", "satisfied", "at_s"] {
            document[key] = only[key].clone();
        }
    }
    document
}

/// A trace, and where its records stand.
struct Source {
    path: String,
    trace: Trace,
    /// What it was read from, if that was text.
    text: Option<Arc<str>>,
}

impl Source {
    fn read(file: &Path) -> Result<Self, Trouble> {
        let path = file.display().to_string();
        let ending = file.extension().map(|it| it.to_ascii_lowercase());
        let (trace, text) = match ending.as_ref().and_then(|it| it.to_str()) {
            Some("parquet") => {
                let trace = read_parquet(file);
                (trace.map_err(|why| Trouble::input(why.to_string()))?, None)
            }
            Some("csv") => {
                let bytes = std::fs::read(file)
                    .map_err(|why| Trouble::input(format!("{path}: opening failed: {why}")))?;
                let text = String::from_utf8(bytes).map_err(|why| {
                    let good = &why.as_bytes()[..why.utf8_error().valid_up_to()];
                    let line = good.split(|byte| *byte == b'\n').count();
                    Trouble::input(format!("{path}:{line}: not UTF-8 text"))
                })?;
                let text: Arc<str> = text.into();
                let trace = read_csv(&text).map_err(|wrong| {
                    let place = Place::new(&path, Arc::clone(&text), wrong.span);
                    vec![Diagnostic::at(place, code::SYNTAX, wrong.said)]
                })?;
                (trace, Some(text))
            }
            _ => {
                let said = format!("{path}: a trace ends in .parquet or .csv");
                return Err(Trouble::input(said));
            }
        };
        Ok(Self { path, trace, text })
    }

    /// What is wrong, drawn in the line it is about where there are lines.
    fn complaint(&self, why: &Unjudged) -> Diagnostic {
        if let Unjudged::Grid(_) = why {
            return Diagnostic::whole(FORMULA, BAD_FORMULA, why.to_string());
        }
        let Some(record) = why.record() else {
            return Diagnostic::whole(&self.path, BAD_TRACE, why.to_string());
        };
        let column = why.signal().unwrap_or(TIME_COLUMN);
        let place = self.text.as_ref().and_then(|text| {
            let span = csv_cell(text, record, column)?;
            Some(Place::new(&self.path, Arc::clone(text), span))
        });
        let Some(place) = place else {
            let said = format!("record {}: {why}", record + 1);
            return Diagnostic::whole(&self.path, BAD_TRACE, said);
        };
        Diagnostic::at(place, BAD_TRACE, why.to_string())
    }
}
