//! A shrunk scenario in words that a person understands.

use std::fmt::Write;

use serde_json::Value;

use super::probe::{Came, Tried};
use crate::config::Library;
use crate::scenario::{Doing, Entered, Fault, Scenario, UserName, description};

/// Letters in a line of an `about`.
const WIDTH: usize = 110;

/// One line: what is breached, and under what.
pub(super) fn title(scenario: &Scenario, requirement: &str) -> String {
    let mut kinds: Vec<String> = scenario
        .faults
        .iter()
        .map(|fault| description(&fault.what).0.name.replace('_', " "))
        .collect();
    kinds.extend(scenario.orders.iter().map(|order| doing(&order.what).0));
    let under = match kinds.as_slice() {
        [] => "with nothing wrong".to_owned(),
        [one] => format!("under {one}"),
        [all @ .., last] => format!("under {} and {last}", all.join(", ")),
    };
    format!("{requirement} is breached {under}")
}

/// What happens, and what comes of it.
pub(super) fn about(
    library: &Library,
    scenario: &Scenario,
    requirement: &str,
    tried: &Tried,
) -> String {
    let mut told = described(scenario);
    if told.is_empty() {
        told.push("Nothing goes wrong, and nobody does anything out of turn.".to_owned());
    }
    told.push(breach(library, requirement, tried));
    wrapped(&told.join(" "))
}

/// Each fault and order in a sentence.
#[must_use]
pub fn described(scenario: &Scenario) -> Vec<String> {
    let faults = scenario.faults.iter().map(fault);
    let orders = scenario.orders.iter().map(|order| {
        let (_, sentence) = doing(&order.what);
        format!("At hour {} somebody {sentence}.", hours(order.at_min))
    });
    faults.chain(orders).collect()
}

fn fault(it: &Fault) -> String {
    let (known, given) = description(&it.what);
    let when = match (it.from_min, it.until_min) {
        (0, None) => "From the start".to_owned(),
        (from, None) => format!("From hour {}", hours(from)),
        (from, Some(until)) => format!("From hour {} for {}", hours(from), lasting(until - from)),
    };
    let numbers: Vec<String> = known
        .parameters
        .iter()
        .filter_map(|parameter| {
            let value = given.get(&parameter.name)?;
            let ending = parameter.unit.replace('/', "_per_").to_lowercase();
            let name = parameter.name.trim_end_matches(&ending);
            let name = name.trim_end_matches('_').replace('_', " ");
            let shown = match value {
                Value::String(word) => word.replace('_', " "),
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::Array(_)
                | Value::Object(_) => value.to_string(),
            };
            let all = [name.as_str(), &shown, parameter.unit];
            let all: Vec<&str> = all.into_iter().filter(|it| !it.is_empty()).collect();
            Some(all.join(" "))
        })
        .collect();
    let numbers = if numbers.is_empty() {
        String::new()
    } else {
        format!(" ({})", numbers.join(", "))
    };
    let text = known.text.trim_end_matches('.').replace(". ", "; ");
    format!("{when}: {}{numbers}.", small(&text))
}

fn small(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|it| it.to_lowercase().to_string());
    // An abbreviation keeps its capitals.
    let rest = letters.as_str();
    if rest.starts_with(char::is_uppercase) {
        return text.to_owned();
    }
    format!("{}{rest}", first.unwrap_or_default())
}

/// A word for a title, and what somebody does in a sentence.
fn doing(what: &Doing) -> (String, String) {
    let (word, sentence) = match what {
        Doing::Pause => ("a pause", "pauses the infusion".to_owned()),
        Doing::Resume => ("a resumption", "resumes it".to_owned()),
        Doing::Stop => ("a stop", "stops the infusion".to_owned()),
        Doing::SkipDecrement => ("a skipped decrement", "leaves a decrement out".to_owned()),
        Doing::FlagWithdrawal => ("a flag of withdrawal", "flags withdrawal".to_owned()),
        Doing::FlagOverdose => ("a flag of overdose", "flags overdose".to_owned()),
        Doing::PauseAudio => ("silenced alarms", "silences the alarms".to_owned()),
        Doing::ChangeBattery => ("a fresh battery", "changes the battery".to_owned()),
        Doing::Authorise { ug_per_day } => {
            let sentence = format!("authorises {} ug/day", ug_per_day.0);
            ("another dose", sentence)
        }
        Doing::Refill {
            drug_ug_per_ml,
            volume_ml,
        } => {
            let sentence = format!("refills {volume_ml} mL of {drug_ug_per_ml} ug/mL");
            ("a refill", sentence)
        }
        Doing::Enter { by, what } => ("an entry", entry(*by, *what)),
    };
    (word.to_owned(), sentence)
}

fn entry(by: UserName, what: Entered) -> String {
    let what = match what {
        Entered::Dose { ug_per_day } => format!("a dose of {} ug/day", ug_per_day.0),
        Entered::Drug { ug_per_ml } => format!("a drug of {} ug/mL", ug_per_ml.0),
        Entered::Refilled { ml } => format!("a refill to {} mL", ml.0),
        Entered::Weighed { ml } => format!("a weighing of {} mL", ml.0),
        Entered::Acknowledges { alarm } => format!("that {} has been seen", alarm.0.id()),
        Entered::PausesAudio => "a pause of the sound".to_owned(),
        Entered::ConfirmsEnd => "that the wean is over".to_owned(),
    };
    match by {
        UserName::First => format!("enters {what}"),
        UserName::Second => format!("enters {what}, as the second user"),
        UserName::Stranger => format!("enters {what}, unknown to the controller"),
    }
}

/// What is breached, by how much and when.
fn breach(library: &Library, requirement: &str, tried: &Tried) -> String {
    let text = library
        .requirements
        .get(requirement)
        .map_or("", |it| it.text.trim_end_matches('.'));
    let by = match &tried.margin {
        Some((margin, unit)) if !unit.is_empty() => format!(" by {} {unit}", figure(-margin)),
        Some(_) | None => String::new(),
    };
    let at_h = tried.breached_at_h.or(tried.worst_at_h);
    let at = at_h.map_or_else(String::new, |at| format!(" from hour {} on", figure(at)));
    format!("{requirement} is breached{by}{at}: \"{text}\"")
}

/// Why a simplification was refused.
#[must_use]
pub fn why(requirement: &str, tried: &Tried) -> String {
    let margin = match &tried.margin {
        Some((margin, unit)) if !unit.is_empty() => format!(" by {} {unit}", figure(*margin)),
        Some(_) | None => String::new(),
    };
    match tried.came {
        Came::Violated => format!("{requirement} is still violated{}", margin.replace('-', "")),
        Came::Holds => format!("{requirement} holds{margin}"),
        Came::Vacuous => format!("{requirement} has nothing to judge"),
        Came::NotDetectable => "nothing that is fitted could show it in time".to_owned(),
        Came::Refused => "it would be no scenario".to_owned(),
        Came::Stalled => "the controller stalls".to_owned(),
    }
}

/// Four digits at most.
fn figure(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let digits = 3 - libm::floor(libm::log10(value.abs())) as i32;
    let scale = libm::pow(10.0, f64::from(digits.clamp(0, 9)));
    (libm::round(value * scale) / scale).to_string()
}

fn hours(minutes: u32) -> String {
    figure(f64::from(minutes) / 60.0)
}

fn lasting(minutes: u32) -> String {
    if minutes < 120 && !minutes.is_multiple_of(60) {
        format!("{minutes} min")
    } else {
        format!("{} h", hours(minutes))
    }
}

fn wrapped(text: &str) -> String {
    let mut told = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > WIDTH {
            told.push('\n');
            column = 0;
        }
        let space = if column > 0 { " " } else { "" };
        // Nothing is written but to memory.
        let _ = write!(told, "{space}{word}");
        column += length + space.len();
    }
    told.push('\n');
    told
}
