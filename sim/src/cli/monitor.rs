//! `weanbench monitor`: formulas over any trace.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use clap::builder::styling::AnsiColor;
use serde_json::{Value, json};
use temporal_logic::{
    Formula, GridError, Monitor, ParseErrorKind, Sampling, Scope, Summary, Time, Verdict,
};

use super::console::{Trouble, faint, heading, out, out_json, paint};
use super::demanded::Demanded;
use super::figures;
use super::source::Source;
use crate::NOTICE;
use crate::formula::{Readable, Unjudged, sampling};
use crate::input::{Diagnostic, Document, Place};
use crate::requirement::Demands;
use crate::trace::TIME_COLUMN;
use crate::verdict::Exit;

/// How formulas are called in complaints about them.
const FORMULA: &str = "--formula";
/// The code of a complaint about a formula.
const BAD_FORMULA: &str = "bad-formula";

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// What is to hold, such as 'always[0 s, 60 s] (a >= 1.5)'; can be given more than once.
    ///
    /// Judged at the first record by which each of its signals has had a value; with an outermost
    /// `always` or `eventually` without bounds at every moment from there on.
    #[arg(
        long = "formula",
        value_name = "TEXT",
        required_unless_present = "requirements",
        allow_hyphen_values = true
    )]
    formulas: Vec<String>,
    /// A file of requirements, every formula of which is judged; can be given more than once.
    ///
    /// Its formulas may name the trace's signals, its own parameters and those that ship with the bench. A
    /// trace does not say what no sensor could have shown: of a requirement on truth under a fault every
    /// breach counts as violated, where a run may find it not_detectable.
    #[arg(long, value_name = "FILE")]
    requirements: Vec<PathBuf>,
    /// A .parquet file, or a .csv file with a column `time_s` and one column for each signal.
    trace: PathBuf,
    /// Also list what each --formula says at every record.
    #[arg(long)]
    online: bool,
    /// Look at samples so many seconds apart, and at nothing in between.
    #[arg(long, value_name = "PERIOD_S", value_parser = sampling)]
    discrete: Option<Sampling>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Judges every formula and every requirement over the trace.
pub(crate) fn monitor(arguments: &Arguments) -> Result<Exit, Trouble> {
    let source = Source::read(&arguments.trace)?;
    let readable = Readable::of(&source.trace).map_err(|why| vec![source.complaint(&why)])?;
    let sampling = arguments.discrete.unwrap_or_default();
    let formulas = parsed(&arguments.formulas, &readable)?;
    let mut demands = Demands::over(&readable);
    for file in &arguments.requirements {
        demands.add(&Document::read(file)?, true)?;
    }
    let judged = if arguments.online {
        let each = formulas.into_iter();
        let each = each.map(|formula| Judged::online(formula, sampling, &source, &readable));
        each.collect::<Result<_, _>>()?
    } else {
        Judged::all(formulas, sampling, &source, &readable)?
    };
    let demanded = Demanded::of(&demands, sampling, &source, &readable)?;
    if arguments.json {
        out_json(&document(&judged, &demanded))?;
    } else {
        let mut texts: Vec<String> = judged.iter().map(Judged::drawn).collect();
        texts.extend(demanded.drawn());
        out(&texts.join("\n\n"))?;
    }
    let all = judged.iter().all(|it| it.satisfied() == Some(true));
    let good = all && demanded.is_good();
    Ok(if good { Exit::Good } else { Exit::Bad })
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
    formula: Formula,
    summary: Summary,
    /// Signals that never have a value.
    silent: Vec<String>,
    /// Every record with its verdict, if it was asked for.
    online: Option<Vec<(Time, Option<f64>)>>,
}

impl Judged {
    /// All formulas at once.
    fn all(
        formulas: Vec<Formula>,
        sampling: Sampling,
        source: &Source,
        readable: &Readable<'_>,
    ) -> Result<Vec<Self>, Vec<Diagnostic>> {
        for formula in &formulas {
            // Alone, so that it is known which of them does not fit.
            Monitor::new(formula.clone(), sampling).map_err(|why| vec![misfit(formula, why)])?;
        }
        let judging = readable.judge_all(formulas, sampling);
        let judging = judging.map_err(|why| vec![source.complaint(&why)])?;
        let monitors = &judging.monitors;
        if let Some(first) = judging.undefined.first() {
            let (record, source_of) = (first.record, first.source);
            let why = Unjudged::Record {
                record,
                source: source_of,
            };
            let help = needed(monitors.formula(first.formula));
            return Err(vec![source.complaint(&why).with_help(help)]);
        }
        let said = |place| {
            let formula: &Formula = monitors.formula(place);
            Self::new(formula.clone(), monitors.summary(place), readable)
        };
        Ok((0..monitors.len()).map(said).collect())
    }

    /// One formula, record by record.
    fn online(
        formula: Formula,
        sampling: Sampling,
        source: &Source,
        readable: &Readable<'_>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let mut said = Vec::new();
        let tell = |verdict: Verdict| said.push(verdict);
        let done = readable.judge(formula.clone(), sampling, tell);
        let monitor = done.map_err(|why| {
            if let Unjudged::Grid(why) = why {
                return vec![misfit(&formula, why)];
            }
            vec![source.complaint(&why).with_help(needed(&formula))]
        })?;
        let mut said = said.into_iter().peekable();
        let moments = readable.moments(sampling);
        let rows = moments.map(|(_, at)| {
            let verdict = said.next_if(|verdict| verdict.at == at);
            (at, verdict.map(|verdict| verdict.robustness))
        });
        let rows = rows.collect();
        Ok(Self {
            online: Some(rows),
            ..Self::new(formula, monitor.summary(), readable)
        })
    }

    fn new(formula: Formula, summary: Summary, readable: &Readable<'_>) -> Self {
        let has_begun = summary.records > 0;
        let silent = (!has_begun).then(|| readable.silent(&formula).collect());
        Self {
            formula,
            summary,
            silent: silent.unwrap_or_default(),
            online: None,
        }
    }

    const fn formula(&self) -> &Formula {
        &self.formula
    }

    const fn conclusion(&self) -> Option<Verdict> {
        self.summary.conclusion(self.formula.scope())
    }

    fn satisfied(&self) -> Option<bool> {
        self.conclusion().map(|verdict| verdict.holds)
    }

    /// The first moment without a verdict, where the formula speaks of it.
    fn open_from(&self) -> Option<Time> {
        let speaks = self.formula().scope() != Scope::First || self.satisfied().is_none();
        self.summary.open_from.filter(|_| speaks)
    }

    /// The text of the atom that a verdict comes from, and its unit.
    fn origin(&self, verdict: &Verdict) -> Option<(&str, Option<&str>)> {
        let atom = verdict.atom?;
        let unit = self.formula().atoms()[atom].unit();
        let unit = unit.map(|unit| unit.symbol()).filter(|it| !it.is_empty());
        Some((self.formula().atom_text(atom), unit))
    }

    fn document(&self) -> Value {
        let said = self.conclusion();
        let summary = self.summary;
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
        if let Some(said) = self.conclusion() {
            row("robustness", self.margin(&said));
            row("at", said.at.to_string());
        }
        let summary = self.summary;
        if let Some(worst) = summary.worst {
            row("worst", format!("{} at {}", self.margin(&worst), worst.at));
        }
        if summary.judged > 0 {
            let said = [summary.armed, summary.judged].map(figures::grouped);
            let said = said.join(" of ");
            let never = [": nothing was tried", ""][usize::from(summary.armed > 0)];
            row("armed", format!("in {said} judged records{never}"));
        }
        if !self.silent.is_empty() {
            let never = self.silent.join("`, `");
            row("open", format!("`{never}` never has a value"));
        } else if let Some(open) = self.open_from() {
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

fn misfit(formula: &Formula, why: GridError) -> Diagnostic {
    Diagnostic::whole(FORMULA, BAD_FORMULA, why.to_string()).with_help(needed(formula))
}

fn needed(formula: &Formula) -> String {
    format!("needed by `{}`", formula.text())
}

fn seconds(at: Time) -> f64 {
    at.millis() as f64 / 1e3
}

/// One document; what is asked for most often stands on top where there is only one formula.
fn document(judged: &[Judged], demanded: &Demanded<'_>) -> Value {
    let formulas: Vec<Value> = judged.iter().map(Judged::document).collect();
    let mut document = json!({ "formulas": formulas, "notice": NOTICE });
    if let [only] = formulas.as_slice() {
        for key in ["robustness", "satisfied", "at_s"] {
            document[key] = only[key].clone();
        }
    }
    demanded.enter(&mut document);
    document
}
