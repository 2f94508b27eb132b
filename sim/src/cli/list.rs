//! `weanbench list`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use infusion_types::{Alarm, Priority};
use serde_json::{Map, Value, json};

use super::console::{Trouble, faint, out, out_json};
use super::table::{drawn, table, terminal_width};
use super::{figures, listed};
use crate::NOTICE;
use crate::catalogue;
use crate::formula::Vocabulary;
use crate::shipped::{self, Kind};
use crate::study::campaign::Campaign;
use crate::tables;
use crate::verdict::{Exit, RequirementVerdict, RunVerdict};

/// What can be listed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// What can go wrong in a scenario.
    Faults,
    /// What is judged in every run.
    Requirements,
    /// What the faults stand for.
    Hazards,
    /// What the controller can raise.
    Alarms,
    /// What a trace holds.
    Signals,
    /// What ships with the bench and can be run by name.
    Scenarios,
    /// Campaigns that ship with the bench and can be run by name.
    Campaigns,
    /// What a run or a requirement can come out as.
    Verdicts,
}

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// What.
    what: What,
    /// With `requirements`: list those of this file too; may be repeated.
    #[arg(long, value_name = "FILE")]
    requirements: Vec<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Rows under a head, and what is to be said below them.
struct Listing {
    name: &'static str,
    head: &'static [&'static str],
    rows: Vec<Vec<Value>>,
    below: &'static str,
}

/// Prints the list.
pub(crate) fn list(arguments: &Arguments) -> Result<Exit, Trouble> {
    if !arguments.requirements.is_empty() && !matches!(arguments.what, What::Requirements) {
        let said = "--requirements goes with `weanbench list requirements`";
        return Err(Trouble::input(said));
    }
    let listing = match arguments.what {
        What::Faults => faults(),
        What::Requirements => {
            let requirements = super::run::requirements(&arguments.requirements)?;
            return listed::tell(&requirements, arguments.json);
        }
        What::Hazards => hazards(),
        What::Alarms => alarms(),
        What::Signals => signals(),
        What::Scenarios => scenarios(),
        What::Campaigns => campaigns(),
        What::Verdicts => verdicts(),
    };
    if arguments.json {
        out_json(&listing.document())?
    } else {
        out(&listing.drawn())?
    }
    Ok(Exit::Good)
}

impl Listing {
    fn document(&self) -> Value {
        let rows = self.rows.iter().map(|row| {
            let pairs = self
                .head
                .iter()
                .map(|name| name.replace(' ', "_"))
                .zip(row.iter().cloned());
            Value::Object(pairs.collect::<Map<String, Value>>())
        });
        let mut document = Map::new();
        document.insert(self.name.to_owned(), rows.collect());
        document.insert("notice".to_owned(), NOTICE.into());
        Value::Object(document)
    }

    fn drawn(&self) -> String {
        let mut table = table(terminal_width(), self.head, &[]);
        for row in &self.rows {
            table.add_row(row.iter().map(shown).collect::<Vec<String>>());
        }
        let table = drawn(&table);
        if self.below.is_empty() {
            table
        } else {
            format!("{table}\n\n{}", faint(self.below))
        }
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => figures::NONE.to_owned(),
        Value::Bool(yes) => if *yes { "yes" } else { figures::NONE }.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.is_empty() => figures::NONE.to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(values) if values.is_empty() => figures::NONE.to_owned(),
        Value::Array(values) => values.iter().map(shown).collect::<Vec<String>>().join(", "),
        Value::Object(parts) => {
            let part = |key: &str| parts.get(key).map(shown).unwrap_or_default();
            format!("{} ({}; {})", part("name"), part("unit"), part("range"))
        }
    }
}

fn campaigns() -> Listing {
    let row = |name: &'static str| {
        let campaign = Campaign::shipped(name, &[])?.ok()?;
        let profiles: Vec<String> = campaign
            .file
            .profiles
            .iter()
            .map(|it| format!("{it:?}"))
            .collect();
        Some(vec![
            json!(name),
            json!(campaign.file.title),
            json!(campaign.runs()),
            json!(profiles),
        ])
    };
    Listing {
        name: "campaigns",
        head: &["name", "title", "runs", "profiles"],
        rows: shipped::names(Kind::Campaign).filter_map(row).collect(),
        below: "`weanbench campaign NAME` runs one.",
    }
}

fn faults() -> Listing {
    let row = |entry: &catalogue::FaultEntry| {
        let known = entry.known;
        let parameters = known.parameters.iter().map(|parameter| {
            let range = parameter.range.to_string();
            json!({ "name": parameter.name, "unit": parameter.unit, "range": range, "text": parameter.text })
        });
        vec![
            json!(known.name),
            json!(known.acts.name()),
            json!(known.text),
            parameters.collect(),
            json!(known.shows),
            json!(entry.hazards().collect::<Vec<_>>()),
        ]
    };
    Listing {
        name: "faults",
        head: &["what", "acts on", "text", "parameters", "shows", "hazards"],
        rows: catalogue::faults().iter().map(row).collect(),
        below: "In a scenario: [[faults]] with id, from_min, until_min and what = { NAME = { PARAMETER = VALUE } }.\n\
            sim/docs/faults.md has an example of each.",
    }
}

fn hazards() -> Listing {
    let scenarios = catalogue::scenarios();
    let rows = tables::hazards().iter().map(|hazard| {
        let injects = |names: &[&str]| {
            let mut faults = hazard.faults.iter();
            faults.any(|fault| names.contains(&fault.as_str()))
        };
        let shipped: Vec<&str> = scenarios
            .iter()
            .filter(|scenario| injects(&scenario.faults))
            .map(|scenario| scenario.name)
            .collect();
        vec![
            json!(hazard.id),
            json!(hazard.title),
            json!(hazard.faults),
            json!(shipped),
            json!(hazard.requirements),
        ]
    });
    Listing {
        name: "hazards",
        head: &["id", "title", "faults", "scenarios", "requirements"],
        rows: rows.collect(),
        below: "A hazard without faults is of the hardware; `weanbench coverage` shows what each comes to.",
    }
}

fn alarms() -> Listing {
    let rows = Alarm::ALL.into_iter().map(|alarm| {
        let priority = match alarm.priority() {
            Priority::Low => "low",
            Priority::Medium => "medium",
            Priority::High => "high",
        };
        vec![
            json!(alarm.id()),
            json!(alarm.name()),
            json!(priority),
            json!(alarm.latching()),
            json!(alarm.holds()),
            json!(alarm.stops().is_some()),
        ]
    });
    Listing {
        name: "alarms",
        head: &["id", "name", "priority", "latching", "holds", "stops"],
        rows: rows.collect(),
        below: "latching: stands until acknowledged. holds: the wean waits. stops: the pump stops.",
    }
}

fn signals() -> Listing {
    let vocabulary = Vocabulary::new();
    let rows = vocabulary.meanings().map(|signal| {
        let words = signal.words.join(" ");
        let unit = if words.is_empty() {
            signal.unit
        } else {
            &words
        };
        vec![
            json!(signal.name),
            json!(unit),
            json!(signal.oracle.name()),
            json!(signal.meaning),
        ]
    });
    Listing {
        name: "signals",
        head: &["name", "unit or words", "oracle", "meaning"],
        rows: rows.collect(),
        below: "Formulas may name all of these. Every alarm has the sides that AL_01 shows; a trace has columns\n\
            for all but those, and time_s.",
    }
}

fn scenarios() -> Listing {
    let rows = catalogue::scenarios().into_iter().map(|scenario| {
        vec![
            json!(scenario.name),
            json!(scenario.title),
            json!(scenario.patients),
            json!(scenario.arms),
            json!(scenario.faults),
        ]
    });
    Listing {
        name: "scenarios",
        head: &["name", "title", "patients", "arms", "faults"],
        rows: rows.collect(),
        below: "Run one with `weanbench run NAME`.",
    }
}

fn verdicts() -> Listing {
    let runs = RunVerdict::ALL.into_iter().map(|verdict| {
        let meaning = catalogue::run_verdict(verdict);
        vec![
            json!("run"),
            json!(verdict.name()),
            json!(verdict.acceptable()),
            json!(meaning),
        ]
    });
    let requirements = [
        RequirementVerdict::Holds,
        RequirementVerdict::Violated,
        RequirementVerdict::NotDetectable,
        RequirementVerdict::Vacuous,
        RequirementVerdict::NotApplicable,
    ];
    let requirements = requirements.into_iter().map(|verdict| {
        let meaning = catalogue::requirement_verdict(verdict);
        vec![
            json!("requirement"),
            json!(verdict.name()),
            Value::Null,
            json!(meaning),
        ]
    });
    Listing {
        name: "verdicts",
        head: &["of", "verdict", "acceptable", "meaning"],
        rows: runs.chain(requirements).collect(),
        below: "acceptable: without an [expect] in the scenario the exit code is 0.",
    }
}
