//! What does not fit together between requirements, hazards, alarms and stories.

use std::collections::BTreeSet;

use infusion_types::Alarm;
use temporal_logic::Formula;

use crate::config::Library;
use crate::requirement::Requirements;
use crate::tables::{self, Urgency};

/// Every complaint, in words; none when all fits.
#[must_use]
pub fn lints() -> Vec<String> {
    let mut complaints = Vec::new();
    names(&mut complaints);
    orphans(&mut complaints);
    numbers(&mut complaints);
    alarms(&mut complaints);
    complaints
}

/// `SR-10a` is a part of `SR-10`.
fn whole(id: &str) -> &str {
    id.trim_end_matches(|letter: char| letter.is_ascii_lowercase())
}

/// Ids that name nothing.
fn names(complaints: &mut Vec<String>) {
    let requirements = Requirements::shipped();
    let required: BTreeSet<&str> = requirements.all().iter().map(|it| whole(&it.id)).collect();
    let hazards: BTreeSet<&str> = tables::hazards().iter().map(|it| it.id.as_str()).collect();
    let alarms: BTreeSet<&str> = tables::alarms().iter().map(|it| it.id.as_str()).collect();
    for requirement in requirements.all() {
        for hazard in requirement
            .hazards
            .iter()
            .filter(|it| !hazards.contains(it.as_str()))
        {
            complaints.push(format!(
                "{} is for {hazard}, which is no hazard",
                requirement.id
            ));
        }
    }
    for hazard in tables::hazards() {
        for id in hazard
            .requirements
            .iter()
            .filter(|it| !required.contains(it.as_str()))
        {
            complaints.push(format!("{} names {id}, which is no requirement", hazard.id));
        }
        for id in hazard
            .alarms
            .iter()
            .filter(|it| !alarms.contains(it.as_str()))
        {
            complaints.push(format!("{} names {id}, which is no alarm", hazard.id));
        }
    }
    for name in super::story_names() {
        let Some(Ok(library)) = Library::shipped(name, &[]) else {
            complaints.push(format!("the story {name} cannot be read"));
            continue;
        };
        let expected = library.scenario.expect.iter();
        for id in expected.flat_map(|expect| expect.alarms.iter().chain(&expect.no_alarms)) {
            if !alarms.contains(id.as_str()) {
                complaints.push(format!("the story {name} names {id}, which is no alarm"));
            }
        }
    }
}

/// Requirements that no hazard asks for, hazards and alarms that nothing answers.
fn orphans(complaints: &mut Vec<String>) {
    let requirements = Requirements::shipped();
    for requirement in requirements.all() {
        if requirement.hazards.is_empty() {
            complaints.push(format!("{} is for no hazard", requirement.id));
        }
        for id in &requirement.hazards {
            let hazard = tables::hazards().iter().find(|hazard| hazard.id == *id);
            let ours = requirement.id.starts_with("SR-");
            let asks = |hazard: &tables::Hazard| {
                hazard
                    .requirements
                    .iter()
                    .any(|it| it == whole(&requirement.id))
            };
            if ours && hazard.is_some_and(|hazard| !asks(hazard)) {
                complaints.push(format!(
                    "{} is for {id}, which does not ask for it",
                    requirement.id
                ));
            }
        }
    }
    for hazard in tables::hazards() {
        if hazard.requirements.is_empty() && hazard.hardware_only.is_none() {
            complaints.push(format!("{} asks for no requirement", hazard.id));
        }
        for id in &hazard.requirements {
            let mut parts = requirements.all().iter().filter(|it| whole(&it.id) == id);
            if !parts.any(|part| part.hazards.contains(&hazard.id)) {
                complaints.push(format!("{} asks for {id}, which is not for it", hazard.id));
            }
        }
    }
    for alarm in tables::alarms() {
        let named = tables::hazards()
            .iter()
            .any(|hazard| hazard.alarms.contains(&alarm.id));
        if !named {
            complaints.push(format!("{} answers no hazard", alarm.id));
        }
    }
}

/// A number in a formula, other than zero, is a second home for one that belongs to the parameters; so
/// is a parameter that no formula names.
fn numbers(complaints: &mut Vec<String>) {
    let requirements = Requirements::shipped();
    let texts: Vec<(&str, &str)> = requirements
        .judged()
        .filter_map(|it| Some((it.id.as_str(), it.formula().map(Formula::text)?)))
        .collect();
    for (id, text) in &texts {
        for word in words(text).filter(|word| word.starts_with(|it: char| it.is_ascii_digit())) {
            let number: f64 = word.parse().unwrap_or(f64::NAN);
            if number != 0.0 && number != 1.0 {
                complaints.push(format!("{id} has the number {word} in its formula"));
            }
        }
    }
    for parameter in requirements.parameters() {
        let mut named = texts.iter().flat_map(|(_, text)| words(text));
        if !named.any(|word| word == parameter.name) {
            complaints.push(format!("no formula names the parameter {}", parameter.name));
        }
        if parameter.source.is_empty() {
            complaints.push(format!("the parameter {} has no source", parameter.name));
        }
    }
    for requirement in requirements.all() {
        if requirement.text.is_empty() || requirement.source.is_empty() {
            complaints.push(format!("{} lacks its text or its source", requirement.id));
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let inside = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '.');
    text.split(move |it| !inside(it))
        .filter(|word| !word.is_empty())
}

/// Priorities against result and onset, and the table against the one that the controller is built on.
fn alarms(complaints: &mut Vec<String>) {
    for (alarm, row) in Alarm::ALL.into_iter().zip(tables::alarms()) {
        if (alarm.id(), alarm.name()) != (row.id.as_str(), row.name.as_str()) {
            complaints.push(format!(
                "{} {} stands where {} {} should",
                row.id,
                row.name,
                alarm.id(),
                alarm.name()
            ));
        }
        if Urgency::from(alarm.priority()) != row.priority || alarm.latching() != row.latching {
            complaints.push(format!(
                "{} is built with another priority or latching than the table's",
                row.id
            ));
        }
        if row.priority != row.due() && row.deviates.is_none() {
            complaints.push(format!(
                "{} has another priority than its result and onset ask for",
                row.id
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_fits_together() {
        assert_eq!(lints(), Vec::<String>::new());
    }
}
