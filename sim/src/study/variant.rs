//! The same files under another scenario: what searches and shrinkers fly.

use std::sync::Arc;

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
