//! The same files under another scenario: what searches and shrinkers fly.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::Value;

use crate::config::{Library, Refused};
use crate::scenario::Scenario;

/// Everything that a run of `scenario` is made of, where the files that it names are those of `base`.
///
/// Requirements and controllers are the same. The scenario goes through its text, so that whatever is flown can be saved,
/// and is checked as a file would be.
///
/// # Errors
/// Every complaint about it.
pub fn variant(base: &Library, scenario: &Scenario) -> Result<Library, Refused> {
    let mut scenario = scenario.clone();
    given(&mut scenario);
    let scenario = &scenario;
    let text = scenario.written();
    let names = |it: &Scenario| {
        let names = [&it.protocol, &it.device, &it.people, &it.patients];
        names.map(Clone::clone)
    };
    let known = &base.scenario;
    if scenario.adjust == known.adjust && names(scenario) == names(known) {
        // Nothing of the files has to be read again.
        return base.under(&text);
    }
    let mut library = Library::from_texts("scenario", &text, &base.texts, &[])?;
    library.requirements = Arc::clone(&base.requirements);
    library.controllers = Arc::clone(&base.controllers);
    Ok(library)
}

/// Numbers that were put over a file need no source there, and one here.
pub(super) fn given(scenario: &mut Scenario) {
    let adjust = &scenario.adjust;
    let treated = |arm: &crate::scenario::Arm| arm.oral.is_some() || arm.adjunct.is_some();
    let tables = [
        ("adjust.protocol", has_number(&adjust.protocol, "")),
        ("adjust.device", has_number(&adjust.device, "")),
        ("adjust.patients", has_number(&adjust.patients, "")),
        ("adjust.people", has_number(&adjust.people, "")),
        ("arms", scenario.arms.iter().any(treated)),
        ("explant", true),
    ];
    for (key, is_there) in tables {
        let said = |known: &String| known.starts_with(key) || known == "adjust";
        if is_there && !scenario.sources.keys().any(said) {
            source(scenario, key, "assumption: as given with the scenario");
        }
    }
}

pub(super) fn has_number(table: &BTreeMap<String, Value>, under: &str) -> bool {
    let numbers = |value: &Value| !value.is_str() && !value.is_bool();
    table
        .iter()
        .any(|(key, value)| key.starts_with(under) && numbers(value))
}

/// Names where adjusted numbers come from, unless it is said already.
pub(super) fn source(scenario: &mut Scenario, key: &str, note: &str) {
    let sources = &mut scenario.sources;
    sources
        .entry(key.to_owned())
        .or_insert_with(|| note.to_owned());
}
